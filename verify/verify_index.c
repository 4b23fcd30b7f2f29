/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index against the records: a sum of the keys that follow from the records, to compare with
 * that of those that are stored. Only when the sums differ the slow way is taken: for each stored
 * key the record that it ends in is asked whether it has that key, and for each record its keys are
 * looked up.
 */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/core/index.h"
#include "ledger/store/attachment.h"
#include "verify/verify_private.h"

/* The keys of one record, each once, as the store holds them. */
struct keys {
    struct ml_state_key *keys;
    size_t count, cap;
};

static int collect_key(struct ml_span key, void *context)
{
    struct keys *keys = context;
    ML_TRY(ml_grow(&keys->keys, &keys->cap, keys->count + 1, sizeof *keys->keys));
    struct ml_state_key *kept = &keys->keys[keys->count++];
    memset(kept, 0, sizeof *kept);
    kept->len = key.len;
    memcpy(kept->bytes, key.data, key.len);
    return MLEDGER_OK;
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct ml_state_key));
}

static void sort_keys(struct keys *keys)
{
    if (keys->count > 1)
        qsort(keys->keys, keys->count, sizeof *keys->keys, compare_keys);
}

/* Where not all records are read there is no sum to compare: each key is looked up. */
static int take_key(struct ml_verify *verify, uint64_t seq, struct ml_span key)
{
    struct ml_span value;
    if (verify->core.base == 0) {
        ml_multiset_add(&verify->index, key);
        return MLEDGER_OK;
    }
    int result = ml_kv_get(verify->txn, ML_TABLE_INDEX, key, &value);
    if (result != MLEDGER_ENOTFOUND && (result < 0 || value.len == 0))
        return result;
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "index", seq,
                            "derived data damaged: the index lacks an entry that leads to it, or "
                            "that entry holds a value");
}

/* Without the attachment. */
static struct ml_index_record indexed_of(const struct ml_record *record, const uint64_t *subjects,
                                         size_t n_subjects)
{
    return (struct ml_index_record){
        .seq = record->header->seq,
        .event = record->event,
        .signer = record->header->signer.data,
        .signed_statements = record->signed_statements,
        .subjects = subjects,
        .n_subjects = n_subjects,
    };
}

int ml_verify_index_add(void *context, const struct ml_record *record,
                        const struct ml_fold_result *result)
{
    struct ml_verify *verify = context;
    struct keys keys = {0};
    struct ml_index_record indexed = indexed_of(record, result->subjects, result->n_subjects);
    ML_TRY(ml_txn_indexed_attachment(verify->txn, record->event, &indexed.attachment));
    int outcome = ml_index_keys(&indexed, collect_key, &keys);
    sort_keys(&keys);
    for (size_t i = 0; outcome >= 0 && i < keys.count; i++)
        if (i == 0 || compare_keys(&keys.keys[i - 1], &keys.keys[i]) != 0)
            outcome = take_key(verify, record->header->seq, ml_state_key_span(&keys.keys[i]));
    free(keys.keys);
    return outcome;
}

struct subjects {
    uint64_t seqs[ML_FOLD_SUBJECTS];
    size_t count;
};

static int add_subject(const struct ml_reference *reference, void *context)
{
    struct subjects *subjects = context;
    if (reference->role != ML_FIELD_SUBJECT)
        return MLEDGER_OK;
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects->seqs[i] == reference->seq)
            return MLEDGER_OK;
    if (subjects->count < ML_FOLD_SUBJECTS)
        subjects->seqs[subjects->count++] = reference->seq;
    return MLEDGER_OK;
}

/* A record that is looked at again, and what is indexed of it. */
struct looked_at {
    struct ml_arena arena;
    struct subjects subjects;
    struct ml_record record;
    struct ml_index_record indexed; /* without the attachment */
};

static void looked_at_release(struct looked_at *looked_at)
{
    ml_arena_release(&looked_at->arena);
}

/* 1: it is there; 0: it cannot be read, which was reported. Initialises *ret in any case. */
static int look_at(struct ml_verify *verify, uint64_t seq, struct looked_at *ret)
{
    struct ml_key_u64 key = ml_key_u64(seq);
    struct ml_span bytes;
    *ret = (struct looked_at){0};
    ml_arena_init(&ret->arena, ML_LIMIT_UNPACKED);
    int result =
        ml_kv_get(verify->txn, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes), &bytes);
    if (result < 0)
        return result == MLEDGER_ENOTFOUND ? 0 : result;
    if (ml_record_read(bytes, seq, &ret->arena, &ret->record) < 0 || !ret->record.event)
        return 0;
    const Mledger__Event *event = ret->record.event;
    const uint8_t *salt;
    if (ml_event_creates(event, &salt) != MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED)
        ret->subjects.seqs[ret->subjects.count++] = seq;
    ML_TRY(ml_event_references(event, add_subject, &ret->subjects));
    ret->indexed = indexed_of(&ret->record, ret->subjects.seqs, ret->subjects.count);
    return 1;
}

struct wanted {
    struct ml_span key;
    bool found;
};

static int is_wanted(struct ml_span key, void *context)
{
    struct wanted *wanted = context;
    wanted->found |= ml_span_equal(key, wanted->key);
    return MLEDGER_OK;
}

/* Stored keys that lead to records from digests which, if anywhere, stand in their attachments: an
 * attachment is read once, so they are only counted here. By record. */
struct attached {
    struct ml_verify *verify;
    uint32_t *counts;
};

