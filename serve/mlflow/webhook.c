/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks, by MLflow's API (mlflow.server.handlers; mlflow.entities.webhook). */
#include <stdio.h>
#include <strings.h>

#include "ledger/core/draft.h"
#include "ledger/core/time.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/search.h"
#include "serve/webhook/deliverer.h"
#include "serve/webhook/secret.h"
#include "serve/webhook/trial.h"

enum { LIST_USUAL = 100, LIST_MOST = 1000, WORD_SIZE = 32 };

static const struct ml_webhook_sending *sending_of(const struct ml_rest_call *call)
{
    return call->service->sending;
}

static int check_served(const struct ml_rest_call *call)
{
    if (sending_of(call))
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_NOT_IMPLEMENTED, "webhooks are not served here");
}

static int find(struct ml_rest_call *call, const char *id, struct ml_webhook *ret_webhook)
{
    ML_TRY(check_served(call));
    ML_TRY(ml_rest_read(call));
    const int result = ml_webhook_find(&call->reader, id, ret_webhook);
    if (result == MLEDGER_ENOTFOUND)
        return ml_rest_refuse(ML_REST_NOT_FOUND, "Webhook with ID %.128s not found.", id);
    return result;
}

/* ---- events ---- */

/* The name of an enum value in lower case: "model_version". */
static void lower_name(const ProtobufCEnumDescriptor *type, int value, char ret_name[WORD_SIZE])
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);
    snprintf(ret_name, WORD_SIZE, "%s", found ? found->name : "");
    for (char *at = ret_name; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
}

static int refuse_event(const char *entity, const char *action)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf valid = {0};
    for (size_t i = 0; i < ml_webhook_n_events; i++)
        if (strcmp(ml_webhook_events[i].entity, entity) == 0)
            ML_TRY(ml_buf_printf(&valid, "%s'%s'", valid.len ? ", " : "",
                                 ml_webhook_events[i].action));
    return ml_rest_refuse(ML_REST_INVALID,
                          "Invalid action '%s' for entity '%s'. Valid actions are: [%.*s]", action,
                          entity, (int)valid.len, valid.len ? (const char *)valid.data : "");
}

static int event_of(const Mlflow__WebhookEvent *event, Mledger__WebhookEvent *ret_event)
{
    char entity[WORD_SIZE], action[WORD_SIZE];
    lower_name(&mlflow__webhook_entity__descriptor, (int)event->entity, entity);
    lower_name(&mlflow__webhook_action__descriptor, (int)event->action, action);
    const struct ml_webhook_event *found = ml_webhook_event_named(entity, action);
    if (!found)
        return refuse_event(entity, action);
    *ret_event = found->event;
    return MLEDGER_OK;
}

static int events_of(struct ml_rest_call *call, Mlflow__WebhookEvent *const *events, size_t count,
                     struct ml_webhook_change *change)
{
    Mledger__WebhookEvent *list = ml_arena_calloc(&call->arena, count + 1, sizeof *list);
    if (!list)
        return ml_arena_fail(&call->arena, "the request");
    for (size_t i = 0; i < count; i++)
        ML_TRY(event_of(events[i], &list[i]));
    change->events = list;
    change->n_events = count;
    return MLEDGER_OK;
}

/* ---- showing ---- */

static int enum_named(const ProtobufCEnumDescriptor *type, const char *lower)
{
    for (unsigned i = 0; i < type->n_values; i++)
        if (strcasecmp(type->values[i].name, lower) == 0)
            return type->values[i].value;
    return 0;
}

static Mlflow__WebhookEvent *show_event(struct ml_rest_call *call,
                                        const struct ml_webhook_event *event)
{
    Mlflow__WebhookEvent *shown = ml_rest_message(call, &mlflow__webhook_event__descriptor);
    if (!shown)
        return NULL;
    shown->entity =
        (Mlflow__WebhookEntity)enum_named(&mlflow__webhook_entity__descriptor, event->entity);
    shown->action =
        (Mlflow__WebhookAction)enum_named(&mlflow__webhook_action__descriptor, event->action);
    return shown;
}

