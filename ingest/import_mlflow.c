/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/import_mlflow_state.h"

static void import_release(struct ml_import_mlflow *import)
{
    ml_import_batch_release(&import->batch);
    ml_mlflow_store_free(import->store);
    ml_table_release(&import->run_contents);
    ml_table_release(&import->model_contents);
    ml_pool_release(&import->experiment_pool);
    ml_pool_release(&import->pool);
    free(import->deletions);
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
    ML_TRY(ml_mlflow_store_visit(import->store, &visitor));
    ML_TRY(ml_import_mlflow_experiment_end(import));
    return ml_import_flush(&import->batch);
}

int ml_import_mlflow(struct ml_ledger *ledger, const struct ml_signer *signer, const char *place,
                     const struct ml_import_options *options, struct ml_import_report *report)
{
    ML_CLEANUP(import_releasep) struct ml_import_mlflow *import = ml_calloc(1, sizeof *import);
    if (!import)
        return ml_fail_memory();
    ml_import_batch_init(&import->batch, ledger, signer, options, report,
                         MLEDGER__SOURCE__MLFLOW_FILE_STORE);
    ML_TRY(ml_import_mlflow_scan(import, place));
    const struct ml_mlflow_options reading = {.keep_going = import->batch.options.keep_going,
                                              .skip_hashing = true,
                                              .credentials = import->batch.options.credentials};
    ML_TRY(ml_mlflow_store_open(place, &reading, &import->store));
    static const Mledger__Source sources[] = {
        [ML_MLFLOW_STORE_FILES] = MLEDGER__SOURCE__MLFLOW_FILE_STORE,
        [ML_MLFLOW_STORE_DATABASE] = MLEDGER__SOURCE__MLFLOW_DATABASE,
        [ML_MLFLOW_STORE_SERVER] = MLEDGER__SOURCE__MLFLOW_SERVER,
    };
    import->batch.source = sources[ml_mlflow_store_kind(import->store)];
    return record(import);
}
