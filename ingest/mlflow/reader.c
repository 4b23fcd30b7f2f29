/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/reader.h"

#include <errno.h>
#include <stdio.h>

#include "ledger/core/utf8.h"

void ml_mlflow_reader_release(struct ml_mlflow_reader *reader)
{
    if (!reader)
        return;
    ml_pool_release(&reader->pool);
    free(reader->left_out);
    reader->left_out = NULL;
    reader->left_out_count = reader->left_out_cap = 0;
}

static int note(struct ml_mlflow_reader *reader, const char *path)
{
    struct ml_error error;
    ml_error_get(&error);
    if (reader->left_out_count == ML_MLFLOW_LEFT_OUT_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: more than %zu things cannot be read; the last: %s",
                       reader->root, ML_MLFLOW_LEFT_OUT_MAX, error.text);
    struct ml_mlflow_left_out entry;
    ML_TRY(ml_mlflow_printable(&reader->pool, path, &entry.path));
    ML_TRY(ml_mlflow_printable(&reader->pool, error.text, &entry.reason));
    ML_TRY(ml_grow(&reader->left_out, &reader->left_out_cap, reader->left_out_count + 1,
                   sizeof *reader->left_out));
    reader->left_out[reader->left_out_count++] = entry;
    ml_error_clear();
    return MLEDGER_OK;
}

int ml_mlflow_leave_out(struct ml_mlflow_reader *reader, const char *path, int code)
{
    assert(code < 0);
    /* What was listed a moment ago is gone: a fault of the store like any other. */
    if (code == MLEDGER_ENOTFOUND)
        code = ml_fail(MLEDGER_EINVALID, "%s", mledger_error_text());
    if (!reader->options.keep_going || code != MLEDGER_EINVALID)
        return code;
    return note(reader, path);
}

int ml_mlflow_join(struct ml_pool *pool, const char *parent, const char *name,
                   const char **ret_path)
{
    if (strlen(parent) + 1 + strlen(name) > ML_MLFLOW_PATH_MAX)
        return ml_fail(MLEDGER_EINVALID, "%.64s…: path is longer than %zu bytes",
                       *parent ? parent : name, ML_MLFLOW_PATH_MAX);
    ML_TRY(ml_mlflow_room(pool, strlen(parent) + strlen(name) + 2, parent));
    char *path = ml_pool_printf(pool, "%s%s%s", parent, *parent ? "/" : "", name);
    if (!path)
        return MLEDGER_ESYSTEM;
    *ret_path = path;
    return MLEDGER_OK;
}

int ml_mlflow_full_path(const struct ml_mlflow_reader *reader, struct ml_pool *pool,
                        const char *path, const char **ret_full)
{
    char *full = ml_pool_printf(pool, "%s%s%s", reader->root, *path ? "/" : "", path);
    if (!full)
        return MLEDGER_ESYSTEM;
    *ret_full = full;
    return MLEDGER_OK;
}

int ml_mlflow_room(const struct ml_pool *pool, size_t bytes, const char *name)
{
    if (pool->used <= ML_MLFLOW_MEMORY_MAX && bytes <= ML_MLFLOW_MEMORY_MAX - pool->used)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "%s: needs more than %zu MiB of memory to read", name,
                   ML_MLFLOW_MEMORY_MAX >> 20);
}

int ml_mlflow_fail_errno(int error_number, const char *what, const char *name)
{
    int code = ml_fail_errno(error_number, "cannot %s '%s'", what, name);
    if (error_number == ENOMEM || error_number == EMFILE || error_number == ENFILE)
        return code;
    return ml_fail(MLEDGER_EINVALID, "%s", mledger_error_text());
}

/* Length of the character at `text` if it is to be shown as it is, else 0. */
static size_t shown_as_is(const char *text)
{
    unsigned char first = (unsigned char)*text;
    if (first < 0x80)
        return first >= 0x20 && first != 0x7f;
    size_t left = strlen(text);
    for (size_t len = 2; len <= 4 && len <= left; len++)
        if (ml_utf8_is_text(ML_SPAN(text, len)))
            return len;
    return 0;
}

int ml_mlflow_printable(struct ml_pool *pool, const char *text, const char **ret_text)
{
    char *copy = ml_pool_alloc(pool, 4 * strlen(text) + 1, 1);
    if (!copy)
        return MLEDGER_ESYSTEM;
    char *end = copy;
    while (*text) {
        size_t len = shown_as_is(text);
        if (len)
            memcpy(end, text, len);
        else
            snprintf(end, 5, "\\x%02x", (unsigned)(unsigned char)*text);
        end += len ? len : 4;
        text += len ? len : 1;
    }
    *end = '\0';
    *ret_text = copy;
    return MLEDGER_OK;
}
