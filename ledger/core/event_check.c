/* SPDX-License-Identifier: Apache-2.0 */
/* The shape of events: what the schema language cannot say. */
#include <stdlib.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"

static int shape(const Mledger__Event *event, const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "%s: %s", ml_event_name(event), what);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int check_distinct(const Mledger__Event *event, char **texts, size_t count, const char *noun)
{
    for (size_t i = 0; i < count; i++)
        if (texts[i][0] == '\0')
            return ml_fail(MLEDGER_EINVALID, "%s: an empty %s", ml_event_name(event), noun);
    if (count < 2)
        return MLEDGER_OK;
    ML_CLEANUP(ml_freep) char **sorted = ml_calloc(count, sizeof *sorted);
    if (!sorted)
        return ml_fail_memory();
    memcpy(sorted, texts, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_texts);
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            return ml_fail(MLEDGER_EINVALID, "%s: %s '%s' is given twice", ml_event_name(event),
                           noun, sorted[i]);
    return MLEDGER_OK;
}

static int check_roles(const Mledger__Event *event, const Mledger__Role *roles, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (roles[i - 1] >= roles[i])
            return shape(event, "roles are not in ascending order");
    return MLEDGER_OK;
}

/* How many values the details must hold. */
struct lists {
    size_t params, metrics, tags, checks;
};

static int compare_list(const Mledger__Event *event, const char *noun, size_t keys, size_t values)
{
    if (keys == values)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "%s: %zu %s, but details hold %zu values for them",
                   ml_event_name(event), keys, noun, values);
}

static int check_lists(const Mledger__Event *event, const Mledger__Details *details,
                       const struct lists *lists)
{
    static const Mledger__Details none = MLEDGER__DETAILS__INIT;
    if (!details)
        details = &none;
    if (details->attachment)
        return MLEDGER_OK;
    ML_TRY(compare_list(event, "params", lists->params, details->n_param_values));
    ML_TRY(compare_list(event, "metrics", lists->metrics, details->n_metric_values));
    ML_TRY(compare_list(event, "tags", lists->tags, details->n_tag_values));
    return compare_list(event, "checks", lists->checks, details->n_check_values);
}

static int check_snapshot_or_attachment(const Mledger__Event *event, struct lists *lists)
{
    const Mledger__PipelineRecorded *pipeline = event->pipeline_recorded;
    if (pipeline->has_subject_salt == pipeline->has_pipeline)
        return shape(event, "exactly one of subject_salt and pipeline must be there");
    if (!pipeline->snapshot == !pipeline->snapshot_attachment)
        return shape(event, "exactly one of snapshot and snapshot_attachment must be there");
    if (!pipeline->snapshot)
        return MLEDGER_OK;
    size_t stages = pipeline->snapshot->n_stages;
    for (size_t i = 0; i < stages; i++) {
        const Mledger__PipelineStage *stage = pipeline->snapshot->stages[i];
        lists->params += stage->n_params;
        for (size_t d = 0; d < stage->n_deps; d++)
            for (size_t p = 0; p < stage->deps[d]->n_producers; p++)
                if (stage->deps[d]->producers[p] >= stages)
                    return shape(event, "a producer that is no stage of the snapshot");
    }
    return MLEDGER_OK;
}

static int check_tag_target(const Mledger__Event *event, int targets, bool has_version,
                            bool has_model)
{
    if (targets != 1)
        return shape(event, "exactly one of experiment, run, dataset, model and logged_model must "
                            "be there");
    if (has_version && !has_model)
        return shape(event, "a version without its model");
    return MLEDGER_OK;
}

static int check_tags_set(const Mledger__Event *event, struct lists *lists)
{
    const Mledger__TagsSet *set = event->tags_set;
    lists->tags = set->n_tags;
    ML_TRY(check_tag_target(event,
                            set->has_experiment + set->has_run + set->has_dataset + set->has_model +
                                set->has_logged_model,
                            set->has_version, set->has_model));
    return check_distinct(event, set->tags, set->n_tags, "tag");
}

