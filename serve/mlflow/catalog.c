/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/catalog.h"

#include <math.h>
#include <pthread.h>

#include "ledger/core/codec.h"
#include "ledger/query/fields.h"
#include "ledger/query/reader.h"
#include "serve/mlflow/call.h"
#include "serve/mlflow/catalog_field.h"
#include "serve/mlflow/metric.h"

struct ml_catalog {
    pthread_rwlock_t lock;
    uint64_t size; /* records read */
    struct ml_catalog_run *runs;
    size_t count, cap;
    struct ml_catalog_models models;
};

static void release_run(struct ml_catalog_run *run)
{
    ml_catalog_free_text(run->id);
    ml_catalog_free_text(run->name);
    ml_catalog_free_text(run->user);
    ml_catalog_free_text(run->artifact_uri);
    ml_catalog_fields_release(&run->fields);
    for (size_t i = 0; i < run->n_inputs; i++) {
        ml_catalog_free_text(run->inputs[i].name);
        ml_catalog_free_text(run->inputs[i].digest);
        ml_catalog_free_text(run->inputs[i].context);
    }
    free(run->inputs);
}

/* ---- making and locking ---- */

int ml_catalog_new(struct ml_catalog **ret_catalog)
{
    ML_CLEANUP(ml_freep) struct ml_catalog *catalog = ml_calloc(1, sizeof *catalog);
    if (!catalog)
        return ml_fail_memory();
    const int error_number = pthread_rwlock_init(&catalog->lock, NULL);
    if (error_number != 0)
        return ml_fail_errno(error_number, "cannot make a lock");
    *ret_catalog = ML_TAKE(catalog);
    return MLEDGER_OK;
}

void ml_catalog_free(struct ml_catalog *catalog)
{
    if (!catalog)
        return;
    for (size_t i = 0; i < catalog->count; i++)
        release_run(&catalog->runs[i]);
    free(catalog->runs);
    ml_catalog_models_release(&catalog->models);
    pthread_rwlock_destroy(&catalog->lock);
    free(catalog);
}

void ml_catalog_lock(struct ml_catalog *catalog)
{
    pthread_rwlock_rdlock(&catalog->lock);
}

void ml_catalog_unlock(struct ml_catalog *catalog)
{
    pthread_rwlock_unlock(&catalog->lock);
}

/* ---- finding ---- */

const struct ml_catalog_run *ml_catalog_runs(const struct ml_catalog *catalog, size_t *ret_count)
{
    *ret_count = catalog->count;
    return catalog->runs;
}

const struct ml_catalog_model *ml_catalog_models(const struct ml_catalog *catalog,
                                                 size_t *ret_count)
{
    *ret_count = catalog->models.count;
    return catalog->models.list;
}

