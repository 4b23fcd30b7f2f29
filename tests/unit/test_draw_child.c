/* SPDX-License-Identifier: Apache-2.0 */
/* Work in a child process: whatever it does, the parent gets an answer or a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "export/draw_child.h"

static const struct ml_child_limits roomy = {
    .deadline_ms = 60000, .memory_bytes = 256 << 20, .answer_bytes = 1 << 20};

static int say_hello(const void *context, struct ml_buf *ret_answer)
{
    return ml_buf_append_text(ret_answer, context);
}

static void test_answer(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
    enum ml_child_end end;
    assert_int_equal(ml_buf_append_text(&answer, "> "), MLEDGER_OK);
    assert_int_equal(ml_child_run(say_hello, "hello", &roomy, &answer, &end), MLEDGER_OK);
    assert_int_equal(end, ML_CHILD_ANSWERED);
    assert_int_equal(answer.len, 7);
    assert_memory_equal(answer.data, "> hello", 7);
}

static void test_empty_answer(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
    enum ml_child_end end;
    assert_int_equal(ml_child_run(say_hello, "", &roomy, &answer, &end), MLEDGER_OK);
    assert_int_equal(end, ML_CHILD_ANSWERED);
    assert_int_equal(answer.len, 0);
}

static int answer_long(const void *context, struct ml_buf *ret_answer)
{
    size_t len = *(const size_t *)context;
    ML_TRY(ml_buf_reserve(ret_answer, len));
    memset(ret_answer->data, 'x', len);
    ret_answer->len = len;
    return MLEDGER_OK;
}

/* Far beyond what a pipe holds; exactly the limit is good, one more is not. */
static void test_answer_limit(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
    enum ml_child_end end;
    size_t len = roomy.answer_bytes;
    assert_int_equal(ml_child_run(answer_long, &len, &roomy, &answer, &end), MLEDGER_OK);
    assert_int_equal(answer.len, len);
    len++;
    assert_int_equal(ml_child_run(answer_long, &len, &roomy, &answer, &end), MLEDGER_ESYSTEM);
    assert_int_equal(end, ML_CHILD_TOO_LARGE);
    assert_string_equal(mledger_error_text(), "the picture is larger than 1048576 bytes");
    assert_int_equal(answer.len, roomy.answer_bytes);
}

static int fail_work(const void *context, struct ml_buf *ret_answer)
{
    (void)ret_answer;
    return ml_fail(MLEDGER_EINVALID, "cannot parse '%s'", (const char *)context);
}

static void test_own_error(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
    enum ml_child_end end;
    assert_int_equal(ml_child_run(fail_work, "x", &roomy, &answer, &end), MLEDGER_EINVALID);
    assert_int_equal(end, ML_CHILD_ANSWERED);
    assert_string_equal(mledger_error_text(), "cannot parse 'x'");
    assert_int_equal(answer.len, 0);
}

static int die(const void *context, struct ml_buf *ret_answer)
{
    (void)ret_answer;
    raise(*(const int *)context);
    return MLEDGER_OK;
}

static void test_crash(void **state)
{
    (void)state;
    static const int numbers[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGTERM};
    for (size_t i = 0; i < ML_COUNT(numbers); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
        enum ml_child_end end;
        int number = numbers[i];
        char text[64];
        snprintf(text, sizeof text, "the drawing process died of signal %d", number);
        assert_int_equal(ml_child_run(die, &number, &roomy, &answer, &end), MLEDGER_ESYSTEM);
        assert_int_equal(end, ML_CHILD_CRASHED);
        assert_string_equal(mledger_error_text(), text);
    }
}

static int leave(const void *context, struct ml_buf *ret_answer)
{
    (void)context, (void)ret_answer;
    _exit(0);
    return MLEDGER_OK;
}

static void test_ends_without_answer(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
    enum ml_child_end end;
    assert_int_equal(ml_child_run(leave, NULL, &roomy, &answer, &end), MLEDGER_ESYSTEM);
    assert_int_equal(end, ML_CHILD_CRASHED);
    assert_string_equal(mledger_error_text(), "the drawing process ended without an answer");
}

static int hang(const void *context, struct ml_buf *ret_answer)
{
    (void)context, (void)ret_answer;
    for (;;)
        pause();
    return MLEDGER_OK;
}

static void test_deadline(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
    enum ml_child_end end;
    struct ml_child_limits limits = roomy;
    limits.deadline_ms = 50;
    assert_int_equal(ml_child_run(hang, NULL, &limits, &answer, &end), MLEDGER_ESYSTEM);
    assert_int_equal(end, ML_CHILD_TIMED_OUT);
    assert_string_equal(mledger_error_text(), "drawing took longer than 0.05 s");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left behind */
}

static int burn(const void *context, struct ml_buf *ret_answer)
{
    (void)context, (void)ret_answer;
    for (volatile unsigned i = 0;; i++)
        continue;
    return MLEDGER_OK;
}

/* However long that takes by the clock. */
static void test_processor_time(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
    enum ml_child_end end;
    struct ml_child_limits limits = roomy;
    limits.cpu_seconds = 1;
    assert_int_equal(ml_child_run(burn, NULL, &limits, &answer, &end), MLEDGER_ESYSTEM);
    assert_int_equal(end, ML_CHILD_TIMED_OUT);
    assert_string_equal(mledger_error_text(), "drawing took more than 1 s of processor time");
}

