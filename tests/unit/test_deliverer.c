/* SPDX-License-Identifier: Apache-2.0 */
/* Telling webhooks by threads: side by side, as webhooks come and go, by one process at a time. */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>

#include "serve/server.h"
#include "serve/webhook/deliverer.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/webhook_fixture.h"

#define VERSIONS "'model_version_created'"
#define VERSION "{'version_registered': {'model': 'm'}}"

/* Takes notices at any path; at /slow it says nothing until it may. */
struct receiver {
    struct hooks *hooks;
    struct ml_server *server;
    struct ml_deliverer *deliverer;
    sem_t came, asked_slow, may_answer;
    pthread_mutex_t mutex;
    char versions[256]; /* that were told at another path than /slow, in order: "1 2 " */
};

static int on_notice(const struct ml_server_request *request, void *context,
                     struct ml_server_reply *reply)
{
    struct receiver *receiver = context;
    static const char key[] = "\"version\":\"";
    reply->status = 200;
    if (strcmp(request->path, "/slow") == 0) {
        sem_post(&receiver->asked_slow);
        sem_wait(&receiver->may_answer);
        return MLEDGER_OK;
    }
    const char *at = memmem(request->body.data, request->body.len, key, sizeof key - 1);
    if (!at)
        return MLEDGER_EINVALID;
    pthread_mutex_lock(&receiver->mutex);
    const size_t len = strlen(receiver->versions);
    snprintf(receiver->versions + len, sizeof receiver->versions - len, "%c ", at[sizeof key - 1]);
    pthread_mutex_unlock(&receiver->mutex);
    sem_post(&receiver->came);
    return MLEDGER_OK;
}

static void url_of(const struct receiver *receiver, const char *path, char url[96])
{
    snprintf(url, 96, "http://%s%s", ml_server_address(receiver->server), path);
}

static void start(struct receiver *receiver)
{
    const struct ml_deliverer_options options = {.ledger = receiver->hooks->ledger.ledger,
                                                 .secrets_dir = receiver->hooks->secrets_dir,
                                                 .reach = ML_WEBHOOK_LOOPBACK,
                                                 .poll_ms = 2};
    assert_int_equal(ml_deliverer_start(&options, &receiver->deliverer), MLEDGER_OK);
}

static void stop(struct receiver *receiver)
{
    ml_deliverer_stop(ML_TAKE(receiver->deliverer));
}

static int set_up(void **state)
{
    struct receiver *receiver = ml_calloc(1, sizeof *receiver);
    void *hooks;
    assert_non_null(receiver);
    hooks_set_up(&hooks);
    receiver->hooks = hooks;
    sem_init(&receiver->came, 0, 0);
    sem_init(&receiver->asked_slow, 0, 0);
    sem_init(&receiver->may_answer, 0, 0);
    pthread_mutex_init(&receiver->mutex, NULL);
    const struct ml_server_options options = {.address = "127.0.0.1:0",
                                              .body_max = 1 << 20,
                                              .thread_each = true,
                                              .handle = on_notice,
                                              .context = receiver};
    assert_int_equal(ml_server_start(&options, &receiver->server), MLEDGER_OK);
    hooks_add(receiver->hooks, "{'model_created': {'name': 'm'}}");
    *state = receiver;
    return 0;
}

static int tear_down(void **state)
{
    struct receiver *receiver = *state;
    void *hooks = receiver->hooks;
    stop(receiver);
    sem_post(&receiver->may_answer);
    ml_server_stop(receiver->server);
    hooks_tear_down(&hooks);
    sem_destroy(&receiver->came);
    sem_destroy(&receiver->asked_slow);
    sem_destroy(&receiver->may_answer);
    pthread_mutex_destroy(&receiver->mutex);
    free(receiver);
    return 0;
}

static void wait_for(sem_t *event)
{
    while (sem_wait(event) != 0)
        continue;
}

static uint64_t webhooks_of(struct receiver *receiver)
{
    struct ml_deliverer_counts counts;
    ml_deliverer_counts(receiver->deliverer, &counts);
    return counts.webhooks;
}

