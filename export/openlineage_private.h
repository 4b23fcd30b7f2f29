/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of OpenLineage events. Private to openlineage*.c. */
#ifndef ML_EXPORT_OPENLINEAGE_PRIVATE_H
#define ML_EXPORT_OPENLINEAGE_PRIVATE_H

#include "export/document.h"

struct openlineage_event {
    uint64_t seq;
    size_t order; /* in which it was made */
    json_t *json; /* owned */
};

struct openlineage {
    struct ml_document document;
    struct openlineage_event *list;
    size_t count, cap;
};

/* What an event is about. */
struct openlineage_subject {
    size_t node;
    const struct ml_account_record *record; /* that tells of it */
    const char *type;                       /* COMPLETE, … */
    const char *job, *job_type;
    const char *part; /* which part of the record; NULL: all */
};

/* openlineage.c: a new event of this record at the end of the list; NULL: memory was out. `schema`
 * is its name among the standard's: "RunEvent". */
json_t *openlineage_new(struct openlineage *events, const struct ml_account_record *record,
                        const char *type, const char *schema);
/* A run's event with its job and inputs. Its run's facets, to add more to, in *ret_facets. */
json_t *openlineage_add(struct openlineage *events, const struct openlineage_subject *subject,
                        json_t **ret_facets);
/* What the node makes: a stage its files, a run all that it recorded as its own and the logged
 * models; of a run's files the graph has those alone that lead on. */
void openlineage_put_outputs(struct openlineage *events, json_t *json, size_t node);
/* openlineage_runs.c: START and end. */
void openlineage_run(struct openlineage *events, size_t node);
void openlineage_stage(struct openlineage *events, size_t node);
/* openlineage_acts.c: what happens in a moment, and what is recorded by itself. */
void openlineage_act(struct openlineage *events, size_t node);

/* "user:alice", "service:ci": who did what the node is; NULL: unknown. */
const char *openlineage_actor(struct ml_document *document, size_t node);
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

/* Whether the node is a dataset in the sense of OpenLineage: data, a file, a model. */
bool openlineage_is_dataset(const struct ml_node *node);
/* "namespace", "name" and facets of such a node. */
void openlineage_put_dataset(struct ml_document *document, json_t *object, size_t node);
/* The same of a file of a run or a model (artifacts[place]), which is no node. A model's file that
 * the run recorded too, or the logged model that a version was registered from, is called as it is
 * there, so that one event's output is the next one's input. */
void openlineage_put_file(struct ml_document *document, json_t *object, size_t owner, size_t place);

/* openlineage_names.c: "namespace" and "name" of the above; what is not told by its content or by
 * its source is told apart by whose it is, so that only what is one thing has one name. */
void openlineage_put_name(struct ml_document *document, json_t *object, size_t node);
void openlineage_put_file_name(struct ml_document *document, json_t *object, size_t owner,
                               size_t place);
/* "endpoint/production/scoring": in which environment, and how it is called there. */
const char *openlineage_endpoint(struct ml_document *document, const char *prefix, char separator,
                                 size_t deployment);

#endif
