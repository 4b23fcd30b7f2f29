/* SPDX-License-Identifier: Apache-2.0 */
/* MLflow's search language: what is read, what holds, what is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "serve/mlflow/filter.h"

static const struct ml_rest_attribute attributes[] = {
    {"newest", NULL, false, 2, ML_REST_TO_ORDER},
    {"name", NULL, false, 0, ML_REST_ANY_USE},
    {"start_time", "created", true, 1, ML_REST_ANY_USE},
    {0}};
static const struct ml_rest_searchable everything = {
    .attributes = attributes, .has_metrics = true, .has_params = true, .has_datasets = true};
static const struct ml_rest_searchable tags_only = {.attributes = attributes};

static int setup(void **state)
{
    struct ml_arena *arena = calloc(1, sizeof *arena);
    assert_non_null(arena);
    ml_arena_init(arena, 16 << 20);
    *state = arena;
    return 0;
}

static int teardown(void **state)
{
    ml_arena_release(*state);
    free(*state);
    return 0;
}

static struct ml_rest_filter parse(void **state, const char *text)
{
    struct ml_rest_filter filter;
    if (ml_rest_filter_parse(text, &everything, *state, &filter) < 0)
        fail_msg("%s: %s", text ? text : "no filter", mledger_error_text());
    return filter;
}

/* Whether one clause holds for a text, or for a number where there is none. */
static bool holds(void **state, const char *clause, const char *text, double number)
{
    const struct ml_rest_filter filter = parse(state, clause);
    const struct ml_rest_value value = {.text = text, .is_number = !text, .number = number};
    assert_int_equal(filter.count, 1);
    return ml_rest_clause_holds(&filter.clauses[0], &value);
}

static void test_keys(void **state)
{
    const struct ml_rest_filter filter =
        parse(state, "metrics.`val/loss` < 0.5 AND params.\"learning rate\" = '0.1' and tag.a.b "
                     "LIKE 'x%' AND name != 'y' AND attributes.created >= 12 AND "
                     "datasets.digest = 'd'");
    static const enum ml_rest_entity entities[] = {ML_REST_METRIC,    ML_REST_PARAM,
                                                   ML_REST_TAG,       ML_REST_ATTRIBUTE,
                                                   ML_REST_ATTRIBUTE, ML_REST_DATASET};
    static const char *const keys[] = {"val/loss", "learning rate", "a.b",
                                       "name",     "created",       "digest"};
    assert_int_equal(filter.count, ML_COUNT(keys));
    for (size_t i = 0; i < ML_COUNT(keys); i++) {
        assert_int_equal(filter.clauses[i].entity, entities[i]);
        assert_string_equal(filter.clauses[i].key, keys[i]);
    }
    assert_true(filter.clauses[0].number == 0.5);
    assert_int_equal(filter.clauses[4].attribute->id, 1);
    assert_int_equal(parse(state, NULL).count, 0);
    assert_int_equal(parse(state, "  ").count, 0);
}

static void test_texts(void **state)
{
    assert_true(holds(state, "name = 'it''s'", "it's", 0));
    assert_true(holds(state, "name = \"it's\"", "it's", 0));
    assert_true(holds(state, "name = ''", "", 0));
    assert_false(holds(state, "name = 'A'", "a", 0));
    assert_true(holds(state, "name != 'a'", "b", 0));
    assert_true(holds(state, "name IN ('a', 'b')", "b", 0));
    assert_false(holds(state, "name IN ('a', 'b')", "c", 0));
    assert_true(holds(state, "name NOT IN ('a', 'b')", "c", 0));
    assert_true(holds(state, "name LIKE 'a%c_e'", "abbbcde", 0));
    assert_false(holds(state, "name LIKE 'A%'", "abc", 0));
    assert_true(holds(state, "name ILIKE 'A%'", "abc", 0));
    assert_true(holds(state, "name LIKE '_'", "\xc3\xa9", 0));
    assert_true(holds(state, "name LIKE '%'", "", 0));
    assert_false(holds(state, "name LIKE '%a%b'", "aXbX", 0));
}

static void test_numbers(void **state)
{
    assert_true(holds(state, "metrics.a > 0.5", NULL, 0.6));
    assert_false(holds(state, "metrics.a > 0.5", NULL, NAN));
    assert_true(holds(state, "metrics.a <= -1e3", NULL, -1000));
    assert_true(holds(state, "metrics.a != 1", NULL, 2));
    assert_false(holds(state, "metrics.a = 1", "1", 0));
}

