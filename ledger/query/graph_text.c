/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/graph_text.h"

#include <inttypes.h>

#include "ledger/query/graph_links.h"

enum { SEQS_SHOWN = 6, VALUES_SHOWN = 8, VALUE_WIDTH = 40 };

struct frame {
    size_t node;
    size_t next, end; /* into `children` */
};

struct tree {
    const struct ml_graph *graph;
    ml_graph_line_visitor *visit;
    void *context;
    bool up;
    struct ml_graph_links in, out;
    bool *shown;
    struct frame *stack;
    size_t depth, cap_stack;
    size_t *children; /* edges, of all frames */
    size_t n_children, cap_children;
    struct ml_buf text;
};

static void release_tree(struct tree *tree)
{
    ml_graph_links_release(&tree->in);
    ml_graph_links_release(&tree->out);
    free(tree->shown);
    free(tree->stack);
    free(tree->children);
    ml_buf_release(&tree->text);
}

/* Agents stand in the line of what they did. */
static bool hangs(const struct tree *tree, const struct ml_edge *edge, bool out)
{
    const struct ml_node *nodes = tree->graph->nodes;
    if (edge->role == ML_ROLE_ASSOCIATED)
        return false;
    bool governs =
        ml_node_is_governance(nodes[edge->to].kind) && nodes[edge->from].kind == ML_NODE_VERSION;
    if (governs)
        return out; /* on the version, whichever way is shown */
    return out != tree->up;
}

static int push_children(struct tree *tree, size_t node, bool out)
{
    const struct ml_graph_links *links = out ? &tree->out : &tree->in;
    for (size_t i = links->first[node]; i < links->first[node + 1]; i++) {
        size_t edge = links->edges[i];
        if (!hangs(tree, &tree->graph->edges[edge], out))
            continue;
        ML_TRY(ml_grow(&tree->children, &tree->cap_children, tree->n_children + 1,
                       sizeof *tree->children));
        tree->children[tree->n_children++] = edge;
    }
    return MLEDGER_OK;
}

static int push(struct tree *tree, size_t node)
{
    struct frame frame = {.node = node, .next = tree->n_children};
    ML_TRY(ml_grow(&tree->stack, &tree->cap_stack, tree->depth + 1, sizeof *tree->stack));
    ML_TRY(push_children(tree, node, false));
    ML_TRY(push_children(tree, node, true));
    frame.end = tree->n_children;
    tree->stack[tree->depth++] = frame;
    return MLEDGER_OK;
}

static const char *word_of(enum ml_edge_role role, bool up)
{
    static const char *const words[ML_ROLES][2] = {
        [ML_ROLE_USED] = {"read by ", "read "},
        [ML_ROLE_GENERATED] = {"made ", "made by "},
        [ML_ROLE_DERIVED_FROM] = {"led to ", "derived from "},
        [ML_ROLE_TRAINED_ON] = {"trained ", "trained on "},
        [ML_ROLE_PARAMETERS] = {"parameters of ", "with "},
        [ML_ROLE_CODE] = {"code of ", "code of "},
        [ML_ROLE_REGISTERED_FROM] = {"registered as ", "registered from "},
        [ML_ROLE_SAME_CONTENT] = {"same content as ", "same content as "},
        [ML_ROLE_INFERRED] = {"perhaps ", "perhaps "},
        [ML_ROLE_CONFIRMED] = {"confirmed as ", "confirmed as "},
    };
    return words[role][up] ? words[role][up] : "";
}

static const char *noun_of(enum ml_node_kind kind)
{
    switch (kind) {
    case ML_NODE_DATASET:
    case ML_NODE_FILE:
    case ML_NODE_SOURCE:
    case ML_NODE_STAGE:
        return ml_node_kind_name(kind);
    default:
        return "";
    }
}

static int append_part(struct ml_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool control = (uint8_t)text[i] < 0x20 || text[i] == 0x7f;
        ML_TRY(ml_buf_append_char(out, control ? '?' : text[i]));
    }
    return MLEDGER_OK;
}

