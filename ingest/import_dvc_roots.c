/* SPDX-License-Identifier: Apache-2.0 */
/* Where projects are, and what they are called. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "ingest/import_dvc_state.h"

void ml_import_roots_release(struct ml_import_roots *roots)
{
    free(roots->paths);
    ml_pool_release(&roots->pool);
    *roots = (struct ml_import_roots){0};
}

static int add(struct ml_import_roots *roots, const char *path)
{
    ML_TRY(ml_grow(&roots->paths, &roots->cap, roots->count + 1, sizeof *roots->paths));
    roots->paths[roots->count++] = path;
    return MLEDGER_OK;
}

struct search {
    const char *dir;
    struct ml_import_roots *roots;
    size_t entries;
};

static void dir_closep(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static bool is_folder(const struct search *search, const char *path)
{
    struct stat status;
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const char *full = ml_pool_printf(&pool, "%s/%s", search->dir, path);
    return full && lstat(full, &status) == 0 && S_ISDIR(status.st_mode);
}

static int search_folder(struct search *search, const char *path, size_t depth);

static int search_entry(struct search *search, const char *path, const char *name, size_t depth)
{
    struct ml_pool *pool = &search->roots->pool;
    if (++search->entries > ML_DVC_FILES_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: more than %zu files", search->dir, ML_DVC_FILES_MAX);
    if (name[0] == '.')
        return MLEDGER_OK;
    const char *below = strcmp(path, ".") == 0 ? ml_pool_printf(pool, "%s", name)
                                               : ml_pool_printf(pool, "%s/%s", path, name);
    if (!below)
        return MLEDGER_ESYSTEM;
    return is_folder(search, below) ? search_folder(search, below, depth + 1) : MLEDGER_OK;
}

static int search_folder(struct search *search, const char *path, size_t depth)
{
    struct ml_pool *pool = &search->roots->pool;
    const char *full = ml_pool_printf(pool, "%s/%s", search->dir, path);
    const char *mark = ml_pool_printf(pool, "%s/.dvc", path);
    if (!full || !mark)
        return MLEDGER_ESYSTEM;
    if (depth > ML_DVC_DEPTH_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: directories nested deeper than %zu", full,
                       ML_DVC_DEPTH_MAX);
    if (depth > 0 && is_folder(search, mark))
        ML_TRY(add(search->roots, path));
    ML_CLEANUP(dir_closep) DIR *stream = opendir(full);
    if (!stream)
        return ml_fail_errno(errno, "cannot list '%s'", full);
    for (const struct dirent *entry; (errno = 0, entry = readdir(stream)) != NULL;)
        ML_TRY(search_entry(search, path, entry->d_name, depth));
    return errno ? ml_fail_errno(errno, "cannot list '%s'", full) : MLEDGER_OK;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int ml_import_roots_find(const char *dir, struct ml_import_roots *roots)
{
    struct stat status;
    struct search search = {.dir = dir, .roots = roots};
    ML_TRY(add(roots, "."));
    if (stat(dir, &status) < 0 || !S_ISDIR(status.st_mode))
        return MLEDGER_OK; /* the reader says so */
    ML_TRY(search_folder(&search, ".", 0));
    qsort(roots->paths, roots->count, sizeof *roots->paths, compare);
    return MLEDGER_OK;
}

/* ---- names ---- */

/* "churn" of "git@host:team/churn.git" and of "/home/x/churn/". */
static const char *last_name(struct ml_pool *pool, const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    if (end > 4 && strncmp(path + end - 4, ".git", 4) == 0)
        end -= 4;
    size_t start = end;
    while (start > 0 && !strchr("/:", path[start - 1]))
        start--;
    return ml_pool_text(pool, path + start, end - start);
}

/* Where a folder lies in its repository; "" for its root. */
static const char *place_in(const char *folder, const char *workdir)
{
    const size_t len = strlen(workdir);
    const size_t top = len && workdir[len - 1] == '/' ? len - 1 : len;
    if (strncmp(folder, workdir, top) != 0 || folder[top] != '/')
        return "";
    return folder + top + 1;
}

static int name_by_remote(const char *folder, struct ml_pool *pool, const char **ret_name)
{
    ML_CLEANUP(ml_git_freep) struct ml_git *git = NULL;
    const char *url;
    ML_TRY(ml_git_open(folder, &git));
    ML_TRY(ml_git_remote(git, pool, &url));
    const char *workdir = ml_git_workdir(git);
    const char *place = workdir ? place_in(folder, workdir) : "";
    const char *name = last_name(pool, url);
    if (name && *place)
        name = ml_pool_printf(pool, "%s/%s", name, place);
    if (!name)
        return MLEDGER_ESYSTEM;
    *ret_name = name;
    return *name ? MLEDGER_OK : MLEDGER_ENOTFOUND;
}

int ml_import_dvc_name(const char *dir, const char *name, struct ml_pool *pool,
                       const char **ret_name)
{
    if (name) {
        *ret_name = name;
        return MLEDGER_OK;
    }
    ML_CLEANUP(ml_freep) char *folder = realpath(dir, NULL);
    if (!folder)
        return ml_fail_errno(errno, "cannot find '%s'", dir);
    int result = name_by_remote(folder, pool, ret_name);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    const char *last = last_name(pool, folder);
    if (!last)
        return MLEDGER_ESYSTEM;
    *ret_name = *last ? last : "root"; /* of the file system */
    return MLEDGER_OK;
}
