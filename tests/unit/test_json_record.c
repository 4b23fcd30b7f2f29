/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "ledger/core/base64.h"
#include "ledger/core/json.h"
#include "tests/unit/cmocka_all.h"

enum { SEQ = 7 };

/* A record whose signature nobody checks here. */
struct made {
    struct ml_buf header, event, details, statements;
    struct ml_buf bytes; /* the SignedRecord */
    struct ml_arena arena;
    struct ml_record record;
};

struct what {
    bool has_details, is_erased, has_statement;
    uint32_t schema; /* 0: the known one */
};

static const uint8_t salt[3][ML_SALT_SIZE] = {{1}, {2}, {3}};
static const uint8_t key[ML_KEY_SIZE] = {0xaa, 0xbb};
static const uint8_t signature[ML_SIGNATURE_SIZE] = {0xcc};
static const uint8_t tag[ML_TAG_SIZE] = {0xdd};

static ProtobufCBinaryData bytes_of(const void *data, size_t len)
{
    return (ProtobufCBinaryData){.len = len, .data = (uint8_t *)(uintptr_t)data};
}

static ProtobufCBinaryData bytes_in(const struct ml_buf *buf)
{
    return bytes_of(buf->data, buf->len);
}

static void pack(const ProtobufCMessage *message, struct ml_buf *out)
{
    if (ml_codec_pack(message, out) < 0)
        fail_msg("%s", mledger_error_text());
}

static void make_payload(struct made *made, const struct what *what)
{
    Mledger__RunEnded ended = MLEDGER__RUN_ENDED__INIT;
    ended.run = 3;
    ended.status = MLEDGER__RUN_STATUS__FINISHED;
    Mledger__Event event = MLEDGER__EVENT__INIT;
    event.kind_case = MLEDGER__EVENT__KIND_RUN_ENDED;
    event.run_ended = &ended;
    pack(&event.base, &made->event);
    Mledger__Details details = MLEDGER__DETAILS__INIT;
    details.reason = (char[]){"it was \"done\""};
    if (what->has_details)
        pack(&details.base, &made->details);
}

static void make_statements(struct made *made)
{
    static const uint8_t hash[ML_HASH_SIZE] = {0xee};
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    Mledger__Statement statement = MLEDGER__STATEMENT__INIT;
    statement.ledger = statement.subject = statement.seen_link = bytes_of(hash, sizeof hash);
    statement.meaning = MLEDGER__MEANING__APPROVED;
    statement.seen_seq = 6;
    statement.nonce = bytes_of(hash, ML_NONCE_SIZE);
    pack(&statement.base, &bytes);
    Mledger__SignedStatement stored = MLEDGER__SIGNED_STATEMENT__INIT;
    stored.statement = bytes_in(&bytes);
    stored.key = bytes_of(key, sizeof key);
    stored.signature = bytes_of(signature, sizeof signature);
    Mledger__SignedStatement *list[] = {&stored};
    Mledger__Statements statements = MLEDGER__STATEMENTS__INIT;
    statements.statements = list;
    statements.n_statements = 1;
    pack(&statements.base, &made->statements);
}

static void make_header(struct made *made, const struct what *what,
                        uint8_t ret_details_hash[ML_HASH_SIZE])
{
    static const uint8_t link[ML_HASH_SIZE] = {0x11};
    uint8_t event[ML_HASH_SIZE], statements[ML_HASH_SIZE], commitment[ML_HASH_SIZE];
    assert_int_equal(ml_part_hash(salt[0], ml_buf_span(&made->event), event), MLEDGER_OK);
    assert_int_equal(ml_part_hash(salt[1], ml_buf_span(&made->details), ret_details_hash),
                     MLEDGER_OK);
    assert_int_equal(ml_part_hash(salt[2], ml_buf_span(&made->statements), statements), MLEDGER_OK);
    assert_int_equal(ml_commitment(event, ret_details_hash, statements, commitment), MLEDGER_OK);
    ProtobufCBinaryData tags[] = {bytes_of(tag, sizeof tag)};
    Mledger__Header header = MLEDGER__HEADER__INIT;
    header.format = ML_FORMAT;
    header.schema = what->schema ? what->schema : ML_SCHEMA;
    header.seq = SEQ;
    header.prev_link = bytes_of(link, sizeof link);
    header.recorded_at = INT64_C(1772375520000000);
    header.signer = bytes_of(key, sizeof key);
    header.kind = MLEDGER__KIND__EVENT;
    header.commitment = bytes_of(commitment, sizeof commitment);
    header.subject_tags = tags;
    header.n_subject_tags = 1;
    pack(&header.base, &made->header);
}

