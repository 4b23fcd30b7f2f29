/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server answered, kept so that a second visit need not ask again: requests and answers in
 * their order, in a file without a name. Threads: one at a time.
 */
#ifndef ML_INGEST_MLFLOW_TAPE_H
#define ML_INGEST_MLFLOW_TAPE_H

#include <stdio.h>

#include "ledger/core/base.h"

/* All zero is none: nothing is kept. */
struct ml_mlflow_tape {
    FILE *file;
    bool is_playing;
};
/* An empty one that keeps what comes. MLEDGER_ESYSTEM: no file can be made. */
int ml_mlflow_tape_begin(struct ml_mlflow_tape *tape) ML_MUST_USE;
/* From here on it is played from its beginning. MLEDGER_ESYSTEM. */
int ml_mlflow_tape_play(struct ml_mlflow_tape *tape) ML_MUST_USE;
void ml_mlflow_tape_release(struct ml_mlflow_tape *tape);

/* Keeps an answer, unless it is being played. MLEDGER_ESYSTEM: it cannot be written. */
int ml_mlflow_tape_keep(struct ml_mlflow_tape *tape, struct ml_span request, int status,
                        struct ml_span body) ML_MUST_USE;
/* While it is played: 1, the next answer is to this request; 0, it is to another, or there is none;
 * then the server is to be asked. MLEDGER_ESYSTEM: it cannot be read. */
int ml_mlflow_tape_next(struct ml_mlflow_tape *tape, struct ml_span request, int *ret_status,
                        struct ml_buf *body) ML_MUST_USE;

#endif
