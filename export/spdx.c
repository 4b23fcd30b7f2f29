/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPDX 3.0.1 as JSON-LD (https://spdx.github.io/spdx-spec/v3.0.1/): versions and logged models are
 * AI packages, data dataset packages, runs and pipeline stages builds, approvals and transitions
 * annotations, each with a CreationInfo of its own that says who and when.
 *
 * What nobody recorded is said to be unknown by the standard's NoAssertion individuals; a profile
 * is claimed only if all that it demands is known. Times have whole seconds, as the standard wants.
 */
#include "export/formats.h"
#include "export/spdx_private.h"

#define CONTEXT "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
#define SPEC_VERSION "3.0.1"

/* ---- pieces ---- */

json_t *spdx_element(struct spdx *spdx, const char *type, const char *id, const char *creation)
{
    struct ml_document *document = &spdx->document;
    json_t *element = ml_add_object(document, spdx->graph);
    ml_put_text(document, element, "type", type);
    ml_put_text(document, element, "spdxId", id);
    ml_put_text(document, element, "creationInfo", creation ? creation : SPDX_CREATION);
    return element;
}

void spdx_put_record(struct spdx *spdx, json_t *element, const struct ml_account_record *record)
{
    struct ml_document *document = &spdx->document;
    if (!record)
        return;
    json_t *list = json_object_get(element, "externalIdentifier");
    if (!list)
        list = ml_put_array(document, element, "externalIdentifier");
    json_t *one = ml_add_object(document, list);
    ml_put_text(document, one, "type", "ExternalIdentifier");
    ml_put_text(document, one, "externalIdentifierType", "other");
    ml_put_text(document, one, "identifier", ml_document_hex(document, record->link, ML_HASH_SIZE));
    ml_put_text(document, one, "comment",
                ml_document_text(document, "link of mledger record, seq %llu, recorded %s",
                                 (unsigned long long)record->seq,
                                 ml_document_time(document, record->recorded_us)));
}

json_t *spdx_node(struct spdx *spdx, const char *type, size_t node)
{
    struct ml_document *document = &spdx->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *element = spdx_element(spdx, type, ml_document_uri(document, node), NULL);
    ml_put_text(document, element, "name",
                at->name ? at->name : document->account->graph->nodes[node].label);
    spdx_put_record(spdx, element, at->record);
    return element;
}

json_t *spdx_relate(struct spdx *spdx, const char *from, const char *type, const char *to,
                    const char *scope, const struct ml_account_record *record)
{
    struct ml_document *document = &spdx->document;
    const char *id = ml_document_uri_of(document, "relationship/%zu", ++spdx->relations);
    json_t *element =
        spdx_element(spdx, scope ? "LifecycleScopedRelationship" : "Relationship", id, NULL);
    ml_put_text(document, element, "from", from);
    ml_put_text(document, element, "relationshipType", type);
    ml_add_text(document, ml_put_array(document, element, "to"), to);
    ml_put_text(document, element, "scope", scope);
    spdx_put_record(spdx, element, record);
    return element;
}

void spdx_put_hashes(struct spdx *spdx, json_t *element, const Mledger__Digest *const *digests,
                     size_t count)
{
    struct ml_document *document = &spdx->document;
    const Mledger__Digest *known[] = {ml_digest_sha256(digests, count),
                                      ml_digest_md5(digests, count)};
    static const char *const names[] = {"sha256", "md5"};
    if (!known[0] && !known[1])
        return;
    json_t *list = ml_put_array(document, element, "verifiedUsing");
    for (size_t i = 0; i < ML_COUNT(known); i++) {
        if (!known[i])
            continue;
        json_t *hash = ml_add_object(document, list);
        ml_put_text(document, hash, "type", "Hash");
        ml_put_text(document, hash, "algorithm", names[i]);
        ml_put_text(document, hash, "hashValue",
                    ml_document_hex(document, known[i]->value.data, known[i]->value.len));
    }
}

const char *spdx_agent(struct spdx *spdx, size_t node)
{
    size_t at, agent = ml_account_before(spdx->document.account, node, ML_ROLE_ASSOCIATED, 0, &at);
    return agent == SIZE_MAX ? SPDX_NO_ASSERTION : ml_document_uri(&spdx->document, agent);
}

static void add_creation(struct spdx *spdx, const char *id, const char *agent, int64_t when_us)
{
    struct ml_document *document = &spdx->document;
    json_t *creation = ml_add_object(document, spdx->graph);
    ml_put_text(document, creation, "type", "CreationInfo");
    ml_put_text(document, creation, "@id", id);
    ml_put_text(document, creation, "specVersion", SPEC_VERSION);
    ml_put_text(document, creation, "created", ml_document_seconds(document, when_us));
    ml_add_text(document, ml_put_array(document, creation, "createdBy"), agent);
}

const char *spdx_creation(struct spdx *spdx, size_t node)
{
    const struct ml_account_node *at = &spdx->document.account->nodes[node];
    const char *id =
        ml_document_text(&spdx->document, "_:record%llu", (unsigned long long)at->record->seq);
    add_creation(spdx, id, spdx_agent(spdx, node), ml_account_when(at->record));
    return id;
}

void spdx_put_entries(struct spdx *spdx, json_t *element, const char *key,
                      const struct ml_account_value *values, size_t count)
{
    struct ml_document *document = &spdx->document;
    if (count == 0)
        return;
    json_t *list = ml_put_array(document, element, key);
    for (size_t i = 0; i < count; i++) {
        json_t *entry = ml_add_object(document, list);
        ml_put_text(document, entry, "type", "DictionaryEntry");
        ml_put_text(document, entry, "key", values[i].key);
        ml_put_text(document, entry, "value", values[i].value);
    }
}

bool spdx_is_artifact(const struct ml_node *node)
{
    return node->kind == ML_NODE_DATASET || node->kind == ML_NODE_FILE ||
           node->kind == ML_NODE_SOURCE || node->kind == ML_NODE_COMMIT ||
           node->kind == ML_NODE_VERSION || node->kind == ML_NODE_LOGGED_MODEL;
}

/* ---- the document ---- */

static const char *tool_id(struct ml_document *document)
{
    return ml_document_uri_of(document, "tool/mledger");
}

static void add_tool(struct spdx *spdx)
{
    struct ml_document *document = &spdx->document;
    add_creation(spdx, SPDX_CREATION, tool_id(document), document->account->head->recorded_us);
    json_t *tool = spdx_element(spdx, "SoftwareAgent", tool_id(document), NULL);
    ml_put_text(document, tool, "name",
                ml_document_text(document, "mledger %s", ml_document_version));
}

static void add_profiles(struct spdx *spdx, json_t *element)
{
    json_t *list = ml_put_array(&spdx->document, element, "profileConformance");
    ml_add_text(&spdx->document, list, "core");
    ml_add_text(&spdx->document, list, "software");
    if (spdx->ai)
        ml_add_text(&spdx->document, list, "ai");
    if (spdx->dataset)
        ml_add_text(&spdx->document, list, "dataset");
    if (spdx->build)
        ml_add_text(&spdx->document, list, "build");
}

/* Last, as only then it is known what can be claimed. */
static void add_document(struct spdx *spdx, const char *query)
{
    struct ml_document *document = &spdx->document;
    const struct ml_account *account = document->account;
    json_t *element =
        spdx_element(spdx, "SpdxDocument", ml_document_uri_of(document, "document"), NULL);
    ml_put_text(document, element, "name", query);
    ml_put_text(document, element, "comment",
                ml_document_text(document,
                                 "%s; ledger %s, identity %s, head %llu, link %s; not known: %zu",
                                 ML_DOCUMENT_NOTE, account->ledger, document->identity,
                                 (unsigned long long)account->head->seq,
                                 ml_document_hex(document, account->head->link, ML_HASH_SIZE),
                                 account->graph->n_unknown));
    spdx_put_record(spdx, element, account->head);
    add_profiles(spdx, element);
    json_t *roots = ml_put_array(document, element, "rootElement");
    for (size_t i = 0; i < account->graph->n_nodes; i++)
        if (ml_document_is_subject(document, i) && spdx_is_artifact(&account->graph->nodes[i]))
            ml_add_text(document, roots, ml_document_uri(document, i));
    if (json_array_size(roots) == 0)
        ml_add_text(document, roots, tool_id(document));
}

static void release_spdx(struct spdx *spdx)
{
    ml_document_release(&spdx->document);
}

int ml_export_spdx(const struct ml_account *account, const struct ml_export_options *options,
                   struct ml_buf *out)
{
    ML_CLEANUP(release_spdx) struct spdx spdx = {.ai = true, .dataset = true, .build = true};
    ML_TRY(ml_document_init(&spdx.document, account, json_object()));
    ml_put_text(&spdx.document, spdx.document.root, "@context", CONTEXT);
    spdx.graph = ml_put_array(&spdx.document, spdx.document.root, "@graph");
    add_tool(&spdx);
    for (size_t i = 0; i < account->graph->n_nodes; i++)
        spdx_add_thing(&spdx, i);
    for (size_t i = 0; i < account->graph->n_nodes; i++)
        spdx_add_act(&spdx, i);
    for (size_t i = 0; i < account->graph->n_edges; i++)
        spdx_add_relation(&spdx, i);
    add_document(&spdx, options->query);
    return ml_document_write(&spdx.document, true, out);
}
