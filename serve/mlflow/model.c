/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that concern a registered model. */
#include "serve/mlflow/model.h"

#include "ledger/core/draft.h"
#include "serve/mlflow/check.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/tags.h"

/* Its model is refused by the ledger itself when the name is taken; this says it in MLflow's
 * words. */
static int check_free(struct ml_rest_call *call, const char *name)
{
    const Mledger__SubjectState *state;
    uint64_t seq;
    ML_TRY(ml_rest_read(call));
    const int result = ml_state_find(call->view.state, MLEDGER__SUBJECT_KIND__MODEL, name, &seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(ml_reader_subject(&call->reader, seq, &state));
    if (!state || state->has_deleted || strcmp(state->name, name) != 0)
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_EXISTS, "Registered Model (name=%s) already exists.", name);
}

int ml_rest_create_registered_model(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__CreateRegisteredModel *request = message;
    Mlflow__CreateRegisteredModelResponse *response = answer;
    Mledger__ModelCreated *created;
    uint64_t seq;
    ML_TRY(ml_rest_check_model_name(request->name));
    ML_TRY(check_free(call, request->name));
    ML_TRY(ml_rest_draft(call, "model_created", &created));
    struct ml_draft *draft = ml_rest_last(call);
    ML_TRY(ml_rest_text(draft, request->name, &created->name));
    ML_TRY(ml_rest_text(draft, request->description, &draft->details->description));
    ML_TRY(
        ml_rest_tags_put(draft, request->tags, request->n_tags, &created->tags, &created->n_tags));
    ML_TRY(ml_rest_commit(call));
    ML_TRY(ml_rest_model_find(call, request->name, &seq));
    return ml_rest_model_show(call, seq, &response->registered_model);
}

int ml_rest_get_registered_model(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetRegisteredModel *request = message;
    Mlflow__GetRegisteredModelResponse *response = answer;
    uint64_t seq;
    ML_TRY(ml_rest_model_find(call, request->name, &seq));
    return ml_rest_model_show(call, seq, &response->registered_model);
}

int ml_rest_update_registered_model(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__UpdateRegisteredModel *request = message;
    Mlflow__UpdateRegisteredModelResponse *response = answer;
    Mledger__ModelUpdated *updated;
    uint64_t seq;
    ML_TRY(ml_rest_model_find(call, request->name, &seq));
    ML_TRY(ml_rest_draft(call, "model_updated", &updated));
    updated->model = seq;
    struct ml_draft *draft = ml_rest_last(call);
    ML_TRY(ml_rest_text(draft, request->description ? request->description : "",
                        &draft->details->description));
    ML_TRY(ml_rest_commit(call));
    ML_TRY(ml_rest_read(call));
    return ml_rest_model_show(call, seq, &response->registered_model);
}

int ml_rest_rename_registered_model(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__RenameRegisteredModel *request = message;
    Mlflow__RenameRegisteredModelResponse *response = answer;
    Mledger__ModelRenamed *renamed;
    uint64_t seq;
    ML_TRY(ml_rest_check_model_name(request->new_name));
    ML_TRY(ml_rest_model_find(call, request->name, &seq));
    ML_TRY(check_free(call, request->new_name));
    ML_TRY(ml_rest_draft(call, "model_renamed", &renamed));
    renamed->model = seq;
    ML_TRY(ml_rest_text(ml_rest_last(call), request->new_name, &renamed->name));
    ML_TRY(ml_rest_commit(call));
    ML_TRY(ml_rest_read(call));
    return ml_rest_model_show(call, seq, &response->registered_model);
}

int ml_rest_delete_registered_model(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__DeleteRegisteredModel *request = message;
    Mledger__ModelDeleted *deleted;
    uint64_t seq;
    (void)answer;
    ML_TRY(ml_rest_model_find(call, request->name, &seq));
    ML_TRY(ml_rest_draft(call, "model_deleted", &deleted));
    deleted->model = seq;
    return ml_rest_commit(call);
}

int ml_rest_set_registered_model_tag(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__SetRegisteredModelTag *request = message;
    uint64_t seq;
    (void)answer;
    ML_TRY(ml_rest_model_find(call, request->name, &seq));
    const struct ml_rest_tagged tagged = {.model = true, .seq = seq};
    return ml_rest_tag_set(call, &tagged, request->key, request->value);
}

