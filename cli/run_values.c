/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_values.h"

#include "cli/content.h"
#include "cli/parts.h"

bool ml_run_values_given(const struct ml_invocation *invocation, const char *const *names)
{
    for (; *names; names++)
        if (ml_option_given(invocation, *names))
            return true;
    return false;
}

int ml_run_values_params(struct ml_recording *recording, Mledger__RunLogged *logged)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    struct ml_draft *draft = ml_recording_draft(recording);
    for (size_t i = 0; i < ml_option_count(invocation, "param"); i++) {
        struct ml_pair pair;
        ML_TRY(ml_values_pair("--param", ml_option_at(invocation, "param", i), &pair));
        ML_TRY(ml_parts_append_pair(draft, &logged->params, &logged->n_params,
                                    &draft->details->param_values, &draft->details->n_param_values,
                                    &pair));
    }
    return MLEDGER_OK;
}

int ml_run_values_tags(struct ml_recording *recording, Mledger__RunLogged *logged)
{
    return ml_parts_add_tags(ml_recording_draft(recording), recording->session.invocation, "tag",
                             &logged->tags, &logged->n_tags);
}

int ml_run_values_metric(struct ml_recording *recording, Mledger__RunLogged *logged,
                         const struct ml_metric *metric)
{
    struct ml_draft *draft = ml_recording_draft(recording);
    Mledger__MetricPoint *point = ml_draft_message(draft, &mledger__metric_point__descriptor);
    Mledger__MetricValue *value = ml_draft_message(draft, &mledger__metric_value__descriptor);
    if (!point || !value)
        return ml_fail_memory();
    point->key = ml_parts_text(draft, metric->key);
    point->step = metric->step;
    point->time = draft->details->occurred_at;
    value->value = metric->value;
    value->text = ml_parts_text(draft, metric->text);
    if (!point->key || !value->text)
        return ml_fail_memory();
    ML_TRY(ml_parts_append(draft, &logged->metrics, &logged->n_metrics, point));
    return ml_parts_append(draft, &draft->details->metric_values, &draft->details->n_metric_values,
                           value);
}

int ml_run_values_metrics(struct ml_recording *recording, Mledger__RunLogged *logged)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    for (size_t i = 0; i < ml_option_count(invocation, "metric"); i++) {
        struct ml_metric metric;
        ML_TRY(ml_values_metric("--metric", ml_option_at(invocation, "metric", i), &metric));
        ML_TRY(ml_run_values_metric(recording, logged, &metric));
    }
    return MLEDGER_OK;
}

int ml_run_values_inputs(struct ml_recording *recording, Mledger__RunLogged *logged)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    struct ml_draft *draft = ml_recording_draft(recording);
    for (size_t i = 0; i < ml_option_count(invocation, "input"); i++) {
        Mledger__Input *input;
        ML_TRY(ml_content_input(&recording->session, draft, "--input",
                                ml_option_at(invocation, "input", i), &input));
        ML_TRY(ml_parts_append(draft, &logged->inputs, &logged->n_inputs, input));
    }
    return MLEDGER_OK;
}

int ml_run_values_outputs(struct ml_recording *recording, Mledger__RunLogged *logged)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    struct ml_draft *draft = ml_recording_draft(recording);
    for (size_t i = 0; i < ml_option_count(invocation, "output"); i++) {
        Mledger__Artifact *output;
        ML_TRY(
            ml_parts_artifact(draft, invocation, ml_option_at(invocation, "output", i), &output));
        ML_TRY(ml_parts_append(draft, &logged->outputs, &logged->n_outputs, output));
    }
    return MLEDGER_OK;
}
