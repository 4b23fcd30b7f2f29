/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters, tags and metrics of one thing in the catalogue, sorted by kind and key; private to
 * the catalog*.c files. Texts are owned by what holds them.
 */
#ifndef ML_SERVE_MLFLOW_CATALOG_FIELD_H
#define ML_SERVE_MLFLOW_CATALOG_FIELD_H

#include "ledger/query/reader.h"
#include "serve/mlflow/catalog.h"

/* Replaces *place by a copy; NULL for NULL. MLEDGER_ESYSTEM: it stays as it was. */
int ml_catalog_set_text(const char **place, const char *text) ML_MUST_USE;
void ml_catalog_free_text(const char *text);

void ml_catalog_fields_release(struct ml_catalog_fields *fields);
/* The field with that key, made if need be. */
int ml_catalog_fields_take(struct ml_catalog_fields *fields, enum ml_field_kind kind,
                           const char *key, struct ml_catalog_field **ret_field,
                           bool *ret_new) ML_MUST_USE;
/* Parameters or tags of record `seq`; details NULL: erased. */
int ml_catalog_fields_set(struct ml_catalog_fields *fields, enum ml_field_kind kind,
                          char *const *keys, size_t count, const Mledger__Details *details,
                          uint64_t seq) ML_MUST_USE;
void ml_catalog_fields_drop_tags(struct ml_catalog_fields *fields, char *const *keys, size_t count);
/* What record `seq` set was erased. */
int ml_catalog_fields_forget(struct ml_catalog_fields *fields, uint64_t seq) ML_MUST_USE;

/* catalog_model.c: logged models. */
struct ml_catalog_models {
    struct ml_catalog_model *list; /* in the order of their records */
    size_t count, cap;
};
void ml_catalog_models_release(struct ml_catalog_models *models);
/* What the record says of logged models; nothing for most. */
int ml_catalog_models_take(struct ml_catalog_models *models, struct ml_reader *reader,
                           const struct ml_record *record) ML_MUST_USE;
int ml_catalog_models_forget(struct ml_catalog_models *models, uint64_t seq) ML_MUST_USE;

#endif
