/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lineage of one version in a small ledger and in one of a million records: its cost follows the
 * size of the answer, so the two should be the same.
 */
#include <stdio.h>

#include "ledger/query/lineage.h"
#include "tests/bench/bench.h"

enum { SMALL = 10000, LARGE = 1000000, BATCH = 10000, ROUNDS = 200 };

static double measure(struct bench_ledger *bench, uint64_t version)
{
    char reference[64];
    snprintf(reference, sizeof reference, "churn/%llu", (unsigned long long)version);
    const struct ml_lineage_options options = ml_lineage_defaults();
    double start = bench_seconds();
    for (int i = 0; i < ROUNDS; i++) {
        struct ml_view view;
        struct ml_graph *graph;
        bench_check(ml_view_begin(bench->ledger, &view));
        bench_check(ml_lineage(&view, reference, &options, &graph));
        ml_graph_free(graph);
        ml_view_end(&view);
    }
    return (bench_seconds() - start) / ROUNDS * 1e6;
}

int main(void)
{
    struct bench_ledger bench;
    bench_ledger_init(&bench);
    bench_fill(&bench, 0, SMALL, BATCH);
    double small = measure(&bench, 7);
    bench_fill(&bench, SMALL, LARGE - SMALL, BATCH);
    double large = measure(&bench, 7);
    printf("lineage of one version, %d records: %.0f us (goal < 1000)\n", SMALL, small);
    printf("lineage of one version, %d records: %.0f us, %.2f times as long (goal 1)\n", LARGE,
           large, large / small);
    bench_ledger_release(&bench);
    return 0;
}
