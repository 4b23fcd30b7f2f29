/* SPDX-License-Identifier: Apache-2.0 */
/* Showing a file in the program that the user's desktop has for it: xdg-open of freedesktop.org. */
#ifndef ML_CLI_OPENER_H
#define ML_CLI_OPENER_H

#include "ledger/core/base.h"

/* Whether a file can be shown at all, to be asked before it is made.
 * MLEDGER_ESYSTEM: there is no display here, or no xdg-open. */
int ml_opener_check(void) ML_MUST_USE;
/* Has the file shown, and does not wait for that. MLEDGER_ESYSTEM: there is no such file, or
 * xdg-open cannot be run. */
int ml_opener_show(const char *path) ML_MUST_USE;

#endif
