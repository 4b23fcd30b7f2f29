/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/git.h"

#include <sys/stat.h>

#include "ingest/git_private.h"
#include "ledger/core/utf8.h"

int ml_git_fail(int code, const char *what, const char *thing)
{
    const git_error *error = git_error_last();
    return ml_fail(code, "%s '%s': %s", what, thing,
                   error && error->message ? error->message : "unknown error");
}

int ml_git_open(const char *path, struct ml_git **ret_git)
{
    struct ml_git *git = calloc(1, sizeof(*git));
    if (!git)
        return ml_fail_memory();
    if (git_libgit2_init() < 0) {
        free(git);
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot prepare to read", path);
    }
    const int result = git_repository_open_ext(&git->repository, path, 0, NULL);
    if (result < 0) {
        const int code =
            result == GIT_ENOTFOUND
                ? ml_fail(MLEDGER_ENOTFOUND, "no Git repository around '%s'", path)
                : ml_git_fail(MLEDGER_ESYSTEM, "cannot open the Git repository of", path);
        ml_git_free(git);
        return code;
    }
    *ret_git = git;
    return 0;
}

void ml_git_free(struct ml_git *git)
{
    if (!git)
        return;
    git_repository_free(git->repository);
    free(git);
    git_libgit2_shutdown();
}

void ml_git_freep(struct ml_git **git)
{
    ml_git_free(*git);
}

const char *ml_git_workdir(const struct ml_git *git)
{
    return git_repository_workdir(git->repository);
}

int ml_git_place(const struct ml_git *git, const char *dir, char **ret_place)
{
    const char *workdir = ml_git_workdir(git);
    ML_CLEANUP(ml_freep) char *real = realpath(dir, NULL);
    ML_CLEANUP(ml_freep) char *top = workdir ? realpath(workdir, NULL) : NULL;
    const char *place = ".";
    if (!real || (workdir && !top))
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is in no work tree of Git", dir);
    const size_t len = top ? strlen(top) : 0;
    if (top && (strncmp(real, top, len) != 0 || (real[len] && real[len] != '/')))
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is in no work tree of Git", dir);
    if (top && real[len])
        place = real + len + 1;
    char *copy = strdup(place);
    if (!copy)
        return ml_fail_memory();
    *ret_place = copy;
    return 0;
}

static void config_freep(git_config **config)
{
    git_config_free(*config);
}

/* Of the configuration alone: git_remote_lookup() would hold every entry against a pattern, and
 * libgit2 up to 1.5 leaks memory for each one that does not match. */
int ml_git_remote(struct ml_git *git, struct ml_pool *pool, const char **ret_url)
{
    ML_CLEANUP(config_freep) git_config *config = NULL;
    const char *url;
    if (git_repository_config_snapshot(&config, git->repository) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read the configuration of",
                           git_repository_path(git->repository));
    if (git_config_get_string(&url, config, "remote.origin.url") < 0)
        return ml_fail(MLEDGER_ENOTFOUND, "the Git repository has no remote 'origin'");
    const char *copy = ml_pool_text(pool, url, strlen(url));
    if (!copy)
        return MLEDGER_ESYSTEM;
    *ret_url = copy;
    return 0;
}

/* ---- commits ---- */

const char *ml_git_text(struct ml_pool *pool, const char *text)
{
    char *copy = ml_pool_text(pool, text ? text : "", text ? strlen(text) : 0);
    size_t at = 0, len = copy ? strlen(copy) : 0;
    while (at < len) {
        at += ml_utf8_valid_len(ML_SPAN(copy + at, len - at));
        if (at < len)
            copy[at++] = '?';
    }
    return copy;
}

int ml_git_person_read(struct ml_pool *pool, const git_signature *from,
                       struct ml_git_person *ret_person)
{
    *ret_person = (struct ml_git_person){
        .name = ml_git_text(pool, from ? from->name : NULL),
        .email = ml_git_text(pool, from ? from->email : NULL),
        .zone_minutes = from ? from->when.offset : 0,
    };
    if (from &&
        __builtin_mul_overflow((int64_t)from->when.time, (int64_t)1000000, &ret_person->time_us))
        ret_person->time_us = from->when.time < 0 ? INT64_MIN : INT64_MAX;
    return ret_person->name && ret_person->email ? 0 : MLEDGER_ESYSTEM;
}

int ml_git_lookup(struct ml_git *git, const char *id, git_commit **ret_commit)
{
    git_oid oid;
    const int result = git_oid_fromstr(&oid, id) < 0
                           ? GIT_ENOTFOUND
                           : git_commit_lookup(ret_commit, git->repository, &oid);
    if (result == GIT_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "no Git commit '%s'", id);
    return result < 0 ? ml_git_fail(MLEDGER_ESYSTEM, "cannot read Git commit", id) : 0;
}

