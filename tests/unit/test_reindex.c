/* SPDX-License-Identifier: Apache-2.0 */
/* Derived data made again: the same bytes as appending made, from records alone, or no change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "ledger/core/codec.h"
#include "tests/unit/ledger_fixture.h"

static const unsigned derived[] = {ML_TABLE_STATE, ML_TABLE_INDEX, ML_TABLE_TREE};

static void expect_ok(int result)
{
    if (result < 0)
        fail_msg("%d: %s (rule %s)", result, mledger_error_text(), mledger_error_rule());
}

/* All of a table, key and value after key and value, each after its length. */
static void dump_table(struct fixture *fixture, unsigned table, struct ml_buf *dump)
{
    struct ml_kv_txn *txn;
    struct ml_kv_cursor cursor;
    struct ml_span pair[2];
    ml_buf_clear(dump);
    expect_ok(ml_kv_read_begin(ml_ledger_kv(fixture->ledger), &txn));
    expect_ok(ml_kv_cursor_open(txn, table, &cursor));
    while (ml_kv_cursor_next(&cursor, &pair[0], &pair[1]) == MLEDGER_OK)
        for (int i = 0; i < 2; i++) {
            expect_ok(ml_buf_append(dump, &pair[i].len, sizeof pair[i].len));
            expect_ok(ml_buf_append(dump, pair[i].data, pair[i].len));
        }
    ml_kv_cursor_close(&cursor);
    ml_kv_read_end(txn);
}

struct snapshot {
    struct ml_buf tables[ML_TABLE_COUNT];
};

static void snapshot_take(struct fixture *fixture, struct snapshot *snapshot)
{
    for (unsigned table = 0; table < ML_TABLE_COUNT; table++)
        dump_table(fixture, table, &snapshot->tables[table]);
}

static void snapshot_expect(struct fixture *fixture, const struct snapshot *snapshot)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf now = {0};
    for (unsigned table = 0; table < ML_TABLE_COUNT; table++) {
        dump_table(fixture, table, &now);
        if (!ml_span_equal(ml_buf_span(&now), ml_buf_span(&snapshot->tables[table])))
            fail_msg("table %u differs", table);
    }
}

static void snapshot_release(struct snapshot *snapshot)
{
    for (unsigned table = 0; table < ML_TABLE_COUNT; table++)
        ml_buf_release(&snapshot->tables[table]);
}

/* Every subject kind, statements, a schema of several roles, a name that comes back, deletions. */
static void fill(struct fixture *fixture)
{
    fixture_add_bob(fixture);
    fixture_add(fixture, "{\"experiment_created\": {\"experiment_id\": \"1\", \"name\": \"e\"}}");
    fixture_add(fixture, "{\"run_started\": {\"run_id\": \"r1\", \"experiment\": \"1\"}}");
    fixture_add(
        fixture,
        "{\"run_logged\": {\"run\": \"r1\", \"params\": [\"lr\"], \"metrics\": "
        "[{\"key\": \"auc\", \"step\": 1, \"time\": \"2026-01-01T00:00:00Z\"}]}, \"details\": "
        "{\"param_values\": [\"1\"], \"metric_values\": [\"0.5\"]}}");
    fixture_add(fixture, "{\"model_created\": {\"name\": \"churn\"}}");
    fixture_add(fixture, "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"r1\"}}");
    fixture_add(fixture, "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"rX\"}}");
    fixture_add(fixture, "{\"stage_transitioned\": {\"model\": \"churn\", \"version\": 1, "
                         "\"to_stage\": \"Staging\"}}");
    fixture_add(fixture, "{\"alias_set\": {\"model\": \"churn\", \"alias\": \"best\", "
                         "\"version\": 1}}");
    fixture_add(fixture, "{\"alias_deleted\": {\"model\": \"churn\", \"alias\": \"best\"}}");
    fixture_add(fixture, "{\"dataset_recorded\": {\"name\": \"raw\", \"digests\": "
                         "[\"md5:00112233445566778899aabbccddeeff\"]}}");
    fixture_add(fixture, "{\"policy_set\": {\"stage\": \"Production\", \"requirements\": "
                         "[{\"kind\": \"validation\", \"count\": 1}]}}");
    (void)fixture_checkpoint(fixture);
    fixture_add(fixture, "{\"model_deleted\": {\"model\": \"churn\"}}");
    fixture_add(fixture, "{\"model_created\": {\"name\": \"churn\"}}");
}

