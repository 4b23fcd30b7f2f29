/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the records say of each node of a lineage: parameters, metrics, digests, people, times,
 * stages, approvals. Documents (export/document.h) are written from this and from the graph, and
 * read no record themselves, so that no two formats can say different things.
 *
 * Numbers are the texts that were recorded. A value that is not known, or whose details were
 * erased, is NULL. Of times there are two: the one that the record claims (details.occurred_at),
 * and the one at which it was recorded.
 *
 * An account lives in the view that it was read from and is made of records up to the graph's
 * as_of. Made whole, never changed; many threads may read it.
 */
#ifndef ML_QUERY_ACCOUNT_H
#define ML_QUERY_ACCOUNT_H

#include "ledger/query/graph.h"
#include "ledger/query/reader.h"
#include "ledger/query/version_past.h"

#define ML_NO_TIME INT64_MIN

/* One record that is named anywhere in the account. */
struct ml_account_record {
    uint64_t seq;
    uint8_t link[ML_HASH_SIZE];
    const char *kind; /* its event's name; "" if it is not understood */
    int64_t recorded_us;
    int64_t claimed_us; /* ML_NO_TIME: it claims none, or its details were erased */
    /* Where it was recorded on somebody's behalf: the id of the actor whose key signed, which
     * record registered that one, and whether it is a service. NULL: on nobody's. */
    const char *delegate;
    uint64_t delegate_seq;
    uint8_t delegate_link[ML_HASH_SIZE];
    bool delegate_is_service;
};

struct ml_account_value {
    const char *key, *value;
    uint64_t seq;
};

/* The newest point of a metric: of the greatest step, of those the greatest time. What was measured
 * on different datasets is different metrics, whose names are unique where their keys are not:
 * "auc on holdout". */
struct ml_account_metric {
    const char *key, *name, *value;
    const char *dataset; /* NULL: not told */
    int64_t step, time_us;
    uint64_t seq;
};

struct ml_account_check {
    const char *name, *value;
    bool passed;
};

struct ml_account_file {
    const char *path;
    bool has_size;
    uint64_t size; /* bytes */
    const Mledger__Digest *const *digests;
    size_t n_digests;
    uint64_t seq;
};

struct ml_account_share {
    const char *version; /* "churn/3" */
    uint32_t ppm;
};

/* A key of an actor that was authorised by as_of. */
struct ml_account_key {
    uint8_t key[ML_KEY_SIZE];
    uint64_t since_seq;
};

/* What is said of a node; of which kinds stands behind each. Indexes are those of graph->nodes. */
struct ml_account_node {
    const struct ml_account_record *record; /* that it was met in first */
    const char *name;  /* version: its model; run, logged model: its id; dataset, file (its path),
                          actor (its id),  stage (its address), deployment (endpoint), validation,
                          incident (its id);  NULL */
    const char *title; /* run, logged model: its name; person: the full name */
    uint64_t version;  /* version: its number … */
    uint64_t model;    /* … and the record that created its model; else MLEDGER_NO_SEQ */
    const char *status; /* run: "finished", …; logged model: "ready", …; validation: "passed", …;
                           approval: "granted", …; incident: "opened", …; NULL */
    const char *stage;      /* version: where it is; transition: where to; approval: for which */
    const char *from_stage; /* transition; NULL if imported */
    const char *reason;     /* approval, transition, deployment, incident */
    const char *experiment; /* run, logged model */
    const char *uri, *uri_type;            /* dataset, version, run, logged model: where its bytes
                                              are */
    const char *environment;               /* deployment */
    const char *pipeline;                  /* stage */
    const struct ml_account_record *began; /* run, NULL if it is unseen */
    const struct ml_account_record *ended; /* run; deployment: the next record about its endpoint;
                                              NULL: not yet */
    bool is_service;                       /* actor */
    bool has_size, has_files;              /* dataset */
    uint64_t size, files;                  /* bytes; in a directory */
    const struct ml_account_value *params; /* run, logged model, parameter set */
    size_t n_params;
    const struct ml_account_metric *metrics; /* run, logged model; by seq */
    size_t n_metrics;
    const struct ml_account_value *tags; /* run, logged model: those it has at as_of */
    size_t n_tags;
    const struct ml_account_check *checks; /* validation */
    size_t n_checks;
    const struct ml_account_file *artifacts; /* version, logged model; run: what it made */
    size_t n_artifacts;
    const struct ml_stage_interval *periods; /* version */
    size_t n_periods;
    const char *const *aliases; /* version */
    size_t n_aliases;
    const struct ml_account_share *shares; /* deployment */
    size_t n_shares;
    const struct ml_account_key *keys; /* actor */
    size_t n_keys;
    const char *const *commands; /* stage */
    size_t n_commands;
    const size_t *approvals; /* transition: granted for that stage before it, not withdrawn by then;
                                by seq */
    size_t n_approvals;
    const size_t *in, *out; /* edges that end, and that begin here; in the graph's order */
    size_t n_in, n_out;
};

struct ml_account {
    const struct ml_graph *graph;      /* borrowed */
    struct ml_account_node *nodes;     /* as graph->nodes */
    struct ml_account_record *records; /* by seq */
    size_t n_records;
    const struct ml_account_record *head; /* record as_of: the newest that counts */
    const char *ledger;                   /* its name … */
    const char *origin;                   /* … the origin line of its checkpoints … */
    uint8_t identity[ML_HASH_SIZE];       /* … and the leaf of its record 0 */
    struct ml_reader reader;
};

/* Both the view and the graph must outlive it. Errors are those of reading records
 * (MLEDGER_EDAMAGED names the one); MLEDGER_ESYSTEM: memory is out. */
int ml_account_new(struct ml_view *view, const struct ml_graph *graph,
                   struct ml_account **ret_account) ML_MUST_USE;
void ml_account_free(struct ml_account *account); /* accepts NULL */
static inline void ml_account_freep(struct ml_account **account)
{
    ml_account_free(*account);
}

/* The record with this seq, which a node or an edge names. */
const struct ml_account_record *ml_account_record(const struct ml_account *account, uint64_t seq);

/* When it happened: as claimed, else when it was recorded. */
int64_t ml_account_when(const struct ml_account_record *record);
/* When the run ended, ML_NO_TIME if it did not, or if that lies before its beginning: two claims
 * that cannot both be true are not put side by side. */
int64_t ml_account_ended(const struct ml_account_node *run);

/* The first node that `role` joins to this one, before it or after it; SIZE_MAX: none. `from` is
 * where to go on: 0, then one more than *ret_at. */
size_t ml_account_before(const struct ml_account *account, size_t node, enum ml_edge_role role,
                         size_t from, size_t *ret_at);
size_t ml_account_after(const struct ml_account *account, size_t node, enum ml_edge_role role,
                        size_t from, size_t *ret_at);

/* Whether all that is behind what was asked for has a record: no run is known by its id alone, each
 * run and stage names its data and its commit, all data has a digest, nothing was cut off or
 * erased. Where data comes from that nothing here made need not be known. */
bool ml_account_is_complete(const struct ml_account *account);

#endif
