/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking another program: it is run with nothing to read, what it writes to its standard output is
 * taken, and it is killed when it takes too long or says too much. What it says may not enter here.
 */
#ifndef ML_INGEST_PROBE_H
#define ML_INGEST_PROBE_H

#include "ledger/core/base.h"

struct ml_probe_limits {
    size_t bytes; /* of its output */
    int64_t ms;   /* that it may take */
};

/*
 * Runs argv[0] (found through PATH if there is no '/' in it) with the words of `argv`, ended by
 * NULL, in the environment `envp`, and appends what it wrote to `ret_output`. Its standard error
 * goes nowhere. The program gets the default signals.
 * MLEDGER_ENOTFOUND: there is no such program. MLEDGER_ESYSTEM: it cannot be run, failed, was
 * killed, took too long or wrote too much; the text says which.
 */
int ml_probe_run(const char *const *argv, char *const *envp, const struct ml_probe_limits *limits,
                 struct ml_buf *ret_output) ML_MUST_USE;

#endif
