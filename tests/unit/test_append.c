/* SPDX-License-Identifier: Apache-2.0 */
/* The write path: what is appended, what is refused, what a refusal leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>

#include "tests/unit/ledger_fixture.h"

static uint64_t ledger_size(struct fixture *fixture)
{
    struct ml_head head;
    assert_int_equal(ml_ledger_head(fixture->ledger, &head), 0);
    return head.size;
}

static void a_ledger_begins_with_record_0(void **state)
{
    struct fixture *fixture = *state;
    struct ml_view view;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    assert_int_equal(view.head.size, 1);
    assert_string_equal(view.head.name, "test");
    struct ml_arena arena;
    ml_arena_init(&arena, 1 << 20);
    struct ml_record record;
    assert_int_equal(ml_view_record(&view, 0, &arena, &record), 0);
    assert_int_equal(ml_record_verify_signature(&record), 0);
    assert_string_equal(record.event->ledger_created->actor_id, "alice");
    assert_string_equal(record.details->person, "Alice Ng");
    assert_int_equal(record.header->n_subject_tags, 1);
    uint8_t leaf[ML_HASH_SIZE];
    assert_int_equal(ml_leaf(record.stored->signature.data, record.header_bytes, leaf), 0);
    assert_memory_equal(leaf, view.head.identity, ML_HASH_SIZE);
    ml_arena_release(&arena);
    ml_view_end(&view);
}

static void the_life_of_a_model(void **state)
{
    struct fixture *fixture = *state;
    fixture_add(fixture, "{\"experiment_created\": {\"experiment_id\": \"1\", \"name\": \"e\"}}");
    fixture_add(fixture, "{\"run_started\": {\"run_id\": \"r1\", \"experiment\": \"e\"}}");
    fixture_add(fixture,
                "{\"run_logged\": {\"run\": \"r1\", \"params\": [\"lr\"], \"metrics\": "
                "[{\"key\": \"auc\", \"step\": 0, \"time\": \"2026-01-01T00:00:00Z\"}]}, "
                "\"details\": {\"param_values\": [\"0.1\"], \"metric_values\": [\"0.9\"]}}");
    fixture_add(fixture, "{\"run_ended\": {\"run\": \"r1\", \"status\": \"finished\"}}");
    fixture_add(fixture, "{\"model_created\": {\"name\": \"churn\"}}");
    fixture_add(fixture, "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"r1\"}}");
    fixture_add(fixture, "{\"stage_transitioned\": {\"model\": \"models:/churn\", \"version\": 1, "
                         "\"to_stage\": \"Staging\"}}");
    fixture_add(fixture, "{\"alias_set\": {\"model\": \"churn\", \"version\": 1, "
                         "\"alias\": \"champion\"}}");
    fixture_reopen(fixture);
    struct ml_view view;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    assert_int_equal(view.head.size, 9);
    struct ml_arena arena;
    ml_arena_init(&arena, 1 << 20);
    Mledger__VersionState *version;
    assert_int_equal(ml_state_version(view.state, 5, 1, &arena, &version), 0);
    assert_string_equal(version->stage, "Staging");
    assert_int_equal(version->run_ref, 2);
    assert_true(version->has_trained_by);
    assert_int_equal(version->trained_by, 0);
    assert_int_equal(version->n_aliases, 1);
    ml_arena_release(&arena);
    ml_view_end(&view);
}

static void a_policy_wants_another_persons_approval(void **state)
{
    struct fixture *fixture = *state;
    fixture_add_bob(fixture);
    fixture_add(fixture, "{\"policy_set\": {\"stage\": \"Production\", \"requirements\": "
                         "[{\"kind\": \"approval_other\", \"count\": 1}]}}");
    fixture_add(fixture, "{\"model_created\": {\"name\": \"m\"}}");
    fixture_add(fixture, "{\"version_registered\": {\"model\": \"m\"}}");
    const char *promote = "{\"stage_transitioned\": {\"model\": \"m\", \"version\": 1, "
                          "\"to_stage\": \"Production\"}}";
    const char *approve = "{\"approval_recorded\": {\"model\": \"m\", \"version\": 1, "
                          "\"stage\": \"Production\", \"decision\": \"granted\"}}";
    fixture_refused(fixture, promote, "policy-approval");
    assert_non_null(strstr(mledger_error_hint(), "mledger approve m/1"));
    fixture_refused(fixture, approve, "approval-statement");

    struct ml_draft *draft = fixture_draft(approve);
    fixture_state(fixture, draft, ALICE, MLEDGER__MEANING__APPROVED);
    assert_int_equal(fixture_append_draft(fixture, ALICE, draft, NULL), 0);
    fixture_refused(fixture, promote, "policy-four-eyes");

    draft = fixture_draft(approve);
    fixture_state(fixture, draft, BOB, MLEDGER__MEANING__APPROVED);
    assert_int_equal(fixture_append_draft(fixture, ALICE, draft, NULL), 0);
    fixture_add(fixture, promote);
}

static void a_batch_is_all_or_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct ml_draft *drafts[] = {
        fixture_draft("{\"model_created\": {\"name\": \"a\"}}"),
        fixture_draft("{\"version_registered\": {\"model\": \"a\"}}"),
        fixture_draft("{\"version_registered\": {\"model\": \"nobody\"}}"),
    };
    size_t failed;
    assert_int_equal(
        ml_ledger_append(fixture->ledger, &fixture->signers[ALICE], drafts, 3, NULL, &failed),
        MLEDGER_EREFUSED);
    assert_int_equal(failed, 2);
    assert_string_equal(mledger_error_rule(), "reference-missing");
    assert_int_equal(ledger_size(fixture), 1);
    struct ml_receipt receipts[2];
    assert_int_equal(
        ml_ledger_append(fixture->ledger, &fixture->signers[ALICE], drafts, 2, receipts, &failed),
        0);
    assert_int_equal(receipts[1].seq, 2);
    assert_int_equal(ledger_size(fixture), 3);
    for (size_t i = 0; i < 3; i++)
        ml_draft_free(drafts[i]);
}

static void the_ledger_refuses_what_its_rules_forbid(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *line;
        const char *rule;
    } refused[] = {
        {"{\"model_created\": {\"name\": \"churn\"}}", "name-taken"},
        {"{\"version_registered\": {\"model\": \"churn\", \"version\": 3}}", "version-number"},
        {"{\"version_registered\": {\"model\": \"churn\", \"run_ref\": 999}}", "reference-missing"},
        {"{\"stage_transitioned\": {\"model\": \"churn\", \"version\": 1, \"from_stage\": "
         "\"Staging\", \"to_stage\": \"Production\"}}",
         "stage-left"},
        {"{\"stage_transitioned\": {\"model\": \"churn\", \"version\": 2, \"from_stage\": "
         "\"None\", \"to_stage\": \"Production\"}}",
         "version-missing"},
        {"{\"alias_set\": {\"model\": \"churn\", \"version\": 1, \"alias\": \"latest\"}}",
         "alias-name"},
        {"{\"alias_set\": {\"model\": \"churn\", \"version\": 1, \"alias\": \"v12\"}}",
         "alias-name"},
        {"{\"alias_deleted\": {\"model\": \"churn\", \"alias\": \"champion\"}}", "alias-missing"},
        {"{\"run_started\": {\"run_id\": \"r1\"}}", "run-id"},
        {"{\"run_logged\": {\"run\": \"gone\"}}", "run-deleted"},
        {"{\"run_restored\": {\"run\": \"r1\"}}", "not-deleted"},
        {"{\"tags_deleted\": {\"model\": \"churn\", \"tags\": [\"t\"]}}", "tag-missing"},
        {"{\"stage_imported\": {\"model\": \"churn\", \"version\": 1, \"stage\": \"Production\"}}",
         "import-only"},
        {"{\"incident_recorded\": {\"incident_id\": \"i\", \"status\": \"closed\"}}",
         "incident-missing"},
        {"{\"threshold_set\": {\"admins\": 2}}", "threshold"},
        {"{\"heartbeat\": {\"size\": 1}}", "size"},
        {"{\"actor_changed\": {\"actor\": \"alice\"}}", "last-admin"},
        {"{\"actor_registered\": {\"id\": \"alice\", \"kind\": \"person\"}}", "name-taken"},
    };
    fixture_add(fixture, "{\"model_created\": {\"name\": \"churn\"}}");
    fixture_add(fixture, "{\"version_registered\": {\"model\": \"churn\"}}");
    fixture_add(fixture, "{\"run_started\": {\"run_id\": \"r1\"}}");
    fixture_add(fixture, "{\"run_started\": {\"run_id\": \"gone\"}}");
    fixture_add(fixture, "{\"run_deleted\": {\"run\": \"gone\"}}");
    uint64_t size = ledger_size(fixture);
    for (size_t i = 0; i < ML_COUNT(refused); i++)
        fixture_refused(fixture, refused[i].line, refused[i].rule);
    assert_int_equal(ledger_size(fixture), size);
}

static void a_name_used_again_cites_its_predecessor(void **state)
{
    struct fixture *fixture = *state;
    uint64_t first = fixture_add(fixture, "{\"model_created\": {\"name\": \"m\"}}");
    fixture_add(fixture, "{\"model_deleted\": {\"model\": \"m\"}}");
    fixture_refused(fixture, "{\"version_registered\": {\"model\": \"m\"}}", "model-deleted");
    uint64_t second = fixture_add(fixture, "{\"model_created\": {\"name\": \"m\"}}");
    struct ml_view view;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    struct ml_arena arena;
    ml_arena_init(&arena, 1 << 20);
    struct ml_record record;
    assert_int_equal(ml_view_record(&view, second, &arena, &record), 0);
    assert_int_equal(record.event->model_created->predecessor, first);
    ml_arena_release(&arena);
    ml_view_end(&view);
}

static void a_clock_that_goes_back_is_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture_add(fixture, "{\"model_created\": {\"name\": \"a\"}}");
    fixture->now_us -= 2500000; /* and 1 s forward in fixture_append */
    fixture_add(fixture, "{\"model_created\": {\"name\": \"b\"}}");
    fixture->now_us -= 60000000;
    assert_int_equal(fixture_append(fixture, ALICE, "{\"model_created\": {\"name\": \"c\"}}", NULL),
                     MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "clock"));
}

