/* SPDX-License-Identifier: Apache-2.0 */
/* From messages to JSON. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "ledger/core/hex.h"
#include "ledger/core/json_field.h"
#include "ledger/core/time.h"
#include "ledger/core/utf8.h"

bool ml_json_is_time(const ProtobufCFieldDescriptor *field)
{
    static const char *const names[] = {"recorded_at", "occurred_at", "time",
                                        "expiry",      "since_time",  "wrong"};
    if (field->type != PROTOBUF_C_TYPE_INT64)
        return false;
    for (size_t i = 0; i < ML_COUNT(names); i++)
        if (strcmp(field->name, names[i]) == 0)
            return true;
    return false;
}

void ml_json_enum_name(const ProtobufCEnumValue *value, char separator,
                       char ret_name[ML_ENUM_NAME_SIZE])
{
    size_t len = strlen(value->name);
    assert(len < ML_ENUM_NAME_SIZE);
    for (size_t i = 0; i < len; i++) {
        char c = value->name[i];
        if (c >= 'A' && c <= 'Z')
            ret_name[i] = (char)(c - 'A' + 'a');
        else
            ret_name[i] = c == '_' ? separator : c;
    }
    ret_name[len] = '\0';
}

const ProtobufCEnumValue *ml_json_enum_value(const ProtobufCEnumDescriptor *type, char separator,
                                             const char *name, size_t len)
{
    for (unsigned i = 0; i < type->n_values; i++) {
        char known[ML_ENUM_NAME_SIZE];
        ml_json_enum_name(&type->values[i], separator, known);
        if (strlen(known) == len && memcmp(known, name, len) == 0)
            return type->values[i].value == 0 ? NULL : &type->values[i];
    }
    return NULL;
}

int ml_json_put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new_nocheck(object, key, value) == 0 ? MLEDGER_OK : ml_fail_memory();
}

json_t *ml_json_hex(const void *data, size_t len)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (ml_hex_append(&text, data, len) < 0)
        return NULL;
    return json_stringn_nocheck(text.len ? (const char *)text.data : "", text.len);
}

/* An element whose descriptor and type are those of `field`. */
struct element {
    enum ml_json_dialect dialect;
    const ProtobufCFieldDescriptor *field;
    const void *value;
};

static int write_message(enum ml_json_dialect dialect, const ProtobufCMessage *message,
                         json_t **ret_json);

static json_t *from_time(int64_t time_us)
{
    char text[ML_TIME_TEXT_SIZE];
    if (time_us < 0 || time_us > ML_TIME_MAX_US || ml_time_format(time_us, text) < 0)
        return json_integer(time_us);
    return json_string_nocheck(text);
}

static json_t *from_uint64(uint64_t number)
{
    if (number <= INT64_MAX)
        return json_integer((json_int_t)number);
    char text[sizeof "18446744073709551615"];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return json_string_nocheck(text);
}

static json_t *from_double(double number)
{
    if (isnan(number))
        return json_string_nocheck("NaN");
    if (isinf(number))
        return json_string_nocheck(number < 0 ? "-Infinity" : "Infinity");
    return json_real(number);
}

static int fail_element(const ProtobufCFieldDescriptor *field, const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "%s in field '%s'", what, field->name);
}

static int write_text(struct element element, json_t **ret_json)
{
    const char *text = *(char *const *)element.value;
    size_t len = strlen(text);
    if (!ml_utf8_is_text(ML_SPAN(text, len)))
        return fail_element(element.field, "invalid UTF-8");
    *ret_json = json_stringn_nocheck(text, len);
    return *ret_json ? MLEDGER_OK : ml_fail_memory();
}

static int write_enum(struct element element, json_t **ret_json)
{
    int32_t number = *(const int32_t *)element.value;
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(element.field->descriptor, number);
    if (!value || (number == 0 && element.dialect == ML_JSON_LEDGER))
        return fail_element(element.field, "unknown value");
    char name[ML_ENUM_NAME_SIZE];
    ml_json_enum_name(value, ML_ENUM_SEPARATOR, name);
    *ret_json = json_string_nocheck(element.dialect == ML_JSON_LEDGER ? name : value->name);
    return *ret_json ? MLEDGER_OK : ml_fail_memory();
}

