/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables for programs: RFC 4180, UTF-8, lines ended by CR LF, a first line of headings. A cell is
 * quoted where it holds a comma, a quote, a line end, or a space at one of its ends; nothing is
 * changed in it, so a program that takes "=1+1" for a formula has to be told that it is text.
 *
 *     struct ml_csv csv = {.out = out};
 *     ml_csv_text(&csv, "model");      a cell
 *     ml_csv_end(&csv);                ends the row
 */
#ifndef ML_CLI_CSV_H
#define ML_CLI_CSV_H

#include "cli/output.h"

struct ml_csv {
    struct ml_output *out; /* borrowed; keeps the first failure, as all output */
    size_t column;
};

/* NULL is an empty cell. */
void ml_csv_text(struct ml_csv *csv, const char *text);
void ml_csv_number(struct ml_csv *csv, uint64_t number);
/* RFC 3339; empty for MLEDGER_NO_SEQ in `seq`. */
void ml_csv_time(struct ml_csv *csv, uint64_t seq, int64_t time_us);
void ml_csv_end(struct ml_csv *csv);
/* A row of texts, ended by NULL. */
void ml_csv_row(struct ml_csv *csv, const char *const *texts);

#endif
