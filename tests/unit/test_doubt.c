/* SPDX-License-Identifier: Apache-2.0 */
/* What a revocation that reaches back casts doubt on, through one, two and three records. */
#include <stdio.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/rules.h"
#include "verify/verify.h"

enum { DOUBTS_MAX = 64 };

struct doubts {
    size_t count;
    uint64_t seqs[DOUBTS_MAX];
    bool by_key[DOUBTS_MAX]; /* key-doubt; else authority-doubt */
};

static int keep(const struct ml_finding *finding, void *context)
{
    struct doubts *doubts = context;
    assert_int_not_equal(finding->severity, ML_SEVERITY_FAULT);
    if (finding->severity != ML_SEVERITY_DOUBT)
        return MLEDGER_OK;
    assert_true(doubts->count < DOUBTS_MAX);
    doubts->by_key[doubts->count] = strcmp(finding->code, "key-doubt") == 0;
    if (!doubts->by_key[doubts->count])
        assert_string_equal(finding->code, "authority-doubt");
    doubts->seqs[doubts->count++] = finding->seq;
    return MLEDGER_OK;
}

static struct doubts verify(struct fixture *fixture)
{
    struct doubts doubts = {0};
    struct ml_verify_result result;
    const struct ml_verify_options options = {.visit = keep, .visit_context = &doubts};
    assert_int_equal(ml_verify(fixture->ledger, &options, &result), 0);
    assert_int_equal(result.doubts, doubts.count);
    return doubts;
}