static int check_tags_deleted(const Mledger__Event *event)
{
    const Mledger__TagsDeleted *deleted = event->tags_deleted;
    ML_TRY(check_tag_target(event,
                            deleted->has_experiment + deleted->has_run + deleted->has_dataset +
                                deleted->has_model + deleted->has_logged_model,
                            deleted->has_version, deleted->has_model));
    return check_distinct(event, deleted->tags, deleted->n_tags, "tag");
}

static int check_run_logged(const Mledger__Event *event, struct lists *lists)
{
    const Mledger__RunLogged *logged = event->run_logged;
    lists->params = logged->n_params;
    lists->metrics = logged->n_metrics;
    lists->tags = logged->n_tags;
    for (size_t i = 0; i < logged->n_metrics; i++)
        if (logged->metrics[i]->key[0] == '\0')
            return shape(event, "an empty metric key");
    ML_TRY(check_distinct(event, logged->params, logged->n_params, "param"));
    return check_distinct(event, logged->tags, logged->n_tags, "tag");
}

static int check_owner(const Mledger__Event *event, bool has_run, bool has_logged_model)
{
    return has_run != has_logged_model
               ? MLEDGER_OK
               : shape(event, "exactly one of run and logged_model must be there");
}

static int check_removed(const Mledger__Event *event)
{
    const Mledger__ArtifactRemoved *removed = event->artifact_removed;
    ML_TRY(check_owner(event, removed->has_run, removed->has_logged_model));
    return check_distinct(event, removed->paths, removed->n_paths, "path");
}

static int check_logged_model(const Mledger__Event *event, struct lists *lists)
{
    const Mledger__LoggedModelCreated *created = event->logged_model_created;
    lists->params = created->n_params;
    lists->tags = created->n_tags;
    if (created->has_run && created->run_id)
        return shape(event, "run_id stands for a run that the ledger does not have");
    ML_TRY(check_distinct(event, created->params, created->n_params, "param"));
    return check_distinct(event, created->tags, created->n_tags, "tag");
}

static int check_logged_model_update(const Mledger__Event *event, struct lists *lists)
{
    const Mledger__LoggedModelUpdated *updated = event->logged_model_updated;
    lists->params = updated->n_params;
    return check_distinct(event, updated->params, updated->n_params, "param");
}

static int check_deployment(const Mledger__Event *event)
{
    const Mledger__DeploymentRecorded *deployment = event->deployment_recorded;
    uint64_t share = 0;
    for (size_t i = 0; i < deployment->n_targets; i++)
        share += deployment->targets[i]->share_ppm;
    if (deployment->n_targets > 0 && share != 1000000)
        return shape(event, "the shares of the targets do not add up to 1000000");
    return MLEDGER_OK;
}

static int check_policy(const Mledger__Event *event)
{
    const Mledger__PolicySet *policy = event->policy_set;
    for (size_t i = 0; i < policy->n_requirements; i++) {
        if (policy->requirements[i]->count == 0)
            return shape(event, "a requirement of none");
        if (i > 0 && policy->requirements[i - 1]->kind >= policy->requirements[i]->kind)
            return shape(event, "requirements are not in ascending order");
    }
    return MLEDGER_OK;
}

static int check_erasure(const Mledger__Event *event)
{
    const Mledger__DetailsErased *erased = event->details_erased;
    for (size_t i = 1; i < erased->n_attachments; i++)
        if (memcmp(erased->attachments[i - 1].data, erased->attachments[i].data,
                   erased->attachments[i].len) >= 0)
            return shape(event, "attachments are not in ascending order");
    return MLEDGER_OK;
}

static int check_dataset(const Mledger__Event *event, struct lists *lists)
{
    const Mledger__DatasetRecorded *dataset = event->dataset_recorded;
    lists->tags = dataset->n_tags;
    if (dataset->has_subject_salt == dataset->has_dataset)
        return shape(event, "exactly one of subject_salt and dataset must be there");
    return check_distinct(event, dataset->tags, dataset->n_tags, "tag");
}

static int check_run_end(const Mledger__Event *event)
{
    switch (event->run_ended->status) {
    case MLEDGER__RUN_STATUS__FINISHED:
    case MLEDGER__RUN_STATUS__FAILED:
    case MLEDGER__RUN_STATUS__KILLED:
        return MLEDGER_OK;
    default:
        return shape(event, "a status that ends no run");
    }
}

