/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of validations, approvals, policies, deployments and incidents. */
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rules.h"

static const char promote[] = "{'stage_transitioned': {'model': 'm', 'version': 1, "
                              "'to_stage': 'Production'}}";

/* Carol and dave may approve, the robot records, alice has registered a version. */
static int set_up(void **state)
{
    rules_set_up(state);
    struct fixture *f = *state;
    rules_add_actor(f, CAROL, "carol", "person", "['recorder', 'approver']");
    rules_add_actor(f, DAVE, "dave", "person", "['approver']");
    rules_add_actor(f, ROBOT, "robot", "service", "['recorder', 'approver']");
    rules_keeps(f, "{'model_created': {'name': 'm'}}");
    rules_keeps(f, "{'version_registered': {'model': 'm'}}");
    return 0;
}

static void demand(struct fixture *f, const char *kind, int count)
{
    rules_keeps(f, rules_line("{'policy_set': {'stage': 'Production', 'requirements': "
                              "[{'kind': '%s', 'count': %d}]}}",
                              kind, count));
}

static void decide(struct fixture *f, const char *decision, const struct ml_signer *signer,
                   Mledger__Meaning meaning, const char *rule)
{
    const char *line = rules_line("{'approval_recorded': {'model': 'm', 'version': 1, "
                                  "'stage': 'Production', 'decision': '%s'}}",
                                  decision);
    rules_expect(f, &f->signers[ALICE], rules_stated(f, line, signer, meaning), rule);
}

static void approve(struct fixture *f, const struct ml_signer *signer)
{
    decide(f, "granted", signer, MLEDGER__MEANING__APPROVED, NULL);
}

static void the_newest_validation_must_have_passed(void **state)
{
    struct fixture *f = *state;
    demand(f, "validation", 1);
    rules_breaks(f, promote, "policy-validation");
    rules_keeps(f, "{'validation_recorded': {'model': 'm', 'version': 1, 'outcome': 'passed'}}");
    rules_keeps(f, "{'validation_recorded': {'model': 'm', 'version': 1, "
                   "'outcome': 'not_passed'}}");
    rules_breaks(f, promote, "policy-validation");
    rules_keeps(f, "{'validation_recorded': {'model': 'm', 'version': 1, 'outcome': 'passed'}}");
    rules_keeps(f, promote);
    rules_verify(f);
}

static void approvals_are_of_different_people(void **state)
{
    struct fixture *f = *state;
    demand(f, "approval", 2);
    approve(f, rules_signer(CAROL));
    approve(f, rules_signer(CAROL));
    rules_breaks(f, promote, "policy-approval");
    approve(f, rules_signer(DAVE));
    rules_keeps(f, promote);
    rules_verify(f);
}

static void an_approval_needs_an_approvers_statement(void **state)
{
    struct fixture *f = *state;
    rules_breaks(f,
                 "{'approval_recorded': {'model': 'm', 'version': 1, 'stage': 'Production', "
                 "'decision': 'granted'}}",
                 "approval-statement");
    /* That a server says it acts for an approver is no statement of hers. */
    rules_expect(f, rules_signer(ROBOT),
                 rules_draft("{'approval_recorded': {'model': 'm', 'version': 1, 'stage': "
                             "'Production', 'decision': 'granted'}, 'on_behalf_of': 'carol'}"),
                 "approval-statement");
    decide(f, "granted", rules_signer(CAROL), MLEDGER__MEANING__REVIEWED, "approval-statement");
    decide(f, "granted", rules_signer(ROBOT), MLEDGER__MEANING__APPROVED, "approval-statement");
    decide(f, "rejected", rules_signer(CAROL), MLEDGER__MEANING__APPROVED, "approval-statement");
    approve(f, rules_signer(CAROL));
    rules_verify(f);
}

