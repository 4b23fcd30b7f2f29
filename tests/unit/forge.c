/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/forge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "ledger/core/ed25519.h"
#include "ledger/core/event.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/merkle.h"
#include "tests/unit/cmocka_all.h"

enum { LINE_SIZE = 4096, LINES = 8 };

static void expect_ok(int result)
{
    if (result < 0)
        fail_msg("%d: %s (rule '%s')", result, mledger_error_text(), mledger_error_rule());
}

static char *next_line(void)
{
    static char lines[LINES][LINE_SIZE];
    static size_t next;
    return lines[next++ % LINES];
}

const char *forge_line(const char *format, ...)
{
    char *line = next_line();
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, LINE_SIZE, format, args);
    va_end(args);
    assert_in_range(len, 0, LINE_SIZE - 1);
    return line;
}

const char *forge_hex(const uint8_t *bytes, size_t len)
{
    char *line = next_line();
    assert_true(ML_HEX_SIZE(len) <= LINE_SIZE);
    ml_hex_encode(line, bytes, len);
    return line;
}

/* One record in the making. */
struct making {
    struct ml_arena arena;
    const Mledger__Event *event;
    struct ml_buf event_bytes, statements_bytes;
    uint8_t salts[3][ML_SALT_SIZE];
    uint8_t hashes[3][ML_HASH_SIZE]; /* C(event), C(details), C(statements) */
    uint8_t tags[ML_TAG_SIZE][ML_TAG_SIZE];
    size_t n_tags;
};

static void read_event(struct making *making, const char *line)
{
    char text[LINE_SIZE];
    size_t len = strlen(line);
    assert_true(len < sizeof text);
    for (size_t i = 0; i <= len; i++)
        text[i] = (char)(line[i] == '\'' ? '"' : line[i]);
    json_t *json;
    ProtobufCMessage *message;
    expect_ok(ml_json_parse(text, len, &json));
    expect_ok(ml_json_to_message(json, &mledger__event__descriptor, &making->arena, &message));
    json_decref(json);
    making->event = (const Mledger__Event *)message;
    expect_ok(ml_codec_pack(message, &making->event_bytes));
}

struct tagging {
    const struct forge *forge;
    struct making *making;
};

static void add_tag(const struct forge *forge, struct making *making, uint64_t subject)
{
    uint8_t tag[ML_TAG_SIZE];
    expect_ok(ml_subject_tag(forge->salts[subject], forge->count, tag));
    size_t at = 0;
    while (at < making->n_tags && memcmp(making->tags[at], tag, ML_TAG_SIZE) < 0)
        at++;
    if (at < making->n_tags && memcmp(making->tags[at], tag, ML_TAG_SIZE) == 0)
        return;
    assert_true(making->n_tags < ML_COUNT(making->tags));
    memmove(making->tags[at + 1], making->tags[at], (making->n_tags - at) * ML_TAG_SIZE);
    memcpy(making->tags[at], tag, ML_TAG_SIZE);
    making->n_tags++;
}

static int tag_reference(const struct ml_reference *reference, void *context)
{
    struct tagging *tagging = context;
    if (reference->role == ML_FIELD_SUBJECT)
        add_tag(tagging->forge, tagging->making, reference->seq);
    return MLEDGER_OK;
}

static void make_tags(struct forge *forge, struct making *making)
{
    const uint8_t *salt = NULL;
    if (ml_event_creates(making->event, &salt) != MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED) {
        memcpy(forge->salts[forge->count], salt, ML_SALT_SIZE);
        add_tag(forge, making, forge->count);
    }
    struct tagging tagging = {forge, making};
    expect_ok(ml_event_references(making->event, tag_reference, &tagging));
}

static void sign(const struct forge *forge, enum forge_key key, const char *type,
                 struct ml_span body, uint8_t signature[ML_SIGNATURE_SIZE])
{
    ML_CLEANUP(ml_buf_release) struct ml_buf encoded = {0};
    expect_ok(ml_dsse_encode(type, body, &encoded));
    expect_ok(ml_ed25519_sign(forge->secret[key], ml_buf_span(&encoded), signature));
}

