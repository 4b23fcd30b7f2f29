/* SPDX-License-Identifier: Apache-2.0 */
/* What a client selected of a message, as GraphQL says it. Pure; thread-safe. */
#ifndef ML_SERVE_MLFLOW_GRAPHQL_SELECT_H
#define ML_SERVE_MLFLOW_GRAPHQL_SELECT_H

#include <protobuf-c/protobuf-c.h>

#include "serve/mlflow/graphql_query.h"

/* "runUuid" becomes "run_uuid", in the arena. NULL: memory is out. */
const char *ml_graphql_snake(struct ml_arena *arena, const char *name);

/* Of `json`, the message of this type as the API shows it (NULL: it is absent), the fields that are
 * selected; a new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_graphql_select(const struct ml_graphql_field *field, const ProtobufCMessageDescriptor *type,
                      const json_t *json, struct ml_arena *arena, json_t **ret_json) ML_MUST_USE;

#endif