static void test_nothing(void **state)
{
    const struct ml_rest_value nothing = {0};
    const struct ml_rest_filter filter =
        parse(state, "params.a IS NULL AND params.a IS NOT NULL AND params.a != 'x'");
    assert_true(ml_rest_clause_holds(&filter.clauses[0], &nothing));
    assert_false(ml_rest_clause_holds(&filter.clauses[1], &nothing));
    assert_false(ml_rest_clause_holds(&filter.clauses[2], &nothing));
}

static void test_order(void **state)
{
    const struct ml_rest_value low = {.is_number = true, .number = 1};
    const struct ml_rest_value high = {.is_number = true, .number = 2};
    const struct ml_rest_value nan = {.is_number = true, .number = NAN};
    const struct ml_rest_value nothing = {0};
    struct ml_rest_order order;
    assert_int_equal(ml_rest_order_parse("metrics.`a b` DESC", &everything, *state, &order),
                     MLEDGER_OK);
    assert_true(order.descending);
    assert_string_equal(order.key, "a b");
    assert_true(ml_rest_value_compare(&order, &low, &high) > 0);
    assert_true(ml_rest_value_compare(&order, &nan, &low) > 0);
    assert_true(ml_rest_value_compare(&order, &low, &nothing) < 0);
    assert_true(ml_rest_value_compare(&order, &nan, &nothing) < 0);
    order.descending = false;
    assert_true(ml_rest_value_compare(&order, &low, &high) < 0);
    assert_true(ml_rest_value_compare(&order, &nothing, &high) > 0);
}

static void test_refusals(void **state)
{
    static const struct {
        const struct ml_rest_searchable *what;
        const char *text, *words;
    } cases[] = {
        {&everything, "nope = 'x'", "Invalid attribute key 'nope'"},
        {&everything, "name = x",
         "either not quoted or unidentified quote types used for string value x"},
        {&everything, "name = 7", "Expected a quoted string value for attributes"},
        {&everything, "tags.a = 7", "Expected a quoted string value for tag (e.g. 'my-value')"},
        {&everything, "start_time > 'x'", "numeric value type for numeric attribute: start_time"},
        {&everything, "foo.bar = 'x'", "Invalid entity type 'foo'. Valid values are ['metric'"},
        {&tags_only, "params.a = 'x'", "Valid entity types are ('attribute', 'tag', 'tags')"},
        {&everything, "datasets.size = 'x'", "Invalid dataset key 'size'"},
        {&everything, "name IS NULL", "only supported for tags and params"},
        {&everything, "newest = 'x'", "Invalid attribute key 'newest'"},
        {&everything, "metrics.a > 'x'", "Expected numeric value"},
        {&everything, "metrics.a LIKE 'x'", "it is a number"},
        {&everything, "params.a > '1'", "it is text"},
        {&everything, "tags.a IN ('x')", "Only attributes and datasets"},
        {&everything, "name IN 'x'", "parentheses"},
        {&everything, "name IN ('x'", "not closed"},
        {&everything, "name = 'x", "not closed"},
        {&everything, "name = 'x' OR name = 'y'", "expected AND"},
        {&everything, "name", "no comparison"},
        {&everything, "name ! 'x'", "Invalid clause"},
        {&everything, "= 'x'", "no key"},
        {&everything, "metrics. = 1", "names no key"},
        {&everything, "name = 'x' AND", "no key"},
        {&tags_only, "metrics.a = 1", "Invalid entity type"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct ml_rest_filter filter;
        assert_int_equal(ml_rest_filter_parse(cases[i].text, cases[i].what, *state, &filter),
                         MLEDGER_EREFUSED);
        if (!strstr(mledger_error_text(), cases[i].words))
            fail_msg("%s: %s", cases[i].text, mledger_error_text());
    }
    struct ml_rest_order order;
    assert_int_equal(ml_rest_order_parse("name UP", &everything, *state, &order), MLEDGER_EREFUSED);
    assert_int_equal(ml_rest_order_parse("", &everything, *state, &order), MLEDGER_EREFUSED);
    assert_int_equal(ml_rest_order_parse("newest", &everything, *state, &order), MLEDGER_OK);
    assert_int_equal(ml_rest_order_parse("newest DESC blah", &everything, *state, &order),
                     MLEDGER_EREFUSED);
    assert_non_null(strstr(mledger_error_text(), "Could not be parsed"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
