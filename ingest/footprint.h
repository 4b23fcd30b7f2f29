/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether somebody wrote to a file or directory between two moments, without reading it: for each
 * file its place on disk, its size and the times at which content and inode changed. The latter
 * nobody but the system sets, so an edit with its time put back shows as well.
 *
 * A file system counts time in ticks of some milliseconds: what is written within the tick of the
 * earlier footprint may look the same. ml_footprint_settle() waits until that tick is over.
 */
#ifndef ML_INGEST_FOOTPRINT_H
#define ML_INGEST_FOOTPRINT_H

#include <time.h>

#include "ledger/core/hash.h"

struct ml_footprint {
    bool is_there;
    bool is_known; /* else something could not be looked at: never the same as another */
    uint8_t sha256[ML_HASH_SIZE];
    struct timespec newest; /* of the times */
};

/* Of a file, or of all files below a directory as ingest/manifest.h lists them. Does not fail:
 * what cannot be looked at is not known, and reading it will tell why. */
struct ml_footprint ml_footprint_take(const char *path);
/* Both are known and say the same. */
bool ml_footprint_is_same(const struct ml_footprint *a, const struct ml_footprint *b);
/* Waits until nothing that is written from now on, on a local file system, bears a time of the
 * footprint: at most some hundredths of a second, also where its times lie in the future. */
void ml_footprint_settle(const struct ml_footprint *footprint);

#endif
