/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client against a server that answers well, badly, late, too much, or not at all. */
#include <stdio.h>
#include <string.h>

#include "ingest/http.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/http_server.h"

static const struct http_exchange fine[] = {
    {HTTP_ANSWER, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
                  "Connection: close\r\n\r\nhello"},
    {HTTP_ANSWER, "HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\n"
                  "Content-Length: 3\r\nConnection: close\r\n\r\n12\n"},
};

static struct ml_http_client *new_client(const struct ml_http_options *options)
{
    struct ml_http_client *client = NULL;
    assert_int_equal(ml_http_client_new(options, &client), MLEDGER_OK);
    return client;
}

/* One GET under `options` of what the server does; the error's text is left to look at. */
static int get_once(const struct ml_http_options *options, const struct http_exchange *exchange,
                    struct ml_http_response *response)
{
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = new_client(options);
    struct http_server *server = http_server_start(exchange, 1);
    int result = ml_http_get(client, http_server_url(server), response);
    free(http_server_stop(server));
    return result;
}

static void gets_and_posts(void **state)
{
    (void)state;
    const struct ml_http_options options = {.headers = (const char *const[]){"X-Test: 1", NULL}};
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = new_client(&options);
    ML_CLEANUP(ml_http_response_release) struct ml_http_response first = {0}, second = {0};
    struct http_server *server = http_server_start(fine, 2);
    assert_int_equal(ml_http_get(client, http_server_url(server), &first), MLEDGER_OK);
    assert_int_equal(first.status, 200);
    assert_string_equal(first.content_type, "text/plain");
    assert_true(ml_span_equal(ml_buf_span(&first.body), ML_SPAN("hello", 5)));
    assert_int_equal(
        ml_http_post(client, http_server_url(server), "text/odd", ML_SPAN("a\0b", 3), &second),
        MLEDGER_OK);
    assert_int_equal(second.status, 409);
    assert_string_equal(second.content_type, "text/x.tlog.size");
    assert_true(ml_span_equal(ml_buf_span(&second.body), ML_SPAN("12\n", 3)));
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_memory_equal(requests, "GET / HTTP/1.1\r\n", 16);
    assert_non_null(strstr(requests, "\r\nX-Test: 1\r\n"));
    const char *post = strstr(requests, "POST / HTTP/1.1\r\n");
    assert_non_null(post);
    assert_non_null(strstr(post, "\r\nContent-Type: text/odd\r\n"));
    assert_non_null(strstr(post, "\r\nContent-Length: 3\r\n"));
    assert_non_null(strstr(post, "\r\nX-Test: 1\r\n"));
    assert_null(strstr(requests, "Authorization"));
}

/* An empty body, and one long enough that libcurl would ask first whether it is wanted. */
static void posts_of_all_sizes(void **state)
{
    (void)state;
    const struct ml_http_options options = {0};
    static char large[5000];
    memset(large, 'l', sizeof large);
    const struct ml_span bodies[] = {{NULL, 0}, ML_SPAN(large, sizeof large)};
    const struct http_exchange exchanges[] = {fine[0], fine[0]};
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = new_client(&options);
    struct http_server *server = http_server_start(exchanges, 2);
    for (size_t i = 0; i < ML_COUNT(bodies); i++) {
        ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
        assert_int_equal(ml_http_post(client, http_server_url(server), NULL, bodies[i], &response),
                         MLEDGER_OK);
        assert_int_equal(response.status, 200);
    }
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_non_null(strstr(requests, "\r\nContent-Length: 0\r\n"));
    assert_non_null(strstr(requests, "\r\nContent-Length: 5000\r\n"));
    assert_null(strstr(requests, "Expect:"));
    assert_null(strstr(requests, "Content-Type:"));
}

