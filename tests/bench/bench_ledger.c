/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Appending and verifying 100,000 realistic records, against raw Ed25519 on all cores, and
 * durable single appends from 64 threads against raw group commits of the same bytes.
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>

#include "tests/bench/bench_commits.h"
#include "verify/verify.h"

enum {
    RECORDS = 100000,
    PART = 10000, /* of them, in one round */
    BATCH = 2000,
    VERIFIES = 5,
    THREADS = 64,
    SINGLES = 3200, /* in one round */
    ROUNDS = 9,
};

static void bench_append(struct bench_ledger *bench)
{
    static struct ml_draft *drafts[PART];
    struct bench_rounds rounds = {0};
    double cpu = 0, raw_cpu = 0, before = bench_sign_rate();
    for (size_t part = 0; part < RECORDS; part += PART) {
        for (size_t i = 0; i < PART; i++)
            drafts[i] = bench_draft(part + i);
        double start = bench_seconds(), start_cpu = bench_cpu_seconds();
        for (size_t i = 0; i < PART; i += BATCH)
            bench_check(
                ml_ledger_append(bench->ledger, &bench->signer, drafts + i, BATCH, NULL, NULL));
        double seconds = bench_seconds() - start;
        cpu += bench_cpu_seconds() - start_cpu;
        double after = bench_sign_rate();
        bench_round(&rounds, PART / seconds, (before + after) / 2);
        raw_cpu += bench_raw_cpu() * PART / RECORDS;
        before = after;
        for (size_t i = 0; i < PART; i++)
            ml_draft_free(drafts[i]);
    }
    bench_report("append, batches of 2,000", &rounds, "records/s", 0.5);
    bench_report_cpu(cpu / RECORDS, raw_cpu);
}

static void bench_full(struct bench_ledger *bench)
{
    const struct ml_verify_options options = {0};
    struct ml_verify_result result;
    struct bench_rounds rounds = {0};
    double cpu = 0, raw_cpu = 0, before = bench_verify_rate();
    for (size_t i = 0; i < VERIFIES; i++) {
        double start = bench_seconds(), start_cpu = bench_cpu_seconds();
        bench_check(ml_verify(bench->ledger, &options, &result));
        double seconds = bench_seconds() - start;
        cpu += (bench_cpu_seconds() - start_cpu) / (double)result.records;
        if (result.faults)
            bench_check(ml_fail(MLEDGER_EDAMAGED, "the ledger does not verify"));
        double after = bench_verify_rate();
        raw_cpu += bench_raw_cpu();
        bench_round(&rounds, (double)result.records / seconds, (before + after) / 2);
        before = after;
    }
    bench_report("verify, full", &rounds, "records/s", 0.85);
    bench_report_cpu(cpu / VERIFIES, raw_cpu / VERIFIES);
}

static void bench_chain(struct bench_ledger *bench)
{
    const struct ml_verify_options chain = {.level = ML_VERIFY_CHAIN};
    struct ml_verify_result result;
    double best = 0;
    for (size_t i = 0; i < VERIFIES; i++) {
        double cpu = bench_cpu_seconds();
        bench_check(ml_verify(bench->ledger, &chain, &result));
        double speed = (double)result.records / (bench_cpu_seconds() - cpu) / 1e6;
        best = speed > best ? speed : best;
    }
    printf("%-34s %.2f million records/s/core (goal 0.7)\n", "verify, chain", best);
}

static void bench_verify(struct bench_ledger *bench)
{
    bench_full(bench);
    bench_chain(bench);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%-34s %ld MiB\n", "peak memory so far", usage.ru_maxrss / 1024);
}

struct single {
    struct bench_ledger *bench;
    size_t first;
};

static void *append_singles(void *context)
{
    const struct single *single = context;
    for (size_t i = 0; i < SINGLES / THREADS; i++) {
        struct ml_draft *draft;
        bench_check(ml_draft_new(&draft));
        Mledger__ModelCreated *created = ml_draft_set_kind(draft, "model_created");
        char name[64];
        snprintf(name, sizeof name, "single-%zu", single->first + i);
        created->name = ml_draft_text(draft, name);
        bench_check(
            ml_ledger_append(single->bench->ledger, &single->bench->signer, &draft, 1, NULL, NULL));
        ml_draft_free(draft);
    }
    return NULL;
}

static double run_singles(struct bench_ledger *bench, size_t round)
{
    pthread_t threads[THREADS];
    struct single singles[THREADS];
    double start = bench_seconds();
    for (size_t i = 0; i < THREADS; i++) {
        singles[i] = (struct single){bench, (round * THREADS + i) * SINGLES};
        pthread_create(&threads[i], NULL, append_singles, &singles[i]);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return SINGLES / (bench_seconds() - start);
}

static void bench_singles(struct bench_ledger *bench)
{
    struct bench_commits plain, with_signatures;
    struct bench_rounds commits = {0}, signed_commits = {0};
    bench_commits_open(&plain, bench->dir, THREADS, NULL);
    bench_commits_open(&with_signatures, bench->dir, THREADS, bench->secret);
    double cpu = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        double before = bench_commits_run(&plain, SINGLES),
               before_signed = bench_commits_run(&with_signatures, SINGLES);
        double start_cpu = bench_cpu_seconds();
        double speed = run_singles(bench, i);
        cpu += bench_cpu_seconds() - start_cpu;
        bench_round(&signed_commits, speed,
                    (before_signed + bench_commits_run(&with_signatures, SINGLES)) / 2);
        bench_round(&commits, speed, (before + bench_commits_run(&plain, SINGLES)) / 2);
    }
    bench_report("single appends, 64 threads", &commits, "records/s", 0.7);
    bench_report("  against commits with signatures", &signed_commits, "records/s", 0.7);
    (void)bench_sign_rate();
    bench_report_cpu(cpu / (ROUNDS * (double)SINGLES), bench_raw_cpu());
    bench_commits_close(&plain);
    bench_commits_close(&with_signatures);
}

/* Is this part wanted? All are, unless some are named on the command line. */
static bool wants(int argc, char **argv, const char *part)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], part) == 0)
            return true;
    return argc == 1;
}

int main(int argc, char **argv)
{
    struct bench_ledger bench;
    bench_ledger_init(&bench);
    if (wants(argc, argv, "append") || wants(argc, argv, "verify"))
        bench_append(&bench);
    if (wants(argc, argv, "verify"))
        bench_verify(&bench);
    if (wants(argc, argv, "single"))
        bench_singles(&bench);
    bench_ledger_release(&bench);
    return 0;
}
