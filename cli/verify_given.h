/* SPDX-License-Identifier: Apache-2.0 */
/* What the user holds a ledger against: --against FILE|VKEY, --witness-policy FILE. */
#ifndef ML_CLI_VERIFY_GIVEN_H
#define ML_CLI_VERIFY_GIVEN_H

#include "cli/invocation.h"
#include "verify/anchor.h"
#include "verify/source_tiles.h"

#define ML_OPTION_AGAINST                                                                          \
    {                                                                                              \
        .name = "against", .value = "FILE|VKEY", .rule = {.kind = ML_VALUE_FILE},                  \
        .repeated = true,                                                                          \
        .help = "A signed checkpoint that was kept elsewhere, or a key that is trusted, of the "   \
                "log or a witness: the records must be those it was made of, and it must be "      \
                "signed by such a key."                                                            \
    }
#define ML_OPTION_WITNESS_POLICY                                                                   \
    {                                                                                              \
        .name = "witness-policy", .value = "FILE", .rule = {.kind = ML_VALUE_FILE},                \
        .help = "A policy of witnesses (C2SP tlog-policy) that a checkpoint, noted or given, "     \
                "must meet, instead of the one that 'mledger witness' made for the ledger."        \
    }

struct ml_verify_given {
    struct ml_vkey *vkeys;
    struct ml_buf *bytes; /* of the notes */
    struct ml_verify_note *notes;
    struct ml_witness_policy *policy;
    struct ml_verify_anchors anchors; /* over all of these */
};

/* Reads what the options name, both of which the command has, and the checkpoint in the file
 * `since` (NULL or "last": none). Initialises *ret_given in any case. MLEDGER_EUSAGE: one is
 * neither a key nor a file. MLEDGER_EINVALID: a file holds no checkpoint, or no policy.
 * MLEDGER_ESYSTEM. */
int ml_verify_given_read(const struct ml_invocation *invocation, const char *since,
                         struct ml_verify_given *ret_given) ML_MUST_USE;
void ml_verify_given_release(struct ml_verify_given *given);

/* Verifies the tiles in a directory or under an http(s) URL. Errors as ml_verify_tiles(), and those
 * of reading. */
int ml_verify_tiles_at(const char *place, const struct ml_verify_options *options,
                       struct ml_verify_result *ret_result) ML_MUST_USE;

#endif
