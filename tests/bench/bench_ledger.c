/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Appending and verifying 100,000 realistic records, against raw Ed25519 on all cores, and
 * durable single appends from 64 threads against raw group commits of the same bytes.
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>

#include "tests/bench/bench.h"
#include "verify/verify.h"

enum { RECORDS = 100000, BATCH = 2000, THREADS = 64, SINGLES = 6400 };

static void bench_append(struct bench_ledger *bench, double limit)
{
    static struct ml_draft *drafts[RECORDS];
    for (size_t i = 0; i < RECORDS; i++)
        drafts[i] = bench_draft(i);
    double start = bench_seconds(), cpu = bench_cpu_seconds();
    for (size_t i = 0; i < RECORDS; i += BATCH)
        bench_check(ml_ledger_append(bench->ledger, &bench->signer, drafts + i, BATCH, NULL, NULL));
    double seconds = bench_seconds() - start;
    cpu = bench_cpu_seconds() - cpu;
    for (size_t i = 0; i < RECORDS; i++)
        ml_draft_free(drafts[i]);
    bench_report("append, batches of 2,000", RECORDS / seconds, limit, "records/s", 0.5);
    printf("%-34s %.1f us a record on one core\n", "  processor time", cpu / RECORDS * 1e6);
}

static void bench_verify(struct bench_ledger *bench, double limit)
{
    const struct ml_verify_options options = {0};
    struct ml_verify_result result;
    double start = bench_seconds();
    bench_check(ml_verify(bench->ledger, &options, &result));
    double seconds = bench_seconds() - start;
    if (result.faults)
        bench_check(ml_fail(MLEDGER_EDAMAGED, "the ledger does not verify"));
    bench_report("verify, full", (double)result.records / seconds, limit, "records/s", 0.85);
    const struct ml_verify_options chain = {.level = ML_VERIFY_CHAIN};
    double cpu = bench_cpu_seconds();
    bench_check(ml_verify(bench->ledger, &chain, &result));
    cpu = bench_cpu_seconds() - cpu;
    printf("%-34s %.2f million records/s/core (goal 0.7)\n", "verify, chain",
           (double)result.records / cpu / 1e6);
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

static double run_singles(struct bench_ledger *bench)
{
    pthread_t threads[THREADS];
    struct single singles[THREADS];
    double start = bench_seconds();
    for (size_t i = 0; i < THREADS; i++) {
        singles[i] = (struct single){bench, i * SINGLES};
        pthread_create(&threads[i], NULL, append_singles, &singles[i]);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return SINGLES / (bench_seconds() - start);
}

/* The limit for them: the store alone, a commit for every 64 values of the size of a record. */
struct raw_commit {
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

static double run_raw_commits(const char *dir)
{
    char path[600];
    snprintf(path, sizeof path, "%s-raw", dir);
    static const char *const tables[] = {"values"};
    const struct ml_kv_options options = {.tables = tables, .table_count = 1, .create = true};
    struct ml_kv *kv;
    bench_check(ml_kv_open(path, &options, &kv));
    struct raw_commit commit = {0};
    double start = bench_seconds();
    for (commit.next = 0; commit.next < SINGLES; commit.next += THREADS)
        bench_check(ml_kv_update(kv, put_group, &commit));
    double seconds = bench_seconds() - start;
    ml_kv_close(kv);
    char command[700];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    if (system(command) != 0)
        fprintf(stderr, "bench: '%s' is left behind\n", path);
    return SINGLES / seconds;
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
        bench_append(&bench, bench_sign_rate());
    if (wants(argc, argv, "verify"))
        bench_verify(&bench, bench_verify_rate());
    if (wants(argc, argv, "single"))
        bench_report("single appends, 64 threads", run_singles(&bench), run_raw_commits(bench.dir),
                     "records/s", 0.7);
    bench_ledger_release(&bench);
    return 0;
}
