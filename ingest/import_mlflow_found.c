/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/import_mlflow_found.h"

enum { ARENA_BYTES = 1 << 20 };

int ml_import_found_read(struct ml_import_mlflow *import, Mledger__SubjectKind kind, const char *id,
                         struct ml_import_found *ret_found)
{
    struct ml_view *view;
    Mledger__SubjectState *state;
    *ret_found = (struct ml_import_found){.ref = {.kind = kind, .name = id}};
    ml_arena_init(&ret_found->arena, ARENA_BYTES);
    ML_TRY(ml_import_batch_view(&import->batch, &view));
    const int result = ml_state_find(view->state, kind, id, &ret_found->ref.seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ret_found->ref.in_ledger = true;
    ML_TRY(ml_state_subject(view->state, ret_found->ref.seq, &ret_found->arena, &state));
    ret_found->state = state;
    return ml_import_known_read(view, ret_found->ref.seq, &ret_found->known);
}

void ml_import_found_release(struct ml_import_found *found)
{
    ml_import_known_release(&found->known);
    ml_arena_release(&found->arena);
}
