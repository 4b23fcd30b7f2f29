/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/json.h"

#include <stdio.h>

#include "ledger/core/json_field.h"
#include "proto/event.pb-c.h"
#include "proto/header.pb-c.h"
#include "proto/state.pb-c.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/random_message.h"

enum { ROUNDS = 40 };

#define HEX16 "00112233445566778899aabbccddeeff"
#define HEX32 HEX16 HEX16

static void dump(const ProtobufCMessage *message, struct ml_buf *text)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    if (ml_json_from_message(message, &json) < 0)
        fail_msg("%s: %s", message->descriptor->short_name, mledger_error_text());
    ml_buf_clear(text);
    assert_int_equal(ml_json_dump(json, 0, text), MLEDGER_OK);
}

static int parse(const ProtobufCMessageDescriptor *type, struct ml_span text,
                 struct ml_arena *arena, ProtobufCMessage **ret_message)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ml_json_parse((const char *)text.data, text.len, &json));
    return ml_json_to_message(json, type, arena, ret_message);
}

/* Message to text to message gives the same bytes; text to message to text the same text. */
static void check_round_trip(const ProtobufCMessage *message, struct ml_arena *arena)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0}, text_again = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0}, bytes_again = {0};
    ProtobufCMessage *back;
    dump(message, &text);
    if (parse(message->descriptor, ml_buf_span(&text), arena, &back) < 0)
        fail_msg("%s: %s\n%.*s", message->descriptor->short_name, mledger_error_text(),
                 (int)text.len, (const char *)text.data);
    assert_int_equal(ml_codec_pack(message, &bytes), MLEDGER_OK);
    assert_int_equal(ml_codec_pack(back, &bytes_again), MLEDGER_OK);
    assert_true(ml_span_equal(ml_buf_span(&bytes), ml_buf_span(&bytes_again)));
    dump(back, &text_again);
    assert_true(ml_span_equal(ml_buf_span(&text), ml_buf_span(&text_again)));
}

static void messages_of_every_type_go_round(void **state)
{
    (void)state;
    struct random random = {.state = 11};
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    for (size_t type = 0; type < random_type_count; type++)
        for (int i = 0; i < ROUNDS; i++) {
            ml_arena_clear(&arena);
            check_round_trip(random_message(&random, random_types[type], NULL, &arena), &arena);
        }
}

