/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/hex.h"

static const char digits[] = "0123456789abcdef";

static void write_digits(char *text, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[data[i] >> 4];
        text[2 * i + 1] = digits[data[i] & 15];
    }
}

void ml_hex_encode(char *ret_text, const void *data, size_t len)
{
    write_digits(ret_text, data, len);
    ret_text[2 * len] = '\0';
}

int ml_hex_append(struct ml_buf *buf, const void *data, size_t len)
{
    if (len > SIZE_MAX / 2)
        return ml_fail_memory();
    ML_TRY(ml_buf_reserve(buf, 2 * len));
    if (len)
        write_digits((char *)buf->data + buf->len, data, len);
    buf->len += 2 * len;
    return MLEDGER_OK;
}

/* -1 where the character is no digit. */
static int digit_value(char c, bool any_case)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (any_case && c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static int check_digits(const char *text, size_t len, bool any_case)
{
    for (size_t i = 0; i < len; i++) {
        if (digit_value(text[i], any_case) >= 0)
            continue;
        return ml_fail(MLEDGER_EINVALID, "character %zu is no %shexadecimal digit", i + 1,
                       any_case ? "" : "lower-case ");
    }
    return MLEDGER_OK;
}

static int decode(const char *text, size_t text_len, bool any_case, uint8_t *ret_data, size_t len)
{
    if (text_len % 2 != 0 || text_len / 2 != len)
        return ml_fail(MLEDGER_EINVALID, "%zu hexadecimal digits where %zu belong", text_len,
                       2 * len);
    ML_TRY(check_digits(text, text_len, any_case));
    for (size_t i = 0; i < len; i++) {
        unsigned high = (unsigned)digit_value(text[2 * i], any_case);
        unsigned low = (unsigned)digit_value(text[2 * i + 1], any_case);
        ret_data[i] = (uint8_t)(high << 4 | low);
    }
    return MLEDGER_OK;
}

int ml_hex_decode(const char *text, size_t text_len, uint8_t *ret_data, size_t len)
{
    return decode(text, text_len, false, ret_data, len);
}

int ml_hex_decode_any_case(const char *text, size_t text_len, uint8_t *ret_data, size_t len)
{
    return decode(text, text_len, true, ret_data, len);
}
