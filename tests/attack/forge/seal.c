/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attack/forge/seal.h"

#include <openssl/sha.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct bytes seal_sha256(struct bytes of)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    SHA256(of.data, of.len, hash);
    return bytes_copy(hash, sizeof hash);
}

struct bytes seal_hash(enum seal_domain domain, const struct bytes *parts, size_t count)
{
    const uint8_t first = (uint8_t)domain;
    return seal_sha256(bytes_join2(bytes_copy(&first, 1), bytes_join(parts, count)));
}

struct bytes seal_hash2(enum seal_domain domain, struct bytes a, struct bytes b)
{
    return seal_hash(domain, (const struct bytes[]){a, b}, 2);
}

struct bytes seal_pae(const char *what, struct bytes body)
{
    char type[64], head[128];
    snprintf(type, sizeof type, "application/vnd.mledger.%s.v1+protobuf", what);
    snprintf(head, sizeof head, "DSSEv1 %zu %s %zu ", strlen(type), type, body.len);
    return bytes_join2(bytes_text(head), body);
}

struct bytes seal_sign(const struct seal_key *key, struct bytes message)
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES], signature[crypto_sign_BYTES];
    if (key->oddity != SEAL_PLAIN)
        return odd_sign(key, message);
    memcpy(secret, key->seed.data, crypto_sign_SEEDBYTES);
    memcpy(secret + crypto_sign_SEEDBYTES, key->public_key.data, crypto_sign_PUBLICKEYBYTES);
    crypto_sign_detached(signature, NULL, message.data, message.len, secret);
    return bytes_copy(signature, sizeof signature);
}

static struct seal_key key_from_file(const char *path)
{
    uint8_t seed[crypto_sign_SEEDBYTES], secret[crypto_sign_SECRETKEYBYTES];
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    struct bytes text = bytes_join2(bytes_from_file(path), bytes_copy("", 1));
    const char *line = strstr((const char *)text.data, "\nseed ");
    size_t len = 0;
    if (!line ||
        sodium_base642bin(seed, sizeof seed, line + 6, strcspn(line + 6, "\n"), NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        len != sizeof seed)
        die("'%s' is no unsealed key file", path);
    crypto_sign_seed_keypair(public_key, secret, seed);
    return (struct seal_key){.seed = bytes_copy(seed, sizeof seed),
                             .public_key = bytes_copy(public_key, sizeof public_key)};
}

struct seal_key seal_key_read(const char *name)
{
    static const struct {
        const char *prefix;
        enum seal_oddity oddity;
    } odd[] = {{"mixed:", SEAL_MIXED},     {"small:", SEAL_SMALL},
               {"small-r:", SEAL_SMALL_R}, {"noncanonical-r:", SEAL_NONCANONICAL_R},
               {"plus-l:", SEAL_PLUS_L},   {"another:", SEAL_ANOTHER}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        size_t len = strlen(odd[i].prefix);
        if (strncmp(name, odd[i].prefix, len) != 0)
            continue;
        struct seal_key key = key_from_file(name + len);
        key.oddity = odd[i].oddity;
        odd_public_key(&key);
        return key;
    }
    return key_from_file(name);
}

struct bytes seal_random(size_t len)
{
    uint8_t *random = bytes_alloc(len);
    randombytes_buf(random, len);
    return (struct bytes){random, len};
}
