/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of export. One record has one line: what is read is written again to the same text, and its
 * bytes are a SignedRecord whose header bears the number that the line says.
 */
#include "ledger/core/codec.h"
#include "ledger/core/json.h"
#include "tests/fuzz/target.h"

static void write_again(struct ml_span bytes, uint64_t seq, struct ml_span text)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ML_CLEANUP(ml_buf_release) struct ml_buf again = {0};
    ProtobufCMessage *message;
    struct ml_record record = {0};
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    FUZZ_CHECK(ml_codec_unpack(&mledger__signed_record__descriptor, bytes, &arena, &message) ==
               MLEDGER_OK);
    record.stored = (const Mledger__SignedRecord *)message;
    FUZZ_CHECK(ml_header_read(ML_SPAN(record.stored->header.data, record.stored->header.len),
                              &arena, &record.header) == MLEDGER_OK);
    FUZZ_CHECK(record.header->seq == seq);
    FUZZ_CHECK(ml_record_to_export_line(&record, &again) == MLEDGER_OK);
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&again), text));
    int result = ml_record_read(bytes, seq, &arena, &record);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    uint64_t seq;
    int result = ml_record_from_export_line((const char *)data, size, &bytes, &seq);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    FUZZ_CHECK((bytes.len > 0) == (result == MLEDGER_OK));
    if (result == MLEDGER_OK)
        write_again(ml_buf_span(&bytes), seq, ML_SPAN(data, size));
    return 0;
}
