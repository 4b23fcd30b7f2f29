/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attack/forge/wire.h"

#include <inttypes.h>

/* Reads one varint off the front; false: there is none. */
static bool take_varint(struct bytes *from, struct bytes *ret_raw, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < from->len && i < 10; i++) {
        number |= (uint64_t)(from->data[i] & 0x7f) << (7 * i);
        if (from->data[i] & 0x80)
            continue;
        *ret_raw = bytes_slice(*from, 0, i + 1);
        *from = bytes_slice(*from, i + 1, from->len - i - 1);
        *ret_number = number;
        return true;
    }
    return false;
}

static bool take_value(struct bytes *from, struct wire_field *field)
{
    uint64_t len;
    switch (field->type) {
    case WIRE_VARINT:
        return take_varint(from, &field->value, &len);
    case WIRE_FIXED64:
        len = 8;
        break;
    case WIRE_FIXED32:
        len = 4;
        break;
    case WIRE_BYTES:
        if (!take_varint(from, &field->length, &len))
            return false;
        break;
    default:
        return false;
    }
    if (len > from->len)
        return false;
    field->value = bytes_slice(*from, 0, len);
    *from = bytes_slice(*from, len, from->len - len);
    return true;
}

bool wire_try_parse(struct bytes bytes, struct wire_message *ret_message)
{
    /* A field has two bytes at least. */
    struct wire_message message = {.fields =
                                       bytes_alloc((bytes.len / 2 + 1) * sizeof *message.fields)};
    while (bytes.len > 0) {
        struct wire_field *field = &message.fields[message.count++];
        uint64_t tag;
        if (!take_varint(&bytes, &field->tag, &tag))
            return false;
        field->number = tag >> 3;
        field->type = tag & 7;
        if (field->number == 0 || !take_value(&bytes, field))
            return false;
    }
    *ret_message = message;
    return true;
}

struct wire_message wire_parse(struct bytes bytes)
{
    struct wire_message message;
    if (!wire_try_parse(bytes, &message))
        die("%zu bytes are no message", bytes.len);
    return message;
}

struct bytes wire_varint(uint64_t number)
{
    uint8_t out[10];
    size_t len = 0;
    for (; number > 0x7f; number >>= 7)
        out[len++] = (uint8_t)(number | 0x80);
    out[len++] = (uint8_t)number;
    return bytes_copy(out, len);
}

uint64_t wire_number(const struct wire_field *field)
{
    struct bytes from = field->value, raw;
    uint64_t number;
    if (field->type != WIRE_VARINT || !take_varint(&from, &raw, &number))
        die("field %" PRIu64 " is no number", field->number);
    return number;
}

struct bytes wire_encode(uint64_t number, unsigned type, struct bytes value)
{
    const struct bytes parts[] = {
        wire_varint(number << 3 | type),
        type == WIRE_BYTES ? wire_varint(value.len) : (struct bytes){0},
        value,
    };
    return bytes_join(parts, 3);
}

struct bytes wire_raw(const struct wire_field *field)
{
    const struct bytes parts[] = {field->tag, field->length, field->value};
    return bytes_join(parts, 3);
}

const struct wire_field *wire_find(const struct wire_message *message, struct wire_step step)
{
    size_t which = 0;
    for (size_t i = 0; i < message->count; i++)
        if (message->fields[i].number == step.number && which++ == step.which)
            return &message->fields[i];
    return NULL;
}

const struct wire_field *wire_get(struct bytes message, const struct wire_path *path)
{
    const struct wire_field *field = NULL;
    for (size_t i = 0; i < path->depth; i++) {
        const struct wire_message parsed = wire_parse(field ? field->value : message);
        field = wire_find(&parsed, path->steps[i]);
        if (!field)
            die("there is no field %" PRIu64 "[%zu]", path->steps[i].number, path->steps[i].which);
    }
    if (!field)
        die("a path that leads nowhere");
    return field;
}

/* All fields as they stand, `raw` in the place of `field`. */
static struct bytes with(const struct wire_message *message, const struct wire_field *field,
                         struct bytes raw)
{
    struct bytes out = {0};
    for (size_t i = 0; i < message->count; i++)
        out = bytes_join2(out, &message->fields[i] == field ? raw : wire_raw(&message->fields[i]));
    return out;
}

/* Puts `raw` behind the last field whose number is at most `number`. */
static struct bytes insert(const struct wire_message *message, uint64_t number, struct bytes raw)
{
    struct bytes out = {0};
    size_t i = 0;
    for (; i < message->count && message->fields[i].number <= number; i++)
        out = bytes_join2(out, wire_raw(&message->fields[i]));
    out = bytes_join2(out, raw);
    for (; i < message->count; i++)
        out = bytes_join2(out, wire_raw(&message->fields[i]));
    return out;
}

static struct bytes change_below(struct bytes message, const struct wire_step *steps, size_t depth,
                                 wire_change *change, void *context)
{
    if (depth == 0)
        return change(message, context);
    const struct wire_message parsed = wire_parse(message);
    const struct wire_field *field = wire_find(&parsed, *steps);
    if (!field) {
        struct bytes made = change_below((struct bytes){0}, steps + 1, depth - 1, change, context);
        return insert(&parsed, steps->number, wire_encode(steps->number, WIRE_BYTES, made));
    }
    if (field->type != WIRE_BYTES)
        die("field %" PRIu64 "[%zu] is no message", steps->number, steps->which);
    struct bytes inner = change_below(field->value, steps + 1, depth - 1, change, context);
    return with(&parsed, field, wire_encode(field->number, WIRE_BYTES, inner));
}