static void events_of_every_kind_go_round(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *type = &mledger__event__descriptor;
    struct random random = {.state = 12};
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    for (unsigned field = 0; field < type->n_fields; field++)
        for (int i = 0; i < ROUNDS && (type->fields[field].flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
             i++) {
            ml_arena_clear(&arena);
            check_round_trip(random_message(&random, type, &type->fields[field], &arena), &arena);
        }
}

/* Each of these texts is what its message is written as. */
static const struct {
    const ProtobufCMessageDescriptor *type;
    const char *text;
} canonical[] = {
    {&mledger__event__descriptor,
     "{\"on_behalf_of_actor_ref\":0,\"imported_from\":\"mlflow_file_store\",\"run_logged\":{"
     "\"run\":7,"
     "\"params\":[\"lr\",\"\"],\"metrics\":[{\"key\":\"loss\",\"step\":-1,"
     "\"time\":\"2026-03-01T14:32:00.250Z\"}],\"inputs\":[{\"name\":\"train\",\"digests\":["
     "{\"digest\":\"md5-dir:" HEX16 "\",\"standing\":\"claimed\"}],\"size\":0}],"
     "\"commit\":{\"digest\":\"git:" HEX16 "00112233\",\"standing\":\"seen\"}}}"},
    {&mledger__run_ended__descriptor,
     "{\"run\":9223372036854775807,\"status\":\"failed\",\"exit_status\":-2147483648}"},
    {&mledger__run_deleted__descriptor, "{\"run\":\"9223372036854775808\"}"},
    {&mledger__run_deleted__descriptor, "{\"run\":\"18446744073709551615\"}"},
    {&mledger__metric_point__descriptor,
     "{\"key\":\"é\\\"\\\\\\n\\u0001\",\"step\":0,\"time\":-1}"},
    {&mledger__metric_point__descriptor,
     "{\"key\":\"\",\"step\":-9223372036854775808,\"time\":253402300800000000}"},
    {&mledger__metric_point__descriptor,
     "{\"key\":\"k\",\"step\":1,\"time\":\"9999-12-31T23:59:59.999999Z\"}"},
    {&mledger__metric_value__descriptor, "{\"value\":0.1,\"text\":\"0.100\"}"},
    {&mledger__metric_value__descriptor, "{\"value\":\"NaN\",\"text\":\"nan\"}"},
    {&mledger__metric_value__descriptor, "{\"value\":\"Infinity\",\"text\":\"inf\"}"},
    {&mledger__metric_value__descriptor, "{\"value\":\"-Infinity\",\"text\":\"-inf\"}"},
    {&mledger__metric_value__descriptor, "{\"value\":-0.0,\"text\":\"-0\"}"},
    {&mledger__digest__descriptor,
     "{\"digest\":\"md5-dos2unix:" HEX16 "\",\"standing\":\"claimed\"}"},
    {&mledger__digest__descriptor, "{\"digest\":\"sha256:" HEX32 "\",\"standing\":\"seen\"}"},
    {&mledger__attachment__descriptor, "{\"sha256\":\"" HEX32 "\",\"size\":12}"},
    {&mledger__checkpoint_noted__descriptor, "{\"size\":3,\"root\":\"" HEX32 "\",\"note\":\"\"}"},
    {&mledger__pipeline_file__descriptor, "{\"path\":\"data\",\"executable\":true,"
                                          "\"producers\":[0,4294967295]}"},
    {&mledger__clock_corrected__descriptor, "{\"wrong\":\"1970-01-01T00:00:00Z\"}"},
    {&mledger__details__descriptor, "{}"},
};

static void writes_each_type_of_field_as_specified(void **state)
{
    (void)state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    for (size_t i = 0; i < ML_COUNT(canonical); i++) {
        ProtobufCMessage *message;
        const char *want = canonical[i].text;
        if (parse(canonical[i].type, ML_SPAN(want, strlen(want)), &arena, &message) < 0)
            fail_msg("%s: %s", want, mledger_error_text());
        dump(message, &text);
        assert_int_equal(ml_buf_append_char(&text, '\0'), MLEDGER_OK);
        assert_string_equal((const char *)text.data, want);
    }
}

/* What is read besides, and what it means. */
static const struct {
    const ProtobufCMessageDescriptor *type;
    const char *text;
    const char *canonical;
} also_read[] = {
    {&mledger__digest__descriptor, "\"sha256:" HEX32 "\"",
     "{\"digest\":\"sha256:" HEX32 "\",\"standing\":\"claimed\"}"},
    {&mledger__metric_value__descriptor, "0.50", "{\"value\":0.5,\"text\":\"0.5\"}"},
    {&mledger__metric_value__descriptor, "1e2", "{\"value\":100.0,\"text\":\"100.0\"}"},
    {&mledger__metric_value__descriptor, "9007199254740993",
     "{\"value\":9007199254740992.0,\"text\":\"9007199254740993\"}"},
    {&mledger__metric_value__descriptor, "\"0.50\"", "{\"value\":0.5,\"text\":\"0.50\"}"},
    {&mledger__metric_value__descriptor, "\"-inf\"", "{\"value\":\"-Infinity\",\"text\":\"-inf\"}"},
    {&mledger__metric_value__descriptor, "{\"text\":\"one\",\"value\":1}",
     "{\"value\":1.0,\"text\":\"one\"}"},
    {&mledger__pipeline_file__descriptor,
     "{\"path\":\"a\",\"executable\":false,\"digests\":[],\"plot\":true}",
     "{\"path\":\"a\",\"plot\":true}"},
    {&mledger__clock_corrected__descriptor, "{\"wrong\":\"2026-03-01T01:00:00.1+02:00\"}",
     "{\"wrong\":\"2026-02-28T23:00:00.100Z\"}"},
    {&mledger__run_updated__descriptor, "{\"status\":\"running\", \"run\": 0}",
     "{\"run\":0,\"status\":\"running\"}"},
};

/* A value at the top is no JSON text of ours, so it is read as the element of an array. */
static void parse_element(const ProtobufCMessageDescriptor *type, const char *text,
                          struct ml_arena *arena, ProtobufCMessage **ret_message)
{
    char list[512];
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    snprintf(list, sizeof list, "[%s]", text);
    assert_int_equal(ml_json_parse(list, strlen(list), &json), MLEDGER_OK);
    if (ml_json_to_message(json_array_get(json, 0), type, arena, ret_message) < 0)
        fail_msg("%s: %s", text, mledger_error_text());
}

static void reads_what_people_write(void **state)
{
    (void)state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    for (size_t i = 0; i < ML_COUNT(also_read); i++) {
        ProtobufCMessage *message;
        parse_element(also_read[i].type, also_read[i].text, &arena, &message);
        dump(message, &text);
        assert_int_equal(ml_buf_append_char(&text, '\0'), MLEDGER_OK);
        assert_string_equal((const char *)text.data, also_read[i].canonical);
    }
}

#define EVENT mledger__event__descriptor
#define POINT(members) "{\"run_logged\":{\"run\":1,\"metrics\":[" members "]}}"
#define GOOD "{\"key\":\"k\",\"step\":1,\"time\":\"2026-03-01T14:32:00Z\"}"
#define FILE_OF(members) "{\"path\":\"p\"," members "}"
#define PIPELINE_FILE mledger__pipeline_file__descriptor
#define DIGEST mledger__digest__descriptor

static const struct {
    const ProtobufCMessageDescriptor *type;
    const char *text;
    const char *error;
} wrong[] = {
    {&EVENT, "[]", "expected an object"},
    {&EVENT, "{\"run_loged\":{}}", "unknown key 'run_loged'"},
    {&EVENT, "{\"run_logged\":[]}", "run_logged: expected an object"},
    {&EVENT, "{\"run_logged\":null}", "run_logged: expected an object"},
    {&EVENT, "{\"run_logged\":{}}", "run_logged: 'run' is missing"},
    {&EVENT, "{\"run_logged\":{\"run\":\"churn\"}}", "run_logged.run: expected an integer"},
    {&EVENT, "{\"run_logged\":{\"run\":1.0}}", "run_logged.run: expected an integer"},
    {&EVENT, "{\"run_logged\":{\"run\":-1}}", "run_logged.run: -1 is out of range"},
    {&EVENT, "{\"run_logged\":{\"run\":null}}", "run_logged.run: expected an integer"},
    {&EVENT, "{\"run_logged\":{\"run\":\"9223372036854775807\"}}",
     "run_logged.run: expected an integer"},
    {&EVENT, "{\"run_logged\":{\"run\":\"18446744073709551616\"}}",
     "run_logged.run: expected an integer"},
    {&EVENT, "{\"run_logged\":{\"run\":\"09223372036854775808\"}}",
     "run_logged.run: expected an integer"},
    {&EVENT, "{\"run_logged\":{\"run\":1,\"Run\":2}}", "run_logged: unknown key 'Run'"},
    {&EVENT, "{\"run_logged\":{\"run\":1,\"params\":\"a\"}}",
     "run_logged.params: expected an array"},
    {&EVENT, "{\"run_logged\":{\"run\":1,\"params\":[\"a\",2]}}",
     "run_logged.params[1]: expected a string"},
    {&EVENT, POINT(GOOD "," GOOD ",{\"key\":\"k\",\"step\":\"1\",\"time\":1}"),
     "run_logged.metrics[2].step: expected an integer"},
    {&EVENT, POINT("{\"key\":\"k\",\"step\":1}"), "run_logged.metrics[0]: 'time' is missing"},
    {&EVENT, POINT("{\"key\":\"k\",\"step\":1,\"time\":1}"),
     "run_logged.metrics[0].time: expected a time like 2026-03-01T14:32:00Z"},
    {&EVENT, POINT("{\"key\":\"k\",\"step\":1,\"time\":true}"),
     "run_logged.metrics[0].time: expected a time like 2026-03-01T14:32:00Z"},
    {&EVENT, POINT("{\"key\":\"k\",\"step\":1,\"time\":\"2026-02-30T00:00:00Z\"}"),
     "run_logged.metrics[0].time: '2026-02-30T00:00:00Z' is no time: there is no such day"},
    {&EVENT, "{\"run_deleted\":{\"run\":1},\"run_restored\":{\"run\":1}}",
     "run_restored: beside 'run_deleted', of which only one may be there"},
    {&EVENT, "{\"imported_from\":\"DVC\"}", "imported_from: 'DVC' is no Source"},
    {&EVENT, "{\"imported_from\":\"source_unspecified\"}",
     "imported_from: 'source_unspecified' is no Source"},
    {&EVENT, "{\"imported_from\":1}", "imported_from: expected a string"},
    {&mledger__run_ended__descriptor,
     "{\"run\":1,\"status\":\"killed\",\"exit_status\":2147483648}",
     "exit_status: 2147483648 is out of range"},
    {&mledger__threshold_set__descriptor, "{\"admins\":4294967296}",
     "admins: 4294967296 is out of range"},
    {&PIPELINE_FILE, FILE_OF("\"executable\":1"), "executable: expected true or false"},
    {&PIPELINE_FILE, FILE_OF("\"producers\":[-1]"), "producers[0]: -1 is out of range"},
    {&PIPELINE_FILE, FILE_OF("\"digests\":[{\"digest\":\"md5:" HEX16 "\"}]"),
     "digests[0]: 'standing' is missing"},
    {&PIPELINE_FILE, FILE_OF("\"digests\":[\"md5:" HEX32 "\"]"),
     "digests[0]: wrong number of bytes in a Digest"},
    {&PIPELINE_FILE, FILE_OF("\"digests\":[\"md5\"]"),
     "digests[0]: expected a digest like \"sha256:…\""},
    {&PIPELINE_FILE, FILE_OF("\"digests\":[7]"), "digests[0]: expected a digest like \"sha256:…\""},
    {&PIPELINE_FILE, FILE_OF("\"digests\":[\"etag:00\"]"),
     "digests[0]: 'etag' is no algorithm of digests"},
    {&PIPELINE_FILE, FILE_OF("\"digests\":[\"algorithm-unspecified:00\"]"),
     "digests[0]: 'algorithm-unspecified' is no algorithm of digests"},
    {&PIPELINE_FILE, FILE_OF("\"digests\":[\"md5_dir:" HEX16 "\"]"),
     "digests[0]: 'md5_dir' is no algorithm of digests"},
    {&DIGEST, "{\"standing\":\"seen\"}", "'digest' is missing"},
    {&DIGEST, "{\"digest\":\"sha256:00\",\"standing\":\"seen\"}",
     "digest: wrong number of bytes in a Digest"},
    {&DIGEST, "{\"digest\":\"sha256:0\",\"standing\":\"seen\"}",
     "digest: an odd number of hexadecimal digits"},
    {&DIGEST, "{\"digest\":\"md5:0011223344556677889 aabbccddeeff\",\"standing\":\"seen\"}",
     "digest: character 20 is no lower-case hexadecimal digit"},
    {&DIGEST, "{\"digest\":\"md5:" HEX16 "\",\"standing\":\"sure\"}",
     "standing: 'sure' is no Standing"},
    {&DIGEST, "{\"digest\":\"md5:" HEX16 "\",\"standing\":\"seen\",\"value\":\"00\"}",
     "unknown key 'value'"},
    {&mledger__attachment__descriptor, "{\"sha256\":\"" HEX16 "\",\"size\":1}",
     "sha256: 32 hexadecimal digits where 64 belong"},
    {&mledger__attachment__descriptor,
     "{\"sha256\":\"" HEX16 "00112233445566778899AABBCCDDEEFF"
     "\",\"size\":1}",
     "sha256: character 53 is no lower-case hexadecimal digit"},
    {&mledger__attachment__descriptor, "{\"sha256\":[],\"size\":1}",
     "sha256: expected a string of hexadecimal digits"},
    {&mledger__checkpoint_noted__descriptor, "{\"size\":1,\"root\":\"" HEX32 "\",\"note\":\"0\"}",
     "note: an odd number of hexadecimal digits"},
    {&mledger__metric_value__descriptor, "{\"value\":\"nan\",\"text\":\"nan\"}",
     "value: expected a number, or one of \"NaN\", \"Infinity\", \"-Infinity\""},
    {&mledger__metric_value__descriptor, "{\"value\":true,\"text\":\"1\"}",
     "value: expected a number, or one of \"NaN\", \"Infinity\", \"-Infinity\""},
    {&mledger__details__descriptor, "{\"metric_values\":[0.5,\"much\"]}",
     "metric_values[1]: 'much' is no number"},
    {&mledger__details__descriptor, "{\"metric_values\":[\"1e999\"]}",
     "metric_values[0]: '1e999' is too large a number"},
    {&mledger__details__descriptor, "{\"metric_values\":[null]}",
     "metric_values[0]: expected an object"},
    {&mledger__details__descriptor, "{\"reason\":{}}", "reason: expected a string"},
};

static void names_the_place_and_the_fault(void **state)
{
    (void)state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    for (size_t i = 0; i < ML_COUNT(wrong); i++) {
        ProtobufCMessage *message;
        ml_error_clear();
        int result =
            parse(wrong[i].type, ML_SPAN(wrong[i].text, strlen(wrong[i].text)), &arena, &message);
        if (result != MLEDGER_EINVALID)
            fail_msg("accepted: %s", wrong[i].text);
        assert_string_equal(mledger_error_text(), wrong[i].error);
    }
}

static void refuses_what_is_no_json(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{",
        "{}{}",
        "{} x",
        "1",
        "{\"a\":1,\"a\":2}",
        "{\"a\":[{\"b\":1,\"b\":1}]}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\\u0000b\":1}",
        "{\"a\":\"\xc3\x28\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":9223372036854775808}",
        "{\"a\":1e999}",
        "{\"a\":NaN}",
        "{\"a\":01}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":\"\n\"}",
    };
    for (size_t i = 0; i < ML_COUNT(texts); i++) {
        json_t *json = NULL;
        assert_int_equal(ml_json_parse(texts[i], strlen(texts[i]), &json), MLEDGER_EINVALID);
        assert_null(json);
        assert_ptr_equal(strstr(mledger_error_text(), "no valid JSON (line "),
                         mledger_error_text());
    }
    json_t *json = NULL;
    assert_int_equal(ml_json_parse("{}\0", 3, &json), MLEDGER_EINVALID);
    assert_int_equal(ml_json_parse("{\n \"a\": 1, \"a\": 2}", 19, &json), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "no valid JSON (line 2, column 12): duplicate object key near '\"a\"'");
}

