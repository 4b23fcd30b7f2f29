/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as they are listed and shown: the row of `log` and the whole of `show --json`, for the
 * command and for the server alike.
 *
 *   {"seq": 12, "recorded_at": "2026-03-01T14:32:00Z", "kind": "version_registered",
 *    "subject": "churn/3", "summary": "…", "who": "ada by ci", "signer": "HEX",
 *    "details_erased_by": 40}
 *
 * Names are those that things bear now, so a row may be another later. Text from records is not
 * escaped here.
 */
#ifndef ML_QUERY_RECORD_ROW_H
#define ML_QUERY_RECORD_ROW_H

#include <jansson.h>

#include "ledger/core/time.h"
#include "ledger/store/ledger.h"

struct ml_record_row {
    uint64_t seq;
    char time[ML_TIME_TEXT_SIZE];
    const char *kind;                    /* of the event; "not understood" */
    struct ml_buf subject, summary, who; /* ended by NUL */
    uint8_t signer[ML_KEY_SIZE];
    uint64_t erased_by; /* MLEDGER_NO_SEQ: its details were not erased */
};

/* Initialises *ret_row in any case, to be released. Errors of reading the ledger. */
int ml_record_row(struct ml_view *view, const struct ml_record *record,
                  struct ml_record_row *ret_row) ML_MUST_USE;
void ml_record_row_release(struct ml_record_row *row);
/* As above; a new reference. MLEDGER_ESYSTEM. */
int ml_record_row_to_json(const struct ml_record_row *row, json_t **ret_json) ML_MUST_USE;

/* All of a record: ml_record_to_json(), and "details_erased_by" where that is so. A new
 * reference. */
int ml_record_shown_to_json(struct ml_view *view, const struct ml_record *record,
                            json_t **ret_json) ML_MUST_USE;

#endif
