/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence bundles. The input is what the frame holds: it is read as it stands, as a file; inside a
 * container that is right; and with its records made to fit each other as well, by a key that the
 * fuzzer has, so that what comes after hashes and signatures is reached: rules, scope, tags.
 */
#include "tests/fuzz/target.h"

#include <zstd.h>

#include "ledger/core/codec.h"
#include "ledger/core/ed25519.h"
#include "tests/unit/memory_file.h"
#include "verify/bundle.h"

enum { RECORDS_MAX = 64 };

static int count_finding(const struct ml_finding *finding, void *context)
{
    FUZZ_CHECK(finding->code[0] && finding->text[0] && finding->rule);
    ++*(uint64_t *)context;
    return MLEDGER_OK;
}

static void verify(struct ml_span bytes)
{
    struct memory_file file = {.bytes = bytes};
    struct ml_bundle_verdict verdict;
    uint64_t findings = 0;
    const struct ml_bundle_file source = {memory_file_read, memory_file_rewind, &file};
    const struct ml_verify_options options = {.visit = count_finding, .visit_context = &findings};
    int result = ml_verify_bundle(&source, &options, &verdict);
    FUZZ_CHECK(result == MLEDGER_OK);
    const struct ml_verify_result *told = &verdict.result;
    FUZZ_CHECK(findings == told->faults + told->doubts + told->not_proven);
    FUZZ_CHECK(findings > 0); /* at the least, nobody vouches for it */
    FUZZ_CHECK(verdict.opened + told->hidden <= told->records);
    ml_bundle_verdict_release(&verdict);
}

/* ---- the container ---- */

static struct ml_buf wrap(struct ml_span content)
{
    struct ml_buf file = {0};
    uint8_t hash[ML_HASH_SIZE];
    size_t bound = ZSTD_compressBound(content.len);
    FUZZ_CHECK(ml_buf_append(&file, "\x5e\x2a\x4d\x18\x11\0\0\0mledger-bundle 1\n", 25) >= 0);
    FUZZ_CHECK(ml_buf_reserve(&file, bound) >= 0);
    size_t len = ZSTD_compress(file.data + file.len, bound, content.data, content.len, 1);
    FUZZ_CHECK(!ZSTD_isError(len));
    file.len += len;
    struct ml_span all = ml_buf_span(&file);
    FUZZ_CHECK(ml_sha256(hash, &all, 1) >= 0);
    FUZZ_CHECK(ml_buf_append(&file, "\x5e\x2a\x4d\x18\x20\0\0\0", 8) >= 0);
    FUZZ_CHECK(ml_buf_append(&file, hash, sizeof hash) >= 0);
    return file;
}

static void verify_wrapped(struct ml_span content)
{
    struct ml_buf file = wrap(content);
    verify(ml_buf_span(&file));
    ml_buf_release(&file);
}

/* ---- its records ---- */

struct repair {
    uint8_t public[ML_KEY_SIZE], secret[64];
    uint8_t link[ML_HASH_SIZE], identity[ML_HASH_SIZE];
    uint64_t count;
    struct ml_arena arena;
    struct ml_buf out;
};

static void put_item(struct repair *repair, uint8_t kind, struct ml_span bytes)
{
    const uint8_t header[] = {kind, (uint8_t)(bytes.len >> 24), (uint8_t)(bytes.len >> 16),
                              (uint8_t)(bytes.len >> 8), (uint8_t)bytes.len};
    FUZZ_CHECK(ml_buf_append(&repair->out, header, sizeof header) >= 0);
    FUZZ_CHECK(ml_buf_append(&repair->out, bytes.data, bytes.len) >= 0);
}

static void commit(const Mledger__SignedRecord *stored, uint8_t commitment[ML_HASH_SIZE])
{
    static const uint8_t no_salt[ML_SALT_SIZE];
    const Mledger__Salts *salts = stored->salts;
    uint8_t event[ML_HASH_SIZE], details[ML_HASH_SIZE], statements[ML_HASH_SIZE];
    FUZZ_CHECK(ml_part_hash(salts->event.data, ML_SPAN(stored->event.data, stored->event.len),
                            event) >= 0);
    FUZZ_CHECK(ml_part_hash(salts->has_details ? salts->details.data : no_salt,
                            ML_SPAN(stored->details.data, stored->details.len), details) >= 0);
    if (stored->has_details_hash)
        memcpy(details, stored->details_hash.data, ML_HASH_SIZE);
    FUZZ_CHECK(ml_part_hash(salts->statements.data,
                            ML_SPAN(stored->statements.data, stored->statements.len),
                            statements) >= 0);
    FUZZ_CHECK(ml_commitment(event, details, statements, commitment) >= 0);
}

