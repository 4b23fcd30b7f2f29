/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/git_tree.h"

#include "ingest/git_private.h"

struct ml_git_tree {
    struct ml_git *git;
    git_tree *root;
};

int ml_git_tree_open(struct ml_git *git, const char *commit, struct ml_git_tree **ret_tree)
{
    ML_CLEANUP(ml_git_commit_freep) git_commit *found = NULL;
    ML_TRY(ml_git_lookup(git, commit, &found));
    struct ml_git_tree *tree = calloc(1, sizeof *tree);
    if (!tree)
        return ml_fail_memory();
    tree->git = git;
    if (git_commit_tree(&tree->root, found) < 0) {
        free(tree);
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read the tree of commit", commit);
    }
    *ret_tree = tree;
    return MLEDGER_OK;
}

void ml_git_tree_free(struct ml_git_tree *tree)
{
    if (!tree)
        return;
    git_tree_free(tree->root);
    free(tree);
}

void ml_git_tree_freep(struct ml_git_tree **tree)
{
    ml_git_tree_free(*tree);
}

static enum ml_git_kind kind_of(const git_tree_entry *entry)
{
    switch (git_tree_entry_filemode(entry)) {
    case GIT_FILEMODE_TREE:
        return ML_GIT_DIRECTORY;
    case GIT_FILEMODE_LINK:
        return ML_GIT_LINK;
    case GIT_FILEMODE_COMMIT:
        return ML_GIT_SUBMODULE;
    default:
        return ML_GIT_FILE;
    }
}

/* NULL in *ret_entry when there is none. */
static int find(const struct ml_git_tree *tree, const char *path, git_tree_entry **ret_entry)
{
    *ret_entry = NULL;
    const int result = git_tree_entry_bypath(ret_entry, tree->root, path);
    if (result == GIT_ENOTFOUND || result == GIT_EINVALIDSPEC)
        return MLEDGER_OK;
    return result < 0 ? ml_git_fail(MLEDGER_ESYSTEM, "cannot find", path) : MLEDGER_OK;
}

int ml_git_tree_kind(const struct ml_git_tree *tree, const char *path, enum ml_git_kind *ret_kind)
{
    ML_CLEANUP(ml_git_entry_freep) git_tree_entry *entry = NULL;
    if (strcmp(path, ".") == 0) {
        *ret_kind = ML_GIT_DIRECTORY;
        return MLEDGER_OK;
    }
    ML_TRY(find(tree, path, &entry));
    *ret_kind = entry ? kind_of(entry) : ML_GIT_ABSENT;
    return MLEDGER_OK;
}

int ml_git_tree_id(const struct ml_git_tree *tree, const char *path, char ret_id[ML_GIT_ID_SIZE])
{
    ML_CLEANUP(ml_git_entry_freep) git_tree_entry *entry = NULL;
    ML_TRY(find(tree, path, &entry));
    if (!entry)
        return ml_fail(MLEDGER_ENOTFOUND, "no '%s' in the commit", path);
    git_oid_tostr(ret_id, ML_GIT_ID_SIZE, git_tree_entry_id(entry));
    return MLEDGER_OK;
}

int ml_git_tree_same(const struct ml_git_tree *a, const struct ml_git_tree *b, const char *path,
                     bool *ret_same)
{
    ML_CLEANUP(ml_git_entry_freep) git_tree_entry *one = NULL;
    ML_CLEANUP(ml_git_entry_freep) git_tree_entry *other = NULL;
    ML_TRY(find(a, path, &one));
    ML_TRY(find(b, path, &other));
    *ret_same = one && other ? git_oid_equal(git_tree_entry_id(one), git_tree_entry_id(other)) != 0
                             : !one && !other;
    return MLEDGER_OK;
}

static int read_tree(const struct ml_git_tree *tree, const git_oid *id, const char *path,
                     git_tree **ret_tree)
{
    if (git_tree_lookup(ret_tree, tree->git->repository, id) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read the Git tree of", path);
    return MLEDGER_OK;
}

static int open_folder(const struct ml_git_tree *tree, const char *path, git_tree **ret_folder)
{
    ML_CLEANUP(ml_git_entry_freep) git_tree_entry *entry = NULL;
    if (strcmp(path, ".") == 0)
        return read_tree(tree, git_tree_id(tree->root), path, ret_folder);
    ML_TRY(find(tree, path, &entry));
    if (!entry || kind_of(entry) != ML_GIT_DIRECTORY)
        return ml_fail(MLEDGER_ENOTFOUND, "no directory '%s' in the commit", path);
    return read_tree(tree, git_tree_entry_id(entry), path, ret_folder);
}

int ml_git_tree_list(const struct ml_git_tree *tree, struct ml_pool *pool, const char *path,
                     struct ml_git_entry **ret_entries, size_t *ret_count)
{
    ML_CLEANUP(ml_git_raw_tree_freep) git_tree *folder = NULL;
    ML_TRY(open_folder(tree, path, &folder));
    const size_t count = git_tree_entrycount(folder);
    struct ml_git_entry *entries = ml_pool_alloc(pool, count, sizeof *entries);
    if (!entries)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < count; i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(folder, i);
        const char *name = git_tree_entry_name(entry);
        entries[i].name = ml_pool_text(pool, name, strlen(name));
        entries[i].kind = kind_of(entry);
        if (!entries[i].name)
            return MLEDGER_ESYSTEM;
    }
    *ret_entries = entries;
    *ret_count = count;
    return MLEDGER_OK;
}

