/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/evidence_file.h"

#include "cli/progress.h"
#include "ledger/core/checkpoint.h"
#include "ledger/store/checkpoint.h"
#include "ledger/store/known_head.h"

/* ---- what anchors a view ---- */

void ml_evidence_kit_init(struct ml_evidence_kit *kit)
{
    *kit = (struct ml_evidence_kit){0};
    ml_arena_init(&kit->arena, SIZE_MAX / 2);
}

void ml_evidence_kit_release(struct ml_evidence_kit *kit)
{
    ml_buf_release(&kit->known);
    ml_arena_release(&kit->arena);
}

static int add_noted(struct ml_evidence_kit *kit, struct ml_view *view)
{
    struct ml_noted_checkpoint noted;
    int result = ml_checkpoint_noted(view, MLEDGER_NO_SEQ, &kit->arena, &noted);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    const Mledger__CheckpointNoted *event = noted.event;
    struct ml_span *timestamps =
        ml_arena_calloc(&kit->arena, event->n_timestamps + 1, sizeof *timestamps);
    if (!timestamps)
        return ml_fail_memory();
    for (size_t i = 0; i < event->n_timestamps; i++)
        timestamps[i] = ML_SPAN(event->timestamps[i].data, event->timestamps[i].len);
    kit->anchors[kit->n_anchors++] =
        (struct ml_evidence_anchor){.note = ML_SPAN(event->note.data, event->note.len),
                                    .timestamps = timestamps,
                                    .n_timestamps = event->n_timestamps};
    return MLEDGER_OK;
}

