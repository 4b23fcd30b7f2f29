/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of entity tags, as browsers and proxies send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "serve/etag.h"

static void finds_a_tag(void **state)
{
    (void)state;
    assert_true(ml_etag_is_in("\"a-1\"", "\"a-1\""));
    assert_true(ml_etag_is_in("W/\"a-1\"", "\"a-1\""));
    assert_true(ml_etag_is_in("\"b\", \"a-1\"", "\"a-1\""));
    assert_true(ml_etag_is_in(" ,\"b\",\tW/\"a-1\" ,", "\"a-1\""));
    assert_true(ml_etag_is_in("*", "\"a-1\""));
}

static void finds_no_other(void **state)
{
    static const char *const others[] = {"",         " ",   ",",        "\"a-2\"",     "\"a-1",
                                         "a-1\"",    "a-1", "\"a-1\"x", "W/W/\"a-1\"", "**",
                                         "w/\"a-1\""};
    (void)state;
    for (size_t i = 0; i < ML_COUNT(others); i++)
        if (ml_etag_is_in(others[i], "\"a-1\""))
            fail_msg("'%s' is taken for it", others[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_a_tag),
                                       cmocka_unit_test(finds_no_other)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
