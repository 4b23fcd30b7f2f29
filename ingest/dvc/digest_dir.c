/* SPDX-License-Identifier: Apache-2.0 */
/* Directories: finding their files, and the manifest that is hashed for them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/dvc/digest.h"
#include "ingest/dvc/ignore.h"
#include "ingest/dvc/path.h"
#include "ingest/hashing.h"
#include "ledger/core/hash.h"
#include "ledger/core/hex.h"
#include "ledger/core/utf8.h"

/* ---- manifests ---- */

/* The character at *at, which is moved behind it; the text is valid UTF-8. */
static uint32_t next_character(const uint8_t **at)
{
    const uint8_t lead = *(*at)++;
    int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    uint32_t c = more == 0 ? lead : lead & (0x3fu >> more);
    while (more-- > 0)
        c = c << 6 | (*(*at)++ & 0x3f);
    return c;
}

/* As Python's json.dumps() writes a string: ASCII only. */
static int append_json(const char *text, struct ml_buf *out)
{
    static const char from[] = "\"\\\n\r\t\b\f";
    static const char to[] = "\"\\nrtbf";
    const uint8_t *at = (const uint8_t *)text;
    ML_TRY(ml_buf_append_char(out, '"'));
    while (*at) {
        const uint32_t c = next_character(&at);
        const char *place = c < 0x80 ? strchr(from, (char)c) : NULL;
        if (place)
            ML_TRY(ml_buf_printf(out, "\\%c", to[place - from]));
        else if (c >= ' ' && c <= '~')
            ML_TRY(ml_buf_append_char(out, (char)c));
        else if (c < 0x10000)
            ML_TRY(ml_buf_printf(out, "\\u%04x", c));
        else
            ML_TRY(ml_buf_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                                 0xdc00 + ((c - 0x10000) & 0x3ff)));
    }
    return ml_buf_append_char(out, '"');
}

static int by_relpath(const void *a, const void *b)
{
    const struct ml_dvc_member *x = a, *y = b;
    return strcmp(x->relpath, y->relpath);
}

int ml_dvc_digest_manifest(struct ml_dvc_member *members, size_t count,
                           char ret_text[ML_DVC_DIGEST_SIZE])
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_CLEANUP(ml_hasher_release) struct ml_hasher hasher = {0};
    struct ml_digests digests;
    if (count > 0)
        qsort(members, count, sizeof(*members), by_relpath);
    ML_TRY(ml_buf_append_char(&text, '['));
    for (size_t i = 0; i < count; i++) {
        ML_TRY(ml_buf_printf(&text, "%s{\"md5\": \"%s\", \"relpath\": ", i > 0 ? ", " : "",
                             members[i].md5));
        ML_TRY(append_json(members[i].relpath, &text));
        ML_TRY(ml_buf_append_char(&text, '}'));
    }
    ML_TRY(ml_buf_append_char(&text, ']'));
    ML_TRY(ml_hasher_init(&hasher, ML_HASH_MD5));
    ML_TRY(ml_hasher_update(&hasher, text.data, text.len));
    ML_TRY(ml_hasher_final(&hasher, &digests));
    ml_hex_encode(ret_text, digests.md5, ML_MD5_SIZE);
    memcpy(ret_text + ML_HEX_SIZE(ML_MD5_SIZE) - 1, ".dir", sizeof(".dir"));
    return 0;
}

/* ---- walking ---- */

struct file {
    const char *relpath; /* from the directory that is hashed */
    struct ml_dvc_digest digest;
};

struct gathering {
    struct ml_dvc_reader *reader;
    struct ml_dvc_ignore ignore;
    struct ml_pool names; /* of this walk only */
    size_t prefix;        /* length of the directory's path, with its '/' */
    struct file *files;
    size_t count, cap;
};

static void gathering_release(struct gathering *gathering)
{
    ml_dvc_ignore_release(&gathering->ignore);
    ml_pool_release(&gathering->names);
    free(gathering->files);
}