/* MLflow's own client fails on events that it does not know, and with them on the whole list: it is
 * shown those that it does. */
static bool is_shown(const struct ml_rest_call *call, Mledger__WebhookEvent event)
{
    return !call->is_version_3 || ml_webhook_event(event)->is_mlflow;
}

static bool is_listed(const struct ml_rest_call *call, const struct ml_webhook *webhook)
{
    for (size_t i = 0; i < webhook->n_events; i++)
        if (is_shown(call, webhook->events[i]))
            return true;
    return false;
}

/* By entity and action, which is how MLflow's database happens to have them. */
static int compare_events(const void *a, const void *b)
{
    const Mlflow__WebhookEvent *const *one = a, *const *other = b;
    char names[4][WORD_SIZE];
    lower_name(&mlflow__webhook_entity__descriptor, (int)(*one)->entity, names[0]);
    lower_name(&mlflow__webhook_entity__descriptor, (int)(*other)->entity, names[1]);
    lower_name(&mlflow__webhook_action__descriptor, (int)(*one)->action, names[2]);
    lower_name(&mlflow__webhook_action__descriptor, (int)(*other)->action, names[3]);
    const int order = strcmp(names[0], names[1]);
    return order ? order : strcmp(names[2], names[3]);
}

static int show(struct ml_rest_call *call, const struct ml_webhook *webhook,
                Mlflow__Webhook **ret_shown)
{
    Mlflow__Webhook *shown = ml_rest_message(call, &mlflow__webhook__descriptor);
    Mlflow__WebhookEvent **events = ml_rest_array(call, webhook->n_events);
    if (!shown || !events)
        return ml_rest_check(call);
    shown->webhook_id = ml_rest_const(webhook->id);
    shown->name = ml_rest_const(webhook->name);
    shown->url = ml_rest_const(webhook->url ? webhook->url : webhook->origin);
    if (webhook->description && webhook->description[0])
        shown->description = ml_rest_const(webhook->description);
    for (size_t i = 0; i < webhook->n_events; i++)
        if (is_shown(call, webhook->events[i]))
            events[shown->n_events++] = show_event(call, ml_webhook_event(webhook->events[i]));
    ML_TRY(ml_rest_check(call));
    qsort(events, shown->n_events, sizeof *events, compare_events);
    shown->events = events;
    shown->has_status = shown->has_creation_timestamp = shown->has_last_updated_timestamp = true;
    shown->status = webhook->active_since != MLEDGER_NO_SEQ ? MLFLOW__WEBHOOK_STATUS__ACTIVE
                                                            : MLFLOW__WEBHOOK_STATUS__DISABLED;
    shown->creation_timestamp = webhook->created_at_us / 1000;
    shown->last_updated_timestamp = webhook->set_at_us / 1000;
    *ret_shown = shown;
    return ml_rest_check(call);
}

/* ---- setting ---- */

/* As it was recorded: the id is the last draft's. */
static int show_recorded(struct ml_rest_call *call, Mlflow__Webhook **ret_shown)
{
    struct ml_webhook webhook;
    const char *id = ml_rest_last(call)->event->webhook_set->webhook_id;
    ML_TRY(find(call, id, &webhook));
    return show(call, &webhook, ret_shown);
}

static int record(struct ml_rest_call *call, const struct ml_webhook_change *change,
                  const struct ml_webhook *webhook, const uint8_t *secret_id)
{
    Mledger__WebhookSet *set;
    ML_TRY(ml_rest_draft(call, "webhook_set", &set));
    ML_TRY(ml_webhook_fill(ml_rest_last(call), change, webhook, secret_id));
    return ml_rest_commit(call);
}

