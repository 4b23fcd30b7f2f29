/* SPDX-License-Identifier: Apache-2.0 */
/* Components, services and dependencies of a bill of materials. */
#include "export/cyclonedx_private.h"
#include "ledger/core/percent.h"
#include "ledger/query/digest_text.h"

/* ---- hashes ---- */

static void add_hash(struct cyclonedx *bom, json_t *list, const char *algorithm,
                     const Mledger__Digest *digest)
{
    if (!digest)
        return;
    json_t *hash = ml_add_object(&bom->document, list);
    ml_put_text(&bom->document, hash, "alg", algorithm);
    ml_put_text(&bom->document, hash, "content",
                ml_document_hex(&bom->document, digest->value.data, digest->value.len));
}

static void put_hashes(struct cyclonedx *bom, json_t *component,
                       const Mledger__Digest *const *digests, size_t count)
{
    const Mledger__Digest *sha256 = ml_digest_sha256(digests, count);
    const Mledger__Digest *md5 = ml_digest_md5(digests, count);
    if (!sha256 && !md5)
        return;
    json_t *list = ml_put_array(&bom->document, component, "hashes");
    add_hash(bom, list, "SHA-256", sha256);
    add_hash(bom, list, "MD5", md5);
}

/* Each digest with its standing, those too that the format has no name for. */
static void put_digest_properties(struct cyclonedx *bom, json_t *component,
                                  const Mledger__Digest *const *digests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[ML_DIGEST_TEXT_SIZE];
        bool seen = digests[i]->standing == MLEDGER__STANDING__SEEN;
        ml_digest_text(digests[i], 0, text);
        cyclonedx_property(bom, component, seen ? "digestSeen" : "digestClaimed",
                           ml_document_text(&bom->document, "%s", text));
    }
}

/* ---- kinds ---- */

static void add_reference(struct cyclonedx *bom, json_t *component, const char *type,
                          const char *url)
{
    struct ml_document *document = &bom->document;
    json_t *reference =
        ml_add_object(document, ml_put_array(document, component, "externalReferences"));
    ml_put_text(document, reference, "type", type);
    ml_put_text(document, reference, "url", url);
}

static const char *component_type(enum ml_node_kind kind)
{
    switch (kind) {
    case ML_NODE_VERSION:
    case ML_NODE_LOGGED_MODEL:
        return "machine-learning-model";
    case ML_NODE_COMMIT:
        return "application";
    case ML_NODE_FILE:
        return "file";
    default:
        return "data";
    }
}

const char *cyclonedx_url(struct cyclonedx *bom, const char *source)
{
    static const char *const schemes[] = {"http://", "https://", "s3://",
                                          "gs://",   "ssh://",   "file:"};
    for (size_t i = 0; source && i < ML_COUNT(schemes); i++)
        if (strncmp(source, schemes[i], strlen(schemes[i])) == 0)
            return ml_document_source(&bom->document, source);
    return NULL;
}

static void put_data(struct cyclonedx *bom, json_t *component, size_t node)
{
    struct ml_document *document = &bom->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *data = ml_add_object(document, ml_put_array(document, component, "data"));
    ml_put_text(document, data, "type", "dataset");
    ml_put_text(document, data, "name", at->name);
    const char *url = cyclonedx_url(bom, at->uri);
    if (url)
        ml_put_text(document, ml_put_object(document, data, "contents"), "url", url);
}

static void put_commit(struct cyclonedx *bom, json_t *component, size_t node)
{
    struct ml_document *document = &bom->document;
    const char *hex = strchr(document->account->graph->nodes[node].id, ':') + 1;
    ml_put_text(document, component, "version", hex);
    json_t *pedigree = ml_put_object(document, component, "pedigree");
    json_t *commit = ml_add_object(document, ml_put_array(document, pedigree, "commits"));
    ml_put_text(document, commit, "uid", hex);
    const char *repository = ml_document_commit_repository(document, node);
    if (!repository)
        return;
    ml_put_text(document, commit, "url", repository);
    add_reference(bom, component, "vcs", repository);
}

/* ---- models ---- */

/* The slice of a metric is what it was measured on. */
static void add_metrics(struct cyclonedx *bom, json_t *list, const struct ml_account_node *at)
{
    struct ml_document *document = &bom->document;
    for (size_t i = 0; i < at->n_metrics; i++) {
        json_t *metric = ml_add_object(document, list);
        ml_put_text(document, metric, "type", at->metrics[i].key);
        ml_put_text(document, metric, "value", at->metrics[i].value);
        ml_put_text(document, metric, "slice", at->metrics[i].dataset);
    }
}