static void make_stored(struct made *made, const struct what *what)
{
    uint8_t details_hash[ML_HASH_SIZE];
    make_header(made, what, details_hash);
    Mledger__Salts salts = MLEDGER__SALTS__INIT;
    salts.event = bytes_of(salt[0], ML_SALT_SIZE);
    salts.statements = bytes_of(salt[2], ML_SALT_SIZE);
    Mledger__SignedRecord stored = MLEDGER__SIGNED_RECORD__INIT;
    stored.salts = &salts;
    stored.header = bytes_in(&made->header);
    stored.signature = bytes_of(signature, sizeof signature);
    stored.event = bytes_in(&made->event);
    stored.has_statements = what->has_statement;
    stored.statements = bytes_in(&made->statements);
    if (what->is_erased) {
        stored.has_details_hash = true;
        stored.details_hash = bytes_of(details_hash, sizeof details_hash);
    } else {
        salts.has_details = true;
        salts.details = bytes_of(salt[1], ML_SALT_SIZE);
        stored.has_details = what->has_details;
        stored.details = bytes_in(&made->details);
    }
    pack(&stored.base, &made->bytes);
}

static void make(struct made *made, struct what what)
{
    *made = (struct made){0};
    make_payload(made, &what);
    if (what.has_statement)
        make_statements(made);
    make_stored(made, &what);
    ml_arena_init(&made->arena, ML_LIMIT_UNPACKED);
    if (ml_record_read(ml_buf_span(&made->bytes), SEQ, &made->arena, &made->record) < 0)
        fail_msg("%s", mledger_error_text());
}

static void made_release(struct made *made)
{
    ml_buf_release(&made->header);
    ml_buf_release(&made->event);
    ml_buf_release(&made->details);
    ml_buf_release(&made->statements);
    ml_buf_release(&made->bytes);
    ml_arena_release(&made->arena);
}

static const struct what shapes[] = {
    {0},
    {.has_details = true},
    {.has_details = true, .is_erased = true},
    {.has_statement = true},
    {.has_details = true, .has_statement = true},
    {.has_details = true, .schema = 2},
};

static void check_shown(const struct what *what, const char *tail)
{
    ML_CLEANUP(made_release) struct made made;
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0}, want = {0};
    uint8_t link[ML_HASH_SIZE], leaf[ML_HASH_SIZE];
    make(&made, *what);
    assert_int_equal(ml_record_to_json(&made.record, &json), MLEDGER_OK);
    assert_int_equal(ml_json_dump(json, 0, &text), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&text, '\0'), MLEDGER_OK);
    assert_int_equal(ml_link(ml_buf_span(&made.header), link), MLEDGER_OK);
    assert_int_equal(ml_leaf(signature, ml_buf_span(&made.header), leaf), MLEDGER_OK);
    assert_int_equal(ml_buf_printf(&want,
                                   "{\"seq\":7,\"recorded_at\":\"2026-03-01T14:32:00Z\",%s"
                                   "\"signer\":\"aabb%056d0000\",\"link\":\"",
                                   what->schema ? "" : "\"kind\":\"run_ended\",", 0),
                     MLEDGER_OK);
    for (int i = 0; i < ML_HASH_SIZE; i++)
        assert_int_equal(ml_buf_printf(&want, "%02x", link[i]), MLEDGER_OK);
    assert_int_equal(ml_buf_append_text(&want, "\",\"leaf\":\""), MLEDGER_OK);
    for (int i = 0; i < ML_HASH_SIZE; i++)
        assert_int_equal(ml_buf_printf(&want, "%02x", leaf[i]), MLEDGER_OK);
    assert_int_equal(ml_buf_printf(&want, "\",\"subject_tags\":[\"dd%030d\"]%s}", 0, tail),
                     MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&want, '\0'), MLEDGER_OK);
    assert_string_equal((const char *)text.data, (const char *)want.data);
}

