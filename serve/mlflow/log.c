/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/log.h"

#include <math.h>

#include "ledger/core/double.h"
#include "ledger/core/draft.h"
#include "ledger/query/fields.h"
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
    KEY_MAX = 250,
    PARAM_VALUE_MAX = 6000,
};

/* ---- checks ---- */

static bool is_key_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c >= 0x80 || strchr("_-. :/", c) != NULL;
}

/* As a path it must be what it says: no part is empty, "." or "..". */
static bool is_plain_path(const char *key)
{
    while (true) {
        const size_t len = strcspn(key, "/");
        if (len == 0 || (len <= 2 && strspn(key, ".") >= len))
            return false;
        if (key[len] == '\0')
            return true;
        key += len + 1;
    }
}

int ml_rest_check_key(const char *what, const char *key)
{
    if (!key || *key == '\0')
        return ml_rest_refuse(
            ML_REST_INVALID,
            "Missing value for required parameter 'key' of a %s. See the API docs for "
            "more information about request parameters.",
            what);
    if (strlen(key) > KEY_MAX)
        return ml_rest_refuse(ML_REST_INVALID,
                              "%s name '%.64s...' exceeds the maximum length of %d", what, key,
                              KEY_MAX);
    for (const char *c = key; *c; c++)
        if (!is_key_char((unsigned char)*c))
            return ml_rest_refuse(
                ML_REST_INVALID,
                "Invalid %s name: '%s'. Names may only contain alphanumerics, "
                "underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and "
                "slashes (/).",
                what, key);
    if (!is_plain_path(key))
        return ml_rest_refuse(
            ML_REST_INVALID,
            "Invalid %s name: '%s'. Names may be treated as files in certain cases, "
            "and must not resolve to other names when treated as such.",
            what, key);
    return MLEDGER_OK;
}

int ml_rest_check_param(const Mlflow__KeyValue *param)
{
    const size_t len = param->value ? strlen(param->value) : 0;
    ML_TRY(ml_rest_check_key("parameter", param->key));
    if (len <= PARAM_VALUE_MAX)
        return MLEDGER_OK;
    return ml_rest_refuse(
        ML_REST_INVALID, "Param value '%.64s...' had length %zu, which exceeded length limit of %d",
        param->value, len, PARAM_VALUE_MAX);
}

static int check_count(const char *what, size_t count, size_t most)
{
    if (count <= most)
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID,
                          "A batch logging request can contain at most %zu %s. Got %zu %s. Please "
                          "split up %s across multiple requests and try again.",
                          most, what, count, what, what);
}

static int check_batch(const struct ml_rest_batch *batch)
{
    ML_TRY(check_count("metrics", batch->n_metrics, METRICS_MAX));
    ML_TRY(check_count("params", batch->n_params, PARAMS_MAX));
    ML_TRY(check_count("tags", batch->n_tags, TAGS_MAX));
    ML_TRY(check_count("metrics, params, and tags",
                       batch->n_metrics + batch->n_params + batch->n_tags, ENTITIES_MAX));
    for (size_t i = 0; i < batch->n_metrics; i++)
        ML_TRY(ml_rest_check_key("metric", batch->metrics[i]->key));
    for (size_t i = 0; i < batch->n_params; i++)
        ML_TRY(ml_rest_check_param(batch->params[i]));
    return MLEDGER_OK;
}

/* ---- parameters ---- */

static int refuse_change(const struct ml_rest_batch *batch, const Mlflow__KeyValue *param,
                         const char *before)
{
    return ml_rest_refuse(ML_REST_INVALID,
                          "Changing param values is not allowed. Param with key='%s' was already "
                          "logged with value='%.256s' for run ID='%s'. Attempted logging new value "
                          "'%.256s'.",
                          param->key, before, batch->run_id, param->value ? param->value : "");
}

/* What stands earlier in the batch under the same key. */
static const Mlflow__KeyValue *earlier(const struct ml_rest_batch *batch, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(batch->params[k]->key, batch->params[i]->key) == 0)
            return batch->params[k];
    return NULL;
}

/* Is it to be recorded (1), or there already with this value (0)? */
static int is_new_param(struct ml_rest_call *call, uint64_t run, const struct ml_rest_batch *batch,
                        size_t i)
{
    const Mlflow__KeyValue *param = batch->params[i], *twin = earlier(batch, i);
    const char *value = param->value ? param->value : "";
    struct ml_field field;
    if (twin && strcmp(twin->value ? twin->value : "", value) != 0)
        return refuse_change(batch, param, twin->value ? twin->value : "");
    if (twin)
        return 0;
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
    struct ml_rest_batch batch = {.metrics = metrics, .n_metrics = 1};
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
    struct ml_rest_batch batch = {.params = params, .n_params = 1};
    (void)answer;
    ML_TRY(ml_rest_run_id(request->run_id, request->run_uuid, &batch.run_id));
    param.key = request->key;
    param.value = request->value;
    return ml_rest_log(call, &batch);
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
    return ml_rest_log(call, &batch);
}
