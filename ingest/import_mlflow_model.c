/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registered models. MLflow keeps the stage that a version is in and not who moved it there when:
 * that is recorded as imported state, without a time.
 */
#include <inttypes.h>
#include <stdio.h>

#include "ingest/import_mlflow_state.h"

/* The model at hand, and what the ledger has of it. */
struct model {
    struct ml_import_mlflow *import;
    const struct ml_mlflow_registered_model *from;
    struct ml_pool pool;
    struct ml_import_ref ref;
    struct ml_import_known known;
    struct ml_arena arena;
    uint64_t newest; /* version that the ledger has registered, or that the batch will */
    bool is_deleted;
};

static void model_release(struct model *model)
{
    ml_import_known_release(&model->known);
    ml_arena_release(&model->arena);
    ml_pool_release(&model->pool);
}

static int find(struct model *model)
{
    struct ml_view *view;
    Mledger__SubjectState *state;
    ML_TRY(ml_import_batch_view(&model->import->batch, &view));
    model->ref.kind = MLEDGER__SUBJECT_KIND__MODEL;
    model->ref.name = ml_import_mlflow_name(model->import, &model->pool, model->from->name);
    if (!model->ref.name)
        return MLEDGER_ESYSTEM;
    int result =
        ml_state_find(view->state, MLEDGER__SUBJECT_KIND__MODEL, model->ref.name, &model->ref.seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(ml_state_subject(view->state, model->ref.seq, &model->arena, &state));
    if (strcmp(state->name, model->ref.name) != 0)
        return MLEDGER_OK; /* renamed since: the name is free */
    model->ref.in_ledger = true;
    model->is_deleted = state->has_deleted;
    model->newest = state->newest_version;
    return ml_import_known_read(view, model->ref.seq, &model->known);
}

static int draft_of(struct model *model, const char *kind, const char *path, int64_t occurred_ms,
                    struct ml_draft **ret_draft, void *ret_body)
{
    return ml_import_mlflow_draft(model->import, kind, path, occurred_ms, ret_draft, ret_body);
}

static int name_model(const struct model *model, struct ml_draft *draft, uint64_t *field)
{
    return ml_import_ref_put(draft, &model->ref, "model", field, NULL);
}

static int add(struct model *model, struct ml_draft **draft)
{
    return ml_import_add(&model->import->batch, ML_TAKE(*draft));
}

static const char *fitting(const char *text)
{
    return ml_import_mlflow_fits(text) ? text : NULL;
}

/* ---- the model itself ---- */

static int create_model(struct model *model)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    const struct ml_mlflow_registered_model *from = model->from;
    Mledger__ModelCreated *created;
    ML_TRY(draft_of(model, "model_created", from->path, from->created_ms, &draft, &created));
    ML_TRY(ml_import_text(draft, model->ref.name, &created->name));
    ML_TRY(ml_import_text(draft, fitting(from->description), &draft->details->description));
    ML_TRY(ml_import_mlflow_tags(draft, &from->tags, &created->tags, &created->n_tags));
    return add(model, &draft);
}

/* A text that the store has (perhaps emptied) and the ledger has otherwise. */
static int differs(struct ml_import_known *known, char what, uint64_t version, const char *text)
{
    struct ml_import_fact *fact;
    if (!ml_import_mlflow_fits(text))
        return 0;
    ML_TRY(ml_import_known_get(known, &fact, "%c/%" PRIu64, what, version));
    if (fact && !fact->value)
        return 0; /* erased */
    return strcmp(fact ? fact->value : "", text ? text : "") != 0;
}

static int update_model(struct model *model)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    const struct ml_mlflow_registered_model *from = model->from;
    const char *description = from->description ? from->description : "";
    Mledger__ModelUpdated *updated;
    int changed = differs(&model->known, 'd', 0, description);
    if (changed <= 0)
        return changed;
    ML_TRY(draft_of(model, "model_updated", from->path, ML_MLFLOW_NO_TIME, &draft, &updated));
    ML_TRY(name_model(model, draft, &updated->model));
    ML_TRY(ml_import_text(draft, description, &draft->details->description));
    return add(model, &draft);
}

static int retag(struct model *model, uint64_t version, const char *path,
                 const struct ml_mlflow_pairs *tags)
{
    const struct ml_import_tagged tagged = {
        .ref = &model->ref, .version = version, .path = path, .tags = tags};
    return ml_import_mlflow_retag(model->import, &model->known, &tagged);
}

