/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/post_events.h"

#include <inttypes.h>

#include "cli/progress.h"
#include "ingest/http.h"
#include "ledger/core/json.h"

enum { ANSWER_MAX = 65536, ANSWER_SHOWN = 200 };

static const char *text_in(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : otherwise;
}

/* "START of run.churn"; of a dataset's event "dataset raw in s3://lake". */
static int name_event(struct ml_span event, struct ml_buf *name)
{
    json_t *json;
    ML_TRY(ml_json_parse((const char *)event.data, event.len, &json));
    const json_t *dataset = json_object_get(json, "dataset");
    int result = dataset ? ml_buf_printf(name, "dataset %s in %s", text_in(dataset, "name", "?"),
                                         text_in(dataset, "namespace", "?"))
                         : ml_buf_printf(name, "%s of %s", text_in(json, "eventType", "?"),
                                         text_in(json_object_get(json, "job"), "name", "?"));
    json_decref(json);
    ML_TRY(result);
    return ml_buf_append_char(name, '\0');
}

/* The beginning of what the endpoint said, without line breaks. */
static int quote_answer(const struct ml_http_response *response, struct ml_buf *said)
{
    for (size_t i = 0; i < response->body.len && i < ANSWER_SHOWN; i++) {
        char c = (char)response->body.data[i];
        ML_TRY(ml_buf_append_char(said, (uint8_t)c < 0x20 || c == 0x7f ? ' ' : c));
    }
    return ml_buf_append_char(said, '\0');
}

static int how_to_go_on(uint64_t number)
{
    return ml_hint("the same with --post-from %" PRIu64 " goes on; sending all again does no harm",
                   number);
}

static int refused(uint64_t number, struct ml_span event, const struct ml_http_response *response)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0}, said = {0};
    ML_TRY(name_event(event, &name));
    ML_TRY(quote_answer(response, &said));
    ml_fail(MLEDGER_ESYSTEM, "event %" PRIu64 " (%s) was not taken: status %d%s%s", number,
            (const char *)name.data, response->status, said.len > 1 ? ": " : "",
            (const char *)said.data);
    return how_to_go_on(number);
}

/* The endpoint gave no answer, as the error says: whether it took the event is not known. */
static int unanswered(uint64_t number, struct ml_span event)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
    struct ml_error error;
    ml_error_get(&error);
    if (error.code != MLEDGER_ESYSTEM)
        return error.code;
    ML_TRY(name_event(event, &name));
    ml_fail(MLEDGER_ESYSTEM, "event %" PRIu64 " (%s) was not answered: %s", number,
            (const char *)name.data, error.text);
    return how_to_go_on(number);
}

static void release_response(struct ml_http_response *response)
{
    ml_http_response_release(response);
}

static int post_one(struct ml_http_client *client, const char *url, struct ml_span event,
                    uint64_t number)
{
    ML_CLEANUP(release_response) struct ml_http_response response = {0};
    if (ml_http_post(client, url, "application/json", event, &response) < 0)
        return unanswered(number, event);
    return response.status >= 200 && response.status < 300 ? MLEDGER_OK
                                                           : refused(number, event, &response);
}

static uint64_t count_lines(struct ml_span text)
{
    uint64_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.data[i] == '\n';
    return count;
}

/* The next line, without its line feed; takes it from the events. */
static struct ml_span next_event(struct ml_span *events)
{
    const uint8_t *end = memchr(events->data, '\n', events->len);
    const size_t len = end ? (size_t)(end - events->data) : events->len;
    const struct ml_span event = ML_SPAN(events->data, len);
    const size_t taken = end ? len + 1 : len;
    *events = ML_SPAN(events->data + taken, events->len - taken);
    return event;
}

int ml_post_events(const char *url, const char *token, struct ml_span events, uint64_t first,
                   bool quiet, uint64_t *ret_count)
{
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = NULL;
    ML_CLEANUP(ml_progress_finish) struct ml_progress progress = {0};
    const struct ml_http_options options = {
        .bearer = token, .response_max = ANSWER_MAX, .environment_proxy = true};
    const uint64_t total = count_lines(events);
    *ret_count = 0;
    ML_TRY(ml_http_url_check(url));
    ML_TRY(ml_http_client_new(&options, &client));
    ml_progress_start(&progress, "post", "events", ML_PROGRESS_COUNT, quiet);
    for (uint64_t number = 1; events.len; number++) {
        const struct ml_span event = next_event(&events);
        if (number < first)
            continue;
        ML_TRY(post_one(client, url, event, number));
        ++*ret_count;
        ml_progress_update(&progress, number, total);
    }
    return MLEDGER_OK;
}
