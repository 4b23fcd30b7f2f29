/* SPDX-License-Identifier: Apache-2.0 */
/* The notices of a record, by its kind. */
#include "serve/webhook/notice.h"

#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/query/fields.h"
#include "ledger/query/model_past.h"
#include "ledger/query/standing.h"
#include "serve/webhook/notice_private.h"

/* The tag that makes a model one of MLflow's prompts (mlflow.prompt.constants). */
static const char prompt_tag[] = "mlflow.prompt.is_prompt";

/* ---- of a record ---- */

struct telling {
    struct ml_reader *reader;
    const struct ml_record *record;
    uint32_t wanted;
    struct ml_notice *list;
    size_t count;
    uint32_t index; /* of the next one, wanted or not */
};

/* The author; where that is unknown, as of what a service records for nobody, whoever signed. */
static int put_actor(struct telling *telling, json_t *notice)
{
    uint64_t actor;
    struct ml_standing standing;
    const Mledger__SubjectState *state = NULL;
    ML_TRY(ml_reader_author(telling->reader, telling->record, &actor));
    if (actor == MLEDGER_NO_SEQ) {
        ML_TRY(ml_standing_read(telling->reader->view, telling->record->header->signer.data,
                                &standing));
        actor = standing.known ? standing.actor : MLEDGER_NO_SEQ;
    }
    if (actor != MLEDGER_NO_SEQ)
        ML_TRY(ml_reader_subject(telling->reader, actor, &state));
    return ml_json_put(notice, "actor", state ? json_string(state->name) : json_null());
}

static int put_receipt(struct telling *telling, json_t *notice)
{
    uint8_t hash[ML_HASH_SIZE];
    char link[ML_HEX_SIZE(ML_HASH_SIZE)];
    ML_TRY(ml_link(telling->record->header_bytes, hash));
    ml_hex_encode(link, hash, ML_HASH_SIZE);
    ML_TRY(ml_json_put(notice, "seq", json_integer((json_int_t)telling->record->header->seq)));
    return ml_json_put(notice, "record_hash", json_string(link));
}

static int dump(struct telling *telling, const json_t *notice, const char **ret_body)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_json_dump(notice, 0, &text));
    char *body = ml_arena_alloc(&telling->reader->arena, text.len + 1);
    if (!body)
        return ml_fail_memory();
    memcpy(body, text.data, text.len);
    body[text.len] = '\0';
    *ret_body = body;
    return MLEDGER_OK;
}

static int tell(struct telling *telling, Mledger__WebhookEvent event,
                const struct ml_notice_subject *about)
{
    ML_CLEANUP(json_decrefp) json_t *notice = NULL;
    struct ml_notice *to = &telling->list[telling->count];
    const uint32_t index = telling->index++;
    if (!(telling->wanted & ml_webhook_event_bit(event)))
        return MLEDGER_OK;
    ML_TRY(ml_notice_make(ml_webhook_event(event), telling->record->header->recorded_at, about,
                          &notice));
    ML_TRY(put_actor(telling, notice));
    ML_TRY(put_receipt(telling, notice));
    *to = (struct ml_notice){.event = event, .index = index};
    ML_TRY(dump(telling, notice, &to->body));
    telling->count++;
    return MLEDGER_OK;
}

/* ---- what the kinds of records say ---- */

/* {KEY: VALUE}; what was erased is left out. */
static int tags_to_json(char *const *tags, size_t count, const Mledger__Details *details,
                        json_t **ret_json)
{
    ML_CLEANUP(json_decrefp) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_notice_put_text(json, tags[i], ml_field_tag_value(details, i)));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static int put_described(json_t *data, char *const *tags, size_t count,
                         const Mledger__Details *details)
{
    json_t *json;
    ML_TRY(tags_to_json(tags, count, details, &json));
    ML_TRY(ml_json_put(data, "tags", json));
    return ml_json_put(data, "description", text_or_null(details ? details->description : NULL));
}