static void unknown_keys_sign_nothing(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(fixture_append(fixture, BOB, "{\"model_created\": {\"name\": \"c\"}}", NULL),
                     MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "key-unknown");
    assert_int_equal(
        fixture_append(fixture, LOG_KEY, "{\"model_created\": {\"name\": \"c\"}}", NULL),
        MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "key-purpose");
}

static int rehearse(struct fixture *fixture, const char *line)
{
    struct ml_draft *draft = fixture_draft(line);
    const int result = ml_ledger_rehearse(fixture->ledger, &fixture->signers[ALICE], &draft, 1);
    ml_draft_free(draft);
    return result;
}

/* What would be refused is; what would be taken leaves nothing behind. */
static void a_rehearsal_records_nothing(void **state)
{
    static const char line[] = "{\"model_created\": {\"name\": \"churn\"}}";
    struct fixture *fixture = *state;
    const uint64_t size = ledger_size(fixture);
    assert_int_equal(rehearse(fixture, line), MLEDGER_OK);
    assert_int_equal(ledger_size(fixture), size);
    fixture_add(fixture, line);
    assert_int_equal(rehearse(fixture, line), MLEDGER_EREFUSED);
    assert_int_equal(ledger_size(fixture), size + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_ledger_begins_with_record_0, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(the_life_of_a_model, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_policy_wants_another_persons_approval, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_batch_is_all_or_nothing, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(the_ledger_refuses_what_its_rules_forbid, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_name_used_again_cites_its_predecessor, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_clock_that_goes_back_is_refused, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_rehearsal_records_nothing, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(unknown_keys_sign_nothing, fixture_set_up,
                                        fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
