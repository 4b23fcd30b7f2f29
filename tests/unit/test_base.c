/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/base.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"

/* AddressSanitizer must let a size that overflows fail as it does without it. */
/* NOLINTBEGIN(bugprone-reserved-identifier): the sanitizer's name for it */
__attribute__((visibility("default"))) const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void an_error_has_a_code_and_a_sentence(void **state)
{
    (void)state;
    ml_error_clear();
    assert_int_equal(mledger_error_code(), MLEDGER_OK);
    assert_string_equal(mledger_error_text(), "");
    assert_int_equal(ml_fail(MLEDGER_EINVALID, "cannot read '%s'", "x"), MLEDGER_EINVALID);
    assert_int_equal(mledger_error_code(), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "cannot read 'x'");
    assert_true(mledger_error_seq() == MLEDGER_NO_SEQ);
    assert_string_equal(mledger_error_rule(), "");
    assert_string_equal(mledger_error_hint(), "");
}

static void an_error_names_record_rule_and_hint(void **state)
{
    (void)state;
    assert_int_equal(ml_fail_seq(MLEDGER_EDAMAGED, 7, "broken"), MLEDGER_EDAMAGED);
    assert_int_equal(mledger_error_seq(), 7);
    assert_int_equal(ml_refuse("version-gap", "version %d follows %d", 5, 3), MLEDGER_EREFUSED);
    assert_true(mledger_error_seq() == MLEDGER_NO_SEQ);
    assert_string_equal(mledger_error_rule(), "version-gap");
    assert_int_equal(ml_hint("try %d", 4), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_hint(), "try 4");
    assert_int_equal(ml_about_seq(9), MLEDGER_EREFUSED);
    assert_int_equal(ml_about_seq(10), MLEDGER_EREFUSED);
    assert_int_equal(mledger_error_seq(), 9);
    assert_int_equal(ml_prefix("line %d", 12), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_text(), "line 12: version 5 follows 3");
    assert_string_equal(mledger_error_rule(), "version-gap");
    assert_int_equal(ml_fail(MLEDGER_EINVALID, "else"), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_rule(), "");
    assert_string_equal(mledger_error_hint(), "");
}

static void a_system_error_says_its_reason(void **state)
{
    (void)state;
    assert_int_equal(ml_fail_errno(ENOSPC, "cannot write '%s'", "x"), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(), "cannot write 'x': No space left on device");
    assert_int_equal(ml_fail_memory(), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(), "out of memory");
}

static void an_error_may_quote_the_one_before(void **state)
{
    (void)state;
    assert_int_equal(ml_fail(MLEDGER_EINVALID, "inner"), MLEDGER_EINVALID);
    assert_int_equal(ml_fail(MLEDGER_EINVALID, "outer (%s)", mledger_error_text()),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "outer (inner)");
    assert_int_equal(ml_prefix("%s", mledger_error_text()), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "outer (inner): outer (inner)");
}

static void too_long_a_sentence_is_cut(void **state)
{
    (void)state;
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct ml_error error;
    (void)ml_fail(MLEDGER_EINVALID, "%s", text);
    assert_int_equal(strlen(mledger_error_text()), sizeof error.text - 1);
    (void)ml_fail_errno(EIO, "%s", text);
    (void)ml_prefix("%s", text);
    (void)ml_hint("%s", text);
    assert_int_equal(strlen(mledger_error_text()), sizeof error.text - 1);
    assert_int_equal(strlen(mledger_error_hint()), sizeof error.hint - 1);
}

static void a_failure_without_an_error_stays_one(void **state)
{
    (void)state;
    ml_error_clear();
    assert_int_equal(ml_failed(), MLEDGER_ESYSTEM);
    assert_int_equal(ml_blame("odd"), MLEDGER_ESYSTEM);
    assert_int_equal(mledger_error_code(), MLEDGER_OK);
}

static void *fail_elsewhere(void *error)
{
    (void)ml_fail_seq(MLEDGER_EDAMAGED, 3, "elsewhere");
    ml_error_get(error);
    return NULL;
}

static void an_error_belongs_to_its_thread(void **state)
{
    (void)state;
    struct ml_error error;
    pthread_t thread;
    (void)ml_fail(MLEDGER_EINVALID, "here");
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, &error), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(mledger_error_text(), "here");
    assert_int_equal(ml_error_set(&error), MLEDGER_EDAMAGED);
    assert_string_equal(mledger_error_text(), "elsewhere");
    assert_int_equal(mledger_error_seq(), 3);
}

