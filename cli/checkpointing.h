/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share that make checkpoints, or read those that others made. */
#ifndef ML_CLI_CHECKPOINTING_H
#define ML_CLI_CHECKPOINTING_H

#include "cli/endorsement.h"
#include "cli/session.h"
#include "ledger/store/checkpoint.h"

#define ML_OPTION_VKEY                                                                             \
    {                                                                                              \
        .name = "vkey", .value = "VKEY", .repeated = true,                                         \
        .help = "Trust this verifier key of a log, as 'mledger key log' prints it, instead of "    \
                "the log keys of the ledger at hand."                                              \
    }

/* With which keys checkpoints are made. */
struct ml_checkpointing {
    const struct mledger_key *log_key;
    const struct ml_signer *recorder; /* NULL: they are not recorded */
    bool all_leaves;
    bool endorsed; /* outsiders are asked first; the command has ML_OPTIONS_ENDORSING */
};
/* Finds the keys, before anything is signed: --log-key or the user's, and, to record, the
 * recorder's. The command has ML_OPTION_LOG_KEY and ML_OPTIONS_SIGNING. */
int ml_checkpointing_init(struct ml_session *session, bool record,
                          struct ml_checkpointing *ret_checkpointing) ML_MUST_USE;

/* A checkpoint that was made and kept. */
struct ml_kept_checkpoint {
    struct ml_made_checkpoint made; /* its note with the cosignatures */
    struct ml_endorsement endorsement;
    bool recorded;
    struct ml_receipt receipt; /* of the record that notes it */
};
/* Makes one, has it endorsed, keeps it as the newest known, and records it, unless the record of
 * the one before is all that it covers more, and that one had all that is asked for. Initialises
 * *ret_kept in any case. */
int ml_checkpointing_take(struct ml_session *session, const struct ml_checkpointing *checkpointing,
                          struct ml_kept_checkpoint *ret_kept) ML_MUST_USE;
void ml_kept_checkpoint_release(struct ml_kept_checkpoint *kept);
/* {"origin", "size", "root", "note"} of a signed checkpoint; a new reference. */
int ml_checkpoint_to_json(struct ml_span note, json_t **ret_json) ML_MUST_USE;

/* The keys that a log's checkpoints are trusted by, for the caller to free: --vkey, else every log
 * key that the session's ledger ever authorised (also one that has ended: what it signed shows
 * what was shown). The session may be without a ledger.
 * MLEDGER_EUSAGE: neither is there, or a key is none. */
int ml_log_vkeys(struct ml_session *session, struct ml_vkey **ret_vkeys,
                 size_t *ret_count) ML_MUST_USE;
/* Whether one of the keys that are named as the checkpoint's origin has signed it.
 * MLEDGER_EINVALID: none has; or a signature that claims to be of one does not hold. */
int ml_checkpoint_is_signed(const struct ml_checkpoint *checkpoint, const struct ml_note *note,
                            const struct ml_vkey *vkeys, size_t count) ML_MUST_USE;
/* Opens the session's ledger to read, if there is one; else the session has none. With --vkey a
 * ledger is opened only if --ledger names it. */
int ml_session_open_if_any(const struct ml_invocation *invocation, struct ml_output *out,
                           struct ml_session *ret_session) ML_MUST_USE;

/* A signed checkpoint from a file; release it also after a failure. */
struct ml_read_checkpoint {
    const char *name; /* borrowed */
    struct ml_buf bytes;
    struct ml_note note;
    struct ml_checkpoint checkpoint;
};
/* Errors name the file. MLEDGER_EINVALID: it is none. MLEDGER_ESYSTEM: it cannot be read. */
int ml_read_checkpoint_file(const char *path, struct ml_read_checkpoint *ret_read) ML_MUST_USE;
/* The same from bytes that stay the caller's. */
int ml_read_checkpoint_bytes(const char *name, struct ml_span bytes,
                             struct ml_read_checkpoint *ret_read) ML_MUST_USE;
void ml_read_checkpoint_release(struct ml_read_checkpoint *read);

#endif
