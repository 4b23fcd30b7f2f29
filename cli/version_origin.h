/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands next behind a version, for answers about something else: the run it was registered
 * from, that run's code commit, and what the run read.
 *
 *       from      run c4  #87
 *       code      git:0012a3fa000c  #83
 *       data      customers sha256:55494d37f050 (training)  #84
 *
 * What lies behind these, through pipelines, content and base models, mledger lineage tells. The
 * records are added to the question's basis, and so is what is not recorded.
 */
#ifndef ML_CLI_VERSION_ORIGIN_H
#define ML_CLI_VERSION_ORIGIN_H

#include "cli/question.h"

/* The lines, each with two spaces before it. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM, as below. */
int ml_version_origin_print(struct ml_question *question, uint64_t model,
                            uint64_t version) ML_MUST_USE;
/* {"registered": 87, "run": "c4", "commit": {"digest": "git:HEX", "seq": 83},
 *  "inputs": [{"name": "customers", "role": "training", "digests": ["sha256:HEX"], "seq": 84}]};
 * run, commit and role are null where no record tells them. A new reference. */
int ml_version_origin_to_json(struct ml_question *question, uint64_t model, uint64_t version,
                              json_t **ret_json) ML_MUST_USE;

#endif
