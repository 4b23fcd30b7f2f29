/* SPDX-License-Identifier: Apache-2.0 */
/* Records as JSON for people (`show`). */
#include "ledger/core/event.h"
#include "ledger/core/json_field.h"

/* Puts each member of `message` as JSON into `object`. */
static int put_members(json_t *object, const ProtobufCMessage *message)
{
    ML_CLEANUP(json_decrefp) json_t *members = NULL;
    ML_TRY(ml_json_from_message(message, &members));
    return json_object_update(object, members) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int put_message(json_t *object, const char *key, const ProtobufCMessage *message)
{
    json_t *json = NULL;
    ML_TRY(ml_json_from_message(message, &json));
    return ml_json_put(object, key, json);
}

static int put_hash(json_t *object, const char *key, const uint8_t hash[ML_HASH_SIZE])
{
    return ml_json_put(object, key, ml_json_hex(hash, ML_HASH_SIZE));
}

/* Copies `key` from the JSON of the header. */
static int put_same(json_t *object, const char *key, const json_t *header)
{
    json_t *value = json_object_get(header, key);
    return value ? ml_json_put(object, key, json_incref(value)) : MLEDGER_OK;
}

static int put_header(json_t *object, const struct ml_record *record)
{
    ML_CLEANUP(json_decrefp) json_t *header = NULL;
    uint8_t link[ML_HASH_SIZE], leaf[ML_HASH_SIZE];
    ML_TRY(ml_link(record->header_bytes, link));
    ML_TRY(ml_leaf(record->stored->signature.data, record->header_bytes, leaf));
    ML_TRY(ml_json_from_message(&record->header->base, &header));
    ML_TRY(put_same(object, "seq", header));
    ML_TRY(put_same(object, "recorded_at", header));
    if (record->event)
        ML_TRY(ml_json_put(object, "kind", json_string(ml_event_name(record->event))));
    ML_TRY(put_same(object, "signer", header));
    ML_TRY(put_hash(object, "link", link));
    ML_TRY(put_hash(object, "leaf", leaf));
    ML_TRY(put_same(object, "subject_tags", header));
    if (record->event)
        return MLEDGER_OK;
    ML_TRY(put_same(object, "schema", header));
    return ml_json_put(object, "not_understood", json_true());
}

static int put_statements(json_t *object, const struct ml_record *record)
{
    if (!record->signed_statements)
        return MLEDGER_OK;
    json_t *list = json_array();
    ML_TRY(ml_json_put(object, "statements", list));
    for (size_t i = 0; i < record->signed_statements->n_statements; i++) {
        const Mledger__SignedStatement *stored = record->signed_statements->statements[i];
        json_t *statement = json_object();
        if (json_array_append_new(list, statement) != 0)
            return ml_fail_memory();
        ML_TRY(ml_json_put(statement, "key", ml_json_hex(stored->key.data, stored->key.len)));
        ML_TRY(put_members(statement, &record->statements[i]->base));
        ML_TRY(ml_json_put(statement, "signature",
                           ml_json_hex(stored->signature.data, stored->signature.len)));
    }
    return MLEDGER_OK;
}

static int put_payload(json_t *object, const struct ml_record *record)
{
    if (record->event)
        ML_TRY(put_message(object, "event", &record->event->base));
    if (record->details)
        ML_TRY(put_message(object, "details", &record->details->base));
    if (record->details_erased)
        ML_TRY(ml_json_put(object, "details_erased", json_true()));
    return put_statements(object, record);
}

int ml_record_to_json(const struct ml_record *record, json_t **ret_json)
{
    ML_CLEANUP(json_decrefp) json_t *object = json_object();
    if (!object)
        return ml_fail_memory();
    ML_TRY(put_header(object, record));
    ML_TRY(put_payload(object, record));
    *ret_json = ML_TAKE(object);
    return MLEDGER_OK;
}
