/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/serve_client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "ledger/core/hex.h"
#include "tests/unit/http_header.h"

enum { UPLOAD_MAX = 256 << 10, BATCH = 20, RUN_ID = 32, HEX_SIZE = ML_HEX_SIZE(ML_HASH_SIZE) };

/* One thread with its connection. */
struct caller {
    struct serve_client *client;
    CURL *curl;
    struct curl_slist *json;
    uint64_t random;
    unsigned number; /* of the request */
    char run[RUN_ID + 1];
    struct ml_buf answer;
    char seq[32], link[HEX_SIZE + 1];
    char *upload;
};

/* splitmix64 */
static uint64_t draw(struct caller *caller, uint64_t below)
{
    uint64_t z = caller->random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (z ^ z >> 31) % below;
}

/* ---- one request ---- */

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct caller *caller = context;
    return ml_buf_append(&caller->answer, data, size * count) < 0 ? 0 : size * count;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    struct caller *caller = context;
    http_take_header(data, size * count, "Mledger-Seq: ", caller->seq, sizeof caller->seq);
    http_take_header(data, size * count, "Mledger-Record-Hash: ", caller->link,
                     sizeof caller->link);
    return size * count;
}

static void complain(struct caller *caller, long status)
{
    struct serve_client *client = caller->client;
    pthread_mutex_lock(&client->mutex);
    if (!client->complaint[0])
        snprintf(client->complaint, sizeof client->complaint, "an answer is %ld: %.*s", status,
                 (int)caller->answer.len, (const char *)caller->answer.data);
    pthread_mutex_unlock(&client->mutex);
}

static void keep_receipt(struct caller *caller, bool is_upload)
{
    struct serve_client *client = caller->client;
    struct serve_receipt receipt = {.seq = strtoull(caller->seq, NULL, 10)};
    if (ml_hex_decode(caller->link, strlen(caller->link), receipt.link, sizeof receipt.link) < 0)
        abort();
    pthread_mutex_lock(&client->mutex);
    if (ml_grow(&client->receipts, &client->cap, client->count + 1, sizeof *client->receipts) < 0)
        abort();
    client->receipts[client->count++] = receipt;
    client->uploads += is_upload;
    pthread_cond_broadcast(&client->more);
    pthread_mutex_unlock(&client->mutex);
}

/* Who has the whole receipt may rely on it, even if the server is killed before the body. */
static bool has_receipt(const struct caller *caller)
{
    return caller->seq[0] && strlen(caller->link) == HEX_SIZE - 1;
}

/* Asks; false: the server is gone, or answered what it must not. */
static bool ask(struct caller *caller, const char *path, const char *body, size_t body_len,
                bool is_upload)
{
    char url[512];
    long status = 0;
    snprintf(url, sizeof url, "%s%s", caller->client->base, path);
    ml_buf_clear(&caller->answer);
    caller->seq[0] = caller->link[0] = '\0';
    curl_easy_setopt(caller->curl, CURLOPT_URL, url);
    curl_easy_setopt(caller->curl, CURLOPT_CUSTOMREQUEST, is_upload ? "PUT" : "POST");
    curl_easy_setopt(caller->curl, CURLOPT_POSTFIELDSIZE, (long)body_len);
    curl_easy_setopt(caller->curl, CURLOPT_POSTFIELDS, body);
    const CURLcode code = curl_easy_perform(caller->curl);
    if (has_receipt(caller))
        keep_receipt(caller, is_upload);
    if (code != CURLE_OK)
        return false;
    curl_easy_getinfo(caller->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 || !has_receipt(caller))
        complain(caller, status);
    return status == 200;
}

/* ---- what is asked ---- */

static bool create_run(struct caller *caller)
{
    static const char key[] = "\"run_id\":\"", body[] = "{\"experiment_id\": \"0\"}";
    if (!ask(caller, "/api/2.0/mlflow/runs/create", body, sizeof body - 1, false) ||
        ml_buf_append_char(&caller->answer, '\0') < 0)
        return false;
    const char *found = strstr((const char *)caller->answer.data, key);
    if (!found)
        return false;
    snprintf(caller->run, sizeof caller->run, "%.*s", RUN_ID, found + sizeof key - 1);
    return true;
}

static bool log_metric(struct caller *caller)
{
    char body[256];
    const int len = snprintf(body, sizeof body,
                             "{\"run_id\": \"%s\", \"key\": \"loss\", \"value\": %u.5, "
                             "\"timestamp\": 1700000000000, \"step\": %u}",
                             caller->run, caller->number, caller->number);
    return ask(caller, "/api/2.0/mlflow/runs/log-metric", body, (size_t)len, false);
}

