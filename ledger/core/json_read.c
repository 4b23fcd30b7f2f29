/* SPDX-License-Identifier: Apache-2.0 */
/* From JSON to messages, strictly. */
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

#define MEMBER(message, offset) ((void *)((uint8_t *)(message) + (offset)))

enum { QUOTE_MAX = 64 };

/* A value to be read into `member`, which lies in a message of `type`. */
struct place {
    const struct ml_json_reader *reader;
    const struct ml_json_path *path;
    const ProtobufCMessageDescriptor *type;
    const ProtobufCFieldDescriptor *field;
};

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

/* Puts the place before the error that is set. */
static int at_path(const struct ml_json_path *path)
{
    char text[256];
    if (!path)
        return mledger_error_code();
    write_path(path, text, sizeof text);
    return ml_prefix("%s", text);
}

int ml_json_fail(const struct ml_json_path *path, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    (void)ml_fail(MLEDGER_EINVALID, "%s", what);
    return at_path(path);
}

static int quoted(size_t len)
{
    return (int)(len < QUOTE_MAX ? len : QUOTE_MAX);
}

/* The allocator's NULL as an error. */
static int fail_memory(const struct place *place)
{
    (void)ml_arena_fail(place->reader->arena, "what is written here");
    return mledger_error_code() == MLEDGER_ESYSTEM ? MLEDGER_ESYSTEM : at_path(place->path);
}

static bool text_is(const json_t *json, const char *text)
{
    return json_string_length(json) == strlen(text) && strcmp(json_string_value(json), text) == 0;
}

static int read_text(const struct place *place, const json_t *json, char **ret_text)
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
        return fail_memory(place);
    *ret_text = text;
    return MLEDGER_OK;
}

static int read_hex(const struct place *place, const char *text, size_t text_len,
                    ProtobufCBinaryData *ret_bytes)
{
    size_t len = text_len / 2;
    if (text_len % 2 != 0)
        return ml_json_fail(place->path, "an odd number of hexadecimal digits");
    uint8_t *data = ml_arena_alloc(place->reader->arena, len);
    if (!data)
        return fail_memory(place);
    if (ml_hex_decode(text, text_len, data, len) < 0)
        return at_path(place->path);
    *ret_bytes = (ProtobufCBinaryData){.len = len, .data = data};
    return MLEDGER_OK;
}

static int read_bytes(const struct place *place, const json_t *json, ProtobufCBinaryData *ret_bytes)
{
    if (!json_is_string(json))
        return ml_json_fail(place->path, "expected a string of hexadecimal digits");
    size_t text_len = json_string_length(json);
    size_t fixed = ml_codec_fixed_size(place->type, place->field);
    if (fixed && text_len != 2 * fixed)
        return ml_json_fail(place->path, "%zu hexadecimal digits where %zu belong", text_len,
                            2 * fixed);
    return read_hex(place, json_string_value(json), text_len, ret_bytes);
}

/* An integer in min..max. */
static int read_integer(const struct place *place, const json_t *json, json_int_t min,
                        json_int_t max, json_int_t *ret_number)
{
    if (!json_is_integer(json))
        return ml_json_fail(place->path, "expected an integer");
    json_int_t number = json_integer_value(json);
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

static int read_uint64(const struct place *place, const json_t *json, uint64_t *ret_number)
{
    if (json_is_string(json) && parse_large(json, ret_number))
        return MLEDGER_OK;
    json_int_t number;
    ML_TRY(read_integer(place, json, 0, INT64_MAX, &number));
    *ret_number = (uint64_t)number;
    return MLEDGER_OK;
}

/* Of a draft a subject may be named instead, to be resolved later. */
static int read_seq(const struct place *place, const json_t *json, uint64_t *ret_seq)
{
    struct ml_draft *draft = place->reader->draft;
    Mledger__SubjectKind kind;
    (void)ml_field_role(place->field, &kind);
    if (!draft || json_is_integer(json) || kind == MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED)
        return read_uint64(place, json, ret_seq);
    if (!json_is_string(json) || json_string_length(json) == 0)
        return ml_json_fail(place->path, "expected a record's number or a name");
    char *name;
    ML_TRY(read_text(place, json, &name));
    return ml_draft_name(draft, ret_seq, kind, place->field->name, name);
}

static int read_time(const struct place *place, const json_t *json, int64_t *ret_time_us)
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
        return at_path(place->path);
    return MLEDGER_OK;
}

