/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/parallel.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"

#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN true
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN true
#endif
#endif
#ifndef UNDER_TSAN
#define UNDER_TSAN false
#endif

#define COUNT 10007

static int mark(size_t begin, size_t end, void *ctx)
{
    unsigned char *marks = ctx;
    assert_true(begin < end && end <= COUNT);
    for (size_t i = begin; i < end; i++)
        marks[i]++;
    return MLEDGER_OK;
}

static void every_index_is_done_once(void **state)
{
    (void)state;
    static const size_t grains[] = {1, 2, 7, 64, COUNT - 1, COUNT, COUNT + 1, SIZE_MAX};
    for (unsigned width = 1; width <= 8; width++) {
        ml_parallel_set_width(width);
        for (size_t g = 0; g < ML_COUNT(grains); g++) {
            unsigned char marks[COUNT] = {0};
            assert_int_equal(ml_parallel_for(COUNT, grains[g], mark, marks), MLEDGER_OK);
            for (size_t i = 0; i < COUNT; i++)
                assert_int_equal(marks[i], 1);
        }
        assert_int_equal(ml_parallel_width(), width);
    }
    assert_int_equal(ml_parallel_for(0, 1, mark, NULL), MLEDGER_OK);
}

/* Fails at indexes that leave the remainder `rest`. */
struct failing {
    size_t modulus;
    size_t rest;
    atomic_size_t done;
};

static int fail_some(size_t begin, size_t end, void *ctx)
{
    struct failing *failing = ctx;
    for (size_t i = begin; i < end; i++) {
        if (i % failing->modulus == failing->rest)
            return ml_fail_seq(MLEDGER_EINVALID, i, "index %zu is bad", i);
        atomic_fetch_add(&failing->done, 1);
    }
    return MLEDGER_OK;
}

static void the_lowest_failing_index_wins(void **state)
{
    (void)state;
    ml_parallel_set_width(8);
    for (size_t rest = 0; rest < 300; rest += 13) {
        struct failing failing = {.modulus = 301, .rest = rest};
        ml_error_clear();
        assert_int_equal(ml_parallel_for(COUNT, 5, fail_some, &failing), MLEDGER_EINVALID);
        char expected[64];
        snprintf(expected, sizeof expected, "index %zu is bad", rest);
        assert_string_equal(mledger_error_text(), expected);
        assert_int_equal(mledger_error_seq(), rest);
        assert_true(atomic_load(&failing.done) >= rest);
    }
}

/* A failure in the first chunk spares the rest: no more than one chunk for each other thread. */
static void after_a_failure_nothing_is_begun(void **state)
{
    (void)state;
    ml_parallel_set_width(1);
    struct failing failing = {.modulus = COUNT, .rest = 10};
    assert_int_equal(ml_parallel_for(COUNT, 4, fail_some, &failing), MLEDGER_EINVALID);
    assert_int_equal(atomic_load(&failing.done), 10);
}

static int add_inner(size_t begin, size_t end, void *ctx)
{
    atomic_fetch_add((atomic_size_t *)ctx, end - begin);
    return MLEDGER_OK;
}

static int nest(size_t begin, size_t end, void *ctx)
{
    for (size_t i = begin; i < end; i++)
        ML_TRY(ml_parallel_for(100, 3, add_inner, ctx));
    return MLEDGER_OK;
}

static void loops_may_be_nested(void **state)
{
    (void)state;
    ml_parallel_set_width(4);
    atomic_size_t sum = 0;
    assert_int_equal(ml_parallel_for(200, 1, nest, &sum), MLEDGER_OK);
    assert_int_equal(atomic_load(&sum), 20000);
}

static void *many_loops(void *ctx)
{
    size_t *wrong = ctx;
    for (int i = 0; i < 50; i++) {
        atomic_size_t sum = 0;
        *wrong += ml_parallel_for(1000, 7, add_inner, &sum) != MLEDGER_OK;
        *wrong += atomic_load(&sum) != 1000;
    }
    return NULL;
}

static void many_threads_may_start_loops(void **state)
{
    (void)state;
    ml_parallel_set_width(3);
    pthread_t threads[6];
    size_t wrong[ML_COUNT(threads)] = {0};
    for (size_t i = 0; i < ML_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, many_loops, &wrong[i]), 0);
    for (size_t i = 0; i < ML_COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
}

