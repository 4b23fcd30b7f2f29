/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/codec.h"

#include <math.h>
#include <stdio.h>

#include "ledger/core/canonical.h"
#include "ledger/core/event.h"
#include "proto/event.pb-c.h"
#include "proto/header.pb-c.h"
#include "proto/state.pb-c.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/random_message.h"

enum { ROUNDS = 40 };

/* Bytes of a literal, without its NUL. */
#define BYTES(literal) (literal), sizeof(literal) - 1

#define SIXTEEN "0123456789abcdef"

struct fault {
    const ProtobufCMessageDescriptor *type;
    const char *what;
    const char *bytes;
    size_t len;
    const char *error;
};

#define POINT mledger__metric_point__descriptor
#define NOT_CANONICAL(type) type " is not in canonical encoding"

/* All of these protobuf-c reads without complaint; without the codec two readers could see two
 * messages in them, or two encodings could mean the same. */
static const struct fault lenient[] = {
    {&POINT, "fields out of order", BYTES("\x10\x05\x0a\x01k\x18\x07"),
     NOT_CANONICAL("MetricPoint")},
    {&POINT, "long varint", BYTES("\x0a\x01k\x10\x85\x00\x18\x07"), NOT_CANONICAL("MetricPoint")},
    {&POINT, "long tag", BYTES("\x8a\x00\x01k\x10\x05\x18\x07"), NOT_CANONICAL("MetricPoint")},
    {&POINT, "long length", BYTES("\x0a\x81\x00k\x10\x05\x18\x07"), NOT_CANONICAL("MetricPoint")},
    {&POINT, "scalar twice", BYTES("\x0a\x01k\x10\x05\x10\x05\x18\x07"),
     NOT_CANONICAL("MetricPoint")},
    {&POINT, "text twice", BYTES("\x0a\x01j\x0a\x01k\x10\x05\x18\x07"),
     NOT_CANONICAL("MetricPoint")},
    {&POINT, "NUL in text", BYTES("\x0a\x03k\0l\x10\x05\x18\x07"), NOT_CANONICAL("MetricPoint")},
    {&POINT, "NUL at the end of text", BYTES("\x0a\x02k\0\x10\x05\x18\x07"),
     NOT_CANONICAL("MetricPoint")},
    {&POINT, "varint over 64 bits",
     BYTES("\x0a\x01k\x10\x85\x80\x80\x80\x80\x80\x80\x80\x80\x7e\x18\x07"),
     NOT_CANONICAL("MetricPoint")},
    {&POINT, "unknown field", BYTES("\x0a\x01k\x10\x05\x18\x07\x38\x01"),
     "unknown field 7 in MetricPoint"},
    {&POINT, "unknown field of fixed size",
     BYTES("\x0a\x01k\x10\x05\x18\x07\x3d"
           "1234"),
     "unknown field 7 in MetricPoint"},
    {&POINT, "invalid UTF-8", BYTES("\x0a\x02\xc3\x28\x10\x05\x18\x07"),
     "invalid UTF-8 in field 'key' of MetricPoint"},
    {&POINT, "a surrogate", BYTES("\x0a\x03\xed\xa0\x80\x10\x05\x18\x07"),
     "invalid UTF-8 in field 'key' of MetricPoint"},
    {&mledger__run_ended__descriptor, "int32 of five bytes",
     BYTES("\x08\x01\x10\x03\x18\xff\xff\xff\xff\x0f"), NOT_CANONICAL("RunEnded")},
    {&mledger__threshold_set__descriptor, "uint32 of more than 32 bits",
     BYTES("\x08\x81\x80\x80\x80\x10"), NOT_CANONICAL("ThresholdSet")},
    {&mledger__actor_changed__descriptor, "packed instead of one by one",
     BYTES("\x08\x01\x12\x02\x01\x02"), NOT_CANONICAL("ActorChanged")},
    {&mledger__actor_changed__descriptor, "enum of more than 32 bits",
     BYTES("\x08\x01\x10\x81\x80\x80\x80\x10"), NOT_CANONICAL("ActorChanged")},
    {&mledger__actor_changed__descriptor, "unspecified enum", BYTES("\x08\x01\x10\x00"),
     "unknown value in field 'roles' of ActorChanged"},
    {&mledger__actor_changed__descriptor, "unknown enum", BYTES("\x08\x01\x10\x63"),
     "unknown value in field 'roles' of ActorChanged"},
    {&mledger__pipeline_file__descriptor, "one by one instead of packed",
     BYTES("\x0a\x01p\x50\x00\x50\x01"), NOT_CANONICAL("PipelineFile")},
    {&mledger__pipeline_file__descriptor, "packed in two runs",
     BYTES("\x0a\x01p\x52\x01\x00\x52\x01\x01"), NOT_CANONICAL("PipelineFile")},
    {&mledger__pipeline_file__descriptor, "packed and empty", BYTES("\x0a\x01p\x52\x00"),
     NOT_CANONICAL("PipelineFile")},
    {&mledger__pipeline_file__descriptor, "bool 0", BYTES("\x0a\x01p\x30\x00"),
     "a false that should be absent in field 'executable' of PipelineFile"},
    {&mledger__pipeline_file__descriptor, "bool 2", BYTES("\x0a\x01p\x30\x02"),
     NOT_CANONICAL("PipelineFile")},
    {&mledger__metric_value__descriptor, "quiet NaN with a payload",
     BYTES("\x09\x01\0\0\0\0\0\xf8\x7f\x12\x03nan"),
     "a NaN that is not the canonical one in field 'value' of MetricValue"},
    {&mledger__metric_value__descriptor, "negative NaN",
     BYTES("\x09\0\0\0\0\0\0\xf8\xff\x12\x03nan"),
     "a NaN that is not the canonical one in field 'value' of MetricValue"},
    {&mledger__metric_value__descriptor, "signalling NaN",
     BYTES("\x09\x01\0\0\0\0\0\xf0\x7f\x12\x03nan"),
     "a NaN that is not the canonical one in field 'value' of MetricValue"},
    {&mledger__attachment__descriptor, "hash too short",
     BYTES("\x0a\x1f" SIXTEEN "0123456789abcde\x10\x01"),
     "wrong number of bytes in field 'sha256' of Attachment"},
    {&mledger__attachment__descriptor, "hash too long",
     BYTES("\x0a\x21" SIXTEEN SIXTEEN "!\x10\x01"),
     "wrong number of bytes in field 'sha256' of Attachment"},
    {&mledger__attachment__descriptor, "no hash at all", BYTES("\x0a\x00\x10\x01"),
     "wrong number of bytes in field 'sha256' of Attachment"},
    {&mledger__digest__descriptor, "an MD5 that calls itself SHA-256",
     BYTES("\x08\x01\x12\x10" SIXTEEN "\x18\x01"), "wrong number of bytes in a Digest"},
    {&mledger__digest__descriptor, "a SHA-256 that calls itself MD5",
     BYTES("\x08\x02\x12\x20" SIXTEEN SIXTEEN "\x18\x01"), "wrong number of bytes in a Digest"},
    {&mledger__event__descriptor, "two fields of the oneof",
     BYTES("\xba\x01\x02\x08\x05\x92\x01\x02\x08\x01"), NOT_CANONICAL("Event")},
    {&mledger__event__descriptor, "the oneof's field twice",
     BYTES("\xba\x01\x02\x08\x05\xba\x01\x02\x08\x05"), NOT_CANONICAL("Event")},
    {&mledger__event__descriptor, "the oneof before the rest",
     BYTES("\xba\x01\x02\x08\x05\x08\x01"), NOT_CANONICAL("Event")},
    {&mledger__event__descriptor, "unknown field at depth 2", BYTES("\xba\x01\x04\x08\x05\x10\x01"),
     "unknown field 2 in Heartbeat"},
    {&mledger__event__descriptor, "unknown field at depth 3",
     BYTES("\xea\x02\x0d\x08\x01\x1a\x09\x0a\x01k\x10\x05\x18\x07\x38\x01"),
     "unknown field 7 in MetricPoint"},
    {&mledger__event__descriptor, "unknown field at depth 4",
     BYTES("\xea\x02\x21\x08\x01\x2a\x1d\x0a\x01n\x32\x18\x08\x02\x12\x10" SIXTEEN
           "\x18\x01\x20\x01"),
     "unknown field 4 in Digest"},
    {&mledger__event__descriptor, "long varint at depth 3",
     BYTES("\xea\x02\x0c\x08\x01\x1a\x08\x0a\x01k\x10\x85\x00\x18\x07"), NOT_CANONICAL("Event")},
    {&mledger__pipeline_recorded__descriptor, "sub-message twice",
     BYTES("\x22\x01n\x3a\x00\x3a\x00"), NOT_CANONICAL("PipelineRecorded")},
    {&mledger__pipeline_recorded__descriptor, "sub-message in two pieces",
     BYTES("\x22\x01n\x3a\x05\x0a\x03\x0a\x01"
           "a\x3a\x05\x0a\x03\x0a\x01"
           "b"),
     NOT_CANONICAL("PipelineRecorded")},
};