/* Runs stand in the order of their seqs. */
static struct ml_catalog_run *find_run(struct ml_catalog *catalog, uint64_t seq)
{
    size_t low = 0, high = catalog->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (catalog->runs[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < catalog->count && catalog->runs[low].seq == seq ? &catalog->runs[low] : NULL;
}

/* ---- what records say ---- */

/* Newest is the point with the greatest step, then time, then value, as MLflow has it. */
static bool is_newer(const struct ml_catalog_field *field, const Mledger__MetricPoint *point,
                     double number)
{
    if (field->step != point->step)
        return point->step > field->step;
    if (field->time_us != point->time)
        return point->time > field->time_us;
    return ml_rest_metric_rank(number) > ml_rest_metric_rank(field->number);
}

static int set_metrics(struct ml_catalog_run *run, const Mledger__RunLogged *logged,
                       const Mledger__Details *details, uint64_t seq)
{
    for (size_t i = 0; i < logged->n_metrics; i++) {
        const Mledger__MetricPoint *point = logged->metrics[i];
        struct ml_catalog_field *field;
        bool is_new;
        const double number =
            details && i < details->n_metric_values ? details->metric_values[i]->value : NAN;
        ML_TRY(ml_catalog_fields_take(&run->fields, ML_FIELD_METRIC, point->key, &field, &is_new));
        if (!is_new && !is_newer(field, point, number))
            continue;
        field->step = point->step;
        field->time_us = point->time;
        field->seq = seq;
        field->number = number;
    }
    return MLEDGER_OK;
}

static const char *digest_label(const Mledger__Input *input)
{
    for (size_t i = 0; i < input->n_labels; i++)
        if (strcmp(input->labels[i]->scheme, "mlflow.digest") == 0)
            return input->labels[i]->value;
    return NULL;
}

static int add_inputs(struct ml_catalog_run *run, const Mledger__RunLogged *logged)
{
    for (size_t i = 0; i < logged->n_inputs; i++) {
        struct ml_catalog_input input = {0};
        if (logged->inputs[i]->has_logged_model_ref)
            continue; /* no dataset */
        ML_TRY(ml_grow(&run->inputs, &run->cap_inputs, run->n_inputs + 1, sizeof *run->inputs));
        ML_TRY(ml_catalog_set_text(&input.name, logged->inputs[i]->name));
        run->inputs[run->n_inputs++] = input; /* from here on the run's to free */
        struct ml_catalog_input *kept = &run->inputs[run->n_inputs - 1];
        ML_TRY(ml_catalog_set_text(&kept->digest, digest_label(logged->inputs[i])));
        ML_TRY(ml_catalog_set_text(&kept->context, logged->inputs[i]->role));
    }
    return MLEDGER_OK;
}

static int fill_started(struct ml_catalog_run *run, const struct ml_record *record)
{
    const Mledger__RunStarted *started = record->event->run_started;
    run->seq = record->header->seq;
    run->experiment = started->has_experiment ? started->experiment : MLEDGER_NO_SEQ;
    run->status = MLEDGER__RUN_STATUS__RUNNING;
    run->start_ms = ml_rest_time_ms(record);
    ML_TRY(ml_catalog_set_text(&run->id, started->run_id));
    ML_TRY(ml_catalog_set_text(&run->name, started->name));
    ML_TRY(ml_catalog_set_text(&run->artifact_uri, started->artifact_uri));
    return ml_catalog_set_text(&run->user, record->details ? record->details->user : NULL);
}

static int start(struct ml_catalog *catalog, const struct ml_record *record)
{
    struct ml_catalog_run run = {0};
    ML_TRY(ml_grow(&catalog->runs, &catalog->cap, catalog->count + 1, sizeof *catalog->runs));
    const int result = fill_started(&run, record);
    if (result < 0) {
        release_run(&run);
        return result;
    }
    catalog->runs[catalog->count++] = run;
    return MLEDGER_OK;
}

static int log_values(struct ml_catalog_run *run, struct ml_reader *reader,
                      const struct ml_record *record)
{
    const Mledger__RunLogged *logged = record->event->run_logged;
    const Mledger__Details *details;
    const uint64_t seq = record->header->seq;
    ML_TRY(ml_reader_details(reader, record, &details));
    ML_TRY(ml_catalog_fields_set(&run->fields, ML_FIELD_PARAM, logged->params, logged->n_params,
                                 details, seq));
    ML_TRY(ml_catalog_fields_set(&run->fields, ML_FIELD_TAG, logged->tags, logged->n_tags, details,
                                 seq));
    ML_TRY(set_metrics(run, logged, details, seq));
    return add_inputs(run, logged);
}

static int update(struct ml_catalog_run *run, const Mledger__RunUpdated *updated)
{
    if (updated->has_status) {
        run->status = updated->status;
        run->has_end = false;
    }
    return updated->name ? ml_catalog_set_text(&run->name, updated->name) : MLEDGER_OK;
}

static void end(struct ml_catalog_run *run, const struct ml_record *record)
{
    run->status = record->event->run_ended->status;
    run->has_end = true;
    run->end_ms = ml_rest_time_ms(record);
}

/* The run that the event changes; MLEDGER_NO_SEQ: none. */
static uint64_t run_of(const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return event->run_logged->run;
    case MLEDGER__EVENT__KIND_RUN_UPDATED:
        return event->run_updated->run;
    case MLEDGER__EVENT__KIND_RUN_ENDED:
        return event->run_ended->run;
    case MLEDGER__EVENT__KIND_RUN_DELETED:
        return event->run_deleted->run;
    case MLEDGER__EVENT__KIND_RUN_RESTORED:
        return event->run_restored->run;
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return event->tags_set->has_run ? event->tags_set->run : MLEDGER_NO_SEQ;
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        return event->tags_deleted->has_run ? event->tags_deleted->run : MLEDGER_NO_SEQ;
    default:
        return MLEDGER_NO_SEQ;
    }
}

static int change(struct ml_catalog_run *run, struct ml_reader *reader,
                  const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return log_values(run, reader, record);
    case MLEDGER__EVENT__KIND_RUN_UPDATED:
        return update(run, event->run_updated);
    case MLEDGER__EVENT__KIND_RUN_ENDED:
        end(run, record);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_RUN_DELETED:
        run->is_deleted = true;
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_RUN_RESTORED:
        run->is_deleted = false;
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return ml_catalog_fields_set(&run->fields, ML_FIELD_TAG, event->tags_set->tags,
                                     event->tags_set->n_tags, record->details, record->header->seq);
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        ml_catalog_fields_drop_tags(&run->fields, event->tags_deleted->tags,
                                    event->tags_deleted->n_tags);
        return MLEDGER_OK;
    default:
        return MLEDGER_OK;
    }
}

