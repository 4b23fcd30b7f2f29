/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/json_value.h"

#include "ingest/file.h"

struct reader {
    struct ml_document *document;
    struct ml_value_limits limits;
    const uint8_t *at, *end;
    const uint8_t *line_start;
    uint32_t line;
    size_t depth;
    size_t nodes;
    struct ml_buf text; /* the string being unescaped */
};

static int fail_here(const struct reader *reader, const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "%s:%u:%zu: %s", reader->document->name, reader->line,
                   (size_t)(reader->at - reader->line_start) + 1, what);
}

static void skip_space(struct reader *reader)
{
    for (; reader->at < reader->end; reader->at++) {
        if (*reader->at == '\n') {
            reader->line++;
            reader->line_start = reader->at + 1;
        } else if (*reader->at != ' ' && *reader->at != '\t' && *reader->at != '\r') {
            return;
        }
    }
}

static bool take(struct reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != (uint8_t)c)
        return false;
    reader->at++;
    return true;
}

static bool take_word(struct reader *reader, const char *word)
{
    const size_t len = strlen(word);
    if ((size_t)(reader->end - reader->at) < len || memcmp(reader->at, word, len) != 0)
        return false;
    reader->at += len;
    return true;
}

/* ---- strings ---- */

static int take_hex4(struct reader *reader, uint32_t *ret_unit)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        const uint8_t c = reader->at < reader->end ? *reader->at : 0;
        if (c >= '0' && c <= '9')
            unit = unit * 16 + (c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            unit = unit * 16 + ((c | 32) - 'a' + 10);
        else
            return fail_here(reader, "expected four hex digits after \\u");
        reader->at++;
    }
    *ret_unit = unit;
    return 0;
}

