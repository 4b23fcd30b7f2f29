/* SPDX-License-Identifier: Apache-2.0 */
/* What is no longer in the ledger, and who ordered that; and that all else is. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/csv.h"
#include "cli/human.h"
#include "cli/listing.h"
#include "cli/question.h"
#include "ledger/core/time.h"
#include "ledger/query/as_of.h"
#include "ledger/query/erasures_json.h"
#include "ledger/query/json_parts.h"

static const char *const formats[] = {"text", "json", "csv", NULL};

struct reporting {
    struct ml_question question;
    bool is_empty; /* the window holds no record; else it holds these: */
    uint64_t first, last;
    struct ml_erasures found;
};

static void reporting_release(struct reporting *reporting)
{
    ml_question_release(&reporting->question);
}

/* ---- the window ---- */

/* How many records came before the moment. */
static int count_before(struct ml_view *view, struct ml_as_of moment, uint64_t *ret_count)
{
    uint64_t seq;
    if (moment.kind == ML_AS_OF_SEQ) {
        *ret_count = moment.seq;
        return MLEDGER_OK;
    }
    *ret_count = 0;
    if (moment.time_us == 0)
        return MLEDGER_OK;
    moment.time_us--;
    int result = ml_as_of_resolve(view, &moment, &seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    *ret_count = seq + 1;
    return MLEDGER_OK;
}

static int read_bound(const struct ml_invocation *invocation, const char *option,
                      struct ml_view *view, uint64_t fallback, uint64_t *ret_count)
{
    const char *text = ml_option_text(invocation, option, NULL);
    struct ml_as_of moment;
    *ret_count = fallback;
    if (!text)
        return MLEDGER_OK;
    if (ml_as_of_parse(text, &moment) < 0)
        return ml_prefix("--%s", option);
    return count_before(view, moment, ret_count);
}

static int read_window(const struct ml_invocation *invocation, struct reporting *reporting)
{
    struct ml_view *view = &reporting->question.moment.view;
    uint64_t size = reporting->question.moment.as_of + 1, from, to;
    ML_TRY(read_bound(invocation, "from", view, 0, &from));
    ML_TRY(read_bound(invocation, "to", view, size, &to));
    to = to < size ? to : size;
    reporting->is_empty = from >= to;
    reporting->first = from;
    reporting->last = to - 1;
    return MLEDGER_OK;
}

/* ---- text ---- */

static void print_window(const struct reporting *reporting, struct ml_output *out)
{
    char records[ML_HUMAN_SIZE], erased[ML_HUMAN_SIZE];
    if (reporting->is_empty) {
        ml_output_line(out, ML_ROLE_PLAIN, "no record is of that time");
        return;
    }
    uint64_t count = reporting->last - reporting->first + 1;
    ml_output_line(
        out, ML_ROLE_PLAIN,
        "%s record%s, #%" PRIu64 " to #%" PRIu64 "; of %s the details were erased, all "
        "else is there",
        ml_human_count(records, count), count == 1 ? "" : "s", reporting->first, reporting->last,
        reporting->found.count ? ml_human_count(erased, reporting->found.count) : "none");
    ml_output_line(out, ML_ROLE_PLAIN,
                   "that none was deleted or replaced is what mledger verify proves: numbers have "
                   "no gap, and each links to the one before");
}

static int add_row(struct ml_listing *listing, const struct ml_erasure *erasure)
{
    char erased[ML_TIME_TEXT_SIZE] = "?";
    (void)!ml_time_format(erasure->erased_us, erased);
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "#%" PRIu64, erasure->seq));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", erasure->kind));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", erasure->subject));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "#%" PRIu64, erasure->by));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", erased));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", erasure->who));
    return ml_listing_add(listing, erasure->details_hash ? ML_ROLE_PLAIN : ML_ROLE_BAD, "%s%s",
                          erasure->details_hash ? "" : "STILL HERE (mledger erase --finish); ",
                          erasure->reason ? erasure->reason : "no reason");
}

