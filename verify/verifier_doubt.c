/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a revocation casts doubt on: records that the key signed, or stands in a statement of, after
 * it was no longer to be trusted and before the record that says so. A key ends once, so one
 * pass over the records names all.
 */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "verify/verifier_private.h"

/* The doubt about one key: seqs, half-open. */
struct doubt {
    uint64_t from, until;
};

int ml_verify_note_revocation(struct ml_verifier *verifier, const struct ml_record *record)
{
    if (record->event->kind_case != MLEDGER__EVENT__KIND_KEY_REVOKED)
        return MLEDGER_OK;
    const Mledger__KeyRevoked *revoked = record->event->key_revoked;
    uint64_t seq = record->header->seq;
    if (!revoked->has_since_seq || revoked->since_seq >= seq)
        return MLEDGER_OK;
    struct doubt doubt = {.from = revoked->since_seq, .until = seq};
    if (verifier->doubt_until == 0 || doubt.from < verifier->doubt_from)
        verifier->doubt_from = doubt.from;
    verifier->doubt_until = doubt.until;
    return ml_state_put(verifier->doubts, ML_SPAN(revoked->key.data, ML_KEY_SIZE),
                        ML_SPAN(&doubt, sizeof doubt));
}

/* Whether `key` was in doubt at `seq`; then also since which record that is known. */
static int is_doubtful(struct ml_verifier *verifier, const uint8_t key[ML_KEY_SIZE], uint64_t seq,
                       uint64_t *ret_said_by, bool *ret_doubtful)
{
    struct ml_span value;
    int result = ml_state_get(verifier->doubts, ML_SPAN(key, ML_KEY_SIZE), &value);
    if (result == MLEDGER_ENOTFOUND) {
        *ret_doubtful = false;
        return MLEDGER_OK;
    }
    ML_TRY(result);
    struct doubt doubt;
    memcpy(&doubt, value.data, sizeof doubt);
    *ret_said_by = doubt.until;
    *ret_doubtful = seq >= doubt.from && seq < doubt.until;
    return MLEDGER_OK;
}

/* Each key that speaks in the record, its signer first, until one is in doubt. */
static int name_record(struct ml_verifier *verifier, const struct ml_record *record)
{
    uint64_t seq = record->header->seq, said_by = 0;
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    bool doubtful;
    ML_TRY(is_doubtful(verifier, record->header->signer.data, seq, &said_by, &doubtful));
    for (size_t i = 0; !doubtful && i < count; i++)
        ML_TRY(is_doubtful(verifier, record->signed_statements->statements[i]->key.data, seq,
                           &said_by, &doubtful));
    if (!doubtful)
        return MLEDGER_OK;
    return ml_verify_report(
        verifier, ML_SEVERITY_DOUBT, "key-doubt", seq,
        "a key speaks in it that record %" PRIu64 " says was not to be trusted any more", said_by);
}

/* A record that cannot be read was reported when it was first seen. */
static bool reopen(struct ml_verifier *verifier, struct ml_verify_input *input,
                   struct ml_arena *arena, struct ml_record *record)
{
    const struct ml_verify_source *source = verifier->source;
    if (source->decode && source->decode(source->context, arena, input) < 0)
        return false;
    return ml_verify_open(input, arena, record) >= 0 &&
           (input->entry || ml_record_read_payload(record, arena) >= 0);
}

int ml_verify_name_doubtful(struct ml_verifier *verifier)
{
    const struct ml_verify_source *source = verifier->source;
    if (verifier->doubt_until == 0)
        return MLEDGER_OK;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, SIZE_MAX / 2);
    if (!source->seek)
        return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "key-doubt", MLEDGER_NO_SEQ,
                                "keys were revoked with a date in the past, and what they signed "
                                "until then cannot be read again here");
    ML_TRY(source->seek(source->context, verifier->doubt_from));
    for (;;) {
        ml_arena_clear(&arena);
        struct ml_verify_input input;
        struct ml_record record;
        int result = source->next(source->context, &arena, &input);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK;
        ML_TRY(result);
        if (!reopen(verifier, &input, &arena, &record))
            continue;
        if (record.header->seq >= verifier->doubt_until)
            return MLEDGER_OK;
        ML_TRY(name_record(verifier, &record));
    }
}
