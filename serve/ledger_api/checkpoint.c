/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ledger_api/checkpoint.h"

#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/store/checkpoint.h"
#include "ledger/store/known_head.h"
#include "ledger/store/tree.h"
#include "serve/ledger_api/route.h"

/* Whether a note is a checkpoint of what the view shows; *ret_size is then its size, else 0. */
static int judge(struct ml_api_call *call, struct ml_span bytes, uint64_t *ret_size)
{
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_checkpoint checkpoint;
    uint8_t root[ML_HASH_SIZE];
    const char *origin = call->view.head.origin;
    *ret_size = 0;
    ML_TRY(ml_checkpoint_open(bytes, &note, &checkpoint));
    if (!ml_span_equal(checkpoint.origin, ML_SPAN(origin, strlen(origin))) ||
        checkpoint.size > call->view.head.size || checkpoint.size == 0)
        return MLEDGER_OK;
    ML_TRY(ml_tree_root(call->view.txn, checkpoint.size, root));
    if (memcmp(root, checkpoint.root, ML_HASH_SIZE) == 0)
        *ret_size = checkpoint.size;
    return MLEDGER_OK;
}

/* Appends the one that this machine has seen; 0 records: none, or not of these records. */
static int find_known(struct ml_api_call *call, struct ml_buf *note, uint64_t *ret_size)
{
    const char *known_dir = call->service->options.known_dir;
    *ret_size = 0;
    if (!known_dir)
        return MLEDGER_OK;
    const int result = ml_known_checkpoint_read(known_dir, call->view.head.identity, note);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    return judge(call, ml_buf_span(note), ret_size);
}

/* The newest that a record up to `up_to` notes; *ret_seq is that record, MLEDGER_NO_SEQ if there is
 * none. */
static int find_noted(struct ml_api_call *call, uint64_t up_to, struct ml_buf *note,
                      uint64_t *ret_size, uint64_t *ret_seq)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_noted_checkpoint noted;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    const int result = ml_checkpoint_noted(&call->view, up_to, &arena, &noted);
    *ret_size = 0;
    *ret_seq = MLEDGER_NO_SEQ;
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    *ret_size = noted.event->size;
    *ret_seq = noted.seq;
    ml_buf_clear(note);
    return ml_buf_append(note, noted.event->note.data, noted.event->note.len);
}

/* The one over exactly `size` records: none before record `size` can note it. */
static int find_noted_of(struct ml_api_call *call, uint64_t size, struct ml_buf *note,
                         uint64_t *ret_size)
{
    uint64_t up_to = MLEDGER_NO_SEQ, seq;
    do {
        ML_TRY(find_noted(call, up_to, note, ret_size, &seq));
        up_to = seq - 1;
    } while (*ret_size != size && seq != MLEDGER_NO_SEQ && seq > size);
    return MLEDGER_OK;
}

/* The larger of the two. */
static int find_newest(struct ml_api_call *call, struct ml_buf *note, uint64_t *ret_size)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf known = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf noted = {0};
    uint64_t known_size, noted_size, seq;
    ML_TRY(ml_api_view(call));
    ML_TRY(find_known(call, &known, &known_size));
    ML_TRY(find_noted(call, MLEDGER_NO_SEQ, &noted, &noted_size, &seq));
    const struct ml_buf *newest = known_size > noted_size ? &known : &noted;
    *ret_size = known_size > noted_size ? known_size : noted_size;
    ml_buf_clear(note);
    return *ret_size ? ml_buf_append(note, newest->data, newest->len) : MLEDGER_OK;
}

/* No view is open meanwhile: it may take long. */
static int make(struct ml_api_call *call)
{
    uint8_t identity[ML_HASH_SIZE];
    memcpy(identity, call->view.head.identity, sizeof identity);
    ml_api_view_end(call);
    const struct ml_api_options *options = &call->service->options;
    ML_CLEANUP(ml_made_checkpoint_release) struct ml_made_checkpoint made;
    ML_TRY(ml_checkpoint_make(options->ledger, options->log_key, NULL, &made));
    struct ml_known_head known = {.size = made.size};
    memcpy(known.link, made.link, ML_HASH_SIZE);
    ML_TRY(ml_known_head_write(options->known_dir, identity, &known));
    return ml_known_checkpoint_write(options->known_dir, identity, ml_buf_span(&made.note));
}

/* One at a time: the others find the one that was made while they waited. */
static int make_covering(struct ml_api_call *call, uint64_t covering, struct ml_buf *note,
                         uint64_t *ret_size)
{
    pthread_mutex_t *making = &call->service->making;
    ml_api_view_end(call);
    pthread_mutex_lock(making);
    int result = find_newest(call, note, ret_size);
    if (result >= 0 && *ret_size <= covering) {
        result = make(call);
        if (result >= 0)
            result = find_newest(call, note, ret_size);
    }
    pthread_mutex_unlock(making);
    return result;
}

static int none_covers(uint64_t covering)
{
    (void)ml_fail(MLEDGER_ENOTFOUND, "no checkpoint covers record %" PRIu64 " yet", covering);
    return ml_hint("mledger checkpoint, by who holds the log key");
}

int ml_api_find_checkpoint(struct ml_api_call *call, uint64_t covering, struct ml_buf *ret_note)
{
    const struct ml_api_options *options = &call->service->options;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    uint64_t size;
    ML_TRY(find_newest(call, &note, &size));
    if (covering != MLEDGER_NO_SEQ && covering >= call->view.head.size)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no record %" PRIu64 "; the newest is %" PRIu64,
                       covering, call->view.head.size - 1);
    if (covering != MLEDGER_NO_SEQ && size <= covering) {
        if (!options->log_key || !options->known_dir)
            return none_covers(covering);
        ML_TRY(make_covering(call, covering, &note, &size));
        if (size <= covering)
            return none_covers(covering);
    }
    if (size == 0) {
        (void)ml_fail(MLEDGER_ENOTFOUND, "there is no checkpoint yet");
        return ml_hint("mledger checkpoint, by who holds the log key");
    }
    return ml_buf_append(ret_note, note.data, note.len);
}

int ml_api_checkpoint_of(struct ml_api_call *call, uint64_t size, struct ml_buf *ret_note)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    uint64_t found;
    ML_TRY(ml_api_view(call));
    ML_TRY(find_known(call, &note, &found));
    if (found != size)
        ML_TRY(find_noted_of(call, size, &note, &found));
    if (found != size)
        return 0;
    ML_TRY(ml_buf_append(ret_note, note.data, note.len));
    return 1;
}

int ml_api_checkpoint(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskCheckpoint *request = message;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    ML_TRY(ml_api_find_checkpoint(call, request->has_covering ? request->covering : MLEDGER_NO_SEQ,
                                  &note));
    return ml_api_answer_bytes(call, ml_api_type_text, &note);
}
