/* SPDX-License-Identifier: Apache-2.0 */
/* A map that fills up, other processes that grow it, and readers that stand in the way. */
#include "ledger/store/kv.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/kv_store.h"

static char dir[KV_DIR_MAX];

static int setup(void **state)
{
    (void)state;
    kv_dir_make(dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kv_dir_remove(dir);
    return 0;
}

/* As small a map as there can be. */
static struct ml_kv *open_small(bool create, unsigned max_readers)
{
    struct ml_kv_options options = kv_options(create);
    options.map_bytes = 1;
    options.max_readers = max_readers;
    struct ml_kv *kv = NULL;
    if (ml_kv_open(dir, &options, &kv) < 0)
        fail_msg("%s", mledger_error_text());
    return kv;
}

struct load {
    uint64_t from, count;
    bool swallow; /* errors of puts */
    unsigned runs;
};

static int put_load(struct ml_kv_txn *txn, void *context)
{
    struct load *load = context;
    static const uint8_t bytes[3000];
    load->runs++;
    for (uint64_t i = load->from; i < load->from + load->count; i++) {
        struct ml_key_u64 key = ml_key_u64(i);
        int result = ml_kv_put(txn, KV_RECORDS, ML_SPAN(key.bytes, 8), ML_SPAN(bytes, 3000));
        if (result < 0 && !load->swallow)
            return result;
    }
    return 5;
}

static uint64_t count_records(struct ml_kv *kv)
{
    ML_CLEANUP(ml_kv_read_endp) struct ml_kv_txn *txn = NULL;
    uint64_t count = UINT64_MAX;
    if (ml_kv_read_begin(kv, &txn) == 0)
        assert_int_equal(ml_kv_count(txn, KV_RECORDS, &count), 0);
    return count;
}

static void a_full_map_grows_and_the_function_runs_again(void **state)
{
    (void)state;
    struct ml_kv *kv = open_small(true, 0);
    struct load load = {0, 1000, false, 0};
    assert_int_equal(ml_kv_update(kv, put_load, &load), 5);
    assert_true(load.runs > 1);
    assert_int_equal(count_records(kv), 1000);
    ml_kv_close(kv);
    kv = open_small(false, 0); /* the file is now larger than what is asked for */
    assert_int_equal(count_records(kv), 1000);
    ml_kv_close(kv);
}

static void a_swallowed_error_does_not_commit_half(void **state)
{
    (void)state;
    struct ml_kv *kv = open_small(true, 0);
    struct load load = {0, 1000, true, 0};
    assert_int_equal(ml_kv_update(kv, put_load, &load), 5);
    assert_true(load.runs > 1);
    assert_int_equal(count_records(kv), 1000);
    ml_kv_close(kv);
}

static void a_value_larger_than_the_map_fits(void **state)
{
    (void)state;
    struct ml_kv *kv = open_small(true, 0);
    ML_CLEANUP(ml_freep) char *text = malloc((8 << 20) + 1);
    assert_non_null(text);
    memset(text, 'x', 8 << 20);
    text[8 << 20] = '\0';
    assert_int_equal(kv_put_text(kv, KV_RECORDS, "big", text), 0);
    assert_true(kv_has_text(kv, KV_RECORDS, "big", text));
    ml_kv_close(kv);
}

static void a_reader_that_stays_makes_growing_fail_and_not_hang(void **state)
{
    (void)state;
    struct ml_kv_options options = kv_options(true);
    options.map_bytes = 1;
    options.wait_ms = 10;
    struct ml_kv *kv;
    assert_int_equal(ml_kv_open(dir, &options, &kv), 0);
    struct ml_kv_txn *txn;
    assert_int_equal(ml_kv_read_begin(kv, &txn), 0);
    struct load load = {0, 1000, false, 0};
    assert_int_equal(ml_kv_update(kv, put_load, &load), MLEDGER_ESYSTEM);
    assert_non_null(
        strstr(mledger_error_text(), "a reader of this process has not finished in 10"));
    uint64_t count;
    assert_int_equal(ml_kv_count(txn, KV_RECORDS, &count), 0);
    assert_int_equal(count, 0);
    ml_kv_read_end(txn);
    assert_int_equal(ml_kv_update(kv, put_load, &load), 5);
    ml_kv_close(kv);
}

/* Readers on other threads, each looking at whole batches only. */
struct readers {
    struct ml_kv *kv;
    atomic_bool stop;
    atomic_uint wrong;
};

static void *read_on(void *context)
{
    struct readers *readers = context;
    while (!readers->stop)
        if (count_records(readers->kv) % 100 != 0)
            readers->wrong++;
    return NULL;
}

static void it_grows_under_readers_of_other_threads(void **state)
{
    (void)state;
    struct readers readers = {.kv = open_small(true, 0)};
    pthread_t threads[3];
    for (size_t i = 0; i < ML_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readers), 0);
    for (uint64_t i = 0; i < 20; i++) {
        struct load load = {i * 100, 100, false, 0};
        assert_int_equal(ml_kv_update(readers.kv, put_load, &load), 5);
    }
    readers.stop = true;
    for (size_t i = 0; i < ML_COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(readers.wrong, 0);
    assert_int_equal(count_records(readers.kv), 2000);
    ml_kv_close(readers.kv);
}

/* Runs `work` in a child with a store of its own; the child's status. */
static int in_child(int (*work)(struct ml_kv *kv))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct ml_kv_options options = kv_options(false);
        options.map_bytes = 1;
        struct ml_kv *kv;
        if (ml_kv_open(dir, &options, &kv) < 0)
            _exit(100);
        _exit(work(kv));
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static int grow_by_thousand(struct ml_kv *kv)
{
    struct load load = {1000, 1000, false, 0};
    return ml_kv_update(kv, put_load, &load) == 5 ? 0 : 1;
}

static void what_another_process_grew_is_read(void **state)
{
    (void)state;
    struct ml_kv *kv = open_small(true, 0);
    assert_int_equal(count_records(kv), 0);
    assert_int_equal(in_child(grow_by_thousand), 0);
    assert_int_equal(count_records(kv), 1000);
    ml_kv_close(kv);
}

static void what_another_process_grew_is_written_to(void **state)
{
    (void)state;
    struct ml_kv *kv = open_small(true, 0);
    assert_int_equal(in_child(grow_by_thousand), 0);
    struct load load = {0, 10, false, 0};
    assert_int_equal(ml_kv_update(kv, put_load, &load), 5);
    assert_int_equal(count_records(kv), 1010);
    ml_kv_close(kv);
}

static int die_reading(struct ml_kv *kv)
{
    struct ml_kv_txn *txns[4];
    for (size_t i = 0; i < ML_COUNT(txns); i++)
        if (ml_kv_read_begin(kv, &txns[i]) < 0)
            return 1;
    raise(SIGKILL);
    return 2;
}

static void slots_of_a_dead_reader_are_taken_back(void **state)
{
    (void)state;
    struct ml_kv *kv = open_small(true, 4);
    assert_int_equal(in_child(die_reading), SIGKILL);
    assert_int_equal(count_records(kv), 0); /* all four slots were the child's */
    struct ml_kv_txn *txns[5];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(ml_kv_read_begin(kv, &txns[i]), 0);
    assert_int_equal(ml_kv_read_begin(kv, &txns[4]), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "too many readers at once"));
    for (size_t i = 0; i < 4; i++)
        ml_kv_read_end(txns[i]);
    ml_kv_close(kv);
}

