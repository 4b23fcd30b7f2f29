/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/soak_writer.h"

#include <mledger/ledger.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4 };

struct writer {
    struct mledger_ledger *ledger;
    struct mledger_key *key;
    const char *prefix;
    size_t count;
    atomic_size_t next;
    atomic_bool failed;
};

static int acknowledge(const struct mledger_receipt *receipt)
{
    char line[128];
    int len = snprintf(line, sizeof line, "%ju ", (uintmax_t)receipt->seq);
    for (size_t i = 0; i < sizeof receipt->link; i++)
        len += snprintf(line + len, sizeof line - (size_t)len, "%02x", receipt->link[i]);
    line[len++] = '\n';
    return write(1, line, (size_t)len) == len ? 0 : -1;
}

static int write_one(struct writer *writer, size_t number)
{
    char line[128];
    struct mledger_receipt *receipts;
    int len = snprintf(line, sizeof line, "{\"model_created\": {\"name\": \"%s-%zu\"}}",
                       writer->prefix, number);
    if (mledger_append(writer->ledger, writer->key, line, (size_t)len, &receipts, NULL) < 0) {
        fprintf(stderr, "%s-%zu: %s\n", writer->prefix, number, mledger_error_text());
        return -1;
    }
    int result = acknowledge(&receipts[0]);
    free(receipts);
    return result;
}

static void *run_thread(void *context)
{
    struct writer *writer = context;
    size_t number;
    while (!writer->failed && (number = writer->next++) < writer->count)
        if (write_one(writer, number) < 0)
            writer->failed = true;
    return NULL;
}

static void run_threads(struct writer *writer)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, run_thread, writer) != 0)
            abort();
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

int soak_writer(const char *ledger, const char *known, const char *key, const char *prefix,
                size_t count)
{
    struct writer writer = {.prefix = prefix, .count = count};
    const struct mledger_options options = {.known_dir = known};
    if (mledger_key_load(key, NULL, NULL, &writer.key) < 0 ||
        mledger_open(ledger, &options, &writer.ledger) < 0) {
        fprintf(stderr, "%s\n", mledger_error_text());
        return 3;
    }
    run_threads(&writer);
    mledger_close(writer.ledger);
    mledger_key_free(writer.key);
    return writer.failed ? 3 : 0;
}
