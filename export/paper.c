/* SPDX-License-Identifier: Apache-2.0 */
#include "export/paper.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "export/text_clean.h"
#include "ledger/core/time.h"

#define MEMORY ((size_t)256 << 20)

void ml_paper_init(struct ml_paper *paper, const char *kind)
{
    *paper = (struct ml_paper){.kind = kind, .title = "", .subtitle = ""};
    ml_arena_init(&paper->arena, MEMORY);
}

void ml_paper_release(struct ml_paper *paper)
{
    ml_arena_release(&paper->arena);
    free(paper->cited);
    *paper = (struct ml_paper){0};
}

int ml_paper_check(const struct ml_paper *paper)
{
    return paper->failed ? ml_arena_fail(&paper->arena, "the report") : MLEDGER_OK;
}

/* ---- memory ---- */

/* The new element of *list, zeroed; NULL when memory is out. */
static void *append(struct ml_paper *paper, void *list, size_t *count, size_t *cap, size_t size)
{
    uint8_t *at;
    if (paper->failed || !ml_arena_grow(&paper->arena, list, cap, *count, size)) {
        paper->failed = true;
        return NULL;
    }
    memcpy(&at, list, sizeof at);
    at += (*count)++ * size;
    memset(at, 0, size);
    return at;
}

static const char *keep(struct ml_paper *paper, const char *text, size_t len)
{
    const char *kept = paper->failed ? NULL : ml_arena_text(&paper->arena, text, len);
    paper->failed = kept == NULL;
    return kept ? kept : "";
}

static const char *keep_clean(struct ml_paper *paper, const char *text, size_t len)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf clean = {0};
    if (ml_text_clean(text, len, &clean) < 0)
        paper->failed = true;
    return keep(paper, (const char *)clean.data, clean.len);
}

/* The caller's to free; NULL when memory is out. */
static ML_PRINTF(2, 0) char *formatted(struct ml_paper *paper, const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) >= 0)
        return text;
    paper->failed = true;
    return NULL;
}

/* ---- where it is being written ---- */

static struct ml_paper_section *section_at(struct ml_paper *paper)
{
    return paper->n_sections ? &paper->sections[paper->n_sections - 1] : NULL;
}

static struct ml_paper_block *block_at(struct ml_paper *paper)
{
    struct ml_paper_section *section = section_at(paper);
    return section && section->n_blocks ? &section->blocks[section->n_blocks - 1] : NULL;
}

static struct ml_paper_row *row_at(struct ml_paper *paper)
{
    struct ml_paper_block *block = block_at(paper);
    if (paper->failed || paper->is_spare || !block || block->n_rows == 0)
        return &paper->spare;
    return &block->rows[block->n_rows - 1];
}

static struct ml_paper_cell *cell_at(struct ml_paper *paper)
{
    struct ml_paper_row *row = row_at(paper);
    if (row == &paper->spare || row->n_cells == 0)
        return NULL;
    return &row->cells[row->n_cells - 1];
}

/* ---- blocks ---- */

void ml_paper_title(struct ml_paper *paper, const char *title, const char *subtitle)
{
    paper->title = keep_clean(paper, title, strlen(title));
    paper->subtitle = keep_clean(paper, subtitle, strlen(subtitle));
}

void ml_paper_section(struct ml_paper *paper, const char *id, const char *title)
{
    struct ml_paper_section *section =
        append(paper, &paper->sections, &paper->n_sections, &paper->cap_sections, sizeof *section);
    if (!section)
        return;
    section->id = id;
    section->title = title;
}

static struct ml_paper_block *add_block(struct ml_paper *paper, enum ml_paper_kind kind,
                                        const char *key)
{
    struct ml_paper_section *section = section_at(paper);
    assert(section || paper->failed);
    struct ml_paper_block *block = section ? append(paper, &section->blocks, &section->n_blocks,
                                                    &section->cap_blocks, sizeof *block)
                                           : NULL;
    if (!block)
        return NULL;
    paper->is_spare = false;
    block->kind = kind;
    block->key = key;
    return block;
}

/* A note is a block with one cell, for the records that it rests on. */
void ml_paper_note(struct ml_paper *paper, enum ml_paper_tone tone, const char *format, ...)
{
    struct ml_paper_block *block = add_block(paper, ML_PAPER_NOTE, "notes");
    va_list args;
    va_start(args, format);
    ML_CLEANUP(ml_freep) char *text = formatted(paper, format, args);
    va_end(args);
    if (!block || !text)
        return;
    block->tone = tone;
    block->text = keep_clean(paper, text, strlen(text));
    ml_paper_row(paper);
    ml_paper_cell(paper);
}

void ml_paper_facts(struct ml_paper *paper, const char *key)
{
    add_block(paper, ML_PAPER_FACTS, key);
}

void ml_paper_table(struct ml_paper *paper, const char *key, const char *caption,
                    const struct ml_paper_column *columns, size_t n_columns)
{
    struct ml_paper_block *block = add_block(paper, ML_PAPER_TABLE, key);
    if (!block)
        return;
    block->text = caption;
    block->columns = columns;
    block->n_columns = n_columns;
}

void ml_paper_picture(struct ml_paper *paper, const char *key, const char *title,
                      struct ml_span svg)
{
    struct ml_paper_block *block = add_block(paper, ML_PAPER_PICTURE, key);
    if (!block)
        return;
    block->text = keep_clean(paper, title, strlen(title));
    block->svg = ML_SPAN(keep(paper, (const char *)svg.data, svg.len), svg.len);
}

/* ---- rows and cells ---- */

