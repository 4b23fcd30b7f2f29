/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/fields.h"

#include "ledger/core/codec.h"
#include "ledger/query/state_walk.h"

/* A list of keys in an event. */
struct keys {
    char *const *list;
    size_t count;
};

static struct keys params_of(const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return (struct keys){event->run_logged->params, event->run_logged->n_params};
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED:
        return (struct keys){event->logged_model_created->params,
                             event->logged_model_created->n_params};
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_UPDATED:
        return (struct keys){event->logged_model_updated->params,
                             event->logged_model_updated->n_params};
    default:
        return (struct keys){0};
    }
}

static struct keys tags_of(const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return (struct keys){event->run_logged->tags, event->run_logged->n_tags};
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return (struct keys){event->tags_set->tags, event->tags_set->n_tags};
    case MLEDGER__EVENT__KIND_EXPERIMENT_CREATED:
        return (struct keys){event->experiment_created->tags, event->experiment_created->n_tags};
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        return (struct keys){event->model_created->tags, event->model_created->n_tags};
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return (struct keys){event->version_registered->tags, event->version_registered->n_tags};
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED:
        return (struct keys){event->logged_model_created->tags,
                             event->logged_model_created->n_tags};
    default:
        return (struct keys){0};
    }
}

struct ml_files ml_files_of(const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return (struct ml_files){event->run_logged->outputs, event->run_logged->n_outputs};
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        return (struct ml_files){event->artifact_recorded->artifacts,
                                 event->artifact_recorded->n_artifacts};
    default:
        return (struct ml_files){0};
    }
}

const char *ml_field_param_value(const Mledger__Details *details, size_t index)
{
    return details && index < details->n_param_values ? details->param_values[index] : NULL;
}

const char *ml_field_tag_value(const Mledger__Details *details, size_t index)
{
    return details && index < details->n_tag_values ? details->tag_values[index] : NULL;
}

static bool fill_metric(const Mledger__Event *event, const Mledger__Details *details,
                        struct ml_field *field)
{
    if (event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED ||
        field->index >= event->run_logged->n_metrics)
        return false;
    field->point = event->run_logged->metrics[field->index];
    field->run = event->run_logged->run;
    field->key = field->point->key;
    field->step = field->point->step;
    field->time_us = field->point->time;
    if (details && field->index < details->n_metric_values)
        field->metric = details->metric_values[field->index];
    return true;
}

/* A logged model that the run made; it has no name here. */
static bool fill_model(const Mledger__Event *event, struct ml_field *field)
{
    if (event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED ||
        field->index >= event->run_logged->n_models)
        return false;
    field->model = event->run_logged->models[field->index];
    field->key = "";
    return true;
}

/* An input or an output, whose name is its key. */
static bool fill_file(const Mledger__Event *event, struct ml_field *field)
{
    if (field->kind == ML_FIELD_ARTIFACT) {
        if (event->kind_case != MLEDGER__EVENT__KIND_ARTIFACT_RECORDED ||
            field->index >= event->artifact_recorded->n_artifacts)
            return false;
        field->output = event->artifact_recorded->artifacts[field->index];
        field->key = field->output->path;
        return true;
    }
    if (event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED)
        return false;
    const Mledger__RunLogged *logged = event->run_logged;
    if (field->kind == ML_FIELD_INPUT && field->index < logged->n_inputs) {
        field->input = logged->inputs[field->index];
        field->key = field->input->name;
    } else if (field->kind == ML_FIELD_OUTPUT && field->index < logged->n_outputs) {
        field->output = logged->outputs[field->index];
        field->key = field->output->path;
    }
    return field->key != NULL;
}

static bool fill_text(struct keys keys, const char *value, struct ml_field *field)
{
    if (field->index >= keys.count)
        return false;
    field->key = keys.list[field->index];
    field->value = value;
    return true;
}

/* Key and value, from the record that the state names. */
static int fill(struct ml_reader *reader, struct ml_field *field)
{
    const struct ml_record *record;
    const Mledger__Details *details;
    bool is_there = false;
    ML_TRY(ml_reader_record(reader, field->seq, &record));
    ML_TRY(ml_reader_details(reader, record, &details));
    field->details = details;
    switch (field->kind) {
    case ML_FIELD_PARAM:
        is_there =
            fill_text(params_of(record->event), ml_field_param_value(details, field->index), field);
        break;
    case ML_FIELD_TAG:
        is_there =
            fill_text(tags_of(record->event), ml_field_tag_value(details, field->index), field);
        break;
    case ML_FIELD_METRIC:
        is_there = fill_metric(record->event, details, field);
        break;
    case ML_FIELD_INPUT:
    case ML_FIELD_OUTPUT:
    case ML_FIELD_ARTIFACT:
        is_there = fill_file(record->event, field);
        break;
    case ML_FIELD_MODEL:
        is_there = fill_model(record->event, field);
        break;
    case ML_FIELD_UPDATE:
        field->key = "";
        field->value = details ? details->description : NULL;
        is_there = true;
        break;
    }
    if (is_there)
        return MLEDGER_OK;
    ml_fail_seq(MLEDGER_EDAMAGED, field->seq, "the stored state is damaged: no such value there");
    return ml_hint("mledger verify, then mledger reindex");
}

