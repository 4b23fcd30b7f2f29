/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/impact_words.h"

#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/query/as_of.h"
#include "ledger/query/reference.h"

/* What is asked about, while its words are read. */
struct asked {
    struct ml_reader *reader;
    const struct ml_impact_words *words;
    struct ml_basis *basis;
    struct ml_target *targets;
    uint64_t *records;
    size_t n_targets, cap_targets, n_records, cap_records;
    uint64_t since; /* the first record of a key that counts */
};

static void asked_release(struct asked *asked)
{
    free(asked->targets);
    free(asked->records);
}

/* ---- keys ---- */

/* A record that several keys signed counts once. */
static int compare_seqs(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void settle_records(struct asked *asked)
{
    size_t kept = 0;
    if (asked->n_records)
        qsort(asked->records, asked->n_records, sizeof *asked->records, compare_seqs);
    for (size_t i = 0; i < asked->n_records; i++)
        if (kept == 0 || asked->records[i] != asked->records[kept - 1])
            asked->records[kept++] = asked->records[i];
    asked->n_records = kept;
}

/* The index knows a key by its first half. */
static int is_by(struct asked *asked, uint64_t seq, const uint8_t key[ML_KEY_SIZE], bool *ret_is)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(asked->reader, seq, &record));
    *ret_is = memcmp(record->header->signer.data, key, ML_KEY_SIZE) == 0;
    for (size_t i = 0; record->signed_statements && i < record->signed_statements->n_statements;
         i++)
        *ret_is |=
            memcmp(record->signed_statements->statements[i]->key.data, key, ML_KEY_SIZE) == 0;
    return MLEDGER_OK;
}

static int add_key(struct asked *asked, const char *name)
{
    uint8_t key[ML_KEY_SIZE];
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_key_by_name(asked->words->names, asked->reader->view, name, key));
    struct ml_state_key prefix = ml_index_key_prefix(key);
    ML_TRY(ml_reader_seqs(asked->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    ML_TRY(ml_grow(&asked->records, &asked->cap_records, asked->n_records + count,
                   sizeof *asked->records));
    size_t before = asked->n_records;
    for (size_t i = 0; i < count; i++) {
        bool is;
        ML_TRY(is_by(asked, seqs[i], key, &is));
        if (is && seqs[i] >= asked->since)
            asked->records[asked->n_records++] = seqs[i];
    }
    if (asked->n_records > before)
        return MLEDGER_OK;
    return ml_basis_unknown(asked->basis, "key '%s' signed no record%s", name,
                            asked->since ? " since then" : "");
}

static int find_since(struct asked *asked, const char *since)
{
    struct ml_as_of moment;
    ML_TRY(ml_as_of_parse(since, &moment));
    ML_TRY(ml_as_of_since(asked->reader->view, &moment, &asked->since));
    if (moment.kind != ML_AS_OF_TIME)
        return MLEDGER_OK;
    return ml_basis_unknown(asked->basis,
                            "since #%" PRIu64 " goes by times that the ledger's own keys wrote, "
                            "which who stole one could choose",
                            asked->since);
}

/* ---- anything ---- */

static int add_reference(struct asked *asked, const char *text)
{
    struct ml_reference_text reference;
    struct ml_target target;
    ML_TRY(ml_reference_parse(text, &reference));
    int result = ml_reference_resolve(asked->reader, &reference, &target);
    if (result == MLEDGER_ENOTFOUND && reference.form == ML_REFERENCE_WORD) {
        struct ml_error error;
        ml_error_get(&error);
        result = add_key(asked, text);
        return result == MLEDGER_ENOTFOUND ? ml_error_set(&error) : result;
    }
    ML_TRY(result);
    if (target.kind == ML_TARGET_ACTOR) {
        ml_fail(MLEDGER_EUSAGE, "an actor has no lineage; each of their keys has");
        return ml_hint("mledger key list; mledger impact key:NAME");
    }
    ML_TRY(ml_grow(&asked->targets, &asked->cap_targets, asked->n_targets + 1, sizeof target));
    asked->targets[asked->n_targets++] = target;
    return MLEDGER_OK;
}

static int add_all(struct asked *asked)
{
    const struct ml_impact_words *words = asked->words;
    bool any_key = false;
    if (words->since)
        ML_TRY(find_since(asked, words->since));
    for (size_t i = 0; i < words->count; i++) {
        const char *key = ml_key_named(words->what[i]);
        const size_t targets = asked->n_targets;
        ML_TRY(key ? add_key(asked, key) : add_reference(asked, words->what[i]));
        any_key |= asked->n_targets == targets;
    }
    settle_records(asked);
    if (words->since && !any_key)
        return ml_fail(MLEDGER_EUSAGE, "'since' is about the records of a key, and none is named");
    return MLEDGER_OK;
}

int ml_impact_ask(struct ml_reader *reader, const struct ml_impact_words *words,
                  struct ml_basis *basis, struct ml_impact *ret_impact)
{
    ML_CLEANUP(asked_release)
    struct asked asked = {.reader = reader, .words = words, .basis = basis};
    *ret_impact = (struct ml_impact){0};
    ML_TRY(add_all(&asked));
    const struct ml_impact_question question = {
        .starts = {.targets = asked.targets,
                   .n_targets = asked.n_targets,
                   .records = asked.records,
                   .n_records = asked.n_records},
        .same_content = words->same_content,
        .inferred = words->inferred,
        .max_nodes = words->max_nodes,
    };
    return ml_impact(reader, &question, basis, ret_impact);
}
