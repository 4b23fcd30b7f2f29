/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_collapse.h"

#include "export/text_clean.h"

#define NAMES_IN_TOOLTIP ((size_t)20)
#define NAME_CHARS ((size_t)14) /* of the first and the last in a group's label */
#define ROLES_MAX ((size_t)4)   /* in one label */
#define ELLIPSIS "\xe2\x80\xa6" /* U+2026 */

/* What is known of each group while its node is made. */
struct summary {
    size_t nodes;   /* of the drawing */
    size_t members; /* with those that the drawing's own group nodes stand for */
    size_t last;    /* last node */
    size_t cluster;
    enum ml_draw_change change;
    bool highlighted, dimmed;
    int64_t first_us, last_us;
};

struct collapse {
    const struct ml_groups *groups;
    struct summary *summaries;    /* by group */
    size_t shown[ML_DRAW_KINDS];  /* nodes that stand alone */
    size_t folded[ML_DRAW_KINDS]; /* members of groups */
    struct ml_drawing *into;
};

/* ---- nodes ---- */

static size_t members_of(const struct ml_draw_node *node)
{
    return node->kind == ML_DRAW_GROUP && node->members ? node->members : 1;
}

static enum ml_draw_kind kind_of(const struct ml_draw_node *node)
{
    return node->kind == ML_DRAW_GROUP ? node->members_kind : node->kind;
}

static void add_to_summary(struct summary *summary, const struct ml_draw_node *node, size_t index)
{
    bool first = summary->nodes++ == 0;
    summary->members += members_of(node);
    summary->last = index;
    summary->highlighted |= node->highlighted;
    summary->dimmed = node->dimmed && (first || summary->dimmed);
    if (node->last_us > summary->last_us)
        summary->last_us = node->last_us;
    if (node->last_us && (!summary->first_us || node->first_us < summary->first_us))
        summary->first_us = node->first_us;
    if (first) {
        summary->cluster = node->cluster;
        summary->change = node->change;
    }
    if (summary->cluster != node->cluster)
        summary->cluster = 0;
    if (summary->change != node->change)
        summary->change = ML_DRAW_CHANGED;
}

static void summarise(struct collapse *collapse)
{
    const struct ml_groups *groups = collapse->groups;
    for (size_t i = 0; i < groups->drawing->node_count; i++)
        add_to_summary(&collapse->summaries[groups->of[i]], &groups->drawing->nodes[i], i);
    for (size_t i = 0; i < groups->count; i++) {
        const struct ml_draw_node *node = ml_groups_node(groups, i);
        bool alone = collapse->summaries[i].nodes == 1;
        (alone ? collapse->shown : collapse->folded)[kind_of(node)] +=
            alone ? 1 : collapse->summaries[i].members;
    }
}

static const char *title_of(const struct ml_draw_node *node)
{
    if (node->path && *node->path)
        return node->path;
    return node->lines[0] && *node->lines[0] ? node->lines[0] : node->name;
}

/* Length of what all nodes of the group have in common at the beginning. */
static size_t common_prefix(const struct collapse *collapse, size_t group)
{
    const struct ml_groups *groups = collapse->groups;
    const char *first = title_of(ml_groups_node(groups, group));
    size_t len = strlen(first);
    for (size_t i = groups->first[group]; i <= collapse->summaries[group].last; i++) {
        const char *other = title_of(&groups->drawing->nodes[i]);
        if (groups->of[i] != group)
            continue;
        for (size_t k = 0; k < len; k++) {
            if (other[k] != first[k])
                len = k;
        }
    }
    return len;
}

/* Up to and with the last of `marks` in the first `len` bytes; 0 when none is there. */
static size_t cut_after(const char *text, size_t len, const char *marks)
{
    while (len && !strchr(marks, text[len - 1]))
        len--;
    return len;
}

static bool is_short(const char *text)
{
    return strlen(text) <= NAME_CHARS;
}