#define EVENT_JSON ",\"event\":{\"run_ended\":{\"run\":3,\"status\":\"finished\"}}"
#define DETAILS_JSON ",\"details\":{\"reason\":\"it was \\\"done\\\"\"}"

static void shows_a_record(void **state)
{
    (void)state;
    check_shown(&(struct what){0}, EVENT_JSON);
    check_shown(&(struct what){.has_details = true}, EVENT_JSON DETAILS_JSON);
    check_shown(&(struct what){.has_details = true, .is_erased = true},
                EVENT_JSON ",\"details_erased\":true");
    check_shown(&(struct what){.schema = 2}, ",\"schema\":2,\"not_understood\":true");
}

static void shows_statements(void **state)
{
    (void)state;
    ML_CLEANUP(made_release) struct made made;
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    make(&made, (struct what){.has_statement = true});
    assert_int_equal(ml_record_to_json(&made.record, &json), MLEDGER_OK);
    const json_t *list = json_object_get(json, "statements");
    assert_int_equal(json_array_size(list), 1);
    static const char *const keys[] = {"key",      "ledger",    "subject", "meaning",
                                       "seen_seq", "seen_link", "nonce",   "signature"};
    json_t *statement = json_array_get(list, 0);
    size_t i = 0;
    for (void *at = json_object_iter(statement); at; at = json_object_iter_next(statement, at))
        assert_string_equal(json_object_iter_key(at), keys[i++]);
    assert_int_equal(i, ML_COUNT(keys));
    assert_string_equal(json_string_value(json_object_get(statement, "meaning")), "approved");
    assert_int_equal(json_integer_value(json_object_get(statement, "seen_seq")), 6);
    assert_int_equal(json_string_length(json_object_get(statement, "signature")), 128);
}

static void export_lines_keep_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < ML_COUNT(shapes); i++) {
        ML_CLEANUP(made_release) struct made made;
        ML_CLEANUP(ml_buf_release) struct ml_buf line = {0}, back = {0};
        uint64_t seq = 0;
        make(&made, shapes[i]);
        assert_int_equal(ml_record_to_export_line(&made.record, &line), MLEDGER_OK);
        assert_null(memchr(line.data, '\n', line.len));
        if (ml_record_from_export_line((const char *)line.data, line.len, &back, &seq) < 0)
            fail_msg("%s", mledger_error_text());
        assert_int_equal(seq, SEQ);
        assert_true(ml_span_equal(ml_buf_span(&back), ml_buf_span(&made.bytes)));
    }
}

static void an_export_line_is_a_dsse_envelope(void **state)
{
    (void)state;
    ML_CLEANUP(made_release) struct made made;
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0}, header = {0};
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    make(&made, (struct what){.has_details = true});
    assert_int_equal(ml_record_to_export_line(&made.record, &line), MLEDGER_OK);
    assert_int_equal(ml_json_parse((const char *)line.data, line.len, &json), MLEDGER_OK);
    const json_t *dsse = json_object_get(json, "dsse");
    assert_string_equal(json_string_value(json_object_get(dsse, "payloadType")),
                        "application/vnd.mledger.header.v1+protobuf");
    const json_t *payload = json_object_get(dsse, "payload");
    assert_int_equal(
        ml_base64_append_decoded(&header, json_string_value(payload), json_string_length(payload)),
        MLEDGER_OK);
    assert_true(ml_span_equal(ml_buf_span(&header), ml_buf_span(&made.header)));
    const json_t *signature_json = json_array_get(json_object_get(dsse, "signatures"), 0);
    assert_int_equal(json_string_length(json_object_get(signature_json, "keyid")), 64);
    assert_int_equal(json_string_length(json_object_get(signature_json, "sig")), 88);
}

/* Puts `to` in place of the first `from` of a good line, and reads that. */
static int read_changed(const char *from, const char *to)
{
    ML_CLEANUP(made_release) struct made made;
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0}, changed = {0}, back = {0};
    uint64_t seq;
    make(&made, (struct what){.has_details = true});
    assert_int_equal(ml_record_to_export_line(&made.record, &line), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&line, '\0'), MLEDGER_OK);
    const char *text = (const char *)line.data;
    const char *at = strstr(text, from);
    assert_non_null(at);
    assert_int_equal(ml_buf_append(&changed, text, (size_t)(at - text)), MLEDGER_OK);
    assert_int_equal(ml_buf_append_text(&changed, to), MLEDGER_OK);
    assert_int_equal(ml_buf_append_text(&changed, at + strlen(from)), MLEDGER_OK);
    int result = ml_record_from_export_line((const char *)changed.data, changed.len, &back, &seq);
    assert_int_equal(back.len > 0, result == MLEDGER_OK);
    return result;
}

