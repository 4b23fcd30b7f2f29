/* SPDX-License-Identifier: Apache-2.0 */
/* What learned from something, by which way, and what did not. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/query/impact_json.h"
#include "ledger/query/reference.h"
#include "tests/unit/lineage_story.h"

static struct fixture fixture;
static struct ml_view view;
static struct ml_reader reader;
static struct ml_basis basis;
static struct ml_impact impact;

static int set_up(void **state)
{
    (void)state;
    fixture_init(&fixture);
    return 0;
}

static void stop_asking(void)
{
    ml_impact_release(&impact);
    ml_basis_release(&basis);
    if (view.txn) {
        ml_reader_release(&reader);
        ml_view_end(&view);
    }
    view = (struct ml_view){0};
    basis = (struct ml_basis){0};
}

static int tear_down(void **state)
{
    (void)state;
    stop_asking();
    fixture_release(&fixture);
    return 0;
}

static int ask_of(const char *reference, uint64_t as_of)
{
    struct ml_reference_text text;
    struct ml_target target;
    stop_asking();
    assert_int_equal(ml_view_begin(fixture.ledger, &view), 0);
    ml_reader_init(&reader, &view, as_of == MLEDGER_NO_SEQ ? view.head.size - 1 : as_of);
    ML_TRY(ml_reference_parse(reference, &text));
    ML_TRY(ml_reference_resolve(&reader, &text, &target));
    const struct ml_impact_question question = {
        .starts = {.targets = &target, .n_targets = 1}, .same_content = true, .inferred = true};
    return ml_impact(&reader, &question, &basis, &impact);
}

static void ask(const char *reference)
{
    if (ask_of(reference, MLEDGER_NO_SEQ) < 0)
        fail_msg("%s: %s", reference, mledger_error_text());
}

static const struct ml_impact_version *reached(const char *name)
{
    for (size_t i = 0; i < impact.n_reached; i++)
        if (strcmp(impact.reached[i].name, name) == 0)
            return &impact.reached[i];
    return NULL;
}

static void expect(const char *name, enum ml_impact_verdict verdict, enum ml_edge_kind weakest)
{
    const struct ml_impact_version *version = reached(name);
    if (!version)
        fail_msg("%s is not reached", name);
    if (version->verdict != verdict || version->weakest != weakest)
        fail_msg("%s: %s by %s", name, ml_impact_verdict_name(version->verdict),
                 ml_edge_kind_name(version->weakest));
}

static bool is_unknown(const char *text)
{
    for (size_t i = 0; i < basis.n_unknown; i++)
        if (strstr(basis.unknown[i], text))
            return true;
    return false;
}

#define ADD(line) fixture_add(&fixture, line)
#define RAW "{\"name\": \"raw\", \"dataset_ref\": \"raw\", \"digests\": [\"" SHA("11") "\"]"

static void add_run(const char *id, const char *inputs, const char *version)
{
    char line[4096];
    snprintf(line, sizeof line, "{\"run_started\": {\"run_id\": \"%s\", \"commit\": \"%s\"}}", id,
             strcmp(id, "r3") == 0 ? GIT("c3") : GIT("c1"));
    ADD(line);
    snprintf(line, sizeof line, "{\"run_logged\": {\"run\": \"%s\", \"inputs\": [%s]}}", id,
             inputs);
    ADD(line);
    snprintf(line, sizeof line,
             "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"%s\"%s}}", id, version);
    ADD(line);
}

/* One version for each way in which it may have to do with the dataset raw. */
static void add_ways(void)
{
    ADD("{\"dataset_recorded\": {\"name\": \"raw\", \"digests\": [\"" SHA("11") "\"]}}");
    ADD("{\"model_created\": {\"name\": \"churn\"}}");
    /* 1: its run read raw and something else, and it does not say what it was made from. */
    add_run("r1",
            RAW ", \"role\": \"training\"}, {\"name\": \"b\", \"digests\": [\"" SHA("22") "\"]}",
            "");
    /* 2: its run read raw, too, but it was made from the other. */
    add_run("r2", RAW "}, {\"name\": \"b\", \"digests\": [\"" SHA("22") "\"]}",
            ", \"artifacts\": [{\"path\": \"m\", \"digests\": [\"" SHA(
                "a2") "\"], "
                      "\"derived_from\": [\"" SHA("22") "\"]}]");
    /* 3: made from raw, as it says. */
    add_run("r3", RAW "}",
            ", \"artifacts\": [{\"path\": \"m\", \"digests\": [\"" SHA(
                "a3") "\"], "
                      "\"derived_from\": [\"" SHA("11") "\"]}]");
    /* 4: its base is 3. */
    add_run("r4", "{\"name\": \"c\", \"digests\": [\"" SHA("33") "\"]}",
            ", \"base_models\": [{\"model_ref\": \"churn\", \"version\": 3}]");
    /* 5: only tested on it. */
    add_run("r5",
            RAW ", \"role\": \"Testing\"}, {\"name\": \"c\", \"digests\": [\"" SHA("33") "\"]}",
            "");
    /* 6: validated on it. */
    add_run("r6", "{\"name\": \"c\", \"digests\": [\"" SHA("33") "\"]}", "");
    ADD("{\"validation_recorded\": {\"model\": \"churn\", \"version\": 6, \"outcome\": \"passed\", "
        "\"inputs\": [{\"name\": \"raw\", \"digests\": [\"" SHA("11") "\"]}]}}");
    /* 7: from a run that nothing is known of. */
    ADD("{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"ghost\"}}");
    /* 8: read raw under another name, and made a copy of it known by content alone. */
    ADD("{\"dataset_recorded\": {\"name\": \"copy\", \"digests\": [\"" SHA("11") "\", \"" MD5(
        "cc") "\"]}}");
    add_run("r8", "{\"name\": \"x\", \"digests\": [\"" MD5("cc") "\"]}", "");
}

