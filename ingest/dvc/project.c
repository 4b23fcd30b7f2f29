/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/dvc/project.h"

#include "ingest/dvc/path.h"
#include "ingest/dvc/reader.h"

void ml_dvc_project_free(struct ml_dvc_project *project)
{
    if (!project)
        return;
    for (size_t i = 0; i < project->documents_count; i++)
        ml_document_free(project->documents[i]);
    free(project->documents);
    free(project->files);
    free(project->unread);
    free(project->stages);
    free(project->artifacts);
    free(project->listed);
    free(project->datasets);
    free(project->remotes);
    free(project->findings);
    free(project->left_out);
    free(project->outs);
    free(project->outs_stage);
    free(project->edges);
    free(project->out_edges);
    ml_pool_release(&project->pool);
    free(project);
}

void ml_dvc_project_freep(struct ml_dvc_project **project)
{
    ml_dvc_project_free(*project);
}

const struct ml_dvc_item *ml_dvc_project_out(const struct ml_dvc_project *project, const char *full)
{
    for (size_t i = 0; i < project->outs_count; i++)
        if (strcmp(project->outs[i]->full, full) == 0)
            return project->outs[i];
    return NULL;
}

const char *ml_dvc_finding_name(enum ml_dvc_finding_kind kind)
{
    static const char *const names[ML_DVC_FINDINGS] = {
        [ML_DVC_STAGE_NOT_IN_YAML] = "stage-not-in-yaml",
        [ML_DVC_STAGE_NOT_LOCKED] = "stage-not-locked",
        [ML_DVC_COMMAND_CHANGED] = "command-changed",
        [ML_DVC_ITEM_NOT_LOCKED] = "item-not-locked",
        [ML_DVC_ITEM_NOT_IN_YAML] = "item-not-in-yaml",
        [ML_DVC_PARAM_CHANGED] = "param-changed",
        [ML_DVC_PARAM_NOT_LOCKED] = "param-not-locked",
        [ML_DVC_HASH_CHANGED] = "hash-changed",
        [ML_DVC_COMMIT_HASH_CHANGED] = "commit-hash-changed",
        [ML_DVC_LINES_CHANGED] = "lines-changed",
        [ML_DVC_TEMPLATE_UNRESOLVED] = "template-unresolved",
        [ML_DVC_OUTPUT_DUPLICATE] = "output-duplicate",
        [ML_DVC_OUTPUT_OVERLAP] = "output-overlap",
        [ML_DVC_HASH_INCONSISTENT] = "hash-inconsistent",
        [ML_DVC_CYCLE] = "cycle",
        [ML_DVC_FILE_BROKEN] = "file-broken",
    };
    return kind < ML_DVC_FINDINGS ? names[kind] : "unknown";
}

/* ---- the reader ---- */

int ml_dvc_reader_init(struct ml_dvc_reader *reader, const char *root,
                       const struct ml_dvc_options *options)
{
    size_t len = strlen(root);
    while (len > 1 && root[len - 1] == '/')
        len--;
    *reader = (struct ml_dvc_reader){0};
    reader->project = calloc(1, sizeof(*reader->project));
    if (!reader->project)
        return ml_fail_memory();
    if (options)
        reader->options = *options;
    reader->project->root = ml_pool_text(&reader->project->pool, root, len);
    if (!reader->project->root)
        return MLEDGER_ESYSTEM;
    reader->files = ml_dvc_files_disk(reader->project->root);
    return 0;
}

void ml_dvc_reader_release(struct ml_dvc_reader *reader)
{
    ml_table_release(&reader->documents);
    ml_table_release(&reader->out_paths);
    ml_table_release(&reader->broken);
    ml_table_release(&reader->unread);
    ml_dvc_project_free(reader->project);
    reader->project = NULL;
}

