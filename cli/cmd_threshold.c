/* SPDX-License-Identifier: Apache-2.0 */
/* How many admins a trust record needs. */
#include "cli/commands.h"
#include "cli/trust.h"

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__ThresholdSet *set;
    uint64_t number = 0;
    const struct ml_value_rule rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = 1000};
    ML_TRY(ml_value_check(&rule, "N", ml_argument(invocation, "N"), &number));
    ML_TRY(ml_draft_begin("threshold_set", &draft, &set));
    set->admins = (uint32_t)number;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    return ml_session_append_trust(&session, draft);
}

const struct ml_command ml_command_threshold_set = {
    .name = "threshold set",
    .summary = "Say how many admins must agree on trust records",
    .description = (const char *const[]){"From the next record on, whatever concerns actors, keys "
                                         "and policies needs this many different admins: one signs "
                                         "the record, the others make statements. See mledger "
                                         "statement make.",
                                         NULL},
    .arguments =
        (const struct ml_argument[]){{.name = "N",
                                      .min = 1,
                                      .max = 1,
                                      .rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = 1000},
                                      .help = "At least 1, at most as many as there "
                                              "are."},
                                     {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_SIGNING, {.name = NULL}},
    .topic = ML_TOPIC_START,
    .run = run,
};
