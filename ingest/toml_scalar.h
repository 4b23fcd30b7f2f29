/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers, booleans, dates and times of TOML 1.0.0: what a bare token is.
 */
#ifndef ML_INGEST_TOML_SCALAR_H
#define ML_INGEST_TOML_SCALAR_H

#include "ingest/value.h"

/* The kind of the token `text` of `len` bytes (a date and a time may be joined by a space);
 * false when it is none. */
bool ml_toml_scalar_kind(const char *text, size_t len, enum ml_value_kind *ret_kind);

#endif
