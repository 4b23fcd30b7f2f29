/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing on all cores, beside building: a header is final as soon as it is chained, and the next
 * one links to it, not to its signature.
 */
#include "ledger/store/append_private.h"

enum {
    JOB_MOST = 256, /* records given to the pool at once, of a large group */
    JOB_SHARE = 8,  /* of a smaller one this part, so that signing begins while it is built */
    GRAIN = 8,      /* that a thread takes at once */
};

struct ml_sign_job {
    struct ml_job job;
    struct ml_built *built;
};

static int sign_one(struct ml_built *record, struct ml_buf *encoded)
{
    ml_buf_clear(encoded);
    ML_TRY(ml_dsse_encode(ML_HEADER_TYPE, record->header, encoded));
    return record->signer->sign(record->signer->context, ml_buf_span(encoded), record->signature);
}

static int sign_range(size_t begin, size_t end, void *context)
{
    const struct ml_sign_job *job = context;
    ML_CLEANUP(ml_buf_release) struct ml_buf encoded = {0};
    for (size_t i = begin; i < end; i++)
        ML_TRY(sign_one(&job->built[i], &encoded));
    return MLEDGER_OK;
}

int ml_append_sign_init(struct ml_append *append, size_t records)
{
    /* A refusal can make a job end early, so there may be one more for each caller. */
    size_t callers = 0;
    for (const struct ml_waiter *waiter = append->waiters; waiter; waiter = waiter->next)
        callers++;
    size_t share = records / JOB_SHARE;
    append->job_records = share < GRAIN ? GRAIN : share < JOB_MOST ? share : JOB_MOST;
    append->jobs = ml_calloc(records / append->job_records + callers + 1, sizeof *append->jobs);
    return append->jobs ? MLEDGER_OK : ml_fail_memory();
}

void ml_append_sign_start(struct ml_append *append, bool all)
{
    size_t waiting = append->n_built - append->n_given;
    if (waiting == 0 || (waiting < append->job_records && !all))
        return;
    struct ml_sign_job *job = &append->jobs[append->n_jobs++];
    job->built = append->built + append->n_given;
    append->n_given = append->n_built;
    ml_job_start(&job->job, waiting, GRAIN, sign_range, job);
}

int ml_append_sign_wait(struct ml_append *append)
{
    int result = MLEDGER_OK;
    struct ml_error error;
    for (size_t i = 0; i < append->n_jobs; i++) {
        int one = ml_job_wait(&append->jobs[i].job);
        if (one < 0 && result >= 0) {
            result = one;
            ml_error_get(&error);
        }
    }
    append->n_jobs = 0;
    return result < 0 ? ml_error_set(&error) : MLEDGER_OK;
}
