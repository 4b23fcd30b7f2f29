/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/search.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- pages ---- */

int ml_rest_page_token(const char *token, size_t *ret_begin)
{
    char *end;
    *ret_begin = 0;
    if (!token || !*token)
        return MLEDGER_OK;
    const uintmax_t begin = strtoumax(token, &end, 10);
    if (*token < '0' || *token > '9' || *end || begin > INT64_MAX)
        return ml_rest_refuse(ML_REST_INVALID, "Invalid page token, could not parse '%.64s'",
                              token);
    *ret_begin = (size_t)begin;
    return MLEDGER_OK;
}

int ml_rest_page(const int64_t *max_results, int64_t usual, int64_t most, const char *token,
                 struct ml_rest_page *ret_page)
{
    const int64_t count = max_results ? *max_results : usual;
    if (count < 1)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid value %" PRId64 " for parameter 'max_results' supplied. It "
                              "must be a positive integer",
                              count);
    if (count > most)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid value %" PRId64 " for parameter 'max_results' supplied. It "
                              "must be at most %" PRId64,
                              count, most);
    *ret_page = (struct ml_rest_page){.count = (size_t)count};
    return ml_rest_page_token(token, &ret_page->begin);
}

int ml_rest_page_cut(struct ml_rest_call *call, struct ml_rest_page *page, size_t total,
                     char **ret_token)
{
    char text[24];
    const size_t left = page->begin < total ? total - page->begin : 0;
    *ret_token = NULL;
    if (left <= page->count) {
        page->count = left;
        return MLEDGER_OK;
    }
    const int len = snprintf(text, sizeof text, "%zu", page->begin + page->count);
    *ret_token = ml_arena_text(&call->arena, text, (size_t)len);
    return *ret_token ? MLEDGER_OK : ml_arena_fail(&call->arena, "the answer");
}

/* ---- what is asked ---- */

static size_t count_words(const char *const *words)
{
    size_t count = 0;
    while (words[count])
        count++;
    return count;
}

static bool is_same_key(const struct ml_rest_order *a, const struct ml_rest_order *b)
{
    return a->entity == b->entity && a->attribute == b->attribute && strcmp(a->key, b->key) == 0;
}

static int check_repeats(const struct ml_rest_search *search)
{
    for (size_t i = 0; i < search->n_orders; i++)
        for (size_t k = 0; k < i; k++)
            if (is_same_key(&search->orders[i], &search->orders[k]))
                return ml_rest_refuse(ML_REST_INVALID,
                                      "`order_by` contains duplicate fields: '%.64s'",
                                      search->orders[i].key);
    return MLEDGER_OK;
}

int ml_rest_search_read(struct ml_rest_call *call, const struct ml_rest_searchable *what,
                        const char *filter, char *const *order_by, size_t n_order_by,
                        const char *const *usual, struct ml_rest_search *search)
{
    ML_TRY(ml_rest_filter_parse(filter, what, &call->arena, &search->filter));
    search->orders =
        ml_arena_calloc(&call->arena, n_order_by + count_words(usual), sizeof *search->orders);
    if (!search->orders)
        return ml_arena_fail(&call->arena, "the request");
    for (size_t i = 0; i < n_order_by; i++)
        ML_TRY(ml_rest_order_parse(order_by[i], what, &call->arena,
                                   &search->orders[search->n_orders++]));
    ML_TRY(check_repeats(search));
    for (size_t i = 0; usual[i]; i++)
        ML_TRY(
            ml_rest_order_parse(usual[i], what, &call->arena, &search->orders[search->n_orders++]));
    return MLEDGER_OK;
}

bool ml_rest_search_holds(const struct ml_rest_search *search, const void *thing)
{
    for (size_t i = 0; i < search->filter.count; i++) {
        const struct ml_rest_clause *clause = &search->filter.clauses[i];
        struct ml_rest_value value = {0};
        search->value(thing, clause->entity, clause->attribute, clause->key, &value);
        if (!ml_rest_clause_holds(clause, &value))
            return false;
    }
    return true;
}

static int compare(const void *a, const void *b, void *context)
{
    const struct ml_rest_search *search = context;
    for (size_t i = 0; i < search->n_orders; i++) {
        const struct ml_rest_order *order = &search->orders[i];
        struct ml_rest_value one = {0}, other = {0};
        search->value(*(const void *const *)a, order->entity, order->attribute, order->key, &one);
        search->value(*(const void *const *)b, order->entity, order->attribute, order->key, &other);
        const int result = ml_rest_value_compare(order, &one, &other);
        if (result)
            return result;
    }
    return 0;
}

void ml_rest_search_sort(const struct ml_rest_search *search, const void **things, size_t count)
{
    if (count > 0)
        qsort_r(things, count, sizeof *things, compare, (void *)(uintptr_t)search);
}
