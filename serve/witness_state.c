/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/witness_state.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/file.h"
#include "ledger/core/hex.h"
#include "ledger/store/durable.h"

static int path_of(const char *dir, struct ml_span origin, const char *suffix, char **ret_path)
{
    uint8_t hash[ML_HASH_SIZE];
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_TRY(ml_sha256(hash, &origin, 1));
    ML_TRY(ml_buf_printf(&path, "%s/", dir));
    ML_TRY(ml_hex_append(&path, hash, sizeof hash));
    ML_TRY(ml_buf_append_text(&path, suffix));
    return ml_buf_take_text(&path, ret_path);
}

/* The lock is on a file that is never replaced. Every holder opens it anew, so that threads of one
 * process exclude each other too. */
static int take_lock(const char *dir, struct ml_span origin, int *ret_lock)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    ML_TRY(path_of(dir, origin, ".lock", &path));
    ML_CLEANUP(ml_closep)
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open '%s'", path);
    while (flock(fd, LOCK_EX) != 0)
        if (errno != EINTR)
            return ml_fail_errno(errno, "cannot lock '%s'", path);
    *ret_lock = fd;
    fd = -1;
    return MLEDGER_OK;
}

static int damaged(const char *path)
{
    struct ml_error error;
    ml_error_get(&error);
    return ml_fail(MLEDGER_EDAMAGED, "what the witness remembers in '%s' cannot be used: %s", path,
                   error.text);
}

static int read_known(const char *path, struct ml_span origin, struct ml_witness_known *ret_known)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_checkpoint checkpoint;
    int result = ml_file_slurp(path, NULL, ML_NOTE_MAX, &bytes);
    if (result == MLEDGER_ENOTFOUND) {
        *ret_known = (struct ml_witness_known){0};
        return MLEDGER_OK;
    }
    if (result == MLEDGER_EINVALID)
        return damaged(path);
    ML_TRY(result);
    result = ml_checkpoint_open(ml_buf_span(&bytes), &note, &checkpoint);
    if (result == MLEDGER_EINVALID)
        return damaged(path);
    ML_TRY(result);
    if (!ml_span_equal(checkpoint.origin, origin))
        return ml_fail(MLEDGER_EDAMAGED, "what the witness remembers in '%s' is of another log",
                       path);
    ret_known->size = checkpoint.size;
    memcpy(ret_known->root, checkpoint.root, ML_HASH_SIZE);
    return MLEDGER_OK;
}

int ml_witness_state_hold(const char *dir, struct ml_span origin,
                          struct ml_witness_entry *ret_entry)
{
    *ret_entry = (struct ml_witness_entry){.lock = -1};
    ML_TRY(path_of(dir, origin, "", &ret_entry->path));
    ML_TRY(take_lock(dir, origin, &ret_entry->lock));
    return read_known(ret_entry->path, origin, &ret_entry->known);
}

int ml_witness_state_put(const struct ml_witness_entry *entry, struct ml_span note)
{
    return ml_durable_write(entry->path, "checkpoint", note, true);
}

void ml_witness_state_release(struct ml_witness_entry *entry)
{
    ml_closep(&entry->lock);
    free(entry->path);
    *entry = (struct ml_witness_entry){.lock = -1};
}
