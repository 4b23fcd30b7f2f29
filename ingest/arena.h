/* SPDX-License-Identifier: Apache-2.0 */
/* The former name of pool.h, which ledger/core/arena.h has now; only ingest/mlflow uses it. */
#ifndef ML_INGEST_ARENA_H
#define ML_INGEST_ARENA_H

#include "ingest/pool.h"

#define ml_arena ml_pool
#define ml_arena_alloc ml_pool_alloc
#define ml_arena_printf ml_pool_printf
#define ml_arena_release ml_pool_release
#define ml_arena_text ml_pool_text

#endif
