/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/since_time.h"

#include "cli/checkpointing.h"
#include "cli/witness_file.h"
#include "ledger/core/timestamp.h"
#include "ledger/store/checkpoint.h"
#include "ledger/store/durable.h"

enum { ROOTS_MAX = 1 << 20 };

struct outsiders {
    struct ml_witness_file witnesses;
    struct ml_timestamp_roots *roots; /* NULL: none were given */
};

static void outsiders_release(struct outsiders *outsiders)
{
    ml_witness_file_release(&outsiders->witnesses);
    ml_timestamp_roots_free(outsiders->roots);
}

/* That nothing was found is an answer about checkpoints; a file that was named is to be there. */
static int must_be_there(int result, const char *path)
{
    return result == MLEDGER_ENOTFOUND ? ml_fail(MLEDGER_ESYSTEM, "there is no file '%s'", path)
                                       : result;
}

static int read_outsiders(const struct ml_session *session, const uint8_t identity[ML_HASH_SIZE],
                          struct outsiders *outsiders)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf pem = {0};
    const char *policy = ml_option_text(session->invocation, "witness-policy", NULL);
    const char *roots = ml_option_text(session->invocation, "tsa-roots", NULL);
    ML_TRY(must_be_there(ml_witness_file_read(identity, policy, &outsiders->witnesses), policy));
    if (!roots)
        return MLEDGER_OK;
    ML_TRY(must_be_there(ml_durable_read(roots, "certificates", ROOTS_MAX, &pem), roots));
    return ml_timestamp_roots_parse(ml_buf_span(&pem), roots, &outsiders->roots);
}

/* Seen by enough witnesses, the last of them at *ret_time_us: 1. A note that the policy does not
 * believe says nothing about time. */
static int date_by_witnesses(const struct outsiders *outsiders,
                             const struct ml_read_checkpoint *read, int64_t *ret_time_us)
{
    struct ml_witnessed witnessed;
    const struct ml_witness_policy *policy = outsiders->witnesses.policy;
    if (!policy || ml_witness_policy_quorum(policy) == 0)
        return 0;
    int result = ml_witness_policy_check(policy, &read->note, &read->checkpoint, &witnessed);
    if (result == MLEDGER_ESYSTEM)
        return result;
    ml_error_clear();
    if (result < 0 || witnessed.count == 0 || witnessed.latest >= INT64_MAX / 1000000)
        return 0;
    *ret_time_us = (witnessed.latest + 1) * 1000000; /* they count whole seconds, cut off */
    return 1;
}

static int date_by_token(const struct outsiders *outsiders, struct ml_span token,
                         struct ml_span text, int64_t *ret_time_us)
{
    struct ml_timestamp says;
    if (!outsiders->roots)
        return 0;
    int result = ml_timestamp_verify(token, text, outsiders->roots, &says);
    if (result == MLEDGER_ESYSTEM)
        return result;
    ml_error_clear();
    if (result < 0)
        return 0;
    *ret_time_us = says.time_us + (says.accuracy_us > 0 ? says.accuracy_us : 0);
    return 1;
}

/* Was it there at `time_us`? 1: *ret_dated says by when. */
static int date(const struct outsiders *outsiders, const struct ml_noted_checkpoint *noted,
                const struct ml_read_checkpoint *read, int64_t time_us,
                struct ml_dated_checkpoint *ret_dated)
{
    int64_t seen_us = 0;
    int dated = date_by_witnesses(outsiders, read, &seen_us);
    ML_TRY(dated);
    for (size_t i = 0; i < noted->event->n_timestamps && !(dated && seen_us <= time_us); i++) {
        const ProtobufCBinaryData *token = &noted->event->timestamps[i];
        dated =
            date_by_token(outsiders, ML_SPAN(token->data, token->len), read->note.text, &seen_us);
        ML_TRY(dated);
    }
    if (!dated || seen_us > time_us)
        return 0;
    *ret_dated = (struct ml_dated_checkpoint){noted->seq, noted->event->size, seen_us};
    return 1;
}

static int date_noted(const struct outsiders *outsiders, const struct ml_noted_checkpoint *noted,
                      int64_t time_us, struct ml_dated_checkpoint *ret_dated)
{
    struct ml_read_checkpoint read = {0};
    int result = ml_read_checkpoint_bytes(
        "the noted checkpoint", ML_SPAN(noted->event->note.data, noted->event->note.len), &read);
    if (result >= 0)
        result = date(outsiders, noted, &read, time_us, ret_dated);
    ml_read_checkpoint_release(&read);
    return result;
}

/* From the newest back, until one was there. */
static int search(struct ml_view *view, const struct outsiders *outsiders, int64_t time_us,
                  struct ml_dated_checkpoint *ret_dated)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_noted_checkpoint noted;
    ml_arena_init(&arena, SIZE_MAX / 2);
    for (uint64_t up_to = MLEDGER_NO_SEQ;; up_to = noted.seq - 1) {
        ml_arena_clear(&arena);
        ML_TRY(ml_checkpoint_noted(view, up_to, &arena, &noted));
        int found = date_noted(outsiders, &noted, time_us, ret_dated);
        if (found != 0)
            return found < 0 ? found : MLEDGER_OK;
        if (noted.seq == 0)
            return MLEDGER_ENOTFOUND;
    }
}

int ml_since_time(struct ml_session *session, int64_t time_us,
                  struct ml_dated_checkpoint *ret_dated)
{
    ML_CLEANUP(outsiders_release) struct outsiders outsiders = {0};
    struct ml_view view;
    ML_TRY(ml_view_begin(session->ledger, &view));
    int result = read_outsiders(session, view.head.identity, &outsiders);
    if (result >= 0)
        result = search(&view, &outsiders, time_us, ret_dated);
    ml_view_end(&view);
    return result;
}
