/* SPDX-License-Identifier: Apache-2.0 */
/* Who did what, when and why; and what each signature means. */
#include <inttypes.h>

#include "export/report_part.h"
#include "ledger/core/hex.h"
#include "ledger/query/standing.h"

enum { KEY_SHOWN = 8 };

/* ---- who did what ---- */

/* What the record's signatures mean, in one word each. */
static int signed_as(struct report *report, const struct ml_record *record)
{
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    for (size_t i = 0; i < count; i++) {
        struct ml_standing standing;
        ML_TRY(ml_standing_read(report->view, record->signed_statements->statements[i]->key.data,
                                &standing));
        ml_paper_line(report->paper, ML_PAPER_PLAIN, "%s by %s",
                      report_meaning_word(record->statements[i]->meaning),
                      standing.known ? standing.actor_id : "a key that is not known");
    }
    struct ml_standing signer;
    ML_TRY(ml_standing_read(report->view, record->header->signer.data, &signer));
    ml_paper_line(report->paper, ML_PAPER_QUIET, "recorded by %s",
                  signer.known ? signer.actor_id : "a key that is not known");
    return MLEDGER_OK;
}

static int history_row(struct report *report, const struct ml_record *record)
{
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    report_when(report, record);
    ml_paper_cell(paper);
    ML_TRY(report_who(report, record));
    ml_paper_cell(paper);
    ML_TRY(report_what(report, record));
    ml_paper_cell(paper);
    ML_TRY(report_why(report, record));
    ml_paper_cell(paper);
    ML_TRY(signed_as(report, record));
    ml_paper_cell(paper);
    ml_paper_seq(paper, record->header->seq);
    return MLEDGER_OK;
}

int report_history(struct report *report)
{
    static const struct ml_paper_column columns[] = {
        {"at", "When"}, {"who", "Who"},          {"what", "What"},
        {"why", "Why"}, {"signed", "Signed as"}, {"records", "Record"}};
    const struct ml_dossier *dossier = report->dossier;
    ml_paper_section(report->paper, "history", "Who did what, when and why");
    REPORT_TABLE(report->paper, "events", "History of the version and its model", columns);
    for (size_t i = 0; i < dossier->n_history; i++)
        ML_TRY(history_row(report, dossier->history[i]));
    return MLEDGER_OK;
}

/* ---- what each signature means ---- */

static void put_key(struct report *report, const uint8_t *key, const struct ml_standing *standing)
{
    char hex[ML_HEX_SIZE(KEY_SHOWN)];
    struct ml_paper *paper = report->paper;
    ml_hex_encode(hex, key, KEY_SHOWN);
    ml_paper_code(paper, "%s", hex);
    if (!standing->known) {
        ml_paper_line(paper, ML_PAPER_BAD, "not a key of this ledger");
        return;
    }
    ml_paper_seq(paper, standing->since_seq);
    if (standing->living)
        return;
    ml_paper_line(paper, ML_PAPER_WARN, "not good any more since record #%" PRIu64,
                  standing->until_seq);
    ml_paper_seq(paper, standing->until_seq);
}

static int statement_row(struct report *report, const struct ml_record *record, size_t index)
{
    const Mledger__Statement *statement = record->statements[index];
    const uint8_t *key = record->signed_statements->statements[index]->key.data;
    struct ml_paper *paper = report->paper;
    struct ml_standing standing;
    ML_TRY(ml_standing_read(report->view, key, &standing));
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ML_TRY(report_actor(report, standing.known ? standing.actor : MLEDGER_NO_SEQ));
    ml_paper_cell(paper);
    ml_paper_line(paper, ML_PAPER_PLAIN, "%s: \u201c%s\u201d",
                  report_meaning_word(statement->meaning),
                  report_meaning_sentence(statement->meaning));
    ml_paper_cell(paper);
    ML_TRY(report_what(report, record));
    ml_paper_cell(paper);
    ml_paper_time(paper, record->header->recorded_at);
    ml_paper_line(paper, ML_PAPER_QUIET, "made after record #%" PRIu64 " was seen",
                  statement->seen_seq);
    ml_paper_cell(paper);
    put_key(report, key, &standing);
    ml_paper_cell(paper);
    ml_paper_seq(paper, record->header->seq);
    ml_paper_seq(paper, statement->seen_seq);
    return MLEDGER_OK;
}

static int statements_of(struct report *report, const struct ml_record *record)
{
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    for (size_t i = 0; i < count; i++)
        ML_TRY(statement_row(report, record, i));
    return MLEDGER_OK;
}

/* One row for each key that signed records of the history, in the order they first did. */
static int recorder_row(struct report *report, const uint8_t *key, size_t first)
{
    const struct ml_dossier *dossier = report->dossier;
    struct ml_paper *paper = report->paper;
    struct ml_standing standing;
    ML_TRY(ml_standing_read(report->view, key, &standing));
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ML_TRY(report_actor(report, standing.known ? standing.actor : MLEDGER_NO_SEQ));
    ml_paper_cell(paper);
    put_key(report, key, &standing);
    ml_paper_cell(paper);
    for (size_t i = first; i < dossier->n_history; i++)
        if (memcmp(dossier->history[i]->header->signer.data, key, ML_KEY_SIZE) == 0)
            ml_paper_seq(paper, dossier->history[i]->header->seq);
    return MLEDGER_OK;
}

static int recorders(struct report *report)
{
    const struct ml_dossier *dossier = report->dossier;
    for (size_t i = 0; i < dossier->n_history; i++) {
        const uint8_t *key = dossier->history[i]->header->signer.data;
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = memcmp(dossier->history[k]->header->signer.data, key, ML_KEY_SIZE) == 0;
        if (!seen)
            ML_TRY(recorder_row(report, key, i));
    }
    return MLEDGER_OK;
}

int report_signatures(struct report *report)
{
    static const struct ml_paper_column stated[] = {
        {"signer", "Signer"},       {"meaning", "Meaning"}, {"about", "Of"},
        {"recorded_at", "Entered"}, {"key", "Key"},         {"records", "Records"}};
    static const struct ml_paper_column recorded[] = {
        {"signer", "Signer"}, {"key", "Key"}, {"records", "Records signed"}};
    struct ml_paper *paper = report->paper;
    ml_paper_section(paper, "signatures", "What each signature means");
    ml_paper_note(paper, ML_PAPER_PLAIN,
                  "A statement is made by a person's own key over the digest of one event and "
                  "its details, so it cannot be moved to another record. It says what its "
                  "meaning says, and nothing else.");
    REPORT_TABLE(paper, "statements", "Statements by people's own keys", stated);
    for (size_t i = 0; i < report->dossier->n_history; i++)
        ML_TRY(statements_of(report, report->dossier->history[i]));
    ml_paper_note(paper, ML_PAPER_PLAIN,
                  "Every record is signed by whoever numbered and dated it. That signature "
                  "means: \u201cI put this record here, at this time.\u201d It does not approve "
                  "what the record says.");
    REPORT_TABLE(paper, "recorders", "Signatures on the records", recorded);
    return recorders(report);
}
