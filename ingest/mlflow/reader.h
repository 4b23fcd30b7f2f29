/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all parts of the store's reader share: where the store is, how it is to be read, and the
 * list of what was left out. Paths handed around inside are relative to the store ("0/meta.yaml");
 * "" is the store itself.
 */
#ifndef ML_INGEST_MLFLOW_READER_H
#define ML_INGEST_MLFLOW_READER_H

#include "ingest/mlflow/store.h"
#include "ingest/pool.h"

struct ml_mlflow_reader {
    const char *root; /* borrowed */
    struct ml_mlflow_options options;
    struct ml_pool pool; /* the texts of left_out */
    struct ml_mlflow_left_out *left_out;
    size_t left_out_count;
    size_t left_out_cap;
};
void ml_mlflow_reader_release(struct ml_mlflow_reader *reader);

/*
 * What to do about `path`, whose reading failed with `code`, this thread's error saying why. With
 * keep_going and MLEDGER_EINVALID it is noted and 0 is returned; otherwise `code`. So all faults
 * that lie in the store, an unreadable file too, are MLEDGER_EINVALID inside this folder, and
 * MLEDGER_ESYSTEM (memory, descriptors) always ends the visit.
 */
int ml_mlflow_leave_out(struct ml_mlflow_reader *reader, const char *path, int code) ML_MUST_USE;

/* "PARENT/NAME" in the pool ("NAME" when the parent is ""); MLEDGER_EINVALID when it is longer
 * than ML_MLFLOW_PATH_MAX. */
int ml_mlflow_join(struct ml_pool *pool, const char *parent, const char *name,
                   const char **ret_path) ML_MUST_USE;
/* The path as errors name it and as the system opens it: below the root as it was given. */
int ml_mlflow_full_path(const struct ml_mlflow_reader *reader, struct ml_pool *pool,
                        const char *path, const char **ret_full) ML_MUST_USE;

/* MLEDGER_EINVALID when `bytes` more in the pool would pass ML_MLFLOW_MEMORY_MAX. */
int ml_mlflow_room(const struct ml_pool *pool, size_t bytes, const char *name) ML_MUST_USE;

/* The code of a failed system call on something in the store, error set as ml_fail_errno() does:
 * MLEDGER_ESYSTEM when the process is at its end, else MLEDGER_EINVALID. */
int ml_mlflow_fail_errno(int error_number, const char *what, const char *name) ML_MUST_USE;

/* `text` copied into the pool, with what is no UTF-8 or a control character as \xNN. */
int ml_mlflow_printable(struct ml_pool *pool, const char *text, const char **ret_text) ML_MUST_USE;

#endif
