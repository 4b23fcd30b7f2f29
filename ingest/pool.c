/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/pool.h"

#include <stdarg.h>
#include <stdio.h>

/* Blocks grow with the pool, so that small files cost little and large ones few blocks. */
#define ML_POOL_BLOCK_MIN ((size_t)4 << 10)
#define ML_POOL_BLOCK_MAX ((size_t)1 << 20)

struct ml_pool_block {
    struct ml_pool_block *older;
    size_t used;
    size_t size;
    max_align_t bytes[];
};

void ml_pool_release(struct ml_pool *pool)
{
    struct ml_pool_block *block = pool->newest;
    while (block) {
        struct ml_pool_block *older = block->older;
        free(block);
        block = older;
    }
    *pool = (struct ml_pool){0};
}

static size_t block_size(const struct ml_pool *pool, size_t need)
{
    size_t size = pool->used;
    if (size < ML_POOL_BLOCK_MIN)
        size = ML_POOL_BLOCK_MIN;
    if (size > ML_POOL_BLOCK_MAX)
        size = ML_POOL_BLOCK_MAX;
    return size < need ? need : size;
}

static int add_block(struct ml_pool *pool, size_t need)
{
    size_t size = block_size(pool, need);
    if (size > SIZE_MAX - sizeof(struct ml_pool_block))
        return ml_fail_memory();
    struct ml_pool_block *block = calloc(1, sizeof(*block) + size);
    if (!block)
        return ml_fail_memory();
    block->size = size;
    block->older = pool->newest;
    pool->newest = block;
    return 0;
}

void *ml_pool_alloc(struct ml_pool *pool, size_t count, size_t size)
{
    const size_t align = sizeof(max_align_t);
    size_t need;
    if (__builtin_mul_overflow(count, size, &need) || need > SIZE_MAX - align) {
        ml_fail_memory();
        return NULL;
    }
    need = (need + align - 1) / align * align;
    struct ml_pool_block *block = pool->newest;
    if (!block || block->size - block->used < need) {
        if (add_block(pool, need) < 0)
            return NULL;
        block = pool->newest;
    }
    void *piece = (uint8_t *)block->bytes + block->used;
    block->used += need;
    pool->used += need;
    return piece;
}

char *ml_pool_text(struct ml_pool *pool, const char *text, size_t len)
{
    if (len == SIZE_MAX) {
        ml_fail_memory();
        return NULL;
    }
    char *copy = ml_pool_alloc(pool, len + 1, 1);
    if (copy && len > 0)
        memcpy(copy, text, len);
    return copy;
}

char *ml_pool_printf(struct ml_pool *pool, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = len < 0 ? NULL : ml_pool_alloc(pool, (size_t)len + 1, 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}
