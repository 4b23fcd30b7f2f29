/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/webhook/lane.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "ledger/core/index.h"
#include "serve/webhook/cursor.h"
#include "serve/webhook/delivery.h"
#include "serve/webhook/notice.h"

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
enum {
    BACKOFF_MAX_S = 300,
    RETRY_AFTER_MAX_S = 3600,
    SCAN_MAX = 1024, /* records looked at in one step, so that no view is held for long */
    /* Records passed without a notice after which the cursor is kept. */
    KEEP_EVERY = 1024,
};

/* A notice that waits; owned. */
struct waiting {
    Mledger__WebhookEvent event;
    char *body;
    char id[ML_UUID_SIZE];
};

struct ml_lane {
    const struct ml_lane_options *options;
    char *id;
    uint64_t cursor; /* the next record to look at */
    uint64_t kept;   /* as it stands in the file */
    /* The webhook as the record `seq` has it; MLEDGER_NO_SEQ: not read yet. */
    uint64_t seq;
    char *name, *origin, *url;
    uint32_t events;
    bool is_signed;
    uint8_t secret_id[ML_WEBHOOK_SECRET_ID_SIZE];
    struct ml_http_client *client; /* for that URL */
    /* What the record before the cursor tells. */
    struct waiting *waiting;
    size_t n_waiting, at;
    unsigned attempts; /* at the notice at hand */
    int64_t due_us;
};

int64_t ml_lane_backoff_us(unsigned attempts, uint32_t random, int64_t retry_after_s)
{
    int64_t wait_s = 1;
    for (unsigned i = 1; i < attempts && wait_s < BACKOFF_MAX_S; i++)
        wait_s *= 2;
    if (wait_s > BACKOFF_MAX_S)
        wait_s = BACKOFF_MAX_S;
    const int64_t half_us = wait_s * SECOND_US / 2;
    const int64_t backoff_us =
        half_us + (int64_t)(random / (UINT32_MAX / 1024 + 1)) * half_us / 1023;
    const int64_t asked_us =
        (retry_after_s > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : retry_after_s) * SECOND_US;
    return asked_us > backoff_us ? asked_us : backoff_us;
}

/* ---- making ---- */

static void forget_notices(struct ml_lane *lane)
{
    for (size_t i = 0; i < lane->n_waiting; i++)
        free(lane->waiting[i].body);
    free(ML_TAKE(lane->waiting));
    lane->n_waiting = lane->at = 0;
    lane->attempts = 0;
    lane->due_us = 0;
}

void ml_lane_free(struct ml_lane *lane)
{
    if (!lane)
        return;
    forget_notices(lane);
    ml_http_client_free(lane->client);
    free(lane->name);
    free(lane->origin);
    free(lane->url);
    free(lane->id);
    free(lane);
}

static void tell(const struct ml_lane *lane)
{
    if (lane->options->failed)
        lane->options->failed(lane->options->context);
}

/* A ledger that is shorter than the cursor was restored: what it lacks comes again, as other
 * records. */
static int read_cursor(struct ml_lane *lane)
{
    struct ml_head head;
    const int result = ml_cursor_read(lane->options->cursors_dir, lane->id, &lane->cursor);
    if (result == MLEDGER_EINVALID)
        tell(lane);
    else if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    ML_TRY(ml_ledger_head(lane->options->ledger, &head));
    if (lane->cursor > head.size) {
        ml_fail(MLEDGER_EINVALID,
                "webhook '%s' was told up to record %" PRIu64 ", and the ledger has %" PRIu64
                " records: it goes on from there",
                lane->id, lane->cursor, head.size);
        tell(lane);
        lane->cursor = head.size;
    }
    lane->kept = lane->cursor;
    return MLEDGER_OK;
}

int ml_lane_new(const struct ml_lane_options *options, const char *id, struct ml_lane **ret_lane)
{
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = ml_calloc(1, sizeof *lane);
    if (!lane || !(lane->id = strdup(id)))
        return ml_fail_memory();
    lane->options = options;
    lane->seq = MLEDGER_NO_SEQ;
    ML_TRY(read_cursor(lane));
    *ret_lane = ML_TAKE(lane);
    return MLEDGER_OK;
}

/* ---- the webhook as it is now ---- */

static int take_text(char **place, const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        return ml_fail_memory();
    free(*place);
    *place = copy;
    return MLEDGER_OK;
}

static int take_webhook(struct ml_lane *lane, const struct ml_webhook *webhook)
{
    ml_http_client_free(ML_TAKE(lane->client));
    ML_TRY(take_text(&lane->name, webhook->name));
    ML_TRY(take_text(&lane->origin, webhook->origin));
    ML_TRY(take_text(&lane->url, webhook->url));
    lane->events = ml_webhook_event_set(webhook);
    lane->is_signed = webhook->secret_id != NULL;
    if (lane->is_signed)
        memcpy(lane->secret_id, webhook->secret_id, sizeof lane->secret_id);
    lane->seq = webhook->seq;
    return MLEDGER_OK;
}

