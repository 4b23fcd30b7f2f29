/* SPDX-License-Identifier: Apache-2.0 */
/* MLflow's own web UI over the ledger (serve/mlflow/ui.h). */
#ifndef ML_CLI_SERVING_UI_H
#define ML_CLI_SERVING_UI_H

#include "cli/serving_part.h"

#define ML_OPTIONS_SERVING_UI                                                                      \
    {                                                                                              \
        .name = "ui", .value = "DIR", .rule = {.kind = ML_VALUE_DIR},                              \
        .help = "Show MLflow's own web UI at /, from the package mlflow in this directory, or "    \
                "from its server/js/build. What is done there is recorded as any client's calls "  \
                "are."                                                                             \
    }

extern const struct ml_serving_part ml_serving_ui;

#endif
