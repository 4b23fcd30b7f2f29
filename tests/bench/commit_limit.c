/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit_limit DIR GROUP SIZE SECONDS: how many values of SIZE bytes the store makes durable in a
 * second, GROUP of them a commit; for benchmarks that are scripts.
 */
#include <stdio.h>

#include "tests/bench/bench_commits.h"

int main(int argc, char **argv)
{
    struct bench_commits commits;
    if (argc != 5)
        return 2;
    const size_t group = strtoul(argv[2], NULL, 10);
    const double seconds = strtod(argv[4], NULL), start = bench_seconds();
    double count = 0;
    bench_commits_open(&commits, argv[1], group, NULL);
    commits.size = strtoul(argv[3], NULL, 10);
    do {
        bench_check(bench_commits_run(&commits, group) > 0 ? MLEDGER_OK : MLEDGER_ESYSTEM);
        count += (double)group;
    } while (bench_seconds() - start < seconds);
    printf("%.0f\n", count / (bench_seconds() - start));
    bench_commits_close(&commits);
    return 0;
}