/* The URL may have been erased since, which is no change of the webhook. */
static int refresh(struct ml_lane *lane, struct ml_reader *reader, bool *ret_active)
{
    struct ml_webhook webhook;
    const int result = ml_webhook_find(reader, lane->id, &webhook);
    *ret_active = false;
    if (result == MLEDGER_ENOTFOUND) {
        ml_cursor_drop(lane->options->cursors_dir, lane->id);
        return MLEDGER_OK;
    }
    ML_TRY(result);
    if (webhook.active_since == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    if (webhook.seq != lane->seq || !webhook.url != !lane->url)
        ML_TRY(take_webhook(lane, &webhook));
    if (lane->cursor <= webhook.active_since) {
        forget_notices(lane);
        lane->cursor = webhook.active_since + 1;
    }
    *ret_active = true;
    return MLEDGER_OK;
}

/* ---- the next notices ---- */

static int name_delivery(const struct ml_lane *lane, const struct ml_record *record,
                         const struct ml_notice *notice, struct waiting *waiting)
{
    static const char domain[] = "mledger webhook delivery v1";
    uint8_t link[ML_HASH_SIZE];
    char index[16];
    ML_TRY(ml_link(record->header_bytes, link));
    const int len = snprintf(index, sizeof index, "%" PRIu32, notice->index);
    const struct ml_span parts[] = {ML_SPAN(domain, sizeof domain), ML_SPAN(link, sizeof link),
                                    ML_SPAN(index, (size_t)len + 1),
                                    ML_SPAN(lane->id, strlen(lane->id))};
    return ml_uuid_of(parts, ML_COUNT(parts), waiting->id);
}

static int keep_notices(struct ml_lane *lane, const struct ml_record *record,
                        const struct ml_notice *notices, size_t count)
{
    forget_notices(lane);
    lane->waiting = ml_calloc(count, sizeof *lane->waiting);
    if (!lane->waiting)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++) {
        struct waiting *waiting = &lane->waiting[i];
        waiting->event = notices[i].event;
        ML_TRY(name_delivery(lane, record, &notices[i], waiting));
        waiting->body = strdup(notices[i].body);
        if (!waiting->body)
            return ml_fail_memory();
        lane->n_waiting++;
    }
    return MLEDGER_OK;
}

struct scan {
    struct ml_lane *lane;
    struct ml_view *view;
    uint64_t next; /* after the last record looked at */
    size_t looked_at;
};

/* 1: something is to be told, or enough was looked at. */
static int look_at(uint64_t seq, void *context)
{
    struct scan *scan = context;
    ML_CLEANUP(ml_reader_release) struct ml_reader reader;
    const struct ml_record *record;
    struct ml_notice *notices;
    size_t count;
    ml_reader_init(&reader, scan->view, seq);
    ML_TRY(ml_reader_record(&reader, seq, &record));
    ML_TRY(ml_notices(&reader, record, scan->lane->events, &notices, &count));
    if (count > 0)
        ML_TRY(keep_notices(scan->lane, record, notices, count));
    scan->next = seq + 1;
    return count > 0 || ++scan->looked_at == SCAN_MAX;
}

/* Nothing to tell up to the end, or to where the scan stopped: *ret_more. */
static int find_notices(struct ml_lane *lane, struct ml_view *view, bool *ret_more)
{
    struct scan scan = {.lane = lane, .view = view, .next = view->head.size};
    const struct ml_state_key prefix = ml_index_registry_prefix();
    const int result = ml_view_index(view, &prefix, lane->cursor, look_at, &scan);
    if (result < 0) {
        forget_notices(lane);
        return result;
    }
    *ret_more = lane->n_waiting > 0 || scan.looked_at == SCAN_MAX;
    lane->cursor = *ret_more ? scan.next : view->head.size;
    return MLEDGER_OK;
}

static int keep_cursor(struct ml_lane *lane)
{
    if (lane->cursor == lane->kept)
        return MLEDGER_OK;
    ML_TRY(ml_cursor_write(lane->options->cursors_dir, lane->id, lane->cursor));
    lane->kept = lane->cursor;
    return MLEDGER_OK;
}

/* An enum ml_lane_next that is not AGAIN, or AGAIN: there may be something to send. */
static int look(struct ml_lane *lane)
{
    ML_CLEANUP(ml_view_end) struct ml_view view = {0};
    ML_CLEANUP(ml_reader_release) struct ml_reader reader = {0};
    bool is_active, is_more = true;
    ML_TRY(ml_view_begin(lane->options->ledger, &view));
    ml_reader_init(&reader, &view, view.head.size - 1);
    ML_TRY(refresh(lane, &reader, &is_active));
    if (!is_active)
        return ML_LANE_OVER;
    if (lane->n_waiting == 0)
        ML_TRY(find_notices(lane, &view, &is_more));
    return is_more ? ML_LANE_AGAIN : ML_LANE_IDLE;
}

