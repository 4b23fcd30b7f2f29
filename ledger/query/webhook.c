/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/webhook.h"

#include "ledger/core/fold.h"
#include "ledger/query/state_walk.h"

/* ---- events ---- */

const struct ml_webhook_event ml_webhook_events[] = {
    {MLEDGER__WEBHOOK_EVENT__REGISTERED_MODEL_CREATED, "registered_model", "created", true},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_CREATED, "model_version", "created", true},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TAG_SET, "model_version_tag", "set", true},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TAG_DELETED, "model_version_tag", "deleted", true},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_CREATED, "model_version_alias", "created", true},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_DELETED, "model_version_alias", "deleted", true},
    {MLEDGER__WEBHOOK_EVENT__REGISTERED_MODEL_DELETED, "registered_model", "deleted", false},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_DELETED, "model_version", "deleted", false},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TRANSITIONED_STAGE, "model_version",
     "transitioned_stage", false},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_MOVED, "model_version_alias", "moved", false},
};
const size_t ml_webhook_n_events = ML_COUNT(ml_webhook_events);

const struct ml_webhook_event *ml_webhook_event(Mledger__WebhookEvent event)
{
    for (size_t i = 0; i < ml_webhook_n_events; i++)
        if (ml_webhook_events[i].event == event)
            return &ml_webhook_events[i];
    return NULL;
}

const struct ml_webhook_event *ml_webhook_event_named(const char *entity, const char *action)
{
    for (size_t i = 0; i < ml_webhook_n_events; i++)
        if (strcmp(ml_webhook_events[i].entity, entity) == 0 &&
            strcmp(ml_webhook_events[i].action, action) == 0)
            return &ml_webhook_events[i];
    return NULL;
}

uint32_t ml_webhook_event_set(const struct ml_webhook *webhook)
{
    uint32_t set = 0;
    for (size_t i = 0; i < webhook->n_events; i++)
        set |= ml_webhook_event_bit(webhook->events[i]);
    return set;
}

/* ---- webhooks ---- */

static int fill(struct ml_reader *reader, const Mledger__WebhookState *state,
                struct ml_webhook *ret_webhook)
{
    const struct ml_record *record, *created;
    ML_TRY(ml_reader_record(reader, state->seq, &record));
    ML_TRY(ml_reader_record(reader, state->created_seq, &created));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_WEBHOOK_SET)
        return ml_fail_seq(MLEDGER_EDAMAGED, state->seq, "the state says that it sets a webhook");
    const Mledger__WebhookSet *set = record->event->webhook_set;
    *ret_webhook = (struct ml_webhook){
        .id = set->webhook_id,
        .name = set->name,
        .origin = set->origin,
        .url = record->details ? record->details->url : NULL,
        .description = record->details ? record->details->description : NULL,
        .events = set->events,
        .n_events = set->n_events,
        .secret_id = set->has_secret_id ? set->secret_id.data : NULL,
        .created_seq = state->created_seq,
        .seq = state->seq,
        .active_since = state->has_active_since ? state->active_since : MLEDGER_NO_SEQ,
        .created_at_us = created->header->recorded_at,
        .set_at_us = record->header->recorded_at,
    };
    return MLEDGER_OK;
}

struct listing {
    struct ml_reader *reader;
    struct ml_webhook *list;
    size_t count, cap;
};

static int add(struct ml_span key, struct ml_span value, void *context)
{
    struct listing *listing = context;
    ProtobufCAllocator allocator = ml_arena_allocator(&listing->reader->arena);
    const Mledger__WebhookState *state =
        mledger__webhook_state__unpack(&allocator, value.len, value.data);
    (void)key;
    if (!state)
        return ml_fail(MLEDGER_EDAMAGED, "the derived state of a webhook is damaged");
    if (state->has_deleted)
        return MLEDGER_OK;
    ML_TRY(ml_grow(&listing->list, &listing->cap, listing->count + 1, sizeof *listing->list));
    ML_TRY(fill(listing->reader, state, &listing->list[listing->count]));
    listing->count++;
    return MLEDGER_OK;
}

static int compare_age(const void *a, const void *b)
{
    const uint64_t left = ((const struct ml_webhook *)a)->created_seq;
    const uint64_t right = ((const struct ml_webhook *)b)->created_seq;
    return (left < right) - (left > right);
}

static int keep(struct listing *listing, struct ml_webhook **ret_list)
{
    struct ml_webhook *list =
        ml_arena_calloc(&listing->reader->arena, listing->count + 1, sizeof *list);
    if (!list)
        return ml_fail_memory();
    if (listing->count > 0) {
        qsort(listing->list, listing->count, sizeof *list, compare_age);
        memcpy(list, listing->list, listing->count * sizeof *list);
    }
    *ret_list = list;
    return MLEDGER_OK;
}

int ml_webhooks_read(struct ml_reader *reader, struct ml_webhook **ret_list, size_t *ret_count)
{
    struct listing listing = {.reader = reader};
    const struct ml_state_key prefix = ml_key_webhooks();
    int result = ml_state_walk(reader->view, ml_state_key_span(&prefix), add, &listing);
    if (result >= 0)
        result = keep(&listing, ret_list);
    free(listing.list);
    *ret_count = listing.count;
    return result;
}

int ml_webhook_find(struct ml_reader *reader, const char *id, struct ml_webhook *ret_webhook)
{
    struct ml_state_key key;
    Mledger__WebhookState *state;
    ML_TRY(ml_key_webhook(id, &key));
    ML_TRY(ml_state_load(reader->view->state, ml_state_key_span(&key),
                         &mledger__webhook_state__descriptor, &reader->arena, &state));
    return state->has_deleted ? MLEDGER_ENOTFOUND : fill(reader, state, ret_webhook);
}

int ml_webhook_named(struct ml_reader *reader, const char *id_or_name,
                     struct ml_webhook *ret_webhook)
{
    struct ml_webhook *list;
    const struct ml_webhook *found = NULL;
    size_t count;
    const int result = ml_webhook_find(reader, id_or_name, ret_webhook);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    ML_TRY(ml_webhooks_read(reader, &list, &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].name, id_or_name) != 0)
            continue;
        if (found)
            return ml_fail(MLEDGER_EUSAGE, "several webhooks are called '%s': '%s', '%s'",
                           id_or_name, found->id, list[i].id);
        found = &list[i];
    }
    if (!found)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no webhook '%s'", id_or_name);
    *ret_webhook = *found;
    return MLEDGER_OK;
}
