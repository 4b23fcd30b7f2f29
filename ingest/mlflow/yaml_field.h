/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the keys of a YAML file of MLflow's into the members of a struct, by tables. Which keys
 * there are is meta.h's.
 *
 * All fail with MLEDGER_EINVALID and "FILE:LINE: what"; texts are copied into the pool.
 */
#ifndef ML_INGEST_MLFLOW_YAML_FIELD_H
#define ML_INGEST_MLFLOW_YAML_FIELD_H

#include "ingest/mlflow/names.h"
#include "ingest/mlflow/reader.h"
#include "ingest/value.h"

/* One file: a mapping, as PyYAML's safe_dump writes it. All zero can be released. */
struct ml_mlflow_yaml {
    struct ml_pool *pool;
    struct ml_document *document;
    const struct ml_value *root;
};
int ml_mlflow_yaml_init(struct ml_mlflow_yaml *yaml, struct ml_pool *pool, struct ml_span span,
                        const char *name) ML_MUST_USE;
void ml_mlflow_yaml_release(struct ml_mlflow_yaml *yaml);

/* How a key's value goes into a struct's member. */
enum ml_mlflow_field_type {
    ML_MLFLOW_FIELD_TEXT,      /* const char *; any scalar as written, NULL when missing or null */
    ML_MLFLOW_FIELD_NEEDED,    /* const char *; the same, neither missing nor empty */
    ML_MLFLOW_FIELD_TIME,      /* int64_t, ML_MLFLOW_NO_TIME when missing or null */
    ML_MLFLOW_FIELD_LIFECYCLE, /* enum ml_mlflow_lifecycle; active when missing */
};
struct ml_mlflow_field {
    const char *key;
    enum ml_mlflow_field_type type;
    size_t offset;
};
/* Fills the members of `entity`. */
int ml_mlflow_yaml_fields(const struct ml_mlflow_yaml *yaml, const struct ml_mlflow_field *fields,
                          size_t count, void *entity) ML_MUST_USE;

/* Single keys, as the fields of these types. MLflow wrote ids and names unquoted in places, so that
 * any scalar stands for its text. */
int ml_mlflow_yaml_text(const struct ml_mlflow_yaml *yaml, const char *key,
                        const char **ret_text) ML_MUST_USE;
int ml_mlflow_yaml_needed(const struct ml_mlflow_yaml *yaml, const char *key,
                          const char **ret_text) ML_MUST_USE;

/* The mapping under `tags`; `[]`, which MLflow writes for a run, is none. */
int ml_mlflow_yaml_tags(const struct ml_mlflow_yaml *yaml,
                        struct ml_mlflow_pairs *ret_tags) ML_MUST_USE;

/* The number that `text`, the value of `key`, is or names in an enum of MLflow's. */
int ml_mlflow_yaml_enum(const struct ml_mlflow_yaml *yaml, const char *key,
                        const struct ml_mlflow_names *names, const char *text,
                        int *ret_number) ML_MUST_USE;

bool ml_mlflow_yaml_is_scalar(const struct ml_value *value);
int ml_mlflow_yaml_copy(const struct ml_mlflow_yaml *yaml, const struct ml_value *value,
                        const char **ret_text) ML_MUST_USE;

#endif
