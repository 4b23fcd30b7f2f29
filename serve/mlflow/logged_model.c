/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that make, change, delete and show a logged model. */
#include "serve/mlflow/logged_model.h"

#include <jansson.h>

#include "ledger/core/draft.h"
#include "ledger/query/fields.h"
#include "serve/mlflow/check.h"
#include "serve/mlflow/experiment.h"
#include "serve/mlflow/log.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/tags.h"
#include "serve/mlflow/uuid.h"

static const char versions_tag[] = "mlflow.modelVersions";

/* ---- creating ---- */

struct creation {
    const Mlflow__CreateLoggedModel *request;
    const char *id, *name;
    const char *uri; /* of its artifacts */
    uint64_t experiment, run;
    bool has_run;
};

static int check_name(const char *name)
{
    if (!name || !*name || !strpbrk(name, "/:.%\"'"))
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID,
                          "Invalid model name ('%s') provided. Model name must be a non-empty "
                          "string and cannot contain the following characters: ('/', ':', '.', "
                          "'%%', '\"', \"'\")",
                          name);
}

/* Id, name and place as the server has chosen that the call was passed on to. */
static int take_given(const struct ml_rest_call *call, struct creation *creation)
{
    const Mlflow__CreateLoggedModelResponse *given =
        (const Mlflow__CreateLoggedModelResponse *)call->given;
    const Mlflow__LoggedModelInfo *info = given->model ? given->model->info : NULL;
    if (!info || !info->model_id || !*info->model_id || !info->name)
        return ml_fail(MLEDGER_EINVALID, "the MLflow server gave the model no usable id");
    creation->id = info->model_id;
    creation->name = info->name;
    creation->uri = info->artifact_uri;
    return MLEDGER_OK;
}

static int choose_id(struct ml_rest_call *call, struct creation *creation)
{
    char uuid[ML_REST_UUID_SIZE];
    const char *name = creation->request->name;
    if (call->given)
        return take_given(call, creation);
    ML_TRY(ml_rest_uuid(uuid));
    creation->id = ml_arena_printf(&call->arena, "m-%s", uuid);
    creation->name = name && *name ? name : ml_arena_printf(&call->arena, "model-%.8s", uuid);
    return creation->id && creation->name ? MLEDGER_OK : ml_arena_fail(&call->arena, "the request");
}

