/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/dvc/ignore.h"

#include <fnmatch.h>

struct ml_dvc_pattern {
    const char *dir;  /* of the .dvcignore; "" for the root */
    const char *glob; /* without leading '/', '!' and trailing '/' */
    bool is_negative, dirs_only, is_anchored;
};

void ml_dvc_ignore_release(struct ml_dvc_ignore *ignore)
{
    free(ignore->patterns);
    *ignore = (struct ml_dvc_ignore){0};
}

static int add_line(struct ml_dvc_ignore *ignore, struct ml_pool *pool, const char *dir,
                    const char *line, size_t len)
{
    struct ml_dvc_pattern pattern = {.dir = dir};
    while (len > 0 && strchr(" \t\r", line[len - 1]) && (len < 2 || line[len - 2] != '\\'))
        len--;
    if (len == 0 || line[0] == '#')
        return 0;
    pattern.is_negative = line[0] == '!';
    line += pattern.is_negative;
    len -= pattern.is_negative;
    pattern.dirs_only = len > 0 && line[len - 1] == '/';
    len -= pattern.dirs_only;
    pattern.is_anchored = len > 0 && memchr(line, '/', len) != NULL;
    if (len > 0 && line[0] == '/') {
        line++;
        len--;
    }
    if (len == 0)
        return 0;
    pattern.glob = ml_pool_text(pool, line, len);
    if (!pattern.glob)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_grow(&ignore->patterns, &ignore->cap, ignore->count + 1, sizeof(pattern)));
    ignore->patterns[ignore->count++] = pattern;
    return 0;
}

int ml_dvc_ignore_add(struct ml_dvc_ignore *ignore, struct ml_pool *pool, const char *dir,
                      const char *text)
{
    const char *base = strcmp(dir, ".") == 0 ? "" : ml_pool_text(pool, dir, strlen(dir));
    if (!base)
        return MLEDGER_ESYSTEM;
    while (*text) {
        const size_t len = strcspn(text, "\n");
        ML_TRY(add_line(ignore, pool, base, text, len));
        text += len + (text[len] == '\n');
    }
    return 0;
}

/* One name of a path against one of a pattern, which ends at '/' or NUL. */
static bool name_matches(const char *glob, size_t glob_len, const char *name, size_t name_len)
{
    char pattern[256], text[256];
    if (glob_len >= sizeof(pattern) || name_len >= sizeof(text))
        return false;
    memcpy(pattern, glob, glob_len);
    memcpy(text, name, name_len);
    pattern[glob_len] = '\0';
    text[name_len] = '\0';
    return fnmatch(pattern, text, 0) == 0;
}

/* Tries at all "**" in one pattern; more than real ones need. */
#define GLOB_STEPS_MAX 10000

/* Name by name; "**" stands for any number of names. */
static bool path_matches(const char *glob, const char *path, unsigned *steps)
{
    while (*glob) {
        if (++*steps > GLOB_STEPS_MAX)
            return false;
        const size_t glob_len = strcspn(glob, "/");
        const char *next = glob + glob_len + (glob[glob_len] == '/');
        if (glob_len == 2 && memcmp(glob, "**", 2) == 0) {
            if (*next == '\0')
                return *path != '\0';
            for (;;) {
                if (path_matches(next, path, steps))
                    return true;
                path += strcspn(path, "/");
                if (*path == '\0')
                    return false;
                path++;
            }
        }
        const size_t name_len = strcspn(path, "/");
        if (name_len == 0 || !name_matches(glob, glob_len, path, name_len))
            return false;
        path += name_len + (path[name_len] == '/');
        glob = next;
    }
    return *path == '\0';
}

static bool pattern_matches(const struct ml_dvc_pattern *pattern, const char *path, bool is_dir)
{
    const size_t len = strlen(pattern->dir);
    unsigned steps = 0;
    if (pattern->dirs_only && !is_dir)
        return false;
    if (len > 0) {
        if (strncmp(path, pattern->dir, len) != 0 || path[len] != '/')
            return false;
        path += len + 1;
    }
    const char *slash = pattern->is_anchored ? NULL : strrchr(path, '/');
    return path_matches(pattern->glob, slash ? slash + 1 : path, &steps);
}

bool ml_dvc_ignore_matches(const struct ml_dvc_ignore *ignore, const char *path, bool is_dir)
{
    for (size_t i = ignore->count; i-- > 0;)
        if (pattern_matches(&ignore->patterns[i], path, is_dir))
            return !ignore->patterns[i].is_negative;
    return false;
}
