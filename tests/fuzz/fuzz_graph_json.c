/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lineage's JSON, as a server may send it. What is taken for a graph is one: it is the same when
 * it is written and read again, and can be shown, and cut down to some kinds.
 */
#include "ledger/core/json.h"
#include "ledger/query/graph_contract.h"
#include "ledger/query/graph_json.h"
#include "ledger/query/graph_json_read.h"
#include "ledger/query/graph_text.h"
#include "ledger/query/json_parts.h"
#include "tests/fuzz/target.h"

static int take_line(const struct ml_graph_line *line, void *context)
{
    size_t *lines = context;
    FUZZ_CHECK(line->node && memchr(line->text, '\n', line->len) == NULL);
    (*lines)++;
    return MLEDGER_OK;
}

static void use(struct ml_graph *graph)
{
    ML_CLEANUP(ml_json_freep) json_t *json = NULL, *same = NULL;
    ML_CLEANUP(ml_graph_freep) struct ml_graph *again = NULL;
    size_t lines = 0;
    FUZZ_CHECK(ml_graph_to_json(graph, &json) == MLEDGER_OK);
    FUZZ_CHECK(ml_graph_from_json(json, &again) == MLEDGER_OK);
    FUZZ_CHECK(ml_graph_to_json(again, &same) == MLEDGER_OK);
    FUZZ_CHECK(json_equal(json, same));
    FUZZ_CHECK(ml_graph_lines(graph, take_line, &lines) == MLEDGER_OK);
    FUZZ_CHECK(ml_graph_contract(graph, 1U << ML_NODE_RUN) == MLEDGER_OK);
    FUZZ_CHECK(ml_graph_lines(graph, take_line, &lines) == MLEDGER_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_json_freep) json_t *json = NULL;
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    if (ml_json_parse((const char *)data, size, &json) < 0)
        return 0;
    const int result = ml_graph_from_json(json, &graph);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result == MLEDGER_OK)
        use(graph);
    return 0;
}
