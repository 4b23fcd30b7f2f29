/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, values and cursors of the store, transactions and snapshots. */
#include "ledger/store/kv.h"

#include <stdio.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/kv_store.h"

struct fixture {
    char dir[KV_DIR_MAX];
    struct ml_kv *kv;
};

static int setup(void **state)
{
    static struct fixture fixture;
    kv_dir_make(fixture.dir);
    struct ml_kv_options options = kv_options(true);
    *state = &fixture;
    return ml_kv_open(fixture.dir, &options, &fixture.kv);
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    ml_kv_close(fixture->kv);
    kv_dir_remove(fixture->dir);
    return 0;
}

static struct ml_kv *kv_of(void **state)
{
    return ((struct fixture *)*state)->kv;
}

static void keys_of_numbers_sort_as_numbers(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {0, 1, 255, 256, 1u << 31, UINT64_MAX};
    for (size_t i = 0; i < ML_COUNT(numbers); i++) {
        struct ml_key_u64 key = ml_key_u64(numbers[i]);
        uint64_t back;
        assert_true(ml_key_u64_read(ML_SPAN(key.bytes, 8), &back));
        assert_int_equal(back, numbers[i]);
        assert_false(ml_key_u64_read(ML_SPAN(key.bytes, 7), &back));
        if (i > 0) {
            struct ml_key_u64 before = ml_key_u64(numbers[i - 1]);
            assert_true(memcmp(before.bytes, key.bytes, 8) < 0);
        }
    }
}

static int put_many(struct ml_kv_txn *txn, void *context)
{
    (void)context;
    struct ml_span found;
    assert_int_equal(ml_kv_put(txn, KV_INDEX, kv_text("a"), kv_text("1")), 0);
    assert_int_equal(ml_kv_put(txn, KV_INDEX, kv_text("a"), kv_text("2")), 0);
    assert_int_equal(ml_kv_put_new(txn, KV_INDEX, kv_text("b"), kv_text("")), 0);
    assert_int_equal(ml_kv_put_new(txn, KV_INDEX, kv_text("b"), kv_text("x")), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "key-exists");
    assert_int_equal(ml_kv_append(txn, KV_INDEX, kv_text("d"), kv_text("4")), 0);
    assert_int_equal(ml_kv_append(txn, KV_INDEX, kv_text("c"), kv_text("3")), 0);
    assert_int_equal(ml_kv_append(txn, KV_INDEX, kv_text("c"), kv_text("x")), MLEDGER_EREFUSED);
    uint8_t *room;
    assert_int_equal(ml_kv_reserve(txn, KV_INDEX, kv_text("e"), 3, &room), 0);
    memcpy(room, "123", 3);
    assert_int_equal(ml_kv_get(txn, KV_INDEX, kv_text("e"), &found), 0);
    assert_true(ml_span_equal(found, kv_text("123")));
    assert_int_equal(ml_kv_delete(txn, KV_INDEX, kv_text("d")), 0);
    assert_int_equal(ml_kv_delete(txn, KV_INDEX, kv_text("d")), MLEDGER_ENOTFOUND);
    return 7;
}

static void writes_are_seen_and_answers_handed_through(void **state)
{
    struct ml_kv *kv = kv_of(state);
    assert_int_equal(ml_kv_update(kv, put_many, NULL), 7);
    assert_true(kv_has_text(kv, KV_INDEX, "a", "2"));
    assert_true(kv_has_text(kv, KV_INDEX, "b", ""));
    assert_true(kv_has_text(kv, KV_INDEX, "c", "3"));
    assert_true(kv_has_text(kv, KV_INDEX, "d", NULL));
    assert_true(kv_has_text(kv, KV_INDEX, "e", "123"));
    assert_true(kv_has_text(kv, KV_RECORDS, "a", NULL));
    ML_CLEANUP(ml_kv_read_endp) struct ml_kv_txn *txn = NULL;
    uint64_t count;
    assert_int_equal(ml_kv_read_begin(kv, &txn), 0);
    assert_int_equal(ml_kv_count(txn, KV_INDEX, &count), 0);
    assert_int_equal(count, 4);
}

