/* SPDX-License-Identifier: Apache-2.0 */
/* Registered models and their versions, from a server. */
#include "ingest/mlflow/number.h"
#include "ingest/mlflow/server_part.h"

enum { A_PAGE = 1000 };

/* ---- versions ---- */

struct versions {
    struct ml_pool *pool;
    struct ml_mlflow_registered_model *model;
    struct ml_mlflow_version *items;
    size_t count, cap;
};

static void versions_release(struct versions *versions)
{
    free(versions->items);
}

/* MLflow's filters quote by ' or by ", and know no escape. */
static int ask_versions(const struct ml_mlflow_pages *pages, const char *token, json_t **ret_answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf url = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf filter = {0};
    const struct versions *versions = pages->into;
    struct ml_mlflow_server *server = pages->asking->server;
    const char *name = versions->model->name;
    const char quote = strchr(name, '\'') ? '"' : '\'';
    if (strchr(name, quote))
        return ml_fail(MLEDGER_EINVALID, "%s: MLflow's filters cannot say its name",
                       versions->model->path);
    ML_TRY(ml_buf_printf(&filter, "name=%c%s%c", quote, name, quote));
    ML_TRY(ml_buf_append_char(&filter, '\0'));
    char max[16];
    snprintf(max, sizeof max, "%d", A_PAGE);
    ML_TRY(ml_mlflow_url_begin(server, ML_MLFLOW_API "model-versions/search", &url));
    ML_TRY(ml_url_query(&url, "filter", (const char *)filter.data));
    ML_TRY(ml_url_query(&url, "max_results", max));
    ML_TRY(ml_url_query(&url, "order_by", "version_number ASC"));
    if (token)
        ML_TRY(ml_url_query(&url, "page_token", token));
    return ml_mlflow_ask(server, &url, NULL, ret_answer);
}

static int read_version(const struct ml_mlflow_object *object, struct ml_pool *pool,
                        struct ml_mlflow_version *version)
{
    const char *number;
    ML_TRY(ml_mlflow_member_id(object, "version", pool, &number));
    if (!ml_mlflow_ordinal(number, &version->number))
        return ml_fail(MLEDGER_EINVALID, "%s: version: '%.40s' is no number of one", object->where,
                       number);
    version->path = ml_pool_printf(pool, "%s/version-%s", object->where, number);
    if (!version->path)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_mlflow_member_text(object, "current_stage", pool, &version->stage));
    if (!version->stage)
        version->stage = "None";
    ML_TRY(ml_mlflow_member_text(object, "run_id", pool, &version->run_id));
    ML_TRY(ml_mlflow_member_text(object, "model_id", pool, &version->model_id));
    ML_TRY(ml_mlflow_member_text(object, "source", pool, &version->source));
    ML_TRY(ml_mlflow_member_text(object, "status", pool, &version->status));
    ML_TRY(ml_mlflow_member_text(object, "status_message", pool, &version->status_message));
    ML_TRY(ml_mlflow_member_text(object, "description", pool, &version->description));
    ML_TRY(ml_mlflow_member_text(object, "user_id", pool, &version->user));
    ML_TRY(ml_mlflow_member_time(object, "creation_timestamp", &version->created_ms));
    ML_TRY(ml_mlflow_member_time(object, "last_updated_timestamp", &version->updated_ms));
    return ml_mlflow_member_pairs(object, "tags", pool, &version->tags);
}

static int take_version(const struct ml_mlflow_pages *pages, const json_t *item)
{
    struct versions *versions = pages->into;
    const struct ml_mlflow_object object = {item, versions->model->path};
    struct ml_mlflow_version version = {0};
    ML_TRY(ml_mlflow_room(versions->pool, 0, versions->model->path));
    const int code = read_version(&object, versions->pool, &version);
    if (code < 0)
        return ml_mlflow_leave_out(pages->asking->reader,
                                   version.path ? version.path : versions->model->path, code);
    ML_TRY(ml_grow(&versions->items, &versions->cap, versions->count + 1, sizeof version));
    versions->items[versions->count++] = version;
    return MLEDGER_OK;
}

