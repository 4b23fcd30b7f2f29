/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/kv_place.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/store/filesystem.h"
#include "ledger/store/kv_check.h"

#define DATA_NAME "data.mdb"
#define DATA_MODE 0640
#define DIR_MODE 0750

static int cannot_open(const struct ml_kv_place *place)
{
    return ml_fail_errno(errno, "cannot open ledger '%s'", place->dir);
}

static int no_store(const struct ml_kv_place *place)
{
    return ml_fail(MLEDGER_ENOTFOUND, "there is no ledger in '%s'", place->dir);
}

static int open_dir(struct ml_kv_place *place, bool create)
{
    if (create) {
        place->made_dir = mkdir(place->dir, DIR_MODE) == 0;
        if (!place->made_dir && errno != EEXIST)
            return ml_fail_errno(errno, "cannot make ledger '%s'", place->dir);
    }
    place->dir_fd = open(place->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place->dir_fd < 0)
        return errno == ENOENT ? no_store(place) : cannot_open(place);
    place->path = realpath(place->dir, NULL);
    if (place->path == NULL)
        return cannot_open(place);
    ML_TRY(ml_filesystem_check(place->dir_fd, place->dir));
    while (create && flock(place->dir_fd, LOCK_EX) != 0)
        if (errno != EINTR)
            return cannot_open(place);
    return MLEDGER_OK;
}

static int open_data(struct ml_kv_place *place, bool create)
{
    /* O_NONBLOCK: a FIFO of that name must not hold us up */
    int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (create ? O_CREAT : 0);
    place->data_fd = openat(place->dir_fd, DATA_NAME, flags, DATA_MODE);
    if (place->data_fd < 0)
        return errno == ENOENT ? no_store(place) : cannot_open(place);
    struct stat info;
    if (fstat(place->data_fd, &info) != 0)
        return cannot_open(place);
    if (!S_ISREG(info.st_mode))
        return ml_fail(MLEDGER_EDAMAGED, "ledger '%s' is damaged: " DATA_NAME " is no regular file",
                       place->dir);
    place->owned = ml_kv_own(&place->owner, info.st_dev, info.st_ino);
    if (!place->owned)
        return ml_fail(MLEDGER_ESYSTEM,
                       "cannot open ledger '%s': it is open in this process already", place->dir);
    return MLEDGER_OK;
}

/* With the lock of those who create: nobody else has this file open. */
static bool cut_to_nothing(const struct ml_kv_place *place)
{
    ML_CLEANUP(ml_closep) int fd = openat(place->dir_fd, DATA_NAME, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && ftruncate(fd, 0) == 0;
}

int ml_kv_place_open(struct ml_kv_place *place, const char *dir, bool create)
{
    *place = (struct ml_kv_place){.dir_fd = -1, .data_fd = -1};
    place->dir = strdup(dir);
    if (place->dir == NULL)
        return ml_fail_memory();
    ML_TRY(open_dir(place, create));
    ML_TRY(open_data(place, create));
    struct ml_kv_file file;
    int result = ml_kv_check_file(place->data_fd, dir, &file);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    if (!create)
        return ml_fail(MLEDGER_EDAMAGED, "ledger '%s' is damaged: " DATA_NAME " is empty", dir);
    place->fresh = true;
    return cut_to_nothing(place) ? MLEDGER_OK : cannot_open(place);
}

int ml_kv_place_recheck(const struct ml_kv_place *place)
{
    ML_CLEANUP(ml_closep) int dir = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return cannot_open(place);
    ML_CLEANUP(ml_closep) int fd = openat(dir, DATA_NAME, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0)
        return cannot_open(place);
    if (info.st_dev != place->owner.device || info.st_ino != place->owner.inode)
        return ml_fail(MLEDGER_ESYSTEM,
                       "cannot open ledger '%s': " DATA_NAME " was replaced while it "
                       "was open",
                       place->dir);
    struct ml_kv_file file;
    int result = ml_kv_check_file(fd, place->dir, &file);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    return ml_fail(MLEDGER_EDAMAGED, "ledger '%s' is damaged: " DATA_NAME " is empty", place->dir);
}

int ml_kv_sync_dir(int fd)
{
    while (fsync(fd) != 0) {
        if (errno == EINVAL || errno == ENOTSUP)
            return 0; /* a file system whose names need no fsync */
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

static int sync_names(const struct ml_kv_place *place)
{
    int rc = ml_kv_sync_dir(place->dir_fd);
    if (rc != 0 || !place->made_dir)
        return rc;
    ML_CLEANUP(ml_closep)
    int parent = openat(place->dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return parent < 0 ? errno : ml_kv_sync_dir(parent);
}

static void close_fds(struct ml_kv_place *place)
{
    ml_closep(&place->data_fd);
    ml_closep(&place->dir_fd); /* and with it the lock of those who create */
    place->data_fd = -1;
    place->dir_fd = -1;
}

int ml_kv_place_settle(struct ml_kv_place *place)
{
    int rc = place->fresh ? sync_names(place) : 0;
    if (rc != 0)
        return ml_fail_errno(rc, "cannot make ledger '%s'", place->dir);
    close_fds(place);
    place->fresh = false;
    return MLEDGER_OK;
}

/* Nobody can have opened a file that has no two whole meta pages, and creators wait for our lock.
 */
static void cut_half_written(const struct ml_kv_place *place)
{
    struct ml_kv_file file;
    struct ml_error error; /* why creating failed, which is what the caller will say */
    ml_error_get(&error);
    /* where this fails too, opening the file will say that it is damaged */
    if (ml_kv_check_file(place->data_fd, place->dir, &file) == MLEDGER_EDAMAGED)
        (void)cut_to_nothing(place);
    ml_error_set(&error);
}

void ml_kv_place_release(struct ml_kv_place *place)
{
    if (place->fresh)
        cut_half_written(place);
    close_fds(place);
    if (place->owned)
        ml_kv_disown(&place->owner);
    place->owned = false;
    free(place->dir);
    free(place->path);
    place->dir = NULL;
    place->path = NULL;
}
