/* SPDX-License-Identifier: Apache-2.0 */
/* Lineage as a graph: every node and edge with the records behind it, limits, damage, JSON. */
#include "tests/unit/cmocka_all.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/core/json.h"
#include "ledger/query/graph_json.h"
#include "ledger/query/lineage.h"
#include "tests/unit/lineage_story.h"

static struct ml_graph *ask(struct fixture *fixture, const char *reference,
                            const struct ml_lineage_options *options)
{
    struct ml_view view;
    struct ml_graph *graph = NULL;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    int result = ml_lineage(&view, reference, options, &graph);
    ml_view_end(&view);
    if (result < 0)
        fail_msg("%s: %s", reference, mledger_error_text());
    return graph;
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture);
    story_add(&fixture);
    *state = &fixture;
    return 0;
}

static struct ml_lineage_options down(void)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    options.up = false;
    options.down = true;
    return options;
}

/* "from -role/kind-> to #seq #seq" of each edge, in order. */
static void edge_line(const struct ml_graph *graph, size_t i, char *line, size_t size)
{
    const struct ml_edge *edge = &graph->edges[i];
    int len = snprintf(line, size, "%s -%s/%s-> %s", graph->nodes[edge->from].id,
                       ml_edge_role_name(edge->role), ml_edge_kind_name(edge->kind),
                       graph->nodes[edge->to].id);
    for (size_t k = 0; k < edge->n_seqs; k++)
        len +=
            snprintf(line + len, size - (size_t)len, " #%llu", (unsigned long long)edge->seqs[k]);
}

static void expect_edges(const struct ml_graph *graph, const char *const *expected, size_t count)
{
    char line[512];
    for (size_t i = 0; i < graph->n_edges && i < count; i++) {
        edge_line(graph, i, line, sizeof line);
        assert_string_equal(line, expected[i]);
    }
    if (graph->n_edges > count) {
        edge_line(graph, count, line, sizeof line);
        fail_msg("not expected: %s", line);
    }
    assert_int_equal(graph->n_edges, count);
}

static bool has_edge(const struct ml_graph *graph, const char *expected)
{
    char line[512];
    for (size_t i = 0; i < graph->n_edges; i++) {
        edge_line(graph, i, line, sizeof line);
        if (strcmp(line, expected) == 0)
            return true;
    }
    return false;
}

static void expect_node(const struct ml_graph *graph, const char *id, uint64_t seq, unsigned flags)
{
    const struct ml_node *node = ml_graph_find(graph, id);
    if (!node)
        fail_msg("no node '%s'", id);
    assert_int_equal(node->seq, seq);
    assert_int_equal(node->flags, flags);
}

static bool is_unknown(const struct ml_graph *graph, const char *sentence)
{
    for (size_t i = 0; i < graph->n_unknown; i++)
        if (strcmp(graph->unknown[i], sentence) == 0)
            return true;
    return false;
}

static const char *attribute(const struct ml_graph *graph, const char *id, const char *name)
{
    const struct ml_node *node = ml_graph_find(graph, id);
    for (size_t i = 0; node && i < node->n_attributes; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return node->attributes[i].value;
    return NULL;
}

/* Every edge is backed, everything is in order, and both texts can be made. */
static void check_graph(const struct ml_graph *graph)
{
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_edge *edge = &graph->edges[i];
        assert_true(edge->n_seqs > 0);
        assert_true(edge->from < graph->n_nodes && edge->to < graph->n_nodes);
        for (size_t k = 0; k < edge->n_seqs; k++) {
            assert_true(edge->seqs[k] <= graph->as_of);
            assert_true(k == 0 || edge->seqs[k - 1] < edge->seqs[k]);
        }
        assert_true(i == 0 || graph->edges[i - 1].seqs[0] <= edge->seqs[0]);
        assert_true((edge->kind == ML_EDGE_INFERRED) == (edge->role == ML_ROLE_INFERRED));
    }
    for (size_t i = 1; i < graph->n_nodes; i++)
        assert_true(graph->nodes[i - 1].seq <= graph->nodes[i].seq);
}

static struct ml_graph *ask_checked(struct fixture *fixture, const char *reference,
                                    const struct ml_lineage_options *options)
{
    struct ml_graph *graph = ask(fixture, reference, options);
    check_graph(graph);
    return graph;
}