static void depth_is_limited(void **state)
{
    (void)state;
    enum { DEEP = 100000 };
    char *text = malloc(DEEP);
    json_t *json = NULL;
    assert_non_null(text);
    memset(text, '[', DEEP);
    assert_int_equal(ml_json_parse(text, DEEP, &json), MLEDGER_EINVALID);
    assert_non_null(strstr(mledger_error_text(), "maximum parsing depth reached"));
    free(text);
}

static void memory_is_limited_by_the_arena(void **state)
{
    (void)state;
    static const char text[] = "{\"run\":1,\"params\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]}";
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ProtobufCMessage *message;
    int result = MLEDGER_EINVALID;
    size_t cap = 0;
    for (; result != MLEDGER_OK && cap < 4096; cap += 8) {
        ml_arena_init(&arena, cap);
        result = parse(&mledger__run_logged__descriptor, ML_SPAN(text, sizeof text - 1), &arena,
                       &message);
        if (result != MLEDGER_OK)
            assert_non_null(strstr(mledger_error_text(), "what is written here takes more than"));
        assert_true(result == MLEDGER_OK || result == MLEDGER_EINVALID);
        ml_arena_release(&arena);
    }
    assert_in_range(cap, sizeof(Mledger__RunLogged), 4000);
}

static void values_made_by_hand_are_checked_too(void **state)
{
    (void)state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ProtobufCMessage *message;
    ML_CLEANUP(json_decrefp) json_t *json = json_object();
    assert_int_equal(json_object_set_new(json, "reason", json_stringn_nocheck("a\0b", 3)), 0);
    assert_int_equal(ml_json_to_message(json, &mledger__details__descriptor, &arena, &message),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "reason: text with NUL or invalid UTF-8");
    assert_int_equal(json_object_set_new(json, "reason", json_stringn_nocheck("\xff", 1)), 0);
    assert_int_equal(ml_json_to_message(json, &mledger__details__descriptor, &arena, &message),
                     MLEDGER_EINVALID);

    json_t *list = json_array();
    for (int i = 0; i <= ML_LIMIT_REPEATED; i++)
        assert_int_equal(json_array_append_new(list, json_string("a")), 0);
    assert_int_equal(json_object_clear(json), 0);
    assert_int_equal(json_object_set_new(json, "tag_values", list), 0);
    assert_int_equal(ml_json_to_message(json, &mledger__details__descriptor, &arena, &message),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "tag_values: 65537 elements, over 65536");
}

