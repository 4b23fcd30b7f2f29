/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence bundles of a small ledger: what they prove, and that whoever alters one is found out,
 * also where the container is made anew around what was altered.
 */
#include "tests/unit/cmocka_all.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/core/ed25519.h"
#include "ledger/store/checkpoint.h"
#include "ledger/store/erasure.h"
#include "tests/unit/bundle_story.h"

/* ---- what a bundle proves ---- */

static void a_bundle_of_a_version_verifies(void **state)
{
    struct story *story = *state;
    struct ml_buf bundle = bundle_of(story, "churn/1");
    struct report report = bundle_verify(story, &bundle);
    report_expect_good(&report);
    assert_int_equal(report.result.records, report.anchored);
    assert_int_equal(report.result.hidden + report.opened, report.result.records);
    /* Hidden are the other model, its version, the other run and the dataset. */
    assert_int_equal(report.result.hidden, 4);
    assert_int_equal(report.n_subjects, 2);
    assert_string_equal(report.subjects[0], "model churn");
    assert_string_equal(report.subjects[1], "run r1");
    assert_int_equal(report.n_anchors, 1);
    assert_true(report_leaves_open(&report, "hidden-tags"));
    assert_true(report_leaves_open(&report, "payload-hidden"));
    assert_true(report_leaves_open(&report, "name-taken"));
    assert_true(report_leaves_open(&report, "run-id"));
    assert_false(report_leaves_open(&report, "anchor"));
    assert_false(report_leaves_open(&report, "origin"));
    /* All that is read of what is in scope was judged. */
    assert_false(report_leaves_open(&report, "version-number"));
    assert_false(report_leaves_open(&report, "trainer"));
    assert_false(report_leaves_open(&report, "reference-missing"));
    ml_buf_release(&bundle);
}

static void each_kind_of_thing_has_a_bundle(void **state)
{
    struct story *story = *state;
    static const struct {
        const char *reference, *subject;
        size_t subjects;
    } kinds[] = {{"churn", "model churn", 2},
                 {"other", "model other", 1},
                 {"runs:/r1", "run r1", 1},
                 {"dataset:customers", "dataset customers", 1},
                 {"actor:bob", "actor bob", 1}};
    for (size_t i = 0; i < ML_COUNT(kinds); i++) {
        struct ml_buf bundle = bundle_of(story, kinds[i].reference);
        struct report report = bundle_verify(story, &bundle);
        report_expect_good(&report);
        assert_int_equal(report.n_subjects, kinds[i].subjects);
        assert_string_equal(report.subjects[0], kinds[i].subject);
        assert_int_equal(report.attachments, i == 3);
        ml_buf_release(&bundle);
    }
}

static void keep_the_first(Mledger__BundleManifest *manifest)
{
    manifest->n_subjects = 1;
}

static void an_experiment_draws_its_runs_along(void **state)
{
    struct story *story = *state;
    fixture_add(&story->fixture,
                "{\"experiment_created\": {\"experiment_id\": \"7\", \"name\": \"x\"}}");
    uint64_t run = fixture_add(&story->fixture, "{\"run_started\": {\"run_id\": \"r3\", "
                                                "\"experiment\": \"x\"}}");
    uint64_t logged =
        fixture_add(&story->fixture, "{\"run_logged\": {\"run\": \"r3\", \"tags\": [\"t\"]}, "
                                     "\"details\": {\"tag_values\": [\"v\"]}}");
    struct parts parts = parts_of(story, "experiment:x");
    struct report report = parts_verify(story, &parts);
    report_expect_good(&report);
    assert_int_equal(report.n_subjects, 2);
    assert_string_equal(report.subjects[0], "experiment x");
    assert_string_equal(report.subjects[1], "run r3");
    parts = parts_of(story, "experiment:x");
    parts_hide(&parts, logged);
    parts_change_manifest(&parts, keep_the_first);
    report = parts_verify(story, &parts);
    report_expect_fault(&report, "scope", run);
    assert_int_equal(report.result.faults, 1);
    /* The run alone: of its experiment nothing is known but that the record has two tags. */
    parts = parts_of(story, "runs:/r3");
    report = parts_verify(story, &parts);
    report_expect_good(&report);
    assert_true(report_leaves_open(&report, "hidden-subjects"));
    assert_true(report_leaves_open(&report, "experiment-deleted"));
    assert_true(report_leaves_open(&report, "reference-missing"));
}

