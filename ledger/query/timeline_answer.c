/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/timeline_answer.h"

#include <inttypes.h>

#include "ledger/query/as_of.h"
#include "ledger/query/interval_json.h"
#include "ledger/query/json_parts.h"

void ml_timeline_answer_release(struct ml_timeline_answer *answer)
{
    ml_intervals_release(&answer->intervals);
}

/* ---- asking ---- */

/* A record stands for its time. */
static int read_bound(struct ml_reader *reader, const char *text, bool *ret_given,
                      int64_t *ret_time_us)
{
    const struct ml_record *record;
    struct ml_as_of moment;
    *ret_given = text != NULL;
    if (!text)
        return MLEDGER_OK;
    ML_TRY(ml_as_of_parse(text, &moment));
    *ret_time_us = moment.time_us;
    if (moment.kind == ML_AS_OF_TIME)
        return MLEDGER_OK;
    ML_TRY(ml_reader_record(reader, moment.seq, &record));
    *ret_time_us = record->header->recorded_at;
    return MLEDGER_OK;
}

static int read_bounds(struct ml_reader *reader, const struct ml_timeline_question *question,
                       struct ml_timeline_answer *answer)
{
    ML_TRY(read_bound(reader, question->from, &answer->has_from, &answer->from_us));
    ML_TRY(read_bound(reader, question->to, &answer->has_to, &answer->to_us));
    if (answer->has_from && answer->has_to && answer->from_us >= answer->to_us)
        return ml_fail(MLEDGER_EUSAGE, "'from' is not before 'to'");
    return MLEDGER_OK;
}

static bool is_in(const struct ml_timeline_answer *answer, const struct ml_interval *interval)
{
    if (answer->has_to && interval->from.recorded_us >= answer->to_us)
        return false;
    return !answer->has_from || interval->to.seq == MLEDGER_NO_SEQ ||
           interval->to.recorded_us > answer->from_us;
}

static void keep_span(struct ml_timeline_answer *answer)
{
    size_t kept = 0;
    for (size_t i = 0; i < answer->intervals.count; i++)
        if (is_in(answer, &answer->intervals.list[i]))
            answer->intervals.list[kept++] = answer->intervals.list[i];
    answer->intervals.count = kept;
}

static int choose(struct ml_reader *reader, const struct ml_timeline_question *question,
                  struct ml_interval_choice *choice)
{
    *choice = (struct ml_interval_choice){.model = MLEDGER_NO_SEQ, .name = "all models"};
    if (question->what)
        ML_TRY(ml_interval_choice_parse(reader, question->what, choice));
    if (question->stage &&
        (choice->endpoint || choice->environment || choice->alias || choice->stage))
        return ml_fail(MLEDGER_EUSAGE, "'%s' has no stages", question->what);
    if (question->stage)
        choice->stage = question->stage;
    return MLEDGER_OK;
}

static int rest_on(const struct ml_reader *reader, const struct ml_timeline_answer *answer,
                   const struct ml_interval_choice *choice, struct ml_basis *basis)
{
    ML_TRY(ml_basis_about_choice(basis, choice));
    for (size_t i = 0; i < answer->intervals.count; i++) {
        const struct ml_interval *interval = &answer->intervals.list[i];
        ML_TRY(ml_basis_add(basis, interval->from.seq));
        ML_TRY(ml_basis_add(basis, interval->to.seq));
        if (interval->imported)
            ML_TRY(ml_basis_unknown(basis,
                                    "since when %s/%" PRIu64 " was in %s: it was found there when "
                                    "another registry was imported (#%" PRIu64 ")",
                                    interval->model_name, interval->version, interval->name,
                                    interval->from.seq));
    }
    if (!answer->has_to || answer->to_us <= answer->as_of_us)
        return MLEDGER_OK;
    return ml_basis_unknown(basis, "what came after #%" PRIu64 ", the newest record that counts",
                            reader->as_of);
}

int ml_timeline_ask(struct ml_reader *reader, const struct ml_timeline_question *question,
                    struct ml_basis *basis, struct ml_timeline_answer *ret_answer)
{
    struct ml_interval_choice choice;
    const struct ml_record *newest;
    *ret_answer = (struct ml_timeline_answer){0};
    ML_TRY(read_bounds(reader, question, ret_answer));
    ML_TRY(choose(reader, question, &choice));
    ML_TRY(ml_intervals_collect(reader, &choice, ML_READING_RECORDED, &ret_answer->intervals));
    keep_span(ret_answer);
    ML_TRY(ml_reader_record(reader, reader->as_of, &newest));
    ret_answer->as_of_us = newest->header->recorded_at;
    return rest_on(reader, ret_answer, &choice, basis);
}

/* ---- JSON ---- */

int ml_timeline_to_json(struct ml_reader *reader, const struct ml_timeline_answer *answer,
                        struct ml_basis *basis, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    json_t *list, *item;
    if (!json)
        return ml_fail_memory();
    ML_TRY(ml_json_put_empty(json, "intervals", json_array(), &list));
    for (size_t i = 0; i < answer->intervals.count; i++) {
        ML_TRY(ml_interval_told_to_json(reader, &answer->intervals.list[i], basis, &item));
        ML_TRY(ml_json_add(list, item));
    }
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