static void each_way_has_its_verdict(void **state)
{
    (void)state;
    add_ways();
    ask("dataset:raw");
    assert_int_equal(impact.n_reached, 6);
    expect("churn/1", ML_IMPACT_PERHAPS, ML_EDGE_RECORDED);
    expect("churn/3", ML_IMPACT_AFFECTED, ML_EDGE_RECORDED);
    expect("churn/4", ML_IMPACT_AFFECTED, ML_EDGE_RECORDED);
    expect("churn/5", ML_IMPACT_MEASURED, ML_EDGE_RECORDED);
    expect("churn/6", ML_IMPACT_MEASURED, ML_EDGE_RECORDED);
    expect("churn/8", ML_IMPACT_PERHAPS, ML_EDGE_SAME_CONTENT);
    assert_null(reached("churn/2"));
    /* In this order: how sure, then by number. */
    assert_string_equal(impact.reached[0].name, "churn/3");
    assert_string_equal(impact.reached[1].name, "churn/4");
    assert_string_equal(impact.reached[2].name, "churn/1");
    assert_int_equal(impact.n_unaffected, 2);
    assert_true(is_unknown("churn/7 is not reached, but no record says on what it was trained"));
    assert_false(is_unknown("churn/2 is not reached"));
    assert_true(is_unknown("a version whose training data no record names is not found"));
}

static void a_way_is_told_step_by_step(void **state)
{
    (void)state;
    add_ways();
    ask("dataset:raw");
    json_t *json, *version = NULL;
    assert_int_equal(ml_impact_to_json(&impact, &json), 0);
    size_t i;
    json_array_foreach(json_object_get(json, "versions"), i,
                       version) if (strcmp(json_string_value(json_object_get(version, "version")),
                                           "churn/4") == 0) break;
    assert_string_equal(json_string_value(json_object_get(version, "verdict")), "affected");
    json_t *path = json_object_get(version, "path");
    assert_int_equal(json_array_size(path), 2);
    assert_int_equal(json_integer_value(json_object_get(version, "steps")), 2);
    json_t *last = json_array_get(path, 1);
    assert_string_equal(json_string_value(json_object_get(last, "from")), "version:churn/3");
    assert_string_equal(json_string_value(json_object_get(last, "role")), "derived_from");
    assert_int_equal(json_array_size(json_object_get(last, "seqs")), 1);
    json_decref(json);
}

