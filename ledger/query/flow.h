/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How versions come to a stage: how long it takes from registration, how often a step back is
 * taken, how often there was an emergency.
 *
 *   an entry      a transition of a version into the stage
 *   its time      from the version's registration to its first entry, as recorded; of versions that
 *                 an import found there it is not known
 *   a rollback    an entry of a version with a lower number than one that had entered before
 *   an emergency  an entry whose reason holds the word emergency, hotfix, urgent or breakglass
 * (also hot-fix, break-glass)
 *
 * Percentiles are those of the nearest rank: the smallest time that so many of a hundred do not
 * exceed. Cost: the records of the models.
 */
#ifndef ML_QUERY_FLOW_H
#define ML_QUERY_FLOW_H

#include "ledger/query/as_of.h"
#include "ledger/query/basis.h"
#include "ledger/query/model_past.h"

struct ml_flow_entry {
    uint64_t version;
    uint64_t seq;
    int64_t at_us;
    uint64_t registered_seq;
    int64_t registered_us;
    bool imported;
    bool timed;          /* the version's first entry, not imported */
    uint64_t passed;     /* the highest version that had entered before; 0: none higher */
    uint64_t passed_seq; /* by this record */
    bool emergency;
    const char *reason; /* NULL: none is recorded, or it was erased */
};

struct ml_flow_figures {
    size_t entries, timed, rollbacks, emergencies;
    int64_t median_us, p90_us, longest_us; /* of those timed, if there are any */
};

struct ml_flow_model {
    uint64_t seq;
    const char *name;
    struct ml_flow_entry *entries; /* in the order of records */
    size_t n_entries, cap_entries;
    struct ml_flow_figures figures;
};

struct ml_flow {
    struct ml_flow_model *models; /* that had entries, by name */
    size_t count, cap;
    struct ml_flow_figures figures; /* of all together */
    struct ml_arena arena;
};

struct ml_flow_options {
    const char *stage;
    uint64_t as_of;
    struct ml_as_of from, to; /* entries at or after `from` and before `to`; ML_AS_OF_NOW: no end */
};

/* What it rests on, and what is not known, goes into `basis`. Initialises *ret_flow in any case, to
 * be released. */
int ml_flow(struct ml_view *view, const struct ml_flow_options *options, struct ml_basis *basis,
            struct ml_flow *ret_flow) ML_MUST_USE;
void ml_flow_release(struct ml_flow *flow);

static inline bool ml_flow_is_rollback(const struct ml_flow_entry *entry)
{
    return entry->passed != 0;
}

#endif
