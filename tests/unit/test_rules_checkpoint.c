/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of checkpoint_noted: whose it is, what it is over, who signed it. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/core/ed25519.h"
#include "ledger/core/hex.h"
#include "ledger/store/checkpoint.h"
#include "tests/unit/rules.h"

static void expect_ok(int result)
{
    if (result < 0)
        fail_msg("%d: %s (rule '%s')", result, mledger_error_text(), mledger_error_rule());
}

static const char origin[] = "example.org/test";

/* A note over a checkpoint that says what it is told, signed by `signer` in the name of `name`. */
static void sign_note(const char *of, uint64_t size, const uint8_t root[ML_HASH_SIZE],
                      const char *name, const struct ml_signer *signer, struct ml_buf *note)
{
    struct ml_vkey vkey;
    uint8_t signature[ML_SIGNATURE_SIZE];
    ml_buf_clear(note);
    expect_ok(ml_checkpoint_write(ML_SPAN(of, strlen(of)), size, root, note));
    expect_ok(signer->sign(signer->context, ml_buf_span(note), signature));
    expect_ok(ml_vkey_make(ML_VKEY_ED25519, ML_SPAN(name, strlen(name)), signer->key, &vkey));
    expect_ok(ml_buf_append_char(note, '\n'));
    expect_ok(ml_note_append_signature(note, &vkey, ML_SPAN(signature, sizeof signature)));
}

/* Root of the ledger as it stands, by its log key's own checkpoint. */
static uint64_t true_root(struct fixture *f, uint8_t ret_root[ML_HASH_SIZE])
{
    struct mledger_key *key = fixture_log_key();
    struct ml_made_checkpoint made;
    expect_ok(ml_checkpoint_make(f->ledger, key, NULL, &made));
    memcpy(ret_root, made.root, ML_HASH_SIZE);
    uint64_t size = made.size;
    ml_made_checkpoint_release(&made);
    mledger_key_free(key);
    return size;
}

static struct ml_draft *draft_of(struct ml_buf *note)
{
    struct ml_draft *draft;
    expect_ok(ml_checkpoint_draft(ml_buf_span(note), NULL, 0, &draft));
    return draft;
}

static void try_note(struct fixture *f, struct ml_buf *note, const char *rule)
{
    rules_expect(f, &f->signers[ALICE], draft_of(note), rule);
}

static void a_true_checkpoint_is_noted(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_checkpoint(f), 1);
    rules_keeps(f, "{'model_created': {'name': 'm'}}");
    assert_int_equal(fixture_checkpoint(f), 3);
    rules_verify(f);
}

static void it_is_over_records_that_there_are(void **state)
{
    struct fixture *f = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    uint8_t root[ML_HASH_SIZE];
    true_root(f, root);
    sign_note(origin, 2, root, origin, &f->signers[LOG_KEY], &note);
    try_note(f, &note, "size");
    /* A later record of the same batch is not in the tree either. */
    rules_keeps(f, "{'model_created': {'name': 'm'}}");
    struct ml_draft *drafts[] = {rules_draft("{'model_created': {'name': 'n'}}"), NULL};
    sign_note(origin, 3, root, origin, &f->signers[LOG_KEY], &note);
    drafts[1] = draft_of(&note);
    size_t failed;
    assert_int_equal(ml_ledger_append(f->ledger, &f->signers[ALICE], drafts, 2, NULL, &failed),
                     MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "checkpoint-root");
    assert_int_equal(failed, 1);
    ml_draft_free(drafts[0]);
    ml_draft_free(drafts[1]);
}

static void it_says_what_its_record_says(void **state)
{
    struct fixture *f = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    uint8_t root[ML_HASH_SIZE];
    rules_keeps(f, "{'model_created': {'name': 'm'}}");
    uint64_t size = true_root(f, root);
    sign_note("example.org/other", size, root, "example.org/other", &f->signers[LOG_KEY], &note);
    try_note(f, &note, "checkpoint-note");
    sign_note(origin, size, root, origin, &f->signers[LOG_KEY], &note);
    struct ml_draft *draft = draft_of(&note);
    draft->event->checkpoint_noted->size--;
    rules_expect(f, &f->signers[ALICE], draft, "checkpoint-note");
    draft = draft_of(&note);
    draft->event->checkpoint_noted->root.data[31] ^= 1;
    rules_expect(f, &f->signers[ALICE], draft, "checkpoint-note");
    draft = draft_of(&note);
    draft->event->checkpoint_noted->note.len--;
    rules_expect(f, &f->signers[ALICE], draft, "checkpoint-note");
    draft = draft_of(&note);
    draft->event->checkpoint_noted->note.len = 0;
    rules_expect(f, &f->signers[ALICE], draft, "checkpoint-note");
    try_note(f, &note, NULL);
    rules_verify(f);
}

