/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/init_continue.h"

#include <inttypes.h>

#include "cli/trust.h"
#include "ledger/core/hex.h"
#include "ledger/store/known_head.h"

/* What was seen of the old ledger: the newest checkpoint if it covers more than is left, since its
 * log key has signed that; else the newest head. */
static int known_text(const char *known_dir, const struct ml_head *kept,
                      const struct ml_known_head *known, struct ml_buf *text)
{
    if (known->checkpoint_size > kept->size)
        return ml_known_checkpoint_read(known_dir, kept->identity, text);
    ML_TRY(ml_buf_printf(text, "mledger known head v1\nsize %" PRIu64 "\nlink ", known->size));
    ML_TRY(ml_hex_append(text, known->link, ML_HASH_SIZE));
    return ml_buf_append_char(text, '\n');
}

static int set_lost(struct ml_draft *draft, const struct ml_buf *text,
                    Mledger__Predecessor *predecessor)
{
    uint8_t *copy = ml_arena_alloc(&draft->arena, text->len);
    if (!copy)
        return ml_fail_memory();
    memcpy(copy, text->data, text->len);
    predecessor->has_lost_checkpoint = true;
    predecessor->lost_checkpoint = (ProtobufCBinaryData){.len = text->len, .data = copy};
    return MLEDGER_OK;
}

static int read_old_head(const char *dir, struct ml_head *ret_head)
{
    ML_CLEANUP(ml_ledger_closep) struct ml_ledger *old = NULL;
    const struct ml_ledger_options options = {.read_only = true};
    ML_TRY(ml_ledger_open(dir, &options, &old));
    return ml_ledger_head(old, ret_head);
}

int ml_init_continue(const char *known_dir, const char *old, struct ml_draft *draft,
                     Mledger__LedgerCreated *created)
{
    struct ml_head head;
    ML_TRY(read_old_head(old, &head));
    struct ml_known_head known;
    int result = ml_known_head_read(known_dir, head.identity, &known);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    Mledger__Predecessor *predecessor = ml_draft_message(draft, &mledger__predecessor__descriptor);
    if (!predecessor)
        return ml_fail_memory();
    ML_TRY(ml_draft_key(draft, head.identity, &predecessor->identity));
    ML_TRY(ml_draft_key(draft, head.link, &predecessor->kept_link));
    predecessor->kept_seq = head.size - 1;
    created->continues = predecessor;
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(known_text(known_dir, &head, &known, &text));
    return set_lost(draft, &text, predecessor);
}
