/* SPDX-License-Identifier: Apache-2.0 */
/* Logged models in lineage, and as what references name. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/query/lineage.h"
#include "ledger/query/reference.h"
#include "tests/unit/ledger_fixture.h"

#define SHA(byte)                                                                                  \
    "sha256:" byte byte byte byte byte byte byte byte byte byte byte byte byte byte byte byte byte \
        byte byte byte byte byte byte byte byte byte byte byte byte byte byte byte

/* A run that read data and made m-1, from which churn/1 was registered; an evaluation that read
 * m-1; m-2, of which only the id of its run is known; copied/1, that holds a file of m-2. */
static const char *const story[] = {
    "{\"run_started\": {\"run_id\": \"r1\"}}",
    "{\"run_logged\": {\"run\": \"r1\", \"inputs\": [{\"name\": \"raw\", \"role\": \"training\", "
    "\"digests\": [\"" SHA("11") "\"]}]}}",
    "{\"logged_model_created\": {\"model_id\": \"m-1\", \"name\": \"clf\", \"run\": \"r1\"}}",
    "{\"run_logged\": {\"run\": \"r1\", \"models\": [{\"logged_model\": \"m-1\", \"step\": 2}]}}",
    "{\"model_created\": {\"name\": \"churn\"}}",
    "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"r1\", \"logged_model_ref\": "
    "\"m-1\"}}",
    "{\"run_started\": {\"run_id\": \"eval\"}}",
    "{\"run_logged\": {\"run\": \"eval\", \"inputs\": [{\"name\": \"m-1\", \"logged_model_ref\": "
    "\"m-1\"}]}}",
    "{\"logged_model_created\": {\"model_id\": \"m-2\", \"run_id\": \"ghost\"}}",
    "{\"artifact_recorded\": {\"logged_model\": \"m-2\", \"artifacts\": [{\"path\": \"model.pkl\", "
    "\"digests\": [\"" SHA("22") "\"]}]}}",
    "{\"model_created\": {\"name\": \"copied\"}}",
    "{\"version_registered\": {\"model\": \"copied\", \"artifacts\": [{\"path\": \"x\", "
    "\"digests\": [\"" SHA("22") "\"]}]}}",
    "{\"logged_model_created\": {\"model_id\": \"m-3\"}}",
    "{\"logged_model_deleted\": {\"logged_model\": \"m-3\"}}",
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture);
    for (size_t i = 0; i < ML_COUNT(story); i++)
        fixture_add(&fixture, story[i]);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_release(*state);
    return 0;
}

static struct ml_graph *ask(struct fixture *fixture, const char *reference, bool up)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *graph = NULL;
    struct ml_view view;
    options.up = up;
    options.down = !up;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    const int result = ml_lineage(&view, reference, &options, &graph);
    ml_view_end(&view);
    if (result < 0)
        fail_msg("%s: %s", reference, mledger_error_text());
    return graph;
}

/* An edge between things with these ids, asserted by so many records. */
static void expect(const struct ml_graph *graph, const char *from, enum ml_edge_role role,
                   const char *to, size_t n_seqs)
{
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_edge *edge = &graph->edges[i];
        if (edge->role == role && strcmp(graph->nodes[edge->from].id, from) == 0 &&
            strcmp(graph->nodes[edge->to].id, to) == 0 && edge->n_seqs == n_seqs)
            return;
    }
    fail_msg("no edge from %s to %s as %s, by %zu records", from, to, ml_edge_role_name(role),
             n_seqs);
}

static void a_version_leads_to_model_run_and_data(void **state)
{
    struct ml_graph *graph = ask(*state, "churn/1", true);
    expect(graph, "logged_model:m-1", ML_ROLE_DERIVED_FROM, "version:churn/1", 1);
    expect(graph, "run:r1", ML_ROLE_GENERATED, "logged_model:m-1", 2);
    expect(graph, "run:r1", ML_ROLE_REGISTERED_FROM, "version:churn/1", 1);
    expect(graph, "dataset:raw@sha256:111111111111", ML_ROLE_TRAINED_ON, "run:r1", 1);
    ml_graph_free(graph);
}

static void data_leads_to_what_was_made_of_it(void **state)
{
    struct ml_graph *graph = ask(*state, SHA("11"), false);
    expect(graph, "run:r1", ML_ROLE_GENERATED, "logged_model:m-1", 2);
    expect(graph, "logged_model:m-1", ML_ROLE_DERIVED_FROM, "version:churn/1", 1);
    expect(graph, "logged_model:m-1", ML_ROLE_USED, "run:eval", 1);
    ml_graph_free(graph);
}

