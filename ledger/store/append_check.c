/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record must be beside the rules of the fold, which know neither attachments nor tree:
 * the attachments that it names are there, what it erases is, and a checkpoint that it notes is of
 * this tree. Verify
 * and reindex check the same of what is stored.
 */
#include "ledger/core/event.h"
#include "ledger/store/append_private.h"
#include "ledger/store/erasure.h"
#include "ledger/store/tree.h"

static bool brings_attachment(const struct ml_draft *draft, const Mledger__Attachment *named)
{
    for (size_t i = 0; i < draft->n_attachments; i++)
        if (memcmp(draft->attachments[i].sha256, named->sha256.data, ML_HASH_SIZE) == 0)
            return draft->attachments[i].bytes.len == named->size;
    return false;
}

/* What the attachments of a draft are checked against. */
struct attaching {
    struct ml_append *append;
    const struct ml_draft *draft;
};

/* Every attachment that event or details name comes with the draft or is in the store. */
static int check_attachment(const Mledger__Attachment *named, void *context)
{
    const struct attaching *attaching = context;
    attaching->append->names_attachments = true;
    if (brings_attachment(attaching->draft, named))
        return MLEDGER_OK;
    struct ml_span bytes;
    int result = ml_kv_get(attaching->append->txn, ML_TABLE_ATTACHMENTS,
                           ml_binary_span(named->sha256), &bytes);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result == MLEDGER_ENOTFOUND || bytes.len != named->size)
        return ml_refuse("attachment-missing",
                         "an attachment that it names is not there, or of another size");
    return MLEDGER_OK;
}

/* Records of this transaction are not in the store yet, so they must not name attachments. */
static int check_erasure(const struct ml_append *append, const Mledger__DetailsErased *erased)
{
    if (erased->n_attachments > 0 && append->names_attachments)
        return ml_refuse("erased-attachments",
                         "records that name attachments are written at the same time");
    return ml_erasure_check(append->txn, append->state, erased);
}

int ml_append_check(struct ml_append *append, const struct ml_draft *draft,
                    const Mledger__Event *event, const Mledger__Details *details)
{
    struct attaching attaching = {append, draft};
    ML_TRY(ml_message_attachments(&event->base, check_attachment, &attaching));
    if (details)
        ML_TRY(ml_message_attachments(&details->base, check_attachment, &attaching));
    if (event->kind_case == MLEDGER__EVENT__KIND_DETAILS_ERASED)
        return check_erasure(append, event->details_erased);
    if (event->kind_case != MLEDGER__EVENT__KIND_CHECKPOINT_NOTED)
        return MLEDGER_OK;
    /* Records of this transaction are not signed yet: no checkpoint can be over them. */
    return ml_tree_check_noted(append->txn, append->frontier.size, event->checkpoint_noted);
}
