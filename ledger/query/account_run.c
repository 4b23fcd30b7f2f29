/* SPDX-License-Identifier: Apache-2.0 */
/* A run, folded from its own records: parameters, newest metrics, tags, what it made, its end. */
#include "ledger/query/account_private.h"

#include "ledger/core/event.h"

/* A point and where it stands: later ones of the same metric win. */
struct point {
    struct ml_account_metric metric;
    size_t order;
};

struct tag {
    struct ml_account_value value;
    size_t order;
    bool is_deleted;
};

struct fold {
    struct account_work *work;
    struct ml_account_node *node;
    struct account_seqs *seqs;
    const struct ml_record *record;
    const Mledger__Details *details; /* of the record; NULL: none, or erased */
    struct ml_account_value *params;
    size_t n_params, cap_params;
    struct point *points;
    size_t n_points, cap_points;
    struct tag *tags;
    size_t n_tags, cap_tags;
    struct ml_account_file *files;
    size_t n_files, cap_files;
};

static void release_fold(struct fold *fold)
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

static int add_params(struct fold *fold, const Mledger__RunLogged *logged)
{
    ML_TRY(ml_grow(&fold->params, &fold->cap_params, fold->n_params + logged->n_params,
                   sizeof *fold->params));
    for (size_t i = 0; i < logged->n_params; i++)
        fold->params[fold->n_params++] = (struct ml_account_value){
            .key = logged->params[i],
            .value = fold->details
                         ? value_at(fold->details->param_values, fold->details->n_param_values, i)
                         : NULL,
            .seq = fold->record->header->seq};
    return MLEDGER_OK;
}

static int add_points(struct fold *fold, const Mledger__RunLogged *logged)
{
    const Mledger__Details *details = fold->details;
    ML_TRY(ml_grow(&fold->points, &fold->cap_points, fold->n_points + logged->n_metrics,
                   sizeof *fold->points));
    for (size_t i = 0; i < logged->n_metrics; i++, fold->n_points++)
        fold->points[fold->n_points] =
            (struct point){.metric = {.key = logged->metrics[i]->key,
                                      .value = details && i < details->n_metric_values
                                                   ? details->metric_values[i]->text
                                                   : NULL,
                                      .step = logged->metrics[i]->step,
                                      .time_us = logged->metrics[i]->time,
                                      .seq = fold->record->header->seq},
                           .order = fold->n_points};
    return MLEDGER_OK;
}

static int add_tags(struct fold *fold, char *const *tags, size_t count, bool deleted)
{
    const Mledger__Details *details = fold->details;
    ML_TRY(ml_grow(&fold->tags, &fold->cap_tags, fold->n_tags + count, sizeof *fold->tags));
    for (size_t i = 0; i < count; i++, fold->n_tags++)
        fold->tags[fold->n_tags] = (struct tag){
            .value = {.key = tags[i],
                      .value =
                          details ? value_at(details->tag_values, details->n_tag_values, i) : NULL,
                      .seq = fold->record->header->seq},
            .order = fold->n_tags,
            .is_deleted = deleted};
    return MLEDGER_OK;
}

static int add_files(struct fold *fold, Mledger__Artifact *const *artifacts, size_t count)
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

static int add_logged(struct fold *fold, const Mledger__RunLogged *logged)
{
    ML_TRY(add_params(fold, logged));
    ML_TRY(add_points(fold, logged));
    ML_TRY(add_tags(fold, logged->tags, logged->n_tags, false));
    return add_files(fold, logged->outputs, logged->n_outputs);
}

static const char *status_word(Mledger__RunStatus status)
{
    static const char *const words[] = {NULL,       "running", "scheduled",
                                        "finished", "failed",  "killed"};
    return (size_t)status < ML_COUNT(words) ? words[status] : NULL;
}

static int fold_started(struct fold *fold, const Mledger__RunStarted *started)
{
    fold->node->title = started->name;
    fold->node->uri = started->artifact_uri;
    if (!started->has_experiment)
        return MLEDGER_OK;
    const Mledger__SubjectState *experiment;
    ML_TRY(ml_reader_subject(&fold->work->account->reader, started->experiment, &experiment));
    fold->node->experiment = experiment ? experiment->name : NULL;
    return MLEDGER_OK;
}

static void fold_updated(struct fold *fold, const Mledger__RunUpdated *updated)
{
    if (updated->name)
        fold->node->title = updated->name;
    if (!updated->has_status)
        return;
    fold->node->status = status_word(updated->status);
    fold->seqs->ended = MLEDGER_NO_SEQ; /* it goes on */
}

static int fold_record(struct fold *fold)
{
    const Mledger__Event *event = fold->record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_STARTED:
        return fold_started(fold, event->run_started);
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return add_logged(fold, event->run_logged);
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        return add_files(fold, event->artifact_recorded->artifacts,
                         event->artifact_recorded->n_artifacts);
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return add_tags(fold, event->tags_set->tags, event->tags_set->n_tags, false);
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        return add_tags(fold, event->tags_deleted->tags, event->tags_deleted->n_tags, true);
    case MLEDGER__EVENT__KIND_RUN_UPDATED:
        fold_updated(fold, event->run_updated);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_RUN_ENDED:
        fold->node->status = status_word(event->run_ended->status);
        fold->seqs->ended = fold->record->header->seq;
        return MLEDGER_OK;
    default:
        return MLEDGER_OK;
    }
}

/* ---- of many the one that counts ---- */

static int compare_points(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    int keys = strcmp(x->metric.key, y->metric.key);
    if (keys)
        return keys;
    if (x->metric.step != y->metric.step)
        return x->metric.step < y->metric.step ? -1 : 1;
    if (x->metric.time_us != y->metric.time_us)
        return x->metric.time_us < y->metric.time_us ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int compare_point_order(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

/* The last of those with one key, again in the order in which they were recorded. */
static int keep_metrics(struct fold *fold)
{
    struct ml_account_metric *metrics = NULL;
    size_t count = 0;
    if (fold->n_points)
        qsort(fold->points, fold->n_points, sizeof *fold->points, compare_points);
    for (size_t i = 0; i < fold->n_points; i++)
        if (i + 1 == fold->n_points ||
            strcmp(fold->points[i].metric.key, fold->points[i + 1].metric.key) != 0)
            fold->points[count++] = fold->points[i];
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
    const struct tag *x = a, *y = b;
    int keys = strcmp(x->value.key, y->value.key);
    return keys ? keys : (x->order > y->order) - (x->order < y->order);
}

static int compare_tag_order(const void *a, const void *b)
{
    const struct tag *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static int keep_tags(struct fold *fold)
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

static int keep_lists(struct fold *fold)
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

int account_run(struct account_work *work, size_t node, uint64_t seq)
{
    struct ml_reader *reader = &work->account->reader;
    ML_CLEANUP(release_fold)
    struct fold fold = {
        .work = work, .node = &work->account->nodes[node], .seqs = &work->seqs[node]};
    struct ml_state_key prefix = ml_index_subject_prefix(seq);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    fold.seqs->began = seq;
    for (size_t i = 0; i < count; i++) {
        ML_TRY(ml_reader_record(reader, seqs[i], &fold.record));
        ML_TRY(ml_reader_details(reader, fold.record, &fold.details));
        ML_TRY(fold_record(&fold));
    }
    ML_TRY(keep_metrics(&fold));
    ML_TRY(keep_tags(&fold));
    return keep_lists(&fold);
}
