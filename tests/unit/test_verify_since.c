/* SPDX-License-Identifier: Apache-2.0 */
/* Going on from an earlier verification: what is read, what is found, what is said. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/core/hex.h"
#include "ledger/store/known_head.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/findings.h"
#include "tests/unit/ledger_fixture.h"
#include "verify/verify.h"

static struct report verify(struct fixture *fixture, enum ml_verify_level level)
{
    struct report report = {0};
    const struct ml_verify_options options = {
        .level = level, .visit = report_keep, .visit_context = &report};
    if (ml_verify(fixture->ledger, &options, &report.result) < 0)
        fail_msg("%s", mledger_error_text());
    return report;
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture);
    fixture_add_bob(&fixture);
    *state = &fixture;
    return 0;
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

static struct ml_key_u64 record_key(uint64_t seq)
{
    return ml_key_u64(seq);
}

/* Records read, by their seqs. */
struct reads {
    uint64_t before, from; /* how many below `from`, and what that is */
};

static void note_read(uint64_t seq, void *context)
{
    struct reads *reads = context;
    if (seq < reads->from)
        reads->before++;
}

static struct report verify_since(struct fixture *fixture, bool since, struct reads *reads)
{
    struct report report = {0};
    const struct ml_verify_options options = {.visit = report_keep,
                                              .visit_context = &report,
                                              .pulse = reads ? note_read : NULL,
                                              .pulse_context = reads,
                                              .since = since,
                                              .remember = true};
    if (ml_verify(fixture->ledger, &options, &report.result) < 0)
        fail_msg("%s", mledger_error_text());
    return report;
}

/* What the command does after a verification without faults. */
static void note_verified(struct fixture *fixture, const struct report *report)
{
    struct ml_known_verified verified = {.size = report->result.head.size};
    assert_int_equal(report->result.faults, 0);
    assert_true(report->result.remembered);
    memcpy(verified.link, report->result.head.link, ML_HASH_SIZE);
    memcpy(verified.root, report->result.root, ML_HASH_SIZE);
    memcpy(verified.state, report->result.state, ML_HASH_SIZE);
    assert_int_equal(
        ml_known_verified_write(fixture->known, report->result.head.identity, &verified), 0);
}

static void add_models(struct fixture *fixture, const char *prefix, int count)
{
    for (int i = 0; i < count; i++) {
        char line[128];
        snprintf(line, sizeof line, "{\"model_created\": {\"name\": \"%s-%d\"}}", prefix, i);
        fixture_add(fixture, line);
    }
}

static void what_was_verified_is_not_read_again(void **state)
{
    struct fixture *fixture = *state;
    add_models(fixture, "a", 280);
    struct report report = verify_since(fixture, true, NULL);
    assert_true(report.result.refolded); /* nothing to go on from yet */
    note_verified(fixture, &report);
    struct reads reads = {.from = report.result.head.size};
    add_models(fixture, "b", 260);
    report = verify_since(fixture, true, &reads);
    assert_int_equal(report.result.faults, 0);
    assert_int_equal(report.result.since, reads.from);
    assert_int_equal(report.result.records, 260);
    assert_int_equal(reads.before, 0);
    assert_true(report_has(&report, "since", MLEDGER_NO_SEQ));
    assert_true(report.result.known);
    struct report all = verify(fixture, ML_VERIFY_FULL);
    assert_memory_equal(report.result.root, all.result.root, ML_HASH_SIZE);
    assert_memory_equal(report.result.head.link, all.result.head.link, ML_HASH_SIZE);
    /* A snapshot of the part is that of the whole, and can be gone on from. */
    struct report refolded = verify_since(fixture, false, NULL);
    assert_memory_equal(report.result.state, refolded.result.state, ML_HASH_SIZE);
    note_verified(fixture, &report);
    report = verify_since(fixture, true, NULL);
    assert_int_equal(report.result.faults, 0);
    assert_int_equal(report.result.records, 0);
}

