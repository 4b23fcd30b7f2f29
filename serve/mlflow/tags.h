/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of experiments, runs, models and versions: one way to show and to record them. */
#ifndef ML_SERVE_MLFLOW_TAGS_H
#define ML_SERVE_MLFLOW_TAGS_H

#include <jansson.h>

#include "serve/mlflow/call.h"

/* What bears a tag: exactly one of the flags is set. */
struct ml_rest_tagged {
    bool experiment, run, model, logged_model;
    uint64_t seq;     /* of the subject */
    uint64_t version; /* of the model; 0: the model itself */
};

/* The tags of a subject (version 0) or a version, in the order they were set. A value that was
 * erased is "". */
int ml_rest_tags_show(struct ml_rest_call *call, uint64_t subject, uint64_t version,
                      Mlflow__KeyValue ***ret_tags, size_t *ret_count) ML_MUST_USE;
/* One of them; NULL: it is not set. */
int ml_rest_tag_show(struct ml_rest_call *call, uint64_t subject, uint64_t version, const char *key,
                     const char **ret_value) ML_MUST_USE;

/* A tag's value (NULL: none) as the list of JSON that it is, or else as an empty one; a new
 * reference. NULL: memory is out. */
json_t *ml_rest_tag_list(const char *value);

/* Puts tags into a draft: their keys into the event's list, their values into the details. Of
 * several with one key the last counts. */
int ml_rest_tags_put(struct ml_draft *draft, Mlflow__KeyValue *const *tags, size_t count,
                     char ***ret_keys, size_t *ret_count) ML_MUST_USE;

/* Records several in one record, one, or that one is gone. */
int ml_rest_tags_set(struct ml_rest_call *call, const struct ml_rest_tagged *tagged,
                     Mlflow__KeyValue *const *tags, size_t count) ML_MUST_USE;
int ml_rest_tag_set(struct ml_rest_call *call, const struct ml_rest_tagged *tagged, const char *key,
                    const char *value) ML_MUST_USE;
int ml_rest_tag_delete(struct ml_rest_call *call, const struct ml_rest_tagged *tagged,
                       const char *key) ML_MUST_USE;

#endif
