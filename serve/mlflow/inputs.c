/* SPDX-License-Identifier: Apache-2.0 */
/* The datasets that a run reads. They are recorded as the importers of MLflow's stores do: MLflow's
 * own digest is a label and joins nothing. */
#include "ledger/core/draft.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/run.h"

static const char *context_of(const Mlflow__DatasetInput *input)
{
    for (size_t i = 0; i < input->n_tags; i++)
        if (input->tags[i]->key && strcmp(input->tags[i]->key, "mlflow.data.context") == 0)
            return input->tags[i]->value;
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

enum { LABELS = 3, SOURCE_LABEL_MAX = 4096 };

static int put_input(struct ml_draft *draft, const Mlflow__DatasetInput *from,
                     Mledger__Input **ret_input)
{
    const Mlflow__Dataset *dataset = from->dataset;
    Mledger__Input *input = ml_draft_message(draft, &mledger__input__descriptor);
    if (!input)
        return ml_arena_fail(&draft->arena, "the request");
    input->labels = ml_arena_calloc(&draft->arena, LABELS, sizeof(Mledger__Label *));
    if (!input->labels)
        return ml_arena_fail(&draft->arena, "the request");
    ML_TRY(ml_rest_text(draft, dataset->name, &input->name));
    ML_TRY(ml_rest_text(draft, context_of(from), &input->role));
    ML_TRY(put_label(draft, input, "mlflow.digest", dataset->digest));
    ML_TRY(put_label(draft, input, "mlflow.source_type", dataset->source_type));
    if (dataset->source && strlen(dataset->source) <= SOURCE_LABEL_MAX)
        ML_TRY(put_label(draft, input, "mlflow.source", dataset->source));
    *ret_input = input;
    return MLEDGER_OK;
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

int ml_rest_log_inputs(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__LogInputs *request = message;
    uint64_t run;
    (void)answer;
    ML_TRY(ml_rest_run_find_active(call, request->run_id, &run));
    for (size_t i = 0; i < request->n_datasets; i++)
        ML_TRY(draft_input(call, run, request->datasets[i]));
    return ml_rest_commit(call);
}
