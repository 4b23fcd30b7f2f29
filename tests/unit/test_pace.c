/* SPDX-License-Identifier: Apache-2.0 */
/* How fast connections must be; and what a server does with those that are not, or too many. */
#include <stdio.h>
#include <unistd.h>

#include "serve/server.h"
#include "tests/unit/dial.h"

/* ---- the rules, with times that are numbers ---- */

static const struct ml_pace_rules rules = {
    .head_ms = 1000, .surplus_ms = 100, .grace_ms = 2000, .bytes_per_s = 10, .connections_max = 4};

struct joined {
    struct ml_pace_client client;
    int ours; /* the other end */
};

static void join(struct ml_pace *pace, struct joined *joined, int64_t now_ms)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    joined->ours = pair[1];
    ml_pace_join(pace, &joined->client, pair[0], now_ms);
}

static void leave(struct joined *joined)
{
    ml_pace_leave(&joined->client);
    close(joined->client.fd);
    close(joined->ours);
}

static bool is_cut(const struct joined *joined)
{
    char byte;
    return recv(joined->ours, &byte, 1, MSG_DONTWAIT) == 0;
}

static void test_heads_and_bodies(void **state)
{
    (void)state;
    struct ml_pace pace;
    struct joined one;
    assert_int_equal(ml_pace_init(&pace, &rules), MLEDGER_OK);
    join(&pace, &one, 5000);
    assert_int_equal(ml_pace_cut(&pace, 5999), 0);
    ml_pace_serve(&one.client);
    assert_int_equal(ml_pace_cut(&pace, 900000), 0);
    ml_pace_body(&one.client, 6000);
    assert_int_equal(ml_pace_cut(&pace, 7999), 0);
    ml_pace_piece(&one.client, 15); /* a second more, and a half that does not count */
    assert_int_equal(ml_pace_cut(&pace, 8999), 0);
    ml_pace_piece(&one.client, 5);
    assert_int_equal(ml_pace_cut(&pace, 9999), 0);
    ml_pace_reply(&one.client, 30, 10000);
    assert_int_equal(ml_pace_cut(&pace, 14999), 0);
    ml_pace_head(&one.client, 15000);
    assert_int_equal(ml_pace_cut(&pace, 15999), 0);
    assert_false(is_cut(&one));
    assert_int_equal(ml_pace_cut(&pace, 16000), 1);
    assert_true(is_cut(&one));
    assert_int_equal(ml_pace_cut(&pace, 16000), 0); /* once */
    ml_pace_reply(&one.client, UINT64_MAX, 0);      /* no sum overflows */
    assert_int_equal(ml_pace_cut(&pace, INT64_C(1) << 40), 0);
    leave(&one);
    ml_pace_release(&pace);
}

static void test_surplus(void **state)
{
    (void)state;
    struct ml_pace pace;
    struct joined all[6];
    assert_int_equal(ml_pace_init(&pace, &rules), MLEDGER_OK);
    for (size_t i = 0; i < ML_COUNT(all); i++) {
        assert_int_equal(ml_pace_is_crowded(&pace), i > 3);
        join(&pace, &all[i], 0);
        assert_int_equal(all[i].client.is_surplus, i >= 4);
    }
    assert_int_equal(ml_pace_cut(&pace, 100), 2);
    assert_true(is_cut(&all[5]));
    assert_false(is_cut(&all[3]));
    leave(&all[2]);
    leave(&all[4]);
    leave(&all[0]);
    join(&pace, &all[0], 200); /* there is room again */
    assert_false(all[0].client.is_surplus);
    leave(&all[0]);
    leave(&all[1]);
    leave(&all[3]);
    leave(&all[5]);
    assert_int_equal(pace.count, 0);
    ml_pace_release(&pace);
}

/* ---- a server ---- */

enum { BODY_MAX = 1000 };

static int answer(const struct ml_server_request *request, void *context,
                  struct ml_server_reply *reply)
{
    (void)request, (void)context;
    reply->status = 200;
    return ml_buf_append_text(&reply->body, "good");
}

static struct ml_server *start(struct ml_pace_rules pace)
{
    const struct ml_server_options options = {.address = "127.0.0.1:0",
                                              .body_max = BODY_MAX,
                                              .pace = pace,
                                              .thread_each = true,
                                              .handle = answer};
    struct ml_server *server;
    assert_int_equal(ml_server_start(&options, &server), MLEDGER_OK);
    return server;
}

static void tell(int fd, const char *text)
{
    /* A server that has said no may be gone. */
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* All that comes until the server ends the connection. */
static void hear_all(int fd, char text[4096])
{
    size_t len = 0;
    ssize_t got;
    while ((got = recv(fd, text + len, 4095 - len, 0)) > 0)
        len += (size_t)got;
    text[len] = '\0';
    close(fd);
}

/* Those that say nothing are taken in their order, so the next one is too many. */
static void test_server_full(void **state)
{
    (void)state;
    char text[4096];
    int silent[2];
    struct ml_server *server = start((struct ml_pace_rules){.connections_max = ML_COUNT(silent)});
    for (size_t i = 0; i < ML_COUNT(silent); i++)
        silent[i] = dial(server);
    const int next = dial(server);
    tell(next, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    hear_all(next, text);
    assert_non_null(strstr(text, "HTTP/1.1 503 "));
    assert_non_null(strstr(text, "Retry-After: 1\r\n"));
    assert_non_null(strstr(text, "Connection: close\r\n"));
    tell(silent[0], "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    hear_all(silent[0], text); /* which no longer keeps it open */
    assert_non_null(strstr(text, "HTTP/1.1 200 "));
    close(silent[1]);
    ml_server_stop(server);
}

/* A head of which the last line never comes, and a body likewise. */
static void test_server_slow(void **state)
{
    (void)state;
    char text[4096];
    struct ml_server *server = start((struct ml_pace_rules){.head_ms = 20, .grace_ms = 20});
    const int head = dial(server);
    tell(head, "GET / HTTP/1.1\r\nHost: localhost\r\n");
    hear_all(head, text);
    assert_string_equal(text, "");
    const int body = dial(server);
    tell(body, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n0123456789");
    hear_all(body, text);
    assert_null(strstr(text, "good"));
    ml_server_stop(server);
}

static void test_server_sizes(void **state)
{
    (void)state;
    char text[4096], head[2048];
    struct ml_server *server = start((struct ml_pace_rules){0});
    int fd = dial(server);
    snprintf(head, sizeof head,
             "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
             "Content-Length: %d\r\n\r\n%*s",
             BODY_MAX + 1, BODY_MAX + 1, "x");
    tell(fd, head);
    hear_all(fd, text);
    assert_non_null(strstr(text, "HTTP/1.1 413 "));
    fd = dial(server);
    tell(fd, "GET / HTTP/1.1\r\nHost: localhost\r\n");
    for (int i = 0; i < ML_SERVER_HEAD_MAX / 1000 + 1; i++) {
        snprintf(head, sizeof head, "X-%d: %*s\r\n", i, 990, "x");
        tell(fd, head);
    }
    tell(fd, "\r\n");
    hear_all(fd, text);
    assert_non_null(strstr(text, "HTTP/1.1 431 "));
    ml_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads_and_bodies), cmocka_unit_test(test_surplus),
        cmocka_unit_test(test_server_full),      cmocka_unit_test(test_server_slow),
        cmocka_unit_test(test_server_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