/* A logged model's own, and those of the run that made it, in which some are the same points. */
static void put_metrics(struct cyclonedx *bom, json_t *card, size_t model, size_t run)
{
    struct ml_document *document = &bom->document;
    const struct ml_account_node *of = &document->account->nodes[model];
    if (of->n_metrics == 0 && run != SIZE_MAX)
        of = &document->account->nodes[run];
    if (of->n_metrics)
        add_metrics(bom,
                    ml_put_array(document, ml_put_object(document, card, "quantitativeAnalysis"),
                                 "performanceMetrics"),
                    of);
}

static void put_datasets(struct cyclonedx *bom, json_t *card, size_t run)
{
    struct ml_document *document = &bom->document;
    const struct ml_account_node *at = &document->account->nodes[run];
    json_t *refs = json_array();
    for (size_t i = 0; i < at->n_in; i++) {
        const struct ml_edge *edge = &document->account->graph->edges[at->in[i]];
        if ((edge->role == ML_ROLE_TRAINED_ON || edge->role == ML_ROLE_USED) &&
            document->account->graph->nodes[edge->from].kind == ML_NODE_DATASET)
            cyclonedx_add_ref(bom, refs, document->ids[edge->from]);
    }
    if (json_array_size(refs)) {
        json_t *parameters = ml_put_object(document, card, "modelParameters");
        json_t *datasets = ml_put_array(document, parameters, "datasets");
        for (size_t i = 0; i < json_array_size(refs); i++)
            ml_put_text(document, ml_add_object(document, datasets), "ref",
                        json_string_value(json_array_get(refs, i)));
    }
    json_decref(refs);
}

static void put_card(struct cyclonedx *bom, json_t *component, size_t model)
{
    struct ml_document *document = &bom->document;
    const size_t run = ml_document_run_of(document, model);
    json_t *card = ml_put_object(document, component, "modelCard");
    if (run != SIZE_MAX)
        put_datasets(bom, card, run);
    put_metrics(bom, card, model, run);
    if (json_object_size(card) == 0)
        json_object_del(component, "modelCard");
}

/* The files of a model are components in it; of one file the hashes are the model's own. */
static void put_files(struct cyclonedx *bom, json_t *component, size_t version)
{
    struct ml_document *document = &bom->document;
    const struct ml_account_node *at = &document->account->nodes[version];
    if (at->n_artifacts == 0)
        return;
    if (at->n_artifacts == 1)
        put_hashes(bom, component, at->artifacts[0].digests, at->artifacts[0].n_digests);
    json_t *list = ml_put_array(document, component, "components");
    for (size_t i = 0; i < at->n_artifacts; i++) {
        const struct ml_account_file *file = &at->artifacts[i];
        json_t *one = ml_add_object(document, list);
        ml_put_text(document, one, "type", "file");
        ml_put_text(document, one, "bom-ref",
                    ml_document_text(document, "%s#%zu", document->ids[version], i));
        ml_put_text(document, one, "name", file->path);
        put_hashes(bom, one, file->digests, file->n_digests);
        put_digest_properties(bom, one, file->digests, file->n_digests);
        cyclonedx_put_record(bom, one, ml_account_record(document->account, file->seq));
    }
}

/* Base models: components without a bom-ref of their own, as theirs is used where they stand. */
static void put_ancestors(struct cyclonedx *bom, json_t *component, size_t version)
{
    struct ml_document *document = &bom->document;
    const struct ml_account *account = document->account;
    json_t *list = NULL;
    size_t base, at, next = 0;
    while ((base = ml_account_before(account, version, ML_ROLE_DERIVED_FROM, next, &at)) !=
           SIZE_MAX) {
        next = at + 1;
        if (account->graph->nodes[base].kind != ML_NODE_VERSION)
            continue;
        if (!list)
            list =
                ml_put_array(document, ml_put_object(document, component, "pedigree"), "ancestors");
        json_t *one = ml_add_object(document, list);
        ml_put_text(document, one, "type", "machine-learning-model");
        ml_put_text(document, one, "name", account->nodes[base].name);
        ml_put_text(
            document, one, "version",
            ml_document_text(document, "%llu", (unsigned long long)account->nodes[base].version));
    }
}

