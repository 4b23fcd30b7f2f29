/* SPDX-License-Identifier: Apache-2.0 */
/* What the sections of a report share. Private to report_*.c. */
#ifndef ML_EXPORT_REPORT_PART_H
#define ML_EXPORT_REPORT_PART_H

#include "export/draw_frame.h"
#include "export/report_model.h"

struct report {
    struct ml_dossier *dossier;
    const struct ml_report_verification *verification;
    struct ml_view *view;
    struct ml_paper *paper;
    char reference[1100]; /* "churn/3" */
    char as_of_time[32];
};

#define REPORT_TABLE(paper, key, caption, columns)                                                 \
    ml_paper_table((paper), (key), (caption), (columns), ML_COUNT(columns))

/* Sections, in this order. */
int report_summary(struct report *report) ML_MUST_USE;
int report_identity(struct report *report) ML_MUST_USE;
int report_places(struct report *report) ML_MUST_USE;
int report_history(struct report *report) ML_MUST_USE;
int report_signatures(struct report *report) ML_MUST_USE;
int report_data(struct report *report) ML_MUST_USE;
int report_code(struct report *report) ML_MUST_USE;
int report_parameters(struct report *report) ML_MUST_USE;
int report_metrics(struct report *report) ML_MUST_USE;
int report_validations(struct report *report) ML_MUST_USE;
int report_approvals(struct report *report) ML_MUST_USE;
int report_incidents(struct report *report) ML_MUST_USE;
int report_lineage(struct report *report) ML_MUST_USE;
int report_differences(struct report *report) ML_MUST_USE;
int report_exceptions(struct report *report) ML_MUST_USE;
int report_verified(struct report *report) ML_MUST_USE;
int report_unknown(struct report *report) ML_MUST_USE;
int report_later(struct report *report) ML_MUST_USE; /* none where nothing was */
int report_clauses(struct report *report) ML_MUST_USE;
int report_records(struct report *report) ML_MUST_USE;

/* A table of the section of approvals: were the approvers other people than those who made it? */
int report_eyes(struct report *report) ML_MUST_USE;

/* Of this version. */
bool report_is_of_version(const struct report *report, const struct ml_exception *exception);
/* Records that the verifier doubts and that tell of the version, its run or what it was made from;
 * SIZE_MAX: not all doubts are known here. */
size_t report_doubts_count(const struct report *report);
/* A picture that was drawn with this result, or why there is none: the tables say the same, so a
 * report is not given up for it. */
void report_picture(struct report *report, int result, const char *key, const char *title,
                    const struct ml_buf *svg);
/* What stands above a picture that answers `query`; it borrows from that. */
struct ml_draw_frame report_frame(const struct report *report, const char *query);

/* ---- lines for the cell at hand ---- */

/* "dana (Dana Reyes)": id and, as the actor's own record has it, the printed name. "unknown" for
 * MLEDGER_NO_SEQ. */
int report_actor(struct report *report, uint64_t actor) ML_MUST_USE;
/* Who stands behind the record: by statements, on whose behalf, by which signer; and from where it
 * was imported, as then that is who recorded what somebody else did. */
int report_who(struct report *report, const struct ml_record *record) ML_MUST_USE;
/* Where the record was imported from, if it was. */
void report_import(struct report *report, const struct ml_record *record);
/* What it says: "stage transitioned: churn/3, Staging to Production". */
int report_what(struct report *report, const struct ml_record *record) ML_MUST_USE;
/* A time that somebody claims. */
void report_claimed(struct report *report, int64_t time_us);
/* Recorded time, and under it the claimed one where the two differ. */
void report_when(struct report *report, const struct ml_record *record);
/* Each digest with whether the content was seen or is claimed. */
void report_digests(struct report *report, Mledger__Digest *const *digests, size_t count);
/* Why, in the words of who recorded it; or by which record that was erased. */
int report_why(struct report *report, const struct ml_record *record) ML_MUST_USE;
/* Text of the details that may have been erased. */
void report_dossier_text(struct report *report, const struct ml_dossier_text *text);

/* The next record of that kind in the version's history, from place *at on, which moves behind it;
 * NULL: there is none any more. */
const struct ml_record *report_next(const struct report *report, Mledger__Event__KindCase kind,
                                    size_t *at);

/* "approved: …": the word and the sentence of what it means. */
const char *report_meaning_word(Mledger__Meaning meaning);
const char *report_meaning_sentence(Mledger__Meaning meaning);

#endif
