/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/interval.h"

#include <strings.h>

#include "ledger/query/record_text.h"

const char *ml_interval_kind_name(enum ml_interval_kind kind)
{
    static const char *const names[] = {"stage", "alias", "deployment"};
    return names[kind];
}

void ml_intervals_release(struct ml_intervals *intervals)
{
    free(intervals->list);
    *intervals = (struct ml_intervals){0};
}

/* ---- changes ---- */

static int text_in_arena(struct ml_reader *reader, struct ml_buf *buf, const char **ret_text)
{
    *ret_text = ml_arena_text(&reader->arena, (const char *)buf->data, buf->len);
    return *ret_text ? MLEDGER_OK : ml_arena_fail(&reader->arena, "what the answer says");
}

int ml_change_read(struct ml_reader *reader, const struct ml_record *record,
                   struct ml_change *ret_change)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf who = {0};
    const Mledger__Details *details = record->details;
    struct ml_change change = {
        .seq = record->header->seq,
        .recorded_us = record->header->recorded_at,
        .claimed_us = details && details->has_occurred_at ? details->occurred_at
                                                          : record->header->recorded_at,
        .reason = details ? details->reason : NULL,
        .erased = record->details_erased,
    };
    ML_TRY(ml_reader_author(reader, record, &change.author));
    ML_TRY(ml_record_who(reader->view, record, &who));
    ML_TRY(text_in_arena(reader, &who, &change.who));
    *ret_change = change;
    return MLEDGER_OK;
}

int64_t ml_change_time(const struct ml_change *change, enum ml_reading reading)
{
    return reading == ML_READING_RECORDED ? change->recorded_us : change->claimed_us;
}

/* ---- what changes a model's versions ---- */

enum step_kind { STEP_STAGE, STEP_ALIAS, STEP_END_ALIAS, STEP_END_VERSION };

struct step {
    enum step_kind kind;
    uint64_t version;
    const char *name; /* stage or alias */
    bool imported;
    struct ml_change change;
};

/* One model on its way to intervals. */
struct past {
    struct ml_reader *reader;
    enum ml_reading reading;
    uint64_t model;
    const char *model_name;
    struct step *steps;
    size_t n_steps, cap_steps;
    struct ml_change end; /* of the model; seq MLEDGER_NO_SEQ: it is there still */
};

static int add_step(struct past *past, const struct ml_record *record, struct step step)
{
    ML_TRY(ml_change_read(past->reader, record, &step.change));
    ML_TRY(ml_grow(&past->steps, &past->cap_steps, past->n_steps + 1, sizeof *past->steps));
    past->steps[past->n_steps++] = step;
    return MLEDGER_OK;
}

static int read_end(struct past *past, const struct ml_record *record)
{
    ML_TRY(ml_change_read(past->reader, record, &past->end));
    past->end.what = "the model was deleted";
    return MLEDGER_OK;
}

static int read_step(struct past *past, const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        if (event->version_registered->model != past->model)
            return MLEDGER_OK;
        return add_step(past, record,
                        (struct step){.kind = STEP_STAGE,
                                      .version = event->version_registered->version,
                                      .name = "None"});
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return add_step(past, record,
                        (struct step){.kind = STEP_STAGE,
                                      .version = event->stage_transitioned->version,
                                      .name = event->stage_transitioned->to_stage});
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        return add_step(past, record,
                        (struct step){.kind = STEP_STAGE,
                                      .version = event->stage_imported->version,
                                      .name = event->stage_imported->stage,
                                      .imported = true});
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        return add_step(past, record,
                        (struct step){.kind = STEP_ALIAS,
                                      .version = event->alias_set->version,
                                      .name = event->alias_set->alias});
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
        return add_step(past, record,
                        (struct step){.kind = STEP_END_ALIAS, .name = event->alias_deleted->alias});
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        return add_step(
            past, record,
            (struct step){.kind = STEP_END_VERSION, .version = event->version_deleted->version});
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
        return read_end(past, record);
    default:
        return MLEDGER_OK;
    }
}

