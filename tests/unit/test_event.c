/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/event.h"

#include <stdio.h>

#include "ledger/core/json.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/random_message.h"

#define HEX16 "00112233445566778899aabbccddeeff"
#define SALT "\"subject_salt\":\"" HEX16 HEX16 "\""

/* The event and details that a line of `append` says. */
static struct ml_draft *read(const char *line)
{
    struct ml_draft *draft = NULL;
    if (ml_draft_from_json(line, strlen(line), NULL, &draft) < 0)
        fail_msg("%s: %s", line, mledger_error_text());
    return draft;
}

static void kinds_and_names_are_those_of_the_schema(void **state)
{
    (void)state;
    const Mledger__Event empty = MLEDGER__EVENT__INIT;
    assert_int_equal(ml_event_kind(&empty), MLEDGER__KIND__KIND_UNSPECIFIED);
    assert_null(ml_event_name(&empty));
    assert_null(ml_event_body(&empty));
    ML_CLEANUP(ml_draft_freep) struct ml_draft *trust = read("{\"heartbeat\":{\"size\":1}}");
    assert_int_equal(ml_event_kind(trust->event), MLEDGER__KIND__TRUST);
    assert_string_equal(ml_event_name(trust->event), "heartbeat");
    assert_ptr_equal(ml_event_body(trust->event), trust->event->heartbeat);
    ML_CLEANUP(ml_draft_freep) struct ml_draft *run = read("{\"run_deleted\":{\"run\":1}}");
    assert_int_equal(ml_event_kind(run->event), MLEDGER__KIND__EVENT);
    assert_non_null(ml_event_field("incident_recorded"));
    assert_null(ml_event_field("imported_from"));
    assert_null(ml_event_field("no_such_kind"));
}

static void check_creates(const char *line, Mledger__SubjectKind kind)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = read(line);
    const uint8_t *salt = NULL;
    assert_int_equal(ml_event_creates(draft->event, &salt), kind);
    if (kind == MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED)
        assert_null(salt);
    else
        assert_int_equal(salt[1], 0x11);
}

static void says_which_subject_an_event_creates(void **state)
{
    (void)state;
    check_creates("{\"ledger_created\":{" SALT
                  ",\"name\":\"l\",\"origin\":\"o\",\"actor_id\":\"a\","
                  "\"key\":\"" HEX16 HEX16 "\",\"log_key\":\"" HEX16 HEX16 "\"}}",
                  MLEDGER__SUBJECT_KIND__ACTOR);
    check_creates("{\"actor_registered\":{" SALT ",\"id\":\"a\",\"kind\":\"person\"}}",
                  MLEDGER__SUBJECT_KIND__ACTOR);
    check_creates("{\"experiment_created\":{" SALT ",\"experiment_id\":\"1\",\"name\":\"e\"}}",
                  MLEDGER__SUBJECT_KIND__EXPERIMENT);
    check_creates("{\"run_started\":{" SALT ",\"run_id\":\"r\"}}", MLEDGER__SUBJECT_KIND__RUN);
    check_creates("{\"model_created\":{" SALT ",\"name\":\"m\"}}", MLEDGER__SUBJECT_KIND__MODEL);
    check_creates("{\"dataset_recorded\":{" SALT ",\"name\":\"d\"}}",
                  MLEDGER__SUBJECT_KIND__DATASET);
    check_creates("{\"pipeline_recorded\":{" SALT ",\"name\":\"p\"}}",
                  MLEDGER__SUBJECT_KIND__PIPELINE);
    check_creates("{\"dataset_recorded\":{\"dataset\":3,\"name\":\"d\"}}",
                  MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED);
    check_creates("{\"run_deleted\":{\"run\":1}}", MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED);
}

