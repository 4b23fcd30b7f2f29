/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/rules.h"

#include <stdarg.h>
#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/core/ed25519.h"
#include "ledger/core/hex.h"
#include "ledger/store/statement.h"
#include "tests/unit/cmocka_all.h"
#include "verify/verify.h"

static void expect_ok(int result)
{
    if (result < 0)
        fail_msg("%d: %s (rule '%s')", result, mledger_error_text(), mledger_error_rule());
}

static int sign(void *secret, struct ml_span message, uint8_t signature[ML_SIGNATURE_SIZE])
{
    return ml_ed25519_sign(secret, message, signature);
}

const struct ml_signer *rules_signer(enum rules_key key)
{
    static uint8_t secrets[RULES_KEYS][64];
    static struct ml_signer signers[RULES_KEYS];
    if (!signers[key].sign) {
        uint8_t seed[32];
        memset(seed, 0x70 + (int)key, sizeof seed);
        assert_int_equal(ml_ed25519_keypair(seed, signers[key].key, secrets[key]), 0);
        signers[key].context = secrets[key];
        signers[key].sign = sign;
    }
    return &signers[key];
}

const char *rules_hex(const struct ml_signer *signer)
{
    static char texts[4][ML_HEX_SIZE(ML_KEY_SIZE)];
    static unsigned turn;
    char *text = texts[turn++ % ML_COUNT(texts)];
    ml_hex_encode(text, signer->key, ML_KEY_SIZE);
    return text;
}

const char *rules_line(const char *format, ...)
{
    static char lines[4][1024];
    static unsigned turn;
    char *line = lines[turn++ % ML_COUNT(lines)];
    va_list args;
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start() is on the line above */
    int len = vsnprintf(line, sizeof lines[0], format, args);
    va_end(args);
    assert_true(len > 0 && (size_t)len < sizeof lines[0]);
    return line;
}

int rules_set_up(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture);
    *state = &fixture;
    return 0;
}

int rules_tear_down(void **state)
{
    fixture_release(*state);
    return 0;
}

struct ml_draft *rules_draft(const char *line)
{
    char json[2048];
    int len = snprintf(json, sizeof json, "%s", line);
    assert_true(len >= 0 && (size_t)len < sizeof json);
    for (char *at = json; (at = strchr(at, '\''));)
        *at = '"';
    return fixture_draft(json);
}

int rules_append(struct fixture *fixture, const struct ml_signer *signer, struct ml_draft *draft)
{
    fixture->now_us += 1000000;
    int result = ml_ledger_append(fixture->ledger, signer, &draft, 1, NULL, NULL);
    ml_draft_free(draft);
    return result;
}

void rules_expect(struct fixture *fixture, const struct ml_signer *signer, struct ml_draft *draft,
                  const char *rule)
{
    int result = rules_append(fixture, signer, draft);
    if (!rule) {
        expect_ok(result);
        return;
    }
    if (result != MLEDGER_EREFUSED || strcmp(mledger_error_rule(), rule) != 0)
        fail_msg("expected rule '%s', got %d: %s (rule '%s')", rule, result,
                 result < 0 ? mledger_error_text() : "", mledger_error_rule());
}

uint64_t rules_keeps(struct fixture *fixture, const char *line)
{
    rules_expect(fixture, &fixture->signers[ALICE], rules_draft(line), NULL);
    struct ml_head head;
    expect_ok(ml_ledger_head(fixture->ledger, &head));
    return head.size - 1;
}

void rules_breaks(struct fixture *fixture, const char *line, const char *rule)
{
    rules_expect(fixture, &fixture->signers[ALICE], rules_draft(line), rule);
}

void rules_malformed(struct fixture *fixture, const char *line, const char *text)
{
    assert_int_equal(rules_append(fixture, &fixture->signers[ALICE], rules_draft(line)),
                     MLEDGER_EINVALID);
    if (!strstr(mledger_error_text(), text))
        fail_msg("expected '%s' in '%s'", text, mledger_error_text());
}

void rules_add_key(struct fixture *fixture, const struct ml_signer *signer, const char *actor,
                   const char *roles)
{
    struct ml_draft *draft =
        rules_draft(rules_line("{'key_authorized': {'actor': '%s', 'key': '%s', 'roles': %s}}",
                               actor, rules_hex(signer), roles));
    rules_state(fixture, draft, signer, MLEDGER__MEANING__POSSESSION);
    rules_expect(fixture, &fixture->signers[ALICE], draft, NULL);
}

uint64_t rules_add_actor(struct fixture *fixture, enum rules_key key, const char *id,
                         const char *kind, const char *roles)
{
    uint64_t seq = rules_keeps(
        fixture, rules_line("{'actor_registered': {'id': '%s', 'kind': '%s', 'roles': %s}}", id,
                            kind, roles));
    rules_add_key(fixture, rules_signer(key), id, roles);
    return seq;
}

