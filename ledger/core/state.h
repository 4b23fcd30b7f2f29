/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state: keys and values, the fold of the records so far.
 *
 * The rules see it only through get, put and delete, so that append (over the store) and verify
 * (in memory) run the same code. It lives in memory; with a backing, keys not seen yet are read
 * from there. Changes since a mark can be taken back.
 *
 * Memory beyond the limit is taken from an unlinked file that the kernel may page out, so that
 * a fold over any number of records runs in bounded memory.
 *
 * Not thread-safe.
 */
#ifndef ML_CORE_STATE_H
#define ML_CORE_STATE_H

#include "ledger/core/arena.h"

struct ml_state;

enum { ML_STATE_KEY_MAX = 128 };

struct ml_state_options {
    /* Reads a key from what lies below; MLEDGER_ENOTFOUND when it is not there. The value is
     * copied before the next call. NULL: nothing lies below. */
    int (*get)(void *context, struct ml_span key, struct ml_span *ret_value);
    void *context;
    size_t memory;         /* bytes before spilling; 0: never spill */
    const char *spill_dir; /* where the unlinked file goes; borrowed */
};

int ml_state_new(const struct ml_state_options *options, struct ml_state **ret_state) ML_MUST_USE;
void ml_state_free(struct ml_state *state);
static inline void ml_state_freep(struct ml_state **state)
{
    ml_state_free(*state);
}

/* The value is borrowed until the next put or delete. MLEDGER_ENOTFOUND (without an error
 * text), MLEDGER_ESYSTEM, or what the backing returns. */
int ml_state_get(struct ml_state *state, struct ml_span key, struct ml_span *ret_value) ML_MUST_USE;
/* Keys have 1 to ML_STATE_KEY_MAX bytes. MLEDGER_ESYSTEM when memory or disk is out. */
int ml_state_put(struct ml_state *state, struct ml_span key, struct ml_span value) ML_MUST_USE;
int ml_state_delete(struct ml_state *state, struct ml_span key) ML_MUST_USE;

/* From here on changes are kept so that they can be taken back. Marks do not nest. */
void ml_state_mark(struct ml_state *state);
/* Keeps what was changed since the mark. */
void ml_state_keep(struct ml_state *state);
/* Takes it back. */
void ml_state_rollback(struct ml_state *state);

/* Calls `visit` for each changed key (all keys, when nothing lies below) in ascending order;
 * value.data is NULL for a deleted one. Stops at the first negative result. */
typedef int ml_state_visitor(struct ml_span key, struct ml_span value, void *context);
int ml_state_each(struct ml_state *state, ml_state_visitor *visit, void *context) ML_MUST_USE;
/* Same in no particular order, without memory of its own. */
int ml_state_each_unordered(struct ml_state *state, ml_state_visitor *visit,
                            void *context) ML_MUST_USE;

/* Bytes taken, in memory and spilled. */
size_t ml_state_memory(const struct ml_state *state);

/* Unpacks the value of `key` as a message into `arena`. MLEDGER_EDAMAGED when it is none. */
int ml_state_load(struct ml_state *state, struct ml_span key,
                  const ProtobufCMessageDescriptor *type, struct ml_arena *arena,
                  void *ret_message) ML_MUST_USE;
int ml_state_store(struct ml_state *state, struct ml_span key,
                   const ProtobufCMessage *message) ML_MUST_USE;

#endif
