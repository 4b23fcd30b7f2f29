/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the write path share; append.c tells the story. */
#ifndef ML_STORE_APPEND_PRIVATE_H
#define ML_STORE_APPEND_PRIVATE_H

#include "ledger/core/parallel.h"
#include "ledger/store/ledger_private.h"

enum { ML_PARTS = 3 }; /* event, details, statements */

/* A record, whole but for its signature. Spans lie in the arena or the draft. */
struct ml_built {
    const struct ml_signer *signer;
    uint64_t seq;
    uint32_t format, schema;
    int64_t recorded_at_us;
    struct ml_span header, event, details, statements;
    bool has_details, has_statements;
    uint8_t salts[ML_PARTS][ML_SALT_SIZE];
    uint8_t link[ML_HASH_SIZE];
    uint8_t signature[ML_SIGNATURE_SIZE];
};

/* An index key, padded with zeros, so that an array of them sorts in place. */
struct ml_index_key {
    uint8_t len;
    uint8_t bytes[63];
};

struct ml_sign_job;

struct ml_append {
    struct ml_ledger *ledger;
    struct ml_waiter *waiters;
    struct ml_kv_txn *txn;
    struct ml_state *state;
    struct ml_fold fold;
    struct ml_arena arena;
    struct ml_random random;
    int64_t now_us;
    struct ml_built *built; /* room for every draft: signers hold on to what was built */
    size_t n_built;
    struct ml_sign_job *jobs; /* as many as could be needed */
    size_t n_jobs;
    size_t job_records; /* that make a job */
    size_t n_given;     /* records that were given to jobs */
    struct ml_index_key *keys;
    size_t n_keys, cap_keys;
    struct ml_merkle_frontier frontier;
    bool nothing_to_write;
    bool names_attachments; /* a record built so far does */
};

/* append_build.c: completes a draft, folds it through the rules, serialises it, commits to it
 * and chains its header: one more in `built`. */
int ml_append_build(struct ml_append *append, const struct ml_signer *signer,
                    struct ml_draft *draft) ML_MUST_USE;

/* append_check.c: what the record must find in the store. MLEDGER_EREFUSED names the rule. */
int ml_append_check(struct ml_append *append, const struct ml_draft *draft,
                    const Mledger__Event *event, const Mledger__Details *details) ML_MUST_USE;

/* append_sign.c: signs records on all cores while others are built. */
/* Room for `records`; `jobs` is the caller's to free. */
int ml_append_sign_init(struct ml_append *append, size_t records) ML_MUST_USE;
/* Has signed what was built, once there is enough of it for a job, or if `all`. */
void ml_append_sign_start(struct ml_append *append, bool all);
/* Waits for everything given so far. The error is that of the first record that failed. */
int ml_append_sign_wait(struct ml_append *append) ML_MUST_USE;

static inline ProtobufCBinaryData ml_binary(struct ml_span span)
{
    return (ProtobufCBinaryData){.len = span.len, .data = (uint8_t *)(uintptr_t)span.data};
}

static inline struct ml_span ml_binary_span(ProtobufCBinaryData bytes)
{
    return ML_SPAN(bytes.data, bytes.len);
}

#endif
