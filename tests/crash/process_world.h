/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place where mledger's own process is made to fail: a home, a work directory and what a
 * scenario prepares there, kept as a copy and put back before each run.
 */
#ifndef TESTS_CRASH_PROCESS_WORLD_H
#define TESTS_CRASH_PROCESS_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/core/base.h"

enum { WORLD_PATH_MAX = 256 };

struct world {
    char top[64];              /* a temporary directory */
    char root[WORLD_PATH_MAX]; /* top/run: home, work, standard output */
    char work[WORLD_PATH_MAX];
    char out[WORLD_PATH_MAX]; /* what the command wrote to standard output */
    char err[WORLD_PATH_MAX];
};

/* Makes it and points HOME and the XDG directories into it; MLEDGER must name the program. */
void world_init(struct world *world);
void world_release(struct world *world);
/* Runs a piece of shell in the work directory and keeps what is there then. */
void world_prepare(struct world *world, const char *shell);
/* Puts everything back to what world_prepare() kept. */
void world_reset(const struct world *world);
/* Runs a piece of shell in the work directory; its output goes to top/log. Its exit code. */
int world_shell(const struct world *world, const char *shell);
/* Path of a file below the root. */
void world_path(const struct world *world, const char *name, char path[WORLD_PATH_MAX]);
/* Content of a file, text ended by NUL; false where there is none. */
bool world_read(const char *path, struct ml_buf *ret_bytes);

/* What random choices begin with: MLEDGER_SOAK_SEED, or another number each time. */
uint64_t world_seed(void);

/* Number of records in the ledger of the work directory; 0: there is no ledger. */
uint64_t world_size(const struct world *world);
/* What is wrong with the receipts on standard output, one JSON object a line: each must name a
 * record that is there, with its link. NULL: nothing. The number of them in *ret_count. */
const char *world_check_receipts(const struct world *world, unsigned *ret_count);

#endif
