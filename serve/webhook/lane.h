/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one webhook is told: the records of the ledger one after the other, each notice until it is
 * delivered or given up, before the next. A lane is moved step by step and never waits; when the
 * next step is due it says, so who drives it has the clock.
 *
 * Told is every record after the one that made the webhook active, as the webhook is when the
 * notice is sent: a change of URL, secret or events holds for what was not told yet. While it is
 * disabled nothing is told, nor made up for later.
 *
 * A notice that meets no answer, or one that asks to come again (408, 429, 5xx), is sent again
 * after 1, 2, 4, … at most 300 seconds, half of that at random, or as late as Retry-After says up
 * to an hour; after ML_LANE_ATTEMPTS it is given up, about a quarter of an hour later. Any other
 * answer but 2xx gives it up at once. What stops it here (no URL, no secret, a ledger that cannot
 * be read) is no attempt: the lane stays where it is.
 *
 * At least once: how far it got is kept after each record (cursor.h). What was sent and then not
 * noted is sent again, under the same delivery id.
 */
#ifndef ML_SERVE_WEBHOOK_LANE_H
#define ML_SERVE_WEBHOOK_LANE_H

#include <stdatomic.h>

#include "ledger/store/ledger.h"
#include "serve/webhook/change.h"

enum { ML_LANE_ATTEMPTS = 12 };

/* Shared by all lanes; borrowed, and must outlive them. */
struct ml_lane_options {
    struct ml_ledger *ledger;
    const char *secrets_dir; /* serve/webhook/secret.h */
    const char *cursors_dir; /* serve/webhook/cursor.h */
    enum ml_webhook_reach reach;
    const char *ca_file;       /* PEM file of the roots to trust; NULL: the system's */
    const atomic_bool *cancel; /* ends a delivery in progress; NULL: nothing does */
    struct ml_lane_counts *counts;
    /* Is told what went wrong, from the lane's thread; the error is this thread's. */
    void (*failed)(void *context);
    void *context;
};

/* Since the start; of all lanes. */
struct ml_lane_counts {
    atomic_uint_fast64_t delivered; /* notices */
    atomic_uint_fast64_t retried;   /* attempts that will be repeated */
    atomic_uint_fast64_t given_up;  /* notices */
};

struct ml_lane;

/* MLEDGER_ESYSTEM. A cursor that is malformed or ahead of the ledger is told to `failed` and not
 * believed. */
int ml_lane_new(const struct ml_lane_options *options, const char *id,
                struct ml_lane **ret_lane) ML_MUST_USE;
void ml_lane_free(struct ml_lane *lane); /* accepts NULL */
static inline void ml_lane_freep(struct ml_lane **lane)
{
    ml_lane_free(*lane);
}

enum ml_lane_next {
    ML_LANE_AGAIN, /* at once */
    ML_LANE_LATER, /* at *ret_due_us */
    ML_LANE_IDLE,  /* when there are records that webhooks are told of */
    ML_LANE_OVER,  /* never: the webhook is disabled or deleted */
};
/* At most one attempt. `now_us`: microseconds since 1970 UTC. *ret_due_us is set in any case. A
 * failure that stands in the way, and stays, is the result: the next step is due a minute later. */
int ml_lane_step(struct ml_lane *lane, int64_t now_us, int64_t *ret_due_us) ML_MUST_USE;

/* How long to wait after so many attempts (at least one). `random`: any number. Pure. */
int64_t ml_lane_backoff_us(unsigned attempts, uint32_t random, int64_t retry_after_s);

#endif