static void seal(struct fixture *fixture, struct ml_draft *draft, struct ml_head *ret_head)
{
    struct ml_view view;
    expect_ok(ml_view_begin(fixture->ledger, &view));
    if (draft->event_bytes.len == 0)
        expect_ok(ml_draft_seal(draft, &view));
    *ret_head = view.head;
    ml_view_end(&view);
}

void rules_state(struct fixture *fixture, struct ml_draft *draft, const struct ml_signer *signer,
                 Mledger__Meaning meaning)
{
    struct ml_head head;
    seal(fixture, draft, &head);
    expect_ok(ml_draft_state(draft, &head, signer, meaning, NULL));
}

struct ml_draft *rules_stated(struct fixture *fixture, const char *line,
                              const struct ml_signer *signer, Mledger__Meaning meaning)
{
    struct ml_draft *draft = rules_draft(line);
    rules_state(fixture, draft, signer, meaning);
    return draft;
}

static ProtobufCBinaryData binary(uint8_t *data, size_t len)
{
    return (ProtobufCBinaryData){.len = len, .data = data};
}

void rules_statement_init(struct rules_statement *statement, struct fixture *fixture,
                          struct ml_draft *draft, Mledger__Meaning meaning, int nonce)
{
    struct ml_head head;
    seal(fixture, draft, &head);
    uint8_t event[ML_HASH_SIZE], details[ML_HASH_SIZE];
    expect_ok(ml_part_hash(draft->event_salt, draft->event_bytes, event));
    expect_ok(ml_part_hash(draft->details_salt, draft->details_bytes, details));
    expect_ok(ml_statement_subject(event, details, statement->subject));
    memcpy(statement->ledger, head.identity, ML_HASH_SIZE);
    memcpy(statement->seen_link, head.link, ML_HASH_SIZE);
    memset(statement->nonce, nonce, ML_NONCE_SIZE);
    Mledger__Statement *message = &statement->message;
    mledger__statement__init(message);
    message->ledger = binary(statement->ledger, ML_HASH_SIZE);
    message->subject = binary(statement->subject, ML_HASH_SIZE);
    message->meaning = meaning;
    message->seen_seq = head.size - 1;
    message->seen_link = binary(statement->seen_link, ML_HASH_SIZE);
    message->nonce = binary(statement->nonce, ML_NONCE_SIZE);
}

struct ml_span rules_pack(struct ml_draft *draft, const ProtobufCMessage *message)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf packed = {0};
    expect_ok(ml_codec_pack(message, &packed));
    uint8_t *bytes = ml_arena_alloc(&draft->arena, packed.len);
    assert_non_null(bytes);
    memcpy(bytes, packed.data, packed.len);
    return ML_SPAN(bytes, packed.len);
}

static void add_signed(struct ml_draft *draft, Mledger__SignedStatement *added)
{
    enum { MOST = 64 };
    Mledger__SignedStatement *list[MOST];
    Mledger__Statements all = MLEDGER__STATEMENTS__INIT;
    all.statements = list;
    if (draft->statements_bytes.len > 0) {
        ProtobufCMessage *message;
        expect_ok(ml_codec_unpack(&mledger__statements__descriptor, draft->statements_bytes,
                                  &draft->arena, &message));
        const Mledger__Statements *before = (const Mledger__Statements *)message;
        assert_true(before->n_statements < MOST);
        memcpy(list, before->statements, before->n_statements * sizeof *list);
        all.n_statements = before->n_statements;
    }
    list[all.n_statements++] = added;
    draft->statements_bytes = rules_pack(draft, &all.base);
}

void rules_statement_add(struct rules_statement *statement, struct ml_draft *draft,
                         const struct ml_signer *signer, bool break_signature)
{
    struct ml_span bytes = rules_pack(draft, &statement->message.base);
    ML_CLEANUP(ml_buf_release) struct ml_buf encoded = {0};
    expect_ok(ml_dsse_encode(ML_STATEMENT_TYPE, bytes, &encoded));
    uint8_t signature[ML_SIGNATURE_SIZE], key[ML_KEY_SIZE];
    expect_ok(signer->sign(signer->context, ml_buf_span(&encoded), signature));
    signature[0] ^= break_signature;
    memcpy(key, signer->key, sizeof key);
    Mledger__SignedStatement added = MLEDGER__SIGNED_STATEMENT__INIT;
    added.statement = binary((uint8_t *)(uintptr_t)bytes.data, bytes.len);
    added.key = binary(key, sizeof key);
    added.signature = binary(signature, sizeof signature);
    add_signed(draft, &added);
}

static int print_fault(const struct ml_finding *finding, void *context)
{
    (void)context;
    if (finding->severity == ML_SEVERITY_FAULT)
        print_error("%s %s: %s\n", finding->code, finding->rule, finding->text);
    return MLEDGER_OK;
}

void rules_verify(struct fixture *fixture)
{
    const struct ml_verify_options options = {.visit = print_fault};
    struct ml_verify_result result;
    expect_ok(ml_verify(fixture->ledger, &options, &result));
    assert_int_equal(result.faults, 0);
}
