/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_svg.h"

#include <inttypes.h>

#include "export/draw_look.h"
#include "export/text_clean.h"

static int append_counts(const struct ml_drawing *drawing, struct ml_buf *buf)
{
    size_t counts[ML_DRAW_KINDS] = {0};
    for (size_t i = 0; i < drawing->node_count; i++)
        counts[drawing->nodes[i].kind]++;
    ML_TRY(ml_buf_printf(buf, "%zu nodes, %zu edges", drawing->node_count, drawing->edge_count));
    const char *before = ": ";
    for (enum ml_draw_kind kind = 0; kind < ML_DRAW_KINDS; kind++) {
        if (!counts[kind])
            continue;
        ML_TRY(
            ml_buf_printf(buf, "%s%zu %s", before, counts[kind],
                          counts[kind] > 1 ? ml_draw_kind_words(kind) : ml_draw_kind_word(kind)));
        before = ", ";
    }
    return ml_buf_append_text(buf, ".");
}

static int append_description(const struct ml_drawing *drawing, struct ml_buf *out)
{
    ML_TRY(ml_buf_append_text(out, "\n<title id=\"mledger_title\">"));
    ML_TRY(ml_text_append_xml(drawing->title_count ? drawing->titles[0] : "lineage", out));
    ML_TRY(ml_buf_append_text(out, "</title>\n<desc id=\"mledger_desc\">"));
    for (size_t i = 1; i < drawing->title_count; i++) {
        ML_TRY(ml_text_append_xml(drawing->titles[i], out));
        ML_TRY(ml_buf_append_text(out, ". "));
    }
    if (drawing->folded) {
        ML_TRY(ml_text_append_xml(drawing->folded, out));
        ML_TRY(ml_buf_append_text(out, ". "));
    }
    ML_TRY(append_counts(drawing, out));
    return ml_buf_append_text(out, "</desc>");
}

/* ---- text ---- */

#define FONT_SIZE_MAX 100000 /* hundredths of a unit; larger is not ours */

/* A decimal number in hundredths; strtod() would heed the host's locale. */
static int64_t parse_hundredths(const char *text, const char **ret_end)
{
    bool negative = *text == '-';
    int64_t value = 0;
    int decimals = -1; /* before the point */
    for (text += negative; (*text >= '0' && *text <= '9') || (*text == '.' && decimals < 0);
         text++) {
        if (*text == '.') {
            decimals = 0;
        } else if (decimals < 2) {
            value = value < INT32_MAX ? value * 10 + (*text - '0') : value;
            decimals += decimals >= 0;
        }
    }
    for (decimals = decimals < 0 ? 0 : decimals; decimals < 2; decimals++)
        value *= 10;
    *ret_end = text;
    return negative ? -value : value;
}

/* Appends the text that an XML text stands for; of numeric references only ASCII matters here. */
static int decode_text(const char *xml, size_t len, struct ml_buf *text)
{
    static const struct {
        const char *name;
        char stands_for;
    } entities[] = {{"&amp;", '&'},  {"&lt;", '<'},  {"&gt;", '>'},  {"&quot;", '"'},
                    {"&#39;", '\''}, {"&#45;", '-'}, {"&#160;", ' '}};
    for (size_t at = 0; at < len;) {
        char c = xml[at];
        size_t taken = 1;
        for (size_t i = 0; c == '&' && i < ML_COUNT(entities); i++) {
            size_t size = strlen(entities[i].name);
            if (len - at >= size && memcmp(xml + at, entities[i].name, size) == 0) {
                c = entities[i].stands_for;
                taken = size;
                break;
            }
        }
        ML_TRY(ml_buf_append_char(text, c));
        at += taken;
    }
    return MLEDGER_OK;
}

/* One <text> element: its start tag from `tag` to `close`, its content up to `end`. */
struct text_element {
    const char *tag, *close, *end;
    int64_t points; /* font size in hundredths */
};

#define TEXT_START "<text text-anchor=\"start\" x=\""

static int parse_element(const char *at, const char *svg_end, struct text_element *ret_element)
{
    static const char attribute[] = " font-size=\"";
    const char *rest;
    struct text_element element = {.tag = at};
    element.close = memchr(at, '>', (size_t)(svg_end - at));
    if (element.close)
        element.end = memchr(element.close, '<', (size_t)(svg_end - element.close));
    if (!element.end)
        return ml_fail(MLEDGER_ESYSTEM, "Graphviz wrote text that does not end");
    const char *size = memmem(at, (size_t)(element.close - at), attribute, sizeof attribute - 1);
    if (size)
        element.points = parse_hundredths(size + sizeof attribute - 1, &rest);
    if (element.points > FONT_SIZE_MAX)
        element.points = 0;
    *ret_element = element;
    return MLEDGER_OK;
}

/* Where the middle of the text is, in hundredths of a unit, as far as Graphviz knows its width:
 * of ASCII it does, the rest it counts by bytes. */
