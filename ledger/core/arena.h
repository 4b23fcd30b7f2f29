/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that lives and dies together, with a cap.
 *
 * Messages from outside are unpacked into an arena, so that no message, however hostile, can
 * take more than the cap. Not thread-safe: one arena belongs to one thread at a time.
 */
#ifndef ML_CORE_ARENA_H
#define ML_CORE_ARENA_H

#include <protobuf-c/protobuf-c.h>

#include "ledger/core/base.h"

struct ml_arena_block;

struct ml_arena {
    struct ml_arena_block *blocks; /* newest first */
    uint8_t *next;
    size_t room;
    size_t used; /* bytes handed out */
    size_t cap;
    size_t first_block; /* what the use before the last clear would have fitted in; 0: not known */
    bool is_full;       /* since the last clear it refused something: over the cap, … */
    bool is_out;        /* … or memory was out */
};

/* Hands out at most `cap` bytes in all. Takes no memory yet. */
void ml_arena_init(struct ml_arena *arena, size_t cap);
/* Forgets everything handed out; the next use finds one block that would have held it. */
void ml_arena_clear(struct ml_arena *arena);
void ml_arena_release(struct ml_arena *arena);

/* Aligned for any type, not zeroed. NULL when the cap or the memory is reached. */
void *ml_arena_alloc(struct ml_arena *arena, size_t size);
/* Zeroed; NULL also when count * size overflows. */
void *ml_arena_calloc(struct ml_arena *arena, size_t count, size_t size);
/* Grows *list (of elements of `size` bytes, `count` of them in use) to hold one more; *cap is
 * updated. The arena keeps what was outgrown. False when the cap or the memory is reached. */
bool ml_arena_grow(struct ml_arena *arena, void *list, size_t *cap, size_t count, size_t size);
/* A copy with a NUL behind it. */
char *ml_arena_text(struct ml_arena *arena, const char *text, size_t len);

/* Sets the error for a NULL that it returned: MLEDGER_EINVALID, `what` takes more than the cap; or
 * MLEDGER_ESYSTEM, memory is out. */
int ml_arena_fail(const struct ml_arena *arena, const char *what);

/* For protobuf-c; its free does nothing. Valid as long as the arena. */
ProtobufCAllocator ml_arena_allocator(struct ml_arena *arena);

#endif
