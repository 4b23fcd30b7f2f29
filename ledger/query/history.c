/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/history.h"

#include "ledger/core/event.h"
#include "ledger/query/record_text.h"
#include "ledger/query/state_walk.h"

struct gather {
    struct ml_reader *reader;
    struct ml_basis *basis;
    uint64_t *seqs;
    size_t count, cap;
    struct ml_history_key *keys;
    size_t n_keys, cap_keys;
    uint64_t actor; /* whose keys are wanted */
};

static void gather_release(struct gather *gather)
{
    free(gather->seqs);
    free(gather->keys);
}

static int out_of_arena(const struct ml_reader *reader)
{
    return ml_arena_fail(&reader->arena, "a history");
}

/* ---- records ---- */

static int add_under(struct gather *gather, const struct ml_state_key *prefix, size_t *ret_count)
{
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_basis_about(gather->basis, prefix, ML_ABOUT_ALL));
    ML_TRY(ml_reader_seqs(gather->reader, prefix, SIZE_MAX, &seqs, &count, &more));
    ML_TRY(ml_grow(&gather->seqs, &gather->cap, gather->count + count, sizeof *gather->seqs));
    if (count)
        memcpy(gather->seqs + gather->count, seqs, count * sizeof *seqs);
    gather->count += count;
    *ret_count = count;
    return MLEDGER_OK;
}

static int by_seq(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static void settle(struct gather *gather)
{
    size_t kept = 0;
    if (gather->count)
        qsort(gather->seqs, gather->count, sizeof *gather->seqs, by_seq);
    for (size_t i = 0; i < gather->count; i++)
        if (i == 0 || gather->seqs[i] != gather->seqs[i - 1])
            gather->seqs[kept++] = gather->seqs[i];
    gather->count = kept;
}

/* What the ledger says today of a key that speaks in record `seq`; a revocation after as_of is not
 * known yet. */
static int judge_key(struct ml_reader *reader, const uint8_t *key, struct ml_history_entry *entry)
{
    Mledger__KeyState *state;
    int result = ml_state_key_entry(reader->view->state, key, &reader->arena, &state);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    uint64_t seq = entry->change.seq;
    if (!state->has_until_seq || state->until_seq > reader->as_of)
        return MLEDGER_OK;
    entry->revoked |= seq > state->until_seq;
    entry->doubted |= state->has_doubted_from && seq >= state->doubted_from;
    return MLEDGER_OK;
}

static int judge(struct ml_reader *reader, const struct ml_record *record,
                 struct ml_history_entry *entry)
{
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    ML_TRY(judge_key(reader, record->header->signer.data, entry));
    for (size_t i = 0; i < count; i++)
        ML_TRY(judge_key(reader, record->signed_statements->statements[i]->key.data, entry));
    return MLEDGER_OK;
}

static int read_entry(struct ml_reader *reader, uint64_t seq, struct ml_history_entry *entry)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(reader, seq, &record));
    ML_TRY(ml_change_read(reader, record, &entry->change));
    ML_TRY(ml_reader_describe(reader, record, ml_record_subject, &entry->subject));
    ML_TRY(ml_reader_describe(reader, record, ml_record_summary, &entry->summary));
    ML_TRY(ml_record_erased_by(reader->view, record, &entry->erased_by));
    if (entry->erased_by != MLEDGER_NO_SEQ && entry->erased_by > reader->as_of)
        entry->erased_by = MLEDGER_NO_SEQ;
    entry->kind = ml_event_name(record->event);
    entry->signer = record->header->signer.data;
    return judge(reader, record, entry);
}

