/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/record_text.h"

#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/query/standing.h"

enum { SUBJECT_MEMORY = 1 << 20 };

int ml_subject_text(struct ml_view *view, uint64_t seq, struct ml_buf *text)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, SUBJECT_MEMORY);
    Mledger__SubjectState *subject;
    int result = ml_state_subject(view->state, seq, &arena, &subject);
    if (result == MLEDGER_ENOTFOUND)
        return ml_buf_printf(text, "#%" PRIu64, seq);
    ML_TRY(result);
    return ml_buf_append_text(text, subject->name);
}

/* The field of the message inside the event; NULL if it has none of that name. */
static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessage *body, const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(body->descriptor, name);
}

/* The text in the field `name` of the message, NULL if there is none. */
static const char *text_field(const ProtobufCMessage *body, const char *name)
{
    const ProtobufCFieldDescriptor *field = field_of(body, name);
    if (!field || field->type != PROTOBUF_C_TYPE_STRING ||
        field->label == PROTOBUF_C_LABEL_REPEATED || ml_field_count(body, field) == 0)
        return NULL;
    return *(char *const *)ml_field_at(body, field, 0);
}

/* A subject as people speak of it: a model by its name alone, others with what they are. */
static int append_kind(struct ml_buf *text, Mledger__SubjectKind kind)
{
    if (kind == MLEDGER__SUBJECT_KIND__MODEL)
        return MLEDGER_OK;
    if (kind == MLEDGER__SUBJECT_KIND__LOGGED_MODEL)
        return ml_buf_append_text(text, "logged model ");
    return ml_buf_printf(text, "%s ", ml_subject_kind_name(kind));
}

static const char *created_name(const ProtobufCMessage *body, Mledger__SubjectKind kind)
{
    const char *name = kind == MLEDGER__SUBJECT_KIND__RUN ? text_field(body, "run_id") : NULL;
    if (kind == MLEDGER__SUBJECT_KIND__LOGGED_MODEL)
        name = text_field(body, "model_id");
    if (kind == MLEDGER__SUBJECT_KIND__ACTOR)
        name = field_of(body, "actor_id") ? text_field(body, "actor_id") : text_field(body, "id");
    return name ? name : text_field(body, "name");
}

/* The first subject that the event names. */
struct first {
    Mledger__SubjectKind kind;
    uint64_t seq;
};

static int take_first(const struct ml_reference *reference, void *context)
{
    struct first *first = context;
    if (reference->role == ML_FIELD_SUBJECT && first->seq == MLEDGER_NO_SEQ)
        *first = (struct first){reference->kind, reference->seq};
    return MLEDGER_OK;
}

static int append_version(struct ml_buf *text, const ProtobufCMessage *body)
{
    uint64_t version;
    if (!ml_field_number(body, "version", &version))
        return MLEDGER_OK;
    return ml_buf_printf(text, "/%" PRIu64, version);
}

/* Of records without a subject: what they are about instead. */
static int append_other(struct ml_buf *text, const Mledger__Event *event)
{
    const char *name;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_POLICY_SET:
        return ml_buf_printf(text, "stage %s", event->policy_set->stage);
    case MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED:
        return ml_buf_printf(text, "endpoint %s", event->deployment_recorded->endpoint);
    case MLEDGER__EVENT__KIND_INCIDENT_RECORDED:
        return ml_buf_printf(text, "incident %s", event->incident_recorded->incident_id);
    case MLEDGER__EVENT__KIND_WEBHOOK_SET:
        return ml_buf_printf(text, "webhook %s", event->webhook_set->name);
    case MLEDGER__EVENT__KIND_WEBHOOK_DELETED:
        return ml_buf_printf(text, "webhook %s", event->webhook_deleted->webhook_id);
    case MLEDGER__EVENT__KIND_DETAILS_ERASED:
        return ml_buf_printf(text, "record #%" PRIu64, event->details_erased->record_ref);
    default:
        name = text_field(ml_event_body(event), "name");
        return name ? ml_buf_append_text(text, name) : MLEDGER_OK;
    }
}

