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

/* --default-artifact-root; NULL: artifacts come here. Whoever sends them elsewhere is told what
 * that means. */
static int read_root(struct ml_serving *serving, const char **ret_root)
{
    const struct ml_invocation *invocation = serving->session.invocation;
    const char *root = ml_option_text(invocation, "default-artifact-root", NULL);
    *ret_root = root;
    if (!root)
        return MLEDGER_OK;
    if (!serving->signer)
        return ml_fail(MLEDGER_EUSAGE, "--default-artifact-root is for experiments that are made, "
                                       "and --read-only makes none");
    if (ml_option_given(invocation, "upstream"))
        return ml_fail(MLEDGER_EUSAGE, "with --upstream the other server says where artifacts go, "
                                       "and not --default-artifact-root");
    if (ml_rest_experiment_check_root(root) < 0) {
        struct ml_error error;
        ml_error_get(&error);
        return ml_fail(MLEDGER_EUSAGE, "--default-artifact-root: %s", error.text);
    }
    (void)ml_fail(MLEDGER_ESYSTEM,
                  "artifacts of new experiments go to '%s' and not through this server: the ledger "
                  "will not know their content",
                  root);
    ml_serving_report(serving);
    ml_error_clear();
    return MLEDGER_OK;
}

static int open_mlflow(struct ml_serving *serving)
{
    const char *root;
    ML_TRY(read_root(serving, &root));
    ML_TRY(open_objects(serving));
    ML_TRY(
        ml_rest_init(&serving->rest, serving->session.ledger, serving->signer, &serving->objects));
    serving->has_rest = true;
    serving->rest.artifact_root = root;
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