/* The id of a logged model is its version: it is made once and never anew. */
static const char *model_version(struct ml_document *document, size_t node)
{
    const struct ml_account_node *at = &document->account->nodes[node];
    if (document->account->graph->nodes[node].kind == ML_NODE_LOGGED_MODEL)
        return at->name;
    return ml_document_text(document, "%llu", (unsigned long long)at->version);
}

static void put_model(struct cyclonedx *bom, json_t *component, size_t node)
{
    struct ml_document *document = &bom->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    ml_put_text(document, component, "version", model_version(document, node));
    put_files(bom, component, node);
    put_ancestors(bom, component, node);
    put_card(bom, component, node);
    const char *url = cyclonedx_url(bom, at->uri);
    if (url)
        add_reference(bom, component, "distribution", url);
    for (size_t i = 0; i < at->n_params; i++)
        cyclonedx_property(bom, component,
                           ml_document_text(document, "param:%s", at->params[i].key),
                           at->params[i].value);
    cyclonedx_property(bom, component, "status", at->status);
    cyclonedx_property(bom, component, "stage", at->stage);
    for (size_t i = 0; i < at->n_aliases; i++)
        cyclonedx_property(bom, component, "alias", at->aliases[i]);
}

static const char *component_name(const struct ml_document *document, size_t node)
{
    const struct ml_account_node *at = &document->account->nodes[node];
    const struct ml_node *of = &document->account->graph->nodes[node];
    const char *name = of->kind == ML_NODE_LOGGED_MODEL && at->title ? at->title : at->name;
    return name ? name : of->label;
}

void cyclonedx_put_component(struct cyclonedx *bom, json_t *object, size_t node)
{
    struct ml_document *document = &bom->document;
    const struct ml_node *of = &document->account->graph->nodes[node];
    ml_put_text(document, object, "type", component_type(of->kind));
    ml_put_text(document, object, "bom-ref", document->ids[node]);
    ml_put_text(document, object, "name", component_name(document, node));
    if (cyclonedx_is_model(of))
        put_model(bom, object, node);
    else
        put_hashes(bom, object, of->digests, of->n_digests);
    if (of->kind == ML_NODE_COMMIT)
        put_commit(bom, object, node);
    if (of->kind == ML_NODE_DATASET)
        put_data(bom, object, node);
    cyclonedx_property(bom, object, "reference", of->id);
    cyclonedx_property(bom, object, "source", document->account->nodes[node].uri);
    if (!cyclonedx_is_model(of))
        put_digest_properties(bom, object, of->digests, of->n_digests);
    if (of->flags & ML_NODE_ERASED)
        cyclonedx_property(bom, object, "erasedBy",
                           ml_document_text(document, "%llu", (unsigned long long)of->erased_by));
    cyclonedx_put_record(bom, object, document->account->nodes[node].record);
}

/* ---- services ---- */

/* An endpoint of one name in two environments is two. */
static int append_endpoint(const struct ml_account_node *deployment, struct ml_buf *name)
{
    ML_TRY(ml_percent_encode(deployment->name, "/@", name));
    if (deployment->environment) {
        ML_TRY(ml_buf_append_char(name, '#'));
        ML_TRY(ml_percent_encode(deployment->environment, "/@", name));
    }
    return ml_buf_append_char(name, '\0');
}

const char *cyclonedx_service(struct cyclonedx *bom, size_t deployment)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
    struct ml_document *document = &bom->document;
    if (append_endpoint(&document->account->nodes[deployment], &name) < 0) {
        document->failed = true;
        return NULL;
    }
    return ml_document_text(document, "service/%s", (const char *)name.data);
}

static bool is_same_endpoint(const struct ml_account_node *a, const struct ml_account_node *b)
{
    const char *in_a = a->environment ? a->environment : "";
    const char *in_b = b->environment ? b->environment : "";
    return strcmp(a->name, b->name) == 0 && strcmp(in_a, in_b) == 0;
}

bool cyclonedx_is_newest(const struct cyclonedx *bom, size_t deployment)
{
    const struct ml_account *account = bom->document.account;
    for (size_t i = deployment + 1; i < account->graph->n_nodes; i++)
        if (account->graph->nodes[i].kind == ML_NODE_DEPLOYMENT &&
            is_same_endpoint(&account->nodes[i], &account->nodes[deployment]))
            return false;
    return true;
}