static int rewrite(struct ml_kv_txn *txn, void *context)
{
    uint64_t *turn = context;
    uint8_t *room;
    ML_TRY(ml_kv_reserve(txn, KV_META, kv_text("same"), 100000, &room));
    memset(room, (int)*turn, 100000);
    return MLEDGER_OK;
}

static void pages_that_a_dead_reader_held_are_used_again(void **state)
{
    (void)state;
    struct ml_kv *kv = open_small(true, 0);
    uint64_t turn = 0;
    assert_int_equal(ml_kv_update(kv, rewrite, &turn), 0);
    assert_int_equal(in_child(die_reading), SIGKILL);
    for (turn = 1; turn < 2000; turn++) /* 200 MB, were nothing used again */
        assert_int_equal(ml_kv_update(kv, rewrite, &turn), 0);
    char path[KV_PATH_MAX];
    kv_path(path, dir, "data.mdb");
    ml_kv_close(kv);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    assert_true(ftell(file) < 4 << 20);
    fclose(file);
}

static int die_writing_now(struct ml_kv_txn *txn, void *context)
{
    (void)context;
    if (ml_kv_put(txn, KV_META, kv_text("half"), kv_text("x")) < 0)
        return MLEDGER_EINVALID;
    raise(SIGKILL);
    return 0;
}

