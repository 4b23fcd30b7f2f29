/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that concern a version of a registered model. */
#include <errno.h>

#include "ledger/core/draft.h"
#include "serve/mlflow/check.h"
#include "serve/mlflow/logged_model.h"
#include "serve/mlflow/model.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/source.h"
#include "serve/mlflow/tags.h"
#include "serve/mlflow/version_files.h"

/* ---- registering ---- */

/* The run, where the ledger knows it; else its id alone. */
static int put_run(struct ml_rest_call *call, struct ml_draft *draft, const char *id,
                   Mledger__VersionRegistered *registered)
{
    const Mledger__SubjectState *run = NULL;
    uint64_t seq;
    if (!id || !*id)
        return MLEDGER_OK;
    const int result = ml_state_find(call->view.state, MLEDGER__SUBJECT_KIND__RUN, id, &seq);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result == MLEDGER_OK)
        ML_TRY(ml_reader_subject(&call->reader, seq, &run));
    if (run) {
        registered->has_run_ref = true;
        registered->run_ref = seq;
        registered->has_trained_by_actor_ref = run->has_author;
        registered->trained_by_actor_ref = run->author;
    }
    return ml_rest_text(draft, id, &registered->run_id);
}

/* The logged model that it is made of: what model_id names, or else the source. NULL: none. */
static const char *logged_model_of(const Mlflow__CreateModelVersion *request)
{
    return request->model_id && *request->model_id ? request->model_id
                                                   : ml_rest_logged_model_id(request->source);
}

/* A version of a logged model is of the run that made it, unless the request names another. */
static int put_logged_model(struct ml_rest_call *call, const char *id,
                            Mledger__VersionRegistered *registered, const char **run_id)
{
    const struct ml_record *record;
    const Mledger__LoggedModelCreated *created;
    if (!id)
        return MLEDGER_OK;
    ML_TRY(ml_rest_logged_model_find(call, id, &registered->logged_model_ref));
    registered->has_logged_model_ref = true;
    if (*run_id && **run_id)
        return MLEDGER_OK;
    ML_TRY(ml_rest_logged_model_created(call, registered->logged_model_ref, &record, &created));
    return ml_rest_logged_model_run(call, created, run_id);
}

/* The number that the server has given it that the call was passed on to. */
static int take_number(const struct ml_rest_call *call, Mledger__VersionRegistered *registered)
{
    const Mlflow__CreateModelVersionResponse *given =
        (const Mlflow__CreateModelVersionResponse *)call->given;
    const char *text = given->model_version ? given->model_version->version : NULL;
    char *end = NULL;
    errno = 0;
    registered->version = text ? strtoull(text, &end, 10) : 0;
    if (registered->version == 0 || errno != 0 || *end)
        return ml_fail(MLEDGER_EINVALID, "the MLflow server gave the version no usable number");
    return MLEDGER_OK;
}

static int draft_registered(struct ml_rest_call *call, uint64_t model,
                            const Mlflow__CreateModelVersion *request)
{
    Mledger__VersionRegistered *registered;
    const char *run_id = request->run_id;
    ML_TRY(ml_rest_draft(call, "version_registered", &registered));
    struct ml_draft *draft = ml_rest_last(call);
    registered->model = model;
    if (call->given)
        ML_TRY(take_number(call, registered));
    ML_TRY(put_logged_model(call, logged_model_of(request), registered, &run_id));
    ML_TRY(put_run(call, draft, run_id, registered));
    ML_TRY(ml_rest_text(draft, request->source, &registered->source));
    ML_TRY(ml_rest_version_files(call, draft, registered));
    ML_TRY(ml_rest_text(draft, request->description, &draft->details->description));
    ML_TRY(ml_rest_text(draft, request->run_link, &draft->details->source));
    return ml_rest_tags_put(draft, request->tags, request->n_tags, &registered->tags,
                            &registered->n_tags);
}

int ml_rest_create_model_version(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__CreateModelVersion *request = message;
    Mlflow__CreateModelVersionResponse *response = answer;
    struct ml_rest_version version = {0};
    ML_TRY(ml_rest_check_model_name(request->name));
    ML_TRY(ml_rest_source_check(call, request));
    ML_TRY(ml_rest_model_find(call, request->name, &version.model));
    ML_TRY(draft_registered(call, version.model, request));
    ML_TRY(ml_rest_commit(call));
    version.number = ml_rest_last(call)->event->version_registered->version;
    if (request->model_id && *request->model_id)
        ML_TRY(ml_rest_logged_model_registered(call, request->model_id, request->name,
                                               version.number));
    ML_TRY(ml_rest_version_again(call, &version));
    return ml_rest_version_show(call, &version, &response->model_version);
}

/* ---- asking ---- */

int ml_rest_get_model_version(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetModelVersion *request = message;
    Mlflow__GetModelVersionResponse *response = answer;
    struct ml_rest_version version;
    ML_TRY(ml_rest_version_find(call, request->name, request->version, &version));
    return ml_rest_version_show(call, &version, &response->model_version);
}

