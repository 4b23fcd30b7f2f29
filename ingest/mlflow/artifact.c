/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/artifact.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/mlflow/files.h"
#include "ingest/mlflow/meta.h"
#include "ledger/core/hash.h"

struct artifacts {
    struct ml_mlflow_reader *reader;
    struct ml_pool *pool;
    const char *folder; /* OWNER/artifacts, relative to the store */
    char *owner_real;   /* the owner's folder without any link, absolute */
    struct ml_mlflow_artifact *items;
    size_t count;
    struct ml_mlflow_mlmodel *mlmodels;
    size_t mlmodel_count;
};

static void artifacts_release(struct artifacts *artifacts)
{
    free(artifacts->owner_real);
}

static int hash_some(int fd, struct ml_hasher *hasher, const char *full, bool *ret_end)
{
    uint8_t bytes[64 << 10];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0 && errno != EINTR)
        return ml_mlflow_fail_errno(errno, "read", full);
    *ret_end = n == 0;
    if (n <= 0)
        return MLEDGER_OK;
    if (hasher->size + (uint64_t)n > ML_MLFLOW_ARTIFACT_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: larger than the %llu bytes it may have", full,
                       (unsigned long long)ML_MLFLOW_ARTIFACT_MAX);
    return ml_hasher_update(hasher, bytes, (size_t)n);
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* A digest of content that never was, half old and half new, must not be recorded. */
static int hash_steady(int fd, const char *full, struct ml_digests *ret_digests)
{
    struct stat before, after;
    bool end = false;
    ML_CLEANUP(ml_hasher_release) struct ml_hasher hasher = {0};
    ML_TRY(ml_hasher_init(&hasher, ML_HASH_SHA256 | ML_HASH_MD5));
    if (fstat(fd, &before))
        return ml_mlflow_fail_errno(errno, "read", full);
    while (!end)
        ML_TRY(hash_some(fd, &hasher, full, &end));
    if (fstat(fd, &after))
        return ml_mlflow_fail_errno(errno, "read", full);
    struct ml_digests digests;
    ML_TRY(ml_hasher_final(&hasher, &digests));
    if (digests.size != (uint64_t)after.st_size || before.st_size != after.st_size ||
        !same_time(before.st_mtim, after.st_mtim) || !same_time(before.st_ctim, after.st_ctim))
        return ml_fail(MLEDGER_EINVALID, "%s: changed while it was read", full);
    *ret_digests = digests;
    return MLEDGER_OK;
}

static int read_content(const struct artifacts *artifacts, const char *full,
                        struct ml_mlflow_artifact *artifact)
{
    ML_CLEANUP(ml_closep) int fd = -1;
    struct ml_digests digests = {0};
    ML_TRY(ml_mlflow_open(full, &fd, &artifact->size));
    if (artifacts->reader->options.skip_hashing)
        return MLEDGER_OK;
    ML_TRY(hash_steady(fd, full, &digests));
    artifact->size = digests.size;
    memcpy(artifact->sha256, digests.sha256, sizeof artifact->sha256);
    memcpy(artifact->md5, digests.md5, sizeof artifact->md5);
    return MLEDGER_OK;
}

static bool is_inside(const char *path, const char *folder)
{
    const size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/';
}

