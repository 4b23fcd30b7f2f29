/* SPDX-License-Identifier: Apache-2.0 */
/* timeline: from when to when versions were in stages, bore aliases, were served. */
#include <inttypes.h>
#include <strings.h>

#include "cli/commands.h"
#include "cli/interval_text.h"
#include "cli/listing.h"
#include "cli/remote_question.h"
#include "export/draw_timeline.h"
#include "ledger/core/time.h"
#include "ledger/query/json_parts.h"
#include "ledger/query/timeline_answer.h"

static const char *const formats[] = {"text", "json", "svg", "png", "pdf", NULL};

struct timeline {
    struct ml_question question;
    struct ml_timeline_answer answer;
};

static void timeline_release(struct timeline *timeline)
{
    ml_timeline_answer_release(&timeline->answer);
    ml_question_release(&timeline->question);
}

static int check_what(const struct ml_invocation *invocation)
{
    const char *what = ml_argument(invocation, "WHAT");
    const bool all = ml_option_given(invocation, "all");
    if (all != (what != NULL))
        return MLEDGER_OK;
    return ml_fail(
        MLEDGER_EUSAGE,
        all ? "--all and '%s' are two questions" : "say what the timeline is of, or --all", what);
}

static int ask(struct timeline *timeline, const struct ml_invocation *invocation)
{
    struct ml_question *question = &timeline->question;
    const struct ml_timeline_question asked = {
        .what = ml_argument(invocation, "WHAT"),
        .stage = ml_option_text(invocation, "stage", NULL),
        .from = ml_option_text(invocation, "from", NULL),
        .to = ml_option_text(invocation, "to", NULL),
    };
    return ml_timeline_ask(&question->reader, &asked, &question->basis, &timeline->answer);
}

/* ---- text ---- */

static int add_place(struct ml_listing *listing, const struct ml_interval *interval)
{
    switch (interval->kind) {
    case ML_INTERVAL_STAGE:
        return ml_listing_add(listing, ML_ROLE_PLAIN, "%s", interval->name);
    case ML_INTERVAL_ALIAS:
        return ml_listing_add(listing, ML_ROLE_PLAIN, "@%s", interval->name);
    default:
        return ml_listing_add(listing, ML_ROLE_PLAIN, "served by %s%s%s%s, %.6g%%", interval->name,
                              interval->environment ? " (" : "",
                              interval->environment ? interval->environment : "",
                              interval->environment ? ")" : "", interval->share_ppm / 10000.0);
    }
}

/* Stars mark what is told below. */
static int add_when(struct ml_listing *listing, const struct ml_change *change)
{
    char time[ML_TIME_TEXT_SIZE];
    if (change->seq == MLEDGER_NO_SEQ)
        return ml_listing_add(listing, ML_ROLE_DIM, "still");
    ML_TRY(ml_time_format(change->recorded_us, time));
    return ml_listing_add(listing, ML_ROLE_PLAIN, "%.10s %.8s%s", time, time + 11,
                          ml_change_is_late(change) ? "*" : "");
}

static int add_seq(struct ml_listing *listing, const struct ml_change *change)
{
    if (change->seq == MLEDGER_NO_SEQ)
        return ml_listing_add(listing, ML_ROLE_DIM, "%s", "");
    return ml_listing_add(listing, ML_ROLE_DIM, "#%" PRIu64, change->seq);
}

/* "olga #29", "carl #99 late", "erik #70 the mover" */
static int append_approval(const struct ml_approval *approval, struct ml_buf *text)
{
    ML_TRY(ml_buf_printf(text, "%s%s #%" PRIu64, text->len ? ", " : "", approval->change.who,
                         approval->change.seq));
    if (approval->decision != MLEDGER__DECISION__GRANTED)
        ML_TRY(ml_buf_printf(text, " %s", ml_decision_name(approval->decision)));
    if (approval->after)
        ML_TRY(ml_buf_append_text(text, " after the fact"));
    for (unsigned part = ML_PART_TRAINER; part <= ML_PART_MOVER; part <<= 1)
        if (approval->same_as & part)
            ML_TRY(ml_buf_printf(text, " also the %s", ml_part_name((enum ml_part)part)));
    return MLEDGER_OK;
}

