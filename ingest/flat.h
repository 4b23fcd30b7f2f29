/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of parameters or metrics as one list: YAML, JSON or TOML by the ending, whose root is a
 * mapping. Keys of mappings inside each other are joined by '.', as DVC and MLflow do:
 * "train.lr". A list is one value, as JSON on one line. Nothing is rounded or made again: a number
 * has the text that stands in the file.
 */
#ifndef ML_INGEST_FLAT_H
#define ML_INGEST_FLAT_H

#include "ingest/pool.h"

enum { ML_FLAT_KEY_MAX = 1024 }; /* bytes */

struct ml_flat_value {
    const char *key;
    const char *text;
    bool is_number;
    double number;
};

/* All zero is an empty list. */
struct ml_flat {
    struct ml_pool pool;
    struct ml_flat_value *values; /* in the order of the file */
    size_t count, cap;
};
void ml_flat_release(struct ml_flat *flat);

/*
 * Reads the file at `path`; an empty one has no values.
 * MLEDGER_ENOTFOUND: there is none. MLEDGER_EINVALID, "FILE:LINE: what": it is malformed, its root
 * is no mapping, a key is empty or too long. MLEDGER_ESYSTEM: it cannot be read; memory is out.
 */
int ml_flat_read(const char *path, struct ml_flat *ret_flat) ML_MUST_USE;

#endif
