/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of statements: what a signature of a person's own key is worth, and when it is worth
 * nothing. */
#include <stdio.h>

#include "ledger/core/codec.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rules.h"

static const char approve[] = "{'approval_recorded': {'model': 'm', 'version': 1, "
                              "'stage': 'Production', 'decision': 'granted'}}";

/* A model with a version, and carol, who may approve it. */
static int set_up(void **state)
{
    rules_set_up(state);
    struct fixture *f = *state;
    rules_add_actor(f, CAROL, "carol", "person", "['approver']");
    rules_keeps(f, "{'model_created': {'name': 'm'}}");
    rules_keeps(f, "{'version_registered': {'model': 'm'}}");
    return 0;
}

/* Appends carol's approval after `alter` has had its way with her statement. */
static void altered(struct fixture *f, void (*alter)(struct rules_statement *), const char *rule)
{
    static int nonce;
    struct ml_draft *draft = rules_draft(approve);
    struct rules_statement statement;
    rules_statement_init(&statement, f, draft, MLEDGER__MEANING__APPROVED, ++nonce);
    if (alter)
        alter(&statement);
    rules_statement_add(&statement, draft, rules_signer(CAROL), false);
    rules_expect(f, &f->signers[ALICE], draft, rule);
}

static void another_ledger(struct rules_statement *statement)
{
    statement->ledger[0] ^= 1;
}

static void another_event(struct rules_statement *statement)
{
    statement->subject[31] ^= 1;
}

static void another_record(struct rules_statement *statement)
{
    statement->seen_link[0] ^= 1;
}

static void no_record(struct rules_statement *statement)
{
    statement->message.seen_seq++;
}

static void long_ago(struct rules_statement *statement)
{
    statement->message.has_expiry = true;
    statement->message.expiry = 1767225600000000; /* the fixture's first second */
}

static void far_ahead(struct rules_statement *statement)
{
    statement->message.has_expiry = true;
    statement->message.expiry = 4102444800000000; /* 2100 */
}

static void a_statement_is_made_for_its_place(void **state)
{
    struct fixture *f = *state;
    altered(f, another_ledger, "statement-ledger");
    altered(f, another_event, "statement-subject");
    altered(f, another_record, "statement-seen");
    altered(f, no_record, "statement-seen");
    altered(f, long_ago, "statement-expired");
    altered(f, far_ahead, NULL);
    altered(f, NULL, NULL);
    rules_verify(f);
}

static void a_statement_is_signed_by_its_key(void **state)
{
    struct fixture *f = *state;
    struct ml_draft *draft = rules_draft(approve);
    struct rules_statement statement;
    rules_statement_init(&statement, f, draft, MLEDGER__MEANING__APPROVED, 1);
    rules_statement_add(&statement, draft, rules_signer(CAROL), true);
    rules_expect(f, &f->signers[ALICE], draft, "statement-signature");
}

static void use_nonce_7(struct rules_statement *statement)
{
    memset(statement->nonce, 7, sizeof statement->nonce);
}

static void a_nonce_counts_once(void **state)
{
    struct fixture *f = *state;
    altered(f, use_nonce_7, NULL);
    altered(f, use_nonce_7, "statement-nonce");
    /* Twice in one record, by the same key or by two. */
    struct ml_draft *draft = rules_draft(approve);
    struct rules_statement statement;
    rules_statement_init(&statement, f, draft, MLEDGER__MEANING__APPROVED, 8);
    rules_statement_add(&statement, draft, rules_signer(CAROL), false);
    rules_statement_add(&statement, draft, &f->signers[ALICE], false);
    rules_expect(f, &f->signers[ALICE], draft, "statement-nonce");
}

static void a_nonce_counts_once_without_a_subject_too(void **state)
{
    struct fixture *f = *state;
    for (int turn = 0; turn < 2; turn++) {
        struct ml_draft *draft = rules_draft("{'threshold_set': {'admins': 1}}");
        struct rules_statement statement;
        rules_statement_init(&statement, f, draft, MLEDGER__MEANING__AUTHORED, 9);
        rules_statement_add(&statement, draft, &f->signers[ALICE], false);
        rules_expect(f, &f->signers[ALICE], draft, turn == 0 ? NULL : "statement-nonce");
    }
}

static void what_changed_since_makes_it_stale(void **state)
{
    struct fixture *f = *state;
    const struct ml_signer *carol = rules_signer(CAROL);
    struct ml_draft *stale = rules_stated(f, approve, carol, MLEDGER__MEANING__APPROVED);
    struct ml_draft *fresh = rules_stated(f, approve, carol, MLEDGER__MEANING__APPROVED);
    rules_keeps(f, "{'model_created': {'name': 'another'}}");
    rules_expect(f, &f->signers[ALICE], fresh, NULL);
    rules_keeps(f, "{'validation_recorded': {'model': 'm', 'version': 1, "
                   "'outcome': 'not_passed'}}");
    rules_expect(f, &f->signers[ALICE], stale, "statement-stale");
}

