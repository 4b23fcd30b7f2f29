/* SPDX-License-Identifier: Apache-2.0 */
/* runs/log-model of MLflow 2: what a model is like goes into a tag, one after the other. */
#include <jansson.h>

#include "ledger/core/json.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/run.h"
#include "serve/mlflow/tags.h"

static const char history_tag[] = "mlflow.log-model.history";

static int parse_model(const char *text, json_t **ret_model)
{
    if (ml_json_parse(text, strlen(text), ret_model) < 0 || !json_is_object(*ret_model))
        return ml_rest_refuse(ML_REST_INVALID,
                              "Malformed model info. \n %.256s \n is not a valid JSON.", text);
    if (!json_object_get(*ret_model, "artifact_path") || !json_object_get(*ret_model, "flavors"))
        return ml_rest_refuse(ML_REST_INVALID, "Model json is missing mandatory fields: "
                                               "artifact_path, flavors");
    return MLEDGER_OK;
}

int ml_rest_log_model(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__LogModel *request = message;
    ML_CLEANUP(json_decrefp) json_t *model = NULL;
    ML_CLEANUP(json_decrefp) json_t *history = NULL;
    const char *before, *id;
    uint64_t run;
    (void)answer;
    ML_TRY(ml_rest_run_id(request->run_id, NULL, &id));
    ML_TRY(parse_model(request->model_json ? request->model_json : "", &model));
    ML_TRY(ml_rest_run_find_active(call, id, &run));
    ML_TRY(ml_rest_tag_show(call, run, 0, history_tag, &before));
    history = ml_rest_tag_list(before);
    if (json_array_append(history, model) != 0)
        return ml_fail_memory();
    ML_CLEANUP(ml_freep) char *text = json_dumps(history, 0);
    if (!text)
        return ml_fail_memory();
    const struct ml_rest_tagged tagged = {.run = true, .seq = run};
    return ml_rest_tag_set(call, &tagged, history_tag, text);
}
