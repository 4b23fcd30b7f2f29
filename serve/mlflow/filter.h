/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MLflow's search language (mlflow.utils.search_utils): comparisons joined by AND, such as
 *
 *     metrics.auc > 0.9 AND params."learning rate" = '0.1' AND tags.team LIKE 'risk%'
 *     name = 'churn' and version_number > 3        run_id IN ('a', 'b')
 *
 * and what it orders by: "metrics.auc DESC". A key may be quoted with ` or ". Pure; thread-safe.
 */
#ifndef ML_SERVE_MLFLOW_FILTER_H
#define ML_SERVE_MLFLOW_FILTER_H

#include "ledger/core/arena.h"

enum {
    ML_REST_FILTER_MAX = 64 * 1024, /* bytes of text */
    ML_REST_CLAUSES_MAX = 256,
};

enum ml_rest_entity {
    ML_REST_ATTRIBUTE,
    ML_REST_METRIC,
    ML_REST_PARAM,
    ML_REST_TAG,
    ML_REST_DATASET,
};

enum ml_rest_operator {
    ML_REST_EQ,
    ML_REST_NE,
    ML_REST_LT,
    ML_REST_LE,
    ML_REST_GT,
    ML_REST_GE,
    ML_REST_LIKE,
    ML_REST_ILIKE,
    ML_REST_IN,
    ML_REST_NOT_IN,
    ML_REST_IS_NULL,
    ML_REST_IS_NOT_NULL,
};

enum ml_rest_use { ML_REST_ANY_USE, ML_REST_TO_FILTER, ML_REST_TO_ORDER };

/* An attribute that a kind of thing has. */
struct ml_rest_attribute {
    const char *name;
    const char *other; /* another word for it, or NULL */
    bool is_number;
    int id; /* the caller's */
    enum ml_rest_use use;
};

/* What may be asked of a kind of thing. */
struct ml_rest_searchable {
    const struct ml_rest_attribute *attributes; /* ended by one without a name */
    bool has_metrics, has_params, has_datasets; /* tags everything has */
    bool has_lists;                             /* IN and NOT IN also of parameters and tags */
    bool has_quoted_numbers;                    /* '1' is as good as 1 */
    const char *order_key; /* what MLflow calls a key that it cannot order by; NULL: an attribute */
};

struct ml_rest_clause {
    enum ml_rest_entity entity;
    const struct ml_rest_attribute *attribute; /* of ML_REST_ATTRIBUTE */
    const char *key;                           /* else */
    enum ml_rest_operator op;
    bool is_number;
    double number;
    const char **texts; /* one, or those of a list */
    size_t n_texts;
};

struct ml_rest_filter {
    struct ml_rest_clause *clauses;
    size_t count;
};

/* `text` may be NULL. Everything lives in `arena`. INVALID_PARAMETER_VALUE says what is wrong. */
int ml_rest_filter_parse(const char *text, const struct ml_rest_searchable *what,
                         struct ml_arena *arena, struct ml_rest_filter *ret_filter) ML_MUST_USE;

struct ml_rest_order {
    enum ml_rest_entity entity;
    const struct ml_rest_attribute *attribute;
    const char *key;
    bool descending;
};
/* One word of an order_by: a key, and ASC (unless given) or DESC. Errors as above. */
int ml_rest_order_parse(const char *text, const struct ml_rest_searchable *what,
                        struct ml_arena *arena, struct ml_rest_order *ret_order) ML_MUST_USE;

/* What a thing has under a clause's key: neither is set where it has nothing. */
struct ml_rest_value {
    const char *text;
    bool is_number;
    double number;
};
/* Does it satisfy the clause? Nothing satisfies only IS NULL. */
bool ml_rest_clause_holds(const struct ml_rest_clause *clause, const struct ml_rest_value *value);
/* The order of two values: numbers by size, texts by bytes; NaN and then nothing come last whatever
 * the direction. */
int ml_rest_value_compare(const struct ml_rest_order *order, const struct ml_rest_value *a,
                          const struct ml_rest_value *b);

/* SQL's LIKE: % is any text, _ one character. */
bool ml_rest_like(const char *text, const char *pattern, bool ignore_case);

#endif