/* Every message of the schema with a field subject_salt is known to ml_event_creates(). */
static void no_creating_event_is_forgotten(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *type = &mledger__event__descriptor;
    struct random random = {.state = 5};
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    for (unsigned i = 0; i < type->n_fields; i++) {
        if (!(type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            continue;
        const Mledger__Event *event =
            (const Mledger__Event *)random_message(&random, type, &type->fields[i], &arena);
        const ProtobufCMessage *body = ml_event_body(event);
        const ProtobufCFieldDescriptor *salt_field =
            protobuf_c_message_descriptor_get_field_by_name(body->descriptor, "subject_salt");
        bool has_salt = salt_field && ml_field_count(body, salt_field) > 0;
        const uint8_t *salt = NULL;
        bool creates =
            ml_event_creates(event, &salt) != MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED;
        assert_int_equal(creates, has_salt);
    }
}

static void check_role(const char *message, const char *name, enum ml_field_role role,
                       Mledger__SubjectKind kind)
{
    const ProtobufCMessageDescriptor *type = &mledger__event__descriptor;
    if (strcmp(message, "event") != 0)
        type = ml_event_field(message)->descriptor;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(type, name);
    Mledger__SubjectKind found;
    assert_non_null(field);
    assert_int_equal(ml_field_role(field, &found), role);
    assert_int_equal(found, kind);
}

static void roles_follow_from_names(void **state)
{
    (void)state;
    const Mledger__SubjectKind none = MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED;
    check_role("run_logged", "run", ML_FIELD_SUBJECT, MLEDGER__SUBJECT_KIND__RUN);
    check_role("tags_set", "dataset", ML_FIELD_SUBJECT, MLEDGER__SUBJECT_KIND__DATASET);
    check_role("event", "on_behalf_of_actor_ref", ML_FIELD_REFERENCE, MLEDGER__SUBJECT_KIND__ACTOR);
    check_role("version_registered", "run_ref", ML_FIELD_REFERENCE, MLEDGER__SUBJECT_KIND__RUN);
    check_role("version_registered", "trained_by_actor_ref", ML_FIELD_REFERENCE,
               MLEDGER__SUBJECT_KIND__ACTOR);
    check_role("link_confirmed", "record_ref", ML_FIELD_RECORD, none);
    check_role("model_created", "predecessor", ML_FIELD_REFERENCE, none);
    check_role("version_registered", "version", ML_FIELD_PLAIN, none);
    check_role("version_registered", "run_id", ML_FIELD_PLAIN, none);
    assert_string_equal(ml_subject_kind_name(MLEDGER__SUBJECT_KIND__RUN), "run");
    assert_string_equal(ml_subject_kind_name(none), "subject");
}

static int note_reference(const struct ml_reference *reference, void *context)
{
    struct ml_buf *text = context;
    return ml_buf_printf(text, "%s%d=%llu ", reference->field, (int)reference->role,
                         (unsigned long long)reference->seq);
}

static int stop(const struct ml_reference *reference, void *context)
{
    (void)context;
    return ml_fail_seq(MLEDGER_EUSAGE, reference->seq, "stop");
}

static void visits_every_reference_at_any_depth(void **state)
{
    (void)state;
    ML_CLEANUP(ml_draft_freep)
    struct ml_draft *draft = read(
        "{\"on_behalf_of\":1,\"run_logged\":{\"run\":0,\"inputs\":[{\"name\":\"a\","
        "\"dataset_ref\":5,\"version\":9},{\"name\":\"b\"},{\"name\":\"c\",\"model_ref\":6}]}}");
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    assert_int_equal(ml_event_references(draft->event, note_reference, &text), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&text, '\0'), MLEDGER_OK);
    assert_string_equal((const char *)text.data,
                        "on_behalf_of_actor_ref2=1 run1=0 dataset_ref2=5 model_ref2=6 ");
    assert_int_equal(ml_event_references(draft->event, stop, NULL), MLEDGER_EUSAGE);
    assert_int_equal(mledger_error_seq(), 1);
}

static int note_digest(const Mledger__Digest *digest, bool output, void *context)
{
    struct ml_buf *text = context;
    return ml_buf_printf(text, "%s%02x ", output ? "out" : "in", digest->value.data[0]);
}

static void check_digests(const char *line, const char *want)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = read(line);
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    assert_int_equal(ml_event_digests(draft->event, note_digest, &text), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&text, '\0'), MLEDGER_OK);
    assert_string_equal((const char *)text.data, want);
}

#define MD5(first) "\"md5:" first "112233445566778899aabbccddeeff\""

