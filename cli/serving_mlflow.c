/* SPDX-License-Identifier: Apache-2.0 */
/* MLflow's REST API over the session's ledger, with its artifacts. With --upstream another server
 * answers (cli/serving_upstream.h). */
#include "cli/serving_part.h"
#include "serve/mlflow/experiment.h"

/* --artifacts, else beside the ledger's database. */
static int open_objects(struct ml_serving *serving)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    const char *dir = ml_option_text(serving->session.invocation, "artifacts", NULL);
    if (dir)
        ML_TRY(ml_buf_append_text(&path, dir));
    else
        ML_TRY(ml_buf_printf(&path, "%s/artifacts", ml_ledger_dir(serving->session.ledger)));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    serving->has_objects = true;
    return serving->signer
               ? ml_object_store_open((const char *)path.data, &serving->objects)
               : ml_object_store_open_to_read((const char *)path.data, &serving->objects);
}

static int open_mlflow(struct ml_serving *serving)
{
    ML_TRY(open_objects(serving));
    ML_TRY(
        ml_rest_init(&serving->rest, serving->session.ledger, serving->signer, &serving->objects));
    serving->has_rest = true;
    return serving->signer ? ml_rest_experiment_default(&serving->rest) : MLEDGER_OK;
}

static int begin(struct ml_serving *serving, const struct ml_server_request *request,
                 struct ml_server_intake **ret_intake, struct ml_server_reply *reply)
{
    (void)reply;
    return ml_rest_begin(&serving->rest, request, ret_intake);
}

static int answer(struct ml_serving *serving, const struct ml_server_request *request,
                  struct ml_server_reply *reply)
{
    if (serving->has_relay)
        return 0;
    const int answered = ml_rest_answer(&serving->rest, request, reply, NULL);
    if (answered > 0 && reply->status == 500)
        ml_serving_report(serving);
    return answered;
}

static void close_mlflow(struct ml_serving *serving)
{
    if (serving->has_rest)
        ml_rest_release(&serving->rest);
    if (serving->has_objects)
        ml_object_store_release(&serving->objects);
}

const struct ml_serving_part ml_serving_mlflow = {
    .open = open_mlflow, .begin = begin, .answer = answer, .close = close_mlflow};
