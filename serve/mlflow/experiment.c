/* SPDX-License-Identifier: Apache-2.0 */
/* Experiments: how they are shown and found, and the calls that concern one. */
#include "serve/mlflow/experiment.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/core/draft.h"
#include "ledger/query/fields.h"
#include "ledger/query/state_walk.h"
#include "serve/mlflow/check.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/source.h"
#include "serve/mlflow/tags.h"

enum { ID_SIZE = 24 };

/* ---- finding ---- */

static int find_by_id(struct ml_rest_call *call, const char *id, uint64_t *ret_seq)
{
    struct ml_state_key key;
    ML_TRY(ml_rest_read(call));
    ML_TRY(ml_key_experiment_id(id, &key));
    return ml_state_pointer(call->view.state, &key, ret_seq);
}

static bool is_number(const char *id)
{
    const size_t len = strlen(id);
    return len > 0 && strspn(id, "0123456789") == len;
}

static int refuse_absent(const char *id)
{
    return ml_rest_refuse(ML_REST_NOT_FOUND, "No Experiment with id=%.64s exists", id);
}

int ml_rest_experiment_find(struct ml_rest_call *call, const char *id, uint64_t *ret_seq)
{
    const int result = find_by_id(call, id, ret_seq);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    /* On MLflow's servers all ids are numbers; a ledger may hold imported ones that are not. */
    if (!is_number(id))
        return ml_rest_refuse(
            ML_REST_INVALID,
            "Invalid experiment ID '%.256s'. Experiment ID must be a valid integer.", id);
    return refuse_absent(id);
}

/* The experiment, which must be deleted, or must not be: else there is none to delete or restore,
 * as on MLflow's servers. */
static int find_in_state(struct ml_rest_call *call, const char *id, bool is_deleted,
                         uint64_t *ret_seq)
{
    const Mledger__SubjectState *state;
    ML_TRY(ml_rest_experiment_find(call, id, ret_seq));
    ML_TRY(ml_reader_subject(&call->reader, *ret_seq, &state));
    return state->has_deleted == is_deleted ? MLEDGER_OK : refuse_absent(id);
}

int ml_rest_experiment_find_active(struct ml_rest_call *call, const char *id, uint64_t *ret_seq)
{
    const Mledger__SubjectState *state;
    ML_TRY(ml_rest_experiment_find(call, id, ret_seq));
    ML_TRY(ml_reader_subject(&call->reader, *ret_seq, &state));
    if (state && !state->has_deleted)
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID,
                          "The experiment %s must be in the 'active' state. "
                          "Current state is deleted.",
                          id);
}

/* ---- showing ---- */

static int created_of(struct ml_rest_call *call, uint64_t seq, const struct ml_record **ret_record,
                      const Mledger__ExperimentCreated **ret_created)
{
    ML_TRY(ml_reader_record(&call->reader, seq, ret_record));
    if ((*ret_record)->event->kind_case != MLEDGER__EVENT__KIND_EXPERIMENT_CREATED)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it does not create an experiment");
    *ret_created = (*ret_record)->event->experiment_created;
    return MLEDGER_OK;
}

int ml_rest_experiment_location(struct ml_rest_call *call, uint64_t seq, const char **ret_location)
{
    const struct ml_record *record;
    const Mledger__ExperimentCreated *created;
    ML_TRY(created_of(call, seq, &record, &created));
    *ret_location =
        created->artifact_location
            ? created->artifact_location
            : ml_rest_uri_below(&call->reader.arena, "mlflow-artifacts:", created->experiment_id);
    return ml_rest_check(call);
}

int ml_rest_experiment_place(struct ml_rest_call *call, uint64_t seq, const char *path,
                             const char **ret_uri)
{
    const char *location;
    ML_TRY(ml_rest_experiment_location(call, seq, &location));
    const char *uri = ml_rest_uri_below(&call->arena, location, path);
    if (!uri)
        return ml_arena_fail(&call->arena, "the request");
    *ret_uri = uri;
    return MLEDGER_OK;
}