static int find_middle(const struct text_element *element, int64_t *ret_middle, bool *ret_sure)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const char *content = element->close + 1, *shown, *rest;
    ML_TRY(decode_text(content, (size_t)(element->end - content), &text));
    ML_TRY(ml_text_end(&text, &shown));
    *ret_sure = true;
    for (const char *c = shown; *c; c++)
        *ret_sure &= (uint8_t)*c < 0x80;
    *ret_middle = parse_hundredths(element->tag + sizeof TEXT_START - 1, &rest) +
                  (int64_t)ml_text_width(shown) * element->points / 2000;
    return MLEDGER_OK;
}

static const char *find(const char *at, const char *end, const char *what)
{
    const char *found = memmem(at, (size_t)(end - at), what, strlen(what));
    return found ? found : end;
}

/* The middle that the texts of one group share, from the first that is sure; else *middle stays. */
static int find_common_middle(const char *at, const char *group_end, int64_t *middle, bool *sure)
{
    *sure = false;
    for (at = find(at, group_end, TEXT_START); !*sure && at < group_end;
         at = find(at + 1, group_end, TEXT_START)) {
        struct text_element element = {0};
        ML_TRY(parse_element(at, group_end, &element));
        ML_TRY(find_middle(&element, middle, sure));
    }
    return MLEDGER_OK;
}

/* Around the labels of edges: a line may run through what it bears. */
#define HALO                                                                                       \
    " paint-order=\"stroke\" stroke=\"#FFFFFF\" stroke-width=\"3\" stroke-linejoin=\"round\""

/* Appends the start tag, anchored in the middle. */
static int append_tag(const struct text_element *element, int64_t x, bool halo, struct ml_buf *out)
{
    const char *rest;
    parse_hundredths(element->tag + sizeof TEXT_START - 1, &rest);
    ML_TRY(ml_buf_printf(out, "<text%s text-anchor=\"middle\" x=\"%s%" PRId64 ".%02" PRId64,
                         halo ? HALO : "", x < 0 ? "-" : "", (x < 0 ? -x : x) / 100,
                         (x < 0 ? -x : x) % 100));
    return ml_buf_append(out, rest, (size_t)(element->close + 1 - rest));
}

/* Of an edge, or of the link in it that bears its tooltip. */
static bool is_edge(const char *group, const char *end)
{
    static const char edge[] = "<g id=\"edge_", link[] = "<g id=\"a_edge_";
    size_t len = (size_t)(end - group);
    return (len > sizeof edge && memcmp(group, edge, sizeof edge - 1) == 0) ||
           (len > sizeof link && memcmp(group, link, sizeof link - 1) == 0);
}

/* Appends one group up to the next with its texts centred; of the heading only the legend's, each
 * by itself: the titles are left-aligned. */
static int append_group(const char *at, const char *end, bool heading, struct ml_buf *out)
{
    int64_t middle = 0;
    bool common = false, sure;
    const bool halo = is_edge(at, end);
    if (!heading)
        ML_TRY(find_common_middle(at, end, &middle, &common));
    for (;;) {
        struct text_element element = {0};
        const char *next = find(at, end, TEXT_START);
        ML_TRY(ml_buf_append(out, at, (size_t)(next - at)));
        if (next == end)
            return MLEDGER_OK;
        ML_TRY(parse_element(next, end, &element));
        if (!common)
            ML_TRY(find_middle(&element, &middle, &sure));
        if (heading && element.points != (int64_t)ML_LOOK_LEGEND_POINTS * 100)
            ML_TRY(ml_buf_append(out, next, (size_t)(element.close + 1 - next)));
        else
            ML_TRY(append_tag(&element, middle, halo, out));
        at = element.close + 1;
    }
}

/* The first group is the graph, whose own texts are the heading. */
static int append_groups(const char *at, const char *end, struct ml_buf *out)
{
    static const char group[] = "<g id=";
    const char *graph = find(at, end, group);
    const char *next = graph < end ? find(graph + 1, end, group) : end;
    ML_TRY(append_group(at, next, true, out));
    for (at = next; at < end; at = next) {
        next = find(at + 1, end, group);
        ML_TRY(append_group(at, next, false, out));
    }
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int append_finished(const struct ml_drawing *drawing, const char *svg, const char *end,
                           struct ml_buf *out)
{
    static const char root[] = "<svg ";
    const char *tag = memmem(svg, (size_t)(end - svg), root, sizeof root - 1);
    const char *close = tag ? memchr(tag, '>', (size_t)(end - tag)) : NULL;
    if (!close)
        return ml_fail(MLEDGER_ESYSTEM, "Graphviz did not write SVG");
    const char *inside = tag + sizeof root - 1;
    ML_TRY(ml_buf_append(out, svg, (size_t)(inside - svg)));
    ML_TRY(ml_buf_append_text(out, "role=\"img\" aria-labelledby=\"mledger_title mledger_desc\" "));
    ML_TRY(ml_buf_append(out, inside, (size_t)(close + 1 - inside)));
    ML_TRY(append_description(drawing, out));
    return append_groups(close + 1, end, out);
}

int ml_svg_finish(const struct ml_drawing *drawing, struct ml_span svg, struct ml_buf *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf copy = {0}; /* ended by NUL, so that numbers end */
    const char *text;
    ML_TRY(ml_buf_append(&copy, svg.data, svg.len));
    ML_TRY(ml_text_end(&copy, &text));
    return append_finished(drawing, text, text + svg.len, out);
}
