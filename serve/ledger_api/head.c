/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger is, how far it goes, and how far it was verified here. */
#include "ledger/store/checkpoint.h"
#include "ledger/store/known_head.h"
#include "ledger/store/tree.h"
#include "serve/ledger_api/openapi_document.h"
#include "serve/ledger_api/route.h"

int ml_api_openapi(struct ml_api_call *call, const void *message)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf body = {0};
    (void)message;
    ML_TRY(ml_buf_append(&body, ml_openapi_document, ml_openapi_document_size));
    return ml_api_answer_bytes(call, ml_api_type_json, &body);
}

static int write_vkey(struct ml_api_call *call, const struct ml_vkey *vkey, char **ret_text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_vkey_write(vkey, &text));
    *ret_text = ml_arena_text(&call->arena, (const char *)text.data, text.len);
    return *ret_text ? MLEDGER_OK : ml_arena_fail(&call->arena, "the answer");
}

static int add_vkeys(struct ml_api_call *call, MledgerApi__Head *answer)
{
    ML_CLEANUP(ml_freep) struct ml_vkey *vkeys = NULL;
    size_t count;
    const int result = ml_checkpoint_vkeys(&call->view, &vkeys, &count);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    answer->vkeys = ml_arena_calloc(&call->arena, count, sizeof *answer->vkeys);
    if (!answer->vkeys)
        return ml_arena_fail(&call->arena, "the answer");
    for (; answer->n_vkeys < count; answer->n_vkeys++)
        ML_TRY(write_vkey(call, &vkeys[answer->n_vkeys], &answer->vkeys[answer->n_vkeys]));
    return MLEDGER_OK;
}

int ml_api_head(struct ml_api_call *call, const void *message)
{
    MledgerApi__Head answer = MLEDGER_API__HEAD__INIT;
    uint8_t root[ML_HASH_SIZE];
    (void)message;
    ML_TRY(ml_api_view(call));
    struct ml_head *head = &call->view.head;
    ML_TRY(ml_tree_root(call->view.txn, head->size, root));
    ML_TRY(add_vkeys(call, &answer));
    answer.name = head->name;
    answer.origin = head->origin;
    answer.identity = ml_api_binary(head->identity, ML_HASH_SIZE);
    answer.size = head->size;
    answer.link = ml_api_binary(head->link, ML_HASH_SIZE);
    answer.recorded_at = head->recorded_at_us;
    answer.root = ml_api_binary(root, ML_HASH_SIZE);
    answer.format = head->format;
    answer.schema = head->schema;
    answer.threshold = head->threshold;
    return ml_api_answer_message(call, &answer.base);
}

static int read_known(const struct ml_api_call *call, struct ml_known_head *known)
{
    const char *known_dir = call->service->options.known_dir;
    *known = (struct ml_known_head){0};
    if (!known_dir)
        return MLEDGER_OK;
    const int result = ml_known_head_read(known_dir, call->view.head.identity, known);
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

int ml_api_verification(struct ml_api_call *call, const void *message)
{
    MledgerApi__Verification answer = MLEDGER_API__VERIFICATION__INIT;
    struct ml_known_head known;
    (void)message;
    ML_TRY(ml_api_view(call));
    ML_TRY(read_known(call, &known));
    answer.size = call->view.head.size;
    answer.has_verified_size = answer.has_verified_link = known.has_verified;
    answer.verified_size = known.verified.size;
    answer.verified_link = ml_api_binary(known.verified.link, ML_HASH_SIZE);
    answer.has_checkpoint_size = known.checkpoint_size > 0;
    answer.checkpoint_size = known.checkpoint_size;
    answer.is_complete = known.has_verified && known.verified.size >= answer.size;
    return ml_api_answer_message(call, &answer.base);
}