/* The records and keys gathered, for whoever asked. */
static int keep(struct gather *gather, struct ml_history *ret_history)
{
    struct ml_arena *arena = &gather->reader->arena;
    struct ml_history history = {.n_keys = gather->n_keys};
    settle(gather);
    history.entries = ml_arena_calloc(arena, gather->count + 1, sizeof *history.entries);
    history.keys = ml_arena_calloc(arena, gather->n_keys + 1, sizeof *history.keys);
    if (!history.entries || !history.keys)
        return out_of_arena(gather->reader);
    if (gather->n_keys)
        memcpy(history.keys, gather->keys, gather->n_keys * sizeof *history.keys);
    for (size_t i = 0; i < gather->count; i++)
        ML_TRY(read_entry(gather->reader, gather->seqs[i], &history.entries[history.n_entries++]));
    *ret_history = history;
    return MLEDGER_OK;
}

/* ---- keys ---- */

static int read_change(struct ml_reader *reader, uint64_t seq, struct ml_change *ret_change)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(reader, seq, &record));
    return ml_change_read(reader, record, ret_change);
}

/* Whose it is: log keys are the ledger's. */
static int find_owner(struct ml_reader *reader, const Mledger__KeyState *state,
                      struct ml_history_key *known)
{
    const Mledger__SubjectState *actor = NULL;
    if (state->purpose != MLEDGER__KEY_PURPOSE__LOG_KEY)
        ML_TRY(ml_reader_subject(reader, state->actor, &actor));
    known->actor = actor ? actor->name : "the ledger";
    known->actor_seq = actor ? state->actor : MLEDGER_NO_SEQ;
    return MLEDGER_OK;
}

static int copy_roles(struct ml_reader *reader, const Mledger__KeyState *state,
                      struct ml_history_key *known)
{
    Mledger__Role *roles = ml_arena_calloc(&reader->arena, state->n_roles + 1, sizeof *roles);
    uint8_t *key = ml_arena_calloc(&reader->arena, 1, ML_KEY_SIZE);
    if (!roles || !key)
        return out_of_arena(reader);
    if (state->n_roles)
        memcpy(roles, state->roles, state->n_roles * sizeof *roles);
    memcpy(key, known->key, ML_KEY_SIZE);
    known->key = key;
    known->roles = roles;
    known->n_roles = state->n_roles;
    return MLEDGER_OK;
}

static int read_key(struct gather *gather, const uint8_t *key, const Mledger__KeyState *state)
{
    struct ml_reader *reader = gather->reader;
    struct ml_history_key known = {
        .key = key, .purpose = state->purpose, .doubted_from = MLEDGER_NO_SEQ};
    struct ml_state_key prefix = ml_index_key_prefix(key);
    if (state->since_seq > reader->as_of)
        return MLEDGER_OK;
    ML_TRY(copy_roles(reader, state, &known));
    ML_TRY(find_owner(reader, state, &known));
    ML_TRY(read_change(reader, state->since_seq, &known.since));
    known.until.seq = MLEDGER_NO_SEQ;
    if (state->has_until_seq && state->until_seq <= reader->as_of) {
        ML_TRY(read_change(reader, state->until_seq, &known.until));
        known.has_cause = state->has_cause;
        known.cause = state->cause;
        if (state->has_doubted_from)
            known.doubted_from = state->doubted_from;
    }
    ML_TRY(add_under(gather, &prefix, &known.n_signed));
    ML_TRY(ml_grow(&gather->keys, &gather->cap_keys, gather->n_keys + 1, sizeof *gather->keys));
    gather->keys[gather->n_keys++] = known;
    return MLEDGER_OK;
}

static int visit_key(const uint8_t key[ML_KEY_SIZE], const Mledger__KeyState *state, void *context)
{
    struct gather *gather = context;
    if (state->actor != gather->actor || state->purpose == MLEDGER__KEY_PURPOSE__LOG_KEY)
        return 0;
    return read_key(gather, key, state);
}

static int by_since(const void *left, const void *right)
{
    const struct ml_history_key *a = left, *b = right;
    if (a->since.seq != b->since.seq)
        return a->since.seq < b->since.seq ? -1 : 1;
    return memcmp(a->key, b->key, ML_KEY_SIZE);
}

