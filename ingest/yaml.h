/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML files into values (value.h), through libfyaml. Anchors, aliases and merge keys (`<<`) are
 * resolved; a key that stands twice, an alias to what contains it, an unknown tag, a second
 * document, invalid UTF-8 and NUL bytes are refused with "FILE:LINE:COLUMN: what".
 * Nothing is printed. Threads: any number may read different inputs.
 */
#ifndef ML_INGEST_YAML_H
#define ML_INGEST_YAML_H

#include "ingest/value.h"

/* Which plain scalars are strings and which are not. */
enum ml_yaml_schema {
    /* YAML 1.2 as ruamel.yaml resolves it, which is what DVC reads with: `yes` and `1:30` are
     * strings, 1e-3 is a float, 017 is seventeen; dates are timestamps. */
    ML_YAML_1_2,
    /* YAML 1.1 as PyYAML writes (safe_dump) and reads it, for MLflow's meta.yaml: `yes`, `on`
     * are booleans, `1:30` is an int, 1e-3 is a string. */
    ML_YAML_1_1,
};

struct ml_yaml_options {
    enum ml_yaml_schema schema;
    struct ml_value_limits limits;
};

/* Reads the text `span`, which errors call `name`; `options` may be NULL (1.2, default limits).
 * An empty text is a null root. MLEDGER_EINVALID when it is malformed or beyond a limit. */
int ml_yaml_parse(struct ml_span span, const char *name, const struct ml_yaml_options *options,
                  struct ml_document **ret_document) ML_MUST_USE;

/* The same for the file at `path`, which errors call `name` (NULL: `path`).
 * MLEDGER_ENOTFOUND when there is none, MLEDGER_ESYSTEM when it cannot be read. */
int ml_yaml_read_file(const char *path, const char *name, const struct ml_yaml_options *options,
                      struct ml_document **ret_document) ML_MUST_USE;

/* Kind of the plain (unquoted) scalar `text` of `len` bytes under `schema`. */
enum ml_value_kind ml_yaml_plain_kind(enum ml_yaml_schema schema, const char *text, size_t len);

#endif
