/* SPDX-License-Identifier: Apache-2.0 */
/* webhook add, set, remove, test. */
#include "cli/commands.h"
#include "cli/recording.h"
#include "cli/webhooks.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "ledger/store/durable.h"
#include "serve/webhook/secret.h"

#define EVENTS                                                                                     \
    "registered_model.created or deleted; model_version.created, deleted or transitioned_stage; "  \
    "model_version_tag.set or deleted; model_version_alias.created, moved or deleted."
#define OPTION_EVENT(is_required, text)                                                            \
    {                                                                                              \
        .name = "event", .value = "EVENT", .repeated = true, .required = (is_required),            \
        .help = text " One of " EVENTS                                                             \
    }
#define OPTION_SECRET                                                                              \
    {                                                                                              \
        .name = "secret-file", .value = "FILE", .rule = {.kind = ML_VALUE_FILE},                   \
        .help = "Sign notices with the secret in this file, its first line. It is copied to a "    \
                "file of its own and never recorded."                                              \
    }
#define ARGUMENT_WEBHOOK                                                                           \
    {                                                                                              \
        .name = "WEBHOOK", .min = 1, .max = 1,                                                     \
        .help = "Its id, or its name if no other bears it: mledger webhook list."                  \
    }

/* What one of these commands works with. */
struct hooking {
    struct ml_recording recording;
    struct ml_webhooks_place place;
    struct ml_view view;
    struct ml_reader reader;
    bool is_reading;
    Mledger__WebhookEvent events[32];
    struct ml_buf secret; /* with its NUL */
    uint8_t secret_id[ML_WEBHOOK_SECRET_ID_SIZE];
    bool has_new_secret; /* in a file, and in no record yet */
};

static void stop_reading(struct hooking *hooking)
{
    if (!hooking->is_reading)
        return;
    ml_reader_release(&hooking->reader);
    ml_view_end(&hooking->view);
    hooking->is_reading = false;
}

static void hooking_release(struct hooking *hooking)
{
    stop_reading(hooking);
    if (hooking->has_new_secret)
        ml_webhook_secret_drop(hooking->place.secrets_dir, hooking->secret_id);
    ml_buf_release(&hooking->secret);
    ml_webhooks_place_release(&hooking->place);
    ml_recording_release(&hooking->recording);
}

static int open_hooking(const struct ml_invocation *invocation, struct ml_output *out,
                        struct hooking *hooking)
{
    ML_TRY(ml_recording_open(invocation, out, &hooking->recording));
    ML_TRY(ml_webhooks_place_init(&hooking->place, invocation));
    ML_TRY(ml_view_begin(hooking->recording.session.ledger, &hooking->view));
    ml_reader_init(&hooking->reader, &hooking->view, hooking->view.head.size - 1);
    hooking->is_reading = true;
    return MLEDGER_OK;
}

/* ---- add, set ---- */

static int read_event(const char *name, Mledger__WebhookEvent *ret_event)
{
    char entity[64];
    const size_t len = strcspn(name, ".");
    const struct ml_webhook_event *event = NULL;
    if (len < sizeof entity && name[len] == '.') {
        memcpy(entity, name, len);
        entity[len] = '\0';
        event = ml_webhook_event_named(entity, name + len + 1);
    }
    if (!event)
        return ml_fail(MLEDGER_EUSAGE, "'%s' is no event; there are " EVENTS, name);
    *ret_event = event->event;
    return MLEDGER_OK;
}

static int read_events(const struct ml_invocation *invocation, struct hooking *hooking,
                       struct ml_webhook_change *change)
{
    const size_t count = ml_option_count(invocation, "event");
    if (count > ML_COUNT(hooking->events))
        return ml_fail(MLEDGER_EUSAGE, "--event is given more than %zu times",
                       ML_COUNT(hooking->events));
    for (size_t i = 0; i < count; i++) {
        ML_TRY(read_event(ml_option_at(invocation, "event", i), &hooking->events[i]));
    }
    change->events = hooking->events;
    change->n_events = count;
    return MLEDGER_OK;
}

