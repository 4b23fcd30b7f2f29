/* SPDX-License-Identifier: Apache-2.0 */
/* How logged models are found and shown. */
#include "ledger/query/fields.h"
#include "serve/mlflow/logged_model.h"
#include "serve/mlflow/run.h"

/* ---- finding ---- */

static int not_found(const char *id)
{
    return ml_rest_refuse(ML_REST_NOT_FOUND, "Logged model with ID '%s' not found.", id);
}

int ml_rest_logged_model_find_any(struct ml_rest_call *call, const char *id, uint64_t *ret_seq)
{
    ML_TRY(ml_rest_read(call));
    const int result =
        ml_state_find(call->view.state, MLEDGER__SUBJECT_KIND__LOGGED_MODEL, id, ret_seq);
    return result == MLEDGER_ENOTFOUND ? not_found(id) : result;
}

int ml_rest_logged_model_find(struct ml_rest_call *call, const char *id, uint64_t *ret_seq)
{
    const Mledger__SubjectState *state;
    ML_TRY(ml_rest_logged_model_find_any(call, id, ret_seq));
    ML_TRY(ml_reader_subject(&call->reader, *ret_seq, &state));
    return state && !state->has_deleted ? MLEDGER_OK : not_found(id);
}

int ml_rest_logged_model_created(struct ml_rest_call *call, uint64_t seq,
                                 const struct ml_record **ret_record,
                                 const Mledger__LoggedModelCreated **ret_created)
{
    ML_TRY(ml_reader_record(&call->reader, seq, ret_record));
    if ((*ret_record)->event->kind_case != MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it creates no logged model");
    *ret_created = (*ret_record)->event->logged_model_created;
    return MLEDGER_OK;
}

int ml_rest_logged_model_uri(struct ml_rest_call *call, uint64_t seq, char **ret_uri)
{
    const struct ml_record *record;
    const Mledger__LoggedModelCreated *created;
    ML_TRY(ml_rest_logged_model_created(call, seq, &record, &created));
    *ret_uri = created->artifact_uri;
    return MLEDGER_OK;
}

int ml_rest_logged_model_run(struct ml_rest_call *call, const Mledger__LoggedModelCreated *created,
                             const char **ret_run_id)
{
    const Mledger__SubjectState *run = NULL;
    if (created->has_run)
        ML_TRY(ml_reader_subject(&call->reader, created->run, &run));
    *ret_run_id = run ? run->name : created->run_id;
    return MLEDGER_OK;
}

const char *ml_rest_logged_model_id(const char *uri)
{
    static const char scheme[] = "models:/";
    const char *id = uri + (sizeof scheme - 1);
    if (strncmp(uri, scheme, sizeof scheme - 1) != 0)
        return NULL;
    id += strspn(id, "/");
    return strncmp(id, "m-", 2) == 0 && !strpbrk(id, "/@") ? id : NULL;
}

/* ---- info ---- */

/* When its status changed last; nothing follows its deletion. */
static int read_update(struct ml_rest_call *call, const Mledger__SubjectState *state,
                       Mlflow__LoggedModelInfo *info)
{
    const struct ml_record *record;
    const uint64_t seq = state->has_deleted ? state->last_seq : state->status_seq;
    ML_TRY(ml_reader_record(&call->reader, seq, &record));
    info->has_last_updated_timestamp_ms = true;
    info->last_updated_timestamp_ms = ml_rest_time_ms(record);
    if (record->details)
        info->status_message = record->details->status_text;
    return MLEDGER_OK;
}

static int read_places(struct ml_rest_call *call, const Mledger__SubjectState *state,
                       const Mledger__LoggedModelCreated *created, Mlflow__LoggedModelInfo *info)
{
    const Mledger__SubjectState *experiment = NULL;
    const char *run_id;
    if (state->has_experiment)
        ML_TRY(ml_reader_subject(&call->reader, state->experiment, &experiment));
    ML_TRY(ml_rest_logged_model_run(call, created, &run_id));
    info->experiment_id = ml_rest_const(experiment && experiment->label ? experiment->label : "0");
    info->source_run_id = ml_rest_const(run_id);
    return MLEDGER_OK;
}

static int show_info(struct ml_rest_call *call, uint64_t seq, Mlflow__LoggedModelInfo *info)
{
    const struct ml_record *record;
    const Mledger__LoggedModelCreated *created;
    const Mledger__SubjectState *state;
    ML_TRY(ml_rest_logged_model_created(call, seq, &record, &created));
    ML_TRY(ml_reader_subject(&call->reader, seq, &state));
    info->model_id = created->model_id;
    info->name = created->name;
    info->model_type = ml_rest_const(created->model_type ? created->model_type : "");
    info->artifact_uri = created->artifact_uri;
    info->has_creation_timestamp_ms = true;
    info->creation_timestamp_ms = ml_rest_time_ms(record);
    info->has_status = true;
    info->status = (Mlflow__LoggedModelStatus)state->model_status; /* the numbers are the same */
    ML_TRY(read_places(call, state, created, info));
    return read_update(call, state, info);
}

/* ---- data ---- */

static int compare_pairs(const void *a, const void *b)
{
    const Mlflow__KeyValue *const *one = a, *const *other = b;
    return strcmp((*one)->key, (*other)->key);
}

static int pairs_of(struct ml_rest_call *call, const struct ml_fields *fields,
                    enum ml_field_kind kind, Mlflow__KeyValue ***ret_pairs, size_t *ret_count)
{
    Mlflow__KeyValue **pairs = ml_rest_array(call, fields->count);
    size_t count = 0;
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->list[i].kind != kind)
            continue;
        Mlflow__KeyValue *pair = ml_rest_message(call, &mlflow__key_value__descriptor);
        ML_TRY(ml_rest_check(call));
        pair->key = ml_rest_const(fields->list[i].key);
        pair->value = ml_rest_const(fields->list[i].value ? fields->list[i].value : "");
        pairs[count++] = pair;
    }
    qsort(pairs, count, sizeof *pairs, compare_pairs);
    *ret_pairs = pairs;
    *ret_count = count;
    return MLEDGER_OK;
}

