/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/check.h"

#include <stdio.h>
#include <strings.h>

#define NAMES_ARE                                                                                  \
    "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces "      \
    "( ), colon(:) and slashes (/)."
#define NO_OTHER_FILE                                                                              \
    "Names may be treated as files in certain cases, and must not resolve to other names when "    \
    "treated as such."

#define KEY_MARKS "-. :/"

enum { PATH_SIZE = 64 };

/* Characters of UTF-8: bytes that do not go on with one. */
static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

int ml_rest_check_length(const char *what, const char *text, size_t most)
{
    if (!text || characters(text) <= most)
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID, "'%s' exceeds the maximum length of %zu characters",
                          what, most);
}

/* ---- keys ---- */

static bool is_word(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c >= 0x80;
}

static bool is_made_of(const char *text, const char *marks)
{
    for (; *text; text++)
        if (!is_word((unsigned char)*text) && !strchr(marks, *text))
            return false;
    return true;
}

/* As a path it is what it says: no part is empty, "." or "..", and it does not begin with "..". */
static bool is_plain_path(const char *key)
{
    if (strncmp(key, "..", 2) == 0)
        return false;
    while (true) {
        const size_t len = strcspn(key, "/");
        if (len == 0 || (len <= 2 && strspn(key, ".") >= len))
            return false;
        if (key[len] == '\0')
            return true;
        key += len + 1;
    }
}

static int refuse_value(const char *path, const char *value, const char *why)
{
    return ml_rest_refuse(ML_REST_INVALID,
                          "Invalid value \"%.256s\" for parameter '%s' supplied: %s", value, path,
                          why);
}

bool ml_rest_is_key(const char *key)
{
    return key && *key && is_made_of(key, KEY_MARKS) && is_plain_path(key) &&
           characters(key) <= ML_REST_KEY_MAX;
}

int ml_rest_check_key(const char *path, const char *key)
{
    if (!key || !*key)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Missing value for required parameter '%s'. See the API docs for "
                              "more information about request parameters.",
                              path);
    if (!is_made_of(key, KEY_MARKS))
        return refuse_value(path, key, NAMES_ARE);
    if (!is_plain_path(key))
        return refuse_value(path, key, NO_OTHER_FILE);
    return ml_rest_check_length(path, key, ML_REST_KEY_MAX);
}

int ml_rest_check_tag(const char *path, const Mlflow__KeyValue *tag, size_t value_max)
{
    const char *dot = *path ? "." : "";
    char key[PATH_SIZE], value[PATH_SIZE];
    snprintf(key, sizeof key, "%s%skey", path, dot);
    snprintf(value, sizeof value, "%s%svalue", path, dot);
    ML_TRY(ml_rest_check_key(key, tag->key));
    return ml_rest_check_length(value, tag->value, value_max);
}

int ml_rest_check_experiment_tags(Mlflow__KeyValue *const *tags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_rest_check_tag("", tags[i], ML_REST_EXPERIMENT_TAG_MAX));
    return MLEDGER_OK;
}

int ml_rest_check_input(const Mlflow__DatasetInput *input)
{
    const Mlflow__Dataset *dataset = input->dataset;
    ML_TRY(ml_rest_check_length("name", dataset->name, ML_REST_DATASET_NAME_MAX));
    ML_TRY(ml_rest_check_length("digest", dataset->digest, ML_REST_DATASET_DIGEST_MAX));
    ML_TRY(ml_rest_check_length("source", dataset->source, ML_REST_DATASET_SOURCE_MAX));
    for (size_t i = 0; i < input->n_tags; i++) {
        const Mlflow__KeyValue *tag = input->tags[i];
        if (!tag->key)
            return ml_rest_refuse(ML_REST_INVALID, "InputTag key cannot be None");
        ML_TRY(ml_rest_check_length("key", tag->key, ML_REST_INPUT_TAG_KEY_MAX));
        ML_TRY(ml_rest_check_length("value", tag->value, ML_REST_INPUT_TAG_VALUE_MAX));
    }
    return MLEDGER_OK;
}

/* ---- names ---- */

int ml_rest_check_experiment_name(const char *name)
{
    if (!name || !*name)
        return ml_rest_refuse(ML_REST_INVALID, "Invalid experiment name: ''");
    return ml_rest_check_length("name", name, ML_REST_EXPERIMENT_NAME_MAX);
}

int ml_rest_check_model_name(const char *name)
{
    if (!name || strspn(name, " \t\n\r\v\f") == strlen(name))
        return ml_rest_refuse(ML_REST_INVALID, "Missing value for required parameter 'name'.");
    if (strpbrk(name, "/:"))
        return ml_rest_refuse(
            ML_REST_INVALID, "Invalid model name '%.256s'. Names cannot contain '/' or ':'.", name);
    return is_plain_path(name) ? MLEDGER_OK : refuse_value("name", name, NO_OTHER_FILE);
}

bool ml_rest_alias_is_latest(const char *alias)
{
    return strcasecmp(alias, "latest") == 0;
}

int ml_rest_check_alias(const char *alias)
{
    if (!alias || !*alias)
        return ml_rest_refuse(ML_REST_INVALID, "Registered model alias name cannot be empty.");
    if (!is_made_of(alias, "-"))
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid alias name: '%.256s'. Names may only contain alphanumerics, "
                              "underscores (_), and dashes (-).",
                              alias);
    ML_TRY(ml_rest_check_length("Registered model alias name", alias, ML_REST_ALIAS_MAX));
    if (ml_rest_alias_is_latest(alias))
        return ml_rest_refuse(ML_REST_INVALID,
                              "'latest' alias name (case insensitive) is reserved.");
    if ((*alias == 'v' || *alias == 'V') && alias[1] &&
        strspn(alias + 1, "0123456789") == strlen(alias + 1))
        return ml_rest_refuse(ML_REST_INVALID, "Version alias name '%s' is reserved.", alias);
    return MLEDGER_OK;
}
