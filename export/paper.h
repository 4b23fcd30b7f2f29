/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A paper: what a report says, before any decision about how it looks. Sections of facts,
 * tables, notes and pictures, in which every statement names the records that say so. The same
 * paper is turned into HTML (export/paper_html.h) and JSON (export/paper_json.h), so that
 * a person and a program are told the same.
 *
 * It is written from front to back: a section, in it a block, in that rows, in these cells, in a
 * cell lines and records. Text may come from anywhere and is cleaned (export/text_clean.h).
 *
 * The paper owns copies of everything but keys, ids and columns, which are constants of the
 * program. Memory that is out shows at ml_paper_check(); until then calls do nothing more.
 * Belongs to one thread.
 */
#ifndef ML_EXPORT_PAPER_H
#define ML_EXPORT_PAPER_H

#include "ledger/core/arena.h"

/* Rows of one table; more are counted and not kept. */
#define ML_PAPER_ROWS_MAX ((size_t)2000)

/* Said by a word beside the colour, never by the colour alone: so a tone goes with its text. */
enum ml_paper_tone { ML_PAPER_PLAIN, ML_PAPER_GOOD, ML_PAPER_WARN, ML_PAPER_BAD, ML_PAPER_QUIET };

enum ml_paper_form {
    ML_PAPER_WORDS,
    ML_PAPER_CODE, /* digests, keys, commands: set in a fixed width, may break anywhere */
    ML_PAPER_TIME, /* RFC 3339 */
    ML_PAPER_NUMBER,
};

struct ml_paper_line {
    const char *text;
    enum ml_paper_form form;
    enum ml_paper_tone tone;
};

/* A record that says so: the lines before it, or of several the last one. */
struct ml_paper_source {
    uint64_t seq;
    size_t line; /* how many lines stand before it */
};

struct ml_paper_cell {
    struct ml_paper_line *lines; /* none: nothing is recorded */
    size_t n_lines, cap_lines;
    struct ml_paper_source *sources; /* in the order they were named; after one line each once */
    size_t n_sources, cap_sources;
};

struct ml_paper_row {
    const char *key, *label; /* of a fact */
    uint64_t anchor;         /* the row is where this record is described; MLEDGER_NO_SEQ */
    struct ml_paper_cell *cells;
    size_t n_cells, cap_cells;
};

struct ml_paper_column {
    const char *key;   /* in JSON */
    const char *title; /* on the page */
};

enum ml_paper_kind { ML_PAPER_NOTE, ML_PAPER_FACTS, ML_PAPER_TABLE, ML_PAPER_PICTURE };

struct ml_paper_block {
    enum ml_paper_kind kind;
    const char *key;
    const char *text; /* of a note; of a table its caption; of a picture what it is called */
    enum ml_paper_tone tone;
    const struct ml_paper_column *columns;
    size_t n_columns;
    struct ml_paper_row *rows;
    size_t n_rows, cap_rows;
    size_t rows_left_out;
    struct ml_span svg; /* of a picture: one <svg> element (export/svg_inline.h) */
};

struct ml_paper_section {
    const char *id, *title;
    struct ml_paper_block *blocks;
    size_t n_blocks, cap_blocks;
};

struct ml_paper {
    struct ml_arena arena;
    const char *kind;     /* of report: "model" */
    const char *title;    /* "Model report: churn/3" */
    const char *subtitle; /* of which ledger, as of when */
    struct ml_paper_section *sections;
    size_t n_sections, cap_sections;
    uint64_t *cited; /* records named anywhere; ascending after ml_paper_cited() */
    size_t n_cited, cap_cited;
    bool failed;
    struct ml_paper_row spare; /* takes what is written after a failure, or beyond the last row */
    bool is_spare;
};

/* `kind` is a constant. */
void ml_paper_init(struct ml_paper *paper, const char *kind);
void ml_paper_release(struct ml_paper *paper);
/* MLEDGER_ESYSTEM: memory is out, or MLEDGER_EINVALID: the paper takes too much of it. */
int ml_paper_check(const struct ml_paper *paper) ML_MUST_USE;

void ml_paper_title(struct ml_paper *paper, const char *title, const char *subtitle);

/* Each begins what it is called; ids and keys are constants, ids unique in the paper. */
void ml_paper_section(struct ml_paper *paper, const char *id, const char *title);
void ml_paper_note(struct ml_paper *paper, enum ml_paper_tone tone, const char *format, ...)
    ML_PRINTF(3, 4);
void ml_paper_facts(struct ml_paper *paper, const char *key);
void ml_paper_table(struct ml_paper *paper, const char *key, const char *caption,
                    const struct ml_paper_column *columns, size_t n_columns);
/* `svg` is copied. */
void ml_paper_picture(struct ml_paper *paper, const char *key, const char *title,
                      struct ml_span svg);

/* In facts: a row of one cell, which is begun too. */
void ml_paper_fact(struct ml_paper *paper, const char *key, const char *label);
/* In a table: the next row; and in it the next cell. */
void ml_paper_row(struct ml_paper *paper);
void ml_paper_cell(struct ml_paper *paper);
/* The row at hand describes this record. */
void ml_paper_anchor(struct ml_paper *paper, uint64_t seq);

/* In a cell. NULL is no line. Words are broken into lines at their line feeds. */
void ml_paper_text(struct ml_paper *paper, const char *text);
void ml_paper_line(struct ml_paper *paper, enum ml_paper_tone tone, const char *format, ...)
    ML_PRINTF(3, 4);
void ml_paper_code(struct ml_paper *paper, const char *format, ...) ML_PRINTF(2, 3);
void ml_paper_number(struct ml_paper *paper, uint64_t number);
void ml_paper_time(struct ml_paper *paper, int64_t time_us);
/* The line, or the note, that was written last rests on the record. MLEDGER_NO_SEQ is none. */
void ml_paper_seq(struct ml_paper *paper, uint64_t seq);
void ml_paper_seqs(struct ml_paper *paper, const uint64_t *seqs, size_t count);

/* The records named so far, ascending, each once; until the next one is named. */
const uint64_t *ml_paper_cited(struct ml_paper *paper, size_t *ret_count);

#endif
