/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices: what webhooks are told of a record, as JSON.
 *
 *     {"entity": "model_version", "action": "transitioned_stage", "timestamp": "…+00:00",
 *      "data": {"name": "churn", "version": "3", "from_stage": "None", "to_stage": "Staging"},
 *      "event_type": "MODEL_VERSION_TRANSITIONED_STAGE", "event": (the same),
 *      "model_name": "churn", "version": "3", "from_stage": "None", "to_stage": "Staging",
 *      "actor": "alice", "seq": 12, "record_hash": HEX}
 *
 * The first four are MLflow's (mlflow.webhooks.types), with what its events have in `data`; those
 * that it lacks have the like. The others are for handlers that look at the top level, as published
 * guides have them, and for auditors: `actor` is the record's author, or whoever signed it if that
 * is unknown; seq and record_hash are the record's receipt, as in the headers of the call that made
 * it. `model_name` is the name that the model has when the notice is made.
 *
 * Told is what is done in this ledger. What was imported from another registry's history is no
 * news, and what concerns MLflow's prompts, which are models with a tag, has events of its own
 * there and none here.
 */
#ifndef ML_SERVE_WEBHOOK_NOTICE_H
#define ML_SERVE_WEBHOOK_NOTICE_H

#include "ledger/query/webhook.h"

struct ml_notice {
    Mledger__WebhookEvent event;
    uint32_t index;   /* of the record's notices, from 0: whatever set of events is asked for */
    const char *body; /* the JSON */
};

/* The events (ml_webhook_event_bit()) that a record of this kind may be told as. Pure. */
uint32_t ml_notice_events(const Mledger__Event *event);

/* The notices of the record, of the events in `wanted`; in the reader's arena. The reader's as_of
 * is the record, or later. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
int ml_notices(struct ml_reader *reader, const struct ml_record *record, uint32_t wanted,
               struct ml_notice **ret_notices, size_t *ret_count) ML_MUST_USE;

/* One of that event about a model that does not exist, to try a webhook with: MLflow's examples of
 * data; no actor, no record. The caller frees *ret_body. */
int ml_notice_example(Mledger__WebhookEvent event, int64_t now_us, char **ret_body) ML_MUST_USE;

#endif