/* A version names a run that is recorded only later: by its id it belongs to the scope. */
static void a_run_that_came_later_is_in_scope_by_its_id(void **state)
{
    struct story *story = *state;
    fixture_add(&story->fixture,
                "{\"version_registered\": {\"model\": \"other\", \"run_id\": \"late\"}}");
    fixture_add(&story->fixture, "{\"run_started\": {\"run_id\": \"late\"}}");
    struct parts parts = parts_of(story, "other");
    struct report report = parts_verify(story, &parts);
    report_expect_good(&report);
    assert_int_equal(report.n_subjects, 2);
    assert_string_equal(report.subjects[1], "run late");
    assert_false(report_leaves_open(&report, "scope"));
    fixture_add(&story->fixture,
                "{\"version_registered\": {\"model\": \"other\", \"run_id\": \"never\"}}");
    parts = parts_of(story, "other");
    report = parts_verify(story, &parts);
    report_expect_good(&report);
    assert_true(report_leaves_open(&report, "scope")); /* it could be hidden */
    parts = parts_of(story, NULL);
    report = parts_verify(story, &parts);
    report_expect_good(&report);
    assert_false(report_leaves_open(&report, "scope"));
}

static void a_bundle_of_everything_leaves_nothing_open(void **state)
{
    struct story *story = *state;
    struct ml_buf bundle = bundle_of(story, NULL);
    struct report report = bundle_verify(story, &bundle);
    report_expect_good(&report);
    assert_int_equal(report.result.hidden, 0);
    assert_int_equal(report.opened, report.result.records);
    assert_int_equal(report.attachments, 1);
    assert_int_equal(report.result.not_proven, 0);
    ml_buf_release(&bundle);
}

static void what_nobody_vouches_for_is_said(void **state)
{
    struct story *story = *state;
    struct ml_buf bundle = bundle_of(story, "churn/1");
    struct ml_verify_anchors trust = {0};
    struct report report = bundle_verify_trusting(ml_buf_span(&bundle), &trust);
    report_expect_good(&report);
    assert_true(report_leaves_open(&report, "origin"));
    assert_true(report_leaves_open(&report, "anchor"));
    struct ml_head head;
    assert_int_equal(ml_ledger_head(story->fixture.ledger, &head), 0);
    trust.identity = head.identity;
    report = bundle_verify_trusting(ml_buf_span(&bundle), &trust);
    report_expect_good(&report);
    assert_false(report_leaves_open(&report, "origin"));
    assert_true(report_leaves_open(&report, "anchor"));
    head.identity[5] ^= 1;
    report = bundle_verify_trusting(ml_buf_span(&bundle), &trust);
    report_expect_fault(&report, "identity", 0);
    struct ml_vkey stranger;
    assert_int_equal(ml_vkey_make(ML_VKEY_ED25519, ML_SPAN("example.org/test", 16),
                                  story->fixture.signers[ALICE].key, &stranger),
                     0);
    trust = (struct ml_verify_anchors){.vkeys = &stranger, .n_vkeys = 1};
    report = bundle_verify_trusting(ml_buf_span(&bundle), &trust);
    report_expect_fault(&report, "anchor-key", MLEDGER_NO_SEQ);
    ml_buf_release(&bundle);
}

/* ---- attacks ---- */

