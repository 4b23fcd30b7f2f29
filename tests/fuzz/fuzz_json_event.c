/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of JSON: of `append`, strict events, lines of `export`. A strict event that is accepted
 * has an encoding, and its JSON reads back as the same bytes.
 */
#include "tests/fuzz/target.h"

#include "ledger/core/json.h"

static void check_round_trip(const ProtobufCMessage *message, struct ml_arena *arena)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL, *parsed = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0}, bytes = {0}, again = {0};
    ProtobufCMessage *back;
    FUZZ_CHECK(ml_codec_pack(message, &bytes) == MLEDGER_OK);
    FUZZ_CHECK(ml_json_from_message(message, &json) == MLEDGER_OK);
    FUZZ_CHECK(ml_json_dump(json, 2, &text) == MLEDGER_OK);
    FUZZ_CHECK(ml_json_parse((const char *)text.data, text.len, &parsed) == MLEDGER_OK);
    FUZZ_CHECK(ml_json_to_message(parsed, message->descriptor, arena, &back) == MLEDGER_OK);
    FUZZ_CHECK(ml_codec_pack(back, &again) == MLEDGER_OK);
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&bytes), ml_buf_span(&again)));
}

static void read_strictly(const char *text, size_t size)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    int result = ml_json_parse(text, size, &json);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result != MLEDGER_OK)
        return;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ProtobufCMessage *message;
    result = ml_json_to_message(json, &mledger__event__descriptor, &arena, &message);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result == MLEDGER_OK)
        check_round_trip(message, &arena);
}

static void read_draft(const char *text, size_t size)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    int result = ml_draft_from_json(text, size, "line 1", &draft);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result == MLEDGER_EINVALID) {
        FUZZ_CHECK(strncmp(mledger_error_text(), "line 1: ", strlen("line 1: ")) == 0);
        return;
    }
    for (size_t i = 0; i < draft->n_names; i++)
        FUZZ_CHECK(draft->names[i].seq && draft->names[i].name[0] && draft->names[i].kind);
    FUZZ_CHECK(!draft->details || ml_codec_check(&draft->details->base) == MLEDGER_OK);
}

static void read_export(const char *text, size_t size)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    uint64_t seq;
    int result = ml_record_from_export_line(text, size, &bytes, &seq);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    FUZZ_CHECK((bytes.len > 0) == (result == MLEDGER_OK));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_strictly((const char *)data, size);
    read_draft((const char *)data, size);
    read_export((const char *)data, size);
    return 0;
}