static int put_and_refuse(struct ml_kv_txn *txn, void *context)
{
    (void)context;
    assert_int_equal(ml_kv_put(txn, KV_META, kv_text("x"), kv_text("1")), 0);
    return ml_fail(MLEDGER_EINVALID, "no");
}

static void a_failed_function_writes_nothing(void **state)
{
    struct ml_kv *kv = kv_of(state);
    assert_int_equal(ml_kv_update(kv, put_and_refuse, NULL), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "no");
    assert_true(kv_has_text(kv, KV_META, "x", NULL));
}

static int clear_index(struct ml_kv_txn *txn, void *context)
{
    (void)context;
    return ml_kv_clear(txn, KV_INDEX);
}

static void a_table_is_cleared_alone(void **state)
{
    struct ml_kv *kv = kv_of(state);
    assert_int_equal(kv_put_text(kv, KV_INDEX, "a", "1"), 0);
    assert_int_equal(kv_put_text(kv, KV_META, "a", "1"), 0);
    assert_int_equal(ml_kv_update(kv, clear_index, NULL), 0);
    assert_true(kv_has_text(kv, KV_INDEX, "a", NULL));
    assert_true(kv_has_text(kv, KV_META, "a", "1"));
}

static int wrong_sizes(struct ml_kv_txn *txn, void *context)
{
    (void)context;
    static const uint8_t bytes[ML_KV_KEY_MAX + 1];
    struct ml_span none = ML_SPAN(bytes, 0);
    struct ml_span most = ML_SPAN(bytes, ML_KV_KEY_MAX);
    struct ml_span long_key = ML_SPAN(bytes, ML_KV_KEY_MAX + 1);
    struct ml_span huge = ML_SPAN(bytes, ML_KV_VALUE_MAX + 1);
    struct ml_span found;
    assert_int_equal(ml_kv_put(txn, KV_META, none, kv_text("")), MLEDGER_EUSAGE);
    assert_int_equal(ml_kv_put(txn, KV_META, long_key, kv_text("")), MLEDGER_EUSAGE);
    assert_string_equal(mledger_error_text(), "a key of the store has 1 to 511 bytes, not 512");
    assert_int_equal(ml_kv_put(txn, KV_META, most, huge), MLEDGER_EUSAGE);
    assert_int_equal(ml_kv_put(txn, KV_META, most, kv_text("most")), 0);
    assert_int_equal(ml_kv_get(txn, KV_META, none, &found), MLEDGER_EUSAGE);
    assert_int_equal(ml_kv_delete(txn, KV_META, long_key), MLEDGER_EUSAGE);
    return 0;
}

static void sizes_out_of_range_are_refused_and_do_no_harm(void **state)
{
    struct ml_kv *kv = kv_of(state);
    assert_int_equal(ml_kv_update(kv, wrong_sizes, NULL), 0);
    static const char most[ML_KV_KEY_MAX];
    ML_CLEANUP(ml_kv_read_endp) struct ml_kv_txn *txn = NULL;
    struct ml_span found;
    assert_int_equal(ml_kv_read_begin(kv, &txn), 0);
    assert_int_equal(ml_kv_get(txn, KV_META, ML_SPAN(most, sizeof most), &found), 0);
}

static int put_numbers(struct ml_kv_txn *txn, void *context)
{
    for (uint64_t i = 0; i < *(uint64_t *)context; i++) {
        struct ml_key_u64 key = ml_key_u64(i * 10);
        ML_TRY(ml_kv_append(txn, KV_RECORDS, ML_SPAN(key.bytes, 8), ML_SPAN(key.bytes, 8)));
    }
    return MLEDGER_OK;
}

static uint64_t number(struct ml_span key)
{
    uint64_t number;
    assert_true(ml_key_u64_read(key, &number));
    return number;
}

