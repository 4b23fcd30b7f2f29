/* SPDX-License-Identifier: Apache-2.0 */
/* The public way to append: lines of JSON in, receipts out. */
#include <stdio.h>

#include "ledger/api/handle.h"
#include "ledger/core/json.h"

enum { LINES_MAX = 1000000 };
static const size_t BYTES_MAX = (size_t)1 << 30;

struct drafts {
    struct ml_draft **list;
    size_t count, cap;
};

static void drafts_release(struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->count; i++)
        ml_draft_free(drafts->list[i]);
    free(drafts->list);
}

static bool is_blank(struct ml_span line)
{
    for (size_t i = 0; i < line.len; i++)
        if (!strchr(" \t\r", line.data[i]) || line.data[i] == '\0')
            return false;
    return true;
}

static int read_line(struct drafts *drafts, struct ml_span line, size_t number)
{
    if (is_blank(line))
        return MLEDGER_OK;
    if (drafts->count == LINES_MAX)
        return ml_fail(MLEDGER_EUSAGE, "more than %d lines at once", LINES_MAX);
    char origin[32];
    snprintf(origin, sizeof origin, "line %zu", number);
    ML_TRY(ml_grow(&drafts->list, &drafts->cap, drafts->count + 1, sizeof *drafts->list));
    ML_TRY(ml_draft_from_json((const char *)line.data, line.len, origin,
                              &drafts->list[drafts->count]));
    drafts->count++;
    return MLEDGER_OK;
}

static int read_lines(struct drafts *drafts, const char *text, size_t len)
{
    if (len > BYTES_MAX)
        return ml_fail(MLEDGER_EUSAGE, "%zu bytes at once, over %zu", len, BYTES_MAX);
    size_t number = 0;
    for (size_t at = 0; at < len;) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t end = newline ? (size_t)(newline - text) : len;
        ML_TRY(read_line(drafts, ML_SPAN(text + at, end - at), ++number));
        at = end + 1;
    }
    return MLEDGER_OK;
}

static int append_drafts(struct ml_ledger *ledger, const struct mledger_key *key,
                         const struct drafts *drafts, struct ml_receipt *receipts)
{
    const struct ml_signer signer = ml_api_signer(key);
    size_t failed = drafts->count;
    int result = ml_ledger_append(ledger, &signer, drafts->list, drafts->count, receipts, &failed);
    if (result < 0 && failed < drafts->count)
        return ml_prefix("%s", drafts->list[failed]->origin);
    return result;
}

static void publish(struct mledger_receipt *to, const struct ml_receipt *from)
{
    to->seq = from->seq;
    to->recorded_at_us = from->recorded_at_us;
    memcpy(to->link, from->link, sizeof to->link);
}

int mledger_append(struct mledger_ledger *ledger, const struct mledger_key *key, const char *lines,
                   size_t len, struct mledger_receipt **ret_receipts, size_t *ret_count)
{
    ML_CLEANUP(drafts_release) struct drafts drafts = {0};
    ML_TRY(read_lines(&drafts, lines, len));
    ML_CLEANUP(ml_freep) struct ml_receipt *receipts = ml_calloc(drafts.count, sizeof *receipts);
    ML_CLEANUP(ml_freep)
    struct mledger_receipt *published = ml_calloc(drafts.count, sizeof *published);
    if (!receipts || !published)
        return ml_fail_memory();
    ML_TRY(append_drafts(ml_handle(ledger), key, &drafts, receipts));
    for (size_t i = 0; i < drafts.count; i++)
        publish(&published[i], &receipts[i]);
    if (ret_receipts)
        *ret_receipts = ML_TAKE(published);
    if (ret_count)
        *ret_count = drafts.count;
    return MLEDGER_OK;
}
