/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of a full verify, at the default limit: its own pages (anonymous, so without the store's
 * file that it maps), at ten times the records about the same.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "verify/verify.h"

enum { SMALL = 50000, LARGE = 500000, BATCH = 5000 };

static long own_kib(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    long kib = 0;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "RssAnon:", 8) == 0)
            kib = strtol(line + 8, NULL, 10);
    if (file)
        fclose(file);
    return kib;
}

static int sample(uint64_t done, uint64_t total, void *context)
{
    (void)done;
    (void)total;
    long *peak = context;
    long now = own_kib();
    *peak = now > *peak ? now : *peak;
    return 0;
}

/* Filled in a child, whose memory does not count. */
static void measure(size_t records)
{
    struct bench_ledger bench;
    bench_ledger_init(&bench);
    ml_ledger_close(bench.ledger);
    pid_t child = fork();
    const struct ml_ledger_options options = {0};
    if (child == 0) {
        bench_check(ml_ledger_open(bench.dir, &options, &bench.ledger));
        bench_fill(&bench, 0, records, BATCH);
        ml_ledger_close(bench.ledger);
        _exit(0);
    }
    int status;
    if (waitpid(child, &status, 0) < 0 || status != 0)
        bench_check(ml_fail(MLEDGER_ESYSTEM, "the ledger could not be filled"));
    bench_check(ml_ledger_open(bench.dir, &options, &bench.ledger));
    long peak = 0;
    const struct ml_verify_options verify = {.progress = sample, .progress_context = &peak};
    struct ml_verify_result result;
    bench_check(ml_verify(bench.ledger, &verify, &result));
    printf("verify of %zu records: %ld MiB of its own at the peak, %llu faults\n", records,
           peak / 1024, (unsigned long long)result.faults);
    bench_ledger_release(&bench);
}

int main(void)
{
    measure(SMALL);
    measure(LARGE);
    return 0;
}