static void a_log_key_that_its_records_authorise_has_signed(void **state)
{
    struct fixture *f = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    uint8_t root[ML_HASH_SIZE];
    uint64_t size = true_root(f, root);
    sign_note(origin, size, root, origin, &f->signers[ALICE], &note);
    try_note(f, &note, "checkpoint-key");
    sign_note(origin, size, root, "example.org/other", &f->signers[LOG_KEY], &note);
    try_note(f, &note, "checkpoint-key");
    sign_note(origin, size, root, origin, &f->signers[LOG_KEY], &note);
    uint8_t *digit = &note.data[note.len - 20]; /* of the signature's base64 */
    *digit = *digit == 'A' ? 'B' : 'A';
    try_note(f, &note, "checkpoint-key");
}

static void a_new_log_key_signs_no_older_tree(void **state)
{
    struct fixture *f = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    const struct ml_signer *added = rules_signer(NEW_KEY);
    uint8_t before[ML_HASH_SIZE], after[ML_HASH_SIZE];
    uint64_t old_size = true_root(f, before);
    rules_keeps(f, rules_line("{'log_key_authorized': {'key': '%s'}}", rules_hex(added)));
    uint64_t new_size = true_root(f, after);
    sign_note(origin, old_size, before, origin, added, &note);
    try_note(f, &note, "checkpoint-key");
    sign_note(origin, new_size, after, origin, added, &note);
    try_note(f, &note, NULL);
    rules_verify(f);
}

static void a_log_key_that_has_ended_counts_no_more(void **state)
{
    struct fixture *f = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    uint8_t root[ML_HASH_SIZE];
    uint64_t size = true_root(f, root);
    rules_keeps(
        f, rules_line("{'log_key_authorized': {'key': '%s'}}", rules_hex(rules_signer(NEW_KEY))));
    rules_keeps(f, rules_line("{'log_key_revoked': {'key': '%s', 'cause': 'compromised'}}",
                              rules_hex(&f->signers[LOG_KEY])));
    sign_note(origin, size, root, origin, &f->signers[LOG_KEY], &note);
    try_note(f, &note, "checkpoint-key");
    rules_verify(f);
}

static void its_root_is_that_of_the_tree(void **state)
{
    struct fixture *f = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    uint8_t root[ML_HASH_SIZE];
    rules_keeps(f, "{'model_created': {'name': 'm'}}");
    uint64_t size = true_root(f, root);
    sign_note(origin, size - 1, root, origin, &f->signers[LOG_KEY], &note);
    try_note(f, &note, "checkpoint-root");
    root[0] ^= 1;
    sign_note(origin, size, root, origin, &f->signers[LOG_KEY], &note);
    try_note(f, &note, "checkpoint-root");
}

static void timestamps_are_few_and_small(void **state)
{
    struct fixture *f = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    static const uint8_t token[16385];
    struct ml_span tokens[17];
    struct ml_draft *draft;
    uint8_t root[ML_HASH_SIZE];
    uint64_t size = true_root(f, root);
    sign_note(origin, size, root, origin, &f->signers[LOG_KEY], &note);
    static const struct {
        size_t count, len;
        int result;
    } cases[] = {{1, 0, MLEDGER_EINVALID},
                 {1, 16385, MLEDGER_EINVALID},
                 {17, 1, MLEDGER_EINVALID},
                 {16, 100, MLEDGER_OK},
                 {1, 16384, MLEDGER_OK}};
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        for (size_t k = 0; k < cases[i].count; k++)
            tokens[k] = ML_SPAN(token, cases[i].len);
        expect_ok(ml_checkpoint_draft(ml_buf_span(&note), tokens, cases[i].count, &draft));
        if (rules_append(f, &f->signers[ALICE], draft) != cases[i].result)
            fail_msg("case %zu: %s", i, mledger_error_text());
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, rules_set_up, rules_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_true_checkpoint_is_noted),
        TEST(it_is_over_records_that_there_are),
        TEST(it_says_what_its_record_says),
        TEST(a_log_key_that_its_records_authorise_has_signed),
        TEST(a_new_log_key_signs_no_older_tree),
        TEST(a_log_key_that_has_ended_counts_no_more),
        TEST(its_root_is_that_of_the_tree),
        TEST(timestamps_are_few_and_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
