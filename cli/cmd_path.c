/* SPDX-License-Identifier: Apache-2.0 */
/* How one thing led to another. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/question.h"
#include "cli/remote_question.h"
#include "export/draw_lineage.h"
#include "ledger/query/json_parts.h"
#include "ledger/query/path_answer.h"

static const char *const formats[] = {"text", "json", "svg", "png", "pdf", "dot", "mermaid", NULL};

enum { COMMON_SHOWN = 5 };

struct asked {
    struct ml_question question;
    struct ml_paths paths;
};

static void release_asked(struct asked *asked)
{
    ml_paths_release(&asked->paths);
    ml_question_release(&asked->question);
}

/* ---- text ---- */

static const char *kind_sign(enum ml_edge_kind kind)
{
    return kind == ML_EDGE_SAME_CONTENT ? "~ " : kind == ML_EDGE_INFERRED ? "? " : "";
}

static const char *role_word(enum ml_edge_role role)
{
    static const char *const words[ML_ROLES] = {
        [ML_ROLE_USED] = "read by",
        [ML_ROLE_GENERATED] = "made",
        [ML_ROLE_DERIVED_FROM] = "led to",
        [ML_ROLE_TRAINED_ON] = "trained",
        [ML_ROLE_CODE] = "code of",
        [ML_ROLE_REGISTERED_FROM] = "registered as",
        [ML_ROLE_SAME_CONTENT] = "same content as",
        [ML_ROLE_INFERRED] = "perhaps",
        [ML_ROLE_CONFIRMED] = "confirmed as",
        [ML_ROLE_DEPLOYED] = "",
        [ML_ROLE_PARAMETERS] = "parameters of",
    };
    return words[role] ? words[role] : "";
}

static void print_seqs(struct ml_output *out, const struct ml_edge *edge)
{
    for (size_t i = 0; i < edge->n_seqs; i++)
        ml_output_text(out, ML_ROLE_DIM, " #%" PRIu64, edge->seqs[i]);
}

static const char *node_word(const struct ml_node *node)
{
    bool bare =
        node->kind == ML_NODE_FILE || node->kind == ML_NODE_DATASET || node->kind == ML_NODE_STAGE;
    return bare ? ml_node_kind_name(node->kind) : "";
}

static void print_step(const struct ml_graph *graph, const struct ml_edge *edge, size_t to,
                       struct ml_output *out)
{
    const struct ml_node *node = &graph->nodes[to];
    const char *role = role_word(edge->role), *kind = node_word(node);
    ml_output_text(out, edge->kind == ML_EDGE_INFERRED ? ML_ROLE_WARN : ML_ROLE_PLAIN,
                   "  %s%s%s%s%s%s ", kind_sign(edge->kind), role, *role ? " " : "", kind,
                   *kind ? " " : "", node->label);
    print_seqs(out, edge);
    if (edge->grounds)
        ml_output_text(out, ML_ROLE_DIM, " (%s)", edge->grounds);
    ml_output_newline(out);
}

static void print_path(const struct ml_paths *paths, const struct ml_path *path,
                       struct ml_output *out)
{
    const struct ml_graph *graph = paths->graph;
    const struct ml_node *first = &graph->nodes[path->nodes[0]];
    ml_output_line(out, ML_ROLE_EMPHASIS, "%s%s%s", node_word(first), *node_word(first) ? " " : "",
                   first->label);
    for (size_t i = 0; i < path->count; i++)
        print_step(graph, &graph->edges[path->edges[i]], path->nodes[i + 1], out);
}

