/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worked example of docs/FORMAT.md, made again from its seeds: every byte that the page shows
 * is what the write path writes, so the page cannot rot. When it must change, this test prints
 * what has to stand there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ledger/core/codec.h"
#include "ledger/core/ed25519.h"
#include "ledger/core/hex.h"
#include "ledger/store/tree.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rules.h"

enum {
    RECORDS = 3,
    NAME_WIDTH = 20,
    BYTES_A_LINE = 32,
    PAGE_MAX = 1 << 20,
};

static const int64_t FIRST_US = 1767225600000000; /* 2026-01-01T00:00:00Z, then second by second */

/* The example in the making: a ledger and the page's text about it. */
struct example {
    char dir[64];
    int64_t now_us;
    struct ml_signer alice, laptop, log;
    uint8_t secrets[3][64];
    struct ml_ledger *ledger;
    struct ml_buf text;
};

static void expect_ok(int result)
{
    if (result < 0)
        fail_msg("%d: %s (rule '%s')", result, mledger_error_text(), mledger_error_rule());
}

static int sign(void *secret, struct ml_span message, uint8_t signature[ML_SIGNATURE_SIZE])
{
    return ml_ed25519_sign(secret, message, signature);
}

static int64_t read_clock(void *example)
{
    return ((struct example *)example)->now_us;
}

/* NAME HEX, going on below the first line where it is long. */
static void say(struct example *example, const char *name, struct ml_span bytes)
{
    for (size_t at = 0; at == 0 || at < bytes.len; at += BYTES_A_LINE) {
        size_t len = bytes.len - at < BYTES_A_LINE ? bytes.len - at : BYTES_A_LINE;
        char hex[ML_HEX_SIZE(BYTES_A_LINE)];
        ml_hex_encode(hex, bytes.data + at, len);
        expect_ok(ml_buf_printf(&example->text, "%-*s%s\n", NAME_WIDTH, at == 0 ? name : "", hex));
    }
}

static void say_of(struct example *example, uint64_t seq, const char *what, struct ml_span bytes)
{
    char name[64];
    snprintf(name, sizeof name, "%d.%s", (int)seq, what);
    say(example, name, bytes);
}

static void make_key(struct example *example, const char *name, uint8_t fill, uint8_t secret[64],
                     struct ml_signer *signer)
{
    uint8_t seed[ML_ED25519_SEED_SIZE];
    memset(seed, fill, sizeof seed);
    expect_ok(ml_ed25519_keypair(seed, signer->key, secret));
    signer->context = secret;
    signer->sign = sign;
    char text[32];
    snprintf(text, sizeof text, "seed.%s", name);
    say(example, text, ML_SPAN(seed, sizeof seed));
    snprintf(text, sizeof text, "public.%s", name);
    say(example, text, ML_SPAN(signer->key, ML_KEY_SIZE));
}

/* In the example a salt is 32 times one byte: 0x10 * (seq + 1), and which of them. */
static uint8_t *salt(struct ml_draft *draft, uint64_t seq, int which)
{
    uint8_t *bytes = ml_arena_alloc(&draft->arena, ML_SALT_SIZE);
    assert_non_null(bytes);
    memset(bytes, (int)(0x10 * (seq + 1)) + which, ML_SALT_SIZE);
    return bytes;
}

/* A draft whose every byte is decided here. */
static struct ml_draft *seal(uint64_t seq, const char *line)
{
    struct ml_draft *draft = rules_draft(line);
    draft->event_bytes = rules_pack(draft, &draft->event->base);
    if (draft->details)
        draft->details_bytes = rules_pack(draft, &draft->details->base);
    draft->event_salt = salt(draft, seq, 1);
    draft->details_salt = salt(draft, seq, 2);
    draft->statements_salt = salt(draft, seq, 3);
    return draft;
}

static const char *subject_salt(uint8_t fill)
{
    uint8_t bytes[ML_SALT_SIZE];
    static char text[ML_HEX_SIZE(ML_SALT_SIZE)];
    memset(bytes, fill, sizeof bytes);
    ml_hex_encode(text, bytes, sizeof bytes);
    return text;
}