/* The header with number, link and signer put right, and what is signed of it. */
static bool repair_header(struct repair *repair, struct ml_span bytes, const uint8_t *commitment,
                          struct ml_buf *ret_header, uint8_t signature[ML_SIGNATURE_SIZE])
{
    ProtobufCMessage *message;
    if (ml_codec_unpack(&mledger__header__descriptor, bytes, &repair->arena, &message) < 0)
        return false;
    Mledger__Header *header = (Mledger__Header *)message;
    header->seq = repair->count;
    header->prev_link.data = repair->link;
    header->signer.data = repair->public;
    if (commitment)
        memcpy(header->commitment.data, commitment, ML_HASH_SIZE);
    FUZZ_CHECK(ml_codec_pack(message, ret_header) >= 0);
    struct ml_buf pae = {0};
    FUZZ_CHECK(ml_dsse_encode(ML_HEADER_TYPE, ml_buf_span(ret_header), &pae) >= 0);
    FUZZ_CHECK(ml_ed25519_sign(repair->secret, ml_buf_span(&pae), signature) >= 0);
    ml_buf_release(&pae);
    if (repair->count++ == 0)
        FUZZ_CHECK(ml_leaf(signature, ml_buf_span(ret_header), repair->identity) >= 0);
    FUZZ_CHECK(ml_link(ml_buf_span(ret_header), repair->link) >= 0);
    return true;
}

/* Record 0 authorises the fuzzer's key. */
static void authorise(struct repair *repair, Mledger__SignedRecord *stored)
{
    ProtobufCMessage *message;
    struct ml_buf bytes = {0};
    if (ml_codec_unpack(&mledger__event__descriptor, ML_SPAN(stored->event.data, stored->event.len),
                        &repair->arena, &message) < 0)
        return;
    Mledger__Event *event = (Mledger__Event *)message;
    if (event->kind_case != MLEDGER__EVENT__KIND_LEDGER_CREATED)
        return;
    event->ledger_created->key.data = repair->public;
    FUZZ_CHECK(ml_codec_pack(message, &bytes) >= 0);
    stored->event.data = ml_arena_alloc(&repair->arena, bytes.len);
    FUZZ_CHECK(stored->event.data != NULL);
    memcpy(stored->event.data, bytes.data, bytes.len);
    stored->event.len = bytes.len;
    ml_buf_release(&bytes);
}

static bool repair_open(struct repair *repair, struct ml_span bytes)
{
    ProtobufCMessage *message;
    struct ml_buf header = {0}, whole = {0};
    uint8_t commitment[ML_HASH_SIZE], signature[ML_SIGNATURE_SIZE];
    if (ml_codec_unpack(&mledger__signed_record__descriptor, bytes, &repair->arena, &message) < 0)
        return false;
    Mledger__SignedRecord *stored = (Mledger__SignedRecord *)message;
    if (repair->count == 0)
        authorise(repair, stored);
    commit(stored, commitment);
    bool good = repair_header(repair, ML_SPAN(stored->header.data, stored->header.len), commitment,
                              &header, signature);
    if (good) {
        stored->header = (ProtobufCBinaryData){header.len, header.data};
        stored->signature.data = signature;
        FUZZ_CHECK(ml_codec_pack(message, &whole) >= 0);
        put_item(repair, ML_BUNDLE_OPEN, ml_buf_span(&whole));
    }
    ml_buf_release(&header);
    ml_buf_release(&whole);
    return good;
}

static bool repair_hidden(struct repair *repair, struct ml_span bytes)
{
    struct ml_buf header = {0}, entry = {0};
    uint8_t signature[ML_SIGNATURE_SIZE];
    bool good = bytes.len > ML_SIGNATURE_SIZE &&
                repair_header(
                    repair, ML_SPAN(bytes.data + ML_SIGNATURE_SIZE, bytes.len - ML_SIGNATURE_SIZE),
                    NULL, &header, signature);
    if (good) {
        FUZZ_CHECK(ml_buf_append(&entry, signature, sizeof signature) >= 0);
        FUZZ_CHECK(ml_buf_append(&entry, header.data, header.len) >= 0);
        put_item(repair, ML_BUNDLE_HIDDEN, ml_buf_span(&entry));
    }
    ml_buf_release(&header);
    ml_buf_release(&entry);
    return good;
}

/* One item; false: nothing more can be made of the input. */
static bool repair_item(struct repair *repair, uint8_t kind, struct ml_span bytes)
{
    if (kind == ML_BUNDLE_OPEN)
        return repair_open(repair, bytes);
    if (kind == ML_BUNDLE_HIDDEN)
        return repair_hidden(repair, bytes);
    put_item(repair, kind, bytes);
    return true;
}

static void repair_all(struct repair *repair, struct ml_span content)
{
    while (content.len >= 5 && repair->count < RECORDS_MAX) {
        size_t size = (size_t)content.data[1] << 24 | (size_t)content.data[2] << 16 |
                      (size_t)content.data[3] << 8 | (size_t)content.data[4];
        if (size > content.len - 5)
            size = content.len - 5;
        if (!repair_item(repair, content.data[0], ML_SPAN(content.data + 5, size)))
            return;
        content = ML_SPAN(content.data + 5 + size, content.len - 5 - size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct repair repair = {0};
    uint8_t seed[32];
    memset(seed, 0x5a, sizeof seed);
    verify(ML_SPAN(data, size));
    verify_wrapped(ML_SPAN(data, size));
    ml_arena_init(&repair.arena, ML_LIMIT_UNPACKED);
    FUZZ_CHECK(ml_ed25519_keypair(seed, repair.public, repair.secret) >= 0);
    repair_all(&repair, ML_SPAN(data, size));
    verify_wrapped(ml_buf_span(&repair.out));
    ml_buf_release(&repair.out);
    ml_arena_release(&repair.arena);
    return 0;
}
