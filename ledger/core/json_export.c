/* SPDX-License-Identifier: Apache-2.0 */
/* Records as lines of JSON that keep every byte (`export`), and back. */
#include <inttypes.h>

#include "ledger/core/base64.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"

static struct ml_span span_of(ProtobufCBinaryData bytes)
{
    return ML_SPAN(bytes.data, bytes.len);
}

/* PREFIX BASE64 " */
static int append_base64(struct ml_buf *out, const char *prefix, struct ml_span bytes)
{
    ML_TRY(ml_buf_append_text(out, prefix));
    ML_TRY(ml_base64_append(out, bytes.data, bytes.len));
    return ml_buf_append_char(out, '"');
}

static int append_hex(struct ml_buf *out, const char *prefix, struct ml_span bytes)
{
    ML_TRY(ml_buf_append_text(out, prefix));
    ML_TRY(ml_hex_append(out, bytes.data, bytes.len));
    return ml_buf_append_char(out, '"');
}

static int append_envelope(struct ml_buf *out, const struct ml_record *record)
{
    const Mledger__SignedRecord *stored = record->stored;
    ML_TRY(ml_buf_printf(out, "{\"seq\":%" PRIu64 ",\"dsse\":{\"payloadType\":\"%s\"",
                         record->header->seq, ML_HEADER_TYPE));
    ML_TRY(append_base64(out, ",\"payload\":\"", span_of(stored->header)));
    ML_TRY(append_hex(out, ",\"signatures\":[{\"keyid\":\"", span_of(record->header->signer)));
    ML_TRY(append_base64(out, ",\"sig\":\"", span_of(stored->signature)));
    return ml_buf_append_text(out, "}]}");
}

static int append_salts(struct ml_buf *out, const Mledger__SignedRecord *stored)
{
    ML_TRY(append_hex(out, ",\"salts\":{\"event\":\"", span_of(stored->salts->event)));
    if (stored->salts->has_details)
        ML_TRY(append_hex(out, ",\"details\":\"", span_of(stored->salts->details)));
    ML_TRY(append_hex(out, ",\"statements\":\"", span_of(stored->salts->statements)));
    ML_TRY(ml_buf_append_char(out, '}'));
    if (stored->has_details_hash)
        ML_TRY(append_hex(out, ",\"details_hash\":\"", span_of(stored->details_hash)));
    return ml_buf_append_char(out, '}');
}

static int append_line(struct ml_buf *out, const struct ml_record *record)
{
    const Mledger__SignedRecord *stored = record->stored;
    ML_TRY(append_envelope(out, record));
    ML_TRY(append_base64(out, ",\"event\":\"", span_of(stored->event)));
    if (stored->has_details)
        ML_TRY(append_base64(out, ",\"details\":\"", span_of(stored->details)));
    if (stored->has_statements)
        ML_TRY(append_base64(out, ",\"statements\":\"", span_of(stored->statements)));
    return append_salts(out, stored);
}

int ml_record_to_export_line(const struct ml_record *record, struct ml_buf *out)
{
    size_t before = out->len;
    int result = append_line(out, record);
    if (result < 0)
        out->len = before;
    return result;
}

/* A line as it is read. Bytes lie in the arena. */
struct line {
    struct ml_arena *arena;
    Mledger__SignedRecord stored;
    Mledger__Salts salts;
};

/* The member `key`, a string; absent and not `required`: NULL. */
static int get_text(const json_t *object, const char *key, bool required, const json_t **ret_text)
{
    const json_t *text = json_object_get(object, key);
    if (!text && required)
        return ml_fail(MLEDGER_EINVALID, "'%s' is missing", key);
    if (text && !json_is_string(text))
        return ml_fail(MLEDGER_EINVALID, "%s: expected a string", key);
    *ret_text = text;
    return MLEDGER_OK;
}

