/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From when to when: a version in a stage, an alias on a version, a version's share of what an
 * endpoint serves. Intervals are half-open, [from, to); ends at one time are ordered by seq.
 *
 * Two clocks tell when a change happened: the ledger's (`recorded_at`), and what the record's
 * details claim (`occurred_at`), which may be long before, where somebody recorded late. So the
 * past has two readings, each an order of the same records: by seq, or by claimed time and then
 * seq. A reading is made from records up to the reader's as_of and nothing later.
 *
 * Everything lives in the reader's arena.
 */
#ifndef ML_QUERY_INTERVAL_H
#define ML_QUERY_INTERVAL_H

#include "ledger/query/as_of.h"
#include "ledger/query/reader.h"

enum ml_interval_kind { ML_INTERVAL_STAGE, ML_INTERVAL_ALIAS, ML_INTERVAL_DEPLOYMENT };
/* "stage", "alias", "deployment" */
const char *ml_interval_kind_name(enum ml_interval_kind kind);

enum ml_reading { ML_READING_RECORDED, ML_READING_CLAIMED };

/* A record that begins or ends an interval. */
struct ml_change {
    uint64_t seq; /* MLEDGER_NO_SEQ: none; of `to`: it lasts still */
    int64_t recorded_us;
    int64_t claimed_us; /* as recorded_us where the details claim no time, or were erased */
    uint64_t author;    /* actor; MLEDGER_NO_SEQ: unknown */
    const char *who;    /* ml_record_who(): "ada", "ada by ci" */
    const char *reason; /* NULL: none given, or erased */
    const char *what;   /* "to Archived", "to churn/4", "deleted"; NULL where `from` says it all */
    bool erased;        /* its details were */
};

struct ml_interval {
    enum ml_interval_kind kind;
    const char *name;        /* stage, alias or endpoint */
    const char *environment; /* of a deployment; NULL: not said */
    uint64_t model, version;
    const char *model_name; /* as it is called now */
    uint32_t share_ppm;     /* of a deployment */
    bool imported;          /* a stage found in another registry: since when is not known */
    struct ml_change from, to;
};

struct ml_intervals {
    struct ml_interval *list;
    size_t count, cap; /* grown in the heap until it is kept; see ml_intervals_release() */
};
void ml_intervals_release(struct ml_intervals *intervals);

/*
 * Each appends what it finds, in no order that means anything. `intervals` owns its list, and what
 * the list points to lives in the reader's arena. Costs the records that say where the model's
 * versions are (ML_INDEX_PLACE), or those of the endpoint.
 *
 * Of a model: stages and aliases of all its versions. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM.
 */
int ml_intervals_of_model(struct ml_reader *reader, uint64_t model, enum ml_reading reading,
                          struct ml_intervals *intervals) ML_MUST_USE;
/* Of an endpoint: what it served. MLEDGER_ENOTFOUND (without a text): no record up to as_of says
 * anything of such an endpoint. */
int ml_intervals_of_endpoint(struct ml_reader *reader, const char *endpoint,
                             enum ml_reading reading, struct ml_intervals *intervals) ML_MUST_USE;
/* Of the endpoints that versions of the model were ever deployed to: the model's shares alone. */
int ml_intervals_of_deployments(struct ml_reader *reader, uint64_t model, enum ml_reading reading,
                                struct ml_intervals *intervals) ML_MUST_USE;
/* The endpoints that the ledger knows at as_of, by name. */
int ml_endpoints(struct ml_reader *reader, const char ***ret_names, size_t *ret_count) ML_MUST_USE;

/* By model name and kind; stages by version, aliases by name, deployments by endpoint and version;
 * then by beginning. So what follows one another in one place stands together. */
void ml_intervals_sort(struct ml_intervals *intervals);

/* Whether somebody decides about that: it is a stage, and neither None nor Archived. */
bool ml_interval_is_decided(const struct ml_interval *interval);

bool ml_interval_holds(const struct ml_interval *interval, enum ml_reading reading,
                       const struct ml_instant *instant);

/* What the change of a record is. */
int ml_change_read(struct ml_reader *reader, const struct ml_record *record,
                   struct ml_change *ret_change) ML_MUST_USE;
/* The time of a change in that reading. */
int64_t ml_change_time(const struct ml_change *change, enum ml_reading reading);

#endif
