/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The evidence of an answer: a bundle of single records. Whichever are chosen of a sound ledger,
 * it is sound, and says that they were chosen; whoever withholds a trust record is found out.
 */
#include "tests/unit/cmocka_all.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/query/evidence.h"
#include "ledger/store/checkpoint.h"
#include "tests/unit/lineage_story.h"
#include "tests/unit/memory_file.h"

/* Under a sanitizer fewer. */
#ifdef MLEDGER_SANITIZED
enum { CHOICES = 40 };
#else
enum { CHOICES = 200 };
#endif

/* More kinds of records that touch what others made, so that every rule meets what is hidden. */
static void go_on(struct fixture *fixture)
{
    static const char *const lines[] = {
        "{\"model_renamed\": {\"model\": \"churn\", \"name\": \"leavers\"}}",
        "{\"model_created\": {\"name\": \"churn\"}}",
        "{\"dataset_recorded\": {\"name\": \"raw\", \"digests\": [\"" SHA("22") "\"]}}",
        "{\"tags_set\": {\"model\": \"leavers\", \"version\": 1, \"tags\": [\"owner\"]}, "
        "\"details\": {\"tag_values\": [\"carol\"]}}",
        "{\"tags_deleted\": {\"model\": \"leavers\", \"version\": 1, \"tags\": [\"owner\"]}}",
        "{\"run_ended\": {\"run\": \"r2\", \"status\": \"finished\"}}",
        "{\"run_deleted\": {\"run\": \"r2\"}}",
        "{\"run_restored\": {\"run\": \"r2\"}}",
        "{\"experiment_deleted\": {\"experiment\": \"churn-exp\"}}",
        "{\"experiment_restored\": {\"experiment\": \"churn-exp\"}}",
        "{\"incident_recorded\": {\"incident_id\": \"i1\", \"status\": \"opened\", \"model\": "
        "\"leavers\", \"version\": 1}}",
        "{\"incident_recorded\": {\"incident_id\": \"i1\", \"status\": \"closed\"}}",
        "{\"alias_deleted\": {\"model\": \"leavers\", \"alias\": \"champion\"}}",
        "{\"stage_transitioned\": {\"model\": \"leavers\", \"version\": 1, \"to_stage\": "
        "\"Archived\"}}",
        "{\"version_deleted\": {\"model\": \"leavers\", \"version\": 2}}",
        "{\"model_deleted\": {\"model\": \"churn\"}}",
        "{\"model_created\": {\"name\": \"churn\"}}",
    };
    for (size_t i = 0; i < ML_COUNT(lines); i++)
        fixture_add(fixture, lines[i]);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture);
    story_add(&fixture);
    go_on(&fixture);
    *state = &fixture;
    return 0;
}

/* ---- writing ---- */

static int write_buf(void *context, struct ml_span bytes)
{
    return ml_buf_append(context, bytes.data, bytes.len);
}

static struct ml_evidence_counts write_scope(struct ml_view *view, const struct ml_scope *scope,
                                             struct ml_buf *file)
{
    struct ml_buf text = {0};
    struct ml_vkey *vkeys;
    size_t n_vkeys;
    assert_int_equal(ml_checkpoint_vkeys(view, &vkeys, &n_vkeys), 0);
    assert_int_equal(n_vkeys, 1);
    assert_int_equal(ml_vkey_write(vkeys, &text), 0);
    assert_int_equal(ml_buf_append_char(&text, '\0'), 0);
    char *vkey = (char *)text.data;
    const struct ml_evidence evidence = {
        .scope = scope, .reference = "lineage churn/1", .log_vkeys = &vkey, .n_log_vkeys = 1};
    struct ml_evidence_counts counts;
    if (ml_evidence_write(view, &evidence, write_buf, file, &counts) < 0)
        fail_msg("%s", mledger_error_text());
    free(vkeys);
    ml_buf_release(&text);
    return counts;
}

static struct ml_buf evidence_of(const struct fixture *fixture, const uint64_t *seqs, size_t count,
                                 struct ml_evidence_counts *ret_counts)
{
    struct ml_buf file = {0};
    struct ml_view view;
    struct ml_scope scope;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    if (ml_scope_of_records(&view, seqs, count, &scope) < 0)
        fail_msg("%s", mledger_error_text());
    *ret_counts = write_scope(&view, &scope, &file);
    ml_scope_release(&scope);
    ml_view_end(&view);
    return file;
}