static int setup(void **state)
{
    struct fixture *fixture = malloc(sizeof *fixture);
    assert_non_null(fixture);
    fixture_init(fixture);
    fill(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_release(*state);
    free(*state);
    return 0;
}

static void makes_the_same(void **state)
{
    ML_CLEANUP(snapshot_release) struct snapshot before = {0};
    snapshot_take(*state, &before);
    struct fixture *fixture = *state;
    expect_ok(ml_ledger_reindex(fixture->ledger));
    snapshot_expect(fixture, &before);
    fixture_add(fixture, "{\"model_created\": {\"name\": \"after\"}}");
}

/* Enough records for the tree to keep nodes of its own. */
static void makes_the_tree_of_many(void **state)
{
    struct fixture *fixture = *state;
    ML_CLEANUP(snapshot_release) struct snapshot before = {0};
    char line[128];
    for (int i = 0; i < 600; i++) {
        snprintf(line, sizeof line, "{\"model_created\": {\"name\": \"m%d\"}}", i);
        fixture_add(fixture, line);
    }
    (void)fixture_checkpoint(fixture);
    snapshot_take(fixture, &before);
    assert_true(before.tables[ML_TABLE_TREE].len > 0);
    expect_ok(ml_ledger_reindex(fixture->ledger));
    snapshot_expect(fixture, &before);
}

static int clear_derived(struct ml_kv_txn *txn, void *context)
{
    (void)context;
    for (size_t i = 0; i < ML_COUNT(derived); i++)
        ML_TRY(ml_kv_clear(txn, derived[i]));
    return MLEDGER_OK;
}

static void makes_what_is_gone(void **state)
{
    struct fixture *fixture = *state;
    ML_CLEANUP(snapshot_release) struct snapshot before = {0};
    snapshot_take(fixture, &before);
    expect_ok(ml_kv_update(ml_ledger_kv(fixture->ledger), clear_derived, NULL));
    expect_ok(ml_ledger_reindex(fixture->ledger));
    snapshot_expect(fixture, &before);
}

static void drops_what_follows_from_no_record(void **state)
{
    struct fixture *fixture = *state;
    ML_CLEANUP(snapshot_release) struct snapshot before = {0};
    snapshot_take(fixture, &before);
    for (size_t i = 0; i < ML_COUNT(derived); i++)
        fixture_put(fixture, derived[i], ML_SPAN("zz-forged", 9), ML_SPAN("x", 1));
    expect_ok(ml_ledger_reindex(fixture->ledger));
    snapshot_expect(fixture, &before);
}

/* Where the head's own state is no state any more, the ledger opens for this alone. */
static void opens_what_is_damaged(void **state)
{
    struct fixture *fixture = *state;
    ML_CLEANUP(snapshot_release) struct snapshot before = {0};
    snapshot_take(fixture, &before);
    fixture_put(fixture, ML_TABLE_STATE, ML_SPAN("L", 1), ML_SPAN("\xff\xff", 2));
    ml_ledger_close(fixture->ledger);
    fixture->ledger = NULL;
    struct ml_ledger_options options = {.map_bytes = 64 << 20};
    assert_int_equal(ml_ledger_open(fixture->dir, &options, &fixture->ledger), MLEDGER_EDAMAGED);
    options.records_only = true;
    expect_ok(ml_ledger_open(fixture->dir, &options, &fixture->ledger));
    expect_ok(ml_ledger_reindex(fixture->ledger));
    fixture_reopen(fixture);
    snapshot_expect(fixture, &before);
}

static void put_layout(struct fixture *fixture, uint32_t layout)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    const struct ml_span key = ML_SPAN("L", 1);
    struct ml_kv_txn *txn;
    struct ml_span stored;
    ProtobufCMessage *message;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    expect_ok(ml_kv_read_begin(ml_ledger_kv(fixture->ledger), &txn));
    expect_ok(ml_kv_get(txn, ML_TABLE_STATE, key, &stored));
    expect_ok(ml_codec_unpack(&mledger__ledger_state__descriptor, stored, &arena, &message));
    ml_kv_read_end(txn);
    Mledger__LedgerState *state = (Mledger__LedgerState *)message;
    assert_int_equal(state->layout, ML_DERIVED_LAYOUT);
    state->has_layout = layout != 0;
    state->layout = layout;
    expect_ok(ml_codec_pack(&state->base, &bytes));
    fixture_put(fixture, ML_TABLE_STATE, key, ml_buf_span(&bytes));
}

/* What another program made to be read otherwise would answer wrong. */
static void expect_another_layout(struct fixture *fixture, uint32_t layout, const char *made_by)
{
    ML_CLEANUP(snapshot_release) struct snapshot before = {0};
    struct ml_view view;
    uint64_t seq;
    snapshot_take(fixture, &before);
    put_layout(fixture, layout);
    assert_int_equal(ml_view_begin(fixture->ledger, &view), MLEDGER_EDAMAGED);
    assert_non_null(strstr(mledger_error_text(), made_by));
    assert_string_equal(mledger_error_hint(), "mledger reindex");
    assert_int_equal(fixture_append(fixture, ALICE, "{\"model_created\": {\"name\": \"x\"}}", &seq),
                     MLEDGER_EDAMAGED);
    expect_ok(ml_ledger_reindex(fixture->ledger));
    snapshot_expect(fixture, &before);
}

