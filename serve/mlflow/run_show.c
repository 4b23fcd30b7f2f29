/* SPDX-License-Identifier: Apache-2.0 */
/* How runs are found and shown. */
#include <float.h>
#include <math.h>

#include "ledger/query/fields.h"
#include "serve/mlflow/experiment.h"
#include "serve/mlflow/inputs.h"
#include "serve/mlflow/metric.h"
#include "serve/mlflow/run.h"
#include "serve/mlflow/tags.h"

/* ---- finding ---- */

int ml_rest_run_id(const char *run_id, const char *run_uuid, const char **ret_id)
{
    *ret_id = run_id && *run_id ? run_id : run_uuid;
    if (*ret_id && **ret_id)
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID,
                          "Missing value for required parameter 'run_id'. See the API "
                          "docs for more information about request parameters.");
}

int ml_rest_run_find(struct ml_rest_call *call, const char *id, uint64_t *ret_seq)
{
    ML_TRY(ml_rest_read(call));
    const int result = ml_state_find(call->view.state, MLEDGER__SUBJECT_KIND__RUN, id, ret_seq);
    if (result == MLEDGER_ENOTFOUND)
        return ml_rest_refuse(ML_REST_NOT_FOUND, "Run with id=%s not found", id);
    return result;
}

int ml_rest_run_is_deleted(struct ml_rest_call *call, const Mledger__SubjectState *run,
                           bool *ret_is)
{
    const Mledger__SubjectState *experiment = NULL;
    if (run->has_experiment)
        ML_TRY(ml_reader_subject(&call->reader, run->experiment, &experiment));
    *ret_is = run->has_deleted || (experiment && experiment->has_deleted);
    return MLEDGER_OK;
}

int ml_rest_run_find_active(struct ml_rest_call *call, const char *id, uint64_t *ret_seq)
{
    const Mledger__SubjectState *state;
    bool is_deleted;
    ML_TRY(ml_rest_run_find(call, id, ret_seq));
    ML_TRY(ml_reader_subject(&call->reader, *ret_seq, &state));
    ML_TRY(ml_rest_run_is_deleted(call, state, &is_deleted));
    if (!is_deleted)
        return MLEDGER_OK;
    return ml_rest_refuse(
        ML_REST_INVALID, "The run %s must be in the 'active' state. Current state is deleted.", id);
}

/* ---- info ---- */

static int started_of(struct ml_rest_call *call, uint64_t seq, const struct ml_record **ret_record,
                      const Mledger__RunStarted **ret_started)
{
    ML_TRY(ml_reader_record(&call->reader, seq, ret_record));
    if ((*ret_record)->event->kind_case != MLEDGER__EVENT__KIND_RUN_STARTED)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it does not start a run");
    *ret_started = (*ret_record)->event->run_started;
    return MLEDGER_OK;
}

/* The numbers are the same. */
static Mlflow__RunStatus status_of(const Mledger__SubjectState *state)
{
    return (Mlflow__RunStatus)state->status;
}

static bool is_over(const Mledger__SubjectState *state)
{
    return state->status != MLEDGER__RUN_STATUS__RUNNING &&
           state->status != MLEDGER__RUN_STATUS__SCHEDULED;
}

/* The time of the run's newest run_ended, looked for from its newest record backwards: what comes
 * after an end is mostly nothing. */
static int read_end(struct ml_rest_call *call, uint64_t run, uint64_t newest, Mlflow__RunInfo *info)
{
    const struct ml_state_key prefix = ml_index_subject_prefix(run);
    uint64_t seq = newest;
    while (seq > run) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&call->reader, seq, &record));
        if (record->event->kind_case == MLEDGER__EVENT__KIND_RUN_ENDED) {
            info->has_end_time = true;
            info->end_time = ml_rest_time_ms(record);
            return MLEDGER_OK;
        }
        ML_TRY(ml_view_index_last(&call->view, &prefix, seq - 1, &seq));
    }
    return MLEDGER_OK;
}

static int read_experiment(struct ml_rest_call *call, const Mledger__SubjectState *run,
                           Mlflow__RunInfo *info)
{
    const Mledger__SubjectState *experiment = NULL;
    if (run->has_experiment)
        ML_TRY(ml_reader_subject(&call->reader, run->experiment, &experiment));
    info->experiment_id = ml_rest_const(experiment && experiment->label ? experiment->label : "0");
    return MLEDGER_OK;
}

static int read_user(struct ml_rest_call *call, uint64_t seq, const struct ml_record *started,
                     Mlflow__RunInfo *info)
{
    const char *user = started->details ? started->details->user : NULL;
    if (!user)
        ML_TRY(ml_rest_tag_show(call, seq, 0, "mlflow.user", &user));
    info->user_id = ml_rest_const(user ? user : "");
    return MLEDGER_OK;
}