/* A notice that went nowhere, or twice, would be nobody's intention. */
static int check_webhook(const Mledger__Event *event)
{
    const Mledger__WebhookSet *set = event->webhook_set;
    if (set->name[0] == '\0' || set->origin[0] == '\0')
        return shape(event, "no name or no origin");
    if (set->n_events == 0)
        return shape(event, "no events");
    for (size_t i = 1; i < set->n_events; i++)
        if (set->events[i - 1] >= set->events[i])
            return shape(event, "events are not in ascending order");
    return MLEDGER_OK;
}

/* A token is of a few thousand bytes, with the certificates of its authority. */
static int check_timestamps(const Mledger__Event *event)
{
    enum { TOKENS_MAX = 16, TOKEN_MAX = 16384 };
    const Mledger__CheckpointNoted *noted = event->checkpoint_noted;
    if (noted->n_timestamps > TOKENS_MAX)
        return shape(event, "more than 16 timestamps");
    for (size_t i = 0; i < noted->n_timestamps; i++)
        if (noted->timestamps[i].len == 0 || noted->timestamps[i].len > TOKEN_MAX)
            return shape(event, "a timestamp of no bytes, or of more than 16384");
    return MLEDGER_OK;
}

static int check_body(const Mledger__Event *event, struct lists *lists)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_LEDGER_CREATED:
        return check_roles(event, event->ledger_created->roles, event->ledger_created->n_roles);
    case MLEDGER__EVENT__KIND_ACTOR_REGISTERED:
        return check_roles(event, event->actor_registered->roles, event->actor_registered->n_roles);
    case MLEDGER__EVENT__KIND_ACTOR_CHANGED:
        return check_roles(event, event->actor_changed->roles, event->actor_changed->n_roles);
    case MLEDGER__EVENT__KIND_KEY_AUTHORIZED:
        return check_roles(event, event->key_authorized->roles, event->key_authorized->n_roles);
    case MLEDGER__EVENT__KIND_CHECKPOINT_NOTED:
        return check_timestamps(event);
    case MLEDGER__EVENT__KIND_POLICY_SET:
        return check_policy(event);
    case MLEDGER__EVENT__KIND_DETAILS_ERASED:
        return check_erasure(event);
    case MLEDGER__EVENT__KIND_EXPERIMENT_CREATED:
        lists->tags = event->experiment_created->n_tags;
        return check_distinct(event, event->experiment_created->tags, lists->tags, "tag");
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        lists->tags = event->model_created->n_tags;
        return check_distinct(event, event->model_created->tags, lists->tags, "tag");
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        lists->tags = event->version_registered->n_tags;
        return check_distinct(event, event->version_registered->tags, lists->tags, "tag");
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return check_run_logged(event, lists);
    case MLEDGER__EVENT__KIND_RUN_ENDED:
        return check_run_end(event);
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        return check_owner(event, event->artifact_recorded->has_run,
                           event->artifact_recorded->has_logged_model);
    case MLEDGER__EVENT__KIND_ARTIFACT_REMOVED:
        return check_removed(event);
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED:
        return check_logged_model(event, lists);
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_UPDATED:
        return check_logged_model_update(event, lists);
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return check_tags_set(event, lists);
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        return check_tags_deleted(event);
    case MLEDGER__EVENT__KIND_DATASET_RECORDED:
        return check_dataset(event, lists);
    case MLEDGER__EVENT__KIND_PIPELINE_RECORDED:
        return check_snapshot_or_attachment(event, lists);
    case MLEDGER__EVENT__KIND_VALIDATION_RECORDED:
        lists->checks = event->validation_recorded->n_checks;
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED:
        return check_deployment(event);
    case MLEDGER__EVENT__KIND_WEBHOOK_SET:
        return check_webhook(event);
    default:
        return MLEDGER_OK;
    }
}

int ml_event_check(const Mledger__Event *event, const Mledger__Details *details,
                   bool details_erased)
{
    if (ml_event_kind(event) == MLEDGER__KIND__KIND_UNSPECIFIED)
        return ml_fail(MLEDGER_EINVALID, "an event without a kind");
    struct lists lists = {0};
    ML_TRY(check_body(event, &lists));
    return details_erased ? MLEDGER_OK : check_lists(event, details, &lists);
}
