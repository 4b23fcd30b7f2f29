/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/checkpoint.h"

#include <inttypes.h>

#include "ledger/core/base64.h"
#include "ledger/core/utf8.h"

bool ml_tlog_number(struct ml_span text, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (text.len == 0 || (text.len > 1 && text.data[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)text.data[i] - '0';
        if (digit > 9 || number > ((uint64_t)INT64_MAX - digit) / 10)
            return false;
        number = 10 * number + digit;
    }
    *ret_number = number;
    return true;
}

bool ml_tlog_line(struct ml_span *text, struct ml_span *ret_line)
{
    const uint8_t *end = text->len > 0 ? memchr(text->data, '\n', text->len) : NULL;
    if (!end)
        return false;
    *ret_line = ML_SPAN(text->data, (size_t)(end - text->data));
    *text = ML_SPAN(end + 1, text->len - ret_line->len - 1);
    return true;
}

static int no_checkpoint(const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "not a checkpoint: %s", what);
}

static int check_extensions(struct ml_span rest)
{
    struct ml_span line;
    while (rest.len > 0)
        if (!ml_tlog_line(&rest, &line) || line.len == 0)
            return no_checkpoint("an extension line is empty or does not end");
    return MLEDGER_OK;
}

int ml_checkpoint_parse_lines(struct ml_span text, struct ml_checkpoint *ret_checkpoint)
{
    struct ml_checkpoint checkpoint = {0};
    struct ml_span size, root;
    if (!ml_tlog_line(&text, &checkpoint.origin) || checkpoint.origin.len == 0)
        return no_checkpoint("its first line is no origin");
    if (!ml_tlog_line(&text, &size) || !ml_tlog_number(size, &checkpoint.size))
        return no_checkpoint("its second line is not the size of a tree");
    if (!ml_tlog_line(&text, &root) ||
        ml_base64_decode((const char *)root.data, root.len, checkpoint.root, ML_HASH_SIZE) < 0)
        return no_checkpoint("its third line is not a root hash in base64");
    ML_TRY(check_extensions(text));
    checkpoint.extensions = text;
    *ret_checkpoint = checkpoint;
    return MLEDGER_OK;
}

int ml_checkpoint_parse(struct ml_span text, struct ml_checkpoint *ret_checkpoint)
{
    struct ml_checkpoint checkpoint;
    uint8_t empty[ML_HASH_SIZE];
    ML_TRY(ml_checkpoint_parse_lines(text, &checkpoint));
    ML_TRY(ml_sha256(empty, NULL, 0));
    if (checkpoint.size == 0 && memcmp(checkpoint.root, empty, ML_HASH_SIZE) != 0)
        return no_checkpoint("its tree is empty and its root is not that of the empty tree");
    *ret_checkpoint = checkpoint;
    return MLEDGER_OK;
}

int ml_checkpoint_open(struct ml_span bytes, struct ml_note *ret_note,
                       struct ml_checkpoint *ret_checkpoint)
{
    ML_TRY(ml_note_parse(bytes, ret_note));
    return ml_checkpoint_parse(ret_note->text, ret_checkpoint);
}

static bool origin_is_good(struct ml_span origin)
{
    for (size_t i = 0; i < origin.len; i++)
        if (origin.data[i] < 0x20)
            return false;
    return origin.len > 0 && ml_utf8_is_valid(origin);
}

int ml_checkpoint_write(struct ml_span origin, uint64_t size, const uint8_t root[ML_HASH_SIZE],
                        struct ml_buf *buf)
{
    if (!origin_is_good(origin) || size > INT64_MAX)
        return ml_fail(MLEDGER_EUSAGE, "no checkpoint can have this origin and size");
    ML_TRY(ml_buf_append(buf, origin.data, origin.len));
    ML_TRY(ml_buf_printf(buf, "\n%" PRIu64 "\n", size));
    ML_TRY(ml_base64_append(buf, root, ML_HASH_SIZE));
    return ml_buf_append_char(buf, '\n');
}
