/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/side_by_side.h"

#include <inttypes.h>

int ml_side_resolve(struct ml_question *question, const char *text, struct ml_target *ret_target)
{
    struct ml_reference_text reference;
    ML_TRY(ml_reference_parse(text, &reference));
    ML_TRY(ml_reference_resolve(&question->reader, &reference, ret_target));
    if (ret_target->kind == ML_TARGET_VERSION || ret_target->kind == ML_TARGET_RUN)
        return MLEDGER_OK;
    ml_fail(MLEDGER_EUSAGE, "'%s' is neither a version nor a run", text);
    return ml_hint("churn/3, models:/churn@champion, runs:/ID");
}

bool ml_side_same(const struct ml_target *a, const struct ml_target *b)
{
    if (a->kind != b->kind || a->seq != b->seq)
        return false;
    if (a->kind == ML_TARGET_VERSION)
        return a->version == b->version;
    return a->seq != MLEDGER_NO_SEQ || strcmp(a->name, b->name) == 0;
}

int ml_side_seqs(const struct ml_fact *fact, size_t most, struct ml_buf *text)
{
    for (size_t i = 0; i < fact->n_seqs && i < most; i++)
        ML_TRY(ml_buf_printf(text, "%s#%" PRIu64, i ? " " : "", fact->seqs[i]));
    return fact->n_seqs > most ? ml_buf_append_text(text, " \xe2\x80\xa6") : MLEDGER_OK;
}
