/* SPDX-License-Identifier: Apache-2.0 */
/* The one place that reads the environment. Nothing in mledger changes it, so that reading is
 * safe in every thread. */
#ifndef ML_CLI_ENVIRONMENT_H
#define ML_CLI_ENVIRONMENT_H

#include <stdlib.h>

/* The variable's value; NULL when it is not set or empty. */
static inline const char *ml_environment_get(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): see above */
    return value && *value ? value : NULL;
}

#endif
