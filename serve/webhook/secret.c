/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/webhook/secret.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#include "ledger/core/ed25519.h"
#include "ledger/core/hex.h"
#include "ledger/store/durable.h"
#include "ledger/store/keyfile.h"
#include "ledger/store/known_file.h"

/* DIR/HEX, with its NUL. */
static int path_of(const char *dir, const uint8_t *id, struct ml_buf *path)
{
    char name[ML_HEX_SIZE(ML_WEBHOOK_SECRET_ID_SIZE)];
    ml_hex_encode(name, id, ML_WEBHOOK_SECRET_ID_SIZE);
    ML_TRY(ml_buf_printf(path, "%s/%s", dir, name));
    return ml_buf_append_char(path, '\0');
}

int ml_webhook_secret_put(const char *dir, const char *secret,
                          uint8_t ret_id[ML_WEBHOOK_SECRET_ID_SIZE])
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    uint8_t id[ML_WEBHOOK_SECRET_ID_SIZE];
    const size_t len = strlen(secret);
    if (len == 0 || len > ML_WEBHOOK_SECRET_MAX)
        return ml_fail(MLEDGER_EUSAGE, "the secret of a webhook has 1 to %d bytes",
                       ML_WEBHOOK_SECRET_MAX);
    ML_TRY(ml_sodium_ready());
    randombytes_buf(id, sizeof id);
    ML_TRY(ml_known_dir_make(dir));
    ML_TRY(path_of(dir, id, &path));
    ML_TRY(ml_durable_write((const char *)path.data, "secret of a webhook", ML_SPAN(secret, len),
                            false));
    memcpy(ret_id, id, sizeof id);
    return MLEDGER_OK;
}

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int read_all(int fd, const char *path, struct ml_webhook_secret *secret)
{
    for (;;) {
        const size_t room = sizeof secret->bytes - secret->len;
        uint8_t one_more;
        const ssize_t got =
            read(fd, room ? secret->bytes + secret->len : &one_more, room ? room : 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ml_fail_errno(errno, "cannot read the secret of a webhook, '%s'", path);
        if (got > 0 && room == 0)
            return ml_fail(MLEDGER_EINVALID, "'%s' is larger than the secret of a webhook", path);
        if (got == 0)
            return secret->len > 0 ? MLEDGER_OK
                                   : ml_fail(MLEDGER_EINVALID, "'%s' holds no secret", path);
        secret->len += (size_t)got;
    }
}

int ml_webhook_secret_get(const char *dir, const uint8_t id[ML_WEBHOOK_SECRET_ID_SIZE],
                          struct ml_webhook_secret **ret_secret)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_CLEANUP(ml_webhook_secret_freep) struct ml_webhook_secret *secret = NULL;
    ML_CLEANUP(close_fd) int fd = -1;
    ML_TRY(path_of(dir, id, &path));
    const char *name = (const char *)path.data;
    const int result = ml_keyfile_open(name, &fd);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "the secret of the webhook is not here: no file '%s'",
                       name);
    ML_TRY(result);
    ML_TRY(ml_secret_alloc(sizeof *secret, &secret));
    ML_TRY(read_all(fd, name, secret));
    *ret_secret = ML_TAKE(secret);
    return MLEDGER_OK;
}

void ml_webhook_secret_drop(const char *dir, const uint8_t id[ML_WEBHOOK_SECRET_ID_SIZE])
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    if (path_of(dir, id, &path) >= 0)
        unlink((const char *)path.data);
}
