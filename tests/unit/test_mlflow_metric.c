/* SPDX-License-Identifier: Apache-2.0 */
/* Metric files of an MLflow file store, and the numbers in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>

#include "ingest/mlflow/metric.h"
#include "ingest/mlflow/number.h"

static struct ml_pool pool;

static int setup(void **state)
{
    (void)state;
    pool = (struct ml_pool){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ml_pool_release(&pool);
    return 0;
}

static int parse(const char *text, enum ml_mlflow_metric_of of, struct ml_mlflow_metric *metric)
{
    char *copy = ml_pool_text(&pool, text, strlen(text));
    assert_non_null(copy);
    return ml_mlflow_metric_parse(&pool, copy, strlen(text), of, "m/loss", metric);
}

static void parse_run(const char *text, struct ml_mlflow_metric *metric)
{
    assert_int_equal(parse(text, ML_MLFLOW_METRIC_OF_RUN, metric), MLEDGER_OK);
}

static void refused_as(const char *text, enum ml_mlflow_metric_of of, const char *sentence)
{
    struct ml_mlflow_metric metric = {.count = 77};
    assert_int_equal(parse(text, of, &metric), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), sentence);
    assert_int_equal(metric.count, 77);
}

static void refused(const char *text, const char *sentence)
{
    refused_as(text, ML_MLFLOW_METRIC_OF_RUN, sentence);
}

static void reads_three_fields(void **state)
{
    (void)state;
    struct ml_mlflow_metric metric;
    parse_run("1795206719063 0.91 1\n-5 1e-05 -2\n", &metric);
    assert_int_equal(metric.count, 2);
    assert_int_equal(metric.duplicates, 0);
    assert_int_equal(metric.points[0].timestamp_ms, 1795206719063);
    assert_true(metric.points[0].value == 0.91);
    assert_string_equal(metric.points[0].text, "0.91");
    assert_int_equal(metric.points[0].step, 1);
    assert_null(metric.points[0].dataset_name);
    assert_null(metric.points[0].run_id);
    assert_int_equal(metric.points[1].timestamp_ms, -5);
    assert_true(metric.points[1].value == 1e-05);
    assert_string_equal(metric.points[1].text, "1e-05");
    assert_int_equal(metric.points[1].step, -2);
}

static void reads_two_fields_of_old_stores(void **state)
{
    (void)state;
    struct ml_mlflow_metric metric;
    parse_run("1530000000 4.5\r\n1530000001 4.25", &metric);
    assert_int_equal(metric.count, 2);
    assert_int_equal(metric.points[1].step, 0);
    assert_string_equal(metric.points[0].text, "4.5");
    assert_string_equal(metric.points[1].text, "4.25");
}

static void reads_five_fields_with_the_real_step(void **state)
{
    (void)state;
    struct ml_mlflow_metric metric;
    parse_run("10 1.0 7 dataset 1f05548b\n11 2.0 8 my train set 00ff\n", &metric);
    assert_int_equal(metric.points[0].step, 7);
    assert_string_equal(metric.points[0].dataset_name, "dataset");
    assert_string_equal(metric.points[0].dataset_digest, "1f05548b");
    assert_string_equal(metric.points[1].dataset_name, "my train set");
    assert_string_equal(metric.points[1].dataset_digest, "00ff");
}

static void reads_metrics_of_logged_models(void **state)
{
    (void)state;
    struct ml_mlflow_metric metric;
    assert_int_equal(parse("1 0.5 0 run1\n2 0.6 1 run2 data abcd\n3 0.7 2\n",
                           ML_MLFLOW_METRIC_OF_MODEL, &metric),
                     MLEDGER_OK);
    assert_int_equal(metric.count, 3);
    assert_string_equal(metric.points[0].run_id, "run1");
    assert_null(metric.points[0].dataset_name);
    assert_string_equal(metric.points[1].run_id, "run2");
    assert_string_equal(metric.points[1].dataset_name, "data");
    assert_string_equal(metric.points[1].dataset_digest, "abcd");
    assert_null(metric.points[2].run_id);
}

static void keeps_one_of_equal_lines(void **state)
{
    (void)state;
    struct ml_mlflow_metric metric;
    parse_run("2 0.5 1\n1 0.5 1\n2 0.5 1\n2 0.5 2\n2 0.50 1\n1 0.5 1\n2 0.5 1 d 1\n2 0.5 1\n",
              &metric);
    assert_int_equal(metric.duplicates, 3);
    assert_int_equal(metric.count, 5);
    assert_int_equal(metric.points[0].timestamp_ms, 2);
    assert_int_equal(metric.points[1].timestamp_ms, 1);
    assert_int_equal(metric.points[2].step, 2);
    assert_string_equal(metric.points[3].text, "0.50");
    assert_string_equal(metric.points[4].dataset_name, "d");
}

static void reads_what_is_not_finite(void **state)
{
    (void)state;
    struct ml_mlflow_metric metric;
    parse_run("1 nan 0\n2 inf 0\n3 -inf 0\n4 NaN 0\n5 Infinity 0\n6 1e999 0\n", &metric);
    assert_true(isnan(metric.points[0].value));
    assert_true(isinf(metric.points[1].value) && metric.points[1].value > 0);
    assert_true(isinf(metric.points[2].value) && metric.points[2].value < 0);
    assert_string_equal(metric.points[2].text, "-inf");
    assert_true(isnan(metric.points[3].value));
    assert_true(isinf(metric.points[4].value));
    assert_true(isinf(metric.points[5].value));
}

static void refuses_malformed_lines(void **state)
{
    (void)state;
    refused("", "m/loss:1: no value, the file is empty");
    refused("1 2 3\n\n", "m/loss:2: expected 'TIMESTAMP VALUE STEP', found an empty line");
    refused("17\n", "m/loss:1: expected 'TIMESTAMP VALUE STEP', found fewer or empty fields");
    refused("1 2  3\n", "m/loss:1: expected 'TIMESTAMP VALUE STEP', found fewer or empty fields");
    refused("x 2 3\n", "m/loss:1: expected a timestamp, found 'x'");
    refused("1.5 2 3\n", "m/loss:1: expected a timestamp, found '1.5'");
    refused("99999999999999999999 2 3\n",
            "m/loss:1: expected a timestamp, found '99999999999999999999'");
    refused("1 2 3\n1 two 3\n", "m/loss:2: expected a number, found 'two'");
    refused("1 0x10 3\n", "m/loss:1: expected a number, found '0x10'");
    refused("1 2 3.5\n", "m/loss:1: expected a step, found '3.5'");
    refused("1 2 3 data\n",
            "m/loss:1: expected a dataset's name and digest after the step, found 'data'");
    refused_as("1 2 3 run data\n", ML_MLFLOW_METRIC_OF_MODEL,
               "m/loss:1: expected a dataset's name and digest after the step, found 'data'");
    refused_as("1 2\n", ML_MLFLOW_METRIC_OF_MODEL,
               "m/loss:1: expected 'TIMESTAMP VALUE STEP', found fewer or empty fields");
}

static void sees_a_write_that_was_cut_off(void **state)
{
    (void)state;
    struct ml_mlflow_metric metric;
    refused("1 0.25 1\n2 0.2", "m/loss:2: the last line is cut off");
    parse_run("1 0.25 1\n2 0.2 2", &metric);
    assert_int_equal(metric.count, 2);
}

static void refuses_too_many_lines(void **state)
{
    (void)state;
    const size_t lines = ML_MLFLOW_METRIC_LINES_MAX + 1;
    char *text = ml_pool_alloc(&pool, lines + 1, 1);
    assert_non_null(text);
    memset(text, '\n', lines);
    struct ml_mlflow_metric metric;
    assert_int_equal(
        ml_mlflow_metric_parse(&pool, text, lines, ML_MLFLOW_METRIC_OF_RUN, "big", &metric),
        MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "big: 4194305 lines, more than the 4194304 it may have");
}

static void reads_whole_numbers_at_their_ends(void **state)
{
    (void)state;
    int64_t number = 1;
    assert_true(ml_mlflow_int64("-9223372036854775808", &number));
    assert_true(number == INT64_MIN);
    assert_true(ml_mlflow_int64("9223372036854775807", &number));
    assert_true(number == INT64_MAX);
    assert_false(ml_mlflow_int64("9223372036854775808", &number));
    assert_false(ml_mlflow_int64("-9223372036854775809", &number));
    assert_false(ml_mlflow_int64("", &number));
    assert_false(ml_mlflow_int64("-", &number));
    assert_false(ml_mlflow_int64(" 1", &number));
    uint64_t ordinal = 0;
    assert_true(ml_mlflow_ordinal("18446744073709551615", &ordinal));
    assert_true(ordinal == UINT64_MAX);
    assert_false(ml_mlflow_ordinal("18446744073709551616", &ordinal));
    assert_false(ml_mlflow_ordinal("0", &ordinal));
    assert_false(ml_mlflow_ordinal("01", &ordinal));
    assert_false(ml_mlflow_ordinal("1x", &ordinal));
}

static void reads_decimals_strictly(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "-0.0", "1.", ".5", "+3e8", "1E-5", "2.5e+10"};
    static const char *const bad[] = {"",      ".",   "e5",      "1e",     "1e+", "1_0", "1,5",
                                      "0x1p3", "--1", "infinit", "nan(1)", "1 ",  " 1"};
    double number;
    for (size_t i = 0; i < ML_COUNT(good); i++)
        assert_true(ml_mlflow_double(good[i], &number));
    assert_true(number == 2.5e10);
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        assert_false(ml_mlflow_double(bad[i], &number));
}

static void reads_decimals_in_any_locale(void **state)
{
    (void)state;
    locale_t comma = newlocale(LC_ALL_MASK, "de_DE.UTF-8", (locale_t)0);
    if (!comma)
        comma = newlocale(LC_ALL_MASK, "fr_FR.UTF-8", (locale_t)0);
    if (!comma) {
        print_message("no locale with a decimal comma is installed\n");
        skip();
    }
    locale_t before = uselocale(comma);
    double number = 0;
    const bool good = ml_mlflow_double("0.5", &number);
    uselocale(before);
    freelocale(comma);
    assert_true(good && number == 0.5);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_three_fields),
        TEST(reads_two_fields_of_old_stores),
        TEST(reads_five_fields_with_the_real_step),
        TEST(reads_metrics_of_logged_models),
        TEST(keeps_one_of_equal_lines),
        TEST(reads_what_is_not_finite),
        TEST(refuses_malformed_lines),
        TEST(sees_a_write_that_was_cut_off),
        TEST(refuses_too_many_lines),
        TEST(reads_whole_numbers_at_their_ends),
        TEST(reads_decimals_strictly),
        TEST(reads_decimals_in_any_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
