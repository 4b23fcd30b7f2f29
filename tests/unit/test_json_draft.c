/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "ledger/core/json.h"
#include "tests/unit/cmocka_all.h"

static struct ml_draft *read(const char *line)
{
    struct ml_draft *draft = NULL;
    if (ml_draft_from_json(line, strlen(line), "line 12", &draft) < 0)
        fail_msg("%s: %s", line, mledger_error_text());
    assert_string_equal(draft->origin, "line 12");
    return draft;
}

static void reads_an_event_with_its_details(void **state)
{
    (void)state;
    ML_CLEANUP(ml_draft_freep)
    struct ml_draft *draft =
        read("{\"run_logged\":{\"run\":3,\"params\":[\"lr\"],\"metrics\":[{\"key\":\"auc\","
             "\"step\":1,\"time\":\"2026-03-01T14:32:00Z\"}]},\"details\":{\"param_values\":"
             "[\"0.10\"],\"metric_values\":[\"0.930\"],\"host\":\"gpu1\"},"
             "\"on_behalf_of\":4,\"imported_from\":\"dvc\"}");
    assert_int_equal(draft->event->kind_case, MLEDGER__EVENT__KIND_RUN_LOGGED);
    assert_int_equal(draft->event->run_logged->run, 3);
    assert_string_equal(draft->event->run_logged->metrics[0]->key, "auc");
    assert_true(draft->event->run_logged->metrics[0]->time == INT64_C(1772375520000000));
    assert_true(draft->event->has_on_behalf_of_actor_ref);
    assert_int_equal(draft->event->on_behalf_of_actor_ref, 4);
    assert_int_equal(draft->event->imported_from, MLEDGER__SOURCE__DVC);
    assert_string_equal(draft->details->param_values[0], "0.10");
    assert_string_equal(draft->details->metric_values[0]->text, "0.930");
    assert_true(draft->details->metric_values[0]->value == 0.93);
    assert_int_equal(draft->n_names, 0);
    assert_int_equal(ml_codec_check(&draft->event->base), MLEDGER_OK);
    assert_int_equal(ml_codec_check(&draft->details->base), MLEDGER_OK);
}

static void check_name(const struct ml_draft_name *name, const uint64_t *seq,
                       Mledger__SubjectKind kind, const char *field, const char *text)
{
    assert_ptr_equal(name->seq, seq);
    assert_int_equal(name->kind, kind);
    assert_string_equal(name->field, field);
    assert_string_equal(name->name, text);
}

static void leaves_names_to_be_resolved(void **state)
{
    (void)state;
    ML_CLEANUP(ml_draft_freep)
    struct ml_draft *draft =
        read("{\"on_behalf_of\":\"alice\",\"run_logged\":{\"run\":\"runs:/ab\",\"inputs\":["
             "{\"name\":\"a\",\"dataset_ref\":\"churn\"},{\"name\":\"b\",\"model_ref\":9}]}}");
    Mledger__RunLogged *logged = draft->event->run_logged;
    assert_int_equal(draft->n_names, 3);
    check_name(&draft->names[0], &draft->event->on_behalf_of_actor_ref,
               MLEDGER__SUBJECT_KIND__ACTOR, "on_behalf_of_actor_ref", "alice");
    check_name(&draft->names[1], &logged->run, MLEDGER__SUBJECT_KIND__RUN, "run", "runs:/ab");
    check_name(&draft->names[2], &logged->inputs[0]->dataset_ref, MLEDGER__SUBJECT_KIND__DATASET,
               "dataset_ref", "churn");
    assert_true(draft->event->has_on_behalf_of_actor_ref);
    assert_true(logged->inputs[0]->has_dataset_ref);
    assert_int_equal(logged->inputs[1]->model_ref, 9);
}

static void a_large_number_as_text_is_a_name(void **state)
{
    (void)state;
    ML_CLEANUP(ml_draft_freep)
    struct ml_draft *draft = read("{\"run_deleted\":{\"run\":\"18446744073709551615\"}}");
    assert_int_equal(draft->n_names, 1);
    assert_string_equal(draft->names[0].name, "18446744073709551615");
}

static void what_the_ledger_assigns_may_be_missing(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{\"run_started\":{\"run_id\":\"ab\"}}",
        "{\"experiment_created\":{\"experiment_id\":\"1\",\"name\":\"e\"}}",
        "{\"model_created\":{\"name\":\"churn\"}}",
        "{\"actor_registered\":{\"id\":\"alice\",\"kind\":\"person\"}}",
        "{\"version_registered\":{\"model\":\"churn\"}}",
        "{\"stage_transitioned\":{\"model\":\"churn\",\"version\":1,\"to_stage\":\"Production\"}}",
        "{\"dataset_recorded\":{\"name\":\"train\"}}",
        "{\"pipeline_recorded\":{\"name\":\"churn\"}}",
    };
    for (size_t i = 0; i < ML_COUNT(lines); i++)
        ml_draft_free(read(lines[i]));
    ML_CLEANUP(ml_draft_freep) struct ml_draft *run = read(lines[0]);
    assert_int_equal(run->event->run_started->subject_salt.len, 0);
    ML_CLEANUP(ml_draft_freep) struct ml_draft *version = read(lines[4]);
    assert_int_equal(version->event->version_registered->version, 0);
    ML_CLEANUP(ml_draft_freep) struct ml_draft *stage = read(lines[5]);
    assert_null(stage->event->stage_transitioned->from_stage);
    ML_CLEANUP(ml_draft_freep) struct ml_draft *dataset = read(lines[6]);
    assert_false(dataset->event->dataset_recorded->has_subject_salt);
    assert_false(dataset->event->dataset_recorded->has_dataset);
}

