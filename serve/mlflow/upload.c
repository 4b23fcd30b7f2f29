/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/upload.h"

#include "serve/mlflow/artifact.h"
#include "serve/mlflow/run.h"

const char *ml_rest_upload_route(const struct ml_server_request *request)
{
    static const char path[] = "/ajax-api/2.0/mlflow/upload-artifact";
    const bool is_it = strcmp(request->method, "POST") == 0 && strcmp(request->path, path) == 0;
    return is_it ? "mlflow/upload-artifact" : NULL;
}

struct named {
    struct ml_rest_call *call;
    const char *run, *path;
};

static int take_argument(const char *name, const char *value, void *context)
{
    struct named *named = context;
    const char **place = strcmp(name, "run_uuid") == 0 ? &named->run
                         : strcmp(name, "path") == 0   ? &named->path
                                                       : NULL;
    if (!place)
        return MLEDGER_OK;
    *place = ml_arena_text(&named->call->arena, value, strlen(value));
    return *place ? MLEDGER_OK : ml_arena_fail(&named->call->arena, "the request");
}

static int check(const struct named *named, const struct ml_server_request *request)
{
    if (!named->run || !*named->run)
        return ml_rest_refuse(ML_REST_INVALID, "Request must specify run_uuid.");
    if (!named->path || !*named->path)
        return ml_rest_refuse(ML_REST_INVALID, "Request must specify path.");
    ML_TRY(ml_rest_artifact_check_path(named->path));
    if (request->body.len == 0)
        return ml_rest_refuse(ML_REST_INVALID, "Request must specify data.");
    return MLEDGER_OK;
}

int ml_rest_upload(struct ml_rest_call *call, const struct ml_server_request *request)
{
    struct named named = {.call = call};
    uint64_t run;
    ML_TRY(ml_server_arguments(request, take_argument, &named));
    ML_TRY(check(&named, request));
    ML_TRY(ml_rest_run_find_active(call, named.run, &run));
    return ml_rest_artifact_keep(call, run, named.path, request->body);
}