static bool is_sound(const struct ml_approvals *approvals)
{
    bool sound = approvals->count > 0;
    for (size_t i = 0; i < approvals->count; i++)
        sound &= approvals->list[i].decision == MLEDGER__DECISION__GRANTED &&
                 !approvals->list[i].after && approvals->list[i].same_as == 0;
    return sound;
}

static int add_approvals(struct timeline *timeline, struct ml_listing *listing,
                         const struct ml_interval *interval)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_approvals approvals;
    if (!ml_interval_is_decided(interval))
        return ml_listing_add(listing, ML_ROLE_PLAIN, "%s", "");
    ML_TRY(ml_approvals_of(&timeline->question.reader, interval, &approvals));
    ML_TRY(ml_approvals_rest_on(&approvals, interval, &timeline->question.basis));
    for (size_t i = 0; i < approvals.count; i++)
        ML_TRY(append_approval(&approvals.list[i], &text));
    bool production = strcasecmp(interval->name, "Production") == 0;
    if (approvals.count == 0 && production)
        ML_TRY(ml_buf_append_text(&text, "nobody"));
    return ml_listing_add(listing,
                          !production            ? ML_ROLE_PLAIN
                          : is_sound(&approvals) ? ML_ROLE_GOOD
                                                 : ML_ROLE_WARN,
                          "%.*s", (int)text.len, (const char *)text.data);
}

static int add_row(struct timeline *timeline, struct ml_listing *listing,
                   const struct ml_interval *interval)
{
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s/%" PRIu64, interval->model_name,
                          interval->version));
    ML_TRY(add_place(listing, interval));
    ML_TRY(add_when(listing, &interval->from));
    ML_TRY(add_seq(listing, &interval->from));
    ML_TRY(add_when(listing, &interval->to));
    ML_TRY(add_seq(listing, &interval->to));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", interval->from.who));
    return add_approvals(timeline, listing, interval);
}

static int print_text(struct timeline *timeline)
{
    static const struct ml_column columns[] = {{.heading = "VERSION", .flexible = true},
                                               {.heading = "WHERE", .flexible = true},
                                               {.heading = "FROM"},
                                               {.heading = "", .right = true},
                                               {.heading = "TO"},
                                               {.heading = "", .right = true},
                                               {.heading = "BY", .flexible = true},
                                               {.heading = "APPROVED BY", .flexible = true}};
    const struct ml_intervals *intervals = &timeline->answer.intervals;
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < intervals->count; i++)
        ML_TRY(add_row(timeline, &listing, &intervals->list[i]));
    if (intervals->count == 0)
        ml_output_line(timeline->question.answer.out, ML_ROLE_PLAIN, "nothing in that time");
    ml_listing_print(&listing, timeline->question.answer.out);
    for (size_t i = 0; i < intervals->count; i++) {
        /* The end of one is mostly the beginning of the next, which tells it. */
        ML_TRY(ml_change_print_claim(&intervals->list[i].from, timeline->question.answer.out));
        if (i + 1 == intervals->count ||
            intervals->list[i + 1].from.seq != intervals->list[i].to.seq)
            ML_TRY(ml_change_print_claim(&intervals->list[i].to, timeline->question.answer.out));
    }
    return MLEDGER_OK;
}

/* ---- JSON ---- */

static int finish_json(struct timeline *timeline)
{
    ML_CLEANUP(ml_json_freep) json_t *json = NULL;
    struct ml_question *question = &timeline->question;
    ML_TRY(ml_timeline_to_json(&question->reader, &timeline->answer, &question->basis, &json));
    return ml_question_finish_json(question, json);
}

/* ---- the picture ---- */

