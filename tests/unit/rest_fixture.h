/* SPDX-License-Identifier: Apache-2.0 */
/* A server of MLflow's API over a fixture's ledger, and a client that asks it over HTTP. */
#ifndef TESTS_REST_FIXTURE_H
#define TESTS_REST_FIXTURE_H

#include <jansson.h>

#include "serve/gate/door.h"
#include "serve/mlflow/front.h"
#include "serve/mlflow/object_store.h"
#include "tests/unit/ledger_fixture.h"

struct rest_fixture {
    struct fixture ledger;
    char objects_dir[96];
    struct ml_object_store objects;
    struct ml_rest rest;
    struct ml_server *server;
    struct ml_door *door; /* borrowed; NULL: only pages of others are refused */
    const char *actor;    /* who asks, as its gate says; NULL: nobody is asked */
    uint64_t actor_ref;
    bool only_reads; /* and may record nothing */
    char base[128];  /* "http://127.0.0.1:PORT" */
    /* Asked first, as the parts of serve are: 1: *reply is the answer. NULL: nothing is. */
    int (*also)(const struct ml_server_request *request, void *context,
                struct ml_server_reply *reply);
    void *also_context;
};

/* What came back. */
struct rest_reply {
    int status;
    json_t *json;   /* NULL: the body is no JSON */
    char *text;     /* the body */
    size_t len;     /* its bytes */
    char *head;     /* its header lines */
    char seq[32];   /* of the header Mledger-Seq, "" without */
    char link[80];  /* of Mledger-Record-Hash */
    char retry[16]; /* of Retry-After */
    char asks[80];  /* of WWW-Authenticate, the last of several */
};

void rest_fixture_init(struct rest_fixture *fixture);
void rest_fixture_release(struct rest_fixture *fixture);

/* One request. `path` begins with '/' and may have a query. `body` may be NULL. `version` is what
 * the client says of itself ("3.11.2"), NULL: nothing, as clients of MLflow 2. */
void rest_ask(const struct rest_fixture *fixture, const char *method, const char *path,
              const char *body, const char *version, struct rest_reply *ret_reply);
/* The same with another header: "Name: value". */
void rest_ask_with(const struct rest_fixture *fixture, const char *method, const char *path,
                   const char *body, const char *header, struct rest_reply *ret_reply);
/* Whether the reply has this header with this value. */
bool rest_has_header(const struct rest_reply *reply, const char *name, const char *value);
void rest_reply_release(struct rest_reply *reply);

#endif
