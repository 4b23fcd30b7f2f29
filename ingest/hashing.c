/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/hashing.h"

#include <errno.h>

static int fail_changed(const char *name)
{
    return ml_fail(MLEDGER_ESYSTEM, "'%s' changed while it was read", name);
}

int ml_hashing_begin(struct ml_hashing *hashing, int fd, const char *name,
                     struct ml_hashing_share *ret_share)
{
    struct ml_hashing_share share = {.hashing = hashing, .fd = fd, .name = name};
    if (fstat(fd, &share.before) < 0)
        return ml_fail_errno(errno, "cannot look at '%s'", name);
    if (!S_ISREG(share.before.st_mode))
        return ml_fail(MLEDGER_EINVALID, "'%s' is neither a file nor a directory", name);
    *ret_share = share;
    return MLEDGER_OK;
}

int ml_hashing_advance(void *context, uint64_t done)
{
    struct ml_hashing_share *share = context;
    struct ml_hashing *hashing = share->hashing;
    if (done > (uint64_t)share->before.st_size)
        return fail_changed(share->name);
    if (!hashing->progress)
        return MLEDGER_OK;
    pthread_mutex_lock(&hashing->lock);
    hashing->done += done - share->done;
    /* A file may have grown between listing and reading; more than all is no amount to show. */
    hashing->progress(hashing->context,
                      hashing->done < hashing->total ? hashing->done : hashing->total,
                      hashing->total);
    pthread_mutex_unlock(&hashing->lock);
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

int ml_hashing_end(const struct ml_hashing_share *share, uint64_t read)
{
    struct stat after;
    if (fstat(share->fd, &after) < 0)
        return ml_fail_errno(errno, "cannot look at '%s'", share->name);
    return is_unchanged(&share->before, &after, read) ? MLEDGER_OK : fail_changed(share->name);
}

int ml_hashing_file(struct ml_hashing *hashing, int fd, const char *name, unsigned algorithms,
                    struct ml_digests *ret_digests, bool *ret_executable)
{
    struct ml_hashing_share share;
    struct ml_digests digests;
    ML_TRY(ml_hashing_begin(hashing, fd, name, &share));
    ML_TRY(ml_hash_file(fd, name, algorithms, ml_hashing_advance, &share, &digests));
    ML_TRY(ml_hashing_end(&share, digests.size));
    *ret_digests = digests;
    *ret_executable = (share.before.st_mode & S_IXUSR) != 0;
    return MLEDGER_OK;
}
