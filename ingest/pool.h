/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is given back all at once. A parsed file or a project read into memory is thousands
 * of small pieces with one life: they come from one pool and die with it. Nothing here knows what
 * the pieces are.
 *
 * Threads: a pool belongs to one thread at a time.
 */
#ifndef ML_INGEST_POOL_H
#define ML_INGEST_POOL_H

#include "ledger/core/base.h"

struct ml_pool_block;

/* All zero is an empty pool. */
struct ml_pool {
    struct ml_pool_block *newest;
    size_t used; /* bytes handed out, all blocks together */
};
void ml_pool_release(struct ml_pool *pool);

/* `count` elements of `size` bytes, zeroed, aligned for any type, owned by the pool; NULL, with
 * the error set, when memory is out or the product overflows. */
void *ml_pool_alloc(struct ml_pool *pool, size_t count, size_t size) ML_MUST_USE;

/* A copy of `len` bytes with a NUL behind it; NULL, with the error set, when memory is out. */
char *ml_pool_text(struct ml_pool *pool, const char *text, size_t len) ML_MUST_USE;

/* The formatted text, as ml_pool_text(). */
char *ml_pool_printf(struct ml_pool *pool, const char *format, ...) ML_PRINTF(2, 3) ML_MUST_USE;

#endif
