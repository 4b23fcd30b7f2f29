/* SPDX-License-Identifier: Apache-2.0 */
/* A log key signs what the records give, and nothing else. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/store/checkpoint.h"
#include "ledger/store/tree.h"
#include "tests/unit/ledger_fixture.h"

static void expect_ok(int result)
{
    if (result < 0)
        fail_msg("%d: %s (rule '%s')", result, mledger_error_text(), mledger_error_rule());
}

static int set_up(void **state)
{
    struct fixture *fixture = malloc(sizeof *fixture);
    assert_non_null(fixture);
    fixture_init(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_release(*state);
    free(*state);
    return 0;
}

static void add_models(struct fixture *fixture, int from, int count)
{
    for (int i = from; i < from + count; i++) {
        char line[128];
        snprintf(line, sizeof line, "{\"model_created\": {\"name\": \"m%d\"}}", i);
        fixture_add(fixture, line);
    }
}

static int make(struct fixture *fixture, const struct mledger_key *key, bool all_leaves,
                struct ml_made_checkpoint *made)
{
    const struct ml_checkpoint_options options = {.all_leaves = all_leaves};
    return ml_checkpoint_make(fixture->ledger, key, &options, made);
}

/* Makes one with the ledger's log key. */
static int try_make(struct fixture *fixture, bool all_leaves, struct ml_made_checkpoint *made)
{
    struct mledger_key *key = fixture_log_key();
    int result = make(fixture, key, all_leaves, made);
    mledger_key_free(key);
    return result;
}

static void expect_damaged(struct fixture *fixture, bool all_leaves, uint64_t seq)
{
    struct ml_made_checkpoint made;
    int result = try_make(fixture, all_leaves, &made);
    if (result != MLEDGER_EDAMAGED || mledger_error_seq() != seq)
        fail_msg("%d, record %lld: %s", result, (long long)mledger_error_seq(),
                 mledger_error_text());
    assert_int_equal(made.note.len, 0);
    ml_made_checkpoint_release(&made);
}

static void expect_good(struct fixture *fixture, bool all_leaves, uint64_t from)
{
    struct ml_made_checkpoint made;
    expect_ok(try_make(fixture, all_leaves, &made));
    assert_int_equal(made.from, from);
    ml_made_checkpoint_release(&made);
}

static void it_signs_the_tree_of_the_records(void **state)
{
    struct fixture *fixture = *state;
    struct ml_made_checkpoint made;
    struct ml_merkle_frontier frontier = {0};
    struct ml_note note;
    struct ml_checkpoint checkpoint;
    struct ml_vkey *vkeys;
    size_t count;
    struct ml_view view;
    uint8_t root[ML_HASH_SIZE];
    add_models(fixture, 0, 300);
    expect_ok(try_make(fixture, false, &made));
    expect_ok(ml_view_begin(fixture->ledger, &view));
    for (uint64_t seq = 0; seq < 301; seq++) {
        uint8_t leaf[ML_HASH_SIZE];
        expect_ok(ml_tree_node(view.txn, 0, seq, leaf));
        expect_ok(ml_merkle_append(&frontier, leaf, NULL, NULL));
    }
    expect_ok(ml_merkle_root(&frontier, root));
    assert_int_equal(made.size, 301);
    assert_int_equal(made.from, 0);
    assert_memory_equal(made.root, root, ML_HASH_SIZE);
    assert_memory_equal(made.link, view.head.link, ML_HASH_SIZE);
    expect_ok(ml_checkpoint_open(ml_buf_span(&made.note), &note, &checkpoint));
    expect_ok(ml_checkpoint_vkeys(&view, &vkeys, &count));
    assert_int_equal(count, 1);
    expect_ok(ml_note_verify(&note, vkeys, count, NULL));
    assert_int_equal(checkpoint.size, 301);
    assert_memory_equal(checkpoint.root, root, ML_HASH_SIZE);
    assert_int_equal(checkpoint.extensions.len, 0);
    ml_note_release(&note);
    ml_view_end(&view);
    free(vkeys);
    ml_made_checkpoint_release(&made);
}

static void it_goes_on_from_the_last_one_that_its_key_signed(void **state)
{
    struct fixture *fixture = *state;
    add_models(fixture, 0, 300);
    expect_good(fixture, false, 0);
    assert_int_equal(fixture_checkpoint(fixture), 301);
    expect_good(fixture, false, 301);
    expect_good(fixture, true, 0);
    add_models(fixture, 300, 3);
    assert_int_equal(fixture_checkpoint(fixture), 305);
    expect_good(fixture, false, 305);
}

