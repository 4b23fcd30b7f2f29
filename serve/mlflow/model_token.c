/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/model_token.h"

#include <jansson.h>

#include "ledger/core/base64.h"
#include "ledger/core/json.h"

enum { TOKEN_MAX = 1 << 20 }; /* characters: the filter is in it */

/* ---- the search that a token is of ---- */

static json_t *text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static json_t *experiments_of(const Mlflow__SearchLoggedModels *request)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < request->n_experiment_ids; i++)
        if (json_array_append_new(list, json_string(request->experiment_ids[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *order_of(const Mlflow__OrderBy *order)
{
    return json_pack("{s:s, s:b, s:o, s:o}", "field_name", order->field_name, "ascending",
                     !order->has_ascending || order->ascending, "dataset_name",
                     text_or_null(order->dataset_name), "dataset_digest",
                     text_or_null(order->dataset_digest));
}

static json_t *orders_of(const Mlflow__SearchLoggedModels *request)
{
    if (request->n_order_by == 0)
        return json_null();
    json_t *list = json_array();
    for (size_t i = 0; list && i < request->n_order_by; i++)
        if (json_array_append_new(list, order_of(request->order_by[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

/* ---- reading ---- */

static int parse(const char *token, json_t **ret_json)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const size_t len = strlen(token);
    if (len > TOKEN_MAX || ml_base64_append_decoded(&text, token, len) < 0 ||
        ml_json_parse((const char *)text.data, text.len, ret_json) < 0 ||
        !json_is_object(*ret_json))
        return ml_rest_refuse(ML_REST_INVALID, "Invalid page token: %.128s", token);
    return MLEDGER_OK;
}

/* `expected` is taken over. */
static int check_part(const json_t *token, const char *key, json_t *expected, const char *what)
{
    ML_CLEANUP(json_decrefp) json_t *wanted = expected;
    const json_t *found = json_object_get(token, key);
    if (!wanted)
        return ml_fail_memory();
    if (json_equal(found, wanted) || (!found && json_is_null(wanted)))
        return MLEDGER_OK;
    ML_CLEANUP(ml_freep) char *one = json_dumps(wanted, JSON_ENCODE_ANY);
    ML_CLEANUP(ml_freep) char *other = found ? json_dumps(found, JSON_ENCODE_ANY) : NULL;
    return ml_rest_refuse(ML_REST_INVALID,
                          "%s in the page token %s not match the requested %s. Expected: %.256s. "
                          "Found: %.256s",
                          what, strcmp(key, "experiment_ids") == 0 ? "do" : "does", what,
                          one ? one : "", other ? other : "None");
}

int ml_rest_model_token_read(const Mlflow__SearchLoggedModels *request, size_t *ret_begin)
{
    ML_CLEANUP(json_decrefp) json_t *token = NULL;
    *ret_begin = 0;
    if (!request->page_token || !*request->page_token)
        return MLEDGER_OK;
    ML_TRY(parse(request->page_token, &token));
    ML_TRY(check_part(token, "experiment_ids", experiments_of(request), "Experiment IDs"));
    ML_TRY(check_part(token, "filter_string", text_or_null(request->filter), "Filter string"));
    ML_TRY(check_part(token, "order_by", orders_of(request), "Order by"));
    const json_int_t offset = json_integer_value(json_object_get(token, "offset"));
    if (offset < 0)
        return ml_rest_refuse(ML_REST_INVALID, "Invalid page token: %.128s", request->page_token);
    *ret_begin = (size_t)offset;
    return MLEDGER_OK;
}

/* ---- making ---- */

int ml_rest_model_token_make(struct ml_rest_call *call, const Mlflow__SearchLoggedModels *request,
                             size_t begin, char **ret_token)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_CLEANUP(json_decrefp)
    json_t *token = json_pack("{s:o, s:o, s:o, s:I}", "experiment_ids", experiments_of(request),
                              "filter_string", text_or_null(request->filter), "order_by",
                              orders_of(request), "offset", (json_int_t)begin);
    ML_CLEANUP(ml_freep) char *json = token ? json_dumps(token, JSON_ENSURE_ASCII) : NULL;
    if (!json)
        return ml_fail_memory();
    ML_TRY(ml_base64_append(&text, json, strlen(json)));
    *ret_token = ml_arena_text(&call->arena, (const char *)text.data, text.len);
    return *ret_token ? MLEDGER_OK : ml_arena_fail(&call->arena, "the answer");
}
