/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a version (or a run) is made of, as single facts that can be laid beside those of another:
 * data, code, parameters, metrics, environment, decisions, each with the records that say it. Read
 * from its lineage and its own run.
 */
#ifndef ML_QUERY_MAKEUP_H
#define ML_QUERY_MAKEUP_H

#include "ledger/query/lineage.h"
#include "ledger/query/reader.h"

enum ml_fact_kind {
    ML_FACT_DATA,        /* "dataset NAME", "file PATH": its digest */
    ML_FACT_CODE,        /* of which run or pipeline: the commit */
    ML_FACT_PARAM,       /* of its own run by the bare key, else with whose it is before it */
    ML_FACT_METRIC,      /* so too; and the checks of validations */
    ML_FACT_ENVIRONMENT, /* files that list packages; where it ran */
    ML_FACT_DECISION,    /* validations, and for which stage who approved */
    ML_FACT_KINDS,
};
/* "data", "code", "parameters", "metrics", "environment", "decisions". */
const char *ml_fact_kind_name(enum ml_fact_kind kind);

struct ml_fact {
    enum ml_fact_kind kind;
    const char *key;
    const char *value;    /* as recorded; NULL: not known, or erased */
    const uint64_t *seqs; /* the records that say it, ascending */
    size_t n_seqs;
    enum ml_edge_kind by;                  /* how sure it is that this belongs to it */
    const Mledger__Digest *const *digests; /* of data; of a metric: of what it was measured on */
    size_t n_digests;
    const char *on; /* of a metric: what it was measured on, "test sha256:0123…"; NULL: not said */
};

struct ml_makeup {
    const char *name;      /* "churn/3", "run 4f2a" */
    bool is_version;       /* else a run */
    struct ml_fact *facts; /* by kind, key and value; each once */
    size_t count, cap;
    struct ml_graph *graph; /* its lineage, up */
};
void ml_makeup_release(struct ml_makeup *makeup);

/* What a reference names, which must be a version or a run. A bare word is a run. MLEDGER_EUSAGE:
 * it names something else, with a hint. Errors as ml_reference_resolve(). */
int ml_makeup_find(struct ml_reader *reader, const char *text,
                   struct ml_target *ret_target) ML_MUST_USE;
/* Whether both are the same version or run. */
bool ml_makeup_same(const struct ml_target *a, const struct ml_target *b);

/* As of the reader's record; facts live in the reader's arena and in the graph. Initialises
 * *ret_makeup in any case, to be released.
 * MLEDGER_EUSAGE: the target is neither a version nor a run. Errors as ml_lineage(). */
int ml_makeup_read(struct ml_reader *reader, const struct ml_target *target,
                   struct ml_makeup *ret_makeup) ML_MUST_USE;

/* Whether two facts say the same: of data, if they share a digest. */
bool ml_fact_same(const struct ml_fact *a, const struct ml_fact *b);

#endif
