/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/log.h"

#include <math.h>
#include <stdio.h>

#include "ledger/core/double.h"
#include "ledger/core/draft.h"
#include "ledger/query/fields.h"
#include "serve/mlflow/check.h"
#include "serve/mlflow/logged_model.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/run.h"
#include "serve/mlflow/tags.h"

/* MLflow's limits (mlflow.utils.validation). */
enum {
    METRICS_MAX = 1000,
    PARAMS_MAX = 100,
    TAGS_MAX = 100,
    ENTITIES_MAX = 1000,
};

/* ---- checks ---- */

static int check_count(const char *what, size_t count, size_t most)
{
    if (count <= most)
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID,
                          "A batch logging request can contain at most %zu %s. Got %zu %s. Please "
                          "split up %s across multiple requests and try again.",
                          most, what, count, what, what);
}

enum { PATH_SIZE = 64 };

/* Where the request has it: "metrics[3].name"; in a request for one alone "name". */
static const char *path_of(const struct ml_rest_batch *batch, const char *list, size_t i,
                           const char *field, char path[PATH_SIZE])
{
    if (batch->is_one)
        return field;
    snprintf(path, PATH_SIZE, "%s[%zu].%s", list, i, field);
    return path;
}

/* The path is made only where something is to be said of it. */
static int check_key(const struct ml_rest_batch *batch, const char *list, size_t i,
                     const char *field, const char *key)
{
    char path[PATH_SIZE];
    if (ml_rest_is_key(key))
        return MLEDGER_OK;
    return ml_rest_check_key(path_of(batch, list, i, field, path), key);
}

static int check_metric(const struct ml_rest_batch *batch, size_t i)
{
    const Mlflow__Metric *metric = batch->metrics[i];
    char path[PATH_SIZE];
    ML_TRY(check_key(batch, "metrics", i, "name", metric->key));
    if (metric->timestamp >= 0)
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID,
                          "Invalid value %jd for parameter '%s' supplied: metric '%s' (value=%g). "
                          "Timestamp must be a nonnegative long (64-bit integer) ",
                          (intmax_t)metric->timestamp,
                          path_of(batch, "metrics", i, "timestamp", path), metric->key,
                          metric->value);
}

static int check_param(const struct ml_rest_batch *batch, size_t i)
{
    const char *key = batch->params[i]->key;
    ML_TRY(check_key(batch, "params", i, "key", key));
    for (size_t k = 0; k < i; k++)
        if (strcmp(batch->params[k]->key, key) == 0)
            return ml_rest_refuse(ML_REST_INVALID,
                                  "Duplicate parameter keys have been submitted: ['%s']. Please "
                                  "ensure the request contains only one param value per param key.",
                                  key);
    return MLEDGER_OK;
}

static int check_batch(const struct ml_rest_batch *batch)
{
    ML_TRY(check_count("metrics", batch->n_metrics, METRICS_MAX));
    ML_TRY(check_count("params", batch->n_params, PARAMS_MAX));
    ML_TRY(check_count("tags", batch->n_tags, TAGS_MAX));
    ML_TRY(check_count("metrics, params, and tags",
                       batch->n_metrics + batch->n_params + batch->n_tags, ENTITIES_MAX));
    for (size_t i = 0; i < batch->n_metrics; i++)
        ML_TRY(check_metric(batch, i));
    for (size_t i = 0; i < batch->n_params; i++)
        ML_TRY(check_param(batch, i));
    for (size_t i = 0; i < batch->n_tags; i++)
        ML_TRY(check_key(batch, "tags", i, "key", batch->tags[i]->key));
    return MLEDGER_OK;
}

/* ---- parameters ---- */

static int refuse_change(const struct ml_rest_batch *batch, const Mlflow__KeyValue *param,
                         const char *before)
{
    if (!batch->is_one)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Changing param values is not allowed. Params were already logged="
                              "'[{'key': '%s', 'old_value': '%.256s', 'new_value': '%.256s'}]' for "
                              "run ID='%s'.",
                              param->key, before, param->value ? param->value : "", batch->run_id);
    return ml_rest_refuse(ML_REST_INVALID,
                          "Changing param values is not allowed. Param with key='%s' was already "
                          "logged with value='%.256s' for run ID='%s'. Attempted logging new value "
                          "'%.256s'.",
                          param->key, before, batch->run_id, param->value ? param->value : "");
}

/* Is it to be recorded (1), or there already with this value (0)? */
static int is_new_param(struct ml_rest_call *call, uint64_t run, const struct ml_rest_batch *batch,
                        size_t i)
{
    const Mlflow__KeyValue *param = batch->params[i];
    const char *value = param->value ? param->value : "";
    struct ml_field field;
    const int result = ml_fields_find(&call->reader, run, 0, ML_FIELD_PARAM, param->key, &field);
    if (result == MLEDGER_ENOTFOUND)
        return 1;
    ML_TRY(result);
    if (!field.value || strcmp(field.value, value) != 0)
        return refuse_change(batch, param, field.value ? field.value : "");
    return 0;
}

