/* SPDX-License-Identifier: Apache-2.0 */
/* How models and versions are found and shown. */
#include <inttypes.h>
#include <strings.h>

#include "ledger/query/fields.h"
#include "serve/mlflow/check.h"
#include "serve/mlflow/model.h"
#include "serve/mlflow/outline.h"
#include "serve/mlflow/tags.h"

static const char *const stages[] = {"None", "Staging", "Production", "Archived"};

int ml_rest_stage(const char *stage, const char **ret_stage)
{
    for (size_t i = 0; i < ML_COUNT(stages); i++) {
        if (strcasecmp(stages[i], stage) == 0) {
            *ret_stage = stages[i];
            return MLEDGER_OK;
        }
    }
    return ml_rest_refuse(ML_REST_INVALID,
                          "Invalid Model Version stage: %s. Value must be one of None, Staging, "
                          "Production, Archived.",
                          stage);
}

/* ---- finding ---- */

/* A name leads to its last bearer, who may be called something else by now. */
static bool is_living(const Mledger__SubjectState *model, const char *name)
{
    return model && !model->has_deleted && strcmp(model->name, name) == 0;
}

int ml_rest_model_find(struct ml_rest_call *call, const char *name, uint64_t *ret_seq)
{
    const Mledger__SubjectState *state = NULL;
    ML_TRY(ml_rest_check_model_name(name));
    ML_TRY(ml_rest_read(call));
    const int result = ml_state_find(call->view.state, MLEDGER__SUBJECT_KIND__MODEL, name, ret_seq);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result == MLEDGER_OK)
        ML_TRY(ml_reader_subject(&call->reader, *ret_seq, &state));
    if (is_living(state, name))
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_NOT_FOUND, "Registered Model with name=%s not found", name);
}

int ml_rest_version_at(struct ml_rest_call *call, uint64_t model, uint64_t number,
                       struct ml_rest_version *ret_version)
{
    Mledger__VersionState *state;
    const Mledger__SubjectState *subject;
    ML_TRY(ml_state_version(call->view.state, model, number, &call->reader.arena, &state));
    if (state->has_deleted)
        return MLEDGER_ENOTFOUND;
    ML_TRY(ml_reader_subject(&call->reader, model, &subject));
    *ret_version = (struct ml_rest_version){subject->name, model, number, state};
    return MLEDGER_OK;
}

static int parse_number(const struct ml_rest_call *call, const char *text, uint64_t *ret_number)
{
    char *end;
    const uintmax_t number = strtoumax(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || number >= INT64_MAX)
        return ml_rest_refuse(ML_REST_INVALID, "%s must be an integer, got '%.64s'.",
                              call->is_version_3 ? "Parameter 'version'" : "Model version", text);
    *ret_number = number;
    return MLEDGER_OK;
}

int ml_rest_version_find(struct ml_rest_call *call, const char *name, const char *number,
                         struct ml_rest_version *ret_version)
{
    uint64_t model, value;
    ML_TRY(ml_rest_check_model_name(name));
    ML_TRY(parse_number(call, number, &value));
    ML_TRY(ml_rest_read(call));
    int result = ml_state_find(call->view.state, MLEDGER__SUBJECT_KIND__MODEL, name, &model);
    const Mledger__SubjectState *state = NULL;
    if (result == MLEDGER_OK)
        result = ml_reader_subject(&call->reader, model, &state);
    if (result == MLEDGER_OK)
        result = is_living(state, name) ? ml_rest_version_at(call, model, value, ret_version)
                                        : MLEDGER_ENOTFOUND;
    if (result == MLEDGER_ENOTFOUND)
        return ml_rest_refuse(ML_REST_NOT_FOUND, "Model Version (name=%s, version=%s) not found",
                              name, number);
    return result;
}

int ml_rest_version_again(struct ml_rest_call *call, struct ml_rest_version *version)
{
    const uint64_t model = version->model, number = version->number;
    ML_TRY(ml_rest_read(call));
    const int result = ml_rest_version_at(call, model, number, version);
    if (result == MLEDGER_ENOTFOUND)
        return ml_rest_refuse(ML_REST_NOT_FOUND, "Model Version (version=%" PRIu64 ") not found",
                              number);
    return result;
}

