/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/secret.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#include "ledger/core/ed25519.h"

struct mledger_secret {
    size_t len;
    uint8_t bytes[MLEDGER_KEY_PASSPHRASE_MAX];
};

int ml_secret_alloc(size_t size, void *ret_pointer)
{
    ML_TRY(ml_sodium_ready());
    void *memory = sodium_malloc(size);
    if (!memory)
        return ml_fail_memory();
    memset(memory, 0, size);
    *(void **)ret_pointer = memory;
    return MLEDGER_OK;
}

void ml_secret_release(void *memory)
{
    sodium_free(memory);
}

int mledger_secret_new(struct mledger_secret **ret_secret)
{
    return ml_secret_alloc(sizeof(struct mledger_secret), ret_secret);
}

void mledger_secret_free(struct mledger_secret *secret)
{
    ml_secret_release(secret);
}

static int check_len(size_t len)
{
    if (len == 0)
        return ml_fail(MLEDGER_EUSAGE, "the passphrase is empty");
    if (len > MLEDGER_KEY_PASSPHRASE_MAX)
        return ml_fail(MLEDGER_EUSAGE, "the passphrase is longer than %d bytes",
                       MLEDGER_KEY_PASSPHRASE_MAX);
    return MLEDGER_OK;
}

int mledger_secret_set(struct mledger_secret *secret, const void *bytes, size_t len)
{
    ML_TRY(check_len(len));
    sodium_memzero(secret->bytes, sizeof secret->bytes);
    memcpy(secret->bytes, bytes, len);
    secret->len = len;
    return MLEDGER_OK;
}

/* One byte at a time, so that what follows the line stays for whoever reads next.
 * 0: the end of the file or of the line. */
static int read_byte(int fd, uint8_t *ret_byte)
{
    ssize_t got;
    do
        got = read(fd, ret_byte, 1);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return ml_fail_errno(errno, "cannot read the passphrase");
    return got == 1 && *ret_byte != '\n';
}

static int read_line(struct mledger_secret *secret, int fd)
{
    uint8_t byte = 0;
    for (;;) {
        int more = read_byte(fd, &byte);
        ML_TRY(more);
        if (more == 0)
            return check_len(secret->len);
        ML_TRY(check_len(secret->len + 1));
        secret->bytes[secret->len++] = byte;
    }
}

int mledger_secret_read(struct mledger_secret *secret, int fd)
{
    sodium_memzero(secret, sizeof *secret);
    int result = read_line(secret, fd);
    if (result < 0)
        sodium_memzero(secret, sizeof *secret);
    return result;
}

bool mledger_secret_equal(const struct mledger_secret *a, const struct mledger_secret *b)
{
    return a->len == b->len && sodium_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

struct ml_span ml_secret_span(const struct mledger_secret *secret)
{
    return ML_SPAN(secret->bytes, secret->len);
}
