/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/watch.h"

#include "ledger/core/time.h"

static bool makes_checkpoints(const struct ml_watch *watch)
{
    return watch->vigil.every_records || watch->vigil.every_us;
}

int ml_watch_begin(struct ml_watch *watch, struct ml_session *session,
                   const struct ml_signer *signer)
{
    const char *every = ml_option_text(session->invocation, "checkpoint-every", NULL);
    const char *silence = ml_option_text(session->invocation, "heartbeat", NULL);
    struct ml_head head;
    *watch = (struct ml_watch){.session = session, .signer = signer};
    if (every)
        ML_TRY(ml_vigil_every(&watch->vigil, "--checkpoint-every", every));
    if (silence)
        ML_TRY(ml_duration_parse("--heartbeat", silence, &watch->vigil.silence_us));
    if (makes_checkpoints(watch))
        ML_TRY(ml_checkpointing_init(session, true, &watch->checkpointing));
    ML_TRY(ml_ledger_head(session->ledger, &head));
    watch->size = head.size;
    ml_vigil_begin(&watch->vigil, ml_time_now_us());
    return MLEDGER_OK;
}

bool ml_watch_is_on(const struct ml_watch *watch)
{
    return ml_vigil_is_kept(&watch->vigil);
}

int ml_watch_cover_end(struct ml_watch *watch)
{
    if (!watch->checkpointing.log_key)
        ML_TRY(ml_checkpointing_init(watch->session, true, &watch->checkpointing));
    watch->covers_end = true;
    return MLEDGER_OK;
}

void ml_watch_recorded(struct ml_watch *watch, uint64_t last)
{
    ml_vigil_recorded(&watch->vigil, last + 1 - watch->size, ml_time_now_us());
    watch->size = last + 1;
}

/* What others have recorded ends a silence too. */
int ml_watch_look(struct ml_watch *watch)
{
    struct ml_head head;
    ML_TRY(ml_ledger_head(watch->session->ledger, &head));
    ml_vigil_recorded(&watch->vigil, head.size - watch->size, head.recorded_at_us);
    watch->size = head.size;
    return MLEDGER_OK;
}

static int tell(struct ml_watch *watch, const char *kind, const struct ml_receipt *receipt)
{
    struct ml_head head;
    json_t *json;
    if (!watch->session->invocation->json)
        return MLEDGER_OK;
    ML_TRY(ml_ledger_head(watch->session->ledger, &head));
    ML_TRY(ml_receipt_to_json(receipt, head.identity, &json));
    int bad = json_object_set_new(json, "kind", json_string(kind));
    if (bad == 0)
        ml_output_json(watch->session->out, json);
    json_decref(json);
    return bad == 0 ? ml_output_finish(watch->session->out) : ml_fail_memory();
}

static int make_checkpoint(struct ml_watch *watch)
{
    ML_CLEANUP(ml_kept_checkpoint_release) struct ml_kept_checkpoint kept = {0};
    ML_TRY(ml_checkpointing_take(watch->session, &watch->checkpointing, &kept));
    ml_vigil_covered(&watch->vigil, ml_time_now_us());
    watch->checkpoints++;
    watch->covered = kept.made.size;
    watch->size = kept.recorded ? kept.receipt.seq + 1 : kept.made.size;
    return kept.recorded ? tell(watch, "checkpoint_noted", &kept.receipt) : MLEDGER_OK;
}

static int make_heartbeat(struct ml_watch *watch)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    struct ml_receipt receipt;
    ML_TRY(ml_watch_look(watch));
    if (ml_vigil_due(&watch->vigil, ml_time_now_us()) != ML_VIGIL_HEARTBEAT)
        return MLEDGER_OK;
    ML_TRY(ml_draft_new(&draft));
    if (!ml_draft_set_kind(draft, "heartbeat"))
        return ml_fail_memory();
    ML_TRY(ml_session_record(watch->session, watch->signer, draft, &receipt));
    ml_watch_recorded(watch, receipt.seq);
    watch->heartbeats++;
    return tell(watch, "heartbeat", &receipt);
}

int ml_watch_keep(struct ml_watch *watch)
{
    switch (ml_vigil_due(&watch->vigil, ml_time_now_us())) {
    case ML_VIGIL_CHECKPOINT:
        return make_checkpoint(watch);
    case ML_VIGIL_HEARTBEAT:
        return make_heartbeat(watch);
    case ML_VIGIL_NOTHING:
        break;
    }
    return MLEDGER_OK;
}

int64_t ml_watch_rest_us(struct ml_watch *watch)
{
    return ml_vigil_rest_us(&watch->vigil, ml_time_now_us());
}

int ml_watch_end(struct ml_watch *watch)
{
    const bool is_due = makes_checkpoints(watch) && watch->vigil.uncovered > 0;
    return is_due || watch->covers_end ? make_checkpoint(watch) : MLEDGER_OK;
}
