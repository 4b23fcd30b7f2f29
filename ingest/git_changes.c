/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/git_changes.h"

#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/manifest.h"
#include "ledger/core/hex.h"

static const char first_line[] = "mledger changes 1\n";

struct reading {
    git_repository *repository;
    git_tree *tree; /* of the commit */
    char *root;     /* of the work tree, without links in it and without '/' at the end */
    char **except;  /* from the root; NULL: lies elsewhere */
    size_t except_count;
    const char **paths;
    size_t count, cap;
    struct ml_git_changes *changes;
};

static void reading_release(struct reading *reading)
{
    for (size_t i = 0; reading->except && i < reading->except_count; i++)
        free(reading->except[i]);
    free(reading->except);
    free(reading->paths);
    free(reading->root);
    git_tree_free(reading->tree);
    git_repository_free(reading->repository);
    git_libgit2_shutdown();
}

void ml_git_changes_release(struct ml_git_changes *changes)
{
    ml_buf_release(&changes->text);
    free(changes->prefix);
    *changes = (struct ml_git_changes){0};
}

static int fail(const char *what, const char *thing)
{
    const git_error *error = git_error_last();
    return ml_fail(MLEDGER_ESYSTEM, "%s '%s': %s", what, thing,
                   error && error->message ? error->message : "unknown error");
}

/* ---- opening ---- */

static int open_repository(struct reading *reading, const char *dir)
{
    const int result = git_repository_open_ext(&reading->repository, dir, 0, NULL);
    if (result == GIT_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "no Git repository around '%s'", dir);
    if (result < 0)
        return fail("cannot open the Git repository of", dir);
    if (git_repository_is_bare(reading->repository))
        return ml_fail(MLEDGER_ENOTFOUND, "the Git repository around '%s' has no work tree", dir);
    reading->root = realpath(git_repository_workdir(reading->repository), NULL);
    return reading->root ? MLEDGER_OK
                         : ml_fail_errno(errno, "cannot find the work tree around '%s'", dir);
}

static void object_freep(git_object **object)
{
    git_object_free(*object);
}

static int open_tree(struct reading *reading)
{
    ML_CLEANUP(object_freep) git_object *object = NULL;
    const int result = git_revparse_single(&object, reading->repository, "HEAD^{tree}");
    if (result == GIT_ENOTFOUND || result == GIT_EUNBORNBRANCH)
        return ml_fail(MLEDGER_ENOTFOUND, "no commit in the Git repository '%s' yet",
                       git_repository_path(reading->repository));
    if (result < 0)
        return fail("cannot read HEAD of", git_repository_path(reading->repository));
    reading->tree = (git_tree *)ML_TAKE(object);
    return MLEDGER_OK;
}

/* ---- paths ---- */

/* What is left of the absolute path `path` from the root on; NULL: it lies elsewhere. */
static const char *below_root(const struct reading *reading, const char *path)
{
    const size_t len = strcmp(reading->root, "/") == 0 ? 0 : strlen(reading->root);
    if (strncmp(path, reading->root, len) != 0 || (path[len] != '/' && path[len] != '\0'))
        return NULL;
    return path + len + (path[len] == '/');
}

/* The last part of the path, if it can be a link that a list names; NULL: it is "." and the like.
 */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    return *last && strcmp(last, ".") != 0 && strcmp(last, "..") != 0 ? last : NULL;
}

/* The path without links in it, but for one that it may be itself; NULL: there is no such path. */
static int resolve(const char *path, char **ret_path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const char *last = last_part(path);
    const size_t before = last ? (size_t)(last - path) : strlen(path);
    if (before == 0)
        ML_TRY(ml_buf_append_text(&text, "."));
    ML_TRY(ml_buf_append(&text, path, before));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    ML_CLEANUP(ml_freep) char *parent = realpath((const char *)text.data, NULL);
    *ret_path = NULL;
    if (!parent || !last) {
        *ret_path = ML_TAKE(parent);
        return MLEDGER_OK;
    }
    ml_buf_clear(&text);
    ML_TRY(ml_buf_printf(&text, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent, last));
    return ml_buf_take_text(&text, ret_path);
}

static int copy_text(const char *text, char **ret_copy)
{
    *ret_copy = strdup(text);
    return *ret_copy ? MLEDGER_OK : ml_fail_memory();
}