static void credentials(void **state)
{
    (void)state;
    static const struct {
        struct ml_http_options options;
        const char *header;
    } cases[] = {
        {{.bearer = "t0ken"}, "\r\nAuthorization: Bearer t0ken\r\n"},
        {{.user = "Aladdin", .password = "open sesame"},
         "\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_http_client_freep)
        struct ml_http_client *client = new_client(&cases[i].options);
        ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
        struct http_server *server = http_server_start(fine, 1);
        assert_int_equal(ml_http_get(client, http_server_url(server), &response), MLEDGER_OK);
        ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
        assert_non_null(strstr(requests, cases[i].header));
    }
}

/* What a line break would smuggle into the request. */
static void line_breaks(void **state)
{
    (void)state;
    const struct ml_http_options bad[] = {
        {.headers = (const char *const[]){"X: 1\r\nY: 2", NULL}},
        {.bearer = "t\nHost: x"},
        {.user = "a\r\nb", .password = ""},
        {.user = "a", .password = "\n"},
    };
    const struct ml_http_options good = {0};
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = new_client(&good);
    struct ml_http_client *none = NULL;
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        assert_int_equal(ml_http_client_new(&bad[i], &none), MLEDGER_EUSAGE);
    assert_int_equal(ml_http_post(client, "http://127.0.0.1:1/", "text/plain\r\nX: 1",
                                  ML_SPAN("", 0), &response),
                     MLEDGER_EUSAGE);
}

static void urls(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",        "ftp://127.0.0.1/", "file:///etc/hostname", "gopher://127.0.0.1/",
        "http://", "http://a b/",      "witness.example",
    };
    const struct ml_http_options options = {0};
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = new_client(&options);
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    for (size_t i = 0; i < ML_COUNT(bad); i++) {
        if (ml_http_get(client, bad[i], &response) != MLEDGER_EUSAGE)
            fail_msg("accepted: %s", bad[i]);
        assert_non_null(strstr(mledger_error_text(), "is no http or https URL"));
    }
    assert_int_equal(ml_http_get(client, "http://me:secret@127.0.0.1/", &response), MLEDGER_EUSAGE);
    assert_null(strstr(mledger_error_text(), "secret"));
    assert_int_equal(ml_http_url_check("https://witness.example/a/"), MLEDGER_OK);
}

static void refused_connection(void **state)
{
    (void)state;
    const struct ml_http_options options = {0};
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = new_client(&options);
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    ML_CLEANUP(ml_freep) char *url = http_nobody();
    char want[96];
    snprintf(want, sizeof want, "cannot reach %s: Connection refused", url);
    assert_int_equal(ml_http_get(client, url, &response), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(), want);
}

/* Statuses are answers, not errors; a redirect that is not allowed is one too. */
static void statuses(void **state)
{
    (void)state;
    const struct ml_http_options options = {0};
    static const struct http_exchange answers[] = {
        {HTTP_ANSWER, "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwhat"},
        {HTTP_ANSWER, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                      "Content-Length: 0\r\nConnection: close\r\n\r\n"},
        {HTTP_ANSWER, "HTTP/1.0 204 Nothing\r\n\r\n"},
    };
    static const int statuses[] = {500, 302, 204};
    for (size_t i = 0; i < ML_COUNT(answers); i++) {
        ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
        assert_int_equal(get_once(&options, &answers[i], &response), MLEDGER_OK);
        assert_int_equal(response.status, statuses[i]);
        assert_string_equal(response.content_type, "");
    }
}

