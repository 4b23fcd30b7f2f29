/* SPDX-License-Identifier: Apache-2.0 */
/* The records that the report names, each with what lets a reader find and check it. */
#include <inttypes.h>

#include "export/report_part.h"
#include "ledger/core/event.h"
#include "ledger/core/hex.h"
#include "ledger/query/standing.h"

static int put_signer(struct report *report, const struct ml_record *record)
{
    char key[ML_HEX_SIZE(ML_KEY_SIZE)];
    struct ml_standing standing;
    ML_TRY(ml_standing_read(report->view, record->header->signer.data, &standing));
    ml_paper_text(report->paper, standing.known ? standing.actor_id : "unknown");
    ml_hex_encode(key, record->header->signer.data, ML_KEY_SIZE);
    ml_paper_code(report->paper, "%s", key);
    return MLEDGER_OK;
}

/* What the verifier says of the record itself. */
static void put_findings(struct report *report, uint64_t seq)
{
    const struct ml_report_verification *verified = report->verification;
    for (size_t i = 0; i < verified->n_findings; i++) {
        const struct ml_report_finding *finding = &verified->findings[i];
        if (finding->seq != seq || finding->severity == ML_REPORT_NOT_PROVEN)
            continue;
        bool fault = finding->severity == ML_REPORT_FAULT;
        ml_paper_line(report->paper, fault ? ML_PAPER_BAD : ML_PAPER_WARN, "%s: %s",
                      fault ? "fault" : "in doubt", finding->text);
    }
}

static int record_row(struct report *report, uint64_t seq)
{
    char link[ML_HEX_SIZE(ML_HASH_SIZE)];
    uint8_t hash[ML_HASH_SIZE];
    struct ml_paper *paper = report->paper;
    const struct ml_record *record;
    int result = ml_reader_record(&report->dossier->reader, seq, &record);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* newer than the report: a finding of the verifier, an erasure */
    ML_TRY(result);
    const char *kind = ml_event_name(record->event);
    ML_TRY(ml_link(record->header_bytes, hash));
    ml_hex_encode(link, hash, ML_HASH_SIZE);
    ml_paper_row(paper);
    ml_paper_anchor(paper, seq);
    ml_paper_cell(paper);
    ml_paper_number(paper, seq);
    ml_paper_cell(paper);
    ml_paper_time(paper, record->header->recorded_at);
    ml_paper_cell(paper);
    ml_paper_text(paper, kind ? kind : "of a schema that is not known here");
    ml_paper_cell(paper);
    ML_TRY(report_what(report, record));
    if (record->details_erased)
        ml_paper_line(paper, ML_PAPER_WARN, "its details were erased");
    put_findings(report, seq);
    ml_paper_cell(paper);
    ml_paper_code(paper, "%s", link);
    ml_paper_cell(paper);
    return put_signer(report, record);
}

int report_records(struct report *report)
{
    static const struct ml_paper_column columns[] = {
        {"seq", "Record"}, {"recorded_at", "Recorded at"}, {"kind", "Kind"},
        {"what", "What"},  {"link", "Link (SHA-256)"},     {"signer", "Signer and key"}};
    struct ml_paper *paper = report->paper;
    size_t count;
    const uint64_t *seqs = ml_paper_cited(paper, &count);
    ml_paper_section(paper, "records", "Records");
    ml_paper_note(paper, ML_PAPER_PLAIN,
                  "The link is the SHA-256 of the record's header, which the next record "
                  "holds. \u201cmledger show N\u201d prints record N, \u201cmledger verify\u201d "
                  "checks all of them, and \u201cmledger bundle models:/%s\u201d makes a file "
                  "with them that mledger-verify checks without the ledger.",
                  report->reference);
    REPORT_TABLE(paper, "records", "Every record that this report names", columns);
    for (size_t i = 0; i < count; i++)
        ML_TRY(record_row(report, seqs[i]));
    return MLEDGER_OK;
}
