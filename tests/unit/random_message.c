/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/random_message.h"

#include <math.h>

#include "ledger/core/codec.h"
#include "ledger/core/time.h"
#include "proto/bundle.pb-c.h"
#include "proto/event.pb-c.h"
#include "proto/header.pb-c.h"
#include "proto/state.pb-c.h"

const ProtobufCMessageDescriptor *const random_types[] = {
    &mledger__header__descriptor,
    &mledger__event__descriptor,
    &mledger__details__descriptor,
    &mledger__statements__descriptor,
    &mledger__statement__descriptor,
    &mledger__signed_record__descriptor,
    &mledger__ledger_state__descriptor,
    &mledger__subject_state__descriptor,
    &mledger__version_state__descriptor,
    &mledger__key_state__descriptor,
    &mledger__policy_state__descriptor,
    &mledger__approval_state__descriptor,
    &mledger__field_state__descriptor,
    &mledger__pointer_state__descriptor,
    &mledger__digest__descriptor,
    &mledger__metric_value__descriptor,
    &mledger__pipeline_snapshot__descriptor,
    &mledger__bundle_manifest__descriptor,
};
const size_t random_type_count = ML_COUNT(random_types);

/* A message being made. */
struct maker {
    struct random *random;
    struct ml_arena *arena;
};

uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    return random_next(random) % bound;
}

static void *take(struct maker *maker, size_t count, size_t size)
{
    void *memory = ml_arena_calloc(maker->arena, count, size);
    if (!memory)
        abort(); /* the tests' arenas are large enough */
    return memory;
}

/* Small, large and the edges of what varints and JSON can say. */
static uint64_t make_number(struct maker *maker)
{
    static const uint64_t edges[] = {0,
                                     1,
                                     127,
                                     128,
                                     INT32_MAX,
                                     UINT32_MAX,
                                     INT64_MAX,
                                     UINT64_MAX,
                                     (uint64_t)INT64_MAX + 1,
                                     (uint64_t)1 << 53};
    uint64_t choice = random_below(maker->random, ML_COUNT(edges) + 4);
    if (choice < ML_COUNT(edges))
        return edges[choice];
    return random_next(maker->random) >> random_below(maker->random, 64);
}

static int64_t make_int64(struct maker *maker)
{
    if (random_below(maker->random, 2))
        return (int64_t)random_below(maker->random, (uint64_t)ML_TIME_MAX_US + 2);
    int64_t number;
    uint64_t bits = make_number(maker);
    memcpy(&number, &bits, sizeof number);
    return number;
}

static double make_double(struct maker *maker)
{
    static const double edges[] = {0.0, -0.0, 0.1, 1.0, -1.5, 5e-324, 1.7976931348623157e308, 1e16};
    uint64_t choice = random_below(maker->random, ML_COUNT(edges) + 8);
    if (choice < ML_COUNT(edges))
        return edges[choice];
    if (choice == ML_COUNT(edges))
        return random_below(maker->random, 2) ? HUGE_VAL : -HUGE_VAL;
    uint64_t bits = random_next(maker->random);
    double number;
    memcpy(&number, &bits, sizeof number);
    if (isnan(number)) {
        bits = 0x7ff8000000000000U; /* the one NaN that the codec takes */
        memcpy(&number, &bits, sizeof number);
    }
    return number;
}

/* Pieces of one to four bytes, some of which JSON must escape. */
static char *make_text(struct maker *maker)
{
    static const char *const pieces[] = {
        "a",  "train.csv",        "\"",       "\\", "\n", "\t", "\x01", "\x7f", "/", "é", "Ж",
        "漢", "\xf0\x9f\x90\x8d", "\xc2\x80", " "};
    size_t count = random_below(maker->random, 12);
    char *text = take(maker, 1, count * sizeof "train.csv" + 1);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[random_below(maker->random, ML_COUNT(pieces))];
        memcpy(text + len, piece, strlen(piece));
        len += strlen(piece);
    }
    return text;
}

static ProtobufCBinaryData make_bytes(struct maker *maker, size_t len)
{
    ProtobufCBinaryData bytes = {.len = len, .data = take(maker, len, 1)};
    for (size_t i = 0; i < len; i++)
        bytes.data[i] = (uint8_t)random_next(maker->random);
    return bytes;
}

static ProtobufCMessage *make_digest(struct maker *maker)
{
    Mledger__Digest *digest = take(maker, 1, sizeof *digest);
    mledger__digest__init(digest);
    digest->algorithm = (Mledger__Algorithm)(1 + random_below(maker->random, 5));
    size_t len = 16;
    if (digest->algorithm == MLEDGER__ALGORITHM__SHA256)
        len = 32;
    else if (digest->algorithm == MLEDGER__ALGORITHM__GIT)
        len = random_below(maker->random, 2) ? 20 : 32;
    digest->value = make_bytes(maker, len);
    digest->standing = (Mledger__Standing)(1 + random_below(maker->random, 2));
    return &digest->base;
}

