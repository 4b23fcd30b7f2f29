/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record on its way through the rules; private to the fold_*.c files.
 *
 * A handler checks first and collects its changes; they reach the state only when every rule
 * has passed, so a refused record leaves no trace.
 */
#ifndef ML_CORE_FOLD_STEP_H
#define ML_CORE_FOLD_STEP_H

#include "ledger/core/fold.h"
#include "ledger/core/state_key.h"

struct ml_fold_put {
    struct ml_fold_put *next;
    struct ml_state_key key;
    const ProtobufCMessage *message; /* NULL: delete */
};

struct ml_fold_subject {
    uint64_t seq;
    Mledger__SubjectState *state; /* stored when the record has passed */
    bool hidden;                  /* the record that created it is: state is made up */
};

struct ml_fold_step {
    struct ml_fold *fold;
    const struct ml_fold_record *record;
    const Mledger__Event *event;
    struct ml_head head; /* replaces the fold's when the record has passed */
    size_t n_subjects;
    struct ml_fold_subject subjects[ML_FOLD_SUBJECTS];
    uint64_t author; /* actor, MLEDGER_NO_SEQ: unknown */
    struct ml_fold_put *first_put;
    struct ml_fold_put **last_put;
    size_t n_unproven;
    const char *unproven[ML_FOLD_UNPROVEN];
};

/* Roles as a set: 1 << role. */
#define ML_ROLE_BIT(role) (1u << (unsigned)(role))
unsigned ml_role_set(const Mledger__Role *roles, size_t count);

/* The loaded state of one of the record's subjects; never fails for one that the event names. */
Mledger__SubjectState *ml_step_subject(struct ml_fold_step *step, uint64_t seq);
/* The subject that this record creates, to be filled in. */
int ml_step_create(struct ml_fold_step *step, Mledger__SubjectKind kind, const char *name,
                   Mledger__SubjectState **ret_subject) ML_MUST_USE;
/* Collects a change. The message is packed when the record has passed. */
int ml_step_put(struct ml_fold_step *step, const struct ml_state_key *key,
                const ProtobufCMessage *message) ML_MUST_USE;
int ml_step_delete(struct ml_fold_step *step, const struct ml_state_key *key) ML_MUST_USE;
int ml_step_put_pointer(struct ml_fold_step *step, const struct ml_state_key *key,
                        uint64_t target) ML_MUST_USE;
/* A new message in the step's arena. */
int ml_step_message(struct ml_fold_step *step, const ProtobufCMessageDescriptor *type,
                    void *ret_message) ML_MUST_USE;
int ml_step_load(struct ml_fold_step *step, const struct ml_state_key *key,
                 const ProtobufCMessageDescriptor *type, void *ret_message) ML_MUST_USE;

/* `name` may be given to a subject of `kind`: nobody living bears it, and *predecessor (NULL:
 * none was cited) is the one that bore it. `self` may bear it already. */
int ml_step_check_name(struct ml_fold_step *step, Mledger__SubjectKind kind, const char *name,
                       const uint64_t *predecessor, uint64_t self) ML_MUST_USE;
/* Nothing has this id yet; the rule says which. */
int ml_step_check_new_id(struct ml_fold_step *step, const struct ml_state_key *key,
                         const char *rule, const char *noun, const char *id) ML_MUST_USE;
/* Points `name` to subject `seq`. */
int ml_step_put_name(struct ml_fold_step *step, Mledger__SubjectKind kind, const char *name,
                     uint64_t seq) ML_MUST_USE;
/* The living version of one of the record's models, counted as changed by it unless `judged`. */
int ml_step_version(struct ml_fold_step *step, uint64_t model, uint64_t version,
                    Mledger__VersionState **ret_version) ML_MUST_USE;
/* Statements must have seen everything up to `last_seq`, which changed the thing they judge. */
int ml_step_check_seen(const struct ml_fold_step *step, uint64_t last_seq) ML_MUST_USE;
/* Puts where the newest value of each field stands. */
int ml_step_put_fields(struct ml_fold_step *step, uint64_t subject, uint64_t version,
                       enum ml_field_kind kind, char *const *names, size_t count) ML_MUST_USE;
