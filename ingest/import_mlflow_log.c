/* SPDX-License-Identifier: Apache-2.0 */
/* What a run logged, as run_logged records that each stay well below the limits of a record. */
#include <inttypes.h>
#include <math.h>

#include "ingest/import_mlflow_state.h"
#include "ledger/core/codec.h"
#include "ledger/core/double.h"

enum {
    EVENT_BYTES = ML_LIMIT_EVENT / 2,
    DETAILS_BYTES = ML_LIMIT_DETAILS / 4,
    ELEMENTS = 1000,    /* in one record: the fold of a batch of metrics is quadratic */
    ELEMENT_BYTES = 24, /* tags, lengths and numbers around an element's texts, at the most */
};

/* The record being filled. */
struct log {
    struct ml_import_mlflow *import;
    struct ml_import_known *known;
    const struct ml_import_ref *ref;
    const struct ml_mlflow_run *run;
    struct ml_draft *draft; /* NULL: none yet */
    Mledger__RunLogged *logged;
    size_t event_bytes, details_bytes, elements;
    int64_t newest_us; /* of its metric points */
    bool has_newest;
    struct ml_import_list params, param_values, metrics, metric_values, tags, tag_values, inputs,
        outputs;
};

static void log_release(struct log *log)
{
    struct ml_import_list *lists[] = {&log->params,        &log->param_values, &log->metrics,
                                      &log->metric_values, &log->tags,         &log->tag_values,
                                      &log->inputs,        &log->outputs};
    for (size_t i = 0; i < ML_COUNT(lists); i++)
        ml_import_list_release(lists[i]);
    ml_draft_free(log->draft);
}

static int open_log(struct log *log)
{
    ML_TRY(ml_import_mlflow_draft(log->import, "run_logged", log->run->path, ML_MLFLOW_NO_TIME,
                                  &log->draft, &log->logged));
    log->event_bytes = log->details_bytes = log->elements = 0;
    log->has_newest = false;
    return ml_import_ref_put(log->draft, log->ref, "run", &log->logged->run, NULL);
}

static int move_lists(struct log *log)
{
    struct ml_draft *draft = log->draft;
    Mledger__RunLogged *logged = log->logged;
    Mledger__Details *details = draft->details;
    ML_TRY(ml_import_list_move(&log->params, draft, &logged->params, &logged->n_params));
    ML_TRY(ml_import_list_move(&log->param_values, draft, &details->param_values,
                               &details->n_param_values));
    ML_TRY(ml_import_list_move(&log->metrics, draft, &logged->metrics, &logged->n_metrics));
    ML_TRY(ml_import_list_move(&log->metric_values, draft, &details->metric_values,
                               &details->n_metric_values));
    ML_TRY(ml_import_list_move(&log->tags, draft, &logged->tags, &logged->n_tags));
    ML_TRY(
        ml_import_list_move(&log->tag_values, draft, &details->tag_values, &details->n_tag_values));
    ML_TRY(ml_import_list_move(&log->inputs, draft, &logged->inputs, &logged->n_inputs));
    return ml_import_list_move(&log->outputs, draft, &logged->outputs, &logged->n_outputs);
}

/* Metric points happened when they say; what has no time of its own, when the run started. */
static int close_log(struct log *log)
{
    int64_t occurred_us;
    if (!log->draft)
        return MLEDGER_OK;
    ML_TRY(move_lists(log));
    if (log->has_newest)
        ML_TRY(ml_import_occurred(log->draft, log->newest_us));
    else if (ml_import_mlflow_time(log->run->started_ms, &occurred_us))
        ML_TRY(ml_import_occurred(log->draft, occurred_us));
    return ml_import_add(&log->import->batch, ML_TAKE(log->draft));
}

/* Makes sure that the record has room for an element of these sizes. */
static int make_room(struct log *log, size_t event_bytes, size_t details_bytes)
{
    event_bytes += ELEMENT_BYTES;
    details_bytes += ELEMENT_BYTES;
    if (log->draft &&
        (log->event_bytes + event_bytes > EVENT_BYTES ||
         log->details_bytes + details_bytes > DETAILS_BYTES || log->elements == ELEMENTS))
        ML_TRY(close_log(log));
    if (!log->draft)
        ML_TRY(open_log(log));
    log->event_bytes += event_bytes;
    log->details_bytes += details_bytes;
    log->elements++;
    return MLEDGER_OK;
}

static int log_pair(struct log *log, const struct ml_mlflow_pair *pair, struct ml_import_list *keys,
                    struct ml_import_list *values)
{
    ML_TRY(make_room(log, strlen(pair->key), strlen(pair->value)));
    ML_TRY(ml_import_list_add(keys, ml_draft_text(log->draft, pair->key)));
    return ml_import_list_add(values, ml_draft_text(log->draft, pair->value));
}

