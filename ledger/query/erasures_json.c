/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/erasures_json.h"

#include "ledger/core/hex.h"
#include "ledger/core/time.h"
#include "ledger/query/json_parts.h"

static json_t *hash_json(const uint8_t *hash)
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    if (!hash)
        return json_null();
    ml_hex_encode(hex, hash, ML_HASH_SIZE);
    return json_string(hex);
}

static int put_order(json_t *json, const struct ml_erasure *erasure)
{
    json_t *order = ml_json_moment(erasure->by, erasure->erased_us);
    ML_TRY(ml_json_put(json, "erased", order));
    ML_TRY(ml_json_put(order, "who", ml_json_text(erasure->who)));
    ML_TRY(ml_json_put(order, "reason", ml_json_text(erasure->reason)));
    return ml_json_put(order, "attachments", ml_json_number(erasure->attachments));
}

static int add_erasure(json_t *list, const struct ml_erasure *erasure)
{
    char time[ML_TIME_TEXT_SIZE];
    json_t *json;
    ML_TRY(ml_json_add_empty(list, json_object(), &json));
    ML_TRY(ml_time_format(erasure->recorded_us, time));
    ML_TRY(ml_json_put(json, "seq", ml_json_number(erasure->seq)));
    ML_TRY(ml_json_put(json, "kind", ml_json_text(erasure->kind)));
    ML_TRY(ml_json_put(json, "subject", ml_json_text(erasure->subject)));
    ML_TRY(ml_json_put(json, "recorded_at", json_string(time)));
    ML_TRY(ml_json_put(json, "details_hash", hash_json(erasure->details_hash)));
    return put_order(json, erasure);
}

int ml_erasures_to_json(const struct ml_erasures *erasures, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *list = json_array();
    if (!list)
        return ml_fail_memory();
    for (size_t i = 0; i < erasures->count; i++)
        ML_TRY(add_erasure(list, &erasures->list[i]));
    *ret_json = ML_TAKE(list);
    return MLEDGER_OK;
}
