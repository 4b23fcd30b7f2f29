/* SPDX-License-Identifier: Apache-2.0 */
/* What events about experiments, runs and models have in common. */
#include <inttypes.h>

#include "ingest/import_mlflow_state.h"

const char *ml_import_mlflow_name(const struct ml_import_mlflow *import, struct ml_pool *pool,
                                  const char *text)
{
    const char *name = import->batch.options.name;
    return name ? ml_pool_printf(pool, "%s.%s", name, text)
                : ml_pool_text(pool, text, strlen(text));
}

int ml_import_ref_put(struct ml_draft *draft, const struct ml_import_ref *ref, const char *field,
                      uint64_t *seq, protobuf_c_boolean *has)
{
    if (has)
        *has = true;
    if (!ref->in_ledger)
        return ml_draft_name(draft, seq, ref->kind, field, ref->name);
    *seq = ref->seq;
    return MLEDGER_OK;
}

int ml_import_mlflow_draft(struct ml_import_mlflow *import, const char *kind, const char *path,
                           int64_t occurred_ms, struct ml_draft **ret_draft, void *ret_body)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const char *source = ml_pool_printf(&pool, "%s/%s", ml_mlflow_store_root(import->store), path);
    if (!source)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_import_draft(&import->batch, kind, source, &draft, ret_body));
    Mledger__Details *details = ml_draft_details(draft);
    if (!details)
        return ml_fail_memory();
    ML_TRY(ml_import_text(draft, source, &details->source));
    int64_t occurred_us;
    if (ml_import_mlflow_time(occurred_ms, &occurred_us))
        ML_TRY(ml_import_occurred(draft, occurred_us));
    *ret_draft = ML_TAKE(draft);
    return MLEDGER_OK;
}

/* ---- tags ---- */

struct tags {
    struct ml_import_list keys, values;
};

static void tags_release(struct tags *tags)
{
    ml_import_list_release(&tags->keys);
    ml_import_list_release(&tags->values);
}

static int add_tag(struct ml_draft *draft, struct tags *tags, const struct ml_mlflow_pair *tag)
{
    ML_TRY(ml_import_list_add(&tags->keys, ml_draft_text(draft, tag->key)));
    return ml_import_list_add(&tags->values, ml_draft_text(draft, tag->value));
}

static int move_tags(struct ml_draft *draft, struct tags *tags, char ***ret_tags, size_t *ret_count)
{
    Mledger__Details *details = ml_draft_details(draft);
    if (!details)
        return ml_fail_memory();
    ML_TRY(ml_import_list_move(&tags->values, draft, &details->tag_values, &details->n_tag_values));
    return ml_import_list_move(&tags->keys, draft, ret_tags, ret_count);
}

int ml_import_mlflow_tags(struct ml_draft *draft, const struct ml_mlflow_pairs *pairs,
                          char ***ret_tags, size_t *ret_count)
{
    ML_CLEANUP(tags_release) struct tags tags = {0};
    for (size_t i = 0; i < pairs->count; i++)
        if (ml_import_mlflow_fits(pairs->items[i].value))
            ML_TRY(add_tag(draft, &tags, &pairs->items[i]));
    return move_tags(draft, &tags, ret_tags, ret_count);
}

/* The fields of tags_set and tags_deleted that say whose tags they are. */
struct tag_target {
    uint64_t *run, *experiment, *model, *version, *logged_model;
    protobuf_c_boolean *has_run, *has_experiment, *has_model, *has_version, *has_logged_model;
};
#define TARGET_OF(event)                                                                           \
    {                                                                                              \
        .run = &(event)->run, .experiment = &(event)->experiment, .model = &(event)->model,        \
        .version = &(event)->version, .has_run = &(event)->has_run,                                \
        .has_experiment = &(event)->has_experiment, .has_model = &(event)->has_model,              \
        .has_version = &(event)->has_version, .logged_model = &(event)->logged_model,              \
        .has_logged_model = &(event)->has_logged_model                                             \
    }

static int put_target(struct ml_draft *draft, const struct ml_import_tagged *tagged,
                      const struct tag_target *target)
{
    const struct ml_import_ref *ref = tagged->ref;
    if (ref->kind == MLEDGER__SUBJECT_KIND__RUN)
        return ml_import_ref_put(draft, ref, "run", target->run, target->has_run);
    if (ref->kind == MLEDGER__SUBJECT_KIND__LOGGED_MODEL)
        return ml_import_ref_put(draft, ref, "logged_model", target->logged_model,
                                 target->has_logged_model);
    if (ref->kind == MLEDGER__SUBJECT_KIND__EXPERIMENT)
        return ml_import_ref_put(draft, ref, "experiment", target->experiment,
                                 target->has_experiment);
    *target->has_version = tagged->version != 0;
    *target->version = tagged->version;
    return ml_import_ref_put(draft, ref, "model", target->model, target->has_model);
}

