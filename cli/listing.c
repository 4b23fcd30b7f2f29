/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/listing.h"

#include <stdarg.h>

#include "cli/display.h"

enum { GAP = 2, CUT_LEAST = 8 };

void ml_listing_init(struct ml_listing *listing, const struct ml_column *columns, size_t count)
{
    assert(count >= 1 && count <= ML_COLUMNS_MAX);
    *listing = (struct ml_listing){.columns = columns, .column_count = count};
}

void ml_listing_release(struct ml_listing *listing)
{
    if (!listing)
        return;
    free(listing->cells);
    ml_buf_release(&listing->text);
    *listing = (struct ml_listing){0};
}

int ml_listing_add(struct ml_listing *listing, enum ml_role role, const char *format, ...)
{
    ML_CLEANUP(ml_freep) char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0) {
        text = NULL;
        return ml_fail_memory();
    }
    ML_TRY(ml_grow(&listing->cells, &listing->cap, listing->count + 1, sizeof *listing->cells));
    struct ml_cell cell = {.start = listing->text.len, .role = role};
    ML_TRY(ml_display_escape(&listing->text, text, (size_t)len));
    cell.len = listing->text.len - cell.start;
    cell.width = ml_display_width((char *)listing->text.data + cell.start, cell.len);
    listing->cells[listing->count++] = cell;
    return MLEDGER_OK;
}

static void measure(const struct ml_listing *listing, size_t widths[ML_COLUMNS_MAX])
{
    for (size_t c = 0; c < listing->column_count; c++)
        widths[c] = listing->columns[0].heading ? strlen(listing->columns[c].heading) : 0;
    const struct ml_cell *cell = listing->cells, *end = cell + listing->count;
    for (size_t c = 0; cell < end; cell++, c = c + 1 < listing->column_count ? c + 1 : 0)
        if (cell->width > widths[c])
            widths[c] = cell->width;
}

/* The widest column that may still be cut, or column_count. */
static size_t widest_flexible(const struct ml_listing *listing, const size_t widths[ML_COLUMNS_MAX])
{
    size_t best = listing->column_count;
    for (size_t c = 0; c < listing->column_count; c++)
        if (listing->columns[c].flexible && widths[c] > CUT_LEAST &&
            (best == listing->column_count || widths[c] > widths[best]))
            best = c;
    return best;
}

static void squeeze(const struct ml_listing *listing, size_t limit, size_t widths[ML_COLUMNS_MAX])
{
    size_t total = (listing->column_count - 1) * GAP;
    for (size_t c = 0; c < listing->column_count; c++)
        total += widths[c];
    /* A path may be many times as wide as the terminal; its first cut goes to the limit. */
    for (size_t c;
         total > limit && (c = widest_flexible(listing, widths)) < listing->column_count;) {
        size_t cut = widths[c] > limit ? widths[c] - limit : 1;
        widths[c] -= cut;
        total -= cut;
    }
}

/* Writes the text, cut to `columns`; returns the columns it took. */
static size_t print_cut(struct ml_output *out, const char *text, const struct ml_cell *cell,
                        size_t columns)
{
    if (cell->width <= columns) {
        ml_output_bytes(out, cell->role, text, cell->len);
        return cell->width;
    }
    const char *mark = out->utf8 ? "…" : "~";
    size_t width, fit = ml_display_fit(text, cell->len, columns - 1, &width);
    ml_output_bytes(out, cell->role, text, fit);
    ml_output_text(out, ML_ROLE_DIM, "%s", mark);
    return width + 1;
}

/* `owed` spaces are written before the next cell that shows something. */
static void print_cell(struct ml_output *out, const struct ml_column *column, const char *text,
                       const struct ml_cell *cell, size_t width, size_t *owed)
{
    size_t shown = cell->width < width ? cell->width : width;
    if (cell->len == 0) {
        *owed += width + GAP;
        return;
    }
    ml_output_spaces(out, *owed + (column->right ? width - shown : 0));
    shown = print_cut(out, text, cell, width);
    *owed = (column->right ? 0 : width - shown) + GAP;
}

static void print_headings(const struct ml_listing *listing, struct ml_output *out,
                           const size_t widths[ML_COLUMNS_MAX])
{
    size_t owed = 0;
    for (size_t c = 0; c < listing->column_count; c++) {
        const char *heading = listing->columns[c].heading;
        struct ml_cell cell = {
            .len = strlen(heading), .width = strlen(heading), .role = ML_ROLE_EMPHASIS};
        print_cell(out, &listing->columns[c], heading, &cell, widths[c], &owed);
    }
    ml_output_newline(out);
}

void ml_listing_print(const struct ml_listing *listing, struct ml_output *out)
{
    assert(listing->count % listing->column_count == 0);
    if (listing->count == 0)
        return;
    size_t widths[ML_COLUMNS_MAX] = {0};
    measure(listing, widths);
    if (out->width)
        squeeze(listing, out->width, widths);
    if (listing->columns[0].heading)
        print_headings(listing, out, widths);
    for (size_t i = 0; i < listing->count; i += listing->column_count) {
        size_t owed = 0;
        for (size_t c = 0; c < listing->column_count; c++) {
            const struct ml_cell *cell = &listing->cells[i + c];
            print_cell(out, &listing->columns[c], (char *)listing->text.data + cell->start, cell,
                       widths[c], &owed);
        }
        ml_output_newline(out);
    }
}
