/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logged models (MLflow 3): what they were made with, by which run, their state, tags and files.
 * Their metrics repeat the run's, which are recorded with it.
 */
#include "ingest/import_mlflow_found.h"

/* ---- creating ---- */

static const char *given(const char *text)
{
    return text && *text && ml_import_mlflow_fits(text) ? text : NULL;
}

/* The run that made it: one that the ledger has or that stands in this batch; else its id alone.
 * *ret_takes is false if that run is deleted in the ledger, and takes nothing more. */
static int put_run(struct ml_import_mlflow *import, const char *id, struct ml_draft *draft,
                   Mledger__LoggedModelCreated *created, bool *ret_takes)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_import_ref ref = {.kind = MLEDGER__SUBJECT_KIND__RUN, .name = id};
    struct ml_view *view;
    Mledger__SubjectState *state;
    ml_arena_init(&arena, 1 << 20);
    *ret_takes = true;
    if (!given(id))
        return MLEDGER_OK;
    ML_TRY(ml_import_batch_view(&import->batch, &view));
    const int result = ml_state_find(view->state, MLEDGER__SUBJECT_KIND__RUN, id, &ref.seq);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    ref.in_ledger = result == MLEDGER_OK;
    if (ref.in_ledger) {
        ML_TRY(ml_state_subject(view->state, ref.seq, &arena, &state));
        *ret_takes = !state->has_deleted;
    } else if (!ml_table_get(&import->memory->run_contents, id)) {
        return ml_import_text(draft, id, &created->run_id);
    }
    return ml_import_ref_put(draft, &ref, "run", &created->run, &created->has_run);
}

static int put_params(struct ml_draft *draft, const struct ml_mlflow_pairs *params,
                      struct ml_import_known *known, char ***ret_params, size_t *ret_count)
{
    ML_CLEANUP(ml_import_list_release) struct ml_import_list keys = {0};
    ML_CLEANUP(ml_import_list_release) struct ml_import_list values = {0};
    for (size_t i = 0; i < params->count; i++) {
        const struct ml_mlflow_pair *param = &params->items[i];
        const int has = ml_import_known_has(known, NULL, "p/%s", param->key);
        ML_TRY(has);
        if (has || !ml_import_mlflow_fits(param->value))
            continue;
        ML_TRY(ml_import_list_add(&keys, ml_draft_text(draft, param->key)));
        ML_TRY(ml_import_list_add(&values, ml_draft_text(draft, param->value)));
    }
    ML_TRY(ml_import_list_move(&values, draft, &draft->details->param_values,
                               &draft->details->n_param_values));
    return ml_import_list_move(&keys, draft, ret_params, ret_count);
}

/* 1 when it was created, 0 when its run takes no records. */
static int create(struct ml_import_mlflow *import, struct ml_import_found *found,
                  const struct ml_mlflow_logged_model *model)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__LoggedModelCreated *created;
    bool takes;
    ML_TRY(ml_import_mlflow_draft(import, "logged_model_created", model->path, model->created_ms,
                                  &draft, &created));
    ML_TRY(put_run(import, model->source_run_id, draft, created, &takes));
    if (!takes)
        return ml_import_leave_out(import->batch.report, model->path,
                                   "the run that made this logged model is deleted in the ledger");
    if (import->experiment.name)
        ML_TRY(ml_import_ref_put(draft, &import->experiment, "experiment", &created->experiment,
                                 &created->has_experiment));
    ML_TRY(ml_import_text(draft, model->id, &created->model_id));
    ML_TRY(ml_import_text(draft, given(model->name), &created->name));
    ML_TRY(ml_import_text(draft, given(model->type), &created->model_type));
    ML_TRY(ml_import_text(draft, given(model->artifact_location), &created->artifact_uri));
    ML_TRY(put_params(draft, &model->params, &found->known, &created->params, &created->n_params));
    ML_TRY(ml_import_mlflow_tags(draft, &model->tags, &created->tags, &created->n_tags));
    ML_TRY(ml_import_add(&import->batch, ML_TAKE(draft)));
    return 1;
}

/* ---- updating ---- */

/* The numbers are the same. */
static bool has_new_status(const struct ml_import_found *found,
                           const struct ml_mlflow_logged_model *model)
{
    const Mledger__LoggedModelStatus known =
        found->state ? found->state->model_status : MLEDGER__LOGGED_MODEL_STATUS__PENDING;
    return model->status != ML_MLFLOW_LOGGED_MODEL_UNSPECIFIED && (int)model->status != (int)known;
}

