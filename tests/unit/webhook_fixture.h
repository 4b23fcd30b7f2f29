/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger with a webhook or some, and receivers that say what a test wants. */
#ifndef TESTS_WEBHOOK_FIXTURE_H
#define TESTS_WEBHOOK_FIXTURE_H

#include "serve/webhook/cursor.h"
#include "serve/webhook/lane.h"
#include "serve/webhook/secret.h"
#include "tests/unit/http_server.h"
#include "tests/unit/ledger_fixture.h"

enum { HOOK_START_US = 1700000000 }; /* seconds: the clock of lanes */
#define HOOK_SECOND INT64_C(1000000)

#define HOOK_ANSWER(status)                                                                        \
    {                                                                                              \
        HTTP_ANSWER, "HTTP/1.1 " status "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"       \
    }

struct hooks {
    struct fixture ledger;
    char secrets_dir[96];
    char *cursors_dir;
    struct ml_lane_counts counts;
    struct ml_lane_options options;
    atomic_int failures; /* that were told */
    char told[1024];     /* the last of them; read when no thread is at work */
    int64_t now_us;      /* the clock of lanes */
};

/* For cmocka. */
int hooks_set_up(void **state);
int hooks_tear_down(void **state);

/* Sets the webhook `id`, called "hook-ID", to be told of the events ("'a', 'b'"); `secret` may be
 * NULL. Gives the record. */
uint64_t hooks_set(struct hooks *hooks, const char *id, const char *url, const char *events,
                   const char *secret);
/* The same, disabled. */
uint64_t hooks_disable(struct hooks *hooks, const char *id, const char *url);
/* A record of a line where ' stands for ". */
uint64_t hooks_add(struct hooks *hooks, const char *line);

struct ml_lane *hooks_lane(struct hooks *hooks, const char *id);
/* Steps until it is not AGAIN, at most so often; gives the last result. */
int hooks_run(struct hooks *hooks, struct ml_lane *lane, int64_t *ret_due_us);

/* The request number `i` of those that came, from its first line on, cut off after it; the value of
 * a header of it, "" without; its body. All static, used in turn. */
const char *hooks_request(const char *requests, size_t i);
const char *hooks_header(const char *request, const char *name);
const char *hooks_body(const char *request);
size_t hooks_count(const char *requests);

#endif
