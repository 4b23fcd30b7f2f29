/* SPDX-License-Identifier: Apache-2.0 */
/* One large file, against `openssl dgst` on it: by SHA-256 alone; and by SHA-256 and MD5 in one
 * pass on two cores, which takes as long as the slower of the two at best. */
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

static double hash_here(const char *path, unsigned algorithms)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct ml_digests digests;
    double start = bench_seconds();
    bench_check(ml_hash_file(fd, path, algorithms, NULL, NULL, &digests));
    double seconds = bench_seconds() - start;
    close(fd);
    return seconds;
}

static double hash_by_openssl(const char *path, const char *algorithm)
{
    char command[700];
    snprintf(command, sizeof command, "openssl dgst -%s '%s' >/dev/null", algorithm, path);
    double start = bench_seconds();
    if (system(command) != 0)
        bench_check(ml_fail(MLEDGER_ESYSTEM, "openssl does not run"));
    return bench_seconds() - start;
}

static void compare(const char *path, const char *name, unsigned algorithms, const char *limit)
{
    struct bench_rounds rounds = {0};
    double before = hash_by_openssl(path, limit);
    for (int i = 0; i < ROUNDS; i++) {
        double here = hash_here(path, algorithms), after = hash_by_openssl(path, limit);
        bench_round(&rounds, MEBIBYTES / here, 2 * MEBIBYTES / (before + after));
        before = after;
    }
    bench_report(name, &rounds, "MiB/s", 0.9);
}

int main(void)
{
    const char *base = getenv("MLEDGER_BENCH_DIR");
    char path[600];
    snprintf(path, sizeof path, "%s/bench-hash.bin", base ? base : ".");
    write_file(path);
    compare(path, "SHA-256 of 1 GiB", ML_HASH_SHA256, "sha256");
    const bool md5_is_slower = hash_by_openssl(path, "md5") > hash_by_openssl(path, "sha256");
    compare(path, md5_is_slower ? "both of 1 GiB, against MD5" : "both of 1 GiB, against SHA-256",
            ML_HASH_SHA256 | ML_HASH_MD5, md5_is_slower ? "md5" : "sha256");
    unlink(path);
    return 0;
}