/* The secret is there before the record that names it, and the one before it until that is. */
static int set_webhook(struct ml_rest_call *call, const struct ml_webhook_change *change,
                       const struct ml_webhook *webhook, Mlflow__Webhook **ret_shown)
{
    uint8_t id[ML_WEBHOOK_SECRET_ID_SIZE], old[ML_WEBHOOK_SECRET_ID_SIZE];
    const char *dir = sending_of(call)->secrets_dir;
    const bool had_secret = webhook && webhook->secret_id;
    struct ml_webhook *list;
    size_t count;
    ML_TRY(ml_webhooks_read(&call->reader, &list, &count));
    ML_TRY(ml_webhook_check(change, webhook, sending_of(call)->reach, list, count));
    if (had_secret)
        memcpy(old, webhook->secret_id, sizeof old);
    if (change->secret)
        ML_TRY(ml_webhook_secret_put(dir, change->secret, id));
    const int result = record(call, change, webhook, change->secret ? id : NULL);
    if (result < 0 && change->secret)
        ml_webhook_secret_drop(dir, id);
    ML_TRY(result);
    if (had_secret && change->secret)
        ml_webhook_secret_drop(dir, old);
    return show_recorded(call, ret_shown);
}

static const char *unless_empty(const char *text)
{
    return text && *text ? text : NULL;
}

static Mledger__WebhookStatus status_of(bool is_given, Mlflow__WebhookStatus status)
{
    if (!is_given)
        return MLEDGER__WEBHOOK_STATUS__WEBHOOK_STATUS_UNSPECIFIED;
    return status == MLFLOW__WEBHOOK_STATUS__ACTIVE ? MLEDGER__WEBHOOK_STATUS__ACTIVE
                                                    : MLEDGER__WEBHOOK_STATUS__DISABLED;
}

int ml_rest_create_webhook(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__CreateWebhook *request = message;
    Mlflow__CreateWebhookResponse *response = answer;
    struct ml_webhook_change change = {.name = request->name,
                                       .url = request->url,
                                       .description = unless_empty(request->description),
                                       .secret = unless_empty(request->secret),
                                       .status = status_of(request->has_status, request->status)};
    ML_TRY(check_served(call));
    if (request->n_events == 0)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Missing value for required parameter 'events'. See the API docs for "
                              "more information about request parameters.");
    ML_TRY(events_of(call, request->events, request->n_events, &change));
    ML_TRY(ml_rest_read(call));
    return set_webhook(call, &change, NULL, &response->webhook);
}

int ml_rest_update_webhook(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__UpdateWebhook *request = message;
    Mlflow__UpdateWebhookResponse *response = answer;
    struct ml_webhook webhook;
    struct ml_webhook_change change = {.name = unless_empty(request->name),
                                       .url = unless_empty(request->url),
                                       .description = unless_empty(request->description),
                                       .secret = unless_empty(request->secret),
                                       .status = status_of(request->has_status, request->status)};
    ML_TRY(events_of(call, request->events, request->n_events, &change));
    ML_TRY(find(call, request->webhook_id, &webhook));
    return set_webhook(call, &change, &webhook, &response->webhook);
}

int ml_rest_delete_webhook(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__DeleteWebhook *request = message;
    struct ml_webhook webhook;
    Mledger__WebhookDeleted *deleted;
    uint8_t secret_id[ML_WEBHOOK_SECRET_ID_SIZE];
    (void)answer;
    ML_TRY(find(call, request->webhook_id, &webhook));
    const bool had_secret = webhook.secret_id;
    if (had_secret)
        memcpy(secret_id, webhook.secret_id, sizeof secret_id);
    ML_TRY(ml_rest_draft(call, "webhook_deleted", &deleted));
    ML_TRY(ml_rest_text(ml_rest_last(call), webhook.id, &deleted->webhook_id));
    ML_TRY(ml_rest_commit(call));
    if (had_secret)
        ml_webhook_secret_drop(sending_of(call)->secrets_dir, secret_id);
    return MLEDGER_OK;
}

