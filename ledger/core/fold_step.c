/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/fold_step.h"

#include <inttypes.h>

#include "ledger/core/event.h"

unsigned ml_role_set(const Mledger__Role *roles, size_t count)
{
    unsigned set = 0;
    for (size_t i = 0; i < count; i++)
        set |= ML_ROLE_BIT(roles[i]);
    return set;
}

int ml_step_message(struct ml_fold_step *step, const ProtobufCMessageDescriptor *type,
                    void *ret_message)
{
    ProtobufCMessage *message = ml_arena_alloc(&step->fold->arena, type->sizeof_message);
    if (!message)
        return ml_fail_memory();
    protobuf_c_message_init(type, message);
    *(ProtobufCMessage **)ret_message = message;
    return MLEDGER_OK;
}

int ml_step_load(struct ml_fold_step *step, const struct ml_state_key *key,
                 const ProtobufCMessageDescriptor *type, void *ret_message)
{
    return ml_state_load(step->fold->state, ml_state_key_span(key), type, &step->fold->arena,
                         ret_message);
}

int ml_step_put(struct ml_fold_step *step, const struct ml_state_key *key,
                const ProtobufCMessage *message)
{
    struct ml_fold_put *put = ml_arena_alloc(&step->fold->arena, sizeof *put);
    if (!put)
        return ml_fail_memory();
    *put = (struct ml_fold_put){.key = *key, .message = message};
    *step->last_put = put;
    step->last_put = &put->next;
    return MLEDGER_OK;
}

int ml_step_delete(struct ml_fold_step *step, const struct ml_state_key *key)
{
    return ml_step_put(step, key, NULL);
}

int ml_step_put_pointer(struct ml_fold_step *step, const struct ml_state_key *key, uint64_t target)
{
    Mledger__PointerState *pointer;
    ML_TRY(ml_step_message(step, &mledger__pointer_state__descriptor, &pointer));
    pointer->target = target;
    return ml_step_put(step, key, &pointer->base);
}

Mledger__SubjectState *ml_step_subject(struct ml_fold_step *step, uint64_t seq)
{
    for (size_t i = 0; i < step->n_subjects; i++)
        if (step->subjects[i].seq == seq)
            return step->subjects[i].state;
    assert(false && "the subject is one that the event names");
    return NULL;
}

int ml_step_create(struct ml_fold_step *step, Mledger__SubjectKind kind, const char *name,
                   Mledger__SubjectState **ret_subject)
{
    const uint8_t *salt;
    Mledger__SubjectKind created = ml_event_creates(step->event, &salt);
    assert(created == kind);
    (void)created;
    if (step->n_subjects == ML_FOLD_SUBJECTS)
        return ml_fail(MLEDGER_EINVALID, "more than %d subjects", ML_FOLD_SUBJECTS);
    Mledger__SubjectState *subject;
    ML_TRY(ml_step_message(step, &mledger__subject_state__descriptor, &subject));
    subject->kind = kind;
    subject->salt =
        (ProtobufCBinaryData){ML_SALT_SIZE, ml_arena_alloc(&step->fold->arena, ML_SALT_SIZE)};
    subject->name = ml_arena_text(&step->fold->arena, name, strlen(name));
    if (!subject->salt.data || !subject->name)
        return ml_fail_memory();
    memcpy(subject->salt.data, salt, ML_SALT_SIZE);
    step->subjects[step->n_subjects++] =
        (struct ml_fold_subject){.seq = step->record->seq, .state = subject};
    *ret_subject = subject;
    return MLEDGER_OK;
}

/* Whether every subject of the kind, and so every name, is shown. */
static bool sees_names(const struct ml_fold_step *step, Mledger__SubjectKind kind)
{
    return kind == MLEDGER__SUBJECT_KIND__ACTOR || ml_step_sees_all(step);
}

/* Somebody who is hidden may bear the name, or may have borne it last. */
static void name_unproven(struct ml_fold_step *step)
{
    ml_step_unproven(step, "name-taken");
    ml_step_unproven(step, "predecessor");
}

/* Nobody shown ever bore the name. */
static int check_new_name(struct ml_fold_step *step, Mledger__SubjectKind kind, const char *name,
                          const uint64_t *predecessor)
{
    bool all = sees_names(step, kind);
    if (predecessor && (all || ml_step_is_whole(step, *predecessor)))
        return ml_refuse("predecessor", "no %s was ever called '%s'", ml_subject_kind_name(kind),
                         name);
    if (!all)
        name_unproven(step);
    return MLEDGER_OK;
}

static int not_cited(const char *noun, const char *name, uint64_t bearer)
{
    return ml_refuse("predecessor", "'%s' was a %s before, record %" PRIu64 ", which must be cited",
                     name, noun, bearer);
}

