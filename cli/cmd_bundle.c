/* SPDX-License-Identifier: Apache-2.0 */
/* Packs what proves something about one thing, for somebody who has no ledger. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/bundle_lineage.h"
#include "cli/checkpointing.h"
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/outfile.h"
#include "cli/progress.h"
#include "ledger/query/evidence.h"

/* The newest checkpoint that a record notes, and the newest there is. */
enum { ANCHORS = 2 };

struct bundling {
    struct ml_session session;
    struct ml_view view;
    bool viewing;
    struct ml_scope scope;
    struct ml_outfile target;
    struct ml_buf lineage_json, lineage_svg;
    struct ml_kept_checkpoint kept; /* without a note: none was made */
    struct ml_arena arena;
    struct ml_evidence_anchor anchors[ANCHORS];
    size_t n_anchors;
    char **vkeys;
    size_t n_vkeys;
};

static void bundling_release(struct bundling *bundling)
{
    ml_scope_release(&bundling->scope);
    ml_outfile_release(&bundling->target);
    ml_buf_release(&bundling->lineage_json);
    ml_buf_release(&bundling->lineage_svg);
    ml_kept_checkpoint_release(&bundling->kept);
    ml_arena_release(&bundling->arena);
    if (bundling->viewing)
        ml_view_end(&bundling->view);
    ml_session_release(&bundling->session);
}

/* ---- checkpoints and keys ---- */

/* A new one, where the log key is at hand; before the view, which it must not be newer than. */
static int make_checkpoint(struct bundling *bundling)
{
    struct ml_checkpointing checkpointing;
    if (ml_checkpointing_init(&bundling->session, false, &checkpointing) < 0) {
        if (ml_option_given(bundling->session.invocation, "log-key"))
            return ml_failed();
        ml_error_clear();
        return MLEDGER_OK;
    }
    ML_TRY(ml_checkpointing_take(&bundling->session, &checkpointing, &bundling->kept));
    bundling->anchors[bundling->n_anchors++] =
        (struct ml_evidence_anchor){.note = ml_buf_span(&bundling->kept.made.note)};
    return MLEDGER_OK;
}

/* The newest that a record notes, with all that others put on it. */
static int add_noted(struct bundling *bundling)
{
    struct ml_noted_checkpoint noted;
    int result = ml_checkpoint_noted(&bundling->view, MLEDGER_NO_SEQ, &bundling->arena, &noted);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    const Mledger__CheckpointNoted *event = noted.event;
    struct ml_span *timestamps =
        ml_arena_calloc(&bundling->arena, event->n_timestamps + 1, sizeof *timestamps);
    if (!timestamps)
        return ml_fail_memory();
    for (size_t i = 0; i < event->n_timestamps; i++)
        timestamps[i] = ML_SPAN(event->timestamps[i].data, event->timestamps[i].len);
    bundling->anchors[bundling->n_anchors++] =
        (struct ml_evidence_anchor){.note = ML_SPAN(event->note.data, event->note.len),
                                    .timestamps = timestamps,
                                    .n_timestamps = event->n_timestamps};
    return MLEDGER_OK;
}