static int append_clean(struct ml_buf *out, const char *text)
{
    return append_part(out, text, strlen(text));
}

/* The beginning of the text, so that one long value does not fill the screen. */
static int append_cut(struct ml_buf *out, const char *text)
{
    size_t len = strlen(text), end = VALUE_WIDTH;
    if (len <= VALUE_WIDTH)
        return append_part(out, text, len);
    while (end > 0 && ((uint8_t)text[end] & 0xc0) == 0x80)
        end--; /* not within a character */
    ML_TRY(append_part(out, text, end));
    return ml_buf_append_text(out, "…");
}

/* ": lr=0.05, depth=8" */
static int append_values(struct ml_buf *out, const struct ml_node *node)
{
    for (size_t i = 0; i < node->n_attributes && i < VALUES_SHOWN; i++) {
        const struct ml_attribute *attribute = &node->attributes[i];
        ML_TRY(ml_buf_append_text(out, i ? ", " : ": "));
        ML_TRY(append_cut(out, attribute->name));
        ML_TRY(ml_buf_append_char(out, '='));
        ML_TRY(append_cut(out, attribute->value));
    }
    return node->n_attributes > VALUES_SHOWN ? ml_buf_append_text(out, ", …") : MLEDGER_OK;
}

static int append_seqs(struct ml_buf *out, const uint64_t *seqs, size_t count)
{
    ML_TRY(ml_buf_append_char(out, ' '));
    for (size_t i = 0; i < count && i < SEQS_SHOWN; i++)
        ML_TRY(ml_buf_printf(out, " #%" PRIu64, seqs[i]));
    return count > SEQS_SHOWN ? ml_buf_printf(out, " and %zu more", count - SEQS_SHOWN)
                              : MLEDGER_OK;
}

static int append_agents(struct tree *tree, size_t node)
{
    const char *joint = " by ";
    for (size_t i = tree->in.first[node]; i < tree->in.first[node + 1]; i++) {
        const struct ml_edge *edge = &tree->graph->edges[tree->in.edges[i]];
        if (edge->role != ML_ROLE_ASSOCIATED)
            continue;
        ML_TRY(ml_buf_append_text(&tree->text, joint));
        ML_TRY(append_clean(&tree->text, tree->graph->nodes[edge->from].label));
        joint = ", ";
    }
    return MLEDGER_OK;
}

static int append_flags(struct ml_buf *out, const struct ml_node *node)
{
    if (node->flags & ML_NODE_UNSEEN)
        ML_TRY(ml_buf_append_text(out, " (never recorded)"));
    if (node->flags & ML_NODE_DELETED)
        ML_TRY(ml_buf_append_text(out, " (deleted)"));
    if ((node->flags & ML_NODE_ERASED) && node->erased_by != MLEDGER_NO_SEQ)
        ML_TRY(ml_buf_printf(out, " (details erased by #%" PRIu64 ")", node->erased_by));
    else if (node->flags & ML_NODE_ERASED)
        ML_TRY(ml_buf_append_text(out, " (details erased)"));
    return node->flags & ML_NODE_CUT ? ml_buf_append_text(out, " …") : MLEDGER_OK;
}

static int write_step(struct tree *tree, const struct ml_edge *edge)
{
    if (edge->kind == ML_EDGE_SAME_CONTENT)
        ML_TRY(ml_buf_append_text(&tree->text, "~ "));
    if (edge->kind == ML_EDGE_INFERRED)
        ML_TRY(ml_buf_append_text(&tree->text, "? "));
    return ml_buf_append_text(&tree->text, word_of(edge->role, tree->up));
}

