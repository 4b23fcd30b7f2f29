/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over files, and over the files in folders, without libFuzzer: seeds and
 * finds are replayed by any compiler. Each file is also tried cut off at every length up to 4 KiB
 * and with each of those bytes changed, so that the seeds alone already reach the error paths.
 */
#include "tests/fuzz/target.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define VARIED_MAX ((size_t)4096)
#define FILE_MAX_BYTES ((size_t)16 << 20)

/* In memory of exactly its size, so that a sanitizer sees a read past the end. */
static void run_exact(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_varied(uint8_t *data, size_t size)
{
    run_exact(data, size);
    const size_t varied = size < VARIED_MAX ? size : VARIED_MAX;
    for (size_t i = 0; i < varied; i++) {
        run_exact(data, i);
        const uint8_t kept = data[i];
        data[i] = (uint8_t)(kept ^ (1u << (i % 8)));
        run_exact(data, size);
        data[i] = kept;
    }
}

static int fail(const char *path)
{
    perror(path);
    return -1;
}

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return fail(path);
    uint8_t *data = malloc(FILE_MAX_BYTES);
    if (!data) {
        fclose(file);
        return fail(path);
    }
    size_t size = fread(data, 1, FILE_MAX_BYTES, file);
    int broken = ferror(file);
    fclose(file);
    if (!broken)
        run_varied(data, size);
    free(data);
    return broken ? fail(path) : 1;
}

static int run_path(const char *path);

static int run_folder(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return fail(path);
    int files = 0, found = 0;
    const struct dirent *entry;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    while (found >= 0 && (entry = readdir(dir))) {
        char inside[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        found = run_path(inside);
        files += found;
    }
    closedir(dir);
    return found < 0 ? -1 : files;
}

/* Number of files run, or -1. */
static int run_path(const char *path)
{
    struct stat status;
    if (stat(path, &status))
        return fail(path);
    return S_ISDIR(status.st_mode) ? run_folder(path) : run_file(path);
}

int main(int argc, char **argv)
{
    int files = 0;
    for (int i = 1; i < argc; i++) {
        int found = run_path(argv[i]);
        if (found < 0)
            return EXIT_FAILURE;
        files += found;
    }
    printf("%d files\n", files);
    return files ? EXIT_SUCCESS : EXIT_FAILURE;
}
