/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/at_answer.h"

#include <inttypes.h>

#include "ledger/query/basis_json.h"
#include "ledger/query/interval_json.h"
#include "ledger/query/json_parts.h"
#include "ledger/query/version_origin.h"

enum { STAGES_LISTED = 512 /* bytes of a hint */ };

void ml_at_answer_release(struct ml_at_answer *answer)
{
    ml_at_release(&answer->at);
}

bool ml_at_tells(const struct ml_at_answer *answer, const struct ml_interval *interval)
{
    return answer->all || interval->kind != ML_INTERVAL_STAGE || ml_interval_is_decided(interval);
}

size_t ml_at_count(const struct ml_at_answer *answer, const struct ml_intervals *intervals)
{
    size_t count = 0;
    for (size_t i = 0; i < intervals->count; i++)
        count += ml_at_tells(answer, &intervals->list[i]);
    return count;
}

bool ml_at_any(const struct ml_at_answer *answer)
{
    return ml_at_count(answer, &answer->at.recorded) > 0 ||
           ml_at_count(answer, &answer->at.claimed) > 0;
}

/* ---- asking ---- */

/* The stages that versions of the model were ever in. */
static int list_stages(struct ml_reader *reader, const struct ml_at_answer *answer,
                       struct ml_buf *list)
{
    ML_CLEANUP(ml_intervals_release) struct ml_intervals all = {0};
    struct ml_interval_choice choice = answer->choice;
    choice.stage = NULL;
    ML_TRY(ml_intervals_collect(reader, &choice, ML_READING_RECORDED, &all));
    for (size_t i = 0; i < all.count && list->len < STAGES_LISTED; i++) {
        bool known = all.list[i].kind != ML_INTERVAL_STAGE;
        for (size_t k = 0; k < i && !known; k++)
            known = all.list[k].kind == ML_INTERVAL_STAGE &&
                    strcmp(all.list[k].name, all.list[i].name) == 0;
        if (!known)
            ML_TRY(ml_buf_printf(list, "%s%s", list->len ? ", " : "", all.list[i].name));
    }
    return MLEDGER_OK;
}

static int check_stage(struct ml_reader *reader, const struct ml_at_answer *answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf list = {0};
    if (!answer->choice.stage || answer->at.chosen.count)
        return MLEDGER_OK;
    ML_TRY(list_stages(reader, answer, &list));
    ml_fail(MLEDGER_ENOTFOUND, "no version of '%s' was ever in stage '%s'", answer->choice.name,
            answer->choice.stage);
    return list.len
               ? ml_hint("stages that they were in: %.*s", (int)list.len, (const char *)list.data)
               : ml_hint("it has no version");
}

static int choose(struct ml_reader *reader, const struct ml_at_question *question,
                  struct ml_at_answer *answer)
{
    struct ml_interval_choice *choice = &answer->choice;
    ML_TRY(ml_interval_choice_parse(reader, question->what, choice));
    if (question->stage && (choice->model == MLEDGER_NO_SEQ || choice->stage || choice->alias))
        return ml_fail(MLEDGER_EUSAGE, "'%s' is no model, so nothing of it is in a stage",
                       question->what);
    if (question->stage)
        choice->stage = question->stage;
    answer->all = choice->stage || choice->version;
    return MLEDGER_OK;
}

/* ---- what it rests on ---- */

static int basis_of_intervals(const struct ml_at_answer *answer,
                              const struct ml_intervals *intervals, struct ml_basis *basis)
{
    for (size_t i = 0; i < intervals->count; i++) {
        const struct ml_interval *interval = &intervals->list[i];
        if (!ml_at_tells(answer, interval))
            continue;
        ML_TRY(ml_basis_add(basis, interval->from.seq));
        ML_TRY(ml_basis_add(basis, interval->to.seq));
        if (interval->imported)
            ML_TRY(ml_basis_unknown(basis,
                                    "since when %s/%" PRIu64 " was in %s: it was found there when "
                                    "another registry was imported",
                                    interval->model_name, interval->version, interval->name));
    }
    return MLEDGER_OK;
}

