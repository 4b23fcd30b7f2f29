/* SPDX-License-Identifier: Apache-2.0 */
/* Which projects a commit changed: those with a file of DVC's, or one that was read for them, that
 * is another one than in some parent. */
#include "ingest/dvc/path.h"
#include "ingest/import_dvc_history.h"

struct search {
    struct ml_import_history *history;
    uint32_t parent; /* index of the commit that is compared with, or ML_GIT_NO_COMMIT */
    const struct ml_git_tree *old, *new_tree;
};

bool ml_import_is_dvc_file(const char *path)
{
    static const char *const names[] = {"dvc.yaml", "dvc.lock", "Dvcfile", ".dvcignore"};
    const char *name = ml_dvc_path_name(path);
    for (size_t i = 0; i < ML_COUNT(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    if (ml_dvc_path_ends_in(name, ".dvc"))
        return strcmp(name, ".dvc") != 0;
    return strcmp(path, ".dvc/config") == 0 || ml_dvc_path_ends_in(path, "/.dvc/config");
}

static bool is_below(const char *path, const char *prefix)
{
    const size_t len = strlen(prefix);
    return strcmp(prefix, ".") == 0 || (strncmp(path, prefix, len) == 0 && path[len] == '/');
}

static int is_root(const struct ml_git_tree *tree, struct ml_pool *pool, const char *folder,
                   bool *ret_root)
{
    enum ml_git_kind kind;
    const char *mark = ml_dvc_path_join(pool, folder, ".dvc");
    if (!mark)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_git_tree_kind(tree, mark, &kind));
    *ret_root = kind == ML_GIT_DIRECTORY;
    return MLEDGER_OK;
}

/* As for the search in a work tree: what lies in a hidden folder is no project. */
static bool is_hidden(const char *path)
{
    return path[0] == '.' ? path[1] != '\0' : strstr(path, "/.") != NULL;
}

/* The project that a file belongs to: the nearest folder with .dvc in it, else the directory that
 * is imported; NULL in *ret_root when it belongs to none. */
static int find_root(const struct search *search, const struct ml_git_tree *tree,
                     struct ml_pool *pool, const char *path, const char **ret_root)
{
    const char *prefix = search->history->prefix;
    const char *folder = ml_dvc_path_parent(pool, path);
    while (folder && strcmp(folder, prefix) != 0) {
        bool found = false;
        ML_TRY(is_root(tree, pool, folder, &found));
        if (found)
            break;
        folder = ml_dvc_path_parent(pool, folder);
    }
    if (!folder)
        return MLEDGER_ESYSTEM;
    const bool is_top = strcmp(folder, prefix) == 0;
    const char *below = is_top || strcmp(prefix, ".") == 0 ? folder : folder + strlen(prefix) + 1;
    *ret_root = !is_top && is_hidden(below) ? NULL : folder;
    return MLEDGER_OK;
}

/* A file that DVC does not name concerns the projects that were read from it. */
static void affect_readers(const struct search *search, const char *path)
{
    const struct ml_import_history *history = search->history;
    for (size_t i = 0; search->parent != ML_GIT_NO_COMMIT && i < history->all_count; i++)
        if (ml_import_files_has(history->all[i]->files[search->parent], path))
            history->all[i]->is_affected = true;
}

static int on_change(const char *path, bool is_in_new, void *context)
{
    const struct search *search = context;
    struct ml_import_history *history = search->history;
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_import_past *past;
    const char *root;
    affect_readers(search, path);
    if (!is_below(path, history->prefix) || !ml_import_is_dvc_file(path))
        return MLEDGER_OK;
    ML_TRY(find_root(search, is_in_new ? search->new_tree : search->old, &pool, path, &root));
    if (!root)
        return MLEDGER_OK;
    ML_TRY(ml_import_past_find(history, root, &past));
    past->is_affected = true;
    return MLEDGER_OK;
}

int ml_import_changes_find(struct ml_import_history *history, uint32_t index,
                           const struct ml_git_tree *tree)
{
    const struct ml_git_node *node = &history->commits.nodes[index];
    struct search search = {.history = history, .new_tree = tree, .parent = ML_GIT_NO_COMMIT};
    for (size_t i = 0; i < history->all_count; i++)
        history->all[i]->is_affected = false;
    for (uint32_t i = 0; i < node->parents_count; i++) {
        ML_CLEANUP(ml_git_tree_freep) struct ml_git_tree *old = NULL;
        ML_TRY(ml_git_tree_open(history->git, history->commits.nodes[node->parents[i]].id, &old));
        search.old = old;
        search.parent = node->parents[i];
        ML_TRY(ml_git_tree_changes(old, tree, on_change, &search));
    }
    if (node->parents_count == 0)
        ML_TRY(ml_git_tree_changes(NULL, tree, on_change, &search));
    return MLEDGER_OK;
}
