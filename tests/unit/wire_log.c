/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/wire_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *after(const char *line, const char *words)
{
    const size_t len = strlen(words);
    return strncmp(line, words, len) == 0 ? line + len : NULL;
}

static char *copy(const char *text, size_t len)
{
    char *copied = strndup(text, len);
    assert_non_null(copied);
    return copied;
}

static void clear(struct wire_exchange *exchange)
{
    free(exchange->method);
    free(exchange->target);
    free(exchange->version);
    free(exchange->body);
    json_decref(exchange->answer);
    *exchange = (struct wire_exchange){.call = exchange->call};
}

static void take_headers(struct wire_exchange *exchange, const char *text)
{
    json_t *headers = json_loads(text, 0, NULL);
    assert_non_null(headers);
    const char *version = json_string_value(json_object_get(headers, "X-MLflow-Client-Version"));
    const char *length = json_string_value(json_object_get(headers, "Content-Length"));
    exchange->version = version ? copy(version, strlen(version)) : NULL;
    exchange->length = length ? strtoul(length, NULL, 10) : 0;
    json_decref(headers);
}

static void take_request(struct wire_exchange *exchange, const char *text)
{
    const size_t method_len = strcspn(text, " ");
    clear(exchange);
    exchange->method = copy(text, method_len);
    assert_int_equal(text[method_len], ' ');
    exchange->target = copy(text + method_len + 1, strlen(text + method_len + 1));
}

/* The second line of an answer, which ends an exchange; the first bears the status. */
static bool take_answer(struct wire_exchange *exchange, const char *text)
{
    if (exchange->status == 0) {
        exchange->status = (int)strtol(text, NULL, 10);
        assert_in_range(exchange->status, 200, 599);
        return false;
    }
    exchange->answer = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_true(exchange->answer || after(text, "<streamed body"));
    return true;
}

static bool take_line(struct wire_exchange *exchange, const char *line)
{
    const char *text;
    if ((text = after(line, "######## CALL "))) {
        free(exchange->call);
        exchange->call = copy(text, strlen(text));
    } else if ((text = after(line, "> headers "))) {
        take_headers(exchange, text);
    } else if ((text = after(line, "> body "))) {
        exchange->body = copy(text, strlen(text));
    } else if ((text = after(line, "> "))) {
        take_request(exchange, text);
    } else if ((text = after(line, "< "))) {
        return take_answer(exchange, text);
    } else {
        assert_string_equal(line, "");
    }
    return false;
}

void wire_log_read(const char *path, wire_visitor *visit, void *context)
{
    struct wire_exchange exchange = {0};
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (getline(&line, &size, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (take_line(&exchange, line))
            visit(&exchange, context);
    }
    fclose(file);
    free(line);
    clear(&exchange);
    free(exchange.call);
}
