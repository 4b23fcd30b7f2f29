/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MLflow's search language and what it orders by: whatever is read can be held against values, and
 * what an order says of two values is the opposite of what it says of them the other way round.
 */
#include <math.h>

#include "serve/mlflow/filter.h"
#include "tests/fuzz/target.h"

enum { MEMORY = 64 << 20, NAME = 0, START = 1 };

static const struct ml_rest_attribute attributes[] = {
    {"name", NULL, false, NAME, ML_REST_ANY_USE},
    {"start_time", "created", true, START, ML_REST_ANY_USE},
    {0}};
static const struct ml_rest_searchable runs = {
    .attributes = attributes, .has_metrics = true, .has_params = true, .has_datasets = true};
static const struct ml_rest_searchable models = {.attributes = attributes};

static const struct ml_rest_value values[] = {
    {0},
    {.text = ""},
    {.text = "Production"},
    {.text = "a%b_\xc3\xa9"},
    {.is_number = true, .number = 0.5},
    {.is_number = true, .number = NAN},
    {.is_number = true, .number = -INFINITY},
};

static void ask(const struct ml_rest_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        const struct ml_rest_clause *clause = &filter->clauses[i];
        const bool is_null = clause->op == ML_REST_IS_NULL;
        FUZZ_CHECK((clause->entity == ML_REST_ATTRIBUTE) == (clause->attribute != NULL));
        FUZZ_CHECK(clause->key && *clause->key);
        FUZZ_CHECK(ml_rest_clause_holds(clause, &values[0]) == is_null);
        for (size_t k = 1; k < ML_COUNT(values); k++)
            FUZZ_CHECK(!(is_null && ml_rest_clause_holds(clause, &values[k])));
    }
}

static void compare(const struct ml_rest_order *order)
{
    for (size_t i = 0; i < ML_COUNT(values); i++)
        for (size_t k = 0; k < ML_COUNT(values); k++)
            FUZZ_CHECK(ml_rest_value_compare(order, &values[i], &values[k]) ==
                       -ml_rest_value_compare(order, &values[k], &values[i]));
}

static void run(const char *text, const struct ml_rest_searchable *what)
{
    struct ml_arena arena;
    struct ml_rest_filter filter;
    struct ml_rest_order order;
    ml_arena_init(&arena, MEMORY);
    const int result = ml_rest_filter_parse(text, what, &arena, &filter);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EREFUSED);
    if (result == MLEDGER_OK)
        ask(&filter);
    if (ml_rest_order_parse(text, what, &arena, &order) == MLEDGER_OK)
        compare(&order);
    (void)ml_rest_like(text, text, true);
    ml_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    FUZZ_CHECK(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    run(text, &runs);
    run(text, &models);
    free(text);
    return 0;
}
