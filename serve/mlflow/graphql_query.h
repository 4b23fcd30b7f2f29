/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queries in GraphQL, as MLflow's web UI sends them (GraphQL, October 2021, section 2): one
 * operation is read out of a document, with its variables put in. What the UI never sends is
 * refused by name and not guessed at: fragments, directives on fields, block strings,
 * subscriptions. Debian has no parser of GraphQL in C.
 *
 * Types are not checked here: an argument is what JSON says of it, and the message that it becomes
 * checks it.
 */
#ifndef ML_SERVE_MLFLOW_GRAPHQL_QUERY_H
#define ML_SERVE_MLFLOW_GRAPHQL_QUERY_H

#include <jansson.h>

#include "ledger/core/arena.h"

enum {
    ML_GRAPHQL_DEPTH = 16,    /* fields, values and types in one another */
    ML_GRAPHQL_FIELDS = 1000, /* of a document */
    ML_GRAPHQL_ROOTS = 10,    /* of an operation */
};

/* Lives as long as its query, with all that it points to. */
struct ml_graphql_field {
    const char *name;
    const char *key;         /* what it is called in the answer: by its alias, or its name */
    const json_t *arguments; /* an object */
    const struct ml_graphql_field *fields; /* what is wanted of it; NULL: it is a value */
    size_t n_fields;
};

struct ml_graphql_query {
    struct ml_arena arena;
    json_t *kept; /* the arguments */
    struct ml_graphql_field root;
};

/*
 * Reads the operation by this name ("" or NULL: the document has one). `variables` is a JSON object
 * or NULL; one that the operation does not declare means nothing, one that is declared and not
 * given has its default, or is null. A failure is BAD_REQUEST and names character and fault;
 * MLEDGER_ESYSTEM: memory is out. The query is to be released in any case.
 */
int ml_graphql_read(const char *text, const char *operation, const json_t *variables,
                    struct ml_graphql_query *ret_query) ML_MUST_USE;
void ml_graphql_query_release(struct ml_graphql_query *query);

/* The field that the answer calls `key`; NULL: it is not wanted. */
const struct ml_graphql_field *ml_graphql_field_find(const struct ml_graphql_field *field,
                                                     const char *key);

#endif
