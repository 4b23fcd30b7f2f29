/* SPDX-License-Identifier: Apache-2.0 */
#include "export/text_clean.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define ELLIPSIS "\xe2\x80\xa6"    /* U+2026 */
#define WORD_JOINER "\xe2\x81\xa0" /* U+2060 */
#define REPLACEMENT_CODE 0xfffdU
#define ENTITY_CHARS_MAX ((size_t)32)

struct range {
    uint32_t first, last;
};

static bool in_ranges(uint32_t code, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

/* How a sequence goes on after its first byte: RFC 3629 section 4. */
struct lead {
    uint8_t first, last; /* lead bytes */
    uint8_t more;        /* bytes that follow */
    uint8_t low, high;   /* what the second byte may be */
};

static const struct lead leads[] = {
    {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf}, {0xe1, 0xec, 2, 0x80, 0xbf},
    {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf}, {0xf0, 0xf0, 3, 0x90, 0xbf},
    {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

static const struct lead *find_lead(uint8_t byte)
{
    for (size_t i = 0; i < ML_COUNT(leads); i++) {
        if (byte >= leads[i].first && byte <= leads[i].last)
            return &leads[i];
    }
    return NULL;
}

uint32_t ml_text_next(const char *text, size_t len, size_t *ret_taken)
{
    const uint8_t *bytes = (const uint8_t *)text;
    *ret_taken = 1;
    if (bytes[0] < 0x80)
        return bytes[0];
    const struct lead *lead = find_lead(bytes[0]);
    if (!lead)
        return REPLACEMENT_CODE;
    uint32_t code = bytes[0] & (0x3fU >> lead->more);
    for (size_t i = 1; i <= lead->more; i++) {
        uint8_t low = i == 1 ? lead->low : 0x80;
        uint8_t high = i == 1 ? lead->high : 0xbf;
        if (i >= len || bytes[i] < low || bytes[i] > high)
            return REPLACEMENT_CODE;
        code = code << 6 | (bytes[i] & 0x3fU);
        *ret_taken = i + 1;
    }
    return code;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029;
}

static bool is_noncharacter(uint32_t code)
{
    return (code & 0xfffeU) == 0xfffeU || (code >= 0xfdd0 && code <= 0xfdef);
}

static bool is_bidi_control(uint32_t code)
{
    return code == 0x061c || code == 0x200e || code == 0x200f ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

int ml_text_clean(const char *text, size_t len, struct ml_buf *buf)
{
    size_t taken;
    for (size_t at = 0; at < len; at += taken) {
        uint32_t code = ml_text_next(text + at, len - at, &taken);
        if (at + taken > ML_TEXT_BYTES_MAX)
            return ml_buf_append_text(buf, ELLIPSIS);
        if (is_control(code) || is_noncharacter(code) || code == REPLACEMENT_CODE)
            ML_TRY(ml_buf_append_text(buf, REPLACEMENT));
        else if (is_bidi_control(code))
            ML_TRY(ml_buf_printf(buf, "[U+%04X]", (unsigned)code));
        else
            ML_TRY(ml_buf_append(buf, text + at, taken));
    }
    return MLEDGER_OK;
}

int ml_text_end(struct ml_buf *buf, const char **ret_text)
{
    ML_TRY(ml_buf_reserve(buf, 1));
    buf->data[buf->len] = '\0';
    *ret_text = (const char *)buf->data;
    return MLEDGER_OK;
}

bool ml_text_is_combining(uint32_t code)
{
    static const struct range combining[] = {
        {0x0300, 0x036f},   {0x0483, 0x0489},   {0x0591, 0x05bd},   {0x05bf, 0x05bf},
        {0x05c1, 0x05c7},   {0x0610, 0x061a},   {0x064b, 0x065f},   {0x0670, 0x0670},
        {0x06d6, 0x06ed},   {0x0711, 0x0711},   {0x0730, 0x074a},   {0x0900, 0x0903},
        {0x093a, 0x093c},   {0x093e, 0x094f},   {0x0951, 0x0957},   {0x0962, 0x0963},
        {0x0981, 0x0983},   {0x09bc, 0x09bc},   {0x09be, 0x09cd},   {0x0a3c, 0x0a51},
        {0x0abc, 0x0abc},   {0x0abe, 0x0acd},   {0x0b3c, 0x0b57},   {0x0bbe, 0x0bcd},
        {0x0c3e, 0x0c56},   {0x0cbc, 0x0cd6},   {0x0d3b, 0x0d4d},   {0x0e31, 0x0e31},
        {0x0e34, 0x0e3a},   {0x0e47, 0x0e4e},   {0x0eb1, 0x0ebc},   {0x0ec8, 0x0ece},
        {0x0f71, 0x0f84},   {0x102b, 0x103e},   {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff},
        {0x200b, 0x200d},   {0x2060, 0x2064},   {0x20d0, 0x20ff},   {0x302a, 0x302f},
        {0x3099, 0x309a},   {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f},   {0xfeff, 0xfeff},
        {0x1f3fb, 0x1f3ff}, {0xe0020, 0xe007f}, {0xe0100, 0xe01ef},
    };
    return code >= 0x0300 && in_ranges(code, combining, ML_COUNT(combining));
}

/* Byte offset of the `chars`-th code point; `len` when there are fewer. */
static size_t offset_of(const char *text, size_t len, size_t chars)
{
    size_t at = 0, taken;
    for (; chars && at < len; chars--, at += taken)
        ml_text_next(text + at, len - at, &taken);
    return at;
}

static size_t count_chars(const char *text, size_t len)
{
    size_t count = 0, taken;
    for (size_t at = 0; at < len; at += taken, count++)
        ml_text_next(text + at, len - at, &taken);
    return count;
}

/* Whether a cut at byte `at` would part a combining sequence, an emoji joined to the next included.
 */
static bool cuts_sequence(const char *text, size_t len, size_t at)
{
    static const char joiner[] = "\xe2\x80\x8d"; /* U+200D */
    size_t taken;
    if (at >= len)
        return false;
    if (at >= 3 && memcmp(text + at - 3, joiner, 3) == 0)
        return true;
    return ml_text_is_combining(ml_text_next(text + at, len - at, &taken));
}

static size_t whole_head(const char *text, size_t len, size_t chars)
{
    for (size_t fewer = chars; fewer > 0; fewer--) {
        size_t at = offset_of(text, len, fewer);
        if (!cuts_sequence(text, len, at))
            return at;
    }
    return offset_of(text, len, chars);
}

static size_t whole_tail(const char *text, size_t len, size_t skipped)
{
    size_t start = offset_of(text, len, skipped), at = start, taken;
    for (; at < len; at += taken) {
        if (!cuts_sequence(text, len, at))
            return at;
        ml_text_next(text + at, len - at, &taken);
    }
    return start;
}

int ml_text_shorten(const char *text, size_t max_chars, struct ml_buf *buf)
{
    assert(max_chars >= 3);
    size_t len = strlen(text), count = count_chars(text, len);
    if (count <= max_chars)
        return ml_buf_append(buf, text, len);
    size_t tail_chars = max_chars / 2; /* of a path or an id, the end tells more */
    size_t head = whole_head(text, len, max_chars - 1 - tail_chars);
    size_t tail = whole_tail(text, len, count - tail_chars);
    ML_TRY(ml_buf_append(buf, text, head));
    ML_TRY(ml_buf_append_text(buf, ELLIPSIS));
    return ml_buf_append(buf, text + tail, len - tail);
}

/* Advance widths of ASCII in Helvetica, in thousandths of the font size divided by 10. */
static const uint8_t ascii_width[95] = {
    28, 28, 36, 56, 56, 89, 67, 19, 33,  33, 39, 58, 28, 33, 28, 28, 56, 56, 56, 56, 56, 56, 56, 56,
    56, 56, 28, 28, 58, 58, 58, 56, 102, 67, 67, 72, 72, 67, 61, 78, 72, 28, 50, 67, 56, 83, 72, 78,
    67, 78, 72, 67, 61, 72, 67, 94, 67,  67, 61, 28, 28, 28, 47, 56, 33, 56, 56, 50, 56, 56, 28, 56,
    56, 22, 22, 50, 22, 83, 56, 56, 56,  56, 33, 50, 28, 56, 50, 72, 50, 50, 50, 33, 26, 33, 58,
};

static uint32_t char_width(uint32_t code)
{
    static const struct range wide[] = {
        {0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
        {0xffe0, 0xffe6}, {0x1f000, 0x1faff}, {0x20000, 0x3ffff},
    };
    if (code >= 0x20 && code < 0x7f)
        return ascii_width[code - 0x20] * 10U;
    if (ml_text_is_combining(code))
        return 0;
    if (in_ranges(code, wide, ML_COUNT(wide)))
        return 1050;
    return code < 0x2000 ? 650 : 850;
}

uint32_t ml_text_width(const char *text)
{
    size_t len = strlen(text), taken;
    uint32_t width = 0;
    for (size_t at = 0; at < len; at += taken)
        width += char_width(ml_text_next(text + at, len - at, &taken));
    return width;
}

static const char *xml_escape(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static int append_xml_char(char c, struct ml_buf *buf)
{
    const char *escape = xml_escape(c);
    return escape ? ml_buf_append_text(buf, escape) : ml_buf_append_char(buf, c);
}

int ml_text_append_xml(const char *text, struct ml_buf *buf)
{
    for (; *text; text++)
        ML_TRY(append_xml_char(*text, buf));
    return MLEDGER_OK;
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Whether "&name;", "&#12;" or "&#xab;" stands at `text`. */
static bool is_entity(const char *text)
{
    if (*text != '&')
        return false;
    size_t i = text[1] == '#' ? 2 : 1;
    while (i < ENTITY_CHARS_MAX && is_alnum(text[i]))
        i++;
    return text[i] == ';';
}

/* Whether Graphviz would read more into what begins at `text` than stands there. */
static bool parts_after(const char *text)
{
    return is_entity(text) || (*text == '\\' && is_alnum(text[1]));
}

int ml_text_append_html(const char *text, struct ml_buf *buf)
{
    for (; *text; text++) {
        ML_TRY(append_xml_char(*text, buf));
        if (parts_after(text))
            ML_TRY(ml_buf_append_text(buf, WORD_JOINER));
    }
    return MLEDGER_OK;
}

int ml_text_append_quoted(const char *text, struct ml_buf *buf)
{
    ML_TRY(ml_buf_append_char(buf, '"'));
    if (*text == '<')
        ML_TRY(ml_buf_append_text(buf, WORD_JOINER));
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            ML_TRY(ml_buf_append_char(buf, '\\'));
        ML_TRY(ml_buf_append_char(buf, *text));
        if (parts_after(text))
            ML_TRY(ml_buf_append_text(buf, WORD_JOINER));
    }
    return ml_buf_append_char(buf, '"');
}

int ml_text_append_fragment(const char *anchor, struct ml_buf *buf)
{
    ML_TRY(ml_buf_append_char(buf, '#'));
    for (; *anchor; anchor++) {
        if (is_alnum(*anchor) || strchr("-._~", *anchor))
            ML_TRY(ml_buf_append_char(buf, *anchor));
        else
            ML_TRY(ml_buf_printf(buf, "%%%02X", (unsigned)(uint8_t)*anchor));
    }
    return MLEDGER_OK;
}
