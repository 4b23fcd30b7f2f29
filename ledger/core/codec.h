/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one codec: protobuf messages to bytes and back, strictly.
 *
 * protobuf is not canonical and protobuf-c is lenient: it accepts fields out of order, long
 * varints, explicit defaults, repeated scalars, unknown fields and text that is no UTF-8. Bytes
 * are signed here, so exactly one encoding of each message may be read: the one that packing
 * the message gives. What is refused, at any depth:
 *
 *   - anything that packing the unpacked message would not reproduce byte for byte
 *   - fields that the schema does not know
 *   - text that is no valid UTF-8, or holds NUL
 *   - an enum value that the schema does not know, or the unspecified one (0)
 *   - a bool that is present and false: it is there only when true
 *   - a NaN that is not 0x7ff8000000000000
 *   - bytes that have a fixed size (keys, hashes, salts, digests) in any other size
 *   - more than the limits below
 */
#ifndef ML_CORE_CODEC_H
#define ML_CORE_CODEC_H

#include "ledger/core/arena.h"

/* Limits of DESIGN section 1, in bytes. */
enum {
    ML_LIMIT_HEADER = 2 * 1024,
    ML_LIMIT_EVENT = 256 * 1024,
    ML_LIMIT_DETAILS = 1024 * 1024,
    ML_LIMIT_STATEMENTS = 16 * 1024,
    ML_LIMIT_RECORD =
        ML_LIMIT_HEADER + ML_LIMIT_EVENT + ML_LIMIT_DETAILS + ML_LIMIT_STATEMENTS + 1024,
    ML_LIMIT_ATTACHMENT = 256 * 1024 * 1024,
    ML_LIMIT_TEXT = 256 * 1024,    /* one string */
    ML_LIMIT_REPEATED = 64 * 1024, /* elements of one repeated field */
    ML_LIMIT_TAGS = 64,
    ML_LIMIT_STATEMENT_COUNT = 32,
    ML_LIMIT_UNPACKED = 64 * 1024 * 1024, /* memory that one message may take */
};

/*
 * Unpacks `bytes` as a message of type `type` into `arena` and checks all of the above. The
 * message is valid until the arena is cleared. MLEDGER_EINVALID says what is wrong and in which
 * field; MLEDGER_ESYSTEM when memory is out.
 */
int ml_codec_unpack(const ProtobufCMessageDescriptor *type, struct ml_span bytes,
                    struct ml_arena *arena, ProtobufCMessage **ret_message) ML_MUST_USE;

/* Appends the encoding of `message` to `out`, after the same checks. */
int ml_codec_pack(const ProtobufCMessage *message, struct ml_buf *out) ML_MUST_USE;

/* The checks on values alone: text, enums, sizes, limits. MLEDGER_EINVALID names the field. */
int ml_codec_check(const ProtobufCMessage *message) ML_MUST_USE;

/* Fixed size in bytes of a `bytes` field, 0 when it may have any. */
size_t ml_codec_fixed_size(const ProtobufCMessageDescriptor *type,
                           const ProtobufCFieldDescriptor *field);

/*
 * Walking messages by their descriptors, for the codec, the JSON converter and the rules on
 * field names. A member is one element of a field that is present.
 */
/* How many elements of `field` are present in `message` (0 or 1 unless repeated). */
size_t ml_field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
/* Pointer to element `i` (< count): uint64_t *, char **, ProtobufCBinaryData *,
 * ProtobufCMessage **, … as protobuf-c lays it out. */
const void *ml_field_at(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                        size_t i);
/* The number in the field `name`, a uint64 that is no list; false if there is no such field, or
 * nothing in it. */
bool ml_field_number(const ProtobufCMessage *message, const char *name, uint64_t *ret_number);
/* Is it one of a oneof in which another is set, or none? Of an event's kinds all but one are, so
 * those who walk over messages pass them over before they look closer. */
static inline bool ml_field_is_unchosen(const ProtobufCMessage *message,
                                        const ProtobufCFieldDescriptor *field)
{
    const uint8_t *base = (const uint8_t *)message;
    return field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
           *(const uint32_t *)(const void *)(base + field->quantifier_offset) != field->id;
}
/* Bytes of one element. */
size_t ml_field_size(const ProtobufCFieldDescriptor *field);

#endif