struct bytes wire_change_at(struct bytes message, const struct wire_path *path, wire_change *change,
                            void *context)
{
    return change_below(message, path->steps, path->depth, change, context);
}

/* What is to become of a field; it gets the message that holds it. */
struct edit {
    struct wire_step step;
    struct bytes raw;
    char which;
};

static struct bytes edit_at(struct bytes message, const struct wire_path *path, wire_change *change,
                            struct edit edit)
{
    if (path->depth == 0)
        die("the part as a whole is no field");
    struct wire_path above = *path;
    above.depth--;
    edit.step = path->steps[above.depth];
    struct edit *kept = bytes_alloc(sizeof *kept);
    *kept = edit;
    return wire_change_at(message, &above, change, kept);
}

static const struct wire_field *find_or_die(const struct wire_message *message,
                                            struct wire_step step)
{
    const struct wire_field *field = wire_find(message, step);
    if (!field)
        die("there is no field %" PRIu64 "[%zu]", step.number, step.which);
    return field;
}

static struct bytes set_field(struct bytes message, void *context)
{
    const struct edit *edit = context;
    const struct wire_message parsed = wire_parse(message);
    const struct wire_field *field = wire_find(&parsed, edit->step);
    return field ? with(&parsed, field, edit->raw) : insert(&parsed, edit->step.number, edit->raw);
}

static struct bytes add_field(struct bytes message, void *context)
{
    const struct edit *edit = context;
    const struct wire_message parsed = wire_parse(message);
    return insert(&parsed, edit->step.number, edit->raw);
}

static struct bytes replace_field(struct bytes message, void *context)
{
    const struct edit *edit = context;
    const struct wire_message parsed = wire_parse(message);
    return with(&parsed, find_or_die(&parsed, edit->step), edit->raw);
}

static struct bytes displace_field(struct bytes message, void *context)
{
    const struct edit *edit = context;
    const struct wire_message parsed = wire_parse(message);
    const struct wire_field *field = find_or_die(&parsed, edit->step);
    struct bytes rest = with(&parsed, field, (struct bytes){0}), raw = wire_raw(field);
    if (parsed.count < 2)
        die("a message of one field has no order");
    bool last = field == &parsed.fields[parsed.count - 1];
    return last ? bytes_join2(raw, rest) : bytes_join2(rest, raw);
}

static struct bytes repeat_field(struct bytes message, void *context)
{
    const struct edit *edit = context;
    const struct wire_message parsed = wire_parse(message);
    const struct wire_field *field = find_or_die(&parsed, edit->step);
    struct bytes raw = wire_raw(field);
    return with(&parsed, field, bytes_join2(raw, raw));
}

/* The same number with a last byte that adds nothing. */
static struct bytes longer(struct bytes varint)
{
    struct bytes continued = bytes_flip(varint, varint.len - 1, 7);
    return bytes_join2(continued, bytes_copy("", 1));
}

static struct bytes stretch_field(struct bytes message, void *context)
{
    const struct edit *edit = context;
    const struct wire_message parsed = wire_parse(message);
    struct wire_field field = *find_or_die(&parsed, edit->step);
    if (edit->which == 't')
        field.tag = longer(field.tag);
    else if (edit->which == 'l' && field.type == WIRE_BYTES)
        field.length = longer(field.length);
    else if (edit->which == 'v' && field.type == WIRE_VARINT)
        field.value = longer(field.value);
    else
        die("field %" PRIu64 " has no such varint", field.number);
    return with(&parsed, find_or_die(&parsed, edit->step), wire_raw(&field));
}

static struct bytes append_raw(struct bytes message, void *context)
{
    return bytes_join2(message, *(const struct bytes *)context);
}

static struct bytes encode_last(const struct wire_path *path, unsigned type, struct bytes value)
{
    if (path->depth == 0)
        die("the part as a whole is no field");
    return wire_encode(path->steps[path->depth - 1].number, type, value);
}

struct bytes wire_set(struct bytes message, const struct wire_path *path, unsigned type,
                      struct bytes value)
{
    return edit_at(message, path, set_field, (struct edit){.raw = encode_last(path, type, value)});
}

struct bytes wire_add(struct bytes message, const struct wire_path *path, unsigned type,
                      struct bytes value)
{
    return edit_at(message, path, add_field, (struct edit){.raw = encode_last(path, type, value)});
}

struct bytes wire_cut(struct bytes message, const struct wire_path *path)
{
    return edit_at(message, path, replace_field, (struct edit){0});
}

struct bytes wire_displace(struct bytes message, const struct wire_path *path)
{
    return edit_at(message, path, displace_field, (struct edit){0});
}

struct bytes wire_repeat(struct bytes message, const struct wire_path *path)
{
    return edit_at(message, path, repeat_field, (struct edit){0});
}

struct bytes wire_stretch(struct bytes message, const struct wire_path *path, char which)
{
    return edit_at(message, path, stretch_field, (struct edit){.which = which});
}

struct bytes wire_replace(struct bytes message, const struct wire_path *path, struct bytes raw)
{
    return edit_at(message, path, replace_field, (struct edit){.raw = raw});
}

struct bytes wire_append(struct bytes message, const struct wire_path *path, struct bytes raw)
{
    struct bytes *kept = bytes_alloc(sizeof *kept);
    *kept = raw;
    return wire_change_at(message, path, append_raw, kept);
}