static int read_secret(const struct ml_invocation *invocation, struct hooking *hooking,
                       struct ml_webhook_change *change)
{
    const char *path = ml_option_text(invocation, "secret-file", NULL);
    if (!path)
        return MLEDGER_OK;
    const int result =
        ml_durable_read(path, "secret of a webhook", ML_WEBHOOK_SECRET_MAX + 2, &hooking->secret);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no file '%s'", path);
    ML_TRY(result);
    ML_TRY(ml_buf_append_char(&hooking->secret, '\0'));
    char *text = (char *)hooking->secret.data;
    text[strcspn(text, "\r\n")] = '\0';
    change->secret = text;
    return MLEDGER_OK;
}

/* The secret is kept before the record that names it, and taken back if there is none. */
static int record_change(struct hooking *hooking, const struct ml_webhook_change *change,
                         const struct ml_webhook *webhook)
{
    struct ml_recording *recording = &hooking->recording;
    Mledger__WebhookSet *set;
    struct ml_webhook *list;
    size_t count;
    ML_TRY(ml_webhooks_read(&hooking->reader, &list, &count));
    ML_TRY(ml_webhook_check(change, webhook, hooking->place.sending.reach, list, count));
    if (change->secret) {
        ML_TRY(
            ml_webhook_secret_put(hooking->place.secrets_dir, change->secret, hooking->secret_id));
        hooking->has_new_secret = true;
    }
    ML_TRY(ml_recording_add(recording, "webhook_set", &set));
    ML_TRY(ml_webhook_fill(ml_recording_draft(recording), change, webhook,
                           change->secret ? hooking->secret_id : NULL));
    ML_TRY(ml_recording_fact(recording, "webhook_id", json_string(set->webhook_id)));
    stop_reading(hooking);
    ML_TRY(ml_recording_commit(recording));
    hooking->has_new_secret = false;
    return MLEDGER_OK;
}

static int run_add(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(hooking_release) struct hooking hooking = {0};
    struct ml_webhook_change change = {.name = ml_argument(invocation, "NAME"),
                                       .url = ml_argument(invocation, "URL"),
                                       .status = ml_option_given(invocation, "disabled")
                                                     ? MLEDGER__WEBHOOK_STATUS__DISABLED
                                                     : MLEDGER__WEBHOOK_STATUS__ACTIVE};
    ML_TRY(open_hooking(invocation, out, &hooking));
    ML_TRY(read_events(invocation, &hooking, &change));
    ML_TRY(read_secret(invocation, &hooking, &change));
    change.description = ml_option_text(invocation, "description", NULL);
    ML_TRY(record_change(&hooking, &change, NULL));
    return ml_recording_print(&hooking.recording, "webhook %s added", change.name);
}

const struct ml_command ml_command_webhook_add = {
    .name = "webhook add",
    .summary = "Record who is told of what happens in the registry",
    .description =
        (const char *const[]){
            "From this record on 'mledger serve' posts a notice to URL for each record that is one "
            "of the events, whoever appends it: JSON as MLflow's webhooks have it, with the "
            "record's number and hash, signed by HMAC-SHA256 if a secret is given. A notice that "
            "does not arrive is sent again for about a quarter of an hour; one may arrive twice, "
            "with the same delivery id.",
            "The event holds scheme, host and port of the URL. The whole of it stands in the "
            "record's details, which can be erased, since its path may be a credential.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "NAME",
             .min = 1,
             .max = 1,
             .help = "What to call it: letters, digits, dots, "
                     "underscores and hyphens."},
            {.name = "URL", .min = 1, .max = 1, .help = "Where to post notices."},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            OPTION_EVENT(true, "Tell it of this event; may be given several times."),
            OPTION_SECRET,
            {.name = "disabled", .help = "Do not tell it anything yet."},
            ML_OPTION_DESCRIPTION,
            ML_OPTIONS_WEBHOOK,
            ML_OPTIONS_RECORDING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger webhook add deploy https://ci.example.com/hook --event "
             "model_version.transitioned_stage --secret-file secret",
             "Have a pipeline told of each transition."},
            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run_add,
};

