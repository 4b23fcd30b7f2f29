/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/tlog_proof.h"

#include <inttypes.h>

#include "ledger/core/base64.h"

static const char first_line[] = "c2sp.org/tlog-proof@v1";

static int no_proof(const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "not a proof of inclusion: %s", what);
}

/* Takes "WORD " off the line; false where it begins otherwise. */
static bool take_word(struct ml_span *line, const char *word)
{
    size_t len = strlen(word);
    if (line->len < len || memcmp(line->data, word, len) != 0)
        return false;
    *line = ML_SPAN(line->data + len, line->len - len);
    return true;
}

static int parse_extra(struct ml_span text, struct ml_tlog_proof *proof)
{
    if (text.len > ML_BASE64_LEN((size_t)ML_TLOG_EXTRA_MAX))
        return no_proof("its extra data are longer than 65536 bytes");
    if (text.len == 0)
        return no_proof("its line of extra data has none");
    int result = ml_base64_append_decoded(&proof->extra, (const char *)text.data, text.len);
    return result == MLEDGER_EINVALID ? no_proof("its extra data are not base64") : result;
}

static int parse_head(struct ml_span *rest, struct ml_tlog_proof *proof)
{
    struct ml_span line;
    if (!ml_tlog_line(rest, &line) ||
        !ml_span_equal(line, ML_SPAN(first_line, sizeof first_line - 1)))
        return no_proof("its first line is not 'c2sp.org/tlog-proof@v1'");
    if (!ml_tlog_line(rest, &line))
        return no_proof("it has no index");
    if (take_word(&line, "extra ")) {
        ML_TRY(parse_extra(line, proof));
        if (!ml_tlog_line(rest, &line))
            return no_proof("it has no index");
    }
    if (!take_word(&line, "index ") || !ml_tlog_number(line, &proof->index))
        return no_proof("its index is missing or not a number");
    return MLEDGER_OK;
}

static int parse_path(struct ml_span *rest, struct ml_tlog_proof *proof)
{
    struct ml_span line;
    while (ml_tlog_line(rest, &line)) {
        if (line.len == 0)
            return MLEDGER_OK;
        struct ml_merkle_proof *path = &proof->path;
        if (path->count == ML_MERKLE_PROOF_MAX)
            return no_proof("it has more hashes than any proof can have");
        if (ml_base64_decode((const char *)line.data, line.len, path->hashes[path->count],
                             ML_HASH_SIZE) < 0)
            return no_proof("one of its lines is not a hash in base64");
        path->count++;
    }
    return no_proof("no empty line ends its hashes");
}

int ml_tlog_proof_parse(struct ml_span bytes, struct ml_tlog_proof *ret_proof)
{
    *ret_proof = (struct ml_tlog_proof){0};
    if (bytes.len > ML_TLOG_PROOF_MAX)
        return no_proof("it is too long");
    ML_TRY(parse_head(&bytes, ret_proof));
    ML_TRY(parse_path(&bytes, ret_proof));
    ret_proof->note_bytes = bytes;
    return ml_checkpoint_open(bytes, &ret_proof->note, &ret_proof->checkpoint);
}

void ml_tlog_proof_release(struct ml_tlog_proof *proof)
{
    ml_buf_release(&proof->extra);
    ml_note_release(&proof->note);
    *proof = (struct ml_tlog_proof){0};
}

int ml_tlog_proof_write(struct ml_span extra, uint64_t index, const struct ml_merkle_proof *path,
                        struct ml_span note, struct ml_buf *buf)
{
    if (extra.len > ML_TLOG_EXTRA_MAX)
        return ml_fail(MLEDGER_EUSAGE, "extra data of a proof are at most 65536 bytes");
    ML_TRY(ml_buf_printf(buf, "%s\n", first_line));
    if (extra.len > 0) {
        ML_TRY(ml_buf_append_text(buf, "extra "));
        ML_TRY(ml_base64_append(buf, extra.data, extra.len));
        ML_TRY(ml_buf_append_char(buf, '\n'));
    }
    ML_TRY(ml_buf_printf(buf, "index %" PRIu64 "\n", index));
    for (size_t i = 0; i < path->count; i++) {
        ML_TRY(ml_base64_append(buf, path->hashes[i], ML_HASH_SIZE));
        ML_TRY(ml_buf_append_char(buf, '\n'));
    }
    ML_TRY(ml_buf_append_char(buf, '\n'));
    return ml_buf_append(buf, note.data, note.len);
}

int ml_tlog_proof_check(const struct ml_tlog_proof *proof, const uint8_t leaf[ML_HASH_SIZE])
{
    return ml_merkle_check_inclusion(proof->index, proof->checkpoint.size, leaf,
                                     (const uint8_t(*)[ML_HASH_SIZE])proof->path.hashes,
                                     proof->path.count, proof->checkpoint.root);
}
