/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/at.h"

#include <inttypes.h>

#include "ledger/core/time.h"
#include "ledger/query/record_text.h"

void ml_at_release(struct ml_at *at)
{
    ml_intervals_release(&at->chosen);
    ml_intervals_release(&at->recorded);
    ml_intervals_release(&at->claimed);
}

/* ---- the moment ---- */

static int recorded_at(struct ml_reader *reader, uint64_t seq, int64_t *ret_time_us)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(reader, seq, &record));
    *ret_time_us = record->header->recorded_at;
    return MLEDGER_OK;
}

static int before_all(struct ml_reader *reader, const struct ml_as_of *moment)
{
    char asked[ML_TIME_TEXT_SIZE], first[ML_TIME_TEXT_SIZE];
    int64_t time_us;
    ML_TRY(recorded_at(reader, 0, &time_us));
    ML_TRY(ml_time_format(time_us, first));
    ML_TRY(ml_time_format(moment->time_us, asked));
    return ml_fail(MLEDGER_ENOTFOUND, "%s is before the first record, which is of %s", asked,
                   first);
}

/* Whether changes may lie between the newest record that counts and the moment. */
static bool is_beyond(const struct ml_reader *reader, uint64_t newest, int64_t newest_us,
                      int64_t time_us)
{
    return newest > reader->as_of || (newest + 1 == reader->view->head.size && time_us > newest_us);
}

static int find_instant(struct ml_reader *reader, const struct ml_as_of *moment, struct ml_at *at)
{
    struct ml_instant *instant = &at->instant;
    uint64_t newest;
    int64_t newest_us;
    if (moment->kind == ML_AS_OF_SEQ && moment->seq > reader->as_of)
        return ml_fail(MLEDGER_ENOTFOUND,
                       "record %" PRIu64 " is after the newest that counts, #%" PRIu64, moment->seq,
                       reader->as_of);
    int result = ml_as_of_resolve(reader->view, moment, &newest);
    if (result == MLEDGER_ENOTFOUND && moment->kind == ML_AS_OF_TIME)
        return before_all(reader, moment);
    ML_TRY(result);
    instant->seq = newest > reader->as_of ? reader->as_of : newest;
    ML_TRY(recorded_at(reader, instant->seq, &newest_us));
    instant->time_us = moment->kind == ML_AS_OF_TIME ? moment->time_us : newest_us;
    at->beyond = is_beyond(reader, newest, newest_us, instant->time_us);
    return MLEDGER_OK;
}

/* ---- what held ---- */

static int keep_held(struct ml_intervals *from, enum ml_reading reading,
                     const struct ml_instant *instant, struct ml_intervals *held)
{
    for (size_t i = 0; i < from->count; i++) {
        if (!ml_interval_holds(&from->list[i], reading, instant))
            continue;
        ML_TRY(ml_grow(&held->list, &held->cap, held->count + 1, sizeof *held->list));
        held->list[held->count++] = from->list[i];
    }
    return MLEDGER_OK;
}

static bool is_same(const struct ml_interval *a, const struct ml_interval *b)
{
    return a->kind == b->kind && a->model == b->model && a->version == b->version &&
           a->share_ppm == b->share_ppm && strcmp(a->name, b->name) == 0;
}

static bool is_in(const struct ml_interval *interval, const struct ml_intervals *intervals)
{
    for (size_t i = 0; i < intervals->count; i++)
        if (is_same(interval, &intervals->list[i]))
            return true;
    return false;
}

static bool do_differ(const struct ml_at *at)
{
    bool differ = at->recorded.count != at->claimed.count;
    for (size_t i = 0; !differ && i < at->recorded.count; i++)
        differ = !is_in(&at->recorded.list[i], &at->claimed);
    return differ;
}

/* ---- corrections ---- */

struct corrections {
    struct ml_reader *reader;
    const struct ml_interval_choice *choice;
    const struct ml_instant *instant;
    struct ml_correction *list;
    size_t count, cap;
};

static bool names_version(const Mledger__DeploymentRecorded *deployment,
                          const struct ml_interval_choice *choice)
{
    for (size_t i = 0; i < deployment->n_targets; i++)
        if (deployment->targets[i]->model == choice->model &&
            (choice->version == 0 || deployment->targets[i]->version == choice->version))
            return true;
    return false;
}

