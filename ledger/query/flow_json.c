/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/flow_json.h"

#include "ledger/query/json_parts.h"

static json_t *seconds_json(const struct ml_flow_figures *figures, int64_t time_us)
{
    return figures->timed > 0 ? json_integer((json_int_t)(time_us / 1000000)) : json_null();
}

static int put_figures(json_t *json, const struct ml_flow_figures *figures)
{
    ML_TRY(ml_json_put(json, "entries", ml_json_number(figures->entries)));
    ML_TRY(ml_json_put(json, "timed", ml_json_number(figures->timed)));
    ML_TRY(ml_json_put(json, "median_s", seconds_json(figures, figures->median_us)));
    ML_TRY(ml_json_put(json, "p90_s", seconds_json(figures, figures->p90_us)));
    ML_TRY(ml_json_put(json, "longest_s", seconds_json(figures, figures->longest_us)));
    ML_TRY(ml_json_put(json, "rollbacks", ml_json_number(figures->rollbacks)));
    return ml_json_put(json, "emergencies", ml_json_number(figures->emergencies));
}

static int put_marks(json_t *json, const struct ml_flow_entry *entry)
{
    if (entry->timed)
        ML_TRY(ml_json_put(
            json, "seconds",
            json_integer((json_int_t)((entry->at_us - entry->registered_us) / 1000000))));
    if (ml_flow_is_rollback(entry))
        ML_TRY(ml_json_put(json, "rollback_from",
                           json_pack("{s:I, s:I}", "version", (json_int_t)entry->passed, "seq",
                                     (json_int_t)entry->passed_seq)));
    if (entry->imported)
        ML_TRY(ml_json_put(json, "imported", json_true()));
    if (entry->emergency)
        ML_TRY(ml_json_put(json, "emergency", json_true()));
    return entry->reason ? ml_json_put(json, "reason", ml_json_text(entry->reason)) : MLEDGER_OK;
}

static int add_entry(json_t *list, const struct ml_flow_entry *entry)
{
    json_t *json;
    ML_TRY(ml_json_add_empty(list, json_object(), &json));
    ML_TRY(ml_json_put(json, "version", ml_json_number(entry->version)));
    ML_TRY(ml_json_put(json, "entered", ml_json_moment(entry->seq, entry->at_us)));
    ML_TRY(ml_json_put(json, "registered",
                       ml_json_moment(entry->registered_seq, entry->registered_us)));
    return put_marks(json, entry);
}

static int add_model(json_t *models, const struct ml_flow_model *model)
{
    json_t *json, *list;
    ML_TRY(ml_json_add_empty(models, json_object(), &json));
    ML_TRY(ml_json_put(json, "model", ml_json_text(model->name)));
    ML_TRY(ml_json_put(json, "seq", ml_json_number(model->seq)));
    ML_TRY(put_figures(json, &model->figures));
    ML_TRY(ml_json_put_empty(json, "list", json_array(), &list));
    for (size_t i = 0; i < model->n_entries; i++)
        ML_TRY(add_entry(list, &model->entries[i]));
    return MLEDGER_OK;
}

static int put_all(const struct ml_flow *flow, const char *stage, json_t *json)
{
    json_t *all, *models;
    ML_TRY(ml_json_put(json, "stage", ml_json_text(stage)));
    ML_TRY(ml_json_put_empty(json, "all", json_object(), &all));
    ML_TRY(put_figures(all, &flow->figures));
    ML_TRY(ml_json_put_empty(json, "models", json_array(), &models));
    for (size_t i = 0; i < flow->count; i++)
        ML_TRY(add_model(models, &flow->models[i]));
    return MLEDGER_OK;
}

int ml_flow_to_json(const struct ml_flow *flow, const char *stage, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    ML_TRY(put_all(flow, stage, json));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
