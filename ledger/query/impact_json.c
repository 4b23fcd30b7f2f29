/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/impact_json.h"

#include "ledger/query/graph_json.h"
#include "ledger/query/json_parts.h"

static int put_stages(json_t *json, const struct ml_version_past *past)
{
    json_t *list, *one;
    ML_TRY(ml_json_put_empty(json, "stages", json_array(), &list));
    for (size_t i = 0; i < past->n_intervals; i++) {
        const struct ml_stage_interval *interval = &past->intervals[i];
        ML_TRY(ml_json_add_empty(list, json_object(), &one));
        ML_TRY(ml_json_put(one, "stage", ml_json_text(interval->stage)));
        ML_TRY(ml_json_put(one, "from", ml_json_moment(interval->from_seq, interval->from_us)));
        ML_TRY(ml_json_put(one, "to", ml_json_moment(interval->to_seq, interval->to_us)));
    }
    return MLEDGER_OK;
}

static int put_deployments(json_t *json, const struct ml_impact_version *version)
{
    json_t *list, *one;
    ML_TRY(ml_json_put_empty(json, "deployments", json_array(), &list));
    for (size_t i = 0; i < version->n_deployed; i++) {
        const struct ml_endpoint_interval *interval = &version->deployed[i];
        ML_TRY(ml_json_add_empty(list, json_object(), &one));
        ML_TRY(ml_json_put(one, "environment", ml_json_text(interval->environment)));
        ML_TRY(ml_json_put(one, "endpoint", ml_json_text(interval->endpoint)));
        ML_TRY(ml_json_put(one, "share_ppm", ml_json_number(interval->share_ppm)));
        ML_TRY(ml_json_put(one, "from", ml_json_moment(interval->from_seq, interval->from_us)));
        ML_TRY(ml_json_put(one, "to", ml_json_moment(interval->to_seq, interval->to_us)));
    }
    return MLEDGER_OK;
}

/* Written from its end, so turned round: the first steps are those that are left out. */
static int put_path(json_t *json, const struct ml_impact *impact, size_t node)
{
    json_t *list;
    size_t edges[ML_IMPACT_PATH_MAX], count = 0;
    ML_TRY(ml_json_put(json, "steps", ml_json_number(impact->steps[node].steps)));
    for (size_t at = node; impact->steps[at].by != SIZE_MAX && count < ML_COUNT(edges);
         at = impact->steps[at].from)
        edges[count++] = impact->steps[at].by;
    ML_TRY(ml_json_put_empty(json, "path", json_array(), &list));
    while (count-- > 0)
        ML_TRY(ml_edge_add_json(impact->graph, &impact->graph->edges[edges[count]], list));
    return MLEDGER_OK;
}

static int put_past(json_t *json, const struct ml_impact_version *version)
{
    ML_TRY(put_stages(json, &version->past));
    ML_TRY(put_deployments(json, version));
    if (version->past.deleted_seq != MLEDGER_NO_SEQ)
        ML_TRY(ml_json_put(json, "deleted_by", ml_json_number(version->past.deleted_seq)));
    if (version->approved_seq != MLEDGER_NO_SEQ)
        ML_TRY(ml_json_put(json, "approved_by", ml_json_number(version->approved_seq)));
    return MLEDGER_OK;
}

static int put_reached(json_t *json, const struct ml_impact *impact)
{
    static const char *const verdicts[] = {[ML_IMPACT_AFFECTED] = "affected",
                                           [ML_IMPACT_PERHAPS] = "may_be_affected",
                                           [ML_IMPACT_MEASURED] = "measured",
                                           [ML_IMPACT_UNAFFECTED] = "not_affected"};
    json_t *list, *one;
    ML_TRY(ml_json_put_empty(json, "versions", json_array(), &list));
    for (size_t i = 0; i < impact->n_reached; i++) {
        const struct ml_impact_version *version = &impact->reached[i];
        ML_TRY(ml_json_add_empty(list, json_object(), &one));
        ML_TRY(ml_json_put(one, "version", ml_json_text(version->name)));
        ML_TRY(ml_json_put(one, "verdict", ml_json_text(verdicts[version->verdict])));
        ML_TRY(ml_json_put(one, "by", ml_json_text(ml_edge_kind_name(version->weakest))));
        ML_TRY(put_path(one, impact, version->node));
        ML_TRY(put_past(one, version));
    }
    return MLEDGER_OK;
}

static int put_all(json_t *json, const struct ml_impact *impact)
{
    json_t *list, *one;
    ML_TRY(put_reached(json, impact));
    ML_TRY(ml_json_put_empty(json, "unaffected", json_array(), &list));
    for (size_t i = 0; i < impact->n_unaffected; i++) {
        ML_TRY(ml_json_add_empty(list, json_object(), &one));
        ML_TRY(ml_json_put(one, "version", ml_json_text(impact->unaffected[i].name)));
        ML_TRY(put_past(one, &impact->unaffected[i]));
    }
    if (impact->n_records == 0)
        return MLEDGER_OK;
    return ml_json_put(json, "records", ml_json_numbers(impact->records, impact->n_records));
}

int ml_impact_to_json(const struct ml_impact *impact, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    ML_TRY(put_all(json, impact));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