static void a_withheld_record_is_named(void **state)
{
    struct story *story = *state;
    static const uint64_t open[] = {1, BOB_KEY, CHURN, RUN, LOGGED, VERSION, APPROVAL, NOTED};
    for (size_t i = 0; i < ML_COUNT(open); i++) {
        struct parts parts = parts_of(story, "churn/1");
        parts_hide(&parts, open[i]);
        struct report report = parts_verify(story, &parts);
        report_expect_fault(&report, "withheld", open[i]);
    }
}

static void a_scope_that_was_cut_is_named(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    parts_hide(&parts, RUN);
    parts_hide(&parts, LOGGED);
    parts_change_manifest(&parts, keep_the_first);
    struct report report = parts_verify(story, &parts);
    report_expect_fault(&report, "scope", VERSION);
    assert_int_equal(report.result.faults, 1);
}

static void swapped_payloads_are_found(void **state)
{
    struct story *story = *state;
    struct ml_arena arena;
    ml_arena_init(&arena, SIZE_MAX / 2);
    struct parts parts = parts_of(story, "churn/1");
    size_t a = parts_record_at(&parts, RUN), b = parts_record_at(&parts, LOGGED);
    Mledger__SignedRecord *first = parts_unpack(&parts, a, &arena),
                          *second = parts_unpack(&parts, b, &arena);
    Mledger__SignedRecord swapped = *first;
    swapped.header = second->header;
    swapped.signature = second->signature;
    second->header = first->header;
    second->signature = first->signature;
    parts_pack(&parts, a, &second->base);
    parts_pack(&parts, b, &swapped.base);
    struct report report = parts_verify(story, &parts);
    report_expect_fault(&report, "commitment", RUN);
    report_expect_fault(&report, "commitment", LOGGED);
    ml_arena_release(&arena);
}

static void a_reordered_record_is_found(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    parts_swap(&parts, parts_record_at(&parts, RUN), parts_record_at(&parts, STRANGE_RUN));
    struct report report = parts_verify(story, &parts);
    report_expect_fault(&report, "header-seq", RUN);
    report_expect_fault(&report, "header-seq", STRANGE_RUN);
}

static void a_record_left_out_is_found(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    parts_drop(&parts, parts_record_at(&parts, STRANGE_RUN));
    struct report report = parts_verify(story, &parts);
    report_expect_fault(&report, "header-seq", STRANGE_RUN);
    report_expect_fault(&report, "bundle-manifest", MLEDGER_NO_SEQ);
}

static uint64_t new_size;
static void shorten(Mledger__BundleManifest *manifest)
{
    new_size = --manifest->size;
}

static void a_tail_cut_off_is_found(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    parts_change_manifest(&parts, shorten);
    parts_drop(&parts, parts_record_at(&parts, new_size));
    struct report report = parts_verify(story, &parts);
    report_expect_fault(&report, "bundle-checkpoint", MLEDGER_NO_SEQ);
    report_expect_fault(&report, "anchor-key", MLEDGER_NO_SEQ);
}

static void a_header_signed_by_another_key_is_found(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    struct ml_buf message = {0}, *entry = &parts.items[parts_record_at(&parts, STRANGE_RUN)].bytes;
    assert_int_equal(
        ml_dsse_encode(ML_HEADER_TYPE, ML_SPAN(entry->data + 64, entry->len - 64), &message), 0);
    assert_int_equal(
        ml_ed25519_sign(story->fixture.secret[BOB], ml_buf_span(&message), entry->data), 0);
    ml_buf_release(&message);
    struct report report = parts_verify(story, &parts);
    report_expect_fault(&report, "signature", STRANGE_RUN);
    report_expect_fault(&report, "bundle-checkpoint", MLEDGER_NO_SEQ); /* leaves cover signatures */
}

