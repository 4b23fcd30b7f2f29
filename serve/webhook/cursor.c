/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/webhook/cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/core/hash.h"
#include "ledger/core/hex.h"
#include "ledger/store/durable.h"

enum { NAME_BYTES = 16, TEXT_MAX = 32 };
static const char what[] = "cursor of a webhook";

int ml_cursor_dir(const char *ledger_dir, char **ret_dir)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_TRY(ml_buf_printf(&path, "%s/webhooks", ledger_dir));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    if (mkdir((const char *)path.data, 0700) < 0 && errno != EEXIST)
        return ml_fail_errno(errno, "cannot make directory '%s'", (const char *)path.data);
    path.len--;
    return ml_buf_take_text(&path, ret_dir);
}

int ml_cursor_lock(const char *dir, int *ret_fd)
{
    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open directory '%s'", dir);
    int result;
    do
        result = flock(fd, LOCK_EX | LOCK_NB);
    while (result < 0 && errno == EINTR);
    const int error_number = errno;
    if (result == 0) {
        *ret_fd = fd;
        return 1;
    }
    close(fd);
    if (error_number == EWOULDBLOCK)
        return 0;
    return ml_fail_errno(error_number, "cannot lock directory '%s'", dir);
}

/* An id may be any text, so a hash of it is the name. With its NUL. */
static int path_of(const char *dir, const char *id, struct ml_buf *path)
{
    uint8_t hash[ML_HASH_SIZE];
    char name[ML_HEX_SIZE(NAME_BYTES)];
    const struct ml_span part = ML_SPAN(id, strlen(id));
    ML_TRY(ml_sha256(hash, &part, 1));
    ml_hex_encode(name, hash, NAME_BYTES);
    ML_TRY(ml_buf_printf(path, "%s/%s", dir, name));
    return ml_buf_append_char(path, '\0');
}

/* "SEQ\n", as ml_cursor_write() writes it and in no other way. */
static bool parse(const char *text, uint64_t *ret_seq)
{
    char again[TEXT_MAX];
    const uint64_t seq = strtoull(text, NULL, 10);
    snprintf(again, sizeof again, "%" PRIu64 "\n", seq);
    *ret_seq = seq;
    return strcmp(text, again) == 0;
}

int ml_cursor_read(const char *dir, const char *id, uint64_t *ret_seq)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0}, text = {0};
    uint64_t seq;
    ML_TRY(path_of(dir, id, &path));
    ML_TRY(ml_durable_read((const char *)path.data, what, TEXT_MAX, &text));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    if (!parse((const char *)text.data, &seq))
        return ml_fail(MLEDGER_EINVALID, "'%s' is no cursor of a webhook", (const char *)path.data);
    *ret_seq = seq;
    return MLEDGER_OK;
}

int ml_cursor_write(const char *dir, const char *id, uint64_t seq)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    char text[TEXT_MAX];
    ML_TRY(path_of(dir, id, &path));
    const int len = snprintf(text, sizeof text, "%" PRIu64 "\n", seq);
    return ml_durable_write((const char *)path.data, what, ML_SPAN(text, (size_t)len), true);
}

void ml_cursor_drop(const char *dir, const char *id)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    if (path_of(dir, id, &path) >= 0)
        unlink((const char *)path.data);
}
