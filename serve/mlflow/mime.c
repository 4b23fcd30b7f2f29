/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/mime.h"

#include <strings.h>

#include "ledger/core/base.h"

static const char *const texts[] = {
    "txt",  "log",  "err", "cfg",   "conf",    "cnf",       "cf",        "ini", "toml",
    "prop", "yaml", "yml", "json",  "xml",     "js",        "py",        "py3", "csv",
    "tsv",  "md",   "rst", "hocon", "MLmodel", "MLproject", "properties"};

struct type {
    const char *extension, *type;
};

static const struct type types[] = {
    {"html", "text/html"},      {"htm", "text/html"},         {"css", "text/css"},
    {"png", "image/png"},       {"jpg", "image/jpeg"},        {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},       {"svg", "image/svg+xml"},     {"webp", "image/webp"},
    {"bmp", "image/bmp"},       {"pdf", "application/pdf"},   {"zip", "application/zip"},
    {"gz", "application/gzip"}, {"tar", "application/x-tar"}, {"mp3", "audio/mpeg"},
    {"wav", "audio/wav"},       {"mp4", "video/mp4"},         {"webm", "video/webm"},
};

static const struct type web_types[] = {
    {"html", "text/html; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"cjs", "text/javascript; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"txt", "text/plain; charset=utf-8"},
    {"json", "application/json"},
    {"map", "application/json"},
    {"wasm", "application/wasm"},
    {"ico", "image/x-icon"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"ttf", "font/ttf"},
    {"eot", "application/vnd.ms-fontobject"},
};

/* NULL: it is in none of the lines. */
static const char *find(const struct type *lines, size_t n_lines, const char *extension)
{
    for (size_t i = 0; i < n_lines; i++)
        if (strcasecmp(lines[i].extension, extension) == 0)
            return lines[i].type;
    return NULL;
}

const char *ml_rest_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *ml_rest_mime_type(const char *path)
{
    const char *name = ml_rest_file_name(path), *dot = strrchr(name, '.');
    const char *extension = dot && dot[1] ? dot + 1 : name;
    for (size_t i = 0; i < ML_COUNT(texts); i++)
        if (strcasecmp(texts[i], extension) == 0)
            return "text/plain";
    const char *type = dot ? find(types, ML_COUNT(types), extension) : NULL;
    return type ? type : "application/octet-stream";
}

const char *ml_rest_web_type(const char *path)
{
    const char *dot = strrchr(ml_rest_file_name(path), '.');
    const char *type = dot ? find(web_types, ML_COUNT(web_types), dot + 1) : NULL;
    return type ? type : ml_rest_mime_type(path);
}
