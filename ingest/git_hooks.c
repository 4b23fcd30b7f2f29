/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/git_hooks.h"

#include <errno.h>
#include <git2.h>
#include <stdio.h>

void ml_git_hooks_release(struct ml_git_hooks *hooks)
{
    free(hooks->dir);
    free(hooks->root);
    free(hooks->below);
    free(hooks->common);
    *hooks = (struct ml_git_hooks){0};
}

static int fail(const char *what, const char *thing)
{
    const git_error *error = git_error_last();
    return ml_fail(MLEDGER_ESYSTEM, "%s '%s': %s", what, thing,
                   error && error->message ? error->message : "unknown error");
}

static void repository_freep(git_repository **repository)
{
    git_repository_free(*repository);
    git_libgit2_shutdown();
}

static void config_freep(git_config **config)
{
    git_config_free(*config);
}

static int real_path(const char *path, char **ret_real)
{
    *ret_real = realpath(path, NULL);
    return *ret_real ? MLEDGER_OK : ml_fail_errno(errno, "cannot find '%s'", path);
}

static int join(const char *parent, const char *name, char **ret_path)
{
    if (asprintf(ret_path, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent, name) >= 0)
        return MLEDGER_OK;
    *ret_path = NULL;
    return ml_fail_memory();
}

/* Git runs hooks at the root of the work tree: what is relative begins there. */
static int find_dir(git_repository *repository, struct ml_git_hooks *hooks)
{
    ML_CLEANUP(config_freep) git_config *config = NULL;
    git_buf path = {0};
    if (git_repository_config_snapshot(&config, repository) < 0)
        return fail("cannot read the configuration of", hooks->common);
    const int result = git_config_get_path(&path, config, "core.hooksPath");
    if (result < 0 && result != GIT_ENOTFOUND)
        return fail("cannot read core.hooksPath of", hooks->common);
    if (result < 0)
        return join(hooks->common, "hooks", &hooks->dir);
    const int joined = path.ptr[0] == '/' ? (hooks->dir = strdup(path.ptr)) ? 0 : ml_fail_memory()
                                          : join(hooks->root, path.ptr, &hooks->dir);
    git_buf_dispose(&path);
    return joined;
}

static int find_below(const char *dir, struct ml_git_hooks *hooks)
{
    ML_CLEANUP(ml_freep) char *real = NULL;
    ML_TRY(real_path(dir, &real));
    const size_t len = strlen(hooks->root);
    const bool is_inside = strncmp(real, hooks->root, len) == 0 && real[len] == '/';
    hooks->below = strdup(is_inside ? real + len + 1 : ".");
    return hooks->below ? MLEDGER_OK : ml_fail_memory();
}

int ml_git_hooks_find(const char *dir, struct ml_git_hooks *ret_hooks)
{
    ML_CLEANUP(ml_git_hooks_release) struct ml_git_hooks hooks = {0};
    if (git_libgit2_init() < 0)
        return fail("cannot prepare to read", dir);
    ML_CLEANUP(repository_freep) git_repository *repository = NULL;
    const int result = git_repository_open_ext(&repository, dir, 0, NULL);
    if (result == GIT_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "no Git repository around '%s'", dir);
    if (result < 0)
        return fail("cannot open the Git repository of", dir);
    if (git_repository_is_bare(repository))
        return ml_fail(MLEDGER_ENOTFOUND, "the Git repository around '%s' has no work tree", dir);
    ML_TRY(real_path(git_repository_workdir(repository), &hooks.root));
    ML_TRY(real_path(git_repository_commondir(repository), &hooks.common));
    ML_TRY(find_dir(repository, &hooks));
    ML_TRY(find_below(dir, &hooks));
    *ret_hooks = hooks;
    hooks = (struct ml_git_hooks){0};
    return MLEDGER_OK;
}
