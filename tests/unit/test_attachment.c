/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the attachment of a large pipeline is in the index, as far as it is there. */
#include "tests/unit/cmocka_all.h"

#include "ledger/core/codec.h"
#include "ledger/query/lineage.h"
#include "tests/unit/findings.h"
#include "tests/unit/lineage_story.h"
#include "verify/verify.h"

#define MADE "77"
#define READ "66"

struct large {
    struct fixture fixture;
    uint64_t seq; /* of the pipeline */
    uint8_t sha256[ML_HASH_SIZE];
};

static Mledger__Digest *digest_of(struct ml_draft *draft, uint8_t byte)
{
    uint8_t value[16];
    memset(value, byte, sizeof value);
    return ml_draft_digest(draft, MLEDGER__ALGORITHM__MD5, value, sizeof value,
                           MLEDGER__STANDING__CLAIMED);
}

static Mledger__PipelineFile *file_of(struct ml_draft *draft, const char *path, uint8_t byte)
{
    Mledger__PipelineFile *file = ml_draft_message(draft, &mledger__pipeline_file__descriptor);
    Mledger__Digest **digests = ml_arena_calloc(&draft->arena, 1, sizeof *digests);
    digests[0] = digest_of(draft, byte);
    file->path = ml_draft_text(draft, path);
    file->digests = digests;
    file->n_digests = 1;
    return file;
}

/* One stage stands for thousands. */
static void pack_stages(struct ml_draft *draft, struct ml_buf *bytes)
{
    Mledger__PipelineSnapshot snapshot = MLEDGER__PIPELINE_SNAPSHOT__INIT;
    Mledger__PipelineStage *stage = ml_draft_message(draft, &mledger__pipeline_stage__descriptor);
    Mledger__PipelineFile *out = file_of(draft, "model", 0x77), *dep = file_of(draft, "raw", 0x66);
    stage->address = ml_draft_text(draft, "train");
    stage->deps = &dep;
    stage->outs = &out;
    stage->n_deps = stage->n_outs = 1;
    snapshot.stages = &stage;
    snapshot.n_stages = 1;
    assert_int_equal(ml_codec_pack(&snapshot.base, bytes), 0);
}

/* A pipeline with these bytes as its stages; they are taken over. */
static uint64_t add_pipeline(struct large *large, struct ml_draft *draft, struct ml_buf *bytes)
{
    uint64_t seq;
    Mledger__Attachment **attachment = &draft->event->pipeline_recorded->snapshot_attachment;
    assert_int_equal(ml_draft_attach(draft, bytes, attachment), 0);
    memcpy(large->sha256, (*attachment)->sha256.data, ML_HASH_SIZE);
    assert_int_equal(fixture_append_draft(&large->fixture, ALICE, draft, &seq), 0);
    return seq;
}

static int large_setup(void **state)
{
    struct large *large = test_calloc(1, sizeof *large);
    struct ml_buf bytes = {0};
    *state = large;
    fixture_init(&large->fixture);
    struct ml_draft *draft = fixture_draft(
        "{\"pipeline_recorded\": {\"name\": \"big\", \"commit\": \"" GIT("e5") "\"}}");
    pack_stages(draft, &bytes);
    large->seq = add_pipeline(large, draft, &bytes);
    return 0;
}

static int large_teardown(void **state)
{
    struct large *large = *state;
    fixture_release(&large->fixture);
    test_free(large);
    return 0;
}

static struct ml_state_key key_of(uint8_t byte, bool out)
{
    uint8_t value[16];
    memset(value, byte, sizeof value);
    return ml_index_digest_prefix(MLEDGER__ALGORITHM__MD5, ML_SPAN(value, sizeof value), out);
}

static struct ml_state_key with_seq(struct ml_state_key key, uint64_t seq)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        key.bytes[key.len++] = (uint8_t)(seq >> shift);
    return key;
}

static int keep_seq(uint64_t seq, void *context)
{
    *(uint64_t *)context = seq;
    return 0;
}

/* The record that the index leads to from the digest; MLEDGER_NO_SEQ: none. */
static uint64_t led_to(struct large *large, uint8_t byte, bool out)
{
    struct ml_view view;
    struct ml_state_key prefix = key_of(byte, out);
    uint64_t found = MLEDGER_NO_SEQ;
    assert_int_equal(ml_view_begin(large->fixture.ledger, &view), 0);
    assert_int_equal(ml_view_index(&view, &prefix, 0, keep_seq, &found), 0);
    ml_view_end(&view);
    return found;
}

static struct report verify(struct large *large)
{
    struct report report = {0};
    const struct ml_verify_options options = {
        .level = ML_VERIFY_FULL, .visit = report_keep, .visit_context = &report};
    if (ml_verify(large->fixture.ledger, &options, &report.result) < 0)
        fail_msg("%s", mledger_error_text());
    return report;
}

static void what_it_holds_is_found_by_digest(void **state)
{
    struct large *large = *state;
    assert_int_equal(led_to(large, 0x77, true), large->seq);
    assert_int_equal(led_to(large, 0x66, false), large->seq);
    assert_int_equal(led_to(large, 0x66, true), MLEDGER_NO_SEQ);
    assert_int_equal(verify(large).result.faults, 0);
    assert_int_equal(ml_ledger_reindex(large->fixture.ledger), 0);
    assert_int_equal(led_to(large, 0x77, true), large->seq);
    assert_int_equal(led_to(large, 0x66, false), large->seq);
    assert_int_equal(verify(large).result.faults, 0);
}

