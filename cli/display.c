/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/display.h"

#include <locale.h>
#include <pthread.h>
#include <wchar.h>

struct range {
    uint32_t first, last;
};

/* Reads one code point of at most `len` bytes, len > 0. Returns its length in bytes, or 0 when
 * these are not UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF). */
static size_t decode(const uint8_t *bytes, size_t len, uint32_t *ret_code_point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t lead = bytes[0];
    size_t need = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (need == 0 || lead > 0xf4 || need > len)
        return 0;
    uint32_t code_point = need == 1 ? lead : lead & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        code_point = code_point << 6 | (bytes[i] & 0x3f);
    }
    if (code_point < smallest[need] || code_point > 0x10ffff ||
        (code_point >= 0xd800 && code_point <= 0xdfff))
        return 0;
    *ret_code_point = code_point;
    return need;
}

bool ml_display_is_hidden(uint32_t code_point)
{
    static const struct range hidden[] = {
        {0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},      {0x61c, 0x61c},   {0x180e, 0x180e},
        {0x200b, 0x200b}, {0x200e, 0x200f},   {0x2028, 0x202e},  {0x2060, 0x206f}, {0xfeff, 0xfeff},
        {0xfff9, 0xfffb}, {0x1d173, 0x1d17a}, {0xe0000, 0xe007f}};
    for (size_t i = 0; i < ML_COUNT(hidden); i++)
        if (code_point >= hidden[i].first && code_point <= hidden[i].last)
            return true;
    return false;
}

static int append_hidden(struct ml_buf *buf, uint32_t code_point)
{
    switch (code_point) {
    case '\n':
        return ml_buf_append_text(buf, "\\n");
    case '\t':
        return ml_buf_append_text(buf, "\\t");
    case '\r':
        return ml_buf_append_text(buf, "\\r");
    default:
        return ml_buf_printf(buf,
                             code_point < 0x80      ? "\\x%02x"
                             : code_point < 0x10000 ? "\\u%04x"
                                                    : "\\U%08x",
                             code_point);
    }
}

/* The first `*ret_len` bytes of `text` that stay as they are; what follows is at their end. */
static size_t plain_run(const uint8_t *text, size_t len)
{
    size_t at = 0, step;
    uint32_t code_point;
    while (at < len && (step = decode(text + at, len - at, &code_point)) > 0 &&
           !ml_display_is_hidden(code_point))
        at += step;
    return at;
}

int ml_display_escape(struct ml_buf *buf, const char *text, size_t len)
{
    const uint8_t *bytes = (const uint8_t *)text;
    for (size_t at = 0; at < len;) {
        size_t run = plain_run(bytes + at, len - at);
        ML_TRY(ml_buf_append(buf, bytes + at, run));
        at += run;
        if (at == len)
            break;
        uint32_t code_point;
        size_t step = decode(bytes + at, len - at, &code_point);
        ML_TRY(step ? append_hidden(buf, code_point) : ml_buf_printf(buf, "\\x%02x", bytes[at]));
        at += step ? step : 1;
    }
    return MLEDGER_OK;
}

static int append_hidden_json(struct ml_buf *buf, uint32_t code_point)
{
    if (code_point == '\n')
        return ml_buf_append_char(buf, '\n');
    if (code_point < 0x10000)
        return ml_buf_printf(buf, "\\u%04X", code_point);
    uint32_t rest = code_point - 0x10000;
    return ml_buf_printf(buf, "\\u%04X\\u%04X", 0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff));
}

int ml_display_escape_json(struct ml_buf *buf, const char *json, size_t len)
{
    const uint8_t *bytes = (const uint8_t *)json;
    for (size_t at = 0; at < len;) {
        size_t run = plain_run(bytes + at, len - at);
        ML_TRY(ml_buf_append(buf, bytes + at, run));
        at += run;
        if (at == len)
            break;
        uint32_t code_point = 0xfffd;
        size_t step = decode(bytes + at, len - at, &code_point);
        ML_TRY(append_hidden_json(buf, code_point));
        at += step ? step : 1;
    }
    return MLEDGER_OK;
}

static locale_t unicode_locale;

static void find_unicode_locale(void)
{
    unicode_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* wcwidth() knows wide and combining characters only under a UTF-8 locale, whatever the user's
 * may be. Where the system has none, every character counts as one column. */
static size_t width_of(uint32_t code_point)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (code_point >= ' ' && code_point < 0x7f)
        return 1;
    pthread_once(&once, find_unicode_locale);
    if (!unicode_locale)
        return 1;
    locale_t before = uselocale(unicode_locale);
    int width = wcwidth((wchar_t)code_point);
    uselocale(before);
    return width < 0 ? 1 : (size_t)width;
}

size_t ml_display_width(const char *text, size_t len)
{
    size_t width;
    ml_display_fit(text, len, SIZE_MAX, &width);
    return width;
}

size_t ml_display_fit(const char *text, size_t len, size_t columns, size_t *ret_width)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t at = 0, width = 0;
    while (at < len) {
        uint32_t code_point = 0xfffd;
        size_t step = decode(bytes + at, len - at, &code_point);
        size_t more = width_of(code_point);
        if (more > columns - width)
            break;
        width += more;
        at += step ? step : 1;
    }
    *ret_width = width;
    return at;
}
