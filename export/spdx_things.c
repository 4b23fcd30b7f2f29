/* SPDX-License-Identifier: Apache-2.0 */
/* Packages, files and agents of SPDX. */
#include "export/spdx_private.h"

static void put_licenses(struct spdx *spdx, size_t node)
{
    const char *id = ml_document_uri(&spdx->document, node);
    spdx_relate(spdx, id, "hasConcludedLicense", SPDX_NO_LICENSE, NULL, NULL);
    spdx_relate(spdx, id, "hasDeclaredLicense", SPDX_NO_LICENSE, NULL, NULL);
}

/* Where it can be had; whether that is known. */
static bool put_location(struct spdx *spdx, json_t *element, const char *source)
{
    struct ml_document *document = &spdx->document;
    ml_put_text(document, element, "software_downloadLocation",
                source ? ml_document_source(document, source) : SPDX_NO_ASSERTION);
    return source != NULL;
}

/* ---- data ---- */

static void add_dataset(struct spdx *spdx, size_t node)
{
    struct ml_document *document = &spdx->document;
    const struct ml_node *of = &document->account->graph->nodes[node];
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *element = spdx_node(spdx, "dataset_DatasetPackage", node);
    const char *when = ml_document_seconds(document, ml_account_when(at->record));
    const char *agent = spdx_agent(spdx, node);
    bool placed = put_location(spdx, element, at->uri);
    spdx->dataset &= placed && strcmp(agent, SPDX_NO_ASSERTION) != 0;
    ml_put_text(document, element, "software_primaryPurpose", "data");
    ml_add_text(document, ml_put_array(document, element, "dataset_datasetType"), "noAssertion");
    if (at->has_size)
        ml_put_number(document, element, "dataset_datasetSize", at->size);
    ml_put_text(document, element, "builtTime", when);
    ml_put_text(document, element, "releaseTime", when);
    ml_add_text(document, ml_put_array(document, element, "originatedBy"), agent);
    spdx_put_hashes(spdx, element, of->digests, of->n_digests);
    put_licenses(spdx, node);
}

static void add_file(struct spdx *spdx, size_t node)
{
    const struct ml_node *of = &spdx->document.account->graph->nodes[node];
    json_t *element = spdx_node(spdx, "software_File", node);
    spdx_put_hashes(spdx, element, of->digests, of->n_digests);
}

static void add_commit(struct spdx *spdx, size_t node)
{
    struct ml_document *document = &spdx->document;
    const char *hex = strchr(document->account->graph->nodes[node].id, ':') + 1;
    json_t *element = spdx_node(spdx, "software_Package", node);
    ml_put_text(document, element, "software_packageVersion", hex);
    ml_put_text(document, element, "software_primaryPurpose", "source");
    const char *repository = ml_document_commit_repository(document, node);
    if (repository)
        ml_put_text(document, element, "software_downloadLocation",
                    ml_document_text(document, "git+%s@%s", repository, hex));
    json_t *hash = ml_add_object(document, ml_put_array(document, element, "verifiedUsing"));
    ml_put_text(document, hash, "type", "Hash");
    ml_put_text(document, hash, "algorithm", strlen(hex) == 40 ? "sha1" : "sha256");
    ml_put_text(document, hash, "hashValue", hex);
    ml_put_text(document, hash, "comment", "name of the commit in Git");
}

static void add_source(struct spdx *spdx, size_t node)
{
    json_t *element = spdx_node(spdx, "software_Package", node);
    ml_put_text(&spdx->document, element, "software_primaryPurpose", "data");
}

/* ---- models ---- */

static void put_metrics(struct spdx *spdx, json_t *element, const struct ml_account_node *at)
{
    struct ml_document *document = &spdx->document;
    if (at->n_metrics == 0)
        return;
    json_t *list = ml_put_array(document, element, "ai_metric");
    for (size_t i = 0; i < at->n_metrics; i++) {
        json_t *entry = ml_add_object(document, list);
        ml_put_text(document, entry, "type", "DictionaryEntry");
        ml_put_text(document, entry, "key", at->metrics[i].name);
        ml_put_text(document, entry, "value", at->metrics[i].value);
    }
}

