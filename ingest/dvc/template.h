/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `${…}` of dvc.yaml: a scope of variables, and values with every expression replaced.
 * What a stage is may not enter here.
 */
#ifndef ML_INGEST_DVC_TEMPLATE_H
#define ML_INGEST_DVC_TEMPLATE_H

#include "ingest/dvc/text.h"
#include "ingest/value.h"

/* Bytes of values that the templates of one dvc.yaml may make. */
#define ML_DVC_MADE_MAX ((size_t)512 << 20)

/* What expressions may name. Copying a scope is cloning it: all members are borrowed. */
struct ml_dvc_scope {
    struct ml_document *made;    /* owns values that are made; errors name its file */
    const struct ml_value *vars; /* a map, or NULL: none */
    const struct ml_value *item; /* of foreach and matrix, or NULL */
    const struct ml_value *key;
    struct ml_dvc_option_style style;
};

/* Adds the entries of `map`; maps under one key are merged, anything else may not be defined
 * twice: MLEDGER_EINVALID. `source` is where errors say `map` is from. */
int ml_dvc_scope_merge(struct ml_dvc_scope *scope, const struct ml_value *map,
                       const char *source) ML_MUST_USE;

/* `value` with every expression in its strings and keys replaced. A string that is nothing but
 * one expression becomes what that names, of any kind; elsewhere scalars are written out, and
 * mappings too when `is_command`. MLEDGER_EINVALID "FILE:LINE: …" when a name is unknown. */
int ml_dvc_template_resolve(const struct ml_dvc_scope *scope, const struct ml_value *value,
                            bool is_command, const struct ml_value **ret_value) ML_MUST_USE;

/* What the dotted key `text` ("a.b[0].c") names below `value`, NULL when nothing. `len` bytes. */
const struct ml_value *ml_dvc_template_select(const struct ml_value *value, const char *text,
                                              size_t len);

#endif