static void lineage_is_asked_by_digest(void **state)
{
    struct large *large = *state;
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_view view;
    assert_int_equal(ml_view_begin(large->fixture.ledger, &view), 0);
    assert_int_equal(ml_lineage(&view, MD5(MADE), &options, &graph), 0);
    assert_non_null(ml_graph_find(graph, "stage:train@1"));
    assert_non_null(ml_graph_find(graph, "file:" MD5(READ)));
    ml_graph_free(ML_TAKE(graph));
    options.down = true;
    assert_int_equal(ml_lineage(&view, MD5(READ), &options, &graph), 0);
    assert_non_null(ml_graph_find(graph, "file:" MD5(MADE)));
    ml_view_end(&view);
}

/* It is kept once and comes with the first. */
static void a_second_record_of_the_same_stages_is_found_too(void **state)
{
    struct large *large = *state;
    uint8_t sha256[ML_HASH_SIZE];
    struct ml_buf bytes = {0};
    uint64_t seq;
    struct ml_draft *draft =
        fixture_draft("{\"pipeline_recorded\": {\"pipeline\": \"big\", \"name\": \"big\"}}");
    Mledger__Attachment *again = ml_draft_message(draft, &mledger__attachment__descriptor);
    pack_stages(draft, &bytes);
    memcpy(sha256, large->sha256, ML_HASH_SIZE);
    again->sha256 = (ProtobufCBinaryData){ML_HASH_SIZE, sha256};
    again->size = bytes.len;
    ml_buf_release(&bytes);
    draft->event->pipeline_recorded->snapshot_attachment = again;
    if (fixture_append_draft(&large->fixture, ALICE, draft, &seq) < 0)
        fail_msg("%s", mledger_error_text());
    assert_int_equal(led_to(large, 0x77, true), seq);
    assert_int_equal(verify(large).result.faults, 0);
}

static void what_is_no_snapshot_gives_nothing(void **state)
{
    struct large *large = *state;
    struct ml_buf bytes = {0};
    assert_int_equal(ml_buf_append(&bytes, "\x12\x01", 2), 0);
    struct ml_draft *draft = fixture_draft("{\"pipeline_recorded\": {\"name\": \"odd\"}}");
    add_pipeline(large, draft, &bytes);
    assert_int_equal(verify(large).result.faults, 0);
    assert_int_equal(ml_ledger_reindex(large->fixture.ledger), 0);
    assert_int_equal(verify(large).result.faults, 0);
}

/* What it held cannot be told any more, so nobody says that the index was wrong. */
static void an_attachment_that_is_gone_is_one_fault(void **state)
{
    struct large *large = *state;
    fixture_remove_key(&large->fixture, ML_TABLE_ATTACHMENTS, ML_SPAN(large->sha256, ML_HASH_SIZE));
    struct report report = verify(large);
    assert_int_equal(report.result.faults, 1);
    assert_true(report_has(&report, "attachment-missing", MLEDGER_NO_SEQ));
    assert_int_equal(ml_ledger_reindex(large->fixture.ledger), 0);
    assert_int_equal(led_to(large, 0x77, true), MLEDGER_NO_SEQ);
    assert_int_equal(verify(large).result.faults, 1);
}

static void so_is_one_that_was_altered(void **state)
{
    struct large *large = *state;
    struct ml_buf bytes = {0};
    struct ml_draft *draft = fixture_draft("{\"pipeline_recorded\": {\"name\": \"other\"}}");
    pack_stages(draft, &bytes);
    bytes.data[bytes.len - 1] ^= 2; /* still a snapshot, of another digest or standing */
    fixture_put(&large->fixture, ML_TABLE_ATTACHMENTS, ML_SPAN(large->sha256, ML_HASH_SIZE),
                ml_buf_span(&bytes));
    ml_buf_release(&bytes);
    ml_draft_free(draft);
    struct report report = verify(large);
    assert_int_equal(report.result.faults, 1);
    assert_true(report_has(&report, "attachment-damaged", MLEDGER_NO_SEQ));
}

static void an_entry_that_is_missing_is_found(void **state)
{
    struct large *large = *state;
    struct ml_state_key key = with_seq(key_of(0x66, false), large->seq);
    fixture_remove_key(&large->fixture, ML_TABLE_INDEX, ml_state_key_span(&key));
    struct report report = verify(large);
    assert_int_equal(report.result.faults, 1);
    assert_true(report_has(&report, "index", large->seq));
    assert_int_equal(ml_ledger_reindex(large->fixture.ledger), 0);
    assert_int_equal(verify(large).result.faults, 0);
}

static void an_entry_too_many_is_found(void **state)
{
    struct large *large = *state;
    struct ml_state_key key = with_seq(key_of(0x66, true), large->seq);
    fixture_put(&large->fixture, ML_TABLE_INDEX, ml_state_key_span(&key), ML_SPAN("", 0));
    struct report report = verify(large);
    assert_int_equal(report.result.faults, 1);
    assert_true(report_has(&report, "index", large->seq));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, large_setup, large_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_it_holds_is_found_by_digest),
        TEST(lineage_is_asked_by_digest),
        TEST(a_second_record_of_the_same_stages_is_found_too),
        TEST(what_is_no_snapshot_gives_nothing),
        TEST(an_attachment_that_is_gone_is_one_fault),
        TEST(so_is_one_that_was_altered),
        TEST(an_entry_that_is_missing_is_found),
        TEST(an_entry_too_many_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
