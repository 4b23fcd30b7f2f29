/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger as a directory of tiles (C2SP tlog-tiles, ledger/core/tile.h), which any static web
 * server can hand out: the checkpoint, the hashes of its tree, its entries (signature || header of
 * each record: no payload).
 *
 * What is there already is not written again: full tiles never change. Every file is written
 * beside and renamed, and the checkpoint last, once all that it covers is on disk: a server never
 * shows one whose tiles are missing, also where this is interrupted. Tiles that were not full
 * and now are lose their shorter forms after that.
 */
#ifndef ML_EXPORT_TILES_H
#define ML_EXPORT_TILES_H

#include "ledger/core/tile.h"
#include "ledger/store/ledger.h"

/*
 * Appends one tile of the tree that the view shows: hashes, or a bundle of entries.
 * MLEDGER_ENOTFOUND: the tree has no such tile (yet). MLEDGER_EDAMAGED: a record is missing or
 * malformed, or a full tile does not give the node above it.
 */
int ml_tile_of_view(struct ml_view *view, const struct ml_tile *tile,
                    struct ml_buf *ret_bytes) ML_MUST_USE;

/* Called with the files written so far; a negative result ends it. */
typedef int ml_tiles_progress(uint64_t done, uint64_t total, void *context);

struct ml_tiles_result {
    uint64_t before; /* records that the directory covered */
    uint64_t size;   /* … and covers now */
    uint64_t files;  /* written, the checkpoint aside */
};

/*
 * Writes the tree of the signed checkpoint `note` into `dir`, which is made if it is not there.
 *
 * MLEDGER_EINVALID: `note` is no signed checkpoint of this ledger's records; or the directory holds
 * something else, tiles of another ledger or of another tree of this one, or of a larger one.
 * MLEDGER_EDAMAGED: a record or the stored tree is damaged. MLEDGER_ESYSTEM: a file cannot be
 * written, or another export is at work there. In all cases what a reader sees is whole.
 */
int ml_tiles_export(struct ml_view *view, struct ml_span note, const char *dir,
                    ml_tiles_progress *progress, void *progress_context,
                    struct ml_tiles_result *ret_result) ML_MUST_USE;

#endif