/* The run that made it, where the ledger knows it; else its id alone. */
static int find_run(struct ml_rest_call *call, struct creation *creation)
{
    const char *id = creation->request->source_run_id;
    if (!id || !*id)
        return MLEDGER_OK;
    const int result =
        ml_state_find(call->view.state, MLEDGER__SUBJECT_KIND__RUN, id, &creation->run);
    creation->has_run = result == MLEDGER_OK;
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static int put_run(struct ml_draft *draft, const struct creation *creation,
                   Mledger__LoggedModelCreated *created)
{
    const char *id = creation->request->source_run_id;
    created->has_run = creation->has_run;
    created->run = creation->run;
    return ml_rest_text(draft, creation->has_run || !id || !*id ? NULL : id, &created->run_id);
}

static int put_params(struct ml_draft *draft, Mlflow__KeyValue *const *params, size_t count,
                      char ***ret_keys, size_t *ret_count)
{
    Mledger__Details *details = draft->details;
    if (count == 0)
        return MLEDGER_OK;
    char **keys = ml_arena_calloc(&draft->arena, count, sizeof *keys);
    details->param_values = ml_arena_calloc(&draft->arena, count, sizeof *details->param_values);
    if (!keys || !details->param_values)
        return ml_arena_fail(&draft->arena, "the request");
    for (size_t i = 0; i < count; i++) {
        ML_TRY(ml_rest_check_key("key", params[i]->key));
        ML_TRY(ml_rest_text(draft, params[i]->key, &keys[i]));
        ML_TRY(ml_rest_text(draft, params[i]->value ? params[i]->value : "",
                            &details->param_values[i]));
    }
    details->n_param_values = *ret_count = count;
    *ret_keys = keys;
    return MLEDGER_OK;
}

static int draft_created(struct ml_rest_call *call, const struct creation *creation)
{
    Mledger__LoggedModelCreated *created;
    const Mlflow__CreateLoggedModel *request = creation->request;
    const char *type = request->model_type && *request->model_type ? request->model_type : NULL;
    ML_TRY(ml_rest_draft(call, "logged_model_created", &created));
    struct ml_draft *draft = ml_rest_last(call);
    created->has_experiment = true;
    created->experiment = creation->experiment;
    ML_TRY(ml_rest_text(draft, creation->id, &created->model_id));
    ML_TRY(ml_rest_text(draft, creation->name, &created->name));
    ML_TRY(ml_rest_text(draft, type, &created->model_type));
    ML_TRY(ml_rest_text(draft, creation->uri, &created->artifact_uri));
    ML_TRY(put_run(draft, creation, created));
    ML_TRY(put_params(draft, request->params, request->n_params, &created->params,
                      &created->n_params));
    return ml_rest_tags_put(draft, request->tags, request->n_tags, &created->tags,
                            &created->n_tags);
}

/* Unless the server that the call was passed on to has said it. */
static int choose_uri(struct ml_rest_call *call, struct creation *creation)
{
    if (creation->uri)
        return MLEDGER_OK;
    const char *path =
        ml_arena_printf(&call->arena, ML_REST_MODELS_FOLDER "/%s/artifacts", creation->id);
    if (!path)
        return ml_arena_fail(&call->arena, "the request");
    return ml_rest_experiment_place(call, creation->experiment, path, &creation->uri);
}

int ml_rest_create_logged_model(struct ml_rest_call *call, const void *message, void *answer)
{
    struct creation creation = {.request = message};
    Mlflow__CreateLoggedModelResponse *response = answer;
    uint64_t seq;
    ML_TRY(check_name(creation.request->name));
    ML_TRY(ml_rest_experiment_find_active(call, creation.request->experiment_id,
                                          &creation.experiment));
    ML_TRY(find_run(call, &creation));
    ML_TRY(choose_id(call, &creation));
    ML_TRY(choose_uri(call, &creation));
    ML_TRY(draft_created(call, &creation));
    ML_TRY(ml_rest_commit(call));
    ML_TRY(ml_rest_logged_model_find(call, creation.id, &seq));
    return ml_rest_logged_model_show(call, seq, &response->model);
}

/* ---- asking ---- */

int ml_rest_get_logged_model(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetLoggedModel *request = message;
    Mlflow__GetLoggedModelResponse *response = answer;
    uint64_t seq;
    if (request->allow_deleted)
        ML_TRY(ml_rest_logged_model_find_any(call, request->model_id, &seq));
    else
        ML_TRY(ml_rest_logged_model_find(call, request->model_id, &seq));
    return ml_rest_logged_model_show(call, seq, &response->model);
}

/* ---- changing ---- */

int ml_rest_finalize_logged_model(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__FinalizeLoggedModel *request = message;
    Mlflow__FinalizeLoggedModelResponse *response = answer;
    Mledger__LoggedModelUpdated *updated;
    uint64_t seq;
    ML_TRY(ml_rest_logged_model_find(call, request->model_id, &seq));
    ML_TRY(ml_rest_draft(call, "logged_model_updated", &updated));
    updated->logged_model = seq;
    updated->has_status = true;
    updated->status = (Mledger__LoggedModelStatus)request->status; /* the numbers are the same */
    ML_TRY(ml_rest_commit(call));
    ML_TRY(ml_rest_read(call));
    return ml_rest_logged_model_show(call, seq, &response->model);
}

int ml_rest_delete_logged_model(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__DeleteLoggedModel *request = message;
    Mledger__LoggedModelDeleted *deleted;
    const Mledger__SubjectState *state;
    uint64_t seq;
    (void)answer;
    ML_TRY(ml_rest_logged_model_find_any(call, request->model_id, &seq));
    ML_TRY(ml_reader_subject(&call->reader, seq, &state));
    if (state->has_deleted)
        return MLEDGER_OK; /* again is no error, and nothing that happens */
    ML_TRY(ml_rest_draft(call, "logged_model_deleted", &deleted));
    deleted->logged_model = seq;
    return ml_rest_commit(call);
}

int ml_rest_set_logged_model_tags(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__SetLoggedModelTags *request = message;
    struct ml_rest_tagged tagged = {.logged_model = true};
    (void)answer;
    ML_TRY(ml_rest_logged_model_find(call, request->model_id, &tagged.seq));
    if (request->n_tags == 0)
        return MLEDGER_OK;
    return ml_rest_tags_set(call, &tagged, request->tags, request->n_tags);
}

int ml_rest_delete_logged_model_tag(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__DeleteLoggedModelTag *request = message;
    struct ml_rest_tagged tagged = {.logged_model = true};
    const char *value;
    (void)answer;
    ML_TRY(ml_rest_logged_model_find(call, request->model_id, &tagged.seq));
    ML_TRY(ml_rest_tag_show(call, tagged.seq, 0, request->tag_key, &value));
    if (!value)
        return ml_rest_refuse(ML_REST_NOT_FOUND,
                              "No tag with key '%s' found for model with ID '%s'.",
                              request->tag_key, request->model_id);
    return ml_rest_tag_delete(call, &tagged, request->tag_key);
}

/* Is it to be recorded (1), or there already with this value (0)? */
static int is_new_param(struct ml_rest_call *call, uint64_t model, const char *model_id,
                        const Mlflow__KeyValue *param)
{
    struct ml_field field;
    const char *value = param->value ? param->value : "";
    ML_TRY(ml_rest_check_key("key", param->key));
    const int result = ml_fields_find(&call->reader, model, 0, ML_FIELD_PARAM, param->key, &field);
    if (result == MLEDGER_ENOTFOUND)
        return 1;
    ML_TRY(result);
    if (field.value && strcmp(field.value, value) == 0)
        return 0;
    return ml_rest_refuse(ML_REST_INVALID,
                          "Changing param values is not allowed. Param with key='%s' was already "
                          "logged with value='%.256s' for model ID='%s'. Attempted logging new "
                          "value '%.256s'.",
                          param->key, field.value ? field.value : "", model_id, value);
}

static int record_params(struct ml_rest_call *call, const Mlflow__LogLoggedModelParams *request)
{
    Mledger__LoggedModelUpdated *updated;
    uint64_t seq;
    size_t count = 0;
    ML_TRY(ml_rest_logged_model_find(call, request->model_id, &seq));
    Mlflow__KeyValue **params =
        ml_arena_calloc(&call->arena, request->n_params + 1, sizeof(Mlflow__KeyValue *));
    if (!params)
        return ml_arena_fail(&call->arena, "the request");
    for (size_t i = 0; i < request->n_params; i++) {
        const int is_new = is_new_param(call, seq, request->model_id, request->params[i]);
        ML_TRY(is_new);
        if (is_new)
            params[count++] = request->params[i];
    }
    if (count == 0)
        return MLEDGER_OK;
    ML_TRY(ml_rest_draft(call, "logged_model_updated", &updated));
    updated->logged_model = seq;
    ML_TRY(put_params(ml_rest_last(call), params, count, &updated->params, &updated->n_params));
    return ml_rest_commit(call);
}

int ml_rest_log_logged_model_params(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__LogLoggedModelParams *request = message;
    (void)answer;
    /* What a parameter's value is must not change between the look and the commit. */
    ml_rest_lock(call->service, request->model_id);
    const int result = record_params(call, request);
    ml_rest_unlock(call->service, request->model_id);
    return result;
}

/* ---- versions registered from it ---- */

static bool is_listed(const json_t *list, const json_t *entry)
{
    size_t i;
    const json_t *other;
    json_array_foreach(list, i, other) if (json_equal(other, entry)) return true;
    return false;
}

static int tag_version(struct ml_rest_call *call, const char *id, const char *name,
                       uint64_t version)
{
    struct ml_rest_tagged tagged = {.logged_model = true};
    const char *before;
    ML_TRY(ml_rest_logged_model_find(call, id, &tagged.seq));
    ML_TRY(ml_rest_tag_show(call, tagged.seq, 0, versions_tag, &before));
    ML_CLEANUP(json_decrefp) json_t *list = ml_rest_tag_list(before);
    ML_CLEANUP(json_decrefp)
    json_t *entry = json_pack("{s:s, s:I}", "name", name, "version", (json_int_t)version);
    if (!list || !entry || (!is_listed(list, entry) && json_array_append(list, entry) != 0))
        return ml_fail_memory();
    ML_CLEANUP(ml_freep) char *text = json_dumps(list, JSON_ENSURE_ASCII);
    if (!text)
        return ml_fail_memory();
    return ml_rest_tag_set(call, &tagged, versions_tag, text);
}

int ml_rest_logged_model_registered(struct ml_rest_call *call, const char *id, const char *name,
                                    uint64_t version)
{
    const struct ml_receipt receipt = call->receipt; /* that of the version is the client's */
    ml_rest_lock(call->service, id);
    const int result = tag_version(call, id, name, version);
    ml_rest_unlock(call->service, id);
    call->receipt = receipt;
    return result;
}
