/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no client of MLflow sends, and anybody may: requests that are cut off, too large, wrongly
 * counted, encoded to lead elsewhere. Each is answered or its connection closed, none with a fault
 * of the server's, and the next request is served. With MLEDGER_SOAK_SECONDS it goes on for so
 * long, from 64 connections at once, with bytes changed at random.
 */
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/rest_calls.h"

enum { PATIENCE_MS = 60000, CONNECTIONS = 64, HEAD = 512, SLOW_BYTES = 40 };

#define BASE "/api/2.0/mlflow/"
#define ARTIFACTS "/api/2.0/mlflow-artifacts/artifacts/"
#define TYPE "Host: localhost\r\nContent-Type: application/json\r\n"
#define POST(path) "POST " BASE path " HTTP/1.1\r\n" TYPE
#define GET(target) "GET " target " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
#define CLOSE "Connection: close\r\n"

/* `fill` stands for as many bytes as `count` says, between `before` and `after`. */
struct request {
    const char *what;
    const char *before, *fill, *after;
    size_t count;      /* how often the fill */
    size_t before_len; /* where it holds a NUL; 0: to its end */
    bool has_length;   /* a Content-Length of what follows the head is put into it */
};

static const struct request requests[] = {
    {.what = "nothing", .before = ""},
    {.what = "a head that is cut off", .before = "GET " BASE "experi"},
    {.what = "a head without an end", .before = "GET " BASE "runs/get HTTP/1.1\r\nHost: lo"},
    {.what = "no HTTP", .before = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", .before_len = 11},
    {.what = "a line of garbage", .before = "\xff\xfe\xfd / \x01\x02\r\n\r\n"},
    {.what = "an unknown method", .before = "BREW " BASE "runs/get HTTP/1.1\r\n" CLOSE TYPE "\r\n"},
    {.what = "another version", .before = "GET " BASE "runs/get HTTP/3.7\r\n" CLOSE TYPE "\r\n"},
    {.what = "no version", .before = "GET " BASE "runs/get\r\n\r\n"},
    {.what = "an asterisk", .before = "OPTIONS * HTTP/1.1\r\n" CLOSE TYPE "\r\n"},
    {.what = "a whole URL", .before = GET("http://localhost" BASE "runs/get?run_id=x")},
    {.what = "a huge header",
     .before = POST("runs/search") CLOSE "X: ",
     .fill = "a",
     .count = 100000,
     .after = "\r\n\r\n"},
    {.what = "many headers",
     .before = POST("runs/search") CLOSE,
     .fill = "X: y\r\n",
     .count = 20000,
     .after = "\r\n"},
    {.what = "a huge path",
     .before = "GET " BASE,
     .fill = "a/",
     .count = 50000,
     .after = " HTTP/1.1\r\nHost: localhost\r\n\r\n"},
    {.what = "many arguments",
     .before = "GET " BASE "experiments/search?",
     .fill = "order_by=name&",
     .count = 1000,
     .after = " HTTP/1.1\r\nHost: localhost\r\n" CLOSE "\r\n"},
    {.what = "a header without a colon",
     .before = "GET " BASE "runs/get HTTP/1.1\r\nHost localhost\r\n" CLOSE "\r\n"},
    {.what = "a NUL in a header",
     .before = "GET " BASE "runs/get HTTP/1.1\r\nHost: a\0b\r\n\r\n",
     .before_len = sizeof("GET " BASE "runs/get HTTP/1.1\r\nHost: a\0b\r\n\r\n") - 1},
    {.what = "a length that is none",
     .before = POST("runs/search") CLOSE "Content-Length: many\r\n\r\n{}"},
    {.what = "a negative length",
     .before = POST("runs/search") CLOSE "Content-Length: -2\r\n\r\n{}"},
    {.what = "a length past all",
     .before = POST("runs/search") CLOSE "Content-Length: 99999999999999999999\r\n\r\n{}"},
    {.what = "a length that is too long",
     .before = POST("runs/search") CLOSE "Content-Length: 200\r\n\r\n{}"},
    {.what = "a length that is too short",
     .before = POST("runs/search") "Content-Length: 1\r\n\r\n{} trailing"},
    {.what = "two lengths",
     .before = POST("runs/search") CLOSE "Content-Length: 2\r\nContent-Length: 200\r\n\r\n{}"},
    {.what = "a body over what is taken",
     .before = POST("runs/search") CLOSE,
     .fill = " ",
     .count = ML_REST_BODY_MAX + 1,
     .has_length = true},
    {.what = "a chunk that has no size",
     .before = POST("runs/search") CLOSE "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"},
    {.what = "a chunk of a negative size",
     .before = POST("runs/search") CLOSE "Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n"},
    {.what = "a chunk past all",
     .before =
         POST("runs/search") CLOSE "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}"},
    {.what = "chunks that do not end",
     .before = POST("runs/search") CLOSE "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"},
    {.what = "chunks and a length",
     .before = POST("runs/search") CLOSE
     "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
    {.what = "another encoding",
     .before = POST("runs/search") CLOSE "Transfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"},
    {.what = "a promise of much",
     .before = POST("runs/search") CLOSE "Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n"},
    {.what = "a way up", .before = GET(ARTIFACTS "../../../etc/passwd")},
    {.what = "an encoded way up",
     .before = GET(ARTIFACTS "0/x/artifacts/..%2f..%2f..%2fetc/passwd")},
    {.what = "dots that are encoded", .before = GET(ARTIFACTS "%2e%2e/%2e%2e/etc/passwd")},
    {.what = "overlong dots", .before = GET(ARTIFACTS "%c0%ae%c0%ae/etc/passwd")},
    {.what = "backslashes", .before = GET(ARTIFACTS "0/x/artifacts/..%5c..%5cboot.ini")},
    {.what = "an encoded NUL", .before = GET(ARTIFACTS "0/x/artifacts/a%00b")},
    {.what = "a percent alone", .before = GET(BASE "runs/get?run_id=%&x=%1&y=%zz")},
    {.what = "an argument that is no UTF-8", .before = GET(BASE "runs/get?run_id=%ff%fe")},
    {.what = "a NUL in an argument", .before = GET(BASE "runs/get?run_id=a%00b")},
    {.what = "a page that is none", .before = GET(BASE "model-versions/search?page_token=-1e99")},
    {.what = "a file that leads up",
     .before = "PUT " ARTIFACTS "0/x/artifacts/../../y HTTP/1.1\r\nHost: localhost\r\n" CLOSE,
     .after = "content",
     .has_length = true},
    {.what = "no JSON", .before = POST("runs/search") CLOSE, .after = "{", .has_length = true},
    {.what = "JSON that is no UTF-8",
     .before = POST("experiments/create") CLOSE,
     .after = "{\"name\": \"\xff\xfe\"}",
     .has_length = true},
    {.what = "a NUL in JSON",
     .before = POST("experiments/create") CLOSE,
     .after = "{\"name\": \"a\\u0000b\"}",
     .has_length = true},
    {.what = "half a surrogate",
     .before = POST("experiments/create") CLOSE,
     .after = "{\"name\": \"\\ud800\"}",
     .has_length = true},
    {.what = "a number past all",
     .before = POST("runs/log-metric") CLOSE,
     .after = "{\"run_id\": \"x\", \"key\": \"a\", \"value\": 1e999, \"timestamp\": 1}",
     .has_length = true},
    {.what = "a key twice",
     .before = POST("experiments/create") CLOSE,
     .after = "{\"name\": \"a\", \"name\": \"b\"}",
     .has_length = true},
    {.what = "a name cut within a character",
     .before = POST("registered-models/create") CLOSE "Content-Length: 613\r\n\r\n{\"name\": \"/",
     .fill = "\xc3\xa9",
     .count = 300,
     .after = "\"}"},
    {.what = "deep lists",
     .before = POST("runs/search") CLOSE,
     .fill = "[",
     .count = 200000,
     .has_length = true},
    {.what = "deep objects",
     .before = POST("runs/search") CLOSE,
     .fill = "{\"a\":",
     .count = 100000,
     .has_length = true},
    {.what = "a filter of quotes",
     .before = POST("runs/search") CLOSE "",
     .fill =
         "{\"experiment_ids\": [\"0\"], \"filter\": \"tags.`a`.`b` = '''''' and name like '%_%'\"}",
     .count = 1,
     .has_length = true},
    {.what = "many orders",
     .before = POST("runs/search") CLOSE,
     .fill = "{\"order_by\": [\"a\", \"a\"], \"order_by\": 1}",
     .count = 1000,
     .has_length = true},
};

/* ---- bytes ---- */

/* What the request is, for the caller to free. */
static char *make(const struct request *request, size_t *ret_size)
{
    const size_t before = request->before_len ? request->before_len : strlen(request->before);
    const size_t fill = request->fill ? strlen(request->fill) : 0;
    const size_t after = request->after ? strlen(request->after) : 0;
    char *bytes = malloc(before + fill * request->count + after + HEAD);
    assert_non_null(bytes);
    memcpy(bytes, request->before, before);
    size_t size = before;
    if (request->has_length)
        size += (size_t)snprintf(bytes + size, HEAD, "Content-Length: %zu\r\n\r\n",
                                 fill * request->count + after);
    for (size_t i = 0; i < request->count; i++, size += fill)
        memcpy(bytes + size, request->fill, fill);
    if (after)
        memcpy(bytes + size, request->after, after);
    *ret_size = size + after;
    return bytes;
}

/* ---- connections ---- */

static int connect_to(const struct rest_fixture *fixture)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)strtoul(strrchr(fixture->base, ':') + 1, NULL, 10))};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Sends what the server takes; it may close before the end. `slow`: one byte at a time at first. */
static void send_all(int fd, const char *bytes, size_t size, bool slow)
{
    for (size_t done = 0; done < size;) {
        const size_t most = slow && done < SLOW_BYTES ? 1 : size - done;
        const ssize_t count = send(fd, bytes + done, most, MSG_NOSIGNAL);
        if (count <= 0)
            break;
        done += (size_t)count;
    }
    shutdown(fd, SHUT_WR);
}

