/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Git hook as a file: ours, whose second line says so, or somebody's, which is never changed.
 *
 *     #!/bin/sh
 *     # mledger hook 1: made by 'mledger hook install', removed by 'mledger hook remove'
 *     CALL
 *
 * where CALL is one line that starts an import in the background and cannot fail. A hook of
 * somebody's own that has the line in it calls us as well.
 */
#ifndef ML_CLI_HOOK_FILE_H
#define ML_CLI_HOOK_FILE_H

#include "ledger/core/base.h"

enum ml_hook_state {
    ML_HOOK_NONE,    /* there is no such file */
    ML_HOOK_SAME,    /* ours, with this call */
    ML_HOOK_OTHER,   /* ours, with another call */
    ML_HOOK_CHAINED, /* somebody's, with this call in it */
    ML_HOOK_FOREIGN, /* somebody's, without */
};

/* `call` NULL: any call counts as this one. MLEDGER_ESYSTEM: it cannot be read. */
int ml_hook_read(const char *path, const char *call, enum ml_hook_state *ret_state) ML_MUST_USE;
/* Makes or replaces a file of ours, executable, whole or not at all. MLEDGER_ESYSTEM. */
int ml_hook_write(const char *path, const char *call) ML_MUST_USE;

/* Appends the word so that a shell takes it as it is. MLEDGER_ESYSTEM: memory is out. */
int ml_hook_quote(struct ml_buf *text, const char *word) ML_MUST_USE;

#endif
