/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a timestamping authority over HTTP (RFC 3161 section 3.4). */
#ifndef ML_SERVE_STAMP_H
#define ML_SERVE_STAMP_H

#include "ledger/core/base.h"

/* Asks the authority at `url` for a token over `text` and appends it. It is checked for everything
 * but whom its certificates lead to.
 * MLEDGER_EUSAGE: `url` is none. MLEDGER_ESYSTEM: it cannot be reached, refuses, or answers
 * something else; the sentence names it. */
int ml_stamp(const char *url, struct ml_span text, struct ml_buf *token) ML_MUST_USE;

#endif