static void an_approval_is_withdrawn_by_who_gave_it(void **state)
{
    struct fixture *f = *state;
    demand(f, "approval", 1);
    approve(f, rules_signer(CAROL));
    decide(f, "withdrawn", rules_signer(DAVE), MLEDGER__MEANING__REVIEWED, NULL);
    struct ml_draft *promotion = rules_draft(promote);
    decide(f, "withdrawn", rules_signer(CAROL), MLEDGER__MEANING__REVIEWED, NULL);
    rules_expect(f, &f->signers[ALICE], promotion, "policy-approval");
    approve(f, rules_signer(CAROL));
    rules_keeps(f, promote);
    rules_verify(f);
}

static void approvals_are_for_one_stage(void **state)
{
    struct fixture *f = *state;
    demand(f, "approval", 1);
    struct ml_draft *draft = rules_stated(f,
                                          "{'approval_recorded': {'model': 'm', 'version': 1, "
                                          "'stage': 'Staging', 'decision': 'granted'}}",
                                          rules_signer(CAROL), MLEDGER__MEANING__APPROVED);
    rules_expect(f, &f->signers[ALICE], draft, NULL);
    rules_breaks(f, promote, "policy-approval");
}

static void a_policy_holds_from_where_it_stands(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, promote);
    demand(f, "approval_other", 1);
    rules_keeps(f, "{'stage_transitioned': {'model': 'm', 'version': 1, 'to_stage': 'None'}}");
    rules_breaks(f, promote, "policy-approval");
    rules_keeps(f, "{'policy_set': {'stage': 'Production'}}");
    rules_keeps(f, promote);
    rules_verify(f);
}

static void four_eyes_are_two_peoples(void **state)
{
    struct fixture *f = *state;
    demand(f, "approval_other", 1);
    approve(f, &f->signers[ALICE]);
    rules_breaks(f, promote, "policy-four-eyes"); /* she registered it, and moves it */
    rules_expect(f, rules_signer(CAROL), rules_draft(promote), "policy-four-eyes");
    approve(f, rules_signer(CAROL));
    rules_expect(f, rules_signer(CAROL), rules_draft(promote), "policy-four-eyes");
    rules_keeps(f, promote);
    rules_verify(f);
}

static void who_trained_is_one_of_them(void **state)
{
    struct fixture *f = *state;
    rules_expect(f, rules_signer(CAROL), rules_draft("{'run_started': {'run_id': 'r'}}"), NULL);
    rules_keeps(f, "{'version_registered': {'model': 'm', 'run_id': 'r'}}");
    demand(f, "approval_other", 1);
    const char *second = "{'approval_recorded': {'model': 'm', 'version': 2, "
                         "'stage': 'Production', 'decision': 'granted'}}";
    const char *move = "{'stage_transitioned': {'model': 'm', 'version': 2, "
                       "'to_stage': 'Production'}}";
    const Mledger__Meaning approved = MLEDGER__MEANING__APPROVED;
    rules_expect(f, &f->signers[ALICE], rules_stated(f, second, rules_signer(CAROL), approved),
                 NULL);
    rules_breaks(f, move, "policy-four-eyes");
    rules_expect(f, &f->signers[ALICE], rules_stated(f, second, rules_signer(DAVE), approved),
                 NULL);
    rules_keeps(f, move);
    rules_verify(f);
}

static void an_unknown_trainer_cannot_be_told_from_the_approver(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'version_registered': {'model': 'm', 'run_id': 'never-seen'}}");
    demand(f, "approval_other", 1);
    rules_breaks(f,
                 "{'stage_transitioned': {'model': 'm', 'version': 2, "
                 "'to_stage': 'Production'}}",
                 "policy-four-eyes");
    assert_non_null(strstr(mledger_error_text(), "who trained"));
}

static void a_service_is_never_an_eye(void **state)
{
    struct fixture *f = *state;
    const struct ml_signer *robot = rules_signer(ROBOT);
    demand(f, "approval_other", 1);
    approve(f, rules_signer(DAVE));
    rules_expect(f, robot, rules_draft(promote), "policy-four-eyes");
    assert_non_null(strstr(mledger_error_text(), "who moves"));
    rules_expect(f, robot,
                 rules_draft("{'stage_transitioned': {'model': 'm', 'version': 1, "
                             "'to_stage': 'Production'}, 'on_behalf_of': 'robot'}"),
                 "policy-four-eyes");
    rules_expect(f, robot,
                 rules_stated(f, promote, rules_signer(CAROL), MLEDGER__MEANING__AUTHORED), NULL);
    rules_verify(f);
}