static bool is_named_otherwise(const Mledger__Event *event)
{
    return event->kind_case == MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED ||
           event->kind_case == MLEDGER__EVENT__KIND_INCIDENT_RECORDED;
}

int ml_record_subject(struct ml_view *view, const struct ml_record *record, struct ml_buf *text)
{
    const uint8_t *salt;
    struct first first = {.seq = MLEDGER_NO_SEQ};
    if (!record->event)
        return MLEDGER_OK;
    const ProtobufCMessage *body = ml_event_body(record->event);
    Mledger__SubjectKind created = ml_event_creates(record->event, &salt);
    if (created != MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED) {
        const char *name = created_name(body, created);
        ML_TRY(append_kind(text, created));
        return ml_buf_append_text(text, name ? name : "");
    }
    if (is_named_otherwise(record->event))
        return append_other(text, record->event);
    ML_TRY(ml_event_references(record->event, take_first, &first));
    if (first.seq == MLEDGER_NO_SEQ)
        return append_other(text, record->event);
    ML_TRY(append_kind(text, first.kind));
    ML_TRY(ml_subject_text(view, first.seq, text));
    return append_version(text, body);
}

static int append_count(struct ml_buf *text, size_t count, const char *thing)
{
    if (count == 0)
        return MLEDGER_OK;
    return ml_buf_printf(text, "%s%zu %s%s", text->len ? ", " : "", count, thing,
                         count == 1 ? "" : "s");
}

/* Appends the name of an enum value, in lower case as JSON has it. */
static int append_enum(struct ml_buf *text, const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);
    for (const char *at = found ? found->name : "unknown"; *at; at++)
        ML_TRY(ml_buf_append_char(text, *at == '_'                 ? ' '
                                        : *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a')
                                                                   : *at));
    return MLEDGER_OK;
}

static int append_roles(struct ml_buf *text, const Mledger__Role *roles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_buf_printf(text, "%s%s", i ? ", " : "", ml_role_name(roles[i])));
    return count ? MLEDGER_OK : ml_buf_append_text(text, "no role");
}

static int append_key(struct ml_buf *text, const char *what, ProtobufCBinaryData key)
{
    ML_TRY(ml_buf_printf(text, "%s ", what));
    for (size_t i = 0; i < 8 && i < key.len; i++)
        ML_TRY(ml_buf_printf(text, "%02x", key.data[i]));
    return MLEDGER_OK;
}

static int summarise_trust(const Mledger__Event *event, struct ml_buf *text)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_LEDGER_CREATED:
        return ml_buf_printf(text, "ledger %s", event->ledger_created->name);
    case MLEDGER__EVENT__KIND_ACTOR_REGISTERED:
        return append_roles(text, event->actor_registered->roles, event->actor_registered->n_roles);
    case MLEDGER__EVENT__KIND_ACTOR_CHANGED:
        return append_roles(text, event->actor_changed->roles, event->actor_changed->n_roles);
    case MLEDGER__EVENT__KIND_KEY_AUTHORIZED:
        ML_TRY(append_key(text, "key", event->key_authorized->key));
        ML_TRY(ml_buf_append_text(text, ": "));
        return append_roles(text, event->key_authorized->roles, event->key_authorized->n_roles);
    case MLEDGER__EVENT__KIND_KEY_ROTATED:
        ML_TRY(append_key(text, "key", event->key_rotated->old_key));
        return append_key(text, " replaced by", event->key_rotated->key);
    case MLEDGER__EVENT__KIND_KEY_REVOKED:
        ML_TRY(append_key(text, "key", event->key_revoked->key));
        ML_TRY(ml_buf_append_text(text, " "));
        return append_enum(text, &mledger__revocation_cause__descriptor, event->key_revoked->cause);
    case MLEDGER__EVENT__KIND_LOG_KEY_AUTHORIZED:
        return append_key(text, "log key", event->log_key_authorized->key);
    case MLEDGER__EVENT__KIND_LOG_KEY_REVOKED:
        return append_key(text, "log key", event->log_key_revoked->key);
    case MLEDGER__EVENT__KIND_THRESHOLD_SET:
        return ml_buf_printf(text, "%" PRIu32 " must agree", event->threshold_set->admins);
    case MLEDGER__EVENT__KIND_SCHEMA_RAISED:
        return ml_buf_printf(text, "format %" PRIu32 ", schema %" PRIu32,
                             event->schema_raised->format, event->schema_raised->schema);
    case MLEDGER__EVENT__KIND_POLICY_SET:
        if (event->policy_set->n_requirements == 0)
            return ml_buf_append_text(text, "lifted");
        return append_count(text, event->policy_set->n_requirements, "requirement");
    case MLEDGER__EVENT__KIND_CHECKPOINT_NOTED:
        return ml_buf_printf(text, "over %" PRIu64 " records", event->checkpoint_noted->size);
    case MLEDGER__EVENT__KIND_VERIFICATION_RECORDED:
        return append_enum(text, &mledger__verification_outcome__descriptor,
                           event->verification_recorded->outcome);
    default:
        return MLEDGER_OK;
    }
}