/* A statement on what stands there, of somebody who has seen all that was before. */
static void state(const struct forge *forge, struct making *making, enum forge_key key,
                  Mledger__Meaning meaning)
{
    uint8_t subject[ML_HASH_SIZE], nonce[ML_NONCE_SIZE], signature[ML_SIGNATURE_SIZE];
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    expect_ok(ml_statement_subject(making->hashes[0], making->hashes[1], subject));
    memset(nonce, (int)forge->count, sizeof nonce);
    Mledger__Statement statement = MLEDGER__STATEMENT__INIT;
    statement.ledger = (ProtobufCBinaryData){ML_HASH_SIZE, (uint8_t *)(uintptr_t)forge->leaves[0]};
    statement.subject = (ProtobufCBinaryData){sizeof subject, subject};
    statement.meaning = meaning;
    statement.seen_seq = forge->count - 1;
    statement.seen_link =
        (ProtobufCBinaryData){ML_HASH_SIZE, (uint8_t *)(uintptr_t)forge->links[statement.seen_seq]};
    statement.nonce = (ProtobufCBinaryData){sizeof nonce, nonce};
    expect_ok(ml_codec_pack(&statement.base, &bytes));
    sign(forge, key, ML_STATEMENT_TYPE, ml_buf_span(&bytes), signature);
    Mledger__SignedStatement one = MLEDGER__SIGNED_STATEMENT__INIT, *list = &one;
    one.statement = (ProtobufCBinaryData){bytes.len, bytes.data};
    one.key = (ProtobufCBinaryData){ML_KEY_SIZE, (uint8_t *)(uintptr_t)forge->key[key]};
    one.signature = (ProtobufCBinaryData){sizeof signature, signature};
    Mledger__Statements all = MLEDGER__STATEMENTS__INIT;
    all.statements = &list;
    all.n_statements = 1;
    expect_ok(ml_codec_pack(&all.base, &making->statements_bytes));
}

static void make_header(const struct forge *forge, const struct making *making,
                        enum forge_key signer, struct ml_buf *header_bytes)
{
    uint8_t commitment[ML_HASH_SIZE];
    static const uint8_t zeros[ML_HASH_SIZE];
    const uint8_t *prev = forge->count ? forge->links[forge->count - 1] : zeros;
    expect_ok(ml_commitment(making->hashes[0], making->hashes[1], making->hashes[2], commitment));
    Mledger__Header header = MLEDGER__HEADER__INIT;
    header.format = ML_FORMAT;
    header.schema = ML_SCHEMA;
    header.seq = forge->count;
    header.prev_link = (ProtobufCBinaryData){ML_HASH_SIZE, (uint8_t *)(uintptr_t)prev};
    header.recorded_at = forge->now_us;
    header.signer = (ProtobufCBinaryData){ML_KEY_SIZE, (uint8_t *)(uintptr_t)forge->key[signer]};
    header.kind = ml_event_kind(making->event);
    header.commitment = (ProtobufCBinaryData){sizeof commitment, commitment};
    ProtobufCBinaryData tags[ML_TAG_SIZE];
    for (size_t i = 0; i < making->n_tags; i++)
        tags[i] = (ProtobufCBinaryData){ML_TAG_SIZE, (uint8_t *)(uintptr_t)making->tags[i]};
    header.subject_tags = tags;
    header.n_subject_tags = making->n_tags;
    expect_ok(ml_codec_pack(&header.base, header_bytes));
}