/* These protobuf-c refuses itself. */
static const struct fault malformed[] = {
    {&POINT, "nothing where something is required", BYTES(""), "no valid MetricPoint message"},
    {&POINT, "a required field missing", BYTES("\x0a\x01k\x10\x05"),
     "no valid MetricPoint message"},
    {&POINT, "a tag alone behind it", BYTES("\x0a\x01k\x10\x05\x18\x07\x20"),
     "no valid MetricPoint message"},
    {&POINT, "field number 0", BYTES("\x0a\x01k\x10\x05\x18\x07\x00\x00"),
     "no valid MetricPoint message"},
    {&POINT, "start of a group", BYTES("\x0a\x01k\x10\x05\x18\x07\x23\x24"),
     "no valid MetricPoint message"},
    {&POINT, "end of a group", BYTES("\x0a\x01k\x10\x05\x18\x07\x24"),
     "no valid MetricPoint message"},
    {&POINT, "wire type 6", BYTES("\x0a\x01k\x10\x05\x18\x07\x26\x01"),
     "no valid MetricPoint message"},
    {&POINT, "wire type 7", BYTES("\x0a\x01k\x10\x05\x18\x07\x27\x01"),
     "no valid MetricPoint message"},
    {&POINT, "bytes where a number belongs", BYTES("\x0a\x01k\x12\x01\x05\x18\x07"),
     "no valid MetricPoint message"},
    {&POINT, "a number where text belongs", BYTES("\x08\x01\x10\x05\x18\x07"),
     "no valid MetricPoint message"},
    {&POINT, "varint of 11 bytes",
     BYTES("\x0a\x01k\x10\x85\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x18\x07"),
     "no valid MetricPoint message"},
    {&POINT, "100 MB of text announced", BYTES("\x0a\x80\xc2\xd7\x2fk\x10\x05\x18\x07"),
     "no valid MetricPoint message"},
    {&POINT, "a length over 2^63",
     BYTES("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01k\x10\x05\x18\x07"),
     "no valid MetricPoint message"},
    {&mledger__metric_value__descriptor, "four bytes of a double", BYTES("\x0d\0\0\0\0\x12\x01n"),
     "no valid MetricValue message"},
    {&mledger__event__descriptor, "a broken message inside", BYTES("\xba\x01\x02\x08\x80"),
     "no valid Event message"},
};