/* Exactly these, in order: seqs of key-doubt as they are, of authority-doubt negative. */
static void expect(struct fixture *fixture, const int64_t *due, size_t count)
{
    struct doubts doubts = verify(fixture);
    for (size_t i = 0; i < doubts.count && i < count; i++) {
        assert_int_equal(doubts.by_key[i], due[i] > 0);
        assert_int_equal(doubts.seqs[i], due[i] > 0 ? due[i] : -due[i]);
    }
    assert_int_equal(doubts.count, count);
}
#define EXPECT(fixture, ...)                                                                       \
    expect(fixture, (const int64_t[]){__VA_ARGS__},                                                \
           sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static int64_t next_seq(struct fixture *fixture)
{
    struct ml_head head;
    assert_int_equal(ml_ledger_head(fixture->ledger, &head), 0);
    return (int64_t)head.size;
}

/* As `signer`; gives the seq. */
static int64_t say(struct fixture *fixture, const struct ml_signer *signer, const char *line)
{
    int64_t seq = next_seq(fixture);
    rules_expect(fixture, signer, rules_draft(line), NULL);
    return seq;
}

static int64_t model(struct fixture *fixture, const struct ml_signer *signer)
{
    return say(fixture, signer,
               rules_line("{'model_created': {'name': 'm%d'}}", (int)next_seq(fixture)));
}

/* `by` authorises a key of an actor, which states that it is held. */
static int64_t grant(struct fixture *fixture, const struct ml_signer *by,
                     const struct ml_signer *key, const char *actor, const char *roles)
{
    int64_t seq = next_seq(fixture);
    struct ml_draft *draft =
        rules_stated(fixture,
                     rules_line("{'key_authorized': {'actor': '%s', 'key': '%s', 'roles': %s}}",
                                actor, rules_hex(key), roles),
                     key, MLEDGER__MEANING__POSSESSION);
    rules_expect(fixture, by, draft, NULL);
    return seq;
}

static void revoke(struct fixture *fixture, const struct ml_signer *key, uint64_t actor,
                   int64_t since)
{
    rules_keeps(fixture, rules_line("{'key_revoked': {'actor': %d, 'key': '%s', "
                                    "'cause': 'compromised', 'since_seq': %d}}",
                                    (int)actor, rules_hex(key), (int)since));
}

static uint64_t carol_is_admin(struct fixture *fixture)
{
    return rules_add_actor(fixture, CAROL, "carol", "person", "['admin', 'recorder']");
}

static void a_chain_of_two_keys(void **state)
{
    struct fixture *f = *state;
    uint64_t carol = carol_is_admin(f);
    const struct ml_signer *carols = rules_signer(CAROL), *daves = rules_signer(DAVE);
    model(f, carols); /* before: stays good */
    rules_keeps(f, "{'actor_registered': {'id': 'dave', 'kind': 'person', 'roles': ['recorder']}}");
    int64_t since = model(f, carols);
    int64_t granted = grant(f, carols, daves, "dave", "['recorder']");
    int64_t by_dave = model(f, daves);
    model(f, &f->signers[ALICE]); /* by another: stays good */
    expect(f, NULL, 0);
    revoke(f, carols, carol, since);
    int64_t later = model(f, daves); /* dave's key lives on, in doubt */
    EXPECT(f, since, granted, -by_dave, -later);
}

static void a_chain_of_three_keys(void **state)
{
    struct fixture *f = *state;
    uint64_t carol = carol_is_admin(f);
    const struct ml_signer *carols = rules_signer(CAROL), *daves = rules_signer(DAVE);
    const struct ml_signer *robots = rules_signer(ROBOT);
    rules_keeps(f, "{'actor_registered': {'id': 'dave', 'kind': 'person', "
                   "'roles': ['admin', 'recorder']}}");
    rules_keeps(f, "{'actor_registered': {'id': 'robot', 'kind': 'service', "
                   "'roles': ['recorder']}}");
    int64_t first = grant(f, carols, daves, "dave", "['admin', 'recorder']");
    int64_t second = grant(f, daves, robots, "robot", "['recorder']");
    int64_t third = model(f, robots);
    revoke(f, carols, carol, first);
    EXPECT(f, first, -second, -third);
}

/* A key rotated by one in doubt is in doubt, too. */
static void a_key_that_was_rotated(void **state)
{
    struct fixture *f = *state;
    uint64_t carol = carol_is_admin(f);
    uint64_t dave = rules_add_actor(f, DAVE, "dave", "person", "['recorder']");
    model(f, rules_signer(DAVE));
    int64_t rotated = next_seq(f);
    struct ml_draft *draft = rules_stated(
        f,
        rules_line("{'key_rotated': {'actor': %d, 'old_key': '%s', 'key': '%s'}}", (int)dave,
                   rules_hex(rules_signer(DAVE)), rules_hex(rules_signer(NEW_KEY))),
        rules_signer(NEW_KEY), MLEDGER__MEANING__POSSESSION);
    rules_expect(f, rules_signer(CAROL), draft, NULL);
    int64_t after = model(f, rules_signer(NEW_KEY));
    revoke(f, rules_signer(CAROL), carol, rotated);
    EXPECT(f, rotated, -after);
}

/* The actor's roles were set by a key in doubt: its keys are in doubt until an admin who is not
 * sets them again; a key that such an admin has authorised since never is. */
static void roles_that_are_set_again(void **state)
{
    struct fixture *f = *state;
    const struct ml_signer *carols = rules_signer(CAROL), *daves = rules_signer(DAVE);
    uint64_t carol = carol_is_admin(f);
    uint64_t dave = rules_add_actor(f, DAVE, "dave", "person", "['recorder']");
    model(f, daves);
    int64_t changed = say(f, carols,
                          rules_line("{'actor_changed': {'actor': %d, 'roles': ['recorder', "
                                     "'approver']}}",
                                     (int)dave));
    int64_t between = model(f, daves);
    grant(f, &f->signers[ALICE], rules_signer(NEW_KEY), "dave", "['recorder']");
    model(f, rules_signer(NEW_KEY));
    int64_t still = model(f, daves);
    rules_keeps(f,
                rules_line("{'actor_changed': {'actor': %d, 'roles': ['recorder']}}", (int)dave));
    model(f, daves);
    revoke(f, carols, carol, changed);
    EXPECT(f, changed, -between, -still);
}

/* An actor that was registered in doubt, whose key an admin who is not in doubt authorised. */
static void a_key_that_a_good_admin_authorised(void **state)
{
    struct fixture *f = *state;
    uint64_t carol = carol_is_admin(f);
    int64_t registered = say(f, rules_signer(CAROL),
                             "{'actor_registered': {'id': 'dave', 'kind': 'person', "
                             "'roles': ['recorder']}}");
    grant(f, &f->signers[ALICE], rules_signer(DAVE), "dave", "['recorder']");
    model(f, rules_signer(DAVE));
    revoke(f, rules_signer(CAROL), carol, registered);
    EXPECT(f, registered);
}

static void a_threshold_and_a_policy(void **state)
{
    struct fixture *f = *state;
    uint64_t carol = carol_is_admin(f);
    const struct ml_signer *carols = rules_signer(CAROL), *alices = &f->signers[ALICE];
    rules_keeps(f, "{'model_created': {'name': 'churn'}}");
    rules_keeps(f, "{'version_registered': {'model': 'churn'}}");
    int64_t threshold = say(f, carols, "{'threshold_set': {'admins': 1}}");
    int64_t policy = say(f, carols, "{'policy_set': {'stage': 'Production'}}");
    int64_t trust = say(f, alices, "{'actor_registered': {'id': 'dave', 'kind': 'person'}}");
    int64_t moved = say(f, alices,
                        "{'stage_transitioned': {'model': 'churn', 'version': 1, "
                        "'to_stage': 'Production'}}");
    say(f, alices, "{'heartbeat': {'size': 9}}"); /* needs no admin */
    say(f, alices,
        "{'stage_transitioned': {'model': 'churn', 'version': 1, "
        "'to_stage': 'Staging'}}"); /* another policy */
    int64_t again = say(f, alices, "{'threshold_set': {'admins': 1}}");
    say(f, alices, "{'policy_set': {'stage': 'Production'}}");
    say(f, alices,
        "{'stage_transitioned': {'model': 'churn', 'version': 1, "
        "'to_stage': 'Production'}}");
    revoke(f, carols, carol, threshold);
    EXPECT(f, threshold, policy, -trust, -moved, -again);
}

/* A statement in doubt is as good as a signature. */
static void a_statement_in_doubt_spreads_too(void **state)
{
    struct fixture *f = *state;
    uint64_t carol = carol_is_admin(f);
    const struct ml_signer *carols = rules_signer(CAROL), *daves = rules_signer(DAVE);
    rules_keeps(f, "{'actor_registered': {'id': 'dave', 'kind': 'person', 'roles': ['recorder']}}");
    rules_keeps(f, "{'threshold_set': {'admins': 2}}");
    int64_t granted = next_seq(f);
    struct ml_draft *draft = rules_stated(
        f,
        rules_line("{'key_authorized': {'actor': 'dave', 'key': '%s', 'roles': ['recorder']}}",
                   rules_hex(daves)),
        daves, MLEDGER__MEANING__POSSESSION);
    rules_state(f, draft, carols, MLEDGER__MEANING__APPROVED);
    rules_expect(f, &f->signers[ALICE], draft, NULL);
    int64_t by_dave = model(f, daves);
    draft = rules_stated(
        f,
        rules_line("{'key_revoked': {'actor': %d, 'key': '%s', 'cause': 'lost', 'since_seq': %d}}",
                   (int)carol, rules_hex(carols), (int)granted),
        carols, MLEDGER__MEANING__APPROVED);
    int result = rules_append(f, &f->signers[ALICE], draft);
    assert_int_equal(result, MLEDGER_EREFUSED); /* two admins must remain */
    assert_string_equal(mledger_error_rule(), "last-admin");
    draft = rules_stated(f, "{'threshold_set': {'admins': 1}}", carols, MLEDGER__MEANING__APPROVED);
    int64_t lowered = next_seq(f);
    rules_expect(f, &f->signers[ALICE], draft, NULL);
    revoke(f, carols, carol, granted);
    int64_t revoked = next_seq(f) - 1;
    EXPECT(f, granted, -by_dave, lowered, -revoked);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rules_set_up, rules_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_chain_of_two_keys),
        TEST(a_chain_of_three_keys),
        TEST(a_key_that_was_rotated),
        TEST(roles_that_are_set_again),
        TEST(a_key_that_a_good_admin_authorised),
        TEST(a_threshold_and_a_policy),
        TEST(a_statement_in_doubt_spreads_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
