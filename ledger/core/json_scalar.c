/* SPDX-License-Identifier: Apache-2.0 */
/* Single values from JSON: text, bytes, numbers, times, names of enum values. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "ledger/core/double.h"
#include "ledger/core/event.h"
#include "ledger/core/hex.h"
#include "ledger/core/json_field.h"
#include "ledger/core/time.h"
#include "ledger/core/utf8.h"

static void write_path(const struct ml_json_path *path, char *text, size_t size)
{
    text[0] = '\0';
    if (path->above)
        write_path(path->above, text, size);
    size_t len = strlen(text);
    snprintf(text + len, size - len, "%s%s", len ? "." : "", path->name);
    len = strlen(text);
    if (path->index != SIZE_MAX)
        snprintf(text + len, size - len, "[%zu]", path->index);
}

int ml_json_at(const struct ml_json_path *path)
{
    char text[256];
    if (!path)
        return ml_failed();
    write_path(path, text, sizeof text);
    return ml_prefix("%s", text);
}

void ml_json_set_error(const struct ml_json_path *path, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    (void)ml_fail(MLEDGER_EINVALID, "%s", what);
    (void)ml_json_at(path);
}

int ml_json_quoted(size_t len)
{
    return (int)(len < ML_JSON_QUOTE_MAX ? len : ML_JSON_QUOTE_MAX);
}

int ml_json_fail_memory(const struct ml_json_place *place)
{
    (void)ml_arena_fail(place->reader->arena, "what is written here");
    return mledger_error_code() == MLEDGER_ESYSTEM ? MLEDGER_ESYSTEM : ml_json_at(place->path);
}

static bool text_is(const json_t *json, const char *text)
{
    return json_string_length(json) == strlen(text) && strcmp(json_string_value(json), text) == 0;
}

int ml_json_read_text(const struct ml_json_place *place, const json_t *json, char **ret_text)
{
    if (!json_is_string(json))
        return ml_json_fail(place->path, "expected a string");
    size_t len = json_string_length(json);
    if (len > ML_LIMIT_TEXT)
        return ml_json_fail(place->path, "text of %zu bytes, over %d", len, ML_LIMIT_TEXT);
    if (!ml_utf8_is_text(ML_SPAN(json_string_value(json), len)))
        return ml_json_fail(place->path, "text with NUL or invalid UTF-8");
    char *text = ml_arena_text(place->reader->arena, json_string_value(json), len);
    if (!text)
        return ml_json_fail_memory(place);
    *ret_text = text;
    return MLEDGER_OK;
}

int ml_json_read_hex(const struct ml_json_place *place, const char *text, size_t text_len,
                     ProtobufCBinaryData *ret_bytes)
{
    size_t len = text_len / 2;
    if (text_len % 2 != 0)
        return ml_json_fail(place->path, "an odd number of hexadecimal digits");
    uint8_t *data = ml_arena_alloc(place->reader->arena, len);
    if (!data)
        return ml_json_fail_memory(place);
    if (ml_hex_decode(text, text_len, data, len) < 0)
        return ml_json_at(place->path);
    *ret_bytes = (ProtobufCBinaryData){.len = len, .data = data};
    return MLEDGER_OK;
}

static int read_bytes(const struct ml_json_place *place, const json_t *json,
                      ProtobufCBinaryData *ret_bytes)
{
    if (!json_is_string(json))
        return ml_json_fail(place->path, "expected a string of hexadecimal digits");
    size_t text_len = json_string_length(json);
    size_t fixed = ml_codec_fixed_size(place->type, place->field);
    if (fixed && text_len != 2 * fixed)
        return ml_json_fail(place->path, "%zu hexadecimal digits where %zu belong", text_len,
                            2 * fixed);
    return ml_json_read_hex(place, json_string_value(json), text_len, ret_bytes);
}

static bool parse_signed(const char *text, size_t len, json_int_t *ret_number)
{
    const bool is_negative = len > 0 && text[0] == '-';
    const size_t first = is_negative ? 1 : 0;
    json_int_t number = 0;
    for (size_t i = first; i < len; i++) {
        const int digit = text[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_sub_overflow(number, digit, &number)) /* below 0, where there is one more */
            return false;
    }
    if (len == first || (!is_negative && number == INT64_MIN))
        return false;
    *ret_number = is_negative ? number : -number;
    return true;
}

/* In protobuf's dialect also the digits in a string, and a double without a fraction. */
static bool take_integer(const struct ml_json_place *place, const json_t *json,
                         json_int_t *ret_number)
{
    if (json_is_integer(json)) {
        *ret_number = json_integer_value(json);
        return true;
    }
    if (place->reader->dialect != ML_JSON_PROTOBUF)
        return false;
    if (json_is_string(json))
        return parse_signed(json_string_value(json), json_string_length(json), ret_number);
    /* 2^63 is the least double that no int64 holds. */
    const double number = json_number_value(json);
    if (!json_is_real(json) || !(number > -0x1p63 && number < 0x1p63))
        return false;
    *ret_number = (json_int_t)number;
    return (double)*ret_number == number;
}

/* An integer in min..max. */
static int read_integer(const struct ml_json_place *place, const json_t *json, json_int_t min,
                        json_int_t max, json_int_t *ret_number)
{
    json_int_t number;
    if (!take_integer(place, json, &number))
        return ml_json_fail(place->path, "expected an integer");
    if (number < min || number > max)
        return ml_json_fail(place->path, "%" JSON_INTEGER_FORMAT " is out of range", number);
    *ret_number = number;
    return MLEDGER_OK;
}