static void an_evaluation_leads_back_to_the_model(void **state)
{
    struct ml_graph *graph = ask(*state, "runs:/eval", true);
    expect(graph, "logged_model:m-1", ML_ROLE_USED, "run:eval", 1);
    expect(graph, "run:r1", ML_ROLE_GENERATED, "logged_model:m-1", 2);
    /* A model is no data: what it was evaluated on is not recorded. */
    bool is_said = false;
    for (size_t i = 0; i < graph->n_unknown; i++)
        is_said = is_said || strcmp(graph->unknown[i], "no dataset is recorded for run eval") == 0;
    assert_true(is_said);
    ml_graph_free(graph);
}

static void the_same_file_joins_and_an_id_stands_for_its_run(void **state)
{
    struct ml_graph *graph = ask(*state, "copied/1", true);
    expect(graph, "logged_model:m-2", ML_ROLE_SAME_CONTENT, "version:copied/1", 2);
    expect(graph, "run:ghost", ML_ROLE_GENERATED, "logged_model:m-2", 1);
    assert_true(ml_graph_find(graph, "run:ghost")->flags & ML_NODE_UNSEEN);
    ml_graph_free(graph);
    graph = ask(*state, "models:/m-2", false);
    expect(graph, "logged_model:m-2", ML_ROLE_SAME_CONTENT, "version:copied/1", 2);
    ml_graph_free(graph);
    fixture_add(*state, "{\"run_started\": {\"run_id\": \"ghost\"}}");
    graph = ask(*state, "logged_model:m-2", true);
    assert_false(ml_graph_find(graph, "run:ghost")->flags & ML_NODE_UNSEEN);
    ml_graph_free(graph);
}

static void a_model_of_no_run_says_so(void **state)
{
    struct ml_graph *graph = ask(*state, "m-3", true);
    const struct ml_node *node = ml_graph_find(graph, "logged_model:m-3");
    assert_int_equal(node->flags & (ML_NODE_DELETED | ML_NODE_MISSING),
                     ML_NODE_DELETED | ML_NODE_MISSING);
    assert_string_equal(graph->unknown[0], "no run is recorded for logged model m-3");
    ml_graph_free(graph);
}

/* ---- references ---- */

static int resolve(struct fixture *fixture, const char *text, struct ml_target *ret_target)
{
    struct ml_reference_text reference;
    struct ml_reader reader;
    struct ml_view view;
    assert_int_equal(ml_reference_parse(text, &reference), 0);
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    ml_reader_init(&reader, &view, UINT64_MAX);
    const int result = ml_reference_resolve(&reader, &reference, ret_target);
    ml_reader_release(&reader);
    ml_view_end(&view);
    return result;
}

static void references_name_them(void **state)
{
    static const char *const texts[] = {"models:/m-1", "logged_model:m-1", "m-1"};
    struct ml_target target;
    for (size_t i = 0; i < ML_COUNT(texts); i++) {
        assert_int_equal(resolve(*state, texts[i], &target), 0);
        assert_int_equal(target.kind, ML_TARGET_LOGGED_MODEL);
    }
    assert_int_equal(resolve(*state, "models:/m-9", &target), MLEDGER_ENOTFOUND);
    assert_non_null(strstr(mledger_error_text(), "model 'm-9'"));
    assert_int_equal(resolve(*state, "logged_model:m-9", &target), MLEDGER_ENOTFOUND);
    assert_non_null(strstr(mledger_error_text(), "logged model 'm-9'"));
    /* A model of that name comes first where a URI is given, and a word is said to be both. */
    fixture_add(*state, "{\"model_created\": {\"name\": \"m-1\"}}");
    assert_int_equal(resolve(*state, "models:/m-1", &target), 0);
    assert_int_equal(target.kind, ML_TARGET_MODEL);
    assert_int_equal(resolve(*state, "m-1", &target), MLEDGER_EUSAGE);
    assert_non_null(strstr(mledger_error_text(), "models:/m-1, logged_model:m-1"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_version_leads_to_model_run_and_data),
        TEST(data_leads_to_what_was_made_of_it),
        TEST(an_evaluation_leads_back_to_the_model),
        TEST(the_same_file_joins_and_an_id_stands_for_its_run),
        TEST(a_model_of_no_run_says_so),
        TEST(references_name_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
