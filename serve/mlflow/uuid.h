/* SPDX-License-Identifier: Apache-2.0 */
/* Ids as MLflow makes them. */
#ifndef ML_SERVE_MLFLOW_UUID_H
#define ML_SERVE_MLFLOW_UUID_H

#include "ledger/core/hex.h"

enum { ML_REST_UUID_BYTES = 16, ML_REST_UUID_SIZE = ML_HEX_SIZE(ML_REST_UUID_BYTES) };

/* A UUID of version 4 (RFC 9562) without its dashes: 32 hexadecimal digits. MLEDGER_ESYSTEM: there
 * are no random numbers. */
int ml_rest_uuid(char ret_id[ML_REST_UUID_SIZE]) ML_MUST_USE;

#endif