/* That the notice came is not yet that its answer did, and then it would be told again. */
static void wait_delivered(struct ml_deliverer *deliverer, uint64_t delivered)
{
    struct ml_deliverer_counts counts;
    do {
        sched_yield();
        ml_deliverer_counts(deliverer, &counts);
    } while (counts.delivered < delivered);
}

/* The slow one is still waited for when the other has had everything, and ends nothing. */
static void a_slow_receiver_holds_up_nobody(void **state)
{
    struct receiver *receiver = *state;
    char slow[96], fast[96];
    url_of(receiver, "/slow", slow);
    url_of(receiver, "/fast", fast);
    hooks_set(receiver->hooks, "slow", slow, VERSIONS, NULL);
    hooks_set(receiver->hooks, "fast", fast, VERSIONS, "secret");
    start(receiver);
    for (int i = 0; i < 5; i++)
        hooks_add(receiver->hooks, VERSION);
    wait_for(&receiver->asked_slow);
    for (int i = 0; i < 5; i++)
        wait_for(&receiver->came);
    assert_string_equal(receiver->versions, "1 2 3 4 5 ");
    assert_int_equal(webhooks_of(receiver), 2);
    wait_delivered(receiver->deliverer, 5);
    stop(receiver); /* although one has not answered */
    /* What was cut off is told when it starts again, and what came since. */
    sem_post(&receiver->may_answer);
    hooks_add(receiver->hooks, VERSION);
    start(receiver);
    wait_for(&receiver->asked_slow);
    wait_for(&receiver->came);
    assert_string_equal(receiver->versions, "1 2 3 4 5 6 ");
}

static void webhooks_come_and_go(void **state)
{
    struct receiver *receiver = *state;
    char url[96];
    url_of(receiver, "/", url);
    start(receiver);
    hooks_add(receiver->hooks, VERSION);
    hooks_set(receiver->hooks, "w", url, VERSIONS, NULL);
    hooks_add(receiver->hooks, VERSION);
    wait_for(&receiver->came);
    /* Disabled, and active again at once, or after its thread has seen it: either must do. */
    for (int i = 0; i < 5; i++) {
        hooks_disable(receiver->hooks, "w", url);
        while (i % 2 && webhooks_of(receiver) > 0)
            ml_deliverer_nudge(receiver->deliverer, MLEDGER_NO_SEQ);
        hooks_add(receiver->hooks, VERSION);
        hooks_set(receiver->hooks, "w", url, VERSIONS, NULL);
        hooks_add(receiver->hooks, VERSION);
        ml_deliverer_nudge(receiver->deliverer, MLEDGER_NO_SEQ);
        wait_for(&receiver->came);
    }
    hooks_add(receiver->hooks, "{'webhook_deleted': {'webhook_id': 'w'}}");
    while (webhooks_of(receiver) > 0)
        ml_deliverer_nudge(receiver->deliverer, MLEDGER_NO_SEQ);
    struct ml_deliverer_counts counts;
    ml_deliverer_counts(receiver->deliverer, &counts);
    assert_int_equal(counts.delivered, 6);
    assert_int_equal(counts.given_up + counts.retried, 0);
}

static void one_process_delivers(void **state)
{
    struct receiver *receiver = *state;
    char url[96];
    url_of(receiver, "/", url);
    hooks_set(receiver->hooks, "w", url, VERSIONS, NULL);
    start(receiver);
    hooks_add(receiver->hooks, VERSION);
    wait_for(&receiver->came);
    struct ml_deliverer *first = ML_TAKE(receiver->deliverer);
    start(receiver); /* as another process would: it has a lock of its own */
    hooks_add(receiver->hooks, VERSION);
    wait_for(&receiver->came);
    assert_int_equal(webhooks_of(receiver), 0);
    wait_delivered(first, 2);
    ml_deliverer_stop(first);
    hooks_add(receiver->hooks, VERSION);
    wait_for(&receiver->came);
    assert_int_equal(webhooks_of(receiver), 1);
    assert_string_equal(receiver->versions, "1 2 3 ");
}

int main(void)
{
#define DELIVERER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        DELIVERER(a_slow_receiver_holds_up_nobody),
        DELIVERER(webhooks_come_and_go),
        DELIVERER(one_process_delivers),
    };
    return cmocka_run_group_tests_name("deliverer", tests, NULL, NULL);
}
