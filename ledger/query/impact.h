/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What learned from something: from content, a dataset, a commit, a run, a base model, or from
 * records that a key signed. For each model version that it reached: by what way, in which stages
 * and deployments it was and from when to when; and of the models concerned the versions that it
 * did not reach, to which one could go back.
 *
 * Where an output names the inputs it derives from, only these count, and what came of them is
 * *affected*. Where it does not, everything that its run or stage read counts, and it *may be
 * affected*. What a run read only to test on, or a validation, taught it nothing, but what was
 * measured there is in doubt: *measured on it*. ledger/query/impact_spread.h says how ways are
 * weighed.
 *
 * Cost follows the answer: the graph that came of it, and the versions of the models in it.
 */
#ifndef ML_QUERY_IMPACT_H
#define ML_QUERY_IMPACT_H

#include "ledger/query/basis.h"
#include "ledger/query/endpoint_past.h"
#include "ledger/query/lineage.h"
#include "ledger/query/version_past.h"

enum ml_impact_verdict {
    ML_IMPACT_AFFECTED,
    ML_IMPACT_PERHAPS,
    ML_IMPACT_MEASURED,
    ML_IMPACT_UNAFFECTED,
};
/* "affected", "may be affected", "measured on it", "not affected". */
const char *ml_impact_verdict_name(enum ml_impact_verdict verdict);

struct ml_impact_version {
    uint64_t model, version;
    const char *name; /* "churn/3" */
    enum ml_impact_verdict verdict;
    enum ml_edge_kind weakest; /* the least sure step of the way; an unaffected one has no way */
    size_t node;               /* in the graph; SIZE_MAX: not in it */
    struct ml_version_past past;
    struct ml_endpoint_interval *deployed; /* the times at which an endpoint served it */
    size_t n_deployed;
    /* Of an unaffected one: the newest record that granted it Production, or took it out of there
     * or put it in; MLEDGER_NO_SEQ: none. What the order goes by. */
    uint64_t trusted_seq;
    uint64_t approved_seq; /* the newest approval for Production that stands; MLEDGER_NO_SEQ */
    const struct ml_stage_interval *production; /* the newest time in Production; NULL: none */
};

struct ml_impact {
    struct ml_graph *graph;             /* down from what was asked about */
    struct ml_impact_step {             /* by node of the graph: how it was reached */
        enum ml_impact_verdict verdict; /* UNAFFECTED: it was not */
        enum ml_edge_kind weakest;
        size_t by, from; /* the edge, and the node at its other end; SIZE_MAX: a start, or not */
        uint32_t steps;
    } * steps;
    struct ml_impact_version *reached; /* by verdict, then by name as numbers go */
    size_t n_reached;
    struct ml_impact_version *unaffected; /* by model; the best to go back to first */
    size_t n_unaffected;
    uint64_t *records; /* that the key signed, ascending; in answer to a question about a key */
    size_t n_records;
};
void ml_impact_release(struct ml_impact *impact);

/* What is asked about; some of it may be empty. All is borrowed. */
struct ml_impact_question {
    struct ml_lineage_starts starts;
    bool same_content, inferred; /* as struct ml_lineage_options */
    size_t max_nodes;            /* where the search ends, and says so; 0: ML_LINEAGE_NODES_MAX */
};

/*
 * As of the reader's record. All but the graph and what has a free() of its own lives in the
 * reader's arena; ml_impact_release(). The records that the answer rests on and what is not known
 * are added to `basis`. Content that is the list of an environment's packages
 * (ml_is_environment_file()) counts for the runs and versions that hold it: they were made in it.
 *
 * MLEDGER_ENOTFOUND: no record names that content. MLEDGER_EUSAGE: what has no lineage (an actor).
 * MLEDGER_EDAMAGED, MLEDGER_EINVALID, MLEDGER_ESYSTEM as ml_lineage().
 */
int ml_impact(struct ml_reader *reader, const struct ml_impact_question *question,
              struct ml_basis *basis, struct ml_impact *ret_impact) ML_MUST_USE;

/* Whether a file of that name says which packages something ran with: requirements.txt, conda.yaml,
 * uv.lock, … */
bool ml_is_environment_file(const char *path);

#endif
