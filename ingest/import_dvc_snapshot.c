/* SPDX-License-Identifier: Apache-2.0 */
/* The stages of a project as messages, in the project's order. */
#include "ingest/import_dvc_state.h"
#include "ledger/core/codec.h"

struct snapshot {
    struct ml_import_dvc *import;
    struct ml_draft *draft;
    struct ml_import_producers producers;
    struct ml_import_list *values;
};

static void snapshot_release(struct snapshot *snapshot)
{
    ml_import_producers_release(&snapshot->producers);
}

/* What is put together of one message. */
struct lists {
    struct ml_import_list digests, labels, files, params, texts;
};

static void lists_release(struct lists *lists)
{
    ml_import_list_release(&lists->digests);
    ml_import_list_release(&lists->labels);
    ml_import_list_release(&lists->files);
    ml_import_list_release(&lists->params);
    ml_import_list_release(&lists->texts);
}

static int put_size(int64_t size, protobuf_c_boolean *has, uint64_t *field)
{
    *has = size >= 0;
    *field = size >= 0 ? (uint64_t)size : 0;
    return MLEDGER_OK;
}

static int put_repository(struct snapshot *snapshot, const struct ml_dvc_item *item,
                          Mledger__PipelineFile *file)
{
    struct ml_draft *draft = snapshot->draft;
    if (!item->repo_url)
        return MLEDGER_OK;
    file->repository = ml_draft_message(draft, &mledger__repository_import__descriptor);
    if (!file->repository)
        return ml_arena_fail(&draft->arena, "a pipeline");
    ML_TRY(ml_import_text(draft, item->repo_url, &file->repository->url));
    ML_TRY(ml_import_text(draft, item->repo_rev, &file->repository->rev));
    return ml_import_dvc_commit(draft, item->repo_rev_lock, MLEDGER__STANDING__CLAIMED,
                                &file->repository->commit);
}

static int make_file(struct snapshot *snapshot, const struct ml_dvc_item *item, struct lists *lists,
                     Mledger__PipelineFile **ret_file)
{
    struct ml_draft *draft = snapshot->draft;
    Mledger__PipelineFile *file = ml_draft_message(draft, &mledger__pipeline_file__descriptor);
    if (!file)
        return ml_arena_fail(&draft->arena, "a pipeline");
    ML_TRY(ml_import_text(draft, item->full, &file->path));
    ML_TRY(
        ml_import_dvc_contents(snapshot->import, draft, item, "", &lists->digests, &lists->labels));
    ML_TRY(ml_import_list_move(&lists->digests, draft, &file->digests, &file->n_digests));
    ML_TRY(ml_import_list_move(&lists->labels, draft, &file->labels, &file->n_labels));
    ML_TRY(put_size(item->size, &file->has_size, &file->size));
    ML_TRY(put_size(item->nfiles, &file->has_files, &file->files));
    file->has_executable = file->executable = item->is_exec;
    file->has_metric = file->metric = item->metric;
    file->has_plot = file->plot = item->plot;
    *ret_file = file;
    return put_repository(snapshot, item, file);
}

static int put_producers(struct snapshot *snapshot, const char *full, Mledger__PipelineFile *file)
{
    struct ml_import_producers *producers = &snapshot->producers;
    ML_TRY(ml_import_producers_find(producers, full));
    if (producers->n_found == 0)
        return MLEDGER_OK;
    file->producers =
        ml_arena_calloc(&snapshot->draft->arena, producers->n_found, sizeof(uint32_t));
    if (!file->producers)
        return ml_arena_fail(&snapshot->draft->arena, "a pipeline");
    memcpy(file->producers, producers->found, producers->n_found * sizeof(uint32_t));
    file->n_producers = producers->n_found;
    return MLEDGER_OK;
}

/* Imports, databases and `ds://` are made outside: DVC draws no edge to them. */
static bool is_made_here(const struct ml_dvc_item *dep)
{
    return !dep->repo_url && !dep->is_db && strncmp(dep->path, "ds://", 5) != 0;
}