static void up_from_a_version_to_the_source(void **state)
{
    static const char *const expected[] = {
        "actor:alice -associated/recorded-> dataset:raw@sha256:111111111111 #3",
        "dataset:raw@sha256:111111111111 -same_content/same_content-> file:" MD5("aa") " #3 #4",
        "file:" MD5("aa") " -used/recorded-> stage:prepare@4 #4",
        "file:" MD5("bb") " -used/recorded-> stage:train@4 #4",
        "file:" MD5("bb") " -same_content/same_content-> dataset:train-set@md5:bbbbbbbbbbbb #4 #7",
        "params:4:train -parameters/recorded-> stage:train@4 #4",
        "stage:prepare@4 -generated/recorded-> file:" MD5("bb") " #4",
        "stage:train@4 -inferred/inferred-> run:r1 #4 #6",
        "commit:" HEX20("c1") " -code/recorded-> stage:prepare@4 #4",
        "commit:" HEX20("c1") " -code/recorded-> stage:train@4 #4",
        "actor:alice -associated/recorded-> run:r1 #6",
        "commit:" HEX20("c1") " -code/recorded-> run:r1 #6",
        "dataset:train-set@md5:bbbbbbbbbbbb -trained_on/recorded-> run:r1 #7",
        "params:7 -parameters/recorded-> run:r1 #7",
        "actor:alice -associated/recorded-> version:churn/1 #10",
        "run:r1 -registered_from/recorded-> version:churn/1 #10",
        "actor:alice -associated/recorded-> validation:11 #11",
        "version:churn/1 -validated_by/recorded-> validation:11 #11",
        "actor:bob -associated/recorded-> approval:12 #12",
        "version:churn/1 -approved_by/recorded-> approval:12 #12",
        "actor:alice -associated/recorded-> transition:13 #13",
        "version:churn/1 -transitioned_by/recorded-> transition:13 #13",
        "actor:alice -associated/recorded-> deployment:15 #15",
        "version:churn/1 -deployed/recorded-> deployment:15 #15",
    };
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *graph = ask_checked(*state, "models:/churn/1", &options);
    expect_edges(graph, expected, ML_COUNT(expected));
    expect_node(graph, "version:churn/1", STORY_VERSION, ML_NODE_START);
    expect_node(graph, "run:r1", STORY_RUN, 0);
    expect_node(graph, "dataset:raw@sha256:111111111111", STORY_DATASET, 0);
    assert_string_equal(attribute(graph, "version:churn/1", "stage"), "Production");
    assert_null(attribute(graph, "version:churn/1", "alias")); /* moved on to churn/2 */
    assert_string_equal(attribute(graph, "validation:11", "auc"), "0.91 (passed)");
    assert_string_equal(attribute(graph, "transition:13", "reason"), "better");
    assert_string_equal(attribute(graph, "params:7", "lr"), "0.1");
    assert_string_equal(attribute(graph, "params:4:train", "params.yaml:train.lr"), "0.10");
    assert_string_equal(ml_graph_find(graph, "dataset:train-set@md5:bbbbbbbbbbbb")->label,
                        "train-set md5:bbbbbbbbbbbb");
    assert_int_equal(graph->n_unknown, 0);
    for (size_t i = 0; i < graph->n_edges; i++)
        if (graph->edges[i].kind == ML_EDGE_INFERRED)
            assert_string_equal(graph->edges[i].grounds,
                                "at the run's commit c1c1c1c1c1c1; parameters equal 3 of 4");
    ml_graph_free(graph);
}

static void down_from_poisoned_content(void **state)
{
    struct ml_lineage_options options = down();
    struct ml_graph *graph = ask_checked(*state, MD5("aa"), &options);
    expect_node(graph, "file:" MD5("aa"), STORY_DATASET, ML_NODE_START);
    assert_true(has_edge(graph, "file:" MD5("aa") " -used/recorded-> stage:prepare@4 #4"));
    assert_true(has_edge(graph, "stage:prepare@4 -generated/recorded-> file:" MD5("bb") " #4"));
    assert_true(has_edge(graph, "stage:train@4 -inferred/inferred-> run:r1 #4 #6"));
    assert_true(
        has_edge(graph, "dataset:train-set@md5:bbbbbbbbbbbb -trained_on/recorded-> run:r1 #7"));
    assert_true(has_edge(graph, "run:r1 -registered_from/recorded-> version:churn/1 #10"));
    assert_true(has_edge(graph, "version:churn/1 -used/recorded-> run:r2 #17"));
    assert_true(has_edge(graph, "version:churn/1 -derived_from/recorded-> version:churn/2 #18"));
    assert_true(has_edge(graph, "version:churn/1 -deployed/recorded-> deployment:15 #15"));
    assert_null(ml_graph_find(graph, "version:churn/3"));
    assert_int_equal(graph->n_unknown, 0); /* what is behind was not asked */
    ml_graph_free(graph);
}

