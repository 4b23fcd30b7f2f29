/* SPDX-License-Identifier: Apache-2.0 */
/* From JSON to messages, strictly: objects, arrays, and the messages with a JSON of their own. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/double.h"
#include "ledger/core/json_field.h"

#define MEMBER(message, offset) ((void *)((uint8_t *)(message) + (offset)))

/* "sha256:HEX" */
static int read_digest_text(const struct ml_json_place *place, const json_t *json,
                            Mledger__Digest *digest)
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
        return ml_json_fail(place->path, "'%.*s' is no algorithm of digests", ml_json_quoted(len),
                            text);
    digest->algorithm = (Mledger__Algorithm)algorithm->value;
    ML_TRY(ml_json_read_hex(place, colon + 1, (size_t)(end - colon - 1), &digest->value));
    digest->standing = MLEDGER__STANDING__CLAIMED;
    return ml_codec_check(&digest->base) < 0 ? ml_json_at(place->path) : MLEDGER_OK;
}

static int read_field(const struct ml_json_place *place, const json_t *json,
                      ProtobufCMessage *message);

static int read_digest(const struct ml_json_place *place, const json_t *json,
                       Mledger__Digest *digest)
{
    if (!json_is_object(json))
        return read_digest_text(place, json, digest);
    struct ml_json_path path = {place->path, "digest", SIZE_MAX};
    struct ml_json_place member = {place->reader, &path, digest->base.descriptor, NULL};
    const json_t *text = json_object_get(json, "digest");
    const json_t *standing = json_object_get(json, "standing");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, key,
                        value) if (value != text &&
                                   value != standing) return ml_json_fail(place->path,
                                                                          "unknown key '%.*s'",
                                                                          ML_JSON_QUOTE_MAX, key);
    if (!text || !standing)
        return ml_json_fail(place->path, "'%s' is missing", text ? "standing" : "digest");
    ML_TRY(read_digest_text(&member, text, digest));
    member.field = protobuf_c_message_descriptor_get_field_by_name(member.type, "standing");
    path.name = member.field->name;
    return read_field(&member, standing, &digest->base);
}

/* A bare string: the text, and the number it says. */
static int read_metric_text(const struct ml_json_place *place, const json_t *json,
                            Mledger__MetricValue *metric)
{
    ML_TRY(ml_json_read_text(place, json, &metric->text));
    if (ml_double_parse(metric->text, strlen(metric->text), &metric->value) < 0)
        return ml_json_at(place->path);
    return MLEDGER_OK;
}

static int read_metric_number(const struct ml_json_place *place, const json_t *json,
                              Mledger__MetricValue *metric)
{
    char text[ML_DOUBLE_TEXT_SIZE];
    ML_TRY(ml_json_read_double(place, json, &metric->value));
    if (json_is_integer(json))
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    else
        ml_double_format(metric->value, text);
    metric->text = ml_arena_text(place->reader->arena, text, strlen(text));
    return metric->text ? MLEDGER_OK : ml_json_fail_memory(place);
}

static int read_message(const struct ml_json_place *place, const json_t *json,
                        ProtobufCMessage **ret_message)
{
    const ProtobufCMessageDescriptor *type = place->field->descriptor;
    ProtobufCMessage *message = ml_arena_alloc(place->reader->arena, type->sizeof_message);
    if (!message)
        return ml_json_fail_memory(place);
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

static int read_element(const struct ml_json_place *place, const json_t *json, void *member)
{
    if (place->field->type == PROTOBUF_C_TYPE_MESSAGE)
        return read_message(place, json, member);
    return ml_json_read_scalar(place, json, member);
}

static int read_list(const struct ml_json_place *place, const json_t *json,
                     ProtobufCMessage *message)
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
        return ml_json_fail_memory(place);
    struct ml_json_path path = *place->path;
    struct ml_json_place element = {place->reader, &path, place->type, field};
    for (path.index = 0; path.index < count; path.index++)
        ML_TRY(read_element(&element, json_array_get(json, path.index),
                            list + path.index * ml_field_size(field)));
    *(void **)MEMBER(message, field->offset) = list;
    *(size_t *)MEMBER(message, field->quantifier_offset) = count;
    return MLEDGER_OK;
}

/* A field of a oneof: its case must be free, and is set. */
static int read_choice(const struct ml_json_place *place, const json_t *json,
                       ProtobufCMessage *message)
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

