/* SPDX-License-Identifier: Apache-2.0 */
/* Names of tags that GTO knows, and those that it does not (gto/constants.py of GTO 1.0). */
#include "tests/unit/cmocka_all.h"

#include "ingest/gto.h"

static void names_that_mean_something(void **state)
{
    static const struct {
        const char *name;
        enum ml_gto_kind kind;
        const char *artifact, *dir, *version, *stage;
    } cases[] = {
        {"churn@v1.0.0", ML_GTO_REGISTER, "churn", ".", "v1.0.0", NULL},
        {"a@v0.0.1-rc.1+build.5", ML_GTO_REGISTER, "a", ".", "v0.0.1-rc.1+build.5", NULL},
        {"a@v1.2.3-x-y.7z", ML_GTO_REGISTER, "a", ".", "v1.2.3-x-y.7z", NULL},
        {"a@v1.2.3+007", ML_GTO_REGISTER, "a", ".", "v1.2.3+007", NULL},
        {"churn@v1.0.0#3", ML_GTO_REGISTER, "churn", ".", "v1.0.0", NULL},
        {"churn@v1.0.0!#12", ML_GTO_DEREGISTER, "churn", ".", "v1.0.0", NULL},
        {"churn@v1.0.0!", ML_GTO_DEREGISTER, "churn", ".", "v1.0.0", NULL},
        {"churn#prod#2", ML_GTO_ASSIGN, "churn", ".", NULL, "prod"},
        {"churn#prod", ML_GTO_ASSIGN, "churn", ".", NULL, "prod"},
        {"churn#7", ML_GTO_ASSIGN, "churn", ".", NULL, "7"},
        {"churn#prod!#4", ML_GTO_UNASSIGN, "churn", ".", NULL, "prod"},
        {"churn@deprecated", ML_GTO_DEPRECATE, "churn", ".", NULL, NULL},
        {"churn@deprecated#9", ML_GTO_DEPRECATE, "churn", ".", NULL, NULL},
        {"churn@created", ML_GTO_CREATE, "churn", ".", NULL, NULL},
        {"nlp/bert-base_2@v1.0.0", ML_GTO_REGISTER, "nlp/bert-base_2", ".", "v1.0.0", NULL},
        {"models/../x=churn@v1.0.0", ML_GTO_REGISTER, "models/../x:churn", "models/../x", "v1.0.0",
         NULL},
        {"sub.dir=m#dev#1", ML_GTO_ASSIGN, "sub.dir:m", "sub.dir", NULL, "dev"},
    };
    (void)state;
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
        struct ml_gto_tag tag;
        if (ml_gto_parse(&pool, cases[i].name, &tag) < 0)
            fail_msg("%s", cases[i].name);
        assert_int_equal(tag.kind, cases[i].kind);
        assert_string_equal(tag.artifact, cases[i].artifact);
        assert_string_equal(tag.dir, cases[i].dir);
        assert_string_equal(tag.version ? tag.version : "-",
                            cases[i].version ? cases[i].version : "-");
        assert_string_equal(tag.stage ? tag.stage : "-", cases[i].stage ? cases[i].stage : "-");
    }
}

static void counters_are_read(void **state)
{
    static const struct {
        const char *name;
        uint64_t counter;
    } cases[] = {{"a#b#0", 0},
                 {"a#b", 0},
                 {"a#7", 0},
                 {"a#b#12", 12},
                 {"a@v1.0.0!#007", 7},
                 {"a#b#18446744073709551615", UINT64_MAX},
                 {"a#b#99999999999999999999999", UINT64_MAX}};
    (void)state;
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
        struct ml_gto_tag tag;
        assert_int_equal(ml_gto_parse(&pool, cases[i].name, &tag), MLEDGER_OK);
        assert_int_equal(tag.counter, cases[i].counter);
    }
}

static void names_that_mean_nothing(void **state)
{
    static const char *const names[] = {
        "",
        "v1.0.0",
        "churn",
        "@v1.0.0",
        "#prod",
        "churn@",
        "churn#",
        "churn@1.0.0",
        "churn@v1.0",
        "churn@v1.0.0.0",
        "churn@v01.0.0",
        "churn@v1.0.0-",
        "churn@v1.0.0-01",
        "churn@v1.0.0-a..b",
        "churn@v1.0.0+",
        "churn@v1.0.0!!",
        "churn#prod!!",
        "churn#prod#x",
        "churn#prod#1#2",
        "churn@deprecated!",
        "-churn@v1.0.0",
        "churn-@v1.0.0",
        "ch urn@v1.0.0",
        "chürn@v1.0.0",
        "churn@latest",
        "=churn@v1.0.0",
        "a=b=c@v1.0.0",
        "a b=c@v1.0.0",
        "churn#pr od",
        "churn#-prod",
        "churn@v1.0.0\n",
        "churn#prod@v1.0.0",
    };
    char longest[2000];
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_gto_tag tag;
    (void)state;
    for (size_t i = 0; i < ML_COUNT(names); i++)
        if (ml_gto_parse(&pool, names[i], &tag) != MLEDGER_ENOTFOUND)
            fail_msg("'%s' is one", names[i]);
    memset(longest, 'a', sizeof longest);
    memcpy(longest + sizeof longest - 8, "@v1.0.0", 8);
    assert_int_equal(ml_gto_parse(&pool, longest, &tag), MLEDGER_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_mean_something),
        cmocka_unit_test(counters_are_read),
        cmocka_unit_test(names_that_mean_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