/* ---- verifying ---- */

struct seen {
    struct ml_verify_result result;
    uint64_t opened;
    bool chosen;     /* it says that the records were chosen */
    char fault[256]; /* the first */
    char code[64];
};

static int keep(const struct ml_finding *finding, void *context)
{
    struct seen *seen = context;
    seen->chosen |=
        strcmp(finding->code, "chosen") == 0 && finding->severity == ML_SEVERITY_NOT_PROVEN;
    if (finding->severity != ML_SEVERITY_FAULT || *seen->fault)
        return 0;
    snprintf(seen->fault, sizeof seen->fault, "#%" PRIu64 " %s %s", finding->seq, finding->rule,
             finding->text);
    snprintf(seen->code, sizeof seen->code, "%s", finding->code);
    return 0;
}

static struct seen verify(const struct ml_buf *bytes)
{
    struct seen seen = {0};
    struct memory_file file = {.bytes = ml_buf_span(bytes)};
    struct ml_bundle_verdict verdict;
    const struct ml_bundle_file source = {.read = memory_file_read, .context = &file};
    const struct ml_verify_options options = {.visit = keep, .visit_context = &seen};
    if (ml_verify_bundle(&source, &options, &verdict) < 0)
        fail_msg("%s", mledger_error_text());
    seen.result = verdict.result;
    seen.opened = verdict.opened;
    ml_bundle_verdict_release(&verdict);
    return seen;
}

/* ---- what the tests say ---- */

static void expect_sound(const struct fixture *fixture, const uint64_t *seqs, size_t count)
{
    struct ml_evidence_counts counts;
    struct ml_buf file = evidence_of(fixture, seqs, count, &counts);
    struct seen seen = verify(&file);
    ml_buf_release(&file);
    if (seen.result.faults > 0) {
        for (size_t i = 0; i < count; i++)
            print_message("  chosen #%" PRIu64 "\n", seqs[i]);
        fail_msg("%s: %s", seen.code, seen.fault);
    }
    assert_int_equal(seen.opened, counts.opened);
    assert_int_equal(seen.result.records, counts.records);
    assert_int_equal(seen.chosen, counts.opened < counts.records);
}

static void each_record_alone_is_sound_evidence(void **state)
{
    const struct fixture *fixture = *state;
    struct ml_head head;
    assert_int_equal(ml_ledger_head(fixture->ledger, &head), 0);
    expect_sound(fixture, NULL, 0);
    for (uint64_t seq = 0; seq < head.size; seq++)
        expect_sound(fixture, &seq, 1);
}

static void whichever_are_chosen_it_is_sound(void **state)
{
    const struct fixture *fixture = *state;
    struct ml_head head;
    uint64_t random = 1, seqs[64];
    assert_int_equal(ml_ledger_head(fixture->ledger, &head), 0);
    assert_true(head.size <= ML_COUNT(seqs));
    for (int i = 0; i < CHOICES; i++) {
        size_t count = 0;
        for (uint64_t seq = 0; seq < head.size; seq++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407U;
            if (random >> 60 < (unsigned)(i % 16))
                seqs[count++] = seq;
        }
        expect_sound(fixture, seqs, count);
    }
}

static void exactly_those_are_open(void **state)
{
    const struct fixture *fixture = *state;
    const uint64_t seqs[] = {STORY_VERSION, STORY_RUN, STORY_VERSION};
    struct ml_evidence_counts none, three;
    struct ml_buf without = evidence_of(fixture, NULL, 0, &none);
    struct ml_buf file = evidence_of(fixture, seqs, ML_COUNT(seqs), &three);
    assert_int_equal(three.opened, none.opened + 2); /* one was given twice */
    assert_int_equal(none.opened, 3);                /* the genesis, bob and his key */
    ml_buf_release(&without);
    ml_buf_release(&file);
}

static void a_record_that_is_not_there_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    struct ml_view view;
    struct ml_scope scope;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    const uint64_t seqs[] = {1, view.head.size};
    assert_int_equal(ml_scope_of_records(&view, seqs, 2, &scope), MLEDGER_ENOTFOUND);
    ml_scope_release(&scope);
    ml_view_end(&view);
}

