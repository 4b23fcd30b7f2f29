/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/dvc/digest.h"
#include "ingest/manifest_scan.h"
#include "ledger/core/hex.h"
#include "ledger/core/parallel.h"
#include "ledger/core/utf8.h"

static const char first_line[] = "mledger manifest 1\n";

void ml_manifest_release(struct ml_manifest *manifest)
{
    ml_buf_release(&manifest->text);
}

/* ---- hashing ---- */

/* How far all threads together have come. */
struct tally {
    pthread_mutex_t lock;
    ml_manifest_progress progress; /* NULL: nobody asks */
    void *context;
    uint64_t done, total;
};

/* One file's part of it. */
struct share {
    struct tally *tally;
    const char *name;
    uint64_t size; /* as it was when reading began */
    uint64_t done;
};

static int fail_changed(const char *name)
{
    return ml_fail(MLEDGER_ESYSTEM, "'%s' changed while it was read", name);
}

static int advance(void *context, uint64_t done)
{
    struct share *share = context;
    struct tally *tally = share->tally;
    if (done > share->size) /* one that grows as fast as it is read would never end */
        return fail_changed(share->name);
    if (!tally->progress)
        return MLEDGER_OK;
    pthread_mutex_lock(&tally->lock);
    tally->done += done - share->done;
    /* A file may have grown between listing and reading; more than all is no amount to show. */
    tally->progress(tally->context, tally->done < tally->total ? tally->done : tally->total,
                    tally->total);
    pthread_mutex_unlock(&tally->lock);
    share->done = done;
    return MLEDGER_OK;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_unchanged(const struct stat *before, const struct stat *after, uint64_t read)
{
    return before->st_size == after->st_size && (uint64_t)after->st_size == read &&
           is_same_time(&before->st_mtim, &after->st_mtim) &&
           is_same_time(&before->st_ctim, &after->st_ctim);
}

/* `name` is for errors. */
static int hash_open_file(int fd, const char *name, struct tally *tally,
                          struct ml_manifest_file *file)
{
    struct stat before, after;
    struct share share = {.tally = tally, .name = name};
    if (fstat(fd, &before) < 0)
        return ml_fail_errno(errno, "cannot look at '%s'", name);
    if (!S_ISREG(before.st_mode))
        return ml_fail(MLEDGER_EINVALID, "'%s' is neither a file nor a directory", name);
    share.size = (uint64_t)before.st_size;
    ML_TRY(ml_hash_file(fd, name, ML_HASH_SHA256 | ML_HASH_MD5, advance, &share, &file->digests));
    if (fstat(fd, &after) < 0)
        return ml_fail_errno(errno, "cannot look at '%s'", name);
    if (!is_unchanged(&before, &after, file->digests.size))
        return fail_changed(name);
    file->executable = (before.st_mode & S_IXUSR) != 0;
    return MLEDGER_OK;
}

/* O_NONBLOCK: a pipe that took a file's place must not hang us. */
enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

struct hashing {
    struct ml_manifest_scan *scan;
    struct tally *tally;
};

static int hash_files(size_t begin, size_t end, void *context)
{
    const struct hashing *hashing = context;
    const struct ml_manifest_scan *scan = hashing->scan;
    for (size_t i = begin; i < end; i++) {
        struct ml_manifest_file *file = &scan->files[i];
        ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
        ML_TRY(ml_buf_printf(&name, "%s/%s", scan->root, file->path));
        ML_TRY(ml_buf_append_char(&name, '\0'));
        ML_CLEANUP(ml_closep) int fd = openat(scan->fd, file->path, OPEN_FLAGS);
        if (fd < 0)
            return ml_fail_errno(errno, "cannot open '%s'", (char *)name.data);
        ML_TRY(hash_open_file(fd, (char *)name.data, hashing->tally, file));
    }
    return MLEDGER_OK;
}

/* ---- text ---- */

static int append_path(const char *path, struct ml_buf *text)
{
    const bool is_text = ml_utf8_is_valid(ML_SPAN(path, strlen(path)));
    for (const uint8_t *at = (const uint8_t *)path; *at; at++)
        if (*at < 0x20 || *at == 0x7f || *at == '%' || (*at >= 0x80 && !is_text))
            ML_TRY(ml_buf_printf(text, "%%%02X", *at));
        else
            ML_TRY(ml_buf_append_char(text, (char)*at));
    return MLEDGER_OK;
}

static int append_line(const struct ml_manifest_file *file, struct ml_buf *text)
{
    ML_TRY(ml_buf_printf(text, "%s %" PRIu64 " ", file->executable ? "100755" : "100644",
                         file->digests.size));
    ML_TRY(ml_hex_append(text, file->digests.sha256, ML_HASH_SIZE));
    ML_TRY(ml_buf_append_char(text, ' '));
    ML_TRY(ml_hex_append(text, file->digests.md5, ML_MD5_SIZE));
    ML_TRY(ml_buf_append_char(text, ' '));
    ML_TRY(append_path(file->path, text));
    return ml_buf_append_char(text, '\n');
}

static int append_manifest(const struct ml_manifest_scan *scan, struct ml_manifest *manifest)
{
    ML_TRY(ml_buf_append_text(&manifest->text, first_line));
    for (size_t i = 0; i < scan->count; i++) {
        ML_TRY(append_line(&scan->files[i], &manifest->text));
        manifest->size += scan->files[i].digests.size;
        if (manifest->text.len > ML_MANIFEST_BYTES_MAX)
            return ml_fail(MLEDGER_EINVALID, "the manifest of '%s' takes more than %zu bytes",
                           scan->root, ML_MANIFEST_BYTES_MAX);
    }
    const struct ml_span part = ml_buf_span(&manifest->text);
    return ml_sha256(manifest->sha256, &part, 1);
}

/* ---- DVC's name for a directory ---- */

typedef char md5_text[ML_HEX_SIZE(ML_MD5_SIZE)];

static int hash_as_dvc(const struct ml_manifest_scan *scan, struct ml_manifest *manifest)
{
    char dir[ML_DVC_DIGEST_SIZE];
    ML_CLEANUP(ml_freep)
    struct ml_dvc_member *members = ml_calloc(scan->count, sizeof(*members));
    ML_CLEANUP(ml_freep) md5_text *texts = ml_calloc(scan->count, sizeof(*texts));
    if (!members || !texts)
        return ml_fail_memory();
    for (size_t i = 0; i < scan->count; i++) {
        ml_hex_encode(texts[i], scan->files[i].digests.md5, ML_MD5_SIZE);
        members[i] = (struct ml_dvc_member){.relpath = scan->files[i].path, .md5 = texts[i]};
    }
    ML_TRY(ml_dvc_digest_manifest(members, scan->count, dir));
    ML_TRY(ml_hex_decode(dir, (size_t)2 * ML_MD5_SIZE, manifest->md5, ML_MD5_SIZE));
    manifest->has_md5 = true;
    return MLEDGER_OK;
}

/* ---- both kinds ---- */

/* Files of less are hashed faster than handed to another thread. */
enum { FILES_AT_ONCE = 4 };

static int make_of_directory(const char *path, int fd, struct tally *tally,
                             struct ml_manifest *manifest)
{
    ML_CLEANUP(ml_manifest_scan_release)
    struct ml_manifest_scan scan = {.root = path, .fd = fd};
    struct hashing hashing = {.scan = &scan, .tally = tally};
    ML_TRY(ml_manifest_scan_run(&scan));
    tally->total = scan.bytes;
    ML_TRY(ml_parallel_for(scan.count, scan.count < 256 ? 1 : FILES_AT_ONCE, hash_files, &hashing));
    manifest->is_directory = true;
    manifest->files = scan.count;
    ML_TRY(append_manifest(&scan, manifest));
    return scan.not_dvc ? MLEDGER_OK : hash_as_dvc(&scan, manifest);
}

static int make_of_file(const char *path, int fd, struct tally *tally, struct ml_manifest *manifest)
{
    struct ml_manifest_file file = {.path = path};
    ML_TRY(hash_open_file(fd, path, tally, &file));
    manifest->size = file.digests.size;
    manifest->files = 1;
    manifest->has_md5 = true;
    memcpy(manifest->sha256, file.digests.sha256, ML_HASH_SIZE);
    memcpy(manifest->md5, file.digests.md5, ML_MD5_SIZE);
    return MLEDGER_OK;
}

int ml_manifest_make(const char *path, ml_manifest_progress progress, void *context,
                     struct ml_manifest *ret_manifest)
{
    ML_CLEANUP(ml_manifest_release) struct ml_manifest manifest = {0};
    struct tally tally = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .progress = progress, .context = context};
    struct stat status;
    ML_CLEANUP(ml_closep) int fd = open(path, OPEN_FLAGS);
    if (fd < 0 && errno == ENOENT)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no file or directory '%s'", path);
    if (fd < 0 || fstat(fd, &status) < 0)
        return ml_fail_errno(errno, "cannot open '%s'", path);
    tally.total = (uint64_t)status.st_size;
    ML_TRY(S_ISDIR(status.st_mode) ? make_of_directory(path, fd, &tally, &manifest)
                                   : make_of_file(path, fd, &tally, &manifest));
    *ret_manifest = manifest;
    manifest.text = (struct ml_buf){0};
    return MLEDGER_OK;
}