static void acting_for_somebody_excludes_them(void **state)
{
    struct fixture *f = *state;
    const struct ml_signer *robot = rules_signer(ROBOT);
    const char *for_dave = "{'stage_transitioned': {'model': 'm', 'version': 1, "
                           "'to_stage': 'Production'}, 'on_behalf_of': 'dave'}";
    demand(f, "approval_other", 1);
    approve(f, rules_signer(DAVE));
    rules_expect(f, robot, rules_draft(for_dave), "policy-four-eyes");
    /* A person does not get out of being involved by naming another. */
    approve(f, rules_signer(CAROL));
    rules_expect(f, rules_signer(CAROL), rules_draft(for_dave), "policy-four-eyes");
    rules_expect(f, robot, rules_draft(for_dave), NULL);
    rules_verify(f);
}

static void of_two_authors_neither_is_passed_over(void **state)
{
    struct fixture *f = *state;
    demand(f, "approval_other", 1);
    approve(f, rules_signer(CAROL));
    struct ml_draft *draft = rules_draft(promote);
    rules_state(f, draft, rules_signer(CAROL), MLEDGER__MEANING__AUTHORED);
    rules_state(f, draft, rules_signer(DAVE), MLEDGER__MEANING__AUTHORED);
    rules_expect(f, rules_signer(ROBOT), draft, "policy-four-eyes");
    rules_verify(f);
}

static void shares_add_up_and_targets_live(void **state)
{
    struct fixture *f = *state;
    static const char format[] = "{'deployment_recorded': {'endpoint': 'e', 'targets': "
                                 "[{'model': 'm', 'version': %d, 'share_ppm': %d}]}}";
    rules_malformed(f, rules_line(format, 1, 999999), "add up");
    rules_breaks(f, rules_line(format, 2, 1000000), "version-missing");
    rules_keeps(f, rules_line(format, 1, 1000000));
    rules_keeps(f, "{'version_deleted': {'model': 'm', 'version': 1}}");
    rules_breaks(f, rules_line(format, 1, 1000000), "version-deleted");
    rules_keeps(f, "{'deployment_recorded': {'endpoint': 'e'}}");
    rules_malformed(f, "{'deployment_recorded': {'endpoint': ''}}", "without an endpoint");
}

static void an_incident_is_opened_once(void **state)
{
    struct fixture *f = *state;
    static const char format[] = "{'incident_recorded': {'incident_id': 'i', 'status': '%s'}}";
    rules_breaks(f, rules_line(format, "noted"), "incident-missing");
    rules_keeps(f, rules_line(format, "opened"));
    rules_breaks(f, rules_line(format, "opened"), "incident-id");
    rules_keeps(f, rules_line(format, "closed"));
    rules_malformed(f, "{'incident_recorded': {'incident_id': '', 'status': 'opened'}}",
                    "without an id");
    rules_malformed(f,
                    "{'incident_recorded': {'incident_id': 'k', 'status': 'opened', "
                    "'version': 1}}",
                    "without its model");
    rules_breaks(f,
                 "{'incident_recorded': {'incident_id': 'k', 'status': 'opened', 'model': 'm', "
                 "'version': 9}}",
                 "version-missing");
    rules_verify(f);
}

static const char webhook[] =
    "{'webhook_set': {'webhook_id': 'w', 'name': 'deploy', 'origin': 'https://h', 'status': '%s', "
    "'events': ['model_version_created', 'model_version_transitioned_stage']}}";

