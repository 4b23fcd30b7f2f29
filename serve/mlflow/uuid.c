/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/uuid.h"

#include <errno.h>
#include <unistd.h>

int ml_rest_uuid(char ret_id[ML_REST_UUID_SIZE])
{
    uint8_t bytes[ML_REST_UUID_BYTES];
    if (getentropy(bytes, sizeof bytes) < 0)
        return ml_fail_errno(errno, "cannot draw random numbers");
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40); /* the version */
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80); /* the variant */
    ml_hex_encode(ret_id, bytes, sizeof bytes);
    return MLEDGER_OK;
}
