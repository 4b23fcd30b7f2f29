/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/git_range.h"

#include "ingest/git_private.h"

static void walk_freep(git_revwalk **walk)
{
    git_revwalk_free(*walk);
}

static int find(struct ml_git *git, const char *id, git_oid *ret_id)
{
    ML_CLEANUP(ml_git_commit_freep) git_commit *commit = NULL;
    ML_TRY(ml_git_lookup(git, id, &commit));
    *ret_id = *git_commit_id(commit);
    return MLEDGER_OK;
}

static int prepare(struct ml_git *git, const char *from, const char *to, git_revwalk **ret_walk)
{
    git_oid hidden, pushed;
    ML_TRY(find(git, from, &hidden));
    ML_TRY(find(git, to, &pushed));
    if (git_revwalk_new(ret_walk, git->repository) < 0 ||
        git_revwalk_sorting(*ret_walk, GIT_SORT_TOPOLOGICAL) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot walk the commits of",
                           git_repository_path(git->repository));
    if (git_revwalk_push(*ret_walk, &pushed) < 0 || git_revwalk_hide(*ret_walk, &hidden) < 0)
        return ml_git_fail(MLEDGER_ENOTFOUND, "cannot follow the commits behind", to);
    return MLEDGER_OK;
}

int ml_git_range(struct ml_git *git, const char *from, const char *to, size_t most,
                 struct ml_pool *pool, struct ml_git_range *ret_range)
{
    ML_CLEANUP(walk_freep) git_revwalk *walk = NULL;
    struct ml_git_range range = {.commits = ml_pool_alloc(pool, most + 1, sizeof *range.commits)};
    if (!range.commits)
        return MLEDGER_ESYSTEM;
    ML_TRY(prepare(git, from, to, &walk));
    git_oid id;
    int result = git_revwalk_next(&id, walk);
    while (result == 0 && range.count < most) {
        char text[ML_GIT_ID_SIZE];
        git_oid_tostr(text, sizeof text, &id);
        ML_TRY(ml_git_commit_read(git, text, pool, &range.commits[range.count++]));
        result = git_revwalk_next(&id, walk);
    }
    if (result < 0 && result != GIT_ITEROVER)
        return ml_git_fail(MLEDGER_ENOTFOUND, "cannot follow the commits behind", to);
    range.more = result == 0;
    *ret_range = range;
    return MLEDGER_OK;
}
