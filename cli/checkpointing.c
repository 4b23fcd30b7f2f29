/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/checkpointing.h"

#include "cli/environment.h"
#include "cli/ledger_dir.h"
#include "cli/progress.h"
#include "ledger/core/hex.h"
#include "ledger/query/state_walk.h"
#include "ledger/store/durable.h"
#include "ledger/store/known_head.h"

int ml_checkpointing_init(struct ml_session *session, bool record,
                          struct ml_checkpointing *ret_checkpointing)
{
    struct ml_checkpointing found = {0};
    ML_TRY(ml_session_log_key(session, &found.log_key));
    if (record)
        ML_TRY(ml_session_signer(session, MLEDGER__ROLE__RECORDER, &found.recorder));
    *ret_checkpointing = found;
    return MLEDGER_OK;
}

void ml_kept_checkpoint_release(struct ml_kept_checkpoint *kept)
{
    if (!kept)
        return;
    ml_made_checkpoint_release(&kept->made);
    ml_endorsement_release(&kept->endorsement);
}

static int take_progress(uint64_t done, uint64_t total, void *context)
{
    ml_progress_update(context, done, total);
    return MLEDGER_OK;
}

static int make(struct ml_session *session, const struct ml_checkpointing *checkpointing,
                struct ml_made_checkpoint *ret_made)
{
    ML_CLEANUP(ml_progress_finish) struct ml_progress progress;
    const struct ml_checkpoint_options options = {
        .all_leaves = checkpointing->all_leaves,
        .progress = take_progress,
        .progress_context = &progress,
    };
    ml_progress_start(&progress, "checkpoint", "records", ML_PROGRESS_COUNT,
                      session->invocation->quiet);
    return ml_checkpoint_make(session->ledger, checkpointing->log_key, &options, ret_made);
}

/* Whether nothing was recorded since the newest noted checkpoint but the record that notes it;
 * otherwise checkpoints would beget records, and these checkpoints, without anything happening. */
static int is_nothing_new(struct ml_session *session, const struct ml_checkpointing *checkpointing,
                          const struct ml_kept_checkpoint *kept)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_noted_checkpoint noted;
    struct ml_view view;
    ml_arena_init(&arena, SIZE_MAX / 2);
    ML_TRY(ml_view_begin(session->ledger, &view));
    int result = ml_checkpoint_noted(&view, MLEDGER_NO_SEQ, &arena, &noted);
    ml_view_end(&view);
    if (result == MLEDGER_ENOTFOUND)
        return 0;
    ML_TRY(result);
    if (noted.seq != kept->made.size - 1 || noted.event->size != noted.seq)
        return 0;
    return checkpointing->endorsed ? ml_endorsement_had(session, &kept->endorsement, noted.event)
                                   : 1;
}

static int record(struct ml_session *session, const struct ml_checkpointing *checkpointing,
                  struct ml_kept_checkpoint *kept)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    struct ml_span tokens[ML_STAMPS_MAX];
    const size_t count = kept->endorsement.n_stamps;
    int nothing_new = is_nothing_new(session, checkpointing, kept);
    if (nothing_new != 0)
        return nothing_new < 0 ? nothing_new : MLEDGER_OK;
    for (size_t i = 0; i < count; i++)
        tokens[i] = ml_buf_span(&kept->endorsement.stamps[i].token);
    ML_TRY(ml_checkpoint_draft(ml_buf_span(&kept->made.note), tokens, count, &draft));
    ML_TRY(ml_session_record(session, checkpointing->recorder, draft, &kept->receipt));
    kept->recorded = true;
    return MLEDGER_OK;
}

int ml_checkpointing_take(struct ml_session *session, const struct ml_checkpointing *checkpointing,
                          struct ml_kept_checkpoint *ret_kept)
{
    struct ml_head head;
    *ret_kept = (struct ml_kept_checkpoint){0};
    ML_TRY(make(session, checkpointing, &ret_kept->made));
    if (checkpointing->endorsed)
        ML_TRY(ml_endorse(session, &ret_kept->made.note, &ret_kept->endorsement));
    ML_TRY(ml_ledger_head(session->ledger, &head));
    ML_TRY(ml_known_checkpoint_write(session->known_dir, head.identity,
                                     ml_buf_span(&ret_kept->made.note)));
    return checkpointing->recorder ? record(session, checkpointing, ret_kept) : MLEDGER_OK;
}

int ml_checkpoint_to_json(struct ml_span note, json_t **ret_json)
{
    ML_CLEANUP(ml_note_release) struct ml_note parsed = {0};
    struct ml_checkpoint checkpoint;
    char root[ML_HEX_SIZE(ML_HASH_SIZE)];
    ML_TRY(ml_checkpoint_open(note, &parsed, &checkpoint));
    ml_hex_encode(root, checkpoint.root, ML_HASH_SIZE);
    json_t *json =
        json_pack("{s:s%, s:I, s:s, s:s%}", "origin", checkpoint.origin.data, checkpoint.origin.len,
                  "size", (json_int_t)checkpoint.size, "root", root, "note", note.data, note.len);
    if (!json)
        return ml_fail_memory();
    *ret_json = json;
    return MLEDGER_OK;
}

struct vkeys {
    const char *origin;
    struct ml_vkey *list;
    size_t count, cap;
};

