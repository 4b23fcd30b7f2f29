/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of one large file, against `openssl dgst -sha256` on the same file. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/core/hash.h"
#include "tests/bench/bench.h"

enum { MEBIBYTES = 1024, ROUNDS = 3 };

static void write_file(const char *path)
{
    static uint8_t block[1 << 20];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (uint8_t)(i * 2654435761u >> 13);
    FILE *file = fopen(path, "w");
    for (int i = 0; file && i < MEBIBYTES; i++) {
        block[0] = (uint8_t)i;
        if (fwrite(block, 1, sizeof block, file) != sizeof block)
            break;
    }
    if (!file || fclose(file) != 0)
        bench_check(ml_fail(MLEDGER_ESYSTEM, "cannot write '%s'", path));
}

static double hash_here(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct ml_digests digests;
    double start = bench_seconds();
    bench_check(ml_hash_file(fd, path, ML_HASH_SHA256, NULL, NULL, &digests));
    double seconds = bench_seconds() - start;
    close(fd);
    return seconds;
}

static double hash_by_openssl(const char *path)
{
    char command[700];
    snprintf(command, sizeof command, "openssl dgst -sha256 '%s' >/dev/null", path);
    double start = bench_seconds();
    if (system(command) != 0)
        bench_check(ml_fail(MLEDGER_ESYSTEM, "openssl does not run"));
    return bench_seconds() - start;
}

int main(void)
{
    const char *base = getenv("MLEDGER_BENCH_DIR");
    char path[600];
    snprintf(path, sizeof path, "%s/bench-hash.bin", base ? base : ".");
    write_file(path);
    struct bench_rounds rounds = {0};
    double before = hash_by_openssl(path);
    for (int i = 0; i < ROUNDS; i++) {
        double here = hash_here(path), after = hash_by_openssl(path);
        bench_round(&rounds, MEBIBYTES / here, 2 * MEBIBYTES / (before + after));
        before = after;
    }
    unlink(path);
    bench_report("SHA-256 of 1 GiB", &rounds, "MiB/s", 0.9);
    return 0;
}
