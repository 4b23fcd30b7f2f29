/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about actors, keys and policies share. */
#ifndef ML_CLI_TRUST_H
#define ML_CLI_TRUST_H

#include "cli/session.h"

#define ML_OPTION_ROLES                                                                            \
    {                                                                                              \
        .name = "roles", .value = "ROLE,...",                                                      \
        .help = "One or more of admin, recorder and approver, separated by commas."                \
    }

/* "admin,recorder" into the draft's arena. MLEDGER_EUSAGE: empty, unknown, or twice the same. */
int ml_roles_parse(struct ml_draft *draft, const char *text, Mledger__Role **ret_roles,
                   size_t *ret_count) ML_MUST_USE;
/* Appends "admin, recorder" for a set of ML_STANDING_ROLE() bits, "none" for none. */
int ml_roles_append(struct ml_buf *buf, unsigned roles) ML_MUST_USE;

/* A copy of the key in the draft's arena. MLEDGER_ESYSTEM: out of memory. */
int ml_draft_key(struct ml_draft *draft, const uint8_t key[ML_KEY_SIZE],
                 ProtobufCBinaryData *ret_bytes) ML_MUST_USE;

/* Starts a draft of that kind; *ret_body is its message. The draft is the caller's. */
int ml_draft_begin(const char *kind, struct ml_draft **ret_draft, void *ret_body) ML_MUST_USE;

/* Appends a record that needs an admin and, of the key `newcomer`, a proof of possession. */
int ml_session_append_possessed(struct ml_session *session, struct ml_draft *draft,
                                const struct ml_signer *newcomer) ML_MUST_USE;

/* Appends a log key's verifier key (ledger/core/note.h). */
int ml_vkey_append(struct ml_buf *buf, const char *name,
                   const uint8_t key[ML_KEY_SIZE]) ML_MUST_USE;

#endif
