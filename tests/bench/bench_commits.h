/* SPDX-License-Identifier: Apache-2.0 */
/* The limit of everything that records durably: the store alone, which commits groups of values as
 * large as a record, each group synced to the disk. */
#ifndef TESTS_BENCH_COMMITS_H
#define TESTS_BENCH_COMMITS_H

#include "tests/bench/bench.h"

enum { BENCH_VALUE_SIZE = 700 };

struct bench_commits {
    struct ml_kv *kv;
    char path[600];
    size_t group;
    size_t size;           /* bytes of a value; BENCH_VALUE_SIZE unless set after opening */
    const uint8_t *secret; /* each value is signed before, on all cores; NULL: none is */
    uint64_t next;
    uint8_t *value;
};

/* A store beside `dir`, which it is named after. */
void bench_commits_open(struct bench_commits *commits, const char *dir, size_t group,
                        const uint8_t *secret);
/* Puts `count` values, or some more, up to the end of a group. Values a second. */
double bench_commits_run(struct bench_commits *commits, size_t count);
void bench_commits_close(struct bench_commits *commits);

#endif
