/* SPDX-License-Identifier: Apache-2.0 */
/* A bill of materials on its way. Private to cyclonedx*.c. */
#ifndef ML_EXPORT_CYCLONEDX_PRIVATE_H
#define ML_EXPORT_CYCLONEDX_PRIVATE_H

#include "export/document.h"

struct cyclonedx {
    struct ml_document document;
    size_t main; /* the model that the bill is of; SIZE_MAX: of several things, or of none */
};

/* Whether the node is a component: data, a file, code, a model. Its bom-ref is its id. */
bool cyclonedx_is_component(const struct ml_node *node);
/* Whether it is a version or a logged model. */
bool cyclonedx_is_model(const struct ml_node *node);
/* Adds {"name": "mledger:NAME", "value": VALUE} to the list "properties"; nothing for NULL. */
void cyclonedx_property(struct cyclonedx *bom, json_t *object, const char *name, const char *value);
/* The properties seq, link, recorded and claimed. */
void cyclonedx_put_record(struct cyclonedx *bom, json_t *object,
                          const struct ml_account_record *record);
/* The source as a URL of a scheme that checkers of this format know. NULL for others
 * ("models:/m-1f", "hdfs://…", which are URIs too); they stand in the property "source". */
const char *cyclonedx_url(struct cyclonedx *bom, const char *source);
/* A ref that is not in the list yet. */
void cyclonedx_add_ref(struct cyclonedx *bom, json_t *list, const char *ref);
/* The endpoint's service: its bom-ref. */
const char *cyclonedx_service(struct cyclonedx *bom, size_t deployment);
/* Whether no deployment in the graph says something newer of its endpoint. That it still serves
 * what it says is told by its account alone (ended). */
bool cyclonedx_is_newest(const struct cyclonedx *bom, size_t deployment);

/* cyclonedx_components.c */
void cyclonedx_put_component(struct cyclonedx *bom, json_t *object, size_t node);
void cyclonedx_put_dependencies(struct cyclonedx *bom);
void cyclonedx_put_services(struct cyclonedx *bom);
/* cyclonedx_tasks.c: "formulation" and "annotations". */
void cyclonedx_put_formulation(struct cyclonedx *bom);
void cyclonedx_put_annotations(struct cyclonedx *bom);

#endif