static void damage_since_then_is_found(void **state)
{
    struct fixture *fixture = *state;
    add_models(fixture, "a", 280);
    struct report report = verify_since(fixture, false, NULL);
    note_verified(fixture, &report);
    uint64_t size = report.result.head.size;
    add_models(fixture, "b", 3);
    struct ml_key_u64 key = record_key(size + 1);
    struct ml_span value = copy_value(fixture, ML_TABLE_RECORDS, ML_SPAN(key.bytes, 8));
    uint8_t *bytes = (uint8_t *)(uintptr_t)value.data;
    bytes[value.len / 2] ^= 1;
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(key.bytes, 8), value);
    assert_true(verify_since(fixture, true, NULL).result.faults > 0);
    bytes[value.len / 2] ^= 1;
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(key.bytes, 8), value);
    free(bytes);
    /* The stored state is held against the snapshot, all of it. */
    fixture_put(fixture, ML_TABLE_STATE, ML_SPAN("Zz", 2), ML_SPAN("x", 1));
    report = verify_since(fixture, true, NULL);
    assert_true(report_has(&report, "state", MLEDGER_NO_SEQ));
    fixture_remove_key(fixture, ML_TABLE_STATE, ML_SPAN("Zz", 2));
    /* So is the tree's edge then: another node there is another history. */
    const uint8_t node[9] = {8};
    value = copy_value(fixture, ML_TABLE_TREE, ML_SPAN(node, sizeof node));
    bytes = (uint8_t *)(uintptr_t)value.data;
    bytes[0] ^= 1;
    fixture_put(fixture, ML_TABLE_TREE, ML_SPAN(node, sizeof node), value);
    report = verify_since(fixture, true, NULL);
    assert_true(report_has(&report, "tree", MLEDGER_NO_SEQ));
    bytes[0] ^= 1;
    fixture_put(fixture, ML_TABLE_TREE, ML_SPAN(node, sizeof node), value);
    free(bytes);
    /* A record gone from before is counted; one that was rewritten is not looked at, and said not
     * to be. */
    struct ml_key_u64 old = record_key(100);
    value = copy_value(fixture, ML_TABLE_RECORDS, ML_SPAN(old.bytes, 8));
    fixture_remove_key(fixture, ML_TABLE_RECORDS, ML_SPAN(old.bytes, 8));
    report = verify_since(fixture, true, NULL);
    assert_true(report_has(&report, "gap", MLEDGER_NO_SEQ));
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(old.bytes, 8), ML_SPAN("x", 1));
    report = verify_since(fixture, true, NULL);
    assert_int_equal(report.result.faults, 0);
    assert_true(report_has(&report, "since", MLEDGER_NO_SEQ));
    assert_true(verify(fixture, ML_VERIFY_FULL).result.faults > 0);
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(old.bytes, 8), value);
    free((void *)(uintptr_t)value.data);
}

/* No bit of the snapshot, and no other digest or root, is gone on from. */
static void a_snapshot_is_what_was_verified_or_none(void **state)
{
    struct fixture *fixture = *state;
    struct report report = verify_since(fixture, false, NULL);
    note_verified(fixture, &report);
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)], path[256];
    ml_hex_encode(hex, report.result.head.identity, ML_HASH_SIZE);
    snprintf(path, sizeof path, "%s/%s.state", fixture->known, hex);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    struct reads reads = {.from = report.result.head.size};
    for (long at = 0; at < size; at += 37) {
        fseek(file, at, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 0x10, file);
        fflush(file);
        const struct ml_verify_options options = {.since = true};
        struct ml_verify_result result;
        assert_int_equal(ml_verify(fixture->ledger, &options, &result), 0);
        assert_true(result.refolded);
        assert_int_equal(result.faults, 0);
        fseek(file, at, SEEK_SET);
        fputc(byte, file);
        fflush(file);
    }
    fclose(file);
    assert_false(verify_since(fixture, true, &reads).result.refolded);
    struct ml_known_head known;
    assert_int_equal(ml_known_head_read(fixture->known, report.result.head.identity, &known), 0);
    fixture_add(fixture, "{\"model_created\": {\"name\": \"one-more\"}}");
    struct ml_known_verified other = known.verified;
    other.size++;
    other.root[3] ^= 1;
    assert_int_equal(ml_known_verified_write(fixture->known, report.result.head.identity, &other),
                     0);
    report = verify_since(fixture, true, NULL);
    assert_true(report.result.refolded);
    assert_int_equal(report.result.faults, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_verified_is_not_read_again),
        TEST(damage_since_then_is_found),
        TEST(a_snapshot_is_what_was_verified_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
