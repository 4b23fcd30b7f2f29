/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/record.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/core/ed25519.h"
#include "ledger/core/event.h"

/* First byte of what is hashed, so that no hash can stand for another. */
enum {
    DOMAIN_LEAF = 0x00,
    DOMAIN_COMMITMENT = 0x02, /* 0x01 is the inner node of RFC 6962 */
    DOMAIN_TAG = 0x03,
    DOMAIN_LINK = 0x04,
    DOMAIN_PART = 0x05,
    DOMAIN_STATEMENT = 0x06,
};

static int hash_in_domain(uint8_t domain, struct ml_span a, struct ml_span b, struct ml_span c,
                          uint8_t ret_hash[ML_HASH_SIZE])
{
    const struct ml_span parts[] = {ML_SPAN(&domain, 1), a, b, c};
    return ml_sha256(ret_hash, parts, ML_COUNT(parts));
}

static const struct ml_span nothing = {0};

int ml_part_hash(const uint8_t salt[ML_SALT_SIZE], struct ml_span part,
                 uint8_t ret_hash[ML_HASH_SIZE])
{
    return hash_in_domain(DOMAIN_PART, ML_SPAN(salt, ML_SALT_SIZE), part, nothing, ret_hash);
}

int ml_commitment(const uint8_t event[ML_HASH_SIZE], const uint8_t details[ML_HASH_SIZE],
                  const uint8_t statements[ML_HASH_SIZE], uint8_t ret_hash[ML_HASH_SIZE])
{
    return hash_in_domain(DOMAIN_COMMITMENT, ML_SPAN(event, ML_HASH_SIZE),
                          ML_SPAN(details, ML_HASH_SIZE), ML_SPAN(statements, ML_HASH_SIZE),
                          ret_hash);
}

int ml_statement_subject(const uint8_t event[ML_HASH_SIZE], const uint8_t details[ML_HASH_SIZE],
                         uint8_t ret_hash[ML_HASH_SIZE])
{
    return hash_in_domain(DOMAIN_STATEMENT, ML_SPAN(event, ML_HASH_SIZE),
                          ML_SPAN(details, ML_HASH_SIZE), nothing, ret_hash);
}

int ml_link(struct ml_span header, uint8_t ret_hash[ML_HASH_SIZE])
{
    return hash_in_domain(DOMAIN_LINK, header, nothing, nothing, ret_hash);
}

int ml_leaf(const uint8_t signature[ML_SIGNATURE_SIZE], struct ml_span header,
            uint8_t ret_hash[ML_HASH_SIZE])
{
    return hash_in_domain(DOMAIN_LEAF, ML_SPAN(signature, ML_SIGNATURE_SIZE), header, nothing,
                          ret_hash);
}

int ml_subject_tag(const uint8_t salt[ML_SALT_SIZE], uint64_t seq, uint8_t ret_tag[ML_TAG_SIZE])
{
    uint8_t big_endian[8];
    for (int i = 0; i < 8; i++)
        big_endian[i] = (uint8_t)(seq >> (56 - 8 * i));
    uint8_t hash[ML_HASH_SIZE];
    ML_TRY(hash_in_domain(DOMAIN_TAG, ML_SPAN(salt, ML_SALT_SIZE),
                          ML_SPAN(big_endian, sizeof big_endian), nothing, hash));
    memcpy(ret_tag, hash, ML_TAG_SIZE);
    return MLEDGER_OK;
}

enum { DSSE_ROOM = 64 }; /* enough beside type and body */

static int append_number(size_t number, struct ml_buf *out)
{
    char digits[24];
    char *at = digits + sizeof digits;
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    return ml_buf_append(out, at, (size_t)(digits + sizeof digits - at));
}

/* Once for every record, so printf() is too slow. */
int ml_dsse_encode(const char *type, struct ml_span body, struct ml_buf *out)
{
    const size_t type_len = strlen(type);
    ML_TRY(ml_buf_reserve(out, type_len + body.len + DSSE_ROOM));
    ML_TRY(ml_buf_append_text(out, "DSSEv1 "));
    ML_TRY(append_number(type_len, out));
    ML_TRY(ml_buf_append_char(out, ' '));
    ML_TRY(ml_buf_append(out, type, type_len));
    ML_TRY(ml_buf_append_char(out, ' '));
    ML_TRY(append_number(body.len, out));
    ML_TRY(ml_buf_append_char(out, ' '));
    return ml_buf_append(out, body.data, body.len);
}

int ml_dsse_verify(const char *type, struct ml_span body, const uint8_t key[ML_KEY_SIZE],
                   const uint8_t signature[ML_SIGNATURE_SIZE])
{
    uint8_t on_stack[512]; /* a header fits, so that verifying one takes no memory */
    struct ml_buf encoded = {.data = on_stack, .cap = sizeof on_stack};
    ML_CLEANUP(ml_buf_release) struct ml_buf on_heap = {0};
    bool fits = body.len + strlen(type) + DSSE_ROOM <= sizeof on_stack;
    struct ml_buf *out = fits ? &encoded : &on_heap;
    ML_TRY(ml_dsse_encode(type, body, out));
    return ml_ed25519_verify(ML_SPAN(signature, ML_SIGNATURE_SIZE), ml_buf_span(out), key);
}

