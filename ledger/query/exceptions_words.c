/* SPDX-License-Identifier: Apache-2.0 */
/* Which checks of which model, in a person's words. */
#include "ledger/query/exceptions.h"
#include "ledger/query/reference.h"

void ml_exception_checks_usual(bool usual, bool wanted[ML_EXCEPTION_CHECKS])
{
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        wanted[i] = usual && !ml_exception_checks[i]->asked;
}

int ml_exception_check_want(const char *name, bool wanted[ML_EXCEPTION_CHECKS])
{
    const size_t at = ml_exception_check_find(name);
    if (at == SIZE_MAX) {
        ml_fail(MLEDGER_EUSAGE, "there is no check '%s'", name);
        return ml_hint("mledger report exceptions --list");
    }
    wanted[at] = true;
    return MLEDGER_OK;
}

int ml_exceptions_model(struct ml_reader *reader, const char *name, uint64_t *ret_model)
{
    struct ml_reference_text text;
    struct ml_target target;
    *ret_model = MLEDGER_NO_SEQ;
    if (!name)
        return MLEDGER_OK;
    ML_TRY(ml_reference_parse(name, &text));
    if (text.form == ML_REFERENCE_WORD) { /* also where other things bear the name */
        text.form = ML_REFERENCE_MODEL;
        text.name = text.whole;
        text.bare = false;
    }
    ML_TRY(ml_reference_resolve(reader, &text, &target));
    if (target.kind != ML_TARGET_MODEL)
        return ml_fail(MLEDGER_EUSAGE, "'%s' names no model", name);
    *ret_model = target.seq;
    return MLEDGER_OK;
}
