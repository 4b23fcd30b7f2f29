/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests that read the large shared inputs and vectors: where they are, by the environment
 * variable MLEDGER_SHARED or else as configured. Tests skip what is not there.
 */
#ifndef TESTS_UNIT_SHARED_H
#define TESTS_UNIT_SHARED_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SHARED_PATH_SIZE 4096

/* Writes the path of `below`; false, having said so, when there is no such file. */
static inline bool shared_path(char path[SHARED_PATH_SIZE], const char *below)
{
    const char *root = getenv("MLEDGER_SHARED"); /* NOLINT(concurrency-mt-unsafe) */
    int len = snprintf(path, SHARED_PATH_SIZE, "%s/%s", root ? root : MLEDGER_SHARED_DIR, below);
    if (len > 0 && len < SHARED_PATH_SIZE && access(path, R_OK) == 0)
        return true;
    fprintf(stderr, "skipped: there is no '%s'\n", path);
    return false;
}

#endif