static void code_and_runs_spread_to_all_they_made(void **state)
{
    (void)state;
    add_ways();
    ask(GIT("c3"));
    assert_int_equal(impact.n_reached, 2);
    expect("churn/3", ML_IMPACT_AFFECTED, ML_EDGE_RECORDED);
    expect("churn/4", ML_IMPACT_AFFECTED, ML_EDGE_RECORDED);
    assert_true(is_unknown("churn/7 is not reached, but no record says with which code"));
    ask("runs:/r2");
    assert_int_equal(impact.n_reached, 1);
    expect("churn/2", ML_IMPACT_AFFECTED, ML_EDGE_RECORDED);
    ask("churn/3");
    assert_int_equal(impact.n_reached, 2);
    ask("runs:/r5");
    expect("churn/5", ML_IMPACT_AFFECTED, ML_EDGE_RECORDED);
}

/* A list of packages stands among what a run wrote, but is what the run ran in. */
static void packages_reach_what_ran_with_them(void **state)
{
    (void)state;
    ADD("{\"model_created\": {\"name\": \"churn\"}}");
    add_run("r1", "{\"name\": \"c\", \"digests\": [\"" SHA("33") "\"]}", "");
    add_run("r2", "{\"name\": \"c\", \"digests\": [\"" SHA("33") "\"]}", "");
    ADD("{\"artifact_recorded\": {\"run\": \"r1\", \"artifacts\": [{\"path\": "
        "\"model/requirements.txt\", \"digests\": [\"" SHA("77") "\"]}]}}");
    ADD("{\"artifact_recorded\": {\"run\": \"r2\", \"artifacts\": [{\"path\": \"notes.txt\", "
        "\"digests\": [\"" SHA("77") "\"]}]}}");
    ask(SHA("77"));
    assert_int_equal(impact.n_reached, 1);
    expect("churn/1", ML_IMPACT_AFFECTED, ML_EDGE_RECORDED);
    assert_true(ml_is_environment_file("conda.yaml"));
    assert_false(ml_is_environment_file("my-requirements.txt"));
}

static void stages_and_deployments_are_intervals(void **state)
{
    (void)state;
    add_ways();
    uint64_t first = ADD("{\"stage_transitioned\": {\"model\": \"churn\", \"version\": 1, "
                         "\"to_stage\": \"Production\"}}");
    uint64_t served = ADD("{\"deployment_recorded\": {\"endpoint\": \"scoring\", \"environment\": "
                          "\"prod\", \"targets\": [{\"model\": \"churn\", \"version\": 1, "
                          "\"share_ppm\": 1000000}]}}");
    ADD("{\"deployment_recorded\": {\"endpoint\": \"scoring\", \"environment\": \"test\", "
        "\"targets\": [{\"model\": \"churn\", \"version\": 2, \"share_ppm\": 1000000}]}}");
    uint64_t replaced = ADD("{\"deployment_recorded\": {\"endpoint\": \"scoring\", "
                            "\"environment\": \"prod\", \"targets\": []}}");
    uint64_t gone = ADD("{\"version_deleted\": {\"model\": \"churn\", \"version\": 1}}");
    ask("dataset:raw");
    const struct ml_impact_version *version = reached("churn/1");
    assert_non_null(version);
    assert_int_equal(version->past.n_intervals, 2);
    assert_int_equal(version->past.intervals[1].from_seq, first);
    assert_int_equal(version->past.intervals[1].to_seq, gone);
    assert_int_equal(version->n_deployed, 1);
    assert_int_equal(version->deployed[0].from_seq, served);
    assert_int_equal(version->deployed[0].to_seq, replaced);
    assert_string_equal(version->deployed[0].environment, "prod");
    assert_int_equal(ask_of("dataset:raw", served), 0);
    version = reached("churn/1");
    assert_int_equal(version->deployed[0].to_seq, MLEDGER_NO_SEQ);
    assert_int_equal(version->past.intervals[1].to_seq, MLEDGER_NO_SEQ);
}

/* The one that was trusted last is the first to go back to; what was deleted is none. */
static void the_best_to_go_back_to_is_first(void **state)
{
    (void)state;
    add_ways();
    ask("dataset:raw");
    assert_string_equal(impact.unaffected[0].name, "churn/7");
    assert_string_equal(impact.unaffected[1].name, "churn/2");
    uint64_t in = ADD("{\"stage_transitioned\": {\"model\": \"churn\", \"version\": 2, "
                      "\"to_stage\": \"Production\"}}");
    ask("dataset:raw");
    assert_string_equal(impact.unaffected[0].name, "churn/2");
    assert_int_equal(impact.unaffected[0].trusted_seq, in);
    assert_int_equal(impact.unaffected[0].production->from_seq, in);
    stop_asking();
    ADD("{\"version_deleted\": {\"model\": \"churn\", \"version\": 2}}");
    ask("dataset:raw");
    assert_int_equal(impact.n_unaffected, 1);
    assert_string_equal(impact.unaffected[0].name, "churn/7");
}

