/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the run that a version came from says of it. A version names its run by the record that
 * started it, or by its id alone; then the run may have been recorded since. Everything lives in
 * the reader's arena.
 */
#ifndef ML_QUERY_VERSION_RUN_H
#define ML_QUERY_VERSION_RUN_H

#include "ledger/query/run_past.h"

/* *ret_run is NULL where the version names no run, or no record is of it. */
int ml_version_run(struct ml_reader *reader, const Mledger__VersionRegistered *registered,
                   const struct ml_run_past **ret_run) ML_MUST_USE;

/* The newest value of a metric of the run as a number. False: none is recorded, or it was erased,
 * or is none. */
bool ml_run_metric(const struct ml_run_past *run, const char *key, double *ret_number,
                   uint64_t *ret_seq);

/* The oldest data that the run learned from: of the inputs it has for training, by the record that
 * names their content as a dataset, the older of when that was recorded and when it says it was
 * there. */
struct ml_data_time {
    bool known;
    int64_t time_us;
    uint64_t dataset_seq; /* of that record */
    uint64_t input_seq;   /* of the record that names the input */
};
int ml_run_data_time(struct ml_reader *reader, const struct ml_run_past *run,
                     struct ml_data_time *ret_time) ML_MUST_USE;

/* The dataset version that holds the input's content: the first recorded with one of its digests,
 * else, where it names a dataset and no digest, that dataset's newest by then. NULL: none. */
int ml_input_dataset(struct ml_reader *reader, const Mledger__Input *input, uint64_t seq,
                     const struct ml_record **ret_dataset) ML_MUST_USE;

/* The record that names an input which the run was tested on; MLEDGER_NO_SEQ: none does. */
uint64_t ml_run_held_out(const struct ml_run_past *run);

#endif
