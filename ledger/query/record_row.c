/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/record_row.h"

#include <inttypes.h>

#include "ledger/core/event.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/query/record_text.h"

void ml_record_row_release(struct ml_record_row *row)
{
    ml_buf_release(&row->subject);
    ml_buf_release(&row->summary);
    ml_buf_release(&row->who);
}

static int find_erasure(struct ml_view *view, const struct ml_record *record,
                        struct ml_record_row *row)
{
    ML_TRY(ml_record_erased_by(view, record, &row->erased_by));
    if (row->erased_by == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    return ml_buf_printf(&row->summary, "%s(details erased by #%" PRIu64 ")",
                         row->summary.len ? " " : "", row->erased_by);
}

int ml_record_row(struct ml_view *view, const struct ml_record *record,
                  struct ml_record_row *ret_row)
{
    *ret_row = (struct ml_record_row){.seq = record->header->seq, .erased_by = MLEDGER_NO_SEQ};
    memcpy(ret_row->signer, record->header->signer.data, ML_KEY_SIZE);
    ML_TRY(ml_record_subject(view, record, &ret_row->subject));
    ML_TRY(ml_record_summary(view, record, &ret_row->summary));
    ML_TRY(find_erasure(view, record, ret_row));
    ML_TRY(ml_record_who(view, record, &ret_row->who));
    ML_TRY(ml_buf_append_char(&ret_row->subject, '\0'));
    ML_TRY(ml_buf_append_char(&ret_row->summary, '\0'));
    ML_TRY(ml_buf_append_char(&ret_row->who, '\0'));
    ret_row->kind = record->event ? ml_event_name(record->event) : "not understood";
    return ml_time_format(record->header->recorded_at, ret_row->time);
}

static int add_erasure(json_t *json, uint64_t erased_by)
{
    if (erased_by == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    return ml_json_put(json, "details_erased_by", json_integer((json_int_t)erased_by));
}

int ml_record_row_to_json(const struct ml_record_row *row, json_t **ret_json)
{
    char signer[ML_HEX_SIZE(ML_KEY_SIZE)];
    ml_hex_encode(signer, row->signer, ML_KEY_SIZE);
    ML_CLEANUP(json_decrefp)
    json_t *json = json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "seq", (json_int_t)row->seq, "recorded_at",
        row->time, "kind", row->kind, "subject", (const char *)row->subject.data, "summary",
        (const char *)row->summary.data, "who", (const char *)row->who.data, "signer", signer);
    if (!json)
        return ml_fail_memory();
    ML_TRY(add_erasure(json, row->erased_by));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}

int ml_record_shown_to_json(struct ml_view *view, const struct ml_record *record, json_t **ret_json)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    uint64_t erased_by;
    ML_TRY(ml_record_erased_by(view, record, &erased_by));
    ML_TRY(ml_record_to_json(record, &json));
    ML_TRY(add_erasure(json, erased_by));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
