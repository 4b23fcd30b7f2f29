/* SPDX-License-Identifier: Apache-2.0 */
/* timeline: from when to when versions were in stages, bore aliases, were served. */
#include <inttypes.h>
#include <strings.h>

#include "cli/commands.h"
#include "cli/interval_text.h"
#include "cli/listing.h"
#include "export/draw_timeline.h"
#include "ledger/core/time.h"
#include "ledger/query/as_of.h"
#include "ledger/query/interval_choice.h"
#include "ledger/query/interval_json.h"

static const char *const formats[] = {"text", "json", "svg", "png", "pdf", NULL};

struct timeline {
    struct ml_question question;
    struct ml_intervals intervals;
    int64_t as_of_us;
    bool has_from, has_to;
    int64_t from_us, to_us; /* [from, to) */
};

static void timeline_release(struct timeline *timeline)
{
    ml_intervals_release(&timeline->intervals);
    ml_question_release(&timeline->question);
}

/* ---- asking ---- */

/* A record stands for its time. */
static int read_bound(struct timeline *timeline, const char *option, bool *ret_given,
                      int64_t *ret_time_us)
{
    const char *text = ml_option_text(timeline->question.session.invocation, option, NULL);
    const struct ml_record *record;
    struct ml_as_of moment;
    *ret_given = text != NULL;
    if (!text)
        return MLEDGER_OK;
    ML_TRY(ml_as_of_parse(text, &moment));
    *ret_time_us = moment.time_us;
    if (moment.kind == ML_AS_OF_TIME)
        return MLEDGER_OK;
    ML_TRY(ml_reader_record(&timeline->question.reader, moment.seq, &record));
    *ret_time_us = record->header->recorded_at;
    return MLEDGER_OK;
}

static bool is_in(const struct timeline *timeline, const struct ml_interval *interval)
{
    if (timeline->has_to && interval->from.recorded_us >= timeline->to_us)
        return false;
    return !timeline->has_from || interval->to.seq == MLEDGER_NO_SEQ ||
           interval->to.recorded_us > timeline->from_us;
}

static void keep_span(struct timeline *timeline)
{
    size_t kept = 0;
    for (size_t i = 0; i < timeline->intervals.count; i++)
        if (is_in(timeline, &timeline->intervals.list[i]))
            timeline->intervals.list[kept++] = timeline->intervals.list[i];
    timeline->intervals.count = kept;
}

static int choose(struct timeline *timeline, const struct ml_invocation *invocation,
                  struct ml_interval_choice *choice)
{
    const char *what = ml_argument(invocation, "WHAT");
    const char *stage = ml_option_text(invocation, "stage", NULL);
    bool all = ml_option_given(invocation, "all");
    if (all == (what != NULL))
        return ml_fail(MLEDGER_EUSAGE,
                       all ? "--all and '%s' are two questions"
                           : "say what the timeline is of, or --all",
                       what);
    *choice = (struct ml_interval_choice){.model = MLEDGER_NO_SEQ, .name = "all models"};
    if (what)
        ML_TRY(ml_interval_choice_parse(&timeline->question.reader, what, choice));
    if (stage && (choice->endpoint || choice->environment || choice->alias || choice->stage))
        return ml_fail(MLEDGER_EUSAGE, "'%s' has no stages", what);
    if (stage)
        choice->stage = stage;
    return MLEDGER_OK;
}

static int ask(struct timeline *timeline, const struct ml_invocation *invocation)
{
    struct ml_reader *reader = &timeline->question.reader;
    struct ml_interval_choice choice;
    const struct ml_record *newest;
    ML_TRY(read_bound(timeline, "from", &timeline->has_from, &timeline->from_us));
    ML_TRY(read_bound(timeline, "to", &timeline->has_to, &timeline->to_us));
    if (timeline->has_from && timeline->has_to && timeline->from_us >= timeline->to_us)
        return ml_fail(MLEDGER_EUSAGE, "--from is not before --to");
    ML_TRY(choose(timeline, invocation, &choice));
    ML_TRY(ml_intervals_collect(reader, &choice, ML_READING_RECORDED, &timeline->intervals));
    keep_span(timeline);
    ML_TRY(ml_reader_record(reader, reader->as_of, &newest));
    timeline->as_of_us = newest->header->recorded_at;
    return MLEDGER_OK;
}