static int read_int64(const struct place *place, const json_t *json, int64_t *ret_number)
{
    if (ml_json_is_time(place->field))
        return read_time(place, json, ret_number);
    json_int_t number;
    ML_TRY(read_integer(place, json, INT64_MIN, INT64_MAX, &number));
    *ret_number = number;
    return MLEDGER_OK;
}

static int read_double(const struct place *place, const json_t *json, double *ret_number)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    if (json_is_number(json) && isfinite(json_number_value(json))) {
        *ret_number = json_number_value(json);
        return MLEDGER_OK;
    }
    for (size_t i = 0; json_is_string(json) && i < ML_COUNT(words); i++)
        if (text_is(json, words[i]))
            return ml_double_parse(words[i], strlen(words[i]), ret_number);
    return ml_json_fail(place->path,
                        "expected a number, or one of \"NaN\", \"Infinity\", \"-Infinity\"");
}

static int read_enum(const struct place *place, const json_t *json, int32_t *ret_number)
{
    const ProtobufCEnumDescriptor *type = place->field->descriptor;
    if (!json_is_string(json))
        return ml_json_fail(place->path, "expected a string");
    const char *name = json_string_value(json);
    size_t len = json_string_length(json);
    const ProtobufCEnumValue *value = ml_json_enum_value(type, ML_ENUM_SEPARATOR, name, len);
    if (!value)
        return ml_json_fail(place->path, "'%.*s' is no %s", quoted(len), name, type->short_name);
    *ret_number = value->value;
    return MLEDGER_OK;
}

/* "sha256:HEX" */
static int read_digest_text(const struct place *place, const json_t *json, Mledger__Digest *digest)
{
    if (!json_is_string(json))
        return ml_json_fail(place->path, "expected a digest like \"sha256:…\"");
    const char *text = json_string_value(json);
    const char *end = text + json_string_length(json);
    const char *colon = memchr(text, ':', (size_t)(end - text));
    if (!colon)
        return ml_json_fail(place->path, "expected a digest like \"sha256:…\"");
    size_t len = (size_t)(colon - text);
    const ProtobufCEnumValue *algorithm =
        ml_json_enum_value(&mledger__algorithm__descriptor, ML_ALGORITHM_SEPARATOR, text, len);
    if (!algorithm)
        return ml_json_fail(place->path, "'%.*s' is no algorithm of digests", quoted(len), text);
    digest->algorithm = (Mledger__Algorithm)algorithm->value;
    ML_TRY(read_hex(place, colon + 1, (size_t)(end - colon - 1), &digest->value));
    digest->standing = MLEDGER__STANDING__CLAIMED;
    return ml_codec_check(&digest->base) < 0 ? at_path(place->path) : MLEDGER_OK;
}

static int read_field(const struct place *place, const json_t *json, ProtobufCMessage *message);

static int read_digest(const struct place *place, const json_t *json, Mledger__Digest *digest)
{
    if (!json_is_object(json))
        return read_digest_text(place, json, digest);
    struct ml_json_path path = {place->path, "digest", SIZE_MAX};
    struct place member = {place->reader, &path, digest->base.descriptor, NULL};
    const json_t *text = json_object_get(json, "digest");
    const json_t *standing = json_object_get(json, "standing");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, key,
                        value) if (value != text &&
                                   value != standing) return ml_json_fail(place->path,
                                                                          "unknown key '%.*s'",
                                                                          QUOTE_MAX, key);
    if (!text || !standing)
        return ml_json_fail(place->path, "'%s' is missing", text ? "standing" : "digest");
    ML_TRY(read_digest_text(&member, text, digest));
    member.field = protobuf_c_message_descriptor_get_field_by_name(member.type, "standing");
    path.name = member.field->name;
    return read_field(&member, standing, &digest->base);
}

