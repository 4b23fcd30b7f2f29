/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/log_rows.h"

#include <inttypes.h>

enum { PRINT_ROWS = 500 };

static const struct ml_column headed[] = {{.heading = "record", .right = true},
                                          {.heading = "time"},
                                          {.heading = "kind"},
                                          {.heading = "subject", .flexible = true},
                                          {.heading = "what", .flexible = true},
                                          {.heading = "who", .flexible = true}};
static const struct ml_column bare[] = {
    {.right = true}, {0}, {0}, {.flexible = true}, {.flexible = true}, {.flexible = true}};

void ml_log_rows_init(struct ml_log_rows *rows, struct ml_output *out)
{
    *rows = (struct ml_log_rows){.out = out};
    ml_listing_init(&rows->listing, headed, ML_COUNT(headed));
}

void ml_log_rows_release(struct ml_log_rows *rows)
{
    ml_listing_release(&rows->listing);
}

int ml_log_rows_finish(struct ml_log_rows *rows)
{
    if (rows->rows)
        ml_listing_print(&rows->listing, rows->out);
    rows->headed |= rows->rows > 0;
    rows->rows = 0;
    ml_listing_release(&rows->listing);
    ml_listing_init(&rows->listing, rows->headed ? bare : headed, ML_COUNT(headed));
    return ml_output_check(rows->out);
}

int ml_log_rows_add(struct ml_log_rows *rows, const struct ml_log_row *row)
{
    struct ml_listing *listing = &rows->listing;
    ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "#%" PRIu64, row->seq));
    ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "%.10s %.8s", row->time,
                          strlen(row->time) > 11 ? row->time + 11 : ""));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", row->kind));
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s", row->subject));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", row->summary));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", row->who));
    return ++rows->rows == PRINT_ROWS ? ml_log_rows_finish(rows) : MLEDGER_OK;
}