static int show(struct tree *tree, size_t at, const struct ml_edge *edge, bool last, bool again)
{
    const struct ml_node *node = &tree->graph->nodes[at];
    struct ml_buf *text = &tree->text;
    ml_buf_clear(text);
    if (edge)
        ML_TRY(write_step(tree, edge));
    const char *noun = noun_of(node->kind);
    ML_TRY(ml_buf_printf(text, "%s%s", noun, noun[0] ? " " : ""));
    ML_TRY(append_clean(text, node->label));
    if (node->kind == ML_NODE_PARAMS && !again)
        ML_TRY(append_values(text, node));
    ML_TRY(edge ? append_seqs(text, edge->seqs, edge->n_seqs) : append_seqs(text, &node->seq, 1));
    ML_TRY(append_agents(tree, at));
    ML_TRY(append_flags(text, node));
    if (edge && edge->grounds)
        ML_TRY(ml_buf_printf(text, " (%s)", edge->grounds));
    if (again)
        ML_TRY(ml_buf_append_text(text, " (see above)"));
    const struct ml_graph_line line = {.depth = tree->depth,
                                       .last = last,
                                       .text = (const char *)text->data,
                                       .len = text->len,
                                       .node = node,
                                       .edge = edge};
    return tree->visit(&line, tree->context);
}

/* The next child of the innermost node; its own children follow unless they were shown before. */
static int show_child(struct tree *tree)
{
    struct frame *frame = &tree->stack[tree->depth - 1];
    const struct ml_edge *edge = &tree->graph->edges[tree->children[frame->next++]];
    size_t child = edge->to == frame->node ? edge->from : edge->to;
    bool again = tree->shown[child];
    ML_TRY(show(tree, child, edge, frame->next == frame->end, again));
    tree->shown[child] = true;
    return again ? MLEDGER_OK : push(tree, child);
}

static int unfold(struct tree *tree, size_t start)
{
    tree->shown[start] = true;
    ML_TRY(push(tree, start));
    while (tree->depth > 0) {
        struct frame *frame = &tree->stack[tree->depth - 1];
        if (frame->next < frame->end) {
            ML_TRY(show_child(tree));
            continue;
        }
        tree->depth--;
        tree->n_children = tree->depth ? tree->stack[tree->depth - 1].end : 0;
    }
    return MLEDGER_OK;
}

static int unfold_all(struct tree *tree, bool up)
{
    const struct ml_graph *graph = tree->graph;
    tree->up = up;
    memset(tree->shown, 0, graph->n_nodes);
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (!(graph->nodes[i].flags & ML_NODE_START))
            continue;
        bool again = tree->shown[i];
        ML_TRY(show(tree, i, NULL, true, again));
        if (!again)
            ML_TRY(unfold(tree, i));
    }
    return MLEDGER_OK;
}

int ml_graph_lines(const struct ml_graph *graph, ml_graph_line_visitor *visit, void *context)
{
    ML_CLEANUP(release_tree)
    struct tree tree = {.graph = graph, .visit = visit, .context = context};
    tree.shown = ml_calloc(graph->n_nodes + 1, sizeof *tree.shown);
    if (!tree.shown)
        return ml_fail_memory();
    ML_TRY(ml_graph_links_init(&tree.in, graph, false));
    ML_TRY(ml_graph_links_init(&tree.out, graph, true));
    if (graph->up)
        ML_TRY(unfold_all(&tree, true));
    return graph->down ? unfold_all(&tree, false) : MLEDGER_OK;
}

static int append_line(const struct ml_graph_line *line, void *out)
{
    for (size_t i = 0; i < line->depth; i++)
        ML_TRY(ml_buf_append_text(out, "  "));
    ML_TRY(ml_buf_append(out, line->text, line->len));
    return ml_buf_append_char(out, '\n');
}

int ml_graph_to_text(const struct ml_graph *graph, struct ml_buf *out)
{
    ML_TRY(ml_graph_lines(graph, append_line, out));
    for (size_t i = 0; i < graph->n_unknown; i++) {
        ML_TRY(ml_buf_append_text(out, i == 0 ? "unknown:\n  " : "  "));
        ML_TRY(append_clean(out, graph->unknown[i]));
        ML_TRY(ml_buf_append_char(out, '\n'));
    }
    return MLEDGER_OK;
}
