/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/toml.h"

#include "ingest/file.h"
#include "ingest/toml_scalar.h"
#include "ingest/toml_tree.h"

struct reader {
    struct ml_toml_tree tree;
    const uint8_t *at, *end, *line_start;
    uint32_t line;
    uint32_t section; /* [header]s so far */
    size_t depth;     /* of arrays and inline tables inside each other */
    struct ml_buf text;
};

static int fail_here(const struct reader *reader, const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "%s:%u:%zu: %s", reader->tree.document->name, reader->line,
                   (size_t)(reader->at - reader->line_start) + 1, what);
}

static bool is_at(const struct reader *reader, const char *text)
{
    const size_t len = strlen(text);
    return (size_t)(reader->end - reader->at) >= len && memcmp(reader->at, text, len) == 0;
}

static bool take(struct reader *reader, const char *text)
{
    if (!is_at(reader, text))
        return false;
    reader->at += strlen(text);
    return true;
}

static bool take_newline(struct reader *reader)
{
    if (!take(reader, "\n") && !take(reader, "\r\n"))
        return false;
    reader->line++;
    reader->line_start = reader->at;
    return true;
}

static void skip_blanks(struct reader *reader)
{
    while (take(reader, " ") || take(reader, "\t"))
        ;
}

static bool is_control(uint8_t c)
{
    return (c < 0x20 && c != '\t') || c == 0x7f;
}

/* Blanks and a comment, up to the line's end. */
static int skip_to_end(struct reader *reader)
{
    skip_blanks(reader);
    if (!take(reader, "#"))
        return 0;
    while (reader->at < reader->end && !is_at(reader, "\n") && !is_at(reader, "\r\n")) {
        if (is_control(*reader->at))
            return fail_here(reader, "a control character in a comment");
        reader->at++;
    }
    return 0;
}

static int end_line(struct reader *reader)
{
    ML_TRY(skip_to_end(reader));
    if (reader->at == reader->end || take_newline(reader))
        return 0;
    return fail_here(reader, "more than one thing in a line");
}

/* Blanks, comments and line ends, as arrays allow them. */
static int skip_lines(struct reader *reader)
{
    do
        ML_TRY(skip_to_end(reader));
    while (take_newline(reader));
    return 0;
}

/* ---- strings ---- */

static int append_utf8(struct ml_buf *text, uint32_t c)
{
    uint8_t bytes[4];
    const size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1; c >>= 6)
        bytes[i] = (uint8_t)(0x80 | (c & 0x3f));
    bytes[0] = (uint8_t)(lead[len] | c);
    return ml_buf_append(text, bytes, len);
}

static int take_unicode(struct reader *reader, int digits)
{
    uint32_t c = 0;
    for (int i = 0; i < digits; i++, reader->at++) {
        const uint8_t d = reader->at < reader->end ? *reader->at : 0;
        if (d >= '0' && d <= '9')
            c = c * 16 + (d - '0');
        else if ((d | 32) >= 'a' && (d | 32) <= 'f')
            c = c * 16 + ((d | 32) - 'a' + 10);
        else
            return fail_here(reader, "expected hex digits in an escape");
    }
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return fail_here(reader, "an escape that is no character");
    return append_utf8(&reader->text, c);
}

/* Behind a backslash at the end of a line of a multi-line string: everything blank goes. */
static int skip_continuation(struct reader *reader)
{
    skip_blanks(reader);
    if (!take_newline(reader))
        return fail_here(reader, "an unknown escape in a string");
    do
        skip_blanks(reader);
    while (take_newline(reader));
    return 0;
}

static int take_escape(struct reader *reader, bool multi)
{
    static const char from[] = "btnfr\"\\";
    static const char to[] = "\b\t\n\f\r\"\\";
    const char *place =
        reader->at < reader->end ? memchr(from, *reader->at, sizeof(from) - 1) : NULL;
    if (place) {
        reader->at++;
        return ml_buf_append_char(&reader->text, to[place - from]);
    }
    if (take(reader, "u"))
        return take_unicode(reader, 4);
    if (take(reader, "U"))
        return take_unicode(reader, 8);
    if (multi)
        return skip_continuation(reader);
    return fail_here(reader, "an unknown escape in a string");
}

static int take_plain(struct reader *reader, bool multi)
{
    if (multi && (is_at(reader, "\n") || is_at(reader, "\r\n"))) {
        take_newline(reader);
        return ml_buf_append_char(&reader->text, '\n');
    }
    if (reader->at == reader->end || is_at(reader, "\n") || is_at(reader, "\r\n"))
        return fail_here(reader, "a string without its end");
    if (is_control(*reader->at))
        return fail_here(reader, "a control character in a string");
    return ml_buf_append_char(&reader->text, (char)*reader->at++);
}