/* Decimal digits of a number that no JSON integer of ours holds. */
static bool parse_large(const json_t *json, uint64_t *ret_number)
{
    uint64_t number = 0;
    const char *text = json_string_value(json);
    for (size_t i = 0; i < json_string_length(json); i++)
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(text[i] - '0'), &number))
            return false;
    *ret_number = number;
    return text[0] != '0' && number > INT64_MAX;
}

static int read_uint64(const struct ml_json_place *place, const json_t *json, uint64_t *ret_number)
{
    if (json_is_string(json) && parse_large(json, ret_number))
        return MLEDGER_OK;
    json_int_t number;
    ML_TRY(read_integer(place, json, 0, INT64_MAX, &number));
    *ret_number = (uint64_t)number;
    return MLEDGER_OK;
}

/* Of a draft a subject may be named instead, to be resolved later. */
static int read_seq(const struct ml_json_place *place, const json_t *json, uint64_t *ret_seq)
{
    struct ml_draft *draft = place->reader->draft;
    Mledger__SubjectKind kind;
    (void)ml_field_role(place->field, &kind);
    if (!draft || json_is_integer(json) || kind == MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED)
        return read_uint64(place, json, ret_seq);
    if (!json_is_string(json) || json_string_length(json) == 0)
        return ml_json_fail(place->path, "expected a record's number or a name");
    char *name;
    ML_TRY(ml_json_read_text(place, json, &name));
    return ml_draft_name(draft, ret_seq, kind, place->field->name, name);
}

static int read_time(const struct ml_json_place *place, const json_t *json, int64_t *ret_time_us)
{
    if (json_is_integer(json)) {
        json_int_t time_us = json_integer_value(json);
        if (time_us >= 0 && time_us <= ML_TIME_MAX_US)
            return ml_json_fail(place->path, "expected a time like 2026-03-01T14:32:00Z");
        *ret_time_us = time_us;
        return MLEDGER_OK;
    }
    if (!json_is_string(json))
        return ml_json_fail(place->path, "expected a time like 2026-03-01T14:32:00Z");
    if (ml_time_parse(json_string_value(json), json_string_length(json), ret_time_us) < 0)
        return ml_json_at(place->path);
    return MLEDGER_OK;
}

static int read_int64(const struct ml_json_place *place, const json_t *json, int64_t *ret_number)
{
    if (place->reader->dialect == ML_JSON_LEDGER && ml_json_is_time(place->field))
        return read_time(place, json, ret_number);
    json_int_t number;
    ML_TRY(read_integer(place, json, INT64_MIN, INT64_MAX, &number));
    *ret_number = number;
    return MLEDGER_OK;
}

int ml_json_read_double(const struct ml_json_place *place, const json_t *json, double *ret_number)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    if (json_is_number(json) && isfinite(json_number_value(json))) {
        *ret_number = json_number_value(json);
        return MLEDGER_OK;
    }
    for (size_t i = 0; json_is_string(json) && i < ML_COUNT(words); i++)
        if (text_is(json, words[i]))
            return ml_double_parse(words[i], strlen(words[i]), ret_number);
    if (json_is_string(json) && place->reader->dialect == ML_JSON_PROTOBUF &&
        ml_double_parse(json_string_value(json), json_string_length(json), ret_number) >= 0)
        return MLEDGER_OK;
    return ml_json_fail(place->path,
                        "expected a number, or one of \"NaN\", \"Infinity\", \"-Infinity\"");
}

static int read_enum(const struct ml_json_place *place, const json_t *json, int32_t *ret_number)
{
    const ProtobufCEnumDescriptor *type = place->field->descriptor;
    if (!json_is_string(json))
        return ml_json_fail(place->path, "expected a string");
    const char *name = json_string_value(json);
    size_t len = json_string_length(json);
    const ProtobufCEnumValue *value = place->reader->dialect == ML_JSON_PROTOBUF
                                          ? protobuf_c_enum_descriptor_get_value_by_name(type, name)
                                          : ml_json_enum_value(type, ML_ENUM_SEPARATOR, name, len);
    if (!value)
        return ml_json_fail(place->path, "'%.*s' is no %s", ml_json_quoted(len), name,
                            type->short_name);
    *ret_number = value->value;
    return MLEDGER_OK;
}

static int read_bool(const struct ml_json_place *place, const json_t *json,
                     protobuf_c_boolean *ret_value)
{
    if (!json_is_boolean(json))
        return ml_json_fail(place->path, "expected true or false");
    *ret_value = json_is_true(json);
    return MLEDGER_OK;
}

static int read_32(const struct ml_json_place *place, const json_t *json, void *member)
{
    bool is_signed = place->field->type == PROTOBUF_C_TYPE_INT32;
    json_int_t number;
    ML_TRY(read_integer(place, json, is_signed ? INT32_MIN : 0, is_signed ? INT32_MAX : UINT32_MAX,
                        &number));
    if (is_signed)
        *(int32_t *)member = (int32_t)number;
    else
        *(uint32_t *)member = (uint32_t)number;
    return MLEDGER_OK;
}

int ml_json_read_scalar(const struct ml_json_place *place, const json_t *json, void *member)
{
    switch (place->field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return ml_json_read_text(place, json, member);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(place, json, member);
    case PROTOBUF_C_TYPE_BOOL:
        return read_bool(place, json, member);
    case PROTOBUF_C_TYPE_ENUM:
        return read_enum(place, json, member);
    case PROTOBUF_C_TYPE_DOUBLE:
        return ml_json_read_double(place, json, member);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_UINT32:
        return read_32(place, json, member);
    case PROTOBUF_C_TYPE_INT64:
        return read_int64(place, json, member);
    case PROTOBUF_C_TYPE_UINT64:
        return read_seq(place, json, member);
    default:
        assert(false && "a type that no field of the schema has");
        return ml_json_fail(place->path, "cannot be read from JSON");
    }
}
