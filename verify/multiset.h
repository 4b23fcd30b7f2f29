/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sum of a set: two sets whose sums are equal are equal, but for a chance of 2^-128.
 *
 * Each element is hashed by SipHash-2-4-128 under a random key that lives no longer than the
 * comparison, and the hashes are added modulo 2^128. Whoever wrote the elements does not know
 * the key, so cannot choose them to make different sets agree.
 */
#ifndef VERIFY_MULTISET_H
#define VERIFY_MULTISET_H

#include "ledger/core/base.h"

struct ml_multiset {
    uint8_t key[16];
    uint64_t low, high;
    uint64_t count;
};

/* An empty sum under a fresh key. */
int ml_multiset_init(struct ml_multiset *set) ML_MUST_USE;
/* An empty sum under the same key, to compare with. */
struct ml_multiset ml_multiset_like(const struct ml_multiset *set);
void ml_multiset_add(struct ml_multiset *set, struct ml_span element);
bool ml_multiset_equal(const struct ml_multiset *a, const struct ml_multiset *b);

#endif
