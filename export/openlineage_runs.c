/* SPDX-License-Identifier: Apache-2.0 */
/* Events of runs and of pipeline stages. */
#include "export/openlineage_private.h"

static void put_params(struct ml_document *document, json_t *facets,
                       const struct ml_account_node *at)
{
    if (at->n_params == 0)
        return;
    json_t *list = ml_put_array(document,
                                openlineage_facet(document, facets, "executionParameters",
                                                  "ExecutionParametersRunFacet", "1-0-0"),
                                "parameters");
    for (size_t i = 0; i < at->n_params; i++) {
        if (!at->params[i].value)
            continue;
        json_t *one = ml_add_object(document, list);
        ml_put_text(document, one, "key", at->params[i].key);
        ml_put_text(document, one, "value", at->params[i].value);
    }
}

static void put_metrics(struct ml_document *document, json_t *facets,
                        const struct ml_account_node *at)
{
    if (at->n_metrics == 0)
        return;
    json_t *facet = ml_put_object(document, facets, "mledger_metrics");
    ml_put_text(document, facet, "_producer", ml_document_producer);
    ml_put_text(document, facet, "_schemaURL",
                ML_DOCUMENT_NS "facets/1-0-0/MledgerMetricsRunFacet.json"
                               "#/$defs/MledgerMetricsRunFacet");
    json_t *list = ml_put_array(document, facet, "metrics");
    for (size_t i = 0; i < at->n_metrics; i++)
        ml_put_metric(document, ml_add_object(document, list), &at->metrics[i]);
}

static const char *terminal_type(const char *status)
{
    if (status && strcmp(status, "failed") == 0)
        return "FAIL";
    return status && strcmp(status, "killed") == 0 ? "ABORT" : "COMPLETE";
}

static void put_run_tags(struct ml_document *document, json_t *facets, size_t node)
{
    const struct ml_account *account = document->account;
    json_t *tags = openlineage_tags(document, facets);
    openlineage_add_tag(document, tags, "run_id", account->nodes[node].name);
    openlineage_add_tag(document, tags, "run_name", account->nodes[node].title);
    openlineage_add_tag(document, tags, "actor", openlineage_actor(document, node));
}

void openlineage_run(struct openlineage *events, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    struct openlineage_subject subject = {.node = node, .record = at->began, .type = "START"};
    json_t *facets;
    if (!at->began)
        return;
    subject.job = ml_document_text(document, "run.%s", at->experiment ? at->experiment : "default");
    subject.job_type = "RUN";
    json_t *json = openlineage_add(events, &subject, &facets);
    put_params(document, facets, at);
    put_run_tags(document, facets, node);
    ml_put_array(document, json, "outputs");
    if (!at->ended)
        return;
    subject.record = at->ended;
    subject.type = terminal_type(at->status);
    json = openlineage_add(events, &subject, &facets);
    put_metrics(document, facets, at);
    put_run_tags(document, facets, node);
    openlineage_put_outputs(events, json, node);
}

void openlineage_stage(struct openlineage *events, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    const struct openlineage_subject subject = {
        .node = node,
        .record = at->record,
        .type = "COMPLETE",
        .job =
            ml_document_text(document, "stage.%s.%s", at->pipeline ? at->pipeline : "", at->name),
        .job_type = "PIPELINE_STAGE",
        .part = at->name,
    };
    json_t *facets;
    json_t *json = openlineage_add(events, &subject, &facets);
    size_t place,
        params = ml_account_before(document->account, node, ML_ROLE_PARAMETERS, 0, &place);
    if (params != SIZE_MAX)
        put_params(document, facets, &document->account->nodes[params]);
    openlineage_put_outputs(events, json, node);
}
