/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8, strictly: the well-formed byte sequences of the Unicode Standard, table 3-7 (the same
 * as RFC 3629): no surrogates, no overlong forms, nothing past U+10FFFF.
 */
#ifndef ML_CORE_UTF8_H
#define ML_CORE_UTF8_H

#include "ledger/core/base.h"

/* Length of the longest well-formed beginning; text.len when all of it is. */
size_t ml_utf8_valid_len(struct ml_span text);
/* Whether all of it is well-formed. The empty span is. */
bool ml_utf8_is_valid(struct ml_span text);
/* Well-formed and without NUL: what a string field of a record may hold. */
bool ml_utf8_is_text(struct ml_span text);
/* Appends `text`, with U+FFFD in the place of each byte that belongs to no character.
 * MLEDGER_ESYSTEM: memory is out. */
int ml_utf8_mend(const char *text, struct ml_buf *buf) ML_MUST_USE;

#endif
