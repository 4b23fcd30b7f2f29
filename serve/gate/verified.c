/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/verified.h"

#include <sodium.h>

#include "ledger/core/ed25519.h"
#include "serve/sync.h"

static_assert(crypto_generichash_BYTES == ML_VERIFIED_SIZE, "the tag");
static_assert((ML_VERIFIED_SETS & (ML_VERIFIED_SETS - 1)) == 0, "the set is some bits of the tag");

int ml_verified_init(struct ml_verified *verified)
{
    static_assert(sizeof verified->key == crypto_generichash_KEYBYTES, "the key");
    *verified = (struct ml_verified){0};
    ML_TRY(ml_sodium_ready());
    crypto_generichash_keygen(verified->key);
    return ml_sync_init_rw(&verified->lock);
}

void ml_verified_release(struct ml_verified *verified)
{
    pthread_rwlock_destroy(&verified->lock);
    sodium_memzero(verified->key, sizeof verified->key);
}

void ml_verified_tag(const struct ml_verified *verified, const struct ml_user *user,
                     struct ml_span secret, uint8_t ret_tag[ML_VERIFIED_SIZE])
{
    crypto_generichash_state state;
    const uint8_t kind = (uint8_t)user->kind;
    crypto_generichash_init(&state, verified->key, sizeof verified->key, ML_VERIFIED_SIZE);
    crypto_generichash_update(&state, &kind, 1);
    /* With their NUL, so that nothing can be moved from one to the next. */
    crypto_generichash_update(&state, (const uint8_t *)user->id, strlen(user->id) + 1);
    crypto_generichash_update(&state, (const uint8_t *)user->hash, strlen(user->hash) + 1);
    crypto_generichash_update(&state, secret.data, secret.len);
    crypto_generichash_final(&state, ret_tag, ML_VERIFIED_SIZE);
    sodium_memzero(&state, sizeof state);
}

static struct ml_verified_place *set_of(struct ml_verified *verified,
                                        const uint8_t tag[ML_VERIFIED_SIZE])
{
    return verified->sets[(tag[0] | (size_t)tag[1] << 8) % ML_VERIFIED_SETS];
}

bool ml_verified_has(struct ml_verified *verified, const uint8_t tag[ML_VERIFIED_SIZE],
                     int64_t now_ms)
{
    const struct ml_verified_place *set = set_of(verified, tag);
    bool found = false;
    pthread_rwlock_rdlock(&verified->lock);
    for (size_t i = 0; i < ML_VERIFIED_WAYS; i++)
        found |= set[i].until_ms > now_ms && sodium_memcmp(set[i].tag, tag, ML_VERIFIED_SIZE) == 0;
    pthread_rwlock_unlock(&verified->lock);
    return found;
}

void ml_verified_add(struct ml_verified *verified, const uint8_t tag[ML_VERIFIED_SIZE],
                     int64_t now_ms)
{
    struct ml_verified_place *set = set_of(verified, tag), *place = set;
    pthread_rwlock_wrlock(&verified->lock);
    for (size_t i = 1; i < ML_VERIFIED_WAYS; i++)
        if (set[i].until_ms < place->until_ms)
            place = &set[i];
    for (size_t i = 0; i < ML_VERIFIED_WAYS; i++)
        if (sodium_memcmp(set[i].tag, tag, ML_VERIFIED_SIZE) == 0)
            place = &set[i];
    memcpy(place->tag, tag, ML_VERIFIED_SIZE);
    place->until_ms = now_ms + ML_VERIFIED_MAX_S * INT64_C(1000);
    pthread_rwlock_unlock(&verified->lock);
}
