/* SPDX-License-Identifier: Apache-2.0 */
/* The logged models of an experiment, from a server (MLflow 3). */
#include "ingest/mlflow/names.h"
#include "ingest/mlflow/server_part.h"

enum { MODELS_A_PAGE = 50 };

/* "LOGGED_MODEL_READY". */
static int read_status(const struct ml_mlflow_object *info, struct ml_pool *pool,
                       enum ml_mlflow_logged_model_status *ret_status)
{
    static const char prefix[] = "LOGGED_MODEL_";
    const char *text;
    int number = ML_MLFLOW_LOGGED_MODEL_UNSPECIFIED;
    ML_TRY(ml_mlflow_member_text(info, "status", pool, &text));
    if (text && strncmp(text, prefix, sizeof prefix - 1) == 0)
        text += sizeof prefix - 1;
    if (text && !ml_mlflow_names_find(&ml_mlflow_logged_model_statuses, text, &number) &&
        strcmp(text, "UPLOAD_FAILED") != 0)
        return ml_fail(MLEDGER_EINVALID, "%s: status: '%.40s' is none that MLflow has", info->where,
                       text);
    if (text && strcmp(text, "UPLOAD_FAILED") == 0)
        number = ML_MLFLOW_LOGGED_MODEL_FAILED;
    *ret_status = (enum ml_mlflow_logged_model_status)number;
    return MLEDGER_OK;
}

static int read_info(const struct ml_mlflow_object *info, struct ml_pool *pool,
                     struct ml_mlflow_logged_model *model)
{
    ML_TRY(ml_mlflow_member_id(info, "experiment_id", pool, &model->experiment_id));
    ML_TRY(ml_mlflow_member_text(info, "name", pool, &model->name));
    ML_TRY(ml_mlflow_member_text(info, "artifact_uri", pool, &model->artifact_location));
    ML_TRY(ml_mlflow_member_time(info, "creation_timestamp_ms", &model->created_ms));
    ML_TRY(ml_mlflow_member_time(info, "last_updated_timestamp_ms", &model->updated_ms));
    ML_TRY(read_status(info, pool, &model->status));
    ML_TRY(ml_mlflow_member_text(info, "status_message", pool, &model->status_message));
    ML_TRY(ml_mlflow_member_text(info, "model_type", pool, &model->type));
    ML_TRY(ml_mlflow_member_text(info, "source_run_id", pool, &model->source_run_id));
    return ml_mlflow_member_pairs(info, "tags", pool, &model->tags);
}

struct numbered {
    const char *key;
    struct ml_mlflow_point point;
    size_t place; /* in the answer */
};

static int by_key(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    const int order = strcmp(x->key, y->key);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static void group(const struct numbered *all, size_t count, struct ml_mlflow_point *points,
                  struct ml_mlflow_metric *metrics, size_t *ret_metrics)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        points[i] = all[i].point;
        if (i == 0 || strcmp(all[i - 1].key, all[i].key) != 0)
            metrics[n++] = (struct ml_mlflow_metric){.key = all[i].key, .points = &points[i]};
        metrics[n - 1].count++;
    }
    *ret_metrics = n;
}

static int read_metrics(const struct ml_mlflow_object *data, struct ml_pool *pool,
                        struct ml_mlflow_metrics *ret_metrics)
{
    const json_t *array;
    ML_TRY(ml_mlflow_member_array(data, "metrics", &array));
    const size_t count = json_array_size(array);
    struct numbered *all = ml_pool_alloc(pool, count, sizeof *all);
    struct ml_mlflow_point *points = ml_pool_alloc(pool, count, sizeof *points);
    struct ml_mlflow_metric *metrics = ml_pool_alloc(pool, count, sizeof *metrics);
    if (!all || !points || !metrics)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < count; i++) {
        const struct ml_mlflow_object metric = {json_array_get(array, i), data->where};
        all[i].place = i;
        ML_TRY(ml_mlflow_member_point(&metric, pool, &all[i].key, &all[i].point));
        ML_TRY(ml_mlflow_member_text(&metric, "run_id", pool, &all[i].point.run_id));
    }
    if (count)
        qsort(all, count, sizeof *all, by_key);
    ret_metrics->items = metrics;
    group(all, count, points, metrics, &ret_metrics->count);
    return MLEDGER_OK;
}

/* 1: an earlier visit saw the same. */
static int read_model(struct ml_mlflow_asking *asking, const struct ml_mlflow_object *object,
                      struct ml_pool *pool, struct ml_mlflow_logged_model *model)
{
    struct ml_mlflow_object info, data;
    ML_TRY(ml_mlflow_member_object(object, "info", &info));
    ML_TRY(ml_mlflow_member_object(object, "data", &data));
    ML_TRY(ml_mlflow_member_id(&info, "model_id", pool, &model->id));
    model->path = ml_pool_printf(pool, "logged_models/%s", model->id);
    if (!model->path)
        return MLEDGER_ESYSTEM;
    info.where = data.where = model->path;
    ML_TRY(read_info(&info, pool, model));
    const int remembered = ml_mlflow_is_remembered(asking, model->path, object->json,
                                                   model->status != ML_MLFLOW_LOGGED_MODEL_PENDING);
    if (remembered)
        return remembered;
    ML_TRY(ml_mlflow_member_pairs(&data, "params", pool, &model->params));
    ML_TRY(read_metrics(&data, pool, &model->metrics));
    return ml_mlflow_server_artifacts(asking, NULL, model->id, pool, &model->artifacts);
}

static int take_model(const struct ml_mlflow_pages *pages, const json_t *item)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_asking *asking = pages->asking;
    const struct ml_mlflow_experiment *experiment = pages->about;
    const struct ml_mlflow_visitor *visitor = asking->visitor;
    const struct ml_mlflow_object object = {item, experiment->path};
    struct ml_mlflow_logged_model model = {0};
    const int code = read_model(asking, &object, &pool, &model);
    if (code > 0)
        return MLEDGER_OK;
    if (code < 0)
        return ml_mlflow_leave_out(asking->reader, model.path ? model.path : experiment->path,
                                   code);
    return visitor->logged_model ? visitor->logged_model(visitor->context, experiment, &model)
                                 : MLEDGER_OK;
}

static int ask_models(const struct ml_mlflow_pages *pages, const char *token, json_t **ret_answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf url = {0};
    const struct ml_mlflow_experiment *experiment = pages->about;
    struct ml_mlflow_server *server = pages->asking->server;
    json_t *body = json_pack("{s:[s], s:i, s:s*}", "experiment_ids", experiment->id, "max_results",
                             MODELS_A_PAGE, "page_token", token);
    if (!body)
        return ml_fail_memory();
    int result = ml_mlflow_url_begin(server, ML_MLFLOW_API "logged-models/search", &url);
    if (result >= 0)
        result = ml_mlflow_ask(server, &url, body, ret_answer);
    json_decref(body);
    return result;
}

int ml_mlflow_server_models(struct ml_mlflow_asking *asking,
                            const struct ml_mlflow_experiment *experiment)
{
    const struct ml_mlflow_pages pages = {.asking = asking,
                                          .list = "models",
                                          .ask = ask_models,
                                          .take = take_model,
                                          .about = experiment};
    const int result = ml_mlflow_pages_take(&pages);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    ml_error_clear(); /* MLflow 2 knows no logged models */
    return MLEDGER_OK;
}
