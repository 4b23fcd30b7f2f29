/* SPDX-License-Identifier: Apache-2.0 */
/* They are recorded as the importers of MLflow's stores do: MLflow's own digest of a dataset is a
 * label, which joins nothing. */
#include "serve/mlflow/inputs.h"

#include <inttypes.h>

#include "ledger/core/draft.h"
#include "serve/mlflow/check.h"
#include "serve/mlflow/logged_model.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/run.h"

/* A tag of an input that is not its context is a label: "mlflow.tag." and its key. */
static const char tag_scheme[] = "mlflow.tag.";
static const char context_key[] = "mlflow.data.context";

static const char *context_of(const Mlflow__DatasetInput *input)
{
    for (size_t i = 0; i < input->n_tags; i++)
        if (input->tags[i]->key && strcmp(input->tags[i]->key, context_key) == 0)
            return input->tags[i]->value;
    return NULL;
}

static const char *label_of(Mledger__Label *const *labels, size_t count, const char *scheme)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(labels[i]->scheme, scheme) == 0)
            return labels[i]->value;
    return NULL;
}

static int put_label(struct ml_draft *draft, Mledger__Input *input, const char *scheme,
                     const char *value)
{
    Mledger__Label *label = ml_draft_message(draft, &mledger__label__descriptor);
    if (!value)
        return MLEDGER_OK;
    if (!label)
        return ml_arena_fail(&draft->arena, "the request");
    ML_TRY(ml_rest_text(draft, scheme, &label->scheme));
    ML_TRY(ml_rest_text(draft, value, &label->value));
    input->labels[input->n_labels++] = label;
    return MLEDGER_OK;
}

static int put_tags(struct ml_draft *draft, Mledger__Input *input, const Mlflow__DatasetInput *from)
{
    for (size_t i = 0; i < from->n_tags; i++) {
        const Mlflow__KeyValue *tag = from->tags[i];
        if (strcmp(tag->key, context_key) == 0)
            continue;
        const char *scheme = ml_arena_printf(&draft->arena, "%s%s", tag_scheme, tag->key);
        if (!scheme)
            return ml_arena_fail(&draft->arena, "the request");
        ML_TRY(put_label(draft, input, scheme, tag->value ? tag->value : ""));
    }
    return MLEDGER_OK;
}

enum { LABELS = 3, SOURCE_LABEL_MAX = 4096 };

static int put_input(struct ml_draft *draft, const Mlflow__DatasetInput *from,
                     Mledger__Input **ret_input)
{
    const Mlflow__Dataset *dataset = from->dataset;
    Mledger__Input *input = ml_draft_message(draft, &mledger__input__descriptor);
    if (!input)
        return ml_arena_fail(&draft->arena, "the request");
    input->labels = ml_arena_calloc(&draft->arena, LABELS + from->n_tags, sizeof(Mledger__Label *));
    if (!input->labels)
        return ml_arena_fail(&draft->arena, "the request");
    ML_TRY(ml_rest_text(draft, dataset->name, &input->name));
    ML_TRY(ml_rest_text(draft, context_of(from), &input->role));
    ML_TRY(put_label(draft, input, "mlflow.digest", dataset->digest));
    ML_TRY(put_label(draft, input, "mlflow.source_type", dataset->source_type));
    if (dataset->source && strlen(dataset->source) <= SOURCE_LABEL_MAX)
        ML_TRY(put_label(draft, input, "mlflow.source", dataset->source));
    *ret_input = input;
    return put_tags(draft, input, from);
}

/* Details have room for one schema and one profile, so each input is a record of its own. */
static int draft_input(struct ml_rest_call *call, uint64_t run, const Mlflow__DatasetInput *from)
{
    Mledger__RunLogged *logged;
    ML_TRY(ml_rest_draft(call, "run_logged", &logged));
    struct ml_draft *draft = ml_rest_last(call);
    logged->run = run;
    logged->inputs = ml_arena_calloc(&draft->arena, 1, sizeof *logged->inputs);
    if (!logged->inputs)
        return ml_arena_fail(&draft->arena, "the request");
    ML_TRY(put_input(draft, from, &logged->inputs[0]));
    logged->n_inputs = 1;
    ML_TRY(ml_rest_text(draft, from->dataset->schema, &draft->details->schema_json));
    return ml_rest_text(draft, from->dataset->profile, &draft->details->profile_json);
}

