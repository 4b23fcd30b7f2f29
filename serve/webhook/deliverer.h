/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling webhooks while a ledger is served: a thread that follows the ledger, whoever appends to
 * it, and one for each active webhook (lane.h), so that a slow receiver holds up nobody else.
 *
 * Of several processes that serve one ledger one delivers; when it ends another takes over.
 *
 * Everything may be called from any thread. The threads share the state of struct ml_deliverer
 * under its mutex; a lane belongs to its thread.
 */
#ifndef ML_SERVE_WEBHOOK_DELIVERER_H
#define ML_SERVE_WEBHOOK_DELIVERER_H

#include "serve/webhook/lane.h"

struct ml_deliverer_options {
    struct ml_ledger *ledger; /* borrowed */
    const char *secrets_dir;  /* copied */
    enum ml_webhook_reach reach;
    const char *ca_file;           /* NULL: the system's roots; copied */
    unsigned poll_ms;              /* how often to look for what other processes appended; 0: 500 */
    void (*failed)(void *context); /* as of struct ml_lane_options, from several threads at once */
    void *context;
};

struct ml_deliverer;

/* Begins. MLEDGER_ESYSTEM: the ledger's directory cannot be written, or there is no thread. */
int ml_deliverer_start(const struct ml_deliverer_options *options,
                       struct ml_deliverer **ret_deliverer) ML_MUST_USE;
/* Ends it: deliveries in progress are cut off, and made when it starts again. Accepts NULL. */
void ml_deliverer_stop(struct ml_deliverer *deliverer);

/* Record `seq` was appended: look now, unless it has looked at that one. Callers whose records
 * were committed at once nudge one after the other; all but the first pass without a lock. Never
 * waits. MLEDGER_NO_SEQ: look in any case. */
void ml_deliverer_nudge(struct ml_deliverer *deliverer, uint64_t seq);

/* Since the start. */
struct ml_deliverer_counts {
    uint64_t delivered; /* notices */
    uint64_t retried;   /* attempts that failed and were, or will be, repeated */
    uint64_t given_up;  /* notices */
    uint64_t webhooks;  /* that are active, and told by this process: now */
};
void ml_deliverer_counts(struct ml_deliverer *deliverer, struct ml_deliverer_counts *ret_counts);

#endif
