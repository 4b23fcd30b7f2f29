/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server says of its ledger, as far as it can be shown: a checkpoint signed by a log key
 * that is known, which goes on from the newest one that was seen here; and records that are proven
 * to be under it. A server that shows two histories, or forgets one, is found out, and what it
 * signed is kept as evidence (ledger/store/conflict.h).
 *
 * All errors of MLEDGER_EDAMAGED: what the server says does not fit together. Belongs to one
 * thread.
 */
#ifndef ML_SERVE_LEDGER_CLIENT_TRUST_H
#define ML_SERVE_LEDGER_CLIENT_TRUST_H

#include "ledger/core/checkpoint.h"
#include "ledger/core/merkle_proof.h"
#include "ledger/core/record.h"
#include "serve/ledger_client/client.h"
#include "serve/ledger_client/pin.h"

struct ml_trust {
    struct ml_api_client *client; /* borrowed */
    const char *known_dir;        /* borrowed */
    struct ml_pin pin;
    bool is_new;        /* the pin was made just now, at the first contact */
    struct ml_buf note; /* the checkpoint that is trusted; empty: none yet */
    struct ml_note parsed;
    struct ml_checkpoint checkpoint; /* of it */
    uint8_t link[ML_HASH_SIZE];      /* of its last record */
};
void ml_trust_release(struct ml_trust *trust);

/* What is known from elsewhere. */
struct ml_trust_options {
    const uint8_t *identity;     /* NULL: whatever the pin says, or else the first contact */
    const struct ml_vkey *vkeys; /* log keys to trust besides, which the pin takes up */
    size_t n_vkeys;
};

/* Reads the pin of the server, or makes one from its record 0. Client and directory are borrowed.
 * Initialises *ret_trust in any case. MLEDGER_EDAMAGED: its ledger is another. */
int ml_trust_open(struct ml_api_client *client, const char *known_dir,
                  const struct ml_trust_options *options, struct ml_trust *ret_trust) ML_MUST_USE;

/*
 * Has a checkpoint that covers record `covering` (MLEDGER_NO_SEQ: the newest one), and notes it as
 * known. MLEDGER_ENOTFOUND: the server has none that does. MLEDGER_EDAMAGED: no known key has
 * signed it; or, rule "checkpoint-conflict", it does not go on from what was seen here, and both
 * are kept.
 */
int ml_trust_checkpoint(struct ml_trust *trust, uint64_t covering) ML_MUST_USE;

/* A record as it came, and how it is proven. */
struct ml_trust_record {
    struct ml_buf bytes; /* as the store keeps it */
    struct ml_arena arena;
    struct ml_record record;
    uint8_t link[ML_HASH_SIZE], leaf[ML_HASH_SIZE];
    struct ml_merkle_proof path; /* to the checkpoint's root */
};
void ml_trust_record_release(struct ml_trust_record *record);
/* Reads record `seq` and checks its form, its signature, those of its statements and, if there is
 * a checkpoint that covers it, that it stands there. Initialises *ret_record in any case.
 * *ret_proven (NULL: a record that is not covered is MLEDGER_ENOTFOUND). */
int ml_trust_record(struct ml_trust *trust, uint64_t seq, struct ml_trust_record *ret_record,
                    bool *ret_proven) ML_MUST_USE;
/* Appends the proof of a record that is proven, a C2SP tlog-proof with the checkpoint. */
int ml_trust_proof(const struct ml_trust *trust, const struct ml_trust_record *record,
                   struct ml_buf *ret_text) ML_MUST_USE;

#endif