/* Has the run read that already, for the same purpose? */
static int is_logged(struct ml_rest_call *call, uint64_t run, const Mlflow__DatasetInput *input,
                     bool *ret_is)
{
    struct ml_fields fields;
    const char *context = context_of(input);
    *ret_is = false;
    ML_TRY(ml_fields_read(&call->reader, run, 0, &fields));
    for (size_t i = 0; i < fields.count && !*ret_is; i++) {
        const Mledger__Input *one = fields.list[i].input;
        if (fields.list[i].kind != ML_FIELD_INPUT || strcmp(one->name, input->dataset->name) != 0)
            continue;
        const char *digest = label_of(one->labels, one->n_labels, "mlflow.digest");
        *ret_is = digest && strcmp(digest, input->dataset->digest) == 0 &&
                  strcmp(one->role ? one->role : "", context ? context : "") == 0;
    }
    return MLEDGER_OK;
}

static int log_input(struct ml_rest_call *call, uint64_t run, const Mlflow__DatasetInput *input)
{
    bool is_there;
    ML_TRY(ml_rest_check_input(input));
    ML_TRY(is_logged(call, run, input, &is_there));
    return is_there ? MLEDGER_OK : draft_input(call, run, input);
}

/* The id stands as a label too, as it does where the ledger has no such model. */
static int put_model_input(struct ml_rest_call *call, struct ml_draft *draft, const char *id,
                           Mledger__Input **ret_input)
{
    Mledger__Input *input = ml_draft_message(draft, &mledger__input__descriptor);
    if (!input)
        return ml_arena_fail(&draft->arena, "the request");
    input->labels = ml_arena_calloc(&draft->arena, 1, sizeof(Mledger__Label *));
    if (!input->labels)
        return ml_arena_fail(&draft->arena, "the request");
    ML_TRY(ml_rest_logged_model_find(call, id, &input->logged_model_ref));
    input->has_logged_model_ref = true;
    ML_TRY(ml_rest_text(draft, id, &input->name));
    ML_TRY(ml_rest_text(draft, "model", &input->role));
    ML_TRY(put_label(draft, input, "mlflow.model_id", id));
    *ret_input = input;
    return MLEDGER_OK;
}

static int draft_model_inputs(struct ml_rest_call *call, uint64_t run,
                              const Mlflow__LogInputs *request)
{
    Mledger__RunLogged *logged;
    ML_TRY(ml_rest_draft(call, "run_logged", &logged));
    struct ml_draft *draft = ml_rest_last(call);
    logged->run = run;
    logged->inputs = ml_arena_calloc(&draft->arena, request->n_models, sizeof *logged->inputs);
    if (!logged->inputs)
        return ml_arena_fail(&draft->arena, "the request");
    for (size_t i = 0; i < request->n_models; i++)
        ML_TRY(put_model_input(call, draft, request->models[i]->model_id,
                               &logged->inputs[logged->n_inputs++]));
    return MLEDGER_OK;
}

int ml_rest_log_inputs(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__LogInputs *request = message;
    uint64_t run;
    (void)answer;
    /* MLflow 3 takes a call without any. */
    if (!call->is_version_3 && request->n_datasets == 0 && request->n_models == 0)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Missing value for required parameter 'datasets'. See the API docs "
                              "for more information about request parameters.");
    ML_TRY(ml_rest_run_find_active(call, request->run_id, &run));
    for (size_t i = 0; i < request->n_datasets; i++)
        ML_TRY(log_input(call, run, request->datasets[i]));
    if (request->n_models > 0)
        ML_TRY(draft_model_inputs(call, run, request));
    return ml_rest_commit(call);
}

