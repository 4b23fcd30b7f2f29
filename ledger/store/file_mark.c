/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/file_mark.h"

struct ml_file_mark ml_file_mark(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return (struct ml_file_mark){0};
    return (struct ml_file_mark){.device = status.st_dev,
                                 .inode = status.st_ino,
                                 .size = status.st_size,
                                 .changed = status.st_ctim,
                                 .modified = status.st_mtim};
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool ml_file_mark_equal(const struct ml_file_mark *a, const struct ml_file_mark *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           same_time(a->changed, b->changed) && same_time(a->modified, b->modified);
}