static int find_excepted(struct reading *reading, const char *const *except, size_t count)
{
    reading->except = ml_calloc(count + 1, sizeof(char *));
    if (!reading->except)
        return ml_fail_memory();
    reading->except_count = count;
    for (size_t i = 0; i < count; i++) {
        ML_CLEANUP(ml_freep) char *path = NULL;
        ML_CLEANUP(ml_buf_release) struct ml_buf trimmed = {0};
        size_t len = strlen(except[i]);
        while (len > 1 && except[i][len - 1] == '/')
            len--;
        ML_TRY(ml_buf_append(&trimmed, except[i], len));
        ML_TRY(ml_buf_append_char(&trimmed, '\0'));
        ML_TRY(resolve((const char *)trimmed.data, &path));
        const char *below = path ? below_root(reading, path) : NULL;
        if (below && *below)
            ML_TRY(copy_text(below, &reading->except[i]));
    }
    return MLEDGER_OK;
}

static int find_prefix(struct reading *reading, const char *dir)
{
    ML_CLEANUP(ml_freep) char *path = realpath(dir, NULL);
    if (!path)
        return ml_fail_errno(errno, "cannot find '%s'", dir);
    const char *below = below_root(reading, path);
    return copy_text(below ? below : "", &reading->changes->prefix);
}