static int log_params(struct log *log)
{
    const struct ml_mlflow_pairs *params = &log->run->params;
    for (size_t i = 0; i < params->count; i++) {
        const struct ml_mlflow_pair *param = &params->items[i];
        int has = ml_import_known_has(log->known, param->value, "p/%s", param->key);
        ML_TRY(has);
        if (!has && ml_import_mlflow_fits(param->value))
            ML_TRY(log_pair(log, param, &log->params, &log->param_values));
    }
    return MLEDGER_OK;
}

/* Of a new run; later changes are tags_set. */
static int log_tags(struct log *log)
{
    const struct ml_mlflow_pairs *tags = &log->run->tags;
    for (size_t i = 0; i < tags->count; i++)
        if (ml_import_mlflow_fits(tags->items[i].value))
            ML_TRY(log_pair(log, &tags->items[i], &log->tags, &log->tag_values));
    return MLEDGER_OK;
}

/* ---- metrics ---- */

/* An erased value leaves a point without its text. */
static int is_known_point(struct ml_import_known *known, const char *key,
                          const struct ml_mlflow_point *point, int64_t time_us)
{
    int has = ml_import_known_has(known, NULL, "m/%" PRId64 "/%" PRId64 "/%s/%s", point->step,
                                  time_us, point->text, key);
    if (has)
        return has;
    return ml_import_known_has(known, NULL, "m/%" PRId64 "/%" PRId64 "//%s", point->step, time_us,
                               key);
}

static int log_point(struct log *log, const char *key, const struct ml_mlflow_point *from,
                     int64_t time_us)
{
    ML_TRY(make_room(log, strlen(key), strlen(from->text)));
    Mledger__MetricPoint *point = ml_draft_message(log->draft, &mledger__metric_point__descriptor);
    Mledger__MetricValue *value = ml_draft_message(log->draft, &mledger__metric_value__descriptor);
    if (!point || !value)
        return ml_arena_fail(&log->draft->arena, "an event");
    ML_TRY(ml_import_text(log->draft, key, &point->key));
    point->step = from->step;
    point->time = time_us;
    ML_TRY(ml_import_text(log->draft, from->text, &value->text));
    value->value = from->value;
    if (isnan(from->value)) /* the one NaN that records hold */
        ML_TRY(ml_double_parse("nan", 3, &value->value));
    if (!log->has_newest || time_us > log->newest_us)
        log->newest_us = time_us;
    log->has_newest = true;
    ML_TRY(ml_import_list_add(&log->metrics, point));
    return ml_import_list_add(&log->metric_values, value);
}

static int log_metric(struct log *log, const struct ml_mlflow_metric *metric)
{
    int64_t time_us;
    for (size_t i = 0; i < metric->count; i++) {
        const struct ml_mlflow_point *point = &metric->points[i];
        if (!ml_import_mlflow_time(point->timestamp_ms, &time_us))
            continue; /* noted by the first visit */
        int known = is_known_point(log->known, metric->key, point, time_us);
        ML_TRY(known);
        if (!known)
            ML_TRY(log_point(log, metric->key, point, time_us));
    }
    return MLEDGER_OK;
}

/* ---- inputs and outputs ---- */

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static int put_labels(struct log *log, const struct ml_mlflow_dataset *dataset,
                      Mledger__Input *input)
{
    ML_CLEANUP(ml_import_list_release) struct ml_import_list labels = {0};
    ML_TRY(ml_import_label(log->draft, &labels, "mlflow.digest", dataset->digest));
    ML_TRY(ml_import_label(log->draft, &labels, "mlflow.source_type", dataset->source_type));
    if (ml_import_mlflow_fits(dataset->source))
        ML_TRY(ml_import_label(log->draft, &labels, "mlflow.source", dataset->source));
    return ml_import_list_move(&labels, log->draft, &input->labels, &input->n_labels);
}

/* Details have room for one schema and one profile: an input that has some begins a record. */
static int put_schema(struct log *log, const struct ml_mlflow_dataset *dataset)
{
    if (ml_import_mlflow_fits(dataset->schema))
        ML_TRY(ml_import_text(log->draft, dataset->schema, &log->draft->details->schema_json));
    if (ml_import_mlflow_fits(dataset->profile))
        ML_TRY(ml_import_text(log->draft, dataset->profile, &log->draft->details->profile_json));
    return MLEDGER_OK;
}

