/* SPDX-License-Identifier: Apache-2.0 */
/* What the state of a project is read from, beside the files that DVC's own names give away. */
#include "ingest/dvc/path.h"
#include "ingest/import_dvc_history.h"

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool ml_import_files_has(const struct ml_import_files *files, const char *path)
{
    return files && files->count &&
           bsearch(&path, files->paths, files->count, sizeof *files->paths, compare);
}

static int add(struct ml_import_files *files, struct ml_pool *pool, const char *root,
               const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *path = ml_dvc_path_join(pool, root, paths[i]);
        if (!path)
            return MLEDGER_ESYSTEM;
        if (!ml_import_is_dvc_file(path) && !ml_dvc_path_is_outside(path))
            files->paths[files->count++] = path;
    }
    return MLEDGER_OK;
}

static bool is_same(const struct ml_import_files *a, const struct ml_import_files *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->paths[i], b->paths[i]) != 0)
            return false;
    return true;
}

static int keep(struct ml_pool *pool, const struct ml_import_files *files,
                const struct ml_import_files **ret_files)
{
    struct ml_import_files *kept = ml_pool_alloc(pool, 1, sizeof *kept);
    if (!kept || !(kept->paths = ml_pool_alloc(pool, files->count, sizeof *kept->paths)))
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < files->count; i++) {
        kept->paths[i] = ml_pool_text(pool, files->paths[i], strlen(files->paths[i]));
        if (!kept->paths[i])
            return MLEDGER_ESYSTEM;
    }
    kept->count = files->count;
    *ret_files = kept;
    return MLEDGER_OK;
}

int ml_import_files_make(struct ml_import_history *history, const char *root,
                         const struct ml_import_files *before, const char *const *files,
                         size_t count, const char *const *more, size_t more_count,
                         const struct ml_import_files **ret_files)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_import_files made = {
        .paths = ml_pool_alloc(&pool, count + more_count, sizeof *made.paths)};
    if (!made.paths)
        return MLEDGER_ESYSTEM;
    ML_TRY(add(&made, &pool, root, files, count));
    ML_TRY(add(&made, &pool, root, more, more_count));
    qsort(made.paths, made.count, sizeof *made.paths, compare);
    if (before && is_same(before, &made)) {
        *ret_files = before;
        return MLEDGER_OK;
    }
    return keep(&history->pool, &made, ret_files);
}
