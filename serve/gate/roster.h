/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of users as a server has it: read again as soon as its file is another one. Whoever asks
 * holds a page of it, which does not change meanwhile.
 *
 * It fails closed: a file that cannot be read, or that was there and is gone, lets nobody in, since
 * what cannot be read may be a revocation. Thread-safe.
 */
#ifndef ML_SERVE_GATE_ROSTER_H
#define ML_SERVE_GATE_ROSTER_H

#include <pthread.h>
#include <stdatomic.h>

#include "ledger/store/file_mark.h"
#include "serve/gate/users_file.h"

struct ml_roster_page {
    struct ml_users users;
    atomic_uint holders;
};

struct ml_roster {
    char *path;
    uint8_t ledger[ML_HASH_SIZE];
    pthread_rwlock_t lock;    /* of what follows, to its end */
    struct ml_file_mark mark; /* of the file that was read last, or could not be */
    bool was_there;
    struct ml_roster_page *page; /* NULL: there is none that counts */
    struct ml_error error;       /* with was_there and no page: why */
    /* Is told when the file cannot be read, once for each state of the file; the error is this
     * thread's. Or NULL. */
    void (*failed)(void *context);
    void *context;
};

/* Reads nothing yet. MLEDGER_ESYSTEM. */
int ml_roster_init(struct ml_roster *roster, const char *path,
                   const uint8_t ledger[ML_HASH_SIZE]) ML_MUST_USE;
void ml_roster_release(struct ml_roster *roster);

/* 1: *ret_page is the list as it is now, to be given back; 0: there is no file and never was one.
 * Errors as ml_users_file_read(); MLEDGER_ESYSTEM: the file is gone. */
int ml_roster_take(struct ml_roster *roster, struct ml_roster_page **ret_page) ML_MUST_USE;
/* Accepts NULL. */
void ml_roster_give_back(struct ml_roster_page *page);

#endif
