/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/file.h"
#include "ledger/core/utf8.h"

/* Entries while they are gathered; the items move into a pool when all are there. */
struct gathering {
    struct ml_mlflow_entry *items;
    size_t count;
    size_t cap;
};

static void gathering_release(struct gathering *gathering)
{
    free(gathering->items);
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static int by_name(const void *a, const void *b)
{
    const struct ml_mlflow_entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int gather(struct gathering *gathering, const char *name, enum ml_mlflow_kind kind,
                  const char *where)
{
    if (gathering->count == ML_MLFLOW_ENTRIES_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: more than %zu entries", where, ML_MLFLOW_ENTRIES_MAX);
    ML_TRY(ml_grow(&gathering->items, &gathering->cap, gathering->count + 1,
                   sizeof *gathering->items));
    gathering->items[gathering->count++] = (struct ml_mlflow_entry){name, kind};
    return MLEDGER_OK;
}

static int settle(struct gathering *gathering, struct ml_pool *pool, const char *where,
                  struct ml_mlflow_entries *ret_entries)
{
    size_t bytes = gathering->count * sizeof *gathering->items;
    ML_TRY(ml_mlflow_room(pool, bytes, where));
    struct ml_mlflow_entry *items = ml_pool_alloc(pool, gathering->count, sizeof *items);
    if (!items)
        return MLEDGER_ESYSTEM;
    if (bytes) {
        qsort(gathering->items, gathering->count, sizeof *gathering->items, by_name);
        memcpy(items, gathering->items, bytes);
    }
    *ret_entries = (struct ml_mlflow_entries){items, gathering->count};
    return MLEDGER_OK;
}

static enum ml_mlflow_kind kind_of_mode(mode_t mode)
{
    if (S_ISREG(mode))
        return ML_MLFLOW_FILE;
    if (S_ISDIR(mode))
        return ML_MLFLOW_FOLDER;
    return S_ISLNK(mode) ? ML_MLFLOW_LINK : ML_MLFLOW_SPECIAL;
}

static int kind_of_entry(DIR *dir, const struct dirent *entry, const char *full,
                         enum ml_mlflow_kind *ret_kind)
{
    if (entry->d_type == DT_REG || entry->d_type == DT_DIR) {
        *ret_kind = entry->d_type == DT_REG ? ML_MLFLOW_FILE : ML_MLFLOW_FOLDER;
        return MLEDGER_OK;
    }
    struct stat status;
    if (fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW))
        return ml_mlflow_fail_errno(errno, "read", full);
    *ret_kind = kind_of_mode(status.st_mode);
    return MLEDGER_OK;
}

/* The store itself may be a link, which the user named; nothing in it may. */
static int open_dir(const char *full, bool is_root, DIR **ret_dir)
{
    int fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (is_root ? 0 : O_NOFOLLOW));
    if (fd < 0 && errno == ENOENT)
        return ml_fail(MLEDGER_ENOTFOUND, "%s: no such folder", full);
    if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
        return ml_fail(MLEDGER_EINVALID, "%s: is not a folder (links are not followed)", full);
    if (fd < 0)
        return ml_mlflow_fail_errno(errno, "read", full);
    DIR *dir = fdopendir(fd);
    if (!dir) {
        int error_number = errno;
        close(fd);
        return ml_mlflow_fail_errno(error_number, "read", full);
    }
    *ret_dir = dir;
    return MLEDGER_OK;
}

static int take_entry(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                      const char *full, DIR *dir, const struct dirent *entry,
                      struct gathering *gathering)
{
    size_t len = strlen(entry->d_name);
    if (!ml_utf8_is_text(ML_SPAN(entry->d_name, len))) {
        const char *inside;
        ML_TRY(ml_mlflow_join(pool, path, entry->d_name, &inside));
        return ml_mlflow_leave_out(
            reader, inside,
            ml_fail(MLEDGER_EINVALID, "%s/%s: name is not UTF-8", full, entry->d_name));
    }
    enum ml_mlflow_kind kind = ML_MLFLOW_SPECIAL;
    ML_TRY(kind_of_entry(dir, entry, full, &kind));
    ML_TRY(ml_mlflow_room(pool, len + 1, full));
    char *name = ml_pool_text(pool, entry->d_name, len);
    return name ? gather(gathering, name, kind, full) : MLEDGER_ESYSTEM;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int ml_mlflow_list(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                   struct ml_mlflow_entries *ret_entries)
{
    ML_CLEANUP(gathering_release) struct gathering gathering = {0};
    ML_CLEANUP(close_dir) DIR *dir = NULL;
    const char *full;
    ML_TRY(ml_mlflow_full_path(reader, pool, path, &full));
    int code = open_dir(full, !*path, &dir);
    if (code < 0 && code != MLEDGER_ENOTFOUND)
        return code;
    while (dir) {
        errno = 0;
        const struct dirent *entry = readdir(dir); /* NOLINT(concurrency-mt-unsafe): our stream */
        if (!entry && errno)
            return ml_mlflow_fail_errno(errno, "read", full);
        if (!entry)
            break;
        if (!is_dots(entry->d_name))
            ML_TRY(take_entry(reader, pool, path, full, dir, entry, &gathering));
    }
    return settle(&gathering, pool, full, ret_entries);
}

static int leave_out_odd(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                         const struct ml_mlflow_entry *entry)
{
    const char *inside, *full;
    ML_TRY(ml_mlflow_join(pool, path, entry->name, &inside));
    ML_TRY(ml_mlflow_full_path(reader, pool, inside, &full));
    const char *what = entry->kind == ML_MLFLOW_LINK
                           ? "is a symbolic link, which is not followed"
                           : "is a pipe, socket or device, not a file or folder";
    return ml_mlflow_leave_out(reader, inside, ml_fail(MLEDGER_EINVALID, "%s: %s", full, what));
}

int ml_mlflow_list_folders(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                           struct ml_mlflow_entries *ret_folders)
{
    struct ml_mlflow_entries all;
    ML_TRY(ml_mlflow_list(reader, pool, path, &all));
    size_t kept = 0;
    for (size_t i = 0; i < all.count; i++) {
        const struct ml_mlflow_entry *entry = &all.items[i];
        if (entry->kind == ML_MLFLOW_FILE || entry->name[0] == '.')
            continue;
        if (entry->kind == ML_MLFLOW_FOLDER)
            all.items[kept++] = *entry;
        else
            ML_TRY(leave_out_odd(reader, pool, path, entry));
    }
    *ret_folders = (struct ml_mlflow_entries){all.items, kept};
    return MLEDGER_OK;
}

struct walk {
    struct ml_mlflow_reader *reader;
    struct ml_pool *pool;
    const char *start; /* path below the store */
    struct gathering found;
};

static int walk_into(struct walk *walk, const char *path, size_t depth);

static int walk_entry(struct walk *walk, const char *path, const struct ml_mlflow_entry *entry,
                      size_t depth)
{
    const char *inside;
    if (entry->kind == ML_MLFLOW_SPECIAL)
        return leave_out_odd(walk->reader, walk->pool, path, entry);
    int code = ml_mlflow_join(walk->pool, path, entry->name, &inside);
    if (code < 0)
        return ml_mlflow_leave_out(walk->reader, path, code);
    if (entry->kind == ML_MLFLOW_FOLDER)
        return walk_into(walk, inside, depth + 1);
    return gather(&walk->found, inside + strlen(walk->start) + 1, entry->kind, walk->start);
}

static int list_level(struct walk *walk, const char *path, size_t depth,
                      struct ml_mlflow_entries *ret_entries)
{
    if (depth > ML_MLFLOW_DEPTH_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s/%s: more than %zu folders inside each other",
                       walk->reader->root, path, ML_MLFLOW_DEPTH_MAX);
    return ml_mlflow_list(walk->reader, walk->pool, path, ret_entries);
}

static int walk_into(struct walk *walk, const char *path, size_t depth)
{
    struct ml_mlflow_entries entries = {0};
    int code = list_level(walk, path, depth, &entries);
    if (code < 0)
        return ml_mlflow_leave_out(walk->reader, path, code);
    for (size_t i = 0; i < entries.count; i++)
        ML_TRY(walk_entry(walk, path, &entries.items[i], depth));
    return MLEDGER_OK;
}

int ml_mlflow_walk(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                   struct ml_mlflow_entries *ret_files)
{
    struct walk walk = {.reader = reader, .pool = pool, .start = path};
    int code = walk_into(&walk, path, 1);
    if (code >= 0)
        code = settle(&walk.found, pool, path, ret_files);
    gathering_release(&walk.found);
    return code;
}

int ml_mlflow_has_files(struct ml_mlflow_reader *reader, const char *path)
{
    /* Its faults are found again, and reported, by whoever reads the folder. */
    struct ml_mlflow_reader quiet = {.root = reader->root, .options.keep_going = true};
    struct ml_pool pool = {0};
    struct ml_mlflow_entries files = {0};
    int code = ml_mlflow_walk(&quiet, &pool, path, &files);
    bool any = files.count > 0 || quiet.left_out_count > 0;
    ml_mlflow_reader_release(&quiet);
    ml_pool_release(&pool);
    return code < 0 ? code : any;
}

int ml_mlflow_open(const char *full, int *ret_fd, uint64_t *ret_size)
{
    ML_CLEANUP(ml_closep)
    int fd = open(full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return ml_fail(MLEDGER_ENOTFOUND, "%s: no such file", full);
    if (fd < 0 && errno == ELOOP)
        return ml_fail(MLEDGER_EINVALID, "%s: is a symbolic link, which is not followed", full);
    if (fd < 0)
        return ml_mlflow_fail_errno(errno, "read", full);
    struct stat status;
    if (fstat(fd, &status))
        return ml_mlflow_fail_errno(errno, "read", full);
    if (!S_ISREG(status.st_mode))
        return ml_fail(MLEDGER_EINVALID, "%s: is not a regular file", full);
    *ret_size = (uint64_t)status.st_size;
    *ret_fd = fd;
    fd = -1;
    return MLEDGER_OK;
}

/* Reads until the end or `size` bytes; the file was that long when it was opened. */
static int read_all(int fd, char *text, size_t size, const char *full)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = read(fd, text + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ml_mlflow_fail_errno(errno, "read", full);
        if (n == 0)
            return ml_fail(MLEDGER_EINVALID, "%s: became shorter while it was read", full);
        done += (size_t)n;
    }
    return MLEDGER_OK;
}

int ml_mlflow_text(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                   size_t max, char **ret_text, size_t *ret_len)
{
    const char *full;
    ML_CLEANUP(ml_closep) int fd = -1;
    uint64_t size = 0;
    ML_TRY(ml_mlflow_full_path(reader, pool, path, &full));
    ML_TRY(ml_mlflow_open(full, &fd, &size));
    if (size > max)
        return ml_fail(MLEDGER_EINVALID, "%s: %llu bytes, more than the %zu it may have", full,
                       (unsigned long long)size, max);
    ML_TRY(ml_mlflow_room(pool, (size_t)size + 1, full));
    char *text = ml_pool_alloc(pool, (size_t)size + 1, 1);
    if (!text)
        return MLEDGER_ESYSTEM;
    ML_TRY(read_all(fd, text, (size_t)size, full));
    ML_TRY(ml_file_check_utf8(ML_SPAN(text, size), full));
    *ret_text = text;
    *ret_len = (size_t)size;
    return MLEDGER_OK;
}