static void jobs_overlap_with_the_caller(void **state)
{
    (void)state;
    ml_parallel_set_width(4);
    struct ml_job jobs[5];
    atomic_size_t sums[ML_COUNT(jobs)];
    for (size_t i = 0; i < ML_COUNT(jobs); i++) {
        atomic_init(&sums[i], 0);
        ml_job_start(&jobs[i], 1000 * i, 10, add_inner, &sums[i]);
    }
    for (size_t i = ML_COUNT(jobs); i-- > 0;) { /* in another order than they were started */
        assert_int_equal(ml_job_wait(&jobs[i]), MLEDGER_OK);
        assert_int_equal(atomic_load(&sums[i]), 1000 * i);
    }
}

/* Waits until somebody else has called it too: can only end when two threads are at work. */
static int meet(size_t begin, size_t end, void *ctx)
{
    atomic_size_t *here = ctx;
    atomic_fetch_add(here, end - begin);
    while (atomic_load(here) < 2)
        sched_yield();
    return MLEDGER_OK;
}

static void a_job_runs_beside_its_caller(void **state)
{
    (void)state;
    ml_parallel_set_width(2);
    atomic_size_t here = 0;
    struct ml_job job;
    ml_job_start(&job, 1, 1, meet, &here);
    assert_int_equal(meet(0, 1, &here), MLEDGER_OK);
    assert_int_equal(ml_job_wait(&job), MLEDGER_OK);
}

static void an_error_of_a_job_comes_with_waiting(void **state)
{
    (void)state;
    ml_parallel_set_width(4);
    struct failing failing = {.modulus = 1000, .rest = 999};
    struct ml_job job;
    ml_job_start(&job, COUNT, 1, fail_some, &failing);
    ml_error_clear();
    assert_int_equal(ml_job_wait(&job), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "index 999 is bad");
}

static int signals_are_blocked(size_t begin, size_t end, void *ctx)
{
    pthread_t *caller = ctx;
    sigset_t now;
    (void)begin;
    (void)end;
    if (pthread_equal(pthread_self(), *caller))
        return MLEDGER_OK;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    return sigismember(&now, SIGTERM) && sigismember(&now, SIGINT)
               ? MLEDGER_OK
               : ml_fail(MLEDGER_ESYSTEM, "a signal can be delivered here");
}

static void threads_take_no_signals(void **state)
{
    (void)state;
    ml_parallel_set_width(4);
    pthread_t caller = pthread_self();
    assert_int_equal(ml_parallel_for(1000, 1, signals_are_blocked, &caller), MLEDGER_OK);
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    assert_false(sigismember(&now, SIGTERM));
}

/* What a child does with the pool it has not got. */
static int child_result(void)
{
    atomic_size_t sum = 0;
    atomic_size_t here = 0;
    struct ml_job job;
    if (ml_parallel_for(1000, 3, add_inner, &sum) != MLEDGER_OK || atomic_load(&sum) != 1000)
        return 1;
    ml_job_start(&job, 1, 1, meet, &here); /* ends only with a second thread */
    if (meet(0, 1, &here) != MLEDGER_OK || ml_job_wait(&job) != MLEDGER_OK)
        return 2;
    return ml_parallel_width() == 3 ? 0 : 3;
}

static void a_child_makes_its_own_pool(void **state)
{
    (void)state;
    if (UNDER_TSAN) {
        print_message("skipped: the thread sanitizer forbids threads after fork\n");
        skip();
    }
    ml_parallel_set_width(3);
    atomic_size_t sum = 0;
    struct ml_job job;
    assert_int_equal(ml_parallel_for(1000, 3, add_inner, &sum), MLEDGER_OK);
    ml_job_start(&job, 100000, 1, add_inner, &sum); /* under way while forking */
    for (int i = 0; i < 10; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(child_result());
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    assert_int_equal(ml_job_wait(&job), MLEDGER_OK);
    assert_int_equal(atomic_load(&sum), 101000);
}

static int stop_threads(void **state)
{
    (void)state;
    ml_parallel_set_width(0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_is_done_once),
        cmocka_unit_test(the_lowest_failing_index_wins),
        cmocka_unit_test(after_a_failure_nothing_is_begun),
        cmocka_unit_test(loops_may_be_nested),
        cmocka_unit_test(many_threads_may_start_loops),
        cmocka_unit_test(jobs_overlap_with_the_caller),
        cmocka_unit_test(a_job_runs_beside_its_caller),
        cmocka_unit_test(an_error_of_a_job_comes_with_waiting),
        cmocka_unit_test(threads_take_no_signals),
        cmocka_unit_test(a_child_makes_its_own_pool),
    };
    return cmocka_run_group_tests(tests, NULL, stop_threads);
}
