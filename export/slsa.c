/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SLSA provenance v1 (https://slsa.dev/spec/v1.0/provenance) of a model's files: the run that a
 * version was registered from or that made a logged model, with its parameters, data, code and base
 * models.
 *
 * builder.id names who ran it as far as the ledger knows; it claims no level of SLSA. What is only
 * inferred (which pipeline stage a run was) is no dependency here.
 */
#include "export/intoto_private.h"
#include "ledger/core/base64.h"
#include "ledger/core/json.h"
#include "ledger/query/digest_text.h"

#define PREDICATE_TYPE "https://slsa.dev/provenance/v1"
#define BUILD_TYPE ML_DOCUMENT_NS "build/ml-run/v1"

/* ---- dependencies ---- */

/* A commit in the repository that a tag of the run names, if one does. */
static const char *commit_uri(struct ml_document *document, size_t run, size_t commit)
{
    const char *hex = strchr(document->account->graph->nodes[commit].id, ':') + 1;
    const char *repository =
        run == SIZE_MAX ? NULL
                        : ml_tag_of(&document->account->nodes[run], "mlflow.source.git.repoURL");
    if (!repository)
        return ml_document_uri(document, commit);
    return ml_document_text(document, "git+%s@%s", ml_document_repository(document, repository),
                            hex);
}

static void add_commit(struct ml_document *document, json_t *list, size_t run, size_t commit)
{
    const struct ml_node *node = &document->account->graph->nodes[commit];
    json_t *resource = ml_add_object(document, list);
    ml_put_text(document, resource, "uri", commit_uri(document, run, commit));
    json_t *digest = ml_put_object(document, resource, "digest");
    ml_put_text(document, digest, "gitCommit", strchr(node->id, ':') + 1);
    ml_put_record(document, ml_put_object(document, resource, "annotations"),
                  document->account->nodes[commit].record);
}

/* Digests that in-toto has no name for: DVC's of directories. */
static void put_other_digests(struct ml_document *document, json_t *annotations,
                              const struct ml_node *node)
{
    for (size_t i = 0; i < node->n_digests; i++) {
        char text[ML_DIGEST_TEXT_SIZE];
        if (node->digests[i]->algorithm == MLEDGER__ALGORITHM__SHA256 ||
            node->digests[i]->algorithm == MLEDGER__ALGORITHM__MD5)
            continue;
        ml_digest_text(node->digests[i], 0, text);
        ml_put_text(document, annotations, ml_algorithm_name(node->digests[i]->algorithm),
                    strchr(text, ':') + 1);
    }
}

void intoto_put_resource(struct ml_document *document, json_t *object, size_t node)
{
    const struct ml_node *of = &document->account->graph->nodes[node];
    const struct ml_account_node *at = &document->account->nodes[node];
    const char *source = ml_document_source(document, at->uri);
    ml_put_text(document, object, "name", of->id);
    ml_put_text(document, object, "uri", source ? source : ml_document_uri(document, node));
    intoto_put_digests(document, object, of->digests, of->n_digests);
    json_t *annotations = ml_put_object(document, object, "annotations");
    ml_put_record(document, annotations, at->record);
    put_other_digests(document, annotations, of);
}

static bool is_dependency(const struct ml_edge *edge)
{
    return edge->role == ML_ROLE_USED || edge->role == ML_ROLE_TRAINED_ON ||
           edge->role == ML_ROLE_DERIVED_FROM || edge->role == ML_ROLE_CODE;
}

static void add_dependencies(struct ml_document *document, json_t *list, size_t node, size_t run)
{
    const struct ml_account *account = document->account;
    const struct ml_account_node *at = &account->nodes[node];
    for (size_t i = 0; i < at->n_in; i++) {
        const struct ml_edge *edge = &account->graph->edges[at->in[i]];
        if (!is_dependency(edge) || ml_document_is_repeated(document, at->in, i))
            continue;
        if (edge->role == ML_ROLE_CODE)
            add_commit(document, list, run, edge->from);
        else
            intoto_put_resource(document, ml_add_object(document, list), edge->from);
    }
}

/* What the pipeline stages read of which a person confirmed that the run was their execution. */
static void add_confirmed(struct ml_document *document, json_t *list, size_t run)
{
    size_t stage, at, next = 0;
    while ((stage = ml_account_before(document->account, run, ML_ROLE_CONFIRMED, next, &at)) !=
           SIZE_MAX) {
        add_dependencies(document, list, stage, run);
        next = at + 1;
    }
}

/* ---- the run ---- */

static void put_parameters(struct ml_document *document, json_t *definition, size_t run)
{
    json_t *external = ml_put_object(document, definition, "externalParameters");
    if (run == SIZE_MAX)
        return;
    const struct ml_account_node *at = &document->account->nodes[run];
    ml_put_text(document, external, "entryPoint", ml_tag_of(at, "mlflow.source.name"));
    ml_put_text(document, external, "experiment", at->experiment);
    json_t *params = ml_put_object(document, external, "hyperparameters");
    for (size_t i = 0; i < at->n_params; i++)
        ml_put_text(document, params, at->params[i].key, at->params[i].value);
}

static const char *builder_id(struct ml_document *document, size_t run)
{
    size_t at, agent = run == SIZE_MAX
                           ? SIZE_MAX
                           : ml_account_before(document->account, run, ML_ROLE_ASSOCIATED, 0, &at);
    return agent == SIZE_MAX ? ml_document_uri_of(document, "builder/unknown")
                             : ml_document_uri(document, agent);
}

static int write_metrics(struct ml_document *document, const struct ml_account_node *at,
                         struct ml_buf *out)
{
    json_t *metrics = json_object();
    for (size_t i = 0; i < at->n_metrics; i++)
        ml_put_text(document, metrics, at->metrics[i].name, at->metrics[i].value);
    int result = metrics ? ml_json_dump(metrics, 0, out) : ml_fail_memory();
    json_decref(metrics);
    return result;
}

/* "content" and "digest" of the byproduct. */
static int put_content(struct ml_document *document, json_t *byproduct, struct ml_span content)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    uint8_t hash[ML_HASH_SIZE];
    ML_TRY(ml_base64_append(&text, content.data, content.len));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    ML_TRY(ml_sha256(hash, &content, 1));
    ml_put_text(document, byproduct, "content", (const char *)text.data);
    ml_put_text(document, ml_put_object(document, byproduct, "digest"), "sha256",
                ml_document_hex(document, hash, sizeof hash));
    return MLEDGER_OK;
}

