/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/mime.h"

#include <strings.h>

#include "ledger/core/base.h"

static const char *const texts[] = {
    "txt",  "log",  "err", "cfg",   "conf",    "cnf",       "cf",        "ini", "toml",
    "prop", "yaml", "yml", "json",  "xml",     "js",        "py",        "py3", "csv",
    "tsv",  "md",   "rst", "hocon", "MLmodel", "MLproject", "properties"};

static const struct {
    const char *extension, *type;
} types[] = {
    {"html", "text/html"},      {"htm", "text/html"},         {"css", "text/css"},
    {"png", "image/png"},       {"jpg", "image/jpeg"},        {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},       {"svg", "image/svg+xml"},     {"webp", "image/webp"},
    {"bmp", "image/bmp"},       {"pdf", "application/pdf"},   {"zip", "application/zip"},
    {"gz", "application/gzip"}, {"tar", "application/x-tar"}, {"mp3", "audio/mpeg"},
    {"wav", "audio/wav"},       {"mp4", "video/mp4"},         {"webm", "video/webm"},
};

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
    for (size_t i = 0; dot && i < ML_COUNT(types); i++)
        if (strcasecmp(types[i].extension, extension) == 0)
            return types[i].type;
    return "application/octet-stream";
}
