/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An MLflow server, asked through its REST API (MLflow 2.x and 3.x): the same entities that a store
 * holds (entities.h), page by page.
 *
 * What the API does not say is not there: deleted versions, when a run was deleted. Experiments and
 * runs that are deleted are asked for as well. Artifacts are listed, and read to be hashed unless
 * options.skip_hashing is set; those of a run that the server cannot reach are left out.
 *
 * Every answer is bounded (ML_MLFLOW_ANSWER_MAX). Paths handed out are KIND/ID.
 *
 * Errors: MLEDGER_ESYSTEM where the server cannot be reached or does not let us in (401, 403);
 * MLEDGER_EINVALID where an answer makes no sense or is an error.
 *
 * Threads: as a store.
 */
#ifndef ML_INGEST_MLFLOW_SERVER_H
#define ML_INGEST_MLFLOW_SERVER_H

#include "ingest/mlflow/reader.h"

struct ml_mlflow_server;

/* Whether `place` is the URL of a server: http:// or https://. */
bool ml_mlflow_is_url(const char *place);

/* Makes a client; nothing is asked yet. MLEDGER_EUSAGE: the URL is none. */
int ml_mlflow_server_open(const char *url, const struct ml_mlflow_credentials *credentials,
                          struct ml_mlflow_server **ret_server) ML_MUST_USE;
void ml_mlflow_server_free(struct ml_mlflow_server *server); /* accepts NULL */
/* The URL without slashes at its end. */
const char *ml_mlflow_server_url(const struct ml_mlflow_server *server);

/* From here on answers (not artifacts) are kept in a file without a name; from the second call on
 * they are taken from there again. MLEDGER_ESYSTEM: the file cannot be made, or read. */
int ml_mlflow_server_keep(struct ml_mlflow_server *server) ML_MUST_USE;
int ml_mlflow_server_replay(struct ml_mlflow_server *server) ML_MUST_USE;

int ml_mlflow_server_visit(struct ml_mlflow_reader *reader, struct ml_mlflow_server *server,
                           const struct ml_mlflow_visitor *visitor) ML_MUST_USE;

#endif
