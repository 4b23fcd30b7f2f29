/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A witness of others' logs (C2SP tlog-witness): POST PREFIX/add-checkpoint, and nothing else.
 *
 * It cosigns a checkpoint only if that goes on from what it cosigned last for the same origin, and
 * what it cosigned is durable before anybody hears of it: comparing, signing and keeping are one
 * step that no other request for the same log can come between.
 *
 * Threads: requests may come from several at once.
 */
#ifndef ML_SERVE_WITNESS_H
#define ML_SERVE_WITNESS_H

#include "ledger/core/witness.h"
#include "ledger/store/key.h"
#include "serve/server.h"

struct ml_witness_service {
    const struct mledger_key *key; /* of purpose witness; borrowed */
    struct ml_vkey vkey;           /* its own: ml_key_vkey() */
    const struct ml_vkey *logs;    /* type 0x01, each named as its origin; borrowed */
    size_t n_logs;
    const char *state_dir; /* must exist; borrowed */
    /* Seconds since 1970; NULL: the machine's clock. */
    int64_t (*now)(void *context);
    /* Is told of each request that named a known log, when the verdict is known and, if it is
     * COSIGN, the checkpoint is kept, before it is answered. NULL: nobody. */
    void (*judged)(const struct ml_checkpoint *checkpoint, const struct ml_witness_verdict *verdict,
                   void *context);
    void *context; /* of both */
};

/* An ml_server_handler; its context is a struct ml_witness_service. */
int ml_witness_handle(const struct ml_server_request *request, void *context,
                      struct ml_server_reply *reply) ML_MUST_USE;

#endif
