/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/fold.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/core/fold_step.h"

static void copy_text(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
}

static void unpack_head(const Mledger__LedgerState *state, struct ml_head *head)
{
    *head = (struct ml_head){
        .size = state->size,
        .format = state->format,
        .schema = state->schema,
        .next_format = state->has_next_format ? state->next_format : state->format,
        .next_schema = state->has_next_schema ? state->next_schema : state->schema,
        .recorded_at_us = state->recorded_at,
        .threshold = state->threshold,
        .admins = state->admins,
        .not_understood_from =
            state->has_not_understood_from ? state->not_understood_from : MLEDGER_NO_SEQ,
    };
    memcpy(head->link, state->head_link.data, ML_HASH_SIZE);
    memcpy(head->identity, state->identity.data, ML_HASH_SIZE);
    copy_text(head->name, sizeof head->name, state->name);
    copy_text(head->origin, sizeof head->origin, state->origin);
}

static int check_layout(const Mledger__LedgerState *state)
{
    if (state->layout == ML_DERIVED_LAYOUT)
        return MLEDGER_OK;
    (void)ml_fail(MLEDGER_EDAMAGED,
                  "the ledger's state and indexes are of layout %" PRIu32
                  ", as %s mledger made them; this one reads layout %d",
                  state->layout, state->layout < ML_DERIVED_LAYOUT ? "an older" : "a newer",
                  ML_DERIVED_LAYOUT);
    return ml_hint("mledger reindex");
}

static int load_head(struct ml_fold *fold)
{
    struct ml_state_key key = ml_key_ledger();
    Mledger__LedgerState *state;
    int result = ml_state_load(fold->state, ml_state_key_span(&key),
                               &mledger__ledger_state__descriptor, &fold->arena, &state);
    if (result == MLEDGER_ENOTFOUND) {
        fold->head = (struct ml_head){.not_understood_from = MLEDGER_NO_SEQ};
        return MLEDGER_OK;
    }
    ML_TRY(result);
    if (state->head_link.len != ML_HASH_SIZE || state->identity.len != ML_HASH_SIZE)
        return ml_fail(MLEDGER_EDAMAGED, "the derived state of the ledger is damaged");
    ML_TRY(check_layout(state));
    unpack_head(state, &fold->head);
    return MLEDGER_OK;
}

int ml_fold_init(struct ml_fold *fold, struct ml_state *state, ml_link_at *link_at,
                 void *link_context)
{
    *fold = (struct ml_fold){.state = state, .link_at = link_at, .link_context = link_context};
    ml_arena_init(&fold->arena, ML_LIMIT_UNPACKED);
    int result = load_head(fold);
    if (result < 0)
        ml_arena_release(&fold->arena);
    return result;
}

void ml_fold_release(struct ml_fold *fold)
{
    if (fold)
        ml_arena_release(&fold->arena);
}

int ml_fold_store_head(struct ml_fold *fold)
{
    struct ml_head *head = &fold->head;
    Mledger__LedgerState state = MLEDGER__LEDGER_STATE__INIT;
    state.size = head->size;
    state.format = head->format;
    state.schema = head->schema;
    state.has_next_format = head->next_format != head->format;
    state.next_format = head->next_format;
    state.has_next_schema = head->next_schema != head->schema;
    state.next_schema = head->next_schema;
    state.recorded_at = head->recorded_at_us;
    state.threshold = head->threshold;
    state.admins = head->admins;
    state.has_not_understood_from = head->not_understood_from != MLEDGER_NO_SEQ;
    state.not_understood_from = head->not_understood_from;
    state.head_link = (ProtobufCBinaryData){ML_HASH_SIZE, head->link};
    state.identity = (ProtobufCBinaryData){ML_HASH_SIZE, head->identity};
    state.name = head->name;
    state.origin = head->origin;
    state.has_layout = true;
    state.layout = ML_DERIVED_LAYOUT;
    struct ml_state_key key = ml_key_ledger();
    return ml_state_store(fold->state, ml_state_key_span(&key), &state.base);
}

static bool is_kind(const Mledger__Event *event, int kind)
{
    return event && (int)event->kind_case == kind;
}

int ml_fold_place(const struct ml_fold_step *step)
{
    const struct ml_fold_record *record = step->record;
    const struct ml_head *head = &step->head;
    bool genesis = is_kind(step->event, MLEDGER__EVENT__KIND_LEDGER_CREATED);
    if (record->seq != head->size)
        return ml_fail(MLEDGER_EINVALID, "record %" PRIu64 " where %" PRIu64 " is due", record->seq,
                       head->size);
    if (genesis != (record->seq == 0))
        return ml_refuse("genesis", "ledger_created must be record 0 and nothing else can be");
    if (genesis)
        return MLEDGER_OK;
    if (record->format != head->next_format || record->schema != head->next_schema)
        return ml_refuse("schema", "format %u and schema %u where %u and %u are due",
                         record->format, record->schema, head->next_format, head->next_schema);
    bool correction = is_kind(step->event, MLEDGER__EVENT__KIND_CLOCK_CORRECTED);
    if (record->recorded_at_us < head->recorded_at_us && !correction)
        return ml_refuse("time-backwards", "recorded before the record that precedes it");
    return MLEDGER_OK;
}

