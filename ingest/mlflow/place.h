/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thing of the store is a folder that holds a meta.yaml and is named by the thing's id. What
 * that file says is meta.h's; here it is read, and held against the folder's name.
 */
#ifndef ML_INGEST_MLFLOW_PLACE_H
#define ML_INGEST_MLFLOW_PLACE_H

#include "ingest/mlflow/reader.h"

struct ml_mlflow_file {
    const char *path; /* relative to the store */
    const char *full; /* as errors name it */
    struct ml_span text;
};

/* The meta.yaml of `folder`. MLEDGER_ENOTFOUND when it is missing. */
int ml_mlflow_meta_text(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *folder,
                        struct ml_mlflow_file *ret_meta) ML_MUST_USE;

/* MLEDGER_EINVALID unless the file says under `key` what its place says. */
int ml_mlflow_check_place(const struct ml_mlflow_file *meta, const char *key, const char *said,
                          const char *place) ML_MUST_USE;

/*
 * What to do about a thing in `folder` whose meta.yaml could not be read, for `code` and this
 * thread's error. A folder without that file and without any other is no thing at all: 0. Otherwise
 * as ml_mlflow_leave_out().
 */
int ml_mlflow_leave_out_thing(struct ml_mlflow_reader *reader, const char *folder,
                              int code) ML_MUST_USE;

/* Whether an id from a file can be the name of a folder: not empty, no slash, not "." or "..". */
bool ml_mlflow_is_folder_name(const char *text);

#endif
