/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading files whole, on several threads, in the certainty that each stayed what it was meanwhile:
 * a file is looked at before and after, and one that grew, shrank or was written to is an error.
 *
 *     struct ml_hashing_share share;
 *     ML_TRY(ml_hashing_begin(&hashing, fd, name, &share));
 *     … read fd to its end, calling ml_hashing_advance(&share, bytes so far) …
 *     ML_TRY(ml_hashing_end(&share, bytes read));
 */
#ifndef ML_INGEST_HASHING_H
#define ML_INGEST_HASHING_H

#include <pthread.h>
#include <sys/stat.h>

#include "ledger/core/hash.h"

/* `done` of `total` bytes are read. Called by one thread at a time, not always the same. */
typedef void (*ml_hashing_progress)(void *context, uint64_t done, uint64_t total);

/* How far all threads together have come. */
struct ml_hashing {
    pthread_mutex_t lock;
    ml_hashing_progress progress; /* NULL: nobody asks */
    void *context;
    uint64_t done, total; /* bytes */
};
#define ML_HASHING(progress_, context_)                                                            \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER, .progress = (progress_), .context = (context_)          \
    }

/* One file's part of it; belongs to the thread that reads the file. */
struct ml_hashing_share {
    struct ml_hashing *hashing;
    int fd;
    const char *name; /* for errors; borrowed */
    struct stat before;
    uint64_t done;
};

/* How files are opened: a pipe that took a file's place must not hang the reader. */
#define ML_HASHING_OPEN (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

/* MLEDGER_EINVALID: it is no regular file. MLEDGER_ESYSTEM. */
int ml_hashing_begin(struct ml_hashing *hashing, int fd, const char *name,
                     struct ml_hashing_share *ret_share) ML_MUST_USE;
/* An ml_hash_progress; `context` is a struct ml_hashing_share *. MLEDGER_ESYSTEM: more was read
 * than there was (one that grows as fast as it is read would never end). */
int ml_hashing_advance(void *context, uint64_t done) ML_MUST_USE;
/* MLEDGER_ESYSTEM: it changed while it was read. */
int ml_hashing_end(const struct ml_hashing_share *share, uint64_t read) ML_MUST_USE;

/* All three around ml_hash_file(). *ret_executable: by its owner. */
int ml_hashing_file(struct ml_hashing *hashing, int fd, const char *name, unsigned algorithms,
                    struct ml_digests *ret_digests, bool *ret_executable) ML_MUST_USE;

#endif
