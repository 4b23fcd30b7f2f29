/* SPDX-License-Identifier: Apache-2.0 */
/* Where something came from, and what came of it. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/outline.h"
#include "cli/question.h"
#include "cli/remote_question.h"
#include "export/draw_lineage.h"
#include "ledger/query/graph_contract.h"
#include "ledger/query/graph_json.h"
#include "ledger/query/graph_json_read.h"
#include "ledger/query/graph_text.h"
#include "ledger/query/json_parts.h"
#include "ledger/query/lineage.h"

static const char *const formats[] = {"text", "json", "svg", "png", "pdf", "dot", "mermaid", NULL};

/* ---- text ---- */

static enum ml_role role_of(const struct ml_graph_line *line)
{
    if (!line->edge)
        return ML_ROLE_EMPHASIS;
    return line->edge->kind == ML_EDGE_INFERRED ? ML_ROLE_WARN : ML_ROLE_PLAIN;
}

static int print_line(const struct ml_graph_line *line, void *context)
{
    struct ml_outline *outline = context;
    ML_TRY(ml_outline_branch(outline, line->depth, line->last));
    ml_output_bytes(outline->out, role_of(line), line->text, line->len);
    ml_output_newline(outline->out);
    return ml_output_check(outline->out);
}

static int print_text(const struct ml_graph *graph, struct ml_output *out)
{
    ML_CLEANUP(ml_outline_release) struct ml_outline outline;
    ml_outline_init(&outline, out);
    return ml_graph_lines(graph, print_line, &outline);
}

/* ---- the other forms ---- */

static int finish_json(struct ml_question *question, const struct ml_graph *graph)
{
    json_t *json;
    ML_TRY(ml_graph_to_json(graph, &json));
    int result = ml_question_finish_json(question, json);
    json_decref(json);
    return result;
}

static const char *direction(const struct ml_graph *graph)
{
    if (graph->up && graph->down)
        return "all around";
    return graph->down ? "what came of" : "lineage of";
}

static int draw(const struct ml_moment *moment, const struct ml_graph *graph, const char *reference,
                size_t max_nodes, struct ml_answer *answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf query = {0};
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing = {0};
    ML_TRY(ml_buf_printf(&query, "%s %s", direction(graph), reference));
    ML_TRY(ml_buf_append_char(&query, '\0'));
    struct ml_draw_frame frame = ml_moment_frame(moment, (const char *)query.data);
    ML_TRY(ml_draw_lineage(graph, &frame, &drawing));
    return ml_answer_draw(answer, &drawing, max_nodes);
}

/* ---- where to stop, what to show ---- */

/* The words for kinds of nodes. */
#define KINDS                                                                                      \
    "dataset", "file", "source", "commit", "params", "version", "logged-model", "run", "stage",    \
        "validation", "approval", "transition", "deployment", "incident", "agent"
static const char *const kinds[] = {KINDS, NULL};

/* Words of options have a dash where those of JSON have '_'. */
static bool is_same_word(const char *word, const char *name)
{
    while (*word && (*word == '-' ? '_' : *word) == *name) {
        word++;
        name++;
    }
    return !*word && !*name;
}

static bool find_kind(const char *word, unsigned *ret_bit)
{
    for (enum ml_node_kind kind = 0; kind < ML_NODE_KINDS; kind++)
        if (is_same_word(word, ml_node_kind_name(kind))) {
            *ret_bit = 1U << kind;
            return true;
        }
    return false;
}

/* What --stop names, as nodes of graphs of their own. */
struct stops {
    struct ml_graph **graphs;
    const struct ml_node **nodes;
    size_t n_graphs, n_nodes, cap;
};

static void release_stops(struct stops *stops)
{
    for (size_t i = 0; i < stops->n_graphs; i++)
        ml_graph_free(stops->graphs[i]);
    free((void *)stops->graphs);
    free((void *)stops->nodes);
}

static int add_stop(struct ml_question *question, const char *text, struct stops *stops)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *graph;
    options.as_of = question->moment.as_of;
    options.depth = 1;
    ML_TRY(ml_lineage(&question->moment.view, text, &options, &graph));
    stops->graphs[stops->n_graphs++] = graph;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (!(graph->nodes[i].flags & ML_NODE_START))
            continue;
        ML_TRY(ml_grow(&stops->nodes, &stops->cap, stops->n_nodes + 1, sizeof *stops->nodes));
        stops->nodes[stops->n_nodes++] = &graph->nodes[i];
    }
    return MLEDGER_OK;
}

