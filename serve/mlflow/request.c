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
static int argument_value(const ProtobufCFieldDescriptor *field, const char *value,
                          json_t **ret_json)
{
    const bool is_true = strcasecmp(value, "true") == 0;
    if (field->type == PROTOBUF_C_TYPE_BOOL && !is_true && strcasecmp(value, "false") != 0)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid boolean value: %.64s, must be 'true' or 'false'.", value);
    *ret_json = field->type == PROTOBUF_C_TYPE_BOOL ? json_boolean(is_true) : json_string(value);
    return *ret_json
               ? MLEDGER_OK
               : ml_rest_refuse(ML_REST_INVALID, "the argument '%s' is no UTF-8", field->name);
}

int ml_rest_request_add(json_t *object, const ProtobufCMessageDescriptor *type, const char *name,
                        const char *value)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(type, name);
    json_t *json;
    if (!field)
        return MLEDGER_OK;
    ML_TRY(argument_value(field, value, &json));
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return json_object_set_new(object, field->name, json) == 0 ? MLEDGER_OK : ml_fail_memory();
    json_t *list = json_object_get(object, field->name);
    if (!list) {
        list = json_array();
        if (json_object_set_new(object, field->name, list) != 0) {
            json_decref(json);
            return ml_fail_memory();
        }
    }
    return json_array_append_new(list, json) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int set_argument(const char *name, const char *value, void *context)
{
    struct query *query = context;
    return ml_rest_request_add(query->object, query->type, name, value);
}

/* ---- the body ---- */

/* Requests that only a page of another site could send without asking have other types; a body is
 * not looked at then. */
static int check_content_type(const struct ml_server_request *http)
{
    static const char json_type[] = "application/json";
    const char *type = ml_server_header(http, "Content-Type");
    if (strcmp(http->method, "POST") != 0 && strcmp(http->method, "PUT") != 0)
        return MLEDGER_OK;
    if (!type)
        return ml_rest_refuse(ML_REST_INVALID, "Bad Request. Content-Type header is missing.");
    if (strcspn(type, "; ") == sizeof json_type - 1 &&
        strncasecmp(type, json_type, sizeof json_type - 1) == 0)
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID,
                          "Bad Request. Content-Type must be one of ['application/json'].");
}

static int blame_json(void)
{
    struct ml_error error;
    if (mledger_error_code() == MLEDGER_ESYSTEM)
        return MLEDGER_ESYSTEM;
    ml_error_get(&error);
    return ml_rest_refuse(ML_REST_BAD_REQUEST, "The request body could not be parsed as JSON: %s",
                          error.text);
}

/* Old clients send their JSON as a string of JSON. */
static int parse_string(struct ml_span body, json_t **ret_json)
{
    ML_CLEANUP(json_decrefp)
    json_t *text = json_loadb((const char *)body.data, body.len, JSON_DECODE_ANY, NULL);
    if (!json_is_string(text))
        return ml_fail(MLEDGER_EINVALID, "no valid JSON");
    return ml_json_parse(json_string_value(text), json_string_length(text), ret_json);
}

static int parse_body(struct ml_span body, json_t **ret_json)
{
    const int result = body.data[0] == '"'
                           ? parse_string(body, ret_json)
                           : ml_json_parse((const char *)body.data, body.len, ret_json);
    if (result < 0)
        return blame_json();
    if (json_is_object(*ret_json))
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_BAD_REQUEST, "The request body must be a JSON object");
}

int ml_rest_request_json(const struct ml_server_request *http, json_t **ret_json)
{
    ML_TRY(check_content_type(http));
    if (http->body.len == 0)
        return ml_rest_refuse(ML_REST_BAD_REQUEST, "The request has no body");
    return parse_body(http->body, ret_json);
}

/* ---- the message ---- */

#define SEE_DOCS "See the API docs for more information about request parameters."

/* An empty text is none, as it is where MLflow's servers look. */
static bool is_missing(const json_t *value)
{
    return !value || json_is_null(value) ||
           (json_is_string(value) && json_string_length(value) == 0);
}

static int check_required(const json_t *json, const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const json_t *value = json_object_get(json, type->fields[i].name);
        if (type->fields[i].label == PROTOBUF_C_LABEL_REQUIRED && is_missing(value))
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
    ML_CLEANUP(ml_freep)
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS) : NULL;
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
    ML_TRY(check_content_type(http));
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
