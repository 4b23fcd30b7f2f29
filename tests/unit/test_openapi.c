/* SPDX-License-Identifier: Apache-2.0 */
/* docs/openapi.json is what the server does: every route, every argument, every field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "ledger/core/json.h"
#include "serve/ledger_api/openapi_document.h"
#include "serve/ledger_api/route.h"

static json_t *document;

static int setup(void **state)
{
    (void)state;
    assert_int_equal(
        ml_json_parse((const char *)ml_openapi_document, ml_openapi_document_size, &document),
        MLEDGER_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    json_decref(document);
    return 0;
}

/* The value at a path of keys, which must be there. */
static json_t *at(json_t *json, const char *one, const char *two)
{
    json_t *value = json_object_get(json, one);
    if (value && two)
        value = json_object_get(value, two);
    if (!value)
        fail_msg("nothing at %s %s", one, two ? two : "");
    return value;
}

/* A route's path as the document writes it: "{+path}" is "{path}". */
static void write_path(const char *pattern, char *path, size_t size)
{
    size_t len = (size_t)snprintf(path, size, "/");
    for (; *pattern; pattern++)
        if (*pattern != '+')
            len += (size_t)snprintf(path + len, size - len, "%c", *pattern);
}

static void write_method(const char *method, char *text)
{
    for (; *method; method++)
        *text++ = (char)(*method - 'A' + 'a');
    *text = '\0';
}

static json_t *operation_of(const struct ml_api_route *route)
{
    char path[128], method[16];
    write_path(route->path, path, sizeof path);
    write_method(route->method, method);
    return at(at(document, "paths", path), method, NULL);
}

static void every_route_is_there_and_no_other(void **state)
{
    size_t count = 0;
    const char *path, *method;
    json_t *item, *operation;
    (void)state;
    for (size_t i = 0; i < ml_api_n_routes; i++)
        operation_of(&ml_api_routes[i]);
    json_object_foreach(at(document, "paths", NULL), path, item)
        json_object_foreach(item, method, operation) count++;
    assert_int_equal(count, ml_api_n_routes);
}

static bool in_path(const struct ml_api_route *route, const char *name)
{
    char plain[64], rest[64];
    snprintf(plain, sizeof plain, "{%s}", name);
    snprintf(rest, sizeof rest, "{+%s}", name);
    return strstr(route->path, plain) || strstr(route->path, rest);
}

/* The type in JSON of a field of a request. */
static const char *type_of(const ProtobufCFieldDescriptor *field)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return "array";
    switch (field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        return "boolean";
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_UINT64:
        return "integer";
    default:
        return "string";
    }
}

/* A schema's type; of a list of words it is text. */
static const char *type_in(const json_t *schema)
{
    const char *type = json_string_value(json_object_get(schema, "type"));
    return json_object_get(schema, "enum") ? "string" : type ? type : "none";
}

static void check_parameter(const struct ml_api_route *route, const json_t *parameter)
{
    const char *name = json_string_value(json_object_get(parameter, "name"));
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(route->request, name);
    if (!field)
        fail_msg("%s takes no '%s'", route->path, name);
    assert_string_equal(json_string_value(json_object_get(parameter, "in")),
                        in_path(route, name) ? "path" : "query");
    assert_int_equal(json_is_true(json_object_get(parameter, "required")),
                     field->label == PROTOBUF_C_LABEL_REQUIRED);
    assert_string_equal(type_in(json_object_get(parameter, "schema")), type_of(field));
}

static void every_argument(void **state)
{
    (void)state;
    for (size_t i = 0; i < ml_api_n_routes; i++) {
        const struct ml_api_route *route = &ml_api_routes[i];
        const json_t *parameters = json_object_get(operation_of(route), "parameters");
        if (json_array_size(parameters) != route->request->n_fields)
            fail_msg("%s takes %u arguments", route->path, route->request->n_fields);
        for (size_t k = 0; k < json_array_size(parameters); k++)
            check_parameter(route, json_array_get(parameters, k));
    }
}

static bool holds_text(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

/* A schema has exactly the fields of its message, and asks for those that are required. */
static void check_schema(const ProtobufCMessageDescriptor *type)
{
    json_t *schema = at(at(document, "components", "schemas"), type->short_name, NULL);
    const json_t *properties = at(schema, "properties", NULL);
    const json_t *required = at(schema, "required", NULL);
    assert_int_equal(json_object_size(properties), type->n_fields);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        const json_t *property = json_object_get(properties, field->name);
        if (!property)
            fail_msg("%s has no '%s'", type->short_name, field->name);
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            assert_string_equal(type_in(property), "array");
        assert_int_equal(holds_text(required, field->name),
                         field->label == PROTOBUF_C_LABEL_REQUIRED);
    }
}

static void every_field_of_an_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < ml_api_n_routes; i++)
        if (ml_api_routes[i].answer->n_fields > 0)
            check_schema(ml_api_routes[i].answer);
    check_schema(&mledger_api__row__descriptor);
    check_schema(&mledger_api__problem__descriptor);
}

/* Its JSON refers to the schema of the message. */
static void check_answer(const struct ml_api_route *route, json_t *content)
{
    char reference[128];
    if (route->answer->n_fields == 0)
        return;
    snprintf(reference, sizeof reference, "#/components/schemas/%s", route->answer->short_name);
    json_t *schema = at(at(content, "application/json", "schema"), "$ref", NULL);
    assert_string_equal(json_string_value(schema), reference);
}

static void every_form_of_an_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < ml_api_n_routes; i++) {
        const struct ml_api_route *route = &ml_api_routes[i];
        const char *status = strcmp(route->method, "POST") == 0 ? "201" : "200";
        json_t *responses = at(operation_of(route), "responses", NULL);
        json_t *content = at(at(responses, status, NULL), "content", NULL), *form;
        const char *type;
        size_t len = 0;
        json_object_foreach(content, type, form)
        {
            if (!strstr(route->content, type))
                fail_msg("%s does not come as %s", route->path, type);
            len += strlen(type) + 1;
        }
        assert_int_equal(len, strlen(route->content) + 1);
        check_answer(route, content);
        at(responses, "default", NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_there_and_no_other),
        cmocka_unit_test(every_argument),
        cmocka_unit_test(every_field_of_an_answer),
        cmocka_unit_test(every_form_of_an_answer),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