static void walk(struct ml_kv_txn *txn, uint64_t count)
{
    struct ml_kv_cursor cursor;
    struct ml_span key;
    struct ml_span value;
    uint64_t seen = 0;
    assert_int_equal(ml_kv_cursor_open(txn, KV_RECORDS, &cursor), 0);
    while (ml_kv_cursor_next(&cursor, &key, &value) == 0)
        assert_int_equal(number(key), seen++ * 10);
    assert_int_equal(seen, count);
    assert_int_equal(ml_kv_cursor_next(&cursor, &key, &value), MLEDGER_ENOTFOUND);
    while (ml_kv_cursor_prev(&cursor, &key, &value) == 0)
        assert_int_equal(number(key), --seen * 10);
    assert_int_equal(seen, 0);
    assert_int_equal(ml_kv_cursor_prev(&cursor, &key, &value), MLEDGER_ENOTFOUND);
    assert_int_equal(ml_kv_cursor_next(&cursor, &key, &value), 0);
    assert_int_equal(number(key), 0);
    ml_kv_cursor_close(&cursor);
    ml_kv_cursor_close(&cursor);
}

static void seek(struct ml_kv_txn *txn, uint64_t from, int result, uint64_t at)
{
    struct ml_kv_cursor cursor;
    struct ml_span key;
    struct ml_span value;
    struct ml_key_u64 wanted = ml_key_u64(from);
    assert_int_equal(ml_kv_cursor_open(txn, KV_RECORDS, &cursor), 0);
    assert_int_equal(ml_kv_cursor_seek(&cursor, ML_SPAN(wanted.bytes, 8), &key, &value), result);
    if (result == 0)
        assert_int_equal(number(key), at);
    else
        assert_int_equal(ml_kv_cursor_prev(&cursor, &key, &value), 0);
    assert_int_equal(ml_kv_cursor_last(&cursor, &key, &value), 0);
    assert_int_equal(ml_kv_cursor_seek(&cursor, kv_text(""), &key, &value), 0);
    assert_int_equal(number(key), 0);
    ml_kv_cursor_close(&cursor);
}

static int walk_while_writing(struct ml_kv_txn *txn, void *context)
{
    walk(txn, *(uint64_t *)context);
    return MLEDGER_OK;
}

static void cursors_move_both_ways(void **state)
{
    struct ml_kv *kv = kv_of(state);
    uint64_t count = 1000;
    assert_int_equal(ml_kv_update(kv, put_numbers, &count), 0);
    for (unsigned i = 0; i < 3; i++) { /* the second time with what the first left to use again */
        ML_CLEANUP(ml_kv_read_endp) struct ml_kv_txn *txn = NULL;
        assert_int_equal(ml_kv_read_begin(kv, &txn), 0);
        walk(txn, count);
        seek(txn, 0, 0, 0);
        seek(txn, 11, 0, 20);
        seek(txn, 9990, 0, 9990);
        seek(txn, 9991, MLEDGER_ENOTFOUND, 0);
        struct ml_kv_cursor empty;
        struct ml_span key;
        struct ml_span value;
        assert_int_equal(ml_kv_cursor_open(txn, KV_INDEX, &empty), 0);
        assert_int_equal(ml_kv_cursor_last(&empty, &key, &value), MLEDGER_ENOTFOUND);
        assert_int_equal(ml_kv_cursor_seek(&empty, kv_text("a"), &key, &value), MLEDGER_ENOTFOUND);
        ml_kv_cursor_close(&empty);
    }
    assert_int_equal(ml_kv_update(kv, walk_while_writing, &count), 0);
}

static void two_cursors_stand_in_one_table(void **state)
{
    struct ml_kv *kv = kv_of(state);
    uint64_t count = 3;
    assert_int_equal(ml_kv_update(kv, put_numbers, &count), 0);
    ML_CLEANUP(ml_kv_read_endp) struct ml_kv_txn *txn = NULL;
    assert_int_equal(ml_kv_read_begin(kv, &txn), 0);
    struct ml_kv_cursor a;
    struct ml_kv_cursor b;
    struct ml_span key;
    struct ml_span value;
    assert_int_equal(ml_kv_cursor_open(txn, KV_RECORDS, &a), 0);
    assert_int_equal(ml_kv_cursor_open(txn, KV_RECORDS, &b), 0);
    assert_int_equal(ml_kv_cursor_last(&a, &key, &value), 0);
    assert_int_equal(ml_kv_cursor_next(&b, &key, &value), 0);
    assert_int_equal(number(key), 0);
    assert_int_equal(ml_kv_cursor_prev(&a, &key, &value), 0);
    assert_int_equal(number(key), 10);
    ml_kv_cursor_close(&a);
    ml_kv_cursor_close(&b);
}