/* A version that is only referred to: it must exist, living or not. */
int ml_step_check_version_ref(struct ml_fold_step *step, uint64_t model,
                              uint64_t version) ML_MUST_USE;

/* fold.c: the record fits where it stands: its number, time and schema. Event NULL: hidden. */
int ml_fold_place(const struct ml_fold_step *step) ML_MUST_USE;

/* fold_hidden.c: where payloads are hidden (struct ml_fold_hidden). In a fold that is shown
 * everything the first two are always true and the third never. */
bool ml_step_sees_all(const struct ml_fold_step *step);
bool ml_step_is_whole(const struct ml_fold_step *step, uint64_t subject);
bool ml_step_is_hidden(const struct ml_fold_step *step, uint64_t seq);
/* Names a rule (a string constant) that cannot be judged on this record. */
void ml_step_unproven(struct ml_fold_step *step, const char *rule);
/* The rule by which a deleted subject of the kind takes no records, NULL: it is never deleted. */
const char *ml_step_deleted_rule(Mledger__SubjectKind kind);
/* What stands for a subject, or for a version, of which nothing is shown. */
int ml_step_hidden_subject(struct ml_fold_step *step, Mledger__SubjectKind kind,
                           Mledger__SubjectState **ret_subject) ML_MUST_USE;
int ml_step_hidden_version(struct ml_fold_step *step,
                           Mledger__VersionState **ret_version) ML_MUST_USE;
/* Whether what the step collects under this key may reach the state: of versions of a model that
 * is not whole nothing does, so nobody takes what was made up for what is known. */
bool ml_step_keeps(const struct ml_fold_step *step, const struct ml_state_key *key);

/* fold_authority.c: who signs, what they may, what their statements are worth. */
int ml_fold_authority(struct ml_fold_step *step) ML_MUST_USE;
/* The living key `key` at this record: its actor and its roles that count (a set).
 * MLEDGER_EREFUSED otherwise. */
int ml_fold_key(struct ml_fold_step *step, const uint8_t *key, uint64_t *ret_actor,
                unsigned *ret_roles) ML_MUST_USE;
/* A key with these roles may number and sign records. */
int ml_fold_check_signer(unsigned roles) ML_MUST_USE;
/* Services are never one of four eyes. */
int ml_fold_is_person(struct ml_fold_step *step, uint64_t actor, bool *ret_person) ML_MUST_USE;
/* A statement of `key` meaning POSSESSION is there. */
bool ml_fold_has_possession(const struct ml_fold_step *step, const uint8_t *key);
/* fold_checkpoint.c: a checkpoint that is noted, but for its root, which takes the tree; and which
 * log keys are good. */
int ml_fold_checkpoint(struct ml_fold_step *step) ML_MUST_USE;
int ml_fold_log_key_begins(struct ml_fold_step *step, const uint8_t *key) ML_MUST_USE;
int ml_fold_log_key_ends(struct ml_fold_step *step, const uint8_t *key) ML_MUST_USE;
/* fold_policy.c: what the stage's policy demands. */
int ml_fold_policy(struct ml_fold_step *step, uint64_t model, uint64_t version,
                   const Mledger__VersionState *state, const char *stage) ML_MUST_USE;

/* One for each kind of event, by file. */
int ml_fold_trust(struct ml_fold_step *step) ML_MUST_USE;
int ml_fold_tracking(struct ml_fold_step *step) ML_MUST_USE;
int ml_fold_logged_model(struct ml_fold_step *step) ML_MUST_USE; /* of those, logged models */
int ml_fold_data(struct ml_fold_step *step) ML_MUST_USE;
int ml_fold_registry(struct ml_fold_step *step) ML_MUST_USE;
int ml_fold_governance(struct ml_fold_step *step) ML_MUST_USE;
/* fold_webhook.c */
int ml_fold_webhook_set(struct ml_fold_step *step) ML_MUST_USE;
int ml_fold_webhook_deleted(struct ml_fold_step *step) ML_MUST_USE;

#endif