/* ---- outputs ---- */

static int draft_outputs(struct ml_rest_call *call, uint64_t run,
                         Mlflow__ModelOutput *const *models, size_t count)
{
    Mledger__RunLogged *logged;
    ML_TRY(ml_rest_draft(call, "run_logged", &logged));
    struct ml_draft *draft = ml_rest_last(call);
    logged->run = run;
    logged->models = ml_arena_calloc(&draft->arena, count, sizeof *logged->models);
    if (!logged->models)
        return ml_arena_fail(&draft->arena, "the request");
    for (size_t i = 0; i < count; i++) {
        Mledger__ModelOutput *output = ml_draft_message(draft, &mledger__model_output__descriptor);
        if (!output)
            return ml_arena_fail(&draft->arena, "the request");
        ML_TRY(ml_rest_logged_model_find(call, models[i]->model_id, &output->logged_model));
        output->step = models[i]->step;
        logged->models[logged->n_models++] = output;
    }
    return MLEDGER_OK;
}

int ml_rest_log_outputs(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__LogOutputs *request = message;
    uint64_t run;
    (void)answer;
    ML_TRY(ml_rest_run_find_active(call, request->run_id, &run));
    for (size_t done = 0; done < request->n_models; done += ML_REST_MODELS_MAX) {
        const size_t left = request->n_models - done;
        ML_TRY(draft_outputs(call, run, &request->models[done],
                             left < ML_REST_MODELS_MAX ? left : ML_REST_MODELS_MAX));
    }
    return ml_rest_commit(call);
}

/* ---- showing ---- */

static int show_tag(struct ml_rest_call *call, const char *key, const char *value,
                    Mlflow__DatasetInput *shown)
{
    Mlflow__KeyValue *tag = ml_rest_message(call, &mlflow__key_value__descriptor);
    ML_TRY(ml_rest_check(call));
    tag->key = ml_rest_const(key);
    tag->value = ml_rest_const(value);
    shown->tags[shown->n_tags++] = tag;
    return MLEDGER_OK;
}

static int show_tags(struct ml_rest_call *call, const Mledger__Input *input,
                     Mlflow__DatasetInput *shown)
{
    const size_t prefix = sizeof tag_scheme - 1;
    shown->tags = ml_rest_array(call, input->n_labels + 1);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < input->n_labels; i++)
        if (strncmp(input->labels[i]->scheme, tag_scheme, prefix) == 0)
            ML_TRY(
                show_tag(call, input->labels[i]->scheme + prefix, input->labels[i]->value, shown));
    return input->role ? show_tag(call, context_key, input->role, shown) : MLEDGER_OK;
}

/* A dataset is known by name and digest: where a run has one several times, MLflow shows the first.
 */
static bool is_shown(const Mlflow__RunInputs *inputs, const Mlflow__Dataset *dataset)
{
    for (size_t i = 0; i < inputs->n_dataset_inputs; i++)
        if (strcmp(inputs->dataset_inputs[i]->dataset->name, dataset->name) == 0 &&
            strcmp(inputs->dataset_inputs[i]->dataset->digest, dataset->digest) == 0)
            return true;
    return false;
}

static int show_dataset(struct ml_rest_call *call, const struct ml_field *field,
                        Mlflow__RunInputs *inputs)
{
    const Mledger__Input *input = field->input;
    Mlflow__DatasetInput *shown = ml_rest_message(call, &mlflow__dataset_input__descriptor);
    Mlflow__Dataset *dataset = ml_rest_message(call, &mlflow__dataset__descriptor);
    ML_TRY(ml_rest_check(call));
    const char *digest = label_of(input->labels, input->n_labels, "mlflow.digest");
    const char *type = label_of(input->labels, input->n_labels, "mlflow.source_type");
    const char *source = label_of(input->labels, input->n_labels, "mlflow.source");
    dataset->name = input->name;
    dataset->digest = ml_rest_const(digest ? digest : "");
    dataset->source_type = ml_rest_const(type ? type : "");
    dataset->source = ml_rest_const(source ? source : "");
    dataset->schema = field->details ? field->details->schema_json : NULL;
    dataset->profile = field->details ? field->details->profile_json : NULL;
    shown->dataset = dataset;
    if (is_shown(inputs, dataset))
        return MLEDGER_OK;
    inputs->dataset_inputs[inputs->n_dataset_inputs++] = shown;
    return show_tags(call, input, shown);
}

