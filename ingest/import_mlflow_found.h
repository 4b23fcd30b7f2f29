/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger has of a run or logged model that an import reads. */
#ifndef ML_INGEST_IMPORT_MLFLOW_FOUND_H
#define ML_INGEST_IMPORT_MLFLOW_FOUND_H

#include "ingest/import_mlflow_state.h"

struct ml_import_found {
    struct ml_import_ref ref;
    const Mledger__SubjectState *state; /* in the arena; NULL: it is new */
    struct ml_import_known known;
    struct ml_arena arena;
};

/* Reads it by its id, which is borrowed. Initialises *ret_found in any case, to be released. Errors
 * as ml_import_batch_view(), ml_state_subject() and ml_import_known_read(). */
int ml_import_found_read(struct ml_import_mlflow *import, Mledger__SubjectKind kind, const char *id,
                         struct ml_import_found *ret_found) ML_MUST_USE;
void ml_import_found_release(struct ml_import_found *found);

#endif
