/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that strangers wrote (names of datasets, branches, people, paths) made fit to be drawn.
 *
 * ml_text_clean() is the gate: what it returns is valid UTF-8 (RFC 3629) without control
 * characters, so it may stand in XML 1.0 and on a terminal, and it cannot reorder what stands
 * beside it. All other functions here expect text that went through that gate.
 *
 * Threads: all functions are pure. Errors: only MLEDGER_ESYSTEM, out of memory.
 */
#ifndef ML_EXPORT_TEXT_CLEAN_H
#define ML_EXPORT_TEXT_CLEAN_H

#include "ledger/core/base.h"

/* Longer text is cut there and ends with an ellipsis; a picture is a summary. Bytes. */
#define ML_TEXT_BYTES_MAX ((size_t)16384)

/* The code point at `text` (`len` bytes, at least 1) and how many bytes it takes. Malformed
 * bytes give U+FFFD and take one maximal ill-formed part (Unicode 15, section 3.9), at least 1. */
uint32_t ml_text_next(const char *text, size_t len, size_t *ret_taken);

/* Appends `text` with
 *  - malformed UTF-8, control characters (C0, DEL, C1), U+2028, U+2029 and noncharacters as U+FFFD,
 *  - controls of the bidirectional algorithm (UAX #9) written out: "[U+202E]". */
int ml_text_clean(const char *text, size_t len, struct ml_buf *buf) ML_MUST_USE;

/* Appends clean `text` in at most `max_chars` (at least 3) code points: the middle gives way to
 * an ellipsis. Combining sequences stay whole unless one alone is longer than half of that. */
int ml_text_shorten(const char *text, size_t max_chars, struct ml_buf *buf) ML_MUST_USE;

/* Ends the text in `buf` with NUL (not counted in len) and lends it, until `buf` changes. */
int ml_text_end(struct ml_buf *buf, const char **ret_text) ML_MUST_USE;

/* Whether the code point adds to the character before it: combining marks, variation selectors,
 * joiners, skin tones. */
bool ml_text_is_combining(uint32_t code);

/* Width of clean `text` in thousandths of the font size, as set in Helvetica; what that font
 * has not is counted generously. */
uint32_t ml_text_width(const char *text);

/* Appends `text` for XML content or a quoted XML attribute. */
int ml_text_append_xml(const char *text, struct ml_buf *buf) ML_MUST_USE;

/* Appends `text` as the content of a Graphviz HTML-like label. Like ml_text_append_xml(), but
 * U+2060 (word joiner, invisible) parts what Graphviz would read more into: "&lt;", which its SVG
 * would show as "<", and a backslash before a letter, because \N, \G, … are live even here (seen in
 * 2.42; writing "&#92;" does not help). */
int ml_text_append_html(const char *text, struct ml_buf *buf) ML_MUST_USE;

/* Appends `text` as a quoted string of the DOT language, with the quotes: for names and tooltips.
 * Backslashes are doubled and parted from the next letter as above (Graphviz 2.42 resolves
 * escapes in tooltips twice). U+2060 also precedes a leading "<", so that the string never equals
 * an HTML-like label: Graphviz 2.42 keeps both in one pool and would mistake one for the other. */
int ml_text_append_quoted(const char *text, struct ml_buf *buf) ML_MUST_USE;

/* Appends "#" and `anchor` percent-encoded (RFC 3986, all but unreserved characters). */
int ml_text_append_fragment(const char *anchor, struct ml_buf *buf) ML_MUST_USE;

#endif