/* Behind the opening quotes; `quotes` close it. */
static int take_string_body(struct reader *reader, const char *quotes, bool escapes, bool multi)
{
    const char quote[] = {quotes[0], '\0'};
    while (!take(reader, quotes)) {
        if (escapes && take(reader, "\\"))
            ML_TRY(take_escape(reader, multi));
        else
            ML_TRY(take_plain(reader, multi));
    }
    /* Up to two more quotes before the closing three belong to the string. */
    for (int i = 0; multi && i < 2 && take(reader, quote); i++)
        ML_TRY(ml_buf_append_char(&reader->text, quote[0]));
    return 0;
}

/* A string of any of the four kinds, `multi` line ones only where `multi` says so; returns 1
 * when there is none here. */
static int take_string(struct reader *reader, bool multi, const char **ret_text, size_t *ret_len)
{
    ml_buf_clear(&reader->text);
    if (multi && (is_at(reader, "\"\"\"") || is_at(reader, "'''"))) {
        const bool escapes = *reader->at == '"';
        reader->at += 3;
        take_newline(reader);
        ML_TRY(take_string_body(reader, escapes ? "\"\"\"" : "'''", escapes, true));
    } else if (take(reader, "\"")) {
        ML_TRY(take_string_body(reader, "\"", true, false));
    } else if (take(reader, "'")) {
        ML_TRY(take_string_body(reader, "'", false, false));
    } else {
        return 1;
    }
    *ret_len = reader->text.len;
    *ret_text = ml_pool_text(&reader->tree.document->pool, (const char *)reader->text.data,
                             reader->text.len);
    return *ret_text ? 0 : MLEDGER_ESYSTEM;
}

/* ---- keys ---- */

static void path_release(struct ml_toml_path *path)
{
    free(path->names);
}

