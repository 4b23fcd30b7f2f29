/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may use an open store: one handle a process (a second one would, on closing, drop the file
 * locks of the first), and only the process that opened it (a child made by fork() shares the
 * memory map and the reader slots, but not the locks that guard them).
 */
#ifndef ML_STORE_KV_OWNER_H
#define ML_STORE_KV_OWNER_H

#include <sys/types.h>

#include "ledger/core/base.h"

struct ml_kv_owner {
    dev_t device;
    ino_t inode;
    pid_t pid;
    unsigned forks;
    struct ml_kv_owner *next;
};

/* Claims the data file (device, inode) for this process; false when it is open here already.
 * `owner` must stay where it is until ml_kv_disown(). Any thread. */
bool ml_kv_own(struct ml_kv_owner *owner, dev_t device, ino_t inode) ML_MUST_USE;
void ml_kv_disown(struct ml_kv_owner *owner);
/* The data file was replaced by another: the claim is on that one now. */
void ml_kv_own_other(struct ml_kv_owner *owner, dev_t device, ino_t inode);

/* Is this the process that claimed it? `ml_kv_is_owner` asks the kernel; the fast one counts
 * calls of fork() and does for the many small calls inside a transaction. */
bool ml_kv_is_owner(const struct ml_kv_owner *owner) ML_MUST_USE;
extern unsigned ml_kv_forks; /* changes only in a child, before it runs anything of ours */
static inline bool ml_kv_is_owner_fast(const struct ml_kv_owner *owner)
{
    return owner->forks == ml_kv_forks;
}

#endif