static int set_tags(struct ml_import_mlflow *import, struct ml_import_known *known,
                    const struct ml_import_tagged *tagged)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    ML_CLEANUP(tags_release) struct tags tags = {0};
    Mledger__TagsSet *set;
    ML_TRY(
        ml_import_mlflow_draft(import, "tags_set", tagged->path, ML_MLFLOW_NO_TIME, &draft, &set));
    for (size_t i = 0; i < tagged->tags->count; i++) {
        const struct ml_mlflow_pair *tag = &tagged->tags->items[i];
        int has =
            ml_import_known_has(known, tag->value, "t/%" PRIu64 "/%s", tagged->version, tag->key);
        ML_TRY(has);
        if (!has && ml_import_mlflow_fits(tag->value))
            ML_TRY(add_tag(draft, &tags, tag));
    }
    if (tags.keys.count == 0)
        return MLEDGER_OK;
    const struct tag_target target = TARGET_OF(set);
    ML_TRY(put_target(draft, tagged, &target));
    ML_TRY(move_tags(draft, &tags, &set->tags, &set->n_tags));
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

/* Tags that an import set and that the store no longer has. */
static int delete_tags(struct ml_import_mlflow *import, struct ml_import_known *known,
                       const struct ml_import_tagged *tagged)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    ML_CLEANUP(tags_release) struct tags tags = {0};
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    Mledger__TagsDeleted *deleted;
    const char *prefix = ml_pool_printf(&pool, "t/%" PRIu64 "/", tagged->version);
    if (!prefix)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_import_mlflow_draft(import, "tags_deleted", tagged->path, ML_MLFLOW_NO_TIME, &draft,
                                  &deleted));
    for (size_t i = 0; i < known->facts.size; i++) {
        const struct ml_import_fact *fact = known->facts.slots[i].thing;
        if (!fact || fact->gone || fact->asked || !fact->imported ||
            strncmp(fact->key, prefix, strlen(prefix)) != 0)
            continue;
        ML_TRY(ml_import_list_add(&tags.keys, ml_draft_text(draft, fact->key + strlen(prefix))));
    }
    if (tags.keys.count == 0)
        return MLEDGER_OK;
    const struct tag_target target = TARGET_OF(deleted);
    ML_TRY(put_target(draft, tagged, &target));
    ML_TRY(ml_import_list_move(&tags.keys, draft, &deleted->tags, &deleted->n_tags));
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

int ml_import_mlflow_retag(struct ml_import_mlflow *import, struct ml_import_known *known,
                           const struct ml_import_tagged *tagged)
{
    ML_TRY(set_tags(import, known, tagged));
    return delete_tags(import, known, tagged);
}

/* ---- others ---- */

int ml_import_mlflow_digests(struct ml_draft *draft, const struct ml_import_content *content,
                             Mledger__Artifact *artifact)
{
    ML_CLEANUP(ml_import_list_release) struct ml_import_list digests = {0};
    artifact->has_size = true;
    artifact->size = content->size;
    if (!content->is_hashed)
        return MLEDGER_OK;
    ML_TRY(ml_import_digest(draft, &digests, MLEDGER__ALGORITHM__SHA256,
                            ML_SPAN(content->sha256, ML_HASH_SIZE), MLEDGER__STANDING__SEEN));
    ML_TRY(ml_import_digest(draft, &digests, MLEDGER__ALGORITHM__MD5,
                            ML_SPAN(content->md5, ML_MD5_SIZE), MLEDGER__STANDING__SEEN));
    return ml_import_list_move(&digests, draft, &artifact->digests, &artifact->n_digests);
}

int ml_import_mlflow_delete_later(struct ml_import_mlflow *import,
                                  struct ml_import_deletions *deletions,
                                  const struct ml_import_deletion *deletion)
{
    struct ml_pool *pool = &import->experiment_pool;
    ML_TRY(
        ml_grow(&deletions->list, &deletions->cap, deletions->count + 1, sizeof *deletions->list));
    const struct ml_import_deletion kept = {
        .id = ml_pool_text(pool, deletion->id, strlen(deletion->id)),
        .path = ml_pool_text(pool, deletion->path, strlen(deletion->path)),
        .deleted_ms = deletion->deleted_ms,
    };
    if (!kept.id || !kept.path)
        return MLEDGER_ESYSTEM;
    deletions->list[deletions->count++] = kept;
    return MLEDGER_OK;
}

int ml_import_mlflow_may_restore(struct ml_import_known *known)
{
    struct ml_import_fact *fact;
    ML_TRY(ml_import_known_get(known, &fact, "x/0"));
    return fact && fact->imported;
}
