/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/multiset.h"

#include <sodium.h>

#include "ledger/core/ed25519.h"

_Static_assert(crypto_shorthash_siphashx24_KEYBYTES == sizeof((struct ml_multiset *)0)->key,
               "the key is a SipHash key");

int ml_multiset_init(struct ml_multiset *set)
{
    ML_TRY(ml_sodium_ready());
    *set = (struct ml_multiset){0};
    randombytes_buf(set->key, sizeof set->key);
    return MLEDGER_OK;
}

struct ml_multiset ml_multiset_like(const struct ml_multiset *set)
{
    struct ml_multiset empty = {0};
    memcpy(empty.key, set->key, sizeof empty.key);
    return empty;
}

void ml_multiset_add(struct ml_multiset *set, struct ml_span element)
{
    uint64_t hash[2];
    _Static_assert(sizeof hash == crypto_shorthash_siphashx24_BYTES, "128 bits");
    crypto_shorthash_siphashx24((uint8_t *)hash, element.data, element.len, set->key);
    uint64_t carry = __builtin_add_overflow(set->low, hash[0], &set->low);
    set->high += hash[1] + carry;
    set->count++;
}

bool ml_multiset_equal(const struct ml_multiset *a, const struct ml_multiset *b)
{
    return a->low == b->low && a->high == b->high && a->count == b->count;
}
