/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of ours printed as PDF by a browser of the Chromium family, if one is here. It runs
 * without a window, in a directory of its own that is removed, with a time limit.
 *
 * The page is one that needs nothing else and whose policy (Content-Security-Policy) lets nothing
 * run and nothing be fetched.
 */
#ifndef ML_CLI_BROWSER_H
#define ML_CLI_BROWSER_H

#include "ledger/core/base.h"

/* Whether there is one, to be asked before the page is made. MLEDGER_ESYSTEM: there is none; the
 * hint says what to do. */
int ml_browser_check(void) ML_MUST_USE;
/* Appends the PDF. MLEDGER_ESYSTEM: there is none; it failed, or took too long. */
int ml_browser_print(struct ml_span page, struct ml_buf *ret_pdf) ML_MUST_USE;

#endif
