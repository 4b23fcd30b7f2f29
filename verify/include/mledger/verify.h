/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification: everything that can be derived from a ledger's records is derived again and
 * compared. It never writes and never repairs. docs/FINDINGS.md explains each code.
 *
 * Threads: any number of verifications may run at once, each on all cores.
 */
#ifndef MLEDGER_VERIFY_H
#define MLEDGER_VERIFY_H

#include "mledger/ledger.h"

#ifdef __cplusplus
extern "C" {
#endif

enum mledger_verify_level {
    MLEDGER_VERIFY_FULL = 0,
    MLEDGER_VERIFY_CHAIN = 1, /* headers alone: numbers, chain, times; nothing signed */
};

enum mledger_severity {
    MLEDGER_FAULT = 0,      /* something is wrong */
    MLEDGER_DOUBT = 1,      /* in order by itself, by a key that is not trusted any more */
    MLEDGER_NOT_PROVEN = 2, /* nothing that was given proves or disproves it */
};

/* What was found; borrowed, for the time of the call. */
struct mledger_finding {
    const char *code; /* stable: "chain", "signature", "rule", … */
    enum mledger_severity severity;
    const char *rule; /* which, when the code is "rule"; else "" */
    uint64_t seq;     /* MLEDGER_NO_SEQ: no record in particular */
    const char *text; /* one sentence */
};
/* Called on the verifying thread, in order. A negative result ends the verification and is what
 * it returns. */
typedef int (*mledger_finding_fn)(void *ctx, const struct mledger_finding *finding);

struct mledger_verify_options {
    enum mledger_verify_level level;
    size_t memory_bytes;   /* of state before it spills into a file; 0: 64 MiB */
    const char *spill_dir; /* where that unnamed file is made; NULL: /tmp */
};

struct mledger_verify_result {
    uint64_t records;
    uint64_t faults, doubts, not_proven; /* findings of each severity */
    uint8_t root[MLEDGER_HASH_SIZE];     /* of the tree over the records, at the full level */
};

/*
 * Verifies the ledger as it is when the call begins. MLEDGER_OK means that it was carried through;
 * that the ledger is sound is ret_result->faults == 0. `options` and `visit` may be NULL.
 * MLEDGER_ESYSTEM: it could not be carried through.
 */
MLEDGER_API int mledger_verify(struct mledger_ledger *ledger,
                               const struct mledger_verify_options *options,
                               mledger_finding_fn visit, void *ctx,
                               struct mledger_verify_result *ret_result) MLEDGER_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