static int unpack(const ProtobufCMessageDescriptor *type, const void *bytes, size_t len,
                  struct ml_arena *arena)
{
    ProtobufCMessage *message;
    return ml_codec_unpack(type, ML_SPAN(bytes, len), arena, &message);
}

static void check_refused(const struct fault *faults, size_t count, bool lenient_accepts)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    for (size_t i = 0; i < count; i++) {
        const struct fault *fault = &faults[i];
        print_message("           %s: %s\n", fault->type->short_name, fault->what);
        ProtobufCAllocator allocator = ml_arena_allocator(&arena);
        bool accepted = protobuf_c_message_unpack(fault->type, &allocator, fault->len,
                                                  (const uint8_t *)fault->bytes) != NULL;
        assert_int_equal(accepted, lenient_accepts);
        assert_int_equal(unpack(fault->type, fault->bytes, fault->len, &arena), MLEDGER_EINVALID);
        assert_string_equal(mledger_error_text(), fault->error);
        ml_arena_clear(&arena);
    }
}

static void refuses_what_protobuf_c_is_lenient_about(void **state)
{
    (void)state;
    check_refused(lenient, ML_COUNT(lenient), true);
}

static void refuses_what_is_malformed(void **state)
{
    (void)state;
    check_refused(malformed, ML_COUNT(malformed), false);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    static const char point[] = "\x0a\x01k\x10\x05\x18\x07";
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    assert_int_equal(unpack(&POINT, point, sizeof point - 1, &arena), MLEDGER_OK);
    for (size_t len = 0; len < sizeof point - 1; len++)
        assert_int_equal(unpack(&POINT, point, len, &arena), MLEDGER_EINVALID);
}

