/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ending well when asked to: SIGTERM and SIGINT make a descriptor readable instead of ending the
 * process, so that what is at hand is finished first. A second signal ends it as ever.
 *
 * One at a time in a process, by its main thread.
 */
#ifndef ML_CLI_STOP_H
#define ML_CLI_STOP_H

#include "ledger/core/base.h"

/* *ret_fd is readable once a signal has come; it is not to be closed. MLEDGER_ESYSTEM. */
int ml_stop_begin(int *ret_fd) ML_MUST_USE;
/* Signals do again what they did. */
void ml_stop_end(void);

#endif