static int die_writing(struct ml_kv *kv)
{
    return ml_kv_update(kv, die_writing_now, NULL) < 0;
}

static void the_lock_of_a_dead_writer_is_taken_over(void **state)
{
    (void)state;
    struct ml_kv *kv = open_small(true, 0);
    assert_int_equal(in_child(die_writing), SIGKILL);
    assert_true(kv_has_text(kv, KV_META, "half", NULL));
    assert_int_equal(kv_put_text(kv, KV_META, "a", "1"), 0);
    assert_true(kv_has_text(kv, KV_META, "a", "1"));
    ml_kv_close(kv);
}

/* Two processes and two threads in each, all counting one number up. */
enum { TURNS = 100 };

static int count_up(struct ml_kv_txn *txn, void *context)
{
    (void)context;
    struct ml_span found;
    uint64_t number = 0;
    int result = ml_kv_get(txn, KV_META, kv_text("n"), &found);
    if (result == MLEDGER_OK && !ml_key_u64_read(found, &number))
        return MLEDGER_EDAMAGED;
    struct ml_key_u64 next = ml_key_u64(number + 1);
    return ml_kv_put(txn, KV_META, kv_text("n"), ML_SPAN(next.bytes, 8));
}

static void *count_on(void *kv)
{
    for (unsigned i = 0; i < TURNS; i++)
        if (ml_kv_update(kv, count_up, NULL) < 0)
            return kv;
    return NULL;
}

static int count_on_two_threads(struct ml_kv *kv)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, count_on, kv) != 0)
        return 1;
    void *mine = count_on(kv);
    void *other = NULL;
    pthread_join(thread, &other);
    return mine != NULL || other != NULL;
}

static void writers_take_turns(void **state)
{
    (void)state;
    ml_kv_close(open_small(true, 0));
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(count_on_two_threads(open_small(false, 0)));
    struct ml_kv *kv = open_small(false, 0);
    assert_int_equal(count_on_two_threads(kv), 0);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    struct ml_kv_txn *txn;
    struct ml_span found;
    uint64_t number;
    assert_int_equal(ml_kv_read_begin(kv, &txn), 0);
    assert_int_equal(ml_kv_get(txn, KV_META, kv_text("n"), &found), 0);
    assert_true(ml_key_u64_read(found, &number));
    assert_int_equal(number, 4 * TURNS);
    ml_kv_read_end(txn);
    ml_kv_close(kv);
}

int main(void)
{
#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_DIR(a_full_map_grows_and_the_function_runs_again),
        WITH_DIR(a_swallowed_error_does_not_commit_half),
        WITH_DIR(a_value_larger_than_the_map_fits),
        WITH_DIR(a_reader_that_stays_makes_growing_fail_and_not_hang),
        WITH_DIR(it_grows_under_readers_of_other_threads),
        WITH_DIR(what_another_process_grew_is_read),
        WITH_DIR(what_another_process_grew_is_written_to),
        WITH_DIR(slots_of_a_dead_reader_are_taken_back),
        WITH_DIR(pages_that_a_dead_reader_held_are_used_again),
        WITH_DIR(the_lock_of_a_dead_writer_is_taken_over),
        WITH_DIR(writers_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
