/* SPDX-License-Identifier: Apache-2.0 */
/* A PROV-JSON document on its way. Private to the prov*.c files. */
#ifndef ML_EXPORT_PROV_PRIVATE_H
#define ML_EXPORT_PROV_PRIVATE_H

#include "export/document.h"

/* In the order in which they stand in the document; those that stay empty are left out. */
enum prov_section {
    PROV_ENTITY,
    PROV_ACTIVITY,
    PROV_AGENT,
    PROV_USED,
    PROV_GENERATED,
    PROV_INVALIDATED,
    PROV_DERIVED,
    PROV_INFORMED,
    PROV_ASSOCIATED,
    PROV_DELEGATED,
    PROV_ATTRIBUTED,
    PROV_INFLUENCED,
    PROV_SPECIALIZATION,
    PROV_ALTERNATE,
    PROV_SECTIONS,
};

struct prov {
    struct ml_document document;
    json_t *sections[PROV_SECTIONS]; /* borrowed */
};

/* "d:version/churn/3", and others of this ledger; NULL: memory is out. */
const char *prov_id(struct prov *prov, size_t node);
const char *prov_name(struct prov *prov, const char *format, ...) ML_PRINTF(2, 3);
/* A value with a type: {"$": "17", "type": "xsd:unsignedLong"}. */
json_t *prov_typed(const char *text, const char *type);
/* A new element or relation with this id; NULL: it is there already, or memory is out. */
json_t *prov_new(struct prov *prov, enum prov_section section, const char *id);
/* "prov:type": led:KIND. */
void prov_put_type(struct prov *prov, json_t *json, const char *type);
/* led:seq, led:link, led:recorded. */
void prov_put_record(struct prov *prov, json_t *json, const struct ml_account_record *record);

bool prov_is_activity(enum ml_node_kind kind);
/* Of what a decision or a deployment made: its entity, beside the activity that is the node. */
const char *prov_outcome(struct prov *prov, size_t node);

/* prov_things.c: entities, activities and agents of a node. */
void prov_things(struct prov *prov, size_t node);
/* prov_relations.c: what an edge says; and what a node's record says beyond its edges. */
void prov_edge(struct prov *prov, size_t index);
void prov_periods(struct prov *prov, size_t version);
void prov_informed(struct prov *prov, size_t transition);
/* Who recorded the node on behalf of whom. */
void prov_delegated(struct prov *prov, size_t node);

#endif