static int log_input(struct log *log, const struct ml_mlflow_dataset_input *from)
{
    const struct ml_mlflow_dataset *dataset = &from->dataset;
    const bool described = dataset->schema || dataset->profile;
    if (described && log->draft &&
        (log->draft->details->schema_json || log->draft->details->profile_json))
        ML_TRY(close_log(log));
    ML_TRY(make_room(log,
                     4 * (size_t)ELEMENT_BYTES + strlen(or_empty(dataset->name)) +
                         strlen(or_empty(dataset->source)) + strlen(or_empty(dataset->digest)),
                     strlen(or_empty(dataset->schema)) + strlen(or_empty(dataset->profile))));
    Mledger__Input *input = ml_draft_message(log->draft, &mledger__input__descriptor);
    if (!input)
        return ml_arena_fail(&log->draft->arena, "an event");
    ML_TRY(ml_import_text(log->draft, or_empty(dataset->name), &input->name));
    ML_TRY(ml_import_text(log->draft, from->context, &input->role));
    ML_TRY(put_labels(log, dataset, input));
    if (described)
        ML_TRY(put_schema(log, dataset));
    return ml_import_list_add(&log->inputs, input);
}

static int log_inputs(struct log *log)
{
    for (size_t i = 0; i < log->run->input_count; i++) {
        const struct ml_mlflow_dataset_input *input = &log->run->inputs[i];
        int has =
            ml_import_known_has(log->known, NULL, "i/%s/%s/%s", or_empty(input->context),
                                or_empty(input->dataset.digest), or_empty(input->dataset.name));
        ML_TRY(has);
        if (!has)
            ML_TRY(log_input(log, input));
    }
    return MLEDGER_OK;
}

/* A logged model that the run read: an input by its id, which joins nothing. */
static int log_model_input(struct log *log, const struct ml_mlflow_model_link *link)
{
    ML_CLEANUP(ml_import_list_release) struct ml_import_list labels = {0};
    int has = ml_import_known_has(log->known, NULL, "i/model//%s", link->model_id);
    if (has)
        return has < 0 ? has : MLEDGER_OK;
    ML_TRY(make_room(log, 2 * strlen(link->model_id) + 2 * (size_t)ELEMENT_BYTES, 0));
    Mledger__Input *input = ml_draft_message(log->draft, &mledger__input__descriptor);
    if (!input)
        return ml_arena_fail(&log->draft->arena, "an event");
    ML_TRY(ml_import_text(log->draft, link->model_id, &input->name));
    ML_TRY(ml_import_text(log->draft, "model", &input->role));
    ML_TRY(ml_import_label(log->draft, &labels, "mlflow.model_id", link->model_id));
    ML_TRY(ml_import_list_move(&labels, log->draft, &input->labels, &input->n_labels));
    return ml_import_list_add(&log->inputs, input);
}

static int log_model_output(struct log *log, const struct ml_mlflow_model_link *link)
{
    ML_CLEANUP(ml_import_list_release) struct ml_import_list labels = {0};
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    int has = ml_import_known_has(log->known, NULL, "o/models/%s", link->model_id);
    if (has)
        return has < 0 ? has : MLEDGER_OK;
    ML_TRY(make_room(log, 2 * strlen(link->model_id) + 4 * (size_t)ELEMENT_BYTES, 0));
    Mledger__Artifact *output = ml_draft_message(log->draft, &mledger__artifact__descriptor);
    const char *path = ml_pool_printf(&pool, "models/%s", link->model_id);
    const char *step = ml_pool_printf(&pool, "%" PRId64, link->step);
    if (!path || !step)
        return MLEDGER_ESYSTEM;
    if (!output)
        return ml_arena_fail(&log->draft->arena, "an event");
    ML_TRY(ml_import_text(log->draft, path, &output->path));
    ML_TRY(ml_import_label(log->draft, &labels, "mlflow.model_id", link->model_id));
    ML_TRY(ml_import_label(log->draft, &labels, "mlflow.step", step));
    ML_TRY(ml_import_list_move(&labels, log->draft, &output->labels, &output->n_labels));
    return ml_import_list_add(&log->outputs, output);
}

static int log_model_links(struct log *log)
{
    for (size_t i = 0; i < log->run->model_input_count; i++)
        ML_TRY(log_model_input(log, &log->run->model_inputs[i]));
    for (size_t i = 0; i < log->run->model_output_count; i++)
        ML_TRY(log_model_output(log, &log->run->model_outputs[i]));
    return MLEDGER_OK;
}

int ml_import_mlflow_log(struct ml_import_mlflow *import, struct ml_import_known *known,
                         const struct ml_import_ref *ref, const struct ml_mlflow_run *run)
{
    ML_CLEANUP(log_release)
    struct log log = {.import = import, .known = known, .ref = ref, .run = run};
    ML_TRY(log_params(&log));
    if (!ref->in_ledger)
        ML_TRY(log_tags(&log));
    ML_TRY(log_inputs(&log));
    ML_TRY(log_model_links(&log));
    for (size_t i = 0; i < run->metrics.count; i++)
        ML_TRY(log_metric(&log, &run->metrics.items[i]));
    return close_log(&log);
}
