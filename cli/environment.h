/* SPDX-License-Identifier: Apache-2.0 */
/* The one place that reads the environment. Nothing in mledger changes it, so that reading is
 * safe in every thread. */
#ifndef ML_CLI_ENVIRONMENT_H
#define ML_CLI_ENVIRONMENT_H

#include "ledger/core/base.h"

/* The variable's value; NULL when it is not set or empty. */
static inline const char *ml_environment_get(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): see above */
    return value && *value ? value : NULL;
}

/* For a program that we start: all variables, with `settings` ("NAME=VALUE", ended by NULL) in the
 * place of those of their names. The list is the caller's to free, its texts are borrowed.
 * MLEDGER_ESYSTEM: memory is out. */
int ml_environment_with(const char *const *settings, char ***ret_environment) ML_MUST_USE;

#endif