int ml_git_tree_read(const struct ml_git_tree *tree, const char *path, size_t max,
                     struct ml_buf *content)
{
    ML_CLEANUP(ml_git_entry_freep) git_tree_entry *entry = NULL;
    ML_TRY(find(tree, path, &entry));
    if (!entry || git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
        return ml_fail(MLEDGER_ENOTFOUND, "no file '%s' in the commit", path);
    return ml_git_read_blob(tree->git, git_tree_entry_id(entry), path, max, content);
}

/* ---- differences ---- */

struct changes {
    const struct ml_git_tree *tree; /* for its repository */
    ml_git_change_visitor *visit;
    void *context;
    struct ml_buf path; /* of the folder that is being compared, "" or ending in '/' */
    size_t depth;
};

static void changes_release(struct changes *changes)
{
    ml_buf_release(&changes->path);
}

static int compare(struct changes *changes, const git_tree *old, const git_tree *new_tree);

static int tell(struct changes *changes, const char *name, bool is_in_new)
{
    const size_t len = changes->path.len;
    ML_TRY(ml_buf_append_text(&changes->path, name));
    ML_TRY(ml_buf_append_char(&changes->path, '\0'));
    const int result =
        changes->visit((const char *)changes->path.data, is_in_new, changes->context);
    changes->path.len = len;
    return result;
}

/* Either may be NULL; both are of the same name. */
static int compare_folders(struct changes *changes, const git_tree_entry *old,
                           const git_tree_entry *new_entry)
{
    ML_CLEANUP(ml_git_raw_tree_freep) git_tree *before = NULL;
    ML_CLEANUP(ml_git_raw_tree_freep) git_tree *after = NULL;
    const char *name = git_tree_entry_name(new_entry ? new_entry : old);
    const size_t len = changes->path.len;
    if (changes->depth == ML_GIT_TREE_DEPTH_MAX)
        return ml_fail(MLEDGER_EINVALID, "'%s': folders nested deeper than %d in a Git commit",
                       name, ML_GIT_TREE_DEPTH_MAX);
    if (old)
        ML_TRY(read_tree(changes->tree, git_tree_entry_id(old), name, &before));
    if (new_entry)
        ML_TRY(read_tree(changes->tree, git_tree_entry_id(new_entry), name, &after));
    ML_TRY(ml_buf_append_text(&changes->path, name));
    ML_TRY(ml_buf_append_char(&changes->path, '/'));
    changes->depth++;
    const int result = compare(changes, before, after);
    changes->depth--;
    changes->path.len = len;
    return result;
}

static bool is_content(const git_tree_entry *entry)
{
    return entry && git_tree_entry_type(entry) == GIT_OBJECT_BLOB;
}

static bool is_folder(const git_tree_entry *entry)
{
    return entry && git_tree_entry_type(entry) == GIT_OBJECT_TREE;
}

/* Two entries of one name and sort; either may be NULL. */
static int compare_entries(struct changes *changes, const git_tree_entry *old,
                           const git_tree_entry *new_entry)
{
    if (old && new_entry && git_tree_entry_filemode(old) == git_tree_entry_filemode(new_entry) &&
        git_oid_equal(git_tree_entry_id(old), git_tree_entry_id(new_entry)))
        return MLEDGER_OK;
    if (is_content(old) || is_content(new_entry))
        ML_TRY(
            tell(changes, git_tree_entry_name(new_entry ? new_entry : old), is_content(new_entry)));
    const git_tree_entry *before = is_folder(old) ? old : NULL;
    const git_tree_entry *after = is_folder(new_entry) ? new_entry : NULL;
    return before || after ? compare_folders(changes, before, after) : MLEDGER_OK;
}

static const git_tree_entry *entry_at(const git_tree *tree, size_t at)
{
    return tree ? git_tree_entry_byindex(tree, at) : NULL;
}

/* Both are sorted in Git's order, in which a folder `a` stands where `a/` would; so a file and a
 * folder of one name do not meet, and are told of one by one. */
static int compare(struct changes *changes, const git_tree *old, const git_tree *new_tree)
{
    for (size_t o = 0, n = 0;;) {
        const git_tree_entry *before = entry_at(old, o);
        const git_tree_entry *after = entry_at(new_tree, n);
        if (!before && !after)
            return MLEDGER_OK;
        const int order = !before ? 1 : !after ? -1 : git_tree_entry_cmp(before, after);
        ML_TRY(compare_entries(changes, order <= 0 ? before : NULL, order >= 0 ? after : NULL));
        o += order <= 0;
        n += order >= 0;
    }
}

int ml_git_tree_changes(const struct ml_git_tree *old, const struct ml_git_tree *new_tree,
                        ml_git_change_visitor *visit, void *context)
{
    ML_CLEANUP(changes_release)
    struct changes changes = {.tree = new_tree, .visit = visit, .context = context};
    if (old && git_oid_equal(git_tree_id(old->root), git_tree_id(new_tree->root)))
        return MLEDGER_OK;
    return compare(&changes, old ? old->root : NULL, new_tree->root);
}