/* A note over the given text, signed by a key of the fixture under the ledger's origin. */
static struct ml_buf sign_note(const struct story *story, struct ml_span origin, uint64_t size,
                               const uint8_t root[ML_HASH_SIZE], enum fixture_actor signer)
{
    struct ml_buf note = {0};
    struct ml_vkey vkey;
    uint8_t signature[64];
    assert_int_equal(ml_checkpoint_write(origin, size, root, &note), 0);
    assert_int_equal(ml_ed25519_sign(story->fixture.secret[signer], ml_buf_span(&note), signature),
                     0);
    assert_int_equal(
        ml_vkey_make(ML_VKEY_ED25519, origin, story->fixture.signers[signer].key, &vkey), 0);
    assert_int_equal(ml_buf_append_char(&note, '\n'), 0);
    assert_int_equal(ml_note_append_signature(&note, &vkey, ML_SPAN(signature, 64)), 0);
    return note;
}

static void expect_bad_note(struct story *story, struct ml_buf note)
{
    struct parts parts = parts_of(story, "churn/1");
    parts_put(&parts, parts_first_of(&parts, ML_BUNDLE_CHECKPOINT), ml_buf_span(&note));
    struct report report = parts_verify(story, &parts);
    report_expect_fault(&report, "bundle-checkpoint", MLEDGER_NO_SEQ);
    ml_buf_release(&note);
}

static void a_checkpoint_of_something_else_is_found(void **state)
{
    struct story *story = *state;
    const struct ml_span origin = ML_SPAN("example.org/test", 16);
    struct ml_buf bundle = bundle_of(story, NULL);
    struct report report = bundle_verify(story, &bundle);
    uint64_t size = report.result.records;
    uint8_t root[ML_HASH_SIZE], other[ML_HASH_SIZE] = {1};
    memcpy(root, report.result.root, ML_HASH_SIZE);
    ml_buf_release(&bundle);
    expect_bad_note(story, sign_note(story, origin, size, other, LOG_KEY)); /* another ledger's */
    expect_bad_note(story, sign_note(story, origin, size + 1, root, LOG_KEY)); /* a longer one */
    expect_bad_note(story, sign_note(story, origin, size, root, ALICE));       /* not a log key's */
    expect_bad_note(story, sign_note(story, ML_SPAN("example.org/else", 16), size, root, LOG_KEY));
    struct ml_buf none = {0};
    assert_int_equal(ml_buf_append_text(&none, "not a note"), 0);
    expect_bad_note(story, none);
}

static void forge_identity(Mledger__BundleManifest *manifest)
{
    manifest->identity.data[0] ^= 1;
}
static void forge_origin(Mledger__BundleManifest *manifest)
{
    manifest->origin[0] ^= 1;
}
static void forge_size(Mledger__BundleManifest *manifest)
{
    manifest->size++;
}
static void forge_keys(Mledger__BundleManifest *manifest)
{
    manifest->n_log_vkeys = 0;
}
static void forge_version(Mledger__BundleManifest *manifest)
{
    manifest->version = 2;
}
static void forge_kind(Mledger__BundleManifest *manifest)
{
    manifest->target = MLEDGER__BUNDLE_TARGET__RUN_TARGET;
    manifest->has_version = false;
}
static void forge_target(Mledger__BundleManifest *manifest)
{
    manifest->seq = STRANGE_RUN;
}
static void forge_subject(Mledger__BundleManifest *manifest)
{
    manifest->subjects[1] = LOGGED; /* which creates none */
}
static void forge_stranger(Mledger__BundleManifest *manifest)
{
    manifest->subjects[1] = STRANGE_RUN; /* which is hidden */
}
static void forge_far(Mledger__BundleManifest *manifest)
{
    manifest->subjects[1] = 1000;
}
static void forge_json(Mledger__BundleManifest *manifest)
{
    manifest->lineage_json.data[3] ^= 1;
}
static void forget_svg(Mledger__BundleManifest *manifest)
{
    manifest->has_lineage_svg = false;
}
static void disorder(Mledger__BundleManifest *manifest)
{
    manifest->subjects[0] = manifest->subjects[1];
}
static void empty(Mledger__BundleManifest *manifest)
{
    manifest->size = 0;
}
static void pretend_all(Mledger__BundleManifest *manifest)
{
    manifest->target = MLEDGER__BUNDLE_TARGET__LEDGER_TARGET;
    manifest->has_version = manifest->has_seq = false;
    manifest->n_subjects = 0;
}
static void lose_version(Mledger__BundleManifest *manifest)
{
    manifest->has_version = false;
}
static void lose_subjects(Mledger__BundleManifest *manifest)
{
    manifest->n_subjects = 0;
}

