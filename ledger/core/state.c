/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/state.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* One key and its value, in a segment. A value that outgrows its place, or that may have to be
 * taken back, gets a new entry; the slot then points there. */
struct entry {
    uint32_t hash;
    uint32_t value_len;
    uint16_t value_room; /* in units of 8 bytes, 0xffff: larger, never reused */
    uint8_t key_len;
    uint8_t flags;
    uint8_t bytes[]; /* key, value */
};

enum {
    DIRTY = 1,     /* differs from what lies below */
    DELETED = 2,   /* known not to be there */
    FORGOTTEN = 4, /* taken back: what lies below counts */
};

/* A reader looks at a handful of keys, the fold of a ledger at millions: memory begins small and
 * from the heap (what malloc() keeps at hand for each thread), and becomes pages of the kernel's as
 * it grows. */
enum {
    PAGE = 4096,
    FIRST_SEGMENT = 1024,
    SEGMENT_GROWTH = 8,
    SEGMENT_SIZE = 1 << 20,
    HEAP_MAX = 64 << 10,
    FIRST_SLOTS = 64,
    ROOM_UNIT = 8,
    ROOM_MAX = 0xffff,
};

struct undo {
    struct entry *now;
    struct entry *before; /* NULL: the key was not known */
};

struct piece {
    void *memory;
    size_t size;
    bool is_heap;
};

struct ml_state {
    struct ml_state_options options;
    struct entry **slots; /* in slot_piece */
    struct piece slot_piece;
    size_t n_slots; /* power of two */
    size_t n_used;
    uint8_t *next;
    size_t room;
    struct piece *segments;
    size_t n_segments, cap_segments;
    size_t taken; /* bytes in segments and slots */
    int spill_fd;
    off_t spilled;
    bool marked;
    struct undo *undo;
    size_t n_undo, cap_undo;
};

/* As FNV-1a, but eight bytes at a time, the high bits carried down after each; keys that others
 * choose reach us hashed by SHA-256, so no flooding. */