/* ---- erasure ---- */

/* What was erased in the ledger is forgotten here. */
static int forget(struct ml_catalog *catalog, uint64_t seq)
{
    for (size_t i = 0; i < catalog->count; i++) {
        struct ml_catalog_run *run = &catalog->runs[i];
        if (run->seq == seq)
            ML_TRY(ml_catalog_set_text(&run->user, NULL));
        ML_TRY(ml_catalog_fields_forget(&run->fields, seq));
    }
    return ml_catalog_models_forget(&catalog->models, seq);
}

/* ---- all of it ---- */

static int take_record(struct ml_catalog *catalog, struct ml_reader *reader, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(reader, seq, &record));
    if (record->event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED)
        return start(catalog, record);
    if (record->event->kind_case == MLEDGER__EVENT__KIND_DETAILS_ERASED)
        return forget(catalog, record->event->details_erased->record_ref);
    ML_TRY(ml_catalog_models_take(&catalog->models, reader, record));
    const uint64_t of = run_of(record->event);
    struct ml_catalog_run *run = of == MLEDGER_NO_SEQ ? NULL : find_run(catalog, of);
    return run ? change(run, reader, record) : MLEDGER_OK;
}

/* Records that one reader holds before it is begun anew. */
enum { READ_AT_ONCE = 1024 };

static int read_some(struct ml_catalog *catalog, struct ml_view *view)
{
    ML_CLEANUP(ml_reader_release) struct ml_reader reader;
    const uint64_t end = view->head.size - catalog->size > READ_AT_ONCE
                             ? catalog->size + READ_AT_ONCE
                             : view->head.size;
    ml_reader_init(&reader, view, view->head.size - 1);
    for (; catalog->size < end; catalog->size++)
        ML_TRY(take_record(catalog, &reader, catalog->size));
    return MLEDGER_OK;
}

int ml_catalog_catch_up(struct ml_catalog *catalog, struct ml_view *view)
{
    int result = MLEDGER_OK;
    ml_catalog_lock(catalog);
    const bool is_behind = catalog->size < view->head.size;
    ml_catalog_unlock(catalog);
    if (!is_behind)
        return MLEDGER_OK;
    pthread_rwlock_wrlock(&catalog->lock);
    while (result >= 0 && catalog->size < view->head.size)
        result = read_some(catalog, view);
    pthread_rwlock_unlock(&catalog->lock);
    return result;
}
