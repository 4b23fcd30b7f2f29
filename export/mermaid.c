/* SPDX-License-Identifier: Apache-2.0 */
#include "export/mermaid.h"

#include "export/draw_fold.h"
#include "export/draw_look.h"
#include "export/text_clean.h"

enum { NODES_LEAST = 8 }; /* folded no further for the sake of the limits */

/* ---- text ---- */

/* What stands for itself inside of quotes. "%%" would begin a comment or a directive, "`" Markdown,
 * "\n" a line break, "$$" a formula, ':' and '#' the text that Mermaid patches as style. */
static bool is_plain(char c)
{
    return (uint8_t)c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c && strchr(" -_./+=,()!?[]@~'*", c));
}

static int write_escaped(const char *text, struct ml_buf *out)
{
    for (; *text; text++) {
        if (is_plain(*text))
            ML_TRY(ml_buf_append_char(out, *text));
        else
            ML_TRY(ml_buf_printf(out, "#%u;", (unsigned)(uint8_t)*text));
    }
    return MLEDGER_OK;
}

static int write_short(const char *text, size_t max_chars, struct ml_buf *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf cut = {0};
    const char *ended;
    ML_TRY(ml_text_shorten(text, max_chars, &cut));
    ML_TRY(ml_text_end(&cut, &ended));
    return write_escaped(ended, out);
}

/* Where nothing is decoded: in comments, and in what screen readers are told. '%' could begin a
 * directive even there, the others end the text or are no words. */
static int write_words(const char *text, struct ml_buf *out)
{
    for (; *text; text++)
        ML_TRY(ml_buf_append_char(out, strchr("%;{}<>&\"`", *text) ? ' ' : *text));
    return MLEDGER_OK;
}

/* ---- heading ---- */

static int write_line(const char *before, const char *text, struct ml_buf *out)
{
    ML_TRY(ml_buf_append_text(out, before));
    ML_TRY(write_words(text, out));
    return ml_buf_append_char(out, '\n');
}

static int write_comments(const struct ml_drawing *drawing, const char *limits, struct ml_buf *out)
{
    for (size_t i = 0; i < drawing->title_count; i++)
        ML_TRY(write_line("%% ", drawing->titles[i], out));
    if (drawing->folded)
        ML_TRY(write_line("%% ", drawing->folded, out));
    if (limits)
        ML_TRY(write_line("%% ", limits, out));
    return ml_buf_append_text(out, "%% derived from signed records, itself unsigned\n");
}

static int write_accessible(const struct ml_drawing *drawing, struct ml_buf *out)
{
    if (drawing->title_count == 0)
        return MLEDGER_OK;
    ML_TRY(write_line("  accTitle: ", drawing->titles[0], out));
    ML_TRY(ml_buf_append_text(out, "  accDescr: "));
    for (size_t i = 1; i < drawing->title_count; i++) {
        ML_TRY(write_words(drawing->titles[i], out));
        ML_TRY(ml_buf_append_text(out, ". "));
    }
    if (drawing->folded)
        ML_TRY(write_words(drawing->folded, out));
    return ml_buf_append_text(out, "\n");
}

/* ---- nodes ---- */

/* Brackets are Mermaid's shapes; a class sets the colours, which are those of all pictures. */
static const struct shape {
    const char *open, *close, *class;
} shapes[ML_DRAW_KINDS] = {
    [ML_DRAW_DATASET] = {"[(\"", "\")]", "dataset"},
    [ML_DRAW_CODE] = {">\"", "\"]", "code"},
    [ML_DRAW_PARAMS] = {"[/\"", "\"/]", "params"},
    [ML_DRAW_PIPELINE_STAGE] = {"(\"", "\")", "pipeline"},
    [ML_DRAW_RUN] = {"[\"", "\"]", "run"},
    [ML_DRAW_FILE] = {">\"", "\"]", "file"},
    [ML_DRAW_ARTIFACT] = {"[\\\"", "\"\\]", "artifact"},
    [ML_DRAW_LOGGED_MODEL] = {"[\\\"", "\"\\]", "logged"},
    [ML_DRAW_MODEL_VERSION] = {"{{\"", "\"}}", "version"},
    [ML_DRAW_VALIDATION] = {"([\"", "\"])", "validation"},
    [ML_DRAW_APPROVAL] = {"([\"", "\"])", "approval"},
    [ML_DRAW_MODEL_STAGE] = {"([\"", "\"])", "stage"},
    [ML_DRAW_DEPLOYMENT] = {"[[\"", "\"]]", "deployment"},
    [ML_DRAW_INCIDENT] = {"[/\"", "\"\\]", "incident"},
    [ML_DRAW_ACTOR] = {"((\"", "\"))", "actor"},
    [ML_DRAW_SOURCE] = {"(\"", "\")", "source"},
    [ML_DRAW_GROUP] = {"[[\"", "\"]]", "group"},
};

static int write_node(const struct ml_drawing *drawing, size_t index, struct ml_buf *out)
{
    const struct ml_draw_node *node = &drawing->nodes[index];
    const struct shape *shape = &shapes[node->kind];
    ML_TRY(ml_buf_printf(out, "  n%zu%s%s", index, shape->open,
                         node->start ? ML_LOOK_START_SIGN " " : ""));
    if (node->highlighted)
        ML_TRY(ml_buf_append_text(out, ML_LOOK_HIGHLIGHT_SIGN " "));
    ML_TRY(ml_buf_printf(out, "%s%s", ml_look_change(node->change)->sign,
                         ml_draw_kind_word(node->kind)));
    for (size_t i = 0; i < ML_DRAW_LINES; i++) {
        if (!node->lines[i] || !*node->lines[i])
            continue;
        ML_TRY(ml_buf_append_text(out, "<br/>"));
        ML_TRY(write_short(node->lines[i], ML_LOOK_NAME_CHARS, out));
    }
    return ml_buf_printf(out, "%s:::%s\n", shape->close, shape->class);
}

