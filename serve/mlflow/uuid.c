/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/uuid.h"

#include "serve/webhook/uuid.h"

int ml_rest_uuid(char ret_id[ML_REST_UUID_SIZE])
{
    char text[ML_UUID_SIZE];
    ML_TRY(ml_uuid_random(text));
    for (const char *from = text; *from; from++)
        if (*from != '-')
            *ret_id++ = *from;
    *ret_id = '\0';
    return MLEDGER_OK;
}
