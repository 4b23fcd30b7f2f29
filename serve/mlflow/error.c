/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/error.h"

static const struct ml_rest_error codes[] = {
    {ML_REST_NOT_FOUND, 404},   {ML_REST_EXISTS, 400},          {ML_REST_INVALID, 400},
    {ML_REST_BAD_REQUEST, 400}, {ML_REST_STATE, 500},           {ML_REST_DENIED, 403},
    {ML_REST_NO_ENDPOINT, 404}, {ML_REST_UNAUTHENTICATED, 401}, {ML_REST_TOO_MANY, 429},
    {ML_REST_UNAVAILABLE, 503}, {ML_REST_INTERNAL, 500},        {ML_REST_NOT_IMPLEMENTED, 501},
    {ML_REST_CONFLICT, 409},
};

/* Rules of the ledger (docs/FINDINGS.md) that MLflow has a code for. */
static const struct {
    const char *rule, *code;
} rules[] = {
    {"name-taken", ML_REST_EXISTS},
    {"experiment-id", ML_REST_EXISTS},
    {"run-id", ML_REST_EXISTS},
    {"reference-missing", ML_REST_NOT_FOUND},
    {"deleted", ML_REST_INVALID},
    {"not-deleted", ML_REST_INVALID},
    {"run-deleted", ML_REST_INVALID},
    {"experiment-deleted", ML_REST_INVALID},
    {"logged-model-deleted", ML_REST_NOT_FOUND},
    {"artifact-missing", ML_REST_NOT_FOUND},
    {"param-set", ML_REST_INVALID},
};

static const struct ml_rest_error *find(const char *code)
{
    for (size_t i = 0; i < ML_COUNT(codes); i++)
        if (strcmp(codes[i].code, code) == 0)
            return &codes[i];
    return NULL;
}

static const char *code_of_rule(const char *rule)
{
    for (size_t i = 0; rule && i < ML_COUNT(rules); i++)
        if (strcmp(rules[i].rule, rule) == 0)
            return rules[i].code;
    return ML_REST_DENIED;
}

static const char *code_of_result(int result, const char *rule)
{
    switch (result) {
    case MLEDGER_EREFUSED:
        return code_of_rule(rule);
    case MLEDGER_EINVALID:
    case MLEDGER_EUSAGE:
        return ML_REST_INVALID;
    case MLEDGER_ENOTFOUND:
        return ML_REST_NOT_FOUND;
    default:
        return ML_REST_INTERNAL;
    }
}

struct ml_rest_error ml_rest_error(int result)
{
    struct ml_error error;
    ml_error_get(&error);
    const struct ml_rest_error *known = error.rule ? find(error.rule) : NULL;
    return known ? *known : *find(code_of_result(result, error.rule));
}
