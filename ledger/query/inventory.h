/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stock of models at a moment: where their versions are, who answers for them, how they were
 * judged, where they work.
 *
 * Which versions are listed of a model: without conditions on versions those that matter, which
 * are in a stage other than None and Archived, bear an alias, or serve an endpoint, and if there is
 * none the newest; with such conditions those that meet all of them. Deleted models and versions
 * are left out unless asked for.
 *
 * Costs: the records of each model, and of the runs of the versions listed or asked about.
 */
#ifndef ML_QUERY_INVENTORY_H
#define ML_QUERY_INVENTORY_H

#include "ledger/query/basis.h"
#include "ledger/query/filter.h"
#include "ledger/query/model_past.h"

struct ml_inventory_deployment {
    const char *endpoint, *environment; /* the latter NULL: none is named */
    uint32_t share_ppm;
    uint64_t seq;
};

struct ml_inventory_version {
    uint64_t version;
    const char *stage;
    uint64_t stage_seq, registered_seq, last_seq;
    int64_t stage_us, registered_us, last_us;
    bool deleted;
    const char **aliases;
    size_t n_aliases;
    const char *validation; /* "passed", "not_passed"; NULL: it was not validated */
    uint64_t validation_seq;
    int64_t validation_us;
    struct ml_inventory_deployment *deployments; /* in force */
    size_t n_deployments;
    size_t n_exceptions; /* ml_exceptions_count() */
};

struct ml_inventory_model {
    uint64_t seq;
    const char *name;
    bool deleted;
    const char *owner;      /* its tag "owner", else the actor who created it; NULL: not known */
    uint64_t owner_seq;     /* the record that says so */
    const char *last_actor; /* who wrote the newest record about it */
    uint64_t last_seq;
    int64_t last_us;
    size_t n_all;                          /* versions, without deleted ones */
    struct ml_inventory_version *versions; /* those listed, by number */
    size_t n_versions;
};

struct ml_inventory_options {
    uint64_t as_of;
    int64_t now_us;                 /* ages count back from here */
    const struct ml_filter *filter; /* NULL: everything */
    bool all_versions;              /* list them all, where no condition chooses */
    bool deleted;                   /* models and versions too */
};

struct ml_inventory {
    struct ml_inventory_model *models; /* by name, then seq */
    size_t count, cap;
    size_t n_looked_at; /* models */
    struct ml_arena arena;
};

/* What the answer rests on, and what conditions could not be judged on, goes into `basis`.
 * Initialises *ret_inventory in any case, to be released. */
int ml_inventory(struct ml_view *view, const struct ml_inventory_options *options,
                 struct ml_basis *basis, struct ml_inventory *ret_inventory) ML_MUST_USE;
void ml_inventory_release(struct ml_inventory *inventory);

#endif