static int find_vkeys(struct bundling *bundling)
{
    ML_CLEANUP(ml_freep) struct ml_vkey *vkeys = NULL;
    int result = ml_checkpoint_vkeys(&bundling->view, &vkeys, &bundling->n_vkeys);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    bundling->vkeys = ml_arena_calloc(&bundling->arena, bundling->n_vkeys, sizeof(char *));
    if (!bundling->vkeys)
        return ml_fail_memory();
    for (size_t i = 0; i < bundling->n_vkeys; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
        ML_TRY(ml_vkey_write(&vkeys[i], &text));
        bundling->vkeys[i] = ml_arena_text(&bundling->arena, (const char *)text.data, text.len);
        if (!bundling->vkeys[i])
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int write_target(void *target, struct ml_span bytes)
{
    return ml_outfile_write(target, bytes);
}

static int take_progress(uint64_t done, uint64_t total, void *context)
{
    ml_progress_update(context, done, total);
    return MLEDGER_OK;
}

static int write_bundle(struct bundling *bundling, const char *reference,
                        struct ml_evidence_counts *ret_counts)
{
    ML_CLEANUP(ml_progress_finish) struct ml_progress progress;
    const struct ml_evidence evidence = {
        .scope = &bundling->scope,
        .reference = reference,
        .anchors = bundling->anchors,
        .n_anchors = bundling->n_anchors,
        .log_vkeys = bundling->vkeys,
        .n_log_vkeys = bundling->n_vkeys,
        .lineage_json = ml_buf_span(&bundling->lineage_json),
        .lineage_svg = ml_buf_span(&bundling->lineage_svg),
        .progress = take_progress,
        .progress_context = &progress,
    };
    ml_progress_start(&progress, "bundle", "records", ML_PROGRESS_COUNT,
                      bundling->session.invocation->quiet);
    ML_TRY(
        ml_evidence_write(&bundling->view, &evidence, write_target, &bundling->target, ret_counts));
    return ml_outfile_finish(&bundling->target);
}

static int print(struct bundling *bundling, const struct ml_evidence_counts *counts)
{
    struct ml_output *out = bundling->session.out;
    if (bundling->session.invocation->json) {
        json_t *json = json_pack(
            "{s:s, s:I, s:I, s:I, s:I, s:I}", "file", bundling->target.path, "records",
            (json_int_t)counts->records, "opened", (json_int_t)counts->opened, "hidden",
            (json_int_t)(counts->records - counts->opened), "attachments",
            (json_int_t)counts->attachments, "checkpoints", (json_int_t)bundling->n_anchors);
        if (!json)
            return ml_fail_memory();
        ml_output_json(out, json);
        json_decref(json);
        return MLEDGER_OK;
    }
    char opened[ML_HUMAN_SIZE], records[ML_HUMAN_SIZE];
    ml_output_line(out, ML_ROLE_PLAIN, "wrote %s: %s of %s records open", bundling->target.path,
                   ml_human_count(opened, counts->opened),
                   ml_human_count(records, counts->records));
    if (bundling->n_anchors == 0)
        ml_output_line(out, ML_ROLE_WARN,
                       "it holds no checkpoint, so nobody can tell that its end is the ledger's: "
                       "mledger checkpoint makes one");
    return MLEDGER_OK;
}

static int check_usage(const struct ml_invocation *invocation, const char *reference)
{
    bool all = ml_option_given(invocation, "all");
    if (all && reference)
        return ml_fail(MLEDGER_EUSAGE, "name something, or give --all, and not both");
    if (!all && !reference)
        return ml_fail(MLEDGER_EUSAGE, "name what it is to be about, or give --all");
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(bundling_release) struct bundling bundling = {0};
    const char *reference = ml_argument(invocation, "REF");
    struct ml_evidence_counts counts;
    ml_arena_init(&bundling.arena, SIZE_MAX / 2);
    ML_TRY(check_usage(invocation, reference));
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &bundling.session));
    ML_TRY(ml_outfile_open(&bundling.target, ml_option_text(invocation, "output", NULL), out));
    ML_TRY(make_checkpoint(&bundling));
    ML_TRY(ml_view_begin(bundling.session.ledger, &bundling.view));
    bundling.viewing = true;
    ML_TRY(ml_scope_find(&bundling.view, reference, &bundling.scope));
    ML_TRY(add_noted(&bundling));
    ML_TRY(find_vkeys(&bundling));
    if (reference && bundling.scope.target != MLEDGER__BUNDLE_TARGET__ACTOR_TARGET &&
        !ml_option_given(invocation, "no-lineage"))
        ML_TRY(ml_bundle_lineage(&bundling.view, &bundling.scope, reference, &bundling.lineage_json,
                                 &bundling.lineage_svg));
    ML_TRY(write_bundle(&bundling, reference, &counts));
    return bundling.target.path && !invocation->quiet ? print(&bundling, &counts) : MLEDGER_OK;
}

const struct ml_command ml_command_bundle = {
    .name = "bundle",
    .summary = "Pack evidence about one thing into a file",
    .description =
        (const char *const[]){
            "The file holds every header of the ledger with its signature, so that nothing can "
            "have been left out or put elsewhere, and the payloads of those records alone that "
            "are about REF, and of the trust records; all others stay hidden behind their "
            "commitments. With them go a checkpoint made now, if the log key is at hand, and the "
            "newest that was recorded, with what witnesses and time stamping authorities put on "
            "it; the attachments that open records name; and the lineage as far as open records "
            "tell it, as JSON and as a picture.",
            "In scope are, of a model or a version of one, the model and every run that its "
            "versions name; of an experiment, its runs; of anything else, that alone.",
            "mledger-verify FILE checks it, and needs nothing else but the key of the log, which "
            "the recipient should have from elsewhere.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "REF", .min = 0, .max = 1, .rule = {.kind = ML_VALUE_REF}}, {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "all", .help = "Open every record, instead of those about REF."},
            {.name = "output",
             .letter = 'o',
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .required = true,
             .help = "Write to this file, which is put in its place once it is whole; - is "
                     "standard output."},
            {.name = "no-lineage", .help = "Leave the lineage out."},
            ML_OPTION_LOG_KEY,
            ML_OPTION_PASSPHRASE_FILE,
            ML_OPTION_PASSPHRASE_FD,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger bundle models:/churn/3 -o churn-3.evidence",
             "What an auditor needs to judge version 3."},
            {"mledger-verify churn-3.evidence --vkey example.org/churn+1b2c3d4e+...",
             "What the auditor does with it."},
            {0}},
    .exit_codes =
        (const struct ml_exit_code[]){{1, "There is no such thing, or a record is damaged."},
                                      {0, NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run,
};
