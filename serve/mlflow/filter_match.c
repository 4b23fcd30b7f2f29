/* SPDX-License-Identifier: Apache-2.0 */
/* Holding values against a filter, and putting them in order. */
#include <math.h>
#include <strings.h>

#include "serve/mlflow/filter.h"

/* ---- LIKE ---- */

static char fold(char c, bool ignore_case)
{
    return ignore_case && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Behind one character of UTF-8. */
static const char *next_char(const char *text)
{
    text++;
    while ((*text & 0xc0) == 0x80)
        text++;
    return text;
}

/* When what follows the newest % does not fit, that % takes one character more: no more than
 * text times pattern steps. */
bool ml_rest_like(const char *text, const char *pattern, bool ignore_case)
{
    const char *resume = NULL, *resume_at = NULL;
    while (*text) {
        if (*pattern == '%') {
            resume = ++pattern;
            resume_at = text;
        } else if (*pattern == '_') {
            pattern++;
            text = next_char(text);
        } else if (fold(*pattern, ignore_case) == fold(*text, ignore_case)) {
            pattern++;
            text++;
        } else if (resume) {
            pattern = resume;
            resume_at = text = next_char(resume_at);
        } else {
            return false;
        }
    }
    while (*pattern == '%')
        pattern++;
    return *pattern == '\0';
}

/* ---- clauses ---- */

static bool compare_number(enum ml_rest_operator op, double value, double wanted)
{
    switch (op) {
    case ML_REST_EQ:
        return value == wanted;
    case ML_REST_NE:
        return value != wanted;
    case ML_REST_LT:
        return value < wanted;
    case ML_REST_LE:
        return value <= wanted;
    case ML_REST_GT:
        return value > wanted;
    case ML_REST_GE:
        return value >= wanted;
    default:
        return false;
    }
}

static bool is_listed(const struct ml_rest_clause *clause, const char *text)
{
    for (size_t i = 0; i < clause->n_texts; i++)
        if (strcmp(clause->texts[i], text) == 0)
            return true;
    return false;
}

static bool compare_text(const struct ml_rest_clause *clause, const char *text)
{
    switch (clause->op) {
    case ML_REST_EQ:
    case ML_REST_IN:
        return is_listed(clause, text);
    case ML_REST_NE:
    case ML_REST_NOT_IN:
        return !is_listed(clause, text);
    case ML_REST_LIKE:
    case ML_REST_ILIKE:
        return ml_rest_like(text, clause->texts[0], clause->op == ML_REST_ILIKE);
    default:
        return false;
    }
}

bool ml_rest_clause_holds(const struct ml_rest_clause *clause, const struct ml_rest_value *value)
{
    const bool is_there = value->text || value->is_number;
    if (clause->op == ML_REST_IS_NULL || clause->op == ML_REST_IS_NOT_NULL)
        return is_there == (clause->op == ML_REST_IS_NOT_NULL);
    if (clause->is_number)
        return value->is_number && compare_number(clause->op, value->number, clause->number);
    return value->text && compare_text(clause, value->text);
}

/* ---- order ---- */

/* Values, then NaN, then nothing. */
static int rank_of(const struct ml_rest_value *value)
{
    if (value->is_number)
        return isnan(value->number) ? 1 : 0;
    return value->text ? 0 : 2;
}

int ml_rest_value_compare(const struct ml_rest_order *order, const struct ml_rest_value *a,
                          const struct ml_rest_value *b)
{
    if (rank_of(a) != 0 || rank_of(b) != 0)
        return rank_of(a) - rank_of(b);
    int result;
    if (a->is_number && b->is_number)
        result = (a->number > b->number) - (a->number < b->number);
    else
        result = strcmp(a->text ? a->text : "", b->text ? b->text : "");
    return order->descending ? -result : result;
}
