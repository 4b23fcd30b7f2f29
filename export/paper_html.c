/* SPDX-License-Identifier: Apache-2.0 */
#include "export/paper_html.h"

#include <inttypes.h>
#include <stdio.h>

#include "export/html.h"
#include "export/report_css.h"

/* Records named in one cell before they are counted only; JSON names all. */
enum { SEQS_SHOWN = 12, DATE = 10, SECONDS = 19, MILLISECONDS = 4, ANCHOR_SIZE = 32 };

struct page {
    const struct ml_paper *paper;
    struct ml_html html;
    uint64_t *anchors; /* records that a row describes, ascending */
    size_t n_anchors, cap_anchors;
};

/* ---- what can be linked to ---- */

static int compare(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static int find_anchors(struct page *page)
{
    const struct ml_paper *paper = page->paper;
    for (size_t i = 0; i < paper->n_sections; i++)
        for (size_t k = 0; k < paper->sections[i].n_blocks; k++) {
            const struct ml_paper_block *block = &paper->sections[i].blocks[k];
            for (size_t r = 0; r < block->n_rows; r++) {
                if (block->rows[r].anchor == MLEDGER_NO_SEQ)
                    continue;
                ML_TRY(ml_grow(&page->anchors, &page->cap_anchors, page->n_anchors + 1,
                               sizeof *page->anchors));
                page->anchors[page->n_anchors++] = block->rows[r].anchor;
            }
        }
    if (page->n_anchors)
        qsort(page->anchors, page->n_anchors, sizeof *page->anchors, compare);
    return MLEDGER_OK;
}

static bool is_described(const struct page *page, uint64_t seq)
{
    return page->n_anchors &&
           bsearch(&seq, page->anchors, page->n_anchors, sizeof seq, compare) != NULL;
}

/* ---- cells ---- */

static const char *tone_class(enum ml_paper_tone tone)
{
    static const char *const classes[] = {[ML_PAPER_PLAIN] = NULL,
                                          [ML_PAPER_GOOD] = "good",
                                          [ML_PAPER_WARN] = "warn",
                                          [ML_PAPER_BAD] = "bad",
                                          [ML_PAPER_QUIET] = "quiet"};
    return classes[tone];
}

/* "2026-03-01 14:32:00 UTC". The whole of it is the title; the attribute may have milliseconds and
 * no more (the standard's "valid global date and time"). */
static void put_time(struct ml_html *html, const char *text)
{
    char machine[SECONDS + sizeof ".123Z"];
    const char *fraction = strchr(text, '.');
    snprintf(machine, sizeof machine, "%.*s%.*sZ", SECONDS, text, fraction ? MILLISECONDS : 0,
             fraction ? fraction : "");
    ml_html_open(html, "time", "datetime", machine, "title", fraction ? text : NULL, ML_HTML_END);
    if (strlen(text) < SECONDS)
        ml_html_text(html, text);
    else
        ml_html_printf(html, "%.*s %.*s UTC", DATE, text, SECONDS - DATE - 1, text + DATE + 1);
    ml_html_close(html);
}

/* Text in a table: a long word, as strangers' names may be, gets places where it may be parted;
 * columns are as wide as their longest word otherwise. */
static void put_words(struct ml_html *html, const char *text)
{
    enum { WORD_MAX = 32 };
    size_t word = 0;
    const char *from = text;
    for (const char *at = text; *at; at++) {
        word = *at == ' ' ? 0 : word + 1;
        bool may_part = (uint8_t)at[1] > ' ' && (uint8_t)at[1] < 0x80; /* no combining mark */
        if (word < WORD_MAX || !may_part)
            continue;
        ml_html_span(html, from, (size_t)(at + 1 - from));
        ml_html_void(html, "wbr", ML_HTML_END);
        from = at + 1;
        word = 0;
    }
    ml_html_text(html, from);
}

static void put_line(struct ml_html *html, const struct ml_paper_line *line)
{
    const char *class = tone_class(line->tone);
    if (line->form == ML_PAPER_TIME) {
        put_time(html, line->text);
    } else if (line->form == ML_PAPER_CODE) {
        ml_html_element(html, "code", line->text, "class", class, ML_HTML_END);
    } else if (class) {
        ml_html_open(html, "span", "class", class, ML_HTML_END);
        put_words(html, line->text);
        ml_html_close(html);
    } else {
        put_words(html, line->text);
    }
}

static void put_record(struct page *page, uint64_t seq)
{
    char anchor[ANCHOR_SIZE];
    snprintf(anchor, sizeof anchor, "#r%" PRIu64, seq);
    if (!is_described(page, seq)) {
        ml_html_printf(&page->html, "#%" PRIu64, seq);
        return;
    }
    ml_html_open(&page->html, "a", "href", anchor, ML_HTML_END);
    ml_html_printf(&page->html, "#%" PRIu64, seq);
    ml_html_close(&page->html);
}

/* Those that stand after so many lines, from *at on, which moves behind them. */
static void put_records(struct page *page, const struct ml_paper_cell *cell, size_t line,
                        size_t *at)
{
    size_t first = *at, end = first;
    while (end < cell->n_sources && cell->sources[end].line == line)
        end++;
    *at = end;
    if (first == end)
        return;
    ml_html_text(&page->html, line ? " " : "");
    ml_html_open(&page->html, "span", "class", "refs", ML_HTML_END);
    for (size_t i = first; i < end && i < first + SEQS_SHOWN; i++) {
        ml_html_text(&page->html, i > first ? " " : "");
        put_record(page, cell->sources[i].seq);
    }
    if (end - first > SEQS_SHOWN)
        ml_html_printf(&page->html, " and %zu more", end - first - SEQS_SHOWN);
    ml_html_close(&page->html);
}

static void put_cell(struct page *page, const struct ml_paper_cell *cell)
{
    struct ml_html *html = &page->html;
    size_t source = 0;
    if (cell->n_lines == 0 && cell->n_sources == 0)
        ml_html_element(html, "span", "nothing recorded", "class", "quiet", ML_HTML_END);
    put_records(page, cell, 0, &source);
    for (size_t i = 0; i < cell->n_lines; i++) {
        if (i)
            ml_html_void(html, "br", ML_HTML_END);
        put_line(html, &cell->lines[i]);
        put_records(page, cell, i + 1, &source);
    }
}

/* ---- blocks ---- */

static void put_note(struct page *page, const struct ml_paper_block *block)
{
    struct ml_html *html = &page->html;
    const char *class = tone_class(block->tone);
    ml_html_open(html, "p", "class", class ? class : NULL, ML_HTML_END);
    ml_html_text(html, block->text);
    if (block->n_rows && block->rows[0].n_cells && block->rows[0].cells[0].n_sources) {
        ml_html_text(html, " ");
        put_cell(page, &block->rows[0].cells[0]);
    }
    ml_html_close(html);
    ml_html_newline(html);
}

static void put_facts(struct page *page, const struct ml_paper_block *block)
{
    struct ml_html *html = &page->html;
    ml_html_open(html, "dl", ML_HTML_END);
    for (size_t i = 0; i < block->n_rows; i++) {
        ml_html_newline(html);
        ml_html_open(html, "div", ML_HTML_END);
        ml_html_element(html, "dt", block->rows[i].label, ML_HTML_END);
        ml_html_open(html, "dd", ML_HTML_END);
        put_cell(page, &block->rows[i].cells[0]);
        ml_html_close(html);
        ml_html_close(html);
    }
    ml_html_close(html);
    ml_html_newline(html);
}

static void put_row(struct page *page, const struct ml_paper_row *row)
{
    struct ml_html *html = &page->html;
    char anchor[ANCHOR_SIZE];
    snprintf(anchor, sizeof anchor, "r%" PRIu64, row->anchor);
    ml_html_newline(html);
    ml_html_open(html, "tr", "id", row->anchor == MLEDGER_NO_SEQ ? NULL : anchor, ML_HTML_END);
    for (size_t i = 0; i < row->n_cells; i++) {
        if (i == 0)
            ml_html_open(html, "th", "scope", "row", ML_HTML_END);
        else
            ml_html_open(html, "td", ML_HTML_END);
        put_cell(page, &row->cells[i]);
        ml_html_close(html);
    }
    ml_html_close(html);
}

static void put_empty_table(struct page *page, const struct ml_paper_block *block)
{
    ml_html_open(&page->html, "p", ML_HTML_END);
    ml_html_printf(&page->html, "%s: ", block->text);
    ml_html_element(&page->html, "span", "nothing recorded", "class", "quiet", ML_HTML_END);
    ml_html_close(&page->html);
    ml_html_newline(&page->html);
}

static void put_table(struct page *page, const struct ml_paper_block *block)
{
    struct ml_html *html = &page->html;
    if (block->n_rows == 0) {
        put_empty_table(page, block);
        return;
    }
    /* What is wider than the page is scrolled, also by keys. */
    ml_html_open(html, "div", "class", "wide", "role", "region", "aria-label", block->text,
                 "tabindex", "0", ML_HTML_END);
    ml_html_open(html, "table", "class", block->key, ML_HTML_END);
    ml_html_element(html, "caption", block->text, ML_HTML_END);
    ml_html_open(html, "thead", ML_HTML_END);
    ml_html_open(html, "tr", ML_HTML_END);
    for (size_t i = 0; i < block->n_columns; i++)
        ml_html_element(html, "th", block->columns[i].title, "scope", "col", ML_HTML_END);
    ml_html_close(html);
    ml_html_close(html);
    ml_html_open(html, "tbody", ML_HTML_END);
    for (size_t i = 0; i < block->n_rows; i++)
        put_row(page, &block->rows[i]);
    ml_html_close(html);
    ml_html_close(html);
    ml_html_close(html);
    ml_html_newline(html);
    if (block->rows_left_out == 0)
        return;
    ml_html_open(html, "p", "class", "warn", ML_HTML_END);
    ml_html_printf(html, "%zu more rows are left out here.", block->rows_left_out);
    ml_html_close(html);
}

static void put_picture(struct page *page, const struct ml_paper_block *block)
{
    struct ml_html *html = &page->html;
    ml_html_open(html, "figure", ML_HTML_END);
    ml_html_open(html, "div", "class", "picture", "role", "region", "aria-label", block->text,
                 "tabindex", "0", ML_HTML_END);
    ml_html_raw(html, block->svg);
    ml_html_close(html);
    ml_html_element(html, "figcaption", block->text, ML_HTML_END);
    ml_html_close(html);
    ml_html_newline(html);
}

static void put_block(struct page *page, const struct ml_paper_block *block)
{
    switch (block->kind) {
    case ML_PAPER_NOTE:
        put_note(page, block);
        return;
    case ML_PAPER_FACTS:
        put_facts(page, block);
        return;
    case ML_PAPER_TABLE:
        put_table(page, block);
        return;
    case ML_PAPER_PICTURE:
        put_picture(page, block);
        return;
    }
}

/* ---- the page ---- */

static void put_section(struct page *page, const struct ml_paper_section *section)
{
    char heading[64];
    struct ml_html *html = &page->html;
    snprintf(heading, sizeof heading, "%s-heading", section->id);
    ml_html_newline(html);
    ml_html_open(html, "section", "id", section->id, "aria-labelledby", heading, ML_HTML_END);
    ml_html_element(html, "h2", section->title, "id", heading, ML_HTML_END);
    ml_html_newline(html);
    for (size_t i = 0; i < section->n_blocks; i++)
        put_block(page, &section->blocks[i]);
    ml_html_close(html);
}

static void put_contents(struct page *page)
{
    char target[64];
    struct ml_html *html = &page->html;
    ml_html_open(html, "nav", "aria-label", "Contents", ML_HTML_END);
    ml_html_open(html, "ol", ML_HTML_END);
    for (size_t i = 0; i < page->paper->n_sections; i++) {
        snprintf(target, sizeof target, "#%s", page->paper->sections[i].id);
        ml_html_open(html, "li", ML_HTML_END);
        ml_html_element(html, "a", page->paper->sections[i].title, "href", target, ML_HTML_END);
        ml_html_close(html);
    }
    ml_html_close(html);
    ml_html_close(html);
}

static void put_head(struct page *page)
{
    struct ml_html *html = &page->html;
    ml_html_open(html, "head", ML_HTML_END);
    ml_html_newline(html);
    ml_html_void(html, "meta", "charset", "utf-8", ML_HTML_END);
    ml_html_void(html, "meta", "name", "viewport", "content", "width=device-width, initial-scale=1",
                 ML_HTML_END);
    ml_html_void(html, "meta", "name", "color-scheme", "content", "light dark", ML_HTML_END);
    /* Nothing is fetched and nothing run, whatever a name in it may look like. */
    ml_html_void(html, "meta", "http-equiv", "Content-Security-Policy", "content",
                 "default-src 'none'; style-src 'unsafe-inline'", ML_HTML_END);
    ml_html_void(html, "meta", "name", "generator", "content", "mledger", ML_HTML_END);
    ml_html_newline(html);
    ml_html_element(html, "title", page->paper->title, ML_HTML_END);
    ml_html_newline(html);
    ml_html_open(html, "style", ML_HTML_END);
    ml_html_raw(html, ML_SPAN(ml_report_css, ml_report_css_size));
    ml_html_close(html);
    ml_html_close(html);
}

static void put_page(struct page *page)
{
    struct ml_html *html = &page->html;
    ml_html_open(html, "html", "lang", "en", ML_HTML_END);
    ml_html_newline(html);
    put_head(page);
    ml_html_newline(html);
    ml_html_open(html, "body", ML_HTML_END);
    ml_html_element(html, "a", "Skip to the report", "class", "skip", "href", "#report",
                    ML_HTML_END);
    ml_html_newline(html);
    ml_html_open(html, "header", ML_HTML_END);
    ml_html_element(html, "h1", page->paper->title, ML_HTML_END);
    ml_html_element(html, "p", page->paper->subtitle, ML_HTML_END);
    put_contents(page);
    ml_html_close(html);
    ml_html_newline(html);
    ml_html_open(html, "main", "id", "report", "tabindex", "-1", ML_HTML_END);
    for (size_t i = 0; i < page->paper->n_sections; i++)
        put_section(page, &page->paper->sections[i]);
    ml_html_close(html);
    ml_html_close(html);
    ml_html_newline(html);
    ml_html_close(html);
}

int ml_paper_to_html(const struct ml_paper *paper, struct ml_buf *out)
{
    struct page page = {.paper = paper};
    size_t before = out->len;
    int result = find_anchors(&page);
    if (result >= 0) {
        ml_html_begin(&page.html, out);
        put_page(&page);
        result = ml_html_finish(&page.html);
    }
    if (result < 0)
        out->len = before;
    free(page.anchors);
    return result;
}