/* The bundle made anew, with the payload of one record left out. */
static struct ml_buf without_payload(const struct ml_buf *bundle, uint64_t left_out)
{
    struct ml_buf made = {0}, entry = {0};
    struct memory_file file = {.bytes = ml_buf_span(bundle)};
    struct ml_bundle_reader *reader;
    struct ml_bundle_writer *writer;
    struct ml_bundle_item item;
    struct ml_span bytes;
    struct ml_arena arena;
    struct ml_record record;
    uint64_t seq = 0;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    assert_int_equal(ml_bundle_reader_new(memory_file_read, &file, &reader), 0);
    assert_int_equal(ml_bundle_writer_new(write_buf, &made, &writer), 0);
    while (ml_bundle_next(reader, &item) == MLEDGER_OK) {
        bool is_record = item.kind == ML_BUNDLE_OPEN || item.kind == ML_BUNDLE_HIDDEN;
        assert_int_equal(ml_bundle_item_bytes(reader, &bytes), 0);
        if (is_record && seq++ == left_out) {
            assert_int_equal(ml_record_open(bytes, left_out, &arena, &record), 0);
            assert_int_equal(ml_buf_append(&entry, record.stored->signature.data, 64), 0);
            assert_int_equal(
                ml_buf_append(&entry, record.header_bytes.data, record.header_bytes.len), 0);
            item.kind = ML_BUNDLE_HIDDEN;
            bytes = ml_buf_span(&entry);
        }
        assert_int_equal(ml_bundle_put(writer, item.kind, bytes), 0);
    }
    assert_int_equal(ml_bundle_finish(writer), 0);
    ml_bundle_writer_free(writer);
    ml_bundle_reader_free(reader);
    ml_arena_release(&arena);
    ml_buf_release(&entry);
    return made;
}

static void a_trust_record_is_not_withheld(void **state)
{
    const struct fixture *fixture = *state;
    const uint64_t seqs[] = {STORY_VERSION, STORY_APPROVAL};
    struct ml_evidence_counts counts;
    struct ml_buf file = evidence_of(fixture, seqs, 2, &counts);
    struct ml_buf altered = without_payload(&file, STORY_BOB_KEY);
    struct seen seen = verify(&altered);
    assert_string_equal(seen.code, "withheld");
    ml_buf_release(&altered);
    /* A record that was chosen may be: that is what it says. */
    altered = without_payload(&file, STORY_VERSION);
    seen = verify(&altered);
    assert_int_equal(seen.result.faults, 0);
    assert_true(seen.chosen);
    ml_buf_release(&altered);
    ml_buf_release(&file);
}

static void it_holds_no_subject_whole(void **state)
{
    const struct fixture *fixture = *state;
    struct ml_view view;
    struct ml_scope scope;
    struct ml_buf file = {0};
    uint64_t subject = STORY_MODEL;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    assert_int_equal(ml_scope_of_records(&view, NULL, 0, &scope), 0);
    scope.subjects = &subject;
    scope.n_subjects = 1;
    write_scope(&view, &scope, &file);
    struct seen seen = verify(&file);
    assert_string_equal(seen.code, "bundle");
    scope.subjects = NULL;
    ml_scope_release(&scope);
    ml_view_end(&view);
    ml_buf_release(&file);
}

static void every_cut_and_flipped_bit_is_found(void **state)
{
    const struct fixture *fixture = *state;
    const uint64_t seqs[] = {STORY_VERSION};
    struct ml_evidence_counts counts;
    struct ml_buf file = evidence_of(fixture, seqs, 1, &counts);
    const size_t len = file.len, step = len / 97 + 1;
    for (size_t at = 0; at < len; at += step) {
        file.len = at;
        assert_true(verify(&file).result.faults > 0);
        file.len = len;
        file.data[at] ^= 1;
        assert_true(verify(&file).result.faults > 0);
        file.data[at] ^= 1;
    }
    assert_int_equal(verify(&file).result.faults, 0);
    ml_buf_release(&file);
}

#define TEST(function) cmocka_unit_test(function)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_record_alone_is_sound_evidence),
        TEST(whichever_are_chosen_it_is_sound),
        TEST(exactly_those_are_open),
        TEST(a_record_that_is_not_there_is_refused),
        TEST(a_trust_record_is_not_withheld),
        TEST(it_holds_no_subject_whole),
        TEST(every_cut_and_flipped_bit_is_found),
    };
    return cmocka_run_group_tests(tests, set_up, fixture_tear_down);
}