/* A word that is a kind is meant as one. */
static int find_stops(struct ml_question *question, struct stops *stops,
                      struct ml_lineage_options *options)
{
    const struct ml_invocation *invocation = question->session.invocation;
    size_t count = ml_option_count(invocation, "stop");
    stops->graphs = ml_calloc(count + 1, sizeof *stops->graphs);
    if (!stops->graphs)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++) {
        const char *text = ml_option_at(invocation, "stop", i);
        unsigned bit;
        if (find_kind(text, &bit))
            options->stop_kinds |= bit;
        else
            ML_TRY(add_stop(question, text, stops));
    }
    options->stops = stops->nodes;
    options->n_stops = stops->n_nodes;
    return MLEDGER_OK;
}

/* --kind: the kinds to show; 0: all. */
static unsigned wanted_kinds(const struct ml_invocation *invocation)
{
    unsigned all = 0, bit;
    for (size_t i = 0; i < ml_option_count(invocation, "kind"); i++)
        if (find_kind(ml_option_at(invocation, "kind", i), &bit))
            all |= bit;
    return all;
}

/* ---- all of it ---- */

static struct ml_lineage_options options_of(const struct ml_invocation *invocation,
                                            const struct ml_moment *moment, bool picture)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    options.down = ml_option_given(invocation, "down");
    options.up = ml_option_given(invocation, "up") || !options.down;
    options.depth = (uint32_t)ml_option_number(invocation, "depth", 0);
    options.as_of = moment->as_of;
    options.same_content = !ml_option_given(invocation, "no-same-content");
    options.inferred = !ml_option_given(invocation, "no-inferred");
    options.max_nodes = picture ? 0 : (size_t)ml_option_number(invocation, "max-nodes", 0);
    return options;
}

/* ---- of a server ---- */

#define REMOTE_WORDS                                                                               \
    {ML_REMOTE_ARGUMENT, "REF", "ref"}, {ML_REMOTE_FLAG, "up", "up"},                              \
        {ML_REMOTE_FLAG, "down", "down"}, {ML_REMOTE_OPTION, "depth", "depth"},                    \
        {ML_REMOTE_OPTION, "max-nodes", "max_nodes"},                                              \
        {ML_REMOTE_NOT, "no-same-content", "same_content"},                                        \
        {ML_REMOTE_NOT, "no-inferred", "inferred"}, ML_REMOTE_AS_OF,                               \
    {                                                                                              \
        .word = NULL                                                                               \
    }

/* What a server draws, or says as JSON: its word. */
static int ask_remote(struct ml_remote *remote, const struct ml_answer *answer,
                      struct ml_buf *ret_bytes)
{
    static const struct ml_remote_word words[] = {REMOTE_WORDS};
    /* Of text the kinds are chosen here. */
    static const struct ml_remote_word text_words[] = {{ML_REMOTE_IMPLIED, "kind", NULL},
                                                       REMOTE_WORDS};
    struct ml_api_ask ask;
    ml_api_ask(remote->client, &ask, "lineage");
    ml_api_ask_text(&ask, "format", answer->format == ML_ANSWER_SVG ? "svg" : "json");
    const int result =
        ml_remote_ask_words(remote, answer->format == ML_ANSWER_TEXT ? text_words : words, &ask);
    if (result < 0) {
        ml_api_ask_release(&ask);
        return result;
    }
    return ml_api_get(remote->client, &ask, ret_bytes);
}

static int print_as_of(const json_t *json, struct ml_output *out)
{
    const json_t *as_of = json_object_get(json_object_get(json, "basis"), "as_of");
    const char *time;
    uint64_t seq;
    ML_TRY(ml_api_number_in(as_of, "seq", &seq));
    ML_TRY(ml_api_text_in(as_of, "recorded_at", &time));
    ml_output_line(out, ML_ROLE_PLAIN, "as of #%" PRIu64 ", %s", seq, time);
    ml_output_line(out, ML_ROLE_WARN,
                   "so the server says; what a record says is proven by: mledger show");
    return ml_output_check(out);
}

static int print_remote(const struct ml_remote *remote, const struct ml_buf *bytes,
                        struct ml_output *out)
{
    ML_CLEANUP(ml_json_freep) json_t *json = NULL;
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    const unsigned shown = wanted_kinds(remote->session.invocation);
    if (ml_json_parse((const char *)bytes->data, bytes->len, &json) < 0 ||
        ml_graph_from_json(json, &graph) < 0) {
        struct ml_error error;
        ml_error_get(&error);
        return ml_fail(MLEDGER_EDAMAGED, "what the server answers is no lineage: %s", error.text);
    }
    if (shown)
        ML_TRY(ml_graph_contract(graph, shown));
    ML_TRY(print_text(graph, out));
    if (graph->n_unknown)
        ml_output_line(out, ML_ROLE_WARN, "not known:");
    for (size_t i = 0; i < graph->n_unknown; i++)
        ml_output_line(out, ML_ROLE_PLAIN, "  %s", graph->unknown[i]);
    return print_as_of(json, out);
}

