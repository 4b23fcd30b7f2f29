/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/kv_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat() */
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/store/filesystem.h"
#include "ledger/store/kv.h"
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

/* 0 or an errno value. Waiting ends when the other is done, or dead. */
static int lock_data(int fd, short type, bool wait)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    while (fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock) != 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

/* Closing alone would not do: a child made by fork() may still have a copy of the descriptor. */
static void close_data(struct ml_kv_place *place)
{
    if (place->data_fd >= 0)
        (void)lock_data(place->data_fd, F_UNLCK, false);
    ml_closep(&place->data_fd);
    place->data_fd = -1;
}

static int claim_data(struct ml_kv_place *place)
{
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
    int rc = lock_data(place->data_fd, F_RDLCK, true);
    return rc == 0 ? MLEDGER_OK : ml_fail_errno(rc, "cannot open ledger '%s'", place->dir);
}

/* Is the file that was locked the one that has the name? */
static bool is_current(const struct ml_kv_place *place)
{
    struct stat info;
    return fstatat(place->dir_fd, DATA_NAME, &info, 0) == 0 && info.st_dev == place->owner.device &&
           info.st_ino == place->owner.inode;
}

static int open_data_once(struct ml_kv_place *place, enum ml_kv_place_mode mode)
{
    /* O_NONBLOCK: a FIFO of that name must not hold us up */
    int flags = O_CLOEXEC | O_NONBLOCK | (mode == ML_KV_PLACE_READ ? O_RDONLY : O_RDWR) |
                (mode == ML_KV_PLACE_CREATE ? O_CREAT : 0);
    place->data_fd = openat(place->dir_fd, DATA_NAME, flags, DATA_MODE);
    if (place->data_fd < 0 && errno == EISDIR)
        place->data_fd = openat(place->dir_fd, DATA_NAME, O_RDONLY | O_CLOEXEC);
    if (place->data_fd < 0)
        return errno == ENOENT ? no_store(place) : cannot_open(place);
    return claim_data(place);
}

static int open_data(struct ml_kv_place *place, enum ml_kv_place_mode mode)
{
    for (;;) {
        ML_TRY(open_data_once(place, mode));
        if (is_current(place))
            return MLEDGER_OK;
        ml_kv_disown(&place->owner);
        place->owned = false;
        close_data(place);
    }
}

/* With the lock of those who create: nobody else has this file open. */
static bool cut_to_nothing(const struct ml_kv_place *place)
{
    ML_CLEANUP(ml_closep) int fd = openat(place->dir_fd, DATA_NAME, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && ftruncate(fd, 0) == 0;
}

int ml_kv_place_open(struct ml_kv_place *place, const char *dir, enum ml_kv_place_mode mode)
{
    bool create = mode == ML_KV_PLACE_CREATE;
    *place = (struct ml_kv_place){.dir_fd = -1, .data_fd = -1};
    place->dir = strdup(dir);
    if (place->dir == NULL)
        return ml_fail_memory();
    ML_TRY(open_dir(place, create));
    ML_TRY(open_data(place, mode));
    struct ml_kv_file file;
    int result = ml_kv_check_file(place->data_fd, dir, &file);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    if (!create)
        return ml_fail(MLEDGER_EDAMAGED, "ledger '%s' is damaged: " DATA_NAME " is empty", dir);
    place->fresh = true;
    return cut_to_nothing(place) ? MLEDGER_OK : cannot_open(place);
}

int ml_kv_is_unborn(const char *dir)
{
    ML_CLEANUP(ml_kv_place_release) struct ml_kv_place place = {.dir_fd = -1, .data_fd = -1};
    struct ml_kv_file file;
    place.dir = strdup(dir);
    if (place.dir == NULL)
        return ml_fail_memory();
    ML_TRY(open_dir(&place, false));
    ML_TRY(open_data(&place, false));
    int result = ml_kv_check_file(place.data_fd, dir, &file);
    return result < 0 && result != MLEDGER_ENOTFOUND ? result : result < 0 || file.txn == 0;
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

static void close_dir(struct ml_kv_place *place)
{
    ml_closep(&place->dir_fd); /* and with it the lock of those who create */
    place->dir_fd = -1;
}

int ml_kv_place_settle(struct ml_kv_place *place)
{
    int rc = place->fresh ? sync_names(place) : 0;
    if (rc != 0)
        return ml_fail_errno(rc, "cannot make ledger '%s'", place->dir);
    close_dir(place);
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
    close_dir(place);
    close_data(place);
    if (place->owned)
        ml_kv_disown(&place->owner);
    place->owned = false;
    free(place->dir);
    free(place->path);
    place->dir = NULL;
    place->path = NULL;
}

int ml_kv_place_lock_alone(const struct ml_kv_place *place)
{
    int rc = lock_data(place->data_fd, F_WRLCK, false);
    if (rc == 0)
        return MLEDGER_OK;
    if (rc != EAGAIN && rc != EACCES)
        return ml_fail_errno(rc, "cannot lock ledger '%s'", place->dir);
    return ml_kv_place_not_alone(place);
}

int ml_kv_place_not_alone(const struct ml_kv_place *place)
{
    ml_fail(MLEDGER_ESYSTEM, "cannot rewrite ledger '%s': another program has it open", place->dir);
    return ml_hint("end every program that has the ledger open, then try again");
}

void ml_kv_place_unlock_alone(const struct ml_kv_place *place)
{
    (void)lock_data(place->data_fd, F_RDLCK, false); /* to a weaker one: there is nothing to wait
                                                        for, and the stronger ends with the file */
}

/* As the old file, so that those who could read it can read the new one, and nobody else. */
static int take_over_mode(int from, int to)
{
    struct stat old, new;
    if (fstat(from, &old) != 0 || fstat(to, &new) != 0)
        return errno;
    if ((old.st_uid != new.st_uid || old.st_gid != new.st_gid) &&
        fchown(to, old.st_uid, old.st_gid) != 0)
        return errno;
    return fchmod(to, old.st_mode & 07777) == 0 && fsync(to) == 0 ? 0 : errno;
}

/* The new file is locked before it has the name, so that no opener comes in between. */
static int open_new(const struct ml_kv_place *place, int dir, const char *path, int *ret_fd)
{
    ML_CLEANUP(ml_closep) int fd = openat(dir, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno;
    int rc = take_over_mode(place->data_fd, fd);
    if (rc == 0)
        rc = lock_data(fd, F_WRLCK, false);
    if (rc != 0)
        return rc;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static int adopt(struct ml_kv_place *place, int fd)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return errno;
    close_data(place);
    place->data_fd = fd;
    ml_kv_own_other(&place->owner, info.st_dev, info.st_ino);
    return 0;
}

int ml_kv_place_replace(struct ml_kv_place *place, int dir, const char *from_dir)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_TRY(ml_buf_printf(&path, "%s/" DATA_NAME, from_dir));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    int fd = -1;
    int rc = open_new(place, dir, (char *)path.data, &fd);
    if (rc == 0 && renameat(dir, (char *)path.data, dir, DATA_NAME) != 0) {
        rc = errno;
        ml_closep(&fd);
    } else if (rc == 0) {
        rc = adopt(place, fd);
        if (rc == 0)
            rc = ml_kv_sync_dir(dir);
    }
    return rc == 0 ? MLEDGER_OK
                   : ml_fail_errno(rc, "cannot replace the file of ledger '%s'", place->dir);
}
