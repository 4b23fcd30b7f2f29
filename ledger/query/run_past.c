/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/run_past.h"

struct fold {
    struct ml_reader *reader;
    struct ml_run_past past;
};

/* Room for one more of *list. */
static int grow(struct fold *fold, void *list, size_t *cap, size_t count, size_t size)
{
    struct ml_arena *arena = &fold->reader->arena;
    return ml_arena_grow(arena, list, cap, count, size)
               ? MLEDGER_OK
               : ml_arena_fail(arena, "what a run recorded");
}

/* ---- values by key ---- */

/* Where the key is in the list, or belongs. */
static size_t place_of(const struct ml_run_values *values, const char *key, bool *ret_found)
{
    size_t low = 0, high = values->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(values->list[middle].key, key);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    *ret_found = false;
    return low;
}

static bool is_older(const struct ml_run_value *a, const struct ml_run_value *b)
{
    if (a->step != b->step)
        return a->step < b->step;
    return a->time_us < b->time_us;
}

static int put_value(struct fold *fold, struct ml_run_values *values, struct ml_run_value value)
{
    bool found;
    size_t at = place_of(values, value.key, &found);
    if (found) {
        assert(values->list);
        struct ml_run_value *old = &values->list[at];
        value.points = old->points + 1;
        if (is_older(&value, old))
            old->points = value.points;
        else
            *old = value;
        return MLEDGER_OK;
    }
    ML_TRY(grow(fold, &values->list, &values->cap, values->count, sizeof value));
    memmove(values->list + at + 1, values->list + at, (values->count - at) * sizeof value);
    value.points = 1;
    values->list[at] = value;
    values->count++;
    return MLEDGER_OK;
}

static void drop_value(struct ml_run_values *values, const char *key)
{
    bool found;
    size_t at = place_of(values, key, &found);
    if (!found)
        return;
    values->count--;
    memmove(values->list + at, values->list + at + 1, (values->count - at) * sizeof *values->list);
}

static int put_texts(struct fold *fold, struct ml_run_values *values, char *const *keys,
                     size_t n_keys, char *const *texts, size_t n_texts, uint64_t seq)
{
    for (size_t i = 0; i < n_keys; i++)
        ML_TRY(put_value(fold, values,
                         (struct ml_run_value){
                             .key = keys[i], .text = i < n_texts ? texts[i] : NULL, .seq = seq}));
    return MLEDGER_OK;
}

static int put_metrics(struct fold *fold, const Mledger__RunLogged *logged,
                       const Mledger__Details *details, uint64_t seq)
{
    for (size_t i = 0; i < logged->n_metrics; i++) {
        const Mledger__MetricPoint *point = logged->metrics[i];
        bool known = details && i < details->n_metric_values;
        ML_TRY(
            put_value(fold, &fold->past.metrics,
                      (struct ml_run_value){.key = point->key,
                                            .text = known ? details->metric_values[i]->text : NULL,
                                            .seq = seq,
                                            .step = point->step,
                                            .time_us = point->time}));
    }
    return MLEDGER_OK;
}

/* ---- what it read and made ---- */

static int add_inputs(struct fold *fold, const Mledger__RunLogged *logged, uint64_t seq)
{
    struct ml_run_past *past = &fold->past;
    for (size_t i = 0; i < logged->n_inputs; i++) {
        ML_TRY(grow(fold, &past->inputs, &past->cap_inputs, past->n_inputs, sizeof *past->inputs));
        past->inputs[past->n_inputs++] = (struct ml_run_input){logged->inputs[i], seq};
    }
    return MLEDGER_OK;
}

static int add_outputs(struct fold *fold, Mledger__Artifact *const *list, size_t count,
                       uint64_t seq)
{
    struct ml_run_past *past = &fold->past;
    for (size_t i = 0; i < count; i++) {
        ML_TRY(
            grow(fold, &past->outputs, &past->cap_outputs, past->n_outputs, sizeof *past->outputs));
        past->outputs[past->n_outputs++] = (struct ml_run_output){list[i], seq};
    }
    return MLEDGER_OK;
}

