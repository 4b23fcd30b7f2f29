/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lineage: what stands behind something (up) and what came of it (down), from the records alone.
 *
 * The answer is a graph of entities, activities and agents in the terms of W3C PROV (PROV-DM,
 * 2013). Every edge names the records that assert it. Edges run as time does: from what was there
 * first to what came of it, whichever way the question went. One ledger and one question give one
 * graph, byte for byte.
 *
 * Records are read as they stand; that they are what was recorded is mledger_verify()'s to prove.
 *
 * Ownership: a lineage owns everything that its functions return, but for texts through `char **`,
 * which are the caller's, freed with mledger_free(). It borrows nothing: it may outlive the ledger.
 * Threads: any number of lineages may be read at once; one that is made never changes, and many
 * threads may look at it.
 */
#ifndef MLEDGER_LINEAGE_H
#define MLEDGER_LINEAGE_H

#include "mledger/ledger.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MLEDGER_LINEAGE_NODES_DEFAULT 10000
#define MLEDGER_LINEAGE_NODES_MAX 1000000

/* An answer, whole. */
struct mledger_lineage;

/* What is asked; all zero is: up, all the way, as of now, by every kind of step. */
struct mledger_lineage_options {
    bool up, down;        /* neither: up */
    bool no_same_content; /* take no step because two records name the same digest alone */
    bool no_inferred;     /* do not infer which stage of a pipeline a run was */
    uint32_t depth;       /* steps from what is asked about; 0: all the way */
    const char *as_of; /* as on the command line: a record's number ("41", "#41") or a time in RFC
                          3339 ("2026-03-01T10:00:00Z", "2026-03-01"); NULL: now */
    size_t max_nodes;  /* 0: MLEDGER_LINEAGE_NODES_DEFAULT */
};

/*
 * The lineage of what `reference` names: a version ("churn/3", "models:/churn@champion"), a model
 * ("models:/churn": all its versions), a run ("runs:/ID"), content ("sha256:HEX", "md5:HEX"), a
 * commit
 * ("git:HEX"), "dataset:NAME", "pipeline:NAME", an experiment, or a record ("#12": what it is
 * about). `options` may be NULL. mledger_lineage_free().
 *
 * MLEDGER_EUSAGE: it is no reference, is ambiguous, names what has no lineage (an actor); as_of is
 * neither number nor time; max_nodes is over MLEDGER_LINEAGE_NODES_MAX. MLEDGER_ENOTFOUND: there is
 * no such thing, or was none at as_of. MLEDGER_EDAMAGED, MLEDGER_EINVALID: a record or an
 * attachment cannot be read. MLEDGER_ESYSTEM: memory is out. A limit that is reached is no error:
 * the answer says so among what is unknown.
 */
MLEDGER_API int mledger_lineage_read(struct mledger_ledger *ledger, const char *reference,
                                     const struct mledger_lineage_options *options,
                                     struct mledger_lineage **ret_lineage) MLEDGER_MUST_USE;
/* Accepts NULL. */
MLEDGER_API void mledger_lineage_free(struct mledger_lineage *lineage);

/* What a node is, and how its id begins. An id is stable, readable, and a reference where there is
 * a word for it. */
enum mledger_node_kind {
    MLEDGER_NODE_DATASET, /* "dataset:NAME@sha256:0123456789ab", without a digest "dataset:NAME" */
    MLEDGER_NODE_FILE,    /* "file:sha256:HEX": content, by the strongest digest recorded with it */
    MLEDGER_NODE_SOURCE,  /* "source:URL@REV": what the ledger does not hold */
    MLEDGER_NODE_COMMIT,  /* "commit:HEX" */
    MLEDGER_NODE_PARAMS,  /* "params:SEQ", of a stage "params:SEQ:ADDRESS" */
    MLEDGER_NODE_VERSION, /* "version:MODEL/N" */
    MLEDGER_NODE_LOGGED_MODEL, /* "logged_model:ID": a model as a run left it */
    MLEDGER_NODE_RUN,          /* "run:ID" */
    MLEDGER_NODE_STAGE,        /* "stage:ADDRESS@SEQ": a stage of the pipeline in record SEQ */
    MLEDGER_NODE_VALIDATION,   /* "validation:SEQ" */
    MLEDGER_NODE_APPROVAL,     /* "approval:SEQ" */
    MLEDGER_NODE_TRANSITION,   /* "transition:SEQ" */
    MLEDGER_NODE_DEPLOYMENT,   /* "deployment:SEQ" */
    MLEDGER_NODE_INCIDENT,     /* "incident:SEQ" */
    MLEDGER_NODE_AGENT         /* "actor:ID" */
};

enum mledger_node_flag {
    MLEDGER_NODE_START = 1 << 0,   /* what was asked about */
    MLEDGER_NODE_UNSEEN = 1 << 1,  /* a run that no record started: known by its id alone */
    MLEDGER_NODE_ERASED = 1 << 2,  /* its details were erased, by record erased_by */
    MLEDGER_NODE_DELETED = 1 << 3, /* at the moment asked about */
    MLEDGER_NODE_MISSING = 1 << 4, /* something that should be known of it is not */
    MLEDGER_NODE_CUT = 1 << 5      /* there is more behind it: a limit was reached */
};

