/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of records, printed some hundreds at a time so that a long list begins at once. */
#ifndef ML_CLI_LOG_ROWS_H
#define ML_CLI_LOG_ROWS_H

#include "cli/listing.h"

struct ml_log_rows {
    struct ml_output *out; /* borrowed */
    struct ml_listing listing;
    bool headed; /* the headings were printed */
    size_t rows; /* not printed yet */
};

/* What a row tells; borrowed. The time is RFC 3339, UTC. */
struct ml_log_row {
    uint64_t seq;
    const char *time, *kind, *subject, *summary, *who;
};

void ml_log_rows_init(struct ml_log_rows *rows, struct ml_output *out);
void ml_log_rows_release(struct ml_log_rows *rows);
/* MLEDGER_ESYSTEM: memory is out, or it cannot be written. */
int ml_log_rows_add(struct ml_log_rows *rows, const struct ml_log_row *row) ML_MUST_USE;
/* Prints what is left. */
int ml_log_rows_finish(struct ml_log_rows *rows) ML_MUST_USE;

#endif
