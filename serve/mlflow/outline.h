/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which versions of a model an answer must name: the newest of each stage, and those with aliases.
 * To find them all versions have to be looked at; so that this happens once, and not for each
 * request, a byte is kept for each version, and caught up with the model's own records, whoever
 * appends them. What is answered is read from the ledger's state all the same.
 *
 * Threads: all may ask at once; one looks while the others wait.
 */
#ifndef ML_SERVE_MLFLOW_OUTLINE_H
#define ML_SERVE_MLFLOW_OUTLINE_H

#include "serve/mlflow/call.h"

struct ml_outlines;
/* MLEDGER_ESYSTEM. */
int ml_outlines_new(struct ml_outlines **ret_outlines) ML_MUST_USE;
void ml_outlines_free(struct ml_outlines *outlines); /* accepts NULL */

enum { ML_OUTLINE_STAGES = 64 };

/* Numbers of versions; in the call's arena. */
struct ml_outline {
    /* The newest of each stage, the stages in the order in which the versions, counted up, lead to
     * them. No more than ML_OUTLINE_STAGES stages are told apart. */
    uint64_t latest[ML_OUTLINE_STAGES];
    size_t n_latest;
    uint64_t *aliased;
    size_t n_aliased;
};
/* As the ledger is for the call, which reads it. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
int ml_rest_outline(struct ml_rest_call *call, uint64_t model,
                    struct ml_outline *ret_outline) ML_MUST_USE;

#endif
