/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/csv.h"

#include <inttypes.h>

#include "ledger/core/time.h"

static bool needs_quotes(const char *text, size_t len)
{
    return len > 0 && (text[strcspn(text, ",\"\r\n")] || text[0] == ' ' || text[len - 1] == ' ');
}

static void write_quoted(struct ml_output *out, const char *text)
{
    ml_output_raw(out, "\"", 1);
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        ml_output_raw(out, text, (size_t)(quote - text));
        ml_output_raw(out, "\"\"", 2);
    }
    ml_output_raw(out, text, strlen(text));
    ml_output_raw(out, "\"", 1);
}

void ml_csv_text(struct ml_csv *csv, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (csv->column++ > 0)
        ml_output_raw(csv->out, ",", 1);
    if (needs_quotes(text, len))
        write_quoted(csv->out, text);
    else if (len > 0)
        ml_output_raw(csv->out, text, len);
}

void ml_csv_number(struct ml_csv *csv, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    ml_csv_text(csv, text);
}

void ml_csv_time(struct ml_csv *csv, uint64_t seq, int64_t time_us)
{
    char text[ML_TIME_TEXT_SIZE];
    bool known = seq != MLEDGER_NO_SEQ && ml_time_format(time_us, text) >= 0;
    ml_csv_text(csv, known ? text : NULL);
}

void ml_csv_end(struct ml_csv *csv)
{
    ml_output_raw(csv->out, "\r\n", 2);
    csv->column = 0;
}

void ml_csv_row(struct ml_csv *csv, const char *const *texts)
{
    for (; *texts; texts++)
        ml_csv_text(csv, *texts);
    ml_csv_end(csv);
}