static void print_none(const struct asked *asked, const char *from, const char *to)
{
    const struct ml_paths *paths = &asked->paths;
    struct ml_output *out = asked->question.answer.out;
    ml_output_line(out, ML_ROLE_EMPHASIS, "no path from %s to %s, or back, is recorded", from, to);
    if (paths->n_common == 0)
        return;
    ml_output_line(out, ML_ROLE_PLAIN, "both came from:");
    for (size_t i = 0; i < paths->n_common && i < COMMON_SHOWN; i++) {
        const struct ml_node *node = &paths->graph->nodes[paths->common[i]];
        ml_output_line(out, ML_ROLE_PLAIN, "  %s%s%s  #%" PRIu64, node_word(node),
                       *node_word(node) ? " " : "", node->label, node->seq);
    }
    if (paths->n_common > COMMON_SHOWN)
        ml_output_line(out, ML_ROLE_DIM, "  and %zu more: --json lists all",
                       paths->n_common - COMMON_SHOWN);
}

static int print_text(struct asked *asked, const char *from, const char *to)
{
    const struct ml_paths *paths = &asked->paths;
    struct ml_output *out = asked->question.answer.out;
    bool all = ml_option_given(asked->question.session.invocation, "all");
    if (paths->count == 0)
        print_none(asked, from, to);
    else if (all)
        ml_output_line(out, ML_ROLE_PLAIN, "%zu path%s%s", paths->count,
                       paths->count == 1 ? "" : "s",
                       paths->more ? ", the shortest; there may be more (--limit)" : "");
    for (size_t i = 0; i < paths->count; i++) {
        if (all)
            ml_output_line(out, ML_ROLE_DIM, "path %zu, %zu step%s:", i + 1, paths->list[i].count,
                           paths->list[i].count == 1 ? "" : "s");
        print_path(paths, &paths->list[i], out);
        ML_TRY(ml_output_check(out));
    }
    ML_TRY(ml_question_finish(&asked->question));
    return paths->count ? MLEDGER_OK : ML_ANSWER_NO;
}

/* ---- JSON ---- */

static int print_json(struct asked *asked)
{
    ML_CLEANUP(ml_json_freep) json_t *json = NULL;
    ML_TRY(ml_paths_to_json(&asked->paths, &json));
    ML_TRY(ml_question_finish_json(&asked->question, json));
    return asked->paths.count ? MLEDGER_OK : ML_ANSWER_NO;
}

/* ---- pictures ---- */

/* By node and edge of the graph: on a path, or not. */
struct marks {
    bool *nodes, *others, *edges;
};

static void release_marks(struct marks *marks)
{
    free(marks->nodes);
    free(marks->others);
    free(marks->edges);
}

static int draw_marked(struct asked *asked, const struct marks *marks, const char *query)
{
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing = {0};
    struct ml_draw_frame frame = ml_moment_frame(&asked->question.moment, query);
    const struct ml_draw_marks drawn = {.highlighted = marks->nodes,
                                        .dimmed = marks->others,
                                        .edges = marks->edges,
                                        .meaning = "on a path between them"};
    ML_TRY(ml_draw_lineage_marked(asked->paths.graph, &frame, &drawn, &drawing));
    ML_TRY(ml_answer_draw(&asked->question.answer, &drawing,
                          (size_t)ml_option_number(asked->question.session.invocation, "max-nodes",
                                                   ML_DRAW_NODES_READABLE)));
    return ml_question_finish(&asked->question);
}

static void mark(const struct ml_paths *paths, struct marks *marks)
{
    for (size_t i = 0; i < paths->count; i++)
        for (size_t k = 0; k < paths->list[i].count; k++) {
            const struct ml_edge *edge = &paths->graph->edges[paths->list[i].edges[k]];
            marks->edges[paths->list[i].edges[k]] = true;
            marks->nodes[edge->from] = marks->nodes[edge->to] = true;
        }
    for (size_t i = 0; i < paths->graph->n_nodes; i++)
        marks->others[i] = !marks->nodes[i];
}