/* `unit`, repeated a million times behind `start`. */
static void check_flood(const ProtobufCMessageDescriptor *type, const char *start, const char *unit,
                        size_t unit_len, const char *error)
{
    enum { MILLION = 1000000 };
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    assert_int_equal(ml_buf_append_text(&bytes, start), MLEDGER_OK);
    for (int i = 0; i < MILLION; i++)
        assert_int_equal(ml_buf_append(&bytes, unit, unit_len), MLEDGER_OK);
    assert_int_equal(unpack(type, bytes.data, bytes.len, &arena), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), error);
    assert_true(arena.used <= ML_LIMIT_UNPACKED);
}

static void refuses_a_million_of_anything(void **state)
{
    (void)state;
    check_flood(&mledger__pipeline_recorded__descriptor, "\x22\x01n", BYTES("\x3a\x00"),
                "PipelineRecorded takes more than 67108864 bytes of memory");
    check_flood(&mledger__pipeline_snapshot__descriptor, "", BYTES("\x0a\x02\x0a\x00"),
                "PipelineSnapshot takes more than 67108864 bytes of memory");
    check_flood(&mledger__run_logged__descriptor, "\x08\x01", BYTES("\x12\x00"),
                "too many elements in field 'params' of RunLogged");
    check_flood(&POINT, "\x0a\x01k\x10\x05\x18\x07", BYTES("\x38\x00"),
                "MetricPoint takes more than 67108864 bytes of memory");
}

static void refuses_too_many_elements_and_too_long_a_text(void **state)
{
    (void)state;
    static char *keys[ML_LIMIT_REPEATED + 1];
    static char empty[] = "";
    for (size_t i = 0; i < ML_COUNT(keys); i++)
        keys[i] = empty;
    Mledger__RunLogged logged = MLEDGER__RUN_LOGGED__INIT;
    logged.params = keys;
    logged.n_params = ML_LIMIT_REPEATED;
    assert_int_equal(ml_codec_check(&logged.base), MLEDGER_OK);
    logged.n_params++;
    assert_int_equal(ml_codec_check(&logged.base), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "too many elements in field 'params' of RunLogged");

    static char text[ML_LIMIT_TEXT + 2];
    memset(text, 'x', ML_LIMIT_TEXT);
    Mledger__ModelRenamed renamed = MLEDGER__MODEL_RENAMED__INIT;
    renamed.name = text;
    assert_int_equal(ml_codec_check(&renamed.base), MLEDGER_OK);
    text[ML_LIMIT_TEXT] = 'x';
    assert_int_equal(ml_codec_check(&renamed.base), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "text too long in field 'name' of ModelRenamed");
}

static void packs_only_what_it_would_read(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    assert_int_equal(ml_buf_append_text(&bytes, "before"), MLEDGER_OK);
    Mledger__MetricPoint point = MLEDGER__METRIC_POINT__INIT;
    assert_int_equal(ml_codec_pack(&point.base, &bytes), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "nothing in field 'key' of MetricPoint");
    point.key = (char[]){'\xff', '\0'};
    assert_int_equal(ml_codec_pack(&point.base, &bytes), MLEDGER_EINVALID);
    assert_int_equal(bytes.len, strlen("before"));
    point.key = (char[]){'k', '\0'};
    assert_int_equal(ml_codec_pack(&point.base, &bytes), MLEDGER_OK);
    assert_true(ml_span_equal(ml_buf_span(&bytes), ML_SPAN("before\x0a\x01k\x10\x00\x18\x00", 13)));
}

static void check_round_trip(const ProtobufCMessage *message, struct ml_arena *arena)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0}, again = {0};
    ProtobufCMessage *back;
    assert_int_equal(ml_codec_pack(message, &bytes), MLEDGER_OK);
    if (ml_codec_unpack(message->descriptor, ml_buf_span(&bytes), arena, &back) < 0)
        fail_msg("%s: %s", message->descriptor->short_name, mledger_error_text());
    assert_int_equal(ml_codec_pack(back, &again), MLEDGER_OK);
    assert_true(ml_span_equal(ml_buf_span(&bytes), ml_buf_span(&again)));
}

static void good_messages_of_every_type_go_round(void **state)
{
    (void)state;
    struct random random = {.state = 1};
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    for (size_t type = 0; type < random_type_count; type++)
        for (int i = 0; i < ROUNDS; i++) {
            ml_arena_clear(&arena);
            check_round_trip(random_message(&random, random_types[type], NULL, &arena), &arena);
        }
}

