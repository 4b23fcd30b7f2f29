/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names to pointers: an open-addressing hash table. Neither names nor pointers are owned.
 * Threads: one at a time; reading alone by any number.
 */
#ifndef ML_INGEST_TABLE_H
#define ML_INGEST_TABLE_H

#include "ledger/core/base.h"

struct ml_table_slot {
    const char *name; /* NULL: free */
    void *thing;
};

/* All zero is an empty table. */
struct ml_table {
    struct ml_table_slot *slots;
    size_t size; /* a power of two, or 0 */
    size_t count;
};
void ml_table_release(struct ml_table *table);

/* What `name` stands for, or NULL. */
void *ml_table_get(const struct ml_table *table, const char *name);
/* Makes `name` stand for `thing` (not NULL), whatever it stood for before. */
int ml_table_put(struct ml_table *table, const char *name, void *thing) ML_MUST_USE;

#endif
