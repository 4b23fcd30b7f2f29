/* SPDX-License-Identifier: Apache-2.0 */
/* at: which version was where at a moment. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/interval_text.h"
#include "cli/version_origin.h"
#include "ledger/core/time.h"
#include "ledger/query/at.h"
#include "ledger/query/interval_json.h"

static const char *const formats[] = {"text", "json", NULL};

struct at {
    struct ml_question question;
    struct ml_interval_choice choice;
    struct ml_at answer;
    char time[ML_TIME_TEXT_SIZE];
    bool all; /* None and Archived too, as a stage was named */
};

static void at_release(struct at *at)
{
    ml_at_release(&at->answer);
    ml_question_release(&at->question);
}

/* Where versions wait or rest is told only if asked for: they may be many. */
static bool is_shown(const struct at *at, const struct ml_interval *interval)
{
    return at->all || interval->kind != ML_INTERVAL_STAGE || ml_interval_is_decided(interval);
}

static size_t shown_in(const struct at *at, const struct ml_intervals *intervals)
{
    size_t count = 0;
    for (size_t i = 0; i < intervals->count; i++)
        count += is_shown(at, &intervals->list[i]);
    return count;
}

/* ---- asking ---- */

/* The stages that versions of the model were ever in. */
static int list_stages(struct at *at, struct ml_buf *list)
{
    ML_CLEANUP(ml_intervals_release) struct ml_intervals all = {0};
    struct ml_interval_choice choice = at->choice;
    choice.stage = NULL;
    ML_TRY(ml_intervals_collect(&at->question.reader, &choice, ML_READING_RECORDED, &all));
    for (size_t i = 0; i < all.count && list->len < 512; i++) {
        bool known = all.list[i].kind != ML_INTERVAL_STAGE;
        for (size_t k = 0; k < i && !known; k++)
            known = all.list[k].kind == ML_INTERVAL_STAGE &&
                    strcmp(all.list[k].name, all.list[i].name) == 0;
        if (!known)
            ML_TRY(ml_buf_printf(list, "%s%s", list->len ? ", " : "", all.list[i].name));
    }
    return MLEDGER_OK;
}

static int check_stage(struct at *at)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf list = {0};
    if (!at->choice.stage || at->answer.chosen.count)
        return MLEDGER_OK;
    ML_TRY(list_stages(at, &list));
    ml_fail(MLEDGER_ENOTFOUND, "no version of '%s' was ever in stage '%s'", at->choice.name,
            at->choice.stage);
    return list.len
               ? ml_hint("stages that they were in: %.*s", (int)list.len, (const char *)list.data)
               : ml_hint("it has no version");
}

static int ask(struct at *at, const struct ml_invocation *invocation)
{
    struct ml_reader *reader = &at->question.reader;
    const char *stage = ml_argument(invocation, "STAGE");
    const char *what = ml_argument(invocation, "WHAT");
    struct ml_as_of moment;
    ML_TRY(ml_as_of_parse(ml_argument(invocation, "TIME"), &moment));
    ML_TRY(ml_interval_choice_parse(reader, what, &at->choice));
    if (stage && (at->choice.model == MLEDGER_NO_SEQ || at->choice.stage || at->choice.alias))
        return ml_fail(MLEDGER_EUSAGE, "'%s' is no model, so nothing of it is in a stage", what);
    if (stage)
        at->choice.stage = stage;
    at->all = at->choice.stage || at->choice.version;
    ML_TRY(ml_at(reader, &at->choice, &moment, &at->answer));
    ML_TRY(check_stage(at));
    return ml_time_format(at->answer.instant.time_us, at->time);
}

/* ---- what it rests on ---- */