static void good_events_of_every_kind_go_round(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *type = &mledger__event__descriptor;
    struct random random = {.state = 2};
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    size_t kinds = 0;
    for (unsigned field = 0; field < type->n_fields; field++) {
        if (!(type->fields[field].flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            continue;
        kinds++;
        for (int i = 0; i < ROUNDS; i++) {
            ml_arena_clear(&arena);
            check_round_trip(random_message(&random, type, &type->fields[field], &arena), &arena);
        }
    }
    assert_int_equal(kinds, 53);
}

/* Whatever one bit makes of a message, it is refused or reads as exactly these bytes. */
static void one_changed_bit_never_gives_a_second_reading(void **state)
{
    (void)state;
    struct random random = {.state = 3};
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0}, again = {0};
    const ProtobufCMessageDescriptor *type = &mledger__header__descriptor;
    assert_int_equal(ml_codec_pack(random_message(&random, type, NULL, &arena), &bytes),
                     MLEDGER_OK);
    size_t accepted = 0;
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        ProtobufCMessage *back;
        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ml_arena_clear(&arena);
        ml_buf_clear(&again);
        if (ml_codec_unpack(type, ml_buf_span(&bytes), &arena, &back) == MLEDGER_OK) {
            accepted++;
            assert_int_equal(ml_codec_pack(back, &again), MLEDGER_OK);
            assert_true(ml_span_equal(ml_buf_span(&bytes), ml_buf_span(&again)));
        }
        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_in_range(accepted, 1, bytes.len * 8 - 1);
}

/* What packing the message again says; -1: there is no message to pack. */
static int packs_to_the_same(const ProtobufCMessageDescriptor *type, struct ml_span bytes,
                             struct ml_arena *arena)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf again = {0};
    ProtobufCAllocator allocator = ml_arena_allocator(arena);
    ProtobufCMessage *message = protobuf_c_message_unpack(type, &allocator, bytes.len, bytes.data);
    if (!message || ml_codec_check(message) < 0)
        return -1;
    assert_int_equal(ml_codec_pack(message, &again), MLEDGER_OK);
    return ml_span_equal(bytes, ml_buf_span(&again));
}

/* Something that leaves many a message readable and another in its encoding. */
static void disturb(struct random *random, const struct ml_buf *bytes, struct ml_buf *out)
{
    size_t at = random_below(random, bytes->len), len = random_below(random, bytes->len - at + 1);
    uint8_t byte = (uint8_t)random_next(random);
    ml_buf_clear(out);
    assert_int_equal(ml_buf_append(out, bytes->data, bytes->len), MLEDGER_OK);
    switch (random_below(random, 5)) {
    case 0: /* another value */
        out->data[at] ^= (uint8_t)(1 << random_below(random, 8));
        return;
    case 1: /* said twice, or out of order */
        assert_int_equal(ml_buf_append(out, bytes->data + at, len), MLEDGER_OK);
        return;
    case 2: /* left out */
        memmove(out->data + at, out->data + at + len, out->len - at - len);
        out->len -= len;
        return;
    case 3: /* a varint of more bytes */
        out->data[at] |= 0x80;
        byte = 0;
        __attribute__((fallthrough));
    default: /* something between */
        assert_int_equal(ml_buf_append_char(out, '\0'), MLEDGER_OK);
        memmove(out->data + at + 2, out->data + at + 1, out->len - at - 2);
        out->data[at + 1] = byte;
    }
}

static void the_bytes_alone_tell_what_packing_tells(void **state)
{
    (void)state;
    enum { DISTURBANCES = 60 };
    struct random random = {.state = 4};
    size_t same = 0, other = 0;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0}, disturbed = {0};
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    for (size_t i = 0; i < random_type_count * ROUNDS; i++) {
        const ProtobufCMessageDescriptor *type = random_types[i / ROUNDS];
        ml_arena_clear(&arena);
        ml_buf_clear(&bytes);
        assert_int_equal(ml_codec_pack(random_message(&random, type, NULL, &arena), &bytes),
                         MLEDGER_OK);
        assert_true(ml_canonical(type, ml_buf_span(&bytes)));
        for (int k = 0; bytes.len > 0 && k < DISTURBANCES; k++) {
            disturb(&random, &bytes, &disturbed);
            int want = packs_to_the_same(type, ml_buf_span(&disturbed), &arena);
            bool canonical = ml_canonical(type, ml_buf_span(&disturbed));
            ml_arena_clear(&arena);
            if (want >= 0)
                assert_int_equal(canonical, want);
            same += want == 1;
            other += want == 0;
        }
    }
    print_message("           %zu disturbed messages in their encoding, %zu in another\n", same,
                  other);
    assert_true(same > 1000 && other > 1000);
}