static void what_the_manifest_claims_is_checked(void **state)
{
    struct story *story = *state;
    static const struct {
        void (*change)(Mledger__BundleManifest *);
        const char *code;
        uint64_t seq;
    } forgeries[] = {
        {forge_identity, "bundle-manifest", MLEDGER_NO_SEQ},
        {forge_origin, "bundle-manifest", MLEDGER_NO_SEQ},
        {forge_size, "bundle-manifest", MLEDGER_NO_SEQ},
        {forge_keys, "bundle-manifest", MLEDGER_NO_SEQ},
        {forge_version, "scope", CHURN},
        {forge_kind, "scope", CHURN},
        {forge_target, "scope", STRANGE_RUN},
        {forge_subject, "scope", LOGGED},
        {forge_stranger, "withheld", STRANGE_RUN},
        {forge_far, "scope", 1000},
        {forge_json, "bundle-derived", MLEDGER_NO_SEQ},
        {forget_svg, "bundle-derived", MLEDGER_NO_SEQ},
        {disorder, "bundle", MLEDGER_NO_SEQ},
        {empty, "bundle", MLEDGER_NO_SEQ},
        {pretend_all, "withheld", OTHER},
        {lose_version, "bundle", MLEDGER_NO_SEQ},
        {lose_subjects, "bundle", MLEDGER_NO_SEQ},
    };
    for (size_t i = 0; i < ML_COUNT(forgeries); i++) {
        struct parts parts = parts_of(story, "churn/1");
        parts_change_manifest(&parts, forgeries[i].change);
        struct report report = parts_verify(story, &parts);
        report_expect_fault(&report, forgeries[i].code, forgeries[i].seq);
    }
}

static void attachments_are_those_that_open_records_name(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "dataset:customers");
    parts_drop(&parts, parts_first_of(&parts, ML_BUNDLE_ATTACHMENT));
    struct report report = parts_verify(story, &parts);
    report_expect_fault(&report, "attachment-missing", MLEDGER_NO_SEQ);
    parts = parts_of(story, "dataset:customers");
    parts.items[parts_first_of(&parts, ML_BUNDLE_ATTACHMENT)].bytes.data[0] ^= 1;
    report = parts_verify(story, &parts);
    report_expect_fault(&report, "attachment-missing", MLEDGER_NO_SEQ);
    report_expect_fault(&report, "attachment-unknown", MLEDGER_NO_SEQ);
    parts = parts_of(story, "dataset:customers");
    size_t last = parts.count;
    parts.items[last].kind = ML_BUNDLE_ATTACHMENT;
    parts.items[last].bytes = (struct ml_buf){0};
    parts.count++;
    for (size_t i = last; parts.items[i - 1].kind != ML_BUNDLE_ATTACHMENT; i--)
        parts_swap(&parts, i, i - 1);
    parts_put(&parts, parts_first_of(&parts, ML_BUNDLE_ATTACHMENT) + 1,
              ml_buf_span(&parts.items[parts_first_of(&parts, ML_BUNDLE_ATTACHMENT)].bytes));
    report = parts_verify(story, &parts); /* there twice */
    report_expect_fault(&report, "attachment-unknown", MLEDGER_NO_SEQ);
    report_expect_fault(&report, "bundle", MLEDGER_NO_SEQ);
}