static int basis_of_intervals(struct at *at, const struct ml_intervals *intervals)
{
    struct ml_basis *basis = &at->question.basis;
    for (size_t i = 0; i < intervals->count; i++) {
        if (!is_shown(at, &intervals->list[i]))
            continue;
        const struct ml_interval *interval = &intervals->list[i];
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

static int gather_basis(struct at *at)
{
    const struct ml_at *answer = &at->answer;
    struct ml_basis *basis = &at->question.basis;
    ML_TRY(basis_of_intervals(at, &answer->recorded));
    ML_TRY(basis_of_intervals(at, &answer->claimed));
    for (size_t i = 0; i < answer->n_corrections; i++)
        ML_TRY(ml_basis_add(basis, answer->corrections[i].change.seq));
    ML_TRY(ml_basis_add(basis, answer->instant.seq));
    if (answer->beyond)
        ML_TRY(ml_basis_unknown(basis,
                                "what changed between #%" PRIu64 ", the newest record that counts, "
                                "and %s",
                                answer->instant.seq, at->time));
    return MLEDGER_OK;
}

/* ---- text ---- */

static int print_interval(struct at *at, const struct ml_interval *interval)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf sentence = {0};
    ML_TRY(ml_interval_sentence(interval, &sentence));
    ml_output_line(at->question.answer.out, ML_ROLE_EMPHASIS, "%.*s at %s", (int)sentence.len,
                   (const char *)sentence.data, at->time);
    ML_TRY(ml_interval_print(&at->question, interval));
    if (interval->kind == ML_INTERVAL_DEPLOYMENT)
        ML_TRY(ml_version_origin_print(&at->question, interval->model, interval->version));
    return ml_interval_print_approvals(&at->question, interval);
}

static int print_reading(struct at *at, const struct ml_intervals *intervals)
{
    size_t hidden = intervals->count - shown_in(at, intervals);
    for (size_t i = 0; i < intervals->count; i++)
        if (is_shown(at, &intervals->list[i]))
            ML_TRY(print_interval(at, &intervals->list[i]));
    if (hidden == intervals->count)
        ml_output_line(at->question.answer.out, ML_ROLE_EMPHASIS,
                       "nothing of %s was anywhere at %s", at->choice.name, at->time);
    if (hidden)
        ml_output_line(at->question.answer.out, ML_ROLE_DIM,
                       "%zu version%s in None or Archived: name the stage to see %s", hidden,
                       hidden == 1 ? " was" : "s were", hidden == 1 ? "it" : "them");
    return MLEDGER_OK;
}

/* The last interval before the moment, and the first one after it. */
static int print_neighbours(struct at *at)
{
    const struct ml_interval *before = NULL, *next = NULL;
    for (size_t i = 0; i < at->answer.chosen.count; i++) {
        const struct ml_interval *interval = &at->answer.chosen.list[i];
        if (!is_shown(at, interval))
            continue;
        if (interval->from.seq > at->answer.instant.seq) {
            if (!next || interval->from.seq < next->from.seq)
                next = interval;
        } else if (!before || interval->to.seq > before->to.seq) {
            before = interval;
        }
    }
    const struct ml_interval *both[] = {before, next};
    static const char *const words[] = {"before: ", "after: "};
    for (size_t i = 0; i < ML_COUNT(both); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf sentence = {0};
        if (!both[i])
            continue;
        ML_TRY(ml_interval_sentence(both[i], &sentence));
        ml_output_line(at->question.answer.out, ML_ROLE_PLAIN, "%s%.*s", words[i],
                       (int)sentence.len, (const char *)sentence.data);
        ML_TRY(ml_interval_print(&at->question, both[i]));
        ML_TRY(ml_basis_add(&at->question.basis, both[i]->from.seq));
        ML_TRY(ml_basis_add(&at->question.basis, both[i]->to.seq));
    }
    return MLEDGER_OK;
}

static int print_corrections(struct at *at)
{
    struct ml_output *out = at->question.answer.out;
    char recorded[ML_TIME_TEXT_SIZE], claimed[ML_TIME_TEXT_SIZE];
    if (at->answer.n_corrections)
        ml_output_line(out, ML_ROLE_WARN, "recorded later, claiming to have happened by then:");
    for (size_t i = 0; i < at->answer.n_corrections; i++) {
        const struct ml_correction *correction = &at->answer.corrections[i];
        ML_TRY(ml_time_format(correction->change.recorded_us, recorded));
        ML_TRY(ml_time_format(correction->change.claimed_us, claimed));
        ml_output_line(out, ML_ROLE_PLAIN, "  #%" PRIu64 "  %s, %s: claimed %s, recorded %s, %s%s",
                       correction->change.seq, correction->subject, correction->summary, claimed,
                       recorded, correction->change.who,
                       correction->counts ? "" : "; not counted here");
    }
    return MLEDGER_OK;
}

static int print_text(struct at *at)
{
    struct ml_output *out = at->question.answer.out;
    if (at->answer.differ)
        ml_output_line(out, ML_ROLE_WARN, "As the ledger held it at that time (by #%" PRIu64 "):",
                       at->answer.instant.seq);
    ML_TRY(print_reading(at, &at->answer.recorded));
    if (shown_in(at, &at->answer.recorded) == 0)
        ML_TRY(print_neighbours(at));
    if (at->answer.differ) {
        ml_output_line(out, ML_ROLE_WARN, "As it is claimed to have been, by #%" PRIu64 ":",
                       at->question.moment.as_of);
        ML_TRY(print_reading(at, &at->answer.claimed));
    }
    return print_corrections(at);
}

/* ---- JSON ---- */

static int put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int put_origin(struct at *at, const struct ml_interval *interval, json_t *item)
{
    json_t *origin;
    ML_TRY(ml_version_origin_to_json(&at->question, interval->model, interval->version, &origin));
    return put(item, "origin", origin);
}

static int put_reading(struct at *at, const char *key, const struct ml_intervals *intervals,
                       json_t *json)
{
    json_t *list = json_array();
    ML_TRY(put(json, key, list));
    for (size_t i = 0; i < intervals->count; i++) {
        const struct ml_interval *interval = &intervals->list[i];
        struct ml_approvals approvals;
        json_t *item;
        ML_TRY(ml_interval_to_json(interval, &item));
        if (json_array_append_new(list, item) < 0)
            return ml_fail_memory();
        if (interval->kind == ML_INTERVAL_DEPLOYMENT)
            ML_TRY(put_origin(at, interval, item));
        if (!ml_interval_is_decided(interval))
            continue;
        ML_TRY(ml_approvals_of(&at->question.reader, interval, &approvals));
        ML_TRY(ml_approvals_basis(&at->question, interval, &approvals));
        ML_TRY(ml_interval_json_approvals(&at->question.reader, &approvals, item));
    }
    return MLEDGER_OK;
}

static int put_corrections(const struct at *at, json_t *json)
{
    json_t *list = json_array();
    char recorded[ML_TIME_TEXT_SIZE], claimed[ML_TIME_TEXT_SIZE];
    ML_TRY(put(json, "corrections", list));
    for (size_t i = 0; i < at->answer.n_corrections; i++) {
        const struct ml_correction *correction = &at->answer.corrections[i];
        ML_TRY(ml_time_format(correction->change.recorded_us, recorded));
        ML_TRY(ml_time_format(correction->change.claimed_us, claimed));
        json_t *item =
            json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:b}", "seq",
                      (json_int_t)correction->change.seq, "recorded_at", recorded, "claimed_at",
                      claimed, "subject", correction->subject, "summary", correction->summary,
                      "who", correction->change.who, "counts", (int)correction->counts);
        if (json_array_append_new(list, item) < 0)
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

static int fill_json(struct at *at, json_t *json)
{
    ML_TRY(
        put(json, "at",
            json_pack("{s:s, s:I}", "time", at->time, "seq", (json_int_t)at->answer.instant.seq)));
    ML_TRY(put_reading(at, "recorded", &at->answer.recorded, json));
    ML_TRY(put(json, "differ", json_boolean(at->answer.differ)));
    ML_TRY(put_reading(at, "claimed", &at->answer.claimed, json));
    return put_corrections(at, json);
}

static int finish_json(struct at *at)
{
    json_t *json = json_object();
    int result = json ? fill_json(at, json) : ml_fail_memory();
    if (result >= 0)
        result = ml_question_finish_json(&at->question, json);
    json_decref(json);
    return result;
}

/* ---- all of it ---- */

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(at_release) struct at at = {0};
    ML_TRY(ml_question_open(invocation, formats, out, &at.question));
    ML_TRY(ask(&at, invocation));
    ML_TRY(gather_basis(&at));
    if (at.question.answer.format == ML_ANSWER_JSON) {
        ML_TRY(finish_json(&at));
    } else {
        ML_TRY(print_text(&at));
        ML_TRY(ml_question_finish(&at.question));
    }
    return shown_in(&at, &at.answer.recorded) || shown_in(&at, &at.answer.claimed) ? MLEDGER_OK
                                                                                   : ML_ANSWER_NO;
}

