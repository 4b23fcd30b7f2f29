/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metric files of an MLflow store. The first byte chooses whose metric it is. What was read
 * must come out the same when it is written again and read again.
 */
#include "tests/fuzz/target.h"

#include <math.h>

#include "ingest/mlflow/metric.h"

static int parse(struct ml_pool *pool, const void *data, size_t size, enum ml_mlflow_metric_of of,
                 struct ml_mlflow_metric *metric)
{
    char *text = ml_pool_text(pool, data, size);
    FUZZ_CHECK(text);
    return ml_mlflow_metric_parse(pool, text, size, of, "m", metric);
}

static void write_point(struct ml_buf *buf, const struct ml_mlflow_point *point)
{
    int result = ml_buf_printf(buf, "%lld %s %lld", (long long)point->timestamp_ms, point->text,
                               (long long)point->step);
    if (point->run_id)
        result |= ml_buf_printf(buf, " %s", point->run_id);
    if (point->dataset_name)
        result |= ml_buf_printf(buf, " %s %s", point->dataset_name, point->dataset_digest);
    FUZZ_CHECK(result == 0 && ml_buf_append_char(buf, '\n') == 0);
}

static void check_same(const struct ml_mlflow_metric *a, const struct ml_mlflow_metric *b)
{
    FUZZ_CHECK(a->count == b->count && b->duplicates == 0);
    for (size_t i = 0; i < a->count; i++) {
        const struct ml_mlflow_point *x = &a->points[i], *y = &b->points[i];
        FUZZ_CHECK(x->timestamp_ms == y->timestamp_ms && x->step == y->step);
        FUZZ_CHECK(x->value == y->value || (isnan(x->value) && isnan(y->value)));
        FUZZ_CHECK(!x->dataset_name == !y->dataset_name && !x->run_id == !y->run_id);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_pool pool = {0};
    struct ml_mlflow_metric metric, again;
    if (size == 0 || memchr(data, '\0', size))
        return 0; /* NUL bytes are refused before */
    const enum ml_mlflow_metric_of of =
        *data % 2 ? ML_MLFLOW_METRIC_OF_MODEL : ML_MLFLOW_METRIC_OF_RUN;
    if (parse(&pool, data + 1, size - 1, of, &metric) == 0) {
        struct ml_buf buf = {0};
        FUZZ_CHECK(metric.count > 0);
        for (size_t i = 0; i < metric.count; i++)
            write_point(&buf, &metric.points[i]);
        FUZZ_CHECK(parse(&pool, buf.data, buf.len, of, &again) == 0);
        check_same(&metric, &again);
        ml_buf_release(&buf);
    } else {
        FUZZ_CHECK(strncmp(mledger_error_text(), "m:", 2) == 0);
    }
    ml_pool_release(&pool);
    return 0;
}
