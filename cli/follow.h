/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Importing again and again what is new, until a signal asks for an end: round after round with a
 * pause between them. A round looks at each source and imports where there may be something new;
 * an import that appended records is told in one line, and so is an error, once it has come twice
 * in a row (a file may be read while it is written). Between rounds the ledger is closed.
 *
 * What a round costs:
 *   DVC      a stat of every file below the folder that DVC or its parameters may be read from;
 *            an import where one of them or the commit has changed, and nothing changed since the
 *            look before
 *   MLflow   see ingest/mlflow/memory.h: what did not change is not read again
 */
#ifndef ML_CLI_FOLLOW_H
#define ML_CLI_FOLLOW_H

#include "cli/importing.h"
#include "ledger/core/hash.h"

#define ML_OPTION_INTERVAL                                                                         \
    {                                                                                              \
        .name = "interval", .value = "TIME",                                                       \
        .help = "How long to wait between two looks: 5s, unless given, such as 500ms or 1m."       \
    }

struct ml_follow_source {
    const char *kind;  /* "dvc", "mlflow" */
    const char *place; /* borrowed */
    ml_importer *run;
    bool must_be_there;
    /* What its files look like now; NULL: the importer finds out by itself what changed. */
    int (*look)(const char *place, uint8_t ret_print[ML_HASH_SIZE]);
    /* Kept by ml_follow(). */
    struct ml_import_memory *memory;
    uint8_t seen[ML_HASH_SIZE], imported[ML_HASH_SIZE]; /* at the last look; by the last import */
    bool was_seen, was_imported;
    struct ml_error error; /* of the last round; code 0: none */
    bool error_told;
};

/* Follows the sources by --interval. The first round's errors end it, as do those of writing the
 * answer; MLEDGER_EUSAGE: --interval is no time. 0 once a signal has come. */
int ml_follow(struct ml_importing *importing, struct ml_follow_source *sources,
              size_t count) ML_MUST_USE;

#endif
