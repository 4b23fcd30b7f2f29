/* SPDX-License-Identifier: Apache-2.0 */
/* From a subject's records to facts about it. */
#include <inttypes.h>
#include <stdio.h>

#include "ingest/import_known.h"
#include "ledger/core/codec.h"
#include "ledger/core/hex.h"
#include "ledger/core/index.h"

/* Room for "SIZE/SHA256". */
enum { CONTENT_SIZE = 24 + ML_HEX_SIZE(ML_HASH_SIZE) };

struct fold {
    struct ml_view *view;
    uint64_t subject;
    struct ml_import_known *known;
    struct ml_arena arena;
    const Mledger__Event *event;
    const Mledger__Details *details; /* NULL: none, or erased */
    const Mledger__Details *lists;   /* where the lists are: details or what is attached to them */
    bool erased;
    struct ml_import_says says;
};

static void fold_release(struct fold *fold)
{
    ml_arena_release(&fold->arena);
}

/* A value by its place in the details; NULL: not known. */
static const char *value_at(char *const *values, size_t count, size_t i)
{
    return i < count ? values[i] : NULL;
}

static int put_tags(struct fold *fold, uint64_t version, char *const *tags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_import_known_put(
            fold->known, fold->says,
            fold->lists ? value_at(fold->lists->tag_values, fold->lists->n_tag_values, i) : NULL,
            "t/%" PRIu64 "/%s", version, tags[i]));
    return MLEDGER_OK;
}

static int put_text(struct fold *fold, char what, uint64_t version, const char *text)
{
    return text ? ml_import_known_put(fold->known, fold->says, text, "%c/%" PRIu64, what, version)
                : MLEDGER_OK;
}

/* ---- runs ---- */

static void format_content(const Mledger__Artifact *artifact, char ret_text[CONTENT_SIZE])
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)] = "";
    for (size_t i = 0; i < artifact->n_digests; i++)
        if (artifact->digests[i]->algorithm == MLEDGER__ALGORITHM__SHA256)
            ml_hex_encode(hex, artifact->digests[i]->value.data, ML_HASH_SIZE);
    snprintf(ret_text, CONTENT_SIZE, "%" PRIu64 "/%s", artifact->size, hex);
}

static int put_artifacts(struct fold *fold, char what, Mledger__Artifact *const *artifacts,
                         size_t count)
{
    char content[CONTENT_SIZE];
    for (size_t i = 0; i < count; i++) {
        format_content(artifacts[i], content);
        ML_TRY(ml_import_known_put(fold->known, fold->says, content, "%c/%s", what,
                                   artifacts[i]->path));
    }
    return MLEDGER_OK;
}

static int put_metrics(struct fold *fold, const Mledger__RunLogged *logged)
{
    const Mledger__Details *lists = fold->lists;
    for (size_t i = 0; i < logged->n_metrics; i++) {
        const Mledger__MetricPoint *point = logged->metrics[i];
        const char *text =
            lists && i < lists->n_metric_values ? lists->metric_values[i]->text : NULL;
        /* The text of an erased value is not known: the point is, by all else. */
        ML_TRY(ml_import_known_put(fold->known, fold->says, "", "m/%" PRId64 "/%" PRId64 "/%s/%s",
                                   point->step, point->time, text ? text : "", point->key));
    }
    return MLEDGER_OK;
}

static const char *label_of(Mledger__Label *const *labels, size_t count, const char *scheme)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(labels[i]->scheme, scheme) == 0)
            return labels[i]->value;
    return "";
}

static int put_inputs(struct fold *fold, const Mledger__RunLogged *logged)
{
    for (size_t i = 0; i < logged->n_inputs; i++) {
        const Mledger__Input *input = logged->inputs[i];
        ML_TRY(ml_import_known_put(
            fold->known, fold->says, "", "i/%s/%s/%s", input->role ? input->role : "",
            label_of(input->labels, input->n_labels, "mlflow.digest"), input->name));
    }
    return MLEDGER_OK;
}

