/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/artifact_place.h"

#include "serve/mlflow/artifact.h"
#include "serve/mlflow/logged_model.h"
#include "serve/mlflow/run.h"

enum { PATH_MAX_BYTES = 4096 };

int ml_rest_artifact_check_path(const char *path)
{
    if (strlen(path) > PATH_MAX_BYTES)
        return ml_rest_refuse(ML_REST_INVALID, "Invalid path: it is over %d bytes", PATH_MAX_BYTES);
    for (const char *part = path;; part++) {
        const size_t len = strcspn(part, "/");
        if (len == 0 || (len <= 2 && strspn(part, ".") >= len))
            return ml_rest_refuse(ML_REST_INVALID, "Invalid path");
        for (size_t i = 0; i < len; i++)
            if ((unsigned char)part[i] < ' ' || part[i] == '\\' || part[i] == 0x7f)
                return ml_rest_refuse(ML_REST_INVALID, "Invalid path");
        part += len;
        if (!*part)
            return MLEDGER_OK;
    }
}

/* The segment at *at as a text in the call's arena; *at moves behind it and its '/'. */
static int take_segment(struct ml_rest_call *call, const char **at, const char **ret_segment)
{
    const size_t len = strcspn(*at, "/");
    *ret_segment = ml_arena_text(&call->arena, *at, len);
    *at += len + ((*at)[len] == '/');
    return *ret_segment ? MLEDGER_OK : ml_arena_fail(&call->arena, "the request");
}

int ml_rest_place_find(struct ml_rest_call *call, const char *path, struct ml_rest_place *ret_place)
{
    const char *experiment, *owner, *artifacts;
    const char *at = path;
    ML_TRY(ml_rest_artifact_check_path(path));
    ML_TRY(take_segment(call, &at, &experiment));
    ML_TRY(take_segment(call, &at, &owner));
    ret_place->is_model = strcmp(owner, ML_REST_MODELS_FOLDER) == 0;
    if (ret_place->is_model)
        ML_TRY(take_segment(call, &at, &owner));
    ML_TRY(take_segment(call, &at, &artifacts));
    if (strcmp(artifacts, "artifacts") != 0)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid path: '%.256s' is not below EXPERIMENT/RUN/artifacts or "
                              "EXPERIMENT/" ML_REST_MODELS_FOLDER "/MODEL/artifacts",
                              path);
    ret_place->path = at;
    return ret_place->is_model ? ml_rest_logged_model_find(call, owner, &ret_place->owner)
                               : ml_rest_run_find(call, owner, &ret_place->owner);
}
