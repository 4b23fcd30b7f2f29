/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record in one line: what it is about, what it says, who stands behind it. For `log`; the
 * names are those that subjects bear now. Text from records is not escaped here: the output is.
 */
#ifndef ML_QUERY_RECORD_TEXT_H
#define ML_QUERY_RECORD_TEXT_H

#include "ledger/store/ledger.h"

/* Appends what the record is about: "churn/3", "run 4f2a9c1", "dataset raw", "stage Production";
 * nothing where it is about the ledger itself. */
int ml_record_subject(struct ml_view *view, const struct ml_record *record,
                      struct ml_buf *text) ML_MUST_USE;
/* Appends what it says of it, in a few words; maybe nothing. */
int ml_record_summary(struct ml_view *view, const struct ml_record *record,
                      struct ml_buf *text) ML_MUST_USE;
/* Appends ids of actors: those whose statements it carries, else for whom its signer acted and
 * the signer ("ada by ci"), else the signer. */
int ml_record_who(struct ml_view *view, const struct ml_record *record,
                  struct ml_buf *text) ML_MUST_USE;
/* Whether the actor signed it, stated something on it, or had it done on their behalf. */
int ml_record_is_by(struct ml_view *view, const struct ml_record *record, uint64_t actor,
                    bool *ret_is) ML_MUST_USE;

/* The record that erased this one's details; MLEDGER_NO_SEQ if none did. */
int ml_record_erased_by(struct ml_view *view, const struct ml_record *record,
                        uint64_t *ret_by) ML_MUST_USE;

/* "an MLflow server", …; "?" for a value that the schema does not have. */
const char *ml_source_text(Mledger__Source source);

/* Appends the present name of a subject: an actor's id, a run's id; "#12" if there is none. */
int ml_subject_text(struct ml_view *view, uint64_t seq, struct ml_buf *text) ML_MUST_USE;

#endif