/* ---- versions ---- */

static int register_version(struct model *model, const struct ml_mlflow_version *version)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__VersionRegistered *registered;
    ML_TRY(draft_of(model, "version_registered", version->path, version->created_ms, &draft,
                    &registered));
    ML_TRY(name_model(model, draft, &registered->model));
    registered->version = version->number;
    if (version->run_id && *version->run_id)
        ML_TRY(ml_import_text(draft, version->run_id, &registered->run_id));
    ML_TRY(ml_import_text(draft, fitting(version->source), &registered->source));
    ML_TRY(ml_import_mlflow_version_model(model->import, version, draft, registered));
    ML_TRY(ml_import_mlflow_version_files(model->import, version, draft, registered));
    ML_TRY(ml_import_text(draft, version->user, &draft->details->user));
    ML_TRY(ml_import_text(draft, fitting(version->description), &draft->details->description));
    ML_TRY(ml_import_text(draft, fitting(version->status_message), &draft->details->status_text));
    ML_TRY(ml_import_mlflow_tags(draft, &version->tags, &registered->tags, &registered->n_tags));
    model->newest = version->number;
    return add(model, &draft);
}

static int update_version(struct model *model, const struct ml_mlflow_version *version)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    const char *description = version->description ? version->description : "";
    const char *status = version->status_message ? version->status_message : "";
    Mledger__VersionUpdated *updated;
    int described = differs(&model->known, 'd', version->number, description);
    int stated = differs(&model->known, 's', version->number, status);
    ML_TRY(described);
    ML_TRY(stated);
    if (!described && !stated)
        return MLEDGER_OK;
    ML_TRY(draft_of(model, "version_updated", version->path, ML_MLFLOW_NO_TIME, &draft, &updated));
    ML_TRY(name_model(model, draft, &updated->model));
    updated->version = version->number;
    if (described)
        ML_TRY(ml_import_text(draft, description, &draft->details->description));
    if (stated)
        ML_TRY(ml_import_text(draft, status, &draft->details->status_text));
    return add(model, &draft);
}

static int import_stage(struct model *model, const struct ml_mlflow_version *version, bool is_new)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__StageImported *imported;
    const char *stage = version->stage && *version->stage ? version->stage : "None";
    int has = is_new ? strcmp(stage, "None") == 0
                     : ml_import_known_has(&model->known, stage, "g/%" PRIu64, version->number);
    if (has)
        return has < 0 ? has : MLEDGER_OK;
    ML_TRY(draft_of(model, "stage_imported", version->path, ML_MLFLOW_NO_TIME, &draft, &imported));
    ML_TRY(name_model(model, draft, &imported->model));
    imported->version = version->number;
    ML_TRY(ml_import_text(draft, stage, &imported->stage));
    return add(model, &draft);
}

/* Deleting is the last that MLflow does to a version, so it happened when that was updated. */
static int delete_version(struct model *model, const struct ml_mlflow_version *version)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__VersionDeleted *deleted;
    ML_TRY(
        draft_of(model, "version_deleted", version->path, version->updated_ms, &draft, &deleted));
    ML_TRY(name_model(model, draft, &deleted->model));
    deleted->version = version->number;
    return add(model, &draft);
}

/* The ledger's version of that number is another one: of another store, or registered here. */
static int check_same(struct model *model, const struct ml_mlflow_version *version)
{
    struct ml_import_fact *fact;
    ML_TRY(ml_import_known_get(&model->known, &fact, "v/%" PRIu64, version->number));
    if (!version->run_id || !*version->run_id || !fact->value[0] ||
        strcmp(fact->value, version->run_id) == 0)
        return MLEDGER_OK;
    ml_refuse("version-number",
              "version %" PRIu64 " of model '%s' is of run '%s' in this store, and of run '%s' in "
              "record %" PRIu64,
              version->number, model->ref.name, version->run_id, fact->value, fact->seq);
    return ml_hint("mledger import mlflow --name NAME: experiments and models of this store are "
                   "then called NAME.…");
}

