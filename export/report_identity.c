/* SPDX-License-Identifier: Apache-2.0 */
/* What the version is, and all of it in brief. */
#include <inttypes.h>

#include "export/report_part.h"
#include "ledger/query/record_text.h"

/* ---- in brief ---- */

static int stage_fact(struct report *report)
{
    const struct ml_version_past *past = &report->dossier->past;
    const struct ml_stage_interval *now = &past->intervals[past->n_intervals - 1];
    struct ml_paper *paper = report->paper;
    ml_paper_fact(paper, "stage", "Stage");
    if (past->deleted_seq != MLEDGER_NO_SEQ) {
        ml_paper_line(paper, ML_PAPER_BAD, "deleted");
        ml_paper_seq(paper, past->deleted_seq);
        return MLEDGER_OK;
    }
    ml_paper_text(paper, now->stage);
    ml_paper_seq(paper, now->from_seq);
    ml_paper_fact(paper, "stage_since", "There since");
    ml_paper_time(paper, now->from_us);
    if (now->imported)
        ml_paper_line(paper, ML_PAPER_QUIET,
                      "found there in another registry: since when is not known");
    ml_paper_seq(paper, now->from_seq);
    return MLEDGER_OK;
}

static void alias_fact(struct report *report)
{
    const struct ml_intervals *intervals = &report->dossier->intervals;
    bool any = false;
    for (size_t i = 0; i < intervals->count; i++) {
        const struct ml_interval *interval = &intervals->list[i];
        if (interval->kind != ML_INTERVAL_ALIAS || interval->to.seq != MLEDGER_NO_SEQ)
            continue;
        if (!any)
            ml_paper_fact(report->paper, "aliases", "Aliases");
        any = true;
        ml_paper_line(report->paper, ML_PAPER_PLAIN, "@%s", interval->name);
        ml_paper_seq(report->paper, interval->from.seq);
    }
}

/* Where it serves now. */
static void endpoint_fact(struct report *report)
{
    const struct ml_intervals *intervals = &report->dossier->intervals;
    ml_paper_fact(report->paper, "endpoints", "Deployed to");
    for (size_t i = 0; i < intervals->count; i++) {
        const struct ml_interval *interval = &intervals->list[i];
        if (interval->kind != ML_INTERVAL_DEPLOYMENT || interval->to.seq != MLEDGER_NO_SEQ)
            continue;
        ml_paper_line(report->paper, ML_PAPER_PLAIN, "%s, %.4g %% of its traffic", interval->name,
                      interval->share_ppm / 10000.0);
        ml_paper_seq(report->paper, interval->from.seq);
    }
}

static int registered_fact(struct report *report)
{
    const struct ml_record *record = report->dossier->registered;
    ml_paper_fact(report->paper, "registered", "Registered");
    report_when(report, record);
    ML_TRY(report_who(report, record));
    ml_paper_seq(report->paper, record->header->seq);
    return MLEDGER_OK;
}

static void run_fact(struct report *report)
{
    const struct ml_dossier *dossier = report->dossier;
    ml_paper_fact(report->paper, "run", "Trained by run");
    if (!dossier->run_id)
        return;
    ml_paper_code(report->paper, "%s", dossier->run_id);
    if (dossier->has_run)
        ml_paper_seq(report->paper, dossier->run.seq);
    else
        ml_paper_line(report->paper, ML_PAPER_WARN, "no record of the run itself");
    ml_paper_seq(report->paper, dossier->past.registered_seq);
}

static void validation_fact(struct report *report)
{
    const struct ml_record *newest = NULL, *record;
    for (size_t at = 0;
         (record = report_next(report, MLEDGER__EVENT__KIND_VALIDATION_RECORDED, &at)) != NULL;)
        newest = record;
    ml_paper_fact(report->paper, "validation", "Newest validation");
    if (!newest) {
        ml_paper_line(report->paper, ML_PAPER_WARN, "none is recorded");
        return;
    }
    bool passed = newest->event->validation_recorded->outcome == MLEDGER__OUTCOME__PASSED;
    ml_paper_line(report->paper, passed ? ML_PAPER_GOOD : ML_PAPER_BAD, "%s",
                  passed ? "passed" : "not passed");
    ml_paper_seq(report->paper, newest->header->seq);
}

