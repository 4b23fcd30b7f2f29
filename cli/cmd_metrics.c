/* SPDX-License-Identifier: Apache-2.0 */
/* The curves of metrics. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/csv.h"
#include "cli/listing.h"
#include "cli/remote_question.h"
#include "cli/side_by_side.h"
#include "export/draw_curves.h"
#include "ledger/core/time.h"
#include "ledger/query/json_parts.h"

static const char *const formats[] = {"text", "json", "csv", "svg", "png", "pdf", NULL};

enum { REFS_MAX = 50 };

struct asked {
    struct ml_question question;
    struct ml_curves curves;
    struct ml_target targets[REFS_MAX];
    const char **keys;
};

static void release_asked(struct asked *asked)
{
    ml_curves_release(&asked->curves);
    ml_question_release(&asked->question);
    free((void *)asked->keys);
}

/* ---- text ---- */

/* What a curve comes to. */
struct summary {
    const struct ml_curve_point *first, *last, *least, *greatest; /* of finite ones; NULL: none */
    size_t not_known, not_finite;
};

static struct summary sum_up(const struct ml_curve *curve)
{
    struct summary summary = {0};
    for (size_t i = 0; i < curve->count; i++) {
        const struct ml_curve_point *point = &curve->points[i];
        summary.not_known += !point->known;
        summary.not_finite += point->known && !isfinite(point->value);
        if (!point->known || !isfinite(point->value))
            continue;
        summary.first = summary.first ? summary.first : point;
        summary.last = point;
        if (!summary.least || point->value < summary.least->value)
            summary.least = point;
        if (!summary.greatest || point->value > summary.greatest->value)
            summary.greatest = point;
    }
    return summary;
}

static int add_value(struct ml_listing *listing, const struct ml_curve_point *point)
{
    if (!point)
        return ml_listing_add(listing, ML_ROLE_DIM, "%s", "-");
    return ml_listing_add(listing, ML_ROLE_PLAIN, "%s @%" PRId64, point->text, point->step);
}

static int add_curve(struct ml_listing *listing, const struct ml_curve *curve)
{
    struct summary summary = sum_up(curve);
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s", curve->key));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", curve->of));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%zu", curve->count));
    ML_TRY(add_value(listing, summary.first));
    ML_TRY(add_value(listing, summary.last));
    ML_TRY(add_value(listing, summary.least));
    ML_TRY(add_value(listing, summary.greatest));
    if (summary.not_known + summary.not_finite == 0)
        return ml_listing_add(listing, ML_ROLE_DIM, "%s", "");
    return ml_listing_add(listing, ML_ROLE_WARN, "%zu no number, %zu not known", summary.not_finite,
                          summary.not_known);
}

static int print_text(struct asked *asked)
{
    static const struct ml_column columns[] = {{.heading = "metric", .flexible = true},
                                               {.heading = "of", .flexible = true},
                                               {.heading = "points", .right = true},
                                               {.heading = "first"},
                                               {.heading = "last"},
                                               {.heading = "least"},
                                               {.heading = "greatest"},
                                               {.heading = NULL}};
    struct ml_column shown[ML_COUNT(columns)];
    memcpy(shown, columns, sizeof columns);
    shown[ML_COUNT(columns) - 1].heading = "gaps";
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    ml_listing_init(&listing, shown, ML_COUNT(shown));
    for (size_t i = 0; i < asked->curves.count; i++)
        ML_TRY(add_curve(&listing, &asked->curves.list[i]));
    if (asked->curves.count == 0)
        ml_output_line(asked->question.answer.out, ML_ROLE_EMPHASIS, "no metric is recorded");
    ml_listing_print(&listing, asked->question.answer.out);
    return ml_question_finish(&asked->question);
}

/* ---- the other forms ---- */

static int print_csv(struct asked *asked)
{
    static const char *const headings[] = {"of",   "run",   "metric", "step",
                                           "time", "value", "record", NULL};
    struct ml_csv csv = {.out = asked->question.answer.out};
    ml_csv_row(&csv, headings);
    for (size_t i = 0; i < asked->curves.count; i++) {
        const struct ml_curve *curve = &asked->curves.list[i];
        for (size_t k = 0; k < curve->count; k++) {
            const struct ml_curve_point *point = &curve->points[k];
            char step[32];
            snprintf(step, sizeof step, "%" PRId64, point->step);
            ml_csv_text(&csv, curve->of);
            ml_csv_text(&csv, curve->run_id);
            ml_csv_text(&csv, curve->key);
            ml_csv_text(&csv, step);
            ml_csv_time(&csv, point->seq, point->time_us);
            ml_csv_text(&csv, point->text);
            ml_csv_number(&csv, point->seq);
            ml_csv_end(&csv);
        }
        ML_TRY(ml_output_check(csv.out));
    }
    return ml_question_finish(&asked->question);
}