static int summarise_logged(const Mledger__RunLogged *logged, struct ml_buf *text)
{
    ML_TRY(append_count(text, logged->n_params, "param"));
    ML_TRY(append_count(text, logged->n_metrics, "metric"));
    ML_TRY(append_count(text, logged->n_tags, "tag"));
    ML_TRY(append_count(text, logged->n_inputs, "input"));
    ML_TRY(append_count(text, logged->n_outputs, "output"));
    return append_count(text, logged->n_models, "logged model");
}

static int summarise_model_update(const Mledger__LoggedModelUpdated *updated, struct ml_buf *text)
{
    if (updated->has_status)
        ML_TRY(append_enum(text, &mledger__logged_model_status__descriptor, updated->status));
    return append_count(text, updated->n_params, "param");
}

static int summarise_run(const Mledger__Event *event, struct ml_buf *text)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_STARTED:
        return ml_buf_append_text(text, event->run_started->name ? event->run_started->name : "");
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return summarise_logged(event->run_logged, text);
    case MLEDGER__EVENT__KIND_RUN_UPDATED:
        return ml_buf_append_text(text, event->run_updated->name ? event->run_updated->name : "");
    case MLEDGER__EVENT__KIND_RUN_ENDED:
        return append_enum(text, &mledger__run_status__descriptor, event->run_ended->status);
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        return append_count(text, event->artifact_recorded->n_artifacts, "artifact");
    case MLEDGER__EVENT__KIND_ARTIFACT_REMOVED:
        return append_count(text, event->artifact_removed->n_paths, "artifact");
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED:
        return ml_buf_append_text(
            text, event->logged_model_created->name ? event->logged_model_created->name : "");
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_UPDATED:
        return summarise_model_update(event->logged_model_updated, text);
    case MLEDGER__EVENT__KIND_LINK_CONFIRMED:
        return ml_buf_printf(text, "ran stage %s of #%" PRIu64, event->link_confirmed->stage,
                             event->link_confirmed->record_ref);
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return append_count(text, event->tags_set->n_tags, "tag");
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        return append_count(text, event->tags_deleted->n_tags, "tag");
    default:
        return MLEDGER_OK;
    }
}

static int summarise_data(const Mledger__Event *event, struct ml_buf *text)
{
    if (event->kind_case == MLEDGER__EVENT__KIND_DATASET_RECORDED) {
        const Mledger__DatasetRecorded *dataset = event->dataset_recorded;
        ML_TRY(append_count(text, dataset->n_digests, "digest"));
        return dataset->has_files ? append_count(text, (size_t)dataset->files, "file") : MLEDGER_OK;
    }
    const Mledger__PipelineRecorded *pipeline = event->pipeline_recorded;
    if (!pipeline->snapshot)
        return ml_buf_append_text(text, "stages in an attachment");
    ML_TRY(append_count(text, pipeline->snapshot->n_stages, "stage"));
    return append_count(text, pipeline->snapshot->n_disagreements, "disagreement");
}

