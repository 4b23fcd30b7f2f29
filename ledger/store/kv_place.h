/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a store stands: its directory and data file, found, made and checked before the engine
 * touches them. Those who create take turns by a lock on the directory, so that what one
 * leaves behind when it fails can be taken away without taking it from another.
 *
 * Whoever has a store open holds a shared lock on the data file itself (an open file description
 * lock, fcntl(2), on its first byte: the engine locks another file). Whoever replaces the data file
 * holds it exclusively, so nobody goes on with the file that was replaced. An opener who waited
 * for that lock looks whether the file still has the name, and otherwise opens the one that does.
 */
#ifndef ML_STORE_KV_PLACE_H
#define ML_STORE_KV_PLACE_H

#include "ledger/store/kv_owner.h"

struct ml_kv_place {
    char *dir;   /* as the caller wrote it, for sentences */
    char *path;  /* absolute, so that it holds when the process changes its directory */
    int dir_fd;  /* while opening; -1 after ml_kv_place_settle() */
    int data_fd; /* holds the lock; -1 until it is open */
    bool made_dir;
    bool fresh; /* the data file is empty: it has yet to be written */
    bool owned;
    struct ml_kv_owner owner;
};

enum ml_kv_place_mode { ML_KV_PLACE_READ, ML_KV_PLACE_WRITE, ML_KV_PLACE_CREATE };
/* Finds the store (with ML_KV_PLACE_CREATE, makes directory and empty data file where absent),
 * refuses what cannot hold one, claims it for this process, waits while another replaces the data
 * file, and checks it. The place must not be moved until released. On failure too it must be
 * released. Errors are those of ml_kv_open(). */
int ml_kv_place_open(struct ml_kv_place *place, const char *dir,
                     enum ml_kv_place_mode mode) ML_MUST_USE;
/* Checks the data file again, before the engine opens it another time. */
int ml_kv_place_recheck(const struct ml_kv_place *place) ML_MUST_USE;
/* The engine has opened it: makes the new names durable and lets other creators in. */
int ml_kv_place_settle(struct ml_kv_place *place) ML_MUST_USE;
/* From shared to exclusive, for a place that is open for writing. MLEDGER_ESYSTEM: another process
 * has the store open; the lock is as it was. */
int ml_kv_place_lock_alone(const struct ml_kv_place *place) ML_MUST_USE;
/* That error, for other signs of another process. */
int ml_kv_place_not_alone(const struct ml_kv_place *place);
void ml_kv_place_unlock_alone(const struct ml_kv_place *place);
/* Puts the file FROM_DIR/data.mdb (FROM_DIR in the directory `dir`, which is the place's) in the
 * data file's place, durably, with its mode and owner; needs the exclusive lock, and then holds it
 * on the new file. Nobody in this process may have either mapped.
 * MLEDGER_ESYSTEM: it could not be done; either file may then be the one in place. */
int ml_kv_place_replace(struct ml_kv_place *place, int dir, const char *from_dir) ML_MUST_USE;
/* Gives up the claim. What an engine that failed left half-written in a fresh file is cut away. */
void ml_kv_place_release(struct ml_kv_place *place);

/* Makes the name of a new file or directory in `fd` (a directory) durable; 0 or an errno value. */
int ml_kv_sync_dir(int fd) ML_MUST_USE;

#endif
