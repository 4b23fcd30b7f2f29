/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "ingest/dvc/files.h"
#include "ingest/file.h"

/* NULL: memory is out. */
static const char *place(const struct ml_dvc_files *files, struct ml_pool *pool, const char *path)
{
    if (strcmp(path, ".") == 0)
        return files->root;
    return path[0] == '/' ? path : ml_pool_printf(pool, "%s/%s", files->root, path);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int no_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

struct entries {
    struct dirent **all;
    int count;
};

static void entries_release(struct entries *entries)
{
    for (int i = 0; i < entries->count; i++)
        free(entries->all[i]);
    free(entries->all);
}

static bool is_folder(const struct dirent *entry, const char *dir)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct stat status;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    const char *path = ml_pool_printf(&pool, "%s/%s", dir, entry->d_name);
    return path && lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int list(const struct ml_dvc_files *files, struct ml_pool *pool, const char *dir,
                struct ml_dvc_folder *ret_folder)
{
    ML_CLEANUP(entries_release) struct entries entries = {0};
    const char *path = place(files, pool, dir);
    if (!path)
        return MLEDGER_ESYSTEM;
    const int count = scandir(path, &entries.all, no_dots, by_name);
    if (count < 0)
        return ml_fail_errno(errno, "cannot list '%s'", dir);
    entries.count = count;
    struct ml_dvc_name *names = ml_pool_alloc(pool, (size_t)count, sizeof *names);
    if (!names)
        return MLEDGER_ESYSTEM;
    for (int i = 0; i < count; i++) {
        const char *name = entries.all[i]->d_name;
        names[i].name = ml_pool_text(pool, name, strlen(name));
        names[i].is_dir = is_folder(entries.all[i], path);
        if (!names[i].name)
            return MLEDGER_ESYSTEM;
    }
    *ret_folder = (struct ml_dvc_folder){.names = names, .count = (size_t)count};
    return MLEDGER_OK;
}

static int read_file(const struct ml_dvc_files *files, const char *path, size_t max,
                     struct ml_buf *buf)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const char *full = place(files, &pool, path);
    return full ? ml_file_slurp(full, path, max, buf) : MLEDGER_ESYSTEM;
}

static bool is_directory(const struct ml_dvc_files *files, const char *path)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct stat status;
    const char *full = place(files, &pool, path);
    return full && stat(full, &status) == 0 && S_ISDIR(status.st_mode);
}

struct ml_dvc_files ml_dvc_files_disk(const char *root)
{
    return (struct ml_dvc_files){
        .list = list, .read = read_file, .is_directory = is_directory, .root = root};
}