/* ---- showing ---- */

static int time_of(struct ml_rest_call *call, uint64_t seq, int64_t *ret_time_ms)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&call->reader, seq, &record));
    *ret_time_ms = ml_rest_time_ms(record);
    return MLEDGER_OK;
}

static int show_registered(struct ml_rest_call *call, uint64_t seq, Mlflow__ModelVersion *shown)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&call->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it does not register a version");
    const char *link = record->details ? record->details->source : NULL;
    shown->source = record->event->version_registered->source;
    shown->run_link = ml_rest_const(link ? link : "");
    shown->has_creation_timestamp = true;
    shown->creation_timestamp = ml_rest_time_ms(record);
    return MLEDGER_OK;
}

/* As MLflow counts it: not with tags and aliases, but with a new name of the model. */
static int version_updated_seq(struct ml_rest_call *call, const struct ml_rest_version *version,
                               uint64_t *ret_seq)
{
    const Mledger__SubjectState *model;
    const Mledger__VersionState *state = version->state;
    ML_TRY(ml_reader_subject(&call->reader, version->model, &model));
    const uint64_t seq = state->has_updated_seq ? state->updated_seq : state->registered_seq;
    const bool was_renamed = model->has_renamed_seq && model->renamed_seq > seq;
    *ret_seq = was_renamed ? model->renamed_seq : seq;
    return MLEDGER_OK;
}

int ml_rest_version_list(struct ml_rest_call *call, const struct ml_rest_version *version,
                         Mlflow__ModelVersion **ret_version)
{
    const Mledger__VersionState *state = version->state;
    const char *description;
    uint64_t updated_seq;
    Mlflow__ModelVersion *shown = ml_rest_message(call, &mlflow__model_version__descriptor);
    ML_TRY(ml_rest_check(call));
    shown->name = ml_rest_const(version->name);
    shown->version = ml_arena_printf(&call->reader.arena, "%" PRIu64, version->number);
    shown->current_stage = state->stage;
    shown->run_id = ml_rest_const(state->run_id ? state->run_id : "");
    shown->has_status = true;
    shown->status = MLFLOW__MODEL_VERSION_STATUS__READY;
    shown->has_last_updated_timestamp = true;
    ML_TRY(show_registered(call, state->registered_seq, shown));
    ML_TRY(version_updated_seq(call, version, &updated_seq));
    ML_TRY(time_of(call, updated_seq, &shown->last_updated_timestamp));
    ML_TRY(ml_fields_description(&call->reader, version->model, version->number, &description));
    shown->description = ml_rest_const(description ? description : "");
    ML_TRY(ml_rest_tags_show(call, version->model, version->number, &shown->tags, &shown->n_tags));
    *ret_version = shown;
    return ml_rest_check(call);
}

int ml_rest_version_show(struct ml_rest_call *call, const struct ml_rest_version *version,
                         Mlflow__ModelVersion **ret_version)
{
    ML_TRY(ml_rest_version_list(call, version, ret_version));
    (*ret_version)->aliases = version->state->aliases;
    (*ret_version)->n_aliases = version->state->n_aliases;
    return MLEDGER_OK;
}

/* ---- the newest of each stage ---- */

static bool is_wanted(const char *stage, char *const *wanted, size_t n_wanted)
{
    for (size_t i = 0; i < n_wanted; i++)
        if (strcasecmp(wanted[i], stage) == 0)
            return true;
    return n_wanted == 0;
}

static int show_latest(struct ml_rest_call *call, uint64_t model, const struct ml_outline *outline,
                       const struct ml_rest_stages *wanted, Mlflow__ModelVersion ***ret_versions,
                       size_t *ret_count)
{
    Mlflow__ModelVersion **shown = ml_rest_array(call, outline->n_latest);
    size_t count = 0;
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < outline->n_latest; i++) {
        struct ml_rest_version version;
        ML_TRY(ml_rest_version_at(call, model, outline->latest[i], &version));
        if (!is_wanted(version.state->stage, wanted->names, wanted->count))
            continue;
        ML_TRY(wanted->with_aliases ? ml_rest_version_show(call, &version, &shown[count])
                                    : ml_rest_version_list(call, &version, &shown[count]));
        count++;
    }
    *ret_versions = shown;
    *ret_count = count;
    return MLEDGER_OK;
}

