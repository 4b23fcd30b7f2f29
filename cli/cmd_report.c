/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a model version: one page for who has to judge it. */
#include <inttypes.h>
#include <strings.h>

#include "cli/browser.h"
#include "cli/commands.h"
#include "cli/outfile.h"
#include "cli/outsiders.h"
#include "cli/question.h"
#include "cli/report_verification.h"
#include "cli/verify_given.h"
#include "export/paper_html.h"
#include "export/paper_json.h"
#include "ledger/query/dossier.h"
#include "ledger/query/reference.h"

static const char *const formats[] = {"html", "json", "pdf", NULL};

struct reporting {
    struct ml_reported_verification verification;
    struct ml_question question;
    struct ml_dossier dossier;
    struct ml_paper paper;
};

static void reporting_release(struct reporting *reporting)
{
    ml_paper_release(&reporting->paper);
    ml_dossier_release(&reporting->dossier);
    ml_question_release(&reporting->question);
    ml_reported_verification_release(&reporting->verification);
}

/* The version that the reference names at the moment asked about. */
static int find_version(struct reporting *reporting, const char *text, struct ml_target *ret_target)
{
    struct ml_reference_text reference;
    ML_TRY(ml_reference_parse(text, &reference));
    ML_TRY(ml_reference_resolve(&reporting->question.reader, &reference, ret_target));
    if (ret_target->kind == ML_TARGET_VERSION)
        return MLEDGER_OK;
    ml_fail(MLEDGER_EUSAGE, "'%s' names no version of a model, and a report is about one", text);
    return ret_target->kind == ML_TARGET_MODEL
               ? ml_hint("mledger report %s/latest", text)
               : ml_hint("mledger report models:/NAME/VERSION -o FILE.html");
}

/* How far this machine had verified before, where the report does not verify itself. */
static int read_known(struct reporting *reporting)
{
    struct ml_basis_verified verified;
    ML_TRY(ml_basis_verified(&reporting->question.moment.view,
                             reporting->question.session.known_dir, &verified));
    reporting->verification.report.known_size = verified.size;
    return MLEDGER_OK;
}

static int gather(struct reporting *reporting, const char *text)
{
    struct ml_target target;
    ML_TRY(find_version(reporting, text, &target));
    if (!reporting->verification.report.was_run)
        ML_TRY(read_known(reporting));
    ML_TRY(ml_dossier_gather(&reporting->question.moment.view, target.seq, target.version,
                             reporting->question.moment.as_of, &reporting->dossier));
    ML_TRY(ml_dossier_correct(&reporting->dossier, &reporting->question.moment.instant));
    return ml_report_model(&reporting->dossier, &reporting->verification.report, &reporting->paper);
}

/* ---- its forms ---- */

static int write_json(struct reporting *reporting)
{
    json_t *json;
    ML_TRY(ml_paper_to_json(&reporting->paper, &json));
    int result = ml_question_finish_json(&reporting->question, json);
    json_decref(json);
    return result;
}

static int finish(struct reporting *reporting, const struct ml_buf *bytes)
{
    ml_output_raw(reporting->question.answer.out, bytes->data, bytes->len);
    reporting->question.answer.format = ML_ANSWER_HTML; /* also where nothing chose one */
    return ml_question_finish(&reporting->question);
}

/* As the answer, and into the file of --pdf; only there, if nothing says where the answer goes. */
static int write_page(struct reporting *reporting)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf page = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf pdf = {0};
    const struct ml_invocation *invocation = reporting->question.session.invocation;
    const char *path = ml_option_text(invocation, "pdf", NULL);
    bool is_pdf = reporting->question.answer.format == ML_ANSWER_PDF;
    ML_TRY(ml_paper_to_html(&reporting->paper, &page));
    if (path || is_pdf)
        ML_TRY(ml_browser_print(ml_buf_span(&page), &pdf));
    if (path)
        ML_TRY(ml_outfile_put(path, ml_buf_span(&pdf), reporting->question.session.out));
    if (path && !ml_option_given(invocation, "output"))
        return MLEDGER_OK;
    return finish(reporting, is_pdf ? &pdf : &page);
}

/* To be told before the ledger is verified, which may take long. */
static int check_browser(const struct ml_invocation *invocation)
{
    const char *output = ml_option_text(invocation, "output", "");
    const char *format = ml_option_text(invocation, "format", strrchr(output, '.'));
    bool is_pdf = format && strcasecmp(format + (*format == '.'), "pdf") == 0;
    return is_pdf || ml_option_given(invocation, "pdf") ? ml_browser_check() : MLEDGER_OK;
}

static int take_basis(struct reporting *reporting)
{
    size_t count;
    const uint64_t *seqs = ml_paper_cited(&reporting->paper, &count);
    ML_TRY(ml_basis_add_all(&reporting->question.basis, seqs, count));
    return ml_basis_add_graph(&reporting->question.basis, reporting->dossier.graph);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(reporting_release) struct reporting reporting = {0};
    ml_paper_init(&reporting.paper, "model");
    ML_TRY(check_browser(invocation));
    /* Before the ledger is opened here: the verifier reads it in a process of its own. */
    if (!ml_option_given(invocation, "no-verify"))
        ML_TRY(ml_report_verify(invocation, &reporting.verification));
    ML_TRY(ml_question_open(invocation, formats, out, &reporting.question));
    ML_TRY(gather(&reporting, ml_argument(invocation, "REF")));
    ML_TRY(take_basis(&reporting));
    return reporting.question.answer.format == ML_ANSWER_JSON ? write_json(&reporting)
                                                              : write_page(&reporting);
}

const struct ml_command ml_command_report = {
    .name = "report",
    .summary = "Write a report of a model version, for auditors",
    .description =
        (const char *const[]){
            "One page of HTML, complete in itself: what the version is, where it is and was, who "
            "did what, when and why, what each signature means, the data and code it was made "
            "from with their digests, parameters, metrics, validations, approvals, deployments, "
            "its lineage as a picture, what the verifier found and could not prove, and which "
            "records answer which clauses of regulations. Each statement links to the record "
            "that says so.",
            "The ledger is verified first, as mledger verify does. The page is derived from the "
            "ledger and is not signed; mledger bundle makes evidence that others can check.",
            "REF is a version: churn/3, models:/churn@champion, models:/churn/Production.", NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "REF", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_MODEL}}, {.name = NULL}},
    .options =
        (const struct ml_option[]){
            ML_OPTIONS_QUESTION,
            ML_OPTION_OPEN,
            {.name = "format",
             .value = "FORMAT",
             .rule = {.kind = ML_VALUE_CHOICE, .choices = formats},
             .help = "The form of the report. By default html."},
            {.name = "pdf",
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Print the page as PDF into FILE, by Chromium, which must be there; in "
                     "place of the answer, unless -o says where that goes. A PDF bears the time "
                     "at which it was made."},
            {.name = "no-verify",
             .help = "Do not verify the ledger; the report then says how far this machine had "
                     "verified it before."},
            ML_OPTION_AGAINST,
            ML_OPTION_WITNESS_POLICY,
            ML_OPTION_TSA_ROOTS,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger report models:/churn/3 -o churn-3.html", "The report of version 3."},
            {"mledger report churn/3 -o churn-3.html --pdf churn-3.pdf", "On paper, too."},
            {"mledger report churn@champion --as-of 2026-03-01 -o then.html",
             "The version that was champion then, as the ledger was then."},
            {0}},
    .exit_codes =
        (const struct ml_exit_code[]){{1, "There is no such version, or a record is damaged."},
                                      {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .run = run,
};
