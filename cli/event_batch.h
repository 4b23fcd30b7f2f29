/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch of lines of JSON on its way to being drafts: filled line by line, then read on all cores
 * while its owner does something else.
 */
#ifndef ML_CLI_EVENT_BATCH_H
#define ML_CLI_EVENT_BATCH_H

#include "ledger/core/draft.h"
#include "ledger/core/parallel.h"

enum { ML_EVENT_BATCH_BYTES = 32 << 20 }; /* of text: a batch is full there too */

struct ml_event_line {
    size_t begin, len; /* in the batch's text */
    uint64_t number;   /* in the file, from 1 */
};

/* It must stay where it is from init to release: the job points into it. */
struct ml_event_batch {
    const char *name; /* of the file, for errors; borrowed */
    struct ml_buf text;
    struct ml_event_line *lines;
    struct ml_draft **drafts; /* as many; NULL until they are read */
    size_t count, max;
    struct ml_job job;
    bool is_reading; /* the job is under way */
};

/* For `max` lines of the file `name`. MLEDGER_ESYSTEM: memory is out. */
int ml_event_batch_init(struct ml_event_batch *batch, const char *name, size_t max) ML_MUST_USE;
/* Waits for what is under way. This thread's error stays what it was. */
void ml_event_batch_release(struct ml_event_batch *batch);
/* Lets go of lines and drafts; nothing may be under way. */
void ml_event_batch_clear(struct ml_event_batch *batch);

bool ml_event_batch_is_full(const struct ml_event_batch *batch);
/* A copy of the line, which has the number `number`. MLEDGER_ESYSTEM: memory is out. */
int ml_event_batch_add(struct ml_event_batch *batch, struct ml_span line,
                       uint64_t number) ML_MUST_USE;

/* Has the lines read; ml_event_batch_wait() must follow, and works along. Then there is a draft
 * for each, or the error is that of the first line at fault: "FILE:LINE: …", MLEDGER_EINVALID. */
void ml_event_batch_start(struct ml_event_batch *batch);
int ml_event_batch_wait(struct ml_event_batch *batch) ML_MUST_USE;

#endif
