/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that make, end, delete and show a run. */
#include "serve/mlflow/run.h"

#include "ledger/core/draft.h"
#include "ledger/core/hex.h"
#include "serve/mlflow/experiment.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/tags.h"
#include "serve/mlflow/uuid.h"

/* ---- creating ---- */

static const char *tag_of(const Mlflow__CreateRun *request, const char *key)
{
    for (size_t i = 0; i < request->n_tags; i++)
        if (request->tags[i]->key && strcmp(request->tags[i]->key, key) == 0)
            return request->tags[i]->value;
    return NULL;
}

/* The name in the request or in its tag; where there is none, one that is easier to say than the
 * id. */
static int choose_name(struct ml_rest_call *call, const Mlflow__CreateRun *request, const char *id,
                       const char **ret_name)
{
    const char *tag = tag_of(request, ML_REST_RUN_NAME);
    const char *name = request->run_name && *request->run_name ? request->run_name : NULL;
    if (name && tag && strcmp(name, tag) != 0)
        return ml_rest_refuse(
            ML_REST_INVALID,
            "Both 'run_name' argument and 'mlflow.runName' tag are specified, but "
            "with different values (run_name='%s', mlflow.runName='%s').",
            name, tag);
    *ret_name = name ? name : tag;
    if (!*ret_name)
        *ret_name = ml_arena_printf(&call->arena, "run-%.8s", id);
    return *ret_name ? MLEDGER_OK : ml_fail_memory();
}

/* The commit that the tags name in full. */
static int put_commit(struct ml_draft *draft, const Mlflow__CreateRun *request,
                      Mledger__Digest **ret_commit)
{
    uint8_t id[ML_HASH_SIZE];
    const char *text = tag_of(request, "mlflow.source.git.commit");
    const size_t len = text ? strlen(text) : 0;
    if ((len != 40 && len != 64) || ml_hex_decode(text, len, id, len / 2) < 0) {
        ml_error_clear(); /* a tag may say anything; then it is just a tag */
        return MLEDGER_OK;
    }
    *ret_commit =
        ml_draft_digest(draft, MLEDGER__ALGORITHM__GIT, id, len / 2, MLEDGER__STANDING__CLAIMED);
    return *ret_commit ? MLEDGER_OK : ml_fail_memory();
}

struct creation {
    const Mlflow__CreateRun *request;
    uint64_t experiment;
    const char *name;
    const char *uri; /* of its artifacts */
    char id[ML_REST_UUID_SIZE];
};

static int draft_started(struct ml_rest_call *call, const struct creation *creation)
{
    Mledger__RunStarted *started;
    const Mlflow__CreateRun *request = creation->request;
    const char *user =
        request->user_id && *request->user_id ? request->user_id : tag_of(request, "mlflow.user");
    ML_TRY(ml_rest_draft(call, "run_started", &started));
    struct ml_draft *draft = ml_rest_last(call);
    started->has_experiment = true;
    started->experiment = creation->experiment;
    ML_TRY(ml_rest_text(draft, creation->id, &started->run_id));
    ML_TRY(ml_rest_text(draft, creation->name, &started->name));
    ML_TRY(ml_rest_text(draft, creation->uri, &started->artifact_uri));
    ML_TRY(ml_rest_text(draft, tag_of(request, "mlflow.parentRunId"), &started->parent_run_id));
    ML_TRY(ml_rest_text(draft, user, &draft->details->user));
    ML_TRY(put_commit(draft, request, &started->commit));
    return request->has_start_time ? ml_rest_occurred(draft, request->start_time) : MLEDGER_OK;
}

static int draft_tags(struct ml_rest_call *call, const struct creation *creation)
{
    const Mlflow__CreateRun *request = creation->request;
    Mledger__RunLogged *logged;
    const bool is_named = tag_of(request, ML_REST_RUN_NAME) != NULL;
    const size_t count = request->n_tags + !is_named;
    Mlflow__KeyValue name = MLFLOW__KEY_VALUE__INIT;
    Mlflow__KeyValue **tags = ml_arena_calloc(&call->arena, count, sizeof *tags);
    if (!tags)
        return ml_arena_fail(&call->arena, "the request");
    for (size_t i = 0; i < request->n_tags; i++)
        tags[i] = request->tags[i];
    name.key = ml_rest_const(ML_REST_RUN_NAME);
    name.value = ml_rest_const(creation->name);
    if (!is_named)
        tags[request->n_tags] = &name;
    ML_TRY(ml_rest_draft(call, "run_logged", &logged));
    struct ml_draft *draft = ml_rest_last(call);
    ML_TRY(ml_draft_name(draft, &logged->run, MLEDGER__SUBJECT_KIND__RUN, "run_logged.run",
                         creation->id));
    return ml_rest_tags_put(draft, tags, count, &logged->tags, &logged->n_tags);
}

