/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `mledger append FILE` with 100,000 realistic lines of JSON, a fifth of them a time, from starting
 * the program to its end, against raw Ed25519 on all cores. MLEDGER is the program.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/bench/bench.h"

enum { LINES = 100000, ROUNDS = 5 };

/* Of the programs that have run, in seconds. */
static double children_cpu(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void run(const char *format, const char *dir)
{
    char command[4096];
    const char *program = getenv("MLEDGER");
    snprintf(
        command, sizeof command,
        "export HOME='%s' XDG_CONFIG_HOME='%s/c' XDG_STATE_HOME='%s/s'; '%s' --ledger '%s/l' %s "
        ">/dev/null",
        dir, dir, dir, program ? program : "mledger", dir, format);
    if (system(command) != 0)
        bench_check(ml_fail(MLEDGER_ESYSTEM, "this did not work: %s", command));
}

/* Those of one round; the records of a run stand in one. */
static void write_lines(const char *path, size_t round)
{
    FILE *file = fopen(path, "w");
    for (size_t i = 0; file && i < LINES / ROUNDS; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
        bench_check(bench_line(round * (LINES / ROUNDS) + i, &line));
        fprintf(file, "%.*s\n", (int)line.len, (const char *)line.data);
    }
    if (!file || fclose(file) != 0)
        bench_check(ml_fail(MLEDGER_ESYSTEM, "cannot write '%s'", path));
}

int main(void)
{
    const char *base = getenv("MLEDGER_BENCH_DIR");
    char dir[512], path[600], command[700];
    snprintf(dir, sizeof dir, "%s/file-XXXXXX", base ? base : ".");
    if (!mkdtemp(dir))
        bench_check(ml_fail(MLEDGER_ESYSTEM, "cannot make '%s'", dir));
    snprintf(path, sizeof path, "%s/lines.jsonl", dir);
    run("init --name bench --no-passphrase", dir);
    snprintf(command, sizeof command, "append '%s'", path);
    struct bench_rounds rounds = {0};
    double raw_cpu = 0, start_cpu = children_cpu(), before = bench_sign_rate();
    for (size_t i = 0; i < ROUNDS; i++) {
        write_lines(path, i);
        double start = bench_seconds();
        run(command, dir);
        double seconds = bench_seconds() - start, after = bench_sign_rate();
        bench_round(&rounds, (double)LINES / ROUNDS / seconds, (before + after) / 2);
        before = after;
        raw_cpu += bench_raw_cpu() / ROUNDS;
    }
    bench_report("append FILE", &rounds, "records/s", 0.5);
    bench_report_cpu((children_cpu() - start_cpu) / LINES, raw_cpu);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command) == 0 ? 0 : 1;
}
