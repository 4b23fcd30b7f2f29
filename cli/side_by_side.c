/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/side_by_side.h"

#include <inttypes.h>

int ml_side_seqs(const struct ml_fact *fact, size_t most, struct ml_buf *text)
{
    for (size_t i = 0; i < fact->n_seqs && i < most; i++)
        ML_TRY(ml_buf_printf(text, "%s#%" PRIu64, i ? " " : "", fact->seqs[i]));
    return fact->n_seqs > most ? ml_buf_append_text(text, " \xe2\x80\xa6") : MLEDGER_OK;
}
