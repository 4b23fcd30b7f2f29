/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One scenario with the N-th write or sync failing, N = 1, 2, 3 … until it runs through: calls that
 * fail, disks that stay broken, processes killed, power lost. After each: what was acknowledged is
 * there, nothing is half there, and the store goes on.
 */
#include "tests/crash/fault.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/crash/kv_scenario.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/kv_store.h"

enum {
    STEPS = 12,
    CALLS_MIN = 40, /* of a run; fewer would mean that the faults do not reach the engine */
    CALLS_MAX = 2000,
};

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
    fault_clear();
    kv_dir_remove(dir);
    return 0;
}

static void must(int result)
{
    if (result < 0) {
        fault_clear();
        fail_msg("%s", mledger_error_text());
    }
}

static uint64_t count_of(struct ml_kv *kv)
{
    uint64_t count = 0;
    must(kv_scenario_check(kv, &count));
    return count;
}

static struct ml_kv *open_store(void)
{
    struct ml_kv *kv = NULL;
    must(kv_scenario_open(dir, &kv));
    return kv;
}

/* A failed call leaves MLEDGER_ESYSTEM and a sentence that names the store. */
static void failed_well(int result)
{
    assert_int_equal(result, MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), dir));
}

static struct ml_kv *open_despite_fault(void)
{
    struct ml_kv *kv = NULL;
    int result = kv_scenario_open(dir, &kv);
    if (result == MLEDGER_OK)
        return kv;
    failed_well(result);
    assert_true(fault_met());
    fault_clear();
    return open_store();
}

/* What holds after append number `acked` has failed; returns how many records there are now. */
static uint64_t look_after_failure(struct ml_kv *kv, enum fault_kind kind, uint64_t acked)
{
    if (kind == FAULT_EIO_FOREVER || kind == FAULT_LANDED) {
        uint64_t count;
        int result = kv_scenario_check(kv, &count); /* while the disk is broken */
        assert_true(result == MLEDGER_OK || result == MLEDGER_ESYSTEM);
        if (result == MLEDGER_OK)
            assert_in_range(count, acked, acked + 1);
        failed_well(kv_scenario_append(kv, acked));
    }
    fault_clear();
    uint64_t count = count_of(kv);
    assert_in_range(count, acked, acked + 1);
    return count;
}

static bool run_with_fault(enum fault_kind kind, unsigned at)
{
    kv_dir_make(dir);
    fault_arm(kind, at);
    struct ml_kv *kv = open_despite_fault();
    bool met = fault_met();
    for (uint64_t acked = 0; acked < STEPS;) {
        int result = kv_scenario_append(kv, acked);
        met = met || fault_met();
        if (result == MLEDGER_OK) {
            acked++;
            continue;
        }
        failed_well(result);
        acked = look_after_failure(kv, kind, acked);
        must(kv_scenario_append(kv, acked++));
    }
    met = met || fault_met();
    fault_clear();
    ml_kv_close(kv);
    kv = open_store();
    uint64_t count = count_of(kv);
    assert_in_range(count, STEPS, STEPS + 1);
    must(kv_scenario_append(kv, count));
    assert_int_equal(count_of(kv), count + 1);
    ml_kv_close(kv);
    kv_dir_remove(dir);
    return met;
}

static void every_call(enum fault_kind kind)
{
    unsigned at = 1;
    while (run_with_fault(kind, at)) {
        at++;
        assert_true(at < CALLS_MAX);
    }
    print_message("%u calls\n", at - 1);
    assert_true(at > CALLS_MIN);
}

static void a_call_that_fails(void **state)
{
    (void)state;
    every_call(FAULT_EIO);
}

static void a_full_disk(void **state)
{
    (void)state;
    every_call(FAULT_ENOSPC);
}

static void a_write_cut_short(void **state)
{
    (void)state;
    every_call(FAULT_SHORT);
}

static void a_disk_that_stays_broken(void **state)
{
    (void)state;
    every_call(FAULT_EIO_FOREVER);
}

static void a_write_that_lands_and_cannot_be_taken_back(void **state)
{
    (void)state;
    every_call(FAULT_LANDED);
}

/* The child appends and says so, until it dies. */
static void append_until_death(enum fault_kind kind, unsigned at, int acks)
{
    fault_arm(kind, at);
    struct ml_kv *kv;
    if (kv_scenario_open(dir, &kv) < 0)
        _exit(1);
    for (uint64_t i = 0; i < STEPS; i++)
        if (kv_scenario_append(kv, i) < 0 || write(acks, "+", 1) != 1)
            _exit(2);
    fault_clear();
    _exit(0);
}

static uint64_t count_acks(int fd)
{
    char byte;
    uint64_t count = 0;
    while (read(fd, &byte, 1) == 1)
        count++;
    return count;
}

