/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/event.h"

#include "ledger/core/codec.h"

enum {
    FIRST_KIND = 10,
    LAST_TRUST = 39,
};

static const ProtobufCFieldDescriptor *kind_field(const Mledger__Event *event)
{
    if ((int)event->kind_case < FIRST_KIND)
        return NULL;
    return protobuf_c_message_descriptor_get_field(&mledger__event__descriptor,
                                                   (unsigned)event->kind_case);
}

Mledger__Kind ml_event_kind(const Mledger__Event *event)
{
    if ((int)event->kind_case < FIRST_KIND)
        return MLEDGER__KIND__KIND_UNSPECIFIED;
    return (int)event->kind_case <= LAST_TRUST ? MLEDGER__KIND__TRUST : MLEDGER__KIND__EVENT;
}

const char *ml_event_name(const Mledger__Event *event)
{
    const ProtobufCFieldDescriptor *field = kind_field(event);
    return field ? field->name : NULL;
}

const ProtobufCMessage *ml_event_body(const Mledger__Event *event)
{
    const ProtobufCFieldDescriptor *field = kind_field(event);
    return field ? *(ProtobufCMessage *const *)ml_field_at(&event->base, field, 0) : NULL;
}

const ProtobufCFieldDescriptor *ml_event_field(const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(&mledger__event__descriptor, name);
    return field && field->id >= FIRST_KIND ? field : NULL;
}

Mledger__SubjectKind ml_event_creates(const Mledger__Event *event, const uint8_t **ret_salt)
{
    const ProtobufCBinaryData *salt = NULL;
    Mledger__SubjectKind kind = MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_LEDGER_CREATED:
        salt = &event->ledger_created->subject_salt;
        kind = MLEDGER__SUBJECT_KIND__ACTOR;
        break;
    case MLEDGER__EVENT__KIND_ACTOR_REGISTERED:
        salt = &event->actor_registered->subject_salt;
        kind = MLEDGER__SUBJECT_KIND__ACTOR;
        break;
    case MLEDGER__EVENT__KIND_EXPERIMENT_CREATED:
        salt = &event->experiment_created->subject_salt;
        kind = MLEDGER__SUBJECT_KIND__EXPERIMENT;
        break;
    case MLEDGER__EVENT__KIND_RUN_STARTED:
        salt = &event->run_started->subject_salt;
        kind = MLEDGER__SUBJECT_KIND__RUN;
        break;
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED:
        salt = &event->logged_model_created->subject_salt;
        kind = MLEDGER__SUBJECT_KIND__LOGGED_MODEL;
        break;
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        salt = &event->model_created->subject_salt;
        kind = MLEDGER__SUBJECT_KIND__MODEL;
        break;
    case MLEDGER__EVENT__KIND_DATASET_RECORDED:
        if (event->dataset_recorded->has_subject_salt)
            salt = &event->dataset_recorded->subject_salt;
        kind = MLEDGER__SUBJECT_KIND__DATASET;
        break;
    case MLEDGER__EVENT__KIND_PIPELINE_RECORDED:
        if (event->pipeline_recorded->has_subject_salt)
            salt = &event->pipeline_recorded->subject_salt;
        kind = MLEDGER__SUBJECT_KIND__PIPELINE;
        break;
    default:
        break;
    }
    if (!salt)
        return MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED;
    *ret_salt = salt->data;
    return kind;
}

/* A noun stands before those that it ends in. */
static const struct {
    const char *name;
    Mledger__SubjectKind kind;
} subject_names[] = {
    {"logged_model", MLEDGER__SUBJECT_KIND__LOGGED_MODEL},
    {"actor", MLEDGER__SUBJECT_KIND__ACTOR},
    {"experiment", MLEDGER__SUBJECT_KIND__EXPERIMENT},
    {"run", MLEDGER__SUBJECT_KIND__RUN},
    {"dataset", MLEDGER__SUBJECT_KIND__DATASET},
    {"pipeline", MLEDGER__SUBJECT_KIND__PIPELINE},
    {"model", MLEDGER__SUBJECT_KIND__MODEL},
};

const char *ml_subject_kind_name(Mledger__SubjectKind kind)
{
    for (size_t i = 0; i < ML_COUNT(subject_names); i++)
        if (subject_names[i].kind == kind)
            return subject_names[i].name;
    return "subject";
}

/* Of a name that ends in "_ref" what stands before that; of another nothing. */
static size_t referring_len(const char *name)
{
    const size_t len = strlen(name), tail = strlen("_ref");
    return len > tail && memcmp(name + len - tail, "_ref", tail) == 0 ? len - tail : 0;
}