static void down_from_a_dataset_a_commit_and_a_run(void **state)
{
    struct ml_lineage_options options = down();
    const char *const starts[] = {"dataset:raw",        "git:c1c1c1c",          "runs:/r1",
                                  "pipeline:churn-dvc", "experiment:churn-exp", "#7"};
    for (size_t i = 0; i < ML_COUNT(starts); i++) {
        struct ml_graph *graph = ask_checked(*state, starts[i], &options);
        assert_non_null(ml_graph_find(graph, "version:churn/1"));
        assert_non_null(ml_graph_find(graph, "version:churn/2"));
        assert_non_null(ml_graph_find(graph, "deployment:15"));
        ml_graph_free(graph);
    }
}

static void only_recorded_edges_without_content_and_inference(void **state)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    options.same_content = options.inferred = false;
    struct ml_graph *graph = ask_checked(*state, "churn/1", &options);
    for (size_t i = 0; i < graph->n_edges; i++)
        assert_int_equal(graph->edges[i].kind, ML_EDGE_RECORDED);
    assert_null(ml_graph_find(graph, "stage:train@4"));
    assert_null(ml_graph_find(graph, "stage:prepare@4"));
    assert_non_null(ml_graph_find(graph, "approval:12"));
    assert_non_null(ml_graph_find(graph, "actor:bob"));
    assert_non_null(ml_graph_find(graph, "params:7"));
    assert_null(ml_graph_find(graph, "dataset:raw@sha256:111111111111"));
    ml_graph_free(graph);

    options = down();
    options.same_content = options.inferred = false;
    graph = ask_checked(*state, "dataset:raw", &options);
    assert_int_equal(graph->n_edges, 1); /* its author */
    ml_graph_free(graph);
}

static void the_past_does_not_know_the_future(void **state)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    options.as_of = STORY_VALIDATION;
    struct ml_graph *graph = ask_checked(*state, "churn/1", &options);
    assert_int_equal(graph->as_of, STORY_VALIDATION);
    assert_non_null(ml_graph_find(graph, "validation:11"));
    assert_null(ml_graph_find(graph, "approval:12"));
    assert_string_equal(attribute(graph, "version:churn/1", "stage"), "None");
    ml_graph_free(graph);
    options.as_of = STORY_ALIAS;
    graph = ask_checked(*state, "churn@champion", &options);
    expect_node(graph, "version:churn/1", STORY_VERSION, ML_NODE_START);
    assert_string_equal(attribute(graph, "version:churn/1", "alias"), "champion");
    ml_graph_free(graph);
    options.as_of = MLEDGER_NO_SEQ;
    graph = ask_checked(*state, "churn@champion", &options);
    expect_node(graph, "version:churn/2", STORY_DERIVED, ML_NODE_START);
    ml_graph_free(graph);
}

static void an_unseen_run_joins_when_it_is_recorded(void **state)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *graph = ask_checked(*state, "churn/3", &options);
    expect_node(graph, "run:ghost", STORY_UNSEEN, ML_NODE_UNSEEN | ML_NODE_MISSING);
    assert_true(is_unknown(graph, "run 'ghost' was never recorded: only its id is known"));
    ml_graph_free(graph);
    struct ml_lineage_options after = down();
    graph = ask_checked(*state, "runs:/ghost", &after);
    assert_true(has_edge(graph, "run:ghost -registered_from/recorded-> version:churn/3 #19"));
    ml_graph_free(graph);

    fixture_add(*state,
                "{\"run_started\": {\"run_id\": \"ghost\", \"commit\": \"" GIT("d2") "\"}}");
    graph = ask_checked(*state, "churn/3", &options);
    expect_node(graph, "run:ghost", STORY_SIZE, ML_NODE_MISSING);
    assert_true(has_edge(graph, "run:ghost -registered_from/recorded-> version:churn/3 #19"));
    assert_true(is_unknown(graph, "no dataset is recorded for run ghost"));
    assert_false(is_unknown(graph, "no code commit is recorded for run ghost"));
    ml_graph_free(graph);
    graph = ask_checked(*state, "ghost", &after);
    assert_true(has_edge(graph, "run:ghost -registered_from/recorded-> version:churn/3 #19"));
    ml_graph_free(graph);
    options.as_of = STORY_MOVED;
    graph = ask_checked(*state, "churn/3", &options);
    expect_node(graph, "run:ghost", STORY_UNSEEN, ML_NODE_UNSEEN | ML_NODE_MISSING);
    ml_graph_free(graph);
}