static int summarise_registry(const Mledger__Event *event, struct ml_buf *text)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_MODEL_RENAMED:
        return ml_buf_printf(text, "to %s", event->model_renamed->name);
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        if (event->version_registered->run_id)
            return ml_buf_printf(text, "from run %s", event->version_registered->run_id);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return ml_buf_printf(text, "%s to %s", event->stage_transitioned->from_stage,
                             event->stage_transitioned->to_stage);
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        return ml_buf_printf(text, "found in %s", event->stage_imported->stage);
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        return ml_buf_printf(text, "@%s", event->alias_set->alias);
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
        return ml_buf_printf(text, "@%s", event->alias_deleted->alias);
    default:
        return MLEDGER_OK;
    }
}

static int summarise_deployment(struct ml_view *view, const Mledger__DeploymentRecorded *deployment,
                                struct ml_buf *text)
{
    if (deployment->n_targets == 0)
        return ml_buf_append_text(text, "taken down");
    for (size_t i = 0; i < deployment->n_targets; i++) {
        const Mledger__DeploymentTarget *target = deployment->targets[i];
        ML_TRY(ml_buf_append_text(text, i ? ", " : "serves "));
        ML_TRY(ml_subject_text(view, target->model, text));
        ML_TRY(ml_buf_printf(text, "/%" PRIu64, target->version));
        if (deployment->n_targets > 1)
            ML_TRY(ml_buf_printf(text, " %.4g%%", target->share_ppm / 10000.0));
    }
    return MLEDGER_OK;
}

static int summarise_governance(struct ml_view *view, const Mledger__Event *event,
                                struct ml_buf *text)
{
    const char *name;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_VALIDATION_RECORDED:
        name = event->validation_recorded->name;
        ML_TRY(
            append_enum(text, &mledger__outcome__descriptor, event->validation_recorded->outcome));
        return name ? ml_buf_printf(text, ": %s", name) : MLEDGER_OK;
    case MLEDGER__EVENT__KIND_APPROVAL_RECORDED:
        ML_TRY(
            append_enum(text, &mledger__decision__descriptor, event->approval_recorded->decision));
        return ml_buf_printf(text, " for %s", event->approval_recorded->stage);
    case MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED:
        return summarise_deployment(view, event->deployment_recorded, text);
    case MLEDGER__EVENT__KIND_INCIDENT_RECORDED:
        return append_enum(text, &mledger__incident_status__descriptor,
                           event->incident_recorded->status);
    case MLEDGER__EVENT__KIND_WEBHOOK_SET:
        ML_TRY(append_enum(text, &mledger__webhook_status__descriptor, event->webhook_set->status));
        ML_TRY(append_count(text, event->webhook_set->n_events, "event"));
        return ml_buf_printf(text, " to %s", event->webhook_set->origin);
    default:
        return MLEDGER_OK;
    }
}

int ml_record_summary(struct ml_view *view, const struct ml_record *record, struct ml_buf *text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf own = {0};
    const Mledger__Event *event = record->event;
    if (!event)
        return ml_buf_append_text(text, "of a schema that this program does not know");
    if (event->kind_case < MLEDGER__EVENT__KIND_EXPERIMENT_CREATED)
        ML_TRY(summarise_trust(event, &own));
    else if (event->kind_case < MLEDGER__EVENT__KIND_DATASET_RECORDED)
        ML_TRY(summarise_run(event, &own));
    else if (event->kind_case < MLEDGER__EVENT__KIND_MODEL_CREATED)
        ML_TRY(summarise_data(event, &own));
    else if (event->kind_case < MLEDGER__EVENT__KIND_VALIDATION_RECORDED)
        ML_TRY(summarise_registry(event, &own));
    else
        ML_TRY(summarise_governance(view, event, &own));
    return ml_buf_append(text, own.data, own.len);
}

