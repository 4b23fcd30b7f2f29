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

static int index_keys(const struct ml_record *record, const uint64_t *subjects, size_t n_subjects,
                      ml_index_visitor *visit, void *context)
{
    const struct ml_index_record indexed = {
        .seq = record->header->seq,
        .event = record->event,
        .signer = record->header->signer.data,
        .signed_statements = record->signed_statements,
        .subjects = subjects,
        .n_subjects = n_subjects,
    };
    return ml_index_keys(&indexed, visit, context);
}

int ml_verify_index_add(void *context, const struct ml_record *record,
                        const struct ml_fold_result *result)
{
    struct ml_verify *verify = context;
    struct keys keys = {0};
    int outcome = index_keys(record, result->subjects, result->n_subjects, collect_key, &keys);
    if (outcome >= 0 && keys.count > 1)
        qsort(keys.keys, keys.count, sizeof *keys.keys, compare_keys);
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

/* The keys that record `seq` has; none if it cannot be read, which was reported. */
static int record_keys(struct ml_verify *verify, uint64_t seq, ml_index_visitor *visit,
                       void *context)
{
    struct ml_key_u64 key = ml_key_u64(seq);
    struct ml_span bytes;
    int result =
        ml_kv_get(verify->txn, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes), &bytes);
    if (result < 0)
        return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    struct ml_record record;
    if (ml_record_read(bytes, seq, &arena, &record) < 0 || !record.event)
        return MLEDGER_OK;
    struct subjects subjects = {0};
    const uint8_t *salt;
    if (ml_event_creates(record.event, &salt) != MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED)
        subjects.seqs[subjects.count++] = seq;
    ML_TRY(ml_event_references(record.event, add_subject, &subjects));
    return index_keys(&record, subjects.seqs, subjects.count, visit, context);
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

static int check_stored_key(struct ml_verify *verify, struct ml_span key, struct ml_span value)
{
    if (key.len < 1 + sizeof(uint64_t)) /* what it is, and a seq */
        return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "index", MLEDGER_NO_SEQ,
                                "derived data damaged: the index holds a key that is none");
    uint64_t seq = ml_index_seq(key);
    struct wanted wanted = {.key = key};
    ML_TRY(record_keys(verify, seq, is_wanted, &wanted));
    if (!wanted.found)
        return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "index", seq,
                                "derived data damaged: the index leads to it from something that "
                                "it does not hold");
    if (value.len > 0)
        return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "index", seq,
                                "derived data damaged: an index entry holds a value");
    return MLEDGER_OK;
}

static int check_stored(struct ml_verify *verify)
{
    ML_CLEANUP(ml_verify_walk_close) struct ml_verify_walk walk = {0};
    ML_TRY(ml_verify_walk_open(&walk, verify, verify->txn, ML_TABLE_INDEX));
    struct ml_span key, value;
    int result = ml_verify_walk_next(&walk, &key, &value);
    while (result == MLEDGER_OK) {
        ML_TRY(check_stored_key(verify, key, value));
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

int ml_verify_index(struct ml_verify *verify)
{
    ML_TRY(check_stored(verify));
    for (uint64_t seq = 0; seq < verify->core.fold.head.size; seq++)
        ML_TRY(record_keys(verify, seq, count_if_missing, verify));
    return MLEDGER_OK;
}
