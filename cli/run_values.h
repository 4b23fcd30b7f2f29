/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters, metrics, tags, inputs and outputs of a run, from options into a run_logged. */
#ifndef ML_CLI_RUN_VALUES_H
#define ML_CLI_RUN_VALUES_H

#include "cli/recording.h"
#include "cli/values.h"

#define ML_OPTION_PARAM                                                                            \
    {                                                                                              \
        .name = "param", .letter = 'p', .value = "KEY=VALUE", .repeated = true,                    \
        .help = "Log a parameter."                                                                 \
    }

/* Whether any of the command's options that log something was given; it has all of those that
 * `names`, ended by NULL, lists. */
bool ml_run_values_given(const struct ml_invocation *invocation, const char *const *names);

/* Each adds the values of one option to the draft added last and its event.
 * MLEDGER_EUSAGE: a value is not of its form; MLEDGER_ESYSTEM: memory is out. */
int ml_run_values_params(struct ml_recording *recording, Mledger__RunLogged *logged) ML_MUST_USE;
int ml_run_values_metrics(struct ml_recording *recording, Mledger__RunLogged *logged) ML_MUST_USE;
int ml_run_values_metric(struct ml_recording *recording, Mledger__RunLogged *logged,
                         const struct ml_metric *metric) ML_MUST_USE;
int ml_run_values_tags(struct ml_recording *recording, Mledger__RunLogged *logged) ML_MUST_USE;
/* Errors also as cli/content.h. */
int ml_run_values_inputs(struct ml_recording *recording, Mledger__RunLogged *logged) ML_MUST_USE;
int ml_run_values_outputs(struct ml_recording *recording, Mledger__RunLogged *logged) ML_MUST_USE;

#endif
