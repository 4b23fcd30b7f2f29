/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run as it stood at a past record, folded from its own records: what it was given, what it
 * measured, read and made. Everything lives in the reader's arena.
 */
#ifndef ML_QUERY_RUN_PAST_H
#define ML_QUERY_RUN_PAST_H

#include "ledger/query/reader.h"

/* A parameter, tag or metric: its newest value, of a metric that of the greatest step (then time,
 * then record), as MLflow has it. */
struct ml_run_value {
    const char *key;
    const char *text; /* as it was written; NULL: erased with the details of its record */
    uint64_t seq;
    int64_t step, time_us; /* of a metric */
    size_t points;         /* values that were recorded under the key */
};
struct ml_run_values {
    struct ml_run_value *list; /* by key */
    size_t count, cap;
};

struct ml_run_input {
    const Mledger__Input *input;
    uint64_t seq;
};
struct ml_run_output {
    const Mledger__Artifact *artifact;
    uint64_t seq;
};

struct ml_run_past {
    uint64_t seq; /* its record */
    const char *id, *name;
    Mledger__RunStatus status;
    int64_t started_us, ended_us; /* recorded; the latter where it has ended */
    uint64_t ended_seq;           /* MLEDGER_NO_SEQ: it has not ended */
    uint64_t author;              /* actor; MLEDGER_NO_SEQ: unknown */
    const Mledger__Digest *commit;
    uint64_t commit_seq;
    struct ml_run_values params, metrics, tags;
    struct ml_run_input *inputs; /* in the order they were recorded */
    size_t n_inputs, cap_inputs;
    struct ml_run_output *outputs;
    size_t n_outputs, cap_outputs;
};

/* Of the run whose run_started is record `seq`, as of the reader's record.
 * MLEDGER_ENOTFOUND (without a text): that record starts no run, or is newer. */
int ml_run_past(struct ml_reader *reader, uint64_t seq, struct ml_run_past *ret_past) ML_MUST_USE;

#endif
