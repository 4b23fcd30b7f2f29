/* SPDX-License-Identifier: Apache-2.0 */
/* What the store holds besides records, against what was derived from them. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/hash.h"
#include "ledger/core/hex.h"
#include "ledger/store/tree.h"
#include "verify/verify_private.h"

/* Calls `visit` with each key and value of a table. */
typedef int table_visitor(struct ml_verify *verify, struct ml_span key, struct ml_span value,
                          void *context);

static int walk_table(struct ml_verify *verify, unsigned table, table_visitor *visit, void *context)
{
    ML_CLEANUP(ml_verify_walk_close) struct ml_verify_walk walk = {0};
    ML_TRY(ml_verify_walk_open(&walk, verify, verify->txn, table));
    struct ml_span key, value;
    int result = ml_verify_walk_next(&walk, &key, &value);
    while (result == MLEDGER_OK) {
        ML_TRY(visit(verify, key, value, context));
        result = ml_verify_walk_next(&walk, &key, &value);
    }
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static const char *describe_key(struct ml_span key, char *text, size_t size)
{
    size_t shown = key.len < 40 ? key.len : 40;
    size_t len = 0;
    for (size_t i = 0; i < shown && len + 3 < size; i++)
        len += (size_t)snprintf(text + len, size - len,
                                i == 0 && isalnum(key.data[i]) ? "%c:" : "%02x", key.data[i]);
    return text;
}

static int compare_state(struct ml_verify *verify, struct ml_span key, struct ml_span value,
                         void *context)
{
    uint64_t *equal = context;
    char text[128] = "";
    struct ml_span derived = {0};
    int result = key.len > 0 && key.len <= ML_STATE_KEY_MAX
                     ? ml_state_get(verify->core.state, key, &derived)
                     : MLEDGER_ENOTFOUND;
    if (result == MLEDGER_ENOTFOUND)
        return ml_verify_report(
            &verify->core, ML_SEVERITY_FAULT, "state", MLEDGER_NO_SEQ,
            "derived data damaged: the state holds %s, which follows from no record",
            describe_key(key, text, sizeof text));
    ML_TRY(result);
    *equal += 1;
    if (ml_span_equal(derived, value))
        return MLEDGER_OK;
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "state", MLEDGER_NO_SEQ,
                            "derived data damaged: the state holds another value under %s",
                            describe_key(key, text, sizeof text));
}

static int count_state(struct ml_span key, struct ml_span value, void *context)
{
    (void)key;
    (void)value;
    ++*(uint64_t *)context;
    return MLEDGER_OK;
}

static int name_missing_state(struct ml_span key, struct ml_span value, void *context)
{
    (void)value;
    struct ml_verify *verify = context;
    struct ml_span stored;
    int result = ml_kv_get(verify->txn, ML_TABLE_STATE, key, &stored);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    char text[128] = "";
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "state", MLEDGER_NO_SEQ,
                            "derived data damaged: the state lacks %s",
                            describe_key(key, text, sizeof text));
}

static int check_state(struct ml_verify *verify)
{
    ML_TRY(ml_fold_store_head(&verify->core.fold));
    uint64_t stored = 0, derived = 0;
    ML_TRY(walk_table(verify, ML_TABLE_STATE, compare_state, &stored));
    ML_TRY(ml_state_each_unordered(verify->core.state, count_state, &derived));
    if (stored == derived)
        return MLEDGER_OK;
    return ml_state_each_unordered(verify->core.state, name_missing_state, verify);
}

static int check_tree_key(struct ml_verify *verify, struct ml_span key, struct ml_span value,
                          void *context)
{
    uint64_t *nodes = context;
    struct ml_tree_key frontier = ml_tree_frontier_key();
    if (!ml_span_equal(key, ML_SPAN(frontier.bytes, frontier.len))) {
        ++*nodes;
        return MLEDGER_OK;
    }
    ML_CLEANUP(ml_buf_release) struct ml_buf derived = {0};
    ML_TRY(ml_merkle_frontier_write(&verify->core.frontier, &derived));
    if (ml_span_equal(ml_buf_span(&derived), value))
        return MLEDGER_OK;
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "tree", MLEDGER_NO_SEQ,
                            "derived data damaged: the stored edge of the tree is another");
}

static int check_tree(struct ml_verify *verify)
{
    uint64_t nodes = 0;
    ML_TRY(walk_table(verify, ML_TABLE_TREE, check_tree_key, &nodes));
    struct ml_span stored;
    struct ml_tree_key key = ml_tree_frontier_key();
    int result = ml_kv_get(verify->txn, ML_TABLE_TREE, ML_SPAN(key.bytes, key.len), &stored);
    if (result == MLEDGER_ENOTFOUND && verify->core.result.records > 0)
        ML_TRY(ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "tree", MLEDGER_NO_SEQ,
                                "derived data damaged: the stored edge of the tree is missing"));
    else if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (nodes <= verify->core.tree_nodes)
        return MLEDGER_OK; /* those that are missing were named */
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "tree", MLEDGER_NO_SEQ,
                            "derived data damaged: %" PRIu64
                            " nodes of the tree follow from no record",
                            nodes - verify->core.tree_nodes);
}

