/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier: a sound ledger passes, every kind of damage is found and named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/codec.h"
#include "tests/unit/findings.h"
#include "tests/unit/ledger_fixture.h"
#include "verify/verify.h"

/* Every bit is flipped; under a sanitizer, which makes it all several times slower and looks for
 * what does not depend on the bit, every eleventh: most bytes, and in turn each bit of one. */
#ifdef MLEDGER_SANITIZED
enum { FLIP_STEP = 11 };
#else
enum { FLIP_STEP = 1 };
#endif

static struct report verify(struct fixture *fixture, enum ml_verify_level level)
{
    struct report report = {0};
    const struct ml_verify_options options = {
        .level = level, .visit = report_keep, .visit_context = &report};
    if (ml_verify(fixture->ledger, &options, &report.result) < 0)
        fail_msg("%s", mledger_error_text());
    return report;
}

/* Beyond the seven that every run has: `./dev soak` sets it to reach fifty. */
static size_t more_records(void)
{
    const char *text = getenv("MLEDGER_SOAK_RECORDS");
    return text ? strtoul(text, NULL, 10) : 0;
}

static void add_runs(struct fixture *fixture, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char line[256];
        snprintf(line, sizeof line,
                 "{\"run_started\": {\"run_id\": \"soak-%zu\", \"name\": \"n%zu\"}, \"details\": "
                 "{\"user\": \"u%zu\"}}",
                 i, i, i);
        fixture_add(fixture, line);
    }
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture);
    fixture_add_bob(&fixture);
    fixture_add(&fixture, "{\"model_created\": {\"name\": \"churn\"}, \"details\": "
                          "{\"description\": \"who leaves\"}}");
    fixture_add(&fixture, "{\"run_started\": {\"run_id\": \"r1\"}}");
    fixture_add(&fixture,
                "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"r1\", "
                "\"artifacts\": [{\"path\": \"m\", \"digests\": [\"sha256:"
                "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"]}]}}");
    struct ml_draft *draft = fixture_draft(
        "{\"approval_recorded\": {\"model\": \"churn\", \"version\": 1, \"stage\": "
        "\"Production\", \"decision\": \"granted\"}, \"details\": {\"reason\": \"good\"}}");
    fixture_state(&fixture, draft, BOB, MLEDGER__MEANING__APPROVED);
    assert_int_equal(fixture_append_draft(&fixture, ALICE, draft, NULL), 0);
    add_runs(&fixture, more_records());
    *state = &fixture;
    return 0;
}

static void a_sound_ledger_has_no_faults(void **state)
{
    struct report report = verify(*state, ML_VERIFY_FULL);
    assert_int_equal(report.result.faults, 0);
    assert_int_equal(report.result.records, 7 + more_records());
    assert_int_equal(report.result.statements, 2);
    assert_true(report.result.known);
    assert_true(report_has(&report, "anchor", MLEDGER_NO_SEQ)); /* what is not proven is said */
    assert_int_equal(verify(*state, ML_VERIFY_CHAIN).result.faults, 0);
}

static struct ml_span copy_value(struct fixture *fixture, unsigned table, struct ml_span key)
{
    struct ml_kv_txn *txn;
    struct ml_span value;
    assert_int_equal(ml_kv_read_begin(ml_ledger_kv(fixture->ledger), &txn), 0);
    assert_int_equal(ml_kv_get(txn, table, key, &value), 0);
    uint8_t *copy = malloc(value.len ? value.len : 1);
    assert_non_null(copy);
    memcpy(copy, value.data, value.len);
    ml_kv_read_end(txn);
    return ML_SPAN(copy, value.len);
}

/* Flips bits of one value, one after the other; every flip must be found, none may crash. */
static void flip_value(struct fixture *fixture, unsigned table, struct ml_span key)
{
    struct ml_span value = copy_value(fixture, table, key);
    uint8_t *bytes = (uint8_t *)(uintptr_t)value.data;
    for (size_t bit = 0; bit < value.len * 8; bit += FLIP_STEP) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        fixture_put(fixture, table, key, value);
        struct report report = verify(fixture, ML_VERIFY_FULL);
        if (report.result.faults == 0)
            fail_msg("table %u: flipping bit %zu of %zu went unseen", table, bit, value.len * 8);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    fixture_put(fixture, table, key, value);
    free(bytes);
}

