/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of trust records: each is kept once and broken once. */
#include <stdio.h>

#include "ledger/core/hex.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rules.h"

#define ALICES(fixture) (&(fixture)->signers[ALICE])

static void admins_speak_for_the_ledger(void **state)
{
    struct fixture *f = *state;
    rules_add_actor(f, CAROL, "carol", "person", "['recorder']");
    rules_expect(f, rules_signer(CAROL),
                 rules_draft("{'actor_registered': {'id': 'dave', 'kind': 'person'}}"), "admin");
    rules_keeps(f, "{'actor_registered': {'id': 'dave', 'kind': 'person'}}");
    rules_expect(f, rules_signer(CAROL), rules_draft("{'heartbeat': {'size': 4}}"), NULL);
    rules_verify(f);
}

static void a_verification_names_what_it_verified(void **state)
{
    struct fixture *f = *state;
    struct ml_head head;
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)], line[256];
    static const char format[] = "{'verification_recorded': {'size': %d, 'head_link': '%s', "
                                 "'outcome': 'verified', 'level': 'full'}}";
    rules_keeps(f, "{'heartbeat': {'size': 1}}");
    assert_int_equal(ml_ledger_head(f->ledger, &head), 0);
    ml_hex_encode(hex, head.link, ML_HASH_SIZE);
    snprintf(line, sizeof line, format, 1, hex);
    rules_breaks(f, line, "verification-head");
    snprintf(line, sizeof line, format, 0, hex);
    rules_breaks(f, line, "verification-head");
    snprintf(line, sizeof line, format, 3, hex);
    rules_breaks(f, line, "size");
    snprintf(line, sizeof line, format, 2, hex);
    rules_keeps(f, line);
    rules_keeps(f, line); /* of a head that is the newest no more */
    rules_verify(f);
}

static void a_signer_holds_a_role(void **state)
{
    struct fixture *f = *state;
    rules_add_actor(f, CAROL, "carol", "person", "['approver']");
    rules_add_actor(f, DAVE, "dave", "person", "['recorder']");
    const char *line = "{'model_created': {'name': 'm'}}";
    rules_expect(f, rules_signer(NEW_KEY), rules_draft(line), "key-unknown");
    rules_expect(f, rules_signer(CAROL), rules_draft(line), "signer-role");
    rules_expect(f, &f->signers[LOG_KEY], rules_draft(line), "key-purpose");
    rules_expect(f, rules_signer(DAVE), rules_draft(line), NULL);
}

static void a_key_takes_no_more_than_its_actor_has(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'actor_registered': {'id': 'carol', 'kind': 'person', "
                   "'roles': ['recorder']}}");
    const struct ml_signer *carol = rules_signer(CAROL);
    static const char format[] = "{'key_authorized': {'actor': 'carol', 'key': '%s', 'roles': %s}}";
    const char *too_much = rules_line(format, rules_hex(carol), "['admin', 'recorder']");
    const char *right = rules_line(format, rules_hex(carol), "['recorder']");
    const Mledger__Meaning possession = MLEDGER__MEANING__POSSESSION;
    rules_expect(f, ALICES(f), rules_stated(f, too_much, carol, possession), "key-role");
    rules_malformed(f, rules_line(format, rules_hex(carol), "[]"), "without any role");
    rules_breaks(f, right, "possession");
    rules_expect(f, ALICES(f), rules_stated(f, right, rules_signer(DAVE), possession),
                 "possession");
    rules_expect(f, ALICES(f), rules_stated(f, right, carol, possession), NULL);
    rules_expect(f, ALICES(f), rules_stated(f, right, carol, possession), "key-taken");
}

static void a_key_is_a_point_of_prime_order(void **state)
{
    struct fixture *f = *state;
    rules_breaks(f,
                 "{'log_key_authorized': {'key': "
                 "'0100000000000000000000000000000000000000000000000000000000000000'}}",
                 "key-invalid");
    rules_keeps(
        f, rules_line("{'log_key_authorized': {'key': '%s'}}", rules_hex(rules_signer(NEW_KEY))));
}

static void a_role_counts_while_the_actor_has_it(void **state)
{
    struct fixture *f = *state;
    rules_add_actor(f, CAROL, "carol", "person", "['recorder']");
    rules_expect(f, rules_signer(CAROL), rules_draft("{'model_created': {'name': 'a'}}"), NULL);
    rules_keeps(f, "{'actor_changed': {'actor': 'carol', 'roles': ['approver']}}");
    rules_expect(f, rules_signer(CAROL), rules_draft("{'model_created': {'name': 'b'}}"),
                 "signer-role");
    rules_verify(f);
}

static void there_is_always_an_admin(void **state)
{
    struct fixture *f = *state;
    const char *resign = "{'actor_changed': {'actor': 'alice', 'roles': ['recorder']}}";
    rules_breaks(f, resign, "last-admin");
    rules_breaks(f,
                 rules_line("{'key_revoked': {'actor': 'alice', 'key': '%s', 'cause': 'lost'}}",
                            rules_hex(ALICES(f))),
                 "last-admin");
    /* What leaves her an admin is no resignation. */
    rules_keeps(f, "{'actor_changed': {'actor': 'alice', 'roles': ['admin', 'recorder']}}");
    rules_add_actor(f, CAROL, "carol", "person", "['admin']");
    rules_keeps(f, resign);
    rules_verify(f);
}

