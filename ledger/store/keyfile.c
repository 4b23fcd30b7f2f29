/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include "ledger/store/durable.h"
#include "ledger/store/keyseal.h"
#include "ledger/store/secret.h"

static_assert(ML_KEYFILE_PASSES == crypto_pwhash_argon2id_OPSLIMIT_MODERATE, "as documented");
static_assert((size_t)ML_KEYFILE_MEMORY_KIB * 1024 == crypto_pwhash_argon2id_MEMLIMIT_MODERATE,
              "as documented");

/* Everything that is read or written passes through this; all of it in secret memory. */
struct room {
    char bytes[ML_KEYTEXT_MAX + 1]; /* the file; one more shows that it is too long */
    size_t len;
    struct ml_keytext text; /* what it says */
};

int ml_keyfile_open(const char *path, int *ret_fd)
{
    /* A FIFO or a terminal must not hold us up before we see that it is one. */
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ENOENT)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no key file '%s'", path);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open key file '%s'", path);
    ML_TRY(ml_private_check(fd, path, "key file"));
    *ret_fd = fd;
    fd = -1;
    return MLEDGER_OK;
}

/* Reads to the end of the file or one byte past the longest text. */
static int read_bytes(struct room *room, int fd, const char *name)
{
    while (room->len < sizeof room->bytes) {
        ssize_t got = read(fd, room->bytes + room->len, sizeof room->bytes - room->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ml_fail_errno(errno, "cannot read key file '%s'", name);
        if (got == 0)
            return MLEDGER_OK;
        room->len += (size_t)got;
    }
    return ml_fail(MLEDGER_EINVALID, "'%s' is no key file: it is longer than %d bytes", name,
                   ML_KEYTEXT_MAX);
}

static int read_text(struct room *room, int fd, const char *name)
{
    ML_TRY(read_bytes(room, fd, name));
    if (ml_keytext_read(ML_SPAN(room->bytes, room->len), &room->text) < 0)
        return ml_prefix("'%s' is no key file, or damaged", name);
    return MLEDGER_OK;
}

/* The passphrase, asked for; an error that `ask` set through this library stands. */
static int ask_passphrase(const char *label, const char *name, mledger_passphrase_fn ask, void *ctx,
                          struct mledger_secret *secret)
{
    if (!ask)
        return ml_fail(MLEDGER_ESYSTEM, "key '%s' in '%s' is sealed and needs its passphrase",
                       label, name);
    ml_error_clear();
    int result = ask(ctx, label, secret);
    if (result < 0 && mledger_error_code() != MLEDGER_OK)
        return mledger_error_code();
    if (result < 0 || ml_secret_span(secret).len == 0)
        return ml_fail(MLEDGER_ESYSTEM, "no passphrase was given for key '%s' in '%s'", label,
                       name);
    return MLEDGER_OK;
}

static int unseal(struct room *room, const char *name, mledger_passphrase_fn ask, void *ctx)
{
    ML_CLEANUP(ml_secret_freep) struct mledger_secret *secret = NULL;
    ML_TRY(mledger_secret_new(&secret));
    ML_TRY(ask_passphrase(room->text.label, name, ask, ctx, secret));
    struct ml_span head = ML_SPAN(room->bytes, room->text.head_len);
    if (ml_keyseal_open(&room->text, head, ml_secret_span(secret)) < 0)
        return ml_prefix("cannot open key '%s' in '%s'", room->text.label, name);
    return MLEDGER_OK;
}

int mledger_key_load_fd(int fd, const char *name, mledger_passphrase_fn ask, void *ctx,
                        struct mledger_key **ret_key)
{
    ML_CLEANUP(ml_secret_releasep) struct room *room = NULL;
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = NULL;
    ML_TRY(ml_secret_alloc(sizeof *room, &room));
    ML_TRY(read_text(room, fd, name));
    const struct ml_keytext *text = &room->text;
    if (text->sealed)
        ML_TRY(unseal(room, name, ask, ctx));
    ML_TRY(ml_key_from_seed(text->purpose, text->label, text->seed, &key));
    if (memcmp(mledger_key_public(key), text->public_key, sizeof text->public_key) != 0)
        return ml_fail(MLEDGER_EINVALID,
                       "key file '%s' is damaged: its seed and its public key do not belong "
                       "together",
                       name);
    *ret_key = ML_TAKE(key);
    return MLEDGER_OK;
}

int mledger_key_load(const char *path, mledger_passphrase_fn ask, void *ctx,
                     struct mledger_key **ret_key)
{
    ML_CLEANUP(ml_closep) int fd = -1;
    ML_TRY(ml_keyfile_open(path, &fd));
    return mledger_key_load_fd(fd, path, ask, ctx, ret_key);
}

int mledger_key_peek(const char *path, struct mledger_key_info *ret_info)
{
    ML_CLEANUP(ml_closep) int fd = -1;
    ML_CLEANUP(ml_secret_releasep) struct room *room = NULL;
    ML_TRY(ml_keyfile_open(path, &fd));
    ML_TRY(ml_secret_alloc(sizeof *room, &room));
    ML_TRY(read_text(room, fd, path));
    struct mledger_key_info info = {.purpose = room->text.purpose, .sealed = room->text.sealed};
    memcpy(info.public_key, room->text.public_key, sizeof info.public_key);
    memcpy(info.label, room->text.label, sizeof info.label);
    *ret_info = info;
    return MLEDGER_OK;
}

static int choose_cost(struct ml_keytext *text, const struct mledger_key_saving *saving)
{
    text->passes = saving->passes ? saving->passes : ML_KEYFILE_PASSES;
    text->memory_kib = saving->memory_kib ? saving->memory_kib : ML_KEYFILE_MEMORY_KIB;
    if (text->passes > ML_KEYTEXT_PASSES_MAX)
        return ml_fail(MLEDGER_EUSAGE, "%u passes are more than %d", (unsigned)text->passes,
                       ML_KEYTEXT_PASSES_MAX);
    if (text->memory_kib < ML_KEYTEXT_MEMORY_KIB_MIN ||
        text->memory_kib > ML_KEYTEXT_MEMORY_KIB_MAX)
        return ml_fail(MLEDGER_EUSAGE, "%u KiB of memory are not %u to %u",
                       (unsigned)text->memory_kib, (unsigned)ML_KEYTEXT_MEMORY_KIB_MIN,
                       (unsigned)ML_KEYTEXT_MEMORY_KIB_MAX);
    if (ml_secret_span(saving->passphrase).len == 0)
        return ml_fail(MLEDGER_EUSAGE, "the passphrase is empty");
    return MLEDGER_OK;
}

static int seal(struct room *room, const struct mledger_key_saving *saving)
{
    struct ml_keytext *text = &room->text;
    text->sealed = true;
    ML_TRY(choose_cost(text, saving));
    randombytes_buf(text->salt, sizeof text->salt);
    randombytes_buf(text->nonce, sizeof text->nonce);
    text->head_len = ml_keytext_write_head(text, room->bytes);
    return ml_keyseal_close(text, ML_SPAN(room->bytes, text->head_len),
                            ml_secret_span(saving->passphrase));
}

static void describe(struct ml_keytext *text, const struct mledger_key *key)
{
    const char *label = mledger_key_label(key);
    text->purpose = mledger_key_purpose_of(key);
    memcpy(text->label, label, strlen(label) + 1);
    memcpy(text->public_key, mledger_key_public(key), sizeof text->public_key);
    memcpy(text->seed, ml_key_seed(key), sizeof text->seed);
}

int mledger_key_save(const struct mledger_key *key, const char *path,
                     const struct mledger_key_saving *saving)
{
    ML_CLEANUP(ml_secret_releasep) struct room *room = NULL;
    ML_TRY(ml_secret_alloc(sizeof *room, &room));
    describe(&room->text, key);
    if (saving->passphrase)
        ML_TRY(seal(room, saving));
    else
        room->text.head_len = ml_keytext_write_head(&room->text, room->bytes);
    room->len = ml_keytext_write_last(&room->text, room->bytes);
    return ml_durable_write(path, "key file", ML_SPAN(room->bytes, room->len), saving->replace);
}