int ml_rest_latest_versions(struct ml_rest_call *call, uint64_t model,
                            const struct ml_rest_stages *wanted,
                            Mlflow__ModelVersion ***ret_versions, size_t *ret_count)
{
    struct ml_outline outline;
    ML_TRY(ml_rest_outline(call, model, &outline));
    return show_latest(call, model, &outline, wanted, ret_versions, ret_count);
}

/* ---- a model ---- */

static int count_aliases(struct ml_rest_call *call, uint64_t model,
                         const struct ml_outline *outline, size_t *ret_count)
{
    struct ml_rest_version version;
    *ret_count = 0;
    for (size_t i = 0; i < outline->n_aliased; i++) {
        ML_TRY(ml_rest_version_at(call, model, outline->aliased[i], &version));
        *ret_count += version.state->n_aliases;
    }
    return MLEDGER_OK;
}

static int add_aliases(struct ml_rest_call *call, const struct ml_rest_version *version,
                       Mlflow__RegisteredModel *model)
{
    for (size_t i = 0; i < version->state->n_aliases; i++) {
        Mlflow__RegisteredModelAlias *alias =
            ml_rest_message(call, &mlflow__registered_model_alias__descriptor);
        ML_TRY(ml_rest_check(call));
        alias->alias = version->state->aliases[i];
        alias->version = ml_arena_printf(&call->reader.arena, "%" PRIu64, version->number);
        model->aliases[model->n_aliases++] = alias;
    }
    return ml_rest_check(call);
}

static int show_aliases(struct ml_rest_call *call, uint64_t seq, const struct ml_outline *outline,
                        Mlflow__RegisteredModel *model)
{
    struct ml_rest_version version;
    size_t count;
    ML_TRY(count_aliases(call, seq, outline, &count));
    model->aliases = ml_rest_array(call, count);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < outline->n_aliased; i++) {
        ML_TRY(ml_rest_version_at(call, seq, outline->aliased[i], &version));
        ML_TRY(add_aliases(call, &version, model));
    }
    return MLEDGER_OK;
}

int ml_rest_model_list(struct ml_rest_call *call, uint64_t seq, Mlflow__RegisteredModel **ret_model)
{
    const Mledger__SubjectState *state;
    const char *description;
    ML_TRY(ml_reader_subject(&call->reader, seq, &state));
    Mlflow__RegisteredModel *model = ml_rest_message(call, &mlflow__registered_model__descriptor);
    ML_TRY(ml_rest_check(call));
    model->name = state->name;
    model->has_creation_timestamp = model->has_last_updated_timestamp = true;
    ML_TRY(time_of(call, seq, &model->creation_timestamp));
    ML_TRY(time_of(call, state->has_updated_seq ? state->updated_seq : seq,
                   &model->last_updated_timestamp));
    ML_TRY(ml_fields_description(&call->reader, seq, 0, &description));
    model->description = ml_rest_const(description);
    ML_TRY(ml_rest_tags_show(call, seq, 0, &model->tags, &model->n_tags));
    *ret_model = model;
    return MLEDGER_OK;
}

int ml_rest_model_add_versions(struct ml_rest_call *call, uint64_t seq,
                               Mlflow__RegisteredModel *model)
{
    static const struct ml_rest_stages all = {.count = 0};
    struct ml_outline outline;
    ML_TRY(ml_rest_outline(call, seq, &outline));
    ML_TRY(
        show_latest(call, seq, &outline, &all, &model->latest_versions, &model->n_latest_versions));
    return show_aliases(call, seq, &outline, model);
}

int ml_rest_model_show(struct ml_rest_call *call, uint64_t seq, Mlflow__RegisteredModel **ret_model)
{
    ML_TRY(ml_rest_model_list(call, seq, ret_model));
    return ml_rest_model_add_versions(call, seq, *ret_model);
}
