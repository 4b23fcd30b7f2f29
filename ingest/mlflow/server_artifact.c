/* SPDX-License-Identifier: Apache-2.0 */
/* Artifacts on a server: listed folder by folder, and downloaded to be hashed. */
#include "ingest/mlflow/server_part.h"
#include "ledger/core/hash.h"

/* Listing one owner: a run or a logged model. */
struct listing {
    struct ml_mlflow_asking *asking;
    const char *run_id, *model_id; /* one of them */
    struct ml_pool *pool;
    struct ml_mlflow_artifact *items;
    size_t count, cap;
    /* Folders still to be listed, with how deep each is. */
    struct folder {
        const char *path; /* NULL: the root */
        size_t depth;
    } * folders;
    size_t n_folders, cap_folders;
};

static void listing_release(struct listing *listing)
{
    free(listing->items);
    free(listing->folders);
}

static const char *owner_of(const struct listing *listing)
{
    return listing->run_id ? listing->run_id : listing->model_id;
}

static int add_folder(struct listing *listing, const char *path, size_t depth)
{
    if (depth > ML_MLFLOW_DEPTH_MAX)
        return ml_fail(MLEDGER_EINVALID, "artifacts of %s: more than %zu folders inside each other",
                       owner_of(listing), ML_MLFLOW_DEPTH_MAX);
    ML_TRY(ml_grow(&listing->folders, &listing->cap_folders, listing->n_folders + 1,
                   sizeof *listing->folders));
    listing->folders[listing->n_folders++] = (struct folder){path, depth};
    return MLEDGER_OK;
}

/* The path must lie directly in the folder that was listed: a hostile answer must not make the
 * listing go on for ever, nor a record name a place outside. */
static bool is_in(const char *path, const char *folder)
{
    const size_t len = folder ? strlen(folder) : 0;
    if (folder && (strncmp(path, folder, len) != 0 || path[len] != '/'))
        return false;
    const char *name = folder ? path + len + 1 : path;
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static int take_file(const struct ml_mlflow_pages *pages, const json_t *item)
{
    struct listing *listing = pages->into;
    const struct folder *folder = pages->about;
    const struct ml_mlflow_object object = {item, owner_of(listing)};
    const char *path;
    int64_t size;
    ML_TRY(ml_mlflow_member_id(&object, "path", listing->pool, &path));
    if (!is_in(path, folder->path) || strlen(path) > ML_MLFLOW_PATH_MAX)
        return ml_fail(MLEDGER_EINVALID, "artifacts of %s: '%.80s' is not in the folder asked for",
                       object.where, path);
    if (json_is_true(json_object_get(item, "is_dir")))
        return add_folder(listing, path, folder->depth + 1);
    ML_TRY(ml_mlflow_member_int(&object, "file_size", 0, &size));
    if (listing->count == ML_MLFLOW_ENTRIES_MAX || size < 0)
        return ml_fail(MLEDGER_EINVALID, "artifacts of %s: %s", object.where,
                       size < 0 ? "a size below 0" : "too many files");
    ML_TRY(ml_grow(&listing->items, &listing->cap, listing->count + 1, sizeof *listing->items));
    listing->items[listing->count++] =
        (struct ml_mlflow_artifact){.path = path, .size = (uint64_t)size};
    return MLEDGER_OK;
}

static int ask_files(const struct ml_mlflow_pages *pages, const char *token, json_t **ret_answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf url = {0};
    const struct listing *listing = pages->into;
    const struct folder *folder = pages->about;
    struct ml_mlflow_server *server = listing->asking->server;
    ML_TRY(ml_mlflow_url_begin(
        server, listing->run_id ? ML_MLFLOW_API "artifacts/list" : ML_MLFLOW_API "logged-models/",
        &url));
    if (listing->run_id) {
        ML_TRY(ml_url_query(&url, "run_id", listing->run_id));
    } else {
        ML_TRY(ml_url_part(&url, listing->model_id));
        ML_TRY(ml_buf_append_text(&url, "/artifacts/directories"));
    }
    if (folder->path)
        ML_TRY(
            ml_url_query(&url, listing->run_id ? "path" : "artifact_directory_path", folder->path));
    if (token)
        ML_TRY(ml_url_query(&url, "page_token", token));
    return ml_mlflow_ask(server, &url, NULL, ret_answer);
}

static int list_all(struct listing *listing)
{
    ML_TRY(add_folder(listing, NULL, 0));
    while (listing->n_folders > 0) {
        const struct folder folder = listing->folders[--listing->n_folders];
        const struct ml_mlflow_pages pages = {.asking = listing->asking,
                                              .list = "files",
                                              .ask = ask_files,
                                              .take = take_file,
                                              .about = &folder,
                                              .into = listing};
        ML_TRY(ml_mlflow_pages_take(&pages));
    }
    return MLEDGER_OK;
}

static int hash_bytes(void *context, struct ml_span bytes)
{
    return ml_hasher_update(context, bytes.data, bytes.len);
}

static int download_url(const struct listing *listing, const char *path, struct ml_buf *url)
{
    const struct ml_mlflow_server *server = listing->asking->server;
    if (listing->run_id) {
        ML_TRY(ml_mlflow_url_begin(server, "/get-artifact", url));
        ML_TRY(ml_url_query(url, "path", path));
        ML_TRY(ml_url_query(url, "run_uuid", listing->run_id));
    } else {
        ML_TRY(ml_mlflow_url_begin(server, "/ajax-api/2.0/mlflow/logged-models/", url));
        ML_TRY(ml_url_part(url, listing->model_id));
        ML_TRY(ml_buf_append_text(url, "/artifacts/files"));
        ML_TRY(ml_url_query(url, "artifact_file_path", path));
    }
    return ml_buf_append_char(url, '\0');
}

static int hash_artifact(const struct listing *listing, struct ml_mlflow_artifact *artifact)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf url = {0};
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    ML_CLEANUP(ml_hasher_release) struct ml_hasher hasher = {0};
    struct ml_digests digests;
    ML_TRY(download_url(listing, artifact->path, &url));
    ML_TRY(ml_hasher_init(&hasher, ML_HASH_SHA256 | ML_HASH_MD5));
    ML_TRY(ml_http_download(listing->asking->server->client, (const char *)url.data,
                            ML_MLFLOW_ARTIFACT_MAX, hash_bytes, &hasher, &response));
    if (response.status != 200)
        return ml_fail(MLEDGER_EINVALID, "%s answers with status %d", (const char *)url.data,
                       response.status);
    ML_TRY(ml_hasher_final(&hasher, &digests));
    if (digests.size != artifact->size)
        return ml_fail(MLEDGER_EINVALID, "%s: %llu bytes came, %llu were listed",
                       (const char *)url.data, (unsigned long long)digests.size,
                       (unsigned long long)artifact->size);
    memcpy(artifact->sha256, digests.sha256, sizeof artifact->sha256);
    memcpy(artifact->md5, digests.md5, sizeof artifact->md5);
    return MLEDGER_OK;
}