static int approval_fact(struct report *report)
{
    const struct ml_record *newest = NULL, *record;
    for (size_t at = 0;
         (record = report_next(report, MLEDGER__EVENT__KIND_APPROVAL_RECORDED, &at)) != NULL;)
        newest = record;
    ml_paper_fact(report->paper, "approval", "Newest approval");
    if (!newest) {
        ml_paper_line(report->paper, ML_PAPER_WARN, "none is recorded");
        return MLEDGER_OK;
    }
    ML_TRY(report_what(report, newest));
    ML_TRY(report_who(report, newest));
    ml_paper_seq(report->paper, newest->header->seq);
    return MLEDGER_OK;
}

/* Each by name: who reads no further must not miss that an approval came late. */
static void exceptions_fact(struct report *report)
{
    const struct ml_exceptions *found = &report->dossier->exceptions;
    bool any = false;
    ml_paper_fact(report->paper, "exceptions", "Exceptions");
    for (size_t i = 0; i < found->count; i++) {
        if (!report_is_of_version(report, &found->list[i]))
            continue;
        any = true;
        ml_paper_line(report->paper, ML_PAPER_WARN, "%s", found->list[i].check->sentence);
        ml_paper_seqs(report->paper, found->list[i].seqs, found->list[i].n_seqs);
    }
    if (!any)
        ml_paper_line(report->paper, ML_PAPER_GOOD, "none was found");
}

static void doubts_line(struct report *report)
{
    const uint64_t all = report->verification->doubts;
    const size_t ours = report_doubts_count(report);
    const char *plural = all == 1 ? "" : "s";
    if (all == 0)
        return;
    if (ours == SIZE_MAX)
        ml_paper_line(report->paper, ML_PAPER_WARN, "%" PRIu64 " record%s of the ledger in doubt",
                      all, plural);
    else if (ours == 0)
        ml_paper_line(report->paper, ML_PAPER_PLAIN,
                      "%" PRIu64 " record%s of the ledger in doubt, none of them about this "
                      "version or what it was made from",
                      all, plural);
    else
        ml_paper_line(report->paper, ML_PAPER_WARN,
                      "%" PRIu64 " record%s of the ledger in doubt, %zu of them about this version "
                      "or what it was made from",
                      all, plural, ours);
}

static void verification_fact(struct report *report)
{
    const struct ml_report_verification *verified = report->verification;
    struct ml_paper *paper = report->paper;
    ml_paper_fact(paper, "verification", "Verification of the ledger");
    if (!verified->was_run)
        ml_paper_line(paper, ML_PAPER_WARN, "not run for this report");
    else if (verified->faults)
        ml_paper_line(paper, ML_PAPER_BAD, "NOT verified: %" PRIu64 " fault%s", verified->faults,
                      verified->faults == 1 ? "" : "s");
    else
        ml_paper_line(paper, ML_PAPER_GOOD, "verified: %" PRIu64 " records without a fault",
                      verified->records);
    if (verified->was_run)
        doubts_line(report);
    if (verified->was_run && verified->not_proven)
        ml_paper_line(paper, ML_PAPER_PLAIN, "%" PRIu64 " thing%s not proven, listed below",
                      verified->not_proven, verified->not_proven == 1 ? "" : "s");
}

int report_summary(struct report *report)
{
    ml_paper_section(report->paper, "summary", "In brief");
    ml_paper_facts(report->paper, "facts");
    ml_paper_fact(report->paper, "version", "Version");
    ml_paper_code(report->paper, "models:/%s", report->reference);
    ml_paper_seq(report->paper, report->dossier->past.registered_seq);
    ML_TRY(stage_fact(report));
    alias_fact(report);
    endpoint_fact(report);
    ML_TRY(registered_fact(report));
    run_fact(report);
    validation_fact(report);
    ML_TRY(approval_fact(report));
    exceptions_fact(report);
    verification_fact(report);
    ml_paper_note(report->paper, ML_PAPER_QUIET,
                  "This page is derived from the ledger and is not signed itself. #12 stands for "
                  "record 12, which the last section describes: what it says is what was "
                  "signed.");
    return MLEDGER_OK;
}

/* ---- what it is ---- */

