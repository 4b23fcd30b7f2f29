/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/known_head.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/core/hex.h"
#include "ledger/store/ledger_private.h"

enum { FILE_MAX = 512 };

static int make_path(const char *dir, const uint8_t identity[ML_HASH_SIZE], const char *suffix,
                     struct ml_buf *path)
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, identity, ML_HASH_SIZE);
    ML_TRY(ml_buf_printf(path, "%s/%s%s", dir, hex, suffix));
    return ml_buf_append_char(path, '\0');
}

/* Takes `word` from the front of the text. */
static bool take(const char **text, const char *word)
{
    size_t len = strlen(word);
    if (strncmp(*text, word, len) != 0)
        return false;
    *text += len;
    return true;
}

/* Digits alone, no leading zero, no overflow. */
static bool take_number(const char **text, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (**text < '1' || **text > '9')
        return false;
    for (; **text >= '0' && **text <= '9'; ++*text)
        if (__builtin_mul_overflow(number, UINT64_C(10), &number) ||
            __builtin_add_overflow(number, (uint64_t)(**text - '0'), &number))
            return false;
    *ret_number = number;
    return true;
}

static bool take_link(const char **text, uint8_t link[ML_HASH_SIZE])
{
    const size_t digits = (size_t)2 * ML_HASH_SIZE;
    if (strnlen(*text, digits) < digits || ml_hex_decode(*text, digits, link, ML_HASH_SIZE) < 0)
        return false;
    *text += digits;
    return true;
}

static int parse(const char *path, const char *text, struct ml_known_head *known)
{
    if (take(&text, "mledger known head v1\nsize ") && take_number(&text, &known->size) &&
        take(&text, "\nlink ") && take_link(&text, known->link) && take(&text, "\n") && !*text)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "'%s' is not a known head", path);
}

int ml_known_head_read(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                       struct ml_known_head *ret_known)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_TRY(make_path(known_dir, identity, "", &path));
    const char *name = (const char *)path.data;
    ML_CLEANUP(ml_closep) int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return MLEDGER_ENOTFOUND;
    char text[FILE_MAX];
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (len < 0)
        return ml_fail_errno(errno, "cannot read '%s'", name);
    text[len] = '\0';
    struct ml_known_head known;
    ML_TRY(parse(name, text, &known));
    *ret_known = known;
    return MLEDGER_OK;
}

static int make_dirs(const char *dir)
{
    ML_CLEANUP(ml_freep) char *path = strdup(dir);
    if (!path)
        return ml_fail_memory();
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
            return ml_fail_errno(errno, "cannot make directory '%s'", path);
        *slash = '/';
    }
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return ml_fail_errno(errno, "cannot make directory '%s'", path);
    return MLEDGER_OK;
}

static int write_text(int fd, const char *name, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, text, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return ml_fail_errno(errno, "cannot write '%s'", name);
        text += written;
        len -= (size_t)written;
    }
    return MLEDGER_OK;
}

static int replace(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                   const struct ml_known_head *known)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0}, temporary = {0}, text = {0};
    char suffix[40], hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    snprintf(suffix, sizeof suffix, ".%jd.new", (intmax_t)getpid());
    ML_TRY(make_path(known_dir, identity, "", &path));
    ML_TRY(make_path(known_dir, identity, suffix, &temporary));
    ml_hex_encode(hex, known->link, ML_HASH_SIZE);
    ML_TRY(ml_buf_printf(&text, "mledger known head v1\nsize %" PRIu64 "\nlink %s\n", known->size,
                         hex));
    const char *name = (const char *)temporary.data;
    ML_CLEANUP(ml_closep) int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot write '%s'", name);
    if (write_text(fd, name, (const char *)text.data, text.len) < 0) {
        unlink(name);
        return MLEDGER_ESYSTEM;
    }
    if (rename(name, (const char *)path.data) < 0) {
        int error = errno;
        unlink(name);
        return ml_fail_errno(error, "cannot rename '%s'", name);
    }
    return MLEDGER_OK;
}

int ml_known_head_write(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                        const struct ml_known_head *known)
{
    struct ml_known_head before;
    int result = ml_known_head_read(known_dir, identity, &before);
    if (result == MLEDGER_OK && before.size >= known->size)
        return MLEDGER_OK;
    if (result == MLEDGER_ENOTFOUND)
        ML_TRY(make_dirs(known_dir));
    else
        ML_TRY(result);
    return replace(known_dir, identity, known);
}

static int refuse_to_continue(const char *what)
{
    ml_prefix("%s", what);
    return ml_hint("find the copy that was seen, or begin its successor: "
                   "mledger init --continues DIR");
}

int ml_known_head_check(const struct ml_ledger *ledger, struct ml_kv_txn *txn,
                        const struct ml_head *head)
{
    if (!ledger->known_dir || head->size == 0)
        return MLEDGER_OK;
    struct ml_known_head known;
    int result = ml_known_head_read(ledger->known_dir, head->identity, &known);
    if (result == MLEDGER_ENOTFOUND)
        return ml_known_head_note(ledger, head->identity, head->size, head->link);
    ML_TRY(result);
    if (known.size > head->size) {
        (void)ml_fail(MLEDGER_EDAMAGED, "%" PRIu64 " records, and %" PRIu64 " have been seen here",
                      head->size, known.size);
        return refuse_to_continue("the ledger is behind what is known of it");
    }
    uint8_t link[ML_HASH_SIZE];
    ML_TRY(ml_txn_link_at(txn, known.size - 1, link));
    if (memcmp(link, known.link, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    (void)ml_fail_seq(MLEDGER_EDAMAGED, known.size - 1, "another record was seen here");
    return refuse_to_continue("the ledger differs from what is known of it");
}

int ml_known_head_note(const struct ml_ledger *ledger, const uint8_t identity[ML_HASH_SIZE],
                       uint64_t size, const uint8_t link[ML_HASH_SIZE])
{
    if (!ledger->known_dir)
        return MLEDGER_OK;
    struct ml_known_head known = {.size = size};
    memcpy(known.link, link, ML_HASH_SIZE);
    return ml_known_head_write(ledger->known_dir, identity, &known);
}
