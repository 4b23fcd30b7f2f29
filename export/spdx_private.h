/* SPDX-License-Identifier: Apache-2.0 */
/* An SPDX 3 document on its way. Private to spdx*.c. */
#ifndef ML_EXPORT_SPDX_PRIVATE_H
#define ML_EXPORT_SPDX_PRIVATE_H

#include "export/document.h"

/* Individuals of the standard that stand for what nobody says. */
#define SPDX_NO_ASSERTION "https://spdx.org/rdf/3.0.1/terms/Core/NoAssertionElement"
#define SPDX_NO_LICENSE "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense"

#define SPDX_CREATION "_:export" /* the CreationInfo of whatever has none of its own */

struct spdx {
    struct ml_document document;
    json_t *graph;           /* borrowed */
    size_t relations;        /* so far */
    bool ai, dataset, build; /* profiles whose every demand is met */
};

/* A new element with this id: NULL if memory is out. `creation` NULL: SPDX_CREATION. */
json_t *spdx_element(struct spdx *spdx, const char *type, const char *id, const char *creation);
/* An element for a node, with its name and the record it is known by. */
json_t *spdx_node(struct spdx *spdx, const char *type, size_t node);
/* "externalIdentifier": the record's link. */
void spdx_put_record(struct spdx *spdx, json_t *element, const struct ml_account_record *record);
/* A relationship with the record that asserts it; `scope` NULL: a plain one. */
json_t *spdx_relate(struct spdx *spdx, const char *from, const char *type, const char *to,
                    const char *scope, const struct ml_account_record *record);
/* "verifiedUsing": the hashes that have names in SPDX. */
void spdx_put_hashes(struct spdx *spdx, json_t *element, const Mledger__Digest *const *digests,
                     size_t count);
/* A CreationInfo of whoever did what the node is, when it was done: its id. */
const char *spdx_creation(struct spdx *spdx, size_t node);
/* The agent behind a node, SPDX_NO_ASSERTION if none is known. */
const char *spdx_agent(struct spdx *spdx, size_t node);
/* A list of key and value under `key`; values that are not known are left out. */
void spdx_put_entries(struct spdx *spdx, json_t *element, const char *key,
                      const struct ml_account_value *values, size_t count);
/* Whether the node is a software artifact: data, a file, code, a model. */
bool spdx_is_artifact(const struct ml_node *node);

/* spdx_things.c: packages, files, agents. */
void spdx_add_thing(struct spdx *spdx, size_t node);
/* spdx_acts.c: builds, annotations, endpoints; and how things are related. */
void spdx_add_act(struct spdx *spdx, size_t node);
void spdx_add_relation(struct spdx *spdx, size_t index);

#endif
