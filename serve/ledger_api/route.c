/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ledger_api/route.h"

#include "ledger/core/json.h"

const struct ml_api_route ml_api_routes[] = {
#define ROUTE(method, path, name, request, answer, content)                                        \
    {#method,                                                                                      \
     path,                                                                                         \
     &mledger_api__##request##__descriptor,                                                        \
     &mledger_api__##answer##__descriptor,                                                         \
     content,                                                                                      \
     ml_api_##name},
#include "serve/ledger_api/routes.def"
#undef ROUTE
};
const size_t ml_api_n_routes = ML_COUNT(ml_api_routes);

const struct ml_api_route *ml_api_route(const char *method, const char *path,
                                        struct ml_path_variables *ret_variables,
                                        const char **ret_allow)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    *ret_allow = NULL;
    for (size_t i = 0; i < ml_api_n_routes; i++) {
        if (!ml_path_matches(ml_api_routes[i].path, path, ret_variables))
            continue;
        if (strcmp(ml_api_routes[i].method, wanted) == 0)
            return &ml_api_routes[i];
        *ret_allow = ml_api_routes[i].method;
    }
    return NULL;
}

/* ---- the request ---- */

struct arguments {
    const ProtobufCMessageDescriptor *type;
    json_t *object;
};

/* What a field of that type is in JSON. NULL: the value is no UTF-8, or memory is out. */
static json_t *to_json(const ProtobufCFieldDescriptor *field, const char *value)
{
    if (field->type == PROTOBUF_C_TYPE_BOOL && strcmp(value, "true") == 0)
        return json_true();
    if (field->type == PROTOBUF_C_TYPE_BOOL && strcmp(value, "false") == 0)
        return json_false();
    return json_string(value); /* numbers are read from text, too */
}

int ml_api_request_add(json_t *object, const ProtobufCMessageDescriptor *type, const char *name,
                       const char *value)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(type, name);
    if (!field)
        return ml_fail(MLEDGER_EINVALID, "'%.64s' is no argument of this call", name);
    json_t *given = json_object_get(object, name), *json = to_json(field, value);
    const bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
    if (!json)
        return ml_fail(MLEDGER_EINVALID, "'%s' is no UTF-8", name);
    if (given && is_list)
        return json_array_append_new(given, json) == 0 ? MLEDGER_OK : ml_fail_memory();
    if (is_list)
        json = json_pack("[o]", json);
    if (given) {
        json_decref(json);
        return ml_fail(MLEDGER_EINVALID, "'%s' is given twice", name);
    }
    return json_object_set_new(object, name, json) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int add_argument(const char *name, const char *value, void *context)
{
    const struct arguments *arguments = context;
    return ml_api_request_add(arguments->object, arguments->type, name, value);
}

static int add_variable(const struct ml_path_variable *variable, json_t *object,
                        const ProtobufCMessageDescriptor *type)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_append(&text, variable->name.data, variable->name.len));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    const size_t value = text.len;
    ML_TRY(ml_buf_append(&text, variable->value.data, variable->value.len));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    return ml_api_request_add(object, type, (const char *)text.data,
                              (const char *)text.data + value);
}

int ml_api_read_arguments(struct ml_api_call *call, const struct ml_api_route *route,
                          const struct ml_path_variables *variables, json_t *object,
                          ProtobufCMessage **ret_message)
{
    for (size_t i = 0; i < variables->count; i++)
        ML_TRY(add_variable(&variables->list[i], object, route->request));
    return ml_json_to_api(object, route->request, &call->arena, ret_message);
}

int ml_api_read_request(struct ml_api_call *call, const struct ml_api_route *route,
                        const struct ml_path_variables *variables, ProtobufCMessage **ret_message)
{
    ML_CLEANUP(json_decrefp) json_t *json = json_object();
    struct arguments arguments = {route->request, json};
    if (!json)
        return ml_fail_memory();
    ML_TRY(ml_server_arguments(call->http, add_argument, &arguments));
    return ml_api_read_arguments(call, route, variables, json, ret_message);
}
