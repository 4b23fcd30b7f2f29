/* SPDX-License-Identifier: Apache-2.0 */
/* Facets and datasets of OpenLineage. */
#include "export/openlineage_private.h"
#include "ledger/query/digest_text.h"
#include "ledger/query/snapshot.h"

#define FACETS "https://openlineage.io/spec/facets/"
#define OWN_FACETS ML_DOCUMENT_NS "facets/1-0-0/"

json_t *openlineage_facet(struct ml_document *document, json_t *facets, const char *key,
                          const char *name, const char *version)
{
    json_t *facet = ml_put_object(document, facets, key);
    ml_put_text(document, facet, "_producer", ml_document_producer);
    ml_put_text(document, facet, "_schemaURL",
                ml_document_text(document, FACETS "%s/%s.json#/$defs/%s", version, name, name));
    return facet;
}

/* One of ours, whose name begins with "mledger_" as the standard asks. */
static json_t *own_facet(struct ml_document *document, json_t *facets, const char *key,
                         const char *name)
{
    json_t *facet = ml_put_object(document, facets, key);
    ml_put_text(document, facet, "_producer", ml_document_producer);
    ml_put_text(document, facet, "_schemaURL",
                ml_document_text(document, OWN_FACETS "%s.json#/$defs/%s", name, name));
    return facet;
}

void openlineage_put_record(struct ml_document *document, json_t *facets, const char *of,
                            const struct ml_account_record *record)
{
    const struct ml_account *account = document->account;
    json_t *facet = own_facet(document, facets, "mledger_record",
                              ml_document_text(document, "MledgerRecord%sFacet", of));
    ml_put_record(document, facet, record);
    ml_put_text(document, facet, "ledger", account->ledger);
    ml_put_text(document, facet, "identity", document->identity);
    ml_put_number(document, facet, "headSeq", account->head->seq);
    ml_put_text(document, facet, "headLink",
                ml_document_hex(document, account->head->link, ML_HASH_SIZE));
    ml_put_text(document, facet, "note", ML_DOCUMENT_NOTE);
}

json_t *openlineage_tags(struct ml_document *document, json_t *facets)
{
    return ml_put_array(
        document, openlineage_facet(document, facets, "tags", "TagsRunFacet", "1-0-0"), "tags");
}

void openlineage_add_tag(struct ml_document *document, json_t *tags, const char *key,
                         const char *value)
{
    if (!value)
        return;
    json_t *tag = ml_add_object(document, tags);
    ml_put_text(document, tag, "key", key);
    ml_put_text(document, tag, "value", value);
    ml_put_text(document, tag, "source", "MLEDGER");
}

const char *openlineage_actor(struct ml_document *document, size_t node)
{
    const struct ml_account *account = document->account;
    size_t at, agent = ml_account_before(account, node, ML_ROLE_ASSOCIATED, 0, &at);
    if (agent == SIZE_MAX)
        return NULL;
    return ml_document_text(document, "%s:%s",
                            account->nodes[agent].is_service ? "service" : "user",
                            account->nodes[agent].name);
}

/* ---- datasets ---- */

bool openlineage_is_dataset(const struct ml_node *node)
{
    return node->kind == ML_NODE_DATASET || node->kind == ML_NODE_FILE ||
           node->kind == ML_NODE_SOURCE || node->kind == ML_NODE_VERSION ||
           node->kind == ML_NODE_LOGGED_MODEL;
}

const char *openlineage_namespace(struct ml_document *document)
{
    return ml_document_text(document, "%s%s", ML_DOCUMENT_URN, document->identity);
}

static void put_digests(struct ml_document *document, json_t *facets,
                        const Mledger__Digest *const *digests, size_t count)
{
    if (count == 0)
        return;
    json_t *facet = own_facet(document, facets, "mledger_digest", "MledgerDigestDatasetFacet");
    json_t *list = ml_put_array(document, facet, "digests");
    for (size_t i = 0; i < count; i++) {
        json_t *one = ml_add_object(document, list);
        bool seen = digests[i]->standing == MLEDGER__STANDING__SEEN;
        ml_put_text(document, one, "algorithm", ml_algorithm_name(digests[i]->algorithm));
        ml_put_text(document, one, "value",
                    ml_document_hex(document, digests[i]->value.data, digests[i]->value.len));
        ml_put_text(document, one, "standing", seen ? "seen" : "claimed");
    }
}

static void put_type(struct ml_document *document, json_t *facets, const char *type,
                     const char *sub_type)
{
    json_t *facet =
        openlineage_facet(document, facets, "datasetType", "DatasetTypeDatasetFacet", "1-0-1");
    ml_put_text(document, facet, "datasetType", type);
    ml_put_text(document, facet, "subType", sub_type);
}

static void put_version(struct ml_document *document, json_t *facets, const char *version)
{
    if (version)
        ml_put_text(
            document,
            openlineage_facet(document, facets, "version", "DatasetVersionDatasetFacet", "1-0-1"),
            "datasetVersion", version);
}

