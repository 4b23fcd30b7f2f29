/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of others that we may start, where they are looked for. */
#ifndef ML_CLI_PROGRAM_PATH_H
#define ML_CLI_PROGRAM_PATH_H

#include "ledger/core/base.h"

/* Whether a directory of PATH holds a program of that name. MLEDGER_ESYSTEM: memory is out. */
int ml_program_is_there(const char *name, bool *ret_is_there) ML_MUST_USE;

#endif
