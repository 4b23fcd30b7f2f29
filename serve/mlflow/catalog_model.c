/* SPDX-License-Identifier: Apache-2.0 */
/* The logged models in the catalogue. */
#include <math.h>

#include "ledger/query/reader.h"
#include "serve/mlflow/call.h"
#include "serve/mlflow/catalog_field.h"

static void release_point(struct ml_catalog_point *point)
{
    ml_catalog_free_text(point->key);
    ml_catalog_free_text(point->dataset);
    ml_catalog_free_text(point->digest);
}

static void release_model(struct ml_catalog_model *model)
{
    const char *texts[] = {model->id, model->name, model->type, model->artifact_uri, model->run_id};
    for (size_t i = 0; i < ML_COUNT(texts); i++)
        ml_catalog_free_text(texts[i]);
    ml_catalog_fields_release(&model->fields);
    for (size_t i = 0; i < model->n_points; i++)
        release_point(&model->points[i]);
    free(model->points);
}

void ml_catalog_models_release(struct ml_catalog_models *models)
{
    for (size_t i = 0; i < models->count; i++)
        release_model(&models->list[i]);
    free(models->list);
}

/* They stand in the order of their seqs. */
static struct ml_catalog_model *find(struct ml_catalog_models *models, uint64_t seq)
{
    size_t low = 0, high = models->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (models->list[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < models->count && models->list[low].seq == seq ? &models->list[low] : NULL;
}

/* ---- what records say ---- */

static int set_run(struct ml_catalog_model *model, struct ml_reader *reader,
                   const Mledger__LoggedModelCreated *created)
{
    const Mledger__SubjectState *run = NULL;
    if (created->has_run)
        ML_TRY(ml_reader_subject(reader, created->run, &run));
    return ml_catalog_set_text(&model->run_id, run ? run->name : created->run_id);
}

static int fill(struct ml_catalog_model *model, struct ml_reader *reader,
                const struct ml_record *record)
{
    const Mledger__LoggedModelCreated *created = record->event->logged_model_created;
    const Mledger__Details *details;
    const uint64_t seq = record->header->seq;
    ML_TRY(ml_reader_details(reader, record, &details));
    model->seq = seq;
    model->experiment = created->has_experiment ? created->experiment : MLEDGER_NO_SEQ;
    model->status = MLEDGER__LOGGED_MODEL_STATUS__PENDING;
    model->created_ms = model->updated_ms = ml_rest_time_ms(record);
    ML_TRY(ml_catalog_set_text(&model->id, created->model_id));
    ML_TRY(ml_catalog_set_text(&model->name, created->name));
    ML_TRY(ml_catalog_set_text(&model->type, created->model_type));
    ML_TRY(ml_catalog_set_text(&model->artifact_uri, created->artifact_uri));
    ML_TRY(set_run(model, reader, created));
    ML_TRY(ml_catalog_fields_set(&model->fields, ML_FIELD_PARAM, created->params, created->n_params,
                                 details, seq));
    return ml_catalog_fields_set(&model->fields, ML_FIELD_TAG, created->tags, created->n_tags,
                                 details, seq);
}

static int create(struct ml_catalog_models *models, struct ml_reader *reader,
                  const struct ml_record *record)
{
    struct ml_catalog_model model = {0};
    ML_TRY(ml_grow(&models->list, &models->cap, models->count + 1, sizeof *models->list));
    const int result = fill(&model, reader, record);
    if (result < 0) {
        release_model(&model);
        return result;
    }
    models->list[models->count++] = model;
    return MLEDGER_OK;
}

static int update(struct ml_catalog_model *model, struct ml_reader *reader,
                  const struct ml_record *record)
{
    const Mledger__LoggedModelUpdated *updated = record->event->logged_model_updated;
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(reader, record, &details));
    if (updated->has_status) {
        model->status = updated->status;
        model->updated_ms = ml_rest_time_ms(record);
    }
    return ml_catalog_fields_set(&model->fields, ML_FIELD_PARAM, updated->params, updated->n_params,
                                 details, record->header->seq);
}

static int add_point(struct ml_catalog_model *model, const Mledger__MetricPoint *point,
                     const Mledger__MetricValue *value, uint64_t seq)
{
    ML_TRY(ml_grow(&model->points, &model->cap_points, model->n_points + 1, sizeof *model->points));
    struct ml_catalog_point *kept = &model->points[model->n_points];
    *kept = (struct ml_catalog_point){.number = value ? value->value : NAN,
                                      .step = point->step,
                                      .time_us = point->time,
                                      .seq = seq};
    ML_TRY(ml_catalog_set_text(&kept->key, point->key));
    model->n_points++; /* from here on the model's to free */
    ML_TRY(ml_catalog_set_text(&kept->dataset, point->dataset_name));
    return ml_catalog_set_text(&kept->digest, point->dataset_label);
}

static int measure(struct ml_catalog_models *models, struct ml_reader *reader,
                   const struct ml_record *record)
{
    const Mledger__RunLogged *logged = record->event->run_logged;
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(reader, record, &details));
    for (size_t i = 0; i < logged->n_metrics; i++) {
        const Mledger__MetricPoint *point = logged->metrics[i];
        struct ml_catalog_model *model =
            point->has_logged_model ? find(models, point->logged_model) : NULL;
        const bool has_value = details && i < details->n_metric_values;
        if (model)
            ML_TRY(add_point(model, point, has_value ? details->metric_values[i] : NULL,
                             record->header->seq));
    }
    return MLEDGER_OK;
}

