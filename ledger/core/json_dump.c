/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values as text. jansson's own writer gives a double all of its 17 digits. */
#include <inttypes.h>

#include "ledger/core/double.h"
#include "ledger/core/json.h"

struct writer {
    struct ml_buf *out;
    unsigned indent; /* spaces a level, 0: all on one line */
    unsigned depth;
};

static int write_value(struct writer *writer, const json_t *json);

/* `c` below U+0020, or one of the two that must be escaped. */
static int write_escaped(struct ml_buf *out, char c)
{
    switch (c) {
    case '"':
        return ml_buf_append_text(out, "\\\"");
    case '\\':
        return ml_buf_append_text(out, "\\\\");
    case '\n':
        return ml_buf_append_text(out, "\\n");
    case '\r':
        return ml_buf_append_text(out, "\\r");
    case '\t':
        return ml_buf_append_text(out, "\\t");
    default:
        return ml_buf_printf(out, "\\u%04x", (unsigned)c);
    }
}

static int write_text(struct ml_buf *out, const char *text, size_t len)
{
    ML_TRY(ml_buf_append_char(out, '"'));
    size_t plain = 0; /* start of what needs no escape */
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\')
            continue;
        ML_TRY(ml_buf_append(out, text + plain, i - plain));
        ML_TRY(write_escaped(out, text[i]));
        plain = i + 1;
    }
    ML_TRY(ml_buf_append(out, text + plain, len - plain));
    return ml_buf_append_char(out, '"');
}

static int write_line_break(struct writer *writer)
{
    if (writer->indent == 0)
        return MLEDGER_OK;
    ML_TRY(ml_buf_append_char(writer->out, '\n'));
    for (unsigned i = 0; i < writer->depth * writer->indent; i++)
        ML_TRY(ml_buf_append_char(writer->out, ' '));
    return MLEDGER_OK;
}

/* Before a member or an element. */
static int write_separator(struct writer *writer, bool first)
{
    if (!first)
        ML_TRY(ml_buf_append_char(writer->out, ','));
    return write_line_break(writer);
}

static int write_end(struct writer *writer, bool empty, char bracket)
{
    writer->depth--;
    if (!empty)
        ML_TRY(write_line_break(writer));
    return ml_buf_append_char(writer->out, bracket);
}

static int write_object(struct writer *writer, const json_t *json)
{
    ML_TRY(ml_buf_append_char(writer->out, '{'));
    writer->depth++;
    bool first = true;
    json_t *object = (json_t *)(uintptr_t)json; /* the iterator reads only */
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        ML_TRY(write_separator(writer, first));
        ML_TRY(write_text(writer->out, key, strlen(key)));
        ML_TRY(ml_buf_append_text(writer->out, writer->indent ? ": " : ":"));
        ML_TRY(write_value(writer, json_object_iter_value(at)));
        first = false;
    }
    return write_end(writer, first, '}');
}

static int write_array(struct writer *writer, const json_t *json)
{
    ML_TRY(ml_buf_append_char(writer->out, '['));
    writer->depth++;
    size_t count = json_array_size(json);
    for (size_t i = 0; i < count; i++) {
        ML_TRY(write_separator(writer, i == 0));
        ML_TRY(write_value(writer, json_array_get(json, i)));
    }
    return write_end(writer, count == 0, ']');
}

static int write_real(struct ml_buf *out, double number)
{
    char text[ML_DOUBLE_TEXT_SIZE];
    ml_double_format(number, text);
    return ml_buf_append_text(out, text);
}

static int write_value(struct writer *writer, const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return write_object(writer, json);
    case JSON_ARRAY:
        return write_array(writer, json);
    case JSON_STRING:
        return write_text(writer->out, json_string_value(json), json_string_length(json));
    case JSON_INTEGER:
        return ml_buf_printf(writer->out, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    case JSON_REAL:
        return write_real(writer->out, json_real_value(json));
    case JSON_TRUE:
        return ml_buf_append_text(writer->out, "true");
    case JSON_FALSE:
        return ml_buf_append_text(writer->out, "false");
    default:
        return ml_buf_append_text(writer->out, "null");
    }
}

int ml_json_dump(const json_t *json, unsigned indent, struct ml_buf *out)
{
    struct writer writer = {.out = out, .indent = indent};
    return write_value(&writer, json);
}