static void a_threshold_is_of_admins_that_there_are(void **state)
{
    struct fixture *f = *state;
    rules_breaks(f, "{'threshold_set': {'admins': 2}}", "threshold");
    rules_breaks(f, "{'threshold_set': {'admins': 0}}", "threshold");
    rules_add_actor(f, CAROL, "carol", "person", "['admin']");
    rules_keeps(f, "{'threshold_set': {'admins': 2}}");
    rules_breaks(f, "{'threshold_set': {'admins': 1}}", "admin");
    rules_breaks(f, "{'actor_changed': {'actor': 'carol', 'roles': []}}", "admin");
}

static void a_threshold_counts_distinct_admins(void **state)
{
    struct fixture *f = *state;
    rules_add_actor(f, CAROL, "carol", "person", "['admin']");
    rules_add_actor(f, DAVE, "dave", "person", "['approver']");
    rules_add_key(f, &f->signers[RECORDER], "alice", "['admin']");
    rules_keeps(f, "{'threshold_set': {'admins': 2}}");
    const char *line = "{'actor_registered': {'id': 'x', 'kind': 'service'}}";
    const Mledger__Meaning approved = MLEDGER__MEANING__APPROVED;
    /* Alice's other key is alice still, an approver is no admin, a request no consent. */
    rules_expect(f, ALICES(f), rules_stated(f, line, &f->signers[RECORDER], approved), "admin");
    rules_expect(f, ALICES(f), rules_stated(f, line, rules_signer(DAVE), approved), "admin");
    rules_expect(f, ALICES(f),
                 rules_stated(f, line, rules_signer(CAROL), MLEDGER__MEANING__REQUESTED), "admin");
    rules_expect(f, ALICES(f), rules_stated(f, line, rules_signer(CAROL), approved), NULL);
    struct ml_draft *draft =
        rules_draft("{'actor_changed': {'actor': 'carol', 'roles': ['recorder']}}");
    rules_state(f, draft, rules_signer(CAROL), MLEDGER__MEANING__AUTHORED);
    rules_expect(f, ALICES(f), draft, "last-admin");
    rules_verify(f);
}

static void two_admins_may_sign_for_a_recorder(void **state)
{
    struct fixture *f = *state;
    rules_add_actor(f, CAROL, "carol", "person", "['admin']");
    rules_add_actor(f, ROBOT, "robot", "service", "['recorder']");
    rules_keeps(f, "{'threshold_set': {'admins': 2}}");
    struct ml_draft *draft = rules_draft("{'threshold_set': {'admins': 1}}");
    rules_state(f, draft, ALICES(f), MLEDGER__MEANING__AUTHORED);
    rules_state(f, draft, rules_signer(CAROL), MLEDGER__MEANING__APPROVED);
    rules_expect(f, rules_signer(ROBOT), draft, NULL);
    rules_verify(f);
}

static const char *rotation(const struct ml_signer *from, const struct ml_signer *to)
{
    return rules_line("{'key_rotated': {'actor': 'alice', 'old_key': '%s', 'key': '%s'}}",
                      rules_hex(from), rules_hex(to));
}

static void a_rotated_key_ends_where_the_new_one_begins(void **state)
{
    struct fixture *f = *state;
    const struct ml_signer *fresh = rules_signer(NEW_KEY), *alice = ALICES(f);
    const Mledger__Meaning possession = MLEDGER__MEANING__POSSESSION;
    rules_breaks(f, rotation(alice, fresh), "possession");
    rules_expect(f, alice,
                 rules_stated(f, rotation(&f->signers[LOG_KEY], fresh), fresh, possession),
                 "key-purpose");
    rules_expect(f, alice, rules_stated(f, rotation(alice, fresh), fresh, possession), NULL);
    rules_breaks(f, "{'model_created': {'name': 'm'}}", "key-revoked");
    rules_expect(f, fresh, rules_draft("{'threshold_set': {'admins': 1}}"), NULL);
    rules_expect(
        f, fresh,
        rules_stated(f, rotation(alice, rules_signer(CAROL)), rules_signer(CAROL), possession),
        "key-revoked");
    rules_verify(f);
}

static const char *revocation(const char *actor, const struct ml_signer *key, const char *more)
{
    return rules_line("{'key_revoked': {'actor': '%s', 'key': '%s', 'cause': 'compromised'%s}}",
                      actor, rules_hex(key), more);
}