static void put_byproducts(struct ml_document *document, json_t *details,
                           const struct ml_account_node *at)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf content = {0};
    if (at->n_metrics == 0)
        return;
    json_t *metrics = ml_add_object(document, ml_put_array(document, details, "byproducts"));
    ml_put_text(document, metrics, "name", "metrics");
    ml_put_text(document, metrics, "mediaType", "application/json");
    document->failed |= write_metrics(document, at, &content) < 0 ||
                        put_content(document, metrics, ml_buf_span(&content)) < 0;
}

static void put_details(struct ml_document *document, json_t *predicate, size_t run)
{
    json_t *details = ml_put_object(document, predicate, "runDetails");
    ml_put_text(document, ml_put_object(document, details, "builder"), "id",
                builder_id(document, run));
    if (run == SIZE_MAX)
        return;
    const struct ml_account_node *at = &document->account->nodes[run];
    json_t *metadata = ml_put_object(document, details, "metadata");
    ml_put_text(document, metadata, "invocationId", at->name);
    if (at->began)
        ml_put_text(document, metadata, "startedOn",
                    ml_document_time(document, ml_account_when(at->began)));
    ml_put_text(document, metadata, "finishedOn", ml_document_time(document, ml_account_ended(at)));
    ml_put_text(document, metadata, "mledger_status", at->status);
    put_byproducts(document, details, at);
}

void intoto_add_provenance(struct ml_document *document, size_t node)
{
    const struct ml_account *account = document->account;
    json_t *predicate;
    const size_t run =
        account->graph->nodes[node].kind == ML_NODE_RUN ? node : ml_document_run_of(document, node);
    intoto_statement(document, node, PREDICATE_TYPE, &predicate);
    json_t *definition = ml_put_object(document, predicate, "buildDefinition");
    ml_put_text(document, definition, "buildType", BUILD_TYPE);
    put_parameters(document, definition, run);
    json_t *list = ml_put_array(document, definition, "resolvedDependencies");
    if (run != node)
        add_dependencies(document, list, node, run);
    if (run != SIZE_MAX) {
        add_dependencies(document, list, run, run);
        add_confirmed(document, list, run);
    }
    put_details(document, predicate, run);
    intoto_put_source(document, predicate, account->nodes[node].record);
}
