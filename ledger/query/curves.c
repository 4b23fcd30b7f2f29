/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/curves.h"

#include <inttypes.h>
#include <math.h>

#include "ledger/core/time.h"
#include "ledger/query/json_parts.h"
#include "ledger/query/version_past.h"
#include "ledger/query/version_run.h"

struct reading {
    struct ml_reader *reader;
    const struct ml_curves_question *question;
    struct ml_basis *basis;
    struct ml_curves *curves;
    size_t first;       /* of the curves of the run that is read */
    const char *of;     /* whose they are */
    const char *run_id; /* of that run */
    size_t last;        /* the curve that the last point went to */
};

void ml_curves_release(struct ml_curves *curves)
{
    for (size_t i = 0; i < curves->count; i++)
        free(curves->list[i].points);
    free(curves->list);
    *curves = (struct ml_curves){0};
}

/* ---- points ---- */

static bool is_wanted(const struct reading *reading, const char *key)
{
    for (size_t i = 0; i < reading->question->n_keys; i++)
        if (strcmp(reading->question->keys[i], key) == 0)
            return true;
    return reading->question->n_keys == 0;
}

/* Points of one metric mostly come one after the other. */
static int find_curve(struct reading *reading, const char *key, struct ml_curve **ret_curve)
{
    struct ml_curves *curves = reading->curves;
    for (size_t n = reading->first, i = reading->last; n < curves->count; n++) {
        if (i < reading->first || i >= curves->count)
            i = reading->first;
        if (strcmp(curves->list[i].key, key) == 0) {
            reading->last = i;
            *ret_curve = &curves->list[i];
            return MLEDGER_OK;
        }
        i++;
    }
    ML_TRY(ml_grow(&curves->list, &curves->cap, curves->count + 1, sizeof *curves->list));
    reading->last = curves->count;
    *ret_curve = &curves->list[curves->count++];
    **ret_curve = (struct ml_curve){.of = reading->of, .run_id = reading->run_id, .key = key};
    return MLEDGER_OK;
}

static int add_point(struct reading *reading, const Mledger__MetricPoint *metric,
                     const Mledger__MetricValue *value, uint64_t seq)
{
    struct ml_curve *curve;
    ML_TRY(find_curve(reading, metric->key, &curve));
    ML_TRY(ml_grow(&curve->points, &curve->cap, curve->count + 1, sizeof *curve->points));
    curve->points[curve->count++] = (struct ml_curve_point){
        .step = metric->step,
        .time_us = metric->time,
        .known = value != NULL,
        .value = value ? value->value : 0,
        .text = value ? value->text : NULL,
        .seq = seq,
    };
    reading->curves->n_points++;
    return MLEDGER_OK;
}

static int read_record(struct reading *reading, uint64_t seq)
{
    const struct ml_record *record;
    const Mledger__Details *details;
    ML_TRY(ml_reader_record(reading->reader, seq, &record));
    const Mledger__RunLogged *logged = record->event->run_logged;
    if (record->event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED || logged->n_metrics == 0)
        return MLEDGER_OK;
    ML_TRY(ml_reader_details(reading->reader, record, &details));
    bool any = false;
    for (size_t i = 0; i < logged->n_metrics; i++) {
        if (!is_wanted(reading, logged->metrics[i]->key))
            continue;
        any = true;
        ML_TRY(add_point(reading, logged->metrics[i],
                         details && i < details->n_metric_values ? details->metric_values[i] : NULL,
                         seq));
    }
    if (any && !details)
        ML_TRY(
            ml_basis_unknown(reading->basis, "the values in record %" PRIu64 " were erased", seq));
    return any ? ml_basis_add(reading->basis, seq) : MLEDGER_OK;
}

