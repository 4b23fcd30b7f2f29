/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How text from anywhere is shown on a terminal. Names, paths and messages in a ledger are
 * chosen by others; shown as they are, they could move the cursor, forge a line, hide a part
 * of themselves or turn their letters round. Here such characters become visible escapes; the
 * text between them stays as it is.
 */
#ifndef ML_CLI_DISPLAY_H
#define ML_CLI_DISPLAY_H

#include "ledger/core/base.h"

/* Whether the code point would not be seen for what it is: control characters (C0, DEL, C1),
 * line and paragraph separators, bidirectional controls, invisible format and tag characters.
 * Joiners (U+200C, U+200D) and combining marks, which languages need, are not. */
bool ml_display_is_hidden(uint32_t code_point);

/* Appends `text` with everything hidden written as an escape: \n, \t, \x1b, \u202e, and each
 * byte that is not UTF-8 as \xHH. What is appended is valid UTF-8. A backslash stays single,
 * so the escapes are for eyes; who needs to read them back uses JSON.
 * MLEDGER_ESYSTEM: out of memory. */
int ml_display_escape(struct ml_buf *buf, const char *text, size_t len) ML_MUST_USE;

/* Appends JSON text with everything hidden written as \uHHHH (a surrogate pair past U+FFFF).
 * The JSON means the same: in valid JSON only strings hold such characters, other than the
 * line feeds between tokens, which stay. MLEDGER_ESYSTEM: out of memory. */
int ml_display_escape_json(struct ml_buf *buf, const char *json, size_t len) ML_MUST_USE;

/* Columns that escaped text takes on a terminal: 2 for wide characters, 0 for combining ones. */
size_t ml_display_width(const char *text, size_t len);

/* How many bytes of escaped text fit into `columns`, and (ret_width) the columns these take. A
 * base character is not parted from the combining ones that follow it. */
size_t ml_display_fit(const char *text, size_t len, size_t columns, size_t *ret_width);

#endif