/* Where the link leads, if that is a file inside the owner's folder. */
static int follow_link(struct artifacts *artifacts, const char *full, const char **ret_full)
{
    char *target ML_CLEANUP(ml_freep) = realpath(full, NULL);
    struct stat status;
    if (!target || stat(target, &status))
        return ml_mlflow_fail_errno(errno, "follow the symbolic link", full);
    if (!is_inside(target, artifacts->owner_real))
        return ml_fail(MLEDGER_EINVALID, "%s: symbolic link leads out of the run's folder", full);
    if (!S_ISREG(status.st_mode))
        return ml_fail(MLEDGER_EINVALID, "%s: symbolic link leads to no regular file", full);
    *ret_full = ml_pool_text(artifacts->pool, target, strlen(target));
    return *ret_full ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static int read_artifact(struct artifacts *artifacts, const char *path,
                         const struct ml_mlflow_entry *entry)
{
    const char *full;
    struct ml_mlflow_artifact artifact = {
        .path = entry->name,
        .linked = entry->kind == ML_MLFLOW_LINK,
    };
    ML_TRY(ml_mlflow_full_path(artifacts->reader, artifacts->pool, path, &full));
    if (artifact.linked)
        ML_TRY(follow_link(artifacts, full, &full));
    ML_TRY(read_content(artifacts, full, &artifact));
    artifacts->items[artifacts->count++] = artifact;
    return MLEDGER_OK;
}

static bool is_mlmodel(const struct ml_mlflow_entry *entry)
{
    const char *slash = strrchr(entry->name, '/');
    return entry->kind == ML_MLFLOW_FILE && strcmp(slash ? slash + 1 : entry->name, "MLmodel") == 0;
}

static int read_mlmodel(struct artifacts *artifacts, const char *path, const char *name)
{
    struct ml_mlflow_mlmodel mlmodel = {.path = name};
    const char *full;
    char *text;
    size_t len;
    ML_TRY(ml_mlflow_full_path(artifacts->reader, artifacts->pool, path, &full));
    ML_TRY(
        ml_mlflow_text(artifacts->reader, artifacts->pool, path, ML_MLFLOW_META_MAX, &text, &len));
    ML_TRY(ml_mlflow_meta_mlmodel(artifacts->pool, ML_SPAN(text, len), full, &mlmodel));
    artifacts->mlmodels[artifacts->mlmodel_count++] = mlmodel;
    return MLEDGER_OK;
}

static int read_entry(struct artifacts *artifacts, const struct ml_mlflow_entry *entry)
{
    const char *path;
    ML_TRY(ml_mlflow_join(artifacts->pool, artifacts->folder, entry->name, &path));
    int code = read_artifact(artifacts, path, entry);
    if (code < 0)
        return ml_mlflow_leave_out(artifacts->reader, path, code);
    if (!is_mlmodel(entry))
        return MLEDGER_OK;
    code = read_mlmodel(artifacts, path, entry->name);
    return code < 0 ? ml_mlflow_leave_out(artifacts->reader, path, code) : MLEDGER_OK;
}

static int find_owner(struct artifacts *artifacts, const char *owner)
{
    const char *full;
    ML_TRY(ml_mlflow_full_path(artifacts->reader, artifacts->pool, owner, &full));
    artifacts->owner_real = realpath(full, NULL);
    return artifacts->owner_real ? MLEDGER_OK : ml_mlflow_fail_errno(errno, "read", full);
}

int ml_mlflow_artifacts_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                             const char *owner, struct ml_mlflow_artifacts *ret_artifacts)
{
    ML_CLEANUP(artifacts_release) struct artifacts all = {.reader = reader, .pool = pool};
    struct ml_mlflow_entries files;
    size_t mlmodels = 0;
    ML_TRY(ml_mlflow_join(pool, owner, "artifacts", &all.folder));
    ML_TRY(find_owner(&all, owner));
    ML_TRY(ml_mlflow_walk(reader, pool, all.folder, &files));
    for (size_t i = 0; i < files.count; i++)
        mlmodels += is_mlmodel(&files.items[i]);
    ML_TRY(ml_mlflow_room(pool, files.count * sizeof *all.items + mlmodels * sizeof *all.mlmodels,
                          all.folder));
    all.items = ml_pool_alloc(pool, files.count, sizeof *all.items);
    all.mlmodels = ml_pool_alloc(pool, mlmodels, sizeof *all.mlmodels);
    if (!all.items || !all.mlmodels)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < files.count; i++)
        ML_TRY(read_entry(&all, &files.items[i]));
    *ret_artifacts =
        (struct ml_mlflow_artifacts){all.items, all.count, all.mlmodels, all.mlmodel_count};
    return MLEDGER_OK;
}