static int unpack(struct ml_reader *reader, enum ml_field_kind kind, struct ml_span value,
                  struct ml_field *ret_field)
{
    ProtobufCMessage *message;
    if (ml_codec_unpack(&mledger__field_state__descriptor, value, &reader->arena, &message) < 0) {
        ml_fail(MLEDGER_EDAMAGED, "the stored state is damaged: a value is no FieldState");
        return ml_hint("mledger verify, then mledger reindex");
    }
    const Mledger__FieldState *state = (const Mledger__FieldState *)message;
    *ret_field = (struct ml_field){.kind = kind,
                                   .step = state->step,
                                   .time_us = state->time,
                                   .seq = state->seq,
                                   .index = state->index,
                                   .is_tied = state->has_tied_since,
                                   .tied_since = state->tied_since};
    return MLEDGER_OK;
}

struct gathering {
    struct ml_reader *reader;
    size_t kind_at; /* of the byte in the key that says what kind of field it is */
    struct ml_field *list;
    size_t count, cap;
};

static int gather(struct ml_span key, struct ml_span value, void *context)
{
    struct gathering *gathering = context;
    struct ml_field field;
    ML_TRY(
        unpack(gathering->reader, (enum ml_field_kind)key.data[gathering->kind_at], value, &field));
    ML_TRY(
        ml_grow(&gathering->list, &gathering->cap, gathering->count + 1, sizeof *gathering->list));
    gathering->list[gathering->count++] = field;
    return MLEDGER_OK;
}

static int compare(const void *a, const void *b)
{
    const struct ml_field *one = a, *other = b;
    if (one->kind != other->kind)
        return one->kind < other->kind ? -1 : 1;
    if (one->seq != other->seq)
        return one->seq < other->seq ? -1 : 1;
    return (one->index > other->index) - (one->index < other->index);
}

/* Sorted, with their texts, in the reader's arena. */
static int finish(struct gathering *gathering, struct ml_fields *ret_fields)
{
    struct ml_field *kept =
        ml_arena_calloc(&gathering->reader->arena, gathering->count + 1, sizeof *kept);
    if (!kept)
        return ml_arena_fail(&gathering->reader->arena, "what the answer reads");
    if (gathering->count > 0) {
        qsort(gathering->list, gathering->count, sizeof *gathering->list, compare);
        memcpy(kept, gathering->list, gathering->count * sizeof *kept);
    }
    for (size_t i = 0; i < gathering->count; i++)
        ML_TRY(fill(gathering->reader, &kept[i]));
    *ret_fields = (struct ml_fields){kept, gathering->count};
    return MLEDGER_OK;
}

int ml_fields_read(struct ml_reader *reader, uint64_t subject, uint64_t version,
                   struct ml_fields *ret_fields)
{
    const struct ml_state_key prefix = ml_key_fields(subject, version);
    struct gathering gathering = {.reader = reader, .kind_at = prefix.len};
    int result = ml_state_walk(reader->view, ml_state_key_span(&prefix), gather, &gathering);
    if (result >= 0)
        result = finish(&gathering, ret_fields);
    free(gathering.list);
    return result;
}

int ml_fields_find(struct ml_reader *reader, uint64_t subject, uint64_t version,
                   enum ml_field_kind kind, const char *key, struct ml_field *ret_field)
{
    struct ml_state_key state_key;
    struct ml_span value;
    struct ml_field field;
    ML_TRY(ml_key_field(subject, version, kind, key, &state_key));
    ML_TRY(ml_state_get(reader->view->state, ml_state_key_span(&state_key), &value));
    ML_TRY(unpack(reader, kind, value, &field));
    ML_TRY(fill(reader, &field));
    *ret_field = field;
    return MLEDGER_OK;
}

/* What the record says of the model (version 0) or version, if it is of those that may describe
 * it. */
static int describe(struct ml_reader *reader, uint64_t version, uint64_t seq,
                    const char **ret_description)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(reader, seq, &record));
    const Mledger__Event__KindCase kind = record->event->kind_case;
    const bool is_of_model =
        kind == MLEDGER__EVENT__KIND_MODEL_CREATED || kind == MLEDGER__EVENT__KIND_MODEL_UPDATED;
    const bool is_of_version = kind == MLEDGER__EVENT__KIND_VERSION_REGISTERED ||
                               kind == MLEDGER__EVENT__KIND_VERSION_UPDATED;
    if (record->details && (version ? is_of_version : is_of_model))
        *ret_description = record->details->description;
    return MLEDGER_OK;
}

int ml_fields_description(struct ml_reader *reader, uint64_t model, uint64_t version,
                          const char **ret_description)
{
    const struct ml_state_key prefix =
        version ? ml_index_version_prefix(model, version) : ml_index_subject_prefix(model);
    struct ml_field update;
    ML_TRY(ml_fields_find(reader, model, version, ML_FIELD_UPDATE, "", &update));
    *ret_description = update.value;
    while (!*ret_description && update.seq > model) {
        const int result = ml_view_index_last(reader->view, &prefix, update.seq - 1, &update.seq);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK;
        ML_TRY(result);
        ML_TRY(describe(reader, version, update.seq, ret_description));
    }
    return MLEDGER_OK;
}
