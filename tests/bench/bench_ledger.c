/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Appending and verifying 100,000 realistic records, against raw Ed25519 on all cores, and
 * durable single appends from 64 threads against raw group commits of the same bytes.
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>

#include "ledger/core/ed25519.h"
#include "ledger/core/parallel.h"
#include "tests/bench/bench.h"
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

/* The limit for them: the store alone, a commit for every 64 values of the size of a record; if
 * `sign`, each commit is of values that were signed before, on all cores. */
struct raw_commit {
    struct ml_kv *kv;
    char path[600];
    bool sign;
    uint8_t secret[64];
    uint64_t next;
    uint8_t value[700];
};

static int put_group(struct ml_kv_txn *txn, void *context)
{
    struct raw_commit *commit = context;
    for (size_t i = 0; i < THREADS; i++) {
        struct ml_key_u64 key = ml_key_u64(commit->next + i);
        ML_TRY(ml_kv_append(txn, 0, ML_SPAN(key.bytes, 8),
                            ML_SPAN(commit->value, sizeof commit->value)));
    }
    return MLEDGER_OK;
}

static int sign_group(size_t begin, size_t end, void *context)
{
    const struct raw_commit *commit = context;
    uint8_t signature[64];
    for (size_t i = begin; i < end; i++)
        ML_TRY(ml_ed25519_sign(commit->secret, ML_SPAN(commit->value, 240), signature));
    return MLEDGER_OK;
}

static void raw_open(struct raw_commit *commit, const struct bench_ledger *bench, const char *name)
{
    static const char *const tables[] = {"values"};
    const struct ml_kv_options options = {.tables = tables, .table_count = 1, .create = true};
    *commit = (struct raw_commit){.sign = strcmp(name, "signed") == 0};
    memcpy(commit->secret, bench->secret, sizeof commit->secret);
    snprintf(commit->path, sizeof commit->path, "%s-%s", bench->dir, name);
    bench_check(ml_kv_open(commit->path, &options, &commit->kv));
}

static void raw_close(struct raw_commit *commit)
{
    char command[700];
    ml_kv_close(commit->kv);
    snprintf(command, sizeof command, "rm -rf '%s'", commit->path);
    if (system(command) != 0)
        fprintf(stderr, "bench: '%s' is left behind\n", commit->path);
}

static double run_raw_commits(struct raw_commit *commit)
{
    double start = bench_seconds();
    for (size_t done = 0; done < SINGLES; done += THREADS, commit->next += THREADS) {
        if (commit->sign)
            bench_check(ml_parallel_for(THREADS, 8, sign_group, commit));
        bench_check(ml_kv_update(commit->kv, put_group, commit));
    }
    return SINGLES / (bench_seconds() - start);
}

static void bench_singles(struct bench_ledger *bench)
{
    struct raw_commit plain, with_signatures;
    struct bench_rounds commits = {0}, signed_commits = {0};
    raw_open(&plain, bench, "plain");
    raw_open(&with_signatures, bench, "signed");
    double cpu = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        double before = run_raw_commits(&plain), before_signed = run_raw_commits(&with_signatures);
        double start_cpu = bench_cpu_seconds();
        double speed = run_singles(bench, i);
        cpu += bench_cpu_seconds() - start_cpu;
        bench_round(&signed_commits, speed,
                    (before_signed + run_raw_commits(&with_signatures)) / 2);
        bench_round(&commits, speed, (before + run_raw_commits(&plain)) / 2);
    }
    bench_report("single appends, 64 threads", &commits, "records/s", 0.7);
    bench_report("  against commits with signatures", &signed_commits, "records/s", 0.7);
    (void)bench_sign_rate();
    bench_report_cpu(cpu / (ROUNDS * (double)SINGLES), bench_raw_cpu());
    raw_close(&plain);
    raw_close(&with_signatures);
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
