/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verify_record.h"

#include "cli/trust.h"

static int compare_codes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each code once, ascending. */
static int set_codes(struct ml_draft *draft, Mledger__VerificationRecorded *recorded,
                     const json_t *findings)
{
    size_t i, count = 0, total = json_array_size(findings);
    const json_t *one;
    char **codes = ml_arena_calloc(&draft->arena, total + 1, sizeof *codes);
    if (!codes)
        return ml_fail_memory();
    json_array_foreach(findings, i, one)
    {
        codes[i] = ml_draft_text(draft, json_string_value(json_object_get(one, "code")));
        if (!codes[i])
            return ml_fail_memory();
    }
    qsort(codes, total, sizeof *codes, compare_codes);
    for (i = 0; i < total; i++)
        if (count == 0 || strcmp(codes[count - 1], codes[i]) != 0)
            codes[count++] = codes[i];
    recorded->finding_codes = codes;
    recorded->n_finding_codes = count;
    return MLEDGER_OK;
}

static int make_draft(const struct ml_head *head, bool good, const char *level,
                      const json_t *findings, struct ml_draft **ret_draft)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__VerificationRecorded *recorded;
    ML_TRY(ml_draft_begin("verification_recorded", &draft, &recorded));
    recorded->size = head->size;
    recorded->outcome =
        good ? MLEDGER__VERIFICATION_OUTCOME__VERIFIED : MLEDGER__VERIFICATION_OUTCOME__FINDINGS;
    recorded->level = ml_draft_text(draft, level);
    ML_TRY(ml_draft_key(draft, head->link, &recorded->head_link));
    if (!recorded->level)
        return ml_fail_memory();
    ML_TRY(set_codes(draft, recorded, findings));
    *ret_draft = ML_TAKE(draft);
    return MLEDGER_OK;
}

int ml_verify_record(const struct ml_invocation *invocation, struct ml_output *out,
                     const struct ml_head *head, bool good, const char *level,
                     const json_t *findings, uint64_t *ret_seq)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    const struct ml_signer *signer;
    struct ml_receipt receipt;
    if (head->size == 0)
        return ml_fail(MLEDGER_EDAMAGED, "no record was read to the end: nothing to record");
    ML_TRY(make_draft(head, good, level, findings, &draft));
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    ML_TRY(ml_session_signer(&session, MLEDGER__ROLE__RECORDER, &signer));
    ML_TRY(ml_session_record(&session, signer, draft, &receipt));
    *ret_seq = receipt.seq;
    return MLEDGER_OK;
}