static void check_not_written(const ProtobufCMessage *message, const char *error)
{
    json_t *json = NULL;
    assert_int_equal(ml_json_from_message(message, &json), MLEDGER_EINVALID);
    assert_null(json);
    assert_string_equal(mledger_error_text(), error);
}

static void does_not_write_what_it_could_not_read(void **state)
{
    (void)state;
    Mledger__Digest digest = MLEDGER__DIGEST__INIT;
    check_not_written(&digest.base, "unknown algorithm of a Digest");
    digest.algorithm = MLEDGER__ALGORITHM__MD5;
    check_not_written(&digest.base, "unknown value in field 'standing'");
    digest.algorithm = (Mledger__Algorithm)99;
    check_not_written(&digest.base, "unknown algorithm of a Digest");
    Mledger__RunEnded ended = MLEDGER__RUN_ENDED__INIT;
    check_not_written(&ended.base, "unknown value in field 'status'");
    Mledger__ModelRenamed renamed = MLEDGER__MODEL_RENAMED__INIT;
    renamed.name = (char[]){'\xff', '\0'};
    check_not_written(&renamed.base, "invalid UTF-8 in field 'name'");
}

static void indents_for_people(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[],\"b\":{},\"c\":[1,{\"d\":null}],\"e\":[true,false]}";
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    assert_int_equal(ml_json_parse(text, sizeof text - 1, &json), MLEDGER_OK);
    assert_int_equal(ml_json_dump(json, 2, &out), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&out, '\0'), MLEDGER_OK);
    assert_string_equal((const char *)out.data,
                        "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n"
                        "    {\n      \"d\": null\n    }\n  ],\n"
                        "  \"e\": [\n    true,\n    false\n  ]\n}");
    ml_buf_clear(&out);
    assert_int_equal(ml_json_dump(json, 0, &out), MLEDGER_OK);
    assert_true(ml_span_equal(ml_buf_span(&out), ML_SPAN(text, sizeof text - 1)));
}

