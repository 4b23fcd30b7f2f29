/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded lists of directories: which files, and the digests of each. */
#include <inttypes.h>

#include "ingest/check_state.h"
#include "ingest/json_value.h"
#include "ingest/manifest.h"
#include "ledger/core/hex.h"

void check_list_release(struct check_list *list)
{
    free(list->files);
    ml_pool_release(&list->pool);
    *list = (struct check_list){0};
}

static int fail(const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "the list of a directory is none: %s", what);
}

static int add(struct check_list *list, const char *path, struct check_listed **ret_file)
{
    if (list->count == ML_MANIFEST_FILES_MAX)
        return fail("it has too many files");
    ML_TRY(ml_grow(&list->files, &list->cap, list->count + 1, sizeof *list->files));
    list->files[list->count] = (struct check_listed){.path = path};
    *ret_file = &list->files[list->count++];
    return MLEDGER_OK;
}

static int put_digest(struct check_listed *file, Mledger__Algorithm algorithm, const char *hex,
                      size_t digits)
{
    uint8_t value[ML_HASH_SIZE];
    const size_t len = algorithm == MLEDGER__ALGORITHM__SHA256 ? ML_HASH_SIZE : ML_MD5_SIZE;
    if (digits != 2 * len || ml_hex_decode(hex, digits, value, len) < 0)
        return fail("a digest is no hexadecimal number of its length");
    file->content.has |= 1u << algorithm;
    memcpy(file->content.value[algorithm], value, len);
    return MLEDGER_OK;
}

static int by_path(const void *a, const void *b)
{
    const struct check_listed *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static int finish(struct check_list *list)
{
    if (list->count)
        qsort(list->files, list->count, sizeof *list->files, by_path);
    for (size_t i = 1; i < list->count; i++)
        if (strcmp(list->files[i - 1].path, list->files[i].path) == 0)
            return fail("a file stands twice");
    return MLEDGER_OK;
}

/* ---- manifests ---- */

/* The next word of the line, which is moved behind the blank after it. False: there is none. */
static bool next_word(struct ml_span *line, struct ml_span *ret_word)
{
    const uint8_t *blank = line->len ? memchr(line->data, ' ', line->len) : NULL;
    if (!blank)
        return false;
    *ret_word = ML_SPAN(line->data, (size_t)(blank - line->data));
    *line = ML_SPAN(blank + 1, line->len - ret_word->len - 1);
    return true;
}

static int read_size(struct ml_span digits, struct check_content *content)
{
    uint64_t size = 0;
    if (digits.len == 0 || digits.len > 19)
        return fail("a size is no number");
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return fail("a size is no number");
        size = 10 * size + (digits.data[i] - '0');
    }
    content->has_size = true;
    content->size = size;
    return MLEDGER_OK;
}

/* Undoes rule 5 of the manifest. */
static int read_path(struct check_list *list, struct ml_span escaped, const char **ret_path)
{
    size_t len = 0;
    char *path = ml_pool_alloc(&list->pool, escaped.len + 1, 1);
    if (!path)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < escaped.len; i++) {
        uint8_t byte = escaped.data[i];
        if (byte == '%') {
            if (escaped.len - i < 3 ||
                ml_hex_decode_any_case((const char *)escaped.data + i + 1, 2, &byte, 1) < 0)
                return fail("a path is not escaped as it should be");
            i += 2;
        }
        if (byte == 0)
            return fail("a path holds NUL");
        path[len++] = (char)byte;
    }
    *ret_path = path;
    return len > 0 ? MLEDGER_OK : fail("a path is empty");
}

static int read_line(struct check_list *list, struct ml_span line)
{
    struct ml_span mode, size, sha256, md5;
    struct check_listed *file;
    const char *path;
    if (!next_word(&line, &mode) || !next_word(&line, &size) || !next_word(&line, &sha256) ||
        !next_word(&line, &md5))
        return fail("a line lacks something");
    ML_TRY(read_path(list, line, &path));
    ML_TRY(add(list, path, &file));
    ML_TRY(read_size(size, &file->content));
    ML_TRY(put_digest(file, MLEDGER__ALGORITHM__SHA256, (const char *)sha256.data, sha256.len));
    return put_digest(file, MLEDGER__ALGORITHM__MD5, (const char *)md5.data, md5.len);
}

int check_list_read_manifest(struct ml_span text, struct check_list *list)
{
    static const char first[] = "mledger manifest 1\n";
    const size_t skip = sizeof first - 1;
    if (text.len < skip || memcmp(text.data, first, skip) != 0)
        return fail("it does not begin as a manifest does");
    text = ML_SPAN(text.data + skip, text.len - skip);
    while (text.len > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.len);
        if (!end)
            return fail("its last line has no end");
        const size_t len = (size_t)(end - text.data);
        ML_TRY(read_line(list, ML_SPAN(text.data, len)));
        text = ML_SPAN(end + 1, text.len - len - 1);
    }
    return finish(list);
}

/* ---- DVC's ---- */

static int read_entry(struct check_list *list, const struct ml_value *entry)
{
    const struct ml_value *path = ml_value_get(entry, "relpath"), *md5 = ml_value_get(entry, "md5");
    struct check_listed *file;
    if (!ml_value_is(entry, ML_VALUE_MAP) || !ml_value_is(path, ML_VALUE_STRING) ||
        !ml_value_is(md5, ML_VALUE_STRING) || !*path->text)
        return fail("an entry is not a relpath and its md5");
    const char *copy = ml_pool_text(&list->pool, path->text, strlen(path->text));
    if (!copy)
        return MLEDGER_ESYSTEM;
    ML_TRY(add(list, copy, &file));
    return put_digest(file, MLEDGER__ALGORITHM__MD5, md5->text, strlen(md5->text));
}

void check_list_convert(struct check_list *list)
{
    list->is_converted = true;
    for (size_t i = 0; i < list->count; i++) {
        struct check_content *content = &list->files[i].content;
        memcpy(content->value[MLEDGER__ALGORITHM__MD5_DOS2UNIX],
               content->value[MLEDGER__ALGORITHM__MD5], ML_MD5_SIZE);
        content->has = 1u << MLEDGER__ALGORITHM__MD5_DOS2UNIX;
    }
}

int check_list_read_dvc(struct ml_span text, struct check_list *list)
{
    list->is_dvc = true;
    ML_CLEANUP(ml_document_freep) struct ml_document *document = NULL;
    const struct ml_value_limits limits = {
        .bytes = ML_MANIFEST_BYTES_MAX, .depth = 3, .nodes = 6 * ML_MANIFEST_FILES_MAX};
    ML_TRY(ml_json_value_parse(text, "DVC's list of a directory", &limits, &document));
    if (!ml_value_is(document->root, ML_VALUE_SEQ))
        return fail("it is no list");
    for (size_t i = 0; i < document->root->count; i++)
        ML_TRY(read_entry(list, document->root->items[i]));
    return finish(list);
}
