/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as text, whole and strictly: nothing before or after, no dependence on the locale.
 */
#ifndef ML_INGEST_MLFLOW_NUMBER_H
#define ML_INGEST_MLFLOW_NUMBER_H

#include "ledger/core/base.h"

/* [+-]digits within int64. */
bool ml_mlflow_int64(const char *text, int64_t *ret_number);
/* A decimal number from 1 up to UINT64_MAX, without sign or leading zeros. */
bool ml_mlflow_ordinal(const char *text, uint64_t *ret_number);
/* [+-](decimal number, inf, infinity or nan in any case); what is too large becomes infinite, as
 * in Python. */
bool ml_mlflow_double(const char *text, double *ret_number);

#endif
