/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of mledger serve that keeps its receipts: some threads that create runs, log metrics and
 * batches and put artifacts as fast as they are answered, until the server is gone.
 */
#ifndef TESTS_CRASH_SERVE_CLIENT_H
#define TESTS_CRASH_SERVE_CLIENT_H

#include <pthread.h>

#include "ledger/core/hash.h"

/* What the server says when it has recorded something: Mledger-Seq and Mledger-Record-Hash. */
struct serve_receipt {
    uint64_t seq;
    uint8_t link[ML_HASH_SIZE];
};

enum { SERVE_CLIENT_THREADS = 8 };

struct serve_client {
    char base[160]; /* "http://127.0.0.1:PORT" */
    pthread_t threads[SERVE_CLIENT_THREADS];
    uint64_t seed;
    pthread_mutex_t mutex; /* guards the rest */
    pthread_cond_t more;
    struct serve_receipt *receipts; /* of all rounds */
    size_t count, cap;
    unsigned running;    /* threads */
    unsigned uploads;    /* receipts of artifacts among them */
    char complaint[256]; /* an answer that must not be: the first of them; "" for none */
};

void serve_client_init(struct serve_client *client);
void serve_client_release(struct serve_client *client);

/* Begins to ask the server at `base`. */
void serve_client_start(struct serve_client *client, const char *base, uint64_t seed);
/* Waits until there are so many receipts, or nobody asks any more. */
void serve_client_await(struct serve_client *client, size_t count);
/* Waits until all threads have lost the server. */
void serve_client_join(struct serve_client *client);

#endif