/* Approved counts as long as nobody takes it back. */
static void an_approval_counts_until_it_is_withdrawn(void **state)
{
    (void)state;
    uint64_t seq[2];
    add_ways();
    fixture_add_bob(&fixture);
    static const char *const decisions[] = {"granted", "withdrawn"};
    for (size_t i = 0; i < ML_COUNT(decisions); i++) {
        char line[256];
        stop_asking();
        snprintf(line, sizeof line,
                 "{\"approval_recorded\": {\"model\": \"churn\", \"version\": 2, \"stage\": "
                 "\"Production\", \"decision\": \"%s\"}}",
                 decisions[i]);
        struct ml_draft *draft = fixture_draft(line);
        fixture_state(&fixture, draft, BOB,
                      i == 0 ? MLEDGER__MEANING__APPROVED : MLEDGER__MEANING__REVIEWED);
        assert_int_equal(fixture_append_draft(&fixture, ALICE, draft, &seq[i]), 0);
        ask("dataset:raw");
        const struct ml_impact_version *version =
            &impact.unaffected[strcmp(impact.unaffected[0].name, "churn/2") != 0];
        assert_string_equal(version->name, "churn/2");
        assert_int_equal(version->approved_seq, i == 0 ? seq[0] : MLEDGER_NO_SEQ);
        stop_asking();
    }
}

/* Content that a version without a run, or a run that never ended, read is reached all the same. */
static void records_of_a_key_are_starts(void **state)
{
    (void)state;
    add_ways();
    uint64_t transition = ADD("{\"stage_transitioned\": {\"model\": \"churn\", \"version\": 7, "
                              "\"to_stage\": \"Staging\"}}");
    uint64_t down = ADD("{\"deployment_recorded\": {\"endpoint\": \"scoring\", \"targets\": []}}");
    uint64_t model = ADD("{\"model_created\": {\"name\": \"other\"}}");
    stop_asking();
    assert_int_equal(ml_view_begin(fixture.ledger, &view), 0);
    ml_reader_init(&reader, &view, view.head.size - 1);
    const uint64_t records[] = {transition, down, model};
    const struct ml_impact_question question = {
        .starts = {.records = records, .n_records = ML_COUNT(records)}};
    assert_int_equal(ml_impact(&reader, &question, &basis, &impact), 0);
    assert_int_equal(impact.n_reached, 1);
    expect("churn/7", ML_IMPACT_AFFECTED, ML_EDGE_RECORDED);
    assert_int_equal(impact.n_records, 3);
    ml_basis_settle(&basis);
    size_t found = 0;
    for (size_t i = 0; i < basis.n_seqs; i++)
        for (size_t k = 0; k < ML_COUNT(records); k++)
            found += basis.seqs[i] == records[k];
    assert_int_equal(found, ML_COUNT(records));
}

static void what_nobody_read_reaches_nothing(void **state)
{
    (void)state;
    add_ways();
    ADD("{\"dataset_recorded\": {\"name\": \"unused\", \"digests\": [\"" SHA("99") "\"]}}");
    ask("dataset:unused");
    assert_int_equal(impact.n_reached, 0);
    assert_int_equal(impact.n_unaffected, 0);
    assert_int_equal(ask_of(SHA("98"), MLEDGER_NO_SEQ), MLEDGER_ENOTFOUND);
    assert_int_equal(ask_of("dataset:raw", 0), MLEDGER_ENOTFOUND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_way_has_its_verdict),
        TEST(a_way_is_told_step_by_step),
        TEST(code_and_runs_spread_to_all_they_made),
        TEST(packages_reach_what_ran_with_them),
        TEST(stages_and_deployments_are_intervals),
        TEST(the_best_to_go_back_to_is_first),
        TEST(an_approval_counts_until_it_is_withdrawn),
        TEST(records_of_a_key_are_starts),
        TEST(what_nobody_read_reaches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
