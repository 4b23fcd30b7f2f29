/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model version as it stood at a past record, folded from its own records, not from the state of
 * today. The current state is the same question asked at the newest record.
 */
#ifndef ML_QUERY_VERSION_PAST_H
#define ML_QUERY_VERSION_PAST_H

#include "ledger/query/reader.h"

/* In `stage` from record from_seq on, until before to_seq: half-open, as times are. */
struct ml_stage_interval {
    const char *stage;
    uint64_t from_seq;
    int64_t from_us;
    uint64_t to_seq; /* MLEDGER_NO_SEQ: at the moment asked about it is there still */
    int64_t to_us;
    bool imported;   /* found there in another registry: when it got there is not known */
    uint64_t author; /* who moved it there; MLEDGER_NO_SEQ: unknown */
};

struct ml_version_past {
    uint64_t model, version;
    uint64_t registered_seq;
    const Mledger__VersionRegistered *registered;
    const char *stage;
    uint64_t stage_seq;
    uint64_t deleted_seq; /* MLEDGER_NO_SEQ: not deleted */
    const char **aliases; /* in the order they were set */
    size_t n_aliases;
    struct ml_stage_interval *intervals; /* at least one: "None", from its registration */
    size_t n_intervals;
};

/* As of the reader's record. Everything lives in the reader's arena.
 * MLEDGER_ENOTFOUND (without a text): there was no such version then. */
int ml_version_past(struct ml_reader *reader, uint64_t model, uint64_t version,
                    struct ml_version_past *ret_past) ML_MUST_USE;

#endif
