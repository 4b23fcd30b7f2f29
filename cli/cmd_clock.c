/* SPDX-License-Identifier: Apache-2.0 */
/* The one way in which recorded times may go back. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/trust.h"
#include "ledger/core/time.h"

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__ClockCorrected *corrected;
    struct ml_head head;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    ML_TRY(ml_ledger_head(session.ledger, &head));
    if (ml_time_now_us() >= head.recorded_at_us)
        return ml_fail(MLEDGER_EUSAGE,
                       "nothing to correct: record %" PRIu64 " does not lie ahead of the clock",
                       head.size - 1);
    ML_TRY(ml_draft_begin("clock_corrected", &draft, &corrected));
    corrected->wrong = head.recorded_at_us;
    return ml_session_append_trust(&session, draft);
}

const struct ml_command ml_command_clock_correct = {
    .name = "clock correct",
    .summary = "Record that the newest recorded time was wrong",
    .description =
        (const char *const[]){
            "A record's time never lies before that of the record before it. Where a wrong clock "
            "has put a time ahead, nothing can be recorded until that time has come, or until an "
            "admin records here that it was wrong. Set the machine's clock first.",
            NULL},
    .options = (const struct ml_option[]){ML_OPTIONS_SIGNING, {.name = NULL}},
    .topic = ML_TOPIC_START,
    .run = run,
};