/* The status of the first answer; 0: the connection was closed without one; -1: neither, for as
 * long as a test waits. */
static int read_status(int fd)
{
    char text[4096];
    size_t len = 0;
    while (true) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (poll(&wait, 1, PATIENCE_MS) <= 0)
            return -1;
        const ssize_t count = recv(fd, text + len, sizeof text - 1 - len, 0);
        if (count <= 0)
            break;
        /* The rest is only waited for. */
        if (len < HEAD)
            len += (size_t)count;
        if (len >= HEAD)
            len = HEAD;
    }
    text[len] = '\0';
    return strncmp(text, "HTTP/1.", 7) == 0 && len > 12 ? (int)strtol(text + 9, NULL, 10) : 0;
}

static int exchange(const struct rest_fixture *fixture, const char *bytes, size_t size, bool slow)
{
    const int fd = connect_to(fixture);
    if (fd < 0)
        return -1;
    send_all(fd, bytes, size, slow);
    const int status = read_status(fd);
    close(fd);
    return status;
}

/* 501 and 505 say that the request is of no kind that is served; others are the server's fault. */
static bool is_fault(int status)
{
    return status < 0 || (status >= 500 && status != 501 && status != 505);
}

/* ---- one after the other ---- */

static void test_each(void **state)
{
    for (size_t i = 0; i < ML_COUNT(requests); i++) {
        size_t size;
        char *bytes = make(&requests[i], &size);
        const int status = exchange(*state, bytes, size, i % 8 == 0);
        free(bytes);
        if (is_fault(status))
            fail_msg("%s: %d", requests[i].what, status);
        if (status == 200)
            assert_null(strstr(requests[i].what, "way up"));
    }
    rest_done(*state, "GET", "experiments/get?experiment_id=0", NULL);
}

