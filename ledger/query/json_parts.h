/* SPDX-License-Identifier: Apache-2.0 */
/* What the JSON of several answers is put together from. */
#ifndef ML_QUERY_JSON_PARTS_H
#define ML_QUERY_JSON_PARTS_H

#include <jansson.h>

#include "ledger/core/json.h"

/* Each takes `value` over, as ml_json_put() does, also on failure; NULL is memory that is out.
 * MLEDGER_ESYSTEM: memory is out. */
int ml_json_add(json_t *array, json_t *value) ML_MUST_USE;
/* A new empty array or object, which stays the object's or the array's. */
int ml_json_put_empty(json_t *object, const char *key, json_t *value,
                      json_t **ret_value) ML_MUST_USE;
int ml_json_add_empty(json_t *array, json_t *value, json_t **ret_value) ML_MUST_USE;

/* Any text; NULL is null. */
json_t *ml_json_text(const char *text);
json_t *ml_json_number(uint64_t number);
/* [3, 17] */
json_t *ml_json_numbers(const uint64_t *numbers, size_t count);
/* {"seq": 17, "time": "2026-03-01T14:32:00Z"}; null for MLEDGER_NO_SEQ. */
json_t *ml_json_moment(uint64_t seq, int64_t time_us);

static inline void ml_json_freep(json_t **json)
{
    json_decref(*json);
}

#endif