/* Fails unless every key of `object` is one of the `count` keys. */
static int check_keys(const json_t *object, const char *what, const char *const *keys, size_t count)
{
    if (!json_is_object(object))
        return ml_fail(MLEDGER_EINVALID, "%s: expected an object", what);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        size_t i = 0;
        while (i < count && strcmp(key, keys[i]) != 0)
            i++;
        if (i == count)
            return ml_fail(MLEDGER_EINVALID, "%s: unknown key '%.64s'", what, key);
    }
    return MLEDGER_OK;
}

/* Takes what base64 decoded into memory that lives as long as the line. */
static int keep(struct line *line, const struct ml_buf *bytes, ProtobufCBinaryData *ret_bytes)
{
    uint8_t *data = ml_arena_alloc(line->arena, bytes->len);
    if (!data)
        return ml_arena_fail(line->arena, "the line");
    if (bytes->len)
        memcpy(data, bytes->data, bytes->len);
    *ret_bytes = (ProtobufCBinaryData){.len = bytes->len, .data = data};
    return MLEDGER_OK;
}

/* ret_has: NULL if it must be there. */
static int read_base64(struct line *line, const json_t *object, const char *key,
                       protobuf_c_boolean *ret_has, ProtobufCBinaryData *ret_bytes)
{
    const json_t *text;
    ML_TRY(get_text(object, key, ret_has == NULL, &text));
    if (!text)
        return MLEDGER_OK;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    if (ml_base64_append_decoded(&bytes, json_string_value(text), json_string_length(text)) < 0)
        return ml_prefix("%s", key);
    ML_TRY(keep(line, &bytes, ret_bytes));
    if (ret_has)
        *ret_has = true;
    return MLEDGER_OK;
}

/* ML_HASH_SIZE bytes. */
static int read_hex(struct line *line, const json_t *object, const char *key,
                    protobuf_c_boolean *ret_has, ProtobufCBinaryData *ret_bytes)
{
    const json_t *text;
    ML_TRY(get_text(object, key, ret_has == NULL, &text));
    if (!text)
        return MLEDGER_OK;
    uint8_t *data = ml_arena_alloc(line->arena, ML_HASH_SIZE);
    if (!data)
        return ml_arena_fail(line->arena, "the line");
    if (ml_hex_decode(json_string_value(text), json_string_length(text), data, ML_HASH_SIZE) < 0)
        return ml_prefix("%s", key);
    *ret_bytes = (ProtobufCBinaryData){.len = ML_HASH_SIZE, .data = data};
    if (ret_has)
        *ret_has = true;
    return MLEDGER_OK;
}

static int read_signature(struct line *line, const json_t *dsse, ProtobufCBinaryData *ret_keyid)
{
    static const char *const keys[] = {"keyid", "sig"};
    const json_t *signatures = json_object_get(dsse, "signatures");
    if (json_array_size(signatures) != 1)
        return ml_fail(MLEDGER_EINVALID, "dsse.signatures: expected an array of one signature");
    const json_t *signature = json_array_get(signatures, 0);
    ML_TRY(check_keys(signature, "dsse.signatures[0]", keys, ML_COUNT(keys)));
    ML_TRY(read_hex(line, signature, "keyid", NULL, ret_keyid));
    return read_base64(line, signature, "sig", NULL, &line->stored.signature);
}

static int read_envelope(struct line *line, const json_t *dsse, ProtobufCBinaryData *ret_keyid)
{
    static const char *const keys[] = {"payloadType", "payload", "signatures"};
    ML_TRY(check_keys(dsse, "dsse", keys, ML_COUNT(keys)));
    const json_t *type;
    ML_TRY(get_text(dsse, "payloadType", true, &type));
    if (strcmp(json_string_value(type), ML_HEADER_TYPE) != 0)
        return ml_fail(MLEDGER_EINVALID, "payloadType: expected \"%s\"", ML_HEADER_TYPE);
    ML_TRY(read_base64(line, dsse, "payload", NULL, &line->stored.header));
    return read_signature(line, dsse, ret_keyid);
}

