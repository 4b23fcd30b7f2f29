/* SPDX-License-Identifier: Apache-2.0 */
/* The style of reports: text on every ground of the page has the contrast that WCAG 2.2 asks for
 * (1.4.3, AA: 4.5 : 1), in light and in dark; computed as the standard defines it. */
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <stdio.h>

#include "export/report_css.h"
#include "ledger/core/base.h"

static const char *const texts[] = {"--text",      "--text-quiet", "--text-link",
                                    "--text-good", "--text-warn",  "--text-bad"};
static const char *const grounds[] = {"--ground", "--ground-raised", "--ground-target"};

/* The variable's colour in the block that begins at `block`. */
static unsigned colour(const char *block, const char *name)
{
    char pattern[64];
    char *end;
    snprintf(pattern, sizeof pattern, " %s: #", name);
    const char *at = strstr(block, pattern);
    assert_non_null(at);
    at += strlen(pattern);
    const unsigned long value = strtoul(at, &end, 16);
    assert_int_equal(end - at, 6);
    return (unsigned)value;
}

static double channel(unsigned value)
{
    double c = value / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(unsigned rgb)
{
    return 0.2126 * channel(rgb >> 16 & 0xff) + 0.7152 * channel(rgb >> 8 & 0xff) +
           0.0722 * channel(rgb & 0xff);
}

static double contrast(unsigned a, unsigned b)
{
    double x = luminance(a), y = luminance(b);
    return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

static char *css(void)
{
    char *text = malloc(ml_report_css_size + 1);
    assert_non_null(text);
    memcpy(text, ml_report_css, ml_report_css_size);
    text[ml_report_css_size] = '\0';
    return text;
}

static void check(const char *block)
{
    for (size_t i = 0; i < ML_COUNT(texts); i++)
        for (size_t k = 0; k < ML_COUNT(grounds); k++) {
            double found = contrast(colour(block, texts[i]), colour(block, grounds[k]));
            if (found < 4.5)
                print_error("%s on %s: %.2f\n", texts[i], grounds[k], found);
            assert_true(found >= 4.5);
        }
}

static void test_contrast_is_computed_as_defined(void **state)
{
    (void)state;
    assert_true(fabs(contrast(0x000000, 0xffffff) - 21.0) < 1e-9);
    assert_true(fabs(contrast(0x777777, 0xffffff) - 4.478) < 0.001);
}

static void test_light(void **state)
{
    (void)state;
    ML_CLEANUP(ml_freep) char *text = css();
    check(strstr(text, ":root {"));
}

static void test_dark(void **state)
{
    (void)state;
    ML_CLEANUP(ml_freep) char *text = css();
    const char *dark = strstr(text, "prefers-color-scheme: dark");
    assert_non_null(dark);
    check(dark);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contrast_is_computed_as_defined),
        cmocka_unit_test(test_light),
        cmocka_unit_test(test_dark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
