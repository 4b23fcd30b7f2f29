/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger holds about one subject already, folded from its own records into facts that
 * an importer can ask for, so that it appends only what is new. A fact is a key and a value:
 *
 *   p/KEY                    parameter of a run or logged model
 *   t/VERSION/KEY            tag; VERSION is 0 for the subject itself
 *   m/STEP/TIME/TEXT/KEY     a point of a metric, TIME in microseconds, TEXT the value as written
 *   i/ROLE/DIGEST/NAME       an input; DIGEST is MLflow's label
 *   o/PATH                   an output of a run; its value is "SHA256"
 *   a/PATH                   an artifact of a run or logged model; its value is "SIZE/SHA256", hex,
 * or "SIZE/" v/VERSION                a version of a model: its run's id d/VERSION, s/VERSION
 * description and status text (0: of the model itself) g/VERSION                the stage it is in
 *   l/ALIAS                  the version that the alias points to
 *   x/VERSION                it is deleted
 *   u                        artifact_location of an experiment
 *
 * A value that was erased is not known: it agrees with everything.
 */
#ifndef ML_INGEST_IMPORT_KNOWN_H
#define ML_INGEST_IMPORT_KNOWN_H

#include "ingest/pool.h"
#include "ingest/table.h"
#include "ledger/store/ledger.h"

struct ml_import_fact {
    const char *key;
    const char *value; /* NULL: erased */
    uint64_t seq;      /* of the record that says so */
    bool imported;     /* by an import */
    bool gone;         /* taken back since */
    bool asked;        /* for, by ml_import_known_has() */
};

/* All zero knows nothing. */
struct ml_import_known {
    struct ml_pool pool;
    struct ml_table facts; /* struct ml_import_fact */
    char *key;             /* of the last question */
};
void ml_import_known_release(struct ml_import_known *known);

/* Folds all records of the subject. */
int ml_import_known_read(struct ml_view *view, uint64_t subject,
                         struct ml_import_known *known) ML_MUST_USE;

/* The fact under a key, NULL in *ret_fact when there is none or it is gone. */
int ml_import_known_get(struct ml_import_known *known, struct ml_import_fact **ret_fact,
                        const char *key_format, ...) ML_PRINTF(3, 4) ML_MUST_USE;
/* 1 when the fact is there with this value (NULL: with any), 0 when not, or an error. */
int ml_import_known_has(struct ml_import_known *known, const char *value, const char *key_format,
                        ...) ML_PRINTF(3, 4) ML_MUST_USE;

/* For the fold: from here on the fact stands, or is gone. Key and value are copied. */
struct ml_import_says {
    uint64_t seq;
    bool imported;
};
int ml_import_known_put(struct ml_import_known *known, struct ml_import_says says,
                        const char *value, const char *key_format, ...) ML_PRINTF(4, 5) ML_MUST_USE;
int ml_import_known_drop(struct ml_import_known *known, const char *key_format, ...)
    ML_PRINTF(2, 3) ML_MUST_USE;

#endif
