/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a file, a pipe or standard input, for a reader that has other work to do: it can
 * ask for what is there already and come back later for the rest. So lines are read ahead of the
 * work on those before, and yet a program that writes a line and waits for its answer gets it.
 *
 * One thread at a time may use it.
 */
#ifndef ML_CLI_LINES_H
#define ML_CLI_LINES_H

#include "ledger/core/base.h"

struct ml_lines {
    int fd;
    bool owned;       /* closed on release; standard input is not */
    bool never_waits; /* a regular file: reading it is not waiting for anybody */
    bool ended;
    const char *name; /* for errors; borrowed */
    size_t max;       /* bytes of a line */
    uint8_t *bytes;
    size_t cap;
    size_t begin, end;    /* of what was read and not given */
    size_t searched;      /* from begin on, without a line feed */
    uint64_t line;        /* number of the last line given, from 1 */
    uint64_t bytes_given; /* with line feeds */
    uint64_t bytes_total; /* of a regular file; 0: not known */
};

enum ml_lines_result {
    ML_LINES_END = 0,
    ML_LINES_GOT = 1,
    ML_LINES_DRY = 2, /* there is no whole line yet, and to get one is to wait */
};

/* Opens `path`, borrowed as long as the lines; NULL or "-" is standard input. A line may have
 * `max` bytes. MLEDGER_ESYSTEM: it cannot be opened. */
int ml_lines_open(struct ml_lines *lines, const char *path, size_t max) ML_MUST_USE;
/* Accepts one that is all zero. */
void ml_lines_release(struct ml_lines *lines);

/* The next line without its line feed, valid until the next call; the last one may lack it. Gives
 * ML_LINES_DRY only if it may not `wait`. An enum ml_lines_result, or
 * MLEDGER_EINVALID  a line of more than `max` bytes
 * MLEDGER_ESYSTEM   it cannot be read, or memory is out */
int ml_lines_next(struct ml_lines *lines, bool wait, struct ml_span *ret_line) ML_MUST_USE;

enum ml_lines_waited {
    ML_LINES_TIMEOUT = 0,
    ML_LINES_READY = 1,   /* there is more to read, or the end */
    ML_LINES_STOPPED = 2, /* `stop` can be read */
};
/* Waits until more can be read, `stop` (a descriptor, -1: none) can, or `wait_us` have passed
 * (negative: however long). Both may be so at once: then it is stopped. An enum ml_lines_waited;
 * MLEDGER_ESYSTEM. */
int ml_lines_wait(const struct ml_lines *lines, int stop, int64_t wait_us) ML_MUST_USE;

#endif