/* "data/raw/…", "run-0001 … run-0300", or of long names "features-lida-…". */
static int append_extent(const struct collapse *collapse, size_t group, struct ml_buf *buf)
{
    const struct ml_groups *groups = collapse->groups;
    const char *first = title_of(ml_groups_node(groups, group));
    const char *last = title_of(&groups->drawing->nodes[collapse->summaries[group].last]);
    size_t common = common_prefix(collapse, group), prefix = cut_after(first, common, "/@");
    if (!prefix && !(is_short(first) && is_short(last)))
        prefix = cut_after(first, common, "-_.: ");
    if (prefix) {
        ML_TRY(ml_buf_append(buf, first, prefix));
        return ml_buf_append_text(buf, ELLIPSIS);
    }
    ML_TRY(ml_text_shorten(first, NAME_CHARS, buf));
    ML_TRY(ml_buf_append_text(buf, " " ELLIPSIS " "));
    return ml_text_shorten(last, NAME_CHARS, buf);
}

static int append_names(const struct collapse *collapse, size_t group, struct ml_buf *buf)
{
    const struct ml_groups *groups = collapse->groups;
    const struct summary *summary = &collapse->summaries[group];
    size_t named = 0;
    for (size_t i = groups->first[group]; i <= summary->last && named < NAMES_IN_TOOLTIP; i++) {
        if (groups->of[i] == group)
            ML_TRY(ml_buf_printf(buf, "%s%s", named++ ? ", " : "", groups->drawing->nodes[i].name));
    }
    if (summary->nodes > named)
        ML_TRY(ml_buf_printf(buf, " and %zu more", summary->nodes - named));
    return MLEDGER_OK;
}

static int add_group(struct collapse *collapse, size_t group)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0}, count = {0}, extent = {0}, names = {0};
    const struct summary *summary = &collapse->summaries[group];
    const struct ml_draw_node *first = ml_groups_node(collapse->groups, group);
    struct ml_draw_node node = {.kind = ML_DRAW_GROUP,
                                .change = summary->change,
                                .highlighted = summary->highlighted,
                                .dimmed = summary->dimmed,
                                .cluster = summary->cluster,
                                .members_kind = kind_of(first),
                                .first_us = summary->first_us,
                                .last_us = summary->last_us,
                                .members = summary->members};
    bool more = collapse->shown[node.members_kind] > 0;
    size_t index;
    ML_TRY(ml_buf_printf(&name, "group:%s +%zu", first->name, summary->nodes - 1));
    ML_TRY(ml_buf_printf(&count, "%s%zu %s%s", more ? "+" : "", summary->members,
                         more ? "more " : "", ml_draw_kind_words(node.members_kind)));
    ML_TRY(append_extent(collapse, group, &extent));
    ML_TRY(append_names(collapse, group, &names));
    ML_TRY(ml_text_end(&name, &node.name));
    ML_TRY(ml_text_end(&count, &node.lines[0]));
    ML_TRY(ml_text_end(&extent, &node.lines[1]));
    ML_TRY(ml_text_end(&names, &node.tooltip));
    return ml_drawing_add_node(collapse->into, &node, &index);
}

static int add_nodes(struct collapse *collapse)
{
    for (size_t i = 0; i < collapse->groups->count; i++) {
        size_t index;
        if (collapse->summaries[i].nodes > 1)
            ML_TRY(add_group(collapse, i));
        else
            ML_TRY(
                ml_drawing_add_node(collapse->into, ml_groups_node(collapse->groups, i), &index));
    }
    return MLEDGER_OK;
}

/* ---- edges ---- */

/* An edge between groups, and its place in the drawing. */
struct link {
    size_t from, to, index;
    enum ml_draw_edge_style style;
};

static int compare_ends(const void *a, const void *b)
{
    const struct link *left = a, *right = b;
    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    if (left->to != right->to)
        return left->to < right->to ? -1 : 1;
    return (int)left->style - (int)right->style;
}

