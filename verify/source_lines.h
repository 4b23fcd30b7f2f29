/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of `mledger export` as a source of the verifier (docs/FORMAT.md section 11). Lines are cut
 * here and read on all cores; what is no record is reported with the number of its line
 * (`export-line`) and passed over, so a record that is damaged there is a gap.
 *
 * Pure: bytes come through a callback.
 */
#ifndef VERIFY_SOURCE_LINES_H
#define VERIFY_SOURCE_LINES_H

#include "verify/verifier.h"

/* The file. */
struct ml_source_file {
    /* Gives up to `size` bytes; *ret_len 0: there are no more. A negative result is passed on. */
    int (*read)(void *context, uint8_t *buffer, size_t size, size_t *ret_len);
    /* Begins it anew. NULL: it cannot. */
    int (*rewind)(void *context);
    void *context;
};

/* Fields are source_lines.c's. */
struct ml_source_lines {
    const struct ml_source_file *file;
    uint64_t line; /* lines given */
    bool at_end;
    size_t at, len; /* in `chunk` */
    uint8_t chunk[65536];
    struct ml_buf rest; /* of the line at hand */
};

void ml_source_lines_init(struct ml_source_lines *lines, const struct ml_source_file *file);
void ml_source_lines_release(struct ml_source_lines *lines);
/* The source over them, which borrows `lines`. */
struct ml_verify_source ml_source_lines_open(struct ml_source_lines *lines);

#endif
