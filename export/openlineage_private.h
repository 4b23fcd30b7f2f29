/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of OpenLineage events. Private to openlineage*.c. */
#ifndef ML_EXPORT_OPENLINEAGE_PRIVATE_H
#define ML_EXPORT_OPENLINEAGE_PRIVATE_H

#include "export/document.h"

/* A facet of the standard ("TagsRunFacet", "1-0-0") under `key`, with what every facet has;
 * borrowed. */
json_t *openlineage_facet(struct ml_document *document, json_t *facets, const char *key,
                          const char *name, const char *version);
/* The facet "mledger_record": the record, the ledger and its head. `of` is "Run" or "Dataset". */
void openlineage_put_record(struct ml_document *document, json_t *facets, const char *of,
                            const struct ml_account_record *record);
/* The ledger as a namespace of jobs and datasets. */
const char *openlineage_namespace(struct ml_document *document);
/* A tag, in the list of openlineage_tags(); nothing for NULL. */
json_t *openlineage_tags(struct ml_document *document, json_t *facets);
void openlineage_add_tag(struct ml_document *document, json_t *tags, const char *key,
                         const char *value);

/* Whether the node is a dataset in the sense of OpenLineage: data, a file, a version. */
bool openlineage_is_dataset(const struct ml_node *node);
/* "namespace", "name" and facets of such a node. */
void openlineage_put_dataset(struct ml_document *document, json_t *object, size_t node);
/* The same of a file that a run made, which is no node. */
void openlineage_put_file(struct ml_document *document, json_t *object,
                          const struct ml_account_file *file);

#endif