static void an_actor_that_changed_makes_it_stale(void **state)
{
    struct fixture *f = *state;
    const char *retire = "{'actor_changed': {'actor': 'carol', 'roles': ['approver']}}";
    struct ml_draft *stale =
        rules_stated(f, retire, &f->signers[ALICE], MLEDGER__MEANING__AUTHORED);
    rules_keeps(f, "{'actor_changed': {'actor': 'carol', 'roles': ['recorder', 'approver']}}");
    rules_expect(f, &f->signers[ALICE], stale, "statement-stale");
}

static void a_statement_needs_a_role(void **state)
{
    struct fixture *f = *state;
    rules_add_actor(f, DAVE, "dave", "person", "['recorder']");
    const struct ml_signer *dave = rules_signer(DAVE), *alice = &f->signers[ALICE];
    const char *line = "{'model_updated': {'model': 'm'}}";
    rules_expect(f, alice, rules_stated(f, approve, dave, MLEDGER__MEANING__APPROVED),
                 "statement-role");
    rules_expect(f, alice, rules_stated(f, line, dave, MLEDGER__MEANING__REVIEWED),
                 "statement-role");
    rules_expect(f, alice, rules_stated(f, line, dave, MLEDGER__MEANING__AUTHORED), NULL);
    rules_keeps(f, "{'actor_changed': {'actor': 'dave', 'roles': []}}");
    rules_expect(f, alice, rules_stated(f, line, dave, MLEDGER__MEANING__AUTHORED),
                 "statement-role");
    rules_expect(f, alice, rules_stated(f, line, rules_signer(NEW_KEY), MLEDGER__MEANING__AUTHORED),
                 "key-unknown");
    rules_verify(f);
}

static void record_0_carries_none(void **state)
{
    struct fixture *f = *state;
    rules_breaks(f,
                 rules_line("{'ledger_created': {'name': 'again', 'origin': 'o', 'actor_id': 'a', "
                            "'key': '%s', 'roles': ['admin'], 'log_key': '%s'}}",
                            rules_hex(rules_signer(DAVE)), rules_hex(rules_signer(NEW_KEY))),
                 "genesis");
}

static void there_are_at_most_32(void **state)
{
    struct fixture *f = *state;
    for (int count = 32; count <= 33; count++) {
        struct ml_draft *draft = rules_draft("{'model_updated': {'model': 'm'}}");
        struct rules_statement statement;
        for (int i = 0; i < count; i++) {
            rules_statement_init(&statement, f, draft, MLEDGER__MEANING__REQUESTED, 100 + i);
            rules_statement_add(&statement, draft, &f->signers[ALICE], false);
        }
        if (count == 32)
            rules_expect(f, &f->signers[ALICE], draft, NULL);
        else
            assert_int_equal(rules_append(f, &f->signers[ALICE], draft), MLEDGER_EINVALID);
    }
    rules_verify(f);
}

/* What was sealed elsewhere has the limits of what is made here. */
static void sealed_parts_have_limits(void **state)
{
    struct fixture *f = *state;
    struct ml_draft *draft = rules_draft("{'model_updated': {'model': 'm'}}");
    enum { TOO_LONG = ML_LIMIT_DETAILS + 10 };
    rules_state(f, draft, &f->signers[ALICE], MLEDGER__MEANING__AUTHORED);
    uint8_t *details = calloc(1, TOO_LONG);
    assert_non_null(details);
    draft->details_bytes = ML_SPAN(details, TOO_LONG);
    assert_int_equal(rules_append(f, &f->signers[ALICE], draft), MLEDGER_EINVALID);
    assert_non_null(strstr(mledger_error_text(), "details of"));
    free(details);
}

int main(void)
{
#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, rules_tear_down)
    const struct CMUnitTest tests[] = {
        RULE(a_statement_is_made_for_its_place),
        RULE(a_statement_is_signed_by_its_key),
        RULE(a_nonce_counts_once),
        RULE(a_nonce_counts_once_without_a_subject_too),
        RULE(what_changed_since_makes_it_stale),
        RULE(an_actor_that_changed_makes_it_stale),
        RULE(a_statement_needs_a_role),
        RULE(record_0_carries_none),
        RULE(there_are_at_most_32),
        RULE(sealed_parts_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
