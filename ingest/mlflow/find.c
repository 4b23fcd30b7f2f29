/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding stores in a project's folders.
 */
#include <errno.h>
#include <sys/stat.h>

#include "ingest/mlflow/files.h"

static int add(struct ml_mlflow_found *found, const char *path)
{
    ML_TRY(ml_grow(&found->paths, &found->cap, found->count + 1, sizeof *found->paths));
    char *copy = strdup(path);
    if (!copy)
        return ml_fail_memory();
    found->paths[found->count++] = copy;
    return MLEDGER_OK;
}

static int search(struct ml_mlflow_reader *reader, const char *path, size_t depth,
                  struct ml_mlflow_found *found)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_entries folders;
    const char *inside, *full;
    int code = ml_mlflow_list_folders(reader, &pool, path, &folders);
    if (code < 0)
        return ml_mlflow_leave_out(reader, path, code);
    for (size_t i = 0; i < folders.count; i++) {
        ML_TRY(ml_mlflow_join(&pool, path, folders.items[i].name, &inside));
        ML_TRY(ml_mlflow_full_path(reader, &pool, inside, &full));
        if (strcmp(folders.items[i].name, "mlruns") == 0)
            ML_TRY(add(found, full));
        else if (depth < ML_MLFLOW_FIND_DEPTH_MAX)
            ML_TRY(search(reader, inside, depth + 1, found));
    }
    return MLEDGER_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_mlruns(const char *dir)
{
    const char *slash = strrchr(dir, '/');
    return strcmp(slash ? slash + 1 : dir, "mlruns") == 0;
}

int ml_mlflow_store_find(const char *dir, struct ml_mlflow_found *found)
{
    struct stat status;
    if (stat(dir, &status))
        return errno == ENOENT ? ml_fail(MLEDGER_ENOTFOUND, "there is no folder '%s'", dir)
                               : ml_fail_errno(errno, "cannot read '%s'", dir);
    if (!S_ISDIR(status.st_mode))
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is not a folder", dir);
    if (is_mlruns(dir))
        return add(found, dir);
    struct ml_mlflow_reader reader = {.root = dir, .options.keep_going = true};
    int code = search(&reader, "", 0, found);
    ml_mlflow_reader_release(&reader);
    ML_TRY(code);
    if (found->count)
        qsort(found->paths, found->count, sizeof *found->paths, by_text);
    return MLEDGER_OK;
}

void ml_mlflow_found_release(struct ml_mlflow_found *found)
{
    if (!found)
        return;
    for (size_t i = 0; i < found->count; i++)
        free(found->paths[i]);
    free(found->paths);
    *found = (struct ml_mlflow_found){0};
}
