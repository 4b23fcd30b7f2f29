/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bundle_lineage.h"

#include "export/draw_lineage.h"
#include "export/drawing.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "ledger/query/graph_json.h"
#include "ledger/query/graph_restrict.h"
#include "ledger/query/lineage.h"

static bool shows(const void *scope, uint64_t seq)
{
    /* Trust records tell nothing of lineage. */
    return ml_scope_opens(scope, seq, MLEDGER__KIND__EVENT);
}

static int draw(const struct ml_head *head, const struct ml_graph *graph, const char *reference,
                struct ml_buf *svg)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf query = {0};
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing = {0};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    char time[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_time_format(head->recorded_at_us, time));
    ML_TRY(ml_buf_printf(
        &query, "lineage of %s, as an evidence bundle tells it: derived, not signed", reference));
    ML_TRY(ml_buf_append_char(&query, '\0'));
    const struct ml_draw_frame frame = {.query = (const char *)query.data,
                                        .ledger = head->name,
                                        .identity = head->identity,
                                        .head_seq = head->size - 1,
                                        .head_link = head->link,
                                        .as_of = head->size - 1,
                                        .as_of_time = time};
    ML_TRY(ml_draw_lineage(graph, &frame, &drawing));
    return ml_drawing_render(&drawing, ML_PICTURE_SVG, &limits, svg);
}

static int dump(const struct ml_graph *graph, struct ml_buf *out)
{
    json_t *lineage;
    ML_TRY(ml_graph_to_json(graph, &lineage));
    json_t *json = json_pack("{s:b, s:b, s:o}", "derived", 1, "signed", 0, "lineage", lineage);
    int result = json ? ml_json_dump(json, 0, out) : ml_fail_memory();
    json_decref(json);
    ML_TRY(result);
    return ml_buf_append_char(out, '\n');
}

int ml_bundle_lineage(struct ml_view *view, const struct ml_scope *scope, const char *reference,
                      struct ml_buf *json, struct ml_buf *svg)
{
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    struct ml_lineage_options options = ml_lineage_defaults();
    options.same_content = false; /* it joins what other records hold */
    options.inferred = false;
    ML_TRY(ml_lineage(view, reference, &options, &graph));
    ML_TRY(ml_graph_restrict(graph, shows, scope));
    ML_TRY(dump(graph, json));
    return draw(&view->head, graph, reference, svg);
}