/* Whether `path` is `top` or below it. */
static bool is_below(const char *path, const char *top)
{
    const size_t len = strlen(top);
    return strncmp(path, top, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool is_part(const char *path, const char *name)
{
    const size_t len = strlen(name);
    for (const char *at = path; (at = strstr(at, name)) != NULL; at++)
        if ((at == path || at[-1] == '/') && (at[len] == '/' || at[len] == '\0'))
            return true;
    return false;
}

static bool is_excepted(const struct reading *reading, const char *path)
{
    for (size_t i = 0; i < reading->except_count; i++)
        if (reading->except[i] && is_below(path, reading->except[i]))
            return true;
    return is_part(path, ".mledger");
}

/* ---- files ---- */

/* What the work tree holds at a path. */
struct found {
    unsigned mode; /* Git's; 0: nothing */
    bool has_digest;
    uint64_t size;
    uint8_t sha256[ML_HASH_SIZE];
};

static int read_link(const char *path, struct found *found)
{
    char target[PATH_MAX];
    const ssize_t len = readlink(path, target, sizeof target);
    if (len < 0)
        return ml_fail_errno(errno, "cannot read the link '%s'", path);
    const struct ml_span part = ML_SPAN(target, (size_t)len);
    found->mode = 0120000;
    found->has_digest = true;
    return ml_sha256(found->sha256, &part, 1);
}

static int read_file(const char *path, const struct stat *status, bool hash, struct found *found)
{
    struct ml_digests digests;
    found->mode = status->st_mode & S_IXUSR ? 0100755 : 0100644;
    found->size = (uint64_t)status->st_size;
    if (!hash)
        return MLEDGER_OK;
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open '%s'", path);
    ML_TRY(ml_hash_file(fd, path, ML_HASH_SHA256, NULL, NULL, &digests));
    memcpy(found->sha256, digests.sha256, ML_HASH_SIZE);
    found->has_digest = true;
    return MLEDGER_OK;
}

static int look(const struct reading *reading, const char *path, bool is_tracked,
                struct found *found)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf full = {0};
    struct stat status;
    *found = (struct found){0};
    ML_TRY(ml_buf_printf(&full, "%s/%s", reading->root, path));
    ML_TRY(ml_buf_append_char(&full, '\0'));
    const char *at = (const char *)full.data;
    if (lstat(at, &status) < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? MLEDGER_OK
                   : ml_fail_errno(errno, "cannot look at '%s'", at);
    if (S_ISLNK(status.st_mode))
        return read_link(at, found);
    if (S_ISREG(status.st_mode))
        return read_file(at, &status,
                         is_tracked || (uint64_t)status.st_size <= ML_GIT_CHANGES_BYTES_MAX, found);
    found->mode = S_ISDIR(status.st_mode) ? 0160000 : 0; /* only repositories are listed so */
    return MLEDGER_OK;
}

static void entry_freep(git_tree_entry **entry)
{
    git_tree_entry_free(*entry);
}

static int find_entry(const struct reading *reading, const char *path, git_tree_entry **ret_entry)
{
    const int result = git_tree_entry_bypath(ret_entry, reading->tree, path);
    if (result < 0 && result != GIT_ENOTFOUND)
        return fail("cannot find in the commit", path);
    return MLEDGER_OK;
}

/* Git lists also what was taken from the index alone. */
static int is_as_committed(const struct reading *reading, const char *path,
                           const git_tree_entry *entry, const struct found *found, bool *ret_same)
{
    git_oid id;
    *ret_same = false;
    if ((unsigned)git_tree_entry_filemode(entry) != found->mode ||
        (found->mode & S_IFMT) != S_IFREG)
        return MLEDGER_OK;
    if (git_repository_hashfile(&id, reading->repository, path, GIT_OBJECT_BLOB, NULL) < 0)
        return fail("cannot read", path);
    *ret_same = git_oid_equal(&id, git_tree_entry_id(entry));
    return MLEDGER_OK;
}

static int append_line(struct ml_buf *text, const char *state, const struct found *found,
                       const char *path)
{
    ML_TRY(ml_buf_printf(text, "%s %06o ", state, found->mode));
    if (found->has_digest)
        ML_TRY(ml_hex_append(text, found->sha256, ML_HASH_SIZE));
    else if ((found->mode & S_IFMT) == S_IFREG)
        ML_TRY(ml_buf_printf(text, "-:%" PRIu64, found->size));
    else
        ML_TRY(ml_buf_append_char(text, '-'));
    ML_TRY(ml_buf_append_char(text, ' '));
    ML_TRY(ml_manifest_append_path(text, path));
    return ml_buf_append_char(text, '\n');
}

static int take_path(struct reading *reading, const char *path)
{
    ML_CLEANUP(entry_freep) git_tree_entry *entry = NULL;
    struct found found;
    bool same = false;
    ML_TRY(find_entry(reading, path, &entry));
    ML_TRY(look(reading, path, entry != NULL, &found));
    if (entry && found.mode)
        ML_TRY(is_as_committed(reading, path, entry, &found, &same));
    if (same || (!entry && !found.mode))
        return MLEDGER_OK;
    reading->changes->count++;
    return append_line(&reading->changes->text,
                       !entry        ? "added"
                       : !found.mode ? "deleted"
                                     : "modified",
                       &found, path);
}

/* ---- all of them ---- */

static void diff_freep(git_diff **diff)
{
    git_diff_free(*diff);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int gather(struct reading *reading, const git_diff *diff)
{
    const size_t count = git_diff_num_deltas(diff);
    for (size_t i = 0; i < count; i++) {
        const git_diff_delta *delta = git_diff_get_delta(diff, i);
        const char *path = delta->new_file.path ? delta->new_file.path : delta->old_file.path;
        if (delta->status == GIT_DELTA_UNREADABLE)
            return ml_fail(MLEDGER_ESYSTEM, "Git cannot read '%s'", path);
        if (is_excepted(reading, path))
            continue;
        if (reading->count == ML_GIT_CHANGES_FILES_MAX)
            return ml_fail(MLEDGER_EINVALID,
                           "more than %zu files differ from the commit or are not in it",
                           ML_GIT_CHANGES_FILES_MAX);
        ML_TRY(ml_grow(&reading->paths, &reading->cap, reading->count + 1, sizeof(char *)));
        reading->paths[reading->count++] = path;
    }
    if (reading->count > 1)
        qsort(reading->paths, reading->count, sizeof(char *), by_path);
    return MLEDGER_OK;
}

static int read_changes(struct reading *reading)
{
    ML_CLEANUP(diff_freep) git_diff *diff = NULL;
    git_diff_options options;
    struct ml_git_changes *changes = reading->changes;
    if (git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION) < 0)
        return fail("cannot prepare to read", reading->root);
    options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
                    GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_INCLUDE_UNREADABLE;
    if (git_diff_tree_to_workdir_with_index(&diff, reading->repository, reading->tree, &options) <
        0)
        return fail("cannot compare the work tree with the commit in", reading->root);
    ML_TRY(gather(reading, diff));
    ML_TRY(ml_buf_append_text(&changes->text, first_line));
    for (size_t i = 0; i < reading->count; i++)
        if (i == 0 || strcmp(reading->paths[i - 1], reading->paths[i]) != 0)
            ML_TRY(take_path(reading, reading->paths[i]));
    const struct ml_span part = ml_buf_span(&changes->text);
    return ml_sha256(changes->sha256, &part, 1);
}

int ml_git_changes_read(const char *dir, const char *const *except, size_t except_count,
                        struct ml_git_changes *ret_changes)
{
    ML_CLEANUP(ml_git_changes_release) struct ml_git_changes changes = {0};
    if (git_libgit2_init() < 0)
        return fail("cannot prepare to read", dir);
    ML_CLEANUP(reading_release) struct reading reading = {.changes = &changes};
    ML_TRY(open_repository(&reading, dir));
    ML_TRY(open_tree(&reading));
    ML_TRY(find_excepted(&reading, except, except_count));
    ML_TRY(find_prefix(&reading, dir));
    ML_TRY(read_changes(&reading));
    *ret_changes = changes;
    changes = (struct ml_git_changes){0};
    return MLEDGER_OK;
}
