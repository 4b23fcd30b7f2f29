/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/draft.h"

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/core/hash.h"
#include "tests/unit/cmocka_all.h"

static struct ml_draft *new_draft(void)
{
    struct ml_draft *draft = NULL;
    assert_int_equal(ml_draft_new(&draft), MLEDGER_OK);
    return draft;
}

static void a_new_draft_is_empty(void **state)
{
    (void)state;
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = new_draft();
    assert_int_equal(ml_event_kind(draft->event), MLEDGER__KIND__KIND_UNSPECIFIED);
    assert_null(draft->details);
    assert_int_equal(draft->n_names, 0);
    ml_draft_free(NULL);
}

static void the_kind_can_be_any_of_events(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *type = &mledger__event__descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            continue;
        ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = new_draft();
        const ProtobufCMessage *body = ml_draft_set_kind(draft, field->name);
        assert_non_null(body);
        assert_ptr_equal(body->descriptor, field->descriptor);
        assert_ptr_equal(ml_event_body(draft->event), body);
        assert_string_equal(ml_event_name(draft->event), field->name);
    }
}

static void what_is_put_in_is_copied(void **state)
{
    (void)state;
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = new_draft();
    char text[] = "churn";
    uint8_t hash[20] = {1, 2, 3};
    Mledger__RunStarted *run = ml_draft_set_kind(draft, "run_started");
    run->run_id = ml_draft_text(draft, text);
    run->commit =
        ml_draft_digest(draft, MLEDGER__ALGORITHM__GIT, hash, sizeof hash, MLEDGER__STANDING__SEEN);
    memset(text, 'x', sizeof text - 1);
    memset(hash, 9, sizeof hash);
    assert_string_equal(run->run_id, "churn");
    assert_null(ml_draft_text(draft, NULL));
    assert_int_equal(run->commit->value.len, 20);
    assert_int_equal(run->commit->value.data[2], 3);
    assert_int_equal(ml_codec_check(&run->commit->base), MLEDGER_OK);
}

static void details_are_made_once(void **state)
{
    (void)state;
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = new_draft();
    Mledger__Details *details = ml_draft_details(draft);
    assert_non_null(details);
    assert_ptr_equal(ml_draft_details(draft), details);
    assert_ptr_equal(draft->details, details);
}

static void names_keep_their_place_in_the_event(void **state)
{
    (void)state;
    enum { COUNT = 100 };
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = new_draft();
    static uint64_t seqs[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        char name[] = {(char)('!' + i % 90), '\0'};
        assert_int_equal(
            ml_draft_name(draft, &seqs[i], MLEDGER__SUBJECT_KIND__MODEL, "model", name),
            MLEDGER_OK);
    }
    assert_int_equal(draft->n_names, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_ptr_equal(draft->names[i].seq, &seqs[i]);
        assert_int_equal(draft->names[i].name[0], '!' + i % 90);
    }
}

static void an_attachment_is_named_by_its_hash(void **state)
{
    (void)state;
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = new_draft();
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    uint8_t hash[ML_HASH_SIZE];
    const struct ml_span content = ML_SPAN("manifest", 8);
    assert_int_equal(ml_sha256(hash, &content, 1), MLEDGER_OK);
    assert_int_equal(ml_buf_append_text(&bytes, "manifest"), MLEDGER_OK);
    Mledger__Attachment *attachment = NULL;
    assert_int_equal(ml_draft_attach(draft, &bytes, &attachment), MLEDGER_OK);
    assert_null(bytes.data);
    assert_int_equal(attachment->size, 8);
    assert_memory_equal(attachment->sha256.data, hash, sizeof hash);
    assert_int_equal(ml_codec_check(&attachment->base), MLEDGER_OK);
    assert_int_equal(draft->n_attachments, 1);
    assert_true(ml_span_equal(ml_buf_span(&draft->attachments[0].bytes), content));
}

static void what_is_filled_in_can_be_undone(void **state)
{
    (void)state;
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = new_draft();
    uint64_t seq = 1, ten = 10, twenty = 20;
    protobuf_c_boolean has = 0, yes = 1;
    assert_int_equal(ml_draft_fill(draft, &seq, &ten, sizeof seq), MLEDGER_OK);
    assert_int_equal(ml_draft_fill(draft, &has, &yes, sizeof has), MLEDGER_OK);
    assert_int_equal(ml_draft_fill(draft, &seq, &twenty, sizeof seq), MLEDGER_OK);
    assert_int_equal(seq, 20);
    assert_int_equal(has, 1);
    ml_draft_unfill(draft);
    assert_int_equal(seq, 1);
    assert_int_equal(has, 0);
    ml_draft_unfill(draft);
    assert_int_equal(seq, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_draft_is_empty),
        cmocka_unit_test(the_kind_can_be_any_of_events),
        cmocka_unit_test(what_is_put_in_is_copied),
        cmocka_unit_test(details_are_made_once),
        cmocka_unit_test(names_keep_their_place_in_the_event),
        cmocka_unit_test(an_attachment_is_named_by_its_hash),
        cmocka_unit_test(what_is_filled_in_can_be_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
