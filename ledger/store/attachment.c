/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/attachment.h"

#include "ledger/core/hash.h"
#include "ledger/core/index.h"
#include "ledger/store/ledger.h"

int ml_txn_indexed_attachment(struct ml_kv_txn *txn, const Mledger__Event *event,
                              struct ml_span *ret_bytes)
{
    const Mledger__Attachment *attachment = ml_index_attachment(event);
    struct ml_span bytes;
    uint8_t hash[ML_HASH_SIZE];
    *ret_bytes = (struct ml_span){0};
    if (!attachment)
        return MLEDGER_OK;
    int result = ml_kv_get(txn, ML_TABLE_ATTACHMENTS,
                           ML_SPAN(attachment->sha256.data, attachment->sha256.len), &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(ml_sha256(hash, &bytes, 1));
    if (bytes.len == attachment->size && memcmp(hash, attachment->sha256.data, ML_HASH_SIZE) == 0)
        *ret_bytes = bytes;
    return MLEDGER_OK;
}
