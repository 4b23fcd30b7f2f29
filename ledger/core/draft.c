/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/draft.h"

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/core/hash.h"

int ml_draft_new(struct ml_draft **ret_draft)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = ml_calloc(1, sizeof *draft);
    if (!draft)
        return ml_fail_memory();
    ml_arena_init(&draft->arena, ML_LIMIT_UNPACKED);
    draft->event = ml_draft_message(draft, &mledger__event__descriptor);
    if (!draft->event)
        return ml_fail_memory();
    *ret_draft = ML_TAKE(draft);
    return MLEDGER_OK;
}

void ml_draft_free(struct ml_draft *draft)
{
    if (!draft)
        return;
    for (size_t i = 0; i < draft->n_attachments; i++)
        ml_buf_release(&draft->attachments[i].bytes);
    free(draft->attachments);
    free(draft->fills);
    free(draft->names);
    ml_arena_release(&draft->arena);
    free(draft);
}

void ml_draft_freep(struct ml_draft **draft)
{
    ml_draft_free(*draft);
}

void *ml_draft_message(struct ml_draft *draft, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = ml_arena_calloc(&draft->arena, 1, type->sizeof_message);
    if (message)
        protobuf_c_message_init(type, message);
    return message;
}

void *ml_draft_set_kind(struct ml_draft *draft, const char *kind_name)
{
    const ProtobufCFieldDescriptor *field = ml_event_field(kind_name);
    assert(field);
    void *body = ml_draft_message(draft, field->descriptor);
    if (!body)
        return NULL;
    uint8_t *event = (uint8_t *)draft->event;
    *(void **)(void *)(event + field->offset) = body;
    draft->event->kind_case = (Mledger__Event__KindCase)field->id;
    return body;
}

Mledger__Details *ml_draft_details(struct ml_draft *draft)
{
    if (!draft->details)
        draft->details = ml_draft_message(draft, &mledger__details__descriptor);
    return draft->details;
}

char *ml_draft_text(struct ml_draft *draft, const char *text)
{
    return text ? ml_arena_text(&draft->arena, text, strlen(text)) : NULL;
}

Mledger__Digest *ml_draft_digest(struct ml_draft *draft, Mledger__Algorithm algorithm,
                                 const uint8_t *value, size_t len, Mledger__Standing standing)
{
    Mledger__Digest *digest = ml_draft_message(draft, &mledger__digest__descriptor);
    uint8_t *copy = ml_arena_alloc(&draft->arena, len);
    if (!digest || !copy)
        return NULL;
    memcpy(copy, value, len);
    digest->algorithm = algorithm;
    digest->value = (ProtobufCBinaryData){.len = len, .data = copy};
    digest->standing = standing;
    return digest;
}

int ml_draft_name(struct ml_draft *draft, uint64_t *seq, Mledger__SubjectKind kind,
                  const char *field, const char *name)
{
    ML_TRY(ml_grow(&draft->names, &draft->cap_names, draft->n_names + 1, sizeof *draft->names));
    char *copy = ml_draft_text(draft, name);
    if (!copy)
        return ml_fail_memory();
    draft->names[draft->n_names++] =
        (struct ml_draft_name){.seq = seq, .kind = kind, .field = field, .name = copy};
    return MLEDGER_OK;
}

int ml_draft_attach(struct ml_draft *draft, struct ml_buf *bytes,
                    Mledger__Attachment **ret_attachment)
{
    if (bytes->len > ML_LIMIT_ATTACHMENT)
        return ml_fail(MLEDGER_EINVALID, "an attachment of %zu bytes, over %d", bytes->len,
                       ML_LIMIT_ATTACHMENT);
    ML_TRY(ml_grow(&draft->attachments, &draft->cap_attachments, draft->n_attachments + 1,
                   sizeof *draft->attachments));
    Mledger__Attachment *attachment = ml_draft_message(draft, &mledger__attachment__descriptor);
    uint8_t *sha256 = ml_arena_alloc(&draft->arena, ML_HASH_SIZE);
    if (!attachment || !sha256)
        return ml_fail_memory();
    const struct ml_span part = ml_buf_span(bytes);
    ML_TRY(ml_sha256(sha256, &part, 1));
    attachment->sha256 = (ProtobufCBinaryData){.len = ML_HASH_SIZE, .data = sha256};
    attachment->size = bytes->len;
    struct ml_draft_attachment *kept = &draft->attachments[draft->n_attachments++];
    memcpy(kept->sha256, sha256, ML_HASH_SIZE);
    kept->bytes = *bytes;
    *bytes = (struct ml_buf){0};
    *ret_attachment = attachment;
    return MLEDGER_OK;
}

int ml_draft_fill(struct ml_draft *draft, void *place, const void *value, size_t size)
{
    ML_TRY(ml_grow(&draft->fills, &draft->cap_fills, draft->n_fills + 1, sizeof *draft->fills));
    struct ml_draft_fill *fill = &draft->fills[draft->n_fills++];
    assert(size <= sizeof fill->before);
    *fill = (struct ml_draft_fill){.place = place, .size = size};
    memcpy(fill->before, place, size);
    memcpy(place, value, size);
    return MLEDGER_OK;
}

void ml_draft_unfill(struct ml_draft *draft)
{
    while (draft->n_fills > 0) {
        struct ml_draft_fill *fill = &draft->fills[--draft->n_fills];
        memcpy(fill->place, fill->before, fill->size);
    }
}
