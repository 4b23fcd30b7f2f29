/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs, in the forms that `mledger prove` writes: that a record is in a signed tree, that one
 * tree begins another. What is in the stored tree is not believed: each proof is checked before it
 * is given. */
#include <inttypes.h>

#include "ledger/core/consistency.h"
#include "ledger/core/tlog_proof.h"
#include "ledger/store/tree.h"
#include "serve/ledger_api/accept.h"
#include "serve/ledger_api/checkpoint.h"
#include "serve/ledger_api/problem.h"
#include "serve/ledger_api/route.h"

static int damaged(void)
{
    (void)ml_fail(MLEDGER_EDAMAGED, "the stored tree is damaged: what it proves does not hold");
    return ml_hint("mledger verify, then mledger reindex");
}

static int check_size(const struct ml_api_call *call, const char *what, uint64_t size)
{
    if (size == 0)
        return ml_fail(MLEDGER_EINVALID, "'%s': a tree of no records proves nothing", what);
    if (size > call->view.head.size)
        return ml_fail(MLEDGER_ENOTFOUND, "there are %" PRIu64 " records, not %" PRIu64,
                       call->view.head.size, size);
    return MLEDGER_OK;
}

/* ---- a record in a tree ---- */

struct inclusion {
    uint64_t seq;
    uint64_t size;
    uint8_t leaf[ML_HASH_SIZE], root[ML_HASH_SIZE];
    struct ml_merkle_proof path;
    struct ml_span signature, header;
};

static int prove_inclusion(struct ml_api_call *call, struct inclusion *proof)
{
    struct ml_record record;
    ML_TRY(ml_api_record(call, proof->seq, &record));
    ML_TRY(check_size(call, "size", proof->size));
    if (proof->seq >= proof->size)
        return ml_fail(MLEDGER_ENOTFOUND, "record %" PRIu64 " is not among the first %" PRIu64,
                       proof->seq, proof->size);
    proof->signature = ML_SPAN(record.stored->signature.data, record.stored->signature.len);
    proof->header = record.header_bytes;
    ML_TRY(ml_leaf(proof->signature.data, proof->header, proof->leaf));
    ML_TRY(ml_tree_root(call->view.txn, proof->size, proof->root));
    ML_TRY(
        ml_merkle_inclusion(proof->seq, proof->size, ml_tree_node, call->view.txn, &proof->path));
    if (ml_merkle_check_inclusion(proof->seq, proof->size, proof->leaf,
                                  (const uint8_t(*)[ML_HASH_SIZE])proof->path.hashes,
                                  proof->path.count, proof->root) < 0)
        return damaged();
    return MLEDGER_OK;
}

static int answer_tlog(struct ml_api_call *call, const struct inclusion *proof,
                       const struct ml_buf *note)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf entry = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_append(&entry, proof->signature.data, proof->signature.len));
    ML_TRY(ml_buf_append(&entry, proof->header.data, proof->header.len));
    ML_TRY(ml_tlog_proof_write(ml_buf_span(&entry), proof->seq, &proof->path, ml_buf_span(note),
                               &text));
    return ml_api_answer_bytes(call, ml_api_type_text, &text);
}

static int answer_hashes(struct ml_api_call *call, const struct inclusion *proof)
{
    MledgerApi__Inclusion answer = MLEDGER_API__INCLUSION__INIT;
    ProtobufCBinaryData hashes[ML_MERKLE_PROOF_MAX];
    for (size_t i = 0; i < proof->path.count; i++)
        hashes[i] = ml_api_binary(proof->path.hashes[i], ML_HASH_SIZE);
    answer.seq = proof->seq;
    answer.size = proof->size;
    answer.leaf = ml_api_binary(proof->leaf, ML_HASH_SIZE);
    answer.root = ml_api_binary(proof->root, ML_HASH_SIZE);
    answer.n_hashes = proof->path.count;
    answer.hashes = hashes;
    call->immutable = true;
    return ml_api_answer_message(call, &answer.base);
}

static int size_of(struct ml_span note_bytes, uint64_t *ret_size)
{
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_checkpoint checkpoint;
    ML_TRY(ml_checkpoint_open(note_bytes, &note, &checkpoint));
    *ret_size = checkpoint.size;
    return MLEDGER_OK;
}

/* Without a size: of the newest checkpoint that covers the record. */
static int find_tree(struct ml_api_call *call, const MledgerApi__AskInclusion *request,
                     struct ml_buf *note, uint64_t *ret_size)
{
    if (!request->has_size) {
        ML_TRY(ml_api_find_checkpoint(call, request->seq, note));
        return size_of(ml_buf_span(note), ret_size);
    }
    *ret_size = request->size;
    ML_TRY(check_size(call, "size", request->size));
    return ml_api_checkpoint_of(call, request->size, note);
}

int ml_api_inclusion(struct ml_api_call *call, const void *message)
{
    static const char *const types[] = {"text/plain", "application/json", NULL};
    const MledgerApi__AskInclusion *request = message;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    struct inclusion proof = {.seq = request->seq};
    size_t type;
    ML_TRY(ml_api_accept(call->http, types, &type));
    ML_TRY(ml_api_view(call));
    ML_TRY(find_tree(call, request, &note, &proof.size));
    ML_TRY(prove_inclusion(call, &proof));
    ml_server_reply_header(call->reply, "Vary", "Accept");
    if (type == 1)
        return answer_hashes(call, &proof);
    if (note.len == 0)
        return ml_fail(MLEDGER_ENOTFOUND,
                       "no checkpoint over exactly %" PRIu64
                       " records is known here; application/json gives the hashes alone",
                       proof.size);
    return answer_tlog(call, &proof, &note);
}

/* ---- a tree and a larger one ---- */

int ml_api_consistency(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskConsistency *request = message;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_consistency proof = {0};
    ML_TRY(ml_api_view(call));
    proof.before.size = request->old_size;
    proof.after.size = request->has_new_size ? request->new_size : call->view.head.size;
    ML_TRY(check_size(call, "old_size", proof.before.size));
    ML_TRY(check_size(call, "new_size", proof.after.size));
    if (proof.before.size > proof.after.size)
        return ml_fail(MLEDGER_EINVALID, "'old_size' is larger than 'new_size'");
    ML_TRY(ml_tree_root(call->view.txn, proof.before.size, proof.before.root));
    ML_TRY(ml_tree_root(call->view.txn, proof.after.size, proof.after.root));
    ML_TRY(ml_merkle_consistency(proof.before.size, proof.after.size, ml_tree_node, call->view.txn,
                                 &proof.path));
    if (ml_consistency_check(&proof) < 0)
        return damaged();
    ML_TRY(ml_consistency_write(&proof, &text));
    call->immutable = request->has_new_size;
    return ml_api_answer_bytes(call, ml_api_type_text, &text);
}