/* A digest of whole content: "sha256:HEX", "md5:HEX", "md5-dir:HEX", "git:HEX", … */
struct mledger_node_digest {
    const char *text;
    bool seen; /* computed from the content here; otherwise claimed, as a lock file does */
};

struct mledger_node_attribute {
    const char *name;
    const char *value;
};

struct mledger_node {
    enum mledger_node_kind kind;
    unsigned flags; /* of enum mledger_node_flag */
    const char *id;
    const char *label;  /* for people, one line */
    uint64_t seq;       /* the record that it was met in first */
    uint64_t erased_by; /* MLEDGER_NO_SEQ unless MLEDGER_NODE_ERASED */
    const struct mledger_node_digest *digests;
    size_t digest_count;
    const struct mledger_node_attribute *attributes;
    size_t attribute_count;
};

/* In which relation the two ends of an edge stand, from → to. */
enum mledger_edge_role {
    MLEDGER_ROLE_USED,            /* entity → activity that read it */
    MLEDGER_ROLE_GENERATED,       /* activity → entity that it made */
    MLEDGER_ROLE_DERIVED_FROM,    /* entity → entity made from it */
    MLEDGER_ROLE_TRAINED_ON,      /* data → run that learned from it */
    MLEDGER_ROLE_PARAMETERS,      /* parameter set → run or stage */
    MLEDGER_ROLE_CODE,            /* commit → run or stage */
    MLEDGER_ROLE_REGISTERED_FROM, /* run → version */
    MLEDGER_ROLE_VALIDATED_BY,    /* version → validation */
    MLEDGER_ROLE_APPROVED_BY,     /* version → approval */
    MLEDGER_ROLE_TRANSITIONED_BY, /* version → transition */
    MLEDGER_ROLE_DEPLOYED,        /* version → deployment */
    MLEDGER_ROLE_CONCERNED_BY,    /* version or content → incident */
    MLEDGER_ROLE_ASSOCIATED,      /* agent → what it did */
    MLEDGER_ROLE_SAME_CONTENT,    /* entity → entity that holds the same bytes */
    MLEDGER_ROLE_INFERRED,        /* stage → run */
    MLEDGER_ROLE_CONFIRMED        /* stage → run */
};

/* What stands behind an edge. */
enum mledger_edge_kind {
    MLEDGER_EDGE_RECORDED,     /* a record says it */
    MLEDGER_EDGE_SAME_CONTENT, /* records name the same digest; none says that one led to the other
                                */
    MLEDGER_EDGE_INFERRED,     /* computed; `grounds` spell out from what */
    MLEDGER_EDGE_CONFIRMED     /* a person confirmed it by a record */
};

struct mledger_edge {
    size_t from, to; /* places among the nodes */
    enum mledger_edge_role role;
    enum mledger_edge_kind kind;
    const uint64_t *seqs; /* the records that assert it, ascending; at least one */
    size_t seq_count;
    const char *grounds; /* of an inferred one and of same content; else NULL */
};

/* The nodes, by the record that they were met in first, then by id; *ret_count of them. */
MLEDGER_API const struct mledger_node *mledger_lineage_nodes(const struct mledger_lineage *lineage,
                                                             size_t *ret_count);
/* The edges, by their first record, then by their ends. NULL if there are none. */
MLEDGER_API const struct mledger_edge *mledger_lineage_edges(const struct mledger_lineage *lineage,
                                                             size_t *ret_count);
/* Sentences: what no record says, or what was left out. NULL if there are none. */
MLEDGER_API const char *const *mledger_lineage_unknown(const struct mledger_lineage *lineage,
                                                       size_t *ret_count);
/* The newest record that was looked at. */
MLEDGER_API uint64_t mledger_lineage_as_of(const struct mledger_lineage *lineage);

/* The words that the JSON has: "dataset", "registered_from", "same_content", …; NULL for a value
 * that is none. Never freed. */
MLEDGER_API const char *mledger_node_kind_name(enum mledger_node_kind kind);
MLEDGER_API const char *mledger_edge_role_name(enum mledger_edge_role role);
MLEDGER_API const char *mledger_edge_kind_name(enum mledger_edge_kind kind);

/* All of it as JSON, one line, as `mledger lineage --json` prints it; a NUL ends it.
 * MLEDGER_ESYSTEM: memory is out. */
MLEDGER_API int mledger_lineage_json(const struct mledger_lineage *lineage,
                                     char **ret_json) MLEDGER_MUST_USE;
/* As a tree of lines for people, from what was asked about; a NUL ends it. "#N" are the records
 * that assert a step, "~" is a step by content alone, "?" an inferred one with its grounds.
 * MLEDGER_ESYSTEM: memory is out. */
MLEDGER_API int mledger_lineage_text(const struct mledger_lineage *lineage,
                                     char **ret_text) MLEDGER_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
