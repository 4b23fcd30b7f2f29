/* SPDX-License-Identifier: Apache-2.0 */
/*
 * W3C PROV-JSON (https://www.w3.org/submissions/prov-json/). Data, code, parameters, versions are
 * entities; runs, stages and all that is decided and done are activities; actors are agents. A
 * version's time in a stage is an entity of its own, a specialization of the version, which one
 * transition generates and the next invalidates.
 *
 * wasEndedBy is not used: the schema of the submission misspells it, so documents with it are
 * refused; prov:endTime says the same.
 */
#include <stdarg.h>
#include <stdio.h>

#include "export/formats.h"
#include "export/prov_private.h"

static const char *const section_names[PROV_SECTIONS] = {
    [PROV_ENTITY] = "entity",
    [PROV_ACTIVITY] = "activity",
    [PROV_AGENT] = "agent",
    [PROV_USED] = "used",
    [PROV_GENERATED] = "wasGeneratedBy",
    [PROV_INVALIDATED] = "wasInvalidatedBy",
    [PROV_DERIVED] = "wasDerivedFrom",
    [PROV_INFORMED] = "wasInformedBy",
    [PROV_ASSOCIATED] = "wasAssociatedWith",
    [PROV_DELEGATED] = "actedOnBehalfOf",
    [PROV_ATTRIBUTED] = "wasAttributedTo",
    [PROV_INFLUENCED] = "wasInfluencedBy",
    [PROV_SPECIALIZATION] = "specializationOf",
    [PROV_ALTERNATE] = "alternateOf",
};

const char *prov_id(struct prov *prov, size_t node)
{
    return ml_document_text(&prov->document, "d:%s", prov->document.ids[node]);
}

const char *prov_name(struct prov *prov, const char *format, ...)
{
    ML_CLEANUP(ml_freep) char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0) {
        text = NULL;
        prov->document.failed = true;
        return NULL;
    }
    return ml_document_text(&prov->document, "d:%s", text);
}

json_t *prov_typed(const char *text, const char *type)
{
    return text ? json_pack("{s:s, s:s}", "$", text, "type", type) : NULL;
}

json_t *prov_new(struct prov *prov, enum prov_section section, const char *id)
{
    if (!id || json_object_get(prov->sections[section], id))
        return NULL;
    return ml_put_object(&prov->document, prov->sections[section], id);
}

void prov_put_type(struct prov *prov, json_t *json, const char *type)
{
    if (json)
        ml_put(&prov->document, json, "prov:type", prov_typed(type, "prov:QUALIFIED_NAME"));
}

void prov_put_record(struct prov *prov, json_t *json, const struct ml_account_record *record)
{
    struct ml_document *document = &prov->document;
    if (!json || !record)
        return;
    ml_put(document, json, "led:seq",
           prov_typed(ml_document_text(document, "%llu", (unsigned long long)record->seq),
                      "xsd:unsignedLong"));
    ml_put_text(document, json, "led:link", ml_document_hex(document, record->link, ML_HASH_SIZE));
    const char *recorded = ml_document_time(document, record->recorded_us);
    if (recorded)
        ml_put(document, json, "led:recorded", prov_typed(recorded, "xsd:dateTime"));
}

bool prov_is_activity(enum ml_node_kind kind)
{
    return kind == ML_NODE_RUN || kind == ML_NODE_STAGE || kind == ML_NODE_VALIDATION ||
           kind == ML_NODE_APPROVAL || kind == ML_NODE_TRANSITION || kind == ML_NODE_DEPLOYMENT;
}

const char *prov_outcome(struct prov *prov, size_t node)
{
    return prov_name(prov, "outcome/%s", prov->document.ids[node]);
}

/* PROV-JSON has no head of its own, so the document is an entity of itself. */
static void describe_document(struct prov *prov, const char *query)
{
    struct ml_document *document = &prov->document;
    const struct ml_account *account = document->account;
    json_t *json = prov_new(prov, PROV_ENTITY, "d:document");
    prov_put_type(prov, json, "led:Export");
    ml_put_text(document, json, "prov:label", query);
    ml_put_text(document, json, "led:ledger", account->ledger);
    ml_put_text(document, json, "led:identity", document->identity);
    ml_put(document, json, "led:headSeq",
           prov_typed(ml_document_text(document, "%llu", (unsigned long long)account->head->seq),
                      "xsd:unsignedLong"));
    ml_put_text(document, json, "led:headLink",
                ml_document_hex(document, account->head->link, ML_HASH_SIZE));
    ml_put_text(document, json, "led:note", ML_DOCUMENT_NOTE);
    if (account->graph->n_unknown == 0)
        return;
    json_t *unknown = ml_put_array(document, json, "led:notKnown");
    for (size_t i = 0; i < account->graph->n_unknown; i++)
        ml_add_text(document, unknown, account->graph->unknown[i]);
}

static void begin(struct prov *prov)
{
    struct ml_document *document = &prov->document;
    json_t *prefix = ml_put_object(document, document->root, "prefix");
    ml_put_text(document, prefix, "led", ML_DOCUMENT_NS);
    ml_put_text(document, prefix, "d", document->base);
    ml_put_text(document, prefix, "param", ML_DOCUMENT_NS "param:");
    ml_put_text(document, prefix, "metric", ML_DOCUMENT_NS "metric:");
    for (size_t i = 0; i < PROV_SECTIONS; i++)
        prov->sections[i] = ml_put_object(document, document->root, section_names[i]);
}

static void drop_empty(struct prov *prov)
{
    for (size_t i = 0; i < PROV_SECTIONS; i++)
        if (json_object_size(prov->sections[i]) == 0)
            json_object_del(prov->document.root, section_names[i]);
}

static void prov_release(struct prov *prov)
{
    ml_document_release(&prov->document);
}

int ml_export_prov(const struct ml_account *account, const struct ml_export_options *options,
                   struct ml_buf *out)
{
    ML_CLEANUP(prov_release) struct prov prov = {0};
    const struct ml_graph *graph = account->graph;
    ML_TRY(ml_document_init(&prov.document, account, json_object()));
    begin(&prov);
    describe_document(&prov, options->query);
    for (size_t i = 0; i < graph->n_nodes; i++)
        prov_things(&prov, i);
    for (size_t i = 0; i < graph->n_edges; i++)
        prov_edge(&prov, i);
    for (size_t i = 0; i < graph->n_nodes; i++) {
        prov_periods(&prov, i);
        prov_informed(&prov, i);
        prov_delegated(&prov, i);
    }
    drop_empty(&prov);
    return ml_document_write(&prov.document, true, out);
}