static int model_created(struct telling *telling, struct ml_notice_subject *about)
{
    const Mledger__ModelCreated *created = telling->record->event->model_created;
    ML_CLEANUP(json_decrefp) json_t *data = json_object();
    if (!data)
        return ml_fail_memory();
    ML_TRY(put_described(data, created->tags, created->n_tags, telling->record->details));
    about->data = data;
    return tell(telling, MLEDGER__WEBHOOK_EVENT__REGISTERED_MODEL_CREATED, about);
}

static int version_registered(struct telling *telling, struct ml_notice_subject *about)
{
    const Mledger__VersionRegistered *registered = telling->record->event->version_registered;
    ML_CLEANUP(json_decrefp)
    json_t *data = json_pack("{s:s, s:o}", "source", registered->source ? registered->source : "",
                             "run_id", text_or_null(registered->run_id));
    if (!data)
        return ml_fail_memory();
    ML_TRY(put_described(data, registered->tags, registered->n_tags, telling->record->details));
    about->version = registered->version;
    about->data = data;
    return tell(telling, MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_CREATED, about);
}

static int tags_set(struct telling *telling, struct ml_notice_subject *about)
{
    const Mledger__TagsSet *set = telling->record->event->tags_set;
    about->version = set->version;
    for (size_t i = 0; i < set->n_tags; i++) {
        about->key = set->tags[i];
        about->value = ml_field_tag_value(telling->record->details, i);
        ML_TRY(tell(telling, MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TAG_SET, about));
    }
    return MLEDGER_OK;
}

static int tags_deleted(struct telling *telling, struct ml_notice_subject *about)
{
    const Mledger__TagsDeleted *deleted = telling->record->event->tags_deleted;
    about->version = deleted->version;
    for (size_t i = 0; i < deleted->n_tags; i++) {
        about->key = deleted->tags[i];
        ML_TRY(tell(telling, MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TAG_DELETED, about));
    }
    return MLEDGER_OK;
}

/* Where the alias pointed before the record; 0: nowhere. */
static int version_before(struct telling *telling, uint64_t model, const char *alias,
                          uint64_t *ret_version)
{
    ML_CLEANUP(ml_reader_release) struct ml_reader before;
    struct ml_model_past past;
    ml_reader_init(&before, telling->reader->view, telling->record->header->seq - 1);
    ML_TRY(ml_model_past(&before, model, &past));
    *ret_version = 0;
    for (size_t i = 0; i < past.n_aliases; i++)
        if (strcmp(past.aliases[i].alias, alias) == 0)
            *ret_version = past.aliases[i].version;
    return MLEDGER_OK;
}

static int alias_set(struct telling *telling, struct ml_notice_subject *about)
{
    const Mledger__AliasSet *set = telling->record->event->alias_set;
    uint64_t before = 0;
    about->version = set->version;
    about->alias = set->alias;
    ML_TRY(tell(telling, MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_CREATED, about));
    if (telling->wanted & ml_webhook_event_bit(MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_MOVED))
        ML_TRY(version_before(telling, set->model, set->alias, &before));
    about->from_version = before;
    if (before == 0 || before == set->version)
        return MLEDGER_OK;
    return tell(telling, MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_MOVED, about);
}

static int transitioned(struct telling *telling, struct ml_notice_subject *about)
{
    const Mledger__StageTransitioned *transition = telling->record->event->stage_transitioned;
    about->version = transition->version;
    about->from_stage = transition->from_stage;
    about->to_stage = transition->to_stage;
    return tell(telling, MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TRANSITIONED_STAGE, about);
}

static int tell_kind(struct telling *telling, struct ml_notice_subject *about)
{
    const Mledger__Event *event = telling->record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        return model_created(telling, about);
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
        return tell(telling, MLEDGER__WEBHOOK_EVENT__REGISTERED_MODEL_DELETED, about);
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return version_registered(telling, about);
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        about->version = event->version_deleted->version;
        return tell(telling, MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_DELETED, about);
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return transitioned(telling, about);
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        return alias_set(telling, about);
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
        about->alias = event->alias_deleted->alias;
        return tell(telling, MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_DELETED, about);
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return tags_set(telling, about);
    default:
        return tags_deleted(telling, about);
    }
}