static bool is_restore(const Mledger__Event *event)
{
    return event->kind_case == MLEDGER__EVENT__KIND_RUN_RESTORED ||
           event->kind_case == MLEDGER__EVENT__KIND_EXPERIMENT_RESTORED;
}

static int missing_subject(const struct ml_reference *reference)
{
    return ml_refuse("reference-missing", "'%s' names %s %" PRIu64 ", which there is not",
                     reference->field, ml_subject_kind_name(reference->kind), reference->seq);
}

/* *ret_state is NULL where the subject is one of those that are hidden. */
static int load_subject(struct ml_fold_step *step, const struct ml_reference *reference,
                        Mledger__SubjectState **ret_state)
{
    Mledger__SubjectState *state;
    int result = ml_state_subject(step->fold->state, reference->seq, &step->fold->arena, &state);
    if (result == MLEDGER_ENOTFOUND) {
        /* Actors are created by trust records, and those are all shown. */
        if (reference->kind == MLEDGER__SUBJECT_KIND__ACTOR ||
            !ml_step_is_hidden(step, reference->seq))
            return missing_subject(reference);
        ml_step_unproven(step, "reference-missing");
        *ret_state = NULL;
        return MLEDGER_OK;
    }
    ML_TRY(result);
    if (reference->kind != MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED &&
        state->kind != reference->kind)
        return missing_subject(reference);
    *ret_state = state;
    return MLEDGER_OK;
}

static int deleted_subject(const Mledger__SubjectState *state)
{
    switch (state->kind) {
    case MLEDGER__SUBJECT_KIND__EXPERIMENT:
        return ml_refuse("experiment-deleted", "experiment '%s' is deleted", state->name);
    case MLEDGER__SUBJECT_KIND__RUN:
        return ml_refuse("run-deleted", "run '%s' is deleted", state->name);
    case MLEDGER__SUBJECT_KIND__LOGGED_MODEL:
        return ml_refuse("logged-model-deleted", "logged model '%s' is deleted", state->name);
    default:
        return ml_refuse("model-deleted", "model '%s' is deleted", state->name);
    }
}

static int check_not_deleted(struct ml_fold_step *step, const struct ml_fold_subject *subject)
{
    if (is_restore(step->event))
        return MLEDGER_OK;
    const char *rule = ml_step_deleted_rule(subject->state->kind);
    if (rule && (subject->hidden || !ml_step_is_whole(step, subject->seq))) {
        ml_step_unproven(step, rule);
        return MLEDGER_OK;
    }
    return subject->state->has_deleted ? deleted_subject(subject->state) : MLEDGER_OK;
}

static int add_subject(struct ml_fold_step *step, const struct ml_fold_subject *subject)
{
    if (step->n_subjects == ML_FOLD_SUBJECTS)
        return ml_fail(MLEDGER_EINVALID, "more than %d subjects", ML_FOLD_SUBJECTS);
    step->subjects[step->n_subjects++] = *subject;
    return MLEDGER_OK;
}

static Mledger__SubjectState *find_subject(struct ml_fold_step *step, uint64_t seq)
{
    for (size_t i = 0; i < step->n_subjects; i++)
        if (step->subjects[i].seq == seq)
            return step->subjects[i].state;
    return NULL;
}

static int take_reference(const struct ml_reference *reference, void *context)
{
    struct ml_fold_step *step = context;
    if (reference->seq >= step->record->seq)
        return ml_refuse("reference-missing", "'%s' names record %" PRIu64 ", which is not before",
                         reference->field, reference->seq);
    if (reference->role == ML_FIELD_RECORD)
        return MLEDGER_OK;
    if (reference->role == ML_FIELD_SUBJECT && find_subject(step, reference->seq))
        return MLEDGER_OK;
    struct ml_fold_subject subject = {.seq = reference->seq};
    ML_TRY(load_subject(step, reference, &subject.state));
    if (reference->role == ML_FIELD_REFERENCE)
        return MLEDGER_OK;
    if (!subject.state) {
        subject.hidden = true;
        ML_TRY(ml_step_hidden_subject(step, reference->kind, &subject.state));
    }
    ML_TRY(check_not_deleted(step, &subject));
    return add_subject(step, &subject);
}

static int apply_kind(struct ml_fold_step *step)
{
    int kind = (int)step->event->kind_case;
    if (kind < MLEDGER__EVENT__KIND_EXPERIMENT_CREATED)
        return ml_fold_trust(step);
    if (kind < MLEDGER__EVENT__KIND_DATASET_RECORDED)
        return ml_fold_tracking(step);
    if (kind < MLEDGER__EVENT__KIND_MODEL_CREATED)
        return ml_fold_data(step);
    if (kind < MLEDGER__EVENT__KIND_VALIDATION_RECORDED)
        return ml_fold_registry(step);
    return ml_fold_governance(step);
}