/* Nodes of one cluster stand together; 0: those of none. */
static int write_cluster(const struct ml_drawing *drawing, size_t cluster, struct ml_buf *out)
{
    size_t before = out->len;
    bool any = false;
    if (cluster) {
        ML_TRY(ml_buf_printf(out, "  subgraph c%zu[\"", cluster));
        ML_TRY(write_short(drawing->clusters[cluster - 1].label, 2 * ML_LOOK_NAME_CHARS, out));
        ML_TRY(ml_buf_append_text(out, "\"]\n"));
    }
    for (size_t i = 0; i < drawing->node_count; i++) {
        if (drawing->nodes[i].cluster != cluster)
            continue;
        ML_TRY(write_node(drawing, i, out));
        any = true;
    }
    if (!any)
        out->len = before;
    return any && cluster ? ml_buf_append_text(out, "  end\n") : MLEDGER_OK;
}

/* ---- edges ---- */

static int write_edge_label(const struct ml_draw_edge *edge, struct ml_buf *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf label = {0};
    const char *text;
    if (edge->style != ML_DRAW_RECORDED)
        ML_TRY(ml_buf_printf(&label, "%s ", ml_look_edge(edge->style)->word));
    else if (edge->label)
        ML_TRY(ml_buf_printf(&label, "%s ", edge->label));
    if (edge->times > 1)
        ML_TRY(ml_buf_printf(&label, "\xc3\x97%zu ", edge->times));
    for (size_t i = 0; i < edge->seq_count && i < 3; i++)
        ML_TRY(ml_buf_printf(&label, "#%llu ", (unsigned long long)edge->seqs[i]));
    if (edge->seq_count > 3)
        ML_TRY(ml_buf_append_text(&label, "\xe2\x80\xa6 "));
    if (label.len == 0)
        return MLEDGER_OK;
    label.len--; /* the last space */
    ML_TRY(ml_text_end(&label, &text));
    ML_TRY(ml_buf_append_text(out, "|\""));
    ML_TRY(write_escaped(text, out));
    return ml_buf_append_text(out, "\"|");
}

static int write_edge(const struct ml_draw_edge *edge, struct ml_buf *out)
{
    const char *arrow = edge->style != ML_DRAW_RECORDED ? "-.->"
                        : edge->highlighted             ? "==>"
                                                        : "-->";
    ML_TRY(ml_buf_printf(out, "  n%zu %s", edge->from, arrow));
    ML_TRY(write_edge_label(edge, out));
    return ml_buf_printf(out, " n%zu\n", edge->to);
}

/* ---- all of it ---- */

static int write_classes(const struct ml_drawing *drawing, struct ml_buf *out)
{
    bool used[ML_DRAW_KINDS] = {false};
    for (size_t i = 0; i < drawing->node_count; i++)
        used[drawing->nodes[i].kind] = true;
    for (size_t kind = 0; kind < ML_DRAW_KINDS; kind++) {
        const struct ml_look_kind *look = ml_look_kind((enum ml_draw_kind)kind);
        if (used[kind])
            ML_TRY(ml_buf_printf(out, "  classDef %s fill:%s,stroke:#333333,color:%s\n",
                                 shapes[kind].class, look->fill, look->text));
    }
    return MLEDGER_OK;
}

static int write_all(const struct ml_drawing *drawing, const char *limits, struct ml_buf *out)
{
    ML_TRY(write_comments(drawing, limits, out));
    ML_TRY(ml_buf_append_text(out, "flowchart LR\n"));
    ML_TRY(write_accessible(drawing, out));
    for (size_t cluster = 0; cluster <= drawing->cluster_count; cluster++)
        ML_TRY(write_cluster(drawing, cluster, out));
    for (size_t i = 0; i < drawing->edge_count; i++)
        ML_TRY(write_edge(&drawing->edges[i], out));
    return write_classes(drawing, out);
}

/* As Mermaid counts: UTF-16 units. */
static size_t count_chars(const struct ml_buf *text)
{
    size_t count = 0;
    for (size_t i = 0; i < text->len; i++)
        count += ((text->data[i] & 0xc0) != 0x80) + (text->data[i] >= 0xf0);
    return count;
}

int ml_mermaid(const struct ml_drawing *drawing, size_t max_nodes, struct ml_buf *out)
{
    const char *limits = NULL;
    for (size_t most = max_nodes;;) {
        ML_CLEANUP(ml_drawing_release) struct ml_drawing folded = {0};
        ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
        ML_TRY(ml_draw_fold(drawing, most, &folded));
        if (folded.edge_count <= ML_MERMAID_EDGES_MAX &&
            folded.node_count <= ML_MERMAID_CHARS_MAX) {
            ML_TRY(write_all(&folded, limits, &text));
            if (count_chars(&text) <= ML_MERMAID_CHARS_MAX)
                return ml_buf_append(out, text.data, text.len);
        }
        limits = "folded because Mermaid draws at most 500 edges and 50000 characters";
        if (most && most <= NODES_LEAST)
            break;
        most = (most ? most : folded.node_count) / 2;
        most = most < NODES_LEAST ? NODES_LEAST : most;
    }
    ml_fail(MLEDGER_EUSAGE, "this graph is over what Mermaid draws (%d edges, %d characters)",
            ML_MERMAID_EDGES_MAX, ML_MERMAID_CHARS_MAX);
    return ml_hint("--format dot or svg has no such limit; --depth makes it smaller");
}
