/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of any type with every kind of value in them, from a seed: the same seed gives the
 * same message everywhere. They pass ml_codec_check(), but mean nothing.
 */
#ifndef TESTS_UNIT_RANDOM_MESSAGE_H
#define TESTS_UNIT_RANDOM_MESSAGE_H

#include "ledger/core/arena.h"

struct random {
    uint64_t state;
};

/* Any of 2^64 values (splitmix64). */
uint64_t random_next(struct random *random);
/* 0..bound-1 */
uint64_t random_below(struct random *random, uint64_t bound);

/* `choice`, a field of type's oneof, is the one that is set; NULL: any. Lives in the arena. */
ProtobufCMessage *random_message(struct random *random, const ProtobufCMessageDescriptor *type,
                                 const ProtobufCFieldDescriptor *choice, struct ml_arena *arena);

/* The types that are stored or signed as a whole: header, event, details, … */
extern const ProtobufCMessageDescriptor *const random_types[];
extern const size_t random_type_count;

#endif