static void nothing_to_say_is_no_details(void **state)
{
    (void)state;
    ML_CLEANUP(ml_draft_freep)
    struct ml_draft *draft = read("{\"run_deleted\":{\"run\":1},\"details\":{}}");
    assert_null(draft->details);
    struct ml_draft *without_origin = NULL;
    assert_int_equal(ml_draft_from_json("{\"run_deleted\":{\"run\":1}}", 25, NULL, &without_origin),
                     MLEDGER_OK);
    assert_null(without_origin->origin);
    ml_draft_free(without_origin);
}

static void names_the_line_the_place_and_the_fault(void **state)
{
    (void)state;
    static const struct {
        const char *line, *error;
    } cases[] = {
        {"", "line 3: no valid JSON (line 1, column 0): '[' or '{' expected near end of file"},
        {"[]", "line 3: expected an object"},
        {"{}", "line 3: no kind of event, like \"run_started\""},
        {"{\"details\":{}}", "line 3: no kind of event, like \"run_started\""},
        {"{\"run_started\":{\"run_id\":\"a\"},\"run_ended\":{\"run\":1,\"status\":\"failed\"}}",
         "line 3: run_ended: beside 'run_started', of which only one may be there"},
        {"{\"run_started\":{}}", "line 3: run_started: 'run_id' is missing"},
        {"{\"run_started\":{\"run_id\":\"a\",\"subject_salt\":\"00\"}}",
         "line 3: run_started.subject_salt: 2 hexadecimal digits where 64 belong"},
        {"{\"run_deleted\":{\"run\":\"\"}}",
         "line 3: run_deleted.run: expected a record's number or a name"},
        {"{\"run_deleted\":{\"run\":true}}",
         "line 3: run_deleted.run: expected a record's number or a name"},
        {"{\"version_updated\":{\"model\":\"churn\"}}",
         "line 3: version_updated: 'version' is missing"},
        {"{\"stage_imported\":{\"model\":1,\"version\":1}}",
         "line 3: stage_imported: 'stage' is missing"},
        {"{\"model_created\":{\"name\":\"churn\",\"predecessor\":\"churn\"}}",
         "line 3: model_created.predecessor: expected an integer"},
        {"{\"details_erased\":{\"record_ref\":\"7\"}}",
         "line 3: details_erased.record_ref: expected an integer"},
        {"{\"run_deleted\":{\"run\":1},\"details\":[]}", "line 3: details: expected an object"},
        {"{\"run_deleted\":{\"run\":1},\"details\":{\"occurred_at\":7}}",
         "line 3: details.occurred_at: expected a time like 2026-03-01T14:32:00Z"},
        {"{\"run_deleted\":{\"run\":1},\"details\":{\"why\":\"\"}}",
         "line 3: details: unknown key 'why'"},
        {"{\"run_deleted\":{\"run\":1},\"on_behalf_of\":1,\"on_behalf_of_actor_ref\":1}",
         "line 3: 'on_behalf_of' and 'on_behalf_of_actor_ref' are the same"},
        {"{\"run_deleted\":{\"run\":1},\"Details\":{}}", "line 3: unknown key 'Details'"},
        {"{\"run_deleted\":{\"run\":1},\"run_deleted\":{\"run\":1}}",
         "line 3: no valid JSON (line 1, column 38): duplicate object key near '\"run_deleted\"'"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct ml_draft *draft = NULL;
        if (ml_draft_from_json(cases[i].line, strlen(cases[i].line), "line 3", &draft) !=
            MLEDGER_EINVALID)
            fail_msg("accepted: %s", cases[i].line);
        assert_null(draft);
        assert_string_equal(mledger_error_text(), cases[i].error);
    }
}

static void lines_have_a_limit(void **state)
{
    (void)state;
    size_t len = ML_LIMIT_JSON_LINE + 1;
    char *line = malloc(len);
    struct ml_draft *draft = NULL;
    char error[128];
    assert_non_null(line);
    memset(line, ' ', len);
    assert_int_equal(ml_draft_from_json(line, len, NULL, &draft), MLEDGER_EINVALID);
    snprintf(error, sizeof error, "a line of %zu bytes, over %d", len, ML_LIMIT_JSON_LINE);
    assert_string_equal(mledger_error_text(), error);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_an_event_with_its_details),
        cmocka_unit_test(leaves_names_to_be_resolved),
        cmocka_unit_test(a_large_number_as_text_is_a_name),
        cmocka_unit_test(what_the_ledger_assigns_may_be_missing),
        cmocka_unit_test(nothing_to_say_is_no_details),
        cmocka_unit_test(names_the_line_the_place_and_the_fault),
        cmocka_unit_test(lines_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
