/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outsiders say of checkpoints: witnesses, of whom a policy tells how many must have cosigned,
 * and timestamping authorities. Whether a checkpoint is of these records is settled before.
 */
#include <inttypes.h>

#include "verify/anchor.h"
#include "verify/verifier_private.h"

/* Among the policies of many ledgers, that of the one being read. */
static const struct ml_verify_policy *own_policy(const struct ml_verifier *verifier)
{
    const struct ml_verify_anchors *given = verifier->options->anchors;
    const struct ml_head *head = &verifier->fold.head;
    for (size_t i = 0; given && head->size > 0 && i < given->n_policies; i++)
        if (memcmp(given->policies[i].identity, head->identity, ML_HASH_SIZE) == 0)
            return &given->policies[i];
    return NULL;
}

const struct ml_witness_policy *ml_verify_policy_of(const struct ml_verifier *verifier)
{
    const struct ml_verify_anchors *given = verifier->options->anchors;
    if (given && given->policy)
        return given->policy;
    const struct ml_verify_policy *own = own_policy(verifier);
    return own ? own->policy : NULL;
}

/* Fails closed: a policy that cannot be read is one that nothing meets. */
int ml_verify_policy_finish(struct ml_verifier *verifier)
{
    const struct ml_witness_policy *policy = ml_verify_policy_of(verifier);
    const struct ml_verify_policy *own = own_policy(verifier);
    if (verifier->options->level == ML_VERIFY_CHAIN)
        return MLEDGER_OK; /* nothing that is signed was looked at, which is said */
    if (!policy && own)
        return ml_verify_report(verifier, ML_SEVERITY_FAULT, "witness-policy", MLEDGER_NO_SEQ,
                                "the policy of witnesses cannot be read: %s", own->error);
    if (!policy || !ml_witness_policy_asks(policy) || verifier->policy_met)
        return MLEDGER_OK;
    if (verifier->result.since > 0)
        return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "witness-policy", MLEDGER_NO_SEQ,
                                "no checkpoint that was noted since size %" PRIu64 " or given is "
                                "cosigned as the policy of witnesses asks; those before were not "
                                "read again",
                                verifier->result.since);
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "witness-policy", MLEDGER_NO_SEQ,
                            "no checkpoint that was noted or given is cosigned as the policy of "
                            "witnesses asks");
}

static void take_witnessed(struct ml_verifier *verifier, uint64_t seq, uint64_t size,
                           const struct ml_witnessed *by)
{
    struct ml_verify_witnessed *newest = &verifier->result.witnessed;
    if (by->count > 0 && size >= newest->size)
        *newest = (struct ml_verify_witnessed){.size = size, .seq = seq, .by = *by};
}

/* A checkpoint that the policy does not believe is no fault by itself: it may be older than the
 * policy, or have been kept without waiting for all. Without a quorum it says nothing that the log
 * key does not say. */
int ml_verify_meet_policy(struct ml_verifier *verifier, uint64_t seq, const char *name,
                          const struct ml_note *note, const struct ml_checkpoint *checkpoint,
                          bool *ret_met)
{
    const struct ml_witness_policy *policy = ml_verify_policy_of(verifier);
    struct ml_witnessed by;
    *ret_met = false;
    if (!policy)
        return MLEDGER_OK;
    int result = ml_witness_policy_check(policy, note, checkpoint, &by);
    if (result == MLEDGER_EREFUSED)
        return MLEDGER_OK;
    if (result == MLEDGER_EINVALID) {
        struct ml_error error;
        ml_error_get(&error);
        return ml_verify_report(verifier, ML_SEVERITY_FAULT, "cosignature", seq, "%s: %s", name,
                                error.text);
    }
    ML_TRY(result);
    take_witnessed(verifier, seq, checkpoint->size, &by);
    *ret_met = ml_witness_policy_asks(policy);
    return MLEDGER_OK;
}

static int judge_timestamp(struct ml_verifier *verifier, uint64_t seq, uint64_t size,
                           struct ml_span token, struct ml_span text)
{
    const struct ml_timestamp_roots *roots = verifier->options->tsa_roots;
    struct ml_verify_timestamped found = {.size = size, .seq = seq};
    int result = roots ? ml_timestamp_verify(token, text, roots, &found.by)
                       : ml_timestamp_read(token, text, &found.by);
    if (result == MLEDGER_EINVALID) {
        struct ml_error error;
        ml_error_get(&error);
        return ml_verify_report(verifier, ML_SEVERITY_FAULT, "timestamp", seq,
                                "the checkpoint that it notes: %s", error.text);
    }
    ML_TRY(result);
    if (!roots)
        verifier->result.unrooted_timestamps++;
    else if (size >= verifier->result.timestamped.size)
        verifier->result.timestamped = found;
    return MLEDGER_OK;
}

int ml_verify_timestamps(struct ml_verifier *verifier, const struct ml_record *record)
{
    if (record->event->kind_case != MLEDGER__EVENT__KIND_CHECKPOINT_NOTED)
        return MLEDGER_OK;
    const Mledger__CheckpointNoted *noted = record->event->checkpoint_noted;
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    /* The rules have read it before. */
    ML_TRY(ml_note_parse(ML_SPAN(noted->note.data, noted->note.len), &note));
    for (size_t i = 0; i < noted->n_timestamps; i++)
        ML_TRY(judge_timestamp(verifier, record->header->seq, noted->size,
                               ML_SPAN(noted->timestamps[i].data, noted->timestamps[i].len),
                               note.text));
    return MLEDGER_OK;
}

int ml_verify_timestamps_finish(struct ml_verifier *verifier)
{
    const uint64_t count = verifier->result.unrooted_timestamps;
    if (count == 0)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "timestamp-roots", MLEDGER_NO_SEQ,
                            "no roots of timestamping authorities were given, so whether to "
                            "believe %" PRIu64 " timestamp%s is open",
                            count, count == 1 ? "" : "s");
}