/* A bare string: the text, and the number it says. */
static int read_metric_text(const struct place *place, const json_t *json,
                            Mledger__MetricValue *metric)
{
    ML_TRY(read_text(place, json, &metric->text));
    if (ml_double_parse(metric->text, strlen(metric->text), &metric->value) < 0)
        return at_path(place->path);
    return MLEDGER_OK;
}

static int read_metric_number(const struct place *place, const json_t *json,
                              Mledger__MetricValue *metric)
{
    char text[ML_DOUBLE_TEXT_SIZE];
    ML_TRY(read_double(place, json, &metric->value));
    if (json_is_integer(json))
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    else
        ml_double_format(metric->value, text);
    metric->text = ml_arena_text(place->reader->arena, text, strlen(text));
    return metric->text ? MLEDGER_OK : fail_memory(place);
}

static int read_message(const struct place *place, const json_t *json,
                        ProtobufCMessage **ret_message)
{
    const ProtobufCMessageDescriptor *type = place->field->descriptor;
    ProtobufCMessage *message = ml_arena_alloc(place->reader->arena, type->sizeof_message);
    if (!message)
        return fail_memory(place);
    protobuf_c_message_init(type, message);
    if (type == &mledger__digest__descriptor)
        ML_TRY(read_digest(place, json, (Mledger__Digest *)message));
    else if (type == &mledger__metric_value__descriptor && json_is_string(json))
        ML_TRY(read_metric_text(place, json, (Mledger__MetricValue *)message));
    else if (type == &mledger__metric_value__descriptor && json_is_number(json))
        ML_TRY(read_metric_number(place, json, (Mledger__MetricValue *)message));
    else
        ML_TRY(ml_json_read(place->reader, place->path, json, message));
    *ret_message = message;
    return MLEDGER_OK;
}

static int read_bool(const struct place *place, const json_t *json, protobuf_c_boolean *ret_value)
{
    if (!json_is_boolean(json))
        return ml_json_fail(place->path, "expected true or false");
    *ret_value = json_is_true(json);
    return MLEDGER_OK;
}

static int read_32(const struct place *place, const json_t *json, void *member)
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

static int read_element(const struct place *place, const json_t *json, void *member)
{
    switch (place->field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return read_text(place, json, member);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(place, json, member);
    case PROTOBUF_C_TYPE_MESSAGE:
        return read_message(place, json, member);
    case PROTOBUF_C_TYPE_BOOL:
        return read_bool(place, json, member);
    case PROTOBUF_C_TYPE_ENUM:
        return read_enum(place, json, member);
    case PROTOBUF_C_TYPE_DOUBLE:
        return read_double(place, json, member);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_UINT32:
        return read_32(place, json, member);
    case PROTOBUF_C_TYPE_INT64:
        return read_int64(place, json, member);
    case PROTOBUF_C_TYPE_UINT64:
        return read_seq(place, json, member);
    default:
        assert(!"a type that no field of the schema has");
        return ml_json_fail(place->path, "cannot be read from JSON");
    }
}

static int read_list(const struct place *place, const json_t *json, ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *field = place->field;
    if (!json_is_array(json))
        return ml_json_fail(place->path, "expected an array");
    size_t count = json_array_size(json);
    if (count > ML_LIMIT_REPEATED)
        return ml_json_fail(place->path, "%zu elements, over %d", count, ML_LIMIT_REPEATED);
    if (count == 0)
        return MLEDGER_OK;
    uint8_t *list = ml_arena_calloc(place->reader->arena, count, ml_field_size(field));
    if (!list)
        return fail_memory(place);
    struct ml_json_path path = *place->path;
    struct place element = {place->reader, &path, place->type, field};
    for (path.index = 0; path.index < count; path.index++)
        ML_TRY(read_element(&element, json_array_get(json, path.index),
                            list + path.index * ml_field_size(field)));
    *(void **)MEMBER(message, field->offset) = list;
    *(size_t *)MEMBER(message, field->quantifier_offset) = count;
    return MLEDGER_OK;
}

