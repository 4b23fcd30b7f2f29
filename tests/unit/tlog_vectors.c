/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/tlog_vectors.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/shared.h"

bool tlog_read(const char *below, struct ml_buf *ret_bytes)
{
    char path[SHARED_PATH_SIZE], folder[256], chunk[4096];
    snprintf(folder, sizeof folder, "data/vectors/%s", below);
    if (!shared_path(path, folder))
        return false;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    for (size_t len; (len = fread(chunk, 1, sizeof chunk, file)) > 0;)
        assert_int_equal(ml_buf_append(ret_bytes, chunk, len), MLEDGER_OK);
    assert_int_equal(fclose(file), 0);
    return true;
}

size_t tlog_entry(uint64_t index, uint8_t ret_entry[TLOG_ENTRY_MAX])
{
    size_t len = (size_t)snprintf((char *)ret_entry, TLOG_ENTRY_MAX, "entry %u ", (unsigned)index);
    size_t count = index == 5 ? 0 : (size_t)(index * 37 % 301);
    for (size_t i = 0; i < count; i++)
        ret_entry[len + i] = (uint8_t)(7 * i + index);
    return len + count;
}

static struct ml_span next_line(struct ml_span *text)
{
    size_t len = 0;
    while (len < text->len && text->data[len] != '\n')
        len++;
    struct ml_span line = {text->data, len};
    size_t taken = len + (len < text->len);
    *text = ML_SPAN(text->data + taken, text->len - taken);
    return line;
}

void tlog_keys(struct ml_vkey *ret_log, struct ml_vkey ret_witnesses[TLOG_WITNESSES])
{
    ML_CLEANUP(ml_buf_release) struct ml_buf log = {0}, witnesses = {0};
    assert_true(tlog_read("tlog-600/log.vkey", &log));
    assert_true(tlog_read("tlog-600/witness.vkeys", &witnesses));
    struct ml_span text = ml_buf_span(&log), rest = ml_buf_span(&witnesses);
    assert_int_equal(ml_vkey_parse(next_line(&text), ret_log), MLEDGER_OK);
    for (size_t i = 0; i < TLOG_WITNESSES; i++)
        assert_int_equal(ml_vkey_parse(next_line(&rest), &ret_witnesses[i]), MLEDGER_OK);
}

static int put(void *context, unsigned level, uint64_t index, const uint8_t hash[ML_HASH_SIZE])
{
    struct tlog_tree *tree = context;
    memcpy(tree->nodes[level][index], hash, ML_HASH_SIZE);
    return MLEDGER_OK;
}

struct tlog_tree *tlog_tree_new(void)
{
    struct tlog_tree *tree = ml_calloc(1, sizeof *tree);
    assert_non_null(tree);
    struct ml_merkle_frontier frontier = {0};
    for (uint64_t i = 0; i < TLOG_SIZE; i++) {
        uint8_t entry[TLOG_ENTRY_MAX], leaf[ML_HASH_SIZE];
        size_t len = tlog_entry(i, entry);
        assert_int_equal(ml_merkle_leaf_hash(ML_SPAN(entry, len), leaf), MLEDGER_OK);
        assert_int_equal(ml_merkle_append(&frontier, leaf, put, tree), MLEDGER_OK);
    }
    return tree;
}

int tlog_node(void *tree, unsigned level, uint64_t index, uint8_t ret_hash[ML_HASH_SIZE])
{
    memcpy(ret_hash, ((struct tlog_tree *)tree)->nodes[level][index], ML_HASH_SIZE);
    return MLEDGER_OK;
}
