/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What earlier visits of a store saw, so that a visit reads only what is new: for each run and
 * logged model a print, made of what is cheap to ask for. What the print is of, and what a visit
 * with a memory therefore costs:
 *
 *   file store   names, sizes and times of all files in the folder: a stat of each. What changed is
 *                read as a whole.
 *   database     of what has ended: its row, its newest metrics, parameters and tags; what goes on
 *                is read as a whole.
 *   server       of what has ended: what a search says of it, a page for many at once; what goes on
 *                is asked for as a whole, artifacts too.
 *
 * So a file that comes to a run of a database or a server after its end, without anything else, is
 * not seen. Experiments and registered models are always read.
 *
 * An import visits twice. The second visit reads what the first one read and nothing else; what
 * both saw is kept only once it is recorded.
 *
 * Threads: one visit at a time.
 */
#ifndef ML_INGEST_MLFLOW_MEMORY_H
#define ML_INGEST_MLFLOW_MEMORY_H

#include "ingest/pool.h"
#include "ingest/table.h"
#include "ledger/core/hash.h"

/* All zero is an empty one. */
struct ml_mlflow_memory {
    struct ml_pool pool;
    struct ml_table things; /* by path */
    bool again;             /* the second visit of an import */
};
void ml_mlflow_memory_release(struct ml_mlflow_memory *memory);

/* A visit begins: the first of an import (what the one before saw and did not keep is forgotten),
 * or the second. `memory` may be NULL, here and below. */
void ml_mlflow_memory_begin(struct ml_mlflow_memory *memory, bool again);
/* What was seen since is kept. */
void ml_mlflow_memory_keep(struct ml_mlflow_memory *memory);

/* 1: what is at `path` need not be read; 0: it is to be read. `print` NULL: it is always to be
 * read. MLEDGER_ESYSTEM: memory is out. */
int ml_mlflow_memory_skips(struct ml_mlflow_memory *memory, const char *path,
                           const uint8_t print[ML_HASH_SIZE]) ML_MUST_USE;

#endif
