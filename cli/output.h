/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a command's answer goes: text with roles instead of colours, or JSON.
 *
 * Everything written through here may come from outside: control characters are shown as
 * escapes (display.h), line feeds too, so no name can forge a line. Lines end only by
 * ml_output_newline() and ml_output_line().
 *
 * Writing does not return an error at each step. The first failure is kept and all later
 * writing does nothing; ml_output_check() tells it to loops that would go on for long, and
 * ml_output_finish() to main. Not for use by several threads at once.
 */
#ifndef ML_CLI_OUTPUT_H
#define ML_CLI_OUTPUT_H

#include <jansson.h>
#include <stdio.h>

#include "cli/invocation.h"

enum ml_role {
    ML_ROLE_PLAIN,
    ML_ROLE_GOOD,     /* verified, passed, approved */
    ML_ROLE_BAD,      /* damage, failure */
    ML_ROLE_WARN,     /* not proven, disagreement, doubt */
    ML_ROLE_DIM,      /* seqs, connectors: there for who looks for them */
    ML_ROLE_EMPHASIS, /* headings, the thing asked about */
};

struct ml_output {
    FILE *stream; /* borrowed */
    bool terminal, color, utf8;
    unsigned width;   /* columns of the terminal; 0 where there is none: nothing is cut */
    int error_number; /* errno of the first failure, or 0 */
};

/* Finds out what `stream` is. Reads the environment: NO_COLOR (no-color.org), TERM, COLUMNS and
 * the locale (of which ASCII or UTF-8 drawing depends; text is UTF-8 in every locale). */
void ml_output_init(struct ml_output *out, FILE *stream, enum ml_color color);

/* Formats, escapes and writes. */
void ml_output_text(struct ml_output *out, enum ml_role role, const char *format, ...)
    ML_PRINTF(3, 4);
/* The same, and a line feed. */
void ml_output_line(struct ml_output *out, enum ml_role role, const char *format, ...)
    ML_PRINTF(3, 4);
void ml_output_newline(struct ml_output *out);
/* `len` bytes, escaped. */
void ml_output_bytes(struct ml_output *out, enum ml_role role, const char *text, size_t len);
/* Words broken into lines at the terminal's width (at most 96; 80 where there is none), each
 * line after `indent` spaces. The first line is taken to stand at column `indent` already. */
void ml_output_wrapped(struct ml_output *out, unsigned indent, const char *text);
/* `count` spaces. */
void ml_output_spaces(struct ml_output *out, size_t count);
/* Bytes as they are: for pictures, certificates, scripts. Never for text from outside. */
void ml_output_raw(struct ml_output *out, const void *data, size_t len);

/* One JSON value and a line feed: keys in the order they were set, two spaces of indent on a
 * terminal and compact (one line) otherwise, so that a stream of values is JSON lines.
 * Does not take `json` over. */
void ml_output_json(struct ml_output *out, const json_t *json);

/* MLEDGER_ESYSTEM: something could not be written ("cannot write the answer: …"). */
int ml_output_check(const struct ml_output *out) ML_MUST_USE;
/* Writes out what is buffered, then the same. The stream stays open. */
int ml_output_finish(struct ml_output *out) ML_MUST_USE;

#endif