/* As Git itself does: by OpenPGP, X.509 or SSH, the signature stands in the header. */
static int read_signed(const git_commit *commit, bool *ret_signed)
{
    static const char *const fields[] = {"gpgsig", "gpgsig-sha256"};
    *ret_signed = false;
    for (size_t i = 0; i < ML_COUNT(fields) && !*ret_signed; i++) {
        git_buf value = {0};
        const int result = git_commit_header_field(&value, commit, fields[i]);
        git_buf_dispose(&value);
        if (result < 0 && result != GIT_ENOTFOUND)
            return ml_git_fail(MLEDGER_ESYSTEM, "cannot read the header of", "a Git commit");
        *ret_signed = result == 0;
    }
    return 0;
}

int ml_git_commit_read(struct ml_git *git, const char *id, struct ml_pool *pool,
                       struct ml_git_commit *ret_commit)
{
    ML_CLEANUP(ml_git_commit_freep) git_commit *commit = NULL;
    struct ml_git_commit read = {0};
    ML_TRY(ml_git_lookup(git, id, &commit));
    git_oid_tostr(read.id, sizeof(read.id), git_commit_id(commit));
    ML_TRY(ml_git_person_read(pool, git_commit_author(commit), &read.author));
    ML_TRY(ml_git_person_read(pool, git_commit_committer(commit), &read.committer));
    ML_TRY(read_signed(commit, &read.is_signed));
    read.summary = ml_git_text(pool, git_commit_summary(commit));
    if (!read.summary)
        return MLEDGER_ESYSTEM;
    *ret_commit = read;
    return 0;
}

int ml_git_head(struct ml_git *git, struct ml_pool *pool, struct ml_git_commit *ret_commit)
{
    char text[ML_GIT_ID_SIZE];
    git_oid id;
    const int result = git_reference_name_to_id(&id, git->repository, "HEAD");
    if (result == GIT_ENOTFOUND || result == GIT_EUNBORNBRANCH)
        return ml_fail(MLEDGER_ENOTFOUND, "no commit in the Git repository '%s' yet",
                       git_repository_path(git->repository));
    if (result < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read HEAD of",
                           git_repository_path(git->repository));
    git_oid_tostr(text, sizeof(text), &id);
    const int read = ml_git_commit_read(git, text, pool, ret_commit);
    return read == MLEDGER_ENOTFOUND
               ? ml_fail(MLEDGER_ESYSTEM, "HEAD of '%s' names the commit %s, which is not there",
                         git_repository_path(git->repository), text)
               : read;
}

/* ---- contents ---- */

static void odb_freep(git_odb **odb)
{
    git_odb_free(*odb);
}