/* The bytes of record `seq` without its details, as erasure leaves them. */
static void erase(struct fixture *fixture, uint64_t seq)
{
    char line[128];
    snprintf(line, sizeof line, "{\"details_erased\": {\"record_ref\": %" PRIu64 "}}", seq);
    fixture_add(fixture, line);
    struct ml_view view;
    struct ml_record record;
    struct ml_buf bytes = {0};
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, 1 << 20);
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    assert_int_equal(ml_view_record(&view, seq, &arena, &record), 0);
    Mledger__SignedRecord stored = *record.stored;
    Mledger__Salts salts = *record.stored->salts;
    salts.has_details = stored.has_details = false;
    stored.salts = &salts;
    stored.has_details_hash = true;
    stored.details_hash = (ProtobufCBinaryData){ML_HASH_SIZE, record.details_hash};
    assert_int_equal(ml_codec_pack(&stored.base, &bytes), 0);
    ml_view_end(&view);
    struct ml_key_u64 key = ml_key_u64(seq);
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes),
                ml_buf_span(&bytes));
    ml_buf_release(&bytes);
}

static void erased_details_are_shown(void **state)
{
    erase(*state, STORY_LOGGED);
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *graph = ask_checked(*state, "churn/1", &options);
    expect_node(graph, "params:7", STORY_LOGGED, ML_NODE_ERASED);
    assert_int_equal(ml_graph_find(graph, "params:7")->erased_by, STORY_SIZE);
    assert_string_equal(attribute(graph, "params:7", "lr"), "(not known)");
    assert_true(
        has_edge(graph, "dataset:train-set@md5:bbbbbbbbbbbb -trained_on/recorded-> run:r1 #7"));
    assert_null(ml_graph_find(graph, "stage:train@4")); /* nothing to infer it from */
    ml_graph_free(graph);
}

static void limits_are_said_and_no_error(void **state)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    options.depth = 1;
    struct ml_graph *graph = ask_checked(*state, "churn/1", &options);
    expect_node(graph, "run:r1", STORY_RUN, ML_NODE_CUT);
    assert_null(ml_graph_find(graph, "params:7"));
    assert_true(
        is_unknown(graph, "the depth of 1 ended at 1 node; what is behind it is not shown"));
    ml_graph_free(graph);
    options.depth = 0;
    options.max_nodes = 5;
    graph = ask_checked(*state, "churn/1", &options);
    assert_int_equal(graph->n_nodes, 5);
    assert_true(is_unknown(graph, "there are more than 5 nodes; the rest is not shown"));
    ml_graph_free(graph);
}

static void a_confirmed_link_takes_the_place_of_inference(void **state)
{
    uint64_t seq = fixture_add(*state, "{\"link_confirmed\": {\"run\": \"r1\", \"record_ref\": 4, "
                                       "\"stage\": \"train\"}}");
    assert_int_equal(seq, STORY_SIZE);
    struct ml_lineage_options options = ml_lineage_defaults();
    options.down = true;
    struct ml_graph *graph = ask_checked(*state, "churn/1", &options);
    assert_true(has_edge(graph, "stage:train@4 -confirmed/confirmed-> run:r1 #21"));
    assert_false(has_edge(graph, "stage:train@4 -inferred/inferred-> run:r1 #4 #6"));
    ml_graph_free(graph);
    options = down();
    graph = ask_checked(*state, "pipeline:churn-dvc", &options);
    assert_true(has_edge(graph, "stage:train@4 -confirmed/confirmed-> run:r1 #21"));
    assert_false(has_edge(graph, "stage:train@4 -inferred/inferred-> run:r1 #4 #6"));
    ml_graph_free(graph);
}

static void a_link_to_a_stage_that_is_not_there_is_said(void **state)
{
    fixture_add(*state, "{\"link_confirmed\": {\"run\": \"r1\", \"record_ref\": 4, \"stage\": "
                        "\"nowhere\"}}");
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *graph = ask_checked(*state, "r1", &options);
    assert_true(is_unknown(
        graph, "record 21 confirms stage 'nowhere' of record 4, which has no such stage"));
    ml_graph_free(graph);
}

