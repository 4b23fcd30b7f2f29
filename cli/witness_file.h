/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy of witnesses that this user has for a ledger: a tlog-policy file,
 * $XDG_CONFIG_HOME/mledger/witnesses/IDENTITY-IN-HEX.policy. What `mledger witness` edits has one
 * group at the most, `witnesses`, of all witnesses; other files are read and used as they are, and
 * edited by hand.
 */
#ifndef ML_CLI_WITNESS_FILE_H
#define ML_CLI_WITNESS_FILE_H

#include "ledger/core/witness_policy.h"

struct ml_witness_file {
    char *path;
    struct ml_buf text;               /* as read; empty where there is no file */
    struct ml_witness_policy *policy; /* NULL: there is no file */
};

/* Reads the policy of a ledger, or the one at `path` (NULL: none was named), which then must be
 * there. Initialises *ret_file in any case.
 * MLEDGER_ENOTFOUND: there is no file `path`. MLEDGER_EINVALID: it is no policy; names file and
 * line. MLEDGER_ESYSTEM. */
int ml_witness_file_read(const uint8_t identity[ML_HASH_SIZE], const char *path,
                         struct ml_witness_file *ret_file) ML_MUST_USE;
void ml_witness_file_release(struct ml_witness_file *file);

/* An edit of the policy, as lists to write again. Names, keys and URLs are borrowed. */
struct ml_witness_edit {
    size_t count;
    struct ml_policy_party witnesses[ML_POLICY_WITNESSES_MAX + 1];
    int quorum; /* as ml_witness_policy_quorum(), but for ML_POLICY_OTHER */
};

/* What is in the file, to be changed. MLEDGER_EREFUSED, rule "witness-policy-by-hand": it has
 * groups of its own. */
int ml_witness_edit_begin(const struct ml_witness_file *file,
                          struct ml_witness_edit *ret_edit) ML_MUST_USE;
/* Writes it in the place of the file, in one step; comments and logs stay. Makes the directory.
 * MLEDGER_EINVALID: it would be no policy that can be read. MLEDGER_ESYSTEM. */
int ml_witness_edit_write(const struct ml_witness_file *file,
                          const struct ml_witness_edit *edit) ML_MUST_USE;

#endif
