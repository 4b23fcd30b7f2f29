/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints and heartbeats of a ledger that is served, and the checkpoint at the end. */
#include <errno.h>
#include <poll.h>

#include "cli/human.h"
#include "cli/serving_part.h"

enum {
    LOOK_US = 1000000,   /* between two looks at what was recorded */
    AGAIN_US = 30000000, /* after one that could not be made */
};

/* Who has no log key can serve all the same, and is told what that means. */
static int open_watch(struct ml_serving *serving)
{
    struct ml_watch *watch = &serving->watch;
    if (!serving->signer)
        return MLEDGER_OK;
    ML_TRY(ml_watch_begin(watch, &serving->session, serving->signer));
    const int result = ml_watch_cover_end(watch);
    if (result >= 0 || ml_option_given(serving->session.invocation, "log-key"))
        return result;
    (void)ml_prefix("no checkpoint will be made at the end");
    ml_serving_report(serving);
    ml_error_clear();
    return MLEDGER_OK;
}

const struct ml_serving_part ml_serving_watch = {.open = open_watch};

/* Makes what is due; what cannot be made now is tried again. How long until the next look. */
static int64_t keep(struct ml_serving *serving)
{
    struct ml_watch *watch = &serving->watch;
    if (ml_watch_look(watch) < 0 || ml_watch_keep(watch) < 0) {
        ml_serving_report(serving);
        return AGAIN_US;
    }
    const int64_t rest_us = ml_watch_rest_us(watch);
    return rest_us >= 0 && rest_us < LOOK_US ? rest_us : LOOK_US;
}

int ml_serving_stand(struct ml_serving *serving, int stop)
{
    struct pollfd stopped = {.fd = stop, .events = POLLIN};
    for (;;) {
        const int wait_ms =
            ml_watch_is_on(&serving->watch) ? (int)((keep(serving) + 999) / 1000) : -1;
        const int ready = poll(&stopped, 1, wait_ms);
        if (ready > 0)
            return MLEDGER_OK;
        if (ready < 0 && errno != EINTR)
            return ml_fail_errno(errno, "cannot wait for a signal");
    }
}

int ml_serving_cover(struct ml_serving *serving)
{
    struct ml_watch *watch = &serving->watch;
    struct ml_output *out = serving->session.out;
    const uint64_t before = watch->checkpoints;
    char count[ML_HUMAN_SIZE];
    if (!serving->signer)
        return MLEDGER_OK;
    ML_TRY(ml_watch_look(watch));
    ML_TRY(ml_watch_end(watch));
    if (watch->checkpoints == before || serving->session.invocation->json)
        return MLEDGER_OK;
    ml_output_line(out, ML_ROLE_PLAIN, "checkpoint over %s records",
                   ml_human_count(count, watch->covered));
    return ml_output_finish(out);
}
