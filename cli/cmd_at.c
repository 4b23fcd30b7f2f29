/* SPDX-License-Identifier: Apache-2.0 */
/* at: which version was where at a moment. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/interval_text.h"
#include "cli/remote_question.h"
#include "cli/version_origin.h"
#include "ledger/core/time.h"
#include "ledger/query/at_answer.h"
#include "ledger/query/json_parts.h"

static const char *const formats[] = {"text", "json", NULL};

struct at {
    struct ml_question question;
    struct ml_at_answer answer;
};

static void at_release(struct at *at)
{
    ml_at_answer_release(&at->answer);
    ml_question_release(&at->question);
}

/* ---- text ---- */

static int print_interval(struct at *at, const struct ml_interval *interval)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf sentence = {0};
    ML_TRY(ml_interval_sentence(interval, &sentence));
    ml_output_line(at->question.answer.out, ML_ROLE_EMPHASIS, "%.*s at %s", (int)sentence.len,
                   (const char *)sentence.data, at->answer.time);
    ML_TRY(ml_interval_print(&at->question, interval));
    if (interval->kind == ML_INTERVAL_DEPLOYMENT)
        ML_TRY(ml_version_origin_print(&at->question, interval->model, interval->version));
    return ml_interval_print_approvals(&at->question, interval);
}

static int print_reading(struct at *at, const struct ml_intervals *intervals)
{
    size_t hidden = intervals->count - ml_at_count(&at->answer, intervals);
    for (size_t i = 0; i < intervals->count; i++)
        if (ml_at_tells(&at->answer, &intervals->list[i]))
            ML_TRY(print_interval(at, &intervals->list[i]));
    if (hidden == intervals->count)
        ml_output_line(at->question.answer.out, ML_ROLE_EMPHASIS,
                       "nothing of %s was anywhere at %s", at->answer.choice.name, at->answer.time);
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
    for (size_t i = 0; i < at->answer.at.chosen.count; i++) {
        const struct ml_interval *interval = &at->answer.at.chosen.list[i];
        if (!ml_at_tells(&at->answer, interval))
            continue;
        if (interval->from.seq > at->answer.at.instant.seq) {
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
    const struct ml_corrections *corrections = &at->answer.at.corrections;
    if (corrections->count)
        ml_output_line(out, ML_ROLE_WARN, "recorded later, claiming to have happened by then:");
    for (size_t i = 0; i < corrections->count; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
        ML_TRY(ml_correction_text(&corrections->list[i], &text));
        ml_output_line(out, ML_ROLE_PLAIN, "  %.*s%s", (int)text.len, (const char *)text.data,
                       corrections->list[i].counts ? "" : "; not counted here");
    }
    return MLEDGER_OK;
}

static int print_text(struct at *at)
{
    struct ml_output *out = at->question.answer.out;
    if (at->answer.at.differ)
        ml_output_line(out, ML_ROLE_WARN, "As the ledger held it at that time (by #%" PRIu64 "):",
                       at->answer.at.instant.seq);
    ML_TRY(print_reading(at, &at->answer.at.recorded));
    if (ml_at_count(&at->answer, &at->answer.at.recorded) == 0)
        ML_TRY(print_neighbours(at));
    if (at->answer.at.differ) {
        ml_output_line(out, ML_ROLE_WARN, "As it is claimed to have been, by #%" PRIu64 ":",
                       at->question.moment.as_of);
        ML_TRY(print_reading(at, &at->answer.at.claimed));
    }
    return print_corrections(at);
}

/* ---- of a server ---- */

static const struct ml_remote_question remote_question = {
    .path = "at",
    .words = (const struct ml_remote_word[]){{ML_REMOTE_ARGUMENT, "WHAT", "what"},
                                             {ML_REMOTE_ARGUMENT, "STAGE", "stage"},
                                             {ML_REMOTE_ARGUMENT, "TIME", "time"},
                                             ML_REMOTE_AS_OF,
                                             {.word = NULL}},
    .formats = formats,
    .verdict = "any",
};

/* ---- all of it ---- */

static int finish_json(struct at *at)
{
    ML_CLEANUP(ml_json_freep) json_t *json = NULL;
    struct ml_question *question = &at->question;
    ML_TRY(ml_at_to_json(&question->reader, &at->answer, &question->basis, &json));
    return ml_question_finish_json(question, json);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(at_release) struct at at = {0};
    const struct ml_at_question question = {.what = ml_argument(invocation, "WHAT"),
                                            .stage = ml_argument(invocation, "STAGE"),
                                            .time = ml_argument(invocation, "TIME")};
    if (ml_remote_is(invocation))
        return ml_remote_question(invocation, &remote_question, out);
    ML_TRY(ml_question_open(invocation, formats, out, &at.question));
    ML_TRY(ml_at_ask(&at.question.reader, &question, &at.question.basis, &at.answer));
    if (at.question.answer.format == ML_ANSWER_JSON) {
        ML_TRY(finish_json(&at));
    } else {
        ML_TRY(print_text(&at));
        ML_TRY(ml_question_finish(&at.question));
    }
    return ml_at_any(&at.answer) ? MLEDGER_OK : ML_ANSWER_NO;
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
        (const struct ml_option[]){
            ML_OPTION_FORMAT(formats), ML_OPTIONS_QUESTION, ML_OPTIONS_REMOTE, {.name = NULL}},
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
    .remote = true,
    .run = run,
};
