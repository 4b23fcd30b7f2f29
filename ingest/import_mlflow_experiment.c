/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "ingest/import_mlflow_state.h"

/* What the ledger has of an experiment. */
struct found {
    bool in_ledger;
    uint64_t seq;
    const Mledger__SubjectState *state;
    struct ml_import_known known;
    struct ml_arena arena;
};

static void found_release(struct found *found)
{
    ml_import_known_release(&found->known);
    ml_arena_release(&found->arena);
}

static int find(struct ml_import_mlflow *import, const char *id, struct found *found)
{
    struct ml_view *view;
    struct ml_state_key key;
    Mledger__SubjectState *state;
    ML_TRY(ml_import_batch_view(&import->batch, &view));
    ML_TRY(ml_key_experiment_id(id, &key));
    int result = ml_state_pointer(view->state, &key, &found->seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    found->in_ledger = true;
    ML_TRY(ml_state_subject(view->state, found->seq, &found->arena, &state));
    found->state = state;
    return ml_import_known_read(view, found->seq, &found->known);
}

/* Every store has an experiment 0: those of two stores tell themselves apart by their place. */
static int check_same(struct found *found, const struct ml_mlflow_experiment *experiment)
{
    const char *place = experiment->artifact_location ? experiment->artifact_location : "";
    int has = ml_import_known_has(&found->known, place, "u");
    if (has)
        return has;
    ml_refuse("experiment-id",
              "experiment '%s' of this store is not the one that record %" PRIu64
              " holds under that id: its artifacts are at '%s'",
              experiment->id, found->seq, place);
    return ml_hint("mledger import mlflow --name NAME: experiments and models of this store are "
                   "then called NAME.…");
}

static int create(struct ml_import_mlflow *import, const struct ml_mlflow_experiment *experiment,
                  const char *id, const char *name)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__ExperimentCreated *created;
    ML_TRY(ml_import_mlflow_draft(import, "experiment_created", experiment->path,
                                  experiment->created_ms, &draft, &created));
    ML_TRY(ml_import_text(draft, id, &created->experiment_id));
    ML_TRY(ml_import_text(draft, name, &created->name));
    ML_TRY(ml_import_text(draft, experiment->artifact_location, &created->artifact_location));
    ML_TRY(ml_import_mlflow_tags(draft, &experiment->tags, &created->tags, &created->n_tags));
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

static int rename_to(struct ml_import_mlflow *import, const struct ml_mlflow_experiment *experiment,
                     const char *name)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__ExperimentUpdated *updated;
    ML_TRY(ml_import_mlflow_draft(import, "experiment_updated", experiment->path, ML_MLFLOW_NO_TIME,
                                  &draft, &updated));
    ML_TRY(ml_import_ref_put(draft, &import->experiment, "experiment", &updated->experiment, NULL));
    ML_TRY(ml_import_text(draft, name, &updated->name));
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

static int restore(struct ml_import_mlflow *import, const struct ml_mlflow_experiment *experiment)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__ExperimentRestored *restored;
    ML_TRY(ml_import_mlflow_draft(import, "experiment_restored", experiment->path,
                                  ML_MLFLOW_NO_TIME, &draft, &restored));
    ML_TRY(
        ml_import_ref_put(draft, &import->experiment, "experiment", &restored->experiment, NULL));
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

/* What changed since it was recorded. */
static int update(struct ml_import_mlflow *import, struct found *found,
                  const struct ml_mlflow_experiment *experiment, const char *name)
{
    ML_TRY(check_same(found, experiment));
    if (found->state->has_deleted) {
        import->experiment_deleted = true;
        if (experiment->lifecycle == ML_MLFLOW_DELETED)
            return MLEDGER_OK;
        int may = ml_import_mlflow_may_restore(&found->known);
        ML_TRY(may);
        if (!may)
            return ml_import_leave_out(import->batch.report, experiment->path,
                                       "the experiment was deleted in the ledger, by no import");
        ML_TRY(restore(import, experiment));
        import->experiment_deleted = false;
    }
    if (strcmp(found->state->name, name) != 0)
        ML_TRY(rename_to(import, experiment, name));
    const struct ml_import_tagged tagged = {
        .ref = &import->experiment, .path = experiment->path, .tags = &experiment->tags};
    return ml_import_mlflow_retag(import, &found->known, &tagged);
}

/* MLflow lets an experiment be nameless; the ledger calls it by its id. */
static const char *name_of(const struct ml_mlflow_experiment *experiment)
{
    return experiment->name[0] ? experiment->name : experiment->id;
}

static int read_experiment(struct ml_import_mlflow *import,
                           const struct ml_mlflow_experiment *experiment)
{
    ML_CLEANUP(found_release) struct found found = {0};
    ml_arena_init(&found.arena, 1 << 20);
    struct ml_pool *pool = &import->experiment_pool;
    const char *id = ml_import_mlflow_name(import, pool, experiment->id);
    import->experiment_path = ml_pool_text(pool, experiment->path, strlen(experiment->path));
    if (!id || !import->experiment_path)
        return MLEDGER_ESYSTEM;
    ML_TRY(find(import, id, &found));
    import->experiment = (struct ml_import_ref){
        .kind = MLEDGER__SUBJECT_KIND__EXPERIMENT, .in_ledger = found.in_ledger, .seq = found.seq};
    if (!experiment->name) {
        import->experiment.name = found.in_ledger ? id : NULL;
        return MLEDGER_OK;
    }
    import->experiment.name = ml_import_mlflow_name(import, pool, name_of(experiment));
    if (!import->experiment.name)
        return MLEDGER_ESYSTEM;
    import->batch.report->experiments++;
    if (found.in_ledger)
        ML_TRY(update(import, &found, experiment, import->experiment.name));
    else
        ML_TRY(create(import, experiment, id, import->experiment.name));
    import->experiment_deletion_due =
        experiment->lifecycle == ML_MLFLOW_DELETED && !import->experiment_deleted;
    import->experiment_deleted_ms = experiment->updated_ms;
    return MLEDGER_OK;
}

int ml_import_mlflow_experiment(void *context, const struct ml_mlflow_experiment *experiment)
{
    struct ml_import_mlflow *import = context;
    ML_TRY(ml_import_mlflow_experiment_end(import));
    import->in_experiment = true;
    return read_experiment(import, experiment);
}

/* ---- the end of an experiment ---- */

static int delete_run(struct ml_import_mlflow *import, const struct ml_import_deletion *deletion)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    const struct ml_import_ref ref = {.kind = MLEDGER__SUBJECT_KIND__RUN, .name = deletion->id};
    Mledger__RunDeleted *deleted;
    ML_TRY(ml_import_mlflow_draft(import, "run_deleted", deletion->path, deletion->deleted_ms,
                                  &draft, &deleted));
    ML_TRY(ml_import_ref_put(draft, &ref, "run", &deleted->run, NULL));
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

static int delete_experiment(struct ml_import_mlflow *import)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__ExperimentDeleted *deleted;
    ML_TRY(ml_import_mlflow_draft(import, "experiment_deleted", import->experiment_path,
                                  import->experiment_deleted_ms, &draft, &deleted));
    ML_TRY(ml_import_ref_put(draft, &import->experiment, "experiment", &deleted->experiment, NULL));
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

int ml_import_mlflow_experiment_end(struct ml_import_mlflow *import)
{
    if (!import->in_experiment)
        return MLEDGER_OK;
    ML_TRY(ml_import_mlflow_delete_models(import));
    for (size_t i = 0; i < import->runs.count; i++)
        ML_TRY(delete_run(import, &import->runs.list[i]));
    if (import->experiment_deletion_due)
        ML_TRY(delete_experiment(import));
    ml_pool_release(&import->experiment_pool);
    import->experiment = (struct ml_import_ref){0};
    import->in_experiment = import->experiment_deleted = import->experiment_deletion_due = false;
    import->runs.count = import->models_to_delete.count = 0;
    return MLEDGER_OK;
}
