/* SPDX-License-Identifier: Apache-2.0 */
/* How versions come to Production: how long it takes, and how often a step back is taken. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/csv.h"
#include "cli/human.h"
#include "cli/listing.h"
#include "cli/question.h"
#include "cli/remote_question.h"
#include "ledger/query/flow_json.h"

static const char *const formats[] = {"text", "json", "csv", NULL};

struct reporting {
    struct ml_question question;
    struct ml_flow_options options;
    struct ml_flow flow;
};

static void reporting_release(struct reporting *reporting)
{
    ml_flow_release(&reporting->flow);
    ml_question_release(&reporting->question);
}

/* ---- text ---- */

static int add_time(struct ml_listing *listing, const struct ml_flow_figures *figures,
                    int64_t time_us)
{
    char text[ML_HUMAN_SIZE];
    if (figures->timed == 0)
        return ml_listing_add(listing, ML_ROLE_DIM, "-");
    uint64_t seconds = time_us > 0 ? (uint64_t)(time_us / 1000000) : 0;
    return ml_listing_add(listing, ML_ROLE_PLAIN, "%s", ml_human_duration(text, seconds));
}

static int add_row(struct ml_listing *listing, const char *name, enum ml_role role,
                   const struct ml_flow_figures *figures)
{
    ML_TRY(ml_listing_add(listing, role, "%s", name));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%zu", figures->entries));
    ML_TRY(add_time(listing, figures, figures->median_us));
    ML_TRY(add_time(listing, figures, figures->p90_us));
    ML_TRY(add_time(listing, figures, figures->longest_us));
    ML_TRY(ml_listing_add(listing, figures->rollbacks ? ML_ROLE_WARN : ML_ROLE_PLAIN, "%zu",
                          figures->rollbacks));
    return ml_listing_add(listing, figures->emergencies ? ML_ROLE_WARN : ML_ROLE_PLAIN, "%zu",
                          figures->emergencies);
}

static int print_table(const struct ml_flow *flow, struct ml_output *out)
{
    static const struct ml_column columns[] = {
        {.heading = "MODEL", .flexible = true},    {.heading = "ENTRIES", .right = true},
        {.heading = "MEDIAN", .right = true},      {.heading = "90 OF 100 WITHIN", .right = true},
        {.heading = "LONGEST", .right = true},     {.heading = "ROLLBACKS", .right = true},
        {.heading = "EMERGENCIES", .right = true},
    };
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < flow->count; i++)
        ML_TRY(add_row(&listing, flow->models[i].name, ML_ROLE_PLAIN, &flow->models[i].figures));
    ML_TRY(add_row(&listing, "all", ML_ROLE_EMPHASIS, &flow->figures));
    ml_listing_print(&listing, out);
    return ml_output_check(out);
}

static void print_entry(const struct ml_flow_model *model, const struct ml_flow_entry *entry,
                        const char *stage, struct ml_output *out)
{
    if (ml_flow_is_rollback(entry))
        ml_output_line(out, ML_ROLE_PLAIN,
                       "  rollback: %s/%" PRIu64 " entered %s by #%" PRIu64 ", after version "
                       "%" PRIu64 " had by #%" PRIu64,
                       model->name, entry->version, stage, entry->seq, entry->passed,
                       entry->passed_seq);
    if (entry->emergency)
        ml_output_line(out, ML_ROLE_PLAIN,
                       "  emergency: %s/%" PRIu64 " entered %s by #%" PRIu64 ": %s", model->name,
                       entry->version, stage, entry->seq, entry->reason);
}

static int print_text(const struct reporting *reporting, struct ml_output *out)
{
    const struct ml_flow *flow = &reporting->flow;
    const char *stage = reporting->options.stage;
    if (flow->count == 0) {
        ml_output_line(out, ML_ROLE_PLAIN, "no version entered %s", stage);
        return ml_output_check(out);
    }
    ml_output_line(out, ML_ROLE_PLAIN, "from registration to %s:", stage);
    ML_TRY(print_table(flow, out));
    for (size_t i = 0; i < flow->count; i++)
        for (size_t k = 0; k < flow->models[i].n_entries; k++)
            print_entry(&flow->models[i], &flow->models[i].entries[k], stage, out);
    return ml_output_check(out);
}

/* ---- CSV ---- */

static void csv_seconds(struct ml_csv *csv, const struct ml_flow_figures *figures, int64_t time_us)
{
    if (figures->timed == 0)
        ml_csv_text(csv, NULL);
    else
        ml_csv_number(csv, time_us > 0 ? (uint64_t)(time_us / 1000000) : 0);
}

