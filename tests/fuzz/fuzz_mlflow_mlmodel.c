/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MLmodel files of MLflow.
 */
#include "tests/fuzz/target.h"

#include "ingest/mlflow/meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_pool pool = {0};
    struct ml_mlflow_mlmodel mlmodel = {0};
    int code = ml_mlflow_meta_mlmodel(&pool, ML_SPAN(data, size), "MLmodel", &mlmodel);
    FUZZ_CHECK(code == 0 || code == MLEDGER_EINVALID);
    FUZZ_CHECK(code == 0 || strncmp(mledger_error_text(), "MLmodel:", 8) == 0);
    for (size_t i = 1; code == 0 && i < mlmodel.flavor_count; i++)
        FUZZ_CHECK(strcmp(mlmodel.flavors[i - 1], mlmodel.flavors[i]) < 0);
    ml_pool_release(&pool);
    return 0;
}
