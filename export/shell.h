/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from anywhere in a script for the POSIX shell (XCU section 2.2): as one word that means
 * itself and nothing else, or as a comment that ends where its line does.
 */
#ifndef ML_EXPORT_SHELL_H
#define ML_EXPORT_SHELL_H

#include "ledger/core/base.h"

/* Appends the text in single quotes, whatever it holds. MLEDGER_ESYSTEM: memory is out. */
int ml_shell_quote(const char *text, struct ml_buf *out) ML_MUST_USE;
/* Appends "# " and the formatted text as one line: what could end it, or hide or turn round what
 * stands in it, is shown as '?'. */
int ml_shell_comment(struct ml_buf *out, const char *format, ...) ML_PRINTF(2, 3) ML_MUST_USE;

#endif
