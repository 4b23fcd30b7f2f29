/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lineage, as JSON and as a picture. Both may cost much, so few are at work at once; a picture is
 * drawn in a child process with limits of its own (export/draw_child.h), and no view of the ledger
 * is open while it is.
 */
#include "ledger/query/lineage.h"

#include "export/draw_lineage.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "ledger/query/basis_json.h"
#include "ledger/query/graph_json.h"
#include "serve/ledger_api/accept.h"
#include "serve/ledger_api/problem.h"
#include "serve/ledger_api/question.h"
#include "serve/ledger_api/route.h"

enum { DRAWING_DEADLINE_MS = 20000 };

static const char svg[] = "image/svg+xml";

static int choose_format(const struct ml_api_call *call, const char *format, bool *ret_picture)
{
    static const char *const types[] = {"application/json", svg, NULL};
    size_t type = 0;
    if (!format)
        ML_TRY(ml_api_accept(call->http, types, &type));
    else if (strcmp(format, "svg") == 0)
        type = 1;
    else if (strcmp(format, "json") != 0)
        return ml_fail(MLEDGER_EINVALID, "'format' is json or svg");
    *ret_picture = type == 1;
    return MLEDGER_OK;
}

/* ---- JSON ---- */

static int answer_graph(struct ml_api_call *call, const struct ml_graph *graph,
                        const struct ml_instant *instant)
{
    ML_CLEANUP(ml_reader_release) struct ml_reader reader;
    ML_CLEANUP(ml_basis_release) struct ml_basis basis = {0};
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    json_t *object;
    ml_reader_init(&reader, &call->view, instant->seq);
    ML_TRY(ml_basis_add_graph(&basis, graph));
    ML_TRY(ml_basis_correct(&basis, &reader, instant));
    ML_TRY(ml_graph_to_json(graph, &json));
    ML_TRY(ml_basis_to_json(&basis, &call->view, instant->seq, call->service->options.known_dir,
                            &object));
    ML_TRY(ml_json_put(json, "basis", object));
    return ml_api_answer_json(call, json);
}

/* ---- the picture ---- */

static int frame_drawing(struct ml_api_call *call, const struct ml_graph *graph, const char *ref,
                         uint64_t as_of, struct ml_drawing *ret_drawing)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf query = {0};
    const struct ml_head *head = &call->view.head;
    char time[ML_TIME_TEXT_SIZE];
    struct ml_record record;
    ML_TRY(ml_api_record(call, as_of, &record));
    ML_TRY(ml_time_format(record.header->recorded_at, time));
    ML_TRY(ml_buf_printf(&query, "%s %s", graph->up ? "lineage of" : "what came of", ref));
    ML_TRY(ml_buf_append_char(&query, '\0'));
    const struct ml_draw_frame frame = {.query = (const char *)query.data,
                                        .ledger = head->name,
                                        .identity = head->identity,
                                        .head_seq = head->size - 1,
                                        .head_link = head->link,
                                        .as_of = as_of,
                                        .as_of_time = time};
    return ml_draw_lineage(graph, &frame, ret_drawing);
}

static int answer_picture(struct ml_api_call *call, const struct ml_graph *graph,
                          const MledgerApi__AskLineage *request, uint64_t as_of)
{
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf picture = {0};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    limits.deadline_ms = DRAWING_DEADLINE_MS;
    if (request->has_max_nodes)
        limits.max_nodes = request->max_nodes;
    ML_TRY(frame_drawing(call, graph, request->ref, as_of, &drawing));
    ml_api_view_end(call);
    if (ml_drawing_render(&drawing, ML_PICTURE_SVG, &limits, &picture) < 0) {
        if (mledger_error_code() != MLEDGER_ESYSTEM)
            return ml_failed();
        struct ml_error error;
        ml_error_get(&error);
        return ml_api_refuse(ML_API_BUSY, "it could not be drawn: %s", error.text);
    }
    return ml_api_answer_bytes(call, svg, &picture);
}

/* ---- both ---- */

static int answer(struct ml_api_call *call, const MledgerApi__AskLineage *request, bool picture)
{
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_instant instant;
    ML_TRY(ml_api_view(call));
    ML_TRY(ml_api_moment(call, request->as_of, &instant));
    options.as_of = instant.seq;
    options.down = request->down;
    options.up = request->up || !request->down;
    options.depth = request->depth;
    options.same_content = request->same_content;
    options.inferred = request->inferred;
    options.max_nodes = picture ? 0 : request->max_nodes;
    if (options.max_nodes > ML_LINEAGE_NODES_DEFAULT)
        return ml_fail(MLEDGER_EINVALID, "'max_nodes' is at most %zu", ML_LINEAGE_NODES_DEFAULT);
    ML_TRY(ml_lineage(&call->view, request->ref, &options, &graph));
    return picture ? answer_picture(call, graph, request, options.as_of)
                   : answer_graph(call, graph, &instant);
}

int ml_api_lineage(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskLineage *request = message;
    bool picture;
    ML_TRY(choose_format(call, request->format, &picture));
    ML_TRY(ml_api_enter(call->service, picture));
    const int result = answer(call, request, picture);
    ml_api_leave(call->service, picture);
    ML_TRY(result);
    ml_server_reply_header(call->reply, "Vary", "Accept");
    return MLEDGER_OK;
}