/* Id, name and place as the server has chosen that the call was passed on to. */
static int take_given(const struct ml_rest_call *call, struct creation *creation)
{
    const Mlflow__CreateRunResponse *given = (const Mlflow__CreateRunResponse *)call->given;
    const Mlflow__RunInfo *info = given->run ? given->run->info : NULL;
    const char *id = info ? info->run_id : NULL;
    if (!id || strlen(id) != ML_REST_UUID_SIZE - 1)
        return ml_fail(MLEDGER_EINVALID, "the MLflow server gave the run no usable id");
    memcpy(creation->id, id, ML_REST_UUID_SIZE);
    if (info->run_name && *info->run_name)
        creation->name = info->run_name;
    creation->uri = info->artifact_uri;
    return MLEDGER_OK;
}

static int choose_uri(struct ml_rest_call *call, struct creation *creation)
{
    const char *path = ml_arena_printf(&call->arena, "%s/artifacts", creation->id);
    if (!path)
        return ml_arena_fail(&call->arena, "the request");
    return ml_rest_experiment_place(call, creation->experiment, path, &creation->uri);
}

int ml_rest_create_run(struct ml_rest_call *call, const void *message, void *answer)
{
    struct creation creation = {.request = message};
    Mlflow__CreateRunResponse *response = answer;
    uint64_t seq;
    const char *experiment = creation.request->experiment_id;
    ML_TRY(ml_rest_experiment_find_active(call, experiment && *experiment ? experiment : "0",
                                          &creation.experiment));
    ML_TRY(ml_rest_uuid(creation.id));
    ML_TRY(choose_uri(call, &creation));
    ML_TRY(choose_name(call, creation.request, creation.id, &creation.name));
    if (call->given)
        ML_TRY(take_given(call, &creation));
    ML_TRY(draft_started(call, &creation));
    ML_TRY(draft_tags(call, &creation));
    ML_TRY(ml_rest_commit(call));
    ML_TRY(ml_rest_run_find(call, creation.id, &seq));
    ML_TRY(ml_rest_run_show(call, seq, &response->run));
    /* A new run has none; MLflow 3 says so of inputs, and MLflow 2 of neither. */
    response->run->outputs = NULL;
    if (!call->is_version_3)
        response->run->inputs = NULL;
    return MLEDGER_OK;
}

/* ---- changing ---- */

static int draft_ended(struct ml_rest_call *call, uint64_t run, const Mlflow__UpdateRun *request)
{
    Mledger__RunEnded *ended;
    ML_TRY(ml_rest_draft(call, "run_ended", &ended));
    ended->run = run;
    ended->status = (Mledger__RunStatus)request->status; /* the numbers are the same */
    return request->has_end_time ? ml_rest_occurred(ml_rest_last(call), request->end_time)
                                 : MLEDGER_OK;
}

int ml_rest_run_draft_updated(struct ml_rest_call *call, uint64_t run, const char *name,
                              const Mledger__RunStatus *status)
{
    Mledger__RunUpdated *updated;
    ML_TRY(ml_rest_draft(call, "run_updated", &updated));
    updated->run = run;
    updated->has_status = status != NULL;
    if (status)
        updated->status = *status;
    return ml_rest_text(ml_rest_last(call), name, &updated->name);
}

/* MLflow keeps a run's name as a tag too. */
static int draft_name_tag(struct ml_rest_call *call, uint64_t run, const char *name)
{
    Mledger__TagsSet *set;
    Mlflow__KeyValue tag = MLFLOW__KEY_VALUE__INIT;
    Mlflow__KeyValue *const tags[] = {&tag};
    tag.key = ml_rest_const(ML_REST_RUN_NAME);
    tag.value = ml_rest_const(name);
    ML_TRY(ml_rest_draft(call, "tags_set", &set));
    set->has_run = true;
    set->run = run;
    return ml_rest_tags_put(ml_rest_last(call), tags, 1, &set->tags, &set->n_tags);
}

