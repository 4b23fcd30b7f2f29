/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/consistency.h"

#include <inttypes.h>

#include "ledger/core/base64.h"
#include "ledger/core/checkpoint.h"

static const char title[] = "mledger consistency v1";

static int no_proof(const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "not a proof of consistency: %s", what);
}

static bool take_hash(struct ml_span text, uint8_t hash[ML_HASH_SIZE])
{
    return ml_base64_decode((const char *)text.data, text.len, hash, ML_HASH_SIZE) >= 0;
}

/* A line "WORD SIZE ROOT". */
static bool take_tree(struct ml_span *text, const char *word, struct ml_consistency_tree *tree)
{
    struct ml_span line;
    size_t len = strlen(word);
    if (!ml_tlog_line(text, &line) || line.len < len || memcmp(line.data, word, len) != 0)
        return false;
    line = ML_SPAN(line.data + len, line.len - len);
    const uint8_t *space = line.len > 0 ? memchr(line.data, ' ', line.len) : NULL;
    if (!space)
        return false;
    size_t digits = (size_t)(space - line.data);
    return ml_tlog_number(ML_SPAN(line.data, digits), &tree->size) && tree->size > 0 &&
           take_hash(ML_SPAN(space + 1, line.len - digits - 1), tree->root);
}

int ml_consistency_parse(struct ml_span text, struct ml_consistency *ret_proof)
{
    struct ml_consistency proof = {0};
    struct ml_span line;
    if (!ml_tlog_line(&text, &line) || !ml_span_equal(line, ML_SPAN(title, sizeof title - 1)))
        return no_proof("its first line is another");
    if (!take_tree(&text, "old ", &proof.before))
        return no_proof("its second line is not 'old SIZE ROOT'");
    if (!take_tree(&text, "new ", &proof.after))
        return no_proof("its third line is not 'new SIZE ROOT'");
    if (proof.before.size > proof.after.size)
        return no_proof("its old tree is the larger");
    while (text.len > 0) {
        if (proof.path.count == ML_MERKLE_PROOF_MAX)
            return no_proof("it has more hashes than any proof");
        if (!ml_tlog_line(&text, &line) || !take_hash(line, proof.path.hashes[proof.path.count]))
            return no_proof("a line is not a hash in base64");
        proof.path.count++;
    }
    *ret_proof = proof;
    return MLEDGER_OK;
}

static int write_tree(struct ml_buf *buf, const char *word, const struct ml_consistency_tree *tree)
{
    ML_TRY(ml_buf_printf(buf, "%s %" PRIu64 " ", word, tree->size));
    ML_TRY(ml_base64_append(buf, tree->root, ML_HASH_SIZE));
    return ml_buf_append_char(buf, '\n');
}

int ml_consistency_write(const struct ml_consistency *proof, struct ml_buf *buf)
{
    ML_TRY(ml_buf_printf(buf, "%s\n", title));
    ML_TRY(write_tree(buf, "old", &proof->before));
    ML_TRY(write_tree(buf, "new", &proof->after));
    for (size_t i = 0; i < proof->path.count; i++) {
        ML_TRY(ml_base64_append(buf, proof->path.hashes[i], ML_HASH_SIZE));
        ML_TRY(ml_buf_append_char(buf, '\n'));
    }
    return MLEDGER_OK;
}

int ml_consistency_check(const struct ml_consistency *proof)
{
    return ml_merkle_check_consistency(
        proof->before.size, proof->after.size, proof->before.root, proof->after.root,
        (const uint8_t(*)[ML_HASH_SIZE])proof->path.hashes, proof->path.count);
}
