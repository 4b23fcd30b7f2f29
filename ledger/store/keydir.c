/* SPDX-License-Identifier: Apache-2.0 */
/* mledger_keys_list(): the key files of a directory. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "ledger/store/keyfile.h"

#define KEYS_MAX 10000

struct names {
    char **items;
    size_t count;
    size_t cap;
};

static void names_release(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

static void closedirp(DIR **directory)
{
    if (*directory)
        closedir(*directory);
}

static bool is_key_name(const char *name)
{
    const size_t suffix_len = strlen(MLEDGER_KEY_SUFFIX);
    size_t len = strlen(name);
    return name[0] != '.' && len > suffix_len &&
           strcmp(name + len - suffix_len, MLEDGER_KEY_SUFFIX) == 0;
}

static int add_name(struct names *names, const char *name, const char *directory)
{
    if (names->count == KEYS_MAX)
        return ml_fail(MLEDGER_ESYSTEM, "'%s' holds more than %d key files", directory, KEYS_MAX);
    ML_TRY(ml_grow(&names->items, &names->cap, names->count + 1, sizeof *names->items));
    char *copy = strdup(name);
    if (!copy)
        return ml_fail_memory();
    names->items[names->count++] = copy;
    return MLEDGER_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_names(const char *directory, struct names *names)
{
    ML_CLEANUP(closedirp) DIR *stream = opendir(directory);
    if (!stream && errno == ENOENT)
        return MLEDGER_OK;
    if (!stream)
        return ml_fail_errno(errno, "cannot read directory '%s'", directory);
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream); /* NOLINT(concurrency-mt-unsafe): ours */
        if (!entry && errno != 0)
            return ml_fail_errno(errno, "cannot read directory '%s'", directory);
        if (!entry)
            break;
        if (is_key_name(entry->d_name))
            ML_TRY(add_name(names, entry->d_name, directory));
    }
    if (names->count)
        qsort(names->items, names->count, sizeof *names->items, by_name);
    return MLEDGER_OK;
}

static int show(const char *directory, const char *file, mledger_key_each each, void *ctx)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_TRY(ml_buf_printf(&path, "%s/%s", directory, file));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    struct mledger_key_entry entry = {.path = (const char *)path.data, .error = ""};
    entry.file = entry.path + strlen(directory) + 1;
    entry.result = mledger_key_peek(entry.path, &entry.info);
    struct ml_error error; /* a copy: `each` may call into the library */
    ml_error_get(&error);
    if (entry.result < 0)
        entry.error = error.text;
    return each(ctx, &entry);
}

int mledger_keys_list(const char *directory, mledger_key_each each, void *ctx)
{
    ML_CLEANUP(names_release) struct names names = {0};
    ML_TRY(read_names(directory, &names));
    for (size_t i = 0; i < names.count; i++) {
        int result = show(directory, names.items[i], each, ctx);
        if (result != 0)
            return result;
    }
    return MLEDGER_OK;
}