static bool is_bare(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static int take_name(struct reader *reader, const char **ret_name)
{
    size_t len = 0;
    const int result = take_string(reader, false, ret_name, &len);
    if (result <= 0)
        return result;
    const uint8_t *start = reader->at;
    while (reader->at < reader->end && is_bare(*reader->at))
        reader->at++;
    len = (size_t)(reader->at - start);
    if (len == 0)
        return fail_here(reader, "expected a key");
    *ret_name = ml_pool_text(&reader->tree.document->pool, (const char *)start, len);
    return *ret_name ? 0 : MLEDGER_ESYSTEM;
}

static int take_key(struct reader *reader, struct ml_toml_path *path)
{
    do {
        if (path->count >= reader->tree.limits.depth)
            return fail_here(reader, "nested too deeply");
        ML_TRY(ml_grow(&path->names, &path->cap, path->count + 1, sizeof(*path->names)));
        skip_blanks(reader);
        ML_TRY(take_name(reader, &path->names[path->count]));
        path->count++;
        skip_blanks(reader);
    } while (take(reader, "."));
    return 0;
}

/* ---- values ---- */

static int read_value(struct reader *reader, const struct ml_value **ret_value);

static int read_pair(struct reader *reader, struct ml_toml_node *table, uint32_t section)
{
    ML_CLEANUP(path_release) struct ml_toml_path path = {0};
    const struct ml_value *value = NULL;
    const uint32_t line = reader->line;
    ML_TRY(take_key(reader, &path));
    if (!take(reader, "="))
        return fail_here(reader, "expected '=' after a key");
    skip_blanks(reader);
    reader->depth += path.count - 1; /* a dotted key nests as brackets do */
    const int result = read_value(reader, &value);
    reader->depth -= path.count - 1;
    ML_TRY(result);
    return ml_toml_tree_set(&reader->tree, table, &path, section, line, value);
}

/* A bare token; a date may go on behind one space with a time. */
static size_t token_len(const struct reader *reader)
{
    size_t len = 0;
    const size_t left = (size_t)(reader->end - reader->at);
    while (len < left && !strchr(" \t\r\n,]}#", reader->at[len]))
        len++;
    const bool date = len == 10 && reader->at[4] == '-' && reader->at[7] == '-';
    if (!date || left < 12 || reader->at[10] != ' ' || reader->at[11] < '0' || reader->at[11] > '9')
        return len;
    len++;
    while (len < left && !strchr(" \t\r\n,]}#", reader->at[len]))
        len++;
    return len;
}

static int read_bare(struct reader *reader, const struct ml_value **ret_value)
{
    enum ml_value_kind kind = ML_VALUE_NULL;
    const char *start = (const char *)reader->at;
    const size_t len = token_len(reader);
    if (!ml_toml_scalar_kind(start, len, &kind))
        return fail_here(reader, "expected a value");
    const char *text = ml_pool_text(&reader->tree.document->pool, start, len);
    if (!text)
        return MLEDGER_ESYSTEM;
    *ret_value = ml_value_new_scalar(reader->tree.document, kind, text, len, reader->line);
    if (!*ret_value)
        return MLEDGER_ESYSTEM;
    reader->at += len;
    return 0;
}

struct items {
    const struct ml_value **list;
    size_t count, cap;
};

static void items_release(struct items *items)
{
    free(items->list);
}

/* Behind '['. */
static int read_array(struct reader *reader, const struct ml_value **ret_value)
{
    ML_CLEANUP(items_release) struct items items = {0};
    const uint32_t line = reader->line;
    ML_TRY(skip_lines(reader));
    while (!take(reader, "]")) {
        ML_TRY(ml_grow(&items.list, &items.cap, items.count + 1, sizeof(*items.list)));
        ML_TRY(read_value(reader, &items.list[items.count]));
        items.count++;
        ML_TRY(skip_lines(reader));
        if (!take(reader, ",") && !is_at(reader, "]"))
            return fail_here(reader, "expected ',' or ']' in a list");
        ML_TRY(skip_lines(reader));
    }
    *ret_value = ml_value_new_seq(reader->tree.document, items.list, items.count, line);
    return *ret_value ? 0 : MLEDGER_ESYSTEM;
}

/* Behind '{': pairs in one line, no comma at the end. */
static int read_inline_table(struct reader *reader, const struct ml_value **ret_value)
{
    struct ml_toml_node *table = NULL;
    ML_TRY(ml_toml_tree_new_table(&reader->tree, reader->line, &table));
    skip_blanks(reader);
    if (!take(reader, "}")) {
        do {
            skip_blanks(reader);
            ML_TRY(read_pair(reader, table, 0));
            skip_blanks(reader);
        } while (take(reader, ","));
        if (!take(reader, "}"))
            return fail_here(reader, "expected ',' or '}' in a table");
    }
    return ml_toml_tree_value(&reader->tree, table, ret_value);
}

static int read_nested(struct reader *reader, const struct ml_value **ret_value)
{
    if (reader->depth >= reader->tree.limits.depth)
        return fail_here(reader, "nested too deeply");
    reader->depth++;
    const int result = take(reader, "[") ? read_array(reader, ret_value)
                                         : (reader->at++, read_inline_table(reader, ret_value));
    reader->depth--;
    return result;
}

static int read_value(struct reader *reader, const struct ml_value **ret_value)
{
    const uint32_t line = reader->line;
    const char *text = NULL;
    size_t len = 0;
    ML_TRY(ml_toml_tree_count(&reader->tree, line));
    if (is_at(reader, "[") || is_at(reader, "{"))
        return read_nested(reader, ret_value);
    const int result = take_string(reader, true, &text, &len);
    if (result > 0)
        return read_bare(reader, ret_value);
    ML_TRY(result);
    *ret_value = ml_value_new_scalar(reader->tree.document, ML_VALUE_STRING, text, len, line);
    return *ret_value ? 0 : MLEDGER_ESYSTEM;
}

/* ---- documents ---- */

/* Behind "[" or "[[". */
static int read_header(struct reader *reader, bool is_list, struct ml_toml_node **ret_table)
{
    ML_CLEANUP(path_release) struct ml_toml_path path = {0};
    const uint32_t line = reader->line;
    ML_TRY(take_key(reader, &path));
    if (!take(reader, is_list ? "]]" : "]"))
        return fail_here(reader, "expected the end of a table's header");
    reader->section++;
    if (is_list)
        return ml_toml_tree_header_list(&reader->tree, &path, reader->section, line, ret_table);
    return ml_toml_tree_header(&reader->tree, &path, reader->section, line, ret_table);
}

static int read_document(struct reader *reader)
{
    struct ml_toml_node *table = reader->tree.root;
    for (;;) {
        ML_TRY(skip_lines(reader));
        if (reader->at == reader->end)
            return 0;
        if (take(reader, "[["))
            ML_TRY(read_header(reader, true, &table));
        else if (take(reader, "["))
            ML_TRY(read_header(reader, false, &table));
        else
            ML_TRY(read_pair(reader, table, reader->section));
        ML_TRY(end_line(reader));
    }
}

static void reader_release(struct reader *reader)
{
    ml_toml_tree_release(&reader->tree);
    ml_document_free(reader->tree.document);
    ml_buf_release(&reader->text);
}

int ml_toml_parse(struct ml_span span, const char *name, const struct ml_value_limits *limits,
                  struct ml_document **ret_document)
{
    ML_CLEANUP(reader_release)
    struct reader reader = {
        .tree.limits = ml_value_limits_or_default(limits),
        .at = span.data,
        .end = span.data + span.len,
        .line_start = span.data,
        .line = 1,
    };
    if (span.len > reader.tree.limits.bytes)
        return ml_fail(MLEDGER_EINVALID, "%s: larger than the %zu bytes that are read", name,
                       reader.tree.limits.bytes);
    ML_TRY(ml_file_check_utf8(span, name));
    ML_TRY(ml_document_new(name, &reader.tree.document));
    ML_TRY(ml_toml_tree_init(&reader.tree));
    take(&reader, "\xef\xbb\xbf");
    ML_TRY(read_document(&reader));
    ML_TRY(ml_toml_tree_value(&reader.tree, reader.tree.root, &reader.tree.document->root));
    *ret_document = ML_TAKE(reader.tree.document);
    return 0;
}

int ml_toml_read_file(const char *path, const char *name, const struct ml_value_limits *limits,
                      struct ml_document **ret_document)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_file_slurp(path, name, ml_value_limits_or_default(limits).bytes, &text));
    return ml_toml_parse(ml_buf_span(&text), name ? name : path, limits, ret_document);
}