static void only_a_good_log_key_of_the_ledger_signs(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        enum mledger_key_purpose purpose;
        int seed;
        const char *rule;
    } cases[] = {{MLEDGER_KEY_SIGNER, 0x40 + LOG_KEY, "key-purpose"},
                 {MLEDGER_KEY_RECOVERY, 0x40 + LOG_KEY, "key-purpose"},
                 {MLEDGER_KEY_LOG, 0x40 + ALICE, "key-purpose"},
                 {MLEDGER_KEY_LOG, 0x11, "key-unknown"}};
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct mledger_key *key;
        struct ml_made_checkpoint made;
        uint8_t seed[ML_ED25519_SEED_SIZE];
        memset(seed, cases[i].seed, sizeof seed);
        expect_ok(ml_key_from_seed(cases[i].purpose, "key", seed, &key));
        assert_int_equal(make(fixture, key, false, &made), MLEDGER_EREFUSED);
        assert_string_equal(mledger_error_rule(), cases[i].rule);
        assert_int_equal(made.note.len, 0);
        ml_made_checkpoint_release(&made);
        mledger_key_free(key);
    }
}

static void a_log_key_that_has_ended_signs_no_more(void **state)
{
    struct fixture *fixture = *state;
    struct ml_made_checkpoint made;
    char line[256], hex[65];
    for (size_t i = 0; i < ML_KEY_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", fixture->signers[LOG_KEY].key[i]);
    snprintf(line, sizeof line,
             "{\"log_key_revoked\": {\"key\": \"%s\", \"cause\": \"compromised\"}}", hex);
    fixture_add(fixture, line);
    assert_int_equal(try_make(fixture, false, &made), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "key-revoked");
    ml_made_checkpoint_release(&made);
    struct ml_view view;
    struct ml_vkey *vkeys;
    size_t count;
    expect_ok(ml_view_begin(fixture->ledger, &view));
    assert_int_equal(ml_checkpoint_vkeys(&view, &vkeys, &count), MLEDGER_ENOTFOUND);
    ml_view_end(&view);
}

/* Spoiling what is stored. */

enum part { HEADER, SIGNATURE, EVENT, SALT, GONE };

static int delete_record(struct ml_kv_txn *txn, void *context)
{
    struct ml_key_u64 key = ml_key_u64(*(uint64_t *)context);
    return ml_kv_delete(txn, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes));
}

static void spoil_record(struct fixture *fixture, uint64_t seq, enum part part)
{
    if (part == GONE) {
        expect_ok(ml_kv_update(ml_ledger_kv(fixture->ledger), delete_record, &seq));
        return;
    }
    struct ml_view view;
    struct ml_span stored;
    ML_CLEANUP(ml_buf_release) struct ml_buf packed = {0};
    expect_ok(ml_view_begin(fixture->ledger, &view));
    expect_ok(ml_view_bytes(&view, seq, &stored));
    Mledger__SignedRecord *record = mledger__signed_record__unpack(NULL, stored.len, stored.data);
    ml_view_end(&view);
    assert_non_null(record);
    uint8_t *places[] = {[HEADER] = record->header.data + record->header.len - 1,
                         [SIGNATURE] = record->signature.data + 5,
                         [EVENT] = record->event.data + record->event.len - 1,
                         [SALT] = record->salts->event.data};
    *places[part] ^= 1;
    expect_ok(ml_codec_pack(&record->base, &packed));
    mledger__signed_record__free_unpacked(record, NULL);
    struct ml_key_u64 key = ml_key_u64(seq);
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes),
                ml_buf_span(&packed));
}

/* Record 1 creates a model: its header ends in a tag. */
static void it_signs_no_tree_with_a_record_altered(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        enum part part;
        uint64_t seq; /* that the error names */
    } cases[] = {
        {HEADER, 2},                 /* the next one does not follow it */
        {SIGNATURE, MLEDGER_NO_SEQ}, /* another leaf: the edge differs */
        {EVENT, 1},
        {SALT, 1},
        {GONE, 1},
    };
    add_models(fixture, 0, 3);
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct ml_view view;
        struct ml_span stored;
        ML_CLEANUP(ml_buf_release) struct ml_buf before = {0};
        expect_ok(ml_view_begin(fixture->ledger, &view));
        expect_ok(ml_view_bytes(&view, 1, &stored));
        expect_ok(ml_buf_append(&before, stored.data, stored.len));
        ml_view_end(&view);
        spoil_record(fixture, 1, cases[i].part);
        expect_damaged(fixture, false, cases[i].seq);
        struct ml_key_u64 key = ml_key_u64(1);
        fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes),
                    ml_buf_span(&before));
    }
    expect_good(fixture, false, 0);
}

/* Under a noted checkpoint: at its edge the records are read again, further back the tree's nodes
 * stand for them, and all leaves are made again on demand. */
static void it_signs_no_tree_that_departs_from_what_was_noted(void **state)
{
    struct fixture *fixture = *state;
    add_models(fixture, 0, 300);
    uint64_t noted = fixture_checkpoint(fixture);
    add_models(fixture, 300, 2);
    spoil_record(fixture, 290, SIGNATURE);
    expect_damaged(fixture, false, noted);
    expect_damaged(fixture, true, MLEDGER_NO_SEQ);
    spoil_record(fixture, 290, SIGNATURE); /* as it was */
    expect_good(fixture, false, noted);
    spoil_record(fixture, 7, SIGNATURE);
    expect_good(fixture, false, noted);
    expect_damaged(fixture, true, MLEDGER_NO_SEQ);
}

