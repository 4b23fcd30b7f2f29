/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Webhooks as they stand: who is told of what happens in the registry. What each is, one record
 * says (webhook_set); its secret is nowhere in the ledger.
 */
#ifndef ML_QUERY_WEBHOOK_H
#define ML_QUERY_WEBHOOK_H

#include "ledger/query/reader.h"

struct ml_webhook {
    const char *id, *name;
    const char *origin;      /* of the URL: scheme, host and port */
    const char *url;         /* NULL: erased */
    const char *description; /* NULL: none, or erased */
    const Mledger__WebhookEvent *events;
    size_t n_events;
    const uint8_t *secret_id; /* 16 bytes; NULL: its notices are not signed */
    uint64_t created_seq;
    uint64_t seq;          /* the record that says all this */
    uint64_t active_since; /* the record that made it active; MLEDGER_NO_SEQ: it is disabled */
    int64_t created_at_us, set_at_us; /* when those records were made */
};

/* Those that are not deleted, the newest first. They live in the reader's arena.
 * MLEDGER_EDAMAGED, MLEDGER_ESYSTEM as of reading. */
int ml_webhooks_read(struct ml_reader *reader, struct ml_webhook **ret_list,
                     size_t *ret_count) ML_MUST_USE;
/* The one with that id. MLEDGER_ENOTFOUND (without a text): there is none, or it is deleted. */
int ml_webhook_find(struct ml_reader *reader, const char *id,
                    struct ml_webhook *ret_webhook) ML_MUST_USE;
/* The one with that id or, if only one has it, that name. MLEDGER_ENOTFOUND, MLEDGER_EUSAGE say
 * that there is none, or that there are several. */
int ml_webhook_named(struct ml_reader *reader, const char *id_or_name,
                     struct ml_webhook *ret_webhook) ML_MUST_USE;

/* How an event is called: "model_version.created". */
struct ml_webhook_event {
    Mledger__WebhookEvent event;
    const char *entity, *action;
    bool is_mlflow; /* MLflow has it too */
};
extern const struct ml_webhook_event ml_webhook_events[];
extern const size_t ml_webhook_n_events;
/* NULL: there is none. */
const struct ml_webhook_event *ml_webhook_event(Mledger__WebhookEvent event);
const struct ml_webhook_event *ml_webhook_event_named(const char *entity, const char *action);
/* A set of events: of those that a webhook is told of, or any. */
static inline uint32_t ml_webhook_event_bit(Mledger__WebhookEvent event)
{
    return UINT32_C(1) << (unsigned)event;
}
uint32_t ml_webhook_event_set(const struct ml_webhook *webhook);

#endif