static void check_json_of_field(const ProtobufCMessageDescriptor *type,
                                const ProtobufCFieldDescriptor *field)
{
    if (field->type == PROTOBUF_C_TYPE_INT64 && !ml_json_is_time(field) &&
        strcmp(field->name, "step") != 0)
        fail_msg("%s.%s: a time, or a plain number?", type->short_name, field->name);
    if (field->type != PROTOBUF_C_TYPE_ENUM)
        return;
    const ProtobufCEnumDescriptor *names = field->descriptor;
    for (unsigned i = 0; i < names->n_values; i++)
        assert_true(strlen(names->values[i].name) < ML_ENUM_NAME_SIZE);
}

static void visit_fields(const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        check_json_of_field(type, &type->fields[i]);
        if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            visit_fields(type->fields[i].descriptor);
    }
}

static void the_schema_has_no_time_and_no_name_unknown_here(void **state)
{
    (void)state;
    visit_fields(&mledger__event__descriptor);
    visit_fields(&mledger__details__descriptor);
    visit_fields(&mledger__header__descriptor);
    visit_fields(&mledger__statement__descriptor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_every_type_go_round),
        cmocka_unit_test(events_of_every_kind_go_round),
        cmocka_unit_test(writes_each_type_of_field_as_specified),
        cmocka_unit_test(reads_what_people_write),
        cmocka_unit_test(names_the_place_and_the_fault),
        cmocka_unit_test(refuses_what_is_no_json),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(memory_is_limited_by_the_arena),
        cmocka_unit_test(values_made_by_hand_are_checked_too),
        cmocka_unit_test(does_not_write_what_it_could_not_read),
        cmocka_unit_test(indents_for_people),
        cmocka_unit_test(the_schema_has_no_time_and_no_name_unknown_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
