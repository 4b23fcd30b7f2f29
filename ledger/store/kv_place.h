/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a store stands: its directory and data file, found, made and checked before the engine
 * touches them. Those who create take turns by a lock on the directory, so that what one
 * leaves behind when it fails can be taken away without taking it from another.
 */
#ifndef ML_STORE_KV_PLACE_H
#define ML_STORE_KV_PLACE_H

#include "ledger/store/kv_owner.h"

struct ml_kv_place {
    char *dir;   /* as the caller wrote it, for sentences */
    char *path;  /* absolute, so that it holds when the process changes its directory */
    int dir_fd;  /* while opening; -1 after ml_kv_place_settle() */
    int data_fd; /* the same */
    bool made_dir;
    bool fresh; /* the data file is empty: it has yet to be written */
    bool owned;
    struct ml_kv_owner owner;
};

/* Finds the store (with `create`, makes directory and empty data file where absent), refuses
 * what cannot hold one, claims it for this process and checks the data file. The place must not be
 * moved until released. On failure too it must be released. Errors are those of ml_kv_open(). */
int ml_kv_place_open(struct ml_kv_place *place, const char *dir, bool create) ML_MUST_USE;
/* Checks the data file again, before the engine opens it another time. */
int ml_kv_place_recheck(const struct ml_kv_place *place) ML_MUST_USE;
/* The engine has opened it: makes the new names durable and lets other creators in. */
int ml_kv_place_settle(struct ml_kv_place *place) ML_MUST_USE;
/* Gives up the claim. What an engine that failed left half-written in a fresh file is cut away. */
void ml_kv_place_release(struct ml_kv_place *place);

/* Makes the name of a new file or directory in `fd` (a directory) durable; 0 or an errno value. */
int ml_kv_sync_dir(int fd) ML_MUST_USE;

#endif
