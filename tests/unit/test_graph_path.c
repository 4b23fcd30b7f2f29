/* SPDX-License-Identifier: Apache-2.0 */
/* Paths between two things. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/query/graph_path.h"
#include "tests/unit/asking.h"
#include "tests/unit/lineage_story.h"

static struct asking asking;
static struct ml_paths paths;

static void stop_asking(void)
{
    ml_paths_release(&paths);
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

static int ask(const char *a, const char *b, size_t most, bool same_content)
{
    struct ml_target from, to;
    stop_asking();
    asking_begin(&asking);
    asking_resolve(&asking, a, &from);
    asking_resolve(&asking, b, &to);
    const struct ml_path_question question = {
        .from = &from, .to = &to, .most = most, .same_content = same_content, .inferred = true};
    return ml_paths_find(&asking.reader, &question, &asking.basis, &paths);
}

static const char *first(size_t path)
{
    return paths.graph->nodes[paths.list[path].nodes[0]].id;
}

static const char *last(size_t path)
{
    return paths.graph->nodes[paths.list[path].nodes[paths.list[path].count]].id;
}

/* Each edge joins the nodes beside it, no node comes twice. */
static void expect_sound(void)
{
    for (size_t p = 0; p < paths.count; p++) {
        const struct ml_path *path = &paths.list[p];
        assert_true(p == 0 || path->count >= paths.list[p - 1].count);
        for (size_t i = 0; i < path->count; i++) {
            const struct ml_edge *edge = &paths.graph->edges[path->edges[i]];
            bool along = edge->from == path->nodes[i] && edge->to == path->nodes[i + 1];
            bool back = edge->to == path->nodes[i] && edge->from == path->nodes[i + 1];
            assert_true(along || (back && edge->role == ML_ROLE_SAME_CONTENT));
            for (size_t k = 0; k < i; k++)
                assert_int_not_equal(path->nodes[k], path->nodes[i]);
        }
    }
}

#define ADD(line) fixture_add(&asking.fixture, line)

static void add_run(const char *id, const char *input, const char *version)
{
    char line[1024];
    snprintf(line, sizeof line, "{\"run_started\": {\"run_id\": \"%s\"}}", id);
    ADD(line);
    snprintf(line, sizeof line, "{\"run_logged\": {\"run\": \"%s\", \"inputs\": [%s]}}", id, input);
    ADD(line);
    snprintf(line, sizeof line,
             "{\"version_registered\": {\"model\": \"m\", \"run_id\": \"%s\"%s}}", id, version);
    ADD(line);
}

/* raw → r1 → m/1 → r2 → m/2, m/1 → m/2 by its base, and raw → r2, too. */
static void add_diamond(void)
{
    ADD("{\"dataset_recorded\": {\"name\": \"raw\", \"digests\": [\"" SHA("11") "\"]}}");
    ADD("{\"dataset_recorded\": {\"name\": \"copy\", \"digests\": [\"" SHA("11") "\"]}}");
    ADD("{\"dataset_recorded\": {\"name\": \"alone\", \"digests\": [\"" SHA("22") "\"]}}");
    ADD("{\"model_created\": {\"name\": \"m\"}}");
    add_run("r1", "{\"name\": \"raw\", \"dataset_ref\": \"raw\"}", "");
    add_run("r2",
            "{\"name\": \"m\", \"model_ref\": \"m\", \"version\": 1}, {\"name\": \"raw\", "
            "\"dataset_ref\": \"raw\"}",
            ", \"base_models\": [{\"model_ref\": \"m\", \"version\": 1}]");
}

static void the_shortest_is_found_from_either_end(void **state)
{
    (void)state;
    add_diamond();
    static const char *const ends[][2] = {{"dataset:raw", "m/2"}, {"m/2", "dataset:raw"}};
    for (size_t i = 0; i < ML_COUNT(ends); i++) {
        assert_int_equal(ask(ends[i][0], ends[i][1], 1, true), 0);
        assert_int_equal(paths.count, 1);
        assert_int_equal(paths.list[0].count, 2);
        assert_string_equal(first(0), "dataset:raw@sha256:111111111111");
        assert_string_equal(last(0), "version:m/2");
        assert_int_equal(paths.turned, i == 1);
        expect_sound();
        ml_basis_settle(&asking.basis);
        assert_int_equal(asking.basis.n_seqs, 2);
    }
}

