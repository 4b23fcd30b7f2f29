/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/users_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "ledger/store/durable.h"

static const char what[] = "list of users";

int ml_users_file_read(const char *path, const uint8_t ledger[ML_HASH_SIZE],
                       struct ml_users *ret_users)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ml_users_init(ret_users);
    ML_TRY(ml_private_read(path, what, ML_USERS_TEXT_MAX, &text));
    return ml_users_parse(path, ml_buf_span(&text), ledger, ret_users);
}

/* A file beside it, which is never replaced, so that all wait at the same one. */
static int lock(const char *path, int *ret_fd)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
    ML_TRY(ml_buf_printf(&name, "%s.lock", path));
    ML_TRY(ml_buf_append_char(&name, '\0'));
    ML_CLEANUP(ml_closep)
    int fd = open((const char *)name.data, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open '%s'", (const char *)name.data);
    while (flock(fd, LOCK_EX) != 0)
        if (errno != EINTR)
            return ml_fail_errno(errno, "cannot lock '%s'", (const char *)name.data);
    *ret_fd = fd;
    fd = -1;
    return MLEDGER_OK;
}

int ml_users_file_change(const char *path, const uint8_t ledger[ML_HASH_SIZE],
                         ml_users_change *change, void *context)
{
    ML_CLEANUP(ml_closep) int held = -1;
    ML_CLEANUP(ml_users_release) struct ml_users users;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ml_users_init(&users);
    ML_TRY(lock(path, &held));
    const int result = ml_users_file_read(path, ledger, &users);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    const int changed = change(&users, context);
    if (changed <= 0)
        return changed;
    ML_TRY(ml_users_write(&users, ledger, &text));
    return ml_durable_write(path, what, ml_buf_span(&text), true);
}
