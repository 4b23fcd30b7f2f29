/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/webhook/change.h"

#include <sodium.h>
#include <stdio.h>

#include "ingest/http.h"
#include "ledger/core/ed25519.h"
#include "serve/webhook/secret.h"
#include "serve/webhook/uuid.h"

/* ---- what may be set ---- */

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static int check_name(const char *name)
{
    const size_t len = strlen(name);
    bool is_good = len >= 1 && len <= ML_WEBHOOK_NAME_MAX && is_alphanumeric(name[0]) &&
                   is_alphanumeric(name[len - 1]);
    for (size_t i = 0; i < len && is_good; i++)
        is_good = is_alphanumeric(name[i]) || strchr("._-", name[i]);
    if (is_good)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EUSAGE,
                   "Webhook name '%.128s' is invalid. It must start and end with a letter or "
                   "digit, be less than 63 characters long, and contain only letters, digits, "
                   "dots (.), underscores (_), and hyphens (-).",
                   name);
}

static unsigned networks_of(bool is_https, enum ml_webhook_reach reach)
{
    unsigned networks = is_https ? ML_ADDRESS_BIT(ML_ADDRESS_PUBLIC) : 0;
    if (reach >= ML_WEBHOOK_LOOPBACK)
        networks |= ML_ADDRESS_BIT(ML_ADDRESS_LOOPBACK);
    if (reach >= ML_WEBHOOK_PRIVATE)
        networks |= ML_ADDRESS_BIT(ML_ADDRESS_PRIVATE);
    return networks;
}

static int refuse_scheme(const char *url, bool is_http_allowed)
{
    const int len = (int)strcspn(url, ":/");
    return ml_fail(MLEDGER_EUSAGE, "Invalid webhook URL scheme: '%.*s'. Allowed schemes are: %s.",
                   url[len] == ':' ? len : 0, url, is_http_allowed ? "https, http" : "https");
}

static int parse(const char *url, enum ml_webhook_reach reach, struct ml_http_url *parts)
{
    if (url[strspn(url, " \t\r\n\v\f")] == '\0')
        return ml_fail(MLEDGER_EUSAGE, "Webhook URL cannot be empty or just whitespace: '%s'", url);
    if (strlen(url) > ML_WEBHOOK_URL_MAX)
        return ml_fail(MLEDGER_EUSAGE, "Webhook URL is longer than %d bytes", ML_WEBHOOK_URL_MAX);
    if (strncasecmp(url, "https:", 6) != 0 && strncasecmp(url, "http:", 5) != 0)
        return refuse_scheme(url, reach > ML_WEBHOOK_PUBLIC);
    if (strchr(url, ':')[strspn(strchr(url, ':') + 1, "/") + 1] == '\0')
        return ml_fail(MLEDGER_EUSAGE, "Webhook URL must include a hostname: '%s'", url);
    return ml_http_url_parse(url, parts) < 0 ? ml_prefix("Invalid webhook URL") : MLEDGER_OK;
}

/* Of a name it is not known where it leads, but for one. */
static bool may_be_loopback(const struct ml_http_url *url)
{
    enum ml_address_kind kind;
    if (ml_address_parse(url->host, &kind))
        return kind == ML_ADDRESS_LOOPBACK;
    return strcmp(url->host, "localhost") == 0;
}

static int check_address(const struct ml_http_url *url, unsigned networks)
{
    enum ml_address_kind kind;
    if (!ml_address_parse(url->host, &kind) || networks & ML_ADDRESS_BIT(kind))
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EUSAGE,
                   "Webhook URL must not resolve to a non-public IP address. '%s' is one.",
                   url->host);
}

int ml_webhook_networks(const char *url, enum ml_webhook_reach reach, unsigned *ret_networks)
{
    ML_CLEANUP(ml_http_url_release) struct ml_http_url parts = {0};
    enum ml_address_kind kind;
    ML_TRY(parse(url, reach, &parts));
    const unsigned networks = networks_of(parts.is_https, reach);
    const bool is_public =
        ml_address_parse(parts.host, &kind) && kind == ML_ADDRESS_PUBLIC && !parts.is_https;
    if (networks == 0 || is_public ||
        (!parts.is_https && reach == ML_WEBHOOK_LOOPBACK && !may_be_loopback(&parts)))
        return refuse_scheme(url, false);
    ML_TRY(check_address(&parts, networks));
    *ret_networks = networks;
    return MLEDGER_OK;
}

static bool becomes_active(const struct ml_webhook_change *change, const struct ml_webhook *webhook)
{
    if (webhook && webhook->active_since != MLEDGER_NO_SEQ)
        return false;
    return change->status ? change->status == MLEDGER__WEBHOOK_STATUS__ACTIVE : !webhook;
}

