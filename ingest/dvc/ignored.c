/* SPDX-License-Identifier: Apache-2.0 */
/* Whether Git ignores a dvc.lock: then no commit says what ran. */
#include "ingest/dvc/path.h"
#include "ingest/dvc/reader.h"
#include "ingest/git_ignore.h"

static int ignores(const struct ml_dvc_reader *reader, struct ml_git *git, const char *path,
                   bool *ret_ignored)
{
    return git ? ml_git_ignores(git, path, ret_ignored)
               : ml_git_tree_ignores(reader->files.tree, path, ret_ignored);
}

/* Beside each dvc.yaml there is a lock, or will be. */
static int check_one(struct ml_dvc_reader *reader, struct ml_git *git, const char *prefix,
                     const char *yaml)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    struct ml_dvc_project *project = reader->project;
    const char *name = ml_dvc_path_name(yaml);
    bool ignored;
    if (strcmp(name, "dvc.yaml") != 0 || ml_dvc_path_is_outside(yaml))
        return 0;
    ML_TRY(ml_buf_printf(&path, "%s%.*sdvc.lock", prefix, (int)(name - yaml), yaml));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    const int result = ignores(reader, git, (const char *)path.data, &ignored);
    if (result == MLEDGER_EINVALID)
        return 0; /* a .gitignore that cannot be one: not known */
    ML_TRY(result);
    project->knows_ignored = true;
    project->lock_ignored |= ignored;
    return 0;
}

int ml_dvc_ignored_check(struct ml_dvc_reader *reader, struct ml_git *git, const char *prefix)
{
    const struct ml_dvc_project *project = reader->project;
    for (size_t i = 0; i < project->files_count; i++)
        ML_TRY(check_one(reader, git, prefix, project->files[i]));
    return 0;
}
