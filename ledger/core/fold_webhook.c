/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of webhooks: an id is set as often as one likes, and deleted once. */
#include "ledger/core/fold_step.h"

static int load(struct ml_fold_step *step, const char *id, struct ml_state_key *ret_key,
                Mledger__WebhookState **ret_webhook)
{
    if (id[0] == '\0')
        return ml_fail(MLEDGER_EINVALID, "a webhook without an id");
    ML_TRY(ml_key_webhook(id, ret_key));
    const int result =
        ml_step_load(step, ret_key, &mledger__webhook_state__descriptor, ret_webhook);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    *ret_webhook = NULL;
    return MLEDGER_OK;
}

static int missing(const char *id)
{
    return ml_refuse("webhook-missing", "there is no webhook '%s'", id);
}

static int put(struct ml_fold_step *step, const struct ml_state_key *key,
               Mledger__WebhookState *webhook)
{
    webhook->seq = step->record->seq;
    return ml_step_put(step, key, &webhook->base);
}

int ml_fold_webhook_set(struct ml_fold_step *step)
{
    const Mledger__WebhookSet *set = step->event->webhook_set;
    struct ml_state_key key;
    Mledger__WebhookState *webhook;
    ML_TRY(load(step, set->webhook_id, &key, &webhook));
    if (webhook && webhook->has_deleted)
        return missing(set->webhook_id);
    if (!webhook) {
        if (!ml_step_sees_all(step))
            ml_step_unproven(step, "webhook-missing"); /* it may have been deleted */
        ML_TRY(ml_step_message(step, &mledger__webhook_state__descriptor, &webhook));
        webhook->created_seq = step->record->seq;
    }
    const bool is_active = set->status == MLEDGER__WEBHOOK_STATUS__ACTIVE;
    if (is_active && !webhook->has_active_since)
        webhook->active_since = step->record->seq;
    webhook->has_active_since = is_active;
    return put(step, &key, webhook);
}

int ml_fold_webhook_deleted(struct ml_fold_step *step)
{
    const char *id = step->event->webhook_deleted->webhook_id;
    struct ml_state_key key;
    Mledger__WebhookState *webhook;
    ML_TRY(load(step, id, &key, &webhook));
    if (!webhook && !ml_step_sees_all(step)) {
        ml_step_unproven(step, "webhook-missing");
        ML_TRY(ml_step_message(step, &mledger__webhook_state__descriptor, &webhook));
    } else if (!webhook || webhook->has_deleted) {
        return missing(id);
    }
    webhook->has_active_since = false;
    webhook->has_deleted = webhook->deleted = true;
    return put(step, &key, webhook);
}