/* ---- asking ---- */

int ml_rest_get_webhook(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetWebhook *request = message;
    Mlflow__GetWebhookResponse *response = answer;
    struct ml_webhook webhook;
    ML_TRY(find(call, request->webhook_id, &webhook));
    return show(call, &webhook, &response->webhook);
}

static size_t drop_unlisted(const struct ml_rest_call *call, struct ml_webhook *list, size_t count)
{
    size_t listed = 0;
    for (size_t i = 0; i < count; i++)
        if (is_listed(call, &list[i]))
            list[listed++] = list[i];
    return listed;
}

int ml_rest_list_webhooks(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__ListWebhooks *request = message;
    Mlflow__ListWebhooksResponse *response = answer;
    const int64_t most = request->max_results;
    struct ml_webhook *list;
    struct ml_rest_page page;
    size_t count;
    ML_TRY(check_served(call));
    if (most < 0 || most > LIST_MOST)
        return ml_rest_refuse(ML_REST_INVALID, "max_results must be between 1 and 1000.");
    ML_TRY(ml_rest_page(most ? &most : NULL, LIST_USUAL, LIST_MOST, request->page_token, &page));
    ML_TRY(ml_rest_read(call));
    ML_TRY(ml_webhooks_read(&call->reader, &list, &count));
    count = drop_unlisted(call, list, count);
    ML_TRY(ml_rest_page_cut(call, &page, count, &response->next_page_token));
    response->webhooks = ml_rest_array(call, page.count);
    if (!response->webhooks)
        return ml_rest_check(call);
    for (size_t i = 0; i < page.count; i++)
        ML_TRY(show(call, &list[page.begin + i], &response->webhooks[response->n_webhooks++]));
    return MLEDGER_OK;
}

/* ---- trying ---- */

static int show_outcome(struct ml_rest_call *call, const struct ml_delivery_outcome *outcome,
                        Mlflow__WebhookTestResult *result)
{
    result->has_success = true;
    result->success = outcome->verdict == ML_DELIVERED;
    result->has_response_status = outcome->status != 0;
    result->response_status = outcome->status;
    if (outcome->answer[0])
        result->response_body = ml_arena_printf(&call->arena, "%s", outcome->answer);
    if (outcome->status == 0)
        result->error_message =
            ml_arena_printf(&call->arena, "Failed to test webhook: %s", outcome->why);
    if ((outcome->answer[0] && !result->response_body) ||
        (outcome->status == 0 && !result->error_message))
        return ml_arena_fail(&call->arena, "the answer");
    return MLEDGER_OK;
}

/* What stands in the way here is a result too, as MLflow has it. */
static void fail_here(struct ml_delivery_outcome *outcome)
{
    struct ml_error error;
    ml_error_get(&error);
    *outcome = (struct ml_delivery_outcome){.verdict = ML_DELIVERY_NEVER};
    snprintf(outcome->why, sizeof outcome->why, "%.511s", error.text);
}

int ml_rest_test_webhook(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__TestWebhook *request = message;
    Mlflow__TestWebhookResponse *response = answer;
    struct ml_webhook webhook;
    struct ml_delivery_outcome outcome;
    Mledger__WebhookEvent event = MLEDGER__WEBHOOK_EVENT__WEBHOOK_EVENT_UNSPECIFIED;
    ML_TRY(ml_caller_may_record(call->caller)); /* who only reads sends nothing anywhere */
    if (request->event)
        ML_TRY(event_of(request->event, &event));
    ML_TRY(find(call, request->webhook_id, &webhook));
    if (ml_webhook_try(sending_of(call), &webhook, event, ml_time_now_us(), &outcome) < 0)
        fail_here(&outcome);
    response->result = ml_rest_message(call, &mlflow__webhook_test_result__descriptor);
    return response->result ? show_outcome(call, &outcome, response->result) : ml_rest_check(call);
}
