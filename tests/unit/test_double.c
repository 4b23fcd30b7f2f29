/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/double.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/random_message.h"

static void check_format(double number, const char *text)
{
    char written[ML_DOUBLE_TEXT_SIZE];
    double back;
    ml_double_format(number, written);
    assert_string_equal(written, text);
    assert_int_equal(ml_double_parse(written, strlen(written), &back), MLEDGER_OK);
    assert_memory_equal(&back, &number, sizeof back);
}

static void writes_the_shortest_text(void **state)
{
    (void)state;
    check_format(0.0, "0.0");
    check_format(-0.0, "-0.0");
    check_format(1.0, "1.0");
    check_format(-1.5, "-1.5");
    check_format(0.1, "0.1");
    check_format(0.1 + 0.2, "0.30000000000000004");
    check_format(100000.0, "100000.0");
    check_format(123456.789, "123456.789");
    check_format(9007199254740993.0, "9007199254740992.0");
    check_format(1e15, "1000000000000000.0");
    check_format(1e16, "1e+16");
    check_format(1.5e300, "1.5e+300");
    check_format(0.0001, "0.0001");
    check_format(0.00012345, "0.00012345");
    check_format(0.00001, "1e-05");
    check_format(5e-324, "5e-324");
    check_format(2.5e-323, "2.5e-323");
    check_format(DBL_MIN, "2.2250738585072014e-308");
    check_format(-DBL_MAX, "-1.7976931348623157e+308");
    check_format(5.684341886080801e-14, "5.684341886080801e-14");
    check_format(0.29, "0.29");
    check_format(1e-8, "1e-08");
    check_format(1.5e-9, "1.5e-09");
    check_format(999999999999999.0, "999999999999999.0");
    check_format(0.00000012345678, "1.2345678e-07");
    check_format(0.1234567890123456, "0.1234567890123456");
}

static void every_double_comes_back(void **state)
{
    (void)state;
    struct random random = {.state = 4};
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = random_next(&random);
        double number, back;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        char text[ML_DOUBLE_TEXT_SIZE];
        ml_double_format(number, text);
        assert_int_equal(ml_double_parse(text, strlen(text), &back), MLEDGER_OK);
        assert_memory_equal(&back, &number, sizeof back);
    }
}

/* Of at most 15 digits: as "%.15g" has them. */
static void few_decimals_are_written_as_they_are(void **state)
{
    (void)state;
    struct random random = {.state = 5};
    for (int i = 0; i < 20000; i++) {
        const int decimals = (int)(random_next(&random) % 11);
        double number = (double)(random_next(&random) >> (30 + random_next(&random) % 30));
        for (int k = 0; k < decimals; k++)
            number /= 10; /* which may be a neighbour of what has few decimals */
        char text[ML_DOUBLE_TEXT_SIZE], expected[64];
        snprintf(expected, sizeof expected, "%.15g", number);
        if (number < 1e-4 || number >= 1e15 || strtod(expected, NULL) != number)
            continue;
        if (!strchr(expected, '.'))
            snprintf(expected + strlen(expected), sizeof ".0", ".0");
        ml_double_format(number, text);
        assert_string_equal(text, expected);
    }
}

static void reads_what_programs_write(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double number;
    } cases[] = {
        {"1", 1},
        {"+1", 1},
        {"-1", -1},
        {"007", 7},
        {"1.", 1},
        {".5", 0.5},
        {"-.5e1", -5},
        {"1e3", 1000},
        {"1E+3", 1000},
        {"1e-05", 0.00001},
        {"0e99999999999999999999", 0},
        {"1e-99999999999999999999", 0},
        {"4.9e-324", 5e-324},
        {"1.7976931348623157e308", DBL_MAX},
        {"0.1000000000000000055511151231257827021181583404541015625", 0.1},
        {"inf", INFINITY},
        {"-Infinity", -INFINITY},
        {"INF", INFINITY},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        double number = 77;
        assert_int_equal(ml_double_parse(cases[i].text, strlen(cases[i].text), &number),
                         MLEDGER_OK);
        assert_memory_equal(&number, &cases[i].number, sizeof number);
    }
}

static void every_nan_is_the_one_that_records_hold(void **state)
{
    (void)state;
    static const char *const texts[] = {"nan", "NaN", "-nan", "+NAN"};
    for (size_t i = 0; i < ML_COUNT(texts); i++) {
        double number = 0;
        uint64_t bits;
        assert_int_equal(ml_double_parse(texts[i], strlen(texts[i]), &number), MLEDGER_OK);
        memcpy(&bits, &number, sizeof bits);
        assert_true(bits == 0x7ff8000000000000U);
    }
}

static void refuses_what_is_no_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"", "'' is no number"},
        {"-", "'-' is no number"},
        {".", "'.' is no number"},
        {"e5", "'e5' is no number"},
        {"1e", "'1e' is no number"},
        {"1e+", "'1e+' is no number"},
        {" 1", "' 1' is no number"},
        {"1 ", "'1 ' is no number"},
        {"1,5", "'1,5' is no number"},
        {"1_000", "'1_000' is no number"},
        {"0x10", "'0x10' is no number"},
        {"--1", "'--1' is no number"},
        {"1.2.3", "'1.2.3' is no number"},
        {"nan(1)", "'nan(1)' is no number"},
        {"infinit", "'infinit' is no number"},
        {"1e309", "'1e309' is too large a number"},
        {"-1e99999999999999999999", "'-1e99999999999999999999' is too large a number"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        double number = 77;
        assert_int_equal(ml_double_parse(cases[i].text, strlen(cases[i].text), &number),
                         MLEDGER_EINVALID);
        assert_string_equal(mledger_error_text(), cases[i].error);
        assert_true(number == 77);
    }
}

static void the_length_is_limited(void **state)
{
    (void)state;
    char text[ML_LIMIT_DOUBLE_TEXT + 1];
    double number;
    memset(text, '0', sizeof text);
    text[1] = '.';
    text[ML_LIMIT_DOUBLE_TEXT - 1] = '1';
    assert_int_equal(ml_double_parse(text, ML_LIMIT_DOUBLE_TEXT, &number), MLEDGER_OK);
    assert_true(number == 0);
    assert_int_equal(ml_double_parse(text, sizeof text, &number), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "a number of 1101 characters, over 1100");
    memset(text, '9', sizeof text);
    assert_int_equal(ml_double_parse(text, ML_LIMIT_DOUBLE_TEXT, &number), MLEDGER_EINVALID);
}

static void the_locale_makes_no_difference(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ps_AF"};
    size_t i = 0;
    while (i < ML_COUNT(locales) && !setlocale(LC_NUMERIC, locales[i]))
        i++;
    if (i == ML_COUNT(locales)) {
        print_message("skipped: no locale with another decimal point is installed\n");
        skip();
    }
    check_format(0.5, "0.5");
    check_format(1.5e-300, "1.5e-300");
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_shortest_text),
        cmocka_unit_test(every_double_comes_back),
        cmocka_unit_test(few_decimals_are_written_as_they_are),
        cmocka_unit_test(reads_what_programs_write),
        cmocka_unit_test(every_nan_is_the_one_that_records_hold),
        cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(the_length_is_limited),
        cmocka_unit_test(the_locale_makes_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