static void tells_what_came_out_from_what_went_in(void **state)
{
    (void)state;
    check_digests(
        "{\"run_logged\":{\"run\":1,\"inputs\":[{\"name\":\"a\",\"digests\":[" MD5(
            "01") "]}],\"outputs\":[{\"path\":\"m\",\"digests\":[" MD5("02") "," MD5("03") "],"
                                                                                           "\"deriv"
                                                                                           "ed_"
                                                                                           "from\":"
                                                                                           "[" MD5(
                                                                                               "04") "]}]}}",
        "in01 out02 out03 in04 ");
    check_digests("{\"run_started\":{\"run_id\":\"r\",\"commit\":\"git:" HEX16 "00112233\"}}",
                  "in00 ");
    check_digests("{\"dataset_recorded\":{\"name\":\"d\",\"digests\":[" MD5("05") "]}}", "out05 ");
    check_digests(
        "{\"pipeline_recorded\":{\"name\":\"p\",\"snapshot\":{\"stages\":[{\"address\":"
        "\"s\",\"deps\":[{\"path\":\"a\",\"digests\":[" MD5(
            "06") "]}],\"outs\":[{\"path\":\"b\",\"digests\":[" MD5("07") "]}]}],\"disagreements\":"
                                                                          "[{\"kind\":\"file_"
                                                                          "changed\","
                                                                          "\"found\":" MD5(
                                                                              "08") "}"
                                                                                    "]"
                                                                                    "}"
                                                                                    "}"
                                                                                    "}",
        "in06 out07 in08 ");
    check_digests(
        "{\"version_registered\":{\"model\":1,\"artifacts\":[{\"path\":\"m\",\"digests\":[" MD5(
            "09") "]}],\"base_models\":[{\"digests\":[" MD5("0a") "]}]}}",
        "out09 in0a ");
}

static int check(const char *line, bool details_erased)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = read(line);
    return ml_event_check(draft->event, draft->details, details_erased);
}

static void good_shapes_pass(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{\"run_logged\":{\"run\":1,\"params\":[\"a\",\"b\"],\"tags\":[\"t\"]},"
        "\"details\":{\"param_values\":[\"1\",\"\"],\"tag_values\":[\"v\"]}}",
        "{\"run_logged\":{\"run\":1,\"params\":[\"a\"]},\"details\":{\"attachment\":{\"sha256\":"
        "\"" HEX16 HEX16 "\",\"size\":1}}}",
        "{\"run_ended\":{\"run\":1,\"status\":\"finished\"}}",
        "{\"deployment_recorded\":{\"endpoint\":\"e\"}}",
        "{\"deployment_recorded\":{\"endpoint\":\"e\",\"targets\":[{\"model\":1,\"version\":1,"
        "\"share_ppm\":400000},{\"model\":1,\"version\":2,\"share_ppm\":600000}]}}",
        "{\"policy_set\":{\"stage\":\"Production\",\"requirements\":[{\"kind\":\"validation\","
        "\"count\":1},{\"kind\":\"approval\",\"count\":2}]}}",
        "{\"policy_set\":{\"stage\":\"Production\"}}",
        "{\"tags_set\":{\"model\":1,\"version\":2,\"tags\":[\"a\"]},"
        "\"details\":{\"tag_values\":[\"x\"]}}",
        "{\"tags_deleted\":{\"run\":1,\"tags\":[\"a\",\"b\"]}}",
        "{\"pipeline_recorded\":{" SALT ",\"name\":\"p\",\"snapshot\":{\"stages\":[{\"address\":"
        "\"a\"},{\"address\":\"b\",\"deps\":[{\"path\":\"x\",\"producers\":[0,1]}]}]}}}",
        "{\"actor_changed\":{\"actor\":1,\"roles\":[\"admin\",\"approver\"]}}",
        "{\"actor_changed\":{\"actor\":1}}",
    };
    for (size_t i = 0; i < ML_COUNT(lines); i++)
        if (check(lines[i], false) < 0)
            fail_msg("%s: %s", lines[i], mledger_error_text());
}

