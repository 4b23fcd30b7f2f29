/* SPDX-License-Identifier: Apache-2.0 */
/* webhook list. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/session.h"
#include "ledger/core/json.h"
#include "ledger/query/webhook.h"

static int events_text(const struct ml_webhook *webhook, struct ml_buf *text)
{
    for (size_t i = 0; i < webhook->n_events; i++) {
        const struct ml_webhook_event *event = ml_webhook_event(webhook->events[i]);
        ML_TRY(ml_buf_printf(text, "%s%s.%s", i ? ", " : "", event->entity, event->action));
    }
    return ml_buf_append_char(text, '\0');
}

static int events_json(const struct ml_webhook *webhook, json_t **ret_json)
{
    ML_CLEANUP(json_decrefp) json_t *list = json_array();
    for (size_t i = 0; i < webhook->n_events; i++) {
        const struct ml_webhook_event *event = ml_webhook_event(webhook->events[i]);
        json_t *name = json_sprintf("%s.%s", event->entity, event->action);
        if (!list || !name || json_array_append_new(list, name) != 0)
            return ml_fail_memory();
    }
    *ret_json = ML_TAKE(list);
    return *ret_json ? MLEDGER_OK : ml_fail_memory();
}

static const char *status_of(const struct ml_webhook *webhook)
{
    return webhook->active_since != MLEDGER_NO_SEQ ? "active" : "disabled";
}

static int put_text(json_t *json, const char *key, const char *text)
{
    return text ? ml_json_put(json, key, json_string(text)) : MLEDGER_OK;
}

static int one_to_json(const struct ml_webhook *webhook, json_t **ret_json)
{
    json_t *events;
    ML_TRY(events_json(webhook, &events));
    ML_CLEANUP(json_decrefp)
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:I, s:I}", "webhook_id", webhook->id, "name",
                  webhook->name, "status", status_of(webhook), "origin", webhook->origin, "events",
                  events, "signed", webhook->secret_id != NULL, "created_seq",
                  (json_int_t)webhook->created_seq, "seq", (json_int_t)webhook->seq);
    if (!json)
        return ml_fail_memory();
    ML_TRY(put_text(json, "url", webhook->url));
    ML_TRY(put_text(json, "description", webhook->description));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}

static int print_json(struct ml_output *out, const struct ml_webhook *list, size_t count)
{
    ML_CLEANUP(json_decrefp) json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *json;
        ML_TRY(one_to_json(&list[i], &json));
        if (!array || json_array_append_new(array, json) != 0)
            return ml_fail_memory();
    }
    if (!array)
        return ml_fail_memory();
    ml_output_json(out, array);
    return MLEDGER_OK;
}

static int add_row(struct ml_listing *listing, const struct ml_webhook *webhook)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf events = {0};
    const bool is_active = webhook->active_since != MLEDGER_NO_SEQ;
    ML_TRY(events_text(webhook, &events));
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s", webhook->name));
    ML_TRY(
        ml_listing_add(listing, is_active ? ML_ROLE_GOOD : ML_ROLE_DIM, "%s", status_of(webhook)));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", webhook->origin));
    ML_TRY(ml_listing_add(listing, webhook->secret_id ? ML_ROLE_PLAIN : ML_ROLE_WARN, "%s",
                          webhook->secret_id ? "signed" : "unsigned"));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", (const char *)events.data));
    ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "#%" PRIu64, webhook->seq));
    return ml_listing_add(listing, ML_ROLE_DIM, "%s", webhook->id);
}

static int print_rows(struct ml_output *out, const struct ml_webhook *list, size_t count)
{
    static const struct ml_column columns[] = {{.heading = "webhook"},
                                               {.heading = "status"},
                                               {.heading = "to"},
                                               {.heading = "notices"},
                                               {.heading = "events", .flexible = true},
                                               {.heading = "record", .right = true},
                                               {.heading = "id"}};
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < count; i++)
        ML_TRY(add_row(&listing, &list[i]));
    if (count == 0)
        ml_output_line(out, ML_ROLE_PLAIN, "no webhooks");
    ml_listing_print(&listing, out);
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_view_end) struct ml_view view = {0};
    ML_CLEANUP(ml_reader_release) struct ml_reader reader = {0};
    struct ml_webhook *list;
    size_t count;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &session));
    ML_TRY(ml_view_begin(session.ledger, &view));
    ml_reader_init(&reader, &view, view.head.size - 1);
    ML_TRY(ml_webhooks_read(&reader, &list, &count));
    return invocation->json ? print_json(out, list, count) : print_rows(out, list, count);
}

const struct ml_command ml_command_webhook_list = {
    .name = "webhook list",
    .summary = "List who is told of what happens in the registry",
    .topic = ML_TOPIC_ASK,
    .run = run,
};