/* What is answered, where it is not closed: a client must learn that it is its own fault. */
static void test_answers(void **state)
{
    static const struct {
        const char *what;
        int status;
    } cases[] = {{"a huge header", 431},
                 {"a length that is none", 400},
                 {"a body over what is taken", 413},
                 {"an encoded way up", 400},
                 {"dots that are encoded", 400},
                 {"backslashes", 400},
                 {"no JSON", 400},
                 {"JSON that is no UTF-8", 400},
                 {"a NUL in JSON", 400},
                 {"half a surrogate", 400},
                 {"a key twice", 400},
                 {"deep lists", 400},
                 {"deep objects", 400},
                 {"overlong dots", 400},
                 {"a name cut within a character", 400},
                 {"a page that is none", 400}};
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        size_t k = 0, size;
        while (strcmp(requests[k].what, cases[i].what) != 0)
            assert_true(++k < ML_COUNT(requests));
        char *bytes = make(&requests[k], &size);
        const int status = exchange(*state, bytes, size, false);
        free(bytes);
        if (status != cases[i].status)
            fail_msg("%s: %d, not %d", cases[i].what, status, cases[i].status);
    }
}

/* ---- all at once, for long ---- */

struct soak {
    struct rest_fixture *fixture;
    time_t end;
    atomic_size_t sent, answered, closed, faults;
};