/* Of one file the hashes are the package's; each file is an element that the package contains. */
static void add_files(struct spdx *spdx, json_t *element, size_t model)
{
    struct ml_document *document = &spdx->document;
    const struct ml_account_node *at = &document->account->nodes[model];
    if (at->n_artifacts == 1)
        spdx_put_hashes(spdx, element, at->artifacts[0].digests, at->artifacts[0].n_digests);
    for (size_t i = 0; i < at->n_artifacts; i++) {
        const struct ml_account_file *artifact = &at->artifacts[i];
        const struct ml_account_record *record =
            ml_account_record(document->account, artifact->seq);
        const char *id = ml_document_text(document, "%s#%zu", ml_document_uri(document, model), i);
        json_t *file = spdx_element(spdx, "software_File", id, NULL);
        ml_put_text(document, file, "name", artifact->path);
        spdx_put_hashes(spdx, file, artifact->digests, artifact->n_digests);
        spdx_put_record(spdx, file, record);
        spdx_relate(spdx, ml_document_uri(document, model), "contains", id, NULL, record);
    }
}

/* What was measured of it and set for it: a logged model's own, else its run's. */
static void put_making(struct spdx *spdx, json_t *element, size_t node)
{
    const struct ml_account *account = spdx->document.account;
    const struct ml_account_node *at = &account->nodes[node];
    const size_t run = ml_document_run_of(&spdx->document, node);
    const struct ml_account_node *made_by = run == SIZE_MAX ? at : &account->nodes[run];
    const struct ml_account_node *of = at->n_params ? at : made_by;
    spdx_put_entries(spdx, element, "ai_hyperparameter", of->params, of->n_params);
    put_metrics(spdx, element, at->n_metrics ? at : made_by);
}

/* The id of a logged model is its version: it is made once and never anew. */
static void put_names(struct spdx *spdx, json_t *element, size_t node)
{
    struct ml_document *document = &spdx->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    const bool logged = document->account->graph->nodes[node].kind == ML_NODE_LOGGED_MODEL;
    if (logged)
        ml_put_text(document, element, "name", at->title);
    ml_put_text(document, element, "software_packageVersion",
                logged ? at->name
                       : ml_document_text(document, "%llu", (unsigned long long)at->version));
}

static void add_model(struct spdx *spdx, size_t node)
{
    struct ml_document *document = &spdx->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *element = spdx_node(spdx, "ai_AIPackage", node);
    const char *agent = spdx_agent(spdx, node);
    bool placed = put_location(spdx, element, at->uri);
    spdx->ai &= placed && strcmp(agent, SPDX_NO_ASSERTION) != 0;
    put_names(spdx, element, node);
    ml_put_text(document, element, "software_primaryPurpose", "model");
    ml_put_text(document, element, "releaseTime",
                ml_document_seconds(document, ml_account_when(at->record)));
    ml_put_text(document, element, "suppliedBy", agent);
    put_making(spdx, element, node);
    add_files(spdx, element, node);
    put_licenses(spdx, node);
}

/* ---- agents ---- */

static void add_agent(struct spdx *spdx, size_t node)
{
    struct ml_document *document = &spdx->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *element = spdx_element(spdx, at->is_service ? "SoftwareAgent" : "Person",
                                   ml_document_uri(document, node), NULL);
    ml_put_text(document, element, "name", at->title ? at->title : at->name);
    spdx_put_record(spdx, element, at->record);
    json_t *list = json_object_get(element, "externalIdentifier");
    for (size_t i = 0; i < at->n_keys; i++) {
        json_t *key = ml_add_object(document, list);
        ml_put_text(document, key, "type", "ExternalIdentifier");
        ml_put_text(document, key, "externalIdentifierType", "other");
        ml_put_text(document, key, "identifier",
                    ml_document_text(document, "ed25519:%s",
                                     ml_document_hex(document, at->keys[i].key, ML_KEY_SIZE)));
    }
}

void spdx_add_thing(struct spdx *spdx, size_t node)
{
    switch (spdx->document.account->graph->nodes[node].kind) {
    case ML_NODE_DATASET:
        add_dataset(spdx, node);
        break;
    case ML_NODE_FILE:
        add_file(spdx, node);
        break;
    case ML_NODE_SOURCE:
        add_source(spdx, node);
        break;
    case ML_NODE_COMMIT:
        add_commit(spdx, node);
        break;
    case ML_NODE_VERSION:
    case ML_NODE_LOGGED_MODEL:
        add_model(spdx, node);
        break;
    case ML_NODE_AGENT:
        add_agent(spdx, node);
        break;
    default:
        break;
    }
}
