/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_svg.h"

#include <inttypes.h>

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

#define FONT_SIZE_MAX 1000

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

/* Width of a text element in hundredths of a unit; `tag` is its start tag, ended by `close`. */
static int measure(const char *tag, const char *close, const char *end, int64_t *ret_width)
{
    static const char attribute[] = " font-size=\"";
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const char *shown, *rest;
    const char *size = memmem(tag, (size_t)(close - tag), attribute, sizeof attribute - 1);
    int64_t points = size ? parse_hundredths(size + sizeof attribute - 1, &rest) : 0;
    if (points > FONT_SIZE_MAX * 100)
        points = 0;
    ML_TRY(decode_text(close + 1, (size_t)(end - close - 1), &text));
    ML_TRY(ml_text_end(&text, &shown));
    *ret_width = (int64_t)ml_text_width(shown) * points / 1000;
    return MLEDGER_OK;
}

#define TEXT_START "<text text-anchor=\"start\" x=\""

/* Appends the text element at `at` up to its content; *ret_next is where that begins. */
static int centre_text(const char *at, const char *end, struct ml_buf *out, const char **ret_next)
{
    const char *rest;
    const char *close = memchr(at, '>', (size_t)(end - at));
    const char *last = close ? memchr(close, '<', (size_t)(end - close)) : NULL;
    int64_t x = parse_hundredths(at + sizeof TEXT_START - 1, &rest), width = 0;
    if (!last || *rest != '"')
        return ml_fail(MLEDGER_ESYSTEM, "Graphviz wrote text that does not end");
    ML_TRY(measure(at, close, last, &width));
    x += width / 2;
    ML_TRY(ml_buf_printf(out, "<text text-anchor=\"middle\" x=\"%s%" PRId64 ".%02" PRId64,
                         x < 0 ? "-" : "", (x < 0 ? -x : x) / 100, (x < 0 ? -x : x) % 100));
    ML_TRY(ml_buf_append(out, rest, (size_t)(close + 1 - rest)));
    *ret_next = close + 1;
    return MLEDGER_OK;
}

/* Appends what lies between `at` and `end` with its texts centred. The heading, which is
 * left-aligned, stands before the first group inside the graph's. */
static int append_centred(const char *at, const char *end, struct ml_buf *out)
{
    static const char group[] = "<g id=";
    const char *found = memmem(at, (size_t)(end - at), group, sizeof group - 1);
    const char *inner = found ? memmem(found + 1, (size_t)(end - found - 1), group, 6) : NULL;
    const char *next = inner ? inner : end;
    ML_TRY(ml_buf_append(out, at, (size_t)(next - at)));
    for (at = next; at < end;) {
        next = memmem(at, (size_t)(end - at), TEXT_START, sizeof TEXT_START - 1);
        next = next ? next : end;
        ML_TRY(ml_buf_append(out, at, (size_t)(next - at)));
        at = next;
        if (at < end)
            ML_TRY(centre_text(at, end, out, &at));
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
    return append_centred(close + 1, end, out);
}

int ml_svg_finish(const struct ml_drawing *drawing, struct ml_span svg, struct ml_buf *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf copy = {0}; /* ended by NUL, so that numbers end */
    const char *text;
    ML_TRY(ml_buf_append(&copy, svg.data, svg.len));
    ML_TRY(ml_text_end(&copy, &text));
    return append_finished(drawing, text, text + svg.len, out);
}