static int read_steps(struct past *past)
{
    struct ml_state_key prefix = ml_index_place_prefix(past->model);
    const struct ml_record **records;
    size_t count;
    ML_TRY(ml_reader_records(past->reader, &prefix, &records, &count));
    for (size_t i = 0; i < count; i++)
        ML_TRY(read_step(past, records[i]));
    return MLEDGER_OK;
}

/* ---- from changes to intervals ---- */

static int order_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int order_changes(const struct ml_change *a, const struct ml_change *b,
                         enum ml_reading reading)
{
    if (reading == ML_READING_CLAIMED && a->claimed_us != b->claimed_us)
        return a->claimed_us < b->claimed_us ? -1 : 1;
    return order_numbers(a->seq, b->seq);
}

static int by_version(const void *left, const void *right, void *context)
{
    const struct step *a = left, *b = right;
    const struct past *past = context;
    int order = order_numbers(a->version, b->version);
    return order ? order : order_changes(&a->change, &b->change, past->reading);
}

static int by_alias(const void *left, const void *right, void *context)
{
    const struct step *a = left, *b = right;
    const struct past *past = context;
    int order = strcmp(a->name ? a->name : "", b->name ? b->name : "");
    return order ? order : order_changes(&a->change, &b->change, past->reading);
}

static bool is_of_stage(const struct step *step)
{
    return step->kind == STEP_STAGE || step->kind == STEP_END_VERSION;
}

static bool is_of_alias(const struct step *step)
{
    return step->kind == STEP_ALIAS || step->kind == STEP_END_ALIAS;
}

static int add_interval(struct ml_intervals *intervals, const struct ml_interval *interval)
{
    ML_TRY(
        ml_grow(&intervals->list, &intervals->cap, intervals->count + 1, sizeof *intervals->list));
    intervals->list[intervals->count++] = *interval;
    return MLEDGER_OK;
}

static struct ml_interval begin(const struct past *past, const struct step *step)
{
    return (struct ml_interval){
        .kind = step->kind == STEP_ALIAS ? ML_INTERVAL_ALIAS : ML_INTERVAL_STAGE,
        .name = step->name,
        .model = past->model,
        .version = step->version,
        .model_name = past->model_name,
        .imported = step->imported,
        .from = step->change,
        .to = {.seq = MLEDGER_NO_SEQ},
    };
}

/* The interval ends by this change unless it ended before. */
static void end_by(const struct past *past, struct ml_interval *interval,
                   const struct ml_change *change, const char *what)
{
    if (interval->to.seq != MLEDGER_NO_SEQ &&
        order_changes(&interval->to, change, past->reading) <= 0)
        return;
    interval->to = *change;
    interval->to.what = what;
}

static int describe_end(const struct past *past, const struct step *next, const char **ret_what)
{
    *ret_what = next->kind == STEP_STAGE
                    ? ml_arena_printf(&past->reader->arena, "to %s", next->name)
                : next->kind == STEP_ALIAS
                    ? ml_arena_printf(&past->reader->arena, "to %s/%llu", past->model_name,
                                      (unsigned long long)next->version)
                    : "deleted";
    return *ret_what ? MLEDGER_OK : ml_arena_fail(&past->reader->arena, "what the answer says");
}

static void end_with_model(const struct past *past, struct ml_interval *interval)
{
    if (past->end.seq != MLEDGER_NO_SEQ)
        end_by(past, interval, &past->end, past->end.what);
}

/* A version is in one stage after the other, so each step of it ends the one before. */
static int find_stages(struct past *past, struct ml_intervals *intervals)
{
    struct step *steps = past->steps;
    if (past->n_steps)
        qsort_r(steps, past->n_steps, sizeof *steps, by_version, past);
    for (size_t i = 0; i < past->n_steps; i++) {
        if (steps[i].kind != STEP_STAGE)
            continue;
        struct ml_interval interval = begin(past, &steps[i]);
        size_t next = i + 1;
        while (next < past->n_steps && !is_of_stage(&steps[next]))
            next++;
        if (next < past->n_steps && steps[next].version == steps[i].version) {
            const char *what;
            ML_TRY(describe_end(past, &steps[next], &what));
            end_by(past, &interval, &steps[next].change, what);
        }
        end_with_model(past, &interval);
        ML_TRY(add_interval(intervals, &interval));
    }
    return MLEDGER_OK;
}

