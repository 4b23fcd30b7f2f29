/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The question of ledger/query/graph_path.h in a person's words, and its answer as JSON, stable:
 *
 *   {"paths": [[EDGE, …], …], "more": false, "common": ["dataset:…", …]}
 *
 * where EDGE is that of ledger/query/graph_json.h. common is what both came from, where no path
 * leads from one to the other.
 */
#ifndef ML_QUERY_PATH_ANSWER_H
#define ML_QUERY_PATH_ANSWER_H

#include <jansson.h>

#include "ledger/query/graph_path.h"

enum { ML_PATHS_DEFAULT = 100, ML_PATHS_MOST = 10000 };

struct ml_path_words {
    const char *from, *to; /* references */
    size_t most;           /* paths; 1: the shortest */
    bool same_content, inferred;
    size_t max_nodes; /* as struct ml_path_question */
};

/* Errors as ml_reference_resolve() and ml_paths_find(). */
int ml_paths_ask(struct ml_reader *reader, const struct ml_path_words *words,
                 struct ml_basis *basis, struct ml_paths *ret_paths) ML_MUST_USE;

/* A new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_paths_to_json(const struct ml_paths *paths, json_t **ret_json) ML_MUST_USE;

#endif
