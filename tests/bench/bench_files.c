/* SPDX-License-Identifier: Apache-2.0 */
/* Many small files as `dataset add` hashes them, against reading them all twice. */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/manifest.h"
#include "tests/bench/bench.h"

enum { FILES = 100000, IN_FOLDER = 1000, ROUNDS = 3, SIZE = 1000 };

static void make_file(const char *path, size_t n)
{
    char content[SIZE];
    memset(content, 'a' + (int)(n % 26), sizeof content);
    snprintf(content, sizeof content, "%zu", n);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(content, 1, sizeof content, file) != sizeof content || fclose(file) != 0)
        bench_check(ml_fail(MLEDGER_ESYSTEM, "cannot write '%s'", path));
}

static void name_file(char path[700], const char *dir, size_t n)
{
    snprintf(path, 700, "%s/%03zu/%03zu", dir, n / IN_FOLDER, n % IN_FOLDER);
}

static void make_files(const char *dir)
{
    char path[700];
    for (size_t n = 0; n < FILES; n++) {
        name_file(path, dir, n);
        if (n % IN_FOLDER == 0) {
            char *slash = strrchr(path, '/');
            *slash = '\0';
            if (mkdir(path, 0755) < 0)
                bench_check(ml_fail(MLEDGER_ESYSTEM, "cannot make '%s'", path));
            *slash = '/';
        }
        make_file(path, n);
    }
}

/* One after the other, as a program would that does nothing with them. */
static void read_files(const char *dir)
{
    char path[700], piece[65536];
    for (size_t n = 0; n < FILES; n++) {
        name_file(path, dir, n);
        ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
        while (fd >= 0 && read(fd, piece, sizeof piece) > 0) {
        }
    }
}

static double time_reading(const char *dir)
{
    const double start = bench_seconds();
    read_files(dir);
    read_files(dir);
    return bench_seconds() - start;
}

static double time_hashing(const char *dir)
{
    struct ml_manifest manifest;
    const double start = bench_seconds();
    bench_check(ml_manifest_make(dir, NULL, NULL, &manifest));
    const double seconds = bench_seconds() - start;
    ml_manifest_release(&manifest);
    return seconds;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

int main(void)
{
    const char *base = getenv("MLEDGER_BENCH_DIR");
    char dir[600];
    snprintf(dir, sizeof dir, "%s/files-XXXXXX", base ? base : ".");
    if (!mkdtemp(dir))
        bench_check(ml_fail(MLEDGER_ESYSTEM, "cannot make '%s'", dir));
    make_files(dir);
    struct bench_rounds rounds = {0};
    double before = time_reading(dir);
    for (int i = 0; i < ROUNDS; i++) {
        const double here = time_hashing(dir), after = time_reading(dir);
        bench_round(&rounds, FILES / here, 2.0 * FILES / (before + after));
        before = after;
    }
    nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    bench_report("manifest of 100,000 files", &rounds, "files/s", 1.0);
    return 0;
}