static int check_room(const struct ml_webhook *list, size_t count)
{
    size_t active = 0;
    for (size_t i = 0; i < count; i++)
        active += list[i].active_since != MLEDGER_NO_SEQ;
    if (active < ML_WEBHOOKS_ACTIVE_MAX)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EUSAGE, "there are %d active webhooks: disable or delete one first",
                   ML_WEBHOOKS_ACTIVE_MAX);
}

int ml_webhook_check(const struct ml_webhook_change *change, const struct ml_webhook *webhook,
                     enum ml_webhook_reach reach, const struct ml_webhook *list, size_t count)
{
    unsigned networks;
    if (change->name || !webhook)
        ML_TRY(check_name(change->name ? change->name : ""));
    if (change->url || !webhook || !webhook->url)
        ML_TRY(ml_webhook_networks(change->url ? change->url : "", reach, &networks));
    if (change->n_events == 0 && !webhook)
        return ml_fail(MLEDGER_EUSAGE, "Webhook events cannot be empty");
    if (change->description && strlen(change->description) > ML_WEBHOOK_DESCRIPTION_MAX)
        return ml_fail(MLEDGER_EUSAGE, "Webhook description is longer than %d bytes",
                       ML_WEBHOOK_DESCRIPTION_MAX);
    return becomes_active(change, webhook) ? check_room(list, count) : MLEDGER_OK;
}

/* ---- the record ---- */

static int put_text(struct ml_draft *draft, const char *text, char **ret_text)
{
    *ret_text = ml_draft_text(draft, text);
    return text && !*ret_text ? ml_fail_memory() : MLEDGER_OK;
}

static int put_url(struct ml_draft *draft, const char *url, Mledger__WebhookSet *set)
{
    ML_CLEANUP(ml_http_url_release) struct ml_http_url parts = {0};
    ML_TRY(ml_http_url_parse(url, &parts));
    ML_TRY(put_text(draft, parts.origin, &set->origin));
    return put_text(draft, url, &draft->details->url);
}

/* In ascending order, each once. */
static int put_events(struct ml_draft *draft, const Mledger__WebhookEvent *events, size_t count,
                      Mledger__WebhookSet *set)
{
    set->events = ml_arena_calloc(&draft->arena, ml_webhook_n_events, sizeof *set->events);
    if (!set->events)
        return ml_fail_memory();
    for (size_t i = 0; i < ml_webhook_n_events; i++)
        for (size_t k = 0; k < count; k++)
            if (events[k] == ml_webhook_events[i].event) {
                set->events[set->n_events++] = events[k];
                break;
            }
    return MLEDGER_OK;
}

static int put_secret_id(struct ml_draft *draft, const uint8_t *id, Mledger__WebhookSet *set)
{
    if (!id)
        return MLEDGER_OK;
    set->secret_id.data = ml_arena_alloc(&draft->arena, ML_WEBHOOK_SECRET_ID_SIZE);
    if (!set->secret_id.data)
        return ml_fail_memory();
    memcpy(set->secret_id.data, id, ML_WEBHOOK_SECRET_ID_SIZE);
    set->secret_id.len = ML_WEBHOOK_SECRET_ID_SIZE;
    set->has_secret_id = true;
    return MLEDGER_OK;
}

static int put_id(struct ml_draft *draft, const struct ml_webhook *webhook,
                  Mledger__WebhookSet *set)
{
    char id[ML_UUID_SIZE];
    if (webhook)
        return put_text(draft, webhook->id, &set->webhook_id);
    ML_TRY(ml_uuid_random(id));
    return put_text(draft, id, &set->webhook_id);
}

static Mledger__WebhookStatus status_after(const struct ml_webhook_change *change,
                                           const struct ml_webhook *webhook)
{
    if (change->status)
        return change->status;
    return webhook && webhook->active_since == MLEDGER_NO_SEQ ? MLEDGER__WEBHOOK_STATUS__DISABLED
                                                              : MLEDGER__WEBHOOK_STATUS__ACTIVE;
}

int ml_webhook_fill(struct ml_draft *draft, const struct ml_webhook_change *change,
                    const struct ml_webhook *webhook, const uint8_t *secret_id)
{
    static const struct ml_webhook none = {0};
    const struct ml_webhook *before = webhook ? webhook : &none;
    Mledger__WebhookSet *set = draft->event->webhook_set;
    Mledger__Details *details = ml_draft_details(draft);
    if (!details)
        return ml_fail_memory();
    ML_TRY(put_id(draft, webhook, set));
    ML_TRY(put_text(draft, change->name ? change->name : before->name, &set->name));
    ML_TRY(put_url(draft, change->url ? change->url : before->url, set));
    ML_TRY(put_text(draft, change->description ? change->description : before->description,
                    &details->description));
    if (change->n_events > 0)
        ML_TRY(put_events(draft, change->events, change->n_events, set));
    else
        ML_TRY(put_events(draft, before->events, before->n_events, set));
    set->status = status_after(change, webhook);
    return put_secret_id(draft, secret_id ? secret_id : before->secret_id, set);
}
