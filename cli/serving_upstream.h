/* SPDX-License-Identifier: Apache-2.0 */
/* A server before another MLflow server (serve/mlflow/relay.h). */
#ifndef ML_CLI_SERVING_UPSTREAM_H
#define ML_CLI_SERVING_UPSTREAM_H

#include "cli/serving_part.h"

#define ML_OPTIONS_SERVING_UPSTREAM                                                                \
    {.name = "upstream",                                                                           \
     .value = "URL",                                                                               \
     .help = "Stand before this MLflow server: pass every request on to it, and record what it "   \
             "has carried out. What the ledger refuses it never hears of."},                       \
        {.name = "upstream-ca",                                                                    \
         .value = "FILE",                                                                          \
         .rule = {.kind = ML_VALUE_FILE},                                                          \
         .help = "Trust the certificates of that server that these (PEM) have signed, instead of " \
                 "the system's."},                                                                 \
    {                                                                                              \
        .name = "fail-open",                                                                       \
        .help = "With --upstream: let calls through that cannot be recorded. That they are "       \
                "missing is recorded as soon as that can be done."                                 \
    }

extern const struct ml_serving_part ml_serving_upstream;

#endif