static void the_lineage_is_the_one_that_was_put_in(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    parts_drop(&parts, parts_first_of(&parts, ML_BUNDLE_LINEAGE_SVG));
    struct report report = parts_verify(story, &parts);
    report_expect_fault(&report, "bundle-derived", MLEDGER_NO_SEQ);
    parts = parts_of(story, "churn/1");
    parts.items[parts_first_of(&parts, ML_BUNDLE_LINEAGE_JSON)].bytes.data[1] ^= 1;
    report = parts_verify(story, &parts);
    report_expect_fault(&report, "bundle-derived", MLEDGER_NO_SEQ);
}

/* A key that was revoked with a date in the past: the file is read a second time. */
static void what_a_revoked_key_signed_is_in_doubt(void **state)
{
    struct story *story = *state;
    char hex[65], line[256];
    for (size_t i = 0; i < ML_KEY_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", story->fixture.signers[BOB].key[i]);
    snprintf(line, sizeof line,
             "{\"key_revoked\": {\"actor\": \"bob\", \"key\": \"%s\", \"cause\": "
             "\"compromised\", \"since_seq\": %d}}",
             hex, LOGGED);
    fixture_add(&story->fixture, line);
    struct ml_buf bundle = bundle_of(story, "churn/1");
    struct report report = bundle_verify(story, &bundle);
    report_expect_good(&report);
    assert_true(report_has(&report, ML_SEVERITY_DOUBT, "key-doubt", APPROVAL));
    assert_int_equal(report.result.doubts, 1);
    /* Its last record came after the checkpoint. */
    assert_true(report_has(&report, ML_SEVERITY_NOT_PROVEN, "anchor", report.result.records - 1));
    ml_buf_release(&bundle);
}

/* Whether the details of a hidden record are gone, as a record says, cannot be seen. */
static void an_erasure_of_what_is_hidden_is_no_fault(void **state)
{
    struct story *story = *state;
    fixture_add(&story->fixture, "{\"details_erased\": {\"record_ref\": 7}}");
    struct ml_buf bundle = bundle_of(story, "runs:/r2");
    struct report report = bundle_verify(story, &bundle);
    report_expect_good(&report);
    ml_buf_release(&bundle);
    bundle = bundle_of(story, "churn/1");
    report = bundle_verify(story, &bundle);
    report_expect_fault(&report, "details-not-erased", LOGGED);
    ml_buf_release(&bundle);
    uint64_t count;
    assert_int_equal(ml_ledger_erase_finish(story->fixture.ledger, &count), 0);
    assert_int_equal(count, 1);
    bundle = bundle_of(story, "churn/1"); /* with C(details) in place of the details */
    report = bundle_verify(story, &bundle);
    report_expect_good(&report);
    ml_buf_release(&bundle);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, bundle_story_set_up, bundle_story_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_bundle_of_a_version_verifies),
        TEST(each_kind_of_thing_has_a_bundle),
        TEST(an_experiment_draws_its_runs_along),
        TEST(a_run_that_came_later_is_in_scope_by_its_id),
        TEST(a_bundle_of_everything_leaves_nothing_open),
        TEST(what_nobody_vouches_for_is_said),
        TEST(a_withheld_record_is_named),
        TEST(a_scope_that_was_cut_is_named),
        TEST(swapped_payloads_are_found),
        TEST(a_reordered_record_is_found),
        TEST(a_record_left_out_is_found),
        TEST(a_tail_cut_off_is_found),
        TEST(a_header_signed_by_another_key_is_found),
        TEST(a_checkpoint_of_something_else_is_found),
        TEST(what_the_manifest_claims_is_checked),
        TEST(attachments_are_those_that_open_records_name),
        TEST(the_lineage_is_the_one_that_was_put_in),
        TEST(what_a_revoked_key_signed_is_in_doubt),
        TEST(an_erasure_of_what_is_hidden_is_no_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
