/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/base64.h"

#include <sodium.h>

static int not_base64(void)
{
    return ml_fail(MLEDGER_EINVALID, "it is not standard base64 with padding");
}

int ml_base64_append(struct ml_buf *buf, const void *data, size_t len)
{
    if (len > SIZE_MAX / 2)
        return ml_fail_memory();
    size_t text_len = ML_BASE64_LEN(len);
    ML_TRY(ml_buf_reserve(buf, text_len + 1)); /* libsodium ends it with a NUL */
    sodium_bin2base64((char *)buf->data + buf->len, text_len + 1, data, len,
                      sodium_base64_VARIANT_ORIGINAL);
    buf->len += text_len;
    return MLEDGER_OK;
}

/* What strict base64 of this length and padding decodes to. */
static size_t decoded_len(const char *text, size_t text_len)
{
    if (text_len == 0)
        return 0;
    size_t padding = text[text_len - 1] == '=';
    padding += padding && text[text_len - 2] == '=';
    return text_len / 4 * 3 - padding;
}

/* libsodium's comparisons (1.0.18) take some bytes past 7F for '+' or '/'. */
static bool is_ascii(const char *text, size_t len)
{
    uint8_t all = 0;
    for (size_t i = 0; i < len; i++)
        all |= (uint8_t)text[i];
    return all < 0x80;
}

/* `len` is decoded_len() of the text. */
static int decode(const char *text, size_t text_len, uint8_t *data, size_t len)
{
    if (!is_ascii(text, text_len))
        return not_base64();
    size_t got = 0;
    const char *end = NULL;
    if (sodium_base642bin(data, len, text, text_len, NULL, &got, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return not_base64();
    if (got != len || end != text + text_len)
        return not_base64();
    return MLEDGER_OK;
}

int ml_base64_append_decoded(struct ml_buf *buf, const char *text, size_t text_len)
{
    if (text_len % 4 != 0)
        return not_base64();
    size_t len = decoded_len(text, text_len);
    ML_TRY(ml_buf_reserve(buf, len));
    if (text_len)
        ML_TRY(decode(text, text_len, buf->data + buf->len, len));
    buf->len += len;
    return MLEDGER_OK;
}

int ml_base64_decode(const char *text, size_t text_len, uint8_t *ret_data, size_t len)
{
    memset(ret_data, 0, len);
    if (text_len % 4 != 0)
        return not_base64();
    if (decoded_len(text, text_len) != len)
        return ml_fail(MLEDGER_EINVALID, "base64 of %zu bytes where %zu belong",
                       decoded_len(text, text_len), len);
    int result = text_len ? decode(text, text_len, ret_data, len) : MLEDGER_OK;
    if (result < 0)
        sodium_memzero(ret_data, len); /* it decodes as it goes, up to the fault */
    return result;
}