static int draw(struct asked *asked, const char *from, const char *to)
{
    struct ml_paths *paths = &asked->paths;
    ML_CLEANUP(ml_buf_release) struct ml_buf query = {0};
    ML_CLEANUP(release_marks)
    struct marks marks = {.nodes = ml_calloc(paths->graph->n_nodes + 1, sizeof(bool)),
                          .others = ml_calloc(paths->graph->n_nodes + 1, sizeof(bool)),
                          .edges = ml_calloc(paths->graph->n_edges + 1, sizeof(bool))};
    if (!marks.nodes || !marks.others || !marks.edges)
        return ml_fail_memory();
    mark(paths, &marks);
    ML_TRY(ml_buf_printf(&query, "%s between %s and %s", paths->count ? "paths" : "no path", from,
                         to));
    ML_TRY(ml_buf_append_char(&query, '\0'));
    ML_TRY(draw_marked(asked, &marks, (char *)query.data));
    return paths->count ? MLEDGER_OK : ML_ANSWER_NO;
}

/* ---- of a server ---- */

static const struct ml_remote_question remote_question = {
    .path = "path",
    .words = (const struct ml_remote_word[]){{ML_REMOTE_ARGUMENT, "A", "from"},
                                             {ML_REMOTE_ARGUMENT, "B", "to"},
                                             {ML_REMOTE_FLAG, "all", "all"},
                                             {ML_REMOTE_OPTION, "limit", "limit"},
                                             {ML_REMOTE_NOT, "no-same-content", "same_content"},
                                             {ML_REMOTE_NOT, "no-inferred", "inferred"},
                                             ML_REMOTE_AS_OF,
                                             {.word = NULL}},
    .formats = formats,
    .verdict = "paths",
};

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(release_asked) struct asked asked = {0};
    const char *a = ml_argument(invocation, "A"), *b = ml_argument(invocation, "B");
    const bool all = ml_option_given(invocation, "all");
    const struct ml_path_words words = {
        .from = a,
        .to = b,
        .most = all ? (size_t)ml_option_number(invocation, "limit", ML_PATHS_DEFAULT) : 1,
        .same_content = !ml_option_given(invocation, "no-same-content"),
        .inferred = !ml_option_given(invocation, "no-inferred"),
    };
    if (ml_remote_is(invocation))
        return ml_remote_question(invocation, &remote_question, out);
    ML_TRY(ml_question_open(invocation, formats, out, &asked.question));
    if (!all && ml_option_given(invocation, "limit"))
        return ml_fail(MLEDGER_EUSAGE, "--limit is about --all");
    ML_TRY(ml_paths_ask(&asked.question.reader, &words, &asked.question.basis, &asked.paths));
    if (asked.question.answer.format == ML_ANSWER_JSON)
        return print_json(&asked);
    return ml_answer_is_picture(&asked.question.answer) ? draw(&asked, a, b)
                                                        : print_text(&asked, a, b);
}

const struct ml_command ml_command_path = {
    .name = "path",
    .summary = "Show how one thing led to another",
    .description =
        (const char *const[]){
            "The shortest way from A to B, or from B to A, along what was read, made, registered "
            "and deployed; every step names the records that assert it. A step by content alone "
            "bears ~, one that was inferred bears ?. That no path is recorded is an answer, too: "
            "then what both came from is said.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "A", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_REF}},
            {.name = "B", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_REF}},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "all", .help = "All paths that pass nothing twice, the shortest first."},
            {.name = "limit",
             .value = "N",
             .rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = ML_PATHS_MOST},
             .help = "With --all: at most this many (by default 100)."},
            ML_OPTIONS_QUESTION,
            ML_OPTION_OPEN,
            ML_OPTION_FORMAT(formats),
            ML_OPTION_MAX_NODES,
            ML_OPTIONS_RECORDED_ONLY,
            ML_OPTIONS_REMOTE,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger path sha256:96cb09118761 churn/3", "How the raw data got into version 3."},
            {"mledger path dataset:customers churn/3 --all -o paths.svg",
             "Every way it took, as a picture."},
            {0}},
    .exit_codes =
        (const struct ml_exit_code[]){{1, "No path is recorded, or there is no such thing."},
                                      {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
