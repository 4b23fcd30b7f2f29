/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of artifacts, each kept once under its SHA-256:
 *
 *     ROOT/sha256/ab/abcdef…     what is whole: mode 0444, synced before it was renamed there
 *     ROOT/incoming/NAME         what is arriving, locked (flock) by who receives it; what a crash
 *                                leaves there, and so unlocked, is removed by the next who opens it
 *
 * Which path of which run a content belongs to stands in the ledger. So nothing that was recorded
 * is ever overwritten, no name from outside becomes a name of a file here, and the same file of a
 * hundred runs is kept once.
 *
 * Threads and processes: a store may be used by all at once; an arriving object belongs to one.
 */
#ifndef ML_SERVE_MLFLOW_OBJECT_STORE_H
#define ML_SERVE_MLFLOW_OBJECT_STORE_H

#include "ledger/core/hash.h"

struct ml_object_store {
    int root, incoming, objects; /* directories; -1: it is read alone */
    char *path;
};

/* Opens the store, made if need be. Initialises *ret_store in any case, to be released.
 * MLEDGER_ESYSTEM. */
int ml_object_store_open(const char *path, struct ml_object_store *ret_store) ML_MUST_USE;
/* The same to read alone: nothing is made or removed, and what another server puts there is found,
 * also where there is nothing yet. MLEDGER_ESYSTEM: memory is out. */
int ml_object_store_open_to_read(const char *path, struct ml_object_store *ret_store) ML_MUST_USE;
void ml_object_store_release(struct ml_object_store *store);

/* An object that is arriving. */
struct ml_object {
    struct ml_object_store *store; /* borrowed */
    int fd;
    char name[40]; /* in incoming; "" when there is nothing to remove */
    struct ml_hasher hasher;
    struct ml_digests digests; /* once it is hashed */
    bool is_hashed;
    uint64_t max; /* bytes that it may have */
};

/* MLEDGER_ESYSTEM. Initialises *ret_object in any case. */
int ml_object_begin(struct ml_object_store *store, uint64_t max,
                    struct ml_object *ret_object) ML_MUST_USE;
/* MLEDGER_EINVALID: it is larger than it may be. MLEDGER_ESYSTEM: it cannot be written. */
int ml_object_take(struct ml_object *object, struct ml_span piece) ML_MUST_USE;
/* Nothing more is taken: its digests, as often as they are asked for. Its bytes can be read from
 * object->fd. MLEDGER_ESYSTEM. */
int ml_object_hash(struct ml_object *object, struct ml_digests *ret_digests) ML_MUST_USE;
/* It is whole: durable and in its place when this returns. MLEDGER_ESYSTEM. */
int ml_object_finish(struct ml_object *object, struct ml_digests *ret_digests) ML_MUST_USE;
/* Removes what did not become whole. */
void ml_object_release(struct ml_object *object);

/* Opens an object for reading. MLEDGER_ENOTFOUND (without a text): it is not here. */
int ml_object_open(const struct ml_object_store *store, const uint8_t sha256[ML_HASH_SIZE],
                   int *ret_fd, uint64_t *ret_size) ML_MUST_USE;

#endif
