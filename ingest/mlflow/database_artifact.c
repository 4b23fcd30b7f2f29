/* SPDX-License-Identifier: Apache-2.0 */
/* Where the artifacts of a database's runs lie, if they lie beside it. */
#include <sys/stat.h>

#include "ingest/mlflow/artifact.h"
#include "ingest/mlflow/database_part.h"
#include "ingest/mlflow/place.h"

static int is_there(const struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *owner)
{
    struct stat status;
    const char *full;
    const char *folder = ml_pool_printf(pool, "%s/artifacts", owner);
    if (!folder)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_mlflow_full_path(reader, pool, folder, &full));
    return lstat(full, &status) == 0 && S_ISDIR(status.st_mode);
}

int ml_mlflow_database_artifacts(struct ml_mlflow_database *database, const char *experiment_id,
                                 const char *owner, struct ml_pool *pool,
                                 struct ml_mlflow_artifacts *ret_artifacts)
{
    static const char *const roots[] = {"mlruns", "mlartifacts"};
    const char *last = strrchr(owner, '/');
    *ret_artifacts = (struct ml_mlflow_artifacts){0};
    if (!ml_mlflow_is_folder_name(experiment_id) ||
        !ml_mlflow_is_folder_name(last ? last + 1 : owner))
        return MLEDGER_OK; /* such ids name no folder that MLflow made */
    for (size_t i = 0; i < ML_COUNT(roots); i++) {
        const char *folder = ml_pool_printf(pool, "%s/%s/%s", roots[i], experiment_id, owner);
        if (!folder)
            return MLEDGER_ESYSTEM;
        const int found = is_there(database->reader, pool, folder);
        if (found)
            return found < 0
                       ? found
                       : ml_mlflow_artifacts_read(database->reader, pool, folder, ret_artifacts);
    }
    return MLEDGER_OK;
}