/* An alias leaves a version that is deleted. */
static void end_with_version(const struct past *past, struct ml_interval *interval)
{
    for (size_t i = 0; i < past->n_steps; i++)
        if (past->steps[i].kind == STEP_END_VERSION &&
            past->steps[i].version == interval->version &&
            order_changes(&interval->from, &past->steps[i].change, past->reading) < 0)
            end_by(past, interval, &past->steps[i].change, "the version was deleted");
}

static int find_aliases(struct past *past, struct ml_intervals *intervals)
{
    struct step *steps = past->steps;
    if (past->n_steps)
        qsort_r(steps, past->n_steps, sizeof *steps, by_alias, past);
    for (size_t i = 0; i < past->n_steps; i++) {
        if (steps[i].kind != STEP_ALIAS)
            continue;
        struct ml_interval interval = begin(past, &steps[i]);
        size_t next = i + 1;
        while (next < past->n_steps && !is_of_alias(&steps[next]))
            next++;
        if (next < past->n_steps && strcmp(steps[next].name, steps[i].name) == 0) {
            const char *what;
            ML_TRY(describe_end(past, &steps[next], &what));
            end_by(past, &interval, &steps[next].change, what);
        }
        end_with_version(past, &interval);
        end_with_model(past, &interval);
        ML_TRY(add_interval(intervals, &interval));
    }
    return MLEDGER_OK;
}

static int name_of_model(struct ml_reader *reader, uint64_t model, const char **ret_name)
{
    const Mledger__SubjectState *state;
    ML_TRY(ml_reader_subject(reader, model, &state));
    *ret_name = state ? state->name : "(unknown)";
    return MLEDGER_OK;
}

int ml_intervals_of_model(struct ml_reader *reader, uint64_t model, enum ml_reading reading,
                          struct ml_intervals *intervals)
{
    struct past past = {
        .reader = reader, .reading = reading, .model = model, .end = {.seq = MLEDGER_NO_SEQ}};
    int result = name_of_model(reader, model, &past.model_name);
    if (result >= 0)
        result = read_steps(&past);
    if (result >= 0)
        result = find_stages(&past, intervals);
    if (result >= 0)
        result = find_aliases(&past, intervals);
    free(past.steps);
    return result;
}

/* ---- order and moments ---- */

static int by_place(const void *left, const void *right)
{
    const struct ml_interval *a = left, *b = right;
    int order = strcmp(a->model_name, b->model_name);
    order = order ? order : order_numbers(a->model, b->model);
    order = order ? order : (int)a->kind - (int)b->kind;
    if (order == 0 && a->kind != ML_INTERVAL_STAGE)
        order = strcmp(a->name, b->name);
    if (order == 0 && a->kind != ML_INTERVAL_ALIAS)
        order = order_numbers(a->version, b->version);
    return order ? order : order_numbers(a->from.seq, b->from.seq);
}

void ml_intervals_sort(struct ml_intervals *intervals)
{
    if (intervals->count)
        qsort(intervals->list, intervals->count, sizeof *intervals->list, by_place);
}

bool ml_interval_is_decided(const struct ml_interval *interval)
{
    return interval->kind == ML_INTERVAL_STAGE && strcasecmp(interval->name, "None") != 0 &&
           strcasecmp(interval->name, "Archived") != 0;
}

bool ml_interval_holds(const struct ml_interval *interval, enum ml_reading reading,
                       const struct ml_instant *instant)
{
    bool lasts = interval->to.seq == MLEDGER_NO_SEQ;
    if (reading == ML_READING_RECORDED)
        return interval->from.seq <= instant->seq && (lasts || instant->seq < interval->to.seq);
    return interval->from.claimed_us <= instant->time_us &&
           (lasts || instant->time_us < interval->to.claimed_us);
}