static int run_remote(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_remote_release) struct ml_remote remote = {0};
    ML_CLEANUP(ml_answer_release) struct ml_answer answer;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_TRY(ml_answer_open(invocation, formats, out, &answer));
    if (ml_answer_is_picture(&answer) && answer.format != ML_ANSWER_SVG)
        return ml_fail(MLEDGER_EUSAGE, "a server draws SVG alone: -o FILE.svg");
    ML_TRY(ml_remote_open(invocation, out, &remote));
    ML_TRY(ask_remote(&remote, &answer, &bytes));
    if (answer.format == ML_ANSWER_TEXT) {
        ML_TRY(print_remote(&remote, &bytes, answer.out));
        return ml_answer_finish(&answer);
    }
    if (answer.format == ML_ANSWER_JSON)
        ML_TRY(ml_buf_append_char(&bytes, '\n'));
    ml_output_raw(answer.out, bytes.data, bytes.len);
    return ml_answer_finish(&answer);
}

/* ---- of the ledger at hand ---- */

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_question_release) struct ml_question question;
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    ML_CLEANUP(release_stops) struct stops stops = {0};
    const char *reference = ml_argument(invocation, "REF");
    unsigned shown = wanted_kinds(invocation);
    if (ml_remote_is(invocation))
        return run_remote(invocation, out);
    ML_TRY(ml_question_open(invocation, formats, out, &question));
    bool picture = ml_answer_is_picture(&question.answer);
    struct ml_lineage_options options = options_of(invocation, &question.moment, picture);
    ML_TRY(find_stops(&question, &stops, &options));
    ML_TRY(ml_lineage(&question.moment.view, reference, &options, &graph));
    if (shown)
        ML_TRY(ml_graph_contract(graph, shown));
    ML_TRY(ml_basis_add_graph(&question.basis, graph));
    if (question.answer.format == ML_ANSWER_JSON)
        return finish_json(&question, graph);
    if (picture)
        ML_TRY(draw(&question.moment, graph, reference,
                    (size_t)ml_option_number(invocation, "max-nodes", ML_DRAW_NODES_READABLE),
                    &question.answer));
    else
        ML_TRY(print_text(graph, question.answer.out));
    return ml_question_finish(&question);
}

const struct ml_command ml_command_lineage = {
    .name = "lineage",
    .summary = "Show where something came from, or what came of it",
    .description =
        (const char *const[]){
            "Every step names the records that assert it (#12). A step by content alone, because "
            "two records name the same digest, bears ~ and is drawn dashed; one that was inferred "
            "from commits and parameters bears ?, is drawn dotted, and tells its grounds. "
            "What no record says is listed at the end.",
            "Lineage is read from the records as they stand; whether these are what was recorded "
            "is for mledger verify to prove.",
            "REF is a version (churn/3, models:/churn@champion), a run (runs:/ID), content "
            "(sha256:..., md5:...), a commit (git:...), dataset:NAME, pipeline:NAME, or the number "
            "of a record (#12).",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "REF", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_REF}}, {.name = NULL}},
    .options =
        (const struct ml_option[]){
            ML_OPTION_UP,
            ML_OPTION_DOWN,
            ML_OPTION_DEPTH,
            {.name = "kind",
             .value = "KIND",
             .repeated = true,
             .rule = {.kind = ML_VALUE_CHOICE, .choices = kinds},
             .help = "Show only this kind of thing, and what was asked about. A line between two "
                     "of them stands for the ways through others and names all their records."},
            {.name = "stop",
             .value = "KIND|REF",
             .repeated = true,
             .rule = {.kind = ML_VALUE_REF},
             .help = "Do not go beyond things of this kind, or beyond this one."},
            ML_OPTION_FORMAT(formats),
            ML_OPTIONS_QUESTION,
            ML_OPTION_OPEN,
            {.name = "max-nodes",
             .value = "N",
             .rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = ML_LINEAGE_NODES_MAX},
             .help =
                 "Fold a picture until it has at most this many nodes (by default 150); end text "
                 "and JSON at this many (by default 10000)."},
            ML_OPTIONS_RECORDED_ONLY,
            ML_OPTIONS_REMOTE,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger lineage churn/3", "What version 3 was made from, down to the raw data."},
            {"mledger lineage models:/churn@champion -o champion.svg", "The same as a picture."},
            {"mledger lineage md5:1f0e4c5 --down", "Everything that this file may have affected."},
            {"mledger lineage churn/3 --kind version --kind dataset --stop commit",
             "Only versions and datasets."},
            {0}},
    .exit_codes =
        (const struct ml_exit_code[]){{1, "There is no such thing, or a record is damaged."},
                                      {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