static int compare_points(const void *a, const void *b)
{
    const struct ml_curve_point *x = a, *y = b;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int read_run(struct reading *reading, uint64_t run)
{
    struct ml_state_key prefix = ml_index_subject_prefix(run);
    uint64_t *seqs;
    size_t count;
    bool more;
    reading->first = reading->last = reading->curves->count;
    ML_TRY(ml_reader_seqs(reading->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count; i++)
        ML_TRY(read_record(reading, seqs[i]));
    for (size_t i = reading->first; i < reading->curves->count; i++)
        qsort(reading->curves->list[i].points, reading->curves->list[i].count,
              sizeof(struct ml_curve_point), compare_points);
    if (reading->first < reading->curves->count)
        return MLEDGER_OK;
    return ml_basis_unknown(reading->basis, "no %smetric of %s is recorded",
                            reading->question->n_keys ? "such " : "", reading->of);
}

/* ---- whose ---- */

/* "churn/3", by the name that the model bears now. */
static int name_version(struct reading *reading, const struct ml_version_past *past)
{
    const Mledger__SubjectState *model;
    ML_TRY(ml_reader_subject(reading->reader, past->model, &model));
    reading->of = ml_arena_printf(&reading->reader->arena, "%s/%" PRIu64, model ? model->name : "?",
                                  past->version);
    return reading->of ? MLEDGER_OK : ml_arena_fail(&reading->reader->arena, "the metrics");
}

static int read_version(struct reading *reading, const struct ml_target *target)
{
    struct ml_version_past past;
    const struct ml_run_past *run;
    ML_TRY(ml_version_past(reading->reader, target->seq, target->version, &past));
    ML_TRY(name_version(reading, &past));
    ML_TRY(ml_version_run(reading->reader, past.registered, &run));
    if (!run)
        return ml_basis_unknown(reading->basis, "no run of %s is recorded", reading->of);
    ML_TRY(ml_basis_add(reading->basis, past.registered_seq));
    reading->run_id = run->id;
    return read_run(reading, run->seq);
}

static int read_target(struct reading *reading, const struct ml_target *target)
{
    if (target->kind == ML_TARGET_VERSION)
        return read_version(reading, target);
    if (target->kind != ML_TARGET_RUN)
        return ml_fail(MLEDGER_EUSAGE, "only versions and runs have metrics");
    reading->run_id = target->name;
    if (target->seq == MLEDGER_NO_SEQ)
        return ml_basis_unknown(reading->basis, "run '%s' was never recorded", target->name);
    const struct ml_record *record;
    ML_TRY(ml_reader_record(reading->reader, target->seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_RUN_STARTED)
        return ml_fail_seq(MLEDGER_EDAMAGED, target->seq, "it starts no run");
    const Mledger__RunStarted *started = record->event->run_started;
    reading->run_id = started->run_id;
    reading->of = ml_arena_printf(&reading->reader->arena, "run %s",
                                  started->name ? started->name : started->run_id);
    if (!reading->of)
        return ml_arena_fail(&reading->reader->arena, "the metrics");
    return read_run(reading, target->seq);
}

/* Insertion by key keeps the order asked for among those of one key; there are few curves. */
static void sort_curves(struct ml_curves *curves)
{
    for (size_t i = 1; i < curves->count; i++) {
        struct ml_curve curve = curves->list[i];
        size_t at = i;
        for (; at > 0 && strcmp(curves->list[at - 1].key, curve.key) > 0; at--)
            curves->list[at] = curves->list[at - 1];
        curves->list[at] = curve;
    }
}

int ml_curves_read(struct ml_reader *reader, const struct ml_curves_question *question,
                   struct ml_basis *basis, struct ml_curves *ret_curves)
{
    *ret_curves = (struct ml_curves){0};
    struct reading reading = {
        .reader = reader, .question = question, .basis = basis, .curves = ret_curves};
    for (size_t i = 0; i < question->n_targets; i++)
        ML_TRY(read_target(&reading, &question->targets[i]));
    sort_curves(ret_curves);
    return MLEDGER_OK;
}

/* ---- JSON ---- */

static int add_point_json(const struct ml_curve_point *point, json_t *list)
{
    json_t *json;
    char time[ML_TIME_TEXT_SIZE];
    bool timed = ml_time_format(point->time_us, time) >= 0;
    bool finite = point->known && isfinite(point->value);
    ML_TRY(ml_json_add_empty(list, json_object(), &json));
    ML_TRY(ml_json_put(json, "step", json_integer((json_int_t)point->step)));
    ML_TRY(ml_json_put(json, "time", ml_json_text(timed ? time : NULL)));
    ML_TRY(ml_json_put(json, "value", finite ? json_real(point->value) : json_null()));
    ML_TRY(ml_json_put(json, "text", ml_json_text(point->text)));
    return ml_json_put(json, "seq", ml_json_number(point->seq));
}

static int put_curves(const struct ml_curves *curves, json_t *json)
{
    json_t *list, *one, *points;
    ML_TRY(ml_json_put_empty(json, "curves", json_array(), &list));
    for (size_t i = 0; i < curves->count; i++) {
        const struct ml_curve *curve = &curves->list[i];
        ML_TRY(ml_json_add_empty(list, json_object(), &one));
        ML_TRY(ml_json_put(one, "of", ml_json_text(curve->of)));
        ML_TRY(ml_json_put(one, "run", ml_json_text(curve->run_id)));
        ML_TRY(ml_json_put(one, "key", ml_json_text(curve->key)));
        ML_TRY(ml_json_put_empty(one, "points", json_array(), &points));
        for (size_t k = 0; k < curve->count; k++)
            ML_TRY(add_point_json(&curve->points[k], points));
    }
    return MLEDGER_OK;
}

int ml_curves_to_json(const struct ml_curves *curves, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    ML_TRY(put_curves(curves, json));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