static int gather_basis(struct timeline *timeline)
{
    struct ml_basis *basis = &timeline->question.basis;
    for (size_t i = 0; i < timeline->intervals.count; i++) {
        const struct ml_interval *interval = &timeline->intervals.list[i];
        ML_TRY(ml_basis_add(basis, interval->from.seq));
        ML_TRY(ml_basis_add(basis, interval->to.seq));
        if (interval->imported)
            ML_TRY(ml_basis_unknown(basis,
                                    "since when %s/%" PRIu64 " was in %s: it was found there when "
                                    "another registry was imported (#%" PRIu64 ")",
                                    interval->model_name, interval->version, interval->name,
                                    interval->from.seq));
    }
    if (timeline->has_to && timeline->to_us > timeline->as_of_us)
        ML_TRY(ml_basis_unknown(basis,
                                "what came after #%" PRIu64 ", the newest record that counts",
                                timeline->question.moment.as_of));
    return MLEDGER_OK;
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
    ML_TRY(ml_approvals_basis(&timeline->question, interval, &approvals));
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

static int print_claim(struct timeline *timeline, const struct ml_change *change)
{
    char time[ML_TIME_TEXT_SIZE];
    if (change->seq == MLEDGER_NO_SEQ || !ml_change_is_late(change))
        return MLEDGER_OK;
    ML_TRY(ml_time_format(change->claimed_us, time));
    ml_output_line(timeline->question.answer.out, ML_ROLE_WARN,
                   "* #%" PRIu64 " claims to have happened at %s", change->seq, time);
    return MLEDGER_OK;
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
    const struct ml_intervals *intervals = &timeline->intervals;
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < intervals->count; i++)
        ML_TRY(add_row(timeline, &listing, &intervals->list[i]));
    if (intervals->count == 0)
        ml_output_line(timeline->question.answer.out, ML_ROLE_PLAIN, "nothing in that time");
    ml_listing_print(&listing, timeline->question.answer.out);
    for (size_t i = 0; i < intervals->count; i++) {
        /* The end of one is mostly the beginning of the next, which tells it. */
        ML_TRY(print_claim(timeline, &intervals->list[i].from));
        if (i + 1 == intervals->count ||
            intervals->list[i + 1].from.seq != intervals->list[i].to.seq)
            ML_TRY(print_claim(timeline, &intervals->list[i].to));
    }
    return MLEDGER_OK;
}

/* ---- JSON ---- */

static int put_interval(struct timeline *timeline, const struct ml_interval *interval, json_t *list)
{
    struct ml_approvals approvals;
    json_t *item;
    ML_TRY(ml_interval_to_json(interval, &item));
    if (json_array_append_new(list, item) < 0)
        return ml_fail_memory();
    if (!ml_interval_is_decided(interval))
        return MLEDGER_OK;
    ML_TRY(ml_approvals_of(&timeline->question.reader, interval, &approvals));
    ML_TRY(ml_approvals_basis(&timeline->question, interval, &approvals));
    return ml_interval_json_approvals(&timeline->question.reader, &approvals, item);
}

static int finish_json(struct timeline *timeline)
{
    json_t *list = json_array(), *json = json_pack("{s:o}", "intervals", list);
    int result = json ? MLEDGER_OK : ml_fail_memory();
    for (size_t i = 0; result >= 0 && i < timeline->intervals.count; i++)
        result = put_interval(timeline, &timeline->intervals.list[i], list);
    if (result >= 0)
        result = ml_question_finish_json(&timeline->question, json);
    json_decref(json);
    return result;
}

/* ---- the picture ---- */

static int draw(struct timeline *timeline, const struct ml_invocation *invocation)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf query = {0}, svg = {0};
    const char *what = ml_argument(invocation, "WHAT"),
               *stage = ml_option_text(invocation, "stage", NULL);
    ML_TRY(ml_buf_printf(&query, "timeline of %s%s%s", what ? what : "all models",
                         stage ? ", stage " : "", stage ? stage : ""));
    ML_TRY(ml_buf_append_char(&query, '\0'));
    struct ml_draw_frame frame =
        ml_moment_frame(&timeline->question.moment, (const char *)query.data);
    struct ml_timeline picture = ml_timeline_of(&timeline->intervals, timeline->as_of_us);
    if (timeline->has_from)
        picture.from_us = timeline->from_us;
    if (timeline->has_to)
        picture.to_us = timeline->to_us;
    if (picture.from_us >= picture.to_us)
        return ml_fail(MLEDGER_EUSAGE, "the ledger ends before --from: there is nothing to draw");
    ML_TRY(ml_draw_timeline(&picture, &frame, "mledger", &svg));
    return ml_answer_draw_svg(&timeline->question.answer, &svg, frame.as_of_time);
}

/* ---- all of it ---- */

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(timeline_release) struct timeline timeline = {0};
    ML_TRY(ml_question_open(invocation, formats, out, &timeline.question));
    ML_TRY(ask(&timeline, invocation));
    ML_TRY(gather_basis(&timeline));
    if (timeline.question.answer.format == ML_ANSWER_JSON) {
        ML_TRY(finish_json(&timeline));
    } else {
        ML_TRY(ml_answer_is_picture(&timeline.question.answer) ? draw(&timeline, invocation)
                                                               : print_text(&timeline));
        ML_TRY(ml_question_finish(&timeline.question));
    }
    return timeline.intervals.count ? MLEDGER_OK : ML_ANSWER_NO;
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
    .run = run,
};