static void mark_deleted(struct ml_catalog_model *model, const struct ml_record *record)
{
    model->is_deleted = true;
    model->updated_ms = ml_rest_time_ms(record);
}

/* The logged model that the event changes; MLEDGER_NO_SEQ: none. */
static uint64_t model_of(const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_UPDATED:
        return event->logged_model_updated->logged_model;
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_DELETED:
        return event->logged_model_deleted->logged_model;
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return event->tags_set->has_logged_model ? event->tags_set->logged_model : MLEDGER_NO_SEQ;
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        return event->tags_deleted->has_logged_model ? event->tags_deleted->logged_model
                                                     : MLEDGER_NO_SEQ;
    default:
        return MLEDGER_NO_SEQ;
    }
}

static int change(struct ml_catalog_model *model, struct ml_reader *reader,
                  const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_UPDATED:
        return update(model, reader, record);
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_DELETED:
        mark_deleted(model, record);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return ml_catalog_fields_set(&model->fields, ML_FIELD_TAG, event->tags_set->tags,
                                     event->tags_set->n_tags, record->details, record->header->seq);
    default:
        ml_catalog_fields_drop_tags(&model->fields, event->tags_deleted->tags,
                                    event->tags_deleted->n_tags);
        return MLEDGER_OK;
    }
}

int ml_catalog_models_take(struct ml_catalog_models *models, struct ml_reader *reader,
                           const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    if (event->kind_case == MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED)
        return create(models, reader, record);
    if (event->kind_case == MLEDGER__EVENT__KIND_RUN_LOGGED)
        return measure(models, reader, record);
    const uint64_t of = model_of(event);
    struct ml_catalog_model *model = of == MLEDGER_NO_SEQ ? NULL : find(models, of);
    return model ? change(model, reader, record) : MLEDGER_OK;
}

int ml_catalog_models_forget(struct ml_catalog_models *models, uint64_t seq)
{
    for (size_t i = 0; i < models->count; i++) {
        struct ml_catalog_model *model = &models->list[i];
        ML_TRY(ml_catalog_fields_forget(&model->fields, seq));
        for (size_t k = 0; k < model->n_points; k++)
            if (model->points[k].seq == seq)
                model->points[k].number = NAN;
    }
    return MLEDGER_OK;
}