static int add_vkey(const uint8_t key[ML_KEY_SIZE], const Mledger__KeyState *state, void *context)
{
    struct vkeys *vkeys = context;
    if (state->purpose != MLEDGER__KEY_PURPOSE__LOG_KEY)
        return MLEDGER_OK;
    ML_TRY(ml_grow(&vkeys->list, &vkeys->cap, vkeys->count + 1, sizeof *vkeys->list));
    return ml_vkey_make(ML_VKEY_ED25519, ML_SPAN(vkeys->origin, strlen(vkeys->origin)), key,
                        &vkeys->list[vkeys->count++]);
}

static int ledger_vkeys(struct ml_session *session, struct vkeys *vkeys)
{
    struct ml_view view;
    ML_TRY(ml_view_begin(session->ledger, &view));
    vkeys->origin = view.head.origin;
    int result = ml_key_walk(&view, add_vkey, vkeys);
    ml_view_end(&view);
    return result;
}

static int given_vkeys(const struct ml_invocation *invocation, size_t given, struct vkeys *vkeys)
{
    vkeys->list = ml_calloc(given, sizeof *vkeys->list);
    if (!vkeys->list)
        return ml_fail_memory();
    for (; vkeys->count < given; vkeys->count++) {
        const char *text = ml_option_at(invocation, "vkey", vkeys->count);
        if (ml_vkey_parse(ML_SPAN(text, strlen(text)), &vkeys->list[vkeys->count]) < 0) {
            ml_prefix("--vkey");
            struct ml_error error;
            ml_error_get(&error);
            error.code = error.code == MLEDGER_EINVALID ? MLEDGER_EUSAGE : error.code;
            return ml_error_set(&error);
        }
    }
    return MLEDGER_OK;
}

int ml_log_vkeys(struct ml_session *session, struct ml_vkey **ret_vkeys, size_t *ret_count)
{
    struct vkeys vkeys = {0};
    size_t given = ml_option_count(session->invocation, "vkey");
    int result;
    if (given > 0) {
        result = given_vkeys(session->invocation, given, &vkeys);
    } else if (session->ledger) {
        result = ledger_vkeys(session, &vkeys);
    } else {
        (void)ml_fail(MLEDGER_EUSAGE, "no ledger is at hand to say whose signature counts");
        return ml_hint("--vkey VKEY, as 'mledger key log' prints it where the ledger is");
    }
    if (result < 0) {
        free(vkeys.list);
        return result;
    }
    *ret_vkeys = vkeys.list;
    *ret_count = vkeys.count;
    return MLEDGER_OK;
}

int ml_checkpoint_is_signed(const struct ml_checkpoint *checkpoint, const struct ml_note *note,
                            const struct ml_vkey *vkeys, size_t count)
{
    ML_CLEANUP(ml_freep) struct ml_vkey *named = ml_calloc(count + 1, sizeof *named);
    size_t n_named = 0;
    if (!named)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++)
        if (ml_span_equal(checkpoint->origin, ML_SPAN(vkeys[i].name, strlen(vkeys[i].name))))
            named[n_named++] = vkeys[i];
    if (n_named == 0)
        return ml_fail(MLEDGER_EINVALID,
                       "the checkpoint is of another log than the keys that are trusted");
    return ml_note_verify(note, named, n_named, NULL);
}

/* Whether a ledger is meant: named, or found from where the user stands. */
static int find_ledger(const struct ml_invocation *invocation)
{
    ML_CLEANUP(ml_freep) char *dir = NULL;
    if (invocation->ledger)
        return 1;
    if (ml_option_count(invocation, "vkey") > 0)
        return 0;
    if (ml_environment_get("MLEDGER_DIR") || ml_ledger_dir_find(invocation, &dir) >= 0)
        return 1;
    ml_error_clear();
    return 0;
}

int ml_session_open_if_any(const struct ml_invocation *invocation, struct ml_output *out,
                           struct ml_session *ret_session)
{
    return find_ledger(invocation) ? ml_session_open(invocation, out, ML_SESSION_READ, ret_session)
                                   : ml_session_open_keys(invocation, out, ret_session);
}

int ml_read_checkpoint_bytes(const char *name, struct ml_span bytes,
                             struct ml_read_checkpoint *ret_read)
{
    *ret_read = (struct ml_read_checkpoint){.name = name};
    ML_TRY(ml_buf_append(&ret_read->bytes, bytes.data, bytes.len));
    if (ml_checkpoint_open(ml_buf_span(&ret_read->bytes), &ret_read->note, &ret_read->checkpoint) <
        0)
        return ml_prefix("'%s'", name);
    return MLEDGER_OK;
}

int ml_read_checkpoint_file(const char *path, struct ml_read_checkpoint *ret_read)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    *ret_read = (struct ml_read_checkpoint){.name = path};
    int result = ml_durable_read(path, "checkpoint", ML_NOTE_MAX, &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ESYSTEM, "there is no file '%s'", path);
    ML_TRY(result);
    return ml_read_checkpoint_bytes(path, ml_buf_span(&bytes), ret_read);
}

void ml_read_checkpoint_release(struct ml_read_checkpoint *read)
{
    ml_note_release(&read->note);
    ml_buf_release(&read->bytes);
}
