/* SPDX-License-Identifier: Apache-2.0 */
/* The public way to verify: mledger/verify.h over verify/verify.h. */
#include "mledger/verify.h"

#include "ledger/api/handle.h"
#include "ledger/core/time.h"
#include "verify/verify.h"

static_assert((int)MLEDGER_VERIFY_CHAIN == (int)ML_VERIFY_CHAIN, "levels have one numbering");
static_assert((int)MLEDGER_NOT_PROVEN == (int)ML_SEVERITY_NOT_PROVEN,
              "severities have one numbering");

struct visitor {
    mledger_finding_fn visit; /* or NULL */
    void *ctx;
};

static int pass_on(const struct ml_finding *finding, void *context)
{
    const struct visitor *visitor = context;
    if (!visitor->visit)
        return MLEDGER_OK;
    const struct mledger_finding published = {
        .code = finding->code,
        .severity = (enum mledger_severity)finding->severity,
        .rule = finding->rule,
        .seq = finding->seq,
        .text = finding->text,
    };
    return visitor->visit(visitor->ctx, &published);
}

int mledger_verify(struct mledger_ledger *ledger, const struct mledger_verify_options *options,
                   mledger_finding_fn visit, void *ctx, struct mledger_verify_result *ret_result)
{
    static const struct mledger_verify_options defaults;
    if (!options)
        options = &defaults;
    if (options->level != MLEDGER_VERIFY_FULL && options->level != MLEDGER_VERIFY_CHAIN)
        return ml_fail(MLEDGER_EUSAGE, "there is no level %d of verification", (int)options->level);
    struct visitor visitor = {visit, ctx};
    const struct ml_verify_options inner = {
        .level = (enum ml_verify_level)options->level,
        .memory = options->memory_bytes,
        .spill_dir = options->spill_dir,
        .visit = pass_on,
        .visit_context = &visitor,
        .now_us = ml_time_now_us(),
    };
    struct ml_verify_result result;
    ML_TRY(ml_verify(ml_handle(ledger), &inner, &result));
    *ret_result = (struct mledger_verify_result){.records = result.records,
                                                 .faults = result.faults,
                                                 .doubts = result.doubts,
                                                 .not_proven = result.not_proven};
    memcpy(ret_result->root, result.root, sizeof ret_result->root);
    return MLEDGER_OK;
}
