/* SPDX-License-Identifier: Apache-2.0 */
/* Files of sealed events (ledger/core/sealed.h), as people hand them on. */
#ifndef ML_CLI_STATEMENT_FILE_H
#define ML_CLI_STATEMENT_FILE_H

#include "ledger/core/sealed.h"

/* Errors as ml_sealed_parse(), naming the file; MLEDGER_ESYSTEM: it cannot be read. */
int ml_statement_file_read(const char *path, struct ml_sealed *ret_sealed) ML_MUST_USE;
/* Writes it whole: beside, then renamed. Without `replace` a file that is there is left alone
 * (MLEDGER_ESYSTEM). */
int ml_statement_file_write(const char *path, const struct ml_sealed *sealed,
                            bool replace) ML_MUST_USE;

#endif