static int put_params(struct fold *fold, char *const *params, size_t count)
{
    const Mledger__Details *lists = fold->lists;
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_import_known_put(fold->known, fold->says,
                                   lists ? value_at(lists->param_values, lists->n_param_values, i)
                                         : NULL,
                                   "p/%s", params[i]));
    return MLEDGER_OK;
}

static int fold_logged(struct fold *fold, const Mledger__RunLogged *logged)
{
    ML_TRY(put_params(fold, logged->params, logged->n_params));
    ML_TRY(put_tags(fold, 0, logged->tags, logged->n_tags));
    ML_TRY(put_metrics(fold, logged));
    ML_TRY(put_inputs(fold, logged));
    return put_artifacts(fold, 'o', logged->outputs, logged->n_outputs);
}

static int set_deleted(struct fold *fold, uint64_t version)
{
    return ml_import_known_put(fold->known, fold->says, "", "x/%" PRIu64, version);
}

static int set_restored(struct fold *fold)
{
    return ml_import_known_drop(fold->known, "x/0");
}

static int fold_tags_deleted(struct fold *fold, const Mledger__TagsDeleted *deleted)
{
    for (size_t i = 0; i < deleted->n_tags; i++)
        ML_TRY(ml_import_known_drop(fold->known, "t/%" PRIu64 "/%s", deleted->version,
                                    deleted->tags[i]));
    return MLEDGER_OK;
}

/* ---- models ---- */

static int fold_registered(struct fold *fold, const Mledger__VersionRegistered *registered)
{
    const uint64_t version = registered->version;
    ML_TRY(ml_import_known_put(fold->known, fold->says,
                               registered->run_id ? registered->run_id : "", "v/%" PRIu64,
                               version));
    ML_TRY(put_tags(fold, version, registered->tags, registered->n_tags));
    return put_text(fold, 'g', version, "None");
}

static int fold_alias(struct fold *fold, const Mledger__AliasSet *set)
{
    char version[24];
    snprintf(version, sizeof version, "%" PRIu64, set->version);
    return ml_import_known_put(fold->known, fold->says, version, "l/%s", set->alias);
}

/* Aliases go with the version that they point to. */
static int fold_version_deleted(struct fold *fold, uint64_t version)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, version);
    for (size_t i = 0; i < fold->known->facts.size; i++) {
        struct ml_import_fact *fact = fold->known->facts.slots[i].thing;
        if (fact && strncmp(fact->key, "l/", 2) == 0 && strcmp(fact->value, text) == 0)
            fact->gone = true;
    }
    return set_deleted(fold, version);
}

/* Description and status text of whatever the event is about. */
static int fold_texts(struct fold *fold, uint64_t version)
{
    /* What was erased is not to come back by an import: it counts as known. */
    if (fold->erased) {
        ML_TRY(ml_import_known_put(fold->known, fold->says, NULL, "d/%" PRIu64, version));
        return ml_import_known_put(fold->known, fold->says, NULL, "s/%" PRIu64, version);
    }
    if (!fold->details)
        return MLEDGER_OK;
    ML_TRY(put_text(fold, 'd', version, fold->details->description));
    return put_text(fold, 's', version, fold->details->status_text);
}

static int fold_model_event(struct fold *fold)
{
    const Mledger__Event *event = fold->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        ML_TRY(put_tags(fold, 0, event->model_created->tags, event->model_created->n_tags));
        return fold_texts(fold, 0);
    case MLEDGER__EVENT__KIND_MODEL_UPDATED:
        return fold_texts(fold, 0);
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
        return set_deleted(fold, 0);
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        ML_TRY(fold_registered(fold, event->version_registered));
        return fold_texts(fold, event->version_registered->version);
    case MLEDGER__EVENT__KIND_VERSION_UPDATED:
        return fold_texts(fold, event->version_updated->version);
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        return fold_version_deleted(fold, event->version_deleted->version);
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return put_text(fold, 'g', event->stage_transitioned->version,
                        event->stage_transitioned->to_stage);
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        return put_text(fold, 'g', event->stage_imported->version, event->stage_imported->stage);
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        return fold_alias(fold, event->alias_set);
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
        return ml_import_known_drop(fold->known, "l/%s", event->alias_deleted->alias);
    default:
        return MLEDGER_OK;
    }
}

