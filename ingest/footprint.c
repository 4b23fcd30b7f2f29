/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/footprint.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/manifest_scan.h"

enum { TICK_NS = 2000000, TICKS_MAX = 20 };

static bool is_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/* What is hashed of a file; no hole in it may hold anything but zeros. */
struct print {
    uint64_t device, inode, size;
    int64_t mtime_s, mtime_ns, ctime_s, ctime_ns;
};

static int add(struct ml_footprint *footprint, struct ml_hasher *hasher, const char *path,
               const struct stat *status)
{
    const struct print print = {
        .device = (uint64_t)status->st_dev,
        .inode = (uint64_t)status->st_ino,
        .size = (uint64_t)status->st_size,
        .mtime_s = status->st_mtim.tv_sec,
        .mtime_ns = status->st_mtim.tv_nsec,
        .ctime_s = status->st_ctim.tv_sec,
        .ctime_ns = status->st_ctim.tv_nsec,
    };
    if (is_before(&footprint->newest, &status->st_mtim))
        footprint->newest = status->st_mtim;
    if (is_before(&footprint->newest, &status->st_ctim))
        footprint->newest = status->st_ctim;
    ML_TRY(ml_hasher_update(hasher, path, strlen(path) + 1));
    return ml_hasher_update(hasher, &print, sizeof print);
}

static int add_directory(struct ml_footprint *footprint, struct ml_hasher *hasher, const char *path,
                         int fd)
{
    ML_CLEANUP(ml_manifest_scan_release)
    struct ml_manifest_scan scan = {.root = path, .fd = fd};
    ML_TRY(ml_manifest_scan_run(&scan));
    for (size_t i = 0; i < scan.count; i++) {
        struct stat status;
        if (fstatat(fd, scan.files[i].path, &status, 0) < 0)
            return MLEDGER_ESYSTEM;
        ML_TRY(add(footprint, hasher, scan.files[i].path, &status));
    }
    return MLEDGER_OK;
}

static int take(const char *path, struct ml_hasher *hasher, struct ml_footprint *footprint)
{
    struct stat status;
    struct ml_digests digests;
    ML_CLEANUP(ml_closep) int fd = open(path, O_PATH | O_CLOEXEC);
    footprint->is_there = fd >= 0;
    if (fd < 0)
        return MLEDGER_OK;
    ML_TRY(ml_hasher_init(hasher, ML_HASH_SHA256));
    if (fstat(fd, &status) < 0)
        return MLEDGER_ESYSTEM;
    ML_TRY(S_ISDIR(status.st_mode) ? add_directory(footprint, hasher, path, fd)
                                   : add(footprint, hasher, "", &status));
    ML_TRY(ml_hasher_final(hasher, &digests));
    memcpy(footprint->sha256, digests.sha256, ML_HASH_SIZE);
    footprint->is_known = true;
    return MLEDGER_OK;
}

struct ml_footprint ml_footprint_take(const char *path)
{
    ML_CLEANUP(ml_hasher_release) struct ml_hasher hasher = {0};
    struct ml_footprint footprint = {0};
    struct ml_error error;
    ml_error_get(&error);
    if (take(path, &hasher, &footprint) < 0)
        ml_error_put(&error);
    return footprint;
}

bool ml_footprint_is_same(const struct ml_footprint *a, const struct ml_footprint *b)
{
    if (!a->is_there && !b->is_there)
        return true;
    return a->is_known && b->is_known && memcmp(a->sha256, b->sha256, ML_HASH_SIZE) == 0;
}

void ml_footprint_settle(const struct ml_footprint *footprint)
{
    const struct timespec tick = {.tv_nsec = TICK_NS};
    struct timespec now;
    for (int i = 0; i < TICKS_MAX; i++) {
        /* The clock that file systems take their times from. */
        if (clock_gettime(CLOCK_REALTIME_COARSE, &now) < 0 || is_before(&footprint->newest, &now))
            return;
        nanosleep(&tick, NULL);
    }
}
