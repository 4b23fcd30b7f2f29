/* SPDX-License-Identifier: Apache-2.0 */
/* What a Python says of itself: its version and the packages that it finds. */
#ifndef ML_INGEST_ENVIRONMENT_PYTHON_H
#define ML_INGEST_ENVIRONMENT_PYTHON_H

#include <jansson.h>

#include "ingest/environment.h"

/* "python" of ingest/environment.h, a new reference; NULL where there is no such program.
 * MLEDGER_ESYSTEM: memory is out. */
int ml_environment_python(const struct ml_environment_options *options,
                          json_t **ret_python) ML_MUST_USE;

#endif