/* That a tag is not there is no error, as on MLflow's servers; nothing is recorded then. */
int ml_rest_delete_registered_model_tag(struct ml_rest_call *call, const void *message,
                                        void *answer)
{
    const Mlflow__DeleteRegisteredModelTag *request = message;
    const char *value;
    uint64_t seq;
    (void)answer;
    ML_TRY(ml_rest_model_find(call, request->name, &seq));
    ML_TRY(ml_rest_tag_show(call, seq, 0, request->key, &value));
    const struct ml_rest_tagged tagged = {.model = true, .seq = seq};
    return value ? ml_rest_tag_delete(call, &tagged, request->key) : MLEDGER_OK;
}

int ml_rest_get_latest_versions(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetLatestVersions *request = message;
    Mlflow__GetLatestVersionsResponse *response = answer;
    const char *stage;
    uint64_t seq;
    ML_TRY(ml_rest_model_find(call, request->name, &seq));
    for (size_t i = 0; i < request->n_stages; i++)
        ML_TRY(ml_rest_stage(request->stages[i], &stage));
    const struct ml_rest_stages wanted = {request->stages, request->n_stages, call->is_version_3};
    return ml_rest_latest_versions(call, seq, &wanted, &response->model_versions,
                                   &response->n_model_versions);
}

/* ---- aliases ---- */

int ml_rest_set_registered_model_alias(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__SetRegisteredModelAlias *request = message;
    struct ml_rest_version version;
    Mledger__AliasSet *set;
    (void)answer;
    ML_TRY(ml_rest_check_alias(request->alias));
    ML_TRY(ml_rest_version_find(call, request->name, request->version, &version));
    ML_TRY(ml_rest_draft(call, "alias_set", &set));
    set->model = version.model;
    set->version = version.number;
    ML_TRY(ml_rest_text(ml_rest_last(call), request->alias, &set->alias));
    return ml_rest_commit(call);
}

static int find_alias(struct ml_rest_call *call, const char *name, const char *alias,
                      uint64_t *ret_model, uint64_t *ret_number)
{
    struct ml_state_key key;
    ML_TRY(ml_rest_model_find(call, name, ret_model));
    ML_TRY(ml_key_alias(*ret_model, alias, &key));
    return ml_state_pointer(call->view.state, &key, ret_number);
}

int ml_rest_delete_registered_model_alias(struct ml_rest_call *call, const void *message,
                                          void *answer)
{
    const Mlflow__DeleteRegisteredModelAlias *request = message;
    Mledger__AliasDeleted *deleted;
    uint64_t model, number;
    (void)answer;
    const int result = find_alias(call, request->name, request->alias, &model, &number);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* as on MLflow's servers */
    ML_TRY(result);
    ML_TRY(ml_rest_draft(call, "alias_deleted", &deleted));
    deleted->model = model;
    ML_TRY(ml_rest_text(ml_rest_last(call), request->alias, &deleted->alias));
    return ml_rest_commit(call);
}

/* "latest" is not set by anybody: it is the first of the newest versions of each stage. */
static int find_latest(struct ml_rest_call *call, const char *name,
                       Mlflow__ModelVersion **ret_version)
{
    static const struct ml_rest_stages wanted = {.with_aliases = true};
    Mlflow__ModelVersion **versions;
    size_t count;
    uint64_t model;
    ML_TRY(ml_rest_model_find(call, name, &model));
    ML_TRY(ml_rest_latest_versions(call, model, &wanted, &versions, &count));
    if (count == 0)
        return ml_rest_refuse(ML_REST_NOT_FOUND, "Latest version not found for model %s.", name);
    *ret_version = versions[0];
    return MLEDGER_OK;
}

int ml_rest_get_model_version_by_alias(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetModelVersionByAlias *request = message;
    Mlflow__GetModelVersionByAliasResponse *response = answer;
    struct ml_rest_version version;
    uint64_t model, number;
    if (ml_rest_alias_is_latest(request->alias))
        return find_latest(call, request->name, &response->model_version);
    int result = find_alias(call, request->name, request->alias, &model, &number);
    if (result == MLEDGER_OK)
        result = ml_rest_version_at(call, model, number, &version);
    if (result == MLEDGER_ENOTFOUND)
        return ml_rest_refuse(ML_REST_INVALID, "Registered model alias %s not found.",
                              request->alias);
    ML_TRY(result);
    return ml_rest_version_show(call, &version, &response->model_version);
}
