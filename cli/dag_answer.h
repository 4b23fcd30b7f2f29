/* SPDX-License-Identifier: Apache-2.0 */
/* A pipeline's snapshot as a listing and as JSON. */
#ifndef ML_CLI_DAG_ANSWER_H
#define ML_CLI_DAG_ANSWER_H

#include "cli/output.h"
#include "export/pipeline_edges.h"
#include "ledger/query/snapshot.h"

/* Borrowed for the calls. */
struct ml_dag {
    const struct ml_snapshot *snapshot;
    const struct ml_pipeline_graph *graph;
    Mledger__Disagreement *const *disagreements;
    size_t n_disagreements;
    bool outs; /* the graph is one of outputs */
};

/* Each node after those it needs: what it made, with short digests, and what it needs. Then where
 * lock, files and commit disagree. MLEDGER_ESYSTEM: memory is out. */
int ml_dag_print(const struct ml_dag *dag, struct ml_output *out) ML_MUST_USE;

/*
 * {"pipeline": "churn", "seq": 3, "commit": "git:…", "dirty": true,
 *  "nodes": [{"name": "train", "stage": "train", "digests": ["md5:…"]}],
 *  "edges": [{"from": "featurize", "to": "train"}],
 *  "disagreements": [{"kind": "PARAM_CHANGED", "stage": "train", "path": "params.yaml:lr",
 *                     "expected": "md5:…", "found": "md5:…"}]}
 *
 * Digests of a stage are those of all it makes, in order. commit, dirty, and what a disagreement
 * does not tell are left out. A new reference. MLEDGER_ESYSTEM: memory is out.
 */
int ml_dag_to_json(const struct ml_dag *dag, json_t **ret_json) ML_MUST_USE;

#endif