static int compare_tags(const void *a, const void *b)
{
    return memcmp(a, b, ML_TAG_SIZE);
}

static int compare_seqs(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static int make_tags(struct ml_fold_step *step, struct ml_fold_result *result)
{
    result->n_subjects = step->n_subjects;
    result->n_tags = 0;
    for (size_t i = 0; i < step->n_subjects; i++) {
        const struct ml_fold_subject *subject = &step->subjects[i];
        result->subjects[i] = subject->seq;
        if (subject->hidden)
            continue; /* and with it its salt */
        if (subject->state->salt.len != ML_SALT_SIZE)
            return ml_fail(MLEDGER_EDAMAGED, "the derived state of a subject is damaged");
        ML_TRY(ml_subject_tag(subject->state->salt.data, step->record->seq,
                              result->tags[result->n_tags++]));
    }
    qsort(result->tags, result->n_tags, ML_TAG_SIZE, compare_tags);
    qsort(result->subjects, result->n_subjects, sizeof *result->subjects, compare_seqs);
    result->author = step->author;
    result->n_unproven = step->n_unproven;
    memcpy(result->unproven, step->unproven, sizeof result->unproven);
    return MLEDGER_OK;
}

/* Of a subject that is hidden, or of whose records some are, only its creation is kept. */
static int store_subject(const struct ml_fold_step *step, const struct ml_fold_subject *subject)
{
    if (subject->hidden ||
        (subject->seq != step->record->seq && !ml_step_is_whole(step, subject->seq)))
        return MLEDGER_OK;
    struct ml_state_key key = ml_key_subject(subject->seq);
    subject->state->last_seq = step->record->seq;
    return ml_state_store(step->fold->state, ml_state_key_span(&key), &subject->state->base);
}

static int store_put(const struct ml_fold_step *step, const struct ml_fold_put *put)
{
    if (!ml_step_keeps(step, &put->key))
        return MLEDGER_OK;
    struct ml_span key = ml_state_key_span(&put->key);
    return put->message ? ml_state_store(step->fold->state, key, put->message)
                        : ml_state_delete(step->fold->state, key);
}

/* Every rule has passed: the changes reach the state. */
static int commit_step(struct ml_fold_step *step)
{
    for (size_t i = 0; i < step->n_subjects; i++)
        ML_TRY(store_subject(step, &step->subjects[i]));
    for (struct ml_fold_put *put = step->first_put; put; put = put->next)
        ML_TRY(store_put(step, put));
    step->fold->head = step->head;
    return MLEDGER_OK;
}

static int apply(struct ml_fold_step *step, struct ml_fold_result *result)
{
    ML_TRY(ml_fold_place(step));
    ML_TRY(ml_event_references(step->event, take_reference, step));
    ML_TRY(ml_fold_authority(step));
    ML_TRY(apply_kind(step));
    ML_TRY(make_tags(step, result));
    return commit_step(step);
}

struct ml_fold_record ml_fold_record_of(const struct ml_record *record,
                                        const uint8_t *statement_subject)
{
    return (struct ml_fold_record){
        .seq = record->header->seq,
        .format = record->header->format,
        .schema = record->header->schema,
        .recorded_at_us = record->header->recorded_at,
        .signer = record->header->signer.data,
        .event = record->event,
        .signed_statements = record->signed_statements,
        .statements = record->statements,
        .statement_subject = statement_subject,
    };
}

int ml_fold_apply(struct ml_fold *fold, const struct ml_fold_record *record,
                  struct ml_fold_result *ret_result)
{
    ml_arena_clear(&fold->arena);
    struct ml_fold_step step = {.fold = fold,
                                .record = record,
                                .event = record->event,
                                .head = fold->head,
                                .author = MLEDGER_NO_SEQ};
    step.last_put = &step.first_put;
    struct ml_fold_result result;
    bool trust = ml_event_kind(record->event) == MLEDGER__KIND__TRUST;
    if (trust)
        ml_fold_forget(fold);
    int outcome = apply(&step, &result);
    if (trust)
        ml_fold_forget(fold);
    if (outcome < 0)
        return ml_about_seq(record->seq);
    *ret_result = result;
    return MLEDGER_OK;
}

int ml_fold_advance(struct ml_fold *fold, const Mledger__Header *header,
                    const uint8_t link[ML_HASH_SIZE], const uint8_t *leaf)
{
    struct ml_head *head = &fold->head;
    head->size = header->seq + 1;
    head->format = header->format;
    head->schema = header->schema;
    if (head->next_format < head->format)
        head->next_format = head->format;
    if (head->next_schema < head->schema)
        head->next_schema = head->schema;
    head->recorded_at_us = header->recorded_at;
    memcpy(head->link, link, ML_HASH_SIZE);
    if (header->seq == 0 && leaf)
        memcpy(head->identity, leaf, ML_HASH_SIZE);
    return MLEDGER_OK;
}