static int show_input(struct ml_rest_call *call, const struct ml_field *field,
                      Mlflow__RunInputs *inputs)
{
    const Mledger__Input *input = field->input;
    const char *model_id = label_of(input->labels, input->n_labels, "mlflow.model_id");
    if (!model_id)
        return show_dataset(call, field, inputs);
    for (size_t i = 0; i < inputs->n_model_inputs; i++)
        if (strcmp(inputs->model_inputs[i]->model_id, model_id) == 0)
            return MLEDGER_OK; /* clients say it again with each metric */
    Mlflow__ModelInput *shown = ml_rest_message(call, &mlflow__model_input__descriptor);
    ML_TRY(ml_rest_check(call));
    shown->model_id = ml_rest_const(model_id);
    inputs->model_inputs[inputs->n_model_inputs++] = shown;
    return MLEDGER_OK;
}

/* Outputs that are no logged model are files, which the API does not list here. */
static int show_output(struct ml_rest_call *call, const struct ml_field *field,
                       Mlflow__RunOutputs *outputs)
{
    const Mledger__Artifact *output = field->output;
    const char *model_id = label_of(output->labels, output->n_labels, "mlflow.model_id");
    const char *step = label_of(output->labels, output->n_labels, "mlflow.step");
    if (!model_id)
        return MLEDGER_OK;
    Mlflow__ModelOutput *shown = ml_rest_message(call, &mlflow__model_output__descriptor);
    ML_TRY(ml_rest_check(call));
    shown->model_id = ml_rest_const(model_id);
    shown->step = step ? strtoimax(step, NULL, 10) : 0;
    outputs->model_outputs[outputs->n_model_outputs++] = shown;
    return MLEDGER_OK;
}

static int show_model(struct ml_rest_call *call, const struct ml_field *field,
                      Mlflow__RunOutputs *outputs)
{
    const Mledger__SubjectState *model;
    Mlflow__ModelOutput *shown = ml_rest_message(call, &mlflow__model_output__descriptor);
    ML_TRY(ml_rest_check(call));
    ML_TRY(ml_reader_subject(&call->reader, field->model->logged_model, &model));
    shown->model_id = model ? model->name : ml_rest_const("");
    shown->step = field->model->step;
    outputs->model_outputs[outputs->n_model_outputs++] = shown;
    return MLEDGER_OK;
}

int ml_rest_inputs_show(struct ml_rest_call *call, const struct ml_fields *fields, Mlflow__Run *run)
{
    Mlflow__RunInputs *inputs = ml_rest_message(call, &mlflow__run_inputs__descriptor);
    Mlflow__RunOutputs *outputs = ml_rest_message(call, &mlflow__run_outputs__descriptor);
    ML_TRY(ml_rest_check(call));
    inputs->dataset_inputs = ml_rest_array(call, fields->count);
    inputs->model_inputs = ml_rest_array(call, fields->count);
    outputs->model_outputs = ml_rest_array(call, fields->count);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->list[i].kind == ML_FIELD_INPUT)
            ML_TRY(show_input(call, &fields->list[i], inputs));
        if (fields->list[i].kind == ML_FIELD_OUTPUT)
            ML_TRY(show_output(call, &fields->list[i], outputs));
        if (fields->list[i].kind == ML_FIELD_MODEL)
            ML_TRY(show_model(call, &fields->list[i], outputs));
    }
    run->inputs = inputs;
    run->outputs = call->is_version_3 ? outputs : NULL;
    return MLEDGER_OK;
}