/* A later snapshot says the same of prepare and something new of train. */
static void repeated_stages_are_one_node(void **state)
{
    fixture_add(
        *state,
        "{\"pipeline_recorded\": {\"name\": \"churn-dvc\", \"commit\": \"" GIT(
            "c2") "\", \"trained_at\": [\"" GIT("c1") "\"], \"snapshot\": {\"stages\": ["
                                                      "{\"address\": \"prepare\", \"locked\": "
                                                      "true, \"deps\": [{\"path\": "
                                                      "\"raw.csv\", "
                                                      "\"digests\": [\"" MD5(
                                                          "aa") "\"]}], \"outs\": [{\"path\": "
                                                                "\"clean.csv\", \"digests\": "
                                                                "[\"" MD5(
                                                                    "bb") "\"]}]}, "
                                                                          "{\"address\":"
                                                                          " \"train\", "
                                                                          "\"locked\": "
                                                                          "true, "
                                                                          "\"deps\": "
                                                                          "[{\"path\": "
                                                                          "\"clean."
                                                                          "csv\", "
                                                                          "\"producers\""
                                                                          ": [0], "
                                                                          "\"digests\": "
                                                                          "[\"" MD5(
                                                                              "bb") "\"]"
                                                                                    "}],"
                                                                                    " \""
                                                                                    "out"
                                                                                    "s\""
                                                                                    ": "
                                                                                    "[{"
                                                                                    "\"p"
                                                                                    "ath"
                                                                                    "\":"
                                                                                    " \""
                                                                                    "mod"
                                                                                    "el."
                                                                                    "pkl"
                                                                                    "\","
                                                                                    " \""
                                                                                    "dig"
                                                                                    "est"
                                                                                    "s\""
                                                                                    ": "
                                                                                    "["
                                                                                    "\"" MD5(
                                                                                        "dd") "\"]}"
                                                                                              "]}]}"
                                                                                              "}}");
    struct ml_lineage_options options = down();
    struct ml_graph *graph = ask_checked(*state, MD5("aa"), &options);
    assert_true(has_edge(graph, "file:" MD5("aa") " -used/recorded-> stage:prepare@4 #4 #21"));
    assert_null(ml_graph_find(graph, "stage:prepare@21"));
    assert_non_null(ml_graph_find(graph, "stage:train@21"));
    assert_non_null(ml_graph_find(graph, "file:" MD5("dd")));
    ml_graph_free(graph);
}

static void a_large_pipeline_stands_in_an_attachment(void **state)
{
    struct fixture *fixture = *state;
    struct ml_draft *draft = fixture_draft(
        "{\"pipeline_recorded\": {\"name\": \"big\", \"commit\": \"" GIT("e5") "\"}}");
    Mledger__PipelineSnapshot snapshot = MLEDGER__PIPELINE_SNAPSHOT__INIT;
    Mledger__PipelineStage *stage = ml_draft_message(draft, &mledger__pipeline_stage__descriptor);
    Mledger__PipelineFile *out = ml_draft_message(draft, &mledger__pipeline_file__descriptor);
    static const uint8_t value[16] = {0x77};
    Mledger__Digest *digest = ml_draft_digest(draft, MLEDGER__ALGORITHM__MD5, value, sizeof value,
                                              MLEDGER__STANDING__CLAIMED);
    stage->address = ml_draft_text(draft, "train");
    stage->outs = &out;
    stage->n_outs = 1;
    out->path = ml_draft_text(draft, "m");
    out->digests = &digest;
    out->n_digests = 1;
    snapshot.stages = &stage;
    snapshot.n_stages = 1;
    struct ml_buf bytes = {0};
    assert_int_equal(ml_codec_pack(&snapshot.base, &bytes), 0);
    assert_int_equal(
        ml_draft_attach(draft, &bytes, &draft->event->pipeline_recorded->snapshot_attachment), 0);
    uint64_t seq;
    assert_int_equal(fixture_append_draft(fixture, ALICE, draft, &seq), 0);
    fixture_add(fixture, "{\"run_started\": {\"run_id\": \"b1\", \"commit\": \"" GIT("e5") "\"}}");
    fixture_add(fixture, "{\"artifact_recorded\": {\"run\": \"b1\", \"artifacts\": [{\"path\": "
                         "\"m\", \"digests\": [\"md5:77000000000000000000000000000000\"]}]}}");
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *graph = ask_checked(fixture, "b1", &options);
    assert_true(has_edge(graph, "stage:train@21 -inferred/inferred-> run:b1 #21 #22"));
    ml_graph_free(graph);

    static const uint8_t damage[] = {0x12};
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    ml_arena_init(&arena, 1 << 20);
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    assert_int_equal(ml_view_record(&view, seq, &arena, &record), 0);
    uint8_t sha256[32];
    memcpy(sha256, record.event->pipeline_recorded->snapshot_attachment->sha256.data, 32);
    ml_view_end(&view);
    ml_arena_release(&arena);
    fixture_put(fixture, ML_TABLE_ATTACHMENTS, ML_SPAN(sha256, 32), ML_SPAN(damage, 1));
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    assert_int_equal(ml_lineage(&view, "b1", &options, &graph), MLEDGER_EINVALID);
    assert_int_equal(mledger_error_seq(), seq);
    assert_non_null(strstr(mledger_error_text(), "attachment"));
    ml_view_end(&view);
}