const char *ml_dvc_reader_path(struct ml_dvc_reader *reader, const char *relpath)
{
    struct ml_dvc_project *project = reader->project;
    if (strcmp(relpath, ".") == 0)
        return project->root;
    if (relpath[0] == '/')
        return relpath;
    return ml_pool_printf(&project->pool, "%s/%s", project->root, relpath);
}

static int keep_document(struct ml_dvc_reader *reader, struct ml_document *document)
{
    struct ml_dvc_project *project = reader->project;
    const int result = ml_grow(&project->documents, &project->documents_cap,
                               project->documents_count + 1, sizeof(*project->documents));
    if (result < 0) {
        ml_document_free(document);
        return result;
    }
    project->documents[project->documents_count++] = document;
    return 0;
}

int ml_dvc_reader_adopt(struct ml_dvc_reader *reader, struct ml_document *document)
{
    struct ml_dvc_project *project = reader->project;
    ML_TRY(keep_document(reader, document));
    ML_TRY(ml_table_put(&reader->documents, document->name, document));
    ML_TRY(ml_grow(&project->files, &project->files_cap, project->files_count + 1,
                   sizeof(*project->files)));
    project->files[project->files_count++] = document->name;
    return 0;
}

int ml_dvc_reader_unread(struct ml_dvc_reader *reader, const char *relpath)
{
    struct ml_dvc_project *project = reader->project;
    if (ml_table_get(&reader->unread, relpath))
        return 0;
    const char *copy = ml_pool_text(&project->pool, relpath, strlen(relpath));
    if (!copy)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_table_put(&reader->unread, copy, reader));
    ML_TRY(ml_grow(&project->unread, &project->unread_cap, project->unread_count + 1,
                   sizeof(*project->unread)));
    project->unread[project->unread_count++] = copy;
    return 0;
}

static int read_document(struct ml_dvc_reader *reader, const char *relpath,
                         struct ml_document **ret_document)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const int result = reader->files.read(&reader->files, relpath, ML_VALUE_BYTES_MAX, &text);
    if (result == MLEDGER_ENOTFOUND)
        ML_TRY(ml_dvc_reader_unread(reader, relpath));
    ML_TRY(result);
    return ml_document_parse(ml_buf_span(&text), relpath, NULL, ret_document);
}

int ml_dvc_reader_document(struct ml_dvc_reader *reader, const char *relpath,
                           struct ml_document **ret_document)
{
    struct ml_document *document = ml_table_get(&reader->documents, relpath);
    const char *reason = ml_table_get(&reader->broken, relpath);
    if (reason)
        return ml_fail(MLEDGER_EINVALID, "%s", reason);
    if (!document) {
        ML_TRY(read_document(reader, relpath, &document));
        ML_TRY(ml_dvc_reader_adopt(reader, document));
    }
    *ret_document = document;
    return 0;
}

int ml_dvc_reader_made(struct ml_dvc_reader *reader, const char *name,
                       struct ml_document **ret_document)
{
    struct ml_document *document;
    ML_TRY(ml_document_new(name, &document));
    ML_TRY(keep_document(reader, document));
    *ret_document = document;
    return 0;
}

int ml_dvc_reader_stage(struct ml_dvc_reader *reader, struct ml_dvc_stage **ret_stage)
{
    struct ml_dvc_project *project = reader->project;
    if (project->stages_count >= ML_DVC_STAGES_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: more than %zu stages", project->root,
                       ML_DVC_STAGES_MAX);
    ML_TRY(ml_grow(&project->stages, &project->stages_cap, project->stages_count + 1,
                   sizeof(*project->stages)));
    *ret_stage = &project->stages[project->stages_count++];
    **ret_stage = (struct ml_dvc_stage){0};
    return 0;
}

