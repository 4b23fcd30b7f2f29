/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records made by hand, in memory: what a writer of one's own could sign, with no store and no rule
 * in the way. Keys are made from fixed seeds, salts are fixed, so every run makes the same bytes.
 *
 * Lines are written with ' where JSON has ", so that they can be read. Asserts that everything
 * works.
 */
#ifndef TESTS_FORGE_H
#define TESTS_FORGE_H

#include "ledger/core/record.h"

enum forge_key {
    FORGE_ALICE,  /* the first actor, with every role */
    FORGE_LAPTOP, /* nothing authorises it yet */
    FORGE_LOG,    /* the log key */
    FORGE_KEYS,
};

enum { FORGE_RECORDS = 1200 };

struct forge {
    uint8_t secret[FORGE_KEYS][64];
    uint8_t key[FORGE_KEYS][ML_KEY_SIZE];
    int64_t now_us;
    size_t count;
    struct ml_buf records[FORGE_RECORDS]; /* as the store would keep them */
    uint8_t links[FORGE_RECORDS][ML_HASH_SIZE];
    uint8_t leaves[FORGE_RECORDS][ML_HASH_SIZE];
    uint8_t salts[FORGE_RECORDS][ML_SALT_SIZE]; /* of the subjects that they create */
};

/* Makes the keys and record 0. */
void forge_init(struct forge *forge);
void forge_release(struct forge *forge);
/* Makes the next record of one event, signed by `signer`, with a statement of `stated_by` meaning
 * `meaning` unless that is FORGE_KEYS; gives its seq. */
uint64_t forge_add_stated(struct forge *forge, enum forge_key signer, const char *line,
                          enum forge_key stated_by, Mledger__Meaning meaning);
uint64_t forge_add(struct forge *forge, enum forge_key signer, const char *line);
/* `count` models, by alice. */
void forge_add_models(struct forge *forge, size_t count);
/* printf into a static buffer, one of a few that are used in turn. */
const char *forge_line(const char *format, ...) ML_PRINTF(1, 2);
/* In hexadecimal, in such a buffer. */
const char *forge_hex(const uint8_t *bytes, size_t len);
/* Root of the tree over the first `size` records. */
void forge_root(const struct forge *forge, size_t size, uint8_t ret_root[ML_HASH_SIZE]);

#endif
