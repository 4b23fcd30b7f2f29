/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/known_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/core/checkpoint.h"
#include "ledger/core/hex.h"
#include "ledger/store/durable.h"

enum { FILE_MAX = ML_NOTE_MAX + 1024, HASH_DIGITS = 2 * ML_HASH_SIZE };

void ml_known_file_release(struct ml_known_file *file)
{
    if (file)
        ml_buf_release(&file->checkpoint);
}

int ml_known_path(const char *known_dir, const uint8_t identity[ML_HASH_SIZE], const char *suffix,
                  struct ml_buf *path)
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, identity, ML_HASH_SIZE);
    ML_TRY(ml_buf_printf(path, "%s/%s%s", known_dir, hex, suffix));
    return ml_buf_append_char(path, '\0');
}

/* Takes `word` from the front of the text. */
static bool take(struct ml_span *text, const char *word)
{
    size_t len = strlen(word);
    if (text->len < len || memcmp(text->data, word, len) != 0)
        return false;
    *text = ML_SPAN(text->data + len, text->len - len);
    return true;
}

/* Digits alone, not zero, no leading zero, no overflow. */
static bool take_number(struct ml_span *text, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t len = 0;
    if (text->len == 0 || text->data[0] == '0')
        return false;
    for (; len < text->len && text->data[len] >= '0' && text->data[len] <= '9'; len++)
        if (__builtin_mul_overflow(number, UINT64_C(10), &number) ||
            __builtin_add_overflow(number, (uint64_t)(text->data[len] - '0'), &number))
            return false;
    *text = ML_SPAN(text->data + len, text->len - len);
    *ret_number = number;
    return len > 0;
}

static bool take_hash(struct ml_span *text, uint8_t hash[ML_HASH_SIZE])
{
    if (text->len < HASH_DIGITS ||
        ml_hex_decode((const char *)text->data, HASH_DIGITS, hash, ML_HASH_SIZE) < 0)
        return false;
    *text = ML_SPAN(text->data + HASH_DIGITS, text->len - HASH_DIGITS);
    return true;
}

static bool take_head(struct ml_span *text, struct ml_known_head *head)
{
    return take(text, "size ") && take_number(text, &head->size) && take(text, "\nlink ") &&
           take_hash(text, head->link) && take(text, "\n");
}

static bool take_verified(struct ml_span *text, struct ml_known_head *head)
{
    struct ml_known_verified *verified = &head->verified;
    if (!take(text, "verified "))
        return true;
    head->has_verified = true;
    return take_number(text, &verified->size) && verified->size <= head->size && take(text, " ") &&
           take_hash(text, verified->link) && take(text, " ") && take_hash(text, verified->root) &&
           take(text, " ") && take_hash(text, verified->state) && take(text, "\n");
}

static int take_checkpoint(struct ml_span text, struct ml_known_file *file)
{
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_checkpoint checkpoint;
    ML_TRY(ml_checkpoint_open(text, &note, &checkpoint));
    if (checkpoint.size == 0)
        return ml_fail(MLEDGER_EINVALID, "a checkpoint of nothing");
    file->head.checkpoint_size = checkpoint.size;
    return ml_buf_append(&file->checkpoint, text.data, text.len);
}

static int parse(struct ml_span text, struct ml_known_file *file)
{
    bool good = true;
    if (take(&text, "mledger known head v1\n"))
        good = take_head(&text, &file->head);
    else if (!take(&text, "mledger known v2\n") || !take_head(&text, &file->head) ||
             !take_verified(&text, &file->head))
        good = false;
    else if (take(&text, "\n"))
        return take_checkpoint(text, file);
    return good && text.len == 0 ? MLEDGER_OK : MLEDGER_EINVALID;
}

int ml_known_file_parse(const char *name, struct ml_span text, struct ml_known_file *ret_file)
{
    *ret_file = (struct ml_known_file){0};
    if (text.len == 0)
        return MLEDGER_OK;
    int result = parse(text, ret_file);
    if (result != MLEDGER_EINVALID)
        return result;
    (void)ml_fail(MLEDGER_EINVALID, "'%s' is not what is known of a ledger", name);
    return ml_hint("mledger verify, then remove the file: what was seen is forgotten with it");
}

