/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>

#include "ledger/store/ledger_private.h"

void ml_random_fill(struct ml_random *random, uint8_t *ret_bytes, size_t len)
{
    assert(len <= sizeof random->bytes);
    if (random->left < len) {
        randombytes_buf(random->bytes, sizeof random->bytes);
        random->left = sizeof random->bytes;
    }
    random->left -= len;
    memcpy(ret_bytes, random->bytes + random->left, len);
    sodium_memzero(random->bytes + random->left, len);
}

void ml_random_release(struct ml_random *random)
{
    sodium_memzero(random, sizeof *random);
}