static int rest_on(const struct ml_at_answer *answer, struct ml_basis *basis)
{
    const struct ml_at *at = &answer->at;
    ML_TRY(basis_of_intervals(answer, &at->recorded, basis));
    ML_TRY(basis_of_intervals(answer, &at->claimed, basis));
    ML_TRY(ml_basis_about_choice(basis, &answer->choice));
    for (size_t i = 0; i < at->corrections.count; i++)
        ML_TRY(ml_basis_add(basis, at->corrections.list[i].change.seq));
    ML_TRY(ml_basis_add(basis, at->instant.seq));
    if (!at->beyond)
        return MLEDGER_OK;
    return ml_basis_unknown(basis,
                            "what changed between #%" PRIu64 ", the newest record that counts, "
                            "and %s",
                            at->instant.seq, answer->time);
}

int ml_at_ask(struct ml_reader *reader, const struct ml_at_question *question,
              struct ml_basis *basis, struct ml_at_answer *ret_answer)
{
    struct ml_as_of moment;
    *ret_answer = (struct ml_at_answer){0};
    ML_TRY(ml_as_of_parse(question->time, &moment));
    ML_TRY(choose(reader, question, ret_answer));
    ML_TRY(ml_at(reader, &ret_answer->choice, &moment, &ret_answer->at));
    ML_TRY(check_stage(reader, ret_answer));
    ML_TRY(ml_time_format(ret_answer->at.instant.time_us, ret_answer->time));
    return rest_on(ret_answer, basis);
}

/* ---- JSON ---- */

static int put_origin(struct ml_reader *reader, const struct ml_interval *interval,
                      struct ml_basis *basis, json_t *item)
{
    struct ml_version_origin origin;
    json_t *json;
    ML_TRY(ml_version_origin(reader, interval->model, interval->version, basis, &origin));
    ML_TRY(ml_version_origin_to_json(&origin, &json));
    return ml_json_put(item, "origin", json);
}

static int put_reading(struct ml_reader *reader, const char *key,
                       const struct ml_intervals *intervals, struct ml_basis *basis, json_t *json)
{
    json_t *list, *item;
    ML_TRY(ml_json_put_empty(json, key, json_array(), &list));
    for (size_t i = 0; i < intervals->count; i++) {
        const struct ml_interval *interval = &intervals->list[i];
        ML_TRY(ml_interval_told_to_json(reader, interval, basis, &item));
        ML_TRY(ml_json_add(list, item));
        if (interval->kind == ML_INTERVAL_DEPLOYMENT)
            ML_TRY(put_origin(reader, interval, basis, item));
    }
    return MLEDGER_OK;
}

static int put_corrections(const struct ml_at *at, json_t *json)
{
    json_t *list, *item;
    ML_TRY(ml_json_put_empty(json, "corrections", json_array(), &list));
    for (size_t i = 0; i < at->corrections.count; i++) {
        ML_TRY(ml_correction_to_json(&at->corrections.list[i], &item));
        ML_TRY(ml_json_add(list, item));
    }
    return MLEDGER_OK;
}

static int fill(struct ml_reader *reader, const struct ml_at_answer *answer, struct ml_basis *basis,
                json_t *json)
{
    const struct ml_at *at = &answer->at;
    ML_TRY(ml_json_put(
        json, "at",
        json_pack("{s:s, s:I}", "time", answer->time, "seq", (json_int_t)at->instant.seq)));
    ML_TRY(ml_json_put(json, "any", json_boolean(ml_at_any(answer))));
    ML_TRY(put_reading(reader, "recorded", &at->recorded, basis, json));
    ML_TRY(ml_json_put(json, "differ", json_boolean(at->differ)));
    ML_TRY(put_reading(reader, "claimed", &at->claimed, basis, json));
    return put_corrections(at, json);
}

int ml_at_to_json(struct ml_reader *reader, const struct ml_at_answer *answer,
                  struct ml_basis *basis, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    ML_TRY(fill(reader, answer, basis, json));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
