/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of files and pipes: whole, in order, counted, and never waited for unasked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/lines.h"

enum { MAX = 1000 };

static void assert_line(struct ml_lines *lines, const char *want)
{
    struct ml_span line;
    assert_int_equal(ml_lines_next(lines, false, &line), ML_LINES_GOT);
    assert_int_equal(line.len, strlen(want));
    assert_memory_equal(line.data, want, line.len);
}

static void assert_result(struct ml_lines *lines, int want)
{
    struct ml_span line;
    assert_int_equal(ml_lines_next(lines, false, &line), want);
}

/* A file with this content; it is the caller's to unlink. */
static void write_file(char path[64], const char *content, size_t len)
{
    snprintf(path, 64, "/tmp/mledger-lines-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, len), len);
    close(fd);
}

static void test_file(void **state)
{
    (void)state;
    static const char content[] = "one\n\n three \nlast";
    char path[64];
    struct ml_lines lines;
    write_file(path, content, sizeof content - 1);
    assert_int_equal(ml_lines_open(&lines, path, MAX), MLEDGER_OK);
    assert_int_equal(lines.bytes_total, sizeof content - 1);
    assert_line(&lines, "one");
    assert_line(&lines, "");
    assert_int_equal(lines.line, 2);
    assert_int_equal(lines.bytes_given, 5);
    assert_line(&lines, " three ");
    assert_line(&lines, "last");
    assert_int_equal(lines.line, 4);
    assert_int_equal(lines.bytes_given, sizeof content - 1);
    assert_result(&lines, ML_LINES_END);
    assert_result(&lines, ML_LINES_END);
    ml_lines_release(&lines);
    unlink(path);
}

/* More than is read at once, so that lines lie across what was read before and after. */
static void test_many(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf content = {0};
    for (int i = 0; i < 40000; i++)
        assert_int_equal(ml_buf_printf(&content, "%d %.*s\n", i, i % 40,
                                       "........................................"),
                         MLEDGER_OK);
    char path[64];
    struct ml_lines lines;
    write_file(path, (const char *)content.data, content.len);
    assert_int_equal(ml_lines_open(&lines, path, MAX), MLEDGER_OK);
    for (int i = 0; i < 40000; i++) {
        char want[64];
        snprintf(want, sizeof want, "%d %.*s", i, i % 40,
                 "........................................");
        assert_line(&lines, want);
    }
    assert_result(&lines, ML_LINES_END);
    ml_lines_release(&lines);
    unlink(path);
}

static void test_long(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf content = {0};
    for (int line = 0; line < 2; line++) {
        for (int i = 0; i < MAX + line; i++)
            assert_int_equal(ml_buf_append_char(&content, 'a'), MLEDGER_OK);
        assert_int_equal(ml_buf_append_char(&content, '\n'), MLEDGER_OK);
    }
    char path[64];
    struct ml_lines lines;
    struct ml_span line;
    write_file(path, (const char *)content.data, content.len);
    assert_int_equal(ml_lines_open(&lines, path, MAX), MLEDGER_OK);
    assert_int_equal(ml_lines_next(&lines, true, &line), ML_LINES_GOT);
    assert_int_equal(line.len, MAX);
    assert_int_equal(ml_lines_next(&lines, true, &line), MLEDGER_EINVALID);
    assert_non_null(strstr(mledger_error_text(), ":2: a line of more than 1000 bytes"));
    ml_lines_release(&lines);
    unlink(path);
}

/* One that never ends is given up before it fills the memory. */
static void test_endless(void **state)
{
    (void)state;
    struct ml_lines lines;
    struct ml_span line;
    assert_int_equal(ml_lines_open(&lines, "/dev/zero", MAX), MLEDGER_OK);
    assert_int_equal(ml_lines_next(&lines, true, &line), MLEDGER_EINVALID);
    assert_true(lines.cap < 1 << 20);
    ml_lines_release(&lines);
}

static void put(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void test_pipe(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct ml_lines lines = {.fd = ends[0], .owned = true, .name = "pipe", .max = MAX};
    struct ml_span line;
    assert_result(&lines, ML_LINES_DRY);
    put(ends[1], "fir");
    assert_result(&lines, ML_LINES_DRY);
    put(ends[1], "st\nsecond\nthi");
    assert_line(&lines, "first");
    assert_line(&lines, "second");
    assert_result(&lines, ML_LINES_DRY);
    put(ends[1], "rd\n");
    assert_int_equal(ml_lines_next(&lines, true, &line), ML_LINES_GOT);
    assert_int_equal(line.len, 5);
    close(ends[1]);
    assert_result(&lines, ML_LINES_END);
    ml_lines_release(&lines);
}

static void test_failures(void **state)
{
    (void)state;
    struct ml_lines lines;
    assert_int_equal(ml_lines_open(&lines, "/no/such/file", MAX), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(),
                        "cannot open '/no/such/file': No such file or directory");
    assert_int_equal(ml_lines_open(&lines, "/", MAX), MLEDGER_OK);
    assert_result(&lines, MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(), "cannot read '/': Is a directory");
    ml_lines_release(&lines);
    struct ml_lines none = {0};
    ml_lines_release(&none);
    assert_int_equal(ml_lines_open(&lines, NULL, MAX), MLEDGER_OK);
    assert_string_equal(lines.name, "standard input");
    ml_lines_release(&lines);
}

static void test_waiting(void **state)
{
    (void)state;
    int input[2], stop[2];
    assert_int_equal(pipe(input), 0);
    assert_int_equal(pipe(stop), 0);
    const struct ml_lines lines = {.fd = input[0], .name = "pipe", .max = MAX};
    assert_int_equal(ml_lines_wait(&lines, stop[0], 0), ML_LINES_TIMEOUT);
    assert_int_equal(ml_lines_wait(&lines, -1, 1), ML_LINES_TIMEOUT);
    assert_int_equal(write(input[1], "x", 1), 1);
    assert_int_equal(ml_lines_wait(&lines, stop[0], -1), ML_LINES_READY);
    assert_int_equal(ml_lines_wait(&lines, -1, -1), ML_LINES_READY);
    assert_int_equal(write(stop[1], "x", 1), 1);
    assert_int_equal(ml_lines_wait(&lines, stop[0], -1), ML_LINES_STOPPED); /* both are so */
    close(input[1]);
    assert_int_equal(ml_lines_wait(&lines, -1, -1), ML_LINES_READY); /* its end is there */
    close(input[0]);
    close(stop[0]);
    close(stop[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waiting),  cmocka_unit_test(test_file),
        cmocka_unit_test(test_many),     cmocka_unit_test(test_long),
        cmocka_unit_test(test_endless),  cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
