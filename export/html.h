/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A writer of HTML (the HTML Living Standard's syntax) that cannot forget to escape or to close:
 * text and the values of attributes are escaped, elements are closed in the order they were
 * opened. Names of elements and attributes are constants of the program.
 *
 * Text must be clean (export/text_clean.h). Memory that is out shows at ml_html_finish(); until
 * then calls do nothing more.
 */
#ifndef ML_EXPORT_HTML_H
#define ML_EXPORT_HTML_H

#include "ledger/core/base.h"

enum { ML_HTML_DEPTH = 32 };

struct ml_html {
    struct ml_buf *out; /* borrowed */
    const char *open[ML_HTML_DEPTH];
    size_t depth;
    int result;
};

/* Writes "<!DOCTYPE html>". */
void ml_html_begin(struct ml_html *html, struct ml_buf *out);
/* All elements are closed; asserts so. MLEDGER_ESYSTEM: memory was out. */
int ml_html_finish(struct ml_html *html) ML_MUST_USE;

/* Attributes are names and values by turns, ended by NULL; one whose value is NULL is left out.
 * An element that is closed by ml_html_close(), */
/* Ends a list of attributes: a pointer, wherever NULL may be a number. */
#define ML_HTML_END ((const char *)NULL)
void ml_html_open(struct ml_html *html, const char *element, ...) __attribute__((sentinel));
void ml_html_close(struct ml_html *html);
/* one that has no content (<meta>), */
void ml_html_void(struct ml_html *html, const char *element, ...) __attribute__((sentinel));
/* and one that holds text alone. */
void ml_html_element(struct ml_html *html, const char *element, const char *text, ...)
    __attribute__((sentinel));

void ml_html_text(struct ml_html *html, const char *text);
/* `len` bytes of it, whole characters. */
void ml_html_span(struct ml_html *html, const char *text, size_t len);
void ml_html_printf(struct ml_html *html, const char *format, ...) ML_PRINTF(2, 3);
/* A line feed, for those who read the source. */
void ml_html_newline(struct ml_html *html);
/* Bytes as they are: our own style sheet, an <svg> element. Never text from outside. */
void ml_html_raw(struct ml_html *html, struct ml_span bytes);

#endif