static struct ml_span span_of(ProtobufCBinaryData bytes)
{
    return ML_SPAN(bytes.data, bytes.len);
}

static int check_tags(const Mledger__Header *header)
{
    if (header->n_subject_tags > ML_LIMIT_TAGS)
        return ml_fail(MLEDGER_EINVALID, "more than %d subject tags", ML_LIMIT_TAGS);
    for (size_t i = 1; i < header->n_subject_tags; i++)
        if (memcmp(header->subject_tags[i - 1].data, header->subject_tags[i].data, ML_TAG_SIZE) >=
            0)
            return ml_fail(MLEDGER_EINVALID, "subject tags are not in ascending order");
    return MLEDGER_OK;
}

int ml_header_read(struct ml_span bytes, struct ml_arena *arena, const Mledger__Header **ret_header)
{
    if (bytes.len > ML_LIMIT_HEADER)
        return ml_fail(MLEDGER_EINVALID, "header of %zu bytes, over %d", bytes.len,
                       ML_LIMIT_HEADER);
    ProtobufCMessage *message;
    ML_TRY(ml_codec_unpack(&mledger__header__descriptor, bytes, arena, &message));
    const Mledger__Header *header = (const Mledger__Header *)message;
    ML_TRY(check_tags(header));
    if (header->recorded_at < 0)
        return ml_fail(MLEDGER_EINVALID, "recorded_at is negative");
    if (header->schema == 0)
        return ml_fail(MLEDGER_EINVALID, "schema 0; the first is 1");
    if (header->format != ML_FORMAT)
        return ml_fail(MLEDGER_EINVALID, "format %" PRIu32 " is not known to this program",
                       header->format);
    *ret_header = header;
    return MLEDGER_OK;
}

static int check_part_size(const char *part, size_t size, size_t limit)
{
    if (size > limit)
        return ml_fail(MLEDGER_EINVALID, "%s of %zu bytes, over %zu", part, size, limit);
    return MLEDGER_OK;
}

static int read_statement(struct ml_record *record, size_t i, struct ml_arena *arena)
{
    ProtobufCMessage *message;
    ML_TRY(ml_codec_unpack(&mledger__statement__descriptor,
                           span_of(record->signed_statements->statements[i]->statement), arena,
                           &message));
    record->statements[i] = (const Mledger__Statement *)message;
    return MLEDGER_OK;
}

static int read_statements(struct ml_record *record, struct ml_arena *arena)
{
    const Mledger__SignedRecord *stored = record->stored;
    if (!stored->has_statements)
        return MLEDGER_OK;
    ML_TRY(check_part_size("statements", stored->statements.len, ML_LIMIT_STATEMENTS));
    ProtobufCMessage *message;
    ML_TRY(ml_codec_unpack(&mledger__statements__descriptor, span_of(stored->statements), arena,
                           &message));
    record->signed_statements = (const Mledger__Statements *)message;
    size_t count = record->signed_statements->n_statements;
    if (count == 0 || count > ML_LIMIT_STATEMENT_COUNT)
        return ml_fail(MLEDGER_EINVALID, "%zu statements; 1 to %d may stand in a record", count,
                       ML_LIMIT_STATEMENT_COUNT);
    record->statements = ml_arena_calloc(arena, count, sizeof *record->statements);
    if (!record->statements)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++)
        ML_TRY(read_statement(record, i, arena));
    return MLEDGER_OK;
}

static int read_event(struct ml_record *record, struct ml_arena *arena,
                      const Mledger__Event **ret_event)
{
    ML_TRY(check_part_size("event", record->stored->event.len, ML_LIMIT_EVENT));
    ProtobufCMessage *message;
    ML_TRY(ml_codec_unpack(&mledger__event__descriptor, span_of(record->stored->event), arena,
                           &message));
    *ret_event = (const Mledger__Event *)message;
    return MLEDGER_OK;
}

static int read_details(struct ml_record *record, struct ml_arena *arena)
{
    const Mledger__SignedRecord *stored = record->stored;
    if (!stored->has_details)
        return MLEDGER_OK;
    if (stored->details.len == 0)
        return ml_fail(MLEDGER_EINVALID, "details that are there and say nothing");
    ML_TRY(check_part_size("details", stored->details.len, ML_LIMIT_DETAILS));
    ProtobufCMessage *message;
    ML_TRY(
        ml_codec_unpack(&mledger__details__descriptor, span_of(stored->details), arena, &message));
    record->details = (const Mledger__Details *)message;
    return MLEDGER_OK;
}

