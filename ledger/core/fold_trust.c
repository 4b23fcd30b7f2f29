/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of trust records: actors, keys, thresholds, policies. DESIGN section 2. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/core/ed25519.h"
#include "ledger/core/event.h"
#include "ledger/core/fold_step.h"
#include "ledger/core/note.h"

static const unsigned EVERY_ROLE = ML_ROLE_BIT(MLEDGER__ROLE__ADMIN) |
                                   ML_ROLE_BIT(MLEDGER__ROLE__RECORDER) |
                                   ML_ROLE_BIT(MLEDGER__ROLE__APPROVER);
static const unsigned ADMIN_BIT = ML_ROLE_BIT(MLEDGER__ROLE__ADMIN);

static int set_roles(struct ml_fold_step *step, unsigned roles, Mledger__Role **ret_roles,
                     size_t *ret_count)
{
    Mledger__Role *list = ml_arena_calloc(&step->fold->arena, 8, sizeof *list);
    if (!list)
        return ml_fail_memory();
    size_t count = 0;
    for (int role = MLEDGER__ROLE__ADMIN; role <= MLEDGER__ROLE__APPROVER; role++)
        if (roles & ML_ROLE_BIT(role))
            list[count++] = (Mledger__Role)role;
    *ret_roles = list;
    *ret_count = count;
    return MLEDGER_OK;
}

/* A key that the ledger has not seen yet and that the signature policy accepts. */
static int check_new_key(struct ml_fold_step *step, const uint8_t *key)
{
    Mledger__KeyState *known;
    int result = ml_state_key_entry(step->fold->state, key, &step->fold->arena, &known);
    if (result == MLEDGER_OK)
        return ml_refuse("key-taken", "the key was authorised before, by record %" PRIu64,
                         known->since_seq);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    if (ml_ed25519_key_check(ML_SPAN(key, ML_KEY_SIZE)) < 0)
        return ml_refuse("key-invalid", "it is no canonical Ed25519 key of prime order");
    return MLEDGER_OK;
}

static int put_key(struct ml_fold_step *step, const uint8_t *key, Mledger__KeyPurpose purpose,
                   uint64_t actor, unsigned roles, char *label)
{
    Mledger__KeyState *state;
    ML_TRY(ml_step_message(step, &mledger__key_state__descriptor, &state));
    state->purpose = purpose;
    state->actor = actor;
    ML_TRY(set_roles(step, roles, &state->roles, &state->n_roles));
    state->since_seq = step->record->seq;
    state->label = label;
    struct ml_state_key state_key = ml_key_key(key);
    ML_TRY(ml_step_put(step, &state_key, &state->base));
    return purpose == MLEDGER__KEY_PURPOSE__LOG_KEY ? ml_fold_log_key_begins(step, key)
                                                    : MLEDGER_OK;
}

/* Can the actor act as an admin: does it hold the role and a living key that does? */
static bool is_admin(const Mledger__SubjectState *actor)
{
    return (ml_role_set(actor->roles, actor->n_roles) & ADMIN_BIT) && actor->admin_keys > 0;
}

/* Counts those that can, after a change to `actor`, which could before if `was_admin`. */
static int count_admin(struct ml_fold_step *step, const Mledger__SubjectState *actor,
                       bool was_admin)
{
    bool now = is_admin(actor);
    step->head.admins += (uint32_t)now - (uint32_t)was_admin;
    if (was_admin && !now && step->head.admins < step->head.threshold)
        return ml_refuse("last-admin", "%u admin%s would be left where %u must agree",
                         step->head.admins, step->head.admins == 1 ? "" : "s",
                         step->head.threshold);
    return MLEDGER_OK;
}

static int change_admin_keys(struct ml_fold_step *step, Mledger__SubjectState *actor, int change)
{
    bool was_admin = is_admin(actor);
    actor->has_admin_keys = true;
    actor->admin_keys = (uint32_t)((int)actor->admin_keys + change);
    return count_admin(step, actor, was_admin);
}

