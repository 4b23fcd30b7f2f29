/* SPDX-License-Identifier: Apache-2.0 */
/* Where a Git repository keeps its hooks, and where it keeps other things of its own. */
#ifndef ML_INGEST_GIT_HOOKS_H
#define ML_INGEST_GIT_HOOKS_H

#include "ledger/core/base.h"

struct ml_git_hooks {
    char *dir;    /* core.hooksPath, else "hooks" of the repository; work trees share it */
    char *root;   /* of the work tree around the directory asked about, without '/' at the end */
    char *below;  /* where that directory lies below the root: ".", or "a/b" */
    char *common; /* the repository itself, also of a linked work tree */
};
void ml_git_hooks_release(struct ml_git_hooks *hooks);

/* Of the repository around `dir`. All paths but `below` are absolute.
 * MLEDGER_ENOTFOUND: there is none, or it is bare. MLEDGER_ESYSTEM: it cannot be read. */
int ml_git_hooks_find(const char *dir, struct ml_git_hooks *ret_hooks) ML_MUST_USE;

#endif