static int draft_update(struct ml_rest_call *call, uint64_t run, const Mlflow__UpdateRun *request)
{
    const Mledger__SubjectState *state;
    const Mledger__RunStatus status = (Mledger__RunStatus)request->status;
    const bool goes_on = request->has_status && (request->status == MLFLOW__RUN_STATUS__RUNNING ||
                                                 request->status == MLFLOW__RUN_STATUS__SCHEDULED);
    const bool is_named = request->run_name && *request->run_name;
    ML_TRY(ml_reader_subject(&call->reader, run, &state));
    const bool goes_on_again = goes_on && state->status != status;
    if (is_named)
        ML_TRY(draft_name_tag(call, run, request->run_name));
    if (is_named || goes_on_again)
        ML_TRY(ml_rest_run_draft_updated(call, run, is_named ? request->run_name : NULL,
                                         goes_on_again ? &status : NULL));
    return request->has_status && !goes_on ? draft_ended(call, run, request) : MLEDGER_OK;
}

int ml_rest_update_run(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__UpdateRun *request = message;
    Mlflow__UpdateRunResponse *response = answer;
    const char *id;
    uint64_t seq;
    ML_TRY(ml_rest_run_id(request->run_id, request->run_uuid, &id));
    ML_TRY(ml_rest_run_find_active(call, id, &seq));
    ML_TRY(draft_update(call, seq, request));
    ML_TRY(ml_rest_commit(call));
    ML_TRY(ml_rest_read(call));
    return ml_rest_run_show_info(call, seq, &response->run_info);
}

int ml_rest_delete_run(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__DeleteRun *request = message;
    const Mledger__SubjectState *state;
    Mledger__RunDeleted *deleted;
    uint64_t seq;
    (void)answer;
    ML_TRY(ml_rest_run_find(call, request->run_id, &seq));
    ML_TRY(ml_reader_subject(&call->reader, seq, &state));
    if (state->has_deleted)
        return MLEDGER_OK; /* as on MLflow's servers */
    ML_TRY(ml_rest_draft(call, "run_deleted", &deleted));
    deleted->run = seq;
    return ml_rest_commit(call);
}

int ml_rest_restore_run(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__RestoreRun *request = message;
    Mledger__RunRestored *restored;
    const Mledger__SubjectState *state;
    uint64_t seq;
    (void)answer;
    ML_TRY(ml_rest_run_find(call, request->run_id, &seq));
    ML_TRY(ml_reader_subject(&call->reader, seq, &state));
    if (!state->has_deleted)
        return MLEDGER_OK; /* likewise */
    ML_TRY(ml_rest_draft(call, "run_restored", &restored));
    restored->run = seq;
    return ml_rest_commit(call);
}

/* ---- asking ---- */

int ml_rest_get_run(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetRun *request = message;
    Mlflow__GetRunResponse *response = answer;
    const char *id;
    uint64_t seq;
    ML_TRY(ml_rest_run_id(request->run_id, request->run_uuid, &id));
    ML_TRY(ml_rest_run_find(call, id, &seq));
    return ml_rest_run_show(call, seq, &response->run);
}

int ml_rest_set_tag(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__SetTag *request = message;
    const char *id;
    uint64_t seq;
    (void)answer;
    ML_TRY(ml_rest_run_id(request->run_id, request->run_uuid, &id));
    ML_TRY(ml_rest_run_find_active(call, id, &seq));
    if (strcmp(request->key, ML_REST_RUN_NAME) == 0 && request->value && *request->value)
        ML_TRY(ml_rest_run_draft_updated(call, seq, request->value, NULL));
    const struct ml_rest_tagged tagged = {.run = true, .seq = seq};
    return ml_rest_tag_set(call, &tagged, request->key, request->value);
}

int ml_rest_delete_tag(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__DeleteTag *request = message;
    const char *value;
    uint64_t seq;
    (void)answer;
    ML_TRY(ml_rest_run_find_active(call, request->run_id, &seq));
    ML_TRY(ml_rest_tag_show(call, seq, 0, request->key, &value));
    if (!value)
        return ml_rest_refuse(ML_REST_NOT_FOUND, "No tag with name: %s in run with id %s",
                              request->key, request->run_id);
    const struct ml_rest_tagged tagged = {.run = true, .seq = seq};
    return ml_rest_tag_delete(call, &tagged, request->key);
}
