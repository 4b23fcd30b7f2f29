/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ledger_client/trust.h"

#include <inttypes.h>

#include "ledger/core/consistency.h"
#include "ledger/core/hex.h"
#include "ledger/store/conflict.h"
#include "ledger/store/known_head.h"

void ml_trust_release(struct ml_trust *trust)
{
    ml_pin_release(&trust->pin);
    ml_note_release(&trust->parsed);
    ml_buf_release(&trust->note);
}

/* ---- which ledger ---- */

/* Record 0 says who the ledger is: its leaf is the identity, and it names the first log key. */
static int pin_first(struct ml_trust *trust, uint8_t ret_identity[ML_HASH_SIZE])
{
    ML_CLEANUP(ml_trust_record_release) struct ml_trust_record genesis;
    struct ml_vkey vkey;
    bool proven;
    ML_TRY(ml_trust_record(trust, 0, &genesis, &proven));
    const Mledger__Event *event = genesis.record.event;
    if (!event || event->kind_case != MLEDGER__EVENT__KIND_LEDGER_CREATED ||
        event->ledger_created->log_key.len != ML_KEY_SIZE)
        return ml_fail(MLEDGER_EDAMAGED, "record 0 of '%s' creates no ledger",
                       ml_api_client_url(trust->client));
    const char *origin = event->ledger_created->origin;
    ML_TRY(ml_vkey_make(ML_VKEY_ED25519, ML_SPAN(origin, strlen(origin)),
                        event->ledger_created->log_key.data, &vkey));
    memcpy(ret_identity, genesis.leaf, ML_HASH_SIZE);
    return ml_pin_add(&trust->pin, &vkey);
}

static int make_pin(struct ml_trust *trust)
{
    trust->is_new = true;
    trust->pin.url = strdup(ml_api_client_url(trust->client));
    if (!trust->pin.url)
        return ml_fail_memory();
    return pin_first(trust, trust->pin.identity);
}

static int check_identity(const struct ml_trust *trust, const uint8_t *wanted)
{
    char expected[ML_HEX_SIZE(ML_HASH_SIZE)], found[ML_HEX_SIZE(ML_HASH_SIZE)];
    if (!wanted || memcmp(wanted, trust->pin.identity, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    ml_hex_encode(expected, wanted, ML_HASH_SIZE);
    ml_hex_encode(found, trust->pin.identity, ML_HASH_SIZE);
    return ml_fail(MLEDGER_EDAMAGED, "'%s' has the ledger %s, not %s",
                   ml_api_client_url(trust->client), found, expected);
}

int ml_trust_open(struct ml_api_client *client, const char *known_dir,
                  const struct ml_trust_options *options, struct ml_trust *ret_trust)
{
    *ret_trust = (struct ml_trust){.client = client, .known_dir = known_dir};
    const int result = ml_pin_read(known_dir, ml_api_client_url(client), &ret_trust->pin);
    if (result == MLEDGER_ENOTFOUND)
        ML_TRY(make_pin(ret_trust));
    else
        ML_TRY(result);
    ML_TRY(check_identity(ret_trust, options->identity));
    const size_t before = ret_trust->pin.n_vkeys;
    for (size_t i = 0; i < options->n_vkeys; i++)
        ML_TRY(ml_pin_add(&ret_trust->pin, &options->vkeys[i]));
    if (!ret_trust->is_new && before == ret_trust->pin.n_vkeys)
        return MLEDGER_OK;
    return ml_pin_write(known_dir, &ret_trust->pin);
}

/* ---- which history ---- */

/* A checkpoint on its way to being trusted. */
struct candidate {
    struct ml_buf bytes;
    struct ml_note note;
    struct ml_checkpoint checkpoint;
};

static void candidate_release(struct candidate *candidate)
{
    ml_note_release(&candidate->note);
    ml_buf_release(&candidate->bytes);
}

static int check_signed(const struct ml_trust *trust, const struct candidate *candidate)
{
    const char *origin = trust->pin.vkeys[0].name;
    const struct ml_span found = candidate->checkpoint.origin;
    if (!ml_span_equal(found, ML_SPAN(origin, strlen(origin))))
        return ml_fail(MLEDGER_EDAMAGED, "the server's checkpoint is of '%.*s', not of '%s'",
                       (int)found.len, (const char *)found.data, origin);
    if (ml_note_verify(&candidate->note, trust->pin.vkeys, trust->pin.n_vkeys, NULL) >= 0)
        return MLEDGER_OK;
    struct ml_error error;
    ml_error_get(&error);
    (void)ml_fail(MLEDGER_EDAMAGED,
                  "the server's checkpoint is not signed by a log key that is "
                  "known of its ledger: %s",
                  error.text);
    return ml_hint("--vkey VKEY, as 'mledger key log' prints it where the ledger is, if it has a "
                   "new one");
}

static int read_candidate(const struct ml_trust *trust, struct candidate *candidate)
{
    ML_TRY(ml_checkpoint_open(ml_buf_span(&candidate->bytes), &candidate->note,
                              &candidate->checkpoint));
    if (candidate->checkpoint.size == 0)
        return ml_fail(MLEDGER_EDAMAGED, "the server's checkpoint is of no records");
    return check_signed(trust, candidate);
}

static int fetch_candidate(struct ml_trust *trust, uint64_t covering, struct candidate *candidate)
{
    struct ml_api_ask ask;
    ml_api_ask(trust->client, &ask, "checkpoint");
    if (covering != MLEDGER_NO_SEQ)
        ml_api_ask_number(&ask, "covering", covering);
    ML_TRY(ml_api_get(trust->client, &ask, &candidate->bytes));
    if (read_candidate(trust, candidate) < 0) {
        struct ml_error error;
        ml_error_get(&error);
        if (error.code == MLEDGER_EINVALID)
            error.code = MLEDGER_EDAMAGED;
        return ml_error_set(&error);
    }
    if (covering != MLEDGER_NO_SEQ && candidate->checkpoint.size <= covering)
        return ml_fail(MLEDGER_ENOTFOUND, "no checkpoint covers record %" PRIu64 " yet", covering);
    return MLEDGER_OK;
}

/* The newest that was seen of this ledger on this machine; of no bytes: none was. */
static int read_known(const struct ml_trust *trust, struct candidate *known)
{
    const int result =
        ml_known_checkpoint_read(trust->known_dir, trust->pin.identity, &known->bytes);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    return ml_checkpoint_open(ml_buf_span(&known->bytes), &known->note, &known->checkpoint);
}

/* Does the smaller tree begin the larger one? MLEDGER_EDAMAGED: the server cannot show it. */
static int check_consistency(struct ml_trust *trust, const struct ml_checkpoint *before,
                             const struct ml_checkpoint *after)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_consistency proof;
    struct ml_api_ask ask;
    ml_api_ask(trust->client, &ask, "proof/consistency");
    ml_api_ask_number(&ask, "old_size", before->size);
    ml_api_ask_number(&ask, "new_size", after->size);
    const int result = ml_api_get(trust->client, &ask, &text);
    if (result == MLEDGER_ESYSTEM)
        return result; /* which says nothing of the ledger */
    if (result < 0 || ml_consistency_parse(ml_buf_span(&text), &proof) < 0 ||
        proof.before.size != before->size || proof.after.size != after->size ||
        memcmp(proof.before.root, before->root, ML_HASH_SIZE) != 0 ||
        memcmp(proof.after.root, after->root, ML_HASH_SIZE) != 0 ||
        ml_consistency_check(&proof) < 0) {
        ml_error_clear();
        return ml_fail(MLEDGER_EDAMAGED, "not shown");
    }
    return MLEDGER_OK;
}

/* What the log key has signed is kept, for others to see. */
static int keep_both(struct ml_trust *trust, const struct candidate *known,
                     const struct candidate *candidate)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    const uint64_t old_size = known->checkpoint.size, new_size = candidate->checkpoint.size;
    ML_TRY(ml_conflict_keep(trust->known_dir, trust->pin.identity, ml_buf_span(&known->bytes),
                            ml_buf_span(&candidate->bytes), &path));
    if (old_size == new_size)
        (void)ml_fail(MLEDGER_EDAMAGED,
                      "the log key has signed two different trees of %" PRIu64
                      " records; both checkpoints are kept in '%s'",
                      old_size, path);
    else
        (void)ml_fail(MLEDGER_EDAMAGED,
                      "the server does not show that its checkpoint over %" PRIu64
                      " records and the one over %" PRIu64
                      " that was seen here are of one history; both are kept in '%s'",
                      new_size, old_size, path);
    ml_add_hint("mledger checkpoint compare; do not rely on this server until this is explained");
    return ml_blame("checkpoint-conflict");
}