static int check_genesis_text(const char *what, const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len > 255)
        return ml_fail(MLEDGER_EINVALID, "the ledger's %s must have 1 to 255 bytes", what);
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)text[i] < 0x20 || text[i] == '+')
            return ml_fail(MLEDGER_EINVALID, "the ledger's %s holds '+' or a control character",
                           what);
    return MLEDGER_OK;
}

static int ledger_created(struct ml_fold_step *step)
{
    const Mledger__LedgerCreated *created = step->event->ledger_created;
    unsigned roles = ml_role_set(created->roles, created->n_roles);
    ML_TRY(check_genesis_text("name", created->name));
    ML_TRY(check_genesis_text("origin", created->origin));
    if (!ml_note_name_is_good(ML_SPAN(created->origin, strlen(created->origin))))
        return ml_fail(MLEDGER_EINVALID, "the ledger's origin holds a space, and it names the key "
                                         "on every checkpoint");
    if (created->actor_id[0] == '\0')
        return ml_fail(MLEDGER_EINVALID, "the first actor has no id");
    if (memcmp(created->key.data, step->record->signer, ML_KEY_SIZE) != 0)
        return ml_refuse("genesis", "record 0 must be signed by the key that it authorises");
    if (!(roles & ADMIN_BIT))
        return ml_refuse("genesis", "the first key must hold the role admin");
    if (memcmp(created->key.data, created->log_key.data, ML_KEY_SIZE) == 0)
        return ml_refuse("key-taken", "the log key must not be the signer's");
    ML_TRY(check_new_key(step, created->key.data));
    ML_TRY(check_new_key(step, created->log_key.data));
    Mledger__SubjectState *actor;
    ML_TRY(ml_step_create(step, MLEDGER__SUBJECT_KIND__ACTOR, created->actor_id, &actor));
    actor->has_actor_kind = true;
    actor->actor_kind = MLEDGER__ACTOR_KIND__PERSON;
    ML_TRY(set_roles(step, EVERY_ROLE, &actor->roles, &actor->n_roles));
    step->head.threshold = 1;
    ML_TRY(change_admin_keys(step, actor, 1));
    ML_TRY(ml_step_put_name(step, MLEDGER__SUBJECT_KIND__ACTOR, created->actor_id, 0));
    ML_TRY(put_key(step, created->key.data, MLEDGER__KEY_PURPOSE__SIGNER_KEY, 0, roles, NULL));
    ML_TRY(put_key(step, created->log_key.data, MLEDGER__KEY_PURPOSE__LOG_KEY, 0, 0, NULL));
    if (created->has_recovery_key) {
        if (memcmp(created->recovery_key.data, created->key.data, ML_KEY_SIZE) == 0 ||
            memcmp(created->recovery_key.data, created->log_key.data, ML_KEY_SIZE) == 0)
            return ml_refuse("key-taken", "the recovery key must be a key of its own");
        ML_TRY(check_new_key(step, created->recovery_key.data));
        ML_TRY(put_key(step, created->recovery_key.data, MLEDGER__KEY_PURPOSE__RECOVERY_KEY, 0,
                       ADMIN_BIT, NULL));
    }
    struct ml_head *head = &step->head;
    head->next_format = step->record->format;
    head->next_schema = step->record->schema;
    head->not_understood_from = MLEDGER_NO_SEQ;
    snprintf(head->name, sizeof head->name, "%s", created->name);
    snprintf(head->origin, sizeof head->origin, "%s", created->origin);
    return MLEDGER_OK;
}

static int actor_registered(struct ml_fold_step *step)
{
    const Mledger__ActorRegistered *registered = step->event->actor_registered;
    ML_TRY(ml_step_check_name(step, MLEDGER__SUBJECT_KIND__ACTOR, registered->id, NULL,
                              MLEDGER_NO_SEQ));
    Mledger__SubjectState *actor;
    ML_TRY(ml_step_create(step, MLEDGER__SUBJECT_KIND__ACTOR, registered->id, &actor));
    actor->has_actor_kind = true;
    actor->actor_kind = registered->kind;
    ML_TRY(set_roles(step, ml_role_set(registered->roles, registered->n_roles), &actor->roles,
                     &actor->n_roles));
    return ml_step_put_name(step, MLEDGER__SUBJECT_KIND__ACTOR, registered->id, step->record->seq);
}

