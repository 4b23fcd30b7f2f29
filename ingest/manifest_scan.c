/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/manifest_scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/core/utf8.h"

/* A directory under way; the chain of them tells a loop. */
struct place {
    const struct place *above; /* NULL: the root */
    dev_t device;
    ino_t inode;
    const char *path; /* "" for the root */
    size_t depth;
};

void ml_manifest_scan_release(struct ml_manifest_scan *scan)
{
    ml_pool_release(&scan->names);
    free(scan->files);
}

static void dir_closep(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static int add_file(struct ml_manifest_scan *scan, const char *path, const struct stat *status)
{
    if (scan->count == ML_MANIFEST_FILES_MAX)
        return ml_fail(MLEDGER_EINVALID, "'%s' holds more than %zu files", scan->root,
                       ML_MANIFEST_FILES_MAX);
    ML_TRY(ml_grow(&scan->files, &scan->cap, scan->count + 1, sizeof(*scan->files)));
    scan->files[scan->count++] = (struct ml_manifest_file){.path = path};
    scan->bytes += (uint64_t)status->st_size;
    if (!ml_utf8_is_valid(ML_SPAN(path, strlen(path))))
        scan->not_dvc = true;
    return MLEDGER_OK;
}

/* The path of `name` in `dir`, in the pool. */
static int join(struct ml_manifest_scan *scan, const char *dir, const char *name,
                const char **ret_path)
{
    char path[ML_MANIFEST_PATH_MAX + 1];
    const int len = snprintf(path, sizeof path, "%s%s%s", dir, *dir ? "/" : "", name);
    if (len < 0 || (size_t)len >= sizeof path)
        return ml_fail(MLEDGER_EINVALID, "'%s' holds a path of more than %zu bytes", scan->root,
                       ML_MANIFEST_PATH_MAX);
    *ret_path = ml_pool_text(&scan->names, path, (size_t)len);
    return *ret_path ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static bool is_left_out(struct ml_manifest_scan *scan, const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, ".git") == 0 ||
        strcmp(name, ".dvc") == 0)
        return true;
    if (strcmp(name, ".dvcignore") == 0 || strcmp(name, ".mledger") == 0)
        scan->not_dvc = true;
    return strcmp(name, ".mledger") == 0;
}

static int fail_to_look(const struct ml_manifest_scan *scan, const char *path, int error_number)
{
    struct stat status;
    const bool is_there = fstatat(scan->fd, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (is_there && (error_number == ENOENT || error_number == ELOOP))
        return ml_fail(MLEDGER_EINVALID, "'%s/%s' is a link that leads nowhere", scan->root, path);
    if (error_number == ENOENT)
        return ml_fail(MLEDGER_ESYSTEM, "'%s/%s' went away while it was read", scan->root, path);
    return ml_fail_errno(error_number, "cannot look at '%s/%s'", scan->root, path);
}

static int scan_directory(struct ml_manifest_scan *scan, struct place *place);

static int scan_entry(struct ml_manifest_scan *scan, const struct place *place, const char *name)
{
    struct stat status;
    const char *path;
    ML_TRY(join(scan, place->path, name, &path));
    if (fstatat(scan->fd, path, &status, 0) < 0)
        return fail_to_look(scan, path, errno);
    if (S_ISREG(status.st_mode))
        return add_file(scan, path, &status);
    if (!S_ISDIR(status.st_mode))
        return ml_fail(MLEDGER_EINVALID, "'%s/%s' is neither a file nor a directory", scan->root,
                       path);
    struct place inner = {.above = place, .path = path, .depth = place->depth + 1};
    return scan_directory(scan, &inner);
}

static int enter(const struct ml_manifest_scan *scan, struct place *place, int fd)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return ml_fail_errno(errno, "cannot look at '%s/%s'", scan->root, place->path);
    place->device = status.st_dev;
    place->inode = status.st_ino;
    for (const struct place *at = place->above; at; at = at->above)
        if (at->device == place->device && at->inode == place->inode)
            return ml_fail(MLEDGER_EINVALID, "'%s/%s' is a link to a directory that it lies in",
                           scan->root, place->path);
    if (place->depth > ML_MANIFEST_DEPTH_MAX)
        return ml_fail(MLEDGER_EINVALID, "'%s/%s' lies more than %zu directories deep", scan->root,
                       place->path, ML_MANIFEST_DEPTH_MAX);
    return MLEDGER_OK;
}

static int open_directory(struct ml_manifest_scan *scan, struct place *place, DIR **ret_dir)
{
    ML_CLEANUP(ml_closep)
    int fd = openat(scan->fd, *place->path ? place->path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open '%s/%s'", scan->root, place->path);
    ML_TRY(enter(scan, place, fd));
    DIR *dir = fdopendir(fd);
    if (!dir)
        return ml_fail_errno(errno, "cannot list '%s/%s'", scan->root, place->path);
    fd = -1; /* the stream's now */
    *ret_dir = dir;
    return MLEDGER_OK;
}

static int scan_directory(struct ml_manifest_scan *scan, struct place *place)
{
    ML_CLEANUP(dir_closep) DIR *dir = NULL;
    ML_TRY(open_directory(scan, place, &dir));
    for (const struct dirent *entry; (errno = 0, entry = readdir(dir)) != NULL;)
        if (!is_left_out(scan, entry->d_name))
            ML_TRY(scan_entry(scan, place, entry->d_name));
    if (errno != 0)
        return ml_fail_errno(errno, "cannot list '%s/%s'", scan->root, place->path);
    return MLEDGER_OK;
}

static int by_path(const void *a, const void *b)
{
    const struct ml_manifest_file *x = a, *y = b;
    return strcmp(x->path, y->path);
}

int ml_manifest_scan_run(struct ml_manifest_scan *scan)
{
    struct place root = {.path = "", .depth = 1};
    ML_TRY(scan_directory(scan, &root));
    if (scan->count == 0)
        return ml_fail(MLEDGER_EINVALID, "'%s' holds no files", scan->root);
    qsort(scan->files, scan->count, sizeof(*scan->files), by_path);
    return MLEDGER_OK;
}
