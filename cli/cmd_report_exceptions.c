/* SPDX-License-Identifier: Apache-2.0 */
/* What an auditor would stop at, by named checks. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/csv.h"
#include "cli/listing.h"
#include "cli/question.h"
#include "cli/remote_question.h"
#include "ledger/core/time.h"
#include "ledger/query/exceptions_json.h"

static const char *const formats[] = {"text", "json", "csv", NULL};

struct reporting {
    struct ml_question question;
    struct ml_exceptions_options options;
    struct ml_exceptions found;
};

static void reporting_release(struct reporting *reporting)
{
    ml_exceptions_release(&reporting->found);
    ml_question_release(&reporting->question);
}

/* ---- what is asked ---- */

static int choose_checks(const struct ml_invocation *invocation, bool wanted[ML_EXCEPTION_CHECKS])
{
    const size_t count = ml_option_count(invocation, "check");
    ml_exception_checks_usual(count == 0, wanted);
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_exception_check_want(ml_option_at(invocation, "check", i), wanted));
    return MLEDGER_OK;
}

static int find(const struct ml_invocation *invocation, struct reporting *reporting)
{
    struct ml_question *question = &reporting->question;
    struct ml_exceptions_options *options = &reporting->options;
    const struct ml_record *record;
    options->as_of = question->moment.as_of;
    ML_TRY(ml_reader_record(&question->reader, options->as_of, &record));
    options->as_of_us =
        ml_option_given(invocation, "as-of") ? record->header->recorded_at : ml_time_now_us();
    ML_TRY(ml_exceptions_model(&question->reader, ml_option_text(invocation, "model", NULL),
                               &options->model));
    return ml_exceptions(&question->moment.view, options, &question->basis, &reporting->found);
}

/* ---- text and CSV ---- */

static int append_seqs(const struct ml_exception *exception, const char *before,
                       struct ml_buf *text)
{
    for (size_t i = 0; i < exception->n_seqs; i++)
        ML_TRY(ml_buf_printf(text, "%s%s%" PRIu64, i ? " " : "", before, exception->seqs[i]));
    return ml_buf_append_char(text, '\0');
}

static int print_one(const struct ml_exception *exception, struct ml_listing *listing)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf seqs = {0};
    ML_TRY(append_seqs(exception, "#", &seqs));
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "  %s", exception->what));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", exception->text));
    return ml_listing_add(listing, ML_ROLE_DIM, "%s", (const char *)seqs.data);
}

/* A heading for each check that found something, and under it what it found. */
static int print_check(const struct reporting *reporting, size_t check, struct ml_output *out)
{
    static const struct ml_column columns[] = {{0}, {.flexible = true}, {0}};
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    const struct ml_exceptions *found = &reporting->found;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < found->count; i++)
        if (found->list[i].check == ml_exception_checks[check])
            ML_TRY(print_one(&found->list[i], &listing));
    ml_output_text(out, ML_ROLE_WARN, "%s", ml_exception_checks[check]->name);
    ml_output_line(out, ML_ROLE_PLAIN, ": %s", ml_exception_checks[check]->sentence);
    ml_listing_print(&listing, out);
    return ml_output_check(out);
}

static int print_text(const struct reporting *reporting, struct ml_output *out)
{
    size_t made = 0, total = reporting->found.count;
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++) {
        made += reporting->options.wanted[i];
        if (reporting->found.counts[i] > 0)
            ML_TRY(print_check(reporting, i, out));
    }
    ml_output_line(out, total ? ML_ROLE_WARN : ML_ROLE_GOOD,
                   "%zu exception%s by %zu check%s; what is not recorded, no check sees", total,
                   total == 1 ? "" : "s", made, made == 1 ? "" : "s");
    return ml_output_check(out);
}

static int print_csv(const struct reporting *reporting, struct ml_output *out)
{
    static const char *const headings[] = {"check", "what", "text", "records", NULL};
    struct ml_csv csv = {.out = out};
    ml_csv_row(&csv, headings);
    for (size_t i = 0; i < reporting->found.count; i++) {
        const struct ml_exception *one = &reporting->found.list[i];
        ML_CLEANUP(ml_buf_release) struct ml_buf seqs = {0};
        ML_TRY(append_seqs(one, "", &seqs));
        ml_csv_row(&csv, (const char *const[]){one->check->name, one->what, one->text,
                                               (const char *)seqs.data, NULL});
    }
    return ml_output_check(out);
}

