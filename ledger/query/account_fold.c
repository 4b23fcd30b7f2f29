/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/account_fold.h"

/* A point and where it stands: later ones of the same metric win. */
struct account_point {
    struct ml_account_metric metric;
    size_t order;
};

struct account_tag {
    struct ml_account_value value;
    size_t order;
    bool is_deleted;
};

void account_fold_release(struct account_fold *fold)
{
    free(fold->params);
    free(fold->points);
    free(fold->tags);
    free(fold->files);
}

static const char *value_at(char *const *values, size_t count, size_t index)
{
    return index < count ? values[index] : NULL;
}

/* ---- one record ---- */

int account_add_params(struct account_fold *fold, char *const *keys, size_t count)
{
    const Mledger__Details *details = fold->details;
    ML_TRY(ml_grow(&fold->params, &fold->cap_params, fold->n_params + count, sizeof *fold->params));
    for (size_t i = 0; i < count; i++)
        fold->params[fold->n_params++] = (struct ml_account_value){
            .key = keys[i],
            .value = details ? value_at(details->param_values, details->n_param_values, i) : NULL,
            .seq = fold->record->header->seq};
    return MLEDGER_OK;
}

int account_add_point(struct account_fold *fold, size_t index)
{
    const Mledger__Details *details = fold->details;
    const Mledger__MetricPoint *point = fold->record->event->run_logged->metrics[index];
    ML_TRY(ml_grow(&fold->points, &fold->cap_points, fold->n_points + 1, sizeof *fold->points));
    fold->points[fold->n_points] =
        (struct account_point){.metric = {.key = point->key,
                                          .dataset = point->dataset_name,
                                          .value = details && index < details->n_metric_values
                                                       ? details->metric_values[index]->text
                                                       : NULL,
                                          .step = point->step,
                                          .time_us = point->time,
                                          .seq = fold->record->header->seq},
                               .order = fold->n_points};
    fold->n_points++;
    return MLEDGER_OK;
}

int account_add_tags(struct account_fold *fold, char *const *keys, size_t count, bool deleted)
{
    const Mledger__Details *details = fold->details;
    ML_TRY(ml_grow(&fold->tags, &fold->cap_tags, fold->n_tags + count, sizeof *fold->tags));
    for (size_t i = 0; i < count; i++, fold->n_tags++)
        fold->tags[fold->n_tags] = (struct account_tag){
            .value = {.key = keys[i],
                      .value =
                          details ? value_at(details->tag_values, details->n_tag_values, i) : NULL,
                      .seq = fold->record->header->seq},
            .order = fold->n_tags,
            .is_deleted = deleted};
    return MLEDGER_OK;
}

int account_add_files(struct account_fold *fold, Mledger__Artifact *const *artifacts, size_t count)
{
    ML_TRY(ml_grow(&fold->files, &fold->cap_files, fold->n_files + count, sizeof *fold->files));
    for (size_t i = 0; i < count; i++)
        fold->files[fold->n_files++] = (struct ml_account_file){
            .path = artifacts[i]->path,
            .has_size = artifacts[i]->has_size,
            .size = artifacts[i]->has_size ? artifacts[i]->size : 0,
            .digests = (const Mledger__Digest *const *)artifacts[i]->digests,
            .n_digests = artifacts[i]->n_digests,
            .seq = fold->record->header->seq};
    return MLEDGER_OK;
}

int account_add_common(struct account_fold *fold)
{
    const Mledger__Event *event = fold->record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        return account_add_files(fold, event->artifact_recorded->artifacts,
                                 event->artifact_recorded->n_artifacts);
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return account_add_tags(fold, event->tags_set->tags, event->tags_set->n_tags, false);
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        return account_add_tags(fold, event->tags_deleted->tags, event->tags_deleted->n_tags, true);
    default:
        return MLEDGER_OK;
    }
}

/* ---- of many the one that counts ---- */

static const char *dataset_of(const struct ml_account_metric *metric)
{
    return metric->dataset ? metric->dataset : "";
}

/* Measured on different data, metrics of one key are different ones. */
static int compare_metrics(const struct ml_account_metric *x, const struct ml_account_metric *y)
{
    const int keys = strcmp(x->key, y->key);
    return keys ? keys : strcmp(dataset_of(x), dataset_of(y));
}