/* What MLflow calls one point of a model, in its order: key, time, step and run. */
static int compare_metrics(const void *a, const void *b)
{
    const Mlflow__Metric *const *one = a, *const *other = b;
    const int by_key = strcmp((*one)->key, (*other)->key);
    if (by_key != 0)
        return by_key;
    if ((*one)->timestamp != (*other)->timestamp)
        return (*one)->timestamp < (*other)->timestamp ? -1 : 1;
    if ((*one)->step != (*other)->step)
        return (*one)->step < (*other)->step ? -1 : 1;
    return strcmp((*one)->run_id, (*other)->run_id);
}

static int show_metric(struct ml_rest_call *call, const char *model_id,
                       const struct ml_field *field, Mlflow__Metric **ret_metric)
{
    const Mledger__SubjectState *run;
    ML_TRY(ml_reader_subject(&call->reader, field->run, &run));
    ML_TRY(ml_rest_metric_show(call, field->key, field->metric, field->time_us, field->step,
                               ret_metric));
    Mlflow__Metric *metric = *ret_metric;
    metric->model_id = ml_rest_const(model_id);
    metric->run_id = run ? run->name : ml_rest_const("");
    metric->dataset_name = field->point->dataset_name;
    metric->dataset_digest = field->point->dataset_label;
    return MLEDGER_OK;
}

/* Clients log a point again for another model, or twice: it is shown once. */
static size_t drop_repeated(Mlflow__Metric **metrics, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare_metrics(&metrics[kept - 1], &metrics[i]) != 0)
            metrics[kept++] = metrics[i];
    return kept;
}

static int metrics_of(struct ml_rest_call *call, const char *model_id,
                      const struct ml_fields *fields, Mlflow__LoggedModelData *data)
{
    data->metrics = ml_rest_array(call, fields->count);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < fields->count; i++)
        if (fields->list[i].kind == ML_FIELD_METRIC)
            ML_TRY(
                show_metric(call, model_id, &fields->list[i], &data->metrics[data->n_metrics++]));
    qsort(data->metrics, data->n_metrics, sizeof *data->metrics, compare_metrics);
    data->n_metrics = drop_repeated(data->metrics, data->n_metrics);
    return MLEDGER_OK;
}

int ml_rest_logged_model_show(struct ml_rest_call *call, uint64_t seq,
                              Mlflow__LoggedModel **ret_model)
{
    struct ml_fields fields;
    ML_TRY(ml_fields_read(&call->reader, seq, 0, &fields));
    Mlflow__LoggedModel *model = ml_rest_message(call, &mlflow__logged_model__descriptor);
    Mlflow__LoggedModelInfo *info = ml_rest_message(call, &mlflow__logged_model_info__descriptor);
    Mlflow__LoggedModelData *data = ml_rest_message(call, &mlflow__logged_model_data__descriptor);
    ML_TRY(ml_rest_check(call));
    model->info = info;
    model->data = data;
    ML_TRY(show_info(call, seq, info));
    ML_TRY(pairs_of(call, &fields, ML_FIELD_TAG, &info->tags, &info->n_tags));
    ML_TRY(pairs_of(call, &fields, ML_FIELD_PARAM, &data->params, &data->n_params));
    ML_TRY(metrics_of(call, info->model_id, &fields, data));
    *ret_model = model;
    return MLEDGER_OK;
}
