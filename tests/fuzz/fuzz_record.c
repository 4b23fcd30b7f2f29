/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as the store keeps them. Since no mutation finds the hash that the header commits to,
 * what is a SignedRecord at all is also read with the commitment put right, so that the event,
 * the details and the statements are reached. What reads goes through `show` and `export`.
 */
#include "tests/fuzz/target.h"

#include "ledger/core/json.h"

static void check_readable(const struct ml_record *record, struct ml_span bytes)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0}, back = {0};
    uint64_t seq = 0;
    FUZZ_CHECK(ml_record_to_json(record, &json) == MLEDGER_OK);
    FUZZ_CHECK(ml_record_to_export_line(record, &line) == MLEDGER_OK);
    FUZZ_CHECK(ml_record_from_export_line((const char *)line.data, line.len, &back, &seq) ==
               MLEDGER_OK);
    FUZZ_CHECK(seq == record->header->seq);
    FUZZ_CHECK(ml_span_equal(bytes, ml_buf_span(&back)));
}

static void read_record(struct ml_span bytes, uint64_t seq, struct ml_arena *arena)
{
    struct ml_record record;
    int result = ml_record_read(bytes, seq, arena, &record);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    FUZZ_CHECK(result == MLEDGER_OK || mledger_error_seq() == seq);
    if (result == MLEDGER_OK)
        check_readable(&record, bytes);
}

static int commit(const Mledger__SignedRecord *stored, Mledger__Header *header,
                  uint8_t commitment[ML_HASH_SIZE])
{
    static const uint8_t no_salt[ML_SALT_SIZE];
    const Mledger__Salts *salts = stored->salts;
    uint8_t event[ML_HASH_SIZE], details[ML_HASH_SIZE], statements[ML_HASH_SIZE];
    ML_TRY(ml_part_hash(salts->event.data, ML_SPAN(stored->event.data, stored->event.len), event));
    ML_TRY(ml_part_hash(salts->has_details ? salts->details.data : no_salt,
                        ML_SPAN(stored->details.data, stored->details.len), details));
    if (stored->has_details_hash)
        memcpy(details, stored->details_hash.data, ML_HASH_SIZE);
    ML_TRY(ml_part_hash(salts->statements.data,
                        ML_SPAN(stored->statements.data, stored->statements.len), statements));
    ML_TRY(ml_commitment(event, details, statements, commitment));
    header->commitment.data = commitment;
    return MLEDGER_OK;
}

/* The same record with the right commitment; false: it is none. */
static bool put_right(struct ml_span bytes, struct ml_arena *arena, struct ml_buf *out,
                      uint64_t *ret_seq)
{
    ProtobufCMessage *message;
    ML_CLEANUP(ml_buf_release) struct ml_buf header_bytes = {0};
    uint8_t commitment[ML_HASH_SIZE];
    if (ml_codec_unpack(&mledger__signed_record__descriptor, bytes, arena, &message) < 0)
        return false;
    Mledger__SignedRecord *stored = (Mledger__SignedRecord *)message;
    if (ml_codec_unpack(&mledger__header__descriptor,
                        ML_SPAN(stored->header.data, stored->header.len), arena, &message) < 0)
        return false;
    Mledger__Header *header = (Mledger__Header *)message;
    if (header->seq > INT64_MAX) /* past what JSON integers say, and what any store reaches */
        return false;
    FUZZ_CHECK(commit(stored, header, commitment) == MLEDGER_OK);
    FUZZ_CHECK(ml_codec_pack(&header->base, &header_bytes) == MLEDGER_OK);
    stored->header = (ProtobufCBinaryData){.len = header_bytes.len, .data = header_bytes.data};
    FUZZ_CHECK(ml_codec_pack(&stored->base, out) == MLEDGER_OK);
    *ret_seq = header->seq;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_CLEANUP(ml_buf_release) struct ml_buf right = {0};
    uint64_t seq = 0;
    read_record(ML_SPAN(data, size), 0, &arena);
    ml_arena_clear(&arena);
    if (put_right(ML_SPAN(data, size), &arena, &right, &seq))
        read_record(ml_buf_span(&right), seq, &arena);
    ml_arena_release(&arena);
    return 0;
}
