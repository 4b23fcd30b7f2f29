/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/path_answer.h"

#include "ledger/query/graph_json.h"
#include "ledger/query/json_parts.h"
#include "ledger/query/reference.h"

static int resolve(struct ml_reader *reader, const char *text, struct ml_target *ret_target)
{
    struct ml_reference_text reference;
    ML_TRY(ml_reference_parse(text, &reference));
    return ml_reference_resolve(reader, &reference, ret_target);
}

int ml_paths_ask(struct ml_reader *reader, const struct ml_path_words *words,
                 struct ml_basis *basis, struct ml_paths *ret_paths)
{
    struct ml_target from, to;
    *ret_paths = (struct ml_paths){0};
    ML_TRY(resolve(reader, words->from, &from));
    ML_TRY(resolve(reader, words->to, &to));
    const struct ml_path_question question = {.from = &from,
                                              .to = &to,
                                              .most = words->most,
                                              .same_content = words->same_content,
                                              .inferred = words->inferred,
                                              .max_nodes = words->max_nodes};
    return ml_paths_find(reader, &question, basis, ret_paths);
}

/* ---- JSON ---- */

static int put_paths(const struct ml_paths *paths, json_t *json)
{
    json_t *list, *one;
    ML_TRY(ml_json_put_empty(json, "paths", json_array(), &list));
    for (size_t i = 0; i < paths->count; i++) {
        const struct ml_path *path = &paths->list[i];
        ML_TRY(ml_json_add_empty(list, json_array(), &one));
        for (size_t k = 0; k < path->count; k++)
            ML_TRY(ml_edge_add_json(paths->graph, &paths->graph->edges[path->edges[k]], one));
    }
    return ml_json_put(json, "more", json_boolean(paths->more));
}

int ml_paths_to_json(const struct ml_paths *paths, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    json_t *common;
    if (!json)
        return ml_fail_memory();
    ML_TRY(put_paths(paths, json));
    ML_TRY(ml_json_put_empty(json, "common", json_array(), &common));
    for (size_t i = 0; i < paths->n_common; i++)
        ML_TRY(ml_json_add(common, ml_json_text(paths->graph->nodes[paths->common[i]].id)));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
