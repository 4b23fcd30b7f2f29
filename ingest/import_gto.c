/* SPDX-License-Identifier: Apache-2.0 */
/* One event after the other, as the tags say. */
#include "ingest/import_gto_state.h"
#include "ledger/core/codec.h"

static void gto_release(struct ml_import_gto *gto)
{
    for (size_t i = 0; i < gto->all_count; i++)
        ml_import_gto_model_release(gto->all[i]);
    free(gto->all);
    ml_table_release(&gto->models);
    ml_pool_release(&gto->pool);
}

/* A tag that is being told. */
struct telling {
    struct ml_import_gto *gto;
    struct ml_import_gto_model *model;
    const struct ml_git_tag *tag;
    struct ml_gto_tag said;
};

/* ---- events ---- */

static int put_tag(const struct telling *telling, struct ml_draft *draft)
{
    const struct ml_git_tag *tag = telling->tag;
    Mledger__GitTag *message = ml_draft_message(draft, &mledger__git_tag__descriptor);
    if (!message)
        return ml_arena_fail(&draft->arena, "an event");
    ML_TRY(ml_import_text(draft, tag->name, &message->name));
    ML_TRY(ml_import_dvc_commit(draft, tag->id, MLEDGER__STANDING__SEEN, &message->object));
    ML_TRY(ml_import_dvc_commit(draft, tag->commit, MLEDGER__STANDING__SEEN, &message->commit));
    message->has_signed_ = message->signed_ = tag->is_signed;
    draft->event->git_tag = message;
    return MLEDGER_OK;
}

/* A draft that names the tag, with its time, person and message. */
static int begin(const struct telling *telling, const char *kind, struct ml_draft **ret_draft,
                 void *ret_body)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_import_history *history = telling->gto->history;
    const struct ml_git_tag *tag = telling->tag;
    const char *origin = ml_pool_printf(&pool, "tag %s", tag->name);
    if (!origin)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_import_draft(&history->batch, kind, origin, &draft, ret_body));
    Mledger__Details *details = ml_draft_details(draft);
    if (!details)
        return ml_fail_memory();
    ML_TRY(put_tag(telling, draft));
    ML_TRY(ml_import_text(draft, history->dir, &details->source));
    if (tag->tagger.name) {
        ML_TRY(ml_import_occurred(draft, tag->tagger.time_us));
        ML_TRY(ml_import_person(draft, &tag->tagger, &details->author));
    }
    if (strlen(tag->message) <= ML_LIMIT_TEXT)
        ML_TRY(ml_import_text(draft, tag->message, &details->description));
    *ret_draft = ML_TAKE(draft);
    return MLEDGER_OK;
}

static int name_model(const struct telling *telling, struct ml_draft *draft, uint64_t *field)
{
    return ml_draft_name(draft, field, MLEDGER__SUBJECT_KIND__MODEL, "model", telling->model->name);
}

/* Whether the event of this kind came of the tag already; else it counts as told. */
static int is_told(const struct telling *telling, const char *kind, const char *stage,
                   bool *ret_told)
{
    const char *event = ml_import_gto_event(&telling->gto->pool, telling->tag->id, kind, stage);
    if (!event)
        return MLEDGER_ESYSTEM;
    *ret_told = ml_table_get(&telling->model->told, event) != NULL;
    return *ret_told ? MLEDGER_OK : ml_table_put(&telling->model->told, event, telling->model);
}

static int add(const struct telling *telling, struct ml_draft **draft)
{
    return ml_import_add(&telling->gto->history->batch, ML_TAKE(*draft));
}

static int leave_out(const struct telling *telling, const char *why)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const char *what = ml_pool_printf(&pool, "tag %s", telling->tag->name);
    if (!what)
        return MLEDGER_ESYSTEM;
    return ml_import_leave_out(telling->gto->history->batch.report, what, why);
}

/* Tags with their values, which stand in the details. */
static int put_pair(struct ml_draft *draft, const char *key, const char *value, char ***ret_keys,
                    size_t *ret_count)
{
    ML_CLEANUP(ml_import_list_release) struct ml_import_list keys = {0};
    ML_CLEANUP(ml_import_list_release) struct ml_import_list values = {0};
    ML_TRY(ml_import_list_add(&keys, ml_draft_text(draft, key)));
    ML_TRY(ml_import_list_add(&values, ml_draft_text(draft, value)));
    ML_TRY(ml_import_list_move(&keys, draft, ret_keys, ret_count));
    return ml_import_list_move(&values, draft, &draft->details->tag_values,
                               &draft->details->n_tag_values);
}

