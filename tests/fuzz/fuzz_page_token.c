/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page tokens of MLflow's searches, which a client sends back as it got them, or as it likes: the
 * number of where a page begins, and that of logged models, which is JSON in base64 and holds the
 * search that it is of. An input is read as a token, and then as what base64 would hide. What is
 * read cuts a page that lies within a list, and is what the same page's token says again.
 */
#include "ledger/core/base64.h"
#include "serve/mlflow/model_token.h"
#include "serve/mlflow/search.h"
#include "tests/fuzz/target.h"

enum { TOTAL = 7, MEMORY = 1 << 24 };

static void check_result(int result)
{
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EREFUSED);
}

static void read_number(struct ml_rest_call *call, const char *token)
{
    struct ml_rest_page page;
    const int64_t most = 3;
    char *next;
    const int result = ml_rest_page(&most, TOTAL, TOTAL, token, &page);
    check_result(result);
    if (result < 0)
        return;
    FUZZ_CHECK(ml_rest_page_cut(call, &page, TOTAL, &next) == MLEDGER_OK);
    FUZZ_CHECK(page.count == 0 || page.begin + page.count <= TOTAL);
    size_t begin;
    FUZZ_CHECK(!next || (ml_rest_page_token(next, &begin) == MLEDGER_OK && begin < TOTAL &&
                         begin == page.begin + page.count));
}

static void read_model_token(struct ml_rest_call *call, Mlflow__SearchLoggedModels *request,
                             char *token)
{
    size_t begin, again;
    char *same;
    request->page_token = token;
    const int result = ml_rest_model_token_read(request, &begin);
    check_result(result);
    if (result < 0)
        return;
    FUZZ_CHECK(begin <= INT64_MAX);
    FUZZ_CHECK(ml_rest_model_token_make(call, request, begin, &same) == MLEDGER_OK);
    request->page_token = same;
    FUZZ_CHECK(ml_rest_model_token_read(request, &again) == MLEDGER_OK && again == begin);
}

/* Of two searches: one that asks for little, and one with all that a token holds. */
static void read_token(struct ml_rest_call *call, char *token)
{
    static char id[] = "0", filter[] = "metrics.auc > 0.5", field[] = "metrics.auc", name[] = "d";
    char *ids[] = {id};
    Mlflow__OrderBy order = MLFLOW__ORDER_BY__INIT, *orders[] = {&order};
    Mlflow__SearchLoggedModels plain = MLFLOW__SEARCH_LOGGED_MODELS__INIT, whole = plain;
    order.field_name = field;
    order.dataset_name = name;
    plain.n_experiment_ids = whole.n_experiment_ids = 1;
    plain.experiment_ids = whole.experiment_ids = ids;
    whole.filter = filter;
    whole.n_order_by = 1;
    whole.order_by = orders;
    read_number(call, token);
    read_model_token(call, &plain, token);
    read_model_token(call, &whole, token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf token = {0}, hidden = {0};
    struct ml_rest_call call = {0};
    if (memchr(data, '\0', size))
        return 0;
    ml_arena_init(&call.arena, MEMORY);
    FUZZ_CHECK(ml_buf_append(&token, data, size) == MLEDGER_OK);
    FUZZ_CHECK(ml_buf_append_char(&token, '\0') == MLEDGER_OK);
    FUZZ_CHECK(ml_base64_append(&hidden, data, size) == MLEDGER_OK);
    FUZZ_CHECK(ml_buf_append_char(&hidden, '\0') == MLEDGER_OK);
    read_token(&call, (char *)token.data);
    read_token(&call, (char *)hidden.data);
    ml_arena_release(&call.arena);
    return 0;
}
