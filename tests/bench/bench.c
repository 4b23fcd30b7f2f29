/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "ledger/core/ed25519.h"
#include "ledger/core/json.h"
#include "ledger/core/parallel.h"

void bench_check(int result)
{
    if (result >= 0)
        return;
    fprintf(stderr, "bench: %s\n", mledger_error_text());
    exit(1);
}

static double clock_seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double bench_seconds(void)
{
    return clock_seconds(CLOCK_MONOTONIC);
}

double bench_cpu_seconds(void)
{
    return clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static int sign(void *secret, struct ml_span message, uint8_t signature[ML_SIGNATURE_SIZE])
{
    return ml_ed25519_sign(secret, message, signature);
}

void bench_ledger_init(struct bench_ledger *bench)
{
    *bench = (struct bench_ledger){0};
    const char *base = getenv("MLEDGER_BENCH_DIR");
    snprintf(bench->dir, sizeof bench->dir, "%s/ledger-XXXXXX", base ? base : ".");
    if (!mkdtemp(bench->dir))
        bench_check(ml_fail(MLEDGER_ESYSTEM, "cannot make '%s'", bench->dir));
    uint8_t seed[32], log_key[32];
    memset(seed, 1, sizeof seed);
    bench_check(ml_ed25519_keypair(seed, bench->signer.key, bench->secret));
    memset(seed, 2, sizeof seed);
    bench_check(ml_ed25519_keypair(seed, log_key, bench->log_secret));
    bench->signer.sign = sign;
    bench->signer.context = bench->secret;
    struct ml_draft *draft;
    bench_check(ml_draft_new(&draft));
    Mledger__LedgerCreated *created = ml_draft_set_kind(draft, "ledger_created");
    static Mledger__Role roles[] = {MLEDGER__ROLE__ADMIN, MLEDGER__ROLE__RECORDER,
                                    MLEDGER__ROLE__APPROVER};
    created->name = ml_draft_text(draft, "bench");
    created->origin = ml_draft_text(draft, "example.org/bench");
    created->actor_id = ml_draft_text(draft, "bench");
    created->key = (ProtobufCBinaryData){ML_KEY_SIZE, bench->signer.key};
    created->log_key = (ProtobufCBinaryData){ML_KEY_SIZE, log_key};
    created->roles = roles;
    created->n_roles = ML_COUNT(roles);
    const struct ml_ledger_options options = {0};
    bench_check(ml_ledger_create(bench->dir, &options, draft, &bench->signer, &bench->ledger));
    ml_draft_free(draft);
}

void bench_ledger_release(struct bench_ledger *bench)
{
    ml_ledger_close(bench->ledger);
    char path[600];
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < ML_COUNT(files); i++) {
        snprintf(path, sizeof path, "%s/%s", bench->dir, files[i]);
        unlink(path);
    }
    rmdir(bench->dir);
}

enum { RUN_RECORDS = 5, MODEL_EVERY = 40 };

static int run_line(size_t run, size_t step, struct ml_buf *line)
{
    switch (step) {
    case 0:
        return ml_buf_printf(line,
                             "{\"run_started\":{\"run_id\":\"%032zx\",\"name\":\"run-%zu\","
                             "\"commit\":\"git:%040zx\"},\"details\":{\"occurred_at\":"
                             "\"2026-03-01T10:00:00Z\",\"user\":\"alice\",\"client\":\"bench\"}}",
                             run, run, run / 7);
    case 1:
        return ml_buf_printf(
            line,
            "{\"run_logged\":{\"run\":\"%032zx\",\"params\":[\"learning_rate\",\"depth\","
            "\"n_estimators\"],\"tags\":[\"team\"],\"inputs\":[{\"name\":\"churn-train\","
            "\"role\":\"training\",\"digests\":[\"sha256:%064zx\"],\"size\":14445097}]},"
            "\"details\":{\"param_values\":[\"0.%zu\",\"%zu\",\"400\"],\"tag_values\":[\"risk\"]}}",
            run, run % 50, run % 97, run % 12);
    case 2:
    case 3:
        return ml_buf_printf(
            line,
            "{\"run_logged\":{\"run\":\"%032zx\",\"metrics\":[{\"key\":\"auc\",\"step\":%zu,"
            "\"time\":\"2026-03-01T10:0%zu:00Z\"},{\"key\":\"loss\",\"step\":%zu,\"time\":"
            "\"2026-03-01T10:0%zu:00Z\"}]},\"details\":{\"metric_values\":[\"0.91%zu\","
            "\"0.08%zu\"]}}",
            run, step, step, step, step, run % 100, run % 100);
    default:
        return ml_buf_printf(line,
                             "{\"run_ended\":{\"run\":\"%032zx\",\"status\":\"finished\"},"
                             "\"details\":{\"occurred_at\":\"2026-03-01T10:09:00Z\"}}",
                             run);
    }
}