static void a_buffer_grows_and_hands_over_its_text(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf buf = {0};
    assert_int_equal(ml_buf_append(&buf, NULL, 0), MLEDGER_OK);
    assert_int_equal(ml_buf_append_text(&buf, "seq "), MLEDGER_OK);
    for (int i = 0; i < 500; i++)
        assert_int_equal(ml_buf_printf(&buf, "%d,", i % 10), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&buf, '!'), MLEDGER_OK);
    assert_int_equal(buf.len, 4 + 1000 + 1);
    assert_memory_equal(buf.data, "seq 0,1,2,", 10);
    char *text;
    assert_int_equal(ml_buf_take_text(&buf, &text), MLEDGER_OK);
    assert_int_equal(strlen(text), 1005);
    assert_null(buf.data);
    assert_int_equal(buf.len, 0);
    mledger_free(text);
}

static void a_cleared_buffer_keeps_its_memory(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf buf = {0};
    assert_int_equal(ml_buf_reserve(&buf, 100), MLEDGER_OK);
    const uint8_t *data = buf.data;
    buf.len = 100;
    ml_buf_clear(&buf);
    assert_int_equal(buf.len, 0);
    assert_int_equal(ml_buf_append(&buf, data, 0), MLEDGER_OK);
    assert_ptr_equal(buf.data, data);
    ml_buf_release(NULL);
}

static void sizes_that_overflow_are_out_of_memory(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf buf = {0};
    assert_int_equal(ml_buf_append_text(&buf, "abc"), MLEDGER_OK);
    assert_int_equal(ml_buf_reserve(&buf, SIZE_MAX), MLEDGER_ESYSTEM);
    assert_int_equal(ml_buf_reserve(&buf, SIZE_MAX / 2), MLEDGER_ESYSTEM);
    assert_memory_equal(buf.data, "abc", 3);
    /* not a constant, so that no compiler warns of what is meant */
    volatile size_t huge = SIZE_MAX / 2;
    assert_null(ml_calloc(huge, 3));
    ML_CLEANUP(ml_freep) uint64_t *list = NULL;
    size_t cap = 0;
    assert_int_equal(ml_grow(&list, &cap, SIZE_MAX / 4, sizeof *list), MLEDGER_ESYSTEM);
    assert_null(list);
    assert_int_equal(cap, 0);
}

static void lists_grow_and_keep_their_elements(void **state)
{
    (void)state;
    ML_CLEANUP(ml_freep) uint64_t *list = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(ml_grow(&list, &cap, i + 1, sizeof *list), MLEDGER_OK);
        assert_true(cap > i);
        list[i] = i * i;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(list[i], i * i);
    assert_in_range(cap, 1000, 4000);
}

static void spans_compare_by_content(void **state)
{
    (void)state;
    assert_true(ml_span_equal(ML_SPAN("abc", 3), ML_SPAN("abcd", 3)));
    assert_false(ml_span_equal(ML_SPAN("abc", 3), ML_SPAN("abd", 3)));
    assert_false(ml_span_equal(ML_SPAN("abc", 3), ML_SPAN("abc", 2)));
    assert_true(ml_span_equal(ML_SPAN(NULL, 0), ML_SPAN("abc", 0)));
}

static int open_and_fail(int *ret_fd)
{
    ML_CLEANUP(ml_closep) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ML_CLEANUP(ml_closep) int none = -1;
    (void)none;
    *ret_fd = fd;
    errno = EDOM;
    ML_TRY(ml_fail(MLEDGER_EINVALID, "stop"));
    return MLEDGER_OK;
}

static void descriptors_are_closed_on_the_way_out(void **state)
{
    (void)state;
    int fd = -1;
    assert_int_equal(open_and_fail(&fd), MLEDGER_EINVALID);
    assert_int_equal(errno, EDOM);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void taking_a_pointer_leaves_nothing_behind(void **state)
{
    (void)state;
    int value = 1;
    int *pointer = &value;
    int *taken = ML_TAKE(pointer);
    assert_ptr_equal(taken, &value);
    assert_null(pointer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_has_a_code_and_a_sentence),
        cmocka_unit_test(an_error_names_record_rule_and_hint),
        cmocka_unit_test(a_system_error_says_its_reason),
        cmocka_unit_test(an_error_may_quote_the_one_before),
        cmocka_unit_test(too_long_a_sentence_is_cut),
        cmocka_unit_test(a_failure_without_an_error_stays_one),
        cmocka_unit_test(an_error_belongs_to_its_thread),
        cmocka_unit_test(a_buffer_grows_and_hands_over_its_text),
        cmocka_unit_test(a_cleared_buffer_keeps_its_memory),
        cmocka_unit_test(sizes_that_overflow_are_out_of_memory),
        cmocka_unit_test(lists_grow_and_keep_their_elements),
        cmocka_unit_test(spans_compare_by_content),
        cmocka_unit_test(descriptors_are_closed_on_the_way_out),
        cmocka_unit_test(taking_a_pointer_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
