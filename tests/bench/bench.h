/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the benchmarks share. Every figure is a ratio to a limit measured in the same run, so
 * that it means the same on any machine; the absolute numbers are printed beside it.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include "ledger/store/ledger.h"

/* A ledger in a directory of its own below MLEDGER_BENCH_DIR (or the current directory). */
struct bench_ledger {
    char dir[512];
    uint8_t secret[64];
    uint8_t log_secret[64];
    struct ml_signer signer;
    struct ml_ledger *ledger;
};
void bench_ledger_init(struct bench_ledger *bench);
void bench_ledger_release(struct bench_ledger *bench);

/* Seconds, of the wall and of all threads of this process. */
double bench_seconds(void);
double bench_cpu_seconds(void);

/* The n-th of a sequence of realistic records: experiments of runs with parameters and metrics,
 * now and then a model version, a transition, a tag. Record names begin at `first`. */
struct ml_draft *bench_draft(size_t n);
/* The same as a line of JSON, for `append FILE`. */
int bench_line(size_t n, struct ml_buf *line);

/* Appends `count` such drafts in batches of `batch`. */
void bench_fill(struct bench_ledger *bench, size_t first, size_t count, size_t batch);

/* Raw Ed25519 on all cores, of messages as long as a header: signatures or checks a second. */
double bench_sign_rate(void);
double bench_verify_rate(void);
/* The processor time of one of them, in seconds, measured on the way by the last call of these. */
double bench_raw_cpu(void);

/*
 * A measurement and its limit, taken in turns in short rounds, so that whatever else the machine
 * does falls on both. Each limit is the mean of those taken before and after the value. The ratio
 * is the median of the rounds'.
 */
enum { BENCH_ROUNDS_MAX = 64 };
struct bench_rounds {
    double value[BENCH_ROUNDS_MAX], limit[BENCH_ROUNDS_MAX];
    size_t count;
};
void bench_round(struct bench_rounds *rounds, double value, double limit);
/* "name: RATIO of the limit (goal G)", with the absolute figures of the median round. */
void bench_report(const char *name, const struct bench_rounds *rounds, const char *unit,
                  double goal);
/* Processor time of a record and of the signature in it, in seconds, and their ratio: what the one
 * above would be on a machine that does nothing else, if all cores were kept busy. */
void bench_report_cpu(double record, double signature);
/* Ends the program with the library's error when `result` is negative. */
void bench_check(int result);

#endif
