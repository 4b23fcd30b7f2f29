/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verifier: believes nothing that can be derived.
 *
 * It reads the records of one snapshot in order and derives everything again: encoding, gap-free
 * numbers, chain, commitments, signatures, statements, authority, every rule and policy, subject
 * tags, state, indexes, tree, attachments; then it compares with what the store holds, also
 * for what should not be there. It never writes and never repairs. What it cannot prove, it says.
 *
 * Findings have stable codes; docs/FINDINGS.md explains each.
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "ledger/store/ledger.h"

enum ml_verify_level {
    ML_VERIFY_FULL,
    ML_VERIFY_CHAIN, /* headers alone: numbers, chain, times, nothing signed */
};

enum ml_severity {
    ML_SEVERITY_FAULT,      /* something is wrong: the answer is no */
    ML_SEVERITY_DOUBT,      /* in order by itself, but by a key that was later revoked */
    ML_SEVERITY_NOT_PROVEN, /* nothing here proves or disproves it */
};

struct ml_finding {
    const char *code;
    enum ml_severity severity;
    const char *rule; /* which, when the code is "rule"; else "" */
    uint64_t seq;     /* MLEDGER_NO_SEQ: no record in particular */
    const char *text; /* one sentence */
};

/* Called on the verifying thread; the finding is borrowed. A negative result ends it. */
typedef int ml_finding_visitor(const struct ml_finding *finding, void *context);
/* Called now and then with the records done so far; a negative result ends it. */
typedef int ml_verify_progress(uint64_t done, uint64_t total, void *context);

struct ml_verify_options {
    enum ml_verify_level level;
    size_t memory;         /* bytes of state before spilling; 0: 64 MiB */
    const char *spill_dir; /* NULL: /tmp */
    ml_finding_visitor *visit;
    void *visit_context;
    ml_verify_progress *progress; /* NULL: none */
    void *progress_context;
};

struct ml_verify_result {
    struct ml_head head; /* of what was read; size 0: no readable record */
    uint64_t records;    /* read */
    uint64_t statements; /* checked */
    uint64_t faults, doubts, not_proven;
    uint8_t root[ML_HASH_SIZE]; /* of the tree over all records, at the full level */
    bool known;                 /* the newest head known here is part of this ledger */
};

/*
 * Verifies `ledger`. A result of 0 means that it was carried through, not that all is well: that
 * is faults == 0. MLEDGER_ESYSTEM: it could not be carried through.
 */
int ml_verify(struct ml_ledger *ledger, const struct ml_verify_options *options,
              struct ml_verify_result *ret_result) ML_MUST_USE;

#endif
