/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A temporary folder to write small file stores into, for the tests of ingest/mlflow.
 */
#ifndef TEST_MLFLOW_TREE_H
#define TEST_MLFLOW_TREE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static char tree_root[64]; /* of the running test */

static inline const char *tree_path(const char *path)
{
    static char full[4][5000];
    static unsigned next;
    char *text = full[next++ % 4];
    assert_true(snprintf(text, sizeof full[0], "%s/%s", tree_root, path) < (int)sizeof full[0]);
    return text;
}

/* The folder and all above it. */
static inline void tree_folder(const char *path)
{
    char part[5000];
    snprintf(part, sizeof part, "%s", tree_path(path));
    for (char *at = part + strlen(tree_root) + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        const char kept = *at;
        *at = '\0';
        assert_true(mkdir(part, 0755) == 0 || errno == EEXIST);
        *at = kept;
        if (kept == '\0')
            return;
    }
}

static inline void tree_bytes(const char *path, const void *data, size_t len)
{
    char folder[5000];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) {
        *slash = '\0';
        tree_folder(folder);
    }
    FILE *file = fopen(tree_path(path), "we");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static inline void tree_file(const char *path, const char *text)
{
    tree_bytes(path, text, strlen(text));
}

static inline void tree_link(const char *target, const char *path)
{
    assert_int_equal(symlink(target, tree_path(path)), 0);
}

static inline int tree_setup(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe): one thread */
    snprintf(tree_root, sizeof tree_root, "%.30s/mlflow-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    return mkdtemp(tree_root) ? 0 : -1;
}

static inline int tree_remove(const char *path, const struct stat *status, int flag,
                              struct FTW *ftw)
{
    (void)status, (void)flag, (void)ftw;
    return remove(path);
}

static inline int tree_teardown(void **state)
{
    (void)state;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    return nftw(tree_root, tree_remove, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