static void export_lines_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *error;
    } cases[] = {
        {"\"seq\":7", "\"seq\":8", "seq is not the 7 of the header"},
        {"\"seq\":7", "\"seq\":-7", "seq: expected the record's number"},
        {"\"seq\":7", "\"seq\":\"7\"", "seq: expected the record's number"},
        {"\"seq\":7,", "", "seq: expected the record's number"},
        {"\"seq\":7", "\"seq\":7,\"x\":1", "a line of export: unknown key 'x'"},
        {"\"dsse\":{", "\"dsse\":{\"x\":1,", "dsse: unknown key 'x'"},
        {"\"keyid\":\"aabb", "\"keyid\":\"aabc", "keyid is not the signer in the header"},
        {"\"keyid\":\"aabb", "\"keyid\":\"AABB",
         "keyid: character 1 is no lower-case hexadecimal digit"},
        {"\"keyid\":\"aabb", "\"keyid\":\"aa", "keyid: 62 hexadecimal digits where 64 belong"},
        {"\"keyid\":", "\"id\":", "dsse.signatures[0]: unknown key 'id'"},
        {"\"signatures\":[{", "\"signatures\":[{},{",
         "dsse.signatures: expected an array of one signature"},
        {"vnd.mledger.header.v1", "vnd.mledger.header.v2",
         "payloadType: expected \"application/vnd.mledger.header.v1+protobuf\""},
        {"\"sig\":\"zAAA", "\"sig\":\"",
         "wrong number of bytes in field 'signature' of SignedRecord"},
        {"\"event\":", "\"Event\":", "a line of export: unknown key 'Event'"},
        {"\"details\":\"", "\"details\":7,\"x\":\"", "a line of export: unknown key 'x'"},
        {"\"salts\":{\"event\":\"01", "\"salts\":{\"event\":\"1",
         "event: 63 hexadecimal digits where 64 belong"},
        {"\"salts\":{", "\"salts\":{\"x\":0,", "salts: unknown key 'x'"},
        {"\"salts\":", "\"salts\":7,\"details_hash\":", "salts: expected an object"},
        {"{\"seq\"", "[\"seq\"", NULL},
        {"\"payload\":\"", "\"payload\":\"=", NULL},
        {"\"seq\":7", "\"seq\":7,\"seq\":7", NULL},
        {"\"seq\":7", "\"seq\": 7", "the line is not spelled as export spells it"},
        {"\"event\":\"", "\"e\\u0076ent\":\"", "the line is not spelled as export spells it"},
        {"application/vnd", "application\\/vnd", "the line is not spelled as export spells it"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        if (read_changed(cases[i].from, cases[i].to) != MLEDGER_EINVALID)
            fail_msg("accepted: %s", cases[i].to);
        if (cases[i].error)
            assert_string_equal(mledger_error_text(), cases[i].error);
    }
    assert_int_equal(read_changed("\"seq\":7", "\"seq\":7"), MLEDGER_OK);
}

static void export_lines_have_a_limit(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf back = {0};
    size_t len = ML_LIMIT_JSON_LINE + 1;
    char *line = malloc(len);
    uint64_t seq;
    assert_non_null(line);
    memset(line, ' ', len);
    assert_int_equal(ml_record_from_export_line(line, len, &back, &seq), MLEDGER_EINVALID);
    char error[128];
    snprintf(error, sizeof error, "a line of %zu bytes, over %d", len, ML_LIMIT_JSON_LINE);
    assert_string_equal(mledger_error_text(), error);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_a_record),
        cmocka_unit_test(shows_statements),
        cmocka_unit_test(export_lines_keep_every_byte),
        cmocka_unit_test(an_export_line_is_a_dsse_envelope),
        cmocka_unit_test(export_lines_are_read_strictly),
        cmocka_unit_test(export_lines_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
