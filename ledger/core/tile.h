/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log as files (C2SP tlog-tiles): the hashes of its tree in tiles of 256, its entries in bundles
 * of 256, so that any static server can hand them out and any reader make every proof.
 *
 *     tile/L/N             256 hashes: nodes (8L, 256N) to (8L, 256N + 255) of merkle.h
 *     tile/L/N.p/W         the last one of a level where it is not full: W hashes, 1 to 255
 *     tile/entries/N       256 entries, each its length (2 bytes, big-endian) and its bytes
 *     tile/entries/N.p/W   the last ones
 *
 * N is written in groups of three digits, all but the last after an 'x': 1234067 is x001/x234/067.
 * An entry of ours is signature || header: what the leaf hashes.
 *
 * Pure; thread-safe.
 */
#ifndef ML_CORE_TILE_H
#define ML_CORE_TILE_H

#include "ledger/core/merkle.h"

enum {
    ML_TILE_WIDTH = 256,
    ML_TILE_HEIGHT = 8,
    ML_TILE_LEVELS = 8,        /* of hashes, in a tree of less than 2^64 leaves */
    ML_TILE_ENTRIES = 64,      /* as a level: the bundles of entries */
    ML_TILE_ENTRY_MAX = 65535, /* bytes of an entry */
    ML_TILE_BUNDLE_MAX = ML_TILE_WIDTH * (2 + ML_TILE_ENTRY_MAX),
    ML_TILE_PATH_SIZE = 64, /* characters with NUL of the longest path */
};

struct ml_tile {
    unsigned level; /* 0 to ML_TILE_LEVELS - 1, or ML_TILE_ENTRIES */
    uint64_t index;
    unsigned width; /* 1 to 256 */
};

/* "tile/0/x001/234.p/17". */
void ml_tile_path(const struct ml_tile *tile, char ret_path[ML_TILE_PATH_SIZE]);

/* The inverse, of exactly what ml_tile_path() writes. False: it is none. */
bool ml_tile_parse(const char *path, struct ml_tile *ret_tile);
/* Whether a tree of `size` leaves has the tile: as many nodes, or entries, as it is wide. */
bool ml_tile_is_in(const struct ml_tile *tile, uint64_t size);

/* Calls `visit` with every tile that a tree of `size` leaves has: bundles, then hashes from the
 * leaves up, by index, the full ones from `from` leaves on (0: all; tiles full before are left
 * out) and those not full. A negative result of `visit` ends it and is returned. */
typedef int ml_tile_visitor(const struct ml_tile *tile, void *context);
int ml_tile_each(uint64_t from, uint64_t size, ml_tile_visitor *visit, void *context) ML_MUST_USE;

/* Appends the hashes of a tile (not of entries). Errors of `get` and of memory. */
int ml_tile_make(const struct ml_tile *tile, ml_merkle_get get, void *context,
                 struct ml_buf *buf) ML_MUST_USE;

/* Appends an entry to a bundle. MLEDGER_EUSAGE: it is longer than ML_TILE_ENTRY_MAX. */
int ml_tile_entry_append(struct ml_buf *bundle, struct ml_span entry) ML_MUST_USE;
/* Takes the next entry off a bundle, borrowed from it. MLEDGER_ENOTFOUND: there is none left.
 * MLEDGER_EINVALID: it is cut off. */
int ml_tile_entry_next(struct ml_span *bundle, struct ml_span *ret_entry) ML_MUST_USE;

#endif
