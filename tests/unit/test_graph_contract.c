/* SPDX-License-Identifier: Apache-2.0 */
/* Lineage of some kinds of things alone, and lineage that stops. */
#include "tests/unit/cmocka_all.h"

#include "ledger/query/graph_contract.h"
#include "ledger/query/lineage.h"
#include "tests/unit/lineage_story.h"

static struct fixture story;

static int set_up(void **state)
{
    (void)state;
    fixture_init(&story);
    story_add(&story);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_release(&story);
    return 0;
}

static struct ml_graph *ask(const char *reference, const struct ml_lineage_options *options)
{
    struct ml_view view;
    struct ml_graph *graph = NULL;
    assert_int_equal(ml_view_begin(story.ledger, &view), 0);
    if (ml_lineage(&view, reference, options, &graph) < 0)
        fail_msg("%s", mledger_error_text());
    ml_view_end(&view);
    return graph;
}

static const struct ml_edge *edge_of(const struct ml_graph *graph, const char *from, const char *to)
{
    for (size_t i = 0; i < graph->n_edges; i++)
        if (strcmp(graph->nodes[graph->edges[i].from].id, from) == 0 &&
            strcmp(graph->nodes[graph->edges[i].to].id, to) == 0)
            return &graph->edges[i];
    return NULL;
}

static bool has_seq(const struct ml_edge *edge, uint64_t seq)
{
    for (size_t i = 0; i < edge->n_seqs; i++)
        if (edge->seqs[i] == seq)
            return true;
    return false;
}

/* From the raw data to version 1 there is a way by content and by inference; every record on it is
 * behind the one line that stands for it. */
static void a_line_stands_for_all_between(void **state)
{
    (void)state;
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *graph = ask("churn/2", &options);
    assert_non_null(ml_graph_find(graph, "run:r1"));
    assert_int_equal(ml_graph_contract(graph, 1U << ML_NODE_VERSION | 1U << ML_NODE_DATASET), 0);
    assert_null(ml_graph_find(graph, "run:r1"));
    assert_non_null(ml_graph_find(graph, "version:churn/1"));
    const struct ml_edge *edge =
        edge_of(graph, "dataset:train-set@md5:bbbbbbbbbbbb", "version:churn/1");
    assert_non_null(edge);
    assert_int_equal(edge->kind, ML_EDGE_RECORDED);
    assert_int_equal(edge->role, ML_ROLE_DERIVED_FROM);
    assert_string_equal(edge->grounds, "through 1 thing not shown");
    assert_int_equal(edge->n_seqs, 2);
    assert_true(has_seq(edge, STORY_LOGGED) && has_seq(edge, STORY_VERSION));
    /* An edge of its own stays beside the way through run r2. */
    size_t between = 0;
    for (size_t i = 0; i < graph->n_edges; i++)
        between += strcmp(graph->nodes[graph->edges[i].from].id, "version:churn/1") == 0 &&
                   strcmp(graph->nodes[graph->edges[i].to].id, "version:churn/2") == 0;
    assert_int_equal(between, 2);
    for (size_t i = 0; i < graph->n_edges; i++)
        assert_true(graph->edges[i].n_seqs > 0 && graph->edges[i].from < graph->n_nodes &&
                    graph->edges[i].to < graph->n_nodes);
    ml_graph_free(graph);
}

/* Who did something joins it to nothing else that they did. */
static void people_join_nothing(void **state)
{
    (void)state;
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *graph = ask("churn/2", &options);
    assert_int_equal(ml_graph_contract(graph, 1U << ML_NODE_APPROVAL), 0);
    for (size_t i = 0; i < graph->n_edges; i++)
        assert_int_not_equal(graph->nodes[graph->edges[i].from].kind, ML_NODE_AGENT);
    ml_graph_free(graph);
}

static void it_stops_where_it_is_told(void **state)
{
    (void)state;
    struct ml_lineage_options options = ml_lineage_defaults();
    options.stop_kinds = 1U << ML_NODE_RUN;
    struct ml_graph *graph = ask("churn/1", &options);
    const struct ml_node *run = ml_graph_find(graph, "run:r1");
    assert_non_null(run);
    assert_true(run->flags & ML_NODE_CUT);
    assert_null(ml_graph_find(graph, "dataset:train-set@md5:bbbbbbbbbbbb"));
    bool said = false;
    for (size_t i = 0; i < graph->n_unknown; i++)
        said |= strstr(graph->unknown[i], "it was to stop at 1 node") != NULL;
    assert_true(said);
    ml_graph_free(graph);
    /* What was asked about is no place to stop. */
    options.stop_kinds = 1U << ML_NODE_VERSION;
    graph = ask("churn/2", &options);
    assert_non_null(ml_graph_find(graph, "version:churn/1"));
    assert_non_null(ml_graph_find(graph, "run:r2"));
    assert_null(ml_graph_find(graph, "run:r1"));
    ml_graph_free(graph);
}

static void it_stops_at_one_thing(void **state)
{
    (void)state;
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *stop = ask("churn/1", &options);
    const struct ml_node *node = ml_graph_find(stop, "version:churn/1");
    options.stops = &node;
    options.n_stops = 1;
    struct ml_graph *graph = ask("churn/2", &options);
    assert_non_null(ml_graph_find(graph, "version:churn/1"));
    assert_null(ml_graph_find(graph, "run:r1"));
    ml_graph_free(graph);
    ml_graph_free(stop);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_line_stands_for_all_between),
        TEST(people_join_nothing),
        TEST(it_stops_where_it_is_told),
        TEST(it_stops_at_one_thing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