static void put_record(struct forge *forge, struct making *making, enum forge_key signer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf header = {0};
    uint8_t signature[ML_SIGNATURE_SIZE];
    make_header(forge, making, signer, &header);
    sign(forge, signer, ML_HEADER_TYPE, ml_buf_span(&header), signature);
    Mledger__Salts salts = MLEDGER__SALTS__INIT;
    salts.event = (ProtobufCBinaryData){ML_SALT_SIZE, making->salts[0]};
    salts.has_details = true;
    salts.details = (ProtobufCBinaryData){ML_SALT_SIZE, making->salts[1]};
    salts.statements = (ProtobufCBinaryData){ML_SALT_SIZE, making->salts[2]};
    Mledger__SignedRecord record = MLEDGER__SIGNED_RECORD__INIT;
    record.header = (ProtobufCBinaryData){header.len, header.data};
    record.signature = (ProtobufCBinaryData){sizeof signature, signature};
    record.event = (ProtobufCBinaryData){making->event_bytes.len, making->event_bytes.data};
    record.has_statements = making->statements_bytes.len > 0;
    record.statements =
        (ProtobufCBinaryData){making->statements_bytes.len, making->statements_bytes.data};
    record.salts = &salts;
    expect_ok(ml_codec_pack(&record.base, &forge->records[forge->count]));
    expect_ok(ml_link(ml_buf_span(&header), forge->links[forge->count]));
    expect_ok(ml_leaf(signature, ml_buf_span(&header), forge->leaves[forge->count]));
}

uint64_t forge_add_stated(struct forge *forge, enum forge_key signer, const char *line,
                          enum forge_key stated_by, Mledger__Meaning meaning)
{
    struct making making = {0};
    assert_true(forge->count < FORGE_RECORDS);
    ml_arena_init(&making.arena, SIZE_MAX / 2);
    for (int i = 0; i < 3; i++)
        memset(making.salts[i], 0x10 * (int)(forge->count % 15 + 1) + i, ML_SALT_SIZE);
    forge->now_us += 1000000;
    read_event(&making, line);
    make_tags(forge, &making);
    expect_ok(ml_part_hash(making.salts[0], ml_buf_span(&making.event_bytes), making.hashes[0]));
    expect_ok(ml_part_hash(making.salts[1], ML_SPAN("", 0), making.hashes[1]));
    if (stated_by != FORGE_KEYS)
        state(forge, &making, stated_by, meaning);
    expect_ok(
        ml_part_hash(making.salts[2], ml_buf_span(&making.statements_bytes), making.hashes[2]));
    put_record(forge, &making, signer);
    ml_buf_release(&making.event_bytes);
    ml_buf_release(&making.statements_bytes);
    ml_arena_release(&making.arena);
    return forge->count++;
}

uint64_t forge_add(struct forge *forge, enum forge_key signer, const char *line)
{
    return forge_add_stated(forge, signer, line, FORGE_KEYS, MLEDGER__MEANING__AUTHORED);
}

void forge_add_models(struct forge *forge, size_t count)
{
    for (size_t i = 0; i < count; i++)
        forge_add(forge, FORGE_ALICE,
                  forge_line("{'model_created': {'subject_salt': '%064zx', 'name': 'model-%zu'}}",
                             forge->count, forge->count));
}

void forge_init(struct forge *forge)
{
    *forge = (struct forge){.now_us = 1767225600000000}; /* 2026-01-01 */
    for (int i = 0; i < FORGE_KEYS; i++) {
        uint8_t seed[ML_ED25519_SEED_SIZE];
        memset(seed, 0x60 + i, sizeof seed);
        expect_ok(ml_ed25519_keypair(seed, forge->key[i], forge->secret[i]));
    }
    forge_add(forge, FORGE_ALICE,
              forge_line("{'ledger_created': {'subject_salt': '%064x', 'name': 'forged', 'origin': "
                         "'example.org/forged', 'actor_id': 'alice', 'key': '%s', 'roles': "
                         "['admin', 'recorder', 'approver'], 'log_key': '%s'}}",
                         0xa0, forge_hex(forge->key[FORGE_ALICE], ML_KEY_SIZE),
                         forge_hex(forge->key[FORGE_LOG], ML_KEY_SIZE)));
}

void forge_release(struct forge *forge)
{
    for (size_t i = 0; i < forge->count; i++)
        ml_buf_release(&forge->records[i]);
}

void forge_root(const struct forge *forge, size_t size, uint8_t ret_root[ML_HASH_SIZE])
{
    struct ml_merkle_frontier frontier = {0};
    for (size_t i = 0; i < size; i++)
        expect_ok(ml_merkle_append(&frontier, forge->leaves[i], NULL, NULL));
    expect_ok(ml_merkle_root(&frontier, ret_root));
}