static int put_params(struct ml_rest_call *call, struct ml_draft *draft,
                      const struct ml_rest_batch *batch, Mledger__RunLogged *logged)
{
    Mledger__Details *details = draft->details;
    if (batch->n_params == 0)
        return MLEDGER_OK;
    logged->params = ml_arena_calloc(&draft->arena, batch->n_params, sizeof *logged->params);
    details->param_values =
        ml_arena_calloc(&draft->arena, batch->n_params, sizeof *details->param_values);
    if (!logged->params || !details->param_values)
        return ml_arena_fail(&draft->arena, "the request");
    for (size_t i = 0; i < batch->n_params; i++) {
        const int is_new = is_new_param(call, logged->run, batch, i);
        ML_TRY(is_new);
        if (!is_new)
            continue;
        const char *value = batch->params[i]->value ? batch->params[i]->value : "";
        ML_TRY(ml_rest_text(draft, batch->params[i]->key, &logged->params[logged->n_params]));
        ML_TRY(ml_rest_text(draft, value, &details->param_values[logged->n_params]));
        details->n_param_values = ++logged->n_params;
    }
    return MLEDGER_OK;
}

/* ---- metrics ---- */

/* As MLflow's own stores write it. */
static const char *number_text(double number, char text[ML_DOUBLE_TEXT_SIZE])
{
    if (isnan(number))
        return "nan";
    if (isinf(number))
        return number < 0 ? "-inf" : "inf";
    ml_double_format(number, text);
    return text;
}

/* A point may tell of a logged model too, and of a dataset that the model was measured on. */
static int put_measured(struct ml_rest_call *call, struct ml_draft *draft,
                        const Mlflow__Metric *metric, Mledger__MetricPoint *point)
{
    if (metric->model_id && *metric->model_id) {
        ML_TRY(ml_rest_logged_model_find(call, metric->model_id, &point->logged_model));
        point->has_logged_model = true;
    }
    if (metric->dataset_name && *metric->dataset_name)
        ML_TRY(ml_rest_text(draft, metric->dataset_name, &point->dataset_name));
    if (metric->dataset_digest && *metric->dataset_digest)
        ML_TRY(ml_rest_text(draft, metric->dataset_digest, &point->dataset_label));
    return MLEDGER_OK;
}

static int fill_metric(struct ml_rest_call *call, struct ml_draft *draft,
                       const Mlflow__Metric *metric, Mledger__MetricPoint *point,
                       Mledger__MetricValue *value)
{
    char text[ML_DOUBLE_TEXT_SIZE];
    ML_TRY(ml_rest_text(draft, metric->key, &point->key));
    ML_TRY(ml_rest_text(draft, number_text(metric->value, text), &value->text));
    value->value = metric->value;
    point->step = metric->step;
    if (__builtin_mul_overflow(metric->timestamp, 1000, &point->time))
        return ml_rest_refuse(ML_REST_INVALID, "the timestamp of metric '%s' is out of range",
                              metric->key);
    return put_measured(call, draft, metric, point);
}

static int put_metrics(struct ml_rest_call *call, struct ml_draft *draft,
                       const struct ml_rest_batch *batch, Mledger__RunLogged *logged)
{
    Mledger__Details *details = draft->details;
    if (batch->n_metrics == 0)
        return MLEDGER_OK;
    logged->metrics = ml_arena_calloc(&draft->arena, batch->n_metrics, sizeof *logged->metrics);
    details->metric_values =
        ml_arena_calloc(&draft->arena, batch->n_metrics, sizeof *details->metric_values);
    if (!logged->metrics || !details->metric_values)
        return ml_arena_fail(&draft->arena, "the request");
    for (size_t i = 0; i < batch->n_metrics; i++) {
        logged->metrics[i] = ml_draft_message(draft, &mledger__metric_point__descriptor);
        details->metric_values[i] = ml_draft_message(draft, &mledger__metric_value__descriptor);
        if (!logged->metrics[i] || !details->metric_values[i])
            return ml_arena_fail(&draft->arena, "the request");
        ML_TRY(fill_metric(call, draft, batch->metrics[i], logged->metrics[i],
                           details->metric_values[i]));
    }
    logged->n_metrics = details->n_metric_values = batch->n_metrics;
    return MLEDGER_OK;
}

/* How many of the metrics, from the first on, name no more logged models than a record has room
 * for subjects. */
static size_t fitting(const struct ml_rest_batch *batch)
{
    const char *models[ML_REST_MODELS_MAX];
    size_t n_models = 0;
    for (size_t i = 0; i < batch->n_metrics; i++) {
        const char *id = batch->metrics[i]->model_id;
        size_t known = 0;
        while (id && known < n_models && strcmp(models[known], id) != 0)
            known++;
        if (!id || known < n_models)
            continue;
        if (n_models == ML_REST_MODELS_MAX)
            return i;
        models[n_models++] = id;
    }
    return batch->n_metrics;
}

