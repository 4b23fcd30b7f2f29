/* SPDX-License-Identifier: Apache-2.0 */
/* The dossier of a version, and the run it came from as it stood. */
#include "tests/unit/cmocka_all.h"

#include "ledger/query/dossier.h"
#include "tests/unit/lineage_story.h"

struct asked {
    struct ml_view view;
    struct ml_dossier dossier;
};

static void ask(struct fixture *fixture, uint64_t version, uint64_t as_of, struct asked *asked)
{
    assert_int_equal(ml_view_begin(fixture->ledger, &asked->view), MLEDGER_OK);
    assert_int_equal(ml_dossier_gather(&asked->view, STORY_MODEL, version, as_of, &asked->dossier),
                     MLEDGER_OK);
}

static void asked_release(struct asked *asked)
{
    ml_dossier_release(&asked->dossier);
    ml_view_end(&asked->view);
}

static void set_up(struct fixture *fixture)
{
    fixture_init(fixture);
    story_add(fixture);
}

static bool tells(const struct ml_dossier *dossier, uint64_t seq)
{
    for (size_t i = 0; i < dossier->n_history; i++)
        if (dossier->history[i]->header->seq == seq)
            return true;
    return false;
}

static void test_history(void **state)
{
    (void)state;
    ML_CLEANUP(fixture_release) struct fixture fixture;
    ML_CLEANUP(asked_release) struct asked asked = {0};
    set_up(&fixture);
    ask(&fixture, 1, STORY_SIZE - 1, &asked);
    const struct ml_dossier *dossier = &asked.dossier;
    static const uint64_t wanted[] = {STORY_MODEL,     STORY_VERSION,    STORY_VALIDATION,
                                      STORY_APPROVAL,  STORY_TRANSITION, STORY_ALIAS,
                                      STORY_DEPLOYMENT};
    for (size_t i = 0; i < ML_COUNT(wanted); i++)
        assert_true(tells(dossier, wanted[i]));
    /* Runs and versions that were made from it are not what happened to it. */
    assert_false(tells(dossier, STORY_DERIVED_LOGGED));
    assert_false(tells(dossier, STORY_DERIVED));
    for (size_t i = 1; i < dossier->n_history; i++)
        assert_true(dossier->history[i - 1]->header->seq < dossier->history[i]->header->seq);
    assert_string_equal(dossier->model_name, "churn");
    assert_string_equal(dossier->past.stage, "Production");
    assert_false(dossier->has_previous);
    assert_true(dossier->graph->n_nodes > 5);
}

static void test_as_it_was(void **state)
{
    (void)state;
    ML_CLEANUP(fixture_release) struct fixture fixture;
    ML_CLEANUP(asked_release) struct asked asked = {0};
    set_up(&fixture);
    ask(&fixture, 1, STORY_VALIDATION, &asked);
    assert_true(tells(&asked.dossier, STORY_VALIDATION));
    assert_false(tells(&asked.dossier, STORY_APPROVAL));
    assert_string_equal(asked.dossier.past.stage, "None");
}

/* What a transition had to meet is what was in force then, not what is in force now. */
static void test_policies_of_the_moment(void **state)
{
    (void)state;
    ML_CLEANUP(fixture_release) struct fixture fixture;
    ML_CLEANUP(asked_release) struct asked now = {0}, then = {0};
    uint64_t set, lifted;
    set_up(&fixture);
    assert_int_equal(fixture_append(&fixture, ALICE,
                                    "{\"policy_set\": {\"stage\": \"Production\", "
                                    "\"requirements\": [{\"kind\": \"validation\", "
                                    "\"count\": 1}]}}",
                                    &set),
                     MLEDGER_OK);
    fixture_add(&fixture, "{\"stage_transitioned\": {\"model\": \"churn\", \"version\": 1, "
                          "\"to_stage\": \"Archived\"}}");
    uint64_t again = fixture_add(&fixture, "{\"stage_transitioned\": {\"model\": \"churn\", "
                                           "\"version\": 1, \"to_stage\": \"Production\"}}");
    assert_int_equal(
        fixture_append(&fixture, ALICE, "{\"policy_set\": {\"stage\": \"Production\"}}", &lifted),
        MLEDGER_OK);
    ask(&fixture, 1, lifted, &now);
    const struct ml_dossier_policy *policies = now.dossier.policies;
    assert_int_equal(now.dossier.n_policies, 4);
    assert_int_equal(policies[0].entered_seq, STORY_TRANSITION);
    assert_null(policies[0].policy);
    assert_int_equal(policies[0].seq, MLEDGER_NO_SEQ);
    assert_string_equal(policies[1].stage, "Archived");
    assert_null(policies[1].policy);
    assert_int_equal(policies[2].entered_seq, again);
    assert_int_equal(policies[2].seq, set);
    assert_int_equal(policies[2].policy->n_requirements, 1);
    assert_int_equal(policies[3].entered_seq, MLEDGER_NO_SEQ);
    assert_int_equal(policies[3].seq, lifted);
    assert_null(policies[3].policy);

    ask(&fixture, 1, set, &then);
    assert_int_equal(then.dossier.n_policies, 2);
    assert_int_equal(then.dossier.policies[1].seq, set);
    assert_non_null(then.dossier.policies[1].policy);
}