static int read_parts(struct ml_record *record, struct ml_arena *arena)
{
    const Mledger__Event *event;
    if (read_event(record, arena, &event) < 0)
        return ml_blame("event-encoding");
    if (read_details(record, arena) < 0)
        return ml_blame("details-encoding");
    if (ml_event_check(event, record->details, record->details_erased) < 0)
        return ml_blame("event-encoding");
    if (read_statements(record, arena) < 0)
        return ml_blame("statements-encoding");
    if (ml_event_kind(event) != record->header->kind) {
        (void)ml_fail(MLEDGER_EINVALID, "the header gives a kind that the event is not of");
        return ml_blame("header-kind");
    }
    record->event = event;
    return MLEDGER_OK;
}

/* Exactly one of the details' salt and their hash is there; erased details leave no bytes. */
static int check_salts(struct ml_record *record)
{
    const Mledger__SignedRecord *stored = record->stored;
    if (stored->salts->has_details == stored->has_details_hash)
        return ml_fail(MLEDGER_EINVALID, "exactly one of the details' salt and hash must be there");
    if (stored->has_details_hash && stored->has_details)
        return ml_fail(MLEDGER_EINVALID, "details beside the hash that stands for them");
    record->details_erased = stored->has_details_hash;
    return MLEDGER_OK;
}

static int check_commitment(struct ml_record *record)
{
    const Mledger__SignedRecord *stored = record->stored;
    ML_TRY(ml_part_hash(stored->salts->event.data, span_of(stored->event), record->event_hash));
    if (record->details_erased)
        memcpy(record->details_hash, stored->details_hash.data, ML_HASH_SIZE);
    else
        ML_TRY(ml_part_hash(stored->salts->details.data, span_of(stored->details),
                            record->details_hash));
    ML_TRY(ml_part_hash(stored->salts->statements.data, span_of(stored->statements),
                        record->statements_hash));
    uint8_t commitment[ML_HASH_SIZE];
    ML_TRY(ml_commitment(record->event_hash, record->details_hash, record->statements_hash,
                         commitment));
    if (memcmp(commitment, record->header->commitment.data, ML_HASH_SIZE) != 0)
        return ml_fail(MLEDGER_EINVALID, "the payload is not the one the header commits to");
    return MLEDGER_OK;
}

static int open_record(struct ml_span bytes, struct ml_arena *arena, struct ml_record *record)
{
    ML_TRY(check_part_size("record", bytes.len, ML_LIMIT_RECORD));
    ProtobufCMessage *message;
    ML_TRY(ml_codec_unpack(&mledger__signed_record__descriptor, bytes, arena, &message));
    record->stored = (const Mledger__SignedRecord *)message;
    record->header_bytes = span_of(record->stored->header);
    return check_salts(record);
}

int ml_record_open(struct ml_span bytes, uint64_t seq, struct ml_arena *arena,
                   struct ml_record *ret_record)
{
    struct ml_record record = {0};
    if (open_record(bytes, arena, &record) < 0) {
        ml_blame("record-encoding");
        return ml_about_seq(seq);
    }
    if (ml_header_read(record.header_bytes, arena, &record.header) < 0) {
        ml_blame("header-encoding");
        return ml_about_seq(seq);
    }
    if (record.header->seq != seq) {
        (void)ml_fail_seq(MLEDGER_EINVALID, seq, "the header says it is record %" PRIu64,
                          record.header->seq);
        return ml_blame("header-seq");
    }
    *ret_record = record;
    return MLEDGER_OK;
}

/* The payload is another than the header commits to, but it may still say what was meant. */
static void read_parts_all_the_same(struct ml_record *record, struct ml_arena *arena)
{
    struct ml_error error;
    ml_error_get(&error);
    if (read_parts(record, arena) < 0)
        record->event = NULL;
    ml_error_set(&error);
}

int ml_record_read_payload(struct ml_record *record, struct ml_arena *arena)
{
    if (check_commitment(record) < 0) {
        ml_blame("commitment");
        if (record->header->schema <= ML_SCHEMA)
            read_parts_all_the_same(record, arena);
        return ml_about_seq(record->header->seq);
    }
    if (record->header->schema > ML_SCHEMA)
        return MLEDGER_OK; /* not understood */
    return read_parts(record, arena) < 0 ? ml_about_seq(record->header->seq) : MLEDGER_OK;
}

int ml_record_read(struct ml_span bytes, uint64_t seq, struct ml_arena *arena,
                   struct ml_record *ret_record)
{
    struct ml_record record;
    ML_TRY(ml_record_open(bytes, seq, arena, &record));
    ML_TRY(ml_record_read_payload(&record, arena));
    *ret_record = record;
    return MLEDGER_OK;
}

int ml_record_verify_signature(const struct ml_record *record)
{
    return ml_dsse_verify(ML_HEADER_TYPE, record->header_bytes, record->header->signer.data,
                          record->stored->signature.data);
}

int ml_record_verify_statements(const struct ml_record *record)
{
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    for (size_t i = 0; i < count; i++) {
        const Mledger__SignedStatement *signed_statement = record->signed_statements->statements[i];
        if (ml_dsse_verify(ML_STATEMENT_TYPE, span_of(signed_statement->statement),
                           signed_statement->key.data, signed_statement->signature.data) < 0)
            return ml_prefix("statement %zu", i);
    }
    return MLEDGER_OK;
}