static void take_commit(struct fold *fold, const Mledger__Digest *commit, uint64_t seq)
{
    if (!commit)
        return;
    fold->past.commit = commit;
    fold->past.commit_seq = seq;
}

/* ---- records ---- */

static int fold_started(struct fold *fold, const struct ml_record *record)
{
    const Mledger__RunStarted *started = record->event->run_started;
    struct ml_run_past *past = &fold->past;
    past->id = started->run_id;
    past->name = started->name;
    past->status = MLEDGER__RUN_STATUS__RUNNING;
    past->started_us = record->header->recorded_at;
    take_commit(fold, started->commit, record->header->seq);
    return ml_reader_author(fold->reader, record, &past->author);
}

static int fold_logged(struct fold *fold, const struct ml_record *record)
{
    const Mledger__RunLogged *logged = record->event->run_logged;
    struct ml_run_past *past = &fold->past;
    uint64_t seq = record->header->seq;
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(fold->reader, record, &details));
    ML_TRY(put_texts(fold, &past->params, logged->params, logged->n_params,
                     details ? details->param_values : NULL, details ? details->n_param_values : 0,
                     seq));
    ML_TRY(put_texts(fold, &past->tags, logged->tags, logged->n_tags,
                     details ? details->tag_values : NULL, details ? details->n_tag_values : 0,
                     seq));
    ML_TRY(put_metrics(fold, logged, details, seq));
    ML_TRY(add_inputs(fold, logged, seq));
    take_commit(fold, logged->commit, seq);
    return add_outputs(fold, logged->outputs, logged->n_outputs, seq);
}

static int fold_tags(struct fold *fold, const struct ml_record *record)
{
    const Mledger__TagsSet *set = record->event->tags_set;
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(fold->reader, record, &details));
    return put_texts(fold, &fold->past.tags, set->tags, set->n_tags,
                     details ? details->tag_values : NULL, details ? details->n_tag_values : 0,
                     record->header->seq);
}

static void fold_ended(struct fold *fold, const struct ml_record *record)
{
    fold->past.status = record->event->run_ended->status;
    fold->past.ended_seq = record->header->seq;
    fold->past.ended_us = record->header->recorded_at;
}

static void fold_updated(struct fold *fold, const Mledger__RunUpdated *updated)
{
    if (updated->name)
        fold->past.name = updated->name;
    if (!updated->has_status)
        return;
    fold->past.status = updated->status;
    fold->past.ended_seq = MLEDGER_NO_SEQ;
}

static int fold_record(struct fold *fold, const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_STARTED:
        return fold_started(fold, record);
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return fold_logged(fold, record);
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        return add_outputs(fold, event->artifact_recorded->artifacts,
                           event->artifact_recorded->n_artifacts, record->header->seq);
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return fold_tags(fold, record);
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        for (size_t i = 0; i < event->tags_deleted->n_tags; i++)
            drop_value(&fold->past.tags, event->tags_deleted->tags[i]);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_RUN_UPDATED:
        fold_updated(fold, event->run_updated);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_RUN_ENDED:
        fold_ended(fold, record);
        return MLEDGER_OK;
    default:
        return MLEDGER_OK;
    }
}

int ml_run_past(struct ml_reader *reader, uint64_t seq, struct ml_run_past *ret_past)
{
    struct fold fold = {
        .reader = reader,
        .past = {.seq = seq, .ended_seq = MLEDGER_NO_SEQ, .author = MLEDGER_NO_SEQ},
    };
    struct ml_state_key prefix = ml_index_subject_prefix(seq);
    const struct ml_record **records;
    size_t count;
    ML_TRY(ml_reader_records(reader, &prefix, &records, &count));
    for (size_t i = 0; i < count; i++)
        ML_TRY(fold_record(&fold, records[i]));
    if (!fold.past.id)
        return MLEDGER_ENOTFOUND;
    *ret_past = fold.past;
    return MLEDGER_OK;
}
