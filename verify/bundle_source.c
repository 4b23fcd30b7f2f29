/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle read from its beginning, and its records as a source of the verifier. */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "verify/bundle_private.h"

/* Faults after which the rest of the records is left alone: whoever made such a file could make it
 * go on for as long as they like. */
enum { FAULTS_MAX = 1000 };

/* What is wrong with the file is kept, to be reported once; any other failure is passed on. */
static int break_off(struct ml_bundle_check *check, int result)
{
    if (result != MLEDGER_EINVALID)
        return result;
    ml_error_get(&check->broken);
    return MLEDGER_OK;
}

int ml_bundle_advance(struct ml_bundle_check *check)
{
    if (check->has_item || check->at_end || check->broken.code < 0)
        return MLEDGER_OK;
    int result = ml_bundle_next(check->reader, &check->item);
    check->at_end = result == MLEDGER_ENOTFOUND;
    check->has_item = result == MLEDGER_OK;
    return check->at_end ? MLEDGER_OK : break_off(check, result);
}

/* Copies what is left of the item at hand into `arena`. */
static int take_item(struct ml_bundle_check *check, struct ml_arena *arena,
                     struct ml_span *ret_bytes)
{
    struct ml_span bytes;
    check->has_item = false;
    int result = ml_bundle_item_bytes(check->reader, &bytes);
    if (result < 0)
        return break_off(check, result);
    uint8_t *copy = ml_arena_alloc(arena, bytes.len + 1);
    if (!copy)
        return ml_fail_memory();
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    *ret_bytes = ML_SPAN(copy, bytes.len);
    return MLEDGER_OK;
}

/* ---- manifest and checkpoints ---- */

static int no_manifest(const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "%s", what);
}

static int check_manifest(const Mledger__BundleManifest *manifest)
{
    bool whole = manifest->target == MLEDGER__BUNDLE_TARGET__LEDGER_TARGET ||
                 manifest->target == MLEDGER__BUNDLE_TARGET__RECORDS_TARGET;
    if (manifest->size == 0)
        return no_manifest("it tells of no records");
    if (whole != (manifest->n_subjects == 0) || whole == (bool)manifest->has_seq)
        return no_manifest("what it is about and the subjects in scope do not go together");
    if ((bool)manifest->has_version != (manifest->target == MLEDGER__BUNDLE_TARGET__VERSION_TARGET))
        return no_manifest("it names a version and is about none, or the other way round");
    for (size_t i = 1; i < manifest->n_subjects; i++)
        if (manifest->subjects[i - 1] >= manifest->subjects[i])
            return no_manifest("the subjects in scope are not in ascending order");
    return MLEDGER_OK;
}

static int read_manifest(struct ml_bundle_check *check)
{
    struct ml_span bytes = {0};
    ProtobufCMessage *message;
    struct ml_arena *arena = &check->verdict->arena;
    ML_TRY(take_item(check, arena, &bytes));
    if (check->broken.code < 0)
        return MLEDGER_OK;
    int result = ml_codec_unpack(&mledger__bundle_manifest__descriptor, bytes, arena, &message);
    if (result >= 0)
        result = check_manifest((const Mledger__BundleManifest *)message);
    if (result < 0) {
        ml_add_prefix("its manifest");
        return break_off(check, result);
    }
    check->verdict->manifest = (const Mledger__BundleManifest *)message;
    return MLEDGER_OK;
}

static int read_anchor(struct ml_bundle_check *check)
{
    if (check->item.kind == ML_BUNDLE_TIMESTAMP) {
        struct ml_span token;
        check->notes[check->n_notes - 1].timestamps++;
        return take_item(check, &check->verdict->arena, &token);
    }
    ML_TRY(ml_grow(&check->notes, &check->cap_notes, check->n_notes + 1, sizeof *check->notes));
    struct ml_bundle_note *note = &check->notes[check->n_notes++];
    *note = (struct ml_bundle_note){0};
    return take_item(check, &check->verdict->arena, &note->bytes);
}

int ml_bundle_begin(struct ml_bundle_check *check)
{
    int result = ml_bundle_reader_new(check->file->read, check->file->context, &check->reader);
    if (result < 0)
        return break_off(check, result);
    ML_TRY(ml_bundle_advance(check));
    if (check->has_item)
        ML_TRY(read_manifest(check));
    ML_TRY(ml_bundle_advance(check));
    while (check->has_item &&
           (check->item.kind == ML_BUNDLE_CHECKPOINT || check->item.kind == ML_BUNDLE_TIMESTAMP)) {
        ML_TRY(read_anchor(check));
        ML_TRY(ml_bundle_advance(check));
    }
    return MLEDGER_OK;
}

/* ---- records ---- */

static bool is_record(const struct ml_bundle_check *check)
{
    return check->has_item &&
           (check->item.kind == ML_BUNDLE_OPEN || check->item.kind == ML_BUNDLE_HIDDEN);
}

static int too_many_faults(struct ml_bundle_check *check)
{
    (void)ml_fail(MLEDGER_EINVALID, "there are so many faults that it was not read on");
    ml_error_get(&check->broken);
    return MLEDGER_ENOTFOUND;
}

static int next_record(void *context, struct ml_arena *arena, struct ml_verify_input *ret_input)
{
    struct ml_bundle_check *check = context;
    ML_TRY(ml_bundle_advance(check));
    if (!is_record(check))
        return MLEDGER_ENOTFOUND;
    if (!check->again && check->verifier.result.faults > FAULTS_MAX)
        return too_many_faults(check);
    struct ml_verify_input input = {.seq = check->next_seq,
                                    .entry = check->item.kind == ML_BUNDLE_HIDDEN};
    ML_TRY(take_item(check, arena, &input.bytes));
    if (check->broken.code < 0)
        return MLEDGER_ENOTFOUND;
    check->next_seq++;
    check->verdict->opened += !check->again && !input.entry;
    *ret_input = input;
    return MLEDGER_OK;
}

/* Back to the beginning; a stream only goes forward from there. What is said of the file by now has
 * been said. */
static int seek_record(void *context, uint64_t seq)
{
    struct ml_bundle_check *check = context;
    (void)seq; /* what comes before it is read again too */
    ML_TRY(check->file->rewind(check->file->context));
    ml_bundle_reader_free(ML_TAKE(check->reader));
    check->again = true;
    check->broken.code = 0;
    check->has_item = check->at_end = false;
    check->next_seq = 0;
    ML_TRY(ml_bundle_reader_new(check->file->read, check->file->context, &check->reader));
    do {
        check->has_item = false;
        ML_TRY(ml_bundle_advance(check));
    } while (check->has_item && !is_record(check));
    return MLEDGER_OK;
}

static bool is_whole(void *context, uint64_t subject)
{
    return ml_bundle_in_scope(context, subject);
}

static int take_kept(void *context, const struct ml_record *record,
                     const struct ml_fold_result *result)
{
    (void)result;
    return ml_bundle_scope_record(context, record);
}

struct ml_verify_source ml_bundle_records(struct ml_bundle_check *check)
{
    return (struct ml_verify_source){
        .context = check,
        .total = check->verdict->manifest ? check->verdict->manifest->size : 0,
        .next = next_record,
        .seek = check->file->rewind ? seek_record : NULL,
        .is_whole = is_whole,
        .chosen = check->verdict->manifest &&
                  check->verdict->manifest->target == MLEDGER__BUNDLE_TARGET__RECORDS_TARGET,
        .kept = take_kept,
    };
}