/* A file of parameters that a stage makes: the edge would be lost otherwise. */
static int put_params_file(struct snapshot *snapshot, const char *full, struct lists *lists)
{
    ML_TRY(ml_import_producers_find(&snapshot->producers, full));
    if (snapshot->producers.n_found == 0)
        return MLEDGER_OK;
    Mledger__PipelineFile *file =
        ml_draft_message(snapshot->draft, &mledger__pipeline_file__descriptor);
    if (!file)
        return ml_arena_fail(&snapshot->draft->arena, "a pipeline");
    ML_TRY(ml_import_text(snapshot->draft, full, &file->path));
    ML_TRY(put_producers(snapshot, full, file));
    return ml_import_list_add(&lists->files, file);
}

static int put_deps(struct snapshot *snapshot, const struct ml_dvc_stage *from, struct lists *lists,
                    Mledger__PipelineStage *stage)
{
    const char *last = NULL;
    for (size_t i = 0; i < from->deps_count; i++) {
        Mledger__PipelineFile *file;
        ML_TRY(make_file(snapshot, &from->deps[i], lists, &file));
        if (is_made_here(&from->deps[i]))
            ML_TRY(put_producers(snapshot, from->deps[i].full, file));
        ML_TRY(ml_import_list_add(&lists->files, file));
    }
    for (size_t i = 0; i < from->params_count; i++) {
        if (!last || strcmp(last, from->params[i].full) != 0)
            ML_TRY(put_params_file(snapshot, from->params[i].full, lists));
        last = from->params[i].full;
    }
    return ml_import_list_move(&lists->files, snapshot->draft, &stage->deps, &stage->n_deps);
}

static int put_outs(struct snapshot *snapshot, const struct ml_dvc_stage *from, struct lists *lists,
                    Mledger__PipelineStage *stage)
{
    for (size_t i = 0; i < from->outs_count; i++) {
        Mledger__PipelineFile *file;
        ML_TRY(make_file(snapshot, &from->outs[i], lists, &file));
        ML_TRY(ml_import_list_add(&lists->files, file));
    }
    return ml_import_list_move(&lists->files, snapshot->draft, &stage->outs, &stage->n_outs);
}

/* ---- parameters ---- */

/* Parameters of one stage on their way into it. */
struct params {
    struct snapshot *snapshot;
    const struct ml_dvc_stage *stage;
    const char *file;
    struct ml_import_list *list;
};

/* As the lock has it; "" where it has none. */
static int put_value(const struct params *params, const char *key, const struct ml_value *value)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const char *address = params->stage->address;
    if (value)
        ML_TRY(ml_value_write(value, &text));
    if (text.len > ML_LIMIT_TEXT) {
        int result =
            ml_fail(MLEDGER_EINVALID, "stage '%s': parameter '%s' has %zu bytes, a record holds %d",
                    address, key, text.len, ML_LIMIT_TEXT);
        ML_TRY(ml_import_give_up(params->snapshot->import->batch, address, result));
        ml_buf_clear(&text);
    }
    const char *data = text.data ? (const char *)text.data : "";
    return ml_import_list_add(params->snapshot->values,
                              ml_arena_text(&params->snapshot->draft->arena, data, text.len));
}

static int put_param(const struct params *params, const char *key, const struct ml_value *value)
{
    struct ml_draft *draft = params->snapshot->draft;
    Mledger__PipelineParam *made = ml_draft_message(draft, &mledger__pipeline_param__descriptor);
    if (!made)
        return ml_arena_fail(&draft->arena, "a pipeline");
    ML_TRY(ml_import_text(draft, params->file, &made->file));
    ML_TRY(ml_import_text(draft, key, &made->key));
    ML_TRY(ml_import_list_add(params->list, made));
    return put_value(params, key, value);
}

/* A section that is tracked as one is recorded by its members, under DVC's dotted names: a run
 * logs members too. The reader has limited how deep sections nest. */