static int by_path(const void *a, const void *b)
{
    const struct ml_mlflow_artifact *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static int keep(struct listing *listing, struct ml_mlflow_artifacts *ret_artifacts)
{
    struct ml_mlflow_artifact *items = ml_pool_alloc(listing->pool, listing->count, sizeof *items);
    size_t kept = 0;
    if (!items)
        return MLEDGER_ESYSTEM;
    if (listing->count)
        qsort(listing->items, listing->count, sizeof *items, by_path);
    for (size_t i = 0; i < listing->count; i++) {
        struct ml_mlflow_artifact *artifact = &listing->items[i];
        const int code = listing->asking->reader->options.skip_hashing
                             ? MLEDGER_OK
                             : hash_artifact(listing, artifact);
        if (code < 0)
            ML_TRY(ml_mlflow_leave_out(listing->asking->reader, artifact->path, code));
        else
            items[kept++] = *artifact;
    }
    *ret_artifacts = (struct ml_mlflow_artifacts){.items = items, .count = kept};
    return MLEDGER_OK;
}

int ml_mlflow_server_artifacts(struct ml_mlflow_asking *asking, const char *run_id,
                               const char *model_id, struct ml_pool *pool,
                               struct ml_mlflow_artifacts *ret_artifacts)
{
    ML_CLEANUP(listing_release)
    struct listing listing = {
        .asking = asking, .run_id = run_id, .model_id = model_id, .pool = pool};
    *ret_artifacts = (struct ml_mlflow_artifacts){0};
    const int code = list_all(&listing);
    if (code == MLEDGER_ENOTFOUND) {
        ml_error_clear(); /* neither has every server the call, nor every run a folder */
        return MLEDGER_OK;
    }
    if (code < 0)
        return ml_mlflow_leave_out(asking->reader, run_id ? run_id : model_id, code);
    return keep(&listing, ret_artifacts);
}
