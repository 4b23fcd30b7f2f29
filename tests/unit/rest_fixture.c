/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/rest_fixture.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "serve/gate/origin.h"
#include "serve/mlflow/reply.h"
#include "tests/unit/http_header.h"

static int on_request(const struct ml_server_request *request, void *context,
                      struct ml_server_reply *reply)
{
    struct rest_fixture *fixture = context;
    int result = MLEDGER_OK;
    int answered = fixture->also ? fixture->also(request, fixture->also_context, reply) : 0;
    if (answered == 0)
        answered = ml_rest_answer(&fixture->rest, request, reply, &result);
    if (answered == 0)
        reply->status = 404;
    if (reply->status == 500)
        print_error("%s: %s\n", request->path, mledger_error_text());
    return answered < 0 ? answered : MLEDGER_OK;
}

static int on_admit(const struct ml_server_request *request, void *context,
                    struct ml_caller *ret_caller, struct ml_server_reply *reply)
{
    const struct rest_fixture *fixture = context;
    const struct ml_origin loopback = {0};
    if (fixture->door)
        return ml_door_admit(fixture->door, request, ret_caller, reply);
    if (ml_origin_check(&loopback, request) < 0) {
        ML_TRY(ml_rest_reply_error(reply, MLEDGER_EREFUSED, false));
        return 1;
    }
    if (!fixture->actor)
        return 0;
    ret_caller->actor = strdup(fixture->actor);
    ret_caller->actor_ref = fixture->actor_ref;
    ret_caller->read_only = fixture->only_reads;
    return ret_caller->actor ? 0 : ml_fail_memory();
}

static void on_leave(void *context, const struct ml_caller *caller)
{
    const struct rest_fixture *fixture = context;
    if (fixture->door)
        ml_door_leave(fixture->door, caller);
}

static int on_begin(const struct ml_server_request *request, void *context,
                    struct ml_server_intake **ret_intake, struct ml_server_reply *reply)
{
    struct rest_fixture *fixture = context;
    (void)reply;
    return ml_rest_begin(&fixture->rest, request, ret_intake);
}

void rest_fixture_init(struct rest_fixture *fixture)
{
    *fixture = (struct rest_fixture){0};
    fixture_init(&fixture->ledger);
    snprintf(fixture->objects_dir, sizeof fixture->objects_dir, "%s/artifacts",
             fixture->ledger.dir);
    assert_int_equal(ml_object_store_open(fixture->objects_dir, &fixture->objects), MLEDGER_OK);
    assert_int_equal(ml_rest_init(&fixture->rest, fixture->ledger.ledger,
                                  &fixture->ledger.signers[ALICE], &fixture->objects),
                     MLEDGER_OK);
    const struct ml_server_options options = {.address = "127.0.0.1:0",
                                              .body_max = ML_REST_BODY_MAX,
                                              .thread_each = true,
                                              .admit = on_admit,
                                              .leave = on_leave,
                                              .begin = on_begin,
                                              .handle = on_request,
                                              .context = fixture};
    assert_int_equal(ml_server_start(&options, &fixture->server), MLEDGER_OK);
    snprintf(fixture->base, sizeof fixture->base, "http://%s", ml_server_address(fixture->server));
}

void rest_fixture_release(struct rest_fixture *fixture)
{
    ml_server_stop(fixture->server);
    ml_rest_release(&fixture->rest);
    ml_object_store_release(&fixture->objects);
    fixture_release(&fixture->ledger);
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct ml_buf *body = context;
    return ml_buf_append(body, data, size * count) < 0 ? 0 : size * count;
}

struct heard {
    struct rest_reply *reply;
    struct ml_buf head;
};

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    struct heard *heard = context;
    struct rest_reply *reply = heard->reply;
    if (ml_buf_append(&heard->head, data, size * count) < 0)
        return 0;
    http_take_header(data, size * count, "Mledger-Seq: ", reply->seq, sizeof reply->seq);
    http_take_header(data, size * count, "Mledger-Record-Hash: ", reply->link, sizeof reply->link);
    http_take_header(data, size * count, "Retry-After: ", reply->retry, sizeof reply->retry);
    http_take_header(data, size * count, "WWW-Authenticate: ", reply->asks, sizeof reply->asks);
    return size * count;
}

void rest_ask(const struct rest_fixture *fixture, const char *method, const char *path,
              const char *body, const char *version, struct rest_reply *ret_reply)
{
    char header[80];
    snprintf(header, sizeof header, "X-MLflow-Client-Version: %s", version ? version : "");
    rest_ask_with(fixture, method, path, body, version ? header : NULL, ret_reply);
}

void rest_ask_with(const struct rest_fixture *fixture, const char *method, const char *path,
                   const char *body, const char *header, struct rest_reply *ret_reply)
{
    struct ml_buf url = {0}, text = {0};
    long status = 0;
    struct heard heard = {.reply = ret_reply};
    *ret_reply = (struct rest_reply){0};
    assert_int_equal(ml_buf_printf(&url, "%s%s", fixture->base, path), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&url, '\0'), MLEDGER_OK);
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = NULL;
    if (!header || strncmp(header, "Content-Type", 12) != 0)
        headers = curl_slist_append(headers, "Content-Type: application/json");
    if (header)
        headers = curl_slist_append(headers, header);
    assert_non_null(curl);
    curl_easy_setopt(curl, CURLOPT_URL, (const char *)url.data);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &text);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &heard);
    curl_easy_setopt(curl, CURLOPT_NOBODY, strcmp(method, "HEAD") == 0 ? 1L : 0L);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    ml_buf_release(&url);
    ret_reply->status = (int)status;
    ret_reply->len = text.len;
    assert_int_equal(ml_buf_take_text(&heard.head, &ret_reply->head), MLEDGER_OK);
    assert_int_equal(ml_buf_take_text(&text, &ret_reply->text), MLEDGER_OK);
    ret_reply->json = json_loads(ret_reply->text, JSON_DECODE_ANY, NULL);
}

bool rest_has_header(const struct rest_reply *reply, const char *name, const char *value)
{
    char line[512];
    snprintf(line, sizeof line, "\r\n%s: %s\r\n", name, value);
    return strcasestr(reply->head, line) != NULL;
}

void rest_reply_release(struct rest_reply *reply)
{
    free(reply->head);
    json_decref(reply->json);
    free(reply->text);
}