static void all_are_found_the_shortest_first(void **state)
{
    (void)state;
    add_diamond();
    assert_int_equal(ask("dataset:raw", "m/2", 100, false), 0);
    assert_int_equal(paths.count, 3); /* r2; r1 m/1; r1 m/1 r2 */
    assert_int_equal(paths.list[0].count, 2);
    assert_int_equal(paths.list[1].count, 3);
    assert_int_equal(paths.list[2].count, 4);
    assert_false(paths.more);
    expect_sound();
    assert_int_equal(ask("m/2", "dataset:raw", 100, false), 0);
    assert_int_equal(paths.count, 3);
    expect_sound();
    assert_int_equal(ask("dataset:raw", "m/2", 2, false), 0);
    assert_int_equal(paths.count, 2);
    assert_true(paths.more);
}

/* Bytes are the same whatever they are called. */
static void the_same_content_is_the_same_end(void **state)
{
    (void)state;
    add_diamond();
    assert_int_equal(ask("dataset:copy", "m/1", 1, true), 0);
    assert_int_equal(paths.count, 1);
    expect_sound();
    assert_int_equal(ask("m/1", SHA("11"), 1, true), 0);
    assert_int_equal(paths.count, 1);
    assert_int_equal(ask("dataset:raw", "dataset:copy", 1, true), MLEDGER_EUSAGE);
    assert_int_equal(ask("m/1", "m/1", 1, true), MLEDGER_EUSAGE);
}

static void that_there_is_none_is_an_answer(void **state)
{
    (void)state;
    add_diamond();
    assert_int_equal(ask("dataset:alone", "m/2", 10, true), 0);
    assert_int_equal(paths.count, 0);
    assert_int_equal(paths.n_common, 0);
    add_run("r3", "{\"name\": \"raw\", \"dataset_ref\": \"raw\"}", "");
    assert_int_equal(ask("m/1", "m/3", 10, true), 0);
    assert_int_equal(paths.count, 0);
    bool found = false;
    for (size_t i = 0; i < paths.n_common; i++)
        found |=
            strcmp(paths.graph->nodes[paths.common[i]].id, "dataset:raw@sha256:111111111111") == 0;
    assert_true(found);
}

/* Layers of two stages that each feed both of the next: 2^n paths. */
static void a_limit_ends_what_would_never_end(void **state)
{
    (void)state;
    enum { LAYERS = 24 };
    ADD("{\"model_created\": {\"name\": \"m\"}}");
    ADD("{\"dataset_recorded\": {\"name\": \"raw\", \"digests\": [\"" SHA("11") "\"]}}");
    add_run("a", "{\"name\": \"raw\", \"dataset_ref\": \"raw\"}", "");
    add_run("b", "{\"name\": \"raw\", \"dataset_ref\": \"raw\"}", "");
    for (int i = 1; i < LAYERS; i++) {
        char inputs[256], id[16];
        snprintf(inputs, sizeof inputs,
                 "{\"name\": \"x\", \"model_ref\": \"m\", \"version\": %d}, {\"name\": \"y\", "
                 "\"model_ref\": \"m\", \"version\": %d}",
                 2 * i - 1, 2 * i);
        for (int k = 0; k < 2; k++) {
            snprintf(id, sizeof id, "%c%d", 'a' + k, i);
            add_run(id, inputs, "");
        }
    }
    char end[16];
    snprintf(end, sizeof end, "m/%d", 2 * LAYERS);
    assert_int_equal(ask("dataset:raw", end, 500, true), 0);
    assert_int_equal(paths.count, 500);
    assert_true(paths.more);
    assert_int_equal(paths.list[0].count, 2 * LAYERS);
    expect_sound();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_shortest_is_found_from_either_end), TEST(all_are_found_the_shortest_first),
        TEST(the_same_content_is_the_same_end),      TEST(that_there_is_none_is_an_answer),
        TEST(a_limit_ends_what_would_never_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