static int compare_points(const void *a, const void *b)
{
    const struct account_point *x = a, *y = b;
    const int metrics = compare_metrics(&x->metric, &y->metric);
    if (metrics)
        return metrics;
    if (x->metric.step != y->metric.step)
        return x->metric.step < y->metric.step ? -1 : 1;
    if (x->metric.time_us != y->metric.time_us)
        return x->metric.time_us < y->metric.time_us ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int compare_point_order(const void *a, const void *b)
{
    const struct account_point *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

/* The last of each metric, where they stand sorted; how many those are. */
static size_t keep_last_points(struct account_point *points, size_t n_points)
{
    size_t count = 0;
    if (n_points)
        qsort(points, n_points, sizeof *points, compare_points);
    for (size_t i = 0; i < n_points; i++)
        if (i + 1 == n_points || compare_metrics(&points[i].metric, &points[i + 1].metric) != 0)
            points[count++] = points[i];
    return count;
}

static bool have_one_key(const struct account_point *x, const struct account_point *y)
{
    return strcmp(x->metric.key, y->metric.key) == 0;
}

/* Of metrics sorted by key: a key that was measured on several datasets is no name. */
static int name_metrics(struct account_fold *fold, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct account_point *point = &fold->points[i];
        const bool shared = (i > 0 && have_one_key(point, point - 1)) ||
                            (i + 1 < count && have_one_key(point, point + 1));
        point->metric.name = point->metric.key;
        if (!shared || !point->metric.dataset)
            continue;
        point->metric.name = ml_arena_printf(&fold->work->account->reader.arena, "%s on %s",
                                             point->metric.key, point->metric.dataset);
        if (!point->metric.name)
            return account_fail(fold->work);
    }
    return MLEDGER_OK;
}

/* Again in the order in which they were recorded. */
static int keep_metrics(struct account_fold *fold)
{
    struct ml_account_metric *metrics = NULL;
    const size_t count = keep_last_points(fold->points, fold->n_points);
    ML_TRY(name_metrics(fold, count));
    if (count)
        qsort(fold->points, count, sizeof *fold->points, compare_point_order);
    metrics = account_array(fold->work, count, sizeof *metrics);
    if (!metrics)
        return account_fail(fold->work);
    for (size_t i = 0; i < count; i++) {
        metrics[i] = fold->points[i].metric;
        ML_TRY(account_need(fold->work, metrics[i].seq));
    }
    fold->node->metrics = metrics;
    fold->node->n_metrics = count;
    return MLEDGER_OK;
}

static int compare_tags(const void *a, const void *b)
{
    const struct account_tag *x = a, *y = b;
    int keys = strcmp(x->value.key, y->value.key);
    return keys ? keys : (x->order > y->order) - (x->order < y->order);
}

static int compare_tag_order(const void *a, const void *b)
{
    const struct account_tag *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static int keep_tags(struct account_fold *fold)
{
    struct ml_account_value *tags = NULL;
    size_t count = 0;
    if (fold->n_tags)
        qsort(fold->tags, fold->n_tags, sizeof *fold->tags, compare_tags);
    for (size_t i = 0; i < fold->n_tags; i++) {
        bool last = i + 1 == fold->n_tags ||
                    strcmp(fold->tags[i].value.key, fold->tags[i + 1].value.key) != 0;
        if (last && !fold->tags[i].is_deleted)
            fold->tags[count++] = fold->tags[i];
    }
    if (count)
        qsort(fold->tags, count, sizeof *fold->tags, compare_tag_order);
    tags = account_array(fold->work, count, sizeof *tags);
    if (!tags)
        return account_fail(fold->work);
    for (size_t i = 0; i < count; i++)
        tags[i] = fold->tags[i].value;
    fold->node->tags = tags;
    fold->node->n_tags = count;
    return MLEDGER_OK;
}

static int keep_lists(struct account_fold *fold)
{
    struct ml_account_value *params = NULL;
    struct ml_account_file *files = NULL;
    params = account_array(fold->work, fold->n_params, sizeof *params);
    if (!params)
        return account_fail(fold->work);
    files = account_array(fold->work, fold->n_files, sizeof *files);
    if (!files)
        return account_fail(fold->work);
    for (size_t i = 0; i < fold->n_params; i++) {
        params[i] = fold->params[i];
        ML_TRY(account_need(fold->work, params[i].seq));
    }
    for (size_t i = 0; i < fold->n_files; i++) {
        files[i] = fold->files[i];
        ML_TRY(account_need(fold->work, files[i].seq));
    }
    fold->node->params = params;
    fold->node->n_params = fold->n_params;
    fold->node->artifacts = files;
    fold->node->n_artifacts = fold->n_files;
    return MLEDGER_OK;
}

int account_fold(struct account_fold *fold, account_visitor *visit)
{
    struct ml_reader *reader = &fold->work->account->reader;
    const struct ml_state_key prefix = ml_index_subject_prefix(fold->subject);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count; i++) {
        ML_TRY(ml_reader_record(reader, seqs[i], &fold->record));
        ML_TRY(ml_reader_details(reader, fold->record, &fold->details));
        ML_TRY(visit(fold));
    }
    ML_TRY(keep_metrics(fold));
    ML_TRY(keep_tags(fold));
    return keep_lists(fold);
}
