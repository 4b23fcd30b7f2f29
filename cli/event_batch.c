/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/event_batch.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/json.h"

enum {
    GRAIN = 16, /* lines that a thread takes at once */
    ORIGIN_SIZE = 320,
};

int ml_event_batch_init(struct ml_event_batch *batch, const char *name, size_t max)
{
    *batch = (struct ml_event_batch){.name = name, .max = max};
    batch->lines = ml_calloc(max, sizeof *batch->lines);
    batch->drafts = ml_calloc(max, sizeof(struct ml_draft *));
    return batch->lines && batch->drafts ? MLEDGER_OK : ml_fail_memory();
}

void ml_event_batch_clear(struct ml_event_batch *batch)
{
    assert(!batch->is_reading);
    for (size_t i = 0; i < batch->count; i++) {
        ml_draft_free(batch->drafts[i]);
        batch->drafts[i] = NULL;
    }
    batch->count = 0;
    ml_buf_clear(&batch->text);
}

void ml_event_batch_release(struct ml_event_batch *batch)
{
    if (batch->is_reading) {
        struct ml_error error;
        ml_error_get(&error);
        (void)!ml_event_batch_wait(batch);
        ml_error_put(&error);
    }
    if (batch->drafts)
        ml_event_batch_clear(batch);
    free(batch->lines);
    free(batch->drafts);
    ml_buf_release(&batch->text);
    *batch = (struct ml_event_batch){0};
}

bool ml_event_batch_is_full(const struct ml_event_batch *batch)
{
    return batch->count == batch->max || batch->text.len >= ML_EVENT_BATCH_BYTES;
}

int ml_event_batch_add(struct ml_event_batch *batch, struct ml_span line, uint64_t number)
{
    assert(!batch->is_reading && batch->count < batch->max);
    struct ml_event_line kept = {batch->text.len, line.len, number};
    ML_TRY(ml_buf_append(&batch->text, line.data, line.len));
    batch->lines[batch->count++] = kept;
    return MLEDGER_OK;
}

static int read_lines(size_t begin, size_t end, void *context)
{
    struct ml_event_batch *batch = context;
    char origin[ORIGIN_SIZE];
    for (size_t i = begin; i < end; i++) {
        const struct ml_event_line *line = &batch->lines[i];
        snprintf(origin, sizeof origin, "%.*s:%" PRIu64, 256, batch->name, line->number);
        ML_TRY(ml_draft_from_json((const char *)batch->text.data + line->begin, line->len, origin,
                                  &batch->drafts[i]));
    }
    return MLEDGER_OK;
}

void ml_event_batch_start(struct ml_event_batch *batch)
{
    assert(!batch->is_reading);
    batch->is_reading = true;
    ml_job_start(&batch->job, batch->count, GRAIN, read_lines, batch);
}

int ml_event_batch_wait(struct ml_event_batch *batch)
{
    assert(batch->is_reading);
    batch->is_reading = false;
    return ml_job_wait(&batch->job);
}
