/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/import_mlflow_state.h"

int ml_import_memory_new(struct ml_import_memory **ret_memory)
{
    struct ml_import_memory *memory = ml_calloc(1, sizeof *memory);
    if (!memory)
        return ml_fail_memory();
    *ret_memory = memory;
    return MLEDGER_OK;
}

void ml_import_memory_free(struct ml_import_memory *memory)
{
    if (!memory)
        return;
    ml_table_release(&memory->run_contents);
    ml_table_release(&memory->model_contents);
    ml_pool_release(&memory->pool);
    ml_mlflow_memory_release(&memory->seen);
    free(memory);
}

static void import_release(struct ml_import_mlflow *import)
{
    ml_import_batch_release(&import->batch);
    ml_mlflow_store_free(import->store);
    if (import->owns_memory)
        ml_import_memory_free(import->memory);
    ml_pool_release(&import->experiment_pool);
    free(import->runs.list);
    free(import->models_to_delete.list);
    ml_table_release(&import->models);
    ml_pool_release(&import->models_pool);
    free(import);
}

static void import_releasep(struct ml_import_mlflow **import)
{
    if (*import)
        import_release(*import);
}

/* The second visit: what is new becomes drafts. Digests are those that the first one took. */
static int record(struct ml_import_mlflow *import)
{
    const struct ml_mlflow_visitor visitor = {.context = import,
                                              .experiment = ml_import_mlflow_experiment,
                                              .run = ml_import_mlflow_run,
                                              .logged_model = ml_import_mlflow_logged_model,
                                              .registered_model = ml_import_mlflow_model};
    ML_TRY(ml_mlflow_store_visit_again(import->store, &visitor));
    ML_TRY(ml_import_mlflow_experiment_end(import));
    return ml_import_flush(&import->batch);
}

static int choose_memory(struct ml_import_mlflow *import, const struct ml_import_options *options)
{
    if (options && options->memory) {
        import->memory = options->memory;
        return MLEDGER_OK;
    }
    import->owns_memory = true;
    return ml_import_memory_new(&import->memory);
}

static int open_store(struct ml_import_mlflow *import, const char *place)
{
    static const Mledger__Source sources[] = {
        [ML_MLFLOW_STORE_FILES] = MLEDGER__SOURCE__MLFLOW_FILE_STORE,
        [ML_MLFLOW_STORE_DATABASE] = MLEDGER__SOURCE__MLFLOW_DATABASE,
        [ML_MLFLOW_STORE_SERVER] = MLEDGER__SOURCE__MLFLOW_SERVER,
    };
    const struct ml_import_options *from = &import->batch.options;
    const struct ml_mlflow_options options = {.keep_going = from->keep_going,
                                              .skip_hashing = from->skip_hashing,
                                              .visited_twice = true,
                                              .memory = import->owns_memory ? NULL
                                                                            : &import->memory->seen,
                                              .credentials = from->credentials};
    ML_TRY(ml_mlflow_store_open(place, &options, &import->store));
    import->batch.source = sources[ml_mlflow_store_kind(import->store)];
    return MLEDGER_OK;
}

int ml_import_mlflow(struct ml_ledger *ledger, const struct ml_signer *signer, const char *place,
                     const struct ml_import_options *options, struct ml_import_report *report)
{
    ML_CLEANUP(import_releasep) struct ml_import_mlflow *import = ml_calloc(1, sizeof *import);
    if (!import)
        return ml_fail_memory();
    ml_import_batch_init(&import->batch, ledger, signer, options, report,
                         MLEDGER__SOURCE__MLFLOW_FILE_STORE);
    ML_TRY(choose_memory(import, options));
    ML_TRY(open_store(import, place));
    ML_TRY(ml_import_mlflow_scan(import));
    ML_TRY(record(import));
    ml_mlflow_memory_keep(&import->memory->seen);
    return MLEDGER_OK;
}