static void what_has_no_lineage_is_refused(void **state)
{
    static const struct {
        const char *reference;
        int result;
        const char *text;
    } cases[] = {
        {"actor:bob", MLEDGER_EUSAGE, "an actor has no lineage"},
        {"#2", MLEDGER_EUSAGE, "record 2 is about nothing that has lineage"},
        {"#99", MLEDGER_ENOTFOUND, "there is no record 99; the newest is 20"},
        {"", MLEDGER_EUSAGE, "an empty reference"},
        {SHA("99"), MLEDGER_ENOTFOUND, "no record names the digest '" SHA("99") "'"},
    };
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_view view;
    struct ml_graph *graph = NULL;
    assert_int_equal(ml_view_begin(((struct fixture *)*state)->ledger, &view), 0);
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        assert_int_equal(ml_lineage(&view, cases[i].reference, &options, &graph), cases[i].result);
        assert_string_equal(mledger_error_text(), cases[i].text);
    }
    assert_null(graph);
    ml_view_end(&view);
}

static void json_is_what_its_header_says(void **state)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *graph = ask_checked(*state, "churn/3", &options);
    json_t *json = NULL;
    struct ml_buf text = {0};
    assert_int_equal(ml_graph_to_json(graph, &json), 0);
    assert_int_equal(ml_json_dump(json, 0, &text), 0);
    assert_int_equal(ml_buf_append_char(&text, '\0'), 0);
    assert_string_equal(
        (const char *)text.data,
        "{\"as_of\":20,\"up\":true,\"nodes\":["
        "{\"id\":\"actor:alice\",\"kind\":\"agent\",\"label\":\"alice\",\"seq\":0},"
        "{\"id\":\"run:ghost\",\"kind\":\"run\",\"label\":\"run ghost\",\"seq\":19,"
        "\"flags\":[\"unseen\",\"missing\"]},"
        "{\"id\":\"version:churn/3\",\"kind\":\"version\",\"label\":\"churn/3\",\"seq\":19,"
        "\"flags\":[\"start\"],\"attributes\":[{\"name\":\"stage\",\"value\":\"None\"}]}],"
        "\"edges\":["
        "{\"from\":\"actor:alice\",\"to\":\"version:churn/3\",\"role\":\"associated\",\"kind\":"
        "\"recorded\",\"seqs\":[19]},"
        "{\"from\":\"run:ghost\",\"to\":\"version:churn/3\",\"role\":\"registered_from\","
        "\"kind\":\"recorded\",\"seqs\":[19]}],"
        "\"unknown\":[\"run 'ghost' was never recorded: only its id is known\"]}");
    json_decref(json);
    ml_buf_release(&text);
    ml_graph_free(graph);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(up_from_a_version_to_the_source),
        TEST(down_from_poisoned_content),
        TEST(down_from_a_dataset_a_commit_and_a_run),
        TEST(only_recorded_edges_without_content_and_inference),
        TEST(the_past_does_not_know_the_future),
        TEST(an_unseen_run_joins_when_it_is_recorded),
        TEST(erased_details_are_shown),
        TEST(limits_are_said_and_no_error),
        TEST(a_confirmed_link_takes_the_place_of_inference),
        TEST(a_link_to_a_stage_that_is_not_there_is_said),
        TEST(repeated_stages_are_one_node),
        TEST(a_large_pipeline_stands_in_an_attachment),
        TEST(what_has_no_lineage_is_refused),
        TEST(json_is_what_its_header_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
