/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret memory: between guard pages, not in core dumps, locked where the system's limits allow
 * it (libsodium tries and goes on without), wiped when freed. Passphrases and whatever of a key
 * must not be seen live in it.
 */
#ifndef ML_STORE_SECRET_H
#define ML_STORE_SECRET_H

#include "ledger/core/base.h"
#include "mledger/key.h"

/* `size` bytes, zeroed. MLEDGER_ESYSTEM: out of memory. */
int ml_secret_alloc(size_t size, void *ret_pointer) ML_MUST_USE;
/* Wipes and frees what ml_secret_alloc() gave. Accepts NULL. */
void ml_secret_release(void *memory);
/* For ML_CLEANUP on pointers to it. */
static inline void ml_secret_releasep(void *pointer)
{
    ml_secret_release(*(void **)pointer);
}

static inline void ml_secret_freep(struct mledger_secret **secret)
{
    mledger_secret_free(*secret);
}

/* What is in it; empty before anything was put in. */
struct ml_span ml_secret_span(const struct mledger_secret *secret);

#endif
