/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server by itself: that it ends whatever its clients do. */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "serve/server.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/dial.h"

enum { CLIENTS = 8, ROUNDS = 20, BODY_MAX = 1000, LATE_US = 3000 };

/*
 * In place of the system's, where the server's library would use it: whoever takes something off
 * the list of what is waited for is late, so that two who both think they must will meet.
 * libmicrohttpd 0.9.75 aborts then.
 */
__attribute__((visibility("default"))) int epoll_ctl(int epfd, int op, int fd,
                                                     struct epoll_event *event)
{
    if (op == EPOLL_CTL_DEL)
        usleep(LATE_US);
    return (int)syscall(SYS_epoll_ctl, epfd, op, fd, event);
}

static int answer(const struct ml_server_request *request, void *context,
                  struct ml_server_reply *reply)
{
    (void)request, (void)context;
    reply->status = 200;
    return ml_buf_append_text(&reply->body, "good");
}

/* A request, and its whole answer; the connection stays open. */
static void ask(int fd)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char text[1024];
    size_t len = 0;
    assert_int_equal(send(fd, request, sizeof request - 1, MSG_NOSIGNAL), sizeof request - 1);
    do {
        const ssize_t got = recv(fd, text + len, sizeof text - len, 0);
        assert_true(got > 0);
        len += (size_t)got;
    } while (!memmem(text, len, "\r\n\r\ngood", 8));
}

/* The connections are given up at the moment at which the server takes no more: its threads are
 * awake then, and must not end it twice. */
static void stops_while_clients_leave(void **state)
{
    const bool *thread_each = *state;
    const struct ml_server_options options = {.address = "127.0.0.1:0",
                                              .body_max = BODY_MAX,
                                              .thread_each = *thread_each,
                                              .handle = answer};
    for (int round = 0; round < ROUNDS; round++) {
        struct ml_server *server;
        int clients[CLIENTS];
        assert_int_equal(ml_server_start(&options, &server), MLEDGER_OK);
        for (size_t i = 0; i < CLIENTS; i++)
            clients[i] = dial(server);
        for (size_t i = 0; i < CLIENTS; i += 2)
            ask(clients[i]);
        for (size_t i = 0; i < CLIENTS; i++)
            close(clients[i]);
        ml_server_stop(server);
    }
}

int main(void)
{
    static bool each = true, few = false;
    const struct CMUnitTest tests[] = {
        {"stops_while_clients_leave: few threads", stops_while_clients_leave, NULL, NULL, &few},
        {"stops_while_clients_leave: a thread each", stops_while_clients_leave, NULL, NULL, &each},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