/* What the state says of the webhook 'w'. */
static void expect_webhook(struct fixture *f, uint64_t created, uint64_t seq, uint64_t active_since,
                           bool is_deleted)
{
    struct ml_view view;
    struct ml_state_key key;
    struct ml_arena arena;
    Mledger__WebhookState *state;
    ml_arena_init(&arena, 4096);
    assert_int_equal(ml_key_webhook("w", &key), MLEDGER_OK);
    assert_int_equal(ml_view_begin(f->ledger, &view), MLEDGER_OK);
    assert_int_equal(ml_state_load(view.state, ml_state_key_span(&key),
                                   &mledger__webhook_state__descriptor, &arena, &state),
                     MLEDGER_OK);
    assert_int_equal(state->created_seq, created);
    assert_int_equal(state->seq, seq);
    assert_int_equal(state->has_active_since ? state->active_since : MLEDGER_NO_SEQ, active_since);
    assert_int_equal(state->has_deleted && state->deleted, is_deleted);
    ml_view_end(&view);
    ml_arena_release(&arena);
}

static void a_webhook_is_set_until_it_is_deleted(void **state)
{
    struct fixture *f = *state;
    static const char deleted[] = "{'webhook_deleted': {'webhook_id': 'w'}}";
    struct ml_head head;
    rules_breaks(f, deleted, "webhook-missing");
    assert_int_equal(ml_ledger_head(f->ledger, &head), MLEDGER_OK);
    const uint64_t first = head.size;
    rules_keeps(f, rules_line(webhook, "active"));
    expect_webhook(f, first, first, first, false);
    rules_keeps(f, rules_line(webhook, "active"));
    expect_webhook(f, first, first + 1, first, false);
    rules_keeps(f, rules_line(webhook, "disabled"));
    expect_webhook(f, first, first + 2, MLEDGER_NO_SEQ, false);
    rules_keeps(f, rules_line(webhook, "active"));
    expect_webhook(f, first, first + 3, first + 3, false);
    rules_keeps(f, deleted);
    expect_webhook(f, first, first + 4, MLEDGER_NO_SEQ, true);
    rules_breaks(f, deleted, "webhook-missing");
    rules_breaks(f, rules_line(webhook, "active"), "webhook-missing");
    rules_verify(f);
}

static void a_webhook_goes_somewhere_once(void **state)
{
    struct fixture *f = *state;
    static const char format[] = "{'webhook_set': {'webhook_id': '%s', 'name': '%s', "
                                 "'origin': '%s', 'status': 'active', 'events': [%s]}}";
    rules_malformed(f, rules_line(format, "", "n", "https://h", "'model_version_created'"),
                    "without an id");
    rules_malformed(f, rules_line(format, "w", "", "https://h", "'model_version_created'"),
                    "no name or no origin");
    rules_malformed(f, rules_line(format, "w", "n", "", "'model_version_created'"),
                    "no name or no origin");
    rules_malformed(f, rules_line(format, "w", "n", "https://h", ""), "no events");
    rules_malformed(f,
                    rules_line(format, "w", "n", "https://h",
                               "'model_version_created', 'model_version_created'"),
                    "ascending");
}

int main(void)
{
#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, rules_tear_down)
    const struct CMUnitTest tests[] = {
        RULE(the_newest_validation_must_have_passed),
        RULE(approvals_are_of_different_people),
        RULE(an_approval_needs_an_approvers_statement),
        RULE(an_approval_is_withdrawn_by_who_gave_it),
        RULE(approvals_are_for_one_stage),
        RULE(a_policy_holds_from_where_it_stands),
        RULE(four_eyes_are_two_peoples),
        RULE(who_trained_is_one_of_them),
        RULE(an_unknown_trainer_cannot_be_told_from_the_approver),
        RULE(a_service_is_never_an_eye),
        RULE(acting_for_somebody_excludes_them),
        RULE(of_two_authors_neither_is_passed_over),
        RULE(shares_add_up_and_targets_live),
        RULE(an_incident_is_opened_once),
        RULE(a_webhook_is_set_until_it_is_deleted),
        RULE(a_webhook_goes_somewhere_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