/* ---- --list ---- */

static int list_checks(const struct ml_invocation *invocation, struct ml_output *out)
{
    if (invocation->json) {
        json_t *json;
        ML_TRY(ml_exception_checks_to_json(&json));
        ml_output_json(out, json);
        json_decref(json);
        return MLEDGER_OK;
    }
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++) {
        const struct ml_exception_check *check = ml_exception_checks[i];
        ml_output_line(out, ML_ROLE_EMPHASIS, "%s", check->name);
        ml_output_spaces(out, 4);
        ml_output_wrapped(out, 4, check->sentence);
        ml_output_spaces(out, 4);
        ml_output_wrapped(out, 4, check->decided);
    }
    return ml_output_check(out);
}

/* ---- of a server ---- */

static const struct ml_remote_question remote_question = {
    .path = "exceptions",
    .words = (const struct ml_remote_word[]){{ML_REMOTE_OPTION, "model", "model"},
                                             {ML_REMOTE_OPTION, "check", "check"},
                                             ML_REMOTE_AS_OF,
                                             {.word = NULL}},
    .formats = formats,
};

/* ---- all of it ---- */

static int finish_json(struct reporting *reporting)
{
    json_t *json;
    ML_TRY(ml_exceptions_to_json(&reporting->found, reporting->options.wanted, &json));
    int result = ml_question_finish_json(&reporting->question, json);
    json_decref(json);
    return result;
}

static int answer(struct reporting *reporting)
{
    struct ml_question *question = &reporting->question;
    if (question->answer.format == ML_ANSWER_JSON)
        return finish_json(reporting);
    ML_TRY(question->answer.format == ML_ANSWER_CSV ? print_csv(reporting, question->answer.out)
                                                    : print_text(reporting, question->answer.out));
    return ml_question_finish(question);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(reporting_release) struct reporting reporting = {0};
    if (ml_option_given(invocation, "list"))
        return list_checks(invocation, out);
    ML_TRY(choose_checks(invocation, reporting.options.wanted));
    if (ml_remote_is(invocation))
        return ml_remote_question(invocation, &remote_question, out);
    ML_TRY(ml_question_open(invocation, formats, out, &reporting.question));
    ML_TRY(find(invocation, &reporting));
    ML_TRY(answer(&reporting));
    return reporting.found.count > 0 ? ML_ANSWER_NO : MLEDGER_OK;
}

const struct ml_command ml_command_report_exceptions = {
    .name = "report exceptions",
    .summary = "Name what an auditor would stop at",
    .description =
        (const char *const[]){
            "Named checks over all models, their runs and pipelines: approvals that are missing, "
            "late or by the same person, versions without run, commit, data digest, load test or "
            "drift check, training data that was also tested on, and more: --list explains each. "
            "Every exception is one sentence with its records.",
            "A check sees what is recorded. What it cannot tell it says under 'not known'; that it "
            "finds nothing proves nothing.",
            NULL},
    .options =
        (const struct ml_option[]){
            {.name = "check",
             .value = "NAME",
             .repeated = true,
             .help = "Make this check, and others given; by default all but leak-ancestor."},
            {.name = "model",
             .value = "MODEL",
             .rule = {.kind = ML_VALUE_MODEL},
             .help = "Look at this model alone."},
            {.name = "list", .help = "Explain the checks, and make none."},
            ML_OPTION_FORMAT(formats),
            ML_OPTIONS_QUESTION,
            ML_OPTIONS_REMOTE,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger report exceptions", "Everything that any check finds."},
            {"mledger report exceptions --check approval-late --check approval-same-person",
             "Approvals that were none."},
            {"mledger report exceptions --format csv -o exceptions.csv", "For a spreadsheet."},
            {0}},
    .exit_codes = (const struct ml_exit_code[]){{0, "No exception was found."},
                                                {1, "There are exceptions."},
                                                {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