static void it_signs_no_tree_whose_stored_nodes_differ(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t forged[ML_HASH_SIZE] = {1};
    add_models(fixture, 0, 300);
    struct ml_tree_key node = ml_tree_node_key(ML_TREE_LEVEL, 0);
    struct ml_view view;
    uint8_t before[ML_HASH_SIZE];
    expect_ok(ml_view_begin(fixture->ledger, &view));
    expect_ok(ml_tree_node(view.txn, ML_TREE_LEVEL, 0, before));
    ml_view_end(&view);
    fixture_put(fixture, ML_TABLE_TREE, ML_SPAN(node.bytes, node.len),
                ML_SPAN(forged, sizeof forged));
    expect_damaged(fixture, false, MLEDGER_NO_SEQ);
    fixture_put(fixture, ML_TABLE_TREE, ML_SPAN(node.bytes, node.len),
                ML_SPAN(before, sizeof before));
    expect_good(fixture, false, 0);
    uint64_t noted = fixture_checkpoint(fixture);
    fixture_put(fixture, ML_TABLE_TREE, ML_SPAN(node.bytes, node.len),
                ML_SPAN(forged, sizeof forged));
    expect_damaged(fixture, false, noted);
}

static void it_signs_nothing_beside_a_damaged_edge(void **state)
{
    struct fixture *fixture = *state;
    add_models(fixture, 0, 2);
    struct ml_merkle_frontier frontier = {.size = 3, .nodes = {{1}, {2}}};
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    expect_ok(ml_merkle_frontier_write(&frontier, &bytes));
    struct ml_tree_key key = ml_tree_frontier_key();
    fixture_put(fixture, ML_TABLE_TREE, ML_SPAN(key.bytes, key.len), ml_buf_span(&bytes));
    expect_damaged(fixture, false, MLEDGER_NO_SEQ);
}

/* The state says which origin stands on the checkpoint, and record 0 says so too. */
static void it_signs_for_no_other_origin(void **state)
{
    struct fixture *fixture = *state;
    struct ml_view view;
    ML_CLEANUP(ml_buf_release) struct ml_buf packed = {0};
    expect_ok(ml_view_begin(fixture->ledger, &view));
    struct ml_span stored;
    expect_ok(ml_state_get(view.state, ML_SPAN("L", 1), &stored));
    Mledger__LedgerState *ledger = mledger__ledger_state__unpack(NULL, stored.len, stored.data);
    ml_view_end(&view);
    assert_non_null(ledger);
    ledger->origin[0] ^= 1;
    expect_ok(ml_codec_pack(&ledger->base, &packed));
    mledger__ledger_state__free_unpacked(ledger, NULL);
    fixture_put(fixture, ML_TABLE_STATE, ML_SPAN("L", 1), ml_buf_span(&packed));
    expect_damaged(fixture, false, 0);
}

/* Finding those that are noted. */

static void it_finds_the_newest_that_covers_a_record(void **state)
{
    struct fixture *fixture = *state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_view view;
    struct ml_noted_checkpoint noted;
    ml_arena_init(&arena, SIZE_MAX / 2);
    expect_ok(ml_view_begin(fixture->ledger, &view));
    assert_int_equal(ml_checkpoint_noted(&view, MLEDGER_NO_SEQ, &arena, &noted), MLEDGER_ENOTFOUND);
    assert_int_equal(ml_checkpoint_covering(&view, 0, &arena, &noted), MLEDGER_ENOTFOUND);
    ml_view_end(&view);
    add_models(fixture, 0, 2);
    const uint64_t first = fixture_checkpoint(fixture);
    add_models(fixture, 2, 2);
    const uint64_t second = fixture_checkpoint(fixture);
    add_models(fixture, 4, 1);
    expect_ok(ml_view_begin(fixture->ledger, &view));
    expect_ok(ml_checkpoint_noted(&view, MLEDGER_NO_SEQ, &arena, &noted));
    assert_int_equal(noted.seq, second);
    assert_int_equal(noted.event->size, second);
    expect_ok(ml_checkpoint_noted(&view, second - 1, &arena, &noted));
    assert_int_equal(noted.seq, first);
    expect_ok(ml_checkpoint_covering(&view, 0, &arena, &noted));
    assert_int_equal(noted.seq, second);
    expect_ok(ml_checkpoint_covering(&view, second - 1, &arena, &noted));
    assert_int_equal(noted.seq, second);
    assert_int_equal(ml_checkpoint_covering(&view, second, &arena, &noted), MLEDGER_ENOTFOUND);
    ml_view_end(&view);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_signs_the_tree_of_the_records),
        TEST(it_goes_on_from_the_last_one_that_its_key_signed),
        TEST(only_a_good_log_key_of_the_ledger_signs),
        TEST(a_log_key_that_has_ended_signs_no_more),
        TEST(it_signs_no_tree_with_a_record_altered),
        TEST(it_signs_no_tree_that_departs_from_what_was_noted),
        TEST(it_signs_no_tree_whose_stored_nodes_differ),
        TEST(it_signs_nothing_beside_a_damaged_edge),
        TEST(it_signs_for_no_other_origin),
        TEST(it_finds_the_newest_that_covers_a_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