static int actor_changed(struct ml_fold_step *step)
{
    const Mledger__ActorChanged *changed = step->event->actor_changed;
    Mledger__SubjectState *actor = ml_step_subject(step, changed->actor);
    bool was_admin = is_admin(actor);
    ML_TRY(set_roles(step, ml_role_set(changed->roles, changed->n_roles), &actor->roles,
                     &actor->n_roles));
    return count_admin(step, actor, was_admin);
}

static int check_possession(const struct ml_fold_step *step, const uint8_t *key)
{
    if (ml_fold_has_possession(step, key))
        return MLEDGER_OK;
    return ml_refuse("possession", "the new key has not shown that it is held: "
                                   "a statement by it meaning possession is missing");
}

static int key_authorized(struct ml_fold_step *step)
{
    const Mledger__KeyAuthorized *authorized = step->event->key_authorized;
    Mledger__SubjectState *actor = ml_step_subject(step, authorized->actor);
    unsigned roles = ml_role_set(authorized->roles, authorized->n_roles);
    if (roles == 0)
        return ml_fail(MLEDGER_EINVALID, "a key without any role");
    if (roles & ~ml_role_set(actor->roles, actor->n_roles))
        return ml_refuse("key-role", "actor '%s' does not hold every role of the key", actor->name);
    ML_TRY(check_new_key(step, authorized->key.data));
    ML_TRY(check_possession(step, authorized->key.data));
    if (roles & ADMIN_BIT)
        ML_TRY(change_admin_keys(step, actor, 1));
    return put_key(step, authorized->key.data, MLEDGER__KEY_PURPOSE__SIGNER_KEY, authorized->actor,
                   roles, authorized->label);
}

/* The key of `actor` that a record ends; it must still be good. */
static int load_living_key(struct ml_fold_step *step, const uint8_t *key, uint64_t actor,
                           Mledger__KeyState **ret_key)
{
    Mledger__KeyState *state;
    int result = ml_state_key_entry(step->fold->state, key, &step->fold->arena, &state);
    if (result == MLEDGER_ENOTFOUND || (result == MLEDGER_OK && state->actor != actor))
        return ml_refuse("key-unknown", "it is no key of that actor");
    ML_TRY(result);
    if (state->has_until_seq)
        return ml_refuse("key-revoked", "the key ended with record %" PRIu64 " already",
                         state->until_seq);
    *ret_key = state;
    return MLEDGER_OK;
}

static int end_key(struct ml_fold_step *step, const uint8_t *key, Mledger__KeyState *state,
                   Mledger__RevocationCause cause, uint64_t doubted_from)
{
    state->has_until_seq = true;
    state->until_seq = step->record->seq;
    state->has_cause = true;
    state->cause = cause;
    if (doubted_from < step->record->seq) {
        state->has_doubted_from = true;
        state->doubted_from = doubted_from;
    }
    struct ml_state_key state_key = ml_key_key(key);
    return ml_step_put(step, &state_key, &state->base);
}

static int key_rotated(struct ml_fold_step *step)
{
    const Mledger__KeyRotated *rotated = step->event->key_rotated;
    Mledger__KeyState *old;
    ML_TRY(load_living_key(step, rotated->old_key.data, rotated->actor, &old));
    if (old->purpose != MLEDGER__KEY_PURPOSE__SIGNER_KEY)
        return ml_refuse("key-purpose", "only a signer key can be rotated");
    ML_TRY(check_new_key(step, rotated->key.data));
    ML_TRY(check_possession(step, rotated->key.data));
    unsigned roles = ml_role_set(old->roles, old->n_roles);
    ML_TRY(end_key(step, rotated->old_key.data, old, MLEDGER__REVOCATION_CAUSE__RETIRED,
                   step->record->seq));
    return put_key(step, rotated->key.data, MLEDGER__KEY_PURPOSE__SIGNER_KEY, rotated->actor, roles,
                   old->label);
}