static int append_utf8(struct ml_buf *text, uint32_t c)
{
    uint8_t bytes[4];
    size_t len = 0;
    if (c < 0x80) {
        bytes[len++] = (uint8_t)c;
    } else if (c < 0x800) {
        bytes[len++] = (uint8_t)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        bytes[len++] = (uint8_t)(0xe0 | c >> 12);
        bytes[len++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    } else {
        bytes[len++] = (uint8_t)(0xf0 | c >> 18);
        bytes[len++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        bytes[len++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    }
    if (c >= 0x80)
        bytes[len++] = (uint8_t)(0x80 | (c & 0x3f));
    return ml_buf_append(text, bytes, len);
}

/* Behind "\u". */
static int take_unicode(struct reader *reader)
{
    uint32_t unit, low;
    ML_TRY(take_hex4(reader, &unit));
    if (unit == 0)
        return fail_here(reader, "a string with a NUL character");
    if (unit >= 0xd800 && unit < 0xdc00 && take_word(reader, "\\u")) {
        ML_TRY(take_hex4(reader, &low));
        if (low < 0xdc00 || low > 0xdfff)
            return fail_here(reader, "half of a surrogate pair");
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    if (unit >= 0xd800 && unit <= 0xdfff)
        return fail_here(reader, "half of a surrogate pair");
    return append_utf8(&reader->text, unit);
}

/* Behind the backslash. */
static int take_escape(struct reader *reader)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    if (take(reader, 'u'))
        return take_unicode(reader);
    const char *place =
        reader->at < reader->end ? memchr(from, *reader->at, sizeof(from) - 1) : NULL;
    if (!place)
        return fail_here(reader, "an unknown escape in a string");
    reader->at++;
    return ml_buf_append_char(&reader->text, to[place - from]);
}

/* Behind the opening quote. */
static int take_string(struct reader *reader, const char **ret_text, size_t *ret_len)
{
    ml_buf_clear(&reader->text);
    while (!take(reader, '"')) {
        const uint8_t *run = reader->at;
        while (reader->at < reader->end && *reader->at >= 0x20 && *reader->at != '"' &&
               *reader->at != '\\')
            reader->at++;
        ML_TRY(ml_buf_append(&reader->text, run, (size_t)(reader->at - run)));
        if (reader->at == reader->end)
            return fail_here(reader, "the file ends inside a string");
        if (*reader->at < 0x20)
            return fail_here(reader, "a control character in a string");
        if (take(reader, '\\'))
            ML_TRY(take_escape(reader));
    }
    *ret_text =
        ml_pool_text(&reader->document->pool, (const char *)reader->text.data, reader->text.len);
    *ret_len = reader->text.len;
    return *ret_text ? 0 : MLEDGER_ESYSTEM;
}

/* ---- numbers ---- */

static size_t take_digits(struct reader *reader)
{
    const uint8_t *start = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return (size_t)(reader->at - start);
}

/* RFC 8259, section 6, and the three words of Python; false when there is no number here. */
static bool take_number(struct reader *reader, enum ml_value_kind *ret_kind)
{
    if (take_word(reader, "NaN") || take_word(reader, "Infinity") ||
        take_word(reader, "-Infinity")) {
        *ret_kind = ML_VALUE_FLOAT;
        return true;
    }
    take(reader, '-');
    const bool zero = reader->at < reader->end && *reader->at == '0';
    const size_t digits = take_digits(reader);
    if (digits == 0 || (zero && digits > 1))
        return false;
    *ret_kind = ML_VALUE_INT;
    if (take(reader, '.')) {
        *ret_kind = ML_VALUE_FLOAT;
        if (take_digits(reader) == 0)
            return false;
    }
    if (!take(reader, 'e') && !take(reader, 'E'))
        return true;
    *ret_kind = ML_VALUE_FLOAT;
    if (!take(reader, '+'))
        take(reader, '-');
    return take_digits(reader) > 0;
}

/* ---- values ---- */

static int read_value(struct reader *reader, const struct ml_value **ret_value);

static int read_scalar(struct reader *reader, const struct ml_value **ret_value)
{
    const uint8_t *start = reader->at;
    enum ml_value_kind kind;
    if (take_word(reader, "true") || take_word(reader, "false")) {
        kind = ML_VALUE_BOOL;
    } else if (take_word(reader, "null")) {
        kind = ML_VALUE_NULL;
    } else if (!take_number(reader, &kind)) {
        reader->at = start;
        return fail_here(reader, start == reader->end ? "the file ends where a value belongs"
                                                      : "expected a value");
    }
    const size_t len = (size_t)(reader->at - start);
    const char *text = ml_pool_text(&reader->document->pool, (const char *)start, len);
    if (!text)
        return MLEDGER_ESYSTEM;
    *ret_value = ml_value_new_scalar(reader->document, kind, text, len, reader->line);
    return *ret_value ? 0 : MLEDGER_ESYSTEM;
}

static int read_string(struct reader *reader, const struct ml_value **ret_value)
{
    const char *text;
    size_t len;
    ML_TRY(take_string(reader, &text, &len));
    *ret_value = ml_value_new_scalar(reader->document, ML_VALUE_STRING, text, len, reader->line);
    return *ret_value ? 0 : MLEDGER_ESYSTEM;
}

/* Items or entries of a container under way. */
struct list {
    void *items;
    size_t count, cap;
};

static void list_release(struct list *list)
{
    free(list->items);
}

static int read_item(struct reader *reader, struct list *list)
{
    const struct ml_value *value;
    ML_TRY(read_value(reader, &value));
    ML_TRY(ml_grow(&list->items, &list->cap, list->count + 1, sizeof(const struct ml_value *)));
    ((const struct ml_value **)list->items)[list->count++] = value;
    return 0;
}

static int read_entry(struct reader *reader, struct list *list)
{
    struct ml_entry entry;
    skip_space(reader);
    if (!take(reader, '"'))
        return fail_here(reader, "expected a key in quotes");
    ML_TRY(read_string(reader, &entry.key));
    skip_space(reader);
    if (!take(reader, ':'))
        return fail_here(reader, "expected ':' after a key");
    ML_TRY(read_value(reader, &entry.value));
    ML_TRY(ml_grow(&list->items, &list->cap, list->count + 1, sizeof(entry)));
    ((struct ml_entry *)list->items)[list->count++] = entry;
    return 0;
}

/* What stands between the brackets, commas and the closing bracket included. */
static int read_list(struct reader *reader, char close,
                     int (*read)(struct reader *reader, struct list *list), struct list *list)
{
    skip_space(reader);
    if (take(reader, close))
        return 0;
    for (;;) {
        ML_TRY(read(reader, list));
        skip_space(reader);
        if (take(reader, close))
            return 0;
        if (!take(reader, ','))
            return fail_here(reader, reader->at == reader->end ? "the file ends inside a container"
                                                               : "expected ',' or its end");
    }
}

static int read_container(struct reader *reader, bool is_map, const struct ml_value **ret_value)
{
    ML_CLEANUP(list_release) struct list list = {0};
    const uint32_t line = reader->line;
    struct ml_value *value = NULL;
    if (reader->depth >= reader->limits.depth)
        return fail_here(reader, "nested too deeply");
    reader->depth++;
    ML_TRY(read_list(reader, is_map ? '}' : ']', is_map ? read_entry : read_item, &list));
    reader->depth--;
    if (is_map)
        ML_TRY(ml_value_new_map(reader->document, list.items, list.count, line, &value));
    else
        value = ml_value_new_seq(reader->document, list.items, list.count, line);
    *ret_value = value;
    return value ? 0 : MLEDGER_ESYSTEM;
}

static int read_value(struct reader *reader, const struct ml_value **ret_value)
{
    skip_space(reader);
    if (reader->nodes++ >= reader->limits.nodes)
        return fail_here(reader, "too many values");
    if (take(reader, '{'))
        return read_container(reader, true, ret_value);
    if (take(reader, '['))
        return read_container(reader, false, ret_value);
    return take(reader, '"') ? read_string(reader, ret_value) : read_scalar(reader, ret_value);
}

static void reader_release(struct reader *reader)
{
    ml_document_free(reader->document);
    ml_buf_release(&reader->text);
}

int ml_json_value_parse(struct ml_span span, const char *name, const struct ml_value_limits *limits,
                        struct ml_document **ret_document)
{
    ML_CLEANUP(reader_release)
    struct reader reader = {
        .limits = ml_value_limits_or_default(limits),
        .at = span.data,
        .end = span.data + span.len,
        .line_start = span.data,
        .line = 1,
    };
    if (span.len > reader.limits.bytes)
        return ml_fail(MLEDGER_EINVALID, "%s: larger than the %zu bytes that are read", name,
                       reader.limits.bytes);
    ML_TRY(ml_file_check_utf8(span, name));
    ML_TRY(ml_document_new(name, &reader.document));
    take_word(&reader, "\xef\xbb\xbf");
    ML_TRY(read_value(&reader, &reader.document->root));
    skip_space(&reader);
    if (reader.at != reader.end)
        return fail_here(&reader, "more text after the value");
    *ret_document = ML_TAKE(reader.document);
    return 0;
}

int ml_json_value_read_file(const char *path, const char *name,
                            const struct ml_value_limits *limits, struct ml_document **ret_document)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_file_slurp(path, name, ml_value_limits_or_default(limits).bytes, &text));
    return ml_json_value_parse(ml_buf_span(&text), name ? name : path, limits, ret_document);
}