static void found(struct example *example)
{
    struct ml_draft *draft = seal(
        0, rules_line("{'ledger_created': {'subject_salt': '%s', 'name': 'example', 'origin': "
                      "'example.org/ledger', 'actor_id': 'alice', 'key': '%s', 'roles': "
                      "['admin', 'recorder', 'approver'], 'log_key': '%s'}, 'details': "
                      "{'person': 'Alice Ng'}}",
                      subject_salt(0xa0), rules_hex(&example->alice), rules_hex(&example->log)));
    const struct ml_ledger_options options = {
        .map_bytes = 64 << 20, .now = read_clock, .now_context = example};
    expect_ok(ml_ledger_create(example->dir, &options, draft, &example->alice, &example->ledger));
    ml_draft_free(draft);
}

static void append(struct example *example, const struct ml_signer *signer, struct ml_draft *draft)
{
    example->now_us += 1000000;
    expect_ok(ml_ledger_append(example->ledger, signer, &draft, 1, NULL, NULL));
    ml_draft_free(draft);
}

static void authorise_laptop(struct example *example)
{
    struct fixture shown = {.ledger = example->ledger};
    struct ml_draft *draft =
        seal(1, rules_line("{'key_authorized': {'actor': 0, 'key': '%s', 'roles': ['recorder'], "
                           "'label': 'laptop'}}",
                           rules_hex(&example->laptop)));
    struct rules_statement statement;
    rules_statement_init(&statement, &shown, draft, MLEDGER__MEANING__POSSESSION, 0x77);
    rules_statement_add(&statement, draft, &example->laptop, false);
    append(example, &example->alice, draft);
}

static void create_model(struct example *example)
{
    append(example, &example->laptop,
           seal(2, rules_line("{'model_created': {'subject_salt': '%s', 'name': 'churn'}}",
                              subject_salt(0xa2))));
}

static void say_statements(struct example *example, const struct ml_record *record)
{
    const Mledger__SignedRecord *stored = record->stored;
    if (!stored->has_statements)
        return;
    uint8_t subject[ML_HASH_SIZE];
    expect_ok(ml_statement_subject(record->event_hash, record->details_hash, subject));
    const Mledger__SignedStatement *first = record->signed_statements->statements[0];
    uint64_t seq = record->header->seq;
    say_of(example, seq, "statement.subject", ML_SPAN(subject, sizeof subject));
    say_of(example, seq, "statement", ML_SPAN(first->statement.data, first->statement.len));
    ML_CLEANUP(ml_buf_release) struct ml_buf encoded = {0};
    expect_ok(ml_dsse_encode(ML_STATEMENT_TYPE,
                             ML_SPAN(first->statement.data, first->statement.len), &encoded));
    say_of(example, seq, "statement.pae", ml_buf_span(&encoded));
    say_of(example, seq, "statements", ML_SPAN(stored->statements.data, stored->statements.len));
}

static void say_payload(struct example *example, const struct ml_record *record)
{
    const Mledger__SignedRecord *stored = record->stored;
    uint64_t seq = record->header->seq;
    say_of(example, seq, "event", ML_SPAN(stored->event.data, stored->event.len));
    if (stored->has_details)
        say_of(example, seq, "details", ML_SPAN(stored->details.data, stored->details.len));
    say_statements(example, record);
    say_of(example, seq, "salt.event", ML_SPAN(stored->salts->event.data, ML_SALT_SIZE));
    say_of(example, seq, "salt.details", ML_SPAN(stored->salts->details.data, ML_SALT_SIZE));
    say_of(example, seq, "salt.statements", ML_SPAN(stored->salts->statements.data, ML_SALT_SIZE));
    say_of(example, seq, "C(event)", ML_SPAN(record->event_hash, ML_HASH_SIZE));
    say_of(example, seq, "C(details)", ML_SPAN(record->details_hash, ML_HASH_SIZE));
    say_of(example, seq, "C(statements)", ML_SPAN(record->statements_hash, ML_HASH_SIZE));
}

static void say_header(struct example *example, const struct ml_record *record)
{
    uint64_t seq = record->header->seq;
    for (size_t i = 0; i < record->header->n_subject_tags; i++)
        say_of(example, seq, "tag", ML_SPAN(record->header->subject_tags[i].data, ML_TAG_SIZE));
    say_of(example, seq, "commitment", ML_SPAN(record->header->commitment.data, ML_HASH_SIZE));
    say_of(example, seq, "header", record->header_bytes);
    ML_CLEANUP(ml_buf_release) struct ml_buf encoded = {0};
    expect_ok(ml_dsse_encode(ML_HEADER_TYPE, record->header_bytes, &encoded));
    say_of(example, seq, "pae", ml_buf_span(&encoded));
    say_of(example, seq, "signature", ML_SPAN(record->stored->signature.data, ML_SIGNATURE_SIZE));
}

