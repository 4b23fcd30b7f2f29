/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/canonical.h"

/* The protobuf encoding: https://protobuf.dev/programming-guides/encoding/ */
enum { WIRE_BITS = 3 };

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

static size_t left(const struct cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

/* The fewest bytes: the last one, if there are more than one, is not 0; at most 64 bits. */
static bool take_varint(struct cursor *cursor, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && cursor->at < cursor->end; shift += 7) {
        uint8_t byte = *cursor->at++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        *ret_number = number;
        return (byte != 0 || shift == 0) && (shift < 63 || byte <= 1);
    }
    return false;
}

static bool take_span(struct cursor *cursor, struct ml_span *ret_span)
{
    uint64_t len;
    if (!take_varint(cursor, &len) || len > left(cursor))
        return false;
    *ret_span = ML_SPAN(cursor->at, (size_t)len);
    cursor->at += len;
    return true;
}

static bool skip(struct cursor *cursor, size_t len)
{
    if (left(cursor) < len)
        return false;
    cursor->at += len;
    return true;
}

/* A number in the encoding of its type. */
static bool take_number(struct cursor *cursor, ProtobufCType type)
{
    uint64_t number;
    switch (type) {
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return skip(cursor, 8);
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return skip(cursor, 4);
    default:
        if (!take_varint(cursor, &number))
            return false;
    }
    switch (type) {
    case PROTOBUF_C_TYPE_BOOL:
        return number <= 1;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_SINT32:
        return number <= UINT32_MAX;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_ENUM: /* negative ones are written as 64 bits */
        return number <= INT32_MAX || number >= (uint64_t)INT32_MIN;
    default:
        return true;
    }
}

static bool is_packed(const ProtobufCFieldDescriptor *field)
{
    return field->label == PROTOBUF_C_LABEL_REPEATED && field->flags & PROTOBUF_C_FIELD_FLAG_PACKED;
}

static ProtobufCWireType wire_type(const ProtobufCFieldDescriptor *field)
{
    if (is_packed(field))
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

static bool take_packed(struct cursor *cursor, ProtobufCType type)
{
    struct ml_span elements;
    if (!take_span(cursor, &elements) || elements.len == 0)
        return false;
    struct cursor inner = {elements.data, elements.data + elements.len};
    while (inner.at < inner.end)
        if (!take_number(&inner, type))
            return false;
    return true;
}

static bool take_value(struct cursor *cursor, const ProtobufCFieldDescriptor *field)
{
    struct ml_span span;
    if (is_packed(field))
        return take_packed(cursor, field->type);
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return take_span(cursor, &span) && (!span.len || !memchr(span.data, 0, span.len));
    case PROTOBUF_C_TYPE_BYTES:
        return take_span(cursor, &span);
    case PROTOBUF_C_TYPE_MESSAGE:
        return take_span(cursor, &span) && ml_canonical(field->descriptor, span);
    default:
        return take_number(cursor, field->type);
    }
}

/* May `field` stand behind `last` (NULL: nothing yet)? */
static bool may_follow(const ProtobufCFieldDescriptor *field, const ProtobufCFieldDescriptor *last)
{
    if (!last || field > last)
        return true;
    return field == last && field->label == PROTOBUF_C_LABEL_REPEATED && !is_packed(field);
}

/* One of a oneof has been met already? Its members share the place of their case. */
static bool is_second_choice(const ProtobufCFieldDescriptor *field,
                             const ProtobufCFieldDescriptor *choice)
{
    return choice && field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
           field->quantifier_offset == choice->quantifier_offset;
}

bool ml_canonical(const ProtobufCMessageDescriptor *type, struct ml_span bytes)
{
    if (bytes.len == 0)
        return true; /* no field at all; and no bytes may mean no address, to which nothing is added
                      */
    struct cursor cursor = {bytes.data, bytes.data + bytes.len};
    const ProtobufCFieldDescriptor *last = NULL, *choice = NULL;
    while (cursor.at < cursor.end) {
        uint64_t tag;
        if (!take_varint(&cursor, &tag) || tag > UINT32_MAX)
            return false;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(type, (unsigned)(tag >> WIRE_BITS));
        if (!field || (tag & ((1U << WIRE_BITS) - 1)) != wire_type(field) ||
            !may_follow(field, last) || is_second_choice(field, choice) ||
            !take_value(&cursor, field))
            return false;
        last = field;
        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            choice = field;
    }
    return true;
}