static int key_revoked(struct ml_fold_step *step)
{
    const Mledger__KeyRevoked *revoked = step->event->key_revoked;
    Mledger__KeyState *state;
    ML_TRY(load_living_key(step, revoked->key.data, revoked->actor, &state));
    if (state->purpose == MLEDGER__KEY_PURPOSE__LOG_KEY)
        return ml_refuse("key-purpose", "a log key is revoked by log_key_revoked");
    if (state->purpose == MLEDGER__KEY_PURPOSE__RECOVERY_KEY &&
        memcmp(step->record->signer, revoked->key.data, ML_KEY_SIZE) != 0)
        return ml_refuse("recovery-key", "no admin can revoke the recovery key");
    if (revoked->has_since_seq && revoked->since_seq > step->record->seq)
        return ml_fail(MLEDGER_EINVALID, "since_seq lies ahead");
    if (revoked->has_since_time && !revoked->has_since_seq)
        return ml_fail(MLEDGER_EINVALID, "since_time without the since_seq that follows from it");
    if (state->purpose == MLEDGER__KEY_PURPOSE__SIGNER_KEY &&
        ml_role_set(state->roles, state->n_roles) & ADMIN_BIT)
        ML_TRY(change_admin_keys(step, ml_step_subject(step, revoked->actor), -1));
    return end_key(step, revoked->key.data, state, revoked->cause,
                   revoked->has_since_seq ? revoked->since_seq : step->record->seq);
}

static int log_key_authorized(struct ml_fold_step *step)
{
    const uint8_t *key = step->event->log_key_authorized->key.data;
    ML_TRY(check_new_key(step, key));
    return put_key(step, key, MLEDGER__KEY_PURPOSE__LOG_KEY, 0, 0, NULL);
}

static int log_key_revoked(struct ml_fold_step *step)
{
    const Mledger__LogKeyRevoked *revoked = step->event->log_key_revoked;
    Mledger__KeyState *state;
    ML_TRY(load_living_key(step, revoked->key.data, 0, &state));
    if (state->purpose != MLEDGER__KEY_PURPOSE__LOG_KEY)
        return ml_refuse("key-purpose", "it is no log key");
    ML_TRY(end_key(step, revoked->key.data, state, revoked->cause, step->record->seq));
    return ml_fold_log_key_ends(step, revoked->key.data);
}

static int threshold_set(struct ml_fold_step *step)
{
    uint32_t admins = step->event->threshold_set->admins;
    if (admins == 0 || admins > step->head.admins)
        return ml_refuse("threshold", "%u admins cannot be asked for, there are %u", admins,
                         step->head.admins);
    step->head.threshold = admins;
    return MLEDGER_OK;
}

static int schema_raised(struct ml_fold_step *step)
{
    const Mledger__SchemaRaised *raised = step->event->schema_raised;
    struct ml_head *head = &step->head;
    if (raised->format < head->format || raised->schema < head->schema ||
        (raised->format == head->format && raised->schema == head->schema))
        return ml_refuse("schema", "format %u and schema %u raise nothing", raised->format,
                         raised->schema);
    head->next_format = raised->format;
    head->next_schema = raised->schema;
    return MLEDGER_OK;
}

static int clock_corrected(struct ml_fold_step *step)
{
    int64_t wrong = step->event->clock_corrected->wrong;
    if (wrong != step->head.recorded_at_us || step->record->recorded_at_us >= wrong)
        return ml_refuse("clock", "it must give the newest recorded_at and lie before it");
    return MLEDGER_OK;
}

static int policy_set(struct ml_fold_step *step)
{
    const Mledger__PolicySet *set = step->event->policy_set;
    if (set->stage[0] == '\0')
        return ml_fail(MLEDGER_EINVALID, "a policy without a stage");
    struct ml_state_key key;
    ML_TRY(ml_key_policy(set->stage, &key));
    if (set->n_requirements == 0)
        return ml_step_delete(step, &key);
    Mledger__PolicyState *policy;
    ML_TRY(ml_step_message(step, &mledger__policy_state__descriptor, &policy));
    policy->seq = step->record->seq;
    policy->requirements = set->requirements;
    policy->n_requirements = set->n_requirements;
    return ml_step_put(step, &key, &policy->base);
}

