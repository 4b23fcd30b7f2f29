/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree of tiles (C2SP tlog-tiles; ledger/core/tile.h) as a source of the verifier: its entries
 * are signature || header, so the payloads are hidden. What is fetched is believed in nothing:
 * numbers, chain and signatures are checked on the entries, leaves and every hash tile are made
 * again from them, and the checkpoint is held against that tree.
 *
 * Pure: bytes come through a callback, from a directory or over HTTP.
 */
#ifndef VERIFY_SOURCE_TILES_H
#define VERIFY_SOURCE_TILES_H

#include "ledger/core/checkpoint.h"
#include "ledger/core/tile.h"
#include "verify/anchor.h"

/* Appends the bytes under `path` ("checkpoint", "tile/0/001"), at most `limit`.
 * MLEDGER_ENOTFOUND: there is nothing. MLEDGER_EINVALID: there is more. Other negative results end
 * the verification. */
typedef int ml_tiles_fetch(void *context, const char *path, size_t limit, struct ml_buf *ret_bytes);

struct ml_tiles_result {
    struct ml_verify_result verify;
    uint64_t size; /* that the checkpoint gives */
};

/*
 * Verifies a tree of tiles. `options->anchors` holds what is trusted: its vkeys must have signed
 * the checkpoint that the tiles come with; further notes are held against the same tree. A result
 * of 0 means that it was carried through, not that all is well. MLEDGER_ENOTFOUND: there is no
 * checkpoint there. MLEDGER_EINVALID: it is none.
 */
int ml_verify_tiles(ml_tiles_fetch *fetch, void *context, const struct ml_verify_options *options,
                    struct ml_tiles_result *ret_result) ML_MUST_USE;

#endif
