/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/download.h"

#include "serve/mlflow/artifact.h"
#include "serve/mlflow/logged_model.h"
#include "serve/mlflow/model.h"
#include "serve/mlflow/run.h"
#include "serve/mlflow/source.h"

static const char run_route[] = "get-artifact";
static const char version_route[] = "model-versions/get-artifact";
static const char model_prefix[] = "ajax-api/2.0/mlflow/logged-models/";
static const char model_suffix[] = "/artifacts/files";
static const char model_route[] = "mlflow/logged-models/{model_id}/artifacts/files";

/* A path may begin with several '/'. */
static const char *path_of(const struct ml_server_request *request)
{
    return request->path + strspn(request->path, "/");
}

/* The id of "…/logged-models/ID/artifacts/files"; an empty span: it is another path. */
static struct ml_span model_of(const struct ml_server_request *request)
{
    const char *path = path_of(request);
    if (strncmp(path, model_prefix, sizeof model_prefix - 1) != 0)
        return ML_SPAN(path, 0);
    path += sizeof model_prefix - 1;
    const size_t len = strcspn(path, "/");
    return ML_SPAN(path, strcmp(path + len, model_suffix) == 0 ? len : 0);
}

const char *ml_rest_download_route(const struct ml_server_request *request)
{
    const char *path = path_of(request);
    if (strcmp(request->method, "GET") != 0)
        return NULL;
    if (strcmp(path, run_route) == 0)
        return run_route;
    if (strcmp(path, version_route) == 0)
        return version_route;
    return model_of(request).len > 0 ? model_route : NULL;
}

/* ---- what is asked for ---- */

struct asked {
    struct ml_rest_call *call;
    const char *run_id, *run_uuid, *name, *version, *path, *file;
};

static int take_argument(const char *name, const char *value, void *context)
{
    struct asked *asked = context;
    const struct {
        const char *name, **place;
    } places[] = {{"run_id", &asked->run_id}, {"run_uuid", &asked->run_uuid},
                  {"name", &asked->name},     {"version", &asked->version},
                  {"path", &asked->path},     {"artifact_file_path", &asked->file}};
    for (size_t i = 0; i < ML_COUNT(places); i++) {
        if (strcmp(places[i].name, name) != 0)
            continue;
        *places[i].place = ml_arena_text(&asked->call->arena, value, strlen(value));
        if (!*places[i].place)
            return ml_arena_fail(&asked->call->arena, "the request");
    }
    return MLEDGER_OK;
}

static int check_path(const char *path, const char *name)
{
    if (!path || !*path)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Missing value for required parameter '%s'. See the API docs for "
                              "more information about request parameters.",
                              name);
    return ml_rest_artifact_check_path(path);
}

/* ---- where it is ---- */

static int find_run(struct ml_rest_call *call, const char *id, const char **ret_uri)
{
    Mlflow__RunInfo *info;
    uint64_t seq;
    ML_TRY(ml_rest_run_find(call, id, &seq));
    ML_TRY(ml_rest_run_show_info(call, seq, &info));
    *ret_uri = info->artifact_uri;
    return MLEDGER_OK;
}

/* "runs:/RUN/below" is below the artifacts of the run. */
static int resolve_run(struct ml_rest_call *call, const char **uri)
{
    static const char scheme[] = "runs:/";
    if (strncmp(*uri, scheme, sizeof scheme - 1) != 0)
        return MLEDGER_OK;
    const char *id = *uri + sizeof scheme - 1;
    const size_t len = strcspn(id, "/");
    const char *run = ml_arena_text(&call->arena, id, len), *root;
    if (!run)
        return ml_arena_fail(&call->arena, "the request");
    ML_TRY(find_run(call, run, &root));
    *uri = ml_arena_printf(&call->arena, "%s%s", root ? root : "", id + len);
    return *uri ? MLEDGER_OK : ml_arena_fail(&call->arena, "the request");
}

static int find_version(struct ml_rest_call *call, const struct asked *asked, const char **ret_uri)
{
    struct ml_rest_version version;
    ML_TRY(ml_rest_version_find(call, asked->name ? asked->name : "",
                                asked->version ? asked->version : "", &version));
    ML_TRY(ml_rest_source_follow(call, &version, ret_uri));
    return resolve_run(call, ret_uri);
}

static int find_model(struct ml_rest_call *call, struct ml_span id, const char **ret_uri)
{
    const char *name = ml_arena_text(&call->arena, (const char *)id.data, id.len);
    uint64_t seq;
    char *uri;
    if (!name)
        return ml_arena_fail(&call->arena, "the request");
    ML_TRY(ml_rest_logged_model_find(call, name, &seq));
    ML_TRY(ml_rest_logged_model_uri(call, seq, &uri));
    *ret_uri = uri;
    return MLEDGER_OK;
}

/* The file below a root that this server keeps: "mlflow-artifacts:/1/RUN/artifacts". */
static int get_below(struct ml_rest_call *call, const char *root, const char *path,
                     struct ml_server_reply *reply)
{
    static const char scheme[] = "mlflow-artifacts:";
    const char *folder = root ? root : "";
    if (strncmp(folder, scheme, sizeof scheme - 1) != 0)
        return ml_rest_refuse(ML_REST_NOT_FOUND, "The files of '%.256s' are not kept here", folder);
    folder += sizeof scheme - 1;
    if (strncmp(folder, "//", 2) == 0)
        folder += 2 + strcspn(folder + 2, "/");
    folder += strspn(folder, "/");
    const size_t slashes = *folder && folder[strlen(folder) - 1] == '/';
    const char *full = ml_arena_printf(&call->arena, "%s%s%s", folder, slashes ? "" : "/", path);
    return full ? ml_rest_artifact_get(call, full, reply)
                : ml_arena_fail(&call->arena, "the request");
}

int ml_rest_download(struct ml_rest_call *call, const struct ml_server_request *request,
                     struct ml_server_reply *reply)
{
    struct asked asked = {.call = call};
    const char *route = ml_rest_download_route(request), *root, *id;
    ML_TRY(ml_server_arguments(request, take_argument, &asked));
    if (route == model_route) {
        ML_TRY(check_path(asked.file, "artifact_file_path"));
        ML_TRY(find_model(call, model_of(request), &root));
        return get_below(call, root, asked.file, reply);
    }
    ML_TRY(check_path(asked.path, "path"));
    if (route == version_route) {
        ML_TRY(find_version(call, &asked, &root));
    } else {
        ML_TRY(ml_rest_run_id(asked.run_id, asked.run_uuid, &id));
        ML_TRY(find_run(call, id, &root));
    }
    return get_below(call, root, asked.path, reply);
}
