/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths of an API, with variables: "{name}" stands for one segment, "{+name}", at the end, for all
 * that is left. Pure; thread-safe.
 */
#ifndef ML_SERVE_PATH_PATTERN_H
#define ML_SERVE_PATH_PATTERN_H

#include "ledger/core/base.h"

/* What stood for a variable, borrowed from pattern and path. */
struct ml_path_variable {
    struct ml_span name, value;
};
enum { ML_PATH_VARIABLES = 4 };
struct ml_path_variables {
    struct ml_path_variable list[ML_PATH_VARIABLES];
    size_t count;
};

/* Whether `path` is one of the pattern's; *ret_variables is set in any case. No variable is
 * empty. */
bool ml_path_matches(const char *pattern, const char *path,
                     struct ml_path_variables *ret_variables);

#endif
