/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as DVC writes them into commands and paths: Python's str() with lower-case booleans,
 * and command line options made of a mapping.
 */
#ifndef ML_INGEST_DVC_TEXT_H
#define ML_INGEST_DVC_TEXT_H

#include "ingest/value.h"

/* Appends a scalar: "true", 0.001 for 1e-3, 255 for 0xff, None for null. */
int ml_dvc_text_scalar(const struct ml_value *value, struct ml_buf *out) ML_MUST_USE;

/* How a mapping becomes options (`parsing` in .dvc/config). */
struct ml_dvc_option_style {
    bool no_prefix;   /* false becomes --no-KEY instead of nothing (boolean_optional) */
    bool append_list; /* lists repeat the option instead of following it (append) */
};
/* Appends the mapping as "--key value --flag", nested keys joined by dots, strings quoted for a
 * shell. MLEDGER_EINVALID: a list inside a list. */
int ml_dvc_text_options(const struct ml_value *map, struct ml_dvc_option_style style,
                        struct ml_buf *out) ML_MUST_USE;

#endif
