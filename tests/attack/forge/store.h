/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger's LMDB environment as docs/FORMAT.md, section 10, has it, opened as any program could.
 * All changes of a script are one transaction.
 */
#ifndef ATTACK_STORE_H
#define ATTACK_STORE_H

#include "tests/attack/forge/bytes.h"

struct store;

/* With `writing` the changes are kept by store_commit() alone. */
struct store *store_open(const char *dir, bool writing);
void store_commit(struct store *store);
void store_close(struct store *store);

/* False: there is no such key. The value is a copy. */
bool store_get(struct store *store, const char *table, struct bytes key, struct bytes *ret_value);
void store_put(struct store *store, const char *table, struct bytes key, struct bytes value);
void store_delete(struct store *store, const char *table, struct bytes key);
/* Makes a table that is not there. */
void store_make_table(struct store *store, const char *table);
void store_drop_table(struct store *store, const char *table);
size_t store_count(struct store *store, const char *table);
/* The keys of a table in their order, `count` of them. */
struct bytes *store_keys(struct store *store, const char *table, size_t *ret_count);

/* Lowers the number of the newest transaction in its meta page by two, which changes one byte:
 * LMDB then takes the other meta page, and with it the ledger as it was before that transaction. */
void store_forget_newest(const char *dir);

#endif