static struct ml_import_gto_version *version_of(const struct telling *telling, const char *name,
                                                const char *commit)
{
    return ml_import_gto_version_of(telling->model, telling->tag->tagger.time_us, name, commit);
}

/* ---- what tags say ---- */

static int create(const struct telling *telling)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__ModelCreated *created;
    if (telling->model->is_there)
        return MLEDGER_OK;
    ML_TRY(begin(telling, "model_created", &draft, &created));
    ML_TRY(ml_import_text(draft, telling->model->name, &created->name));
    telling->model->is_there = true;
    return add(telling, &draft);
}

static int register_version(const struct telling *telling)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    struct ml_import_gto_model *model = telling->model;
    struct ml_import_gto_version *version;
    Mledger__VersionRegistered *registered;
    bool told;
    ML_TRY(is_told(telling, "version_registered", NULL, &told));
    if (told)
        return MLEDGER_OK;
    if (ml_import_gto_version_of(model, INT64_MAX, telling->said.version, NULL))
        return leave_out(telling, "a version of that name is registered already");
    ML_TRY(create(telling));
    ML_TRY(begin(telling, "version_registered", &draft, &registered));
    ML_TRY(name_model(telling, draft, &registered->model));
    registered->version = ++model->newest;
    ML_TRY(put_pair(draft, "gto.version", telling->said.version, &registered->tags,
                    &registered->n_tags));
    ML_TRY(ml_import_gto_artifact(telling->gto, telling->tag, &telling->said, draft, registered));
    ML_TRY(ml_import_gto_version_add(model, &version));
    version->name = telling->said.version;
    version->number = registered->version;
    version->time_us = telling->tag->tagger.time_us;
    memcpy(version->commit, telling->tag->commit, sizeof version->commit);
    return add(telling, &draft);
}

static int deregister(const struct telling *telling)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__VersionDeleted *deleted;
    bool told;
    ML_TRY(is_told(telling, "version_deleted", NULL, &told));
    if (told)
        return MLEDGER_OK;
    struct ml_import_gto_version *version = version_of(telling, telling->said.version, NULL);
    if (!version)
        return leave_out(telling, "no such version is registered");
    ML_TRY(begin(telling, "version_deleted", &draft, &deleted));
    ML_TRY(name_model(telling, draft, &deleted->model));
    deleted->version = version->number;
    version->is_deleted = true;
    return add(telling, &draft);
}

/* The event alone; what is in a stage is the caller's. */
static int put_in_stage(const struct telling *telling, struct ml_import_gto_version *version,
                        const char *stage, const char *reason)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__StageImported *imported;
    ML_TRY(begin(telling, "stage_imported", &draft, &imported));
    ML_TRY(name_model(telling, draft, &imported->model));
    imported->version = version->number;
    ML_TRY(ml_import_text(draft, stage, &imported->stage));
    ML_TRY(ml_import_text(draft, reason, &draft->details->reason));
    version->stage = stage;
    return add(telling, &draft);
}

/* Who else is in the stage leaves it: GTO has one version there. */
static int displace(const struct telling *telling, const struct ml_import_gto_version *by)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_import_gto_model *model = telling->model;
    const char *reason =
        ml_pool_printf(&pool, "%s took its place in %s", by->name, telling->said.stage);
    if (!reason)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < model->count; i++) {
        struct ml_import_gto_version *version = &model->versions[i];
        if (version != by && !version->is_deleted &&
            strcmp(version->stage, telling->said.stage) == 0)
            ML_TRY(put_in_stage(telling, version, "None", reason));
    }
    return MLEDGER_OK;
}

static int assign(const struct telling *telling)
{
    bool told;
    ML_TRY(is_told(telling, "stage_imported", telling->said.stage, &told));
    if (told)
        return MLEDGER_OK;
    struct ml_import_gto_version *version = version_of(telling, NULL, telling->tag->commit);
    if (!version)
        return leave_out(telling, "no version is registered at the commit that it names");
    ML_TRY(displace(telling, version));
    return put_in_stage(telling, version, telling->said.stage, NULL);
}