static int put_section(const struct params *params, const char *key, const struct ml_value *value)
{
    if (!ml_value_is(value, ML_VALUE_MAP) || value->count == 0)
        return put_param(params, key, value);
    for (size_t i = 0; i < value->count; i++) {
        const struct ml_value *name = value->entries[i].key;
        const char *member = ml_pool_printf(&params->snapshot->import->pool, "%s.%s", key,
                                            name->text ? name->text : "");
        if (!member)
            return MLEDGER_ESYSTEM;
        ML_TRY(put_section(params, member, value->entries[i].value));
    }
    return MLEDGER_OK;
}

static int put_params(struct snapshot *snapshot, const struct ml_dvc_stage *from,
                      struct lists *lists, Mledger__PipelineStage *stage)
{
    for (size_t i = 0; i < from->params_count; i++) {
        const struct ml_dvc_param *param = &from->params[i];
        const struct params params = {
            .snapshot = snapshot, .stage = from, .file = param->full, .list = &lists->params};
        ML_TRY(put_section(&params, param->key ? param->key : "", param->locked));
    }
    return ml_import_list_move(&lists->params, snapshot->draft, &stage->params, &stage->n_params);
}

/* ---- stages ---- */

/* What ran, where something did; else what would. */
static int put_command(struct snapshot *snapshot, const struct ml_dvc_stage *from,
                       struct lists *lists, Mledger__PipelineStage *stage)
{
    const struct ml_dvc_command *command =
        from->locked_command.count ? &from->locked_command : &from->command;
    for (size_t i = 0; i < command->count; i++)
        ML_TRY(
            ml_import_list_add(&lists->texts, ml_draft_text(snapshot->draft, command->lines[i])));
    return ml_import_list_move(&lists->texts, snapshot->draft, &stage->command, &stage->n_command);
}

static int make_stage(struct snapshot *snapshot, const struct ml_dvc_stage *from,
                      Mledger__PipelineStage **ret_stage)
{
    ML_CLEANUP(lists_release) struct lists lists = {0};
    struct ml_draft *draft = snapshot->draft;
    Mledger__PipelineStage *stage = ml_draft_message(draft, &mledger__pipeline_stage__descriptor);
    if (!stage)
        return ml_arena_fail(&draft->arena, "a pipeline");
    ML_TRY(ml_import_text(draft, from->address, &stage->address));
    if (from->wdir && strcmp(from->wdir, ".") != 0)
        ML_TRY(ml_import_text(draft, from->wdir, &stage->working_directory));
    ML_TRY(put_command(snapshot, from, &lists, stage));
    stage->has_frozen = stage->frozen = from->is_frozen;
    stage->has_locked = stage->locked = from->is_locked;
    ML_TRY(put_deps(snapshot, from, &lists, stage));
    ML_TRY(put_outs(snapshot, from, &lists, stage));
    ML_TRY(put_params(snapshot, from, &lists, stage));
    *ret_stage = stage;
    return MLEDGER_OK;
}

int ml_import_dvc_snapshot(struct ml_import_dvc *import, struct ml_draft *draft,
                           struct ml_import_list *values, Mledger__PipelineSnapshot **ret_snapshot)
{
    const struct ml_dvc_project *project = import->project;
    ML_CLEANUP(ml_import_list_release) struct ml_import_list stages = {0};
    ML_CLEANUP(snapshot_release)
    struct snapshot snapshot = {.import = import, .draft = draft, .values = values};
    ML_TRY(ml_import_producers_init(&snapshot.producers, import));
    Mledger__PipelineSnapshot *message =
        ml_draft_message(draft, &mledger__pipeline_snapshot__descriptor);
    if (!message)
        return ml_arena_fail(&draft->arena, "a pipeline");
    for (size_t i = 0; i < project->stages_count; i++) {
        Mledger__PipelineStage *stage = NULL;
        if (import->indexes[i] == ML_IMPORT_NO_STAGE)
            continue;
        ML_TRY(make_stage(&snapshot, &project->stages[i], &stage));
        ML_TRY(ml_import_list_add(&stages, stage));
    }
    ML_TRY(ml_import_list_move(&stages, draft, &message->stages, &message->n_stages));
    ML_TRY(ml_import_dvc_findings(import, draft, message));
    *ret_snapshot = message;
    return MLEDGER_OK;
}