static int32_t make_enum(struct maker *maker, const ProtobufCEnumDescriptor *type)
{
    int32_t value = 0;
    while (value == 0)
        value = type->values[random_below(maker->random, type->n_values)].value;
    return value;
}

static ProtobufCMessage *make_message(struct maker *maker, const ProtobufCMessageDescriptor *type,
                                      const ProtobufCFieldDescriptor *choice);

static void make_element(struct maker *maker, const ProtobufCMessageDescriptor *type,
                         const ProtobufCFieldDescriptor *field, void *member)
{
    size_t fixed;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *(char **)member = make_text(maker);
        return;
    case PROTOBUF_C_TYPE_BYTES:
        fixed = ml_codec_fixed_size(type, field);
        *(ProtobufCBinaryData *)member =
            make_bytes(maker, fixed ? fixed : random_below(maker->random, 40));
        return;
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)member = make_message(maker, field->descriptor, NULL);
        return;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)member = 1;
        return;
    case PROTOBUF_C_TYPE_ENUM:
        *(int32_t *)member = make_enum(maker, field->descriptor);
        return;
    case PROTOBUF_C_TYPE_DOUBLE:
        *(double *)member = make_double(maker);
        return;
    case PROTOBUF_C_TYPE_INT64:
        *(int64_t *)member = make_int64(maker);
        return;
    case PROTOBUF_C_TYPE_UINT64:
        *(uint64_t *)member = make_number(maker);
        return;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_UINT32:
        *(uint32_t *)member = (uint32_t)make_number(maker);
        return;
    default:
        abort(); /* a type that no field of the schema has */
    }
}

static void make_list(struct maker *maker, const ProtobufCFieldDescriptor *field,
                      ProtobufCMessage *message)
{
    size_t count = random_below(maker->random, 4);
    if (count == 0)
        return;
    uint8_t *list = take(maker, count, ml_field_size(field));
    for (size_t i = 0; i < count; i++)
        make_element(maker, message->descriptor, field, list + i * ml_field_size(field));
    *(void **)(void *)((uint8_t *)message + field->offset) = list;
    *(size_t *)(void *)((uint8_t *)message + field->quantifier_offset) = count;
}

static void make_field(struct maker *maker, const ProtobufCFieldDescriptor *field,
                       ProtobufCMessage *message)
{
    uint8_t *base = (uint8_t *)message;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        make_list(maker, field, message);
        return;
    }
    if (field->label == PROTOBUF_C_LABEL_OPTIONAL && random_below(maker->random, 3) == 0)
        return;
    make_element(maker, message->descriptor, field, base + field->offset);
    if (field->label == PROTOBUF_C_LABEL_OPTIONAL && field->type != PROTOBUF_C_TYPE_STRING &&
        field->type != PROTOBUF_C_TYPE_MESSAGE)
        *(protobuf_c_boolean *)(void *)(base + field->quantifier_offset) = 1;
}

/* Any field of the type's oneof; NULL: it has none. */
static const ProtobufCFieldDescriptor *choose(struct maker *maker,
                                              const ProtobufCMessageDescriptor *type)
{
    const ProtobufCFieldDescriptor *choice = NULL;
    uint64_t seen = 0;
    for (unsigned i = 0; i < type->n_fields; i++)
        if ((type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
            random_below(maker->random, ++seen) == 0)
            choice = &type->fields[i];
    return choice;
}

static ProtobufCMessage *make_message(struct maker *maker, const ProtobufCMessageDescriptor *type,
                                      const ProtobufCFieldDescriptor *choice)
{
    if (type == &mledger__digest__descriptor)
        return make_digest(maker);
    ProtobufCMessage *message = take(maker, 1, type->sizeof_message);
    uint8_t *base = (uint8_t *)message;
    protobuf_c_message_init(type, message);
    for (unsigned i = 0; i < type->n_fields; i++)
        if (!(type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            make_field(maker, &type->fields[i], message);
    if (!choice)
        choice = choose(maker, type);
    if (choice) {
        make_element(maker, type, choice, base + choice->offset);
        *(uint32_t *)(void *)(base + choice->quantifier_offset) = choice->id;
    }
    return message;
}

ProtobufCMessage *random_message(struct random *random, const ProtobufCMessageDescriptor *type,
                                 const ProtobufCFieldDescriptor *choice, struct ml_arena *arena)
{
    struct maker maker = {.random = random, .arena = arena};
    return make_message(&maker, type, choice);
}
