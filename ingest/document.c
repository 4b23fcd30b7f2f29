/* SPDX-License-Identifier: Apache-2.0 */
/* Which reader a file needs, by the end of its name: as DVC decides for params and metrics. */
#include <strings.h>

#include "ingest/json_value.h"
#include "ingest/toml.h"
#include "ingest/yaml.h"

static bool ends_in(const char *name, const char *suffix)
{
    const size_t len = strlen(name), end = strlen(suffix);
    return len >= end && strcasecmp(name + len - end, suffix) == 0;
}

int ml_document_parse(struct ml_span text, const char *name, const struct ml_value_limits *limits,
                      struct ml_document **ret_document)
{
    if (ends_in(name, ".json"))
        return ml_json_value_parse(text, name, limits, ret_document);
    if (ends_in(name, ".toml"))
        return ml_toml_parse(text, name, limits, ret_document);
    const struct ml_yaml_options options = {
        .schema = ML_YAML_1_2,
        .limits = limits ? *limits : (struct ml_value_limits){0},
    };
    return ml_yaml_parse(text, name, &options, ret_document);
}

int ml_document_read_file(const char *path, const char *name, const struct ml_value_limits *limits,
                          struct ml_document **ret_document)
{
    if (ends_in(path, ".json"))
        return ml_json_value_read_file(path, name, limits, ret_document);
    if (ends_in(path, ".toml"))
        return ml_toml_read_file(path, name, limits, ret_document);
    const struct ml_yaml_options options = {
        .schema = ML_YAML_1_2,
        .limits = limits ? *limits : (struct ml_value_limits){0},
    };
    return ml_yaml_read_file(path, name, &options, ret_document);
}
