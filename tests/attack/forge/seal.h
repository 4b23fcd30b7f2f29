/* SPDX-License-Identifier: Apache-2.0 */
/* The hashes and signatures of docs/FORMAT.md, sections 3, 4 and 12, made from that page alone. */
#ifndef ATTACK_SEAL_H
#define ATTACK_SEAL_H

#include "tests/attack/forge/bytes.h"

/* What is not right about how a key signs. Each would pass some verifier of Ed25519. */
enum seal_oddity {
    SEAL_PLAIN,
    SEAL_MIXED,          /* the key has a part of order 2; R is chosen so that it cancels out */
    SEAL_SMALL,          /* the key is the neutral point, for which anybody signs anything */
    SEAL_SMALL_R,        /* R is the neutral point */
    SEAL_NONCANONICAL_R, /* the same, in an encoding whose y is not below p */
    SEAL_PLUS_L,         /* S is not below the order of the group */
    SEAL_ANOTHER, /* nothing is: R is random, so the signature is good, and another each time */
};

struct seal_key {
    struct bytes seed, public_key; /* 32 bytes each */
    enum seal_oddity oddity;
};

/* The first byte of what is hashed. */
enum seal_domain {
    SEAL_LEAF = 0,
    SEAL_NODE = 1,
    SEAL_COMMITMENT = 2,
    SEAL_TAG = 3,
    SEAL_LINK = 4,
    SEAL_PART = 5,
    SEAL_SUBJECT = 6,
};

/* SHA-256 of the domain's byte and what stands behind it. */
struct bytes seal_hash(enum seal_domain domain, const struct bytes *parts, size_t count);
struct bytes seal_hash2(enum seal_domain domain, struct bytes a, struct bytes b);
struct bytes seal_sha256(struct bytes of);

/* DSSE's pre-authentication encoding of a header, or of a statement. */
struct bytes seal_pae(const char *what, struct bytes body);
struct bytes seal_sign(const struct seal_key *key, struct bytes message);

/* An unsealed key file, by its path; an oddity may stand before it: mixed:FILE, small:FILE,
 * small-r:FILE, noncanonical-r:FILE, plus-l:FILE,
 * another:FILE. */
struct seal_key seal_key_read(const char *name);
struct bytes seal_random(size_t len);

/* odd.c */
void odd_public_key(struct seal_key *key);
struct bytes odd_sign(const struct seal_key *key, struct bytes message);

#endif