/* Holds the candidate against what was seen. 1: what was seen is newer, and covers as much. */
static int compare(struct ml_trust *trust, const struct candidate *known,
                   const struct candidate *candidate)
{
    if (known->bytes.len == 0)
        return 0;
    const struct ml_checkpoint *old = &known->checkpoint, *new = &candidate->checkpoint;
    const bool older = new->size < old->size;
    int result;
    if (old->size == new->size)
        result = memcmp(old->root, new->root, ML_HASH_SIZE) == 0 ? 0 : MLEDGER_EDAMAGED;
    else
        result = older ? check_consistency(trust, new, old) : check_consistency(trust, old, new);
    if (result == MLEDGER_EDAMAGED)
        return keep_both(trust, known, candidate);
    ML_TRY(result);
    return older;
}

static int take(struct ml_trust *trust, struct candidate *candidate)
{
    ml_note_release(&trust->parsed);
    ml_buf_release(&trust->note);
    trust->note = candidate->bytes;
    candidate->bytes = (struct ml_buf){0};
    trust->parsed = (struct ml_note){0};
    return ml_checkpoint_open(ml_buf_span(&trust->note), &trust->parsed, &trust->checkpoint);
}

/* The last record under the checkpoint is what a client has seen of the ledger. */
static int note_known(struct ml_trust *trust)
{
    ML_CLEANUP(ml_trust_record_release) struct ml_trust_record last;
    struct ml_known_head known = {.size = trust->checkpoint.size};
    ML_TRY(ml_trust_record(trust, trust->checkpoint.size - 1, &last, NULL));
    memcpy(known.link, last.link, ML_HASH_SIZE);
    memcpy(trust->link, last.link, ML_HASH_SIZE);
    ML_TRY(ml_known_head_write(trust->known_dir, trust->pin.identity, &known));
    return ml_known_checkpoint_write(trust->known_dir, trust->pin.identity,
                                     ml_buf_span(&trust->note));
}

int ml_trust_checkpoint(struct ml_trust *trust, uint64_t covering)
{
    ML_CLEANUP(candidate_release) struct candidate candidate = {0}, known = {0};
    ML_TRY(fetch_candidate(trust, covering, &candidate));
    ML_TRY(read_known(trust, &known));
    const int known_is_newer = compare(trust, &known, &candidate);
    ML_TRY(known_is_newer);
    ML_TRY(take(trust, known_is_newer ? &known : &candidate));
    return note_known(trust);
}