static int unassign(const struct telling *telling)
{
    bool told;
    ML_TRY(is_told(telling, "stage_imported", "None", &told));
    if (told)
        return MLEDGER_OK;
    struct ml_import_gto_version *version = version_of(telling, NULL, telling->tag->commit);
    if (!version || strcmp(version->stage, telling->said.stage) != 0)
        return leave_out(telling, "no version at the commit that it names is in that stage");
    return put_in_stage(telling, version, "None", NULL);
}

static int deprecate(const struct telling *telling)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__TagsSet *set;
    bool told;
    ML_TRY(is_told(telling, "tags_set", NULL, &told));
    if (told)
        return MLEDGER_OK;
    ML_TRY(create(telling));
    ML_TRY(begin(telling, "tags_set", &draft, &set));
    set->has_model = true;
    ML_TRY(name_model(telling, draft, &set->model));
    ML_TRY(put_pair(draft, "gto.deprecated", "true", &set->tags, &set->n_tags));
    return add(telling, &draft);
}

static int tell(const struct telling *telling)
{
    if (telling->model->is_deleted)
        return leave_out(telling, "its model is deleted in the ledger");
    switch (telling->said.kind) {
    case ML_GTO_REGISTER:
        telling->gto->history->batch.report->versions++;
        return register_version(telling);
    case ML_GTO_DEREGISTER:
        return deregister(telling);
    case ML_GTO_ASSIGN:
        return assign(telling);
    case ML_GTO_UNASSIGN:
        return unassign(telling);
    case ML_GTO_DEPRECATE:
        return deprecate(telling);
    case ML_GTO_CREATE:
        return create(telling);
    }
    return MLEDGER_OK;
}

/* A commit of another branch is not before `since` unless its tag is. */
static bool is_out(const struct ml_import_history *history, const struct ml_git_tag *tag)
{
    const struct ml_git_node *node = ml_table_get(&history->commits.by_id, tag->commit);
    return tag->tagger.time_us < history->batch.options.since_us ||
           (node && history->batch.options.since_commit &&
            history->is_out[node - history->commits.nodes]);
}

/* Those of GTO's, in the order in which they count. */
struct telling_list {
    struct telling *all;
    size_t count;
};

static void list_release(struct telling_list *list)
{
    free(list->all);
}

static int rank(enum ml_gto_kind kind)
{
    return kind == ML_GTO_CREATE ? 0 : kind == ML_GTO_REGISTER ? 1 : 2;
}

/* Programs register and assign within one second: what a tag needs comes first, then N counts. */
static int compare(const void *a, const void *b)
{
    const struct telling *x = a, *y = b;
    const int x_rank = rank(x->said.kind), y_rank = rank(y->said.kind);
    if (x->tag->tagger.time_us != y->tag->tagger.time_us)
        return x->tag->tagger.time_us < y->tag->tagger.time_us ? -1 : 1;
    if (x_rank != y_rank)
        return x_rank - y_rank;
    if (x->said.counter != y->said.counter)
        return x->said.counter < y->said.counter ? -1 : 1;
    return strcmp(x->tag->name, y->tag->name);
}

static int gather(struct ml_import_gto *gto, struct telling_list *list)
{
    struct ml_git_tag *tags;
    size_t count;
    ML_TRY(ml_git_tags(gto->history->git, &gto->pool, &tags, &count));
    list->all = ml_calloc(count, sizeof *list->all);
    if (!list->all)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++) {
        struct telling telling = {.gto = gto, .tag = &tags[i]};
        int result = is_out(gto->history, &tags[i])
                         ? MLEDGER_ENOTFOUND
                         : ml_gto_parse(&gto->pool, tags[i].name, &telling.said);
        if (result == MLEDGER_ENOTFOUND)
            continue;
        ML_TRY(result);
        list->all[list->count++] = telling;
    }
    qsort(list->all, list->count, sizeof *list->all, compare);
    return MLEDGER_OK;
}

int ml_import_gto_tags(struct ml_import_history *history)
{
    ML_CLEANUP(gto_release) struct ml_import_gto gto = {.history = history};
    ML_CLEANUP(list_release) struct telling_list list = {0};
    ML_TRY(gather(&gto, &list));
    for (size_t i = 0; i < list.count; i++) {
        struct telling *telling = &list.all[i];
        ML_TRY(ml_import_gto_model_find(&gto, telling->said.artifact, &telling->model));
        ML_TRY(tell(telling));
    }
    history->batch.report->models += gto.all_count;
    return ml_import_flush(&history->batch);
}
