/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/graphql_select.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/json.h"

static const char type_prefix[] = "Mlflow"; /* MLflow's names of its types */

const char *ml_graphql_snake(struct ml_arena *arena, const char *name)
{
    char *snake = ml_arena_alloc(arena, 2 * strlen(name) + 1), *to = snake;
    if (!snake)
        return NULL;
    for (; *name; name++) {
        if (isupper((unsigned char)*name))
            *to++ = '_';
        *to++ = (char)tolower((unsigned char)*name);
    }
    *to = '\0';
    return snake;
}

static bool is_long(const ProtobufCFieldDescriptor *of)
{
    return of->type == PROTOBUF_C_TYPE_INT64 || of->type == PROTOBUF_C_TYPE_UINT64;
}

/* A value that is no message. The API writes what is no number, and infinities, as texts. */
static json_t *scalar(const ProtobufCFieldDescriptor *of, json_t *json)
{
    char digits[32];
    if (is_long(of) && json_is_integer(json)) {
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
        return json_string(digits);
    }
    if (of->type == PROTOBUF_C_TYPE_DOUBLE && json_is_string(json))
        return json_null();
    return json_incref(json);
}

static int select_one(const struct ml_graphql_field *field, const ProtobufCFieldDescriptor *of,
                      json_t *json, struct ml_arena *arena, json_t **ret_json)
{
    if (of->type == PROTOBUF_C_TYPE_MESSAGE)
        return ml_graphql_select(field, of->descriptor, json, arena, ret_json);
    *ret_json = json ? scalar(of, json) : json_null();
    return *ret_json ? MLEDGER_OK : ml_fail_memory();
}

static int select_list(const struct ml_graphql_field *field, const ProtobufCFieldDescriptor *of,
                       const json_t *json, struct ml_arena *arena, json_t **ret_json)
{
    ML_CLEANUP(json_decrefp) json_t *list = json_array();
    if (!list)
        return ml_fail_memory();
    for (size_t i = 0; i < json_array_size(json); i++) {
        json_t *item;
        ML_TRY(select_one(field, of, json_array_get(json, i), arena, &item));
        if (json_array_append_new(list, item) != 0)
            return ml_fail_memory();
    }
    *ret_json = ML_TAKE(list);
    return MLEDGER_OK;
}

static int select_field(const struct ml_graphql_field *field,
                        const ProtobufCMessageDescriptor *type, const json_t *json,
                        struct ml_arena *arena, json_t **ret_json)
{
    const char *snake = ml_graphql_snake(arena, field->name);
    if (!snake)
        return ml_arena_fail(arena, "the query");
    const ProtobufCFieldDescriptor *of =
        protobuf_c_message_descriptor_get_field_by_name(type, snake);
    json_t *value = json_object_get(json, snake);
    if (of && of->label == PROTOBUF_C_LABEL_REPEATED)
        return select_list(field, of, value, arena, ret_json);
    if (of)
        return select_one(field, of, value, arena, ret_json);
    *ret_json = strcmp(field->name, "__typename") == 0
                    ? json_sprintf("%s%s", type_prefix, type->short_name)
                    : json_null();
    return *ret_json ? MLEDGER_OK : ml_fail_memory();
}

int ml_graphql_select(const struct ml_graphql_field *field, const ProtobufCMessageDescriptor *type,
                      const json_t *json, struct ml_arena *arena, json_t **ret_json)
{
    ML_CLEANUP(json_decrefp) json_t *object = json_object();
    if (!object)
        return ml_fail_memory();
    for (size_t i = 0; i < field->n_fields; i++) {
        json_t *value;
        ML_TRY(select_field(&field->fields[i], type, json, arena, &value));
        ML_TRY(ml_json_put(object, field->fields[i].key, value));
    }
    *ret_json = ML_TAKE(object);
    return MLEDGER_OK;
}
