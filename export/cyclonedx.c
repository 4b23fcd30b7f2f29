/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CycloneDX 1.6 and 1.7 (https://cyclonedx.org/specification/overview/), as a bill of materials of
 * machine learning: what was asked for is the component that the bill is of if it is one version or
 * one logged model; else all are components alike. What the format has no field for stands in
 * properties called "mledger:…".
 *
 * compositions says "complete" only if everything behind has a record (ml_account_is_complete());
 * else "incomplete". 1.7 can cite who supplied what, so there the version's record is cited.
 */
#include "export/cyclonedx_private.h"
#include "export/formats.h"

/* ---- pieces ---- */

bool cyclonedx_is_component(const struct ml_node *node)
{
    return node->kind == ML_NODE_DATASET || node->kind == ML_NODE_FILE ||
           node->kind == ML_NODE_SOURCE || node->kind == ML_NODE_COMMIT ||
           node->kind == ML_NODE_VERSION || node->kind == ML_NODE_LOGGED_MODEL;
}

bool cyclonedx_is_model(const struct ml_node *node)
{
    return node->kind == ML_NODE_VERSION || node->kind == ML_NODE_LOGGED_MODEL;
}

void cyclonedx_property(struct cyclonedx *bom, json_t *object, const char *name, const char *value)
{
    struct ml_document *document = &bom->document;
    if (!value || !object)
        return;
    json_t *list = json_object_get(object, "properties");
    if (!list)
        list = ml_put_array(document, object, "properties");
    json_t *property = ml_add_object(document, list);
    ml_put_text(document, property, "name", ml_document_text(document, "mledger:%s", name));
    ml_put_text(document, property, "value", value);
}

void cyclonedx_put_record(struct cyclonedx *bom, json_t *object,
                          const struct ml_account_record *record)
{
    struct ml_document *document = &bom->document;
    if (!record)
        return;
    cyclonedx_property(bom, object, "seq",
                       ml_document_text(document, "%llu", (unsigned long long)record->seq));
    cyclonedx_property(bom, object, "link", ml_document_hex(document, record->link, ML_HASH_SIZE));
    cyclonedx_property(bom, object, "recorded", ml_document_time(document, record->recorded_us));
    cyclonedx_property(bom, object, "claimed", ml_document_time(document, record->claimed_us));
}

void cyclonedx_add_ref(struct cyclonedx *bom, json_t *list, const char *ref)
{
    size_t i;
    json_t *known;
    json_array_foreach(list, i,
                       known) if (ref && strcmp(json_string_value(known), ref) == 0) return;
    ml_add_text(&bom->document, list, ref);
}

/* ---- metadata ---- */

static void put_authors(struct cyclonedx *bom, json_t *metadata)
{
    struct ml_document *document = &bom->document;
    json_t *authors = NULL;
    for (size_t i = 0; i < document->account->graph->n_nodes; i++) {
        const struct ml_account_node *at = &document->account->nodes[i];
        if (document->account->graph->nodes[i].kind != ML_NODE_AGENT)
            continue;
        if (!authors)
            authors = ml_put_array(document, metadata, "authors");
        json_t *author = ml_add_object(document, authors);
        ml_put_text(document, author, "bom-ref", document->ids[i]);
        ml_put_text(document, author, "name", at->title ? at->title : at->name);
    }
}

static const char *phase(const struct cyclonedx *bom)
{
    const char *stage =
        bom->main == SIZE_MAX ? NULL : bom->document.account->nodes[bom->main].stage;
    if (stage && strcmp(stage, "Production") == 0)
        return "operations";
    return stage && strcmp(stage, "Archived") == 0 ? "decommission" : "build";
}

static void put_metadata(struct cyclonedx *bom)
{
    struct ml_document *document = &bom->document;
    json_t *metadata = ml_put_object(document, document->root, "metadata");
    ml_put_text(document, metadata, "timestamp",
                ml_document_time(document, document->account->head->recorded_us));
    json_t *lifecycles = ml_put_array(document, metadata, "lifecycles");
    ml_put_text(document, ml_add_object(document, lifecycles), "phase", phase(bom));
    json_t *tools = ml_put_object(document, metadata, "tools");
    json_t *tool = ml_add_object(document, ml_put_array(document, tools, "components"));
    ml_put_text(document, tool, "type", "application");
    ml_put_text(document, tool, "name", "mledger");
    ml_put_text(document, tool, "version", ml_document_version);
    put_authors(bom, metadata);
    if (bom->main != SIZE_MAX)
        cyclonedx_put_component(bom, ml_put_object(document, metadata, "component"), bom->main);
}

/* ---- the bill ---- */

/* A bill is issued anew at each change of stage; its number says which. */
static uint64_t issue(const struct cyclonedx *bom)
{
    const size_t periods =
        bom->main == SIZE_MAX ? 0 : bom->document.account->nodes[bom->main].n_periods;
    return periods ? periods : 1;
}

static void put_head(struct cyclonedx *bom, const char *version)
{
    struct ml_document *document = &bom->document;
    const struct ml_account_record *record = bom->main == SIZE_MAX
                                                 ? document->account->head
                                                 : document->account->nodes[bom->main].record;
    ml_put_text(
        document, document->root, "$schema",
        ml_document_text(document, "http://cyclonedx.org/schema/bom-%s.schema.json", version));
    ml_put_text(document, document->root, "bomFormat", "CycloneDX");
    ml_put_text(document, document->root, "specVersion", version);
    ml_put_text(
        document, document->root, "serialNumber",
        ml_document_text(document, "urn:uuid:%s", ml_document_uuid(document, record, NULL)));
    ml_put_number(document, document->root, "version", issue(bom));
}

static void put_components(struct cyclonedx *bom)
{
    struct ml_document *document = &bom->document;
    json_t *components = ml_put_array(document, document->root, "components");
    for (size_t i = 0; i < document->account->graph->n_nodes; i++)
        if (i != bom->main && cyclonedx_is_component(&document->account->graph->nodes[i]))
            cyclonedx_put_component(bom, ml_add_object(document, components), i);
}

/* Of what the bill is of, or of everything that was asked for. */
static void put_compositions(struct cyclonedx *bom)
{
    struct ml_document *document = &bom->document;
    const struct ml_account *account = document->account;
    json_t *refs = json_array();
    for (size_t i = 0; i < account->graph->n_nodes; i++)
        if (cyclonedx_is_component(&account->graph->nodes[i]) &&
            (bom->main == SIZE_MAX ? ml_document_is_subject(document, i) : i == bom->main))
            ml_add_text(document, refs, document->ids[i]);
    json_t *one = ml_add_object(document, ml_put_array(document, document->root, "compositions"));
    ml_put_text(document, one, "aggregate",
                ml_account_is_complete(account) ? "complete" : "incomplete");
    if (json_array_size(refs)) {
        ml_put(document, one, "assemblies", json_incref(refs));
        ml_put(document, one, "dependencies", json_incref(refs));
    }
    json_decref(refs);
}

/* Who registered the version, by which record. */
static void put_citations(struct cyclonedx *bom)
{
    struct ml_document *document = &bom->document;
    size_t at, agent;
    if (bom->main == SIZE_MAX)
        return;
    const struct ml_account_record *record = document->account->nodes[bom->main].record;
    agent = ml_account_before(document->account, bom->main, ML_ROLE_ASSOCIATED, 0, &at);
    if (agent == SIZE_MAX)
        return;
    json_t *citation = ml_add_object(document, ml_put_array(document, document->root, "citations"));
    ml_add_text(document, ml_put_array(document, citation, "pointers"), "/metadata/component");
    ml_put_text(document, citation, "timestamp",
                ml_document_time(document, ml_account_when(record)));
    ml_put_text(document, citation, "attributedTo", document->ids[agent]);
    ml_put_text(document, citation, "note",
                ml_document_text(document, "record %llu of the ledger, link %s",
                                 (unsigned long long)record->seq,
                                 ml_document_hex(document, record->link, ML_HASH_SIZE)));
}

static void put_ledger(struct cyclonedx *bom)
{
    struct ml_document *document = &bom->document;
    const struct ml_account *account = document->account;
    cyclonedx_property(bom, document->root, "ledger", account->ledger);
    cyclonedx_property(bom, document->root, "identity", document->identity);
    cyclonedx_property(bom, document->root, "headSeq",
                       ml_document_text(document, "%llu", (unsigned long long)account->head->seq));
    cyclonedx_property(bom, document->root, "headLink",
                       ml_document_hex(document, account->head->link, ML_HASH_SIZE));
    for (size_t i = 0; i < account->graph->n_unknown; i++)
        cyclonedx_property(bom, document->root, "notKnown", account->graph->unknown[i]);
    cyclonedx_property(bom, document->root, "note", ML_DOCUMENT_NOTE);
}

/* The one model that was asked about; SIZE_MAX if it was not one, or other things too. */
static size_t find_main(const struct ml_document *document)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < document->account->graph->n_nodes; i++) {
        if (!(document->account->graph->nodes[i].flags & ML_NODE_START))
            continue;
        if (found != SIZE_MAX || !cyclonedx_is_model(&document->account->graph->nodes[i]))
            return SIZE_MAX;
        found = i;
    }
    return found;
}

static void release_bom(struct cyclonedx *bom)
{
    ml_document_release(&bom->document);
}

static int write_bom(const struct ml_account *account, const char *version, struct ml_buf *out)
{
    ML_CLEANUP(release_bom) struct cyclonedx bom = {0};
    ML_TRY(ml_document_init(&bom.document, account, json_object()));
    bom.main = find_main(&bom.document);
    put_head(&bom, version);
    put_metadata(&bom);
    put_components(&bom);
    cyclonedx_put_services(&bom);
    cyclonedx_put_dependencies(&bom);
    put_compositions(&bom);
    cyclonedx_put_annotations(&bom);
    cyclonedx_put_formulation(&bom);
    if (strcmp(version, "1.7") == 0)
        put_citations(&bom);
    put_ledger(&bom);
    return ml_document_write(&bom.document, true, out);
}

int ml_export_cyclonedx(const struct ml_account *account, const struct ml_export_options *options,
                        struct ml_buf *out)
{
    (void)options;
    return write_bom(account, "1.6", out);
}

int ml_export_cyclonedx_17(const struct ml_account *account,
                           const struct ml_export_options *options, struct ml_buf *out)
{
    (void)options;
    return write_bom(account, "1.7", out);
}
