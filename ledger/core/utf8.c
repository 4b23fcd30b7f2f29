/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/utf8.h"

/* What may follow a lead byte: the range of the second byte, then `more` bytes 80..BF. Only the
 * second byte is ever narrowed (table 3-7). */
struct sequence {
    uint8_t low;
    uint8_t high;
    uint8_t more;
};

/* False for bytes that can lead nothing: continuations, C0, C1 and F5..FF. */
static bool sequence_of(uint8_t lead, struct sequence *ret)
{
    if (lead >= 0xc2 && lead <= 0xdf)
        *ret = (struct sequence){0x80, 0xbf, 0};
    else if (lead == 0xe0)
        *ret = (struct sequence){0xa0, 0xbf, 1}; /* no overlong form */
    else if (lead == 0xed)
        *ret = (struct sequence){0x80, 0x9f, 1}; /* no surrogate */
    else if (lead >= 0xe1 && lead <= 0xef)
        *ret = (struct sequence){0x80, 0xbf, 1};
    else if (lead == 0xf0)
        *ret = (struct sequence){0x90, 0xbf, 2}; /* no overlong form */
    else if (lead >= 0xf1 && lead <= 0xf3)
        *ret = (struct sequence){0x80, 0xbf, 2};
    else if (lead == 0xf4)
        *ret = (struct sequence){0x80, 0x8f, 2}; /* up to U+10FFFF */
    else
        return false;
    return true;
}

/* Length of the multi-byte sequence at `at`, 0 when it is ill-formed or cut short. */
static size_t sequence_len(const uint8_t *at, size_t left)
{
    struct sequence sequence;
    if (!sequence_of(at[0], &sequence) || left < (size_t)sequence.more + 2)
        return 0;
    if (at[1] < sequence.low || at[1] > sequence.high)
        return 0;
    for (size_t i = 2; i < (size_t)sequence.more + 2; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return (size_t)sequence.more + 2;
}

/* Bytes of ASCII at the beginning; most text is nothing else, so eight at a time. */
static size_t ascii_len(const uint8_t *data, size_t len)
{
    size_t at = 0;
    for (uint64_t eight; len - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, data + at, sizeof eight);
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    while (at < len && data[at] < 0x80)
        at++;
    return at;
}

size_t ml_utf8_valid_len(struct ml_span text)
{
    size_t at = 0;
    while (at < text.len) {
        at += ascii_len(text.data + at, text.len - at);
        if (at == text.len)
            break;
        size_t len = sequence_len(text.data + at, text.len - at);
        if (len == 0)
            break;
        at += len;
    }
    return at;
}

bool ml_utf8_is_valid(struct ml_span text)
{
    return ml_utf8_valid_len(text) == text.len;
}

bool ml_utf8_is_text(struct ml_span text)
{
    return text.len == 0 || (!memchr(text.data, 0, text.len) && ml_utf8_is_valid(text));
}

int ml_utf8_mend(const char *text, struct ml_buf *buf)
{
    while (*text) {
        const size_t len = ml_utf8_valid_len(ML_SPAN(text, strlen(text)));
        ML_TRY(ml_buf_append(buf, text, len));
        text += len;
        if (*text) {
            ML_TRY(ml_buf_append_text(buf, "\xef\xbf\xbd"));
            text++;
        }
    }
    return MLEDGER_OK;
}
