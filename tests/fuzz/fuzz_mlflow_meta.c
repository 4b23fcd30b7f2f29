/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meta.yaml files of an MLflow store. The first byte chooses the kind of thing.
 */
#include "tests/fuzz/target.h"

#include "ingest/mlflow/meta.h"

static const char name[] = "meta.yaml";

static void check(int code)
{
    FUZZ_CHECK(code == 0 || code == MLEDGER_EINVALID);
    FUZZ_CHECK(code == 0 || strncmp(mledger_error_text(), name, sizeof name - 1) == 0);
}

static void read_tracking(struct ml_pool *pool, unsigned kind, struct ml_span span)
{
    struct ml_mlflow_experiment experiment = {0};
    struct ml_mlflow_run run = {0};
    struct ml_mlflow_logged_model model = {0};
    int code;
    if (kind == 0) {
        check(code = ml_mlflow_meta_experiment(pool, span, name, &experiment));
        FUZZ_CHECK(code || (*experiment.id && *experiment.name));
    } else if (kind == 1) {
        check(code = ml_mlflow_meta_run(pool, span, name, &run));
        FUZZ_CHECK(code || (*run.id && run.status >= 1 && run.status <= 5));
    } else {
        check(code = ml_mlflow_meta_logged_model(pool, span, name, &model));
        FUZZ_CHECK(code || *model.id);
    }
}

static void read_other(struct ml_pool *pool, unsigned kind, struct ml_span span)
{
    struct ml_mlflow_registered_model model = {0};
    struct ml_mlflow_version version = {0};
    struct ml_mlflow_dataset dataset = {0};
    struct ml_mlflow_link link = {0};
    const char *model_name = NULL;
    int code;
    if (kind == 3) {
        check(code = ml_mlflow_meta_registered_model(pool, span, name, &model));
        FUZZ_CHECK(code || *model.name);
    } else if (kind == 4) {
        check(code = ml_mlflow_meta_version(pool, span, name, &version, &model_name));
        FUZZ_CHECK(code || (*model_name && version.number > 0));
        FUZZ_CHECK(code || !version.deleted || !version.stage);
    } else if (kind == 5) {
        check(code = ml_mlflow_meta_dataset(pool, span, name, &dataset));
        FUZZ_CHECK(code || (*dataset.name && *dataset.digest));
    } else {
        check(code = ml_mlflow_meta_link(pool, span, name, &link));
        FUZZ_CHECK(code || (*link.source_type && *link.source_id));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_pool pool = {0};
    if (size == 0)
        return 0;
    const unsigned kind = *data % 7;
    if (kind < 3)
        read_tracking(&pool, kind, ML_SPAN(data + 1, size - 1));
    else
        read_other(&pool, kind, ML_SPAN(data + 1, size - 1));
    ml_pool_release(&pool);
    return 0;
}