static int read_field(const struct ml_json_place *place, const json_t *json,
                      ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *field = place->field;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return read_list(place, json, message);
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return read_choice(place, json, message);
    ML_TRY(read_element(place, json, MEMBER(message, field->offset)));
    bool has_flag = field->label == PROTOBUF_C_LABEL_OPTIONAL &&
                    field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE;
    if (has_flag) /* false is absent, except in protobuf's dialect */
        *(protobuf_c_boolean *)MEMBER(message, field->quantifier_offset) =
            place->reader->dialect == ML_JSON_PROTOBUF || !json_is_false(json);
    return MLEDGER_OK;
}

/* What the ledger fills in although the schema requires it. */
static bool is_assigned(const ProtobufCMessageDescriptor *type,
                        const ProtobufCFieldDescriptor *field)
{
    if (strcmp(field->name, "subject_salt") == 0)
        return true;
    if (type == &mledger__heartbeat__descriptor)
        return strcmp(field->name, "size") == 0;
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

/* Who writes JSON mostly keeps to the order of the schema: the field after the last one is tried
 * before the name is looked up. */
static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *type,
                                                  const char *name, unsigned guess)
{
    if (guess < type->n_fields && strcmp(type->fields[guess].name, name) == 0)
        return &type->fields[guess];
    return protobuf_c_message_descriptor_get_field_by_name(type, name);
}

/* The values of the object by the places of their fields in the type. Each key is looked up once:
 * an event has many more fields than any object has keys. */
enum { FIELDS_MAX = 128 };
static int find_values(const struct ml_json_reader *reader, const struct ml_json_path *path,
                       const json_t *json, const ProtobufCMessageDescriptor *type,
                       const json_t *values[FIELDS_MAX])
{
    const bool is_lenient = reader->dialect == ML_JSON_PROTOBUF;
    const char *key;
    json_t *value;
    unsigned guess = 0;
    assert(type->n_fields <= FIELDS_MAX);
    memset(values, 0, type->n_fields * sizeof(const json_t *));
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        const ProtobufCFieldDescriptor *field = find_field(type, key, guess);
        if (!field && !is_lenient)
            return ml_json_fail(path, "unknown key '%.*s'", ML_JSON_QUOTE_MAX, key);
        if (!field)
            continue;
        guess = (unsigned)(field - type->fields) + 1;
        if (!(is_lenient && json_is_null(value)))
            values[field - type->fields] = value;
    }
    return MLEDGER_OK;
}

int ml_json_read(const struct ml_json_reader *reader, const struct ml_json_path *path,
                 const json_t *json, ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const json_t *values[FIELDS_MAX];
    if (!json_is_object(json))
        return ml_json_fail(path, "expected an object");
    ML_TRY(find_values(reader, path, json, type, values));
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (!values[i]) {
            ML_TRY(check_missing(reader, path, type, field));
            continue;
        }
        struct ml_json_path below = {path, field->name, SIZE_MAX};
        struct ml_json_place place = {reader, &below, type, field};
        ML_TRY(read_field(&place, values[i], message));
    }
    return MLEDGER_OK;
}

/* A field of that type, so that Digest and MetricValue are read at the top as below it. */
static int read_top(const struct ml_json_reader *reader, const json_t *json,
                    const ProtobufCMessageDescriptor *type, ProtobufCMessage **ret_message)
{
    const ProtobufCFieldDescriptor top = {.type = PROTOBUF_C_TYPE_MESSAGE, .descriptor = type};
    return read_message(&(struct ml_json_place){.reader = reader, .field = &top}, json,
                        ret_message);
}

int ml_json_to_message(const json_t *json, const ProtobufCMessageDescriptor *type,
                       struct ml_arena *arena, ProtobufCMessage **ret_message)
{
    const struct ml_json_reader reader = {.arena = arena};
    ProtobufCMessage *message;
    ML_TRY(read_top(&reader, json, type, &message));
    ML_TRY(ml_codec_check(message));
    *ret_message = message;
    return MLEDGER_OK;
}

int ml_json_to_api(const json_t *json, const ProtobufCMessageDescriptor *type,
                   struct ml_arena *arena, ProtobufCMessage **ret_message)
{
    const struct ml_json_reader reader = {.dialect = ML_JSON_PROTOBUF, .arena = arena};
    return read_top(&reader, json, type, ret_message);
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
