/* SPDX-License-Identifier: Apache-2.0 */
/* What an auditor would stop at, by named checks. */
#include <inttypes.h>

#include "export/report_part.h"

bool report_is_of_version(const struct report *report, const struct ml_exception *exception)
{
    const struct ml_version_past *past = &report->dossier->past;
    return exception->model == past->model && exception->version == past->version;
}

static bool has_any(const struct report *report)
{
    const struct ml_exceptions *found = &report->dossier->exceptions;
    for (size_t i = 0; i < found->count; i++)
        if (report_is_of_version(report, &found->list[i]))
            return true;
    return false;
}

static void exception_row(struct report *report, const struct ml_exception *exception)
{
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_code(paper, "%s", exception->check->name);
    ml_paper_cell(paper);
    ml_paper_line(paper, ML_PAPER_WARN, "%s", exception->text);
    ml_paper_seqs(paper, exception->seqs, exception->n_seqs);
}

/* Of those that found nothing, too: who reads that there is no exception must know what was looked
 * for. */
static void put_checks(struct report *report)
{
    static const struct ml_paper_column columns[] = {{"check", "Check"},
                                                     {"finds", "What it finds"},
                                                     {"decided", "How, and what it cannot tell"}};
    struct ml_paper *paper = report->paper;
    REPORT_TABLE(paper, "checks", "The checks that were made", columns);
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++) {
        if (ml_exception_checks[i]->asked)
            continue;
        ml_paper_row(paper);
        ml_paper_cell(paper);
        ml_paper_code(paper, "%s", ml_exception_checks[i]->name);
        ml_paper_cell(paper);
        ml_paper_text(paper, ml_exception_checks[i]->sentence);
        ml_paper_cell(paper);
        ml_paper_text(paper, ml_exception_checks[i]->decided);
    }
}

int report_exceptions(struct report *report)
{
    static const struct ml_paper_column columns[] = {{"check", "Check"},
                                                     {"text", "What was found"}};
    const struct ml_exceptions *found = &report->dossier->exceptions;
    ml_paper_section(report->paper, "exceptions", "Exceptions");
    ml_paper_note(report->paper, ML_PAPER_PLAIN,
                  "An exception is no proof of harm, and that none is found is no proof of the "
                  "contrary: a check sees what is recorded.");
    if (!has_any(report))
        ml_paper_note(report->paper, ML_PAPER_GOOD, "None was found of this version.");
    else
        REPORT_TABLE(report->paper, "exceptions", "Exceptions of this version", columns);
    for (size_t i = 0; i < found->count; i++)
        if (report_is_of_version(report, &found->list[i]))
            exception_row(report, &found->list[i]);
    put_checks(report);
    return MLEDGER_OK;
}