/* Do the first `len` characters of `name` end in that noun, as a word? */
static bool ends_in(const char *name, size_t len, const char *noun)
{
    size_t noun_len = strlen(noun);
    if (len < noun_len)
        return false;
    const char *start = name + len - noun_len;
    return memcmp(start, noun, noun_len) == 0 && (start == name || start[-1] == '_');
}

enum ml_field_role ml_field_role(const ProtobufCFieldDescriptor *field,
                                 Mledger__SubjectKind *ret_kind)
{
    *ret_kind = MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED;
    if (field->type != PROTOBUF_C_TYPE_UINT64)
        return ML_FIELD_PLAIN;
    const size_t len = referring_len(field->name);
    for (size_t i = 0; i < ML_COUNT(subject_names); i++) {
        bool is_subject = !len && strcmp(field->name, subject_names[i].name) == 0;
        if (!is_subject && !(len && ends_in(field->name, len, subject_names[i].name)))
            continue;
        *ret_kind = subject_names[i].kind;
        return is_subject ? ML_FIELD_SUBJECT : ML_FIELD_REFERENCE;
    }
    if (strcmp(field->name, "record_ref") == 0)
        return ML_FIELD_RECORD;
    return strcmp(field->name, "predecessor") == 0 ? ML_FIELD_REFERENCE : ML_FIELD_PLAIN;
}

static int visit_references(const ProtobufCMessage *message, ml_reference_visitor *visit,
                            void *context);

static int visit_field(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                       ml_reference_visitor *visit, void *context)
{
    size_t count = ml_field_count(message, field);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        for (size_t i = 0; i < count; i++)
            ML_TRY(visit_references(*(ProtobufCMessage *const *)ml_field_at(message, field, i),
                                    visit, context));
        return MLEDGER_OK;
    }
    struct ml_reference reference = {.field = field->name};
    if (count == 0)
        return MLEDGER_OK;
    reference.role = ml_field_role(field, &reference.kind);
    if (reference.role == ML_FIELD_PLAIN)
        return MLEDGER_OK;
    for (size_t i = 0; i < count; i++) {
        reference.seq = *(const uint64_t *)ml_field_at(message, field, i);
        ML_TRY(visit(&reference, context));
    }
    return MLEDGER_OK;
}

static int visit_references(const ProtobufCMessage *message, ml_reference_visitor *visit,
                            void *context)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (type == &mledger__digest__descriptor)
        return MLEDGER_OK;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (ml_field_is_unchosen(message, field))
            continue;
        if (field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_UINT64)
            ML_TRY(visit_field(message, field, visit, context));
    }
    return MLEDGER_OK;
}

int ml_event_references(const Mledger__Event *event, ml_reference_visitor *visit, void *context)
{
    return visit_references(&event->base, visit, context);
}

static bool in_list(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

/* Does content below `field` come out of the event's subject, or go into it? */
static bool is_output(const ProtobufCFieldDescriptor *field, bool above)
{
    static const char *const out[] = {"outputs", "artifacts", "outs", "report", "dataset_recorded"};
    static const char *const in[] = {"inputs",      "deps",          "derived_from",
                                     "base_models", "disagreements", "commit"};
    if (in_list(field->name, out, ML_COUNT(out)))
        return true;
    return above && !in_list(field->name, in, ML_COUNT(in));
}

static int visit_digests(const ProtobufCMessage *message, bool output, ml_digest_visitor *visit,
                         void *context)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (type == &mledger__digest__descriptor)
        return visit((const Mledger__Digest *)message, output, context);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE || ml_field_is_unchosen(message, field))
            continue;
        size_t count = ml_field_count(message, field);
        for (size_t k = 0; k < count; k++)
            ML_TRY(visit_digests(*(ProtobufCMessage *const *)ml_field_at(message, field, k),
                                 is_output(field, output), visit, context));
    }
    return MLEDGER_OK;
}

int ml_event_digests(const Mledger__Event *event, ml_digest_visitor *visit, void *context)
{
    return visit_digests(&event->base, false, visit, context);
}

int ml_message_digests(const ProtobufCMessage *message, ml_digest_visitor *visit, void *context)
{
    return visit_digests(message, false, visit, context);
}

int ml_message_attachments(const ProtobufCMessage *message, ml_attachment_visitor *visit,
                           void *context)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (type == &mledger__attachment__descriptor)
        return visit((const Mledger__Attachment *)message, context);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE || ml_field_is_unchosen(message, field) ||
            field->descriptor == &mledger__digest__descriptor)
            continue;
        size_t count = ml_field_count(message, field);
        for (size_t k = 0; k < count; k++)
            ML_TRY(ml_message_attachments(
                *(ProtobufCMessage *const *)ml_field_at(message, field, k), visit, context));
    }
    return MLEDGER_OK;
}