/* Whether the record changes what was chosen. */
static bool changes(const struct ml_interval_choice *choice, const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return !choice->alias &&
               (choice->version == 0 || event->stage_transitioned->version == choice->version);
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        return choice->version == 0 || event->version_deleted->version == choice->version;
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        return !choice->stage &&
               (!choice->alias || strcmp(choice->alias, event->alias_set->alias) == 0);
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
        return !choice->stage &&
               (!choice->alias || strcmp(choice->alias, event->alias_deleted->alias) == 0);
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
        return true;
    case MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED:
        return choice->endpoint || (!choice->stage && !choice->alias &&
                                    names_version(event->deployment_recorded, choice));
    default:
        return false;
    }
}

static int text_of(struct corrections *corrections, const struct ml_record *record,
                   int (*describe)(struct ml_view *view, const struct ml_record *record,
                                   struct ml_buf *text),
                   const char **ret_text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(describe(corrections->reader->view, record, &text));
    *ret_text = ml_arena_text(&corrections->reader->arena, (const char *)text.data, text.len);
    return *ret_text ? MLEDGER_OK
                     : ml_arena_fail(&corrections->reader->arena, "what the answer says");
}

/* Newer than as_of or not: so not through ml_reader_record(). */
static int visit_later(uint64_t seq, void *context)
{
    struct corrections *corrections = context;
    struct ml_reader *reader = corrections->reader;
    struct ml_record record;
    struct ml_correction correction = {.counts = seq <= reader->as_of};
    ML_TRY(ml_view_record(reader->view, seq, &reader->arena, &record));
    if (!record.event || !changes(corrections->choice, record.event))
        return 0;
    ML_TRY(ml_change_read(reader, &record, &correction.change));
    if (correction.change.claimed_us > corrections->instant->time_us ||
        correction.change.claimed_us >= correction.change.recorded_us)
        return 0;
    ML_TRY(text_of(corrections, &record, ml_record_subject, &correction.subject));
    ML_TRY(text_of(corrections, &record, ml_record_summary, &correction.summary));
    ML_TRY(ml_grow(&corrections->list, &corrections->cap, corrections->count + 1,
                   sizeof *corrections->list));
    corrections->list[corrections->count++] = correction;
    return 0;
}

static int walk_later(struct corrections *corrections)
{
    const struct ml_interval_choice *choice = corrections->choice;
    struct ml_state_key prefix;
    if (choice->endpoint)
        ML_TRY(ml_index_endpoint_prefix(choice->endpoint, &prefix));
    else if (choice->model != MLEDGER_NO_SEQ)
        prefix = ml_index_subject_prefix(choice->model);
    else
        return MLEDGER_OK; /* an environment is many things: its endpoints tell */
    return ml_view_index(corrections->reader->view, &prefix, corrections->instant->seq + 1,
                         visit_later, corrections);
}

static int find_corrections(struct ml_reader *reader, const struct ml_interval_choice *choice,
                            struct ml_at *at)
{
    struct corrections corrections = {.reader = reader, .choice = choice, .instant = &at->instant};
    int result = walk_later(&corrections);
    struct ml_correction *kept = NULL;
    if (result >= 0)
        kept = ml_arena_calloc(&reader->arena, corrections.count + 1, sizeof *kept);
    if (result >= 0 && !kept)
        result = ml_arena_fail(&reader->arena, "the corrections");
    if (result >= 0 && kept && corrections.count)
        memcpy(kept, corrections.list, corrections.count * sizeof *kept);
    free(corrections.list);
    ML_TRY(result);
    at->corrections = kept;
    at->n_corrections = corrections.count;
    return MLEDGER_OK;
}

int ml_at(struct ml_reader *reader, const struct ml_interval_choice *choice,
          const struct ml_as_of *moment, struct ml_at *ret_at)
{
    ML_CLEANUP(ml_intervals_release) struct ml_intervals as_claimed = {0};
    *ret_at = (struct ml_at){0};
    ML_TRY(find_instant(reader, moment, ret_at));
    ML_TRY(ml_intervals_collect(reader, choice, ML_READING_RECORDED, &ret_at->chosen));
    ML_TRY(ml_intervals_collect(reader, choice, ML_READING_CLAIMED, &as_claimed));
    ML_TRY(keep_held(&ret_at->chosen, ML_READING_RECORDED, &ret_at->instant, &ret_at->recorded));
    ML_TRY(keep_held(&as_claimed, ML_READING_CLAIMED, &ret_at->instant, &ret_at->claimed));
    ret_at->differ = do_differ(ret_at);
    return find_corrections(reader, choice, ret_at);
}
