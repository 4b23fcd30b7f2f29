/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/http_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"

enum { URL_SIZE = 40 };

struct http_server {
    const struct http_exchange *exchanges;
    size_t count;
    int listener;
    int stop[2]; /* a pipe: closed at its writing end to stop */
    char url[URL_SIZE];
    struct ml_buf requests;
    pthread_t thread;
};

static int bind_somewhere(char url[URL_SIZE])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(url, URL_SIZE, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    return fd;
}

static int listen_somewhere(char url[URL_SIZE])
{
    int fd = bind_somewhere(url);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

/* The port is kept for as long as the program runs, so that no other one gets it. */
char *http_nobody(void)
{
    char url[URL_SIZE];
    bind_somewhere(url);
    char *copy = strdup(url);
    assert_non_null(copy);
    return copy;
}

/* False: the test wants an end. */
static bool wait_readable(const struct http_server *server, int fd)
{
    struct pollfd fds[] = {{.fd = server->stop[0], .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0)
        continue;
    return fds[0].revents == 0;
}

/* Whether `text` holds a whole request: its head, and as much body as that says. */
static bool is_whole(const char *text, size_t len)
{
    const char *end = memmem(text, len, "\r\n\r\n", 4);
    const char *length = memmem(text, len, "Content-Length: ", 16);
    if (!end)
        return false;
    size_t body = length && length < end ? strtoul(length + 16, NULL, 10) : 0;
    return len >= (size_t)(end + 4 - text) + body;
}

static bool read_request(struct http_server *server, int fd)
{
    size_t begin = server->requests.len;
    char bytes[4096];
    do {
        ssize_t got = wait_readable(server, fd) ? read(fd, bytes, sizeof bytes) : -1;
        if (got <= 0 || ml_buf_append(&server->requests, bytes, (size_t)got) < 0)
            return false;
    } while (!is_whole((const char *)server->requests.data + begin, server->requests.len - begin));
    return true;
}

static bool say(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent < 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static void answer(struct http_server *server, int fd, const struct http_exchange *exchange)
{
    static const char more[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    char byte;
    if (!say(fd, exchange->answer, strlen(exchange->answer)))
        return;
    if (exchange->manner == HTTP_HANG)
        while (wait_readable(server, fd) && read(fd, &byte, 1) > 0)
            continue;
    while (exchange->manner == HTTP_ENDLESS && say(fd, more, sizeof more - 1))
        continue;
}

static void *serve(void *context)
{
    struct http_server *server = context;
    for (size_t i = 0; i < server->count; i++) {
        if (!wait_readable(server, server->listener))
            return NULL;
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0 && read_request(server, fd))
            answer(server, fd, &server->exchanges[i]);
        close(fd);
    }
    return NULL;
}

struct http_server *http_server_start(const struct http_exchange *exchanges, size_t count)
{
    struct http_server *server = ml_calloc(1, sizeof *server);
    assert_non_null(server);
    server->exchanges = exchanges;
    server->count = count;
    server->listener = listen_somewhere(server->url);
    assert_int_equal(pipe2(server->stop, 0), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
    return server;
}

const char *http_server_url(const struct http_server *server)
{
    return server->url;
}

char *http_server_stop(struct http_server *server)
{
    char *requests = NULL;
    close(server->stop[1]);
    assert_int_equal(pthread_join(server->thread, NULL), 0);
    close(server->stop[0]);
    close(server->listener);
    assert_int_equal(ml_buf_take_text(&server->requests, &requests), MLEDGER_OK);
    ml_buf_release(&server->requests);
    free(server);
    return requests;
}
