/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of cells in aligned columns. Cells are escaped as all output is. On a terminal that is
 * too narrow, columns marked flexible are cut ("…"), the widest first; elsewhere nothing is
 * cut. Two spaces part columns; no line ends in spaces.
 */
#ifndef ML_CLI_LISTING_H
#define ML_CLI_LISTING_H

#include "cli/output.h"

struct ml_column {
    const char *heading; /* NULL in the first column: the listing has no heading line */
    bool right;          /* aligned right, for numbers */
    bool flexible;       /* may be cut */
};

enum { ML_COLUMNS_MAX = 16 };

struct ml_cell {
    size_t start, len, width; /* escaped text in `text`; columns it takes */
    enum ml_role role;
};

struct ml_listing {
    const struct ml_column *columns; /* borrowed */
    size_t column_count;
    struct ml_cell *cells; /* row by row */
    size_t count, cap;
    struct ml_buf text;
};

/* At most ML_COLUMNS_MAX columns, at least one. */
void ml_listing_init(struct ml_listing *listing, const struct ml_column *columns, size_t count);
void ml_listing_release(struct ml_listing *listing);

/* Adds the next cell, left to right, row by row. MLEDGER_ESYSTEM: out of memory. */
int ml_listing_add(struct ml_listing *listing, enum ml_role role, const char *format, ...)
    ML_PRINTF(3, 4) ML_MUST_USE;

/* Prints all whole rows, and the headings if there is a row. A last row that lacks cells is a
 * programmer's error. */
void ml_listing_print(const struct ml_listing *listing, struct ml_output *out);

#endif
