/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer to a question of lineage: entities, activities and agents in the terms of W3C PROV
 * (PROV-DM, 2013), joined by edges that name the records behind them.
 *
 * Edges run as time does: from what was there first to what came of it, whichever way the question
 * went; the role says in which relation of PROV the two stand.
 *
 * Order: nodes by the record that they were met in first, then by id; edges by their first record,
 * then by the places of their ends among the nodes, then by role. What is unknown stands in the
 * order of its texts. So one ledger and one question give one graph, byte for byte.
 *
 * A graph owns everything in it and borrows nothing. It is made whole and never changes; many
 * threads may read it.
 */
#ifndef ML_QUERY_GRAPH_H
#define ML_QUERY_GRAPH_H

#include "ledger/core/arena.h"
#include "proto/event.pb-c.h"

/* What a node is. Its id is stable, readable, and a reference (ledger/query/reference.h) where
 * there is a word for it. */
enum ml_node_kind {
    ML_NODE_DATASET,      /* "dataset:NAME@sha256:0123456789ab", without a digest "dataset:NAME" */
    ML_NODE_FILE,         /* "file:sha256:HEX": content, by the strongest digest recorded with it */
    ML_NODE_SOURCE,       /* "source:URL@REV": what the ledger does not hold */
    ML_NODE_COMMIT,       /* "commit:HEX" */
    ML_NODE_PARAMS,       /* "params:SEQ", of a stage "params:SEQ:ADDRESS" */
    ML_NODE_VERSION,      /* "version:MODEL/N" */
    ML_NODE_LOGGED_MODEL, /* "logged_model:ID": a model as a run left it */
    ML_NODE_RUN,          /* "run:ID" */
    ML_NODE_STAGE,        /* "stage:ADDRESS@SEQ": a stage of the pipeline in record SEQ */
    ML_NODE_VALIDATION,   /* "validation:SEQ" */
    ML_NODE_APPROVAL,     /* "approval:SEQ" */
    ML_NODE_TRANSITION,   /* "transition:SEQ" */
    ML_NODE_DEPLOYMENT,   /* "deployment:SEQ" */
    ML_NODE_INCIDENT,     /* "incident:SEQ" */
    ML_NODE_AGENT,        /* "actor:ID" */
    ML_NODE_KINDS,
};

enum ml_node_flag {
    ML_NODE_START = 1 << 0,   /* what was asked about */
    ML_NODE_UNSEEN = 1 << 1,  /* a run that no record started: known by its id alone */
    ML_NODE_ERASED = 1 << 2,  /* its details were erased, by record erased_by */
    ML_NODE_DELETED = 1 << 3, /* at the moment asked about */
    ML_NODE_MISSING = 1 << 4, /* something that should be known of it is not: see unknown */
    ML_NODE_CUT = 1 << 5,     /* there is more behind it: a limit was reached */
};

enum ml_edge_role {                       /* from → to */
                    ML_ROLE_USED,         /* entity → activity that read it */
                    ML_ROLE_GENERATED,    /* activity → entity that it made */
                    ML_ROLE_DERIVED_FROM, /* entity → entity made from it */
                    ML_ROLE_TRAINED_ON, /* data → run that learned from it: an input in a training
                                           role */
                    ML_ROLE_PARAMETERS, /* parameter set → run or stage */
                    ML_ROLE_CODE,       /* commit → run or stage */
                    ML_ROLE_REGISTERED_FROM, /* run → version */
                    ML_ROLE_VALIDATED_BY,    /* version → validation */
                    ML_ROLE_APPROVED_BY,     /* version → approval */
                    ML_ROLE_TRANSITIONED_BY, /* version → transition */
                    ML_ROLE_DEPLOYED,        /* version → deployment */
                    ML_ROLE_CONCERNED_BY,    /* version or content → incident */
                    ML_ROLE_ASSOCIATED,      /* agent → what it did */
                    ML_ROLE_SAME_CONTENT,    /* entity → entity that holds the same bytes */
                    ML_ROLE_INFERRED,        /* stage → run */
                    ML_ROLE_CONFIRMED,       /* stage → run */
                    ML_ROLES,
};

/* What stands behind an edge. */
enum ml_edge_kind {
    ML_EDGE_RECORDED,     /* a record says it */
    ML_EDGE_SAME_CONTENT, /* records name the same digest; none says that one led to the other */
    ML_EDGE_INFERRED,     /* computed; `grounds` spell out from what */
    ML_EDGE_CONFIRMED,    /* a person confirmed it by a record */
    ML_EDGE_KINDS,
};

/* The words of the JSON: "dataset", "same_content", "registered_from", … */
const char *ml_node_kind_name(enum ml_node_kind kind);
const char *ml_edge_role_name(enum ml_edge_role role);
const char *ml_edge_kind_name(enum ml_edge_kind kind);

struct ml_attribute {
    const char *name;
    const char *value;
};

struct ml_node {
    enum ml_node_kind kind;
    unsigned flags; /* enum ml_node_flag */
    const char *id;
    const char *label; /* for people, one line */
    const char *name;  /* of a dataset; a run's id; a file's path if known; else NULL */
    uint64_t seq; /* the record that it was met in first; of an unseen run the one that names it */
    uint64_t erased_by;              /* MLEDGER_NO_SEQ unless ML_NODE_ERASED */
    const Mledger__Digest **digests; /* each standing seen or claimed */
    size_t n_digests;
    struct ml_attribute *attributes; /* in the order they were found */
    size_t n_attributes;
};

struct ml_edge {
    size_t from, to; /* indexes into nodes */
    enum ml_edge_role role;
    enum ml_edge_kind kind;
    uint64_t *seqs; /* the records that assert it, ascending; never none */
    size_t n_seqs;
    const char *grounds; /* of an inferred one and of same content; else NULL */
};

struct ml_graph {
    struct ml_arena arena;
    struct ml_node *nodes;
    size_t n_nodes;
    struct ml_edge *edges;
    size_t n_edges;
    const char **unknown; /* sentences: what no record says, or what was left out */
    size_t n_unknown;
    uint64_t as_of; /* the newest record that was looked at */
    bool full;      /* the limit on nodes was reached: there is more */
    bool up, down;
};

/* For qsort(): by the way that they go, which is their ends, role and kind; ends are places in the
 * sorted nodes, so they compare as those do. */
int ml_edge_compare_ways(const void *a, const void *b);
/* The order that the edges of a graph have: by the first record that asserts them, then as above.
 */
int ml_edge_compare(const void *a, const void *b);

void ml_graph_free(struct ml_graph *graph);
static inline void ml_graph_freep(struct ml_graph **graph)
{
    ml_graph_free(*graph);
}

/* The node with this id, NULL if there is none. */
const struct ml_node *ml_graph_find(const struct ml_graph *graph, const char *id);

#endif
