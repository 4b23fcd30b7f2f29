/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be said of an event from its schema alone: its kind, the subjects it names, the
 * records it refers to, whether its lists and its details fit together. proto/common.proto
 * states the meaning of field names. Pure; thread-safe.
 */
#ifndef ML_CORE_EVENT_H
#define ML_CORE_EVENT_H

#include "ledger/core/base.h"
#include "proto/event.pb-c.h"
#include "proto/header.pb-c.h"
#include "proto/state.pb-c.h"

/* TRUST or EVENT; KIND_UNSPECIFIED when the event is empty. */
Mledger__Kind ml_event_kind(const Mledger__Event *event);
/* The event's field name, which is its kind's name: "run_started". NULL when it is empty. */
const char *ml_event_name(const Mledger__Event *event);
/* The message inside, NULL when the event is empty. */
const ProtobufCMessage *ml_event_body(const Mledger__Event *event);
/* The field of Event whose name is `name`, NULL when there is none of that kind. */
const ProtobufCFieldDescriptor *ml_event_field(const char *name);

/* Kind of the subject that this event creates, SUBJECT_KIND_UNSPECIFIED when it creates none;
 * then *ret_salt is its 32-byte salt. */
Mledger__SubjectKind ml_event_creates(const Mledger__Event *event, const uint8_t **ret_salt);

/* What a uint64 field is, by its name. */
enum ml_field_role {
    ML_FIELD_PLAIN,
    ML_FIELD_SUBJECT,   /* names a subject: the record is tagged with it */
    ML_FIELD_REFERENCE, /* refers to a subject */
    ML_FIELD_RECORD,    /* refers to a record */
};
/* *ret_kind: of the subject; SUBJECT_KIND_UNSPECIFIED for `predecessor` (the kind that the event
 * creates) and for records. */
enum ml_field_role ml_field_role(const ProtobufCFieldDescriptor *field,
                                 Mledger__SubjectKind *ret_kind);

/* Calls `visit` for each seq that the event names, at any depth, in field order; stops at the
 * first negative result and returns it. */
struct ml_reference {
    enum ml_field_role role;
    Mledger__SubjectKind kind;
    uint64_t seq;
    const char *field;
};
typedef int ml_reference_visitor(const struct ml_reference *reference, void *context);
int ml_event_references(const Mledger__Event *event, ml_reference_visitor *visit,
                        void *context) ML_MUST_USE;

/* Calls `visit` for each digest in the event, at any depth; `output` tells content that the
 * event's subject produced from content that it read or only mentions. */
typedef int ml_digest_visitor(const Mledger__Digest *digest, bool output, void *context);
int ml_event_digests(const Mledger__Event *event, ml_digest_visitor *visit,
                     void *context) ML_MUST_USE;

/* The same of a message that stands in an event, where the field that holds it does not tell. */
int ml_message_digests(const ProtobufCMessage *message, ml_digest_visitor *visit,
                       void *context) ML_MUST_USE;

/* Calls `visit` for each attachment that an event or details name, at any depth. */
typedef int ml_attachment_visitor(const Mledger__Attachment *attachment, void *context);
int ml_message_attachments(const ProtobufCMessage *message, ml_attachment_visitor *visit,
                           void *context) ML_MUST_USE;

/* "run", "model", … as in field names. */
const char *ml_subject_kind_name(Mledger__SubjectKind kind);

/*
 * Shape: the event holds a kind, alternatives are given exactly once, sets hold no repeats, and
 * the lists in the details are as long as the keys they belong to (not checked when the details
 * are erased). MLEDGER_EINVALID says what does not fit.
 */
int ml_event_check(const Mledger__Event *event, const Mledger__Details *details,
                   bool details_erased) ML_MUST_USE;

#endif