const struct ml_command ml_command_at = {
    .name = "at",
    .summary = "Show which version was where at a moment",
    .description =
        (const char *const[]){
            "Of a model: which versions were in which stage at TIME, or in STAGE alone, since when "
            "and until when, who put them there and who approved it; where its aliases pointed; "
            "which endpoints served it. Of an endpoint: what it served, and which run, code and "
            "data "
            "that came from. Several versions at once are all shown.",
            "Records have two times: when they were recorded, and when what they tell is claimed "
            "to "
            "have happened. The answer is what the ledger held at TIME; where the claims of all "
            "records give another one, both are given, and what was recorded later is listed. "
            "With --as-of nothing recorded later counts: --as-of TIME is what was known then.",
            "WHAT is a model, a version (churn/3), models:/churn/STAGE, an alias (churn@champion), "
            "an endpoint (endpoint:NAME where a model bears the name too), or environment:NAME. "
            "TIME is a time or the number of a record.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "WHAT", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_MODEL}},
            {.name = "STAGE", .min = 0, .max = 1},
            {.name = "TIME", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_MOMENT}},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){ML_OPTION_FORMAT(formats), ML_OPTIONS_QUESTION, {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger at churn Production 2026-03-01T14:32:00Z",
             "Which version was in Production, and who approved it."},
            {"mledger at endpoint:scoring 2026-02-14T09:12:00Z", "What an endpoint served."},
            {"mledger at churn 2026-03-01 --as-of 2026-03-01", "What was known on that day."},
            {0}},
    .exit_codes =
        (const struct ml_exit_code[]){
            {1, "Nothing was there at that moment, or there is no such thing."}, {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .run = run,
};