int ml_dvc_reader_finding(struct ml_dvc_reader *reader, enum ml_dvc_finding_kind kind,
                          const char *stage, const char *path, const char *recorded,
                          const char *found)
{
    struct ml_dvc_project *project = reader->project;
    ML_TRY(ml_grow(&project->findings, &project->findings_cap, project->findings_count + 1,
                   sizeof(*project->findings)));
    project->findings[project->findings_count++] = (struct ml_dvc_finding){
        .kind = kind, .stage = stage, .path = path, .recorded = recorded, .found = found};
    return 0;
}

static int note_left_out(struct ml_dvc_reader *reader, const char *file, const char *reason)
{
    struct ml_dvc_project *project = reader->project;
    if (reader->options.keep_broken)
        return ml_dvc_reader_finding(reader, ML_DVC_FILE_BROKEN, NULL, file, NULL, reason);
    ML_TRY(ml_grow(&project->left_out, &project->left_out_cap, project->left_out_count + 1,
                   sizeof(*project->left_out)));
    project->left_out[project->left_out_count++] =
        (struct ml_dvc_left_out){.file = file, .reason = reason};
    return 0;
}

int ml_dvc_reader_left_out(struct ml_dvc_reader *reader, const char *file, int result)
{
    const bool goes_on = reader->options.keep_going || reader->options.keep_broken;
    if (!goes_on || result != MLEDGER_EINVALID)
        return result;
    const char *reason = mledger_error_text();
    char *copy = ml_pool_text(&reader->project->pool, reason, strlen(reason));
    if (!copy)
        return MLEDGER_ESYSTEM;
    /* Every stage that names it would say the same again. */
    if (ml_table_get(&reader->broken, file))
        return 0;
    ML_TRY(ml_table_put(&reader->broken, file, copy));
    ML_TRY(ml_dvc_reader_unread(reader, file));
    return note_left_out(reader, file, copy);
}

/* ---- reading ---- */

static int check_root(struct ml_dvc_reader *reader)
{
    assert(reader->files.is_directory);
    if (reader->options.may_be_empty || reader->files.is_directory(&reader->files, "."))
        return 0;
    return ml_fail(MLEDGER_ENOTFOUND, "no directory '%s'", reader->project->root);
}

static int check_found(struct ml_dvc_reader *reader)
{
    const struct ml_dvc_project *project = reader->project;
    if (reader->options.may_be_empty || project->files_count > 0 || project->left_out_count > 0 ||
        reader->files.is_directory(&reader->files, ".dvc"))
        return 0;
    return ml_fail(MLEDGER_ENOTFOUND, "no DVC project in '%s': no .dvc/, dvc.yaml or .dvc file",
                   project->root);
}

static int read_all(struct ml_dvc_reader *reader)
{
    ML_TRY(check_root(reader));
    ML_TRY(ml_dvc_reader_left_out(reader, ".dvc/config", ml_dvc_config_read(reader)));
    ML_TRY(ml_dvc_walk(reader));
    ML_TRY(check_found(reader));
    ML_TRY(ml_dvc_graph_build(reader));
    return ml_dvc_check(reader);
}

int ml_dvc_project_read(const char *root, const struct ml_dvc_options *options,
                        struct ml_dvc_project **ret_project)
{
    ML_CLEANUP(ml_dvc_reader_release) struct ml_dvc_reader reader = {0};
    ML_TRY(ml_dvc_reader_init(&reader, root, options));
    ML_TRY(read_all(&reader));
    *ret_project = ML_TAKE(reader.project);
    return 0;
}

int ml_dvc_project_read_commit(const struct ml_git_tree *tree, const char *root,
                               const struct ml_dvc_options *options,
                               struct ml_dvc_project **ret_project)
{
    ML_CLEANUP(ml_dvc_reader_release) struct ml_dvc_reader reader = {0};
    ML_TRY(ml_dvc_reader_init(&reader, root, options));
    reader.files = ml_dvc_files_commit(tree, reader.project->root);
    ML_TRY(read_all(&reader));
    *ret_project = ML_TAKE(reader.project);
    return 0;
}
