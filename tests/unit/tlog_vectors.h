/* SPDX-License-Identifier: Apache-2.0 */
/* The log of 600 entries among the shared vectors, for the tests of notes, proofs and tiles. */
#ifndef TESTS_UNIT_TLOG_VECTORS_H
#define TESTS_UNIT_TLOG_VECTORS_H

#include "ledger/core/merkle.h"
#include "ledger/core/note.h"

enum {
    TLOG_SIZE = 600,
    TLOG_ENTRY_MAX = 400,
    TLOG_WITNESSES = 3,
    TLOG_LEVELS = 10, /* of nodes in a tree of that size */
};

/* Reads a file of the vectors, to be freed; false, having said so, where there is none. */
bool tlog_read(const char *below, struct ml_buf *ret_bytes);
/* The bytes of entry `index`. */
size_t tlog_entry(uint64_t index, uint8_t ret_entry[TLOG_ENTRY_MAX]);
/* The keys of the log and of its witnesses. */
void tlog_keys(struct ml_vkey *ret_log, struct ml_vkey ret_witnesses[TLOG_WITNESSES]);

/* Every complete node of the tree. */
struct tlog_tree {
    uint8_t nodes[TLOG_LEVELS][TLOG_SIZE][ML_HASH_SIZE];
};
struct tlog_tree *tlog_tree_new(void);
/* An ml_merkle_get over a struct tlog_tree. */
int tlog_node(void *tree, unsigned level, uint64_t index, uint8_t ret_hash[ML_HASH_SIZE]);

#endif
