/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands next behind a version (ledger/query/version_origin.h), for a person:
 *
 *       from      run c4  #87
 *       code      git:0012a3fa000c  #83
 *       data      customers sha256:55494d37f050 (training)  #84
 */
#ifndef ML_CLI_VERSION_ORIGIN_H
#define ML_CLI_VERSION_ORIGIN_H

#include "cli/question.h"

/* The lines, each with two spaces before it. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
int ml_version_origin_print(struct ml_question *question, uint64_t model,
                            uint64_t version) ML_MUST_USE;

#endif
