/* SPDX-License-Identifier: Apache-2.0 */
/* What versions are made of, and what they differ in. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/query/difference.h"
#include "ledger/query/graph_merge.h"
#include "tests/unit/asking.h"
#include "tests/unit/lineage_story.h"

static struct asking asking;
static struct ml_difference difference;

static void stop_asking(void)
{
    ml_difference_release(&difference);
    asking_end(&asking);
}

static int set_up(void **state)
{
    (void)state;
    fixture_init(&asking.fixture);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stop_asking();
    fixture_release(&asking.fixture);
    return 0;
}

static int ask(const char *before, const char *after)
{
    struct ml_target from, to;
    stop_asking();
    asking_begin(&asking);
    asking_resolve(&asking, before, &from);
    asking_resolve(&asking, after, &to);
    return ml_difference_read(&asking.reader, &from, &to, &asking.basis, &difference);
}

static const struct ml_difference_line *line(enum ml_fact_kind kind, const char *key)
{
    for (size_t i = 0; i < difference.count; i++)
        if (difference.lines[i].kind == kind && strcmp(difference.lines[i].key, key) == 0)
            return &difference.lines[i];
    return NULL;
}

static void expect(enum ml_fact_kind kind, const char *key, enum ml_difference_change change,
                   const char *before, const char *after)
{
    const struct ml_difference_line *found = line(kind, key);
    if (!found)
        fail_msg("no line %s %s", ml_fact_kind_name(kind), key);
    if (found->change != change)
        fail_msg("%s: %s", key, ml_difference_change_name(found->change));
    assert_int_equal(found->before != NULL, before != NULL);
    assert_int_equal(found->after != NULL, after != NULL);
    if (before)
        assert_string_equal(found->before->value, before);
    if (after)
        assert_string_equal(found->after->value, after);
}

#define ADD(text) fixture_add(&asking.fixture, text)

/* A run and the version that came from it: the training data, the third parameter, and the values.
 */
static void add_version(const char *run, const char *commit, const char *data, const char *param,
                        const char *values, const char *auc, int day)
{
    char line[2048];
    snprintf(line, sizeof line, "{\"run_started\": {\"run_id\": \"%s\", \"commit\": \"%s\"}}", run,
             commit);
    ADD(line);
    snprintf(line, sizeof line,
             "{\"run_logged\": {\"run\": \"%s\", \"params\": [\"lr\", \"depth\", \"%s\"], "
             "\"metrics\": [{\"key\": \"auc\", \"step\": 1, "
             "\"time\": \"2026-01-0%dT00:00:00Z\"}], "
             "\"inputs\": [{\"name\": \"train\", \"role\": \"training\", "
             "\"digests\": [\"%s\"]}, "
             "{\"name\": \"test\", \"role\": \"test\", \"digests\": [\"%s\"]}, "
             "{\"name\": \"extra\"}], "
             "\"outputs\": [{\"path\": \"conda.yaml\", \"digests\": [\"%s\"]}]}, "
             "\"details\": {\"param_values\": [%s], \"metric_values\": [\"%s\"]}}",
             run, param, day, data, SHA("22"), SHA("77"), values, auc);
    ADD(line);
    snprintf(line, sizeof line,
             "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"%s\"}}", run);
    ADD(line);
}

static void add_versions(void)
{
    ADD("{\"model_created\": {\"name\": \"churn\"}}");
    add_version("r1", GIT("c1"), SHA("11"), "old", "\"0.10\", \"6\", \"x\"", "0.90", 1);
    add_version("r2", GIT("c2"), SHA("12"), "new", "\"0.1\", \"6\", \"y\"", "0.91", 2);
    ADD("{\"validation_recorded\": {\"model\": \"churn\", \"version\": 2, \"name\": \"holdout\", "
        "\"outcome\": \"passed\", \"checks\": [{\"name\": \"auc\", \"outcome\": \"passed\"}]}, "
        "\"details\": {\"check_values\": [\"0.91\"]}}");
}