/* "sha256:HEX" */
static int digest_text(const Mledger__Digest *digest, struct ml_buf *text)
{
    const ProtobufCEnumValue *algorithm =
        protobuf_c_enum_descriptor_get_value(&mledger__algorithm__descriptor, digest->algorithm);
    if (!algorithm || digest->algorithm == MLEDGER__ALGORITHM__ALGORITHM_UNSPECIFIED)
        return ml_fail(MLEDGER_EINVALID, "unknown algorithm of a Digest");
    char name[ML_ENUM_NAME_SIZE];
    ml_json_enum_name(algorithm, ML_ALGORITHM_SEPARATOR, name);
    ML_TRY(ml_buf_printf(text, "%s:", name));
    return ml_hex_append(text, digest->value.data, digest->value.len);
}

static int write_field(enum ml_json_dialect dialect, const ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field, json_t *object);

static int write_digest(const Mledger__Digest *digest, json_t *object)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(digest_text(digest, &text));
    ML_TRY(ml_json_put(object, "digest", json_stringn_nocheck((const char *)text.data, text.len)));
    return write_field(
        ML_JSON_LEDGER, &digest->base,
        protobuf_c_message_descriptor_get_field_by_name(&mledger__digest__descriptor, "standing"),
        object);
}

static int write_element(struct element element, json_t **ret_json)
{
    const ProtobufCBinaryData *bytes = element.value;
    switch (element.field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return write_text(element, ret_json);
    case PROTOBUF_C_TYPE_ENUM:
        return write_enum(element, ret_json);
    case PROTOBUF_C_TYPE_MESSAGE:
        return write_message(element.dialect, *(ProtobufCMessage *const *)element.value, ret_json);
    case PROTOBUF_C_TYPE_BYTES:
        *ret_json = ml_json_hex(bytes->data, bytes->len);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        *ret_json = json_boolean(*(const protobuf_c_boolean *)element.value);
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        *ret_json = from_double(*(const double *)element.value);
        break;
    case PROTOBUF_C_TYPE_INT32:
        *ret_json = json_integer(*(const int32_t *)element.value);
        break;
    case PROTOBUF_C_TYPE_UINT32:
        *ret_json = json_integer(*(const uint32_t *)element.value);
        break;
    case PROTOBUF_C_TYPE_UINT64:
        *ret_json = from_uint64(*(const uint64_t *)element.value);
        break;
    case PROTOBUF_C_TYPE_INT64:
        *ret_json = element.dialect == ML_JSON_LEDGER && ml_json_is_time(element.field)
                        ? from_time(*(const int64_t *)element.value)
                        : json_integer(*(const int64_t *)element.value);
        break;
    default:
        assert(false && "a type that no field of the schema has");
    }
    return *ret_json ? MLEDGER_OK : ml_fail_memory();
}

static int write_list(enum ml_json_dialect dialect, const ProtobufCMessage *message,
                      const ProtobufCFieldDescriptor *field, size_t count, json_t *object)
{
    ML_CLEANUP(json_decrefp) json_t *list = json_array();
    if (!list)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++) {
        json_t *json = NULL;
        ML_TRY(
            write_element((struct element){dialect, field, ml_field_at(message, field, i)}, &json));
        if (json_array_append_new(list, json) != 0)
            return ml_fail_memory();
    }
    return ml_json_put(object, field->name, ML_TAKE(list));
}

static int write_field(enum ml_json_dialect dialect, const ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field, json_t *object)
{
    size_t count = ml_field_count(message, field);
    if (count == 0)
        return MLEDGER_OK;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return write_list(dialect, message, field, count, object);
    json_t *json = NULL;
    ML_TRY(write_element((struct element){dialect, field, ml_field_at(message, field, 0)}, &json));
    return ml_json_put(object, field->name, json);
}

static int write_message(enum ml_json_dialect dialect, const ProtobufCMessage *message,
                         json_t **ret_json)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    ML_CLEANUP(json_decrefp) json_t *object = json_object();
    if (!object)
        return ml_fail_memory();
    if (type == &mledger__digest__descriptor) {
        ML_TRY(write_digest((const Mledger__Digest *)message, object));
        *ret_json = ML_TAKE(object);
        return MLEDGER_OK;
    }
    for (unsigned i = 0; i < type->n_fields; i++)
        ML_TRY(write_field(dialect, message, &type->fields[i], object));
    *ret_json = ML_TAKE(object);
    return MLEDGER_OK;
}

int ml_json_from_message(const ProtobufCMessage *message, json_t **ret_json)
{
    return write_message(ML_JSON_LEDGER, message, ret_json);
}

int ml_json_from_api(const ProtobufCMessage *message, json_t **ret_json)
{
    return write_message(ML_JSON_PROTOBUF, message, ret_json);
}