static int find_entry(struct ml_git *git, const char *commit_id, const char *path,
                      git_tree_entry **ret_entry)
{
    ML_CLEANUP(ml_git_commit_freep) git_commit *commit = NULL;
    ML_CLEANUP(ml_git_raw_tree_freep) git_tree *tree = NULL;
    ML_TRY(ml_git_lookup(git, commit_id, &commit));
    if (git_commit_tree(&tree, commit) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read the tree of commit", commit_id);
    const int result = git_tree_entry_bypath(ret_entry, tree, path);
    if (result == GIT_ENOTFOUND || result == GIT_EINVALIDSPEC)
        return ml_fail(MLEDGER_ENOTFOUND, "no '%s' in commit %s", path, commit_id);
    return result < 0 ? ml_git_fail(MLEDGER_ESYSTEM, "cannot find", path) : 0;
}

int ml_git_check_size(struct ml_git *git, const git_oid *id, const char *path, size_t max)
{
    ML_CLEANUP(odb_freep) git_odb *odb = NULL;
    size_t len;
    git_object_t type;
    if (git_repository_odb(&odb, git->repository) < 0 ||
        git_odb_read_header(&len, &type, odb, id) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read the Git blob of", path);
    if (len > max)
        return ml_fail(MLEDGER_EINVALID, "%s: its Git blob is larger than %zu bytes", path, max);
    return 0;
}

int ml_git_read_blob(struct ml_git *git, const git_oid *id, const char *path, size_t max,
                     struct ml_buf *content)
{
    ML_CLEANUP(ml_git_blob_freep) git_blob *blob = NULL;
    ML_TRY(ml_git_check_size(git, id, path, max));
    if (git_blob_lookup(&blob, git->repository, id) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read the Git blob of", path);
    return ml_buf_append(content, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
}

int ml_git_blob(struct ml_git *git, const char *commit, const char *path, struct ml_buf *content)
{
    ML_CLEANUP(ml_git_entry_freep) git_tree_entry *entry = NULL;
    ML_TRY(find_entry(git, commit, path, &entry));
    if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB ||
        git_tree_entry_filemode(entry) == GIT_FILEMODE_LINK)
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is no file in commit %s", path, commit);
    return ml_git_read_blob(git, git_tree_entry_id(entry), path, ML_GIT_BLOB_MAX, content);
}

/* ---- what came before ---- */

enum { COMMITS_LOOKED_AT = 100000 }; /* on the way to a change, so that a walk ends */

/* Do two commits hold the same under `path`? Absent in both is the same. */
static int is_same(const git_tree *a, const git_tree *b, const char *path, bool *ret_same)
{
    ML_CLEANUP(ml_git_entry_freep) git_tree_entry *one = NULL;
    ML_CLEANUP(ml_git_entry_freep) git_tree_entry *other = NULL;
    const int in_a = git_tree_entry_bypath(&one, a, path);
    const int in_b = git_tree_entry_bypath(&other, b, path);
    if ((in_a < 0 && in_a != GIT_ENOTFOUND) || (in_b < 0 && in_b != GIT_ENOTFOUND))
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot find", path);
    *ret_same =
        in_a == in_b && (!one || git_oid_equal(git_tree_entry_id(one), git_tree_entry_id(other)));
    return 0;
}

/* Does `commit` change any of the paths? The first commit changes what it holds. */
static int is_change(const git_commit *commit, const git_commit *parent, const char *const *paths,
                     size_t paths_count, bool *ret_change)
{
    ML_CLEANUP(ml_git_raw_tree_freep) git_tree *tree = NULL;
    ML_CLEANUP(ml_git_raw_tree_freep) git_tree *before = NULL;
    *ret_change = true;
    if (!parent)
        return 0;
    if (git_commit_tree(&tree, commit) < 0 || git_commit_tree(&before, parent) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read the trees of", "a commit");
    bool same = true;
    for (size_t i = 0; i < paths_count && same; i++)
        ML_TRY(is_same(tree, before, paths[i], &same));
    *ret_change = !same;
    return 0;
}

/* Puts its first parent in the place of `*commit`, NULL where there is none, and tells whether
 * the commit changed any of the paths. */
static int step_back(git_commit **commit, const char *const *paths, size_t paths_count,
                     bool *ret_changed)
{
    git_commit *parent = NULL;
    if (git_commit_parentcount(*commit) > 0 && git_commit_parent(&parent, *commit, 0) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read a parent of", "a commit");
    const int result = is_change(*commit, parent, paths, paths_count, ret_changed);
    git_commit_free(*commit);
    *commit = parent;
    return result;
}

static int head_commit(struct ml_git *git, git_commit **ret_commit)
{
    git_oid id;
    if (git_reference_name_to_id(&id, git->repository, "HEAD") < 0 ||
        git_commit_lookup(ret_commit, git->repository, &id) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read HEAD of",
                           git_repository_path(git->repository));
    return 0;
}

int ml_git_before_change(struct ml_git *git, struct ml_pool *pool, const char *const *paths,
                         size_t paths_count, const char (**ret_ids)[ML_GIT_ID_SIZE],
                         size_t *ret_count)
{
    ML_CLEANUP(ml_git_commit_freep) git_commit *commit = NULL;
    char(*ids)[ML_GIT_ID_SIZE] = ml_pool_alloc(pool, ML_GIT_BEFORE_MAX, sizeof *ids);
    if (!ids)
        return MLEDGER_ESYSTEM;
    ML_TRY(head_commit(git, &commit));
    bool changed = false;
    for (size_t i = 0; i < COMMITS_LOOKED_AT && commit && !changed; i++)
        ML_TRY(step_back(&commit, paths, paths_count, &changed));
    size_t count = 0;
    for (bool before = false; changed && commit && !before && count < ML_GIT_BEFORE_MAX;) {
        git_oid_tostr(ids[count++], ML_GIT_ID_SIZE, git_commit_id(commit));
        ML_TRY(step_back(&commit, paths, paths_count, &before));
    }
    *ret_ids = (const char(*)[ML_GIT_ID_SIZE])ids;
    *ret_count = count;
    return 0;
}

/* libgit2 takes a directory that it cannot list for an empty one, and what is in it for deleted. */
static bool is_there_all_the_same(const struct ml_git *git, const char *path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf full = {0};
    struct stat status;
    return ml_buf_printf(&full, "%s%s", ml_git_workdir(git), path) >= 0 &&
           ml_buf_append_char(&full, '\0') >= 0 && lstat((const char *)full.data, &status) == 0 &&
           (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode));
}

int ml_git_file_state(struct ml_git *git, const char *path, enum ml_git_state *ret_state)
{
    unsigned flags = 0;
    const int result = git_status_file(&flags, git->repository, path);
    if (result == GIT_ENOTFOUND ||
        (result == 0 && flags & (GIT_STATUS_WT_NEW | GIT_STATUS_IGNORED)))
        *ret_state = ML_GIT_UNTRACKED;
    else if (result == GIT_EAMBIGUOUS)
        return ml_fail(MLEDGER_EINVALID, "'%s' is a directory, not a file in Git", path);
    else if (result < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot ask Git about", path);
    else if (flags & GIT_STATUS_WT_DELETED && is_there_all_the_same(git, path))
        return ml_fail(MLEDGER_ESYSTEM, "Git cannot list the directory of '%s'", path);
    else
        *ret_state = flags == GIT_STATUS_CURRENT ? ML_GIT_CLEAN : ML_GIT_CHANGED;
    return 0;
}
