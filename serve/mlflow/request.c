/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/request.h"

#include <strings.h>

#include "ledger/core/json.h"

/* ---- the query ---- */

struct query {
    const ProtobufCMessageDescriptor *type;
    json_t *object;
};

/* What converts text by itself gets text; a bool is the one type that does not. */
static json_t *argument_value(const ProtobufCFieldDescriptor *field, const char *value)
{
    if (field->type == PROTOBUF_C_TYPE_BOOL && strcasecmp(value, "true") == 0)
        return json_true();
    if (field->type == PROTOBUF_C_TYPE_BOOL && strcasecmp(value, "false") == 0)
        return json_false();
    return json_string(value);
}

static int set_argument(const char *name, const char *value, void *context)
{
    struct query *query = context;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(query->type, name);
    if (!field)
        return MLEDGER_OK;
    json_t *json = argument_value(field, value);
    if (!json)
        return ml_rest_refuse(ML_REST_INVALID, "the argument '%s' is no UTF-8", name);
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return json_object_set_new(query->object, field->name, json) == 0 ? MLEDGER_OK
                                                                          : ml_fail_memory();
    json_t *list = json_object_get(query->object, field->name);
    if (!list) {
        list = json_array();
        if (json_object_set_new(query->object, field->name, list) != 0) {
            json_decref(json);
            return ml_fail_memory();
        }
    }
    return json_array_append_new(list, json) == 0 ? MLEDGER_OK : ml_fail_memory();
}

/* ---- the body ---- */

static int parse_body(struct ml_span body, json_t **ret_json)
{
    if (ml_json_parse((const char *)body.data, body.len, ret_json) < 0) {
        if (mledger_error_code() == MLEDGER_ESYSTEM)
            return MLEDGER_ESYSTEM;
        struct ml_error error;
        ml_error_get(&error);
        return ml_rest_refuse(ML_REST_BAD_REQUEST,
                              "The request body could not be parsed as JSON: %s", error.text);
    }
    if (json_is_object(*ret_json))
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_BAD_REQUEST, "The request body must be a JSON object");
}

/* ---- the message ---- */

#define SEE_DOCS "See the API docs for more information about request parameters."

static int check_required(const json_t *json, const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const json_t *value = json_object_get(json, type->fields[i].name);
        if (type->fields[i].label == PROTOBUF_C_LABEL_REQUIRED && (!value || json_is_null(value)))
            return ml_rest_refuse(ML_REST_INVALID,
                                  "Missing value for required parameter '%s'. " SEE_DOCS,
                                  type->fields[i].name);
    }
    return MLEDGER_OK;
}

/* The converter says "tags[2].key: expected a string": MLflow names the parameter and its value. */
static int blame_value(const json_t *json, const char *what)
{
    char name[64];
    const size_t len = strcspn(what, ".[:");
    if (len >= sizeof name)
        return ml_rest_refuse(ML_REST_INVALID, "%s. " SEE_DOCS, what);
    memcpy(name, what, len);
    name[len] = '\0';
    const json_t *value = json_object_get(json, name);
    ML_CLEANUP(ml_freep) char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    if (!text)
        return ml_rest_refuse(ML_REST_INVALID, "%s. " SEE_DOCS, what);
    return ml_rest_refuse(ML_REST_INVALID,
                          "Invalid value %.256s for parameter '%s' supplied: %s. " SEE_DOCS, text,
                          name, what);
}

int ml_rest_request_from_json(const json_t *json, const ProtobufCMessageDescriptor *type,
                              struct ml_arena *arena, ProtobufCMessage **ret_message)
{
    ML_TRY(check_required(json, type));
    const int result = ml_json_to_api(json, type, arena, ret_message);
    if (result != MLEDGER_EINVALID)
        return result;
    struct ml_error error;
    ml_error_get(&error);
    return blame_value(json, error.text);
}

static int add_variables(json_t *object, const struct ml_rest_match *match)
{
    for (size_t i = 0; i < match->variables.count; i++) {
        const struct ml_path_variable *variable = &match->variables.list[i];
        char name[64];
        assert(variable->name.len < sizeof name);
        memcpy(name, variable->name.data, variable->name.len);
        name[variable->name.len] = '\0';
        json_t *value = json_stringn((const char *)variable->value.data, variable->value.len);
        if (!value)
            return ml_rest_refuse(ML_REST_INVALID, "the path is no UTF-8");
        if (json_object_set_new(object, name, value) != 0)
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

int ml_rest_request(const struct ml_server_request *http, const struct ml_rest_match *match,
                    struct ml_arena *arena, ProtobufCMessage **ret_message)
{
    const ProtobufCMessageDescriptor *type = match->route->request;
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    if (http->body.len > 0) {
        ML_TRY(parse_body(http->body, &json));
    } else {
        json = json_object();
        struct query query = {type, json};
        if (!json)
            return ml_fail_memory();
        ML_TRY(ml_server_arguments(http, set_argument, &query));
    }
    ML_TRY(add_variables(json, match));
    return ml_rest_request_from_json(json, type, arena, ret_message);
}
