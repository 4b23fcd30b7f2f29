/* SPDX-License-Identifier: Apache-2.0 */
#include "export/svg_inline.h"

/* Quotes in text and in values are escaped in our SVG, so these stand in start tags alone. */
static const char id[] = " id=\"";
static const char labelled[] = " aria-labelledby=\"";
static const char comment[] = "<!--", comment_end[] = "-->";

struct scan {
    const char *at, *end;
    const char *prefix;
    struct ml_buf *out;
};

static bool begins(const struct scan *scan, const char *what)
{
    size_t len = strlen(what);
    return (size_t)(scan->end - scan->at) >= len && memcmp(scan->at, what, len) == 0;
}

static int copy(struct scan *scan, size_t len)
{
    ML_TRY(ml_buf_append(scan->out, scan->at, len));
    scan->at += len;
    return MLEDGER_OK;
}

/* The names up to the quote, each with the prefix. */
static int copy_names(struct scan *scan)
{
    bool at_name = true;
    while (scan->at < scan->end && *scan->at != '"') {
        if (at_name && *scan->at != ' ')
            ML_TRY(ml_buf_append_text(scan->out, scan->prefix));
        at_name = *scan->at == ' ';
        ML_TRY(copy(scan, 1));
    }
    return MLEDGER_OK;
}

static int skip_comment(struct scan *scan)
{
    const char *close =
        memmem(scan->at, (size_t)(scan->end - scan->at), comment_end, sizeof comment_end - 1);
    if (!close)
        return ml_fail(MLEDGER_ESYSTEM, "the SVG holds a comment that does not end");
    scan->at = close + sizeof comment_end - 1;
    scan->at += scan->at < scan->end && *scan->at == '\n';
    return MLEDGER_OK;
}

static int copy_next(struct scan *scan)
{
    if (begins(scan, comment))
        return skip_comment(scan);
    if (begins(scan, id)) {
        ML_TRY(copy(scan, sizeof id - 1));
        return copy_names(scan);
    }
    if (begins(scan, labelled)) {
        ML_TRY(copy(scan, sizeof labelled - 1));
        return copy_names(scan);
    }
    const char *next = scan->at + 1;
    while (next < scan->end && *next != ' ' && *next != '<')
        next++;
    return copy(scan, (size_t)(next - scan->at));
}

int ml_svg_inline(struct ml_span svg, const char *prefix, struct ml_buf *out)
{
    const char *text = (const char *)svg.data;
    const char *root = svg.len ? memmem(text, svg.len, "<svg", 4) : NULL;
    if (!root)
        return ml_fail(MLEDGER_ESYSTEM, "the picture has no <svg> element");
    struct scan scan = {.at = root, .end = text + svg.len, .prefix = prefix, .out = out};
    while (scan.at < scan.end)
        ML_TRY(copy_next(&scan));
    return MLEDGER_OK;
}
