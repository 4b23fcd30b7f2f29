/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For benchmarks that are scripts:
 *
 * commit_limit DIR GROUP SIZE SECONDS: how many values of SIZE bytes are made durable in a second,
 * GROUP of them a commit. Two numbers: by one thread that does nothing else, which is the store
 * alone; and by GROUP threads, each of which signs and hashes its value as a record is and then
 * waits for the commit, which no ledger can do without.
 *
 * commit_limit LEDGER: how many bytes the newest record takes in the store.
 */
#include <pthread.h>
#include <stdio.h>

#include "ledger/core/ed25519.h"
#include "tests/bench/bench_commits.h"

enum { HEADER = 170, GROUP_MAX = 1024 }; /* bytes of a header, about */

static double store_alone(const char *dir, size_t group, size_t size, double seconds)
{
    struct bench_commits commits;
    const double start = bench_seconds();
    double count = 0;
    bench_commits_open(&commits, dir, group, NULL);
    commits.size = size;
    do {
        bench_check(bench_commits_run(&commits, group) > 0 ? MLEDGER_OK : MLEDGER_ESYSTEM);
        count += (double)group;
    } while (bench_seconds() - start < seconds);
    count /= bench_seconds() - start;
    bench_commits_close(&commits);
    return count;
}

/* ---- writers ---- */

struct writers {
    struct bench_commits commits;
    uint8_t secret[ML_ED25519_SECRET_SIZE];
    pthread_barrier_t ready, durable;
    double until;
    size_t count; /* values that are durable */
    bool is_over; /* written by the one that commits between the barriers, read by all after them */
};

struct writer {
    struct writers *all;
    pthread_t thread;
    bool commits; /* for all */
};

/* The hashes of a record: its parts, the commitment, its link, its leaf, a node of the tree. */
static int prove(const struct writers *writers)
{
    const struct ml_span value = ML_SPAN(writers->commits.value, writers->commits.size);
    const struct ml_span header = ML_SPAN(value.data, value.len < HEADER ? value.len : HEADER);
    uint8_t salt[ML_SALT_SIZE] = {0}, hash[ML_HASH_SIZE], signature[ML_SIGNATURE_SIZE];
    ML_TRY(ml_part_hash(salt, header, hash));
    ML_TRY(ml_part_hash(salt, value, hash));
    ML_TRY(ml_part_hash(salt, ML_SPAN("", 0), hash));
    ML_TRY(ml_commitment(hash, hash, hash, hash));
    ML_TRY(ml_link(header, hash));
    ML_TRY(ml_ed25519_sign(writers->secret, header, signature));
    ML_TRY(ml_leaf(signature, header, hash));
    return ml_merkle_node_hash(hash, hash, hash);
}

static void commit(struct writers *writers)
{
    const size_t group = writers->commits.group;
    bench_check(bench_commits_run(&writers->commits, group) > 0 ? MLEDGER_OK : MLEDGER_ESYSTEM);
    writers->count += group;
    writers->is_over = bench_seconds() > writers->until;
}

static void *write_on(void *context)
{
    const struct writer *writer = context;
    struct writers *writers = writer->all;
    do {
        bench_check(prove(writers));
        pthread_barrier_wait(&writers->ready);
        if (writer->commits)
            commit(writers);
        pthread_barrier_wait(&writers->durable);
    } while (!writers->is_over);
    return NULL;
}

static double by_writers(const char *dir, size_t group, size_t size, double seconds)
{
    struct writers writers = {.count = 0};
    const uint8_t seed[ML_ED25519_SEED_SIZE] = {7};
    uint8_t key[ML_KEY_SIZE];
    struct writer each[GROUP_MAX];
    const double start = bench_seconds();
    bench_check(ml_ed25519_keypair(seed, key, writers.secret));
    bench_commits_open(&writers.commits, dir, group, NULL);
    writers.commits.size = size;
    writers.until = start + seconds;
    pthread_barrier_init(&writers.ready, NULL, (unsigned)group);
    pthread_barrier_init(&writers.durable, NULL, (unsigned)group);
    for (size_t i = 0; i < group; i++) {
        each[i] = (struct writer){.all = &writers, .commits = i == 0};
        if (pthread_create(&each[i].thread, NULL, write_on, &each[i]) != 0)
            bench_check(ml_fail(MLEDGER_ESYSTEM, "cannot start %zu threads", group));
    }
    for (size_t i = 0; i < group; i++)
        pthread_join(each[i].thread, NULL);
    const double rate = (double)writers.count / (bench_seconds() - start);
    pthread_barrier_destroy(&writers.ready);
    pthread_barrier_destroy(&writers.durable);
    bench_commits_close(&writers.commits);
    return rate;
}

/* ---- a record ---- */

static size_t newest_size(const char *dir)
{
    const struct ml_ledger_options options = {.read_only = true};
    struct ml_ledger *ledger;
    struct ml_view view;
    struct ml_span bytes;
    bench_check(ml_ledger_open(dir, &options, &ledger));
    bench_check(ml_view_begin(ledger, &view));
    bench_check(ml_view_bytes(&view, view.head.size - 1, &bytes));
    const size_t size = bytes.len;
    ml_view_end(&view);
    ml_ledger_close(ledger);
    return size;
}

int main(int argc, char **argv)
{
    if (argc == 2) {
        printf("%zu\n", newest_size(argv[1]));
        return 0;
    }
    const size_t group = argc == 5 ? strtoul(argv[2], NULL, 10) : 0;
    if (group == 0 || group > GROUP_MAX)
        return 2;
    const size_t size = strtoul(argv[3], NULL, 10);
    const double seconds = strtod(argv[4], NULL);
    printf("%.0f %.0f\n", store_alone(argv[1], group, size, seconds),
           by_writers(argv[1], group, size, seconds));
    return 0;
}