/* A field of a oneof: its case must be free, and is set. */
static int read_choice(const struct place *place, const json_t *json, ProtobufCMessage *message)
{
    uint32_t *choice = MEMBER(message, place->field->quantifier_offset);
    if (*choice != 0)
        return ml_json_fail(
            place->path, "beside '%s', of which only one may be there",
            protobuf_c_message_descriptor_get_field(message->descriptor, *choice)->name);
    ML_TRY(read_element(place, json, MEMBER(message, place->field->offset)));
    *choice = place->field->id;
    return MLEDGER_OK;
}

static int read_field(const struct place *place, const json_t *json, ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *field = place->field;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return read_list(place, json, message);
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return read_choice(place, json, message);
    ML_TRY(read_element(place, json, MEMBER(message, field->offset)));
    bool has_flag = field->label == PROTOBUF_C_LABEL_OPTIONAL &&
                    field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE;
    if (has_flag) /* false is absent */
        *(protobuf_c_boolean *)MEMBER(message, field->quantifier_offset) = !json_is_false(json);
    return MLEDGER_OK;
}

/* What the ledger fills in although the schema requires it. */
static bool is_assigned(const ProtobufCMessageDescriptor *type,
                        const ProtobufCFieldDescriptor *field)
{
    if (strcmp(field->name, "subject_salt") == 0)
        return true;
    if (type == &mledger__version_registered__descriptor)
        return strcmp(field->name, "version") == 0;
    return type == &mledger__stage_transitioned__descriptor &&
           strcmp(field->name, "from_stage") == 0;
}

static int check_missing(const struct ml_json_reader *reader, const struct ml_json_path *path,
                         const ProtobufCMessageDescriptor *type,
                         const ProtobufCFieldDescriptor *field)
{
    if (field->label != PROTOBUF_C_LABEL_REQUIRED || (reader->draft && is_assigned(type, field)))
        return MLEDGER_OK;
    return ml_json_fail(path, "'%s' is missing", field->name);
}

static int check_keys(const struct ml_json_path *path, const json_t *json,
                      const ProtobufCMessageDescriptor *type)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, key, value) if (
        !protobuf_c_message_descriptor_get_field_by_name(
            type, key)) return ml_json_fail(path, "unknown key '%.*s'", QUOTE_MAX, key);
    return MLEDGER_OK;
}

int ml_json_read(const struct ml_json_reader *reader, const struct ml_json_path *path,
                 const json_t *json, ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (!json_is_object(json))
        return ml_json_fail(path, "expected an object");
    ML_TRY(check_keys(path, json, type));
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        const json_t *value = json_object_get(json, field->name);
        if (!value) {
            ML_TRY(check_missing(reader, path, type, field));
            continue;
        }
        struct ml_json_path below = {path, field->name, SIZE_MAX};
        ML_TRY(read_field(&(struct place){reader, &below, type, field}, value, message));
    }
    return MLEDGER_OK;
}

int ml_json_to_message(const json_t *json, const ProtobufCMessageDescriptor *type,
                       struct ml_arena *arena, ProtobufCMessage **ret_message)
{
    const struct ml_json_reader reader = {.arena = arena};
    /* A field of that type, so that Digest and MetricValue are read at the top as below it. */
    const ProtobufCFieldDescriptor top = {.type = PROTOBUF_C_TYPE_MESSAGE, .descriptor = type};
    ProtobufCMessage *message;
    ML_TRY(read_message(&(struct place){.reader = &reader, .field = &top}, json, &message));
    ML_TRY(ml_codec_check(message));
    *ret_message = message;
    return MLEDGER_OK;
}

int ml_json_parse(const char *text, size_t len, json_t **ret_json)
{
    json_error_t error;
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (!json && json_error_code(&error) == json_error_out_of_memory)
        return ml_fail_memory();
    if (!json)
        return ml_fail(MLEDGER_EINVALID, "no valid JSON (line %d, column %d): %s", error.line,
                       error.column, error.text);
    *ret_json = json;
    return MLEDGER_OK;
}