/* What it did by its keys, what was done on its behalf, what was said about it. */
static int gather_actor(struct gather *gather, uint64_t actor)
{
    struct ml_state_key subject = ml_index_subject_prefix(actor);
    struct ml_state_key reference = ml_index_reference_prefix(actor);
    size_t count;
    gather->actor = actor;
    ML_TRY(add_under(gather, &subject, &count));
    ML_TRY(add_under(gather, &reference, &count));
    ML_TRY(ml_key_walk(gather->reader->view, visit_key, gather));
    if (gather->n_keys)
        qsort(gather->keys, gather->n_keys, sizeof *gather->keys, by_since);
    return MLEDGER_OK;
}

/* ---- subjects ---- */

static int subject_of_record(struct ml_reader *reader, uint64_t seq, uint64_t *ret_subject)
{
    struct ml_state_key key = ml_key_recorded(seq);
    int result = ml_state_pointer(reader->view->state, &key, ret_subject);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "the stored state is damaged: it is of nothing");
    return result;
}

static int prefix_of(struct ml_reader *reader, const struct ml_target *target,
                     struct ml_state_key *ret_prefix)
{
    uint64_t subject = target->seq;
    switch (target->kind) {
    case ML_TARGET_VERSION:
        *ret_prefix = ml_index_version_prefix(target->seq, target->version);
        return MLEDGER_OK;
    case ML_TARGET_RUN:
        if (target->seq == MLEDGER_NO_SEQ)
            return ml_index_run_id_prefix(target->name, ret_prefix);
        break;
    case ML_TARGET_DATASET:
    case ML_TARGET_PIPELINE:
        ML_TRY(subject_of_record(reader, target->seq, &subject));
        break;
    case ML_TARGET_RECORD:
        return ml_fail(MLEDGER_EUSAGE, "a record has no history of its own");
    default:
        break;
    }
    *ret_prefix = ml_index_subject_prefix(subject);
    return MLEDGER_OK;
}

/* What names it, whether something made it there or read it. */
static int gather_content(struct gather *gather, const struct ml_target *target)
{
    for (size_t i = 0; i < target->n_digests; i++)
        for (int out = 0; out < 2; out++) {
            const Mledger__Digest *digest = target->digests[i];
            struct ml_state_key prefix = ml_index_digest_prefix(
                digest->algorithm, ML_SPAN(digest->value.data, digest->value.len), out);
            size_t count;
            ML_TRY(add_under(gather, &prefix, &count));
        }
    return MLEDGER_OK;
}

int ml_history_of(struct ml_reader *reader, const struct ml_target *target, struct ml_basis *basis,
                  struct ml_history *ret_history)
{
    ML_CLEANUP(gather_release) struct gather gather = {.reader = reader, .basis = basis};
    struct ml_state_key prefix;
    size_t count;
    if (target->kind == ML_TARGET_ACTOR) {
        ML_TRY(gather_actor(&gather, target->seq));
    } else if (target->kind == ML_TARGET_CONTENT) {
        ML_TRY(gather_content(&gather, target));
    } else {
        ML_TRY(prefix_of(reader, target, &prefix));
        ML_TRY(add_under(&gather, &prefix, &count));
    }
    return keep(&gather, ret_history);
}

int ml_history_of_key(struct ml_reader *reader, const uint8_t key[ML_KEY_SIZE],
                      struct ml_basis *basis, struct ml_history *ret_history)
{
    ML_CLEANUP(gather_release) struct gather gather = {.reader = reader, .basis = basis};
    Mledger__KeyState *state;
    ML_TRY(ml_state_key_entry(reader->view->state, key, &reader->arena, &state));
    ML_TRY(read_key(&gather, key, state));
    return gather.n_keys ? keep(&gather, ret_history) : MLEDGER_ENOTFOUND;
}
