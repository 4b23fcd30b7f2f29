/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all searches share: pages, and the lists that are sorted and cut into them. A page token is
 * the number of things before the page; what is recorded between two pages may shift them, as on
 * MLflow's own servers.
 */
#ifndef ML_SERVE_MLFLOW_SEARCH_H
#define ML_SERVE_MLFLOW_SEARCH_H

#include "serve/mlflow/call.h"
#include "serve/mlflow/filter.h"

struct ml_rest_page {
    size_t begin, count;
};

/* Where a token says that its page begins; NULL or "": at 0. INVALID_PARAMETER_VALUE: it is none.
 */
int ml_rest_page_token(const char *token, size_t *ret_begin) ML_MUST_USE;
/* `max_results` NULL: `usual`. INVALID_PARAMETER_VALUE: it is over `most`, or below 1; the token
 * is none. */
int ml_rest_page(const int64_t *max_results, int64_t usual, int64_t most, const char *token,
                 struct ml_rest_page *ret_page) ML_MUST_USE;
/* Cuts the page to the `total` things found. *ret_token (in the call's arena) is NULL on the last
 * page. */
int ml_rest_page_cut(struct ml_rest_call *call, struct ml_rest_page *page, size_t total,
                     char **ret_token) ML_MUST_USE;

/* How one kind of thing is looked at. */
struct ml_rest_search {
    struct ml_rest_filter filter;
    struct ml_rest_order *orders; /* those asked for, then those that break ties */
    size_t n_orders;
    void (*value)(const void *thing, enum ml_rest_entity entity,
                  const struct ml_rest_attribute *attribute, const char *key,
                  struct ml_rest_value *ret_value);
};

/* `usual` are put behind what is asked for, so that the order is always total. Everything lives in
 * the call's arena. */
int ml_rest_search_read(struct ml_rest_call *call, const struct ml_rest_searchable *what,
                        const char *filter, char *const *order_by, size_t n_order_by,
                        const char *const *usual, struct ml_rest_search *search) ML_MUST_USE;
bool ml_rest_search_holds(const struct ml_rest_search *search, const void *thing);
/* Sorts pointers to things. */
void ml_rest_search_sort(const struct ml_rest_search *search, const void **things, size_t count);

#endif