static int update(struct ml_import_mlflow *import, struct ml_import_found *found,
                  const struct ml_mlflow_logged_model *model)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__LoggedModelUpdated *updated;
    ML_TRY(ml_import_mlflow_draft(import, "logged_model_updated", model->path, model->updated_ms,
                                  &draft, &updated));
    ML_TRY(ml_import_ref_put(draft, &found->ref, "logged_model", &updated->logged_model, NULL));
    updated->has_status = has_new_status(found, model);
    if (updated->has_status) {
        updated->status = (Mledger__LoggedModelStatus)model->status;
        ML_TRY(ml_import_text(draft, given(model->status_message), &draft->details->status_text));
    }
    if (found->state) /* a new one has all of its parameters */
        ML_TRY(
            put_params(draft, &model->params, &found->known, &updated->params, &updated->n_params));
    if (!updated->has_status && updated->n_params == 0)
        return MLEDGER_OK;
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

/* 1 when the logged model takes events, 0 when it is to be left as it is. */
static int open_model(struct ml_import_mlflow *import, struct ml_import_found *found,
                      const struct ml_mlflow_logged_model *model)
{
    if (!found->state && import->experiment_deleted)
        return ml_import_leave_out(import->batch.report, model->path,
                                   "the experiment is deleted in the ledger already");
    if (!found->state)
        return create(import, found, model);
    if (found->state->has_deleted && model->lifecycle != ML_MLFLOW_DELETED)
        return ml_import_leave_out(import->batch.report, model->path,
                                   "the logged model is deleted in the ledger");
    return !found->state->has_deleted;
}

static int note_model(struct ml_import_mlflow *import, const char *id)
{
    const char *kept = ml_pool_text(&import->models_pool, id, strlen(id));
    return kept ? ml_table_put(&import->models, kept, import) : MLEDGER_ESYSTEM;
}

static int read_model(struct ml_import_mlflow *import, const struct ml_mlflow_logged_model *model)
{
    ML_CLEANUP(ml_import_found_release) struct ml_import_found found;
    ML_TRY(ml_import_found_read(import, MLEDGER__SUBJECT_KIND__LOGGED_MODEL, model->id, &found));
    const int open = open_model(import, &found, model);
    if (open <= 0)
        return open;
    const struct ml_import_tagged tagged = {
        .ref = &found.ref, .path = model->path, .tags = &model->tags};
    ML_TRY(note_model(import, model->id));
    if (found.state)
        ML_TRY(ml_import_mlflow_retag(import, &found.known, &tagged));
    ML_TRY(ml_import_mlflow_model_artifacts(import, &found.known, &found.ref, model));
    ML_TRY(update(import, &found, model));
    const struct ml_import_deletion deletion = {model->id, model->path, model->updated_ms};
    return model->lifecycle == ML_MLFLOW_DELETED
               ? ml_import_mlflow_delete_later(import, &import->models_to_delete, &deletion)
               : MLEDGER_OK;
}

int ml_import_mlflow_logged_model(void *context, const struct ml_mlflow_experiment *experiment,
                                  const struct ml_mlflow_logged_model *model)
{
    struct ml_import_mlflow *import = context;
    (void)experiment;
    import->done++;
    return read_model(import, model);
}

/* ---- deleting ---- */

static int delete_model(struct ml_import_mlflow *import, const struct ml_import_deletion *deletion)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    const struct ml_import_ref ref = {.kind = MLEDGER__SUBJECT_KIND__LOGGED_MODEL,
                                      .name = deletion->id};
    Mledger__LoggedModelDeleted *deleted;
    ML_TRY(ml_import_mlflow_draft(import, "logged_model_deleted", deletion->path,
                                  deletion->deleted_ms, &draft, &deleted));
    ML_TRY(ml_import_ref_put(draft, &ref, "logged_model", &deleted->logged_model, NULL));
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

int ml_import_mlflow_delete_models(struct ml_import_mlflow *import)
{
    for (size_t i = 0; i < import->models_to_delete.count; i++)
        ML_TRY(delete_model(import, &import->models_to_delete.list[i]));
    return MLEDGER_OK;
}