static void dir_closep(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static int hash_file(struct ml_dvc_reader *reader, const char *relpath,
                     struct ml_dvc_digest *ret_digest)
{
    struct stat status;
    const char *path = ml_dvc_reader_path(reader, relpath);
    if (!path)
        return MLEDGER_ESYSTEM;
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return ml_fail(MLEDGER_ENOTFOUND, "no file '%s'", relpath);
    if (fd < 0 || fstat(fd, &status) < 0)
        return ml_fail_errno(errno, "cannot open '%s'", relpath);
    if (!S_ISREG(status.st_mode))
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is no file", relpath);
    const uint64_t max = reader->options.hash_bytes_max;
    if (max > 0 && (uint64_t)status.st_size > max)
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is larger than what is hashed", relpath);
    struct ml_hashing hashing = ML_HASHING(NULL, NULL);
    struct ml_hashing_share share;
    struct ml_dvc_digest digest;
    ML_TRY(ml_hashing_begin(&hashing, fd, relpath, &share));
    ML_TRY(ml_dvc_digest_file(fd, relpath, ml_hashing_advance, &share, &digest));
    ML_TRY(ml_hashing_end(&share, digest.size));
    *ret_digest = digest;
    return 0;
}

static int gather(struct gathering *gathering, const char *dir, size_t depth);

/* Links are followed, as DVC does; what leads nowhere and what is neither file nor directory is
 * not there. */
static int gather_entry(struct gathering *gathering, const char *dir, const char *name,
                        size_t depth)
{
    struct stat status;
    struct file file;
    const char *relpath = ml_dvc_path_join(&gathering->names, dir, name);
    const char *path = relpath ? ml_dvc_reader_path(gathering->reader, relpath) : NULL;
    if (!path)
        return MLEDGER_ESYSTEM;
    if (strcmp(name, ".dvc") == 0 || strcmp(name, ".git") == 0 || stat(path, &status) < 0)
        return 0;
    if (ml_dvc_ignore_matches(&gathering->ignore, relpath, S_ISDIR(status.st_mode)))
        return 0;
    if (S_ISDIR(status.st_mode))
        return gather(gathering, relpath, depth + 1);
    if (!S_ISREG(status.st_mode) || strcmp(name, ".dvcignore") == 0)
        return 0;
    if (!ml_utf8_is_valid(ML_SPAN(name, strlen(name))))
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' holds a file whose name is no UTF-8", dir);
    ML_TRY(hash_file(gathering->reader, relpath, &file.digest));
    file.relpath = relpath + gathering->prefix;
    ML_TRY(ml_grow(&gathering->files, &gathering->cap, gathering->count + 1, sizeof(file)));
    gathering->files[gathering->count++] = file;
    return 0;
}

static int gather(struct gathering *gathering, const char *dir, size_t depth)
{
    const size_t patterns = gathering->ignore.count;
    const char *path = ml_dvc_reader_path(gathering->reader, dir);
    if (!path)
        return MLEDGER_ESYSTEM;
    if (depth > ML_DVC_DEPTH_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: directories nested deeper than %zu", dir,
                       ML_DVC_DEPTH_MAX);
    ML_TRY(ml_dvc_ignore_load(gathering->reader, &gathering->ignore, dir));
    ML_CLEANUP(dir_closep) DIR *stream = opendir(path);
    if (!stream)
        return ml_fail_errno(errno, "cannot list '%s'", dir);
    for (const struct dirent *entry; (errno = 0, entry = readdir(stream)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (++gathering->reader->entries > ML_DVC_FILES_MAX)
            return ml_fail(MLEDGER_EINVALID, "%s: more than %zu files", dir, ML_DVC_FILES_MAX);
        ML_TRY(gather_entry(gathering, dir, entry->d_name, depth));
    }
    if (errno != 0)
        return ml_fail_errno(errno, "cannot list '%s'", dir);
    gathering->ignore.count = patterns;
    return 0;
}

/* The .dvcignore files on the way from the root down to `dir`, itself left out. */
static int load_ignores_above(struct gathering *gathering, const char *dir)
{
    if (strcmp(dir, ".") == 0)
        return 0;
    ML_TRY(ml_dvc_ignore_load(gathering->reader, &gathering->ignore, "."));
    for (const char *slash = strchr(dir, '/'); slash; slash = strchr(slash + 1, '/')) {
        const char *above = ml_pool_text(&gathering->names, dir, (size_t)(slash - dir));
        if (!above)
            return MLEDGER_ESYSTEM;
        ML_TRY(ml_dvc_ignore_load(gathering->reader, &gathering->ignore, above));
    }
    return 0;
}

static int sum_up(struct gathering *gathering, struct ml_dvc_digest *ret_digest)
{
    struct ml_dvc_digest digest = {.is_dir = true, .nfiles = gathering->count};
    ML_CLEANUP(ml_freep)
    struct ml_dvc_member *members = ml_calloc(gathering->count + 1, sizeof(*members));
    if (!members)
        return ml_fail_memory();
    for (int variant = 0; variant < ML_DVC_VARIANTS; variant++) {
        for (size_t i = 0; i < gathering->count; i++)
            members[i] = (struct ml_dvc_member){gathering->files[i].relpath,
                                                gathering->files[i].digest.text[variant]};
        ML_TRY(ml_dvc_digest_manifest(members, gathering->count, digest.text[variant]));
    }
    for (size_t i = 0; i < gathering->count; i++)
        digest.size += gathering->files[i].digest.size;
    *ret_digest = digest;
    return 0;
}

static int hash_directory(struct ml_dvc_reader *reader, const char *relpath,
                          struct ml_dvc_digest *ret_digest)
{
    ML_CLEANUP(gathering_release) struct gathering gathering = {.reader = reader};
    gathering.prefix = strcmp(relpath, ".") == 0 ? 0 : strlen(relpath) + 1;
    ML_TRY(load_ignores_above(&gathering, relpath));
    ML_TRY(gather(&gathering, relpath, 1));
    return sum_up(&gathering, ret_digest);
}

int ml_dvc_digest_path(struct ml_dvc_reader *reader, const char *relpath,
                       struct ml_dvc_digest *ret_digest)
{
    struct stat status;
    const char *path = ml_dvc_reader_path(reader, relpath);
    if (!path)
        return MLEDGER_ESYSTEM;
    if (stat(path, &status) < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? ml_fail(MLEDGER_ENOTFOUND, "no file '%s'", relpath)
                   : ml_fail_errno(errno, "cannot look at '%s'", relpath);
    return S_ISDIR(status.st_mode) ? hash_directory(reader, relpath, ret_digest)
                                   : hash_file(reader, relpath, ret_digest);
}
