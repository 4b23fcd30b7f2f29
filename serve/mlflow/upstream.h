/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another MLflow server that requests are passed on to, as they came: method, path, query, body and
 * the headers that matter to it. Where there is no token for it and the client was not asked here
 * who it is, its Authorization is for the other server and goes to it, too.
 *
 * Threads: may be used by all at once; connections that are free are kept and used again.
 */
#ifndef ML_SERVE_MLFLOW_UPSTREAM_H
#define ML_SERVE_MLFLOW_UPSTREAM_H

#include "ingest/http.h"
#include "serve/server.h"

enum { ML_UPSTREAM_ANSWER_MAX = 64 << 20 }; /* bytes of an answer in memory */

/* Everything is copied. */
struct ml_upstream_options {
    const char *url;     /* of the server, up to what stands before "/api/…" */
    const char *bearer;  /* a token for it, or NULL */
    const char *ca_file; /* as ml_http_options */
};

struct ml_upstream;

/* Asks nothing yet. MLEDGER_EUSAGE: the URL is none of http or https, or has credentials in it.
 * MLEDGER_ESYSTEM. */
int ml_upstream_new(const struct ml_upstream_options *options,
                    struct ml_upstream **ret_upstream) ML_MUST_USE;
void ml_upstream_free(struct ml_upstream *upstream); /* accepts NULL */
const char *ml_upstream_url(const struct ml_upstream *upstream);

/* What is sent in place of the request's body, and where the answer's goes. All zero: the body that
 * the request has in memory, and into memory. */
struct ml_upstream_bodies {
    int file; /* as of ml_http_request, like what follows */
    bool has_file;
    uint64_t file_size;
    ml_http_sink *sink;
    void *sink_context;
    uint64_t sink_max;
};
/* Passes it on. Errors and *ret_response as ml_http_send(). */
int ml_upstream_send(struct ml_upstream *upstream, const struct ml_server_request *request,
                     const struct ml_upstream_bodies *bodies,
                     struct ml_http_response *ret_response) ML_MUST_USE;

#endif
