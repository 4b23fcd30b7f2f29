/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/arena.h"

#include <stdalign.h>

struct ml_arena_block {
    struct ml_arena_block *older;
    size_t size;
    alignas(max_align_t) uint8_t data[];
};

/* Blocks double from the first size to the last: a draft is a few hundred bytes, an unpacked
 * pipeline megabytes. An arena that is cleared and used again soon has one block that fits. The
 * first is, with what stands before it, one of those that malloc() keeps at hand for each thread,
 * which end at 1032 bytes: a request takes and gives back half a dozen. */
enum {
    FIRST_BLOCK = 1024 - sizeof(struct ml_arena_block),
    LAST_BLOCK = 64 * 1024,
    KEPT_MAX = 1024 * 1024
};

void ml_arena_init(struct ml_arena *arena, size_t cap)
{
    *arena = (struct ml_arena){.cap = cap};
}

static void free_blocks(struct ml_arena_block *block)
{
    while (block) {
        struct ml_arena_block *older = block->older;
        free(block);
        block = older;
    }
}

void ml_arena_clear(struct ml_arena *arena)
{
    struct ml_arena_block *kept = arena->blocks;
    if (kept && kept->older) {
        free_blocks(kept);
        kept = NULL;
        arena->first_block = arena->used < KEPT_MAX ? arena->used + arena->used / 4 : KEPT_MAX;
    }
    arena->used = 0;
    arena->is_full = false;
    arena->is_out = false;
    arena->blocks = kept;
    arena->next = kept ? kept->data : NULL;
    arena->room = kept ? kept->size : 0;
}

void ml_arena_release(struct ml_arena *arena)
{
    if (!arena)
        return;
    free_blocks(arena->blocks);
    ml_arena_init(arena, arena->cap);
}

static bool add_block(struct ml_arena *arena, size_t need)
{
    size_t size = arena->blocks ? 2 * arena->blocks->size : (size_t)FIRST_BLOCK;
    if (size > LAST_BLOCK)
        size = LAST_BLOCK;
    if (!arena->blocks && size < arena->first_block)
        size = arena->first_block;
    if (size < need)
        size = need;
    struct ml_arena_block *block = malloc(sizeof *block + size);
    if (!block) {
        arena->is_out = true;
        return false;
    }
    block->older = arena->blocks;
    block->size = size;
    arena->blocks = block;
    arena->next = block->data;
    arena->room = size;
    return true;
}

void *ml_arena_alloc(struct ml_arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    size_t left = arena->cap - arena->used;
    size_t rounded = size ? (size + align - 1) & ~(align - 1) : align; /* never NULL for 0 */
    if (size > left || rounded > left) {
        arena->is_full = true;
        return NULL;
    }
    if (rounded > arena->room && !add_block(arena, rounded))
        return NULL;
    void *memory = arena->next;
    arena->next += rounded;
    arena->room -= rounded;
    arena->used += rounded;
    return memory;
}

void *ml_arena_calloc(struct ml_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        arena->is_full = true;
        return NULL;
    }
    void *memory = ml_arena_alloc(arena, bytes);
    if (memory)
        memset(memory, 0, bytes);
    return memory;
}

bool ml_arena_grow(struct ml_arena *arena, void *list, size_t *cap, size_t count, size_t size)
{
    enum { FIRST = 8 };
    void *old;
    if (count < *cap)
        return true;
    size_t wanted = *cap ? *cap * 2 : FIRST;
    void *bigger = ml_arena_calloc(arena, wanted, size);
    if (!bigger)
        return false;
    memcpy(&old, list, sizeof old);
    if (count)
        memcpy(bigger, old, count * size);
    memcpy(list, &bigger, sizeof bigger);
    *cap = wanted;
    return true;
}

char *ml_arena_text(struct ml_arena *arena, const char *text, size_t len)
{
    char *copy = ml_arena_alloc(arena, len + 1);
    if (!copy)
        return NULL;
    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

int ml_arena_fail(const struct ml_arena *arena, const char *what)
{
    if (!arena->is_full)
        return ml_fail_memory();
    return ml_fail(MLEDGER_EINVALID, "%s takes more than %zu bytes of memory", what, arena->cap);
}

static void *allocate(void *arena, size_t size)
{
    return ml_arena_alloc(arena, size);
}

static void do_not_free(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

ProtobufCAllocator ml_arena_allocator(struct ml_arena *arena)
{
    return (ProtobufCAllocator){.alloc = allocate, .free = do_not_free, .allocator_data = arena};
}