/* All keys of a table. */
static size_t list_keys(struct fixture *fixture, unsigned table, struct ml_state_key *keys,
                        size_t room)
{
    struct ml_kv_txn *txn;
    struct ml_kv_cursor cursor;
    struct ml_span key, value;
    size_t count = 0;
    assert_int_equal(ml_kv_read_begin(ml_ledger_kv(fixture->ledger), &txn), 0);
    assert_int_equal(ml_kv_cursor_open(txn, table, &cursor), 0);
    while (ml_kv_cursor_next(&cursor, &key, &value) == 0) {
        assert_true(count < room && key.len <= sizeof keys->bytes);
        keys[count].len = key.len;
        memcpy(keys[count++].bytes, key.data, key.len);
    }
    ml_kv_cursor_close(&cursor);
    ml_kv_read_end(txn);
    return count;
}

static void every_bit_of(struct fixture *fixture, unsigned table)
{
    static struct ml_state_key keys[2048];
    size_t count = list_keys(fixture, table, keys, ML_COUNT(keys));
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        flip_value(fixture, table, ml_state_key_span(&keys[i]));
    assert_int_equal(verify(fixture, ML_VERIFY_FULL).result.faults, 0);
}

static void every_bit_of_the_records_counts(void **state)
{
    every_bit_of(*state, ML_TABLE_RECORDS);
}

static void every_bit_of_the_state_counts(void **state)
{
    every_bit_of(*state, ML_TABLE_STATE);
}

static void every_bit_of_the_tree_counts(void **state)
{
    every_bit_of(*state, ML_TABLE_TREE);
}

static void every_index_entry_counts(void **state)
{
    struct fixture *fixture = *state;
    static struct ml_state_key keys[2048];
    size_t count = list_keys(fixture, ML_TABLE_INDEX, keys, ML_COUNT(keys));
    assert_true(count > 10);
    for (size_t i = 0; i < count; i++) {
        struct ml_span key = ml_state_key_span(&keys[i]);
        uint64_t seq = keys[i].bytes[keys[i].len - 1];
        fixture_remove_key(fixture, ML_TABLE_INDEX, key);
        struct report report = verify(fixture, ML_VERIFY_FULL);
        assert_true(report_has(&report, "index", seq));
        fixture_put(fixture, ML_TABLE_INDEX, key, ML_SPAN("", 0));
        for (size_t bit = 0; bit < keys[i].len * 8; bit += FLIP_STEP) {
            struct ml_state_key flipped = keys[i];
            flipped.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            fixture_put(fixture, ML_TABLE_INDEX, ml_state_key_span(&flipped), ML_SPAN("", 0));
            report = verify(fixture, ML_VERIFY_FULL);
            fixture_remove_key(fixture, ML_TABLE_INDEX, ml_state_key_span(&flipped));
            bool is_other_key = false;
            for (size_t k = 0; k < count; k++)
                is_other_key |=
                    ml_span_equal(ml_state_key_span(&keys[k]), ml_state_key_span(&flipped));
            if (is_other_key)
                fixture_put(fixture, ML_TABLE_INDEX, ml_state_key_span(&flipped), ML_SPAN("", 0));
            else if (report.result.faults == 0)
                fail_msg("entry %zu: flipping bit %zu of its key went unseen", i, bit);
        }
    }
    assert_int_equal(verify(fixture, ML_VERIFY_FULL).result.faults, 0);
}

static struct ml_key_u64 record_key(uint64_t seq)
{
    return ml_key_u64(seq);
}

static void missing_records_are_named(void **state)
{
    struct fixture *fixture = *state;
    struct ml_key_u64 second = record_key(2), fourth = record_key(4);
    fixture_remove_key(fixture, ML_TABLE_RECORDS, ML_SPAN(second.bytes, 8));
    fixture_remove_key(fixture, ML_TABLE_RECORDS, ML_SPAN(fourth.bytes, 8));
    struct report report = verify(fixture, ML_VERIFY_FULL);
    assert_true(report_has(&report, "gap", 2));
    assert_true(report_has(&report, "gap", 4));
    report = verify(fixture, ML_VERIFY_CHAIN);
    assert_true(report_has(&report, "gap", 2));
    assert_true(report_has(&report, "gap", 4));
}

