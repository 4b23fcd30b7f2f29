/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bench_commits.h"

#include <stdio.h>

#include "ledger/core/ed25519.h"
#include "ledger/core/parallel.h"

enum { VALUE_MAX = 1 << 20, SIGNED = 240, SIGN_AT_ONCE = 8 };

void bench_commits_open(struct bench_commits *commits, const char *dir, size_t group,
                        const uint8_t *secret)
{
    static const char *const tables[] = {"values"};
    const struct ml_kv_options options = {.tables = tables, .table_count = 1, .create = true};
    *commits = (struct bench_commits){.group = group,
                                      .size = BENCH_VALUE_SIZE,
                                      .secret = secret,
                                      .value = ml_calloc(1, VALUE_MAX)};
    if (!commits->value)
        bench_check(ml_fail_memory());
    snprintf(commits->path, sizeof commits->path, "%s-%s", dir, secret ? "signed" : "plain");
    bench_check(ml_kv_open(commits->path, &options, &commits->kv));
}

void bench_commits_close(struct bench_commits *commits)
{
    char command[700];
    ml_kv_close(commits->kv);
    free(commits->value);
    snprintf(command, sizeof command, "rm -rf '%s'", commits->path);
    if (system(command) != 0)
        fprintf(stderr, "bench: '%s' is left behind\n", commits->path);
}

static int put_group(struct ml_kv_txn *txn, void *context)
{
    const struct bench_commits *commits = context;
    for (size_t i = 0; i < commits->group; i++) {
        struct ml_key_u64 key = ml_key_u64(commits->next + i);
        ML_TRY(ml_kv_append(txn, 0, ML_SPAN(key.bytes, 8), ML_SPAN(commits->value, commits->size)));
    }
    return MLEDGER_OK;
}

static int sign_group(size_t begin, size_t end, void *context)
{
    const struct bench_commits *commits = context;
    uint8_t signature[64];
    for (size_t i = begin; i < end; i++)
        ML_TRY(ml_ed25519_sign(commits->secret, ML_SPAN(commits->value, SIGNED), signature));
    return MLEDGER_OK;
}

double bench_commits_run(struct bench_commits *commits, size_t count)
{
    double start = bench_seconds();
    size_t done = 0;
    for (; done < count; done += commits->group, commits->next += commits->group) {
        if (commits->secret)
            bench_check(ml_parallel_for(commits->group, SIGN_AT_ONCE, sign_group, commits));
        bench_check(ml_kv_update(commits->kv, put_group, commits));
    }
    return (double)done / (bench_seconds() - start);
}