static int check_stored_key(const struct attached *attached, struct ml_span key,
                            struct ml_span value)
{
    struct ml_verify *verify = attached->verify;
    if (key.len < 1 + sizeof(uint64_t)) /* what it is, and a seq */
        return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "index", MLEDGER_NO_SEQ,
                                "derived data damaged: the index holds a key that is none");
    uint64_t seq = ml_index_seq(key);
    struct wanted wanted = {.key = key};
    ML_CLEANUP(looked_at_release) struct looked_at looked_at;
    int is_there = look_at(verify, seq, &looked_at);
    ML_TRY(is_there);
    if (is_there)
        ML_TRY(ml_index_keys(&looked_at.indexed, is_wanted, &wanted));
    if (!wanted.found && is_there && key.data[0] == ML_INDEX_DIGEST &&
        ml_index_attachment(looked_at.record.event) && seq < verify->core.fold.head.size) {
        attached->counts[seq]++;
        wanted.found = true;
    }
    if (!wanted.found)
        return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "index", seq,
                                "derived data damaged: the index leads to it from something that "
                                "it does not hold");
    if (value.len > 0)
        return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "index", seq,
                                "derived data damaged: an index entry holds a value");
    return MLEDGER_OK;
}

static int check_stored(const struct attached *attached)
{
    ML_CLEANUP(ml_verify_walk_close) struct ml_verify_walk walk = {0};
    ML_TRY(ml_verify_walk_open(&walk, attached->verify, attached->verify->txn, ML_TABLE_INDEX));
    struct ml_span key, value;
    int result = ml_verify_walk_next(&walk, &key, &value);
    while (result == MLEDGER_OK) {
        ML_TRY(check_stored_key(attached, key, value));
        result = ml_verify_walk_next(&walk, &key, &value);
    }
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static int count_if_missing(struct ml_span key, void *context)
{
    struct ml_verify *verify = context;
    struct ml_span value;
    int result = ml_kv_get(verify->txn, ML_TABLE_INDEX, key, &value);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "index", ml_index_seq(key),
                            "derived data damaged: the index lacks an entry that leads to it");
}

/* The keys of an attachment that the event does not give, each once. */
static int attached_keys(const struct looked_at *looked_at, struct ml_span attachment,
                         struct keys *keys)
{
    struct ml_index_record indexed = looked_at->indexed;
    struct keys own = {0};
    size_t kept = 0;
    int result = ml_index_keys(&indexed, collect_key, &own);
    indexed.attachment = attachment;
    if (result >= 0)
        result = ml_index_attached_keys(&indexed, collect_key, keys);
    sort_keys(&own);
    sort_keys(keys);
    for (size_t i = 0; result >= 0 && i < keys->count; i++)
        if ((kept == 0 || compare_keys(&keys->keys[kept - 1], &keys->keys[i]) != 0) &&
            (own.count == 0 ||
             !bsearch(&keys->keys[i], own.keys, own.count, sizeof *own.keys, compare_keys)))
            keys->keys[kept++] = keys->keys[i];
    keys->count = kept;
    free(own.keys);
    return result;
}

/* Each of the keys is in the store, and no others: `stored` lead to the record. */
static int compare_attached(struct ml_verify *verify, uint64_t seq, const struct keys *keys,
                            uint32_t stored)
{
    uint32_t found = 0;
    for (size_t i = 0; i < keys->count; i++) {
        struct ml_span value;
        int result =
            ml_kv_get(verify->txn, ML_TABLE_INDEX, ml_state_key_span(&keys->keys[i]), &value);
        if (result < 0 && result != MLEDGER_ENOTFOUND)
            return result;
        found += result == MLEDGER_OK;
    }
    if (found < keys->count)
        ML_TRY(ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "index", seq,
                                "derived data damaged: the index lacks %zu of the %zu entries that "
                                "lead to it from what its attachment holds",
                                keys->count - found, keys->count));
    if (found < stored)
        ML_TRY(ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "index", seq,
                                "derived data damaged: the index leads to it from %" PRIu32
                                " digests that neither it nor its attachment holds",
                                stored - found));
    return MLEDGER_OK;
}

/* What an attachment held that is missing or damaged, which is a fault by itself, cannot be said.
 */
static int check_attached(const struct attached *attached, const struct looked_at *looked_at,
                          uint64_t seq)
{
    struct ml_verify *verify = attached->verify;
    struct keys keys = {0};
    struct ml_span attachment;
    ML_TRY(ml_txn_indexed_attachment(verify->txn, looked_at->record.event, &attachment));
    if (attachment.len == 0)
        return MLEDGER_OK;
    int result = attached_keys(looked_at, attachment, &keys);
    if (result >= 0)
        result = compare_attached(verify, seq, &keys, attached->counts[seq]);
    free(keys.keys);
    return result;
}

static int check_records(const struct attached *attached)
{
    struct ml_verify *verify = attached->verify;
    for (uint64_t seq = 0; seq < verify->core.fold.head.size; seq++) {
        ML_CLEANUP(looked_at_release) struct looked_at looked_at;
        int is_there = look_at(verify, seq, &looked_at);
        ML_TRY(is_there);
        if (!is_there)
            continue;
        ML_TRY(ml_index_keys(&looked_at.indexed, count_if_missing, verify));
        if (ml_index_attachment(looked_at.record.event))
            ML_TRY(check_attached(attached, &looked_at, seq));
    }
    return MLEDGER_OK;
}

int ml_verify_index(struct ml_verify *verify)
{
    struct attached attached = {.verify = verify};
    attached.counts = calloc((size_t)verify->core.fold.head.size + 1, sizeof *attached.counts);
    if (!attached.counts)
        return ml_fail_memory();
    int result = check_stored(&attached);
    if (result >= 0)
        result = check_records(&attached);
    free(attached.counts);
    return result;
}