static int compare_links(const void *a, const void *b)
{
    const struct link *left = a, *right = b;
    int order = compare_ends(a, b);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

/* Several links between the same two, in the drawing's order. */
struct bundle {
    const struct link *links;
    size_t count;
};

static int compare_bundles(const void *a, const void *b)
{
    const struct bundle *left = a, *right = b;
    return (left->links->index > right->links->index) - (left->links->index < right->links->index);
}

static int compare_seqs(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static bool contains(const char *const *texts, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(texts[i], text) == 0)
            return true;
    }
    return false;
}

/* "training, validation" */
static int join_roles(const struct ml_drawing *drawing, const struct bundle *bundle,
                      struct ml_buf *buf)
{
    const char *roles[ROLES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < bundle->count; i++) {
        const char *role = drawing->edges[bundle->links[i].index].label;
        if (!role || contains(roles, count, role))
            continue;
        if (count == ROLES_MAX)
            return ml_buf_append_text(buf, ", " ELLIPSIS);
        ML_TRY(ml_buf_printf(buf, "%s%s", count ? ", " : "", role));
        roles[count++] = role;
    }
    return MLEDGER_OK;
}

/* All seqs in rising order, each once. */
static int unite_seqs(const struct ml_drawing *drawing, const struct bundle *bundle,
                      uint64_t **ret_seqs, size_t *ret_count)
{
    size_t all = 0, count = 0;
    for (size_t i = 0; i < bundle->count; i++)
        all += drawing->edges[bundle->links[i].index].seq_count;
    uint64_t *seqs = ml_calloc(all, sizeof *seqs);
    if (!seqs)
        return ml_fail_memory();
    all = 0;
    for (size_t i = 0; i < bundle->count; i++) {
        const struct ml_draw_edge *edge = &drawing->edges[bundle->links[i].index];
        for (size_t k = 0; k < edge->seq_count; k++)
            seqs[all++] = edge->seqs[k];
    }
    qsort(seqs, all, sizeof *seqs, compare_seqs);
    for (size_t i = 0; i < all; i++) {
        if (!count || seqs[count - 1] != seqs[i])
            seqs[count++] = seqs[i];
    }
    *ret_seqs = seqs;
    *ret_count = count;
    return MLEDGER_OK;
}

static void unite_marks(const struct ml_drawing *drawing, const struct bundle *bundle,
                        struct ml_draw_edge *edge)
{
    edge->change = drawing->edges[bundle->links->index].change;
    for (size_t i = 0; i < bundle->count; i++) {
        const struct ml_draw_edge *one = &drawing->edges[bundle->links[i].index];
        edge->highlighted |= one->highlighted;
        if (!edge->tooltip)
            edge->tooltip = one->tooltip;
        edge->times += one->times ? one->times : 1;
        if (one->change != edge->change)
            edge->change = ML_DRAW_CHANGED;
    }
}

static int add_bundle(struct collapse *collapse, const struct bundle *bundle)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf roles = {0};
    ML_CLEANUP(ml_freep) uint64_t *seqs = NULL;
    const struct ml_drawing *drawing = collapse->groups->drawing;
    const struct link *link = bundle->links;
    struct ml_draw_edge edge = {.from = link->from, .to = link->to, .style = link->style};
    bool folded =
        collapse->summaries[link->from].nodes > 1 || collapse->summaries[link->to].nodes > 1;
    ML_TRY(join_roles(drawing, bundle, &roles));
    ML_TRY(unite_seqs(drawing, bundle, &seqs, &edge.seq_count));
    unite_marks(drawing, bundle, &edge);
    if (!folded && edge.times == bundle->count)
        edge.times = 0; /* two roles between two nodes are not a fan */
    edge.seqs = seqs;
    if (roles.len)
        ML_TRY(ml_text_end(&roles, &edge.label));
    return ml_drawing_add_edge(collapse->into, &edge);
}

static size_t list_links(const struct ml_groups *groups, struct link *links)
{
    size_t count = 0;
    for (size_t i = 0; i < groups->drawing->edge_count; i++) {
        const struct ml_draw_edge *edge = &groups->drawing->edges[i];
        size_t from = groups->of[edge->from], to = groups->of[edge->to];
        if (from != to || edge->from == edge->to)
            links[count++] = (struct link){from, to, i, edge->style};
    }
    return count;
}