/* ---- sending ---- */

static int ready_client(struct ml_lane *lane)
{
    unsigned networks;
    if (!lane->url)
        return ml_fail(MLEDGER_EINVALID, "the URL of webhook '%s' was erased: set it again",
                       lane->name);
    if (lane->client)
        return MLEDGER_OK;
    if (ml_webhook_networks(lane->url, lane->options->reach, &networks) < 0)
        return ml_prefix("webhook '%s'", lane->name);
    return ml_delivery_client(networks, lane->options->ca_file, lane->options->cancel,
                              &lane->client);
}

/* The next notice; after the last one of a record that is kept. */
static int go_on(struct ml_lane *lane)
{
    lane->attempts = 0;
    lane->due_us = 0;
    if (++lane->at < lane->n_waiting)
        return MLEDGER_OK;
    forget_notices(lane);
    return keep_cursor(lane);
}

static void tell_outcome(const struct ml_lane *lane, const struct ml_delivery_outcome *outcome,
                         const char *what_now)
{
    ml_fail(MLEDGER_ESYSTEM, "webhook '%s' was not told of record %" PRIu64 ": %s; %s", lane->name,
            lane->cursor - 1, outcome->why, what_now);
    tell(lane);
}

static int give_up(struct ml_lane *lane, const struct ml_delivery_outcome *outcome)
{
    atomic_fetch_add(&lane->options->counts->given_up, 1);
    tell_outcome(lane, outcome, "it is given up");
    return go_on(lane);
}

static int try_later(struct ml_lane *lane, const struct ml_delivery_outcome *outcome,
                     int64_t now_us)
{
    uint32_t random;
    if (++lane->attempts == ML_LANE_ATTEMPTS)
        return give_up(lane, outcome);
    atomic_fetch_add(&lane->options->counts->retried, 1);
    if (lane->attempts == 1)
        tell_outcome(lane, outcome, "it will be tried again");
    randombytes_buf(&random, sizeof random);
    lane->due_us = now_us + ml_lane_backoff_us(lane->attempts, random, outcome->retry_after_s);
    return MLEDGER_OK;
}

static int take_outcome(struct ml_lane *lane, const struct ml_delivery_outcome *outcome,
                        int64_t now_us)
{
    const atomic_bool *cancel = lane->options->cancel;
    if (outcome->verdict == ML_DELIVERED) {
        atomic_fetch_add(&lane->options->counts->delivered, 1);
        return go_on(lane);
    }
    if (cancel && atomic_load(cancel))
        return MLEDGER_OK; /* it was cut off here, and says nothing of the receiver */
    return outcome->verdict == ML_DELIVERY_LATER ? try_later(lane, outcome, now_us)
                                                 : give_up(lane, outcome);
}

static int send_one(struct ml_lane *lane, int64_t now_us)
{
    ML_CLEANUP(ml_webhook_secret_freep) struct ml_webhook_secret *secret = NULL;
    const struct waiting *waiting = &lane->waiting[lane->at];
    struct ml_delivery delivery = {.url = lane->url,
                                   .origin = lane->origin,
                                   .now_s = now_us / SECOND_US,
                                   .body = ML_SPAN(waiting->body, strlen(waiting->body))};
    struct ml_delivery_outcome outcome;
    if (!(lane->events & ml_webhook_event_bit(waiting->event)))
        return go_on(lane);
    ML_TRY(ready_client(lane));
    if (lane->is_signed &&
        ml_webhook_secret_get(lane->options->secrets_dir, lane->secret_id, &secret) < 0)
        return ml_prefix("webhook '%s'", lane->name);
    memcpy(delivery.id, waiting->id, sizeof delivery.id);
    delivery.secret = secret;
    ML_TRY(ml_deliver(lane->client, &delivery, &outcome));
    return take_outcome(lane, &outcome, now_us);
}

int ml_lane_step(struct ml_lane *lane, int64_t now_us, int64_t *ret_due_us)
{
    *ret_due_us = now_us + MINUTE_US;
    if (lane->due_us > now_us) {
        *ret_due_us = lane->due_us;
        return ML_LANE_LATER;
    }
    const int next = look(lane);
    if (next < 0 || next == ML_LANE_OVER)
        return next;
    if (lane->n_waiting > 0)
        ML_TRY(send_one(lane, now_us));
    else if (lane->cursor - lane->kept >= KEEP_EVERY)
        ML_TRY(keep_cursor(lane));
    if (lane->due_us > now_us) {
        *ret_due_us = lane->due_us;
        return ML_LANE_LATER;
    }
    return next;
}