/* `bearer` bore the name, and of those that are shown it was the last. */
static int check_known_name(struct ml_fold_step *step, Mledger__SubjectKind kind, const char *name,
                            const uint64_t *predecessor, uint64_t bearer, bool creates)
{
    const char *noun = ml_subject_kind_name(kind);
    Mledger__SubjectState *state;
    ML_TRY(ml_state_subject(step->fold->state, bearer, &step->fold->arena, &state));
    bool all = sees_names(step, kind), whole = all || ml_step_is_whole(step, bearer);
    if (whole && !state->has_deleted && strcmp(state->name, name) == 0)
        return ml_refuse("name-taken", "there is a %s '%s' already, record %" PRIu64, noun, name,
                         bearer);
    if (!all)
        name_unproven(step);
    if (!creates || (predecessor && *predecessor == bearer))
        return MLEDGER_OK;
    /* Another that bore it later would do, if it is one whose records are not all shown. */
    if (predecessor && !all && !ml_step_is_whole(step, *predecessor))
        return MLEDGER_OK;
    return not_cited(noun, name, bearer);
}

int ml_step_check_name(struct ml_fold_step *step, Mledger__SubjectKind kind, const char *name,
                       const uint64_t *predecessor, uint64_t self)
{
    if (name[0] == '\0')
        return ml_fail(MLEDGER_EINVALID, "a %s without a name", ml_subject_kind_name(kind));
    struct ml_state_key key;
    ML_TRY(ml_key_name(kind, name, &key));
    uint64_t bearer;
    int result = ml_state_pointer(step->fold->state, &key, &bearer);
    if (result == MLEDGER_ENOTFOUND)
        return check_new_name(step, kind, name, predecessor);
    ML_TRY(result);
    if (bearer != self)
        return check_known_name(step, kind, name, predecessor, bearer, self == MLEDGER_NO_SEQ);
    if (!sees_names(step, kind))
        ml_step_unproven(step, "name-taken");
    return MLEDGER_OK;
}

int ml_step_put_name(struct ml_fold_step *step, Mledger__SubjectKind kind, const char *name,
                     uint64_t seq)
{
    struct ml_state_key key;
    ML_TRY(ml_key_name(kind, name, &key));
    return ml_step_put_pointer(step, &key, seq);
}

static int missing_version(struct ml_fold_step *step, uint64_t model, uint64_t version)
{
    Mledger__SubjectState *state;
    ML_TRY(ml_state_subject(step->fold->state, model, &step->fold->arena, &state));
    return ml_refuse("version-missing", "there is no version %" PRIu64 " of model '%s'", version,
                     state->name);
}

/* A version of a model of which records are hidden: nothing is known of it. */
static int hidden_version(struct ml_fold_step *step, Mledger__VersionState **ret_version)
{
    ml_step_unproven(step, "version-missing");
    ml_step_unproven(step, "version-deleted");
    if (step->record->signed_statements)
        ml_step_unproven(step, "statement-stale");
    return ml_step_hidden_version(step, ret_version);
}

int ml_step_version(struct ml_fold_step *step, uint64_t model, uint64_t version,
                    Mledger__VersionState **ret_version)
{
    if (!ml_step_is_whole(step, model))
        return hidden_version(step, ret_version);
    Mledger__VersionState *state;
    int result = ml_state_version(step->fold->state, model, version, &step->fold->arena, &state);
    if (result == MLEDGER_ENOTFOUND)
        return missing_version(step, model, version);
    ML_TRY(result);
    if (state->has_deleted)
        return ml_refuse("version-deleted", "version %" PRIu64 " of model '%s' is deleted", version,
                         ml_step_subject(step, model)->name);
    ML_TRY(ml_step_check_seen(step, state->last_seq));
    *ret_version = state;
    return MLEDGER_OK;
}

int ml_step_check_version_ref(struct ml_fold_step *step, uint64_t model, uint64_t version)
{
    Mledger__VersionState *state;
    int result = ml_state_version(step->fold->state, model, version, &step->fold->arena, &state);
    if (result == MLEDGER_ENOTFOUND && !ml_step_is_whole(step, model)) {
        ml_step_unproven(step, "version-missing");
        return MLEDGER_OK;
    }
    return result == MLEDGER_ENOTFOUND ? missing_version(step, model, version) : result;
}

int ml_step_check_seen(const struct ml_fold_step *step, uint64_t last_seq)
{
    const Mledger__Statements *statements = step->record->signed_statements;
    size_t count = statements ? statements->n_statements : 0;
    for (size_t i = 0; i < count; i++)
        if (step->record->statements[i]->meaning != MLEDGER__MEANING__POSSESSION &&
            step->record->statements[i]->seen_seq < last_seq)
            return ml_refuse("statement-stale",
                             "statement %zu was made when record %" PRIu64
                             " was the newest; record %" PRIu64 " has changed what it judges",
                             i, step->record->statements[i]->seen_seq, last_seq);
    return MLEDGER_OK;
}

int ml_step_put_fields(struct ml_fold_step *step, uint64_t subject, uint64_t version,
                       enum ml_field_kind kind, char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ml_state_key key;
        ML_TRY(ml_key_field(subject, version, kind, names[i], &key));
        Mledger__FieldState *field;
        ML_TRY(ml_step_message(step, &mledger__field_state__descriptor, &field));
        field->seq = step->record->seq;
        field->index = (uint32_t)i;
        ML_TRY(ml_step_put(step, &key, &field->base));
    }
    return MLEDGER_OK;
}