/* Tells how much of 100 bytes it could write into memory. */
static int write_file(const void *context, struct ml_buf *ret_answer)
{
    static const char bytes[100];
    int fd = memfd_create(context, MFD_CLOEXEC);
    ssize_t written = fd < 0 ? -1 : write(fd, bytes, sizeof bytes);
    return ml_buf_printf(ret_answer, "%zd", written);
}

static void test_file_limit(void **state)
{
    (void)state;
    static const struct {
        size_t file_bytes;
        const char *written;
    } cases[] = {{0, "-1"}, {60, "60"}, {100, "100"}};
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
        enum ml_child_end end;
        struct ml_child_limits limits = roomy;
        limits.file_bytes = cases[i].file_bytes;
        assert_int_equal(ml_child_run(write_file, "x", &limits, &answer, &end), MLEDGER_OK);
        assert_int_equal(ml_buf_append_char(&answer, '\0'), MLEDGER_OK);
        assert_string_equal((char *)answer.data, cases[i].written);
    }
}

static int eat(const void *context, struct ml_buf *ret_answer)
{
    (void)context;
    while (ml_buf_reserve(ret_answer, 1 << 20) >= 0) {
        memset(ret_answer->data + ret_answer->len, 1, 1 << 20);
        ret_answer->len += 1 << 20;
    }
    ml_buf_release(ret_answer);
    return ml_fail_memory();
}

static void test_memory(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    print_message("skipped: sanitizers need unlimited address space\n");
    skip();
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    print_message("skipped: sanitizers need unlimited address space\n");
    skip();
#endif
#endif
    /* what the parent has mapped already, as LMDB does, does not count */
    size_t mapped = (size_t)4 << 30;
    void *map = mmap(NULL, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(map, MAP_FAILED);
    ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
    enum ml_child_end end;
    assert_int_equal(ml_child_run(say_hello, "hello", &roomy, &answer, &end), MLEDGER_OK);
    assert_int_equal(ml_child_run(eat, NULL, &roomy, &answer, &end), MLEDGER_ESYSTEM);
    assert_int_equal(end, ML_CHILD_ANSWERED);
    assert_string_equal(mledger_error_text(), "out of memory");
    munmap(map, mapped);
}

/* Counts open files; tries to write one; asks for the limit on core dumps. */
static int look_around(const void *context, struct ml_buf *ret_answer)
{
    struct rlimit core;
    int fd = open(context, O_RDWR);
    bool wrote = fd >= 0 && write(fd, "x", 1) == 1;
    if (fd >= 0)
        close(fd);
    size_t files = 0;
    for (int i = 0; i < 256; i++)
        files += fcntl(i, F_GETFD) >= 0;
    getrlimit(RLIMIT_CORE, &core);
    return ml_buf_printf(ret_answer, "files %zu, wrote %d, core %d", files, wrote,
                         (int)core.rlim_cur);
}

static void test_child_is_poor(void **state)
{
    (void)state;
    char path[] = "/tmp/test_draw_child_XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
    enum ml_child_end end;
    int result = ml_child_run(look_around, path, &roomy, &answer, &end);
    close(fd);
    unlink(path);
    assert_int_equal(result, MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&answer, '\0'), MLEDGER_OK);
    assert_string_equal((char *)answer.data, "files 4, wrote 0, core 0");
}

static void test_host_ignores_children(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
    enum ml_child_end end;
    int number = SIGSEGV;
    signal(SIGCHLD, SIG_IGN);
    int good = ml_child_run(say_hello, "hello", &roomy, &answer, &end);
    int bad = ml_child_run(die, &number, &roomy, &answer, &end);
    signal(SIGCHLD, SIG_DFL);
    assert_int_equal(good, MLEDGER_OK);
    assert_int_equal(answer.len, 5);
    assert_int_equal(bad, MLEDGER_ESYSTEM);
    assert_int_equal(end, ML_CHILD_CRASHED);
}

static void *run_many(void *pointer)
{
    int *failures = pointer;
    for (int i = 0; i < 20; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf answer = {0};
        enum ml_child_end end;
        size_t len = 300000;
        *failures +=
            ml_child_run(answer_long, &len, &roomy, &answer, &end) < 0 || answer.len != len;
    }
    return NULL;
}

static void test_many_threads(void **state)
{
    (void)state;
    pthread_t threads[4];
    int failures[4] = {0};
    for (size_t i = 0; i < ML_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, &failures[i]), 0);
    for (size_t i = 0; i < ML_COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failures[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),        cmocka_unit_test(test_empty_answer),
        cmocka_unit_test(test_answer_limit),  cmocka_unit_test(test_own_error),
        cmocka_unit_test(test_crash),         cmocka_unit_test(test_ends_without_answer),
        cmocka_unit_test(test_deadline),      cmocka_unit_test(test_memory),
        cmocka_unit_test(test_child_is_poor), cmocka_unit_test(test_host_ignores_children),
        cmocka_unit_test(test_many_threads),  cmocka_unit_test(test_processor_time),
        cmocka_unit_test(test_file_limit),
    };
    return cmocka_run_group_tests_name("draw_child", tests, NULL, NULL);
}