static int check_size(const struct ml_fold_step *step, uint64_t size, bool exactly)
{
    if (size > step->record->seq || (exactly && size != step->record->seq))
        return ml_refuse("size", "%" PRIu64 " records where there are %" PRIu64, size,
                         step->record->seq);
    return MLEDGER_OK;
}

/* It names the newest record that was verified, which is in this ledger. */
static int verification_recorded(struct ml_fold_step *step)
{
    const Mledger__VerificationRecorded *recorded = step->event->verification_recorded;
    const struct ml_fold *fold = step->fold;
    uint8_t link[ML_HASH_SIZE];
    ML_TRY(check_size(step, recorded->size, false));
    int result = recorded->size == 0 ? MLEDGER_ENOTFOUND
                                     : fold->link_at(fold->link_context, recorded->size - 1, link);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result == MLEDGER_ENOTFOUND || memcmp(link, recorded->head_link.data, ML_HASH_SIZE) != 0)
        return ml_refuse("verification-head",
                         "what it says was verified is not the head of the first %" PRIu64
                         " records of this ledger",
                         recorded->size);
    return MLEDGER_OK;
}

static int details_erased(struct ml_fold_step *step)
{
    uint64_t target = step->event->details_erased->record_ref;
    struct ml_state_key key = ml_key_erased(target);
    uint64_t by;
    int result = ml_state_pointer(step->fold->state, &key, &by);
    if (result == MLEDGER_OK)
        return ml_refuse("erased",
                         "the details of record %" PRIu64 " were erased by record %" PRIu64, target,
                         by);
    return result == MLEDGER_ENOTFOUND ? ml_step_put_pointer(step, &key, step->record->seq)
                                       : result;
}

int ml_fold_trust(struct ml_fold_step *step)
{
    switch (step->event->kind_case) {
    case MLEDGER__EVENT__KIND_LEDGER_CREATED:
        return ledger_created(step);
    case MLEDGER__EVENT__KIND_ACTOR_REGISTERED:
        return actor_registered(step);
    case MLEDGER__EVENT__KIND_ACTOR_CHANGED:
        return actor_changed(step);
    case MLEDGER__EVENT__KIND_KEY_AUTHORIZED:
        return key_authorized(step);
    case MLEDGER__EVENT__KIND_KEY_ROTATED:
        return key_rotated(step);
    case MLEDGER__EVENT__KIND_KEY_REVOKED:
        return key_revoked(step);
    case MLEDGER__EVENT__KIND_LOG_KEY_AUTHORIZED:
        return log_key_authorized(step);
    case MLEDGER__EVENT__KIND_LOG_KEY_REVOKED:
        return log_key_revoked(step);
    case MLEDGER__EVENT__KIND_THRESHOLD_SET:
        return threshold_set(step);
    case MLEDGER__EVENT__KIND_SCHEMA_RAISED:
        return schema_raised(step);
    case MLEDGER__EVENT__KIND_CLOCK_CORRECTED:
        return clock_corrected(step);
    case MLEDGER__EVENT__KIND_POLICY_SET:
        return policy_set(step);
    case MLEDGER__EVENT__KIND_CHECKPOINT_NOTED:
        ML_TRY(check_size(step, step->event->checkpoint_noted->size, false));
        return ml_fold_checkpoint(step);
    case MLEDGER__EVENT__KIND_HEARTBEAT:
        return check_size(step, step->event->heartbeat->size, true);
    case MLEDGER__EVENT__KIND_DETAILS_ERASED:
        return details_erased(step);
    case MLEDGER__EVENT__KIND_VERIFICATION_RECORDED:
        return verification_recorded(step);
    default:
        return ml_fail(MLEDGER_EINVALID, "a trust event that has no rules");
    }
}
