/* SPDX-License-Identifier: Apache-2.0 */
/* The commits between two, as `git log A..B` has them. */
#ifndef ML_INGEST_GIT_RANGE_H
#define ML_INGEST_GIT_RANGE_H

#include "ingest/git.h"

struct ml_git_range {
    struct ml_git_commit *commits; /* newest first, in the pool that was given */
    size_t count;
    bool more; /* there are more than were asked for */
};

/* What `to` came from and `from` did not, `to` itself included, at most `most`; ids of 40 hex
 * digits. MLEDGER_ENOTFOUND: one of them, or what it came from, is not in the repository.
 * MLEDGER_ESYSTEM: it cannot be read. */
int ml_git_range(struct ml_git *git, const char *from, const char *to, size_t most,
                 struct ml_pool *pool, struct ml_git_range *ret_range) ML_MUST_USE;

#endif