static void makes_another_layout_again(void **state)
{
    expect_another_layout(*state, 0, "an older mledger");
    expect_another_layout(*state, ML_DERIVED_LAYOUT + 1, "a newer mledger");
}

/* Reads a stored record for a test to spoil. */
static void read_bytes(struct fixture *fixture, uint64_t seq, struct ml_buf *bytes)
{
    struct ml_view view;
    struct ml_span stored;
    expect_ok(ml_view_begin(fixture->ledger, &view));
    expect_ok(ml_view_bytes(&view, seq, &stored));
    expect_ok(ml_buf_append(bytes, stored.data, stored.len));
    ml_view_end(&view);
}

static void put_bytes(struct fixture *fixture, uint64_t seq, const struct ml_buf *bytes)
{
    struct ml_key_u64 key = ml_key_u64(seq);
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes),
                ml_buf_span(bytes));
}

/* Nothing of the store changes, and the error names the record. */
static void expect_refused(struct fixture *fixture, uint64_t seq, const char *text)
{
    ML_CLEANUP(snapshot_release) struct snapshot before = {0};
    snapshot_take(fixture, &before);
    assert_int_equal(ml_ledger_reindex(fixture->ledger), MLEDGER_EDAMAGED);
    assert_int_equal(mledger_error_seq(), seq);
    if (!strstr(mledger_error_text(), text))
        fail_msg("'%s' is not in '%s'", text, mledger_error_text());
    assert_string_equal(mledger_error_hint(), "mledger verify");
    snapshot_expect(fixture, &before);
}

static void refuses_each_byte_changed(void **state)
{
    struct fixture *fixture = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    const uint64_t seq = 7;
    read_bytes(fixture, seq, &bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.data[i] ^= 1;
        put_bytes(fixture, seq, &bytes);
        if (ml_ledger_reindex(fixture->ledger) != MLEDGER_EDAMAGED || mledger_error_seq() != seq)
            fail_msg("byte %zu of record %d went unseen", i, (int)seq);
        bytes.data[i] ^= 1;
    }
    put_bytes(fixture, seq, &bytes);
    expect_ok(ml_ledger_reindex(fixture->ledger));
}

static void refuses_a_record_of_another_place(void **state)
{
    struct fixture *fixture = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    read_bytes(fixture, 5, &bytes);
    put_bytes(fixture, 6, &bytes);
    expect_refused(fixture, 6, "cannot be folded");
}

static int delete_record(struct ml_kv_txn *txn, void *context)
{
    struct ml_key_u64 key = ml_key_u64(*(const uint64_t *)context);
    return ml_kv_delete(txn, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes));
}

static void refuses_a_gap(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seq = 4;
    expect_ok(ml_kv_update(ml_ledger_kv(fixture->ledger), delete_record, &seq));
    expect_refused(fixture, seq, "the record is missing");
}

static void refuses_what_is_too_long(void **state)
{
    struct fixture *fixture = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    expect_ok(ml_buf_reserve(&bytes, ML_LIMIT_RECORD + 1));
    memset(bytes.data, 0, ML_LIMIT_RECORD + 1);
    bytes.len = ML_LIMIT_RECORD + 1;
    put_bytes(fixture, 3, &bytes);
    expect_refused(fixture, 3, "over");
}

static int clear_records(struct ml_kv_txn *txn, void *context)
{
    (void)context;
    return ml_kv_clear(txn, ML_TABLE_RECORDS);
}

static void refuses_no_records(void **state)
{
    struct fixture *fixture = *state;
    ML_CLEANUP(snapshot_release) struct snapshot before = {0};
    expect_ok(ml_kv_update(ml_ledger_kv(fixture->ledger), clear_records, NULL));
    snapshot_take(fixture, &before);
    assert_int_equal(ml_ledger_reindex(fixture->ledger), MLEDGER_EDAMAGED);
    snapshot_expect(fixture, &before);
}

static void refuses_a_store_that_is_read_only(void **state)
{
    struct fixture *fixture = *state;
    ml_ledger_close(fixture->ledger);
    fixture->ledger = NULL;
    const struct ml_ledger_options options = {.map_bytes = 64 << 20, .read_only = true};
    expect_ok(ml_ledger_open(fixture->dir, &options, &fixture->ledger));
    assert_true(ml_ledger_reindex(fixture->ledger) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(makes_the_tree_of_many, setup, teardown),
        cmocka_unit_test_setup_teardown(makes_what_is_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(drops_what_follows_from_no_record, setup, teardown),
        cmocka_unit_test_setup_teardown(opens_what_is_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(makes_another_layout_again, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_each_byte_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_record_of_another_place, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_gap, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_too_long, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_no_records, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_store_that_is_read_only, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