static int read_salts(struct line *line, const json_t *salts)
{
    static const char *const keys[] = {"event", "details", "statements"};
    ML_TRY(check_keys(salts, "salts", keys, ML_COUNT(keys)));
    Mledger__Salts *to = &line->salts;
    ML_TRY(read_hex(line, salts, "event", NULL, &to->event));
    ML_TRY(read_hex(line, salts, "details", &to->has_details, &to->details));
    return read_hex(line, salts, "statements", NULL, &to->statements);
}

/* What stands twice in a line must be the same. */
static int check_header(struct line *line, const json_t *json, ProtobufCBinaryData keyid,
                        const Mledger__Header **ret_header)
{
    const json_t *seq = json_object_get(json, "seq");
    const Mledger__Header *header;
    if (!json_is_integer(seq) || json_integer_value(seq) < 0)
        return ml_fail(MLEDGER_EINVALID, "seq: expected the record's number");
    ML_TRY(ml_header_read(span_of(line->stored.header), line->arena, &header));
    if (header->seq != (uint64_t)json_integer_value(seq))
        return ml_fail(MLEDGER_EINVALID, "seq is not the %" PRIu64 " of the header", header->seq);
    if (!ml_span_equal(span_of(header->signer), span_of(keyid)))
        return ml_fail(MLEDGER_EINVALID, "keyid is not the signer in the header");
    *ret_header = header;
    return MLEDGER_OK;
}

/* One record has one line, as one message has one encoding: nothing in it goes unjudged. */
static int check_spelling(const struct line *line, const Mledger__Header *header,
                          struct ml_span text)
{
    const struct ml_record record = {.stored = &line->stored, .header = header};
    ML_CLEANUP(ml_buf_release) struct ml_buf again = {0};
    ML_TRY(append_line(&again, &record));
    if (!ml_span_equal(ml_buf_span(&again), text))
        return ml_fail(MLEDGER_EINVALID, "the line is not spelled as export spells it");
    return MLEDGER_OK;
}

static int read_line(struct line *line, const json_t *json, const Mledger__Header **ret_header)
{
    static const char *const keys[] = {"seq",        "dsse",  "event",       "details",
                                       "statements", "salts", "details_hash"};
    Mledger__SignedRecord *stored = &line->stored;
    ProtobufCBinaryData keyid;
    ML_TRY(check_keys(json, "a line of export", keys, ML_COUNT(keys)));
    ML_TRY(read_envelope(line, json_object_get(json, "dsse"), &keyid));
    ML_TRY(read_base64(line, json, "event", NULL, &stored->event));
    ML_TRY(read_base64(line, json, "details", &stored->has_details, &stored->details));
    ML_TRY(read_base64(line, json, "statements", &stored->has_statements, &stored->statements));
    ML_TRY(read_salts(line, json_object_get(json, "salts")));
    ML_TRY(read_hex(line, json, "details_hash", &stored->has_details_hash, &stored->details_hash));
    return check_header(line, json, keyid, ret_header);
}

int ml_record_from_export_line(const char *text, size_t len, struct ml_buf *out, uint64_t *ret_seq)
{
    if (len > ML_LIMIT_JSON_LINE)
        return ml_fail(MLEDGER_EINVALID, "a line of %zu bytes, over %d", len, ML_LIMIT_JSON_LINE);
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ml_json_parse(text, len, &json));
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    struct line line = {
        .arena = &arena, .stored = MLEDGER__SIGNED_RECORD__INIT, .salts = MLEDGER__SALTS__INIT};
    line.stored.salts = &line.salts;
    const Mledger__Header *header;
    ML_TRY(read_line(&line, json, &header));
    ML_TRY(check_spelling(&line, header, ML_SPAN(text, len)));
    ML_TRY(ml_codec_pack(&line.stored.base, out));
    *ret_seq = header->seq;
    return MLEDGER_OK;
}
