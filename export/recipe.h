/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recipe as a script for the POSIX shell: `git checkout` of the commit, the lock file of the
 * training, `dvc checkout` of what DVC tracks, then each file held against its digest; parameters
 * into a file; and, when it is called with the word "run", the commands. What no record says stands
 * there as a comment.
 *
 * Whatever was recorded stands in quotes or in comments (export/shell.h); only the commands of
 * stages are for the shell, and these run only if they are asked for.
 */
#ifndef ML_EXPORT_RECIPE_H
#define ML_EXPORT_RECIPE_H

#include "export/draw_frame.h"
#include "ledger/query/recipe.h"

/* Appends the script. The frame says of which ledger and when; what is not known is the basis's.
 * Errors are those of reading records, and MLEDGER_ESYSTEM. */
int ml_recipe_write(struct ml_reader *reader, const struct ml_recipe *recipe,
                    const struct ml_basis *basis, const struct ml_draw_frame *frame,
                    struct ml_buf *out) ML_MUST_USE;

#endif