/* Whether the child was killed; *ret_acked is what it had been promised. */
static bool die_at(enum fault_kind kind, unsigned at, uint64_t *ret_acked)
{
    int acks[2];
    int status;
    assert_int_equal(pipe(acks), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(acks[0]);
        append_until_death(kind, at, acks[1]);
    }
    close(acks[1]);
    *ret_acked = count_acks(acks[0]);
    close(acks[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(status == 0 || status == SIGKILL);
    return status == SIGKILL;
}

static void every_death(enum fault_kind kind)
{
    unsigned at = 0;
    bool died;
    do {
        uint64_t acked;
        kv_dir_make(dir);
        died = die_at(kind, ++at, &acked);
        assert_true(at < CALLS_MAX);
        struct ml_kv *kv = open_store();
        uint64_t count = count_of(kv);
        assert_in_range(count, acked, acked + 1);
        must(kv_scenario_append(kv, count));
        assert_int_equal(count_of(kv), count + 1);
        ml_kv_close(kv);
        kv_dir_remove(dir);
    } while (died);
    print_message("%u deaths\n", at - 1);
    assert_true(at > CALLS_MIN);
}

static void a_process_killed(void **state)
{
    (void)state;
    every_death(FAULT_KILL);
}

static void power_lost_with_all_that_was_not_synced(void **state)
{
    (void)state;
    every_death(FAULT_POWER_ALL);
}

static void power_lost_with_some_of_it(void **state)
{
    (void)state;
    every_death(FAULT_POWER_ODD);
    every_death(FAULT_POWER_EVEN);
}

/* A limit of the real kernel: writes beyond it are cut short or fail. */
static void a_file_that_may_not_grow(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct ml_kv *kv = open_store();
    struct rlimit limit = {400000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    uint64_t acked = 0;
    int result;
    while ((result = kv_scenario_append(kv, acked)) == MLEDGER_OK && acked < 1000)
        acked++;
    failed_well(result);
    assert_int_equal(count_of(kv), acked);
    failed_well(kv_scenario_append(kv, acked));
    char to[KV_DIR_MAX];
    kv_dir_make(to);
    limit.rlim_cur = 10000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    failed_well(ml_kv_copy(kv, to));
    char path[KV_PATH_MAX];
    kv_path(path, to, "data.mdb");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    must(ml_kv_copy(kv, to));
    kv_dir_remove(to);
    for (unsigned i = 0; i < 10; i++)
        must(kv_scenario_append(kv, acked++));
    assert_int_equal(count_of(kv), acked);
    ml_kv_close(kv);
}

/* Another process that has the store open until its end of the pipe closes. */
static pid_t hold_open(int *ret_stop)
{
    int ready[2];
    int stop[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(stop), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct ml_kv *kv;
        close(stop[1]);
        if (kv_scenario_open(dir, &kv) < 0 || write(ready[1], "+", 1) != 1)
            _exit(1);
        _exit(read(stop[0], &byte, 1) == 0 ? 0 : 2);
    }
    close(stop[0]);
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    *ret_stop = stop[1];
    return pid;
}

/* Makes append 0 fail so that file and lock table disagree; false when call `at` is another one. */
static bool leave_in_doubt(struct ml_kv *kv, unsigned at)
{
    fault_arm(FAULT_LANDED, at);
    int result = kv_scenario_append(kv, 0);
    fault_clear();
    failed_well(result);
    return kv_scenario_append(kv, 0) < 0;
}

static void doubt_while_others_use_the_store_is_refused(void **state)
{
    (void)state;
    bool seen = false;
    for (unsigned at = 1; !seen; at++) {
        assert_true(at < 20);
        kv_dir_make(dir);
        ml_kv_close(open_store());
        int stop;
        pid_t pid = hold_open(&stop);
        struct ml_kv *kv = open_store();
        seen = leave_in_doubt(kv, at);
        if (seen)
            assert_non_null(strstr(mledger_error_text(), "left its last transaction in doubt"));
        close(stop);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        uint64_t count = seen ? 0 : 1;
        if (seen) { /* alone now: what had landed, whole and synced, counts */
            (void)!kv_scenario_append(kv, 1);
            count = count_of(kv);
            assert_int_equal(count, 2);
        }
        must(kv_scenario_append(kv, count));
        assert_int_equal(count_of(kv), count + 1);
        ml_kv_close(kv);
        kv_dir_remove(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_fails),
        cmocka_unit_test(a_full_disk),
        cmocka_unit_test(a_write_cut_short),
        cmocka_unit_test(a_disk_that_stays_broken),
        cmocka_unit_test(a_write_that_lands_and_cannot_be_taken_back),
        cmocka_unit_test(a_process_killed),
        cmocka_unit_test(power_lost_with_all_that_was_not_synced),
        cmocka_unit_test(power_lost_with_some_of_it),
        cmocka_unit_test_setup_teardown(a_file_that_may_not_grow, setup, teardown),
        cmocka_unit_test(doubt_while_others_use_the_store_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
