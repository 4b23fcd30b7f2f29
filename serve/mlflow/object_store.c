/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/object_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/core/hex.h"

enum { NAME_BYTES = 16, PLACE_SIZE = 3 + ML_HEX_SIZE(ML_HASH_SIZE) };

/* ---- opening ---- */

static int open_dir(int at, const char *name, const char *path, int *ret_fd)
{
    if (mkdirat(at, name, 0777) < 0 && errno != EEXIST)
        return ml_fail_errno(errno, "cannot make the directory '%s' of artifacts", path);
    *ret_fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_fd < 0 ? ml_fail_errno(errno, "cannot open the directory '%s' of artifacts", path)
                       : MLEDGER_OK;
}

/* Whose lock is free has nobody who writes it: a crash left it. It is removed under the lock, so
 * that who has just made it and has no lock yet sees that it is gone. */
static void remove_if_left(const struct ml_object_store *store, const char *name)
{
    ML_CLEANUP(ml_closep)
    int fd = openat(store->incoming, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        unlinkat(store->incoming, name, 0);
}

/* What another server is receiving stays. */
static int remove_left_over(const struct ml_object_store *store)
{
    const int fd = dup(store->incoming);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        const int error_number = errno;
        if (fd >= 0)
            close(fd);
        return ml_fail_errno(error_number, "cannot read '%s/incoming'", store->path);
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        if (entry->d_name[0] != '.')
            remove_if_left(store, entry->d_name);
    closedir(dir);
    return MLEDGER_OK;
}

int ml_object_store_open_to_read(const char *path, struct ml_object_store *ret_store)
{
    *ret_store = (struct ml_object_store){.root = -1, .incoming = -1, .objects = -1};
    ret_store->path = strdup(path);
    return ret_store->path ? MLEDGER_OK : ml_fail_memory();
}

int ml_object_store_open(const char *path, struct ml_object_store *ret_store)
{
    *ret_store = (struct ml_object_store){.root = -1, .incoming = -1, .objects = -1};
    ret_store->path = strdup(path);
    if (!ret_store->path)
        return ml_fail_memory();
    ML_TRY(open_dir(AT_FDCWD, path, path, &ret_store->root));
    ML_TRY(open_dir(ret_store->root, "incoming", path, &ret_store->incoming));
    ML_TRY(open_dir(ret_store->root, "sha256", path, &ret_store->objects));
    return remove_left_over(ret_store);
}

void ml_object_store_release(struct ml_object_store *store)
{
    ml_closep(&store->objects);
    ml_closep(&store->incoming);
    ml_closep(&store->root);
    free(store->path);
    *store = (struct ml_object_store){.root = -1, .incoming = -1, .objects = -1};
}

/* ---- arriving ---- */

/* A new file that is ours: locked, and still under its name. 0: somebody who looked for what was
 * left came between, and took it away. */
static int make_file(const struct ml_object_store *store, char ret_name[ML_HEX_SIZE(NAME_BYTES)],
                     int *ret_fd)
{
    uint8_t bytes[NAME_BYTES];
    struct stat status;
    if (getentropy(bytes, sizeof bytes) < 0)
        return ml_fail_errno(errno, "cannot draw random numbers");
    ml_hex_encode(ret_name, bytes, sizeof bytes);
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    ML_CLEANUP(ml_closep) int fd = openat(store->incoming, ret_name, flags, 0444);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot make a file in '%s/incoming'", store->path);
    const bool is_locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (!is_locked && errno != EWOULDBLOCK)
        return ml_fail_errno(errno, "cannot lock a file in '%s/incoming'", store->path);
    if (fstat(fd, &status) < 0)
        return ml_fail_errno(errno, "cannot look at a file in '%s/incoming'", store->path);
    if (!is_locked || status.st_nlink == 0)
        return 0;
    *ret_fd = fd;
    fd = -1;
    return 1;
}

int ml_object_begin(struct ml_object_store *store, uint64_t max, struct ml_object *ret_object)
{
    char name[ML_HEX_SIZE(NAME_BYTES)];
    int made;
    *ret_object = (struct ml_object){.store = store, .fd = -1, .max = max};
    ML_TRY(ml_hasher_init(&ret_object->hasher, ML_HASH_SHA256 | ML_HASH_MD5));
    do {
        made = make_file(store, name, &ret_object->fd);
        ML_TRY(made);
    } while (!made);
    snprintf(ret_object->name, sizeof ret_object->name, "%s", name);
    return MLEDGER_OK;
}

int ml_object_take(struct ml_object *object, struct ml_span piece)
{
    if (piece.len > object->max - object->hasher.size)
        return ml_fail(MLEDGER_EINVALID, "it is over %ju bytes", (uintmax_t)object->max);
    ML_TRY(ml_hasher_update(&object->hasher, piece.data, piece.len));
    while (piece.len > 0) {
        const ssize_t written = write(object->fd, piece.data, piece.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return ml_fail_errno(errno, "cannot write an artifact in '%s'", object->store->path);
        piece.data += written;
        piece.len -= (size_t)written;
    }
    return MLEDGER_OK;
}

/* "ab/abcdef…" */
static void place_of(const uint8_t sha256[ML_HASH_SIZE], char ret_place[PLACE_SIZE])
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, sha256, ML_HASH_SIZE);
    snprintf(ret_place, PLACE_SIZE, "%.2s/%s", hex, hex);
}