static int print_json(struct asked *asked)
{
    ML_CLEANUP(ml_json_freep) json_t *json = NULL;
    ML_TRY(ml_curves_to_json(&asked->curves, &json));
    return ml_question_finish_json(&asked->question, json);
}

static int draw(struct asked *asked)
{
    const struct ml_invocation *invocation = asked->question.session.invocation;
    ML_CLEANUP(ml_buf_release) struct ml_buf query = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    ML_TRY(ml_buf_append_text(&query, "metrics of"));
    for (size_t i = 0; i < ml_argument_count(invocation, "REF"); i++)
        ML_TRY(ml_buf_printf(&query, "%s %s", i ? "," : "", ml_argument_at(invocation, "REF", i)));
    ML_TRY(ml_buf_append_char(&query, '\0'));
    struct ml_draw_frame frame = ml_moment_frame(&asked->question.moment, (char *)query.data);
    if (ml_draw_curves(&asked->curves, &frame, &svg) < 0)
        return ml_hint("--metric KEY chooses");
    ML_TRY(ml_answer_draw_svg(&asked->question.answer, &svg, frame.as_of_time));
    return ml_question_finish(&asked->question);
}

/* ---- of a server ---- */

static const struct ml_remote_question remote_question = {
    .path = "metrics",
    .words = (const struct ml_remote_word[]){{ML_REMOTE_ARGUMENT, "REF", "ref"},
                                             {ML_REMOTE_OPTION, "metric", "metric"},
                                             ML_REMOTE_AS_OF,
                                             {.word = NULL}},
    .formats = formats,
};

/* ---- all of it ---- */

static int read_curves(struct asked *asked)
{
    const struct ml_invocation *invocation = asked->question.session.invocation;
    size_t n_keys = ml_option_count(invocation, "metric");
    struct ml_curves_question question = {.targets = asked->targets,
                                          .n_targets = ml_argument_count(invocation, "REF")};
    for (size_t i = 0; i < question.n_targets; i++)
        ML_TRY(ml_makeup_find(&asked->question.reader, ml_argument_at(invocation, "REF", i),
                              &asked->targets[i]));
    asked->keys = ml_calloc(n_keys + 1, sizeof *asked->keys);
    if (!asked->keys)
        return ml_fail_memory();
    for (size_t i = 0; i < n_keys; i++)
        asked->keys[i] = ml_option_at(invocation, "metric", i);
    question.keys = asked->keys;
    question.n_keys = n_keys;
    return ml_curves_read(&asked->question.reader, &question, &asked->question.basis,
                          &asked->curves);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(release_asked) struct asked asked = {0};
    if (ml_remote_is(invocation))
        return ml_remote_question(invocation, &remote_question, out);
    ML_TRY(ml_question_open(invocation, formats, out, &asked.question));
    ML_TRY(read_curves(&asked));
    switch (asked.question.answer.format) {
    case ML_ANSWER_JSON:
        return print_json(&asked);
    case ML_ANSWER_CSV:
        return print_csv(&asked);
    case ML_ANSWER_SVG:
    case ML_ANSWER_PNG:
    case ML_ANSWER_PDF:
        return draw(&asked);
    default:
        return print_text(&asked);
    }
}

const struct ml_command ml_command_metrics = {
    .name = "metrics",
    .summary = "Show the curves of metrics",
    .description =
        (const char *const[]){
            "Of runs, and of the runs that versions were registered from: every point that was "
            "recorded, by its step. As text the first, last, least and greatest value of each with "
            "its step; as CSV and JSON all of them, as they were written; as SVG, PNG or "
            "PDF a chart for each metric with a line for each run (as DOT and Mermaid, which "
            "describe graphs, there is none).",
            "What is no number, or was erased, is a gap. Of a line with more than 2560 points the "
            "chart shows the first, lowest, highest and last in each of 640 columns, and says so.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "REF",
                                               .min = 1,
                                               .max = REFS_MAX,
                                               .rule = {.kind = ML_VALUE_REF},
                                               .help = "A version (churn/3) or a run (runs:/ID)."},
                                              {.name = NULL}},
    .options = (const struct ml_option[]){{.name = "metric",
                                           .value = "KEY",
                                           .repeated = true,
                                           .help = "Only this metric; all of them, unless given."},
                                          ML_OPTIONS_QUESTION,
                                          ML_OPTION_FORMAT(formats),
                                          ML_OPTION_OPEN,
                                          ML_OPTIONS_REMOTE,
                                          {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger metrics churn/2 churn/3 --metric train/loss -o loss.svg",
             "The training loss of two versions as a chart."},
            {"mledger metrics runs:/4f2a --format csv", "Every point of a run as a table."},
            {0}},
    .exit_codes = (const struct ml_exit_code[]){{1, "There is no such version or run."}, {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
