/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the server's reader share. */
#ifndef ML_INGEST_MLFLOW_SERVER_PART_H
#define ML_INGEST_MLFLOW_SERVER_PART_H

#include "ingest/http.h"
#include "ingest/mlflow/member.h"
#include "ingest/mlflow/server.h"
#include "ingest/mlflow/tape.h"
#include "ingest/url.h"

#define ML_MLFLOW_API "/api/2.0/mlflow/"

struct ml_mlflow_server {
    char *url;
    struct ml_http_client *client;
    struct ml_mlflow_tape tape;
};

/* A visit under way. */
struct ml_mlflow_asking {
    struct ml_mlflow_reader *reader;
    struct ml_mlflow_server *server;
    const struct ml_mlflow_visitor *visitor;
};

/* A URL being put together: the server's, then `path`. */
int ml_mlflow_url_begin(const struct ml_mlflow_server *server, const char *path,
                        struct ml_buf *url) ML_MUST_USE;
/* Asks by GET, or by POST where there is a body; *ret_answer is an object, a new reference.
 * MLEDGER_ENOTFOUND: 404. Other errors as server.h has them. The URL gets its NUL here. */
int ml_mlflow_ask(struct ml_mlflow_server *server, struct ml_buf *url, const json_t *body,
                  json_t **ret_answer) ML_MUST_USE;

/*
 * All pages of a question. For each, `ask` is called with the token of the page (NULL: the first)
 * and gives the answer; `take` is called with every object of the array called `list`.
 */
struct ml_mlflow_pages {
    struct ml_mlflow_asking *asking;
    const char *list;
    int (*ask)(const struct ml_mlflow_pages *pages, const char *token, json_t **ret_answer);
    int (*take)(const struct ml_mlflow_pages *pages, const json_t *item);
    const void *about; /* for the two */
    void *into;
};
int ml_mlflow_pages_take(const struct ml_mlflow_pages *pages) ML_MUST_USE;

/* 1: an earlier visit saw the same of the thing at `path`, which has ended. What goes on is never
 * remembered. MLEDGER_ESYSTEM: memory is out. */
int ml_mlflow_is_remembered(const struct ml_mlflow_asking *asking, const char *path,
                            const json_t *found, bool has_ended) ML_MUST_USE;

/* server_run.c */
int ml_mlflow_server_runs(struct ml_mlflow_asking *asking,
                          const struct ml_mlflow_experiment *experiment) ML_MUST_USE;
/* server_model.c: logged models; none where the server does not know such. */
int ml_mlflow_server_models(struct ml_mlflow_asking *asking,
                            const struct ml_mlflow_experiment *experiment) ML_MUST_USE;
/* server_registry.c */
int ml_mlflow_server_registry(struct ml_mlflow_asking *asking) ML_MUST_USE;
/* server_artifact.c: the files of a run, or (`run_id` NULL) of a logged model. */
int ml_mlflow_server_artifacts(struct ml_mlflow_asking *asking, const char *run_id,
                               const char *model_id, struct ml_pool *pool,
                               struct ml_mlflow_artifacts *ret_artifacts) ML_MUST_USE;

#endif
