/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing through the library, from several threads of one process, until somebody kills it or all
 * is written. Each receipt is printed as one line, "SEQ LINK", by one write(), as soon as it is
 * there.
 */
#ifndef TESTS_CRASH_SOAK_WRITER_H
#define TESTS_CRASH_SOAK_WRITER_H

#include <stddef.h>

/* Records `count` models called PREFIX-0, PREFIX-1, …; the exit code of the process. */
int soak_writer(const char *ledger, const char *known, const char *key, const char *prefix,
                size_t count);

#endif
