/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At which commits what a lock tells of may have run, for every commit of a history: those before
 * the last one that changed a lock, back to and with the one that changed it before that. Of each
 * commit is kept which one last changed the locks, so that a long history is walked once.
 */
#include "ingest/dvc/path.h"
#include "ingest/import_dvc_history.h"

/* Else 1 + the index of the commit. */
#define UNKNOWN UINT32_C(0)
#define NEVER UINT32_MAX

static bool same_locks(const struct ml_import_past *past, const char *const *locks, size_t count)
{
    if (past->locks_count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(past->locks[i], locks[i]) != 0)
            return false;
    return true;
}

/* Other locks: all that was found out is void. */
static int keep_locks(struct ml_import_history *history, struct ml_import_past *past,
                      const char *const *locks, size_t count)
{
    if (past->lock_changes && same_locks(past, locks, count))
        return MLEDGER_OK;
    free(past->lock_changes);
    past->lock_changes = ml_calloc(history->commits.count, sizeof *past->lock_changes);
    past->locks = ml_pool_alloc(&history->pool, count, sizeof *past->locks);
    past->locks_count = count;
    if (!past->lock_changes || !past->locks)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++) {
        past->locks[i] = ml_pool_text(&history->pool, locks[i], strlen(locks[i]));
        if (!past->locks[i])
            return MLEDGER_ESYSTEM;
    }
    return MLEDGER_OK;
}

static int changes_locks(struct ml_import_history *history, const struct ml_import_past *past,
                         uint32_t index, bool *ret_changes)
{
    ML_CLEANUP(ml_git_tree_freep) struct ml_git_tree *tree = NULL;
    ML_CLEANUP(ml_git_tree_freep) struct ml_git_tree *before = NULL;
    const struct ml_git_node *node = &history->commits.nodes[index];
    *ret_changes = true;
    if (node->first_parent == ML_GIT_NO_COMMIT)
        return MLEDGER_OK;
    ML_TRY(ml_git_tree_open(history->git, node->id, &tree));
    ML_TRY(ml_git_tree_open(history->git, history->commits.nodes[node->first_parent].id, &before));
    bool same = true;
    for (size_t i = 0; i < past->locks_count && same; i++)
        ML_TRY(ml_git_tree_same(tree, before, past->locks[i], &same));
    *ret_changes = !same;
    return MLEDGER_OK;
}

/* The last commit along first parents, `index` or before it, that changed a lock. */
static int last_change(struct ml_import_history *history, struct ml_import_past *past,
                       uint32_t index, uint32_t *ret_index)
{
    uint32_t at = index, found = NEVER;
    while (at != ML_GIT_NO_COMMIT && found == NEVER) {
        bool changes = false;
        if (past->lock_changes[at] != UNKNOWN) {
            found = past->lock_changes[at];
            break;
        }
        ML_TRY(changes_locks(history, past, at, &changes));
        if (changes)
            found = at + 1;
        else
            at = history->commits.nodes[at].first_parent;
    }
    for (uint32_t i = index; i != ML_GIT_NO_COMMIT && past->lock_changes[i] == UNKNOWN;
         i = history->commits.nodes[i].first_parent) {
        past->lock_changes[i] = found;
        if (i == at)
            break;
    }
    *ret_index = found == NEVER ? ML_GIT_NO_COMMIT : found - 1;
    return MLEDGER_OK;
}

static int gather(struct ml_import_history *history, struct ml_import_past *past, uint32_t change,
                  struct ml_dvc_project *project)
{
    char(*ids)[ML_GIT_ID_SIZE] = ml_pool_alloc(&project->pool, ML_GIT_BEFORE_MAX, sizeof *ids);
    size_t count = 0;
    if (!ids)
        return MLEDGER_ESYSTEM;
    uint32_t at = history->commits.nodes[change].first_parent;
    while (at != ML_GIT_NO_COMMIT && count < ML_GIT_BEFORE_MAX) {
        uint32_t before;
        memcpy(ids[count++], history->commits.nodes[at].id, ML_GIT_ID_SIZE);
        ML_TRY(last_change(history, past, at, &before));
        if (before == at)
            break;
        at = history->commits.nodes[at].first_parent;
    }
    project->trained_at = (const char(*)[ML_GIT_ID_SIZE])ids;
    project->trained_at_count = count;
    return MLEDGER_OK;
}

int ml_import_training_find(struct ml_import_history *history, struct ml_import_past *past,
                            uint32_t index, struct ml_dvc_project *project)
{
    ML_CLEANUP(ml_freep) const char **locks = ml_calloc(project->files_count, sizeof *locks);
    size_t count = 0;
    uint32_t change;
    if (!locks)
        return ml_fail_memory();
    for (size_t i = 0; i < project->files_count; i++) {
        if (!ml_dvc_path_is_lock(project->files[i]))
            continue;
        locks[count] = ml_dvc_path_join(&project->pool, past->root, project->files[i]);
        if (!locks[count++])
            return MLEDGER_ESYSTEM;
    }
    if (count == 0)
        return MLEDGER_OK;
    ML_TRY(keep_locks(history, past, locks, count));
    ML_TRY(last_change(history, past, index, &change));
    return change == ML_GIT_NO_COMMIT ? MLEDGER_OK : gather(history, past, change, project);
}