/* Calls `visit` with the actors behind the record: of statements, then on whose behalf, then the
 * signer. A positive result ends it. */
enum part { PART_STATEMENT, PART_BEHALF, PART_SIGNER };
typedef int actor_visitor(enum part part, uint64_t actor, void *context);

static int visit_statements(struct ml_view *view, const struct ml_record *record,
                            actor_visitor *visit, void *context)
{
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    for (size_t i = 0; i < count; i++) {
        struct ml_standing standing;
        if (record->statements[i]->meaning == MLEDGER__MEANING__POSSESSION)
            continue;
        ML_TRY(
            ml_standing_read(view, record->signed_statements->statements[i]->key.data, &standing));
        if (standing.known)
            ML_TRY(visit(PART_STATEMENT, standing.actor, context));
    }
    return MLEDGER_OK;
}

static int visit_actors(struct ml_view *view, const struct ml_record *record, actor_visitor *visit,
                        void *context)
{
    struct ml_standing standing;
    ML_TRY(visit_statements(view, record, visit, context));
    if (record->event && record->event->has_on_behalf_of_actor_ref)
        ML_TRY(visit(PART_BEHALF, record->event->on_behalf_of_actor_ref, context));
    ML_TRY(ml_standing_read(view, record->header->signer.data, &standing));
    return standing.known ? visit(PART_SIGNER, standing.actor, context) : MLEDGER_OK;
}

struct who {
    struct ml_view *view;
    struct ml_buf *text;
    bool stated, behalf;
    uint64_t last;
};

static int add_who(enum part part, uint64_t actor, void *context)
{
    struct who *who = context;
    if (part != PART_STATEMENT && who->stated)
        return MLEDGER_OK;
    if (who->text->len && actor == who->last)
        return MLEDGER_OK;
    if (who->text->len)
        ML_TRY(ml_buf_append_text(who->text, part == PART_SIGNER ? " by " : ", "));
    who->stated |= part == PART_STATEMENT;
    who->last = actor;
    return ml_subject_text(who->view, actor, who->text);
}

int ml_record_who(struct ml_view *view, const struct ml_record *record, struct ml_buf *text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf own = {0};
    struct who who = {.view = view, .text = &own};
    ML_TRY(visit_actors(view, record, add_who, &who));
    return ml_buf_append(text, own.data, own.len);
}

struct match {
    uint64_t actor;
    bool found;
};

static int match_actor(enum part part, uint64_t actor, void *context)
{
    (void)part;
    struct match *match = context;
    match->found |= actor == match->actor;
    return MLEDGER_OK;
}

int ml_record_is_by(struct ml_view *view, const struct ml_record *record, uint64_t actor,
                    bool *ret_is)
{
    struct match match = {.actor = actor};
    ML_TRY(visit_actors(view, record, match_actor, &match));
    *ret_is = match.found;
    return MLEDGER_OK;
}

int ml_record_erased_by(struct ml_view *view, const struct ml_record *record, uint64_t *ret_by)
{
    struct ml_state_key key = ml_key_erased(record->header->seq);
    int result = ml_state_pointer(view->state, &key, ret_by);
    if (result == MLEDGER_ENOTFOUND)
        *ret_by = MLEDGER_NO_SEQ;
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

const char *ml_source_text(Mledger__Source source)
{
    static const char *const texts[] = {
        [MLEDGER__SOURCE__DVC] = "DVC",
        [MLEDGER__SOURCE__MLFLOW_FILE_STORE] = "an MLflow file store",
        [MLEDGER__SOURCE__MLFLOW_DATABASE] = "an MLflow database",
        [MLEDGER__SOURCE__MLFLOW_SERVER] = "an MLflow server",
        [MLEDGER__SOURCE__GIT_HISTORY] = "a Git history",
    };
    return (size_t)source < ML_COUNT(texts) && texts[source] ? texts[source] : "?";
}
