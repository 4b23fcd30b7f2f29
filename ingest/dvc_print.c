/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/dvc_print.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ingest/git.h"

enum { DEPTH_MAX = 64 };

/* Of all files together, in whatever order the system lists them: sums of hashes. */
struct look {
    uint8_t sum[ML_HASH_SIZE];
};

static bool ends_in(const char *name, const char *end)
{
    const size_t len = strlen(name), end_len = strlen(end);
    return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

static bool counts(const char *name)
{
    static const char *const ends[] = {".dvc", ".yaml", ".yml", ".json", ".toml"};
    for (size_t i = 0; i < ML_COUNT(ends); i++)
        if (ends_in(name, ends[i]))
            return true;
    return strcmp(name, "dvc.lock") == 0 || strcmp(name, ".dvcignore") == 0;
}

static bool is_passed_over(const char *name)
{
    return name[0] == '.' || strcmp(name, "__pycache__") == 0 || strcmp(name, "mlruns") == 0;
}

static int add(struct look *look, const char *path, const struct stat *status)
{
    uint8_t hash[ML_HASH_SIZE];
    const int64_t numbers[] = {(int64_t)status->st_dev,  (int64_t)status->st_ino,
                               (int64_t)status->st_size, status->st_mtim.tv_sec,
                               status->st_mtim.tv_nsec,  status->st_ctim.tv_sec,
                               status->st_ctim.tv_nsec};
    const struct ml_span parts[] = {ML_SPAN(path, strlen(path) + 1),
                                    ML_SPAN(numbers, sizeof numbers)};
    ML_TRY(ml_sha256(hash, parts, ML_COUNT(parts)));
    unsigned carry = 0;
    for (size_t i = 0; i < ML_HASH_SIZE; i++) {
        carry += (unsigned)look->sum[i] + hash[i];
        look->sum[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return MLEDGER_OK;
}

static void dir_closep(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static int look_into(struct look *look, const char *path, int depth);

static int look_at(struct look *look, const char *parent, const char *name, int depth)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    struct stat status;
    if (asprintf(&path, "%s/%s", parent, name) < 0) {
        path = NULL;
        return ml_fail_memory();
    }
    if (lstat(path, &status) < 0)
        return MLEDGER_OK; /* gone again */
    if (S_ISDIR(status.st_mode))
        return is_passed_over(name) || depth == DEPTH_MAX ? MLEDGER_OK
                                                          : look_into(look, path, depth + 1);
    return counts(name) ? add(look, path, &status) : MLEDGER_OK;
}

static int look_into(struct look *look, const char *path, int depth)
{
    ML_CLEANUP(dir_closep) DIR *dir = opendir(path);
    if (!dir && depth == 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? ml_fail(MLEDGER_ENOTFOUND, "there is no folder '%s'", path)
                   : ml_fail_errno(errno, "cannot read '%s'", path);
    for (const struct dirent *entry; dir && (entry = readdir(dir)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ML_TRY(look_at(look, path, entry->d_name, depth));
    return MLEDGER_OK;
}

static int look_at_config(struct look *look, const char *dir)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    struct stat status;
    if (asprintf(&path, "%s/.dvc/config", dir) < 0) {
        path = NULL;
        return ml_fail_memory();
    }
    return stat(path, &status) == 0 ? add(look, path, &status) : MLEDGER_OK;
}

/* "" where there is no repository or no commit. */
static void read_commit(const char *dir, char id[ML_GIT_ID_SIZE])
{
    ML_CLEANUP(ml_git_freep) struct ml_git *git = NULL;
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_git_commit head = {0};
    if (ml_git_open(dir, &git) < 0 || ml_git_head(git, &pool, &head) < 0)
        ml_error_clear();
    memcpy(id, head.id, ML_GIT_ID_SIZE);
}

int ml_dvc_print(const char *dir, uint8_t ret_print[ML_HASH_SIZE])
{
    struct look look = {0};
    char commit[ML_GIT_ID_SIZE];
    ML_TRY(look_into(&look, dir, 0));
    ML_TRY(look_at_config(&look, dir));
    read_commit(dir, commit);
    const struct ml_span parts[] = {ML_SPAN(look.sum, ML_HASH_SIZE),
                                    ML_SPAN(commit, sizeof commit)};
    return ml_sha256(ret_print, parts, ML_COUNT(parts));
}
