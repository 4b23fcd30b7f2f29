/* SPDX-License-Identifier: Apache-2.0 */
/* incident open, note, close. */
#include "cli/commands.h"
#include "cli/content.h"
#include "cli/registry.h"
#include "ledger/core/codec.h"

/* What a model or version is concerned; both absent: none. */
static void set_model(Mledger__IncidentRecorded *incident, const struct ml_named_version *of)
{
    incident->has_model = true;
    incident->model = of->model;
    incident->has_version = of->version > 0;
    incident->version = of->version;
}

/* The model that the incident's newest record names, so that a note stands in its history too. */
static int find_model_before(struct ml_view *view, const char *id,
                             Mledger__IncidentRecorded *incident)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_state_key key;
    struct ml_record record;
    uint64_t seq;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_key_incident(id, &key));
    const int result = ml_state_pointer(view->state, &key, &seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* the rule on incidents says it better */
    ML_TRY(result);
    ML_TRY(ml_view_record(view, seq, &arena, &record));
    const Mledger__Event *event = record.event;
    if (!event || event->kind_case != MLEDGER__EVENT__KIND_INCIDENT_RECORDED)
        return MLEDGER_OK;
    incident->has_model = event->incident_recorded->has_model;
    incident->model = event->incident_recorded->model;
    incident->has_version = event->incident_recorded->has_version;
    incident->version = event->incident_recorded->version;
    return MLEDGER_OK;
}

static int add_model(struct ml_recording *recording, Mledger__IncidentRecorded *incident)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    const char *model = ml_option_text(invocation, "model", NULL);
    struct ml_named_version version;
    struct ml_view view;
    if (model) {
        ML_TRY(ml_named_model_or_version(&recording->session, model, &version));
        set_model(incident, &version);
        return MLEDGER_OK;
    }
    if (incident->status == MLEDGER__INCIDENT_STATUS__OPENED)
        return MLEDGER_OK;
    ML_TRY(ml_view_begin(recording->session.ledger, &view));
    const int result = find_model_before(&view, incident->incident_id, incident);
    ml_view_end(&view);
    return result;
}

static int add_content(struct ml_recording *recording, Mledger__IncidentRecorded *incident)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    struct ml_draft *draft = ml_recording_draft(recording);
    for (size_t i = 0; i < ml_option_count(invocation, "content"); i++) {
        struct ml_content content;
        ML_TRY(ml_content_read(&recording->session, draft, "--content",
                               ml_option_at(invocation, "content", i), &content));
        if (content.has_version)
            return ml_fail(MLEDGER_EUSAGE, "--content must be data; a version is named by --model");
        for (size_t k = 0; k < content.n_digests; k++)
            ML_TRY(ml_parts_append(draft, &incident->digests, &incident->n_digests,
                                   content.digests[k]));
    }
    return MLEDGER_OK;
}

static int set_text(struct ml_draft *draft, char **place, const char *text)
{
    *place = ml_draft_text(draft, text);
    return text && !*place ? ml_fail_memory() : MLEDGER_OK;
}

static int record(const struct ml_invocation *invocation, struct ml_output *out,
                  Mledger__IncidentStatus status, const char *verb)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    Mledger__IncidentRecorded *incident;
    const char *id = ml_argument(invocation, "ID");
    ML_TRY(ml_recording_open(invocation, out, &recording));
    ML_TRY(ml_recording_add(&recording, "incident_recorded", &incident));
    struct ml_draft *draft = ml_recording_draft(&recording);
    incident->status = status;
    ML_TRY(set_text(draft, &incident->incident_id, id));
    ML_TRY(set_text(draft, &incident->severity, ml_option_text(invocation, "severity", NULL)));
    ML_TRY(set_text(draft, &draft->details->title, ml_option_text(invocation, "title", NULL)));
    ML_TRY(add_model(&recording, incident));
    ML_TRY(add_content(&recording, incident));
    ML_TRY(ml_recording_fact(&recording, "incident_id", json_string(id)));
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "incident %s %s", id, verb);
}

#define ARGUMENT_ID                                                                                \
    {                                                                                              \
        .name = "ID", .min = 1, .max = 1, .help = "The incident's id, of your choice."             \
    }
#define OPTIONS                                                                                    \
    {.name = "title", .value = "TEXT", .help = "What it is about, in a few words."},               \
        {.name = "severity", .value = "NAME", .help = "How bad it is: low, high, SEV2, ..."},      \
        {.name = "model",                                                                          \
         .value = "MODEL|VERSION",                                                                 \
         .rule = {.kind = ML_VALUE_MODEL},                                                         \
         .help = "The model or version concerned; without it the one named before."},              \
        {.name = "content",                                                                        \
         .value = "CONTENT",                                                                       \
         .repeated = true,                                                                         \
         .help = "Content concerned: a path, a digest, or dataset:NAME."},                         \
        ML_OPTION_DESCRIPTION, ML_OPTIONS_RECORDING

static int incident_open(const struct ml_invocation *invocation, struct ml_output *out)
{
    return record(invocation, out, MLEDGER__INCIDENT_STATUS__OPENED, "opened");
}

const struct ml_command ml_command_incident_open = {
    .name = "incident open",
    .summary = "Record that something went wrong",
    .arguments = (const struct ml_argument[]){ARGUMENT_ID, {.name = NULL}},
    .options = (const struct ml_option[]){OPTIONS, {.name = NULL}},
    .examples =
        (const struct ml_example[]){{"mledger incident open INC-7 --model churn/3 --severity high "
                                     "--title 'Scores drift'",
                                     "Open an incident on a version."},
                                    {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = incident_open,
};

static int incident_note(const struct ml_invocation *invocation, struct ml_output *out)
{
    return record(invocation, out, MLEDGER__INCIDENT_STATUS__NOTED, "noted");
}

const struct ml_command ml_command_incident_note = {
    .name = "incident note",
    .summary = "Add what was found out about an incident",
    .arguments = (const struct ml_argument[]){ARGUMENT_ID, {.name = NULL}},
    .options = (const struct ml_option[]){OPTIONS, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = incident_note,
};

static int incident_close(const struct ml_invocation *invocation, struct ml_output *out)
{
    return record(invocation, out, MLEDGER__INCIDENT_STATUS__CLOSED, "closed");
}

const struct ml_command ml_command_incident_close = {
    .name = "incident close",
    .summary = "Record that an incident is over",
    .arguments = (const struct ml_argument[]){ARGUMENT_ID, {.name = NULL}},
    .options = (const struct ml_option[]){OPTIONS, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = incident_close,
};