static int by_number(const void *a, const void *b)
{
    const struct ml_mlflow_version *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static int read_versions(struct ml_mlflow_asking *asking, struct ml_pool *pool,
                         struct ml_mlflow_registered_model *model)
{
    ML_CLEANUP(versions_release) struct versions versions = {.pool = pool, .model = model};
    const struct ml_mlflow_pages pages = {.asking = asking,
                                          .list = "model_versions",
                                          .ask = ask_versions,
                                          .take = take_version,
                                          .into = &versions};
    ML_TRY(ml_mlflow_pages_take(&pages));
    ML_TRY(ml_mlflow_room(pool, versions.count * sizeof *versions.items, model->path));
    struct ml_mlflow_version *kept = ml_pool_alloc(pool, versions.count, sizeof *kept);
    if (!kept)
        return MLEDGER_ESYSTEM;
    if (versions.count) {
        memcpy(kept, versions.items, versions.count * sizeof *kept);
        qsort(kept, versions.count, sizeof *kept, by_number);
    }
    model->versions = kept;
    model->version_count = versions.count;
    return MLEDGER_OK;
}

/* ---- models ---- */

static int by_alias(const void *a, const void *b)
{
    const struct ml_mlflow_alias *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int read_aliases(const struct ml_mlflow_object *object, struct ml_pool *pool,
                        struct ml_mlflow_registered_model *model)
{
    const json_t *array;
    ML_TRY(ml_mlflow_member_array(object, "aliases", &array));
    const size_t count = json_array_size(array);
    struct ml_mlflow_alias *aliases = ml_pool_alloc(pool, count, sizeof *aliases);
    if (!aliases)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < count; i++) {
        const struct ml_mlflow_object alias = {json_array_get(array, i), object->where};
        const char *number;
        ML_TRY(ml_mlflow_member_id(&alias, "alias", pool, &aliases[i].name));
        ML_TRY(ml_mlflow_member_id(&alias, "version", pool, &number));
        if (!ml_mlflow_ordinal(number, &aliases[i].version))
            return ml_fail(MLEDGER_EINVALID, "%s: alias '%s' points to version '%.40s'",
                           object->where, aliases[i].name, number);
    }
    if (count)
        qsort(aliases, count, sizeof *aliases, by_alias);
    model->aliases = aliases;
    model->alias_count = count;
    return MLEDGER_OK;
}

static int read_model(struct ml_mlflow_asking *asking, const json_t *item, struct ml_pool *pool,
                      struct ml_mlflow_registered_model *model)
{
    struct ml_mlflow_object object = {item, "registered_models"};
    ML_TRY(ml_mlflow_member_id(&object, "name", pool, &model->name));
    model->path = ml_pool_printf(pool, "registered_models/%s", model->name);
    if (!model->path)
        return MLEDGER_ESYSTEM;
    object.where = model->path;
    ML_TRY(ml_mlflow_member_text(&object, "description", pool, &model->description));
    ML_TRY(ml_mlflow_member_time(&object, "creation_timestamp", &model->created_ms));
    ML_TRY(ml_mlflow_member_time(&object, "last_updated_timestamp", &model->updated_ms));
    ML_TRY(ml_mlflow_member_pairs(&object, "tags", pool, &model->tags));
    ML_TRY(read_aliases(&object, pool, model));
    return read_versions(asking, pool, model);
}

static int take_model(const struct ml_mlflow_pages *pages, const json_t *item)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_asking *asking = pages->asking;
    const struct ml_mlflow_visitor *visitor = asking->visitor;
    struct ml_mlflow_registered_model model = {0};
    const int code = read_model(asking, item, &pool, &model);
    if (code < 0)
        return ml_mlflow_leave_out(asking->reader, model.path ? model.path : "registered_models",
                                   code);
    return visitor->registered_model ? visitor->registered_model(visitor->context, &model)
                                     : MLEDGER_OK;
}

static int ask_models(const struct ml_mlflow_pages *pages, const char *token, json_t **ret_answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf url = {0};
    struct ml_mlflow_server *server = pages->asking->server;
    ML_TRY(ml_mlflow_url_begin(server, ML_MLFLOW_API "registered-models/search", &url));
    ML_TRY(ml_url_query(&url, "max_results", "100"));
    ML_TRY(ml_url_query(&url, "order_by", "name ASC"));
    if (token)
        ML_TRY(ml_url_query(&url, "page_token", token));
    return ml_mlflow_ask(server, &url, NULL, ret_answer);
}

int ml_mlflow_server_registry(struct ml_mlflow_asking *asking)
{
    const struct ml_mlflow_pages pages = {
        .asking = asking, .list = "registered_models", .ask = ask_models, .take = take_model};
    return ml_mlflow_pages_take(&pages);
}
