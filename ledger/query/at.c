/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/at.h"

#include <inttypes.h>

#include "ledger/core/time.h"
#include "ledger/query/basis.h"

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

static int find_corrections(struct ml_reader *reader, const struct ml_interval_choice *choice,
                            struct ml_at *at)
{
    ML_CLEANUP(ml_basis_release) struct ml_basis about = {0};
    ML_TRY(ml_basis_about_choice(&about, choice));
    const struct ml_correction_question question = {.instant = at->instant,
                                                    .choice = choice,
                                                    .abouts = about.abouts,
                                                    .n_abouts = about.n_abouts};
    ML_TRY(ml_corrections_find(reader, &question, &at->corrections));
    size_t kept = 0;
    for (size_t i = 0; i < at->corrections.count; i++)
        if (at->corrections.list[i].kind == ML_CORRECTION_CLAIM)
            at->corrections.list[kept++] = at->corrections.list[i];
    at->corrections.count = kept; /* incidents do not say where a version was */
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