static Mledger__WebhookStatus status_of(const struct ml_invocation *invocation)
{
    const char *word = ml_option_text(invocation, "status", NULL);
    if (!word)
        return MLEDGER__WEBHOOK_STATUS__WEBHOOK_STATUS_UNSPECIFIED;
    return strcmp(word, "active") == 0 ? MLEDGER__WEBHOOK_STATUS__ACTIVE
                                       : MLEDGER__WEBHOOK_STATUS__DISABLED;
}

static int run_set(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(hooking_release) struct hooking hooking = {0};
    struct ml_webhook webhook;
    uint8_t old[ML_WEBHOOK_SECRET_ID_SIZE];
    struct ml_webhook_change change = {.name = ml_option_text(invocation, "name", NULL),
                                       .url = ml_option_text(invocation, "url", NULL),
                                       .status = status_of(invocation)};
    ML_TRY(open_hooking(invocation, out, &hooking));
    ML_TRY(read_events(invocation, &hooking, &change));
    ML_TRY(read_secret(invocation, &hooking, &change));
    change.description = ml_option_text(invocation, "description", NULL);
    if (!change.name && !change.url && !change.status && !change.n_events && !change.secret &&
        !change.description)
        return ml_fail(MLEDGER_EUSAGE, "nothing to set: give --name, --url, --event, --status, "
                                       "--secret-file or --description");
    ML_TRY(ml_webhook_named(&hooking.reader, ml_argument(invocation, "WEBHOOK"), &webhook));
    const bool is_replaced = webhook.secret_id && change.secret;
    if (is_replaced)
        memcpy(old, webhook.secret_id, sizeof old);
    ML_TRY(record_change(&hooking, &change, &webhook));
    if (is_replaced)
        ml_webhook_secret_drop(hooking.place.secrets_dir, old);
    return ml_recording_print(&hooking.recording, "webhook %s set",
                              ml_argument(invocation, "WEBHOOK"));
}

