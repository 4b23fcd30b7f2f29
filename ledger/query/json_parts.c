/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/json_parts.h"

#include "ledger/core/time.h"

int ml_json_add(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0 ? MLEDGER_OK : ml_fail_memory();
}

int ml_json_put_empty(json_t *object, const char *key, json_t *value, json_t **ret_value)
{
    ML_TRY(ml_json_put(object, key, value));
    *ret_value = value;
    return MLEDGER_OK;
}

int ml_json_add_empty(json_t *array, json_t *value, json_t **ret_value)
{
    ML_TRY(ml_json_add(array, value));
    *ret_value = value;
    return MLEDGER_OK;
}

json_t *ml_json_text(const char *text)
{
    return text ? json_string(text) : json_null();
}

json_t *ml_json_number(uint64_t number)
{
    return json_integer((json_int_t)number);
}

json_t *ml_json_numbers(const uint64_t *numbers, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++)
        if (json_array_append_new(list, ml_json_number(numbers[i])) < 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

json_t *ml_json_moment(uint64_t seq, int64_t time_us)
{
    char time[ML_TIME_TEXT_SIZE];
    if (seq == MLEDGER_NO_SEQ || ml_time_format(time_us, time) < 0)
        return json_null();
    return json_pack("{s:I, s:s}", "seq", (json_int_t)seq, "time", time);
}