/* Calls `visit` for each field of each type below the types that are stored. */
typedef void field_visitor(const ProtobufCMessageDescriptor *type,
                           const ProtobufCFieldDescriptor *field);

static void visit_fields(const ProtobufCMessageDescriptor *type, field_visitor *visit, int depth)
{
    assert_in_range(depth, 0, 8); /* no recursive types: protobuf-c would run out of stack */
    for (unsigned i = 0; i < type->n_fields; i++) {
        visit(type, &type->fields[i]);
        if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            visit_fields(type->fields[i].descriptor, visit, depth + 1);
    }
}

static bool in_list(const char *const *list, size_t count, const ProtobufCMessageDescriptor *type,
                    const ProtobufCFieldDescriptor *field)
{
    char name[128];
    snprintf(name, sizeof name, "%s.%s", type->short_name, field->name);
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

static void check_number_role(const ProtobufCMessageDescriptor *type,
                              const ProtobufCFieldDescriptor *field)
{
    /* Numbers that name no record, or one that the rules judge by themselves. */
    static const char *const plain[] = {
        "Artifact.size",
        "Attachment.size",
        "Input.size",
        "Input.version",
        "RunStarted.changed_files",
        "PipelineFile.size",
        "PipelineFile.files",
        "DatasetRecorded.size",
        "DatasetRecorded.files",
        "BaseModel.version",
        "VersionRegistered.version",
        "VersionUpdated.version",
        "VersionDeleted.version",
        "StageTransitioned.version",
        "StageImported.version",
        "AliasSet.version",
        "TagsSet.version",
        "TagsDeleted.version",
        "ValidationRecorded.version",
        "ApprovalRecorded.version",
        "DeploymentTarget.version",
        "IncidentRecorded.version",
        "CheckpointNoted.size",
        "Heartbeat.size",
        "VerificationRecorded.size",
        "Predecessor.kept_seq",
        "KeyRevoked.since_seq",
    };
    Mledger__SubjectKind kind;
    if (field->type != PROTOBUF_C_TYPE_UINT64)
        return;
    bool is_plain = ml_field_role(field, &kind) == ML_FIELD_PLAIN;
    if (is_plain != in_list(plain, ML_COUNT(plain), type, field))
        fail_msg("%s.%s: neither its name nor this test says what the number is", type->short_name,
                 field->name);
}

static void every_number_of_an_event_has_a_meaning(void **state)
{
    (void)state;
    visit_fields(&mledger__event__descriptor, check_number_role, 0);
}

static void check_size_of_bytes(const ProtobufCMessageDescriptor *type,
                                const ProtobufCFieldDescriptor *field)
{
    static const char *const free_size[] = {
        "Digest.value", /* by its algorithm */
        "CheckpointNoted.note",
        "CheckpointNoted.timestamps",
        "Predecessor.lost_checkpoint",
        "SignedRecord.header",
        "SignedRecord.event",
        "SignedRecord.details",
        "SignedRecord.statements",
        "SignedStatement.statement",
    };
    if (field->type != PROTOBUF_C_TYPE_BYTES)
        return;
    bool is_free = ml_codec_fixed_size(type, field) == 0;
    if (is_free != in_list(free_size, ML_COUNT(free_size), type, field))
        fail_msg("%s.%s: bytes of a size that neither the codec nor this test knows",
                 type->short_name, field->name);
}

static void every_bytes_field_has_a_size(void **state)
{
    (void)state;
    static const ProtobufCMessageDescriptor *const types[] = {
        &mledger__event__descriptor,     &mledger__details__descriptor,
        &mledger__header__descriptor,    &mledger__signed_record__descriptor,
        &mledger__statement__descriptor, &mledger__statements__descriptor,
    };
    for (size_t i = 0; i < ML_COUNT(types); i++)
        visit_fields(types[i], check_size_of_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_protobuf_c_is_lenient_about),
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_a_million_of_anything),
        cmocka_unit_test(refuses_too_many_elements_and_too_long_a_text),
        cmocka_unit_test(packs_only_what_it_would_read),
        cmocka_unit_test(good_messages_of_every_type_go_round),
        cmocka_unit_test(good_events_of_every_kind_go_round),
        cmocka_unit_test(one_changed_bit_never_gives_a_second_reading),
        cmocka_unit_test(the_bytes_alone_tell_what_packing_tells),
        cmocka_unit_test(every_number_of_an_event_has_a_meaning),
        cmocka_unit_test(every_bytes_field_has_a_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