static void a_cut_tail_is_behind_the_known_head(void **state)
{
    struct fixture *fixture = *state;
    uint64_t newest = 6 + more_records();
    struct ml_key_u64 last = record_key(newest);
    fixture_remove_key(fixture, ML_TABLE_RECORDS, ML_SPAN(last.bytes, 8));
    struct report report = verify(fixture, ML_VERIFY_CHAIN);
    assert_true(report_has(&report, "known-head-behind", newest));
    assert_false(report.result.known);
}

struct meanwhile {
    struct fixture *fixture;
    unsigned appended, behind;
};

static int append_meanwhile(const struct ml_finding *finding, void *context)
{
    struct meanwhile *meanwhile = context;
    if (meanwhile->appended++ == 0)
        fixture_add(meanwhile->fixture, "{\"run_started\": {\"run_id\": \"meanwhile\"}}");
    meanwhile->behind += strcmp(finding->code, "known-head-behind") == 0;
    return 0;
}

/* The known head moves on while the snapshot is verified, and is then ahead of it. */
static void what_others_append_meanwhile_is_no_fault(void **state)
{
    struct fixture *fixture = *state;
    struct meanwhile meanwhile = {.fixture = fixture};
    const struct ml_verify_options options = {.visit = append_meanwhile,
                                              .visit_context = &meanwhile};
    struct ml_verify_result result;
    struct ml_key_u64 third = record_key(3);
    struct ml_span record = copy_value(fixture, ML_TABLE_RECORDS, ML_SPAN(third.bytes, 8));
    uint8_t *last = (uint8_t *)(uintptr_t)record.data + record.len - 1;
    *last ^= 1; /* a finding, for the visitor to be called on the way */
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(third.bytes, 8), record);
    assert_int_equal(ml_verify(fixture->ledger, &options, &result), 0);
    assert_true(meanwhile.appended > 1);
    assert_int_equal(meanwhile.behind, 0);
    assert_true(result.known);
    free((void *)(uintptr_t)record.data);
}

static void swapped_records_are_found(void **state)
{
    struct fixture *fixture = *state;
    struct ml_key_u64 a = record_key(3), b = record_key(4);
    struct ml_span first = copy_value(fixture, ML_TABLE_RECORDS, ML_SPAN(a.bytes, 8));
    struct ml_span second = copy_value(fixture, ML_TABLE_RECORDS, ML_SPAN(b.bytes, 8));
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(a.bytes, 8), second);
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(b.bytes, 8), first);
    struct report report = verify(fixture, ML_VERIFY_FULL);
    assert_true(report_has(&report, "header-seq", 3));
    assert_true(report_has(&report, "header-seq", 4));
    free((void *)(uintptr_t)first.data);
    free((void *)(uintptr_t)second.data);
}

static void what_does_not_belong_is_named(void **state)
{
    struct fixture *fixture = *state;
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN("odd", 3), ML_SPAN("x", 1));
    fixture_put(fixture, ML_TABLE_STATE, ML_SPAN("Zz", 2), ML_SPAN("x", 1));
    fixture_put(fixture, ML_TABLE_ATTACHMENTS, ML_SPAN("Zz", 2), ML_SPAN("x", 1));
    fixture_put(fixture, ML_TABLE_TREE, ML_SPAN("Zz", 2), ML_SPAN("x", 1));
    fixture_put(fixture, ML_TABLE_INDEX, ML_SPAN("Zz", 2), ML_SPAN("x", 1));
    struct report report = verify(fixture, ML_VERIFY_FULL);
    assert_true(report_has(&report, "record-key", MLEDGER_NO_SEQ));
    assert_true(report_has(&report, "state", MLEDGER_NO_SEQ));
    assert_true(report_has(&report, "attachment-unknown", MLEDGER_NO_SEQ));
    assert_true(report_has(&report, "tree", MLEDGER_NO_SEQ));
    assert_true(report_has(&report, "index", MLEDGER_NO_SEQ));
    assert_int_equal(report.result.faults, 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_sound_ledger_has_no_faults),
        TEST(every_bit_of_the_records_counts),
        TEST(every_bit_of_the_state_counts),
        TEST(every_bit_of_the_tree_counts),
        TEST(every_index_entry_counts),
        TEST(missing_records_are_named),
        TEST(a_cut_tail_is_behind_the_known_head),
        TEST(what_others_append_meanwhile_is_no_fault),
        TEST(swapped_records_are_found),
        TEST(what_does_not_belong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