static void test_the_version_before_it_in_production(void **state)
{
    (void)state;
    ML_CLEANUP(fixture_release) struct fixture fixture;
    ML_CLEANUP(asked_release) struct asked asked = {0};
    set_up(&fixture);
    ask(&fixture, 2, STORY_SIZE - 1, &asked);
    assert_true(asked.dossier.has_previous); /* it never was there itself */
    assert_int_equal(asked.dossier.previous.version, 1);
}

static void test_the_run(void **state)
{
    (void)state;
    ML_CLEANUP(fixture_release) struct fixture fixture;
    ML_CLEANUP(asked_release) struct asked asked = {0};
    set_up(&fixture);
    ask(&fixture, 1, STORY_SIZE - 1, &asked);
    assert_true(asked.dossier.has_run);
    const struct ml_run_past *run = &asked.dossier.run;
    assert_string_equal(run->id, "r1");
    assert_int_equal(run->seq, STORY_RUN);
    assert_int_equal(run->commit_seq, STORY_RUN);
    assert_int_equal(run->n_inputs, 1);
    assert_int_equal(run->inputs[0].seq, STORY_LOGGED);
    assert_int_equal(run->n_outputs, 1);
    assert_int_equal(run->outputs[0].seq, STORY_ARTIFACT);
    assert_true(run->params.count > 0);
    for (size_t i = 1; i < run->params.count; i++)
        assert_true(strcmp(run->params.list[i - 1].key, run->params.list[i].key) < 0);
    assert_int_equal(run->ended_seq, MLEDGER_NO_SEQ);
}

static void test_a_run_that_no_record_started(void **state)
{
    (void)state;
    ML_CLEANUP(fixture_release) struct fixture fixture;
    ML_CLEANUP(asked_release) struct asked asked = {0};
    set_up(&fixture);
    ask(&fixture, 3, STORY_SIZE - 1, &asked);
    assert_false(asked.dossier.has_run);
    assert_string_equal(asked.dossier.run_id, "ghost");
}

static void test_no_such_version(void **state)
{
    (void)state;
    ML_CLEANUP(fixture_release) struct fixture fixture;
    struct asked asked = {0};
    set_up(&fixture);
    assert_int_equal(ml_view_begin(fixture.ledger, &asked.view), MLEDGER_OK);
    assert_int_equal(ml_dossier_gather(&asked.view, STORY_MODEL, 9, STORY_SIZE - 1, &asked.dossier),
                     MLEDGER_ENOTFOUND);
    assert_string_equal(mledger_error_text(), "there was no version 9 of model 'churn' then");
    asked_release(&asked);
}

/* ---- values of a run ---- */

static const struct ml_run_value *value_of(const struct ml_run_values *values, const char *key)
{
    for (size_t i = 0; i < values->count; i++)
        if (strcmp(values->list[i].key, key) == 0)
            return &values->list[i];
    return NULL;
}

static void test_values_of_a_run(void **state)
{
    (void)state;
    ML_CLEANUP(fixture_release) struct fixture fixture;
    struct ml_view view;
    struct ml_reader reader;
    struct ml_run_past run;
    fixture_init(&fixture);
    uint64_t seq = fixture_add(&fixture, "{\"run_started\": {\"run_id\": \"v\"}}");
    fixture_add(&fixture,
                "{\"run_logged\": {\"run\": \"v\", \"params\": [\"z\", \"a\"], \"tags\": [\"t\"], "
                "\"metrics\": [{\"key\": \"m\", \"step\": 2, \"time\": \"2026-01-01T00:00:05Z\"}, "
                "{\"key\": \"m\", "
                "\"step\": 1, \"time\": \"2026-01-01T00:00:09Z\"}]}, \"details\": "
                "{\"param_values\": [\"1\", \"2\"], "
                "\"tag_values\": [\"x\"], \"metric_values\": [{\"value\": 0.5, \"text\": \"0.50\"},"
                " {\"value\": 1, \"text\": \"1.0\"}]}}");
    fixture_add(&fixture, "{\"tags_deleted\": {\"run\": \"v\", \"tags\": [\"t\"]}}");
    uint64_t end =
        fixture_add(&fixture, "{\"run_ended\": {\"run\": \"v\", \"status\": \"finished\"}}");
    assert_int_equal(ml_view_begin(fixture.ledger, &view), MLEDGER_OK);
    ml_reader_init(&reader, &view, end);
    assert_int_equal(ml_run_past(&reader, seq, &run), MLEDGER_OK);
    assert_string_equal(value_of(&run.params, "a")->text, "2");
    /* The greatest step counts, not the last point. */
    assert_string_equal(value_of(&run.metrics, "m")->text, "0.50");
    assert_int_equal(value_of(&run.metrics, "m")->points, 2);
    assert_null(value_of(&run.tags, "t"));
    assert_int_equal(run.status, MLEDGER__RUN_STATUS__FINISHED);
    assert_int_equal(run.ended_seq, end);
    assert_int_equal(ml_run_past(&reader, 0, &run), MLEDGER_ENOTFOUND);
    ml_reader_release(&reader);
    ml_view_end(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_as_it_was),
        cmocka_unit_test(test_policies_of_the_moment),
        cmocka_unit_test(test_the_version_before_it_in_production),
        cmocka_unit_test(test_the_run),
        cmocka_unit_test(test_a_run_that_no_record_started),
        cmocka_unit_test(test_no_such_version),
        cmocka_unit_test(test_values_of_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