int bench_line(size_t n, struct ml_buf *line)
{
    if (n == 0)
        return ml_buf_append_text(line, "{\"model_created\":{\"name\":\"churn\"}}");
    size_t run = (n - 1) / RUN_RECORDS;
    if (n % MODEL_EVERY == 0 && (n - 1) % RUN_RECORDS == RUN_RECORDS - 1)
        return ml_buf_printf(line,
                             "{\"version_registered\":{\"model\":\"churn\",\"run_id\":\"%032zx\","
                             "\"artifacts\":[{\"path\":\"model.pkl\",\"size\":1000,\"digests\":"
                             "[\"sha256:%064zx\"]}]}}",
                             run, n);
    return run_line(run, (n - 1) % RUN_RECORDS, line);
}

struct ml_draft *bench_draft(size_t n)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
    bench_check(bench_line(n, &line));
    struct ml_draft *draft;
    bench_check(ml_draft_from_json((const char *)line.data, line.len, NULL, &draft));
    return draft;
}

void bench_fill(struct bench_ledger *bench, size_t first, size_t count, size_t batch)
{
    struct ml_draft **drafts = ml_calloc(batch, sizeof *drafts);
    for (size_t done = 0; done < count;) {
        size_t size = count - done < batch ? count - done : batch;
        for (size_t i = 0; i < size; i++)
            drafts[i] = bench_draft(first + done + i);
        bench_check(ml_ledger_append(bench->ledger, &bench->signer, drafts, size, NULL, NULL));
        for (size_t i = 0; i < size; i++)
            ml_draft_free(drafts[i]);
        done += size;
    }
    free(drafts);
}

enum { RAW = 8000, MESSAGE = 240 };

struct raw {
    uint8_t key[32], secret[64], signature[64];
    uint8_t message[MESSAGE];
};

static int sign_raw(size_t begin, size_t end, void *context)
{
    struct raw *raw = context;
    uint8_t signature[64];
    for (size_t i = begin; i < end; i++)
        ML_TRY(ml_ed25519_sign(raw->secret, ML_SPAN(raw->message, MESSAGE), signature));
    return MLEDGER_OK;
}

static int verify_raw(size_t begin, size_t end, void *context)
{
    const struct raw *raw = context;
    for (size_t i = begin; i < end; i++)
        ML_TRY(ml_ed25519_verify(ML_SPAN(raw->signature, 64), ML_SPAN(raw->message, MESSAGE),
                                 raw->key));
    return MLEDGER_OK;
}

static double raw_cpu;

static double rate(ml_parallel_fn fn, void *context)
{
    double start = bench_seconds(), cpu = bench_cpu_seconds();
    bench_check(ml_parallel_for(RAW, 16, fn, context));
    raw_cpu = (bench_cpu_seconds() - cpu) / RAW;
    return RAW / (bench_seconds() - start);
}

static struct raw make_raw(void)
{
    struct raw raw = {0};
    const uint8_t seed[32] = {7};
    bench_check(ml_ed25519_keypair(seed, raw.key, raw.secret));
    bench_check(ml_ed25519_sign(raw.secret, ML_SPAN(raw.message, MESSAGE), raw.signature));
    return raw;
}

double bench_sign_rate(void)
{
    struct raw raw = make_raw();
    return rate(sign_raw, &raw);
}

double bench_verify_rate(void)
{
    struct raw raw = make_raw();
    return rate(verify_raw, &raw);
}

double bench_raw_cpu(void)
{
    return raw_cpu;
}

void bench_round(struct bench_rounds *rounds, double value, double limit)
{
    assert(rounds->count < BENCH_ROUNDS_MAX);
    rounds->value[rounds->count] = value;
    rounds->limit[rounds->count++] = limit;
}

static double ratio(const struct bench_rounds *rounds, size_t i)
{
    return rounds->value[i] / rounds->limit[i];
}

/* The round that as many are below as above. */
static size_t median(const struct bench_rounds *rounds)
{
    for (size_t i = 0; i < rounds->count; i++) {
        size_t below = 0, equal = 0;
        for (size_t k = 0; k < rounds->count; k++) {
            below += ratio(rounds, k) < ratio(rounds, i);
            equal += ratio(rounds, k) == ratio(rounds, i);
        }
        if (below <= rounds->count / 2 && below + equal > rounds->count / 2)
            return i;
    }
    return 0;
}

void bench_report(const char *name, const struct bench_rounds *rounds, const char *unit,
                  double goal)
{
    size_t middle = median(rounds);
    double least = ratio(rounds, middle), most = least;
    for (size_t i = 0; i < rounds->count; i++) {
        least = ratio(rounds, i) < least ? ratio(rounds, i) : least;
        most = ratio(rounds, i) > most ? ratio(rounds, i) : most;
    }
    printf("%-34s %6.2f of the limit (goal %.2f; %zu rounds %.2f to %.2f): %.0f %s of %.0f\n", name,
           ratio(rounds, middle), goal, rounds->count, least, most, rounds->value[middle], unit,
           rounds->limit[middle]);
    fflush(stdout);
}

void bench_report_cpu(double record, double signature)
{
    printf("%-34s %6.2f: %.1f us a record, of which its signature is %.1f\n", "  by processor time",
           signature / record, record * 1e6, signature * 1e6);
    fflush(stdout);
}