int ml_rest_get_model_version_download_uri(struct ml_rest_call *call, const void *message,
                                           void *answer)
{
    const Mlflow__GetModelVersionDownloadUri *request = message;
    Mlflow__GetModelVersionDownloadUriResponse *response = answer;
    struct ml_rest_version version;
    const char *uri;
    ML_TRY(ml_rest_version_find(call, request->name, request->version, &version));
    ML_TRY(ml_rest_source_follow(call, &version, &uri));
    response->artifact_uri = ml_rest_const(uri);
    return MLEDGER_OK;
}

/* ---- changing ---- */

int ml_rest_update_model_version(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__UpdateModelVersion *request = message;
    Mlflow__UpdateModelVersionResponse *response = answer;
    struct ml_rest_version version;
    Mledger__VersionUpdated *updated;
    ML_TRY(ml_rest_version_find(call, request->name, request->version, &version));
    ML_TRY(ml_rest_draft(call, "version_updated", &updated));
    updated->model = version.model;
    updated->version = version.number;
    struct ml_draft *draft = ml_rest_last(call);
    ML_TRY(ml_rest_text(draft, request->description ? request->description : "",
                        &draft->details->description));
    ML_TRY(ml_rest_commit(call));
    ML_TRY(ml_rest_version_again(call, &version));
    return ml_rest_version_show(call, &version, &response->model_version);
}

int ml_rest_delete_model_version(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__DeleteModelVersion *request = message;
    struct ml_rest_version version;
    Mledger__VersionDeleted *deleted;
    (void)answer;
    ML_TRY(ml_rest_version_find(call, request->name, request->version, &version));
    ML_TRY(ml_rest_draft(call, "version_deleted", &deleted));
    deleted->model = version.model;
    deleted->version = version.number;
    return ml_rest_commit(call);
}

int ml_rest_set_model_version_tag(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__SetModelVersionTag *request = message;
    struct ml_rest_version version;
    (void)answer;
    ML_TRY(ml_rest_version_find(call, request->name, request->version, &version));
    const struct ml_rest_tagged tagged = {
        .model = true, .seq = version.model, .version = version.number};
    return ml_rest_tag_set(call, &tagged, request->key, request->value);
}

int ml_rest_delete_model_version_tag(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__DeleteModelVersionTag *request = message;
    struct ml_rest_version version;
    const char *value;
    (void)answer;
    ML_TRY(ml_rest_version_find(call, request->name, request->version, &version));
    ML_TRY(ml_rest_tag_show(call, version.model, version.number, request->key, &value));
    const struct ml_rest_tagged tagged = {
        .model = true, .seq = version.model, .version = version.number};
    return value ? ml_rest_tag_delete(call, &tagged, request->key) : MLEDGER_OK;
}

/* ---- stages ---- */

static int draft_transition(struct ml_rest_call *call, uint64_t model, uint64_t number,
                            const char *stage)
{
    Mledger__StageTransitioned *transition;
    ML_TRY(ml_rest_draft(call, "stage_transitioned", &transition));
    transition->model = model;
    transition->version = number;
    return ml_rest_text(ml_rest_last(call), stage, &transition->to_stage);
}

/* Every other version in that stage makes room, in the same transaction. */
static int draft_archive(struct ml_rest_call *call, const struct ml_rest_version *moving,
                         const char *stage)
{
    const Mledger__SubjectState *model;
    ML_TRY(ml_reader_subject(&call->reader, moving->model, &model));
    for (uint64_t number = 1; number <= model->newest_version; number++) {
        struct ml_rest_version other;
        const int result = ml_rest_version_at(call, moving->model, number, &other);
        if (result == MLEDGER_ENOTFOUND)
            continue;
        ML_TRY(result);
        if (number != moving->number && strcmp(other.state->stage, stage) == 0)
            ML_TRY(draft_transition(call, moving->model, number, "Archived"));
    }
    return MLEDGER_OK;
}

int ml_rest_transition_model_version_stage(struct ml_rest_call *call, const void *message,
                                           void *answer)
{
    const Mlflow__TransitionModelVersionStage *request = message;
    Mlflow__TransitionModelVersionStageResponse *response = answer;
    struct ml_rest_version version;
    const char *stage;
    ML_TRY(ml_rest_stage(request->stage, &stage));
    const bool is_active = strcmp(stage, "Staging") == 0 || strcmp(stage, "Production") == 0;
    if (request->archive_existing_versions && !is_active)
        return ml_rest_refuse(
            ML_REST_INVALID,
            "Model version transition cannot archive existing model versions because "
            "'%s' is not an Active stage. Valid stages are Production, Staging",
            stage);
    ML_TRY(ml_rest_version_find(call, request->name, request->version, &version));
    if (request->archive_existing_versions)
        ML_TRY(draft_archive(call, &version, stage));
    if (strcmp(version.state->stage, stage) != 0)
        ML_TRY(draft_transition(call, version.model, version.number, stage));
    ML_TRY(ml_rest_commit(call));
    ML_TRY(ml_rest_version_again(call, &version));
    return ml_rest_version_show(call, &version, &response->model_version);
}