/* The directory of the object, made if need be; *ret_name is its name there. */
static int open_place(const struct ml_object_store *store, char place[PLACE_SIZE], int *ret_fd,
                      const char **ret_name)
{
    place[2] = '\0';
    *ret_name = place + 3;
    return open_dir(store->objects, place, store->path, ret_fd);
}

int ml_object_hash(struct ml_object *object, struct ml_digests *ret_digests)
{
    if (!object->is_hashed)
        ML_TRY(ml_hasher_final(&object->hasher, &object->digests));
    object->is_hashed = true;
    *ret_digests = object->digests;
    return MLEDGER_OK;
}

int ml_object_finish(struct ml_object *object, struct ml_digests *ret_digests)
{
    const struct ml_object_store *store = object->store;
    char place[PLACE_SIZE];
    ML_CLEANUP(ml_closep) int dir = -1;
    const char *name;
    ML_TRY(ml_object_hash(object, ret_digests));
    if (fsync(object->fd) < 0)
        return ml_fail_errno(errno, "cannot sync an artifact in '%s'", store->path);
    place_of(ret_digests->sha256, place);
    ML_TRY(open_place(store, place, &dir, &name));
    if (renameat(store->incoming, object->name, dir, name) < 0)
        return ml_fail_errno(errno, "cannot put an artifact in its place in '%s'", store->path);
    object->name[0] = '\0';
    if (fsync(dir) < 0 || fsync(store->objects) < 0)
        return ml_fail_errno(errno, "cannot sync a directory in '%s'", store->path);
    return MLEDGER_OK;
}

void ml_object_release(struct ml_object *object)
{
    ml_hasher_release(&object->hasher);
    ml_closep(&object->fd);
    if (object->name[0])
        unlinkat(object->store->incoming, object->name, 0);
    object->name[0] = '\0';
}

/* ---- reading ---- */

static int open_object(const struct ml_object_store *store, const char *place, int *ret_fd)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    if (store->objects < 0)
        ML_TRY(ml_buf_printf(&path, "%s/sha256/%s%c", store->path, place, '\0'));
    const int at = path.data ? AT_FDCWD : store->objects;
    *ret_fd =
        openat(at, path.data ? (const char *)path.data : place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return MLEDGER_OK;
}

int ml_object_open(const struct ml_object_store *store, const uint8_t sha256[ML_HASH_SIZE],
                   int *ret_fd, uint64_t *ret_size)
{
    char place[PLACE_SIZE];
    struct stat status;
    place_of(sha256, place);
    ML_CLEANUP(ml_closep) int fd = -1;
    ML_TRY(open_object(store, place, &fd));
    if (fd < 0 && errno == ENOENT)
        return MLEDGER_ENOTFOUND;
    if (fd < 0 || fstat(fd, &status) < 0)
        return ml_fail_errno(errno, "cannot read artifact '%s' in '%s'", place, store->path);
    *ret_size = (uint64_t)status.st_size;
    *ret_fd = fd;
    fd = -1;
    return MLEDGER_OK;
}