static void bad_answers(void **state)
{
    (void)state;
    static const struct {
        struct http_exchange exchange;
        const char *text;
    } cases[] = {
        {{HTTP_ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut"}, "was cut off"},
        {{HTTP_ANSWER, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\ncut"},
         "was cut off"},
        {{HTTP_ANSWER, ""}, "was cut off"},
        {{HTTP_ANSWER, "220 mail.example ESMTP\r\n"}, "failed: "},
        {{HTTP_ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"},
         "is larger than 1000 bytes"},
        {{HTTP_ENDLESS, "HTTP/1.1 200 OK\r\n\r\n"}, "is larger than 1000 bytes"},
        {{HTTP_ANSWER, "HTTP/1.1 302 Found\r\nLocation: file:///etc/hostname\r\n"
                       "Content-Length: 0\r\n\r\n"},
         "failed: "},
    };
    const struct ml_http_options options = {.response_max = 1000, .redirects = 1};
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
        assert_int_equal(get_once(&options, &cases[i].exchange, &response), MLEDGER_ESYSTEM);
        if (!strstr(mledger_error_text(), cases[i].text))
            fail_msg("case %zu: %s", i, mledger_error_text());
        assert_int_equal(response.body.len, 0);
    }
}

/* Both a server that says nothing and one that stops in the middle. */
static void late_answers(void **state)
{
    (void)state;
    static const struct http_exchange late[] = {
        {HTTP_HANG, ""},
        {HTTP_HANG, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"},
    };
    const struct ml_http_options options = {.timeout_ms = 100};
    for (size_t i = 0; i < ML_COUNT(late); i++) {
        ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
        assert_int_equal(get_once(&options, &late[i], &response), MLEDGER_ESYSTEM);
        assert_non_null(strstr(mledger_error_text(), "has not answered within 100 ms"));
    }
}

static void redirects(void **state)
{
    (void)state;
    const struct http_exchange answers[] = {
        {HTTP_ANSWER, "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n"
                      "Connection: close\r\n\r\n"},
        fine[0],
    };
    const struct http_exchange circle[] = {answers[0], answers[0]};
    const struct ml_http_options options = {.redirects = 1};
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = new_client(&options);
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0}, none = {0};
    struct http_server *server = http_server_start(answers, 2);
    assert_int_equal(ml_http_get(client, http_server_url(server), &response), MLEDGER_OK);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_int_equal(response.status, 200);
    assert_non_null(strstr(requests, "GET /there HTTP/1.1\r\n"));
    server = http_server_start(circle, 2);
    assert_int_equal(ml_http_get(client, http_server_url(server), &none), MLEDGER_ESYSTEM);
    free(http_server_stop(server));
}

static int take_bytes(void *context, struct ml_span bytes)
{
    return ml_buf_append(context, bytes.data, bytes.len);
}

static int refuse_bytes(void *context, struct ml_span bytes)
{
    (void)context;
    (void)bytes;
    return ml_fail(MLEDGER_EREFUSED, "the sink is full");
}

/* Downloads what the server says once. */
static int download_once(const struct http_exchange *exchange, uint64_t max, ml_http_sink *sink,
                         struct ml_buf *taken, struct ml_http_response *response)
{
    const struct ml_http_options options = {.response_max = 1000, .timeout_ms = 1000};
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = new_client(&options);
    struct http_server *server = http_server_start(exchange, 1);
    int result = ml_http_download(client, http_server_url(server), max, sink, taken, response);
    free(http_server_stop(server));
    return result;
}

/* More than an answer may be otherwise; of another status the body is an answer as ever. */
static void downloads(void **state)
{
    static char large[4096] = "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n";
    static const struct http_exchange missing = {
        HTTP_ANSWER, "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nnone"};
    const size_t head = strlen(large);
    (void)state;
    memset(large + head, 'x', 4000);
    const struct http_exchange exchange = {HTTP_ANSWER, large};
    ML_CLEANUP(ml_buf_release) struct ml_buf taken = {0};
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0}, other = {0};
    assert_int_equal(download_once(&exchange, 4000, take_bytes, &taken, &response), MLEDGER_OK);
    assert_int_equal(taken.len, 4000);
    assert_int_equal(response.status, 200);
    assert_int_equal(response.body.len, 0);
    assert_int_equal(download_once(&missing, 4000, take_bytes, &taken, &other), MLEDGER_OK);
    assert_int_equal(taken.len, 4000);
    assert_int_equal(other.status, 404);
    assert_int_equal(other.body.len, 4);
}

static void downloads_that_fail(void **state)
{
    static const struct {
        struct http_exchange exchange;
        ml_http_sink *sink;
        int result;
        const char *text;
    } cases[] = {
        {{HTTP_ENDLESS, "HTTP/1.1 200 OK\r\n\r\n"},
         take_bytes,
         MLEDGER_ESYSTEM,
         "is larger than 2000 bytes"},
        {{HTTP_ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut"},
         take_bytes,
         MLEDGER_ESYSTEM,
         "was cut off"},
        {{HTTP_HANG, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"},
         take_bytes,
         MLEDGER_ESYSTEM,
         "has not answered within"},
        {{HTTP_ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nall"},
         refuse_bytes,
         MLEDGER_EREFUSED,
         "the sink is full"},
    };
    (void)state;
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf taken = {0};
        ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
        assert_int_equal(download_once(&cases[i].exchange, 2000, cases[i].sink, &taken, &response),
                         cases[i].result);
        if (!strstr(mledger_error_text(), cases[i].text))
            fail_msg("case %zu: %s", i, mledger_error_text());
    }
}

/* A connection is judged by its address, whatever the name was. */
static void networks(void **state)
{
    (void)state;
    const struct ml_http_options there = {.networks = ML_ADDRESS_BIT(ML_ADDRESS_LOOPBACK)};
    const struct ml_http_options elsewhere = {.networks = ML_ADDRESS_BIT(ML_ADDRESS_PUBLIC) |
                                                          ML_ADDRESS_BIT(ML_ADDRESS_PRIVATE)};
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    assert_int_equal(get_once(&there, fine, &response), MLEDGER_OK);
    assert_int_equal(response.status, 200);
    ml_http_response_release(&response);
    assert_int_equal(get_once(&elsewhere, fine, &response), MLEDGER_EUSAGE);
    assert_non_null(strstr(mledger_error_text(), "network"));

    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = new_client(&elsewhere);
    struct http_server *server = http_server_start(fine, 1);
    char url[64];
    snprintf(url, sizeof url, "http://localhost:%s", strrchr(http_server_url(server), ':') + 1);
    assert_int_equal(ml_http_get(client, url, &response), MLEDGER_EUSAGE);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_string_equal(requests, "");
}

static void an_answer_may_be_cut(void **state)
{
    (void)state;
    const struct ml_http_options options = {.response_max = 4, .cut_answer = true};
    static const struct http_exchange exchanges[] = {
        {HTTP_ENDLESS, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc"},
        {HTTP_ANSWER, "HTTP/1.1 201 Created\r\nContent-Length: 5000000000\r\n\r\nabcdefg"},
        {HTTP_ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"},
    };
    static const char *const bodies[] = {"abcx", "abcd", "abc"};
    for (size_t i = 0; i < ML_COUNT(exchanges); i++) {
        ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
        assert_int_equal(get_once(&options, &exchanges[i], &response), MLEDGER_OK);
        assert_int_equal(response.status, i == 1 ? 201 : 200);
        assert_true(
            ml_span_equal(ml_buf_span(&response.body), ML_SPAN(bodies[i], strlen(bodies[i]))));
    }
}

static void when_to_come_again(void **state)
{
    (void)state;
    const struct ml_http_options options = {0};
    static const struct http_exchange exchanges[] = {
        {HTTP_ANSWER, "HTTP/1.1 503 Later\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"},
        {HTTP_ANSWER, "HTTP/1.1 429 Slow\r\nRetry-After: Thu, 01 Jan 2099 00:00:00 GMT\r\n"
                      "Content-Length: 0\r\n\r\n"},
        {HTTP_ANSWER, "HTTP/1.1 503 Later\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n"},
    };
    int64_t seconds[3];
    for (size_t i = 0; i < ML_COUNT(exchanges); i++) {
        ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
        assert_int_equal(get_once(&options, &exchanges[i], &response), MLEDGER_OK);
        seconds[i] = response.retry_after_s;
    }
    assert_int_equal(seconds[0], 120);
    assert_true(seconds[1] > 86400);
    assert_int_equal(seconds[2], 0);
}

static void a_request_has_headers_of_its_own(void **state)
{
    (void)state;
    const struct ml_http_options options = {.headers = (const char *const[]){"X-All: 1", NULL}};
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = new_client(&options);
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    struct http_server *server = http_server_start(fine, 1);
    struct ml_http_request request = {
        .url = http_server_url(server),
        .headers = (const char *const[]){"X-One: a", "X-Two: b\r\nX-Three: c", NULL},
        .body = ML_SPAN("{}", 2)};
    assert_int_equal(ml_http_send(client, &request, &response), MLEDGER_EUSAGE);
    request.headers = (const char *const[]){"X-One: a", "X-Two: b", NULL};
    assert_int_equal(ml_http_send(client, &request, &response), MLEDGER_OK);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_non_null(strstr(requests, "\r\nX-All: 1\r\n"));
    assert_non_null(strstr(requests, "\r\nX-One: a\r\n"));
    assert_non_null(strstr(requests, "\r\nX-Two: b\r\n"));
    assert_null(strstr(requests, "Content-Type"));
}

static void parts_of_urls(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host, *origin;
        bool is_https;
    } list[] = {
        {"https://Hooks.Example.COM/a/b?c=d#e", "hooks.example.com", "https://hooks.example.com",
         true},
        {"http://127.0.0.1:8080", "127.0.0.1", "http://127.0.0.1:8080", false},
        {"https://[::1]:443/x", "[::1]", "https://[::1]", true},
        {"https://0x7f.1/x", "127.0.0.1", "https://127.0.0.1", true}, /* as it would connect */
    };
    for (size_t i = 0; i < ML_COUNT(list); i++) {
        ML_CLEANUP(ml_http_url_release) struct ml_http_url url;
        assert_int_equal(ml_http_url_parse(list[i].url, &url), MLEDGER_OK);
        assert_string_equal(url.host, list[i].host);
        assert_string_equal(url.origin, list[i].origin);
        assert_int_equal(url.is_https, list[i].is_https);
    }
    ML_CLEANUP(ml_http_url_release) struct ml_http_url url;
    assert_int_equal(ml_http_url_parse("ftp://h/", &url), MLEDGER_EUSAGE);
    assert_int_equal(ml_http_url_parse("https://", &url), MLEDGER_EUSAGE);
    assert_int_equal(ml_http_url_parse("https://me:secret@h/", &url), MLEDGER_EUSAGE);
    assert_null(strstr(mledger_error_text(), "secret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gets_and_posts),
        cmocka_unit_test(posts_of_all_sizes),
        cmocka_unit_test(credentials),
        cmocka_unit_test(line_breaks),
        cmocka_unit_test(urls),
        cmocka_unit_test(refused_connection),
        cmocka_unit_test(statuses),
        cmocka_unit_test(bad_answers),
        cmocka_unit_test(late_answers),
        cmocka_unit_test(redirects),
        cmocka_unit_test(downloads),
        cmocka_unit_test(downloads_that_fail),
        cmocka_unit_test(networks),
        cmocka_unit_test(an_answer_may_be_cut),
        cmocka_unit_test(parts_of_urls),
        cmocka_unit_test(when_to_come_again),
        cmocka_unit_test(a_request_has_headers_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