void ml_paper_row(struct ml_paper *paper)
{
    struct ml_paper_block *block = block_at(paper);
    if (paper->failed || !block)
        return;
    paper->is_spare = block->n_rows >= ML_PAPER_ROWS_MAX;
    block->rows_left_out += paper->is_spare;
    if (paper->is_spare)
        return;
    struct ml_paper_row *row =
        append(paper, &block->rows, &block->n_rows, &block->cap_rows, sizeof *row);
    if (row)
        row->anchor = MLEDGER_NO_SEQ;
}

void ml_paper_fact(struct ml_paper *paper, const char *key, const char *label)
{
    ml_paper_row(paper);
    struct ml_paper_row *row = row_at(paper);
    row->key = key;
    row->label = label;
    ml_paper_cell(paper);
}

void ml_paper_cell(struct ml_paper *paper)
{
    struct ml_paper_row *row = row_at(paper);
    if (row == &paper->spare)
        return;
    append(paper, &row->cells, &row->n_cells, &row->cap_cells, sizeof *row->cells);
}

void ml_paper_anchor(struct ml_paper *paper, uint64_t seq)
{
    row_at(paper)->anchor = seq;
}

/* ---- lines ---- */

static void add_line(struct ml_paper *paper, enum ml_paper_form form, enum ml_paper_tone tone,
                     const char *text, size_t len)
{
    struct ml_paper_cell *cell = cell_at(paper);
    struct ml_paper_line *line =
        cell ? append(paper, &cell->lines, &cell->n_lines, &cell->cap_lines, sizeof *line) : NULL;
    if (!line)
        return;
    line->text = keep_clean(paper, text, len);
    line->form = form;
    line->tone = tone;
}

/* A line of words: what people indent with is a space here. */
static void add_untabbed(struct ml_paper *paper, enum ml_paper_tone tone, const char *text,
                         size_t len)
{
    ML_CLEANUP(ml_freep) char *copy = strndup(text, len);
    if (!copy) {
        paper->failed = true;
        return;
    }
    for (char *at = copy; *at; at++)
        if (*at == '\t')
            *at = ' ';
    add_line(paper, ML_PAPER_WORDS, tone, copy, strlen(copy));
}

static void add_words(struct ml_paper *paper, enum ml_paper_tone tone, const char *text)
{
    for (const char *end; *text; text = *end ? end + 1 : end) {
        end = strchrnul(text, '\n');
        size_t len = (size_t)(end - text);
        len -= len > 0 && text[len - 1] == '\r';
        if (len)
            add_untabbed(paper, tone, text, len);
    }
}

void ml_paper_text(struct ml_paper *paper, const char *text)
{
    if (text)
        add_words(paper, ML_PAPER_PLAIN, text);
}

void ml_paper_line(struct ml_paper *paper, enum ml_paper_tone tone, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ML_CLEANUP(ml_freep) char *text = formatted(paper, format, args);
    va_end(args);
    if (text)
        add_words(paper, tone, text);
}

void ml_paper_code(struct ml_paper *paper, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ML_CLEANUP(ml_freep) char *text = formatted(paper, format, args);
    va_end(args);
    if (text)
        add_line(paper, ML_PAPER_CODE, ML_PAPER_PLAIN, text, strlen(text));
}

void ml_paper_number(struct ml_paper *paper, uint64_t number)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%" PRIu64, number);
    add_line(paper, ML_PAPER_NUMBER, ML_PAPER_PLAIN, text, (size_t)len);
}

void ml_paper_time(struct ml_paper *paper, int64_t time_us)
{
    char text[ML_TIME_TEXT_SIZE];
    if (ml_time_format(time_us, text) < 0) {
        add_words(paper, ML_PAPER_WARN, "a time that no calendar has");
        return;
    }
    add_line(paper, ML_PAPER_TIME, ML_PAPER_PLAIN, text, strlen(text));
}

/* ---- records ---- */

static bool names(const struct ml_paper_cell *cell, uint64_t seq)
{
    for (size_t i = cell->n_sources; i > 0 && cell->sources[i - 1].line == cell->n_lines; i--)
        if (cell->sources[i - 1].seq == seq)
            return true;
    return false;
}

void ml_paper_seq(struct ml_paper *paper, uint64_t seq)
{
    struct ml_paper_cell *cell = cell_at(paper);
    if (!cell || seq == MLEDGER_NO_SEQ || names(cell, seq))
        return;
    struct ml_paper_source *source =
        append(paper, &cell->sources, &cell->n_sources, &cell->cap_sources, sizeof *source);
    if (!source)
        return;
    *source = (struct ml_paper_source){seq, cell->n_lines};
    if (ml_grow(&paper->cited, &paper->cap_cited, paper->n_cited + 1, sizeof *paper->cited) < 0) {
        paper->failed = true;
        return;
    }
    paper->cited[paper->n_cited++] = seq;
}

void ml_paper_seqs(struct ml_paper *paper, const uint64_t *seqs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ml_paper_seq(paper, seqs[i]);
}

static int compare(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

const uint64_t *ml_paper_cited(struct ml_paper *paper, size_t *ret_count)
{
    size_t kept = 0;
    if (paper->n_cited)
        qsort(paper->cited, paper->n_cited, sizeof *paper->cited, compare);
    for (size_t i = 0; i < paper->n_cited; i++)
        if (kept == 0 || paper->cited[kept - 1] != paper->cited[i])
            paper->cited[kept++] = paper->cited[i];
    paper->n_cited = kept;
    *ret_count = kept;
    return paper->cited;
}
