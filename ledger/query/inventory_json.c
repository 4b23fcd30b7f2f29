/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/inventory_json.h"

#include "ledger/query/json_parts.h"

static json_t *deployment_json(const struct ml_inventory_deployment *one)
{
    return json_pack("{s:o, s:o, s:I, s:I}", "endpoint", ml_json_text(one->endpoint), "environment",
                     ml_json_text(one->environment), "share_ppm", (json_int_t)one->share_ppm, "seq",
                     (json_int_t)one->seq);
}

static int put_validation(json_t *json, const struct ml_inventory_version *version)
{
    if (!version->validation)
        return ml_json_put(json, "validation", json_null());
    json_t *validation = ml_json_moment(version->validation_seq, version->validation_us);
    ML_TRY(ml_json_put(json, "validation", validation));
    return ml_json_put(validation, "outcome", json_string(version->validation));
}

static int put_lists(json_t *json, const struct ml_inventory_version *version)
{
    json_t *aliases, *deployments;
    ML_TRY(ml_json_put_empty(json, "aliases", json_array(), &aliases));
    for (size_t i = 0; i < version->n_aliases; i++)
        ML_TRY(ml_json_add(aliases, ml_json_text(version->aliases[i])));
    ML_TRY(put_validation(json, version));
    ML_TRY(ml_json_put_empty(json, "deployments", json_array(), &deployments));
    for (size_t i = 0; i < version->n_deployments; i++)
        ML_TRY(ml_json_add(deployments, deployment_json(&version->deployments[i])));
    return ml_json_put(json, "exceptions", ml_json_number(version->n_exceptions));
}

static int add_version(json_t *list, const struct ml_inventory_version *version)
{
    json_t *json;
    ML_TRY(ml_json_add_empty(list, json_object(), &json));
    ML_TRY(ml_json_put(json, "version", ml_json_number(version->version)));
    ML_TRY(ml_json_put(json, "stage", ml_json_text(version->stage)));
    ML_TRY(ml_json_put(json, "since", ml_json_moment(version->stage_seq, version->stage_us)));
    if (version->deleted)
        ML_TRY(ml_json_put(json, "deleted", json_true()));
    ML_TRY(ml_json_put(json, "registered",
                       ml_json_moment(version->registered_seq, version->registered_us)));
    ML_TRY(ml_json_put(json, "last", ml_json_moment(version->last_seq, version->last_us)));
    return put_lists(json, version);
}

static int put_last(json_t *json, const struct ml_inventory_model *model)
{
    json_t *last = ml_json_moment(model->last_seq, model->last_us);
    ML_TRY(ml_json_put(json, "last", last));
    return ml_json_put(last, "actor", ml_json_text(model->last_actor));
}

static int add_model(json_t *list, const struct ml_inventory_model *model)
{
    json_t *json, *versions;
    ML_TRY(ml_json_add_empty(list, json_object(), &json));
    ML_TRY(ml_json_put(json, "model", ml_json_text(model->name)));
    ML_TRY(ml_json_put(json, "seq", ml_json_number(model->seq)));
    if (model->deleted)
        ML_TRY(ml_json_put(json, "deleted", json_true()));
    ML_TRY(ml_json_put(json, "owner", ml_json_text(model->owner)));
    ML_TRY(ml_json_put(json, "owner_seq", ml_json_number(model->owner_seq)));
    ML_TRY(ml_json_put(json, "versions_registered", ml_json_number(model->n_all)));
    ML_TRY(put_last(json, model));
    ML_TRY(ml_json_put_empty(json, "versions", json_array(), &versions));
    for (size_t i = 0; i < model->n_versions; i++)
        ML_TRY(add_version(versions, &model->versions[i]));
    return MLEDGER_OK;
}

static int put_all(const struct ml_inventory *inventory, json_t *json)
{
    json_t *models;
    ML_TRY(ml_json_put_empty(json, "models", json_array(), &models));
    for (size_t i = 0; i < inventory->count; i++)
        ML_TRY(add_model(models, &inventory->models[i]));
    return ml_json_put(json, "looked_at", ml_json_number(inventory->n_looked_at));
}

int ml_inventory_to_json(const struct ml_inventory *inventory, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    ML_TRY(put_all(inventory, json));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
