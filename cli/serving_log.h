/* SPDX-License-Identifier: Apache-2.0 */
/* The access log of a server. */
#ifndef ML_CLI_SERVING_LOG_H
#define ML_CLI_SERVING_LOG_H

#include "cli/serving_part.h"

#define ML_OPTIONS_SERVING_LOG                                                                     \
    {                                                                                              \
        .name = "access-log", .value = "FILE", .rule = {.kind = ML_VALUE_FILE},                    \
        .help = "Write a line of JSON for each request to the end of this file, or to standard "   \
                "error for -: when, who, what, its status, bytes, milliseconds, and the record "   \
                "that it made. No query, no header and no body is in it."                          \
    }

extern const struct ml_serving_part ml_serving_log;

#endif
