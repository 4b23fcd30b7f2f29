/* SPDX-License-Identifier: Apache-2.0 */
/* What the tagged commit says of an artifact: `artifacts:` of the dvc.yaml that the tag names, and
 * what DVC or Git tracks at its path. */
#include "ingest/dvc/digest.h"
#include "ingest/dvc/path.h"
#include "ingest/import_gto_state.h"

struct search {
    struct ml_import_gto *gto;
    struct ml_git_tree *tree;
    struct ml_dvc_project *project;
    struct ml_draft *draft;
    struct ml_import_list digests, labels;
};

static void search_release(struct search *search)
{
    ml_import_list_release(&search->digests);
    ml_import_list_release(&search->labels);
    ml_dvc_project_free(search->project);
    ml_git_tree_free(search->tree);
}

/* Folders of tags are seen from the repository, files of projects from the project. */
static int find_artifact(struct search *search, const struct ml_gto_tag *said,
                         const struct ml_dvc_artifact **ret_artifact)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const char *wanted = ml_dvc_path_join(&pool, ".", said->dir);
    *ret_artifact = NULL;
    for (size_t i = 0; i < search->project->artifacts_count; i++) {
        const struct ml_dvc_artifact *artifact = &search->project->artifacts[i];
        const char *file = ml_dvc_path_join(&pool, search->gto->history->prefix, artifact->file);
        const char *dir = file ? ml_dvc_path_parent(&pool, file) : NULL;
        if (!wanted || !dir)
            return MLEDGER_ESYSTEM;
        if (strcmp(artifact->id, said->name) == 0 && strcmp(dir, wanted) == 0)
            *ret_artifact = artifact;
    }
    return MLEDGER_OK;
}

static void import_release(struct ml_import_dvc *import)
{
    import->project = NULL; /* borrowed */
    ml_import_dvc_release(import);
}

static int put_out(struct search *search, const struct ml_dvc_item *out, Mledger__Artifact *made)
{
    ML_CLEANUP(import_release)
    struct ml_import_dvc import = {.batch = &search->gto->history->batch,
                                   .project = search->project,
                                   .history = search->gto->history};
    made->has_size = out->size >= 0;
    made->size = out->size >= 0 ? (uint64_t)out->size : 0;
    return ml_import_dvc_contents(&import, search->draft, out, "", &search->digests,
                                  &search->labels);
}

/* A file that lies in Git itself was seen here. */
static int put_blob(struct search *search, const char *full, Mledger__Artifact *made)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf content = {0};
    struct ml_dvc_digest digest;
    enum ml_git_kind kind;
    const char *path = ml_dvc_path_join(&pool, search->gto->history->prefix, full);
    if (!path)
        return MLEDGER_ESYSTEM;
    if (ml_dvc_path_is_outside(path))
        return MLEDGER_OK;
    ML_TRY(ml_git_tree_kind(search->tree, path, &kind));
    if (kind != ML_GIT_FILE)
        return MLEDGER_OK;
    ML_TRY(ml_git_tree_read(search->tree, path, ML_GIT_BLOB_MAX, &content));
    ML_TRY(ml_dvc_digest_bytes(ml_buf_span(&content), &digest));
    made->has_size = true;
    made->size = content.len;
    return ml_import_digest(search->draft, &search->digests, MLEDGER__ALGORITHM__SHA256,
                            ML_SPAN(digest.sha256, sizeof digest.sha256), MLEDGER__STANDING__SEEN);
}

static int put(struct search *search, const struct ml_dvc_artifact *artifact,
               Mledger__VersionRegistered *registered)
{
    struct ml_draft *draft = search->draft;
    ML_CLEANUP(ml_import_list_release) struct ml_import_list list = {0};
    Mledger__Artifact *made = ml_draft_message(draft, &mledger__artifact__descriptor);
    const struct ml_dvc_item *out = ml_dvc_project_out(search->project, artifact->full);
    if (!made)
        return ml_arena_fail(&draft->arena, "a version");
    ML_TRY(ml_import_text(draft, artifact->full, &made->path));
    ML_TRY(ml_import_text(draft, artifact->path, &registered->source));
    ML_TRY(out ? put_out(search, out, made) : put_blob(search, artifact->full, made));
    ML_TRY(ml_import_label(draft, &search->labels, "dvc.artifact.type", artifact->type));
    ML_TRY(ml_import_list_move(&search->digests, draft, &made->digests, &made->n_digests));
    ML_TRY(ml_import_list_move(&search->labels, draft, &made->labels, &made->n_labels));
    ML_TRY(ml_import_list_add(&list, made));
    return ml_import_list_move(&list, draft, &registered->artifacts, &registered->n_artifacts);
}

int ml_import_gto_artifact(struct ml_import_gto *gto, const struct ml_git_tag *tag,
                           const struct ml_gto_tag *said, struct ml_draft *draft,
                           Mledger__VersionRegistered *registered)
{
    static const struct ml_dvc_options reading = {.keep_broken = true, .may_be_empty = true};
    ML_CLEANUP(search_release) struct search search = {.gto = gto, .draft = draft};
    const struct ml_dvc_artifact *artifact;
    ML_TRY(ml_git_tree_open(gto->history->git, tag->commit, &search.tree));
    ML_TRY(
        ml_dvc_project_read_commit(search.tree, gto->history->prefix, &reading, &search.project));
    ML_TRY(find_artifact(&search, said, &artifact));
    return artifact ? put(&search, artifact, registered) : MLEDGER_OK;
}
