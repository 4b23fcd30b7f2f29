/* SPDX-License-Identifier: Apache-2.0 */
#include "export/html.h"

#include <stdarg.h>
#include <stdio.h>

#include "export/text_clean.h"

/* What was written before a failure is of no use, so only the first one counts. */
static void keep(struct ml_html *html, int result)
{
    if (html->result >= 0)
        html->result = result;
}

static void put(struct ml_html *html, const char *text)
{
    if (html->result >= 0)
        keep(html, ml_buf_append_text(html->out, text));
}

void ml_html_begin(struct ml_html *html, struct ml_buf *out)
{
    *html = (struct ml_html){.out = out};
    put(html, "<!DOCTYPE html>\n");
}

int ml_html_finish(struct ml_html *html)
{
    assert(html->depth == 0);
    put(html, "\n");
    return html->result;
}

void ml_html_text(struct ml_html *html, const char *text)
{
    if (html->result >= 0)
        keep(html, ml_text_append_xml(text, html->out));
}

void ml_html_span(struct ml_html *html, const char *text, size_t len)
{
    char *copy = strndup(text, len);
    if (copy)
        ml_html_text(html, copy);
    else
        keep(html, ml_fail_memory());
    free(copy);
}

static void put_tag(struct ml_html *html, const char *element, va_list attributes)
{
    put(html, "<");
    put(html, element);
    for (const char *name = va_arg(attributes, const char *); name;
         name = va_arg(attributes, const char *)) {
        const char *value = va_arg(attributes, const char *);
        if (!value)
            continue;
        put(html, " ");
        put(html, name);
        put(html, "=\"");
        ml_html_text(html, value);
        put(html, "\"");
    }
    put(html, ">");
}

void ml_html_open(struct ml_html *html, const char *element, ...)
{
    va_list attributes;
    va_start(attributes, element);
    put_tag(html, element, attributes);
    va_end(attributes);
    assert(html->depth < ML_HTML_DEPTH);
    html->open[html->depth++] = element;
}

void ml_html_close(struct ml_html *html)
{
    assert(html->depth > 0);
    put(html, "</");
    put(html, html->open[--html->depth]);
    put(html, ">");
}

void ml_html_void(struct ml_html *html, const char *element, ...)
{
    va_list attributes;
    va_start(attributes, element);
    put_tag(html, element, attributes);
    va_end(attributes);
}

void ml_html_element(struct ml_html *html, const char *element, const char *text, ...)
{
    va_list attributes;
    va_start(attributes, text);
    put_tag(html, element, attributes);
    va_end(attributes);
    ml_html_text(html, text);
    put(html, "</");
    put(html, element);
    put(html, ">");
}

void ml_html_printf(struct ml_html *html, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0) {
        keep(html, ml_fail_memory());
        return;
    }
    ml_html_text(html, text);
    free(text);
}

void ml_html_newline(struct ml_html *html)
{
    put(html, "\n");
}

void ml_html_raw(struct ml_html *html, struct ml_span bytes)
{
    if (html->result >= 0)
        keep(html, ml_buf_append(html->out, bytes.data, bytes.len));
}
