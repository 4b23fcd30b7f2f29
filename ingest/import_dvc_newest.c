/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/import_dvc_state.h"
#include "ledger/core/codec.h"

int ml_import_dvc_newest(struct ml_import_dvc *import, Mledger__SubjectKind kind, const char *name,
                         struct ml_arena *arena, struct ml_record *ret_record)
{
    struct ml_view *view;
    struct ml_record record;
    Mledger__SubjectState *state;
    uint64_t seq;
    ML_TRY(ml_import_batch_view(import->batch, &view));
    ML_TRY(ml_state_find(view->state, kind, name, &seq));
    ML_TRY(ml_state_subject(view->state, seq, arena, &state));
    if (!state->has_newest_record)
        return MLEDGER_ENOTFOUND;
    ML_TRY(ml_view_record(view, state->newest_record, arena, &record));
    if (!record.event) /* of a schema that is not understood here */
        return MLEDGER_ENOTFOUND;
    *ret_record = record;
    return MLEDGER_OK;
}

int ml_import_dvc_same(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf left = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf right = {0};
    ML_TRY(ml_codec_pack(a, &left));
    ML_TRY(ml_codec_pack(b, &right));
    return ml_span_equal(ml_buf_span(&left), ml_buf_span(&right));
}