/* ---- which records, of which model ---- */

uint32_t ml_notice_events(const Mledger__Event *event)
{
    if (event->has_imported_from)
        return 0;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        return ml_webhook_event_bit(MLEDGER__WEBHOOK_EVENT__REGISTERED_MODEL_CREATED);
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
        return ml_webhook_event_bit(MLEDGER__WEBHOOK_EVENT__REGISTERED_MODEL_DELETED);
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return ml_webhook_event_bit(MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_CREATED);
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        return ml_webhook_event_bit(MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_DELETED);
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return ml_webhook_event_bit(MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TRANSITIONED_STAGE);
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        return ml_webhook_event_bit(MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_CREATED) |
               ml_webhook_event_bit(MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_MOVED);
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
        return ml_webhook_event_bit(MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_DELETED);
    case MLEDGER__EVENT__KIND_TAGS_SET:
        if (event->tags_set->has_version)
            return ml_webhook_event_bit(MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TAG_SET);
        return 0;
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        if (event->tags_deleted->has_version)
            return ml_webhook_event_bit(MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TAG_DELETED);
        return 0;
    default:
        return 0;
    }
}

static uint64_t model_of(const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
        return event->model_deleted->model;
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return event->version_registered->model;
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        return event->version_deleted->model;
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return event->stage_transitioned->model;
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        return event->alias_set->model;
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
        return event->alias_deleted->model;
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return event->tags_set->model;
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        return event->tags_deleted->model;
    default:
        return record->header->seq;
    }
}

static int is_prompt(struct ml_reader *reader, uint64_t model, bool *ret_prompt)
{
    const struct ml_record *created;
    ML_TRY(ml_reader_record(reader, model, &created));
    *ret_prompt = false;
    if (created->event->kind_case != MLEDGER__EVENT__KIND_MODEL_CREATED)
        return ml_fail_seq(MLEDGER_EDAMAGED, model, "a later record says that it creates a model");
    for (size_t i = 0; i < created->event->model_created->n_tags; i++)
        *ret_prompt |= strcmp(created->event->model_created->tags[i], prompt_tag) == 0;
    return MLEDGER_OK;
}

static size_t most_notices(const Mledger__Event *event)
{
    if (event->kind_case == MLEDGER__EVENT__KIND_TAGS_SET)
        return event->tags_set->n_tags;
    return event->kind_case == MLEDGER__EVENT__KIND_TAGS_DELETED ? event->tags_deleted->n_tags : 2;
}

int ml_notices(struct ml_reader *reader, const struct ml_record *record, uint32_t wanted,
               struct ml_notice **ret_notices, size_t *ret_count)
{
    struct telling telling = {.reader = reader, .record = record, .wanted = wanted};
    const uint64_t model = model_of(record);
    const Mledger__SubjectState *state;
    bool prompt;
    *ret_count = 0;
    if (!(ml_notice_events(record->event) & wanted))
        return MLEDGER_OK;
    ML_TRY(is_prompt(reader, model, &prompt));
    if (prompt)
        return MLEDGER_OK;
    ML_TRY(ml_reader_subject(reader, model, &state));
    telling.list =
        ml_arena_calloc(&reader->arena, most_notices(record->event) + 1, sizeof *telling.list);
    if (!telling.list || !state)
        return telling.list ? ml_fail_seq(MLEDGER_EDAMAGED, model, "the state lacks the model")
                            : ml_fail_memory();
    struct ml_notice_subject about = {.model = state->name};
    ML_TRY(tell_kind(&telling, &about));
    *ret_notices = telling.list;
    *ret_count = telling.count;
    return MLEDGER_OK;
}
