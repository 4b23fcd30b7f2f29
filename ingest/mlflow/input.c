/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/input.h"

#include "ingest/mlflow/files.h"
#include "ingest/mlflow/meta.h"
#include "ingest/mlflow/place.h"

struct links {
    struct ml_mlflow_reader *reader;
    struct ml_pool *pool;
    const struct ml_mlflow_experiment *experiment; /* NULL: outputs, which have no datasets */
    struct ml_mlflow_dataset_input *inputs;
    size_t input_count;
    struct ml_mlflow_model_link *models;
    size_t model_count;
};

static bool is_type(const char *type, const char *wanted)
{
    return type && strcmp(type, wanted) == 0;
}

/* A dataset's id comes from a file, so it must not lead anywhere but into `datasets`. */
static int read_dataset(struct links *links, const struct ml_mlflow_file *link_meta, const char *id,
                        struct ml_mlflow_dataset *ret_dataset)
{
    struct ml_mlflow_dataset dataset = {.id = id};
    struct ml_mlflow_file meta;
    const char *datasets, *folder;
    if (!ml_mlflow_is_folder_name(id))
        return ml_fail(MLEDGER_EINVALID, "%s: '%.80s' is no dataset's id", link_meta->full, id);
    ML_TRY(ml_mlflow_join(links->pool, links->experiment->path, "datasets", &datasets));
    ML_TRY(ml_mlflow_join(links->pool, datasets, id, &folder));
    int code = ml_mlflow_meta_text(links->reader, links->pool, folder, &meta);
    if (code == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_EINVALID, "%s: the dataset it names is not there: %s",
                       link_meta->full, folder);
    ML_TRY(code);
    ML_TRY(ml_mlflow_meta_dataset(links->pool, meta.text, meta.full, &dataset));
    *ret_dataset = dataset;
    return MLEDGER_OK;
}

static int add_dataset(struct links *links, const struct ml_mlflow_file *meta, const char *name,
                       const struct ml_mlflow_link *link)
{
    struct ml_mlflow_dataset_input input = {.id = name, .tags = link->tags};
    ML_TRY(read_dataset(links, meta, link->source_id, &input.dataset));
    input.context = ml_mlflow_pairs_get(&input.tags, "mlflow.data.context");
    links->inputs[links->input_count++] = input;
    return MLEDGER_OK;
}

/* The model stands as source of an input, of type MODEL (MLflow 3.17) or MODEL_INPUT, and as
 * destination of a RUN_OUTPUT. */
static const char *model_of(const struct ml_mlflow_link *link)
{
    if (is_type(link->destination_type, "MODEL_OUTPUT") ||
        is_type(link->destination_type, "MODEL_INPUT"))
        return link->destination_id;
    if (is_type(link->source_type, "MODEL") || is_type(link->source_type, "MODEL_INPUT") ||
        is_type(link->source_type, "MODEL_OUTPUT"))
        return link->source_id;
    return NULL;
}

static int read_link(struct links *links, const char *folder, const char *name)
{
    struct ml_mlflow_link link = {0};
    struct ml_mlflow_file meta;
    ML_TRY(ml_mlflow_meta_text(links->reader, links->pool, folder, &meta));
    ML_TRY(ml_mlflow_meta_link(links->pool, meta.text, meta.full, &link));
    if (links->experiment && is_type(link.source_type, "DATASET"))
        return add_dataset(links, &meta, name, &link);
    const char *model = model_of(&link);
    if (!model || !*model)
        return ml_fail(MLEDGER_EINVALID, "%s: neither a dataset nor a model: '%.80s' to '%.80s'",
                       meta.full, link.source_type,
                       link.destination_type ? link.destination_type : "");
    links->models[links->model_count++] = (struct ml_mlflow_model_link){model, link.step};
    return MLEDGER_OK;
}

static int by_model(const void *a, const void *b)
{
    const struct ml_mlflow_model_link *x = a, *y = b;
    int order = strcmp(x->model_id, y->model_id);
    return order ? order : (x->step > y->step) - (x->step < y->step);
}

static int read_links(struct links *links, const struct ml_mlflow_run *run, const char *kind)
{
    struct ml_mlflow_entries folders;
    const char *parent, *folder;
    ML_TRY(ml_mlflow_join(links->pool, run->path, kind, &parent));
    ML_TRY(ml_mlflow_list_folders(links->reader, links->pool, parent, &folders));
    links->inputs = ml_pool_alloc(links->pool, folders.count, sizeof *links->inputs);
    links->models = ml_pool_alloc(links->pool, folders.count, sizeof *links->models);
    if (!links->inputs || !links->models)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < folders.count; i++) {
        ML_TRY(ml_mlflow_join(links->pool, parent, folders.items[i].name, &folder));
        int code = read_link(links, folder, folders.items[i].name);
        if (code < 0)
            ML_TRY(ml_mlflow_leave_out_thing(links->reader, folder, code));
    }
    if (links->model_count)
        qsort(links->models, links->model_count, sizeof *links->models, by_model);
    return MLEDGER_OK;
}

int ml_mlflow_inputs_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                          const struct ml_mlflow_experiment *experiment, struct ml_mlflow_run *run)
{
    struct links links = {.reader = reader, .pool = pool, .experiment = experiment};
    ML_TRY(read_links(&links, run, "inputs"));
    run->inputs = links.inputs;
    run->input_count = links.input_count;
    run->model_inputs = links.models;
    run->model_input_count = links.model_count;
    return MLEDGER_OK;
}

int ml_mlflow_outputs_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                           struct ml_mlflow_run *run)
{
    struct links links = {.reader = reader, .pool = pool};
    ML_TRY(read_links(&links, run, "outputs"));
    run->model_outputs = links.models;
    run->model_output_count = links.model_count;
    return MLEDGER_OK;
}