/* ---- all of them ---- */

static int fold_experiment_created(struct fold *fold, const Mledger__ExperimentCreated *created)
{
    ML_TRY(put_tags(fold, 0, created->tags, created->n_tags));
    return ml_import_known_put(fold->known, fold->says,
                               created->artifact_location ? created->artifact_location : "", "u");
}

static int fold_event(struct fold *fold)
{
    const Mledger__Event *event = fold->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_EXPERIMENT_CREATED:
        return fold_experiment_created(fold, event->experiment_created);
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED:
        ML_TRY(put_params(fold, event->logged_model_created->params,
                          event->logged_model_created->n_params));
        return put_tags(fold, 0, event->logged_model_created->tags,
                        event->logged_model_created->n_tags);
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_UPDATED:
        return put_params(fold, event->logged_model_updated->params,
                          event->logged_model_updated->n_params);
    case MLEDGER__EVENT__KIND_EXPERIMENT_DELETED:
    case MLEDGER__EVENT__KIND_RUN_DELETED:
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_DELETED:
        return set_deleted(fold, 0);
    case MLEDGER__EVENT__KIND_EXPERIMENT_RESTORED:
    case MLEDGER__EVENT__KIND_RUN_RESTORED:
        return set_restored(fold);
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return fold_logged(fold, event->run_logged);
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        return put_artifacts(fold, 'a', event->artifact_recorded->artifacts,
                             event->artifact_recorded->n_artifacts);
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return put_tags(fold, event->tags_set->version, event->tags_set->tags,
                        event->tags_set->n_tags);
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        return fold_tags_deleted(fold, event->tags_deleted);
    default:
        return fold_model_event(fold);
    }
}

/* Lists that did not fit into the details are a message of their own beside the record. */
static int find_lists(struct fold *fold)
{
    fold->lists = fold->details;
    if (!fold->details || !fold->details->attachment)
        return MLEDGER_OK;
    struct ml_span bytes;
    int result = ml_view_attachment(fold->view, fold->details->attachment->sha256.data, &bytes);
    fold->lists = NULL;
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* erased */
    ML_TRY(result);
    ProtobufCMessage *message;
    ML_TRY(ml_codec_unpack(&mledger__details__descriptor, bytes, &fold->arena, &message));
    fold->lists = (const Mledger__Details *)message;
    return MLEDGER_OK;
}

/* The runs of an experiment carry its tag too, but say nothing about it; so do logged models of an
 * experiment and a run, and what a run logs of a model says nothing of the model itself. */
static bool is_about(const struct fold *fold, uint64_t seq)
{
    if (!fold->event)
        return false;
    switch (fold->event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_STARTED:
        return false;
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED:
        return seq == fold->subject;
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return fold->event->run_logged->run == fold->subject;
    default:
        return true;
    }
}

static int fold_record(uint64_t seq, void *context)
{
    struct fold *fold = context;
    struct ml_record record;
    ml_arena_clear(&fold->arena);
    ML_TRY(ml_view_record(fold->view, seq, &fold->arena, &record));
    fold->event = record.event;
    fold->details = record.details;
    fold->erased = record.details_erased;
    if (!is_about(fold, seq))
        return MLEDGER_OK;
    fold->says = (struct ml_import_says){
        .seq = seq,
        .imported = record.event->has_imported_from,
    };
    ML_TRY(find_lists(fold));
    return fold_event(fold);
}

int ml_import_known_read(struct ml_view *view, uint64_t subject, struct ml_import_known *known)
{
    ML_CLEANUP(fold_release)
    struct fold fold = {.view = view, .subject = subject, .known = known};
    ml_arena_init(&fold.arena, 2 * (size_t)ML_LIMIT_UNPACKED);
    struct ml_state_key prefix = ml_index_subject_prefix(subject);
    return ml_view_index(view, &prefix, 0, fold_record, &fold);
}
