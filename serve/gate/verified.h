/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets whose Argon2id hash was checked a short while ago, so that the next request does not take
 * a tenth of a second too. What is kept is a keyed hash (BLAKE2b, with a key that dies with the
 * process) over who showed which secret for which Argon2id hash: a new password, which has another
 * hash, makes nothing of what was verified before count.
 *
 * Bounded: when it is full the oldest give way. Thread-safe.
 */
#ifndef ML_SERVE_GATE_VERIFIED_H
#define ML_SERVE_GATE_VERIFIED_H

#include <pthread.h>

#include "serve/gate/credential.h"

enum {
    ML_VERIFIED_SETS = 1024,
    ML_VERIFIED_WAYS = 4,        /* places that one secret may stand in */
    ML_VERIFIED_MAX_S = 10 * 60, /* how long it counts */
    ML_VERIFIED_SIZE = 32,       /* bytes of the keyed hash */
};

struct ml_verified {
    pthread_rwlock_t lock; /* of `sets` */
    uint8_t key[32];
    struct ml_verified_place {
        uint8_t tag[ML_VERIFIED_SIZE];
        int64_t until_ms; /* 0: empty */
    } sets[ML_VERIFIED_SETS][ML_VERIFIED_WAYS];
};

/* MLEDGER_ESYSTEM. */
int ml_verified_init(struct ml_verified *verified) ML_MUST_USE;
void ml_verified_release(struct ml_verified *verified);

/* What stands for this user's hash and the secret that was shown. */
void ml_verified_tag(const struct ml_verified *verified, const struct ml_user *user,
                     struct ml_span secret, uint8_t ret_tag[ML_VERIFIED_SIZE]);
/* Times are of one clock that does not go back. */
bool ml_verified_has(struct ml_verified *verified, const uint8_t tag[ML_VERIFIED_SIZE],
                     int64_t now_ms);
void ml_verified_add(struct ml_verified *verified, const uint8_t tag[ML_VERIFIED_SIZE],
                     int64_t now_ms);

#endif