static int fill_info(struct ml_rest_call *call, uint64_t seq, Mlflow__RunInfo *info)
{
    const struct ml_record *record;
    const Mledger__RunStarted *started;
    const Mledger__SubjectState *state;
    bool is_deleted;
    ML_TRY(started_of(call, seq, &record, &started));
    ML_TRY(ml_reader_subject(&call->reader, seq, &state));
    info->run_id = info->run_uuid = started->run_id;
    info->run_name = state->label;
    info->has_status = true;
    info->status = status_of(state);
    info->has_start_time = true;
    info->start_time = ml_rest_time_ms(record);
    info->artifact_uri = started->artifact_uri;
    ML_TRY(ml_rest_run_is_deleted(call, state, &is_deleted));
    info->lifecycle_stage = ml_rest_const(is_deleted ? "deleted" : "active");
    ML_TRY(read_experiment(call, state, info));
    ML_TRY(read_user(call, seq, record, info));
    return is_over(state) ? read_end(call, seq, state->last_seq, info) : MLEDGER_OK;
}

int ml_rest_run_show_info(struct ml_rest_call *call, uint64_t seq, Mlflow__RunInfo **ret_info)
{
    Mlflow__RunInfo *info = ml_rest_message(call, &mlflow__run_info__descriptor);
    ML_TRY(ml_rest_check(call));
    *ret_info = info;
    return fill_info(call, seq, info);
}

/* ---- data ---- */

static double shown(double value)
{
    return isinf(value) ? copysign(DBL_MAX, value) : value;
}

int ml_rest_metric_show(struct ml_rest_call *call, const char *key,
                        const Mledger__MetricValue *value, int64_t time_us, int64_t step,
                        Mlflow__Metric **ret_metric)
{
    Mlflow__Metric *metric = ml_rest_message(call, &mlflow__metric__descriptor);
    ML_TRY(ml_rest_check(call));
    metric->key = ml_rest_const(key);
    metric->has_value = true;
    metric->value = value ? shown(value->value) : NAN;
    metric->has_timestamp = metric->has_step = true;
    metric->timestamp = time_us / 1000;
    metric->step = step;
    *ret_metric = metric;
    return MLEDGER_OK;
}

static int add_pair(struct ml_rest_call *call, const struct ml_field *field,
                    Mlflow__KeyValue **list, size_t *count)
{
    Mlflow__KeyValue *pair = ml_rest_message(call, &mlflow__key_value__descriptor);
    ML_TRY(ml_rest_check(call));
    pair->key = ml_rest_const(field->key);
    pair->value = ml_rest_const(field->value ? field->value : "");
    list[(*count)++] = pair;
    return MLEDGER_OK;
}

static int add_metric(struct ml_rest_call *call, const struct ml_field *field,
                      Mlflow__RunData *data)
{
    const Mledger__MetricValue *value = field->metric;
    if (field->is_tied && field->point)
        ML_TRY(ml_rest_metric_newest(call, field, &value));
    return ml_rest_metric_show(call, field->key, value, field->time_us, field->step,
                               &data->metrics[data->n_metrics++]);
}

static int add_field(struct ml_rest_call *call, const struct ml_field *field, Mlflow__RunData *data)
{
    switch (field->kind) {
    case ML_FIELD_PARAM:
        return add_pair(call, field, data->params, &data->n_params);
    case ML_FIELD_TAG:
        return add_pair(call, field, data->tags, &data->n_tags);
    case ML_FIELD_METRIC:
        return add_metric(call, field, data);
    case ML_FIELD_INPUT: /* see ml_rest_inputs_show() */
    case ML_FIELD_OUTPUT:
    case ML_FIELD_MODEL:
    case ML_FIELD_ARTIFACT:
    case ML_FIELD_UPDATE: /* of models alone */
        break;
    }
    return MLEDGER_OK;
}

static int make_data(struct ml_rest_call *call, const struct ml_fields *fields,
                     Mlflow__RunData **ret_data)
{
    Mlflow__RunData *data = ml_rest_message(call, &mlflow__run_data__descriptor);
    ML_TRY(ml_rest_check(call));
    data->params = ml_rest_array(call, fields->count);
    data->tags = ml_rest_array(call, fields->count);
    data->metrics = ml_rest_array(call, fields->count);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < fields->count; i++)
        ML_TRY(add_field(call, &fields->list[i], data));
    *ret_data = data;
    return MLEDGER_OK;
}

int ml_rest_run_show(struct ml_rest_call *call, uint64_t seq, Mlflow__Run **ret_run)
{
    struct ml_fields fields;
    ML_TRY(ml_fields_read(&call->reader, seq, 0, &fields));
    Mlflow__Run *run = ml_rest_message(call, &mlflow__run__descriptor);
    ML_TRY(ml_rest_check(call));
    ML_TRY(ml_rest_run_show_info(call, seq, &run->info));
    ML_TRY(make_data(call, &fields, &run->data));
    ML_TRY(ml_rest_inputs_show(call, &fields, run));
    *ret_run = run;
    return MLEDGER_OK;
}