static int find_vkeys(struct ml_evidence_kit *kit, struct ml_view *view)
{
    ML_CLEANUP(ml_freep) struct ml_vkey *vkeys = NULL;
    int result = ml_checkpoint_vkeys(view, &vkeys, &kit->n_vkeys);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    kit->vkeys = ml_arena_calloc(&kit->arena, kit->n_vkeys, sizeof(char *));
    if (!kit->vkeys)
        return ml_fail_memory();
    for (size_t i = 0; i < kit->n_vkeys; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
        ML_TRY(ml_vkey_write(&vkeys[i], &text));
        kit->vkeys[i] = ml_arena_text(&kit->arena, (const char *)text.data, text.len);
        if (!kit->vkeys[i])
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

int ml_evidence_kit_fill(struct ml_evidence_kit *kit, struct ml_view *view)
{
    ML_TRY(add_noted(kit, view));
    return find_vkeys(kit, view);
}

int ml_evidence_kit_add_known(struct ml_evidence_kit *kit, const struct ml_view *view,
                              const char *known_dir)
{
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_checkpoint checkpoint;
    if (!known_dir)
        return MLEDGER_OK;
    int result = ml_known_checkpoint_read(known_dir, view->head.identity, &kit->known);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    struct ml_span bytes = ml_buf_span(&kit->known);
    ML_TRY(ml_checkpoint_open(bytes, &note, &checkpoint));
    for (size_t i = 0; i < kit->n_anchors; i++)
        if (ml_span_equal(kit->anchors[i].note, bytes))
            return MLEDGER_OK;
    if (checkpoint.size <= view->head.size)
        kit->anchors[kit->n_anchors++] = (struct ml_evidence_anchor){.note = bytes};
    return MLEDGER_OK;
}

/* ---- the file ---- */

static int write_target(void *target, struct ml_span bytes)
{
    return ml_outfile_write(target, bytes);
}

static int take_progress(uint64_t done, uint64_t total, void *context)
{
    ml_progress_update(context, done, total);
    return MLEDGER_OK;
}

int ml_evidence_save(struct ml_view *view, const struct ml_evidence *evidence,
                     const struct ml_evidence_kit *kit, struct ml_outfile *target, bool quiet,
                     struct ml_evidence_counts *ret_counts)
{
    ML_CLEANUP(ml_progress_finish) struct ml_progress progress;
    struct ml_evidence whole = *evidence;
    whole.anchors = kit->anchors;
    whole.n_anchors = kit->n_anchors;
    whole.log_vkeys = kit->vkeys;
    whole.n_log_vkeys = kit->n_vkeys;
    whole.progress = take_progress;
    whole.progress_context = &progress;
    ml_progress_start(&progress, "bundle", "records", ML_PROGRESS_COUNT, quiet);
    ML_TRY(ml_evidence_write(view, &whole, write_target, target, ret_counts));
    return ml_outfile_finish(target);
}

/* ---- the evidence of an answer ---- */

/* Where the answer goes, and in which form, is no part of the question. */
static bool is_of_question(const char *option)
{
    static const char *const others[] = {"evidence", "output", "format", "open"};
    for (size_t i = 0; i < ML_COUNT(others); i++)
        if (strcmp(option, others[i]) == 0)
            return false;
    return true;
}

static int append_word(struct ml_buf *text, const char *before, const char *word)
{
    bool plain = *word && word[strcspn(word, " \t\n'\"\\")] == '\0';
    return ml_buf_printf(text, plain ? "%s%s" : "%s'%s'", before, word);
}

/* The command as it was typed, to be read by people, with its NUL. */
static int write_question(const struct ml_invocation *invocation, struct ml_buf *text)
{
    ML_TRY(ml_buf_append_text(text, invocation->command->name));
    for (size_t i = 0; i < invocation->word_count; i++)
        ML_TRY(append_word(text, " ", invocation->words[i]));
    for (size_t i = 0; i < invocation->setting_count; i++) {
        const struct ml_setting *setting = &invocation->settings[i];
        if (!is_of_question(setting->option->name))
            continue;
        ML_TRY(ml_buf_printf(text, " --%s", setting->option->name));
        if (setting->value)
            ML_TRY(append_word(text, " ", setting->value));
    }
    return ml_buf_append_char(text, '\0');
}

static int check_path(const struct ml_invocation *invocation, const char *path)
{
    const char *output = ml_option_text(invocation, "output", NULL);
    if (strcmp(path, "-") != 0 && (!output || strcmp(path, output) != 0))
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EUSAGE, "--evidence names another file than where the answer goes");
}

/* Those used, and those recorded later that the answer lists: in any order. */
static int list_records(struct ml_basis *basis, uint64_t **ret_seqs, size_t *ret_count)
{
    ml_basis_settle(basis);
    size_t later = basis->corrections.count;
    uint64_t *seqs = calloc(basis->n_seqs + later + 1, sizeof *seqs);
    if (!seqs)
        return ml_fail_memory();
    if (basis->n_seqs)
        memcpy(seqs, basis->seqs, basis->n_seqs * sizeof *seqs);
    for (size_t i = 0; i < later; i++)
        seqs[basis->n_seqs + i] = basis->corrections.list[i].change.seq;
    *ret_seqs = seqs;
    *ret_count = basis->n_seqs + later;
    return MLEDGER_OK;
}

int ml_evidence_of_answer(const struct ml_invocation *invocation, struct ml_view *view,
                          struct ml_basis *basis, const char *known_dir)
{
    const char *path = ml_option_text(invocation, "evidence", NULL);
    ML_CLEANUP(ml_scope_release) struct ml_scope scope = {0};
    ML_CLEANUP(ml_evidence_kit_release) struct ml_evidence_kit kit;
    ML_CLEANUP(ml_outfile_release) struct ml_outfile target = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf question = {0};
    ML_CLEANUP(ml_freep) uint64_t *seqs = NULL;
    struct ml_evidence_counts counts;
    size_t count;
    ml_evidence_kit_init(&kit);
    if (!path)
        return MLEDGER_OK;
    ML_TRY(list_records(basis, &seqs, &count));
    ML_TRY(check_path(invocation, path));
    ML_TRY(ml_outfile_open(&target, path, NULL));
    ML_TRY(write_question(invocation, &question));
    ML_TRY(ml_scope_of_records(view, seqs, count, &scope));
    ML_TRY(ml_evidence_kit_fill(&kit, view));
    ML_TRY(ml_evidence_kit_add_known(&kit, view, known_dir));
    const struct ml_evidence evidence = {.scope = &scope, .reference = (const char *)question.data};
    return ml_evidence_save(view, &evidence, &kit, &target, invocation->quiet, &counts);
}