static int draw(struct timeline *timeline, const struct ml_invocation *invocation)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf query = {0}, svg = {0};
    const struct ml_timeline_answer *answer = &timeline->answer;
    const char *what = ml_argument(invocation, "WHAT"),
               *stage = ml_option_text(invocation, "stage", NULL);
    ML_TRY(ml_buf_printf(&query, "timeline of %s%s%s", what ? what : "all models",
                         stage ? ", stage " : "", stage ? stage : ""));
    ML_TRY(ml_buf_append_char(&query, '\0'));
    struct ml_draw_frame frame =
        ml_moment_frame(&timeline->question.moment, (const char *)query.data);
    struct ml_timeline picture = ml_timeline_of(&answer->intervals, answer->as_of_us);
    if (answer->has_from)
        picture.from_us = answer->from_us;
    if (answer->has_to)
        picture.to_us = answer->to_us;
    if (picture.from_us >= picture.to_us)
        return ml_fail(MLEDGER_EUSAGE, "the ledger ends before --from: there is nothing to draw");
    ML_TRY(ml_draw_timeline(&picture, &frame, "mledger", &svg));
    return ml_answer_draw_svg(&timeline->question.answer, &svg, frame.as_of_time);
}

/* ---- of a server ---- */

static const struct ml_remote_question remote_question = {
    .path = "timeline",
    .words = (const struct ml_remote_word[]){{ML_REMOTE_ARGUMENT, "WHAT", "what"},
                                             {ML_REMOTE_IMPLIED, "all", NULL},
                                             {ML_REMOTE_OPTION, "stage", "stage"},
                                             {ML_REMOTE_OPTION, "from", "from"},
                                             {ML_REMOTE_OPTION, "to", "to"},
                                             ML_REMOTE_AS_OF,
                                             {.word = NULL}},
    .formats = formats,
    .verdict = "intervals",
};

/* ---- all of it ---- */

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(timeline_release) struct timeline timeline = {0};
    ML_TRY(check_what(invocation));
    if (ml_remote_is(invocation))
        return ml_remote_question(invocation, &remote_question, out);
    ML_TRY(ml_question_open(invocation, formats, out, &timeline.question));
    ML_TRY(ask(&timeline, invocation));
    if (timeline.question.answer.format == ML_ANSWER_JSON) {
        ML_TRY(finish_json(&timeline));
    } else {
        ML_TRY(ml_answer_is_picture(&timeline.question.answer) ? draw(&timeline, invocation)
                                                               : print_text(&timeline));
        ML_TRY(ml_question_finish(&timeline.question));
    }
    return timeline.answer.intervals.count ? MLEDGER_OK : ML_ANSWER_NO;
}

const struct ml_command ml_command_timeline = {
    .name = "timeline",
    .summary = "Show from when to when versions were in stages and served",
    .description =
        (const char *const[]){
            "Intervals end where the next one begins: a version is in a stage from the first time "
            "on, and no more at the second. Times are those of recording; where a record claims "
            "another one, more than a minute away, that is told below (and drawn as a diamond). "
            "Who approved it is told of stages other than None and Archived.",
            "WHAT is a model, a version (churn/3), models:/churn/STAGE, an alias (churn@champion), "
            "an endpoint (endpoint:NAME where a model bears the name too), or environment:NAME.",
            "As a picture it is a chart of bars, in SVG, PNG or PDF. DOT and Mermaid describe "
            "graphs, and there is nothing in it that leads from one thing to another.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "WHAT", .min = 0, .max = 1, .rule = {.kind = ML_VALUE_MODEL}}, {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "all", .help = "Of all models and endpoints."},
            {.name = "stage", .value = "STAGE", .help = "Of this stage alone."},
            {.name = "from",
             .value = "SEQ|TIME",
             .rule = {.kind = ML_VALUE_MOMENT},
             .help = "What ended by then is left out."},
            {.name = "to",
             .value = "SEQ|TIME",
             .rule = {.kind = ML_VALUE_MOMENT},
             .help = "What begins then or later is left out."},
            ML_OPTION_FORMAT(formats),
            ML_OPTIONS_QUESTION,
            ML_OPTION_OPEN,
            ML_OPTIONS_REMOTE,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger timeline churn", "All versions of a model, its aliases and deployments."},
            {"mledger timeline --all --stage Production --from 2025-01-01 --to 2026-01-01",
             "Everything that was in Production in 2025, and who approved it."},
            {"mledger timeline churn -o churn.svg", "The same as a picture."},
            {0}},
    .exit_codes =
        (const struct ml_exit_code[]){{1, "Nothing was there in that time, or no such thing is."},
                                      {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