int ml_rest_experiment_show(struct ml_rest_call *call, uint64_t seq,
                            Mlflow__Experiment **ret_experiment)
{
    const struct ml_record *created, *newest;
    const Mledger__ExperimentCreated *body;
    const Mledger__SubjectState *state;
    const char *location;
    ML_TRY(ml_reader_subject(&call->reader, seq, &state));
    ML_TRY(created_of(call, seq, &created, &body));
    ML_TRY(ml_reader_record(&call->reader, state->last_seq, &newest));
    ML_TRY(ml_rest_experiment_location(call, seq, &location));
    Mlflow__Experiment *experiment = ml_rest_message(call, &mlflow__experiment__descriptor);
    ML_TRY(ml_rest_check(call));
    experiment->experiment_id = body->experiment_id;
    experiment->name = state->name;
    experiment->artifact_location = ml_rest_const(location);
    experiment->lifecycle_stage = ml_rest_const(state->has_deleted ? "deleted" : "active");
    experiment->has_creation_time = true;
    experiment->creation_time = ml_rest_time_ms(created);
    experiment->has_last_update_time = true;
    experiment->last_update_time = ml_rest_time_ms(newest);
    ML_TRY(ml_rest_tags_show(call, seq, 0, &experiment->tags, &experiment->n_tags));
    *ret_experiment = experiment;
    return MLEDGER_OK;
}

int ml_rest_get_experiment(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetExperiment *request = message;
    Mlflow__GetExperimentResponse *response = answer;
    uint64_t seq;
    ML_TRY(ml_rest_experiment_find(call, request->experiment_id, &seq));
    return ml_rest_experiment_show(call, seq, &response->experiment);
}

int ml_rest_get_experiment_by_name(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetExperimentByName *request = message;
    Mlflow__GetExperimentByNameResponse *response = answer;
    uint64_t seq;
    ML_TRY(ml_rest_read(call));
    struct ml_state_key key;
    ML_TRY(ml_key_name(MLEDGER__SUBJECT_KIND__EXPERIMENT, request->experiment_name, &key));
    const Mledger__SubjectState *state = NULL;
    int result = ml_state_pointer(call->view.state, &key, &seq);
    if (result == MLEDGER_OK)
        result = ml_reader_subject(&call->reader, seq, &state);
    /* A name leads to its last bearer, who may be called something else by now. */
    if (result == MLEDGER_OK && (!state || strcmp(state->name, request->experiment_name) != 0))
        result = MLEDGER_ENOTFOUND;
    if (result == MLEDGER_ENOTFOUND)
        return ml_rest_refuse(ML_REST_NOT_FOUND, "Could not find experiment with name '%s'",
                              request->experiment_name);
    ML_TRY(result);
    return ml_rest_experiment_show(call, seq, &response->experiment);
}

/* ---- creating ---- */

static int take_greater_id(uint64_t seq, const Mledger__SubjectState *subject, void *context)
{
    int64_t *greatest = context;
    char *end;
    (void)seq;
    if (!subject->label)
        return MLEDGER_OK;
    errno = 0;
    const intmax_t id = strtoimax(subject->label, &end, 10);
    if (errno == 0 && *end == '\0' && end != subject->label && id > *greatest && id < INT64_MAX)
        *greatest = id;
    return MLEDGER_OK;
}

static int take_id(const char *given, char ret_id[ID_SIZE])
{
    const size_t len = given ? strlen(given) : 0;
    if (len == 0 || len >= ID_SIZE)
        return ml_fail(MLEDGER_EINVALID, "the MLflow server gave the experiment no usable id");
    memcpy(ret_id, given, len + 1);
    return MLEDGER_OK;
}

/* Ids count up from the greatest number that an experiment bears, as on MLflow's servers. */
static int next_id(struct ml_rest_call *call, char ret_id[ID_SIZE])
{
    struct ml_rest *service = call->service;
    const Mlflow__CreateExperimentResponse *given =
        (const Mlflow__CreateExperimentResponse *)call->given;
    int result = MLEDGER_OK;
    ML_TRY(ml_rest_read(call));
    if (given)
        return take_id(given->experiment_id, ret_id);
    pthread_mutex_lock(&service->experiment_ids);
    if (service->next_experiment_id == 0) {
        int64_t greatest = 0;
        result = ml_subject_walk(&call->view, MLEDGER__SUBJECT_KIND__EXPERIMENT, take_greater_id,
                                 &greatest);
        if (result >= 0)
            service->next_experiment_id = greatest + 1;
    }
    if (result >= 0)
        snprintf(ret_id, ID_SIZE, "%" PRId64, service->next_experiment_id++);
    pthread_mutex_unlock(&service->experiment_ids);
    return result;
}