/* "2025-02-24T08:05:00Z, record 97": since then it serves something else. */
static const char *ended_text(struct ml_document *document, size_t deployment)
{
    const struct ml_account_record *ended = document->account->nodes[deployment].ended;
    return ml_document_text(document, "%s, record %llu",
                            ml_document_time(document, ml_account_when(ended)),
                            (unsigned long long)ended->seq);
}

void cyclonedx_put_services(struct cyclonedx *bom)
{
    struct ml_document *document = &bom->document;
    const struct ml_account *account = document->account;
    json_t *services = NULL;
    for (size_t i = 0; i < account->graph->n_nodes; i++) {
        if (account->graph->nodes[i].kind != ML_NODE_DEPLOYMENT || !cyclonedx_is_newest(bom, i))
            continue;
        if (!services)
            services = ml_put_array(document, document->root, "services");
        json_t *service = ml_add_object(document, services);
        ml_put_text(document, service, "bom-ref", cyclonedx_service(bom, i));
        ml_put_text(document, service, "name", account->nodes[i].name);
        const char *url = cyclonedx_url(bom, account->nodes[i].name);
        if (url)
            ml_add_text(document, ml_put_array(document, service, "endpoints"), url);
        cyclonedx_property(bom, service, "environment", account->nodes[i].environment);
        if (account->nodes[i].ended)
            cyclonedx_property(bom, service, "until", ended_text(document, i));
        cyclonedx_put_record(bom, service, account->nodes[i].record);
    }
}

/* ---- dependencies ---- */

static bool is_read(enum ml_edge_role role)
{
    return role == ML_ROLE_USED || role == ML_ROLE_TRAINED_ON || role == ML_ROLE_CODE;
}

/* What a run or a stage read; of a run also what the stage read that it was, if a person confirmed
 * that. */
static void add_read(struct cyclonedx *bom, json_t *list, size_t activity, bool confirmed)
{
    const struct ml_account *account = bom->document.account;
    const struct ml_account_node *at = &account->nodes[activity];
    for (size_t i = 0; i < at->n_in; i++) {
        const struct ml_edge *edge = &account->graph->edges[at->in[i]];
        if (is_read(edge->role) && cyclonedx_is_component(&account->graph->nodes[edge->from]))
            cyclonedx_add_ref(bom, list, bom->document.ids[edge->from]);
        else if (edge->role == ML_ROLE_CONFIRMED && confirmed)
            add_read(bom, list, edge->from, false);
    }
}

static void add_dependencies(struct cyclonedx *bom, json_t *list, size_t node)
{
    const struct ml_account *account = bom->document.account;
    const struct ml_account_node *at = &account->nodes[node];
    for (size_t i = 0; i < at->n_in; i++) {
        const struct ml_edge *edge = &account->graph->edges[at->in[i]];
        if (edge->role == ML_ROLE_GENERATED || edge->role == ML_ROLE_REGISTERED_FROM)
            add_read(bom, list, edge->from, true);
        else if ((edge->role == ML_ROLE_DERIVED_FROM || edge->role == ML_ROLE_SAME_CONTENT) &&
                 cyclonedx_is_component(&account->graph->nodes[edge->from]))
            cyclonedx_add_ref(bom, list, bom->document.ids[edge->from]);
    }
}

static void add_service_dependencies(struct cyclonedx *bom, json_t *list, size_t deployment)
{
    size_t version, at, next = 0;
    if (bom->document.account->nodes[deployment].ended)
        return; /* it did, and no longer does */
    while ((version = ml_account_before(bom->document.account, deployment, ML_ROLE_DEPLOYED, next,
                                        &at)) != SIZE_MAX) {
        cyclonedx_add_ref(bom, list, bom->document.ids[version]);
        next = at + 1;
    }
}

void cyclonedx_put_dependencies(struct cyclonedx *bom)
{
    struct ml_document *document = &bom->document;
    const struct ml_graph *graph = document->account->graph;
    json_t *all = ml_put_array(document, document->root, "dependencies");
    for (size_t i = 0; i < graph->n_nodes; i++) {
        bool service = graph->nodes[i].kind == ML_NODE_DEPLOYMENT && cyclonedx_is_newest(bom, i);
        if (!service && !cyclonedx_is_component(&graph->nodes[i]))
            continue;
        json_t *one = ml_add_object(document, all);
        ml_put_text(document, one, "ref", service ? cyclonedx_service(bom, i) : document->ids[i]);
        json_t *list = ml_put_array(document, one, "dependsOn");
        if (service)
            add_service_dependencies(bom, list, i);
        else
            add_dependencies(bom, list, i);
    }
}
