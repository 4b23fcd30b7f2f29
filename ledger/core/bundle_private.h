/* SPDX-License-Identifier: Apache-2.0 */
/* What reading and writing a bundle share: its fixed bytes, and the order of its items. */
#ifndef ML_CORE_BUNDLE_PRIVATE_H
#define ML_CORE_BUNDLE_PRIVATE_H

#include "ledger/core/bundle.h"

enum {
    BUNDLE_FRAME_HEADER = 8, /* of a skippable frame: magic number, size, little-endian */
    BUNDLE_ITEM_HEADER = 5,
    BUNDLE_PIECE = 128 * 1024, /* read, compressed or hashed at once */
};

extern const uint8_t ml_bundle_preamble[ML_BUNDLE_PREAMBLE_SIZE];
extern const uint8_t ml_bundle_trailer_header[BUNDLE_FRAME_HEADER];

/* Where in the order a stream of items is. All zero: at the beginning. */
struct ml_bundle_order {
    int rank;   /* of the item before */
    size_t run; /* items of that rank */
};
/* Moves past one more item. MLEDGER_EINVALID as ml_bundle_next(). */
int ml_bundle_step(struct ml_bundle_order *order, int kind, size_t size) ML_MUST_USE;
/* Whether the stream may end here: with a manifest and a record. MLEDGER_EINVALID. */
int ml_bundle_may_end(const struct ml_bundle_order *order) ML_MUST_USE;

#endif