static void each_kind_of_fact_is_compared(void **state)
{
    (void)state;
    add_versions();
    assert_int_equal(ask("churn/1", "churn/2"), 0);
    assert_string_equal(difference.before.name, "churn/1");
    expect(ML_FACT_DATA, "dataset train", ML_CHANGED, SHA("11"), SHA("12"));
    expect(ML_FACT_DATA, "dataset test", ML_SAME, SHA("22"), SHA("22"));
    assert_int_equal(line(ML_FACT_DATA, "dataset extra")->change, ML_UNTOLD);
    expect(ML_FACT_CODE, "run", ML_CHANGED, HEX20("c1"), HEX20("c2"));
    expect(ML_FACT_PARAM, "depth", ML_SAME, "6", "6");
    expect(ML_FACT_PARAM, "lr", ML_CHANGED, "0.10", "0.1"); /* as they were written */
    expect(ML_FACT_PARAM, "old", ML_REMOVED, "x", NULL);
    expect(ML_FACT_PARAM, "new", ML_ADDED, NULL, "y");
    expect(ML_FACT_METRIC, "auc", ML_CHANGED, "0.90", "0.91");
    expect(ML_FACT_METRIC, "validation holdout: auc", ML_ADDED, NULL, "0.91 (passed)");
    expect(ML_FACT_ENVIRONMENT, "conda.yaml", ML_SAME, SHA("77"), SHA("77"));
    expect(ML_FACT_DECISION, "validation holdout by alice", ML_ADDED, NULL, "passed");
    const struct ml_fact *metric = line(ML_FACT_METRIC, "auc")->after;
    assert_string_equal(metric->on, "test sha256:222222222222");
    assert_int_equal(metric->n_digests, 1);
    /* Each names its records, and all of them are in the asking.basis. */
    ml_basis_settle(&asking.basis);
    for (size_t i = 0; i < difference.count; i++) {
        const struct ml_fact *fact = difference.lines[i].after;
        bool found = !fact;
        for (size_t k = 0; fact && k < asking.basis.n_seqs; k++)
            found |= asking.basis.seqs[k] == fact->seqs[0];
        assert_true(found);
    }
}

static void runs_are_compared_too(void **state)
{
    (void)state;
    add_versions();
    assert_int_equal(ask("runs:/r1", "runs:/r2"), 0);
    expect(ML_FACT_PARAM, "old", ML_REMOVED, "x", NULL);
    expect(ML_FACT_CODE, "run", ML_CHANGED, HEX20("c1"), HEX20("c2"));
    struct ml_target nothing = {.kind = ML_TARGET_MODEL};
    struct ml_difference other;
    assert_int_equal(ml_difference_read(&asking.reader, &nothing, &nothing, &asking.basis, &other),
                     MLEDGER_EUSAGE);
    ml_difference_release(&other);
}

static void the_order_can_be_turned_round(void **state)
{
    (void)state;
    add_versions();
    assert_int_equal(ask("churn/2", "churn/1"), 0);
    expect(ML_FACT_PARAM, "new", ML_REMOVED, "y", NULL);
    expect(ML_FACT_PARAM, "old", ML_ADDED, NULL, "x");
    json_t *json;
    assert_int_equal(ml_difference_to_json(&difference, &json), 0);
    assert_int_equal(json_array_size(json_object_get(json, "lines")), difference.count);
    assert_string_equal(json_string_value(json_object_get(json, "after")), "churn/1");
    json_decref(json);
}

/* A version without a run is made of nothing that is known; erased values are not known. */
static void what_is_not_known_is_not_invented(void **state)
{
    (void)state;
    add_versions();
    ADD("{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"ghost\"}}");
    assert_int_equal(ask("churn/2", "churn/3"), 0);
    for (size_t i = 0; i < difference.count; i++)
        assert_int_equal(difference.lines[i].change, ML_REMOVED);
    bool said = false;
    for (size_t i = 0; i < asking.basis.n_unknown; i++)
        said |= strstr(asking.basis.unknown[i], "run 'ghost' was never recorded") != NULL;
    assert_true(said);
}

static void lineages_are_laid_over_each_other(void **state)
{
    (void)state;
    add_versions();
    assert_int_equal(ask("churn/1", "churn/2"), 0);
    struct ml_merged merged;
    size_t counts[4] = {0};
    assert_int_equal(ml_graph_merge(difference.before.graph, difference.after.graph, &merged), 0);
    for (size_t i = 0; i < merged.graph->n_nodes; i++) {
        counts[merged.nodes[i]]++;
        assert_int_equal(merged.tooltips[i] != NULL, merged.nodes[i] == ML_MERGED_CHANGED);
        if (strcmp(merged.graph->nodes[i].id, "run:r2") == 0)
            assert_string_equal(merged.tooltips[i], "run:r1 \xe2\x86\x92 run:r2");
    }
    assert_null(ml_graph_find(merged.graph, "run:r1"));
    assert_true(counts[ML_MERGED_SAME] > 0);
    assert_int_equal(counts[ML_MERGED_REMOVED], 0);
    assert_int_equal(counts[ML_MERGED_ADDED], 1); /* the validation */
    for (size_t i = 0; i < merged.graph->n_edges; i++) {
        assert_true(merged.graph->edges[i].from < merged.graph->n_nodes);
        assert_true(merged.graph->edges[i].to < merged.graph->n_nodes);
        assert_true(merged.graph->edges[i].n_seqs > 0);
    }
    ml_merged_release(&merged);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_kind_of_fact_is_compared),     TEST(runs_are_compared_too),
        TEST(the_order_can_be_turned_round),     TEST(what_is_not_known_is_not_invented),
        TEST(lineages_are_laid_over_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