static int write_hash(struct ml_buf *text, char before, const uint8_t hash[ML_HASH_SIZE])
{
    ML_TRY(ml_buf_append_char(text, before));
    return ml_hex_append(text, hash, ML_HASH_SIZE);
}

int ml_known_file_write(const struct ml_known_file *file, struct ml_buf *text)
{
    const struct ml_known_head *head = &file->head;
    ML_TRY(ml_buf_printf(text, "mledger known v2\nsize %" PRIu64 "\nlink", head->size));
    ML_TRY(write_hash(text, ' ', head->link));
    ML_TRY(ml_buf_append_char(text, '\n'));
    if (head->has_verified) {
        ML_TRY(ml_buf_printf(text, "verified %" PRIu64, head->verified.size));
        ML_TRY(write_hash(text, ' ', head->verified.link));
        ML_TRY(write_hash(text, ' ', head->verified.root));
        ML_TRY(write_hash(text, ' ', head->verified.state));
        ML_TRY(ml_buf_append_char(text, '\n'));
    }
    if (file->checkpoint.len == 0)
        return MLEDGER_OK;
    ML_TRY(ml_buf_append_char(text, '\n'));
    return ml_buf_append(text, file->checkpoint.data, file->checkpoint.len);
}

int ml_known_file_read(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                       struct ml_known_file *ret_file)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0}, text = {0};
    *ret_file = (struct ml_known_file){0};
    ML_TRY(ml_known_path(known_dir, identity, "", &path));
    const char *name = (const char *)path.data;
    int result = ml_durable_read(name, "known head", FILE_MAX, &text);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    return ml_known_file_parse(name, ml_buf_span(&text), ret_file);
}

int ml_known_dir_make(const char *known_dir)
{
    ML_CLEANUP(ml_freep) char *path = strdup(known_dir);
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

/* The lock goes with the descriptor. Where the file system has none, the last writer wins. */
static int lock(const char *known_dir, int *ret_fd)
{
    int fd = open(known_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        ML_TRY(ml_known_dir_make(known_dir));
        fd = open(known_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open directory '%s'", known_dir);
    while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
        continue;
    *ret_fd = fd;
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

/* Every append does this, after it has waited for the disk once: it does not wait again. */
static int replace_quickly(const char *path, struct ml_span text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf temporary = {0};
    ML_TRY(ml_buf_printf(&temporary, "%s.%jd.new", path, (intmax_t)getpid()));
    ML_TRY(ml_buf_append_char(&temporary, '\0'));
    const char *name = (const char *)temporary.data;
    ML_CLEANUP(ml_closep) int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot write '%s'", name);
    if (write_text(fd, name, (const char *)text.data, text.len) < 0) {
        unlink(name);
        return MLEDGER_ESYSTEM;
    }
    if (rename(name, path) < 0) {
        int error = errno;
        unlink(name);
        return ml_fail_errno(error, "cannot rename '%s'", name);
    }
    return MLEDGER_OK;
}

int ml_known_file_change(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                         ml_known_change *change, void *context, bool durable)
{
    ML_CLEANUP(ml_closep) int locked = -1;
    ML_CLEANUP(ml_known_file_release) struct ml_known_file file = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0}, text = {0};
    ML_TRY(lock(known_dir, &locked));
    ML_TRY(ml_known_file_read(known_dir, identity, &file));
    int changed = change(&file, context);
    if (changed <= 0)
        return changed;
    ML_TRY(ml_known_file_write(&file, &text));
    ML_TRY(ml_known_path(known_dir, identity, "", &path));
    const char *name = (const char *)path.data;
    return durable ? ml_durable_write(name, "known head", ml_buf_span(&text), true)
                   : replace_quickly(name, ml_buf_span(&text));
}
