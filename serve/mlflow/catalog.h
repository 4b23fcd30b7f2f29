/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All runs and logged models in memory, to be searched: what a filter or an order can ask of each,
 * and nothing else. A search finds them here; what it answers with is read from the ledger.
 *
 * The catalogue is caught up with the ledger before each search, by the records that are new since:
 * whoever appends them. Its memory is that of the values in it. Many threads may search at once;
 * catching up is done by one of them while the others wait.
 */
#ifndef ML_SERVE_MLFLOW_CATALOG_H
#define ML_SERVE_MLFLOW_CATALOG_H

#include "ledger/core/state_key.h"
#include "ledger/store/ledger.h"
#include "serve/mlflow/filter.h"

struct ml_catalog;

/* A parameter, tag or newest point of a metric. */
struct ml_catalog_field {
    enum ml_field_kind kind;
    const char *key;
    const char *text; /* of parameters and tags; NULL: erased */
    double number;    /* of metrics; NaN: erased, or NaN */
    int64_t step, time_us;
    uint64_t seq; /* the record that set it */
};

struct ml_catalog_fields {
    struct ml_catalog_field *list; /* by kind, then key */
    size_t count, cap;
};

/* A dataset that the run read. */
struct ml_catalog_input {
    const char *name, *digest, *context; /* NULL: not said */
};

struct ml_catalog_run {
    uint64_t seq, experiment; /* MLEDGER_NO_SEQ: none */
    const char *id, *name, *user, *artifact_uri;
    Mledger__RunStatus status;
    bool is_deleted, has_end;
    int64_t start_ms, end_ms;
    struct ml_catalog_fields fields;
    struct ml_catalog_input *inputs;
    size_t n_inputs, cap_inputs;
};

/* What a run measured of a logged model: each point is kept. */
struct ml_catalog_point {
    const char *key;
    const char *dataset, *digest; /* NULL: not said */
    double number;                /* NaN: erased, or NaN */
    int64_t step, time_us;
    uint64_t seq; /* the record that holds it */
};

struct ml_catalog_model {
    uint64_t seq, experiment;                             /* MLEDGER_NO_SEQ: none */
    const char *id, *name, *type, *artifact_uri, *run_id; /* NULL: not said */
    Mledger__LoggedModelStatus status;
    bool is_deleted;
    int64_t created_ms, updated_ms;
    struct ml_catalog_fields fields; /* no metrics */
    struct ml_catalog_point *points;
    size_t n_points, cap_points;
};

/* MLEDGER_ESYSTEM. */
int ml_catalog_new(struct ml_catalog **ret_catalog) ML_MUST_USE;
void ml_catalog_free(struct ml_catalog *catalog); /* accepts NULL */

/* Reads what the view holds beyond what is in it. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM: what was read
 * before stays. */
int ml_catalog_catch_up(struct ml_catalog *catalog, struct ml_view *view) ML_MUST_USE;

/* Holds it still while runs are looked at. */
void ml_catalog_lock(struct ml_catalog *catalog);
void ml_catalog_unlock(struct ml_catalog *catalog);

/* The runs in the order of their records, borrowed while it is locked. */
const struct ml_catalog_run *ml_catalog_runs(const struct ml_catalog *catalog, size_t *ret_count);
/* Logged models likewise. */
const struct ml_catalog_model *ml_catalog_models(const struct ml_catalog *catalog,
                                                 size_t *ret_count);
/* NULL: there is none of that kind with that key. */
const struct ml_catalog_field *ml_catalog_field(const struct ml_catalog_fields *fields,
                                                enum ml_field_kind kind, const char *key);

#endif
