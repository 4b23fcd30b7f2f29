/* SPDX-License-Identifier: Apache-2.0 */
#include "export/report_model.h"

#include <inttypes.h>
#include <stdio.h>

#include "export/report_part.h"
#include "ledger/core/hex.h"
#include "ledger/core/time.h"

static int put_title(struct report *report)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf title = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf subtitle = {0};
    char identity[ML_HEX_SIZE(ML_HASH_SIZE)], link[ML_HEX_SIZE(ML_HASH_SIZE)];
    char time[ML_TIME_TEXT_SIZE];
    const struct ml_dossier *dossier = report->dossier;
    ml_hex_encode(identity, report->view->head.identity, ML_HASH_SIZE);
    ml_hex_encode(link, dossier->as_of_link, ML_HASH_SIZE);
    ML_TRY(ml_time_format(dossier->as_of_us, time));
    ML_TRY(ml_buf_printf(&title, "Model report: %s", report->reference));
    ML_TRY(ml_buf_append_char(&title, '\0'));
    ML_TRY(ml_buf_printf(&subtitle,
                         "Ledger %s, identity %s, as of record #%" PRIu64 " of %s, link %s",
                         report->view->head.name, identity, dossier->reader.as_of, time, link));
    ML_TRY(ml_buf_append_char(&subtitle, '\0'));
    ml_paper_title(report->paper, (const char *)title.data, (const char *)subtitle.data);
    return MLEDGER_OK;
}

int ml_report_model(struct ml_dossier *dossier, const struct ml_report_verification *verification,
                    struct ml_paper *paper)
{
    static int (*const sections[])(struct report *) = {
        report_summary,    report_identity,    report_places,     report_history,
        report_signatures, report_data,        report_code,       report_parameters,
        report_metrics,    report_validations, report_approvals,  report_incidents,
        report_lineage,    report_differences, report_exceptions, report_verified,
        report_unknown,    report_later,       report_clauses,    report_records,
    };
    struct report report = {
        .dossier = dossier,
        .verification = verification,
        .view = dossier->reader.view,
        .paper = paper,
    };
    snprintf(report.reference, sizeof report.reference, "%s/%" PRIu64, dossier->model_name,
             dossier->past.version);
    _Static_assert(sizeof report.as_of_time >= ML_TIME_TEXT_SIZE, "holds any time");
    ML_TRY(ml_time_format(dossier->as_of_us, report.as_of_time));
    ML_TRY(put_title(&report));
    for (size_t i = 0; i < ML_COUNT(sections); i++)
        ML_TRY(sections[i](&report));
    return ml_paper_check(paper);
}
