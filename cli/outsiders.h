/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom outside the ledger the user believes when it is verified, without naming them each time:
 * witnesses, by the policies kept for ledgers (cli/witness_file.h); and timestamping authorities,
 * by
 * --tsa-roots. Which ledger it is turns out only while it is read, by a process of its own, so all
 * policies are read before.
 */
#ifndef ML_CLI_OUTSIDERS_H
#define ML_CLI_OUTSIDERS_H

#include "cli/output.h"
#include "verify/anchor.h"

#define ML_OPTION_TSA_ROOTS                                                                        \
    {                                                                                              \
        .name = "tsa-roots", .value = "FILE", .rule = {.kind = ML_VALUE_FILE},                     \
        .help = "Check timestamps against the certificates in this file (PEM)."                    \
    }

struct ml_outsiders {
    struct ml_verify_policy *policies;
    size_t n_policies, cap_policies;
    struct ml_timestamp_roots *roots; /* NULL: none were given */
};

/* With `kept` the policies kept too, unless --witness-policy names another. Initialises
 * *ret_outsiders in any case.
 * MLEDGER_EINVALID: the file of roots holds no certificates. MLEDGER_ESYSTEM: it is not there or
 * cannot be read. */
int ml_outsiders_read(const struct ml_invocation *invocation, bool kept,
                      struct ml_outsiders *ret_outsiders) ML_MUST_USE;
void ml_outsiders_release(struct ml_outsiders *outsiders);
/* Puts it into the options, and into the `anchors` that these point to. */
void ml_outsiders_use(const struct ml_outsiders *outsiders, struct ml_verify_anchors *anchors,
                      struct ml_verify_options *options);

/* What was found of outsiders: "witnessed" and "timestamped" into the JSON, or lines of text. */
int ml_outsiders_to_json(const struct ml_verify_result *result, json_t *json) ML_MUST_USE;
int ml_outsiders_print(const struct ml_verify_result *result, struct ml_output *out) ML_MUST_USE;

#endif
