/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/value.h"

static int write_string(const char *text, size_t len, struct ml_buf *out)
{
    ML_TRY(ml_buf_append_char(out, '"'));
    for (size_t i = 0; i < len; i++) {
        const char c = text[i];
        if (c == '"' || c == '\\')
            ML_TRY(ml_buf_append_char(out, '\\'));
        if ((uint8_t)c < 0x20)
            ML_TRY(ml_buf_printf(out, "\\u%04x", (unsigned)(uint8_t)c));
        else
            ML_TRY(ml_buf_append_char(out, c));
    }
    return ml_buf_append_char(out, '"');
}

static size_t digits_at(const char *text)
{
    return strspn(text, "0123456789");
}

/* RFC 8259, section 6. */
static bool is_json_number(const char *text)
{
    text += text[0] == '-';
    const size_t whole = digits_at(text);
    if (whole == 0 || (text[0] == '0' && whole > 1))
        return false;
    text += whole;
    if (text[0] == '.') {
        const size_t fraction = digits_at(text + 1);
        if (fraction == 0)
            return false;
        text += fraction + 1;
    }
    if (text[0] == 'e' || text[0] == 'E') {
        text += text[1] == '+' || text[1] == '-' ? 2 : 1;
        const size_t exponent = digits_at(text);
        if (exponent == 0)
            return false;
        text += exponent;
    }
    return text[0] == '\0';
}

static int write_json(const struct ml_value *value, struct ml_buf *out);

static int write_seq(const struct ml_value *seq, struct ml_buf *out)
{
    ML_TRY(ml_buf_append_char(out, '['));
    for (size_t i = 0; i < seq->count; i++) {
        if (i > 0)
            ML_TRY(ml_buf_append_text(out, ", "));
        ML_TRY(write_json(seq->items[i], out));
    }
    return ml_buf_append_char(out, ']');
}

static int write_map(const struct ml_value *map, struct ml_buf *out)
{
    ML_TRY(ml_buf_append_char(out, '{'));
    for (size_t i = 0; i < map->count; i++) {
        const struct ml_value *key = map->entries[i].key;
        if (i > 0)
            ML_TRY(ml_buf_append_text(out, ", "));
        ML_TRY(write_string(key->text, key->len, out));
        ML_TRY(ml_buf_append_text(out, ": "));
        ML_TRY(write_json(map->entries[i].value, out));
    }
    return ml_buf_append_char(out, '}');
}

static int write_json(const struct ml_value *value, struct ml_buf *out)
{
    switch (value->kind) {
    case ML_VALUE_NULL:
        return ml_buf_append_text(out, "null");
    case ML_VALUE_BOOL:
        return ml_buf_append_text(out, ml_value_true(value) ? "true" : "false");
    case ML_VALUE_SEQ:
        return write_seq(value, out);
    case ML_VALUE_MAP:
        return write_map(value, out);
    case ML_VALUE_INT:
    case ML_VALUE_FLOAT:
        if (is_json_number(value->text))
            return ml_buf_append(out, value->text, value->len);
        break;
    default:
        break;
    }
    return write_string(value->text, value->len, out);
}

int ml_value_write(const struct ml_value *value, struct ml_buf *out)
{
    if (value->kind == ML_VALUE_SEQ || value->kind == ML_VALUE_MAP)
        return write_json(value, out);
    return ml_buf_append(out, value->text, value->len);
}