static size_t bundle_links(const struct link *links, size_t count, struct bundle *bundles)
{
    size_t bundle_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!i || compare_ends(&links[i - 1], &links[i]) != 0)
            bundles[bundle_count++] = (struct bundle){.links = &links[i]};
        bundles[bundle_count - 1].count++;
    }
    return bundle_count;
}

static int add_edges(struct collapse *collapse)
{
    size_t edge_count = collapse->groups->drawing->edge_count;
    ML_CLEANUP(ml_freep) struct link *links = ml_calloc(edge_count, sizeof *links);
    ML_CLEANUP(ml_freep) struct bundle *bundles = ml_calloc(edge_count, sizeof *bundles);
    if (!links || !bundles)
        return ml_fail_memory();
    size_t count = list_links(collapse->groups, links);
    qsort(links, count, sizeof *links, compare_links);
    size_t bundle_count = bundle_links(links, count, bundles);
    qsort(bundles, bundle_count, sizeof *bundles, compare_bundles);
    for (size_t i = 0; i < bundle_count; i++)
        ML_TRY(add_bundle(collapse, &bundles[i]));
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int copy_frame(const struct ml_drawing *from, struct ml_drawing *into)
{
    size_t number;
    for (size_t i = 0; i < from->title_count; i++)
        ML_TRY(ml_drawing_add_title(into, from->titles[i]));
    for (size_t i = 0; i < from->cluster_count; i++)
        ML_TRY(ml_drawing_add_cluster(into, from->clusters[i].label, from->clusters[i].dashed,
                                      &number));
    for (size_t i = 0; i < from->tick_count; i++)
        ML_TRY(ml_drawing_add_tick(into, from->ticks[i], &number));
    into->legend = from->legend;
    into->dated = from->dated;
    ML_TRY(ml_drawing_set_folded(into, from->folded));
    ML_TRY(ml_drawing_set_time(into, from->as_of_time));
    return ml_drawing_set_highlighted(into, from->highlighted);
}

/* "4172 nodes drawn as 12; folded: 4000 runs, 163 datasets; --max-nodes draws more" */
static int say_folded(const struct collapse *collapse)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const struct ml_groups *groups = collapse->groups;
    const char *before = "; folded: ", *shown;
    if (groups->count == groups->drawing->node_count)
        return MLEDGER_OK;
    ML_TRY(
        ml_buf_printf(&text, "%zu nodes drawn as %zu", groups->drawing->node_count, groups->count));
    for (enum ml_draw_kind kind = 0; kind < ML_DRAW_KINDS; kind++) {
        if (!collapse->folded[kind])
            continue;
        ML_TRY(ml_buf_printf(&text, "%s%zu %s", before, collapse->folded[kind],
                             ml_draw_kind_words(kind)));
        before = ", ";
    }
    ML_TRY(ml_buf_append_text(&text, "; --max-nodes draws more"));
    ML_TRY(ml_text_end(&text, &shown));
    return ml_drawing_set_folded(collapse->into, shown);
}

int ml_draw_collapse(const struct ml_groups *groups, struct ml_drawing *ret_drawing)
{
    ML_CLEANUP(ml_drawing_release) struct ml_drawing into = {0};
    ML_CLEANUP(ml_freep) struct summary *summaries = ml_calloc(groups->count, sizeof *summaries);
    if (!summaries)
        return ml_fail_memory();
    struct collapse collapse = {.groups = groups, .summaries = summaries, .into = &into};
    summarise(&collapse);
    ML_TRY(copy_frame(groups->drawing, &into));
    ML_TRY(add_nodes(&collapse));
    ML_TRY(add_edges(&collapse));
    ML_TRY(say_folded(&collapse));
    *ret_drawing = into;
    into = (struct ml_drawing){0};
    return MLEDGER_OK;
}
