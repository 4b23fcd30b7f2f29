/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the directory: looked at, and read on all cores. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/check_state.h"
#include "ledger/core/hex.h"
#include "ledger/core/parallel.h"

/* ---- looking ---- */

static bool is_below(const char *path, const char *root)
{
    const size_t len = strlen(root);
    return strcmp(root, "/") == 0 ||
           (strncmp(path, root, len) == 0 && (path[len] == '/' || path[len] == '\0'));
}

static int set_reason(struct check_file *file, const char *text)
{
    free(file->reason);
    file->reason = strdup(text);
    return file->reason ? MLEDGER_OK : ml_fail_memory();
}

static int set_unreadable(struct check_file *file, int error_number)
{
    char text[256];
    file->presence = CHECK_IS_UNREADABLE;
    return set_reason(file, strerror_r(error_number, text, sizeof text));
}

/* There is nothing behind `full`: nothing at all, or a link that leads nowhere. */
static int set_missing(struct check_file *file, const char *full)
{
    struct stat status;
    file->presence = CHECK_IS_MISSING;
    return lstat(full, &status) == 0 && S_ISLNK(status.st_mode)
               ? set_reason(file, "a link that leads nowhere")
               : MLEDGER_OK;
}

static int look(struct check *check, struct check_file *file)
{
    struct stat status;
    const char *full = file->path[0] == '/'
                           ? file->path
                           : ml_pool_printf(&check->pool, "%s/%s", check->root, file->path);
    if (!full)
        return MLEDGER_ESYSTEM;
    ML_CLEANUP(ml_freep) char *real = realpath(full, NULL);
    if (!real)
        return errno == ENOENT || errno == ENOTDIR ? set_missing(file, full)
                                                   : set_unreadable(file, errno);
    file->presence = CHECK_IS_OUTSIDE;
    if (!is_below(real, check->root) && !check->options->outside)
        return MLEDGER_OK;
    if (stat(real, &status) < 0)
        return errno == ENOENT ? set_missing(file, full) : set_unreadable(file, errno);
    file->presence = S_ISREG(status.st_mode)   ? CHECK_IS_FILE
                     : S_ISDIR(status.st_mode) ? CHECK_IS_DIRECTORY
                                               : CHECK_IS_SPECIAL;
    file->size = (uint64_t)status.st_size;
    file->real = ml_pool_text(&check->pool, real, strlen(real));
    return file->real ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static int add_file(struct check *check, const char *path, struct check_file **ret_file)
{
    struct check_file *file = ml_pool_alloc(&check->pool, 1, sizeof *file);
    if (!file)
        return MLEDGER_ESYSTEM;
    file->path = path;
    ML_TRY(ml_grow(&check->files, &check->cap_files, check->n_files + 1, sizeof *check->files));
    check->files[check->n_files++] = file;
    *ret_file = file;
    return ml_table_put(&check->files_by_path, path, file);
}

int check_file_at(struct check *check, const char *path, struct check_file **ret_file)
{
    *ret_file = ml_table_get(&check->files_by_path, path);
    if (*ret_file)
        return MLEDGER_OK;
    ML_TRY(add_file(check, path, ret_file));
    return look(check, *ret_file);
}

int check_file_known(struct check *check, const char *path, const char *real, uint64_t size,
                     struct check_file **ret_file)
{
    *ret_file = ml_table_get(&check->files_by_path, path);
    if (*ret_file)
        return MLEDGER_OK;
    ML_TRY(add_file(check, path, ret_file));
    (*ret_file)->presence = CHECK_IS_FILE;
    (*ret_file)->real = real;
    (*ret_file)->size = size;
    return MLEDGER_OK;
}

/* ---- reading ---- */

struct reading {
    struct ml_hashing hashing;
    struct check_file **files;
    size_t count;
};

static unsigned missing_of(const struct check_file *file)
{
    return file->presence == CHECK_IS_FILE ? file->wanted & ~file->known : 0;
}

static void keep_plain(struct check_file *file, const struct ml_digests *digests,
                       unsigned algorithms)
{
    if (algorithms & CHECK_PLAIN_SHA256)
        memcpy(file->sha256, digests->sha256, sizeof file->sha256);
    if (algorithms & CHECK_PLAIN_MD5)
        memcpy(file->md5, digests->md5, sizeof file->md5);
    file->size = digests->size;
    file->known |= algorithms;
}

/* By all of DVC's rules at once, which gives the plain digests too. */
static int read_lines(struct ml_hashing *hashing, int fd, struct check_file *file)
{
    struct ml_hashing_share share;
    ML_TRY(ml_hashing_begin(hashing, fd, file->path, &share));
    ML_TRY(ml_dvc_digest_file(fd, file->path, ml_hashing_advance, &share, &file->lines));
    ML_TRY(ml_hashing_end(&share, file->lines.size));
    file->is_executable = (share.before.st_mode & S_IXUSR) != 0;
    struct ml_digests digests = {.size = file->lines.size};
    memcpy(digests.sha256, file->lines.sha256, sizeof digests.sha256);
    ML_TRY(ml_hex_decode(file->lines.text[ML_DVC_PLAIN], 2 * sizeof digests.md5, digests.md5,
                         sizeof digests.md5));
    keep_plain(file, &digests, CHECK_PLAIN_SHA256 | CHECK_PLAIN_MD5);
    file->known |= CHECK_LINES;
    return MLEDGER_OK;
}

static int read_open(struct ml_hashing *hashing, int fd, struct check_file *file)
{
    struct ml_digests digests;
    const unsigned missing = missing_of(file);
    if (missing & CHECK_LINES)
        return read_lines(hashing, fd, file);
    ML_TRY(ml_hashing_file(hashing, fd, file->path, missing, &digests, &file->is_executable));
    keep_plain(file, &digests, missing);
    return MLEDGER_OK;
}

/* No fault of a file ends the check: it is what there is to say of the file. */
static int read_file(struct ml_hashing *hashing, struct check_file *file)
{
    ML_CLEANUP(ml_closep) int fd = open(file->real, ML_HASHING_OPEN | O_NOFOLLOW);
    if (fd < 0)
        return set_unreadable(file, errno);
    if (read_open(hashing, fd, file) == MLEDGER_OK)
        return MLEDGER_OK;
    file->presence = CHECK_IS_UNREADABLE;
    const int result = set_reason(file, mledger_error_text());
    if (result == MLEDGER_OK)
        ml_error_clear();
    return result;
}

static int read_some(size_t begin, size_t end, void *context)
{
    struct reading *reading = context;
    for (size_t i = begin; i < end; i++)
        ML_TRY(read_file(&reading->hashing, reading->files[i]));
    return MLEDGER_OK;
}

/* Large ones first, so that none is left for one core at the end. */
static int by_size(const void *a, const void *b)
{
    const struct check_file *x = *(struct check_file *const *)a,
                            *y = *(struct check_file *const *)b;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* Files of less are read faster than handed to another thread. */
enum { FILES_AT_ONCE = 4 };

static void count(struct check *check, const struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct check_file *file = reading->files[i];
        if (file->presence != CHECK_IS_FILE || file->is_counted)
            continue;
        reading->files[i]->is_counted = true;
        check->result->files++;
        check->result->bytes += file->size;
    }
}

int check_files_read(struct check *check)
{
    ML_CLEANUP(ml_freep) struct check_file **files = ml_calloc(check->n_files + 1, sizeof *files);
    struct reading reading = {
        .hashing = ML_HASHING(check->options->progress, check->options->progress_context),
        .files = files};
    if (!files)
        return ml_fail_memory();
    for (size_t i = 0; i < check->n_files; i++)
        if (missing_of(check->files[i])) {
            files[reading.count++] = check->files[i];
            reading.hashing.total += check->files[i]->size;
        }
    qsort(files, reading.count, sizeof *files, by_size);
    ML_TRY(ml_parallel_for(reading.count, reading.count < 256 ? 1 : FILES_AT_ONCE, read_some,
                           &reading));
    count(check, &reading);
    return MLEDGER_OK;
}