const struct ml_command ml_command_webhook_set = {
    .name = "webhook set",
    .summary = "Record a change of a webhook",
    .description =
        (const char *const[]){
            "What is not given stays. A change holds for notices that are still on their way; what "
            "happens while a webhook is disabled it is never told.",
            NULL},
    .arguments = (const struct ml_argument[]){ARGUMENT_WEBHOOK, {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "name", .value = "NAME", .help = "Call it so."},
            {.name = "url", .value = "URL", .help = "Post notices there."},
            OPTION_EVENT(false, "Tell it of this event, and of no others but those given here."),
            {.name = "status",
             .value = "STATUS",
             .rule = {.kind = ML_VALUE_CHOICE, .choices = ML_CHOICES("active", "disabled")},
             .help = "Tell it from now on, or no more."},
            OPTION_SECRET,
            ML_OPTION_DESCRIPTION,
            ML_OPTIONS_WEBHOOK,
            ML_OPTIONS_RECORDING,
            {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger webhook set deploy --status disabled",
                                             "Tell it nothing for now."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run_set,
};

/* ---- remove ---- */

static int run_remove(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(hooking_release) struct hooking hooking = {0};
    struct ml_webhook webhook;
    Mledger__WebhookDeleted *deleted;
    uint8_t secret_id[ML_WEBHOOK_SECRET_ID_SIZE];
    ML_TRY(open_hooking(invocation, out, &hooking));
    ML_TRY(ml_webhook_named(&hooking.reader, ml_argument(invocation, "WEBHOOK"), &webhook));
    ML_TRY(ml_recording_add(&hooking.recording, "webhook_deleted", &deleted));
    deleted->webhook_id = ml_draft_text(ml_recording_draft(&hooking.recording), webhook.id);
    if (!deleted->webhook_id)
        return ml_fail_memory();
    ML_TRY(ml_recording_fact(&hooking.recording, "webhook_id", json_string(webhook.id)));
    const bool had_secret = webhook.secret_id;
    if (had_secret)
        memcpy(secret_id, webhook.secret_id, sizeof secret_id);
    stop_reading(&hooking);
    ML_TRY(ml_recording_commit(&hooking.recording));
    if (had_secret)
        ml_webhook_secret_drop(hooking.place.secrets_dir, secret_id);
    return ml_recording_print(&hooking.recording, "webhook %s removed",
                              ml_argument(invocation, "WEBHOOK"));
}

const struct ml_command ml_command_webhook_remove = {
    .name = "webhook remove",
    .summary = "Record that a webhook is told nothing more",
    .arguments = (const struct ml_argument[]){ARGUMENT_WEBHOOK, {.name = NULL}},
    .options =
        (const struct ml_option[]){ML_OPTION_WEBHOOK_SECRETS, ML_OPTIONS_RECORDING, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run_remove,
};

/* ---- test ---- */

static int print_outcome(struct ml_output *out, const struct ml_invocation *invocation,
                         const struct ml_delivery_outcome *outcome)
{
    const bool is_delivered = outcome->verdict == ML_DELIVERED;
    if (!invocation->json && is_delivered)
        ml_output_line(out, ML_ROLE_GOOD, "delivered: status %d", outcome->status);
    else if (!invocation->json)
        ml_output_line(out, ML_ROLE_BAD, "not delivered: %s", outcome->why);
    if (invocation->json) {
        ML_CLEANUP(json_decrefp)
        json_t *json = json_pack("{s:b, s:i, s:s}", "delivered", is_delivered, "status",
                                 outcome->status, "answer", outcome->answer);
        if (!json)
            return ml_fail_memory();
        if (!is_delivered)
            ML_TRY(ml_json_put(json, "error", json_string(outcome->why)));
        ml_output_json(out, json);
    }
    return is_delivered ? MLEDGER_OK : ML_ANSWER_NO;
}

static int run_test(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(hooking_release) struct hooking hooking = {0};
    struct ml_webhook webhook;
    struct ml_webhook_change change = {0};
    struct ml_delivery_outcome outcome;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &hooking.recording.session));
    ML_TRY(ml_webhooks_place_init(&hooking.place, invocation));
    ML_TRY(ml_view_begin(hooking.recording.session.ledger, &hooking.view));
    ml_reader_init(&hooking.reader, &hooking.view, hooking.view.head.size - 1);
    hooking.is_reading = true;
    ML_TRY(read_events(invocation, &hooking, &change));
    ML_TRY(ml_webhook_named(&hooking.reader, ml_argument(invocation, "WEBHOOK"), &webhook));
    ML_TRY(ml_webhook_try(&hooking.place.sending, &webhook, change.n_events ? change.events[0] : 0,
                          ml_time_now_us(), &outcome));
    return print_outcome(out, invocation, &outcome);
}

const struct ml_command ml_command_webhook_test = {
    .name = "webhook test",
    .summary = "Send an example to a webhook and say what it answers",
    .description =
        (const char *const[]){
            "Sends one notice of a model that does not exist, from this machine and at once, "
            "whether the webhook is active or not. Nothing is recorded.",
            NULL},
    .arguments = (const struct ml_argument[]){ARGUMENT_WEBHOOK, {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "event",
             .value = "EVENT",
             .help = "An example of this event; of the first that it is told of, unless given."},
            ML_OPTIONS_WEBHOOK,
            {.name = NULL}},
    .exit_codes = (const struct ml_exit_code[]){{1, "It was not delivered."}, {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .run = run_test,
};
