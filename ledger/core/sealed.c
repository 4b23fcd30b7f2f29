/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/sealed.h"

#include "ledger/core/base64.h"
#include "ledger/core/codec.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"

enum { LAYOUT = 1 };

void ml_sealed_release(struct ml_sealed *sealed)
{
    ml_draft_free(sealed->draft);
    sealed->draft = NULL;
}

/* The text under `key`; NULL if it is not there. */
static int read_text(const json_t *json, const char *key, const char **ret_text)
{
    const json_t *value = json_object_get(json, key);
    if (value && !json_is_string(value))
        return ml_fail(MLEDGER_EINVALID, "'%s' is no text", key);
    *ret_text = json_string_value(value);
    return MLEDGER_OK;
}

static int read_hex(const json_t *json, const char *key, uint8_t *bytes, size_t len)
{
    const char *text;
    ML_TRY(read_text(json, key, &text));
    if (!text)
        return ml_fail(MLEDGER_EINVALID, "'%s' is missing", key);
    if (ml_hex_decode(text, strlen(text), bytes, len) < 0)
        return ml_prefix("'%s'", key);
    return MLEDGER_OK;
}

/* The bytes under `key` in the draft's arena; an empty span if it is not there. */
static int read_base64(const json_t *json, const char *key, struct ml_draft *draft,
                       struct ml_span *ret_bytes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    const char *text;
    ML_TRY(read_text(json, key, &text));
    if (!text)
        return MLEDGER_OK;
    if (ml_base64_append_decoded(&bytes, text, strlen(text)) < 0)
        return ml_prefix("'%s'", key);
    if (bytes.len == 0)
        return ml_fail(MLEDGER_EINVALID, "'%s' is empty", key);
    char *copy = ml_arena_text(&draft->arena, (char *)bytes.data, bytes.len);
    if (!copy)
        return ml_fail_memory();
    *ret_bytes = ML_SPAN(copy, bytes.len);
    return MLEDGER_OK;
}

static int read_salt(const json_t *salts, const char *key, struct ml_draft *draft,
                     const uint8_t **ret_salt)
{
    uint8_t *salt = ml_arena_alloc(&draft->arena, ML_SALT_SIZE);
    if (!salt)
        return ml_fail_memory();
    ML_TRY(read_hex(salts, key, salt, ML_SALT_SIZE));
    *ret_salt = salt;
    return MLEDGER_OK;
}

static int unpack(struct ml_draft *draft, const ProtobufCMessageDescriptor *type,
                  struct ml_span bytes, const char *key, void *ret_message)
{
    ProtobufCMessage *message;
    if (ml_codec_unpack(type, bytes, &draft->arena, &message) < 0)
        return ml_prefix("'%s'", key);
    *(void **)ret_message = message;
    return MLEDGER_OK;
}

static int read_draft(const json_t *json, struct ml_draft *draft)
{
    const json_t *salts = json_object_get(json, "salts");
    Mledger__Statements *statements = NULL;
    ML_TRY(read_base64(json, "event", draft, &draft->event_bytes));
    if (draft->event_bytes.len == 0)
        return ml_fail(MLEDGER_EINVALID, "'event' is missing");
    ML_TRY(read_base64(json, "details", draft, &draft->details_bytes));
    ML_TRY(read_base64(json, "statements", draft, &draft->statements_bytes));
    if (!json_is_object(salts) || json_object_size(salts) != 2)
        return ml_fail(MLEDGER_EINVALID, "'salts' must hold 'event' and 'details'");
    ML_TRY(read_salt(salts, "event", draft, &draft->event_salt));
    ML_TRY(read_salt(salts, "details", draft, &draft->details_salt));
    ML_TRY(unpack(draft, &mledger__event__descriptor, draft->event_bytes, "event", &draft->event));
    if (draft->details_bytes.len)
        ML_TRY(unpack(draft, &mledger__details__descriptor, draft->details_bytes, "details",
                      &draft->details));
    if (draft->statements_bytes.len)
        ML_TRY(unpack(draft, &mledger__statements__descriptor, draft->statements_bytes,
                      "statements", &statements));
    return MLEDGER_OK;
}

