/* SPDX-License-Identifier: Apache-2.0 */
/* A server that reads and refuses to record (--read-only): it has no key and opens the ledger to
 * read, beside the one that writes, and answers with what that one has recorded. */
#ifndef ML_CLI_SERVING_REPLICA_H
#define ML_CLI_SERVING_REPLICA_H

#include "cli/serving_part.h"

#define ML_OPTIONS_SERVING_REPLICA                                                                 \
    {                                                                                              \
        .name = "read-only",                                                                       \
        .help = "Answer reads alone, beside a server that writes: no key is needed, and nothing "  \
                "is recorded."                                                                     \
    }

extern const struct ml_serving_part ml_serving_replica;

#endif
