/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks: what is known of whoever sent a request, found out when its head arrived, before any
 * handler sees it. How it is found out may not enter here (serve/gate).
 *
 *     const struct ml_caller *caller = request->caller;     never NULL
 *     if (caller->actor) …                                  an authenticated actor of the ledger
 *
 * What is recorded for an actor says so: on_behalf_of_actor_ref of the event. It can exclude the
 * actor from four eyes and never authorises (docs/FORMAT.md, section 6).
 */
#ifndef ML_SERVE_CALLER_H
#define ML_SERVE_CALLER_H

#include "ledger/core/draft.h"

struct ml_caller {
    char *actor;        /* its id, owned; NULL: nobody was asked (the loopback, without users) */
    uint64_t actor_ref; /* with actor: the seq of its creating record */
    bool read_only;     /* by what it showed it may read and nothing else … */
    bool no_role;       /* … or since it is neither recorder nor admin in the ledger */
    bool is_counted;    /* among the requests in progress of its actor; the door's */
};

static inline void ml_caller_release(struct ml_caller *caller)
{
    free(caller->actor);
    *caller = (struct ml_caller){0};
}

/* Whether it may have something recorded; nobody may. Whoever records for a caller asks, before the
 * first draft. Refused with MLflow's PERMISSION_DENIED. */
int ml_caller_may_record(const struct ml_caller *caller) ML_MUST_USE;

/* Has the draft say for whom the server records it; NULL, or nobody: it says nothing. */
static inline void ml_caller_name(const struct ml_caller *caller, struct ml_draft *draft)
{
    if (!caller || !caller->actor)
        return;
    draft->event->has_on_behalf_of_actor_ref = true;
    draft->event->on_behalf_of_actor_ref = caller->actor_ref;
}

#endif