static void describe_artifacts(struct report *report)
{
    static const struct ml_paper_column columns[] = {
        {"path", "File"}, {"size", "Bytes"}, {"digests", "Digests"}, {"records", "Record"}};
    const Mledger__VersionRegistered *registered = report->dossier->past.registered;
    struct ml_paper *paper = report->paper;
    REPORT_TABLE(paper, "artifacts", "Files of the version", columns);
    for (size_t i = 0; i < registered->n_artifacts; i++) {
        const Mledger__Artifact *artifact = registered->artifacts[i];
        ml_paper_row(paper);
        ml_paper_cell(paper);
        ml_paper_code(paper, "%s", artifact->path);
        ml_paper_cell(paper);
        if (artifact->has_size)
            ml_paper_number(paper, artifact->size);
        ml_paper_cell(paper);
        report_digests(report, artifact->digests, artifact->n_digests);
        ml_paper_cell(paper);
        ml_paper_seq(paper, report->dossier->past.registered_seq);
    }
}

static void describe_tags(struct report *report)
{
    static const struct ml_paper_column columns[] = {
        {"key", "Tag"}, {"value", "Value"}, {"records", "Record"}};
    const struct ml_dossier *dossier = report->dossier;
    struct ml_paper *paper = report->paper;
    if (dossier->n_tags == 0)
        return;
    REPORT_TABLE(paper, "tags", "Tags", columns);
    for (size_t i = 0; i < dossier->n_tags; i++) {
        ml_paper_row(paper);
        ml_paper_cell(paper);
        ml_paper_text(paper, dossier->tags[i].key);
        ml_paper_cell(paper);
        if (dossier->tags[i].text)
            ml_paper_text(paper, dossier->tags[i].text);
        else
            ml_paper_line(paper, ML_PAPER_WARN, "erased");
        ml_paper_cell(paper);
        ml_paper_seq(paper, dossier->tags[i].seq);
    }
}

static int describe_base(struct report *report, const Mledger__BaseModel *base)
{
    struct ml_paper *paper = report->paper;
    ml_paper_fact(paper, "base_model", "Made from the model");
    if (base->has_model_ref) {
        ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
        ML_TRY(ml_subject_text(report->view, base->model_ref, &name));
        ml_paper_line(paper, ML_PAPER_PLAIN, "%.*s/%" PRIu64, (int)name.len,
                      (const char *)name.data, base->version);
        ml_paper_seq(paper, base->model_ref);
    }
    if (base->uri)
        ml_paper_code(paper, "%s", base->uri);
    report_digests(report, base->digests, base->n_digests);
    ml_paper_seq(paper, report->dossier->past.registered_seq);
    return MLEDGER_OK;
}

/* The logged model that it was registered from. */
static int describe_logged_model(struct report *report, uint64_t seq)
{
    const struct ml_record *record;
    struct ml_paper *paper = report->paper;
    ML_TRY(ml_reader_record(&report->dossier->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it creates no logged model");
    const Mledger__LoggedModelCreated *created = record->event->logged_model_created;
    ml_paper_fact(paper, "logged_model", "Registered from the logged model");
    ml_paper_code(paper, "%s", created->model_id);
    ml_paper_text(paper, created->name);
    ml_paper_text(paper, created->model_type);
    ml_paper_seq(paper, seq);
    ml_paper_seq(paper, report->dossier->past.registered_seq);
    return MLEDGER_OK;
}

int report_identity(struct report *report)
{
    const struct ml_dossier *dossier = report->dossier;
    const Mledger__VersionRegistered *registered = dossier->past.registered;
    struct ml_paper *paper = report->paper;
    ml_paper_section(paper, "identity", "What it is");
    ml_paper_facts(paper, "facts");
    ml_paper_fact(paper, "model", "Model");
    ml_paper_text(paper, dossier->model_name);
    ml_paper_seq(paper, dossier->past.model);
    ml_paper_fact(paper, "model_description", "What the model is for");
    report_dossier_text(report, &dossier->model_description);
    ml_paper_fact(paper, "version", "Version");
    ml_paper_number(paper, dossier->past.version);
    ml_paper_seq(paper, dossier->past.registered_seq);
    ml_paper_fact(paper, "description", "What the version is");
    report_dossier_text(report, &dossier->description);
    ml_paper_fact(paper, "source", "Files came from");
    if (registered->source) {
        ml_paper_code(paper, "%s", registered->source);
        ml_paper_seq(paper, dossier->past.registered_seq);
    }
    if (registered->has_logged_model_ref)
        ML_TRY(describe_logged_model(report, registered->logged_model_ref));
    for (size_t i = 0; i < registered->n_base_models; i++)
        ML_TRY(describe_base(report, registered->base_models[i]));
    describe_artifacts(report);
    describe_tags(report);
    return MLEDGER_OK;
}