/* ---- all of it ---- */

static int draft_batch(struct ml_rest_call *call, uint64_t run, const struct ml_rest_batch *batch)
{
    Mledger__RunLogged *logged;
    ML_TRY(ml_rest_draft(call, "run_logged", &logged));
    struct ml_draft *draft = ml_rest_last(call);
    logged->run = run;
    ML_TRY(put_metrics(call, draft, batch, logged));
    ML_TRY(put_params(call, draft, batch, logged));
    ML_TRY(ml_rest_tags_put(draft, batch->tags, batch->n_tags, &logged->tags, &logged->n_tags));
    if (logged->n_metrics + logged->n_params + logged->n_tags == 0)
        ml_rest_undraft(call); /* all of it is there already */
    return MLEDGER_OK;
}

/* A run's name is a tag, and the last of those counts. */
static int draft_name(struct ml_rest_call *call, uint64_t run, const struct ml_rest_batch *batch)
{
    const char *name = NULL;
    for (size_t i = 0; i < batch->n_tags; i++)
        if (strcmp(batch->tags[i]->key, ML_REST_RUN_NAME) == 0)
            name = batch->tags[i]->value;
    return name && *name ? ml_rest_run_draft_updated(call, run, name, NULL) : MLEDGER_OK;
}

static int record(struct ml_rest_call *call, const struct ml_rest_batch *batch)
{
    struct ml_rest_batch rest = *batch;
    uint64_t run;
    ML_TRY(ml_rest_run_find_active(call, batch->run_id, &run));
    rest.n_metrics = fitting(batch);
    ML_TRY(draft_batch(call, run, &rest));
    for (size_t done = rest.n_metrics; done < batch->n_metrics; done += rest.n_metrics) {
        rest = (struct ml_rest_batch){.metrics = &batch->metrics[done],
                                      .n_metrics = batch->n_metrics - done};
        rest.n_metrics = fitting(&rest);
        ML_TRY(draft_batch(call, run, &rest));
    }
    ML_TRY(draft_name(call, run, batch));
    return ml_rest_commit(call);
}

int ml_rest_log(struct ml_rest_call *call, const struct ml_rest_batch *batch)
{
    ML_TRY(check_batch(batch));
    if (batch->n_params == 0)
        return record(call, batch);
    /* What a parameter's value is must not change between the look and the commit. */
    ml_rest_lock(call->service, batch->run_id);
    const int result = record(call, batch);
    ml_rest_unlock(call->service, batch->run_id);
    return result;
}

int ml_rest_log_metric(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__LogMetric *request = message;
    Mlflow__Metric metric = MLFLOW__METRIC__INIT;
    Mlflow__Metric *const metrics[] = {&metric};
    struct ml_rest_batch batch = {.metrics = metrics, .n_metrics = 1, .is_one = true};
    (void)answer;
    ML_TRY(ml_rest_run_id(request->run_id, request->run_uuid, &batch.run_id));
    metric.key = request->key;
    metric.value = request->value;
    metric.timestamp = request->timestamp;
    metric.step = request->step;
    metric.model_id = request->model_id;
    metric.dataset_name = request->dataset_name;
    metric.dataset_digest = request->dataset_digest;
    return ml_rest_log(call, &batch);
}

int ml_rest_log_param(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__LogParam *request = message;
    Mlflow__KeyValue param = MLFLOW__KEY_VALUE__INIT;
    Mlflow__KeyValue *const params[] = {&param};
    struct ml_rest_batch batch = {.params = params, .n_params = 1, .is_one = true};
    (void)answer;
    ML_TRY(ml_rest_run_id(request->run_id, request->run_uuid, &batch.run_id));
    param.key = request->key;
    param.value = request->value;
    return ml_rest_log(call, &batch);
}

static int refuse_missing(size_t i, const char *field)
{
    return ml_rest_refuse(
        ML_REST_INVALID,
        "Missing value for required parameter 'metrics[%zu].%s'. See the API docs "
        "for more information about request parameters.",
        i, field);
}

/* A batch may leave out a metric's step alone. */
static int check_metrics_whole(Mlflow__Metric *const *metrics, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!metrics[i]->key || !*metrics[i]->key)
            return refuse_missing(i, "key");
        if (!metrics[i]->has_value)
            return refuse_missing(i, "value");
        if (!metrics[i]->has_timestamp)
            return refuse_missing(i, "timestamp");
    }
    return MLEDGER_OK;
}

int ml_rest_log_batch(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__LogBatch *request = message;
    struct ml_rest_batch batch = {
        .metrics = request->metrics,
        .n_metrics = request->n_metrics,
        .params = request->params,
        .n_params = request->n_params,
        .tags = request->tags,
        .n_tags = request->n_tags,
    };
    (void)answer;
    ML_TRY(ml_rest_run_id(request->run_id, NULL, &batch.run_id));
    ML_TRY(check_metrics_whole(request->metrics, request->n_metrics));
    return ml_rest_log(call, &batch);
}
