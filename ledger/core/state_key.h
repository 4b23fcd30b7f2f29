/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of the state: one byte that says what it is, then numbers big-endian and names as their
 * SHA-256, so that every key is short and those of one subject stand together.
 *
 *   'L'                                   LedgerState
 *   'S' seq                               SubjectState of the subject that record seq created
 *   'n' kind name#                        PointerState: the subject that bears or last bore it
 *   'e' id#                               PointerState: experiment by its id
 *   'K' key                               KeyState
 *   'G'                                   LogKeysState
 *   'V' model version                     VersionState
 *   'A' model alias#                      PointerState: the version
 *   'a' model version stage#              ApprovalsState
 *   'F' subject version field name#       FieldState; version 0: of the subject itself
 *   'P' stage#                            PolicyState
 *   'N' subject nonce                     PointerState: the record that used it
 *   'D' seq                               PointerState: dataset or pipeline that record seq is of
 *   'O' endpoint#                         PointerState: its newest deployment record
 *   'I' id#                               PointerState: an incident's newest record
 *   'W' id#                               WebhookState
 *   'X' seq                               PointerState: the record that erased its details
 *
 * name# is 32 bytes, in 'F' the first 16 of them.
 */
#ifndef ML_CORE_STATE_KEY_H
#define ML_CORE_STATE_KEY_H

#include "ledger/core/base.h"
#include "ledger/core/state.h"
#include "proto/state.pb-c.h"

struct ml_state_key {
    size_t len;
    uint8_t bytes[ML_STATE_KEY_MAX];
};
static inline struct ml_span ml_state_key_span(const struct ml_state_key *key)
{
    return ML_SPAN(key->bytes, key->len);
}

/* Which field of a subject or version. */
enum ml_field_kind {
    ML_FIELD_PARAM = 'p',
    ML_FIELD_METRIC = 'm', /* of a logged model named by its place, as inputs are */
    ML_FIELD_TAG = 't',
    ML_FIELD_INPUT = 'i',    /* of a run; named by its place, "SEQ/INDEX": every one is kept */
    ML_FIELD_OUTPUT = 'o',   /* likewise */
    ML_FIELD_MODEL = 'l',    /* likewise: logged models that it made */
    ML_FIELD_ARTIFACT = 'f', /* of a run or logged model, by its path */
    ML_FIELD_UPDATE = 'u',   /* named "": the newest record that may describe a model or version */
};

struct ml_state_key ml_key_ledger(void);
struct ml_state_key ml_key_subject(uint64_t seq);
int ml_key_name(Mledger__SubjectKind kind, const char *name,
                struct ml_state_key *ret_key) ML_MUST_USE;
int ml_key_experiment_id(const char *id, struct ml_state_key *ret_key) ML_MUST_USE;
struct ml_state_key ml_key_key(const uint8_t key[32]);
struct ml_state_key ml_key_log_keys(void);
struct ml_state_key ml_key_version(uint64_t model, uint64_t version);
/* Whether it is a key of a model's versions, their aliases or approvals: 'V', 'A' or 'a', then the
 * model's seq in the 8 bytes after. */
bool ml_key_is_of_version(const struct ml_state_key *key);
int ml_key_alias(uint64_t model, const char *alias, struct ml_state_key *ret_key) ML_MUST_USE;
int ml_key_approvals(uint64_t model, uint64_t version, const char *stage,
                     struct ml_state_key *ret_key) ML_MUST_USE;
int ml_key_field(uint64_t subject, uint64_t version, enum ml_field_kind field, const char *name,
                 struct ml_state_key *ret_key) ML_MUST_USE;
/* Beginning of the keys of all its fields. */
struct ml_state_key ml_key_fields(uint64_t subject, uint64_t version);
int ml_key_policy(const char *stage, struct ml_state_key *ret_key) ML_MUST_USE;
struct ml_state_key ml_key_nonce(uint64_t subject, const uint8_t nonce[16]);
struct ml_state_key ml_key_recorded(uint64_t seq);
int ml_key_endpoint(const char *endpoint, struct ml_state_key *ret_key) ML_MUST_USE;
int ml_key_incident(const char *id, struct ml_state_key *ret_key) ML_MUST_USE;
struct ml_state_key ml_key_webhooks(void); /* the beginning of all of theirs */
int ml_key_webhook(const char *id, struct ml_state_key *ret_key) ML_MUST_USE;
struct ml_state_key ml_key_erased(uint64_t seq);

#endif
