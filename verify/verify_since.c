/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Going on from an earlier full verification. The snapshot that it left, not the store, says what
 * the state and the edge of the tree were; the store's nodes at that edge must be the same. Records
 * before it are not read again, but for single ones that new records name, which are held against
 * the root that was verified.
 */
#include <inttypes.h>

#include "ledger/core/hash.h"
#include "ledger/core/hex.h"
#include "ledger/core/merkle_proof.h"
#include "ledger/store/ledger_private.h"
#include "ledger/store/tree.h"
#include "verify/snapshot.h"
#include "verify/verify_private.h"

/* 1: what was verified is at hand in `state`. */
static int load(struct ml_verify *verify, struct ml_state *state,
                struct ml_merkle_frontier *frontier)
{
    const struct ml_known_verified *verified = &verify->known.verified;
    uint8_t root[ML_HASH_SIZE];
    if (!verify->has_known || !verify->known.has_verified)
        return MLEDGER_OK;
    int result = ml_snapshot_read(verify->ledger->known_dir, verify->known_identity,
                                  verified->state, state, frontier);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(ml_merkle_root(frontier, root));
    return frontier->size == verified->size && memcmp(root, verified->root, ML_HASH_SIZE) == 0;
}

int ml_verify_since_begin(struct ml_verify *verify)
{
    struct ml_merkle_frontier frontier;
    struct ml_verifier *core = &verify->core;
    int result = load(verify, core->state, &frontier);
    if (result > 0)
        return ml_verifier_resume(core, &frontier);
    ML_TRY(result);
    core->result.refolded = true;
    return ml_verifier_restart(core);
}

/* The nodes that the verified tree's edge consists of, where the store keeps them. */
static int check_edge(struct ml_verify *verify)
{
    const struct ml_verifier *core = &verify->core;
    for (unsigned level = ML_TREE_LEVEL; level < ML_MERKLE_LEVELS; level++) {
        if (!(core->base >> level & 1))
            continue;
        uint64_t index = (core->base >> level) - 1;
        uint8_t hash[ML_HASH_SIZE];
        int result = ml_tree_node(verify->txn, level, index, hash);
        if (result < 0 && result != MLEDGER_EDAMAGED)
            return result;
        if (result < 0 || memcmp(hash, core->base_edge.nodes[level], ML_HASH_SIZE) != 0)
            ML_TRY(ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "tree", MLEDGER_NO_SEQ,
                                    "the stored tree is not the one that was verified: node "
                                    "%" PRIu64 " of level %u is another; verify from the start",
                                    index, level));
    }
    return MLEDGER_OK;
}

static int check_tree_size(struct ml_verify *verify)
{
    uint64_t stored;
    ML_CLEANUP(ml_buf_release) struct ml_buf derived = {0};
    struct ml_tree_key key = ml_tree_frontier_key();
    struct ml_span edge;
    ML_TRY(ml_kv_count(verify->txn, ML_TABLE_TREE, &stored));
    ML_TRY(ml_merkle_frontier_write(&verify->core.frontier, &derived));
    int result = ml_kv_get(verify->txn, ML_TABLE_TREE, ML_SPAN(key.bytes, key.len), &edge);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result == MLEDGER_OK && ml_span_equal(edge, ml_buf_span(&derived)) &&
        stored == verify->core.tree_nodes + 1)
        return MLEDGER_OK;
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "tree", MLEDGER_NO_SEQ,
                            "derived data damaged: the stored tree has another edge, or nodes too "
                            "many or too few");
}

static int check_attachment(struct ml_span key, struct ml_span size, void *context)
{
    struct ml_verify *verify = context;
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    struct ml_span bytes;
    uint8_t hash[ML_HASH_SIZE];
    uint64_t due;
    memcpy(&due, size.data, sizeof due);
    ml_hex_encode(hex, key.data, ML_HASH_SIZE);
    int result = ml_kv_get(verify->txn, ML_TABLE_ATTACHMENTS, key, &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "attachment-missing",
                                MLEDGER_NO_SEQ,
                                "attachment %s is named by a record and is not there", hex);
    ML_TRY(result);
    ML_TRY(ml_sha256(hash, &bytes, 1));
    if (due == bytes.len && memcmp(hash, key.data, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "attachment-damaged", MLEDGER_NO_SEQ,
                            "attachment %s is not what its name says", hex);
}

/* Counting costs nothing, so a record that is gone does not go unseen. */
static int check_count(struct ml_verify *verify)
{
    uint64_t due = verify->core.base + verify->core.result.records, stored = verify->source.total;
    if (stored == due)
        return MLEDGER_OK;
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "gap", MLEDGER_NO_SEQ,
                            "there are %" PRIu64 " records where %" PRIu64
                            " are due; verify from the start",
                            stored, due);
}

int ml_verify_since_store(struct ml_verify *verify)
{
    ML_TRY(check_count(verify));
    ML_TRY(check_edge(verify));
    ML_TRY(check_tree_size(verify));
    ML_TRY(ml_state_each(verify->core.attachments, check_attachment, verify));
    return ml_verify_report(&verify->core, ML_SEVERITY_NOT_PROVEN, "since", MLEDGER_NO_SEQ,
                            "the %" PRIu64 " records before were verified on an earlier occasion "
                            "and not read again, nor their attachments and index entries",
                            verify->core.base);
}

int ml_verify_since_link_at(struct ml_verify *verify, uint64_t seq, uint8_t ret_link[ML_HASH_SIZE])
{
    const struct ml_verifier *core = &verify->core;
    struct ml_merkle_proof proof;
    uint8_t leaf[ML_HASH_SIZE], root[ML_HASH_SIZE];
    ML_TRY(ml_tree_node(verify->txn, 0, seq, leaf));
    ML_TRY(ml_merkle_inclusion(seq, core->base, ml_tree_node, verify->txn, &proof));
    ML_TRY(ml_merkle_root(&core->base_edge, root));
    int result = ml_merkle_check_inclusion(
        seq, core->base, leaf, (const uint8_t(*)[ML_HASH_SIZE])proof.hashes, proof.count, root);
    if (result == MLEDGER_EINVALID)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "the record is not the one that was verified");
    ML_TRY(result);
    return ml_txn_link_at(verify->txn, seq, ret_link);
}
