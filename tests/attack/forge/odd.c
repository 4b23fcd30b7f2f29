/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 as it must not be: keys and signatures for which S·B = R + k·A holds, the equation of
 * RFC 8032 without the cofactor, and which a strict verifier refuses all the same.
 */
#include <sodium.h>
#include <string.h>

#include "tests/attack/forge/seal.h"

enum { POINT = 32, SCALAR = 32, HASH = 64 };

static const uint8_t neutral[POINT] = {1};
/* y = p + 1, which is 1 again. */
static const uint8_t neutral_noncanonical[POINT] = {
    0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
/* y = p - 1: the point of order 2. */
static const uint8_t order_two[POINT] = {
    0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
/* The order of the group, little-endian. */
static const uint8_t order[SCALAR] = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

void odd_public_key(struct seal_key *key)
{
    uint8_t point[POINT];
    if (key->oddity == SEAL_SMALL) {
        key->public_key = bytes_copy(neutral, sizeof neutral);
    } else if (key->oddity == SEAL_MIXED) {
        if (crypto_core_ed25519_add(point, key->public_key.data, order_two) != 0)
            die("the key is no point");
        key->public_key = bytes_copy(point, sizeof point);
    }
}

static void secret_scalar(const struct seal_key *key, uint8_t scalar[SCALAR])
{
    uint8_t hash[HASH];
    crypto_hash_sha512(hash, key->seed.data, key->seed.len);
    hash[0] &= 0xf8;
    hash[31] = (hash[31] & 0x7f) | 0x40;
    memcpy(scalar, hash, SCALAR);
}

/* k = SHA-512(R, A, message) modulo the order. */
static void challenge(const uint8_t r[POINT], const struct seal_key *key, struct bytes message,
                      uint8_t k[SCALAR])
{
    uint8_t hash[HASH];
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, r, POINT);
    crypto_hash_sha512_update(&state, key->public_key.data, key->public_key.len);
    crypto_hash_sha512_update(&state, message.data, message.len);
    crypto_hash_sha512_final(&state, hash);
    crypto_core_ed25519_scalar_reduce(k, hash);
}

/* S = nonce + k·a, where R is nonce·B. */
static struct bytes finish(const struct seal_key *key, const uint8_t r[POINT],
                           const uint8_t nonce[SCALAR], const uint8_t k[SCALAR])
{
    uint8_t a[SCALAR], product[SCALAR], signature[POINT + SCALAR];
    secret_scalar(key, a);
    crypto_core_ed25519_scalar_mul(product, k, a);
    memcpy(signature, r, POINT);
    crypto_core_ed25519_scalar_add(signature + POINT, nonce, product);
    return bytes_copy(signature, sizeof signature);
}

static struct bytes sign_with_r(const struct seal_key *key, const uint8_t r[POINT],
                                struct bytes message)
{
    static const uint8_t zero[SCALAR];
    uint8_t k[SCALAR];
    challenge(r, key, message, k);
    return finish(key, r, zero, k);
}

/* R at random. With a part of order 2 in the key k·T must vanish, which it does for an even k. */
static struct bytes sign_at_random(const struct seal_key *key, struct bytes message)
{
    uint8_t nonce[SCALAR], r[POINT], k[SCALAR];
    do {
        crypto_core_ed25519_scalar_random(nonce);
        if (crypto_scalarmult_ed25519_base_noclamp(r, nonce) != 0)
            die("no point");
        challenge(r, key, message, k);
    } while (key->oddity == SEAL_MIXED && (k[0] & 1));
    return finish(key, r, nonce, k);
}

static struct bytes add_order(struct bytes signature)
{
    uint8_t out[POINT + SCALAR];
    memcpy(out, signature.data, sizeof out);
    unsigned carry = 0;
    for (size_t i = 0; i < SCALAR; i++) {
        carry += (unsigned)out[POINT + i] + order[i];
        out[POINT + i] = (uint8_t)carry;
        carry >>= 8;
    }
    return bytes_copy(out, sizeof out);
}

struct bytes odd_sign(const struct seal_key *key, struct bytes message)
{
    struct seal_key plain = *key;
    plain.oddity = SEAL_PLAIN;
    uint8_t anybody[POINT + SCALAR] = {1}; /* R neutral, S zero */
    switch (key->oddity) {
    case SEAL_MIXED:
    case SEAL_ANOTHER:
        return sign_at_random(key, message);
    case SEAL_SMALL:
        return bytes_copy(anybody, sizeof anybody);
    case SEAL_SMALL_R:
        return sign_with_r(key, neutral, message);
    case SEAL_NONCANONICAL_R:
        return sign_with_r(key, neutral_noncanonical, message);
    case SEAL_PLUS_L:
        return add_order(seal_sign(&plain, message));
    case SEAL_PLAIN:
        break;
    }
    die("a key that signs as it should");
}
