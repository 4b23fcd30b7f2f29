/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/dvc/path.h"

bool ml_dvc_path_is_url(const char *path)
{
    size_t len = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    return len > 1 && strncmp(path + len, "://", 3) == 0;
}

/* Takes the last name off `out` unless there is none or it is "..". */
static bool pop(char *out, size_t *len)
{
    if (*len == 0 ||
        (*len >= 2 && memcmp(out + *len - 2, "..", 2) == 0 && (*len == 2 || out[*len - 3] == '/')))
        return false;
    while (*len > 0 && out[*len - 1] != '/')
        --*len;
    if (*len > 0)
        --*len;
    return true;
}

static void push(char *out, size_t *len, const char *name, size_t name_len, bool absolute)
{
    if (*len > 0 || absolute)
        out[(*len)++] = '/';
    memcpy(out + *len, name, name_len);
    *len += name_len;
}

static void append(char *out, size_t *len, const char *path, bool absolute)
{
    while (*path) {
        const size_t name = strcspn(path, "/");
        if (name == 2 && memcmp(path, "..", 2) == 0) {
            if (!pop(out, len) && !absolute)
                push(out, len, path, name, absolute);
        } else if (name > 0 && !(name == 1 && *path == '.')) {
            push(out, len, path, name, absolute);
        }
        path += name + (path[name] == '/');
    }
}

const char *ml_dvc_path_join(struct ml_pool *pool, const char *base, const char *path)
{
    if (ml_dvc_path_is_url(path))
        return ml_pool_text(pool, path, strlen(path));
    const bool absolute = path[0] == '/';
    char *out = ml_pool_alloc(pool, strlen(base) + strlen(path) + 4, 1);
    size_t len = 0;
    if (!out)
        return NULL;
    if (!absolute)
        append(out, &len, base, base[0] == '/');
    append(out, &len, path, absolute || base[0] == '/');
    if (len == 0)
        out[len++] = absolute ? '/' : '.';
    out[len] = '\0';
    return out;
}

const char *ml_dvc_path_parent(struct ml_pool *pool, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return ml_pool_text(pool, path, slash == path ? 1 : (size_t)(slash - path));
}

bool ml_dvc_path_is_outside(const char *path)
{
    return path[0] == '/' || strcmp(path, "..") == 0 || strncmp(path, "../", 3) == 0 ||
           ml_dvc_path_is_url(path);
}

bool ml_dvc_path_ends_in(const char *path, const char *suffix)
{
    const size_t len = strlen(path), end = strlen(suffix);
    return len >= end && memcmp(path + len - end, suffix, end) == 0;
}

const char *ml_dvc_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool ml_dvc_path_is_lock(const char *path)
{
    return strcmp(ml_dvc_path_name(path), "dvc.lock") == 0 && !ml_dvc_path_is_outside(path);
}

/* '/' comes before every other character. */
int ml_dvc_path_compare(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    const int x = *a == '/' ? 1 : *a == '\0' ? 0 : (uint8_t)*a + 1;
    const int y = *b == '/' ? 1 : *b == '\0' ? 0 : (uint8_t)*b + 1;
    return x - y;
}