static uint32_t hash_key(struct ml_span key)
{
    uint64_t hash = 0xcbf29ce484222325U ^ key.len;
    for (size_t at = 0; at < key.len; at += sizeof hash) {
        const size_t left = key.len - at;
        uint64_t word = 0;
        memcpy(&word, key.data + at, left < sizeof word ? left : sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

int ml_state_new(const struct ml_state_options *options, struct ml_state **ret_state)
{
    ML_CLEANUP(ml_state_freep) struct ml_state *state = ml_calloc(1, sizeof *state);
    if (!state)
        return ml_fail_memory();
    state->options = *options;
    state->spill_fd = -1;
    *ret_state = ML_TAKE(state);
    return MLEDGER_OK;
}

static void give_back(struct ml_state *state, struct piece piece)
{
    if (piece.is_heap)
        free(piece.memory);
    else if (piece.memory)
        munmap(piece.memory, piece.size);
    state->taken -= piece.size;
}

void ml_state_free(struct ml_state *state)
{
    if (!state)
        return;
    for (size_t i = 0; i < state->n_segments; i++)
        give_back(state, state->segments[i]);
    give_back(state, state->slot_piece);
    ml_closep(&state->spill_fd);
    free(state->segments);
    free(state->undo);
    free(state);
}

static int open_spill(struct ml_state *state)
{
    if (state->spill_fd >= 0)
        return MLEDGER_OK;
    const char *dir = state->options.spill_dir ? state->options.spill_dir : "/tmp";
    state->spill_fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (state->spill_fd < 0)
        return ml_fail_errno(errno, "cannot make a temporary file in '%s'", dir);
    return MLEDGER_OK;
}

static int take_spilled(struct ml_state *state, struct piece *piece)
{
    ML_TRY(open_spill(state));
    /* Allocated, not sparse: a full disk must be an error here, not a SIGBUS later. */
    int error = posix_fallocate(state->spill_fd, state->spilled, (off_t)piece->size);
    if (error)
        return ml_fail_errno(error, "cannot spill to a temporary file");
    piece->memory = mmap(NULL, piece->size, PROT_READ | PROT_WRITE, MAP_SHARED, state->spill_fd,
                         state->spilled);
    state->spilled += (off_t)piece->size;
    return MLEDGER_OK;
}

/* Memory of the heap, or pages from the kernel; beyond the memory limit from the unlinked file. It
 * may be some more than `size`, and is zeroed only where it is not of the heap. */
static int take(struct ml_state *state, size_t size, struct piece *ret_piece)
{
    struct piece piece = {.size = (size + PAGE - 1) & ~(size_t)(PAGE - 1)};
    const bool within =
        state->options.memory == 0 || state->taken + piece.size <= state->options.memory;
    piece.is_heap = within && size <= HEAP_MAX;
    if (piece.is_heap) {
        piece.size = size;
        piece.memory = malloc(size);
    } else if (within) {
        piece.memory =
            mmap(NULL, piece.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    } else {
        ML_TRY(take_spilled(state, &piece));
    }
    if (!piece.memory || piece.memory == MAP_FAILED)
        return ml_fail_memory();
    state->taken += piece.size;
    *ret_piece = piece;
    return MLEDGER_OK;
}

static int add_segment(struct ml_state *state, size_t need)
{
    size_t size = FIRST_SEGMENT;
    for (size_t i = 0; i < state->n_segments && size < SEGMENT_SIZE; i++)
        size *= SEGMENT_GROWTH;
    if (size > SEGMENT_SIZE)
        size = SEGMENT_SIZE;
    ML_TRY(ml_grow(&state->segments, &state->cap_segments, state->n_segments + 1,
                   sizeof *state->segments));
    struct piece piece;
    ML_TRY(take(state, size > need ? size : need, &piece));
    state->segments[state->n_segments++] = piece;
    state->next = piece.memory;
    state->room = piece.size;
    return MLEDGER_OK;
}

static int new_entry(struct ml_state *state, struct ml_span key, uint32_t hash,
                     struct ml_span value, struct entry **ret_entry)
{
    size_t units = (value.len + ROOM_UNIT - 1) / ROOM_UNIT;
    size_t size = sizeof(struct entry) + key.len + units * ROOM_UNIT;
    size = (size + 7) & ~(size_t)7;
    if (size > state->room)
        ML_TRY(add_segment(state, size));
    struct entry *entry = (struct entry *)(void *)state->next;
    state->next += size;
    state->room -= size;
    *entry = (struct entry){.hash = hash,
                            .value_len = (uint32_t)value.len,
                            .value_room = (uint16_t)(units < ROOM_MAX ? units : ROOM_MAX),
                            .key_len = (uint8_t)key.len};
    memcpy(entry->bytes, key.data, key.len);
    if (value.len)
        memcpy(entry->bytes + key.len, value.data, value.len);
    *ret_entry = entry;
    return MLEDGER_OK;
}

static struct ml_span entry_key(const struct entry *entry)
{
    return ML_SPAN(entry->bytes, entry->key_len);
}

static struct ml_span entry_value(const struct entry *entry)
{
    return ML_SPAN(entry->bytes + entry->key_len, entry->value_len);
}

static struct entry **find_slot(struct entry **slots, size_t n_slots, struct ml_span key,
                                uint32_t hash)
{
    for (size_t i = hash & (n_slots - 1);; i = (i + 1) & (n_slots - 1))
        if (!slots[i] || (slots[i]->hash == hash && ml_span_equal(entry_key(slots[i]), key)))
            return &slots[i];
}

static int make_room(struct ml_state *state)
{
    if (state->slots && (state->n_used + 1) * 10 < state->n_slots * 7)
        return MLEDGER_OK;
    size_t n_slots = state->slots ? state->n_slots * 2 : FIRST_SLOTS;
    struct piece piece;
    ML_TRY(take(state, n_slots * sizeof(struct entry *), &piece));
    struct entry **slots = piece.memory;
    if (piece.is_heap)
        memset(slots, 0, n_slots * sizeof *slots);
    assert(state->slots || state->n_slots == 0);
    for (size_t i = 0; i < state->n_slots; i++)
        if (state->slots[i])
            *find_slot(slots, n_slots, entry_key(state->slots[i]), state->slots[i]->hash) =
                state->slots[i];
    give_back(state, state->slot_piece);
    state->slot_piece = piece;
    state->slots = slots;
    state->n_slots = n_slots;
    return MLEDGER_OK;
}

/* Keeps what lies below as a clean entry, also that nothing does. */
static int fetch(struct ml_state *state, struct ml_span key, uint32_t hash, struct entry **slot,
                 struct entry **ret_entry)
{
    struct ml_span value = {0};
    int result = state->options.get ? state->options.get(state->options.context, key, &value)
                                    : MLEDGER_ENOTFOUND;
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    struct entry *entry;
    ML_TRY(new_entry(state, key, hash, value, &entry));
    if (result == MLEDGER_ENOTFOUND)
        entry->flags = DELETED;
    state->n_used += *slot == NULL;
    *slot = *ret_entry = entry;
    return MLEDGER_OK;
}

int ml_state_get(struct ml_state *state, struct ml_span key, struct ml_span *ret_value)
{
    ML_TRY(make_room(state));
    uint32_t hash = hash_key(key);
    struct entry **slot = find_slot(state->slots, state->n_slots, key, hash);
    struct entry *entry = *slot;
    if (!entry || entry->flags & FORGOTTEN) {
        if (!state->options.get)
            return MLEDGER_ENOTFOUND;
        ML_TRY(fetch(state, key, hash, slot, &entry));
    }
    if (entry->flags & DELETED)
        return MLEDGER_ENOTFOUND;
    *ret_value = entry_value(entry);
    return MLEDGER_OK;
}

static bool fits_in_place(const struct ml_state *state, const struct entry *entry,
                          struct ml_span value)
{
    return !state->marked && entry && entry->value_room < ROOM_MAX &&
           value.len <= (size_t)entry->value_room * ROOM_UNIT;
}

static int remember(struct ml_state *state, struct entry *now, struct entry *before)
{
    if (!state->marked)
        return MLEDGER_OK;
    state->undo[state->n_undo++] = (struct undo){now, before};
    return MLEDGER_OK;
}

static int set(struct ml_state *state, struct ml_span key, struct ml_span value, uint8_t flags)
{
    assert(key.len > 0 && key.len <= ML_STATE_KEY_MAX);
    ML_TRY(make_room(state));
    ML_TRY(ml_grow(&state->undo, &state->cap_undo, state->n_undo + 1, sizeof *state->undo));
    uint32_t hash = hash_key(key);
    struct entry **slot = find_slot(state->slots, state->n_slots, key, hash);
    struct entry *entry = *slot;
    if (fits_in_place(state, entry, value)) {
        if (value.len)
            memmove(entry->bytes + key.len, value.data, value.len);
        entry->value_len = (uint32_t)value.len;
        entry->flags = flags;
        return MLEDGER_OK;
    }
    ML_TRY(new_entry(state, key, hash, value, &entry));
    entry->flags = flags;
    ML_TRY(remember(state, entry, *slot));
    state->n_used += *slot == NULL;
    *slot = entry;
    return MLEDGER_OK;
}

int ml_state_put(struct ml_state *state, struct ml_span key, struct ml_span value)
{
    return set(state, key, value, DIRTY);
}

int ml_state_delete(struct ml_state *state, struct ml_span key)
{
    return set(state, key, (struct ml_span){0}, DIRTY | DELETED);
}

void ml_state_mark(struct ml_state *state)
{
    assert(!state->marked);
    state->marked = true;
    state->n_undo = 0;
}

void ml_state_keep(struct ml_state *state)
{
    state->marked = false;
    state->n_undo = 0;
}

void ml_state_rollback(struct ml_state *state)
{
    while (state->n_undo > 0) {
        struct undo undo = state->undo[--state->n_undo];
        struct entry **slot =
            find_slot(state->slots, state->n_slots, entry_key(undo.now), undo.now->hash);
        if (undo.before)
            *slot = undo.before;
        else
            undo.now->flags = FORGOTTEN;
    }
    state->marked = false;
}

static bool is_to_visit(const struct ml_state *state, const struct entry *entry)
{
    if (!entry || entry->flags & FORGOTTEN || !(entry->flags & DIRTY))
        return false;
    return state->options.get || !(entry->flags & DELETED);
}

static int visit_entry(const struct entry *entry, ml_state_visitor *visit, void *context)
{
    struct ml_span value = entry_value(entry);
    return visit(entry_key(entry), entry->flags & DELETED ? (struct ml_span){0} : value, context);
}

int ml_state_each_unordered(struct ml_state *state, ml_state_visitor *visit, void *context)
{
    for (size_t i = 0; i < state->n_slots; i++)
        if (is_to_visit(state, state->slots[i]))
            ML_TRY(visit_entry(state->slots[i], visit, context));
    return MLEDGER_OK;
}

static int compare_entries(const void *a, const void *b)
{
    struct ml_span left = entry_key(*(struct entry *const *)a);
    struct ml_span right = entry_key(*(struct entry *const *)b);
    int order = memcmp(left.data, right.data, left.len < right.len ? left.len : right.len);
    return order ? order : (left.len > right.len) - (left.len < right.len);
}

int ml_state_each(struct ml_state *state, ml_state_visitor *visit, void *context)
{
    ML_CLEANUP(ml_freep) struct entry **sorted = ml_calloc(state->n_used, sizeof *sorted);
    if (!sorted)
        return ml_fail_memory();
    size_t count = 0;
    for (size_t i = 0; i < state->n_slots; i++)
        if (is_to_visit(state, state->slots[i]))
            sorted[count++] = state->slots[i];
    qsort(sorted, count, sizeof *sorted, compare_entries);
    for (size_t i = 0; i < count; i++)
        ML_TRY(visit_entry(sorted[i], visit, context));
    return MLEDGER_OK;
}

size_t ml_state_memory(const struct ml_state *state)
{
    return state->taken;
}

int ml_state_load(struct ml_state *state, struct ml_span key,
                  const ProtobufCMessageDescriptor *type, struct ml_arena *arena, void *ret_message)
{
    struct ml_span value;
    ML_TRY(ml_state_get(state, key, &value));
    ProtobufCAllocator allocator = ml_arena_allocator(arena);
    ProtobufCMessage *message = protobuf_c_message_unpack(type, &allocator, value.len, value.data);
    if (!message)
        return ml_fail(MLEDGER_EDAMAGED, "the derived state holds something that is no %s",
                       type->short_name);
    *(ProtobufCMessage **)ret_message = message;
    return MLEDGER_OK;
}

int ml_state_store(struct ml_state *state, struct ml_span key, const ProtobufCMessage *message)
{
    uint8_t small[512];
    size_t size = protobuf_c_message_get_packed_size(message);
    ML_CLEANUP(ml_freep) uint8_t *large = NULL;
    if (size > sizeof small && !(large = malloc(size)))
        return ml_fail_memory();
    uint8_t *packed = large ? large : small;
    protobuf_c_message_pack(message, packed);
    return ml_state_put(state, key, ML_SPAN(packed, size));
}
