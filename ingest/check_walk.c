/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files below a directory, as ingest/manifest.h lists them, and which of them DVC would. What
 * stops such a list (a link that leads nowhere, a pipe) is a member here that cannot be judged, so
 * that all the others still are.
 */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "ingest/check_state.h"
#include "ingest/dvc/ignore.h"
#include "ingest/dvc/path.h"
#include "ingest/file.h"
#include "ingest/manifest.h"

struct walk {
    struct check *check;
    struct check_dir *dir;
    const char *top; /* path of the directory that is listed, from the root */
    struct ml_dvc_ignore ignore;
};

/* A directory under way; the chain of them tells a loop. */
struct place {
    const struct place *above; /* NULL: the one that is listed */
    const char *path;          /* from the root */
    const char *real;
    size_t depth;
    bool is_ignored;
};

static void walk_release(struct walk *walk)
{
    ml_dvc_ignore_release(&walk->ignore);
}

static void dir_closep(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static int fail_to_list(struct walk *walk, const char *path, const char *why)
{
    walk->dir->reason = ml_pool_printf(&walk->check->pool, "%s: %s", path, why);
    return walk->dir->reason ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static int add_member(struct walk *walk, struct check_file *file, bool ignored)
{
    struct check_dir *dir = walk->dir;
    const size_t skip = strcmp(walk->top, ".") == 0 ? 0 : strlen(walk->top) + 1;
    if (dir->count == ML_MANIFEST_FILES_MAX)
        return fail_to_list(walk, walk->top, "it holds too many files");
    ML_TRY(ml_grow(&dir->members, &dir->cap, dir->count + 1, sizeof *dir->members));
    dir->members[dir->count++] = (struct check_member){file->path + skip, file, ignored};
    return MLEDGER_OK;
}

/* ---- .dvcignore ---- */

static int load_ignore(struct walk *walk, const char *path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_pool *pool = &walk->check->pool;
    const char *name = ml_dvc_path_join(pool, path, ".dvcignore");
    const char *full = name ? ml_pool_printf(pool, "%s/%s", walk->check->root, name) : NULL;
    if (!full)
        return MLEDGER_ESYSTEM;
    const int result = ml_file_slurp(full, name, ML_DVC_IGNORE_BYTES_MAX, &text);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    if (result == MLEDGER_OK)
        ML_TRY(ml_buf_append_char(&text, '\0'));
    if (result < 0) /* then nothing is known to be ignored */
        return result == MLEDGER_ESYSTEM || result == MLEDGER_EINVALID
                   ? fail_to_list(walk, name, mledger_error_text())
                   : result;
    return ml_dvc_ignore_add(&walk->ignore, pool, path, (const char *)text.data);
}

/* Those of the directories on the way, from the root of the project that it lies in. */
static int load_ignores_above(struct walk *walk)
{
    struct ml_pool *pool = &walk->check->pool;
    if (strcmp(walk->top, ".") == 0 || walk->top[0] == '/')
        return MLEDGER_OK;
    ML_TRY(load_ignore(walk, "."));
    for (const char *slash = strchr(walk->top, '/'); slash; slash = strchr(slash + 1, '/')) {
        const char *above = ml_pool_text(pool, walk->top, (size_t)(slash - walk->top));
        const char *mark = above ? ml_pool_printf(pool, "%s/.dvc", above) : NULL;
        if (!mark)
            return MLEDGER_ESYSTEM;
        if (check_is_there(walk->check, mark)) /* a project of its own */
            walk->ignore.count = 0;
        ML_TRY(load_ignore(walk, above));
    }
    return MLEDGER_OK;
}

/* ---- walking ---- */

static int walk_directory(struct walk *walk, const struct place *place);

static int enter(struct walk *walk, const struct place *above, struct check_file *file,
                 bool ignored)
{
    const struct place place = {above, file->path, file->real, above->depth + 1, ignored};
    for (const struct place *at = above; at; at = at->above)
        if (strcmp(at->real, place.real) == 0)
            return fail_to_list(walk, file->path, "a link to a directory that it lies in");
    if (place.depth > ML_MANIFEST_DEPTH_MAX)
        return fail_to_list(walk, file->path, "too many directories inside each other");
    return walk_directory(walk, &place);
}

/* Links and whatever the listing does not tell the kind of are looked at in full. */
static int look_at(struct walk *walk, const struct place *place, const struct dirent *entry,
                   const char *path, struct check_file **ret_file)
{
    struct check *check = walk->check;
    struct stat status;
    if (entry->d_type != DT_REG)
        return check_file_at(check, path, ret_file);
    const char *real = ml_pool_printf(&check->pool, "%s/%s", place->real, entry->d_name);
    if (!real)
        return MLEDGER_ESYSTEM;
    if (lstat(real, &status) < 0 || !S_ISREG(status.st_mode))
        return check_file_at(check, path, ret_file);
    return check_file_known(check, path, real, (uint64_t)status.st_size, ret_file);
}

static bool is_left_out(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, ".git") == 0 ||
           strcmp(name, ".dvc") == 0 || strcmp(name, ".mledger") == 0;
}

static int walk_entry(struct walk *walk, const struct place *place, const struct dirent *entry)
{
    struct check_file *file;
    if (is_left_out(entry->d_name))
        return MLEDGER_OK;
    const char *path = ml_dvc_path_join(&walk->check->pool, place->path, entry->d_name);
    if (!path)
        return MLEDGER_ESYSTEM;
    ML_TRY(look_at(walk, place, entry, path, &file));
    const bool is_directory = file->presence == CHECK_IS_DIRECTORY;
    const bool ignored = place->is_ignored || strcmp(entry->d_name, ".dvcignore") == 0 ||
                         ml_dvc_ignore_matches(&walk->ignore, path, is_directory);
    return is_directory ? enter(walk, place, file, ignored) : add_member(walk, file, ignored);
}

static int walk_directory(struct walk *walk, const struct place *place)
{
    const size_t patterns = walk->ignore.count;
    ML_TRY(load_ignore(walk, place->path));
    ML_CLEANUP(dir_closep) DIR *dir = opendir(place->real);
    if (!dir)
        return fail_to_list(walk, place->path, "it cannot be listed");
    for (const struct dirent *entry; (errno = 0, entry = readdir(dir)) != NULL;)
        ML_TRY(walk_entry(walk, place, entry));
    walk->ignore.count = patterns;
    return errno ? fail_to_list(walk, place->path, "it cannot be listed to its end") : MLEDGER_OK;
}

static int by_path(const void *a, const void *b)
{
    const struct check_member *x = a, *y = b;
    return strcmp(x->path, y->path);
}

int check_walk(struct check *check, struct check_file *directory)
{
    ML_CLEANUP(walk_release) struct walk walk = {.check = check, .top = directory->path};
    const struct place place = {NULL, directory->path, directory->real, 1, false};
    if (directory->dir)
        return MLEDGER_OK;
    directory->dir = walk.dir = ml_pool_alloc(&check->pool, 1, sizeof *directory->dir);
    if (!walk.dir)
        return MLEDGER_ESYSTEM;
    ML_TRY(load_ignores_above(&walk));
    ML_TRY(walk_directory(&walk, &place));
    if (walk.dir->count)
        qsort(walk.dir->members, walk.dir->count, sizeof *walk.dir->members, by_path);
    return MLEDGER_OK;
}
