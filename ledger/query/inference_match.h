/* SPDX-License-Identifier: Apache-2.0 */
/* What a run says of itself, and how well a stage fits it. Private to inference.c. */
#ifndef ML_QUERY_INFERENCE_MATCH_H
#define ML_QUERY_INFERENCE_MATCH_H

#include "ledger/query/inference.h"

struct ml_run_param {
    const char *key;
    const char *value;
};

struct ml_run_facts {
    uint64_t run;
    const Mledger__Digest *commit; /* NULL: not known */
    uint64_t commit_seq;           /* the record that says it */
    bool commit_from_tag;
    bool is_confirmed;
    Mledger__RunStatus ended;    /* with what; unspecified: not yet, or not known */
    struct ml_run_param *params; /* by key, the newest value of each */
    size_t n_params, cap_params;
    const Mledger__Digest **outputs;
    size_t n_outputs, cap_outputs;
};
int ml_run_facts_read(struct ml_reader *reader, uint64_t run,
                      struct ml_run_facts *ret_facts) ML_MUST_USE;
void ml_run_facts_release(struct ml_run_facts *facts);

/* Sets params, params_equal and outputs_equal. `details`: the snapshot's; NULL: not known. */
void ml_match_stage(const struct ml_run_facts *facts, const Mledger__Details *details,
                    struct ml_match *match);

/* Equal as text or as numbers. */
bool ml_param_value_equal(const char *a, const char *b);
/* Does the run's key mean the stage's parameter? Greater is better, 0: no. */
int ml_param_key_fit(const char *run_key, const Mledger__PipelineParam *param);

#endif