static bool log_batch(struct caller *caller)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf body = {0};
    if (ml_buf_printf(&body,
                      "{\"run_id\": \"%s\", \"params\": [{\"key\": \"p%u\", \"value\": \"x\"}"
                      "], \"metrics\": [",
                      caller->run, caller->number) < 0)
        return false;
    for (unsigned i = 0; i < BATCH; i++)
        if (ml_buf_printf(&body,
                          "%s{\"key\": \"m%u\", \"value\": 0.25, \"timestamp\": 1700000000000, "
                          "\"step\": %u}",
                          i ? "," : "", i, caller->number) < 0)
            return false;
    return ml_buf_append_text(&body, "]}") >= 0 &&
           ask(caller, "/api/2.0/mlflow/runs/log-batch", (const char *)body.data, body.len, false);
}

/* Content that no other upload has. */
static bool put_artifact(struct caller *caller)
{
    char path[256];
    const size_t len = 16 + (size_t)draw(caller, UPLOAD_MAX - 16);
    for (size_t i = 0; i < len; i += sizeof caller->random) {
        const uint64_t word = draw(caller, UINT64_MAX);
        memcpy(caller->upload + i, &word, sizeof word);
    }
    snprintf(path, sizeof path, "/api/2.0/mlflow-artifacts/artifacts/0/%s/artifacts/f%u.bin",
             caller->run, caller->number);
    return ask(caller, path, caller->upload, len, true);
}

static bool ask_anything(struct caller *caller)
{
    caller->number++;
    switch (draw(caller, 8)) {
    case 0:
        return create_run(caller);
    case 1:
    case 2:
        return put_artifact(caller);
    case 3:
    case 4:
        return log_batch(caller);
    default:
        return log_metric(caller);
    }
}

/* ---- threads ---- */

static void open_caller(struct caller *caller)
{
    caller->curl = curl_easy_init();
    caller->json = curl_slist_append(NULL, "Expect:");
    caller->upload = malloc(UPLOAD_MAX + sizeof caller->random);
    if (caller->json)
        caller->json = curl_slist_append(caller->json, "Content-Type: application/json");
    if (!caller->curl || !caller->json || !caller->upload)
        abort();
    curl_easy_setopt(caller->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(caller->curl, CURLOPT_HTTPHEADER, caller->json);
    curl_easy_setopt(caller->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(caller->curl, CURLOPT_WRITEDATA, caller);
    curl_easy_setopt(caller->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(caller->curl, CURLOPT_HEADERDATA, caller);
}

static void close_caller(struct caller *caller)
{
    curl_easy_cleanup(caller->curl);
    curl_slist_free_all(caller->json);
    ml_buf_release(&caller->answer);
    free(caller->upload);
}

static void *run_caller(void *context)
{
    struct serve_client *client = context;
    struct caller caller = {.client = client};
    pthread_mutex_lock(&client->mutex);
    caller.random = client->seed++ * UINT64_C(0x9E3779B97F4A7C15);
    pthread_mutex_unlock(&client->mutex);
    open_caller(&caller);
    if (create_run(&caller))
        while (ask_anything(&caller))
            continue;
    close_caller(&caller);
    pthread_mutex_lock(&client->mutex);
    client->running--;
    pthread_cond_broadcast(&client->more);
    pthread_mutex_unlock(&client->mutex);
    return NULL;
}

void serve_client_init(struct serve_client *client)
{
    *client = (struct serve_client){0};
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (pthread_mutex_init(&client->mutex, NULL) != 0 ||
        pthread_cond_init(&client->more, NULL) != 0)
        abort();
}

void serve_client_release(struct serve_client *client)
{
    free(client->receipts);
    pthread_cond_destroy(&client->more);
    pthread_mutex_destroy(&client->mutex);
    curl_global_cleanup();
}

void serve_client_start(struct serve_client *client, const char *base, uint64_t seed)
{
    snprintf(client->base, sizeof client->base, "%s", base);
    client->seed = seed;
    client->running = SERVE_CLIENT_THREADS;
    for (size_t i = 0; i < SERVE_CLIENT_THREADS; i++)
        if (pthread_create(&client->threads[i], NULL, run_caller, client) != 0)
            abort();
}

void serve_client_await(struct serve_client *client, size_t count)
{
    pthread_mutex_lock(&client->mutex);
    while (client->count < count && client->running > 0)
        pthread_cond_wait(&client->more, &client->mutex);
    pthread_mutex_unlock(&client->mutex);
}

void serve_client_join(struct serve_client *client)
{
    for (size_t i = 0; i < SERVE_CLIENT_THREADS; i++)
        pthread_join(client->threads[i], NULL);
}
