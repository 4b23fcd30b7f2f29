/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codec and JSON: the first byte says the type, the rest is the message. What is accepted has
 * this one encoding, goes through JSON and comes back as the same bytes.
 */
#include "tests/fuzz/target.h"

#include "ledger/core/canonical.h"
#include "ledger/core/event.h"
#include "ledger/core/json.h"

static const ProtobufCMessageDescriptor *const types[] = {
    &mledger__event__descriptor,        &mledger__header__descriptor,
    &mledger__details__descriptor,      &mledger__signed_record__descriptor,
    &mledger__statements__descriptor,   &mledger__statement__descriptor,
    &mledger__ledger_state__descriptor, &mledger__subject_state__descriptor,
    &mledger__key_state__descriptor,    &mledger__pipeline_snapshot__descriptor,
};

static void check_encoding(const ProtobufCMessage *message, struct ml_span bytes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf again = {0};
    FUZZ_CHECK(ml_codec_check(message) == MLEDGER_OK);
    FUZZ_CHECK(ml_codec_pack(message, &again) == MLEDGER_OK);
    FUZZ_CHECK(ml_span_equal(bytes, ml_buf_span(&again)));
}

/* What the bytes tell of their encoding is what packing the message again tells. */
static void check_canonical(const ProtobufCMessageDescriptor *type, struct ml_span bytes,
                            struct ml_arena *arena)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf again = {0};
    bool canonical = ml_canonical(type, bytes);
    ProtobufCAllocator allocator = ml_arena_allocator(arena);
    ProtobufCMessage *message = protobuf_c_message_unpack(type, &allocator, bytes.len, bytes.data);
    if (message && ml_codec_check(message) == MLEDGER_OK) {
        FUZZ_CHECK(ml_codec_pack(message, &again) == MLEDGER_OK);
        FUZZ_CHECK(canonical == ml_span_equal(bytes, ml_buf_span(&again)));
    }
    ml_arena_clear(arena);
}

static void check_json(const ProtobufCMessage *message, struct ml_span bytes,
                       struct ml_arena *arena)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL, *parsed = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ProtobufCMessage *back;
    FUZZ_CHECK(ml_json_from_message(message, &json) == MLEDGER_OK);
    FUZZ_CHECK(ml_json_dump(json, 0, &text) == MLEDGER_OK);
    FUZZ_CHECK(ml_json_parse((const char *)text.data, text.len, &parsed) == MLEDGER_OK);
    FUZZ_CHECK(ml_json_to_message(parsed, message->descriptor, arena, &back) == MLEDGER_OK);
    check_encoding(back, bytes);
}

static int ignore_reference(const struct ml_reference *reference, void *context)
{
    (void)context;
    FUZZ_CHECK(reference->role != ML_FIELD_PLAIN && reference->field);
    return MLEDGER_OK;
}

static int ignore_digest(const Mledger__Digest *digest, bool output, void *context)
{
    (void)output;
    (void)context;
    FUZZ_CHECK(digest->value.len >= 16 && digest->value.len <= 32);
    return MLEDGER_OK;
}

static void check_event(const ProtobufCMessage *message)
{
    if (message->descriptor != &mledger__event__descriptor)
        return;
    const Mledger__Event *event = (const Mledger__Event *)message;
    const uint8_t *salt;
    (void)ml_event_creates(event, &salt);
    int result = ml_event_check(event, NULL, false);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    FUZZ_CHECK(result == MLEDGER_EINVALID || ml_event_check(event, NULL, true) == MLEDGER_OK);
    FUZZ_CHECK(ml_event_references(event, ignore_reference, NULL) == MLEDGER_OK);
    FUZZ_CHECK(ml_event_digests(event, ignore_digest, NULL) == MLEDGER_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct ml_span bytes = ML_SPAN(data + 1, size - 1);
    struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    const ProtobufCMessageDescriptor *type = types[data[0] % ML_COUNT(types)];
    check_canonical(type, bytes, &arena);
    ProtobufCMessage *message;
    int result = ml_codec_unpack(type, bytes, &arena, &message);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result == MLEDGER_OK) {
        check_encoding(message, bytes);
        check_json(message, bytes, &arena);
        check_event(message);
    }
    ml_arena_release(&arena);
    return 0;
}