static int update_known(struct model *model, const struct ml_mlflow_version *version)
{
    int deleted = ml_import_known_has(&model->known, NULL, "x/%" PRIu64, version->number);
    if (deleted)
        return deleted < 0 ? deleted : MLEDGER_OK; /* nothing happens to it any more */
    if (version->deleted)
        return delete_version(model, version);
    ML_TRY(check_same(model, version));
    ML_TRY(update_version(model, version));
    ML_TRY(retag(model, version->number, version->path, &version->tags));
    return import_stage(model, version, false);
}

static int read_version(struct model *model, const struct ml_mlflow_version *version)
{
    model->import->batch.report->versions++;
    int known = ml_import_known_has(&model->known, NULL, "v/%" PRIu64, version->number);
    ML_TRY(known);
    if (known)
        return update_known(model, version);
    if (version->number <= model->newest)
        return ml_import_leave_out(model->import->batch.report, version->path,
                                   "the ledger has a later version of this model already, and "
                                   "their numbers only rise");
    ML_TRY(register_version(model, version));
    return version->deleted ? delete_version(model, version) : import_stage(model, version, true);
}

/* ---- aliases ---- */

static int set_alias(struct model *model, const struct ml_mlflow_alias *alias)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    char version[24];
    Mledger__AliasSet *set;
    snprintf(version, sizeof version, "%" PRIu64, alias->version);
    int has = ml_import_known_has(&model->known, version, "l/%s", alias->name);
    if (has)
        return has < 0 ? has : MLEDGER_OK;
    ML_TRY(draft_of(model, "alias_set", model->from->path, ML_MLFLOW_NO_TIME, &draft, &set));
    ML_TRY(name_model(model, draft, &set->model));
    ML_TRY(ml_import_text(draft, alias->name, &set->alias));
    set->version = alias->version;
    return add(model, &draft);
}

static int delete_alias(struct model *model, const char *alias)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__AliasDeleted *deleted;
    ML_TRY(
        draft_of(model, "alias_deleted", model->from->path, ML_MLFLOW_NO_TIME, &draft, &deleted));
    ML_TRY(name_model(model, draft, &deleted->model));
    ML_TRY(ml_import_text(draft, alias, &deleted->alias));
    return add(model, &draft);
}

/* The version that a fact about an alias names is deleted in the store, and so will the alias be.
 */
static bool goes_with_version(const struct model *model, const struct ml_import_fact *fact)
{
    char text[24];
    for (size_t i = 0; i < model->from->version_count; i++) {
        snprintf(text, sizeof text, "%" PRIu64, model->from->versions[i].number);
        if (model->from->versions[i].deleted && strcmp(fact->value, text) == 0)
            return true;
    }
    return false;
}

/* Aliases that an import set and that the store no longer has. */
static int delete_aliases(struct model *model)
{
    for (size_t i = 0; i < model->known.facts.size; i++) {
        const struct ml_import_fact *fact = model->known.facts.slots[i].thing;
        if (!fact || fact->gone || fact->asked || !fact->imported ||
            strncmp(fact->key, "l/", 2) != 0 || goes_with_version(model, fact))
            continue;
        ML_TRY(delete_alias(model, fact->key + 2));
    }
    return MLEDGER_OK;
}

static int read_model(struct model *model)
{
    const struct ml_mlflow_registered_model *from = model->from;
    ML_TRY(find(model));
    if (model->is_deleted)
        return ml_import_leave_out(model->import->batch.report, from->path,
                                   "the model was deleted in the ledger, by no import");
    if (!model->ref.in_ledger)
        ML_TRY(create_model(model));
    for (size_t i = 0; i < from->version_count; i++)
        ML_TRY(read_version(model, &from->versions[i]));
    for (size_t i = 0; i < from->alias_count; i++)
        ML_TRY(set_alias(model, &from->aliases[i]));
    if (!model->ref.in_ledger)
        return MLEDGER_OK;
    ML_TRY(delete_aliases(model));
    ML_TRY(update_model(model));
    return retag(model, 0, from->path, &from->tags);
}

int ml_import_mlflow_model(void *context, const struct ml_mlflow_registered_model *from)
{
    struct ml_import_mlflow *import = context;
    ML_CLEANUP(model_release) struct model model = {.import = import, .from = from};
    ml_arena_init(&model.arena, 1 << 20);
    import->batch.report->models++;
    import->done++;
    ML_TRY(ml_import_mlflow_experiment_end(import));
    return read_model(&model);
}
