/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/dvc/files.h"
#include "ingest/dvc/path.h"

enum { LINKS_MAX = 8 }; /* in a row */

/* Where a path lies in the commit, NULL in *ret_place when outside of it. */
static int find_place(const struct ml_dvc_files *files, struct ml_pool *pool, const char *path,
                      const char **ret_place)
{
    const char *place = ml_dvc_path_join(pool, files->root, path);
    if (!place)
        return MLEDGER_ESYSTEM;
    *ret_place = ml_dvc_path_is_outside(place) ? NULL : place;
    return MLEDGER_OK;
}

static int compare(const void *a, const void *b)
{
    const struct ml_dvc_name *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int list(const struct ml_dvc_files *files, struct ml_pool *pool, const char *dir,
                struct ml_dvc_folder *ret_folder)
{
    const char *place;
    struct ml_git_entry *entries;
    size_t count;
    ML_TRY(find_place(files, pool, dir, &place));
    if (!place)
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is not in the commit", dir);
    ML_TRY(ml_git_tree_list(files->tree, pool, place, &entries, &count));
    struct ml_dvc_name *names = ml_pool_alloc(pool, count, sizeof *names);
    if (!names)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < count; i++)
        names[i] = (struct ml_dvc_name){.name = entries[i].name,
                                        .is_dir = entries[i].kind == ML_GIT_DIRECTORY};
    qsort(names, count, sizeof *names, compare); /* Git sorts a folder as if its name ended in / */
    *ret_folder = (struct ml_dvc_folder){.names = names, .count = count};
    return MLEDGER_OK;
}

/* The place that a link there leads to. */
static int follow(const struct ml_dvc_files *files, struct ml_pool *pool, const char *path,
                  const char **place)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf target = {0};
    ML_TRY(ml_git_tree_read(files->tree, *place, ML_GIT_LINK_MAX, &target));
    ML_TRY(ml_buf_append_char(&target, '\0'));
    const char *dir = ml_dvc_path_parent(pool, *place);
    const char *next = dir ? ml_dvc_path_join(pool, dir, (const char *)target.data) : NULL;
    if (!next)
        return MLEDGER_ESYSTEM;
    if (ml_dvc_path_is_outside(next))
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is a link that leaves the commit", path);
    *place = next;
    return MLEDGER_OK;
}

static int read_blob(const struct ml_dvc_files *files, const char *path, size_t max,
                     struct ml_buf *buf)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const char *place;
    enum ml_git_kind kind;
    ML_TRY(find_place(files, &pool, path, &place));
    if (!place)
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is not in the commit", path);
    ML_TRY(ml_git_tree_kind(files->tree, place, &kind));
    for (int links = 0; kind == ML_GIT_LINK; links++) {
        if (links == LINKS_MAX)
            return ml_fail(MLEDGER_EINVALID, "%s: a link that leads in circles", path);
        ML_TRY(follow(files, &pool, path, &place));
        ML_TRY(ml_git_tree_kind(files->tree, place, &kind));
    }
    if (kind == ML_GIT_ABSENT)
        return ml_fail(MLEDGER_ENOTFOUND, "no file '%s'", path);
    if (kind != ML_GIT_FILE)
        return ml_fail(MLEDGER_EINVALID, "%s: not a regular file", path);
    return ml_git_tree_read(files->tree, place, max, buf);
}

static bool is_directory(const struct ml_dvc_files *files, const char *path)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const char *place;
    enum ml_git_kind kind;
    return find_place(files, &pool, path, &place) == MLEDGER_OK && place &&
           ml_git_tree_kind(files->tree, place, &kind) == MLEDGER_OK && kind == ML_GIT_DIRECTORY;
}

struct ml_dvc_files ml_dvc_files_commit(const struct ml_git_tree *tree, const char *prefix)
{
    return (struct ml_dvc_files){.list = list,
                                 .read = read_blob,
                                 .is_directory = is_directory,
                                 .root = prefix,
                                 .tree = tree};
}
