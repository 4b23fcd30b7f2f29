/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/place.h"

#include "ingest/mlflow/files.h"

int ml_mlflow_meta_text(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *folder,
                        struct ml_mlflow_file *ret_meta)
{
    struct ml_mlflow_file meta;
    char *text;
    size_t len;
    ML_TRY(ml_mlflow_join(pool, folder, "meta.yaml", &meta.path));
    ML_TRY(ml_mlflow_full_path(reader, pool, meta.path, &meta.full));
    ML_TRY(ml_mlflow_text(reader, pool, meta.path, ML_MLFLOW_META_MAX, &text, &len));
    meta.text = ML_SPAN(text, len);
    *ret_meta = meta;
    return MLEDGER_OK;
}

int ml_mlflow_check_place(const struct ml_mlflow_file *meta, const char *key, const char *said,
                          const char *place)
{
    if (strcmp(said, place) == 0)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "%s: its %s is '%.80s', its folder is that of '%.80s'",
                   meta->full, key, said, place);
}

int ml_mlflow_leave_out_thing(struct ml_mlflow_reader *reader, const char *folder, int code)
{
    if (code == MLEDGER_ENOTFOUND) {
        struct ml_error error;
        ml_error_get(&error);
        int any = ml_mlflow_has_files(reader, folder);
        if (any <= 0)
            return any;
        ml_error_set(&error);
    }
    return ml_mlflow_leave_out(reader, folder, code);
}

bool ml_mlflow_is_folder_name(const char *text)
{
    return *text && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}