static void bad_shapes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *line, *error;
    } cases[] = {
        {"{\"run_logged\":{\"run\":1,\"params\":[\"a\"]}}",
         "run_logged: 1 params, but details hold 0 values for them"},
        {"{\"run_logged\":{\"run\":1},\"details\":{\"metric_values\":[1]}}",
         "run_logged: 0 metrics, but details hold 1 values for them"},
        {"{\"run_logged\":{\"run\":1},\"details\":{\"tag_values\":[\"\"]}}",
         "run_logged: 0 tags, but details hold 1 values for them"},
        {"{\"run_deleted\":{\"run\":1},\"details\":{\"check_values\":[\"1\"]}}",
         "run_deleted: 0 checks, but details hold 1 values for them"},
        {"{\"run_logged\":{\"run\":1,\"params\":[\"b\",\"a\",\"b\"]}}",
         "run_logged: param 'b' is given twice"},
        {"{\"run_logged\":{\"run\":1,\"tags\":[\"\"]}}", "run_logged: an empty tag"},
        {"{\"run_logged\":{\"run\":1,\"metrics\":[{\"key\":\"\",\"step\":0,\"time\":-1}]}}",
         "run_logged: an empty metric key"},
        {"{\"run_ended\":{\"run\":1,\"status\":\"running\"}}",
         "run_ended: a status that ends no run"},
        {"{\"actor_changed\":{\"actor\":1,\"roles\":[\"recorder\",\"admin\"]}}",
         "actor_changed: roles are not in ascending order"},
        {"{\"actor_changed\":{\"actor\":1,\"roles\":[\"admin\",\"admin\"]}}",
         "actor_changed: roles are not in ascending order"},
        {"{\"key_authorized\":{\"actor\":1,\"key\":\"" HEX16 HEX16
         "\",\"roles\":[\"approver\",\"recorder\"]}}",
         "key_authorized: roles are not in ascending order"},
        {"{\"tags_set\":{\"tags\":[]}}",
         "tags_set: exactly one of experiment, run, dataset, model and logged_model must be there"},
        {"{\"tags_set\":{\"run\":1,\"model\":1}}",
         "tags_set: exactly one of experiment, run, dataset, model and logged_model must be there"},
        {"{\"tags_deleted\":{\"run\":1,\"version\":1}}",
         "tags_deleted: a version without its model"},
        {"{\"tags_deleted\":{\"run\":1,\"tags\":[\"a\",\"a\"]}}",
         "tags_deleted: tag 'a' is given twice"},
        {"{\"dataset_recorded\":{\"name\":\"d\"}}",
         "dataset_recorded: exactly one of subject_salt and dataset must be there"},
        {"{\"dataset_recorded\":{" SALT ",\"dataset\":1,\"name\":\"d\"}}",
         "dataset_recorded: exactly one of subject_salt and dataset must be there"},
        {"{\"pipeline_recorded\":{\"name\":\"d\",\"snapshot\":{}}}",
         "pipeline_recorded: exactly one of subject_salt and pipeline must be there"},
        {"{\"pipeline_recorded\":{\"pipeline\":1,\"name\":\"d\"}}",
         "pipeline_recorded: exactly one of snapshot and snapshot_attachment must be there"},
        {"{\"pipeline_recorded\":{\"pipeline\":1,\"name\":\"d\",\"snapshot\":{\"stages\":["
         "{\"address\":\"a\",\"deps\":[{\"path\":\"x\",\"producers\":[1]}]}]}}}",
         "pipeline_recorded: a producer that is no stage of the snapshot"},
        {"{\"deployment_recorded\":{\"endpoint\":\"e\",\"targets\":[{\"model\":1,\"version\":1,"
         "\"share_ppm\":999999}]}}",
         "deployment_recorded: the shares of the targets do not add up to 1000000"},
        {"{\"policy_set\":{\"stage\":\"s\",\"requirements\":[{\"kind\":\"approval\",\"count\":0}]}"
         "}",
         "policy_set: a requirement of none"},
        {"{\"policy_set\":{\"stage\":\"s\",\"requirements\":[{\"kind\":\"approval\",\"count\":1},"
         "{\"kind\":\"validation\",\"count\":1}]}}",
         "policy_set: requirements are not in ascending order"},
        {"{\"validation_recorded\":{\"model\":1,\"version\":1,\"outcome\":\"passed\",\"checks\":["
         "{\"name\":\"a\",\"outcome\":\"passed\"}]}}",
         "validation_recorded: 1 checks, but details hold 0 values for them"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        if (check(cases[i].line, false) != MLEDGER_EINVALID)
            fail_msg("accepted: %s", cases[i].line);
        assert_string_equal(mledger_error_text(), cases[i].error);
    }
    const Mledger__Event empty = MLEDGER__EVENT__INIT;
    assert_int_equal(ml_event_check(&empty, NULL, false), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "an event without a kind");
}

static void erased_details_are_not_missed(void **state)
{
    (void)state;
    assert_int_equal(check("{\"run_logged\":{\"run\":1,\"params\":[\"a\"]}}", true), MLEDGER_OK);
    assert_int_equal(check("{\"run_logged\":{\"run\":1,\"params\":[\"a\",\"a\"]}}", true),
                     MLEDGER_EINVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_and_names_are_those_of_the_schema),
        cmocka_unit_test(says_which_subject_an_event_creates),
        cmocka_unit_test(no_creating_event_is_forgotten),
        cmocka_unit_test(roles_follow_from_names),
        cmocka_unit_test(visits_every_reference_at_any_depth),
        cmocka_unit_test(tells_what_came_out_from_what_went_in),
        cmocka_unit_test(good_shapes_pass),
        cmocka_unit_test(bad_shapes_are_named),
        cmocka_unit_test(erased_details_are_not_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