static int check_keys(const json_t *json)
{
    static const char *const known[] = {
        "mledger_statements", "ledger", "seen", "event", "details", "salts", "statements"};
    size_t found = 0;
    for (size_t i = 0; i < ML_COUNT(known); i++)
        found += json_object_get(json, known[i]) != NULL;
    if (json_integer_value(json_object_get(json, "mledger_statements")) != LAYOUT)
        return ml_fail(MLEDGER_EINVALID, "it is no file of statements of layout %d", LAYOUT);
    if (found != json_object_size(json))
        return ml_fail(MLEDGER_EINVALID, "it holds a key that is not known");
    return MLEDGER_OK;
}

static int read_seen(const json_t *json, struct ml_sealed *sealed)
{
    const json_t *seen = json_object_get(json, "seen");
    const json_t *seq = json_object_get(seen, "seq");
    if (!json_is_integer(seq) || json_integer_value(seq) < 0 || json_object_size(seen) != 2)
        return ml_fail(MLEDGER_EINVALID, "'seen' must hold 'seq' and 'link'");
    sealed->seen_seq = (uint64_t)json_integer_value(seq);
    return read_hex(seen, "link", sealed->seen_link, ML_HASH_SIZE);
}

static int read_sealed(const json_t *json, struct ml_sealed *sealed)
{
    ML_TRY(check_keys(json));
    ML_TRY(read_hex(json, "ledger", sealed->ledger, ML_HASH_SIZE));
    ML_TRY(read_seen(json, sealed));
    ML_TRY(ml_draft_new(&sealed->draft));
    return read_draft(json, sealed->draft);
}

int ml_sealed_parse(const char *text, size_t len, struct ml_sealed *ret_sealed)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    struct ml_sealed sealed = {0};
    if (len > ML_LIMIT_JSON_LINE)
        return ml_fail(MLEDGER_EINVALID, "more than %d bytes", ML_LIMIT_JSON_LINE);
    ML_TRY(ml_json_parse(text, len, &json));
    const int result = read_sealed(json, &sealed);
    if (result < 0) {
        ml_sealed_release(&sealed);
        return result;
    }
    *ret_sealed = sealed;
    return MLEDGER_OK;
}

static json_t *base64_json(struct ml_span bytes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (ml_base64_append(&text, bytes.data, bytes.len) < 0)
        return NULL;
    return json_stringn((char *)text.data, text.len);
}

static int to_json(const struct ml_sealed *sealed, json_t **ret_json)
{
    const struct ml_draft *draft = sealed->draft;
    char ledger[ML_HEX_SIZE(ML_HASH_SIZE)], link[ML_HEX_SIZE(ML_HASH_SIZE)];
    char event_salt[ML_HEX_SIZE(ML_SALT_SIZE)], details_salt[ML_HEX_SIZE(ML_SALT_SIZE)];
    ml_hex_encode(ledger, sealed->ledger, ML_HASH_SIZE);
    ml_hex_encode(link, sealed->seen_link, ML_HASH_SIZE);
    ml_hex_encode(event_salt, draft->event_salt, ML_SALT_SIZE);
    ml_hex_encode(details_salt, draft->details_salt, ML_SALT_SIZE);
    json_t *json = json_pack("{s:i, s:s, s:{s:I, s:s}, s:o}", "mledger_statements", LAYOUT,
                             "ledger", ledger, "seen", "seq", (json_int_t)sealed->seen_seq, "link",
                             link, "event", base64_json(draft->event_bytes));
    int bad = json == NULL;
    if (draft->details_bytes.len)
        bad |= json_object_set_new(json, "details", base64_json(draft->details_bytes));
    bad |= json_object_set_new(
        json, "salts", json_pack("{s:s, s:s}", "event", event_salt, "details", details_salt));
    if (draft->statements_bytes.len)
        bad |= json_object_set_new(json, "statements", base64_json(draft->statements_bytes));
    if (bad) {
        json_decref(json);
        return ml_fail_memory();
    }
    *ret_json = json;
    return MLEDGER_OK;
}

int ml_sealed_write(const struct ml_sealed *sealed, struct ml_buf *text)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(to_json(sealed, &json));
    ML_TRY(ml_json_dump(json, 2, text));
    return ml_buf_append_char(text, '\n');
}
