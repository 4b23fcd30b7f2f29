/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
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

struct job {
    struct ml_manifest_scan *scan;
    struct ml_hashing *hashing;
};

static int hash_file(struct ml_hashing *hashing, int fd, const char *name,
                     struct ml_manifest_file *file)
{
    return ml_hashing_file(hashing, fd, name, ML_HASH_SHA256 | ML_HASH_MD5, &file->digests,
                           &file->executable);
}

static int hash_files(size_t begin, size_t end, void *context)
{
    const struct job *job = context;
    const struct ml_manifest_scan *scan = job->scan;
    for (size_t i = begin; i < end; i++) {
        struct ml_manifest_file *file = &scan->files[i];
        ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
        ML_TRY(ml_buf_printf(&name, "%s/%s", scan->root, file->path));
        ML_TRY(ml_buf_append_char(&name, '\0'));
        ML_CLEANUP(ml_closep) int fd = openat(scan->fd, file->path, ML_HASHING_OPEN);
        if (fd < 0)
            return ml_fail_errno(errno, "cannot open '%s'", (char *)name.data);
        ML_TRY(hash_file(job->hashing, fd, (char *)name.data, file));
    }
    return MLEDGER_OK;
}

/* ---- text ---- */

int ml_manifest_append_path(struct ml_buf *text, const char *path)
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
    ML_TRY(ml_manifest_append_path(text, file->path));
    return ml_buf_append_char(text, '\n');
}

static int append_manifest(const struct ml_manifest_scan *scan, struct ml_manifest *manifest)
{
    manifest->is_directory = true;
    manifest->files = scan->count;
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

int ml_manifest_sum(const struct ml_manifest_scan *scan, struct ml_manifest *ret_manifest)
{
    ML_CLEANUP(ml_manifest_release) struct ml_manifest manifest = {0};
    ML_TRY(append_manifest(scan, &manifest));
    if (!scan->not_dvc)
        ML_TRY(hash_as_dvc(scan, &manifest));
    *ret_manifest = manifest;
    manifest.text = (struct ml_buf){0};
    return MLEDGER_OK;
}

static int make_of_directory(const char *path, int fd, struct ml_hashing *hashing,
                             struct ml_manifest *ret_manifest)
{
    ML_CLEANUP(ml_manifest_scan_release)
    struct ml_manifest_scan scan = {.root = path, .fd = fd};
    struct job job = {.scan = &scan, .hashing = hashing};
    ML_TRY(ml_manifest_scan_run(&scan));
    hashing->total = scan.bytes;
    ML_TRY(ml_parallel_for(scan.count, scan.count < 256 ? 1 : FILES_AT_ONCE, hash_files, &job));
    return ml_manifest_sum(&scan, ret_manifest);
}

static int make_of_file(const char *path, int fd, struct ml_hashing *hashing,
                        struct ml_manifest *ret_manifest)
{
    struct ml_manifest_file file = {.path = path};
    ML_TRY(hash_file(hashing, fd, path, &file));
    struct ml_manifest manifest = {.size = file.digests.size, .files = 1, .has_md5 = true};
    memcpy(manifest.sha256, file.digests.sha256, ML_HASH_SIZE);
    memcpy(manifest.md5, file.digests.md5, ML_MD5_SIZE);
    *ret_manifest = manifest;
    return MLEDGER_OK;
}

int ml_manifest_make(const char *path, ml_hashing_progress progress, void *context,
                     struct ml_manifest *ret_manifest)
{
    struct ml_hashing hashing = ML_HASHING(progress, context);
    struct stat status;
    ML_CLEANUP(ml_closep) int fd = open(path, ML_HASHING_OPEN);
    if (fd < 0 && errno == ENOENT)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no file or directory '%s'", path);
    if (fd < 0 || fstat(fd, &status) < 0)
        return ml_fail_errno(errno, "cannot open '%s'", path);
    hashing.total = (uint64_t)status.st_size;
    return S_ISDIR(status.st_mode) ? make_of_directory(path, fd, &hashing, ret_manifest)
                                   : make_of_file(path, fd, &hashing, ret_manifest);
}
