/* SPDX-License-Identifier: Apache-2.0 */
/* For readers that take a path: a file in memory that holds the input. */
#ifndef FUZZ_MEMORY_FILE_H
#define FUZZ_MEMORY_FILE_H

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/target.h"

/* Path of the one file, for as long as the program runs. */
static inline const char *memory_file_path(void)
{
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("input", 0);
        FUZZ_CHECK(fd >= 0);
        snprintf(path, sizeof path, "/proc/%jd/fd/%d", (intmax_t)getpid(), fd);
    }
    return path;
}

/* Gives it this content. */
static inline void memory_file_fill(const uint8_t *data, size_t size)
{
    FUZZ_CHECK(truncate(memory_file_path(), 0) == 0);
    FILE *file = fopen(memory_file_path(), "we");
    FUZZ_CHECK(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

#endif
