/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who decided that a version may be in a stage, and whether they are other people than those who
 * made and moved it: the question of four eyes, asked of the past.
 *
 * An approver is whoever stated APPROVED, or REVIEWED for a rejection, with a key of their own on
 * an approval_recorded; one record may carry several. Everything lives in the reader's arena;
 * records after as_of do not count.
 */
#ifndef ML_QUERY_APPROVALS_H
#define ML_QUERY_APPROVALS_H

#include "ledger/query/basis.h"
#include "ledger/query/interval.h"

/* In which other parts the approver stands behind the version. */
enum ml_part {
    ML_PART_TRAINER = 1 << 0,   /* ran what the version was registered from */
    ML_PART_REGISTRAR = 1 << 1, /* registered it */
    ML_PART_REQUESTER = 1 << 2, /* stated REQUESTED on the transition */
    ML_PART_MOVER = 1 << 3,     /* made the transition */
};

struct ml_approval {
    struct ml_change change; /* reason: the comment; author and who: the approver */
    Mledger__Decision decision;
    unsigned same_as;   /* enum ml_part */
    bool after;         /* recorded after the transition */
    bool after_claimed; /* claims to have been made after the time that the transition claims */
};

/* Everybody who had a part; MLEDGER_NO_SEQ: it is not known who, or there is no such part. */
struct ml_parts {
    uint64_t trainer, registrar, requester, mover;
    bool run_imported; /* the run was found elsewhere: its author is who imported it, no more */
    uint64_t registered_seq; /* of version_registered; MLEDGER_NO_SEQ: there was none */
    uint64_t run_seq;        /* of the run that says who trained it; MLEDGER_NO_SEQ */
};

struct ml_approvals {
    struct ml_parts parts;
    struct ml_approval *list; /* by seq, approvers of one record in the order they stated */
    size_t count;
};

/*
 * The decisions on the version for the interval's stage: those recorded before it got there, and
 * those recorded after, while it was there (`after`). `interval` is of a stage.
 * MLEDGER_EDAMAGED, MLEDGER_ESYSTEM.
 */
int ml_approvals_of(struct ml_reader *reader, const struct ml_interval *interval,
                    struct ml_approvals *ret_approvals) ML_MUST_USE;

/* Adds the records that they rest on, and what is not known of who made the version. */
int ml_approvals_rest_on(const struct ml_approvals *approvals, const struct ml_interval *interval,
                         struct ml_basis *basis) ML_MUST_USE;

/* Who had which part when `transition` moved a version that `registration` (NULL: there was none)
 * registered; `imported`: found in that stage, so nobody moved it. Errors as above. */
int ml_approval_parts(struct ml_reader *reader, const struct ml_record *registration,
                      const struct ml_record *transition, bool imported,
                      struct ml_parts *ret_parts) ML_MUST_USE;
/* enum ml_part of the actor; 0 for MLEDGER_NO_SEQ. */
unsigned ml_approval_part_of(const struct ml_parts *parts, uint64_t actor);
/* Whether it is known, first hand, who trained it. */
static inline bool ml_approval_trainer_known(const struct ml_parts *parts)
{
    return parts->trainer != MLEDGER_NO_SEQ && !parts->run_imported;
}

/* "granted", "rejected", "withdrawn" */
const char *ml_decision_name(Mledger__Decision decision);
/* The name of one part: "trainer", … */
const char *ml_part_name(enum ml_part part);

#endif
