/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call of MLflow's REST API on its way: what its handler reads with and records with.
 *
 *     int ml_rest_create_run(struct ml_rest_call *call, const void *message, void *answer)
 *     {
 *         const Mlflow__CreateRun *request = message;
 *         Mlflow__CreateRunResponse *response = answer;
 *         ML_TRY(ml_rest_read(call));               the ledger as it is now
 *         …
 *         ML_TRY(ml_rest_draft(call, "run_started", &started));
 *         ML_TRY(ml_rest_commit(call));             durable; what was read before is gone
 *         ML_TRY(ml_rest_read(call));               to answer with what is recorded
 *         …
 *     }
 *
 * Whatever a handler puts into its answer lives in the reader's arena, in the call's, or is static.
 * A call belongs to one thread; the service is shared by all.
 */
#ifndef ML_SERVE_MLFLOW_CALL_H
#define ML_SERVE_MLFLOW_CALL_H

#include <pthread.h>

#include "ledger/query/reader.h"
#include "serve/caller.h"
#include "serve/mlflow/error.h"
#include "serve/mlflow/mlflow_registry.pb-c.h"
#include "serve/mlflow/mlflow_tracking.pb-c.h"
#include "serve/mlflow/mlflow_webhooks.pb-c.h"

/* Runs whose parameters are being checked and set: one at a time for each run. */
enum { ML_REST_STRIPES = 64 };

/* What a server answers that has no signer. */
#define ML_REST_ONLY_READS                                                                         \
    "this server only reads the ledger: what is to be recorded goes to the one that writes"

struct ml_rest {
    struct ml_ledger *ledger;       /* borrowed */
    const struct ml_signer *signer; /* borrowed; NULL: nothing is recorded here */
    /* Below which the artifacts of new experiments are, unless they say where; borrowed, set after
     * ml_rest_init(). NULL: here. */
    const char *artifact_root;
    pthread_mutex_t stripes[ML_REST_STRIPES];
    pthread_mutex_t experiment_ids; /* guards what follows */
    int64_t next_experiment_id;     /* 0: not known yet */
    struct ml_catalog *catalog;
    struct ml_outlines *outlines;
    struct ml_object_store *objects; /* borrowed; where artifacts go */
    /* Set after ml_rest_init(), borrowed: how notices are sent; NULL: webhooks are not served. And
     * who sends them, to be told that there is something to send; NULL: nobody here. */
    const struct ml_webhook_sending *sending;
    struct ml_deliverer *deliverer;
};

struct ml_rest_call {
    struct ml_rest *service;
    const struct ml_caller *caller; /* borrowed; NULL: the server itself */
    const char *client;             /* User-Agent, or NULL */
    bool is_version_3;              /* the client says that it is MLflow 3 */
    struct ml_arena arena;          /* of the request and of small things of the answer */
    struct ml_view view;
    struct ml_reader reader;
    bool is_reading;
    struct ml_draft **drafts; /* those appended, with what the ledger filled in, then the others */
    size_t n_drafts, cap_drafts, n_recorded;
    struct ml_receipt receipt; /* of the last record that was appended */
    /* Of a call that is passed on to another server (serve/mlflow/relay.h). */
    enum ml_rest_turn { ML_REST_OWN, ML_REST_REHEARSAL, ML_REST_AFTERWARDS } turn;
    bool is_rehearsed;             /* what it would have recorded first could be recorded */
    const ProtobufCMessage *given; /* afterwards: the other server's answer, whose ids are recorded;
                                    * of the route's type */
};

void ml_rest_call_init(struct ml_rest_call *call, struct ml_rest *service);
void ml_rest_call_release(struct ml_rest_call *call);

/* Lets the handler read, as of now or as it does already. */
int ml_rest_read(struct ml_rest_call *call) ML_MUST_USE;

/* One more draft of this kind of event, with the actor that asks and its program filled in;
 * *ret_body is the event's message. Refused: the actor may only read (ml_caller_may_record).
 * MLEDGER_ESYSTEM: memory is out. */
int ml_rest_draft(struct ml_rest_call *call, const char *kind, void *ret_body) ML_MUST_USE;
/* The draft added last. */
struct ml_draft *ml_rest_last(const struct ml_rest_call *call);
/* Drops the draft added last. */
void ml_rest_undraft(struct ml_rest_call *call);
/* Appends the drafts that were not, all or none, and ends reading. Nothing when there are none.
 * Errors as ml_ledger_append(). In a rehearsal nothing is appended, and it always fails: with
 * is_rehearsed if they could have been. */
int ml_rest_commit(struct ml_rest_call *call) ML_MUST_USE;

/* ---- small pieces ---- */

/* Text for an answer: protobuf-c's messages hold char *, and none of these is ever written to. */
static inline char *ml_rest_const(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* A zeroed message in the reader's arena. NULL: memory is out, see ml_rest_check(). */
void *ml_rest_message(struct ml_rest_call *call, const ProtobufCMessageDescriptor *type);
/* An array of `count` pointers there. */
void *ml_rest_array(struct ml_rest_call *call, size_t count);
/* MLEDGER_ESYSTEM: one of them was NULL. */
int ml_rest_check(const struct ml_rest_call *call) ML_MUST_USE;

/* Text may be NULL, and then is absent; *ret_text is the draft's. */
int ml_rest_text(struct ml_draft *draft, const char *text, char **ret_text) ML_MUST_USE;
/* The time that the client says it happened, in milliseconds. */
int ml_rest_occurred(struct ml_draft *draft, int64_t time_ms) ML_MUST_USE;
/* Milliseconds of the time that a record claims, or else of that when it was recorded. */
int64_t ml_rest_time_ms(const struct ml_record *record);

/* Holds the lock of a run's parameters. */
void ml_rest_lock(struct ml_rest *service, const char *run_id);
void ml_rest_unlock(struct ml_rest *service, const char *run_id);

#endif