static void a_revoked_key_is_good_no_more(void **state)
{
    struct fixture *f = *state;
    const struct ml_signer *carol = rules_signer(CAROL);
    rules_add_actor(f, CAROL, "carol", "person", "['recorder']");
    rules_expect(f, carol, rules_draft("{'model_created': {'name': 'a'}}"), NULL);
    rules_breaks(f, revocation("alice", carol, ""), "key-unknown");
    rules_breaks(f, revocation("alice", &f->signers[LOG_KEY], ""), "key-purpose");
    rules_malformed(f, revocation("carol", carol, ", 'since_seq': 99"), "lies ahead");
    rules_malformed(f, revocation("carol", carol, ", 'since_time': '2026-01-01T00:00:00Z'"),
                    "since_seq");
    rules_keeps(f, revocation("carol", carol, ", 'since_seq': 3"));
    rules_expect(f, carol, rules_draft("{'model_created': {'name': 'b'}}"), "key-revoked");
    rules_breaks(f, revocation("carol", carol, ""), "key-revoked");
    rules_verify(f);
}

static void log_keys_come_and_go_by_records_of_their_own(void **state)
{
    struct fixture *f = *state;
    static const char format[] = "{'log_key_revoked': {'key': '%s', 'cause': 'retired'}}";
    rules_breaks(f, rules_line(format, rules_hex(ALICES(f))), "key-purpose");
    rules_breaks(f, rules_line(format, rules_hex(rules_signer(NEW_KEY))), "key-unknown");
    const char *line = rules_line(format, rules_hex(&f->signers[LOG_KEY]));
    rules_keeps(f, line);
    rules_breaks(f, line, "key-revoked");
    rules_breaks(
        f, rules_line("{'log_key_authorized': {'key': '%s'}}", rules_hex(&f->signers[LOG_KEY])),
        "key-taken");
}

static void sizes_are_of_this_ledger(void **state)
{
    struct fixture *f = *state;
    rules_breaks(f, "{'heartbeat': {'size': 2}}", "size");
    rules_keeps(f, "{'heartbeat': {'size': 1}}");
    rules_keeps(f, "{'heartbeat': {}}"); /* the ledger fills it in */
    rules_verify(f);
}

static void details_are_erased_once(void **state)
{
    struct fixture *f = *state;
    rules_breaks(f, "{'details_erased': {'record_ref': 1}}", "reference-missing");
    rules_keeps(f, "{'details_erased': {'record_ref': 0}}");
    rules_breaks(f, "{'details_erased': {'record_ref': 0}}", "erased");
}

static void a_clock_is_corrected_backwards_only(void **state)
{
    struct fixture *f = *state;
    const int64_t hour_us = INT64_C(3600) * 1000000;
    f->now_us += hour_us; /* ahead, and noticed */
    rules_keeps(f, "{'model_created': {'name': 'late'}}");
    const char *right = "{'clock_corrected': {'wrong': '2026-01-01T01:00:01Z'}}";
    rules_breaks(f, right, "clock");
    f->now_us -= hour_us;
    rules_breaks(f, "{'clock_corrected': {'wrong': '2026-01-01T01:00:00.999999Z'}}", "clock");
    rules_keeps(f, right);
    rules_keeps(f, "{'model_created': {'name': 'in time'}}");
    rules_verify(f);
}

static void a_schema_is_raised_by_who_knows_it(void **state)
{
    struct fixture *f = *state;
    rules_breaks(f, "{'schema_raised': {'format': 1, 'schema': 1}}", "schema");
    rules_breaks(f, "{'schema_raised': {'format': 1, 'schema': 2}}", "schema-newer");
    rules_breaks(f, "{'schema_raised': {'format': 2, 'schema': 1}}", "schema-newer");
}

static void policies_are_complete(void **state)
{
    struct fixture *f = *state;
    rules_malformed(f, "{'policy_set': {'stage': '', 'requirements': []}}", "without a stage");
    rules_malformed(f,
                    "{'policy_set': {'stage': 's', 'requirements': "
                    "[{'kind': 'approval', 'count': 0}]}}",
                    "a requirement of none");
    rules_keeps(f, "{'policy_set': {'stage': 's', 'requirements': "
                   "[{'kind': 'validation', 'count': 1}, {'kind': 'approval', 'count': 2}]}}");
}

int main(void)
{
#define RULE(test) cmocka_unit_test_setup_teardown(test, rules_set_up, rules_tear_down)
    const struct CMUnitTest tests[] = {
        RULE(admins_speak_for_the_ledger),
        RULE(a_signer_holds_a_role),
        RULE(a_key_takes_no_more_than_its_actor_has),
        RULE(a_key_is_a_point_of_prime_order),
        RULE(a_role_counts_while_the_actor_has_it),
        RULE(there_is_always_an_admin),
        RULE(a_threshold_is_of_admins_that_there_are),
        RULE(a_threshold_counts_distinct_admins),
        RULE(two_admins_may_sign_for_a_recorder),
        RULE(a_rotated_key_ends_where_the_new_one_begins),
        RULE(a_revoked_key_is_good_no_more),
        RULE(log_keys_come_and_go_by_records_of_their_own),
        RULE(sizes_are_of_this_ledger),
        RULE(details_are_erased_once),
        RULE(a_verification_names_what_it_verified),
        RULE(a_clock_is_corrected_backwards_only),
        RULE(a_schema_is_raised_by_who_knows_it),
        RULE(policies_are_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
