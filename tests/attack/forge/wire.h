/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Protocol Buffers wire format, without any schema: a message is a row of fields, each known
 * by its number alone. What is not edited keeps the bytes that it had, whether canonical or not;
 * what is edited is written in the one encoding of docs/FORMAT.md, section 2, unless the edit is
 * made to be another.
 *
 * A path leads from a message to one of its fields: at each step the field's number and which one
 * of those with that number, from 0.
 */
#ifndef ATTACK_WIRE_H
#define ATTACK_WIRE_H

#include "tests/attack/forge/bytes.h"

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5, WIRE_DEPTH = 8 };

struct wire_field {
    uint64_t number;
    unsigned type;
    struct bytes tag, length; /* as they stand; length only of WIRE_BYTES */
    struct bytes value;       /* a varint as it stands */
};

struct wire_message {
    size_t count;
    struct wire_field *fields;
};

struct wire_step {
    uint64_t number;
    size_t which;
};

struct wire_path {
    size_t depth;
    struct wire_step steps[WIRE_DEPTH];
};

/* False: these bytes are no row of fields. */
bool wire_try_parse(struct bytes bytes, struct wire_message *ret_message);
struct wire_message wire_parse(struct bytes bytes);
struct bytes wire_varint(uint64_t number);
uint64_t wire_number(const struct wire_field *field);
/* A field in canonical encoding; `value` of a varint already encoded. */
struct bytes wire_encode(uint64_t number, unsigned type, struct bytes value);
struct bytes wire_raw(const struct wire_field *field);
/* NULL: there is none. */
const struct wire_field *wire_find(const struct wire_message *message, struct wire_step step);
/* The field that the path leads to. */
const struct wire_field *wire_get(struct bytes message, const struct wire_path *path);

/* A change of a message as a whole, and the one that gets the message a path leads to; those on
 * the way that are missing are made. */
typedef struct bytes wire_change(struct bytes message, void *context);
struct bytes wire_change_at(struct bytes message, const struct wire_path *path, wire_change *change,
                            void *context);

/* Changes of the field that a path leads to; the rest stays. */
/* In place of the field, or where it belongs by its number if there is none. */
struct bytes wire_set(struct bytes message, const struct wire_path *path, unsigned type,
                      struct bytes value);
/* Behind all of its number. */
struct bytes wire_add(struct bytes message, const struct wire_path *path, unsigned type,
                      struct bytes value);
struct bytes wire_cut(struct bytes message, const struct wire_path *path);
/* Behind the last field of its message; the last one before the first. */
struct bytes wire_displace(struct bytes message, const struct wire_path *path);
/* Twice, one behind the other. */
struct bytes wire_repeat(struct bytes message, const struct wire_path *path);
/* A varint of it one byte longer than it need be: 't'ag, 'l'ength or 'v'alue. */
struct bytes wire_stretch(struct bytes message, const struct wire_path *path, char which);
/* Any bytes in its place. */
struct bytes wire_replace(struct bytes message, const struct wire_path *path, struct bytes raw);
/* Any bytes behind all fields of the message that the path leads to. */
struct bytes wire_append(struct bytes message, const struct wire_path *path, struct bytes raw);

#endif