/* The version of data is its content. */
static const char *content_version(struct ml_document *document,
                                   const Mledger__Digest *const *digests, size_t count)
{
    char text[ML_DIGEST_TEXT_SIZE];
    const Mledger__Digest *digest = ml_digest_sha256(digests, count);
    if (!digest && count)
        digest = digests[0];
    if (!digest)
        return NULL;
    ml_digest_text(digest, 0, text);
    return ml_document_text(document, "%s", text);
}

static void put_owners(struct ml_document *document, json_t *facets, size_t node)
{
    const struct ml_account *account = document->account;
    size_t agent, at, next = 0;
    json_t *owners = NULL;
    while ((agent = ml_account_before(account, node, ML_ROLE_ASSOCIATED, next, &at)) != SIZE_MAX) {
        next = at + 1;
        if (!owners)
            owners = ml_put_array(
                document,
                openlineage_facet(document, facets, "ownership", "OwnershipDatasetFacet", "1-0-1"),
                "owners");
        json_t *owner = ml_add_object(document, owners);
        ml_put_text(document, owner, "name",
                    ml_document_text(document, "%s:%s",
                                     account->nodes[agent].is_service ? "service" : "user",
                                     account->nodes[agent].name));
        ml_put_text(document, owner, "type", "OWNER");
    }
}

/* Other names of a model: its files. */
static void put_symlinks(struct ml_document *document, json_t *facets, size_t model)
{
    const struct ml_account_node *at = &document->account->nodes[model];
    if (at->n_artifacts == 0)
        return;
    json_t *list = ml_put_array(
        document, openlineage_facet(document, facets, "symlinks", "SymlinksDatasetFacet", "1-0-1"),
        "identifiers");
    for (size_t i = 0; i < at->n_artifacts; i++) {
        json_t *one = ml_add_object(document, list);
        openlineage_put_file_name(document, one, model, i);
        ml_put_text(document, one, "type", "artifact");
    }
}

static void put_model_facets(struct ml_document *document, json_t *facets, size_t node)
{
    const struct ml_account_node *at = &document->account->nodes[node];
    const bool logged = document->account->graph->nodes[node].kind == ML_NODE_LOGGED_MODEL;
    put_version(document, facets,
                logged ? at->name
                       : ml_document_text(document, "%llu", (unsigned long long)at->version));
    put_type(document, facets, "MODEL", logged ? "LOGGED_MODEL" : "REGISTERED_VERSION");
    put_owners(document, facets, node);
    put_symlinks(document, facets, node);
}

static bool is_model(const struct ml_document *document, size_t node)
{
    const enum ml_node_kind kind = document->account->graph->nodes[node].kind;
    return kind == ML_NODE_VERSION || kind == ML_NODE_LOGGED_MODEL;
}

void openlineage_put_dataset(struct ml_document *document, json_t *object, size_t node)
{
    const struct ml_node *of = &document->account->graph->nodes[node];
    openlineage_put_name(document, object, node);
    json_t *facets = ml_put_object(document, object, "facets");
    if (is_model(document, node)) {
        put_model_facets(document, facets, node);
    } else {
        put_version(document, facets, content_version(document, of->digests, of->n_digests));
        put_type(document, facets, "FILE", NULL);
        put_owners(document, facets, node);
        put_digests(document, facets, of->digests, of->n_digests);
    }
    openlineage_put_record(document, facets, "Dataset", document->account->nodes[node].record);
}

/* Is the run's file one of a model that came of the run? */
static bool is_of_model(const struct ml_document *document, size_t run,
                        const struct ml_account_file *file)
{
    const struct ml_account *account = document->account;
    for (size_t i = 0; i < account->nodes[run].n_out; i++) {
        const size_t model = account->graph->edges[account->nodes[run].out[i]].to;
        const struct ml_account_node *at = &account->nodes[model];
        for (size_t k = 0; is_model(document, model) && k < at->n_artifacts; k++)
            if (ml_digests_meet(at->artifacts[k].digests, at->artifacts[k].n_digests, file->digests,
                                file->n_digests))
                return true;
    }
    return false;
}

void openlineage_put_file(struct ml_document *document, json_t *object, size_t owner, size_t place)
{
    const struct ml_account_file *file = &document->account->nodes[owner].artifacts[place];
    const bool model = is_model(document, owner) || is_of_model(document, owner, file);
    openlineage_put_file_name(document, object, owner, place);
    json_t *facets = ml_put_object(document, object, "facets");
    put_version(document, facets, content_version(document, file->digests, file->n_digests));
    put_type(document, facets, model ? "MODEL" : "FILE", NULL);
    put_digests(document, facets, file->digests, file->n_digests);
    openlineage_put_record(document, facets, "Dataset",
                           ml_account_record(document->account, file->seq));
}