static int check_name(struct ml_rest_call *call, const char *name)
{
    struct ml_state_key key;
    uint64_t bearer;
    const Mledger__SubjectState *state;
    ML_TRY(ml_rest_check_experiment_name(name));
    ML_TRY(ml_rest_read(call));
    ML_TRY(ml_key_name(MLEDGER__SUBJECT_KIND__EXPERIMENT, name, &key));
    const int result = ml_state_pointer(call->view.state, &key, &bearer);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(ml_reader_subject(&call->reader, bearer, &state));
    if (!state || strcmp(state->name, name) != 0)
        return MLEDGER_OK;
    if (state->has_deleted)
        return ml_rest_refuse(
            ML_REST_EXISTS,
            "Experiment '%s' already exists in deleted state. You can restore the "
            "experiment, or permanently delete the experiment to create a new one.",
            name);
    return ml_rest_refuse(ML_REST_EXISTS, "Experiment(name=%s) already exists.", name);
}

static int draft_created(struct ml_rest_call *call, const char *id, const char *name,
                         const char *location)
{
    Mledger__ExperimentCreated *created;
    ML_TRY(ml_rest_draft(call, "experiment_created", &created));
    struct ml_draft *draft = ml_rest_last(call);
    /* Recorded, so that it stays whatever later servers are told; what is kept here is not. */
    if (!location && call->service->artifact_root) {
        location = ml_rest_uri_below(&call->arena, call->service->artifact_root, id);
        if (!location)
            return ml_arena_fail(&call->arena, "the request");
    }
    ML_TRY(ml_rest_text(draft, id, &created->experiment_id));
    ML_TRY(ml_rest_text(draft, name, &created->name));
    return ml_rest_text(draft, location, &created->artifact_location);
}

enum { LOCATION_MAX = 2048 };

static int check_location(const char *location)
{
    const char *query = strchr(location, '?');
    if (strchr(location, '#'))
        return ml_rest_refuse(ML_REST_INVALID,
                              "'artifact_location' URL can't include fragments or params.");
    if (query && strstr(query, ".."))
        return ml_rest_refuse(ML_REST_INVALID, "Invalid query string");
    if (strncmp(location, "runs:", 5) == 0)
        return ml_rest_refuse(
            ML_REST_INVALID, "Artifact location cannot be a runs:/ URI. Given: '%.256s'", location);
    if (strlen(location) > LOCATION_MAX)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid artifact path length. The length of the artifact path "
                              "cannot be greater than %d characters.",
                              LOCATION_MAX);
    return MLEDGER_OK;
}

int ml_rest_experiment_check_root(const char *root)
{
    ML_TRY(check_location(root));
    if (*root == '/' || ml_rest_uri_scheme(root) > 0)
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID, "'%.256s' is neither a URI nor an absolute path", root);
}

/* A relative path is one of the folder in which the server runs, as on MLflow's servers. */
static int read_location(struct ml_rest_call *call, const char *location, const char **ret_location)
{
    char folder[PATH_MAX];
    *ret_location = location && *location ? location : NULL;
    if (!*ret_location)
        return MLEDGER_OK;
    ML_TRY(check_location(location));
    if (*location == '/' || ml_rest_uri_scheme(location) > 0)
        return MLEDGER_OK;
    if (!getcwd(folder, sizeof folder))
        return ml_fail_errno(errno, "cannot tell the folder that the server runs in");
    *ret_location = ml_arena_printf(&call->arena, "%s/%s", folder, location);
    return *ret_location ? MLEDGER_OK : ml_arena_fail(&call->arena, "the request");
}