static int print_text(const struct reporting *reporting, struct ml_output *out)
{
    static const struct ml_column columns[] = {
        {.heading = "RECORD", .right = true},
        {.heading = "KIND"},
        {.heading = "ABOUT", .flexible = true},
        {.heading = "ERASED BY", .right = true},
        {.heading = "WHEN"},
        {.heading = "WHO ORDERED IT", .flexible = true},
        {.heading = "WHY", .flexible = true},
    };
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < reporting->found.count; i++)
        ML_TRY(add_row(&listing, &reporting->found.list[i]));
    ml_listing_print(&listing, out);
    print_window(reporting, out);
    return ml_output_check(out);
}

/* ---- the other forms ---- */

static int print_csv(const struct reporting *reporting, struct ml_output *out)
{
    static const char *const headings[] = {
        "seq", "kind", "about", "recorded_at", "erased_by", "erased_at", "who", "reason", NULL};
    struct ml_csv csv = {.out = out};
    ml_csv_row(&csv, headings);
    for (size_t i = 0; i < reporting->found.count; i++) {
        const struct ml_erasure *one = &reporting->found.list[i];
        ml_csv_number(&csv, one->seq);
        ml_csv_text(&csv, one->kind);
        ml_csv_text(&csv, one->subject);
        ml_csv_time(&csv, one->seq, one->recorded_us);
        ml_csv_number(&csv, one->by);
        ml_csv_time(&csv, one->by, one->erased_us);
        ml_csv_text(&csv, one->who);
        ml_csv_text(&csv, one->reason);
        ml_csv_end(&csv);
    }
    return ml_output_check(out);
}

static int put_all(const struct reporting *reporting, json_t *json)
{
    json_t *list;
    uint64_t count = reporting->is_empty ? 0 : reporting->last - reporting->first + 1;
    ML_TRY(ml_json_put(json, "records", ml_json_number(count)));
    ML_TRY(ml_json_put(json, "first",
                       reporting->is_empty ? json_null() : ml_json_number(reporting->first)));
    ML_TRY(ml_json_put(json, "last",
                       reporting->is_empty ? json_null() : ml_json_number(reporting->last)));
    ML_TRY(ml_erasures_to_json(&reporting->found, &list));
    return ml_json_put(json, "erasures", list);
}

static int finish_json(struct reporting *reporting)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    ML_TRY(put_all(reporting, json));
    return ml_question_finish_json(&reporting->question, json);
}

/* ---- all of it ---- */

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(reporting_release) struct reporting reporting = {0};
    struct ml_question *question = &reporting.question;
    ML_TRY(ml_question_open(invocation, formats, out, question));
    ML_TRY(read_window(invocation, &reporting));
    if (!reporting.is_empty)
        ML_TRY(ml_erasures(&question->reader, reporting.first, reporting.last, &question->basis,
                           &reporting.found));
    if (question->answer.format == ML_ANSWER_JSON)
        return finish_json(&reporting);
    ML_TRY(question->answer.format == ML_ANSWER_CSV ? print_csv(&reporting, question->answer.out)
                                                    : print_text(&reporting, question->answer.out));
    return ml_question_finish(question);
}

const struct ml_command ml_command_report_erasures = {
    .name = "report erasures",
    .summary = "List what was erased, and who ordered it",
    .description =
        (const char *const[]){
            "A ledger deletes no record. Details of a record (names, reasons, free text) can be "
            "erased by an admin's record; this lists each record that lost them, when, by whose "
            "order and why. The event, the signatures and the hash of the details stay.",
            "For a period of retention: --from and --to give the records of it, whose numbers have "
            "no gap; mledger verify proves that these are the ones that were written, and the end "
            "of the answer says how far that was done on this machine.",
            NULL},
    .options =
        (const struct ml_option[]){{.name = "from",
                                    .value = "SEQ|TIME",
                                    .rule = {.kind = ML_VALUE_MOMENT},
                                    .help = "Look at records from this one or this time on."},
                                   {.name = "to",
                                    .value = "SEQ|TIME",
                                    .rule = {.kind = ML_VALUE_MOMENT},
                                    .help = "Look at records before this one or this time."},
                                   ML_OPTION_FORMAT(formats),
                                   ML_OPTIONS_QUESTION,
                                   {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger report erasures --from 2016-01-01 --to "
                                             "2026-01-01",
                                             "What is missing of ten years."},
                                            {0}},
    .topic = ML_TOPIC_ASK,
    .run = run,
};
