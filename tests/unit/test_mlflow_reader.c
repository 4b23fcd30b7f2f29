/* SPDX-License-Identifier: Apache-2.0 */
/* The limits of the MLflow reader that no small store reaches, and its sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "ingest/mlflow/reader.h"

static struct ml_mlflow_reader new_reader(bool keep_going)
{
    return (struct ml_mlflow_reader){.root = "mlruns", .options.keep_going = keep_going};
}

static void notes_what_is_left_out(void **state)
{
    (void)state;
    struct ml_mlflow_reader reader = new_reader(true);
    int code = ml_fail(MLEDGER_EINVALID, "mlruns/0/meta.yaml:3: bad\x1b[0m \xff");
    assert_int_equal(ml_mlflow_leave_out(&reader, "0", code), MLEDGER_OK);
    code = ml_fail(MLEDGER_ENOTFOUND, "mlruns/1/meta.yaml: no such file");
    assert_int_equal(ml_mlflow_leave_out(&reader, "1", code), MLEDGER_OK);
    assert_int_equal(reader.left_out_count, 2);
    assert_string_equal(reader.left_out[0].path, "0");
    assert_string_equal(reader.left_out[0].reason, "mlruns/0/meta.yaml:3: bad\\x1b[0m \\xff");
    assert_string_equal(reader.left_out[1].reason, "mlruns/1/meta.yaml: no such file");
    assert_string_equal(mledger_error_text(), "");
    ml_mlflow_reader_release(&reader);
    assert_int_equal(reader.left_out_count, 0);
    ml_mlflow_reader_release(NULL);
}

static void strictly_nothing_is_left_out(void **state)
{
    (void)state;
    struct ml_mlflow_reader reader = new_reader(false);
    int code = ml_fail(MLEDGER_EINVALID, "bad");
    assert_int_equal(ml_mlflow_leave_out(&reader, "0", code), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "bad");
    assert_int_equal(reader.left_out_count, 0);
}

static void what_is_no_fault_of_the_store_always_ends_the_visit(void **state)
{
    (void)state;
    struct ml_mlflow_reader reader = new_reader(true);
    assert_int_equal(ml_mlflow_leave_out(&reader, "0", ml_fail_memory()), MLEDGER_ESYSTEM);
    assert_int_equal(reader.left_out_count, 0);
    assert_int_equal(ml_mlflow_fail_errno(EMFILE, "read", "x"), MLEDGER_ESYSTEM);
    assert_int_equal(ml_mlflow_fail_errno(ENOMEM, "read", "x"), MLEDGER_ESYSTEM);
    assert_int_equal(ml_mlflow_fail_errno(EIO, "read", "x"), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "cannot read 'x': Input/output error");
    assert_int_equal(mledger_error_code(), MLEDGER_EINVALID);
}

static void ends_when_too_much_is_left_out(void **state)
{
    (void)state;
    struct ml_mlflow_reader reader = new_reader(true);
    for (size_t i = 0; i < ML_MLFLOW_LEFT_OUT_MAX; i++)
        assert_int_equal(ml_mlflow_leave_out(&reader, "p", ml_fail(MLEDGER_EINVALID, "bad")),
                         MLEDGER_OK);
    assert_int_equal(ml_mlflow_leave_out(&reader, "p", ml_fail(MLEDGER_EINVALID, "worse")),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "mlruns: more than 100000 things cannot be read; the last: worse");
    ml_mlflow_reader_release(&reader);
}

static void refuses_to_fill_memory(void **state)
{
    (void)state;
    const struct ml_pool almost = {.used = ML_MLFLOW_MEMORY_MAX - 10};
    const struct ml_pool over = {.used = ML_MLFLOW_MEMORY_MAX + 10};
    assert_int_equal(ml_mlflow_room(&almost, 10, "x"), MLEDGER_OK);
    assert_int_equal(ml_mlflow_room(&almost, 11, "x"), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "x: needs more than 1024 MiB of memory to read");
    assert_int_equal(ml_mlflow_room(&almost, SIZE_MAX, "x"), MLEDGER_EINVALID);
    assert_int_equal(ml_mlflow_room(&over, 0, "x"), MLEDGER_EINVALID);
}

static void joins_paths_up_to_a_limit(void **state)
{
    (void)state;
    struct ml_pool pool = {0};
    char name[ML_MLFLOW_PATH_MAX + 1];
    const char *path = NULL;
    assert_int_equal(ml_mlflow_join(&pool, "a", "b", &path), MLEDGER_OK);
    assert_string_equal(path, "a/b");
    assert_int_equal(ml_mlflow_join(&pool, "", "b", &path), MLEDGER_OK);
    assert_string_equal(path, "b");
    memset(name, 'n', sizeof name);
    name[ML_MLFLOW_PATH_MAX - 2] = '\0';
    assert_int_equal(ml_mlflow_join(&pool, "a", name, &path), MLEDGER_OK);
    assert_int_equal(strlen(path), ML_MLFLOW_PATH_MAX);
    name[ML_MLFLOW_PATH_MAX - 2] = 'n';
    name[ML_MLFLOW_PATH_MAX - 1] = '\0';
    assert_int_equal(ml_mlflow_join(&pool, "a", name, &path), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "a\xe2\x80\xa6: path is longer than 4000 bytes");
    ml_pool_release(&pool);
}

static void shows_text_that_is_none(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"", ""},
        {"caf\xc3\xa9 \xe2\x98\x83 \xf0\x9f\x90\xa7", "caf\xc3\xa9 \xe2\x98\x83 \xf0\x9f\x90\xa7"},
        {"a\nb\x7f", "a\\x0ab\\x7f"},
        {"cut \xe2\x98", "cut \\xe2\\x98"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
    };
    struct ml_pool pool = {0};
    for (size_t i = 0; i < ML_COUNT(texts); i++) {
        const char *shown = NULL;
        assert_int_equal(ml_mlflow_printable(&pool, texts[i][0], &shown), MLEDGER_OK);
        assert_string_equal(shown, texts[i][1]);
    }
    ml_pool_release(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_what_is_left_out),
        cmocka_unit_test(strictly_nothing_is_left_out),
        cmocka_unit_test(what_is_no_fault_of_the_store_always_ends_the_visit),
        cmocka_unit_test(ends_when_too_much_is_left_out),
        cmocka_unit_test(refuses_to_fill_memory),
        cmocka_unit_test(joins_paths_up_to_a_limit),
        cmocka_unit_test(shows_text_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
