/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/caller.h"

#include "serve/mlflow/error.h"

int ml_caller_may_record(const struct ml_caller *caller)
{
    if (!caller || !caller->actor)
        return MLEDGER_OK;
    if (caller->read_only)
        return ml_rest_refuse(ML_REST_DENIED,
                              "what '%s' showed is for reading only; a token for recording is made "
                              "by: mledger token add",
                              caller->actor);
    if (caller->no_role)
        return ml_rest_refuse(ML_REST_DENIED,
                              "the actor '%s' is neither recorder nor admin in this ledger; an "
                              "admin can change that: mledger actor change",
                              caller->actor);
    return MLEDGER_OK;
}