static void a_snapshot_stays_as_it_was(void **state)
{
    struct ml_kv *kv = kv_of(state);
    assert_int_equal(kv_put_text(kv, KV_META, "a", "old"), 0);
    struct ml_kv_txn *txn;
    struct ml_span found;
    assert_int_equal(ml_kv_read_begin(kv, &txn), 0);
    assert_int_equal(kv_put_text(kv, KV_META, "a", "new"), 0);
    assert_int_equal(ml_kv_get(txn, KV_META, kv_text("a"), &found), 0);
    assert_true(ml_span_equal(found, kv_text("old")));
    ml_kv_read_end(txn);
    assert_true(kv_has_text(kv, KV_META, "a", "new"));
}

static int nest(struct ml_kv_txn *txn, void *context)
{
    (void)txn;
    assert_true(kv_has_text(context, KV_META, "nothing", NULL)); /* reading is allowed */
    return kv_put_text(context, KV_META, "a", "1");
}

static void an_update_inside_an_update_is_refused(void **state)
{
    struct ml_kv *kv = kv_of(state);
    assert_int_equal(ml_kv_update(kv, nest, kv), MLEDGER_EUSAGE);
    assert_non_null(strstr(mledger_error_text(), "this thread is writing already"));
    assert_int_equal(kv_put_text(kv, KV_META, "a", "1"), 0);
}

static void a_copy_holds_what_is_there_and_no_more(void **state)
{
    struct fixture *fixture = *state;
    char to[KV_DIR_MAX];
    kv_dir_make(to);
    uint64_t count = 5000;
    assert_int_equal(ml_kv_update(fixture->kv, put_numbers, &count), 0);
    assert_int_equal(kv_put_text(fixture->kv, KV_INDEX, "secret", "erase me"), 0);
    assert_int_equal(ml_kv_update(fixture->kv, clear_index, NULL), 0);
    assert_int_equal(ml_kv_copy(fixture->kv, to), 0);
    assert_int_equal(ml_kv_copy(fixture->kv, to), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "File exists"));

    char path[KV_PATH_MAX];
    kv_path(path, to, "data.mdb");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    static char bytes[1 << 20];
    size_t len = fread(bytes, 1, sizeof bytes, file);
    assert_true(len > 0 && len < sizeof bytes);
    fclose(file);
    assert_null(memmem(bytes, len, "erase me", 8));

    struct ml_kv_options options = kv_options(false);
    struct ml_kv *copy;
    assert_int_equal(ml_kv_open(to, &options, &copy), 0);
    ML_CLEANUP(ml_kv_read_endp) struct ml_kv_txn *txn = NULL;
    assert_int_equal(ml_kv_read_begin(copy, &txn), 0);
    walk(txn, count);
    ml_kv_read_end(ML_TAKE(txn));
    ml_kv_close(copy);
    kv_dir_remove(to);
}

static void copying_to_nowhere_fails(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(ml_kv_copy(fixture->kv, "/nowhere/at/all"), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "'/nowhere/at/all': No such file or directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_numbers_sort_as_numbers),
#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
        WITH_STORE(writes_are_seen_and_answers_handed_through),
        WITH_STORE(a_failed_function_writes_nothing),
        WITH_STORE(a_table_is_cleared_alone),
        WITH_STORE(sizes_out_of_range_are_refused_and_do_no_harm),
        WITH_STORE(cursors_move_both_ways),
        WITH_STORE(two_cursors_stand_in_one_table),
        WITH_STORE(a_snapshot_stays_as_it_was),
        WITH_STORE(an_update_inside_an_update_is_refused),
        WITH_STORE(a_copy_holds_what_is_there_and_no_more),
        WITH_STORE(copying_to_nowhere_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