int ml_rest_create_experiment(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__CreateExperiment *request = message;
    Mlflow__CreateExperimentResponse *response = answer;
    char id[ID_SIZE];
    const char *location;
    ML_TRY(ml_rest_check_experiment_tags(request->tags, request->n_tags));
    ML_TRY(read_location(call, request->artifact_location, &location));
    ML_TRY(check_name(call, request->name));
    ML_TRY(next_id(call, id));
    ML_TRY(draft_created(call, id, request->name, location));
    struct ml_draft *draft = ml_rest_last(call);
    Mledger__ExperimentCreated *created = draft->event->experiment_created;
    ML_TRY(
        ml_rest_tags_put(draft, request->tags, request->n_tags, &created->tags, &created->n_tags));
    ML_TRY(ml_rest_commit(call));
    response->experiment_id = ml_arena_text(&call->arena, id, strlen(id));
    return response->experiment_id ? MLEDGER_OK : ml_fail_memory();
}

int ml_rest_experiment_default(struct ml_rest *service)
{
    ML_CLEANUP(ml_rest_call_release) struct ml_rest_call call;
    static const char name[] = "Default";
    uint64_t seq;
    ml_rest_call_init(&call, service);
    int result = find_by_id(&call, "0", &seq);
    if (result == MLEDGER_ENOTFOUND)
        result = ml_state_find(call.view.state, MLEDGER__SUBJECT_KIND__EXPERIMENT, name, &seq);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    ML_TRY(draft_created(&call, "0", name, NULL));
    return ml_rest_commit(&call);
}

/* ---- changing ---- */

int ml_rest_update_experiment(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__UpdateExperiment *request = message;
    Mledger__ExperimentUpdated *updated;
    const Mledger__SubjectState *state;
    uint64_t seq;
    (void)answer;
    ML_TRY(ml_rest_experiment_find(call, request->experiment_id, &seq));
    ML_TRY(ml_reader_subject(&call->reader, seq, &state));
    if (state->has_deleted)
        return ml_rest_refuse(ML_REST_INVALID, "Cannot rename a non-active experiment.");
    ML_TRY(check_name(call, request->new_name));
    ML_TRY(ml_rest_draft(call, "experiment_updated", &updated));
    updated->experiment = seq;
    ML_TRY(ml_rest_text(ml_rest_last(call), request->new_name, &updated->name));
    return ml_rest_commit(call);
}

int ml_rest_delete_experiment(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__DeleteExperiment *request = message;
    Mledger__ExperimentDeleted *deleted;
    uint64_t seq;
    (void)answer;
    ML_TRY(find_in_state(call, request->experiment_id, false, &seq));
    ML_TRY(ml_rest_draft(call, "experiment_deleted", &deleted));
    deleted->experiment = seq;
    return ml_rest_commit(call);
}

int ml_rest_restore_experiment(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__RestoreExperiment *request = message;
    Mledger__ExperimentRestored *restored;
    uint64_t seq;
    (void)answer;
    ML_TRY(find_in_state(call, request->experiment_id, true, &seq));
    ML_TRY(ml_rest_draft(call, "experiment_restored", &restored));
    restored->experiment = seq;
    return ml_rest_commit(call);
}

int ml_rest_set_experiment_tag(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__SetExperimentTag *request = message;
    uint64_t seq;
    (void)answer;
    ML_TRY(ml_rest_check_length("value", request->value, ML_REST_EXPERIMENT_TAG_MAX));
    ML_TRY(ml_rest_experiment_find_active(call, request->experiment_id, &seq));
    const struct ml_rest_tagged tagged = {.experiment = true, .seq = seq};
    return ml_rest_tag_set(call, &tagged, request->key, request->value);
}

int ml_rest_delete_experiment_tag(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__DeleteExperimentTag *request = message;
    struct ml_field field;
    uint64_t seq;
    (void)answer;
    ML_TRY(ml_rest_experiment_find_active(call, request->experiment_id, &seq));
    const int result = ml_fields_find(&call->reader, seq, 0, ML_FIELD_TAG, request->key, &field);
    if (result == MLEDGER_ENOTFOUND)
        return ml_rest_refuse(ML_REST_NOT_FOUND, "No tag with name: %s in experiment with id %s",
                              request->key, request->experiment_id);
    ML_TRY(result);
    const struct ml_rest_tagged tagged = {.experiment = true, .seq = seq};
    return ml_rest_tag_delete(call, &tagged, request->key);
}