static void say_hashes(struct example *example, const struct ml_record *record)
{
    uint8_t link[ML_HASH_SIZE], leaf[ML_HASH_SIZE];
    expect_ok(ml_link(record->header_bytes, link));
    expect_ok(ml_leaf(record->stored->signature.data, record->header_bytes, leaf));
    say_of(example, record->header->seq, "link", ML_SPAN(link, sizeof link));
    say_of(example, record->header->seq, "leaf", ML_SPAN(leaf, sizeof leaf));
}

static void say_record(struct example *example, struct ml_view *view, uint64_t seq)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    struct ml_record record;
    struct ml_span bytes;
    expect_ok(ml_view_bytes(view, seq, &bytes));
    expect_ok(ml_view_record(view, seq, &arena, &record));
    expect_ok(ml_record_verify_signature(&record));
    expect_ok(ml_record_verify_statements(&record));
    expect_ok(ml_buf_append_char(&example->text, '\n'));
    say_payload(example, &record);
    say_header(example, &record);
    say_hashes(example, &record);
    say_of(example, seq, "record", bytes);
}

static void say_ledger(struct example *example)
{
    struct ml_view view;
    expect_ok(ml_view_begin(example->ledger, &view));
    for (uint64_t seq = 0; seq < RECORDS; seq++)
        say_record(example, &view, seq);
    struct ml_merkle_frontier frontier;
    uint8_t root[ML_HASH_SIZE];
    expect_ok(ml_tree_load_frontier(view.txn, &frontier));
    expect_ok(ml_merkle_root(&frontier, root));
    expect_ok(ml_buf_append_char(&example->text, '\n'));
    say(example, "identity", ML_SPAN(view.head.identity, ML_HASH_SIZE));
    say(example, "root of 3", ML_SPAN(root, sizeof root));
    ml_view_end(&view);
}

static char *read_page(void)
{
    FILE *file = fopen(MLEDGER_FORMAT_PAGE, "rb");
    if (!file)
        fail_msg("cannot open %s", MLEDGER_FORMAT_PAGE);
    char *text = calloc(1, PAGE_MAX);
    assert_non_null(text);
    size_t len = fread(text, 1, PAGE_MAX - 1, file);
    assert_true(len > 0 && len < PAGE_MAX - 1);
    fclose(file);
    return text;
}

/* What the page says between the fences. */
static char *read_example(void)
{
    static const char open[] = "\n```example\n";
    char *page = read_page();
    const char *begin = strstr(page, open);
    const char *end = begin ? strstr(begin + sizeof open - 1, "\n```\n") : NULL;
    char *text = end ? strndup(begin + sizeof open - 1, (size_t)(end + 1 - begin) - sizeof open + 1)
                     : strdup("");
    free(page);
    assert_non_null(text);
    return text;
}

static void the_page_shows_what_is_written(void **state)
{
    (void)state;
    struct example example = {.dir = "/tmp/mledger-format-XXXXXX", .now_us = FIRST_US};
    assert_non_null(mkdtemp(example.dir));
    make_key(&example, "alice", 0x41, example.secrets[0], &example.alice);
    make_key(&example, "laptop", 0x42, example.secrets[1], &example.laptop);
    make_key(&example, "log", 0x43, example.secrets[2], &example.log);
    found(&example);
    authorise_laptop(&example);
    create_model(&example);
    struct fixture shown = {.ledger = example.ledger};
    rules_verify(&shown);
    say_ledger(&example);
    ml_ledger_close(example.ledger);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", example.dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): paths are the test's own */

    expect_ok(ml_buf_append_char(&example.text, '\0'));
    char *page = read_example();
    const char *due = (const char *)example.text.data;
    if (strcmp(page, due) != 0) {
        fprintf(stderr, "%s", due);
        fail_msg("%s must show what stands above", MLEDGER_FORMAT_PAGE);
    }
    free(page);
    ml_buf_release(&example.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_page_shows_what_is_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