/* The sum of the stored index is taken beside the comparison of the state, in a read transaction
 * of its own, since one belongs to one thread at a time. */
struct index_sum {
    struct ml_job job;
    struct ml_verify *verify;
    struct ml_kv_txn *txn;
    struct ml_multiset found;
};

static int sum_stored_index(size_t begin, size_t end, void *context)
{
    (void)begin;
    (void)end;
    struct index_sum *sum = context;
    ML_CLEANUP(ml_verify_walk_close) struct ml_verify_walk walk = {0};
    ML_TRY(ml_verify_walk_open(&walk, sum->verify, sum->txn, ML_TABLE_INDEX));
    struct ml_span key, value;
    int result = ml_verify_walk_next(&walk, &key, &value);
    while (result == MLEDGER_OK) {
        ml_multiset_add(&sum->found, key);
        if (value.len > 0) /* the values are empty; one that is not makes the sums differ */
            ml_multiset_add(&sum->found, value);
        result = ml_verify_walk_next(&walk, &key, &value);
    }
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static void start_index_sum(struct ml_verify *verify, struct index_sum *sum)
{
    *sum = (struct index_sum){.verify = verify, .txn = verify->second_txn};
    sum->found = ml_multiset_like(&verify->index);
    ml_job_start(&sum->job, 1, 1, sum_stored_index, sum);
}

static int finish_index_sum(struct ml_verify *verify, struct index_sum *sum)
{
    ML_TRY(ml_job_wait(&sum->job));
    return ml_multiset_equal(&sum->found, &verify->index) ? MLEDGER_OK : ml_verify_index(verify);
}

static int check_attachment(struct ml_verify *verify, struct ml_span key, struct ml_span value,
                            void *context)
{
    (void)context;
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)] = "?";
    if (key.len == ML_HASH_SIZE)
        ml_hex_encode(hex, key.data, key.len);
    struct ml_span size;
    int result = key.len == ML_HASH_SIZE ? ml_state_get(verify->core.attachments, key, &size)
                                         : MLEDGER_ENOTFOUND;
    if (result == MLEDGER_ENOTFOUND)
        return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "attachment-unknown",
                                MLEDGER_NO_SEQ, "no record names attachment %s", hex);
    ML_TRY(result);
    uint64_t due;
    memcpy(&due, size.data, sizeof due);
    uint8_t hash[ML_HASH_SIZE];
    ML_TRY(ml_sha256(hash, &value, 1));
    /* Seen; those left over at the end are missing. */
    ML_TRY(ml_state_delete(verify->core.attachments, key));
    if (due == value.len && memcmp(hash, key.data, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "attachment-damaged", MLEDGER_NO_SEQ,
                            "attachment %s is not what its name says", hex);
}

static int name_missing_attachment(struct ml_span key, struct ml_span value, void *context)
{
    (void)value;
    struct ml_verify *verify = context;
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, key.data, ML_HASH_SIZE);
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "attachment-missing", MLEDGER_NO_SEQ,
                            "attachment %s is named by a record and is not there", hex);
}

static int check_attachments(struct ml_verify *verify)
{
    ML_TRY(walk_table(verify, ML_TABLE_ATTACHMENTS, check_attachment, NULL));
    return ml_state_each(verify->core.attachments, name_missing_attachment, verify);
}

static int report_table(struct ml_span name, void *context)
{
    struct ml_verify *verify = context;
    char text[128] = "";
    size_t len = 0;
    for (size_t i = 0; i < name.len && len + 5 < sizeof text; i++)
        len += (size_t)snprintf(text + len, sizeof text - len,
                                isprint(name.data[i]) ? "%c" : "\\x%02x", name.data[i]);
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "store-unknown", MLEDGER_NO_SEQ,
                            "the store holds '%s', which is no part of a ledger", text);
}

int ml_verify_store(struct ml_verify *verify)
{
    struct index_sum sum;
    if (verify->core.base > 0) {
        ML_TRY(check_state(verify));
        ML_TRY(ml_verify_since_store(verify));
        return ml_kv_tables_unknown(verify->txn, report_table, verify);
    }
    start_index_sum(verify, &sum);
    int state = check_state(verify);
    struct ml_error error;
    ml_error_get(&error);
    int index = finish_index_sum(verify, &sum);
    if (state < 0)
        return ml_error_set(&error);
    ML_TRY(index);
    ML_TRY(check_tree(verify));
    ML_TRY(check_attachments(verify));
    return ml_kv_tables_unknown(verify->txn, report_table, verify);
}
