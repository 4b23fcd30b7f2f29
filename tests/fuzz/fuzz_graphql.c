/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queries in GraphQL. What is read keeps its limits, and written down again it reads as the same:
 * so nothing that was asked is lost or mistaken for something else.
 */
#include <jansson.h>

#include "serve/mlflow/error.h"
#include "serve/mlflow/graphql_query.h"
#include "tests/fuzz/target.h"

/* ---- writing ---- */

static void add(struct ml_buf *out, const char *text)
{
    FUZZ_CHECK(ml_buf_append_text(out, text) == MLEDGER_OK);
}

static void write_value(struct ml_buf *out, const json_t *value);

static void write_members(struct ml_buf *out, const json_t *object)
{
    const char *name;
    json_t *value;
    /* cppcheck-suppress constParameterPointer */
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        add(out, name);
        add(out, ":");
        write_value(out, value);
        add(out, " ");
    }
}

static void write_value(struct ml_buf *out, const json_t *value)
{
    if (json_is_object(value)) {
        add(out, "{");
        write_members(out, value);
        add(out, "}");
    } else if (json_is_array(value)) {
        add(out, "[");
        for (size_t i = 0; i < json_array_size(value); i++) {
            write_value(out, json_array_get(value, i));
            add(out, " ");
        }
        add(out, "]");
    } else {
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        FUZZ_CHECK(text != NULL);
        add(out, text);
        free(text);
    }
}

static void write_field(struct ml_buf *out, const struct ml_graphql_field *field, unsigned depth)
{
    FUZZ_CHECK(depth <= ML_GRAPHQL_DEPTH);
    for (size_t i = 0; i < field->n_fields; i++) {
        const struct ml_graphql_field *one = &field->fields[i];
        FUZZ_CHECK(ml_graphql_field_find(field, one->key) == one);
        add(out, i == 0 ? "{" : " ");
        add(out, one->key);
        add(out, ":");
        add(out, one->name);
        if (json_object_size(one->arguments) > 0) {
            add(out, "(");
            write_members(out, one->arguments);
            add(out, ")");
        }
        write_field(out, one, depth + 1);
    }
    if (field->n_fields > 0)
        add(out, "}");
}

static void write_query(const struct ml_graphql_query *query, struct ml_buf *out)
{
    FUZZ_CHECK(query->root.n_fields > 0 && query->root.n_fields <= ML_GRAPHQL_ROOTS);
    write_field(out, &query->root, 0);
    FUZZ_CHECK(ml_buf_append_char(out, '\0') == MLEDGER_OK);
}

/* ---- reading ---- */

static void read_again(const struct ml_buf *written)
{
    struct ml_graphql_query query;
    struct ml_buf again = {0};
    FUZZ_CHECK(ml_graphql_read((const char *)written->data, NULL, NULL, &query) == MLEDGER_OK);
    write_query(&query, &again);
    FUZZ_CHECK(ml_span_equal(ml_buf_span(written), ml_buf_span(&again)));
    ml_buf_release(&again);
    ml_graphql_query_release(&query);
}

static void run(const char *text, const json_t *variables)
{
    struct ml_graphql_query query;
    struct ml_buf written = {0};
    const int result = ml_graphql_read(text, NULL, variables, &query);
    FUZZ_CHECK(result == MLEDGER_OK ||
               (result == MLEDGER_EREFUSED && ml_rest_error(result).status == 400));
    if (result == MLEDGER_OK) {
        write_query(&query, &written);
        read_again(&written);
    }
    ml_buf_release(&written);
    ml_graphql_query_release(&query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    json_t *variables = json_pack("{s:{s:s, s:[i, n]}}", "data", "runId", "r", "list", 1);
    FUZZ_CHECK(text != NULL && variables != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    run(text, NULL);
    run(text, variables);
    json_decref(variables);
    free(text);
    return 0;
}
