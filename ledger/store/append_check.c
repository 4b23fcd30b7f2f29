/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record must be beside the rules of the fold, which know neither attachments nor tree:
 * the attachments that it names are there, and a checkpoint that it notes is of this tree. Verify
 * and reindex check the same of what is stored.
 */
#include "ledger/core/codec.h"
#include "ledger/store/append_private.h"
#include "ledger/store/tree.h"

static bool brings_attachment(const struct ml_draft *draft, const Mledger__Attachment *named)
{
    for (size_t i = 0; i < draft->n_attachments; i++)
        if (memcmp(draft->attachments[i].sha256, named->sha256.data, ML_HASH_SIZE) == 0)
            return draft->attachments[i].bytes.len == named->size;
    return false;
}

static int check_attachment(const struct ml_append *append, const struct ml_draft *draft,
                            const Mledger__Attachment *named)
{
    if (brings_attachment(draft, named))
        return MLEDGER_OK;
    struct ml_span bytes;
    int result = ml_kv_get(append->txn, ML_TABLE_ATTACHMENTS, ml_binary_span(named->sha256), &bytes);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result == MLEDGER_ENOTFOUND || bytes.len != named->size)
        return ml_refuse("attachment-missing",
                         "an attachment that it names is not there, or of another size");
    return MLEDGER_OK;
}

/* Every attachment that event or details name comes with the draft or is in the store. */
static int check_attachments(const struct ml_append *append, const struct ml_draft *draft,
                             const ProtobufCMessage *message)
{
    if (message->descriptor == &mledger__attachment__descriptor)
        return check_attachment(append, draft, (const Mledger__Attachment *)message);
    const ProtobufCMessageDescriptor *type = message->descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE ||
            field->descriptor == &mledger__digest__descriptor)
            continue;
        size_t count = ml_field_count(message, field);
        for (size_t k = 0; k < count; k++)
            ML_TRY(check_attachments(append, draft,
                                     *(ProtobufCMessage *const *)ml_field_at(message, field, k)));
    }
    return MLEDGER_OK;
}

int ml_append_check(const struct ml_append *append, const struct ml_draft *draft,
                    const Mledger__Event *event, const Mledger__Details *details)
{
    ML_TRY(check_attachments(append, draft, &event->base));
    if (details)
        ML_TRY(check_attachments(append, draft, &details->base));
    if (event->kind_case != MLEDGER__EVENT__KIND_CHECKPOINT_NOTED)
        return MLEDGER_OK;
    /* Records of this transaction are not signed yet: no checkpoint can be over them. */
    return ml_tree_check_noted(append->txn, append->frontier.size, event->checkpoint_noted);
}
