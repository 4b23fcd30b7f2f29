/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far long work has come, in one line on stderr that is drawn over and finally wiped:
 *
 *     verify  120,000 of 1,000,000 records  12%  48,000/s  18 s left
 *
 * It shows only on a terminal, only without --quiet, and only once the work has lasted two
 * seconds. One thread at a time may use it. Finish it before anything else is printed:
 * ML_CLEANUP(ml_progress_finish).
 */
#ifndef ML_CLI_PROGRESS_H
#define ML_CLI_PROGRESS_H

#include <stdio.h>

#include "ledger/core/base.h"

enum ml_progress_unit { ML_PROGRESS_COUNT, ML_PROGRESS_BYTES };

enum { ML_PROGRESS_AFTER_US = 2000000, ML_PROGRESS_EVERY_US = 100000 };

struct ml_progress {
    FILE *stream; /* NULL: silent */
    const char *what, *things;
    enum ml_progress_unit unit;
    unsigned width; /* columns of the terminal */
    int64_t started_us, drawn_us;
    bool visible;
};

/* `what` is being done ("verify") to `things` ("records"; "" for bytes); both are borrowed. */
void ml_progress_start(struct ml_progress *progress, const char *what, const char *things,
                       enum ml_progress_unit unit, bool quiet);
/* The shape that library callbacks have: `progress` is a struct ml_progress *; `total` 0 means
 * unknown. Cheap enough to be called for every record. */
void ml_progress_update(void *progress, uint64_t done, uint64_t total);
/* Wipes the line. Accepts one that was never shown, and a second call. */
void ml_progress_finish(struct ml_progress *progress);

/* The line that would be drawn, without control characters and cut to `width` - 1 columns. */
void ml_progress_format(const struct ml_progress *progress, uint64_t done, uint64_t total,
                        int64_t elapsed_us, struct ml_buf *line);
/* Draws if it is due, `time_us` being of a clock that never goes back. */
void ml_progress_update_at(struct ml_progress *progress, uint64_t done, uint64_t total,
                           int64_t time_us);

#endif