/* The row of all together has no model. */
static void csv_row(struct ml_csv *csv, const char *name, const struct ml_flow_figures *figures)
{
    ml_csv_text(csv, name);
    ml_csv_number(csv, figures->entries);
    ml_csv_number(csv, figures->timed);
    csv_seconds(csv, figures, figures->median_us);
    csv_seconds(csv, figures, figures->p90_us);
    csv_seconds(csv, figures, figures->longest_us);
    ml_csv_number(csv, figures->rollbacks);
    ml_csv_number(csv, figures->emergencies);
    ml_csv_end(csv);
}

static int print_csv(const struct ml_flow *flow, struct ml_output *out)
{
    static const char *const headings[] = {"model",     "entries",     "timed",
                                           "median_s",  "p90_s",       "longest_s",
                                           "rollbacks", "emergencies", NULL};
    struct ml_csv csv = {.out = out};
    ml_csv_row(&csv, headings);
    for (size_t i = 0; i < flow->count; i++)
        csv_row(&csv, flow->models[i].name, &flow->models[i].figures);
    csv_row(&csv, NULL, &flow->figures);
    return ml_output_check(out);
}

/* ---- of a server ---- */

static const struct ml_remote_question remote_question = {
    .path = "flow",
    .words = (const struct ml_remote_word[]){{ML_REMOTE_OPTION, "stage", "stage"},
                                             {ML_REMOTE_OPTION, "from", "from"},
                                             {ML_REMOTE_OPTION, "to", "to"},
                                             ML_REMOTE_AS_OF,
                                             {.word = NULL}},
    .formats = formats,
};

/* ---- all of it ---- */

static int read_moment(const struct ml_invocation *invocation, const char *option,
                       struct ml_as_of *ret_moment)
{
    const char *text = ml_option_text(invocation, option, NULL);
    *ret_moment = (struct ml_as_of){.kind = ML_AS_OF_NOW};
    if (text && ml_as_of_parse(text, ret_moment) < 0)
        return ml_prefix("--%s", option);
    return MLEDGER_OK;
}

static int gather(const struct ml_invocation *invocation, struct reporting *reporting)
{
    struct ml_question *question = &reporting->question;
    reporting->options.stage = ml_option_text(invocation, "stage", "Production");
    reporting->options.as_of = question->moment.as_of;
    return ml_flow(&question->moment.view, &reporting->options, &question->basis, &reporting->flow);
}

static int finish_json(struct reporting *reporting)
{
    json_t *json;
    ML_TRY(ml_flow_to_json(&reporting->flow, reporting->options.stage, &json));
    int result = ml_question_finish_json(&reporting->question, json);
    json_decref(json);
    return result;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(reporting_release) struct reporting reporting = {0};
    struct ml_question *question = &reporting.question;
    ML_TRY(read_moment(invocation, "from", &reporting.options.from));
    ML_TRY(read_moment(invocation, "to", &reporting.options.to));
    if (ml_remote_is(invocation))
        return ml_remote_question(invocation, &remote_question, out);
    ML_TRY(ml_question_open(invocation, formats, out, question));
    ML_TRY(gather(invocation, &reporting));
    if (question->answer.format == ML_ANSWER_JSON)
        return finish_json(&reporting);
    ML_TRY(question->answer.format == ML_ANSWER_CSV
               ? print_csv(&reporting.flow, question->answer.out)
               : print_text(&reporting, question->answer.out));
    return ml_question_finish(question);
}

const struct ml_command ml_command_report_flow = {
    .name = "report flow",
    .summary = "Measure how versions come to Production",
    .description =
        (const char *const[]){
            "For each model and for all together: how often versions entered Production, how long "
            "it took from registration to a version's first entry (the median, the time that 90 of "
            "100 do not exceed, the longest; by recorded times), how many entries were rollbacks "
            "and how many emergencies.",
            "A rollback is an entry of a version with a lower number than one that had entered "
            "before. An emergency is an entry whose reason holds the word emergency, hotfix, "
            "urgent or break-glass. Percentiles are of the nearest rank. Versions that an import "
            "found in Production are counted as entries and not timed.",
            NULL},
    .options =
        (const struct ml_option[]){
            {.name = "from",
             .value = "SEQ|TIME",
             .rule = {.kind = ML_VALUE_MOMENT},
             .help = "Count entries from this record or time on."},
            {.name = "to",
             .value = "SEQ|TIME",
             .rule = {.kind = ML_VALUE_MOMENT},
             .help = "Count entries before this record or time."},
            {.name = "stage",
             .value = "STAGE",
             .help = "Look at entries into this stage instead of Production."},
            ML_OPTION_FORMAT(formats),
            ML_OPTIONS_QUESTION,
            ML_OPTIONS_REMOTE,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger report flow --from 2025-01-01 --to 2026-01-01", "What happened in 2025."},
            {"mledger report flow --format csv -o flow.csv", "For a spreadsheet, in seconds."},
            {0}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