struct sender {
    struct soak *soak;
    uint64_t random; /* xorshift64, never 0 */
};

static uint64_t draw(struct sender *sender)
{
    sender->random ^= sender->random << 13;
    sender->random ^= sender->random >> 7;
    sender->random ^= sender->random << 17;
    return sender->random;
}

/* Changes a few bytes, mostly of the head, or cuts the rest off. */
static size_t damage(struct sender *sender, char *bytes, size_t size)
{
    const uint64_t count = draw(sender) % 4;
    for (uint64_t i = 0; i < count && size > 0; i++)
        bytes[draw(sender) % (draw(sender) % 4 ? (size < HEAD ? size : HEAD) : size)] =
            (char)draw(sender);
    return draw(sender) % 8 == 0 && size > 0 ? draw(sender) % size : size;
}

static void *send_for_long(void *argument)
{
    struct sender *sender = argument;
    struct soak *soak = sender->soak;
    while (time(NULL) < soak->end) {
        size_t size;
        char *bytes = make(&requests[draw(sender) % ML_COUNT(requests)], &size);
        size = damage(sender, bytes, size);
        const int status = exchange(soak->fixture, bytes, size, draw(sender) % 16 == 0);
        free(bytes);
        atomic_fetch_add(&soak->sent, 1);
        atomic_fetch_add(status > 0 ? &soak->answered : &soak->closed, 1);
        if (is_fault(status)) {
            print_error("status %d\n", status);
            atomic_fetch_add(&soak->faults, 1);
        }
    }
    return NULL;
}

static void test_soak(void **state)
{
    const char *seconds = getenv("MLEDGER_SOAK_SECONDS"); /* NOLINT(concurrency-mt-unsafe) */
    struct sender senders[CONNECTIONS];
    pthread_t threads[CONNECTIONS];
    if (!seconds)
        skip();
    struct soak soak = {.fixture = *state, .end = time(NULL) + strtol(seconds, NULL, 10)};
    for (size_t i = 0; i < CONNECTIONS; i++) {
        senders[i] = (struct sender){&soak, 0x9e3779b97f4a7c15 * (i + 1)};
        assert_int_equal(pthread_create(&threads[i], NULL, send_for_long, &senders[i]), 0);
    }
    for (size_t i = 0; i < CONNECTIONS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    print_message("%zu requests, %zu answered, %zu closed\n", soak.sent, soak.answered,
                  soak.closed);
    assert_int_equal(soak.faults, 0);
    rest_done(*state, "GET", "experiments/get?experiment_id=0", NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, rest_setup, rest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_each), TEST(test_answers), TEST(test_soak)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
