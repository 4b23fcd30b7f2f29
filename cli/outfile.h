/* SPDX-License-Identifier: Apache-2.0 */
/* Where a command's answer goes as bytes: to standard output, or to a file that -o names, which is
 * written beside and renamed, so that it is never a half. */
#ifndef ML_CLI_OUTFILE_H
#define ML_CLI_OUTFILE_H

#include <stdio.h>

#include "cli/output.h"

struct ml_outfile {
    FILE *stream; /* NULL: the answer goes to `out` */
    struct ml_output *out;
    const char *path;
    char *temporary;
};

/* Whether a new file takes the place of what is at `path`: of a regular file, or of nothing. A
 * pipe, a device, a symbolic link is written to as it is. */
bool ml_outfile_can_be_replaced(const char *path);
/* `path` NULL or "-" is `out`. It must be all zero; release it also after a failure.
 * MLEDGER_ESYSTEM: a file cannot be made beside `path`, or `path` not be written. */
int ml_outfile_open(struct ml_outfile *target, const char *path, struct ml_output *out) ML_MUST_USE;
int ml_outfile_write(struct ml_outfile *target, struct ml_span bytes) ML_MUST_USE;
/* Puts the file in its place, on disk. Without this, releasing removes it. */
int ml_outfile_finish(struct ml_outfile *target) ML_MUST_USE;
void ml_outfile_release(struct ml_outfile *target);

/* All of these for one piece. */
int ml_outfile_put(const char *path, struct ml_span bytes, struct ml_output *out) ML_MUST_USE;

#endif
