/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenLineage 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json), an event on each line, as
 * Marquez takes them: START and one terminal event of a run; one COMPLETE of what happens in a
 * moment (a registration, validation, approval, transition, deployment); a DatasetEvent of a
 * dataset that was recorded and of a logged model.
 *
 * Run ids are made of record links, so the same record has the same id in every export. A run that
 * is known by its id alone has no events. Events stand in the order of their records.
 */
#include "export/formats.h"
#include "export/openlineage_private.h"
#include "ledger/core/json.h"

#define EVENT_SCHEMA "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"

static void release_events(struct openlineage *events)
{
    for (size_t i = 0; i < events->count; i++)
        json_decref(events->list[i].json);
    free(events->list);
    ml_document_release(&events->document);
}

json_t *openlineage_new(struct openlineage *events, const struct ml_account_record *record,
                        const char *type, const char *schema)
{
    struct ml_document *document = &events->document;
    json_t *json = json_object();
    if (!json ||
        ml_grow(&events->list, &events->cap, events->count + 1, sizeof *events->list) < 0) {
        json_decref(json);
        document->failed = true;
        return NULL;
    }
    events->list[events->count] = (struct openlineage_event){record->seq, events->count, json};
    events->count++;
    ml_put_text(document, json, "eventType", type);
    ml_put_text(document, json, "eventTime", ml_document_time(document, ml_account_when(record)));
    ml_put_text(document, json, "producer", ml_document_producer);
    ml_put_text(document, json, "schemaURL", ml_document_text(document, EVENT_SCHEMA "%s", schema));
    return json;
}

/* ---- run and job ---- */

static json_t *put_run(struct openlineage *events, json_t *json,
                       const struct openlineage_subject *subject)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[subject->node];
    json_t *run = ml_put_object(document, json, "run");
    ml_put_text(document, run, "runId", ml_document_uuid(document, at->record, subject->part));
    json_t *facets = ml_put_object(document, run, "facets");
    openlineage_put_record(document, facets, "Run", subject->record);
    return facets;
}

static void put_code(struct ml_document *document, json_t *facets, size_t node)
{
    size_t at, commit = ml_account_before(document->account, node, ML_ROLE_CODE, 0, &at);
    if (commit == SIZE_MAX)
        return;
    const struct ml_account_node *run = &document->account->nodes[node];
    const char *repository = ml_tag_of(run, "mlflow.source.git.repoURL");
    json_t *facet = openlineage_facet(document, facets, "sourceCodeLocation",
                                      "SourceCodeLocationJobFacet", "1-1-0");
    ml_put_text(document, facet, "type", "git");
    ml_put_text(document, facet, "url",
                repository ? ml_document_repository(document, repository)
                           : ml_document_uri(document, commit));
    ml_put_text(document, facet, "repoUrl", repository);
    ml_put_text(document, facet, "path", ml_tag_of(run, "mlflow.source.name"));
    ml_put_text(document, facet, "version",
                strchr(document->account->graph->nodes[commit].id, ':') + 1);
}

static void put_job(struct openlineage *events, json_t *json,
                    const struct openlineage_subject *subject)
{
    struct ml_document *document = &events->document;
    json_t *job = ml_put_object(document, json, "job");
    ml_put_text(document, job, "namespace", openlineage_namespace(document));
    ml_put_text(document, job, "name", subject->job);
    json_t *facets = ml_put_object(document, job, "facets");
    json_t *type = openlineage_facet(document, facets, "jobType", "JobTypeJobFacet", "2-0-4");
    ml_put_text(document, type, "processingType", "BATCH");
    ml_put_text(document, type, "integration", "MLEDGER");
    ml_put_text(document, type, "jobType", subject->job_type);
    put_code(document, facets, subject->node);
}

static void put_inputs(struct openlineage *events, json_t *json, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account *account = document->account;
    const struct ml_account_node *at = &account->nodes[node];
    json_t *inputs = ml_put_array(document, json, "inputs");
    for (size_t i = 0; i < at->n_in; i++) {
        const struct ml_edge *edge = &account->graph->edges[at->in[i]];
        if (openlineage_is_dataset(&account->graph->nodes[edge->from]) &&
            edge->role != ML_ROLE_SAME_CONTENT && !ml_document_is_repeated(document, at->in, i))
            openlineage_put_dataset(document, ml_add_object(document, inputs), edge->from);
    }
}

static void put_size(struct ml_document *document, json_t *output,
                     const struct ml_account_file *file)
{
    if (!file->has_size)
        return;
    json_t *statistics =
        openlineage_facet(document, ml_put_object(document, output, "outputFacets"),
                          "outputStatistics", "OutputStatisticsOutputDatasetFacet", "1-0-2");
    ml_put_number(document, statistics, "size", file->size);
}

void openlineage_put_outputs(struct openlineage *events, json_t *json, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account *account = document->account;
    const struct ml_account_node *at = &account->nodes[node];
    json_t *outputs = ml_put_array(document, json, "outputs");
    const bool run = account->graph->nodes[node].kind == ML_NODE_RUN;
    for (size_t i = 0; run && i < at->n_artifacts; i++) {
        json_t *output = ml_add_object(document, outputs);
        openlineage_put_file(document, output, node, i);
        put_size(document, output, &at->artifacts[i]);
    }
    for (size_t i = 0; i < at->n_out; i++) {
        const struct ml_edge *edge = &account->graph->edges[at->out[i]];
        if (edge->role == ML_ROLE_GENERATED && !ml_document_is_repeated(document, at->out, i) &&
            (!run || account->graph->nodes[edge->to].kind == ML_NODE_LOGGED_MODEL))
            openlineage_put_dataset(document, ml_add_object(document, outputs), edge->to);
    }
}

json_t *openlineage_add(struct openlineage *events, const struct openlineage_subject *subject,
                        json_t **ret_facets)
{
    json_t *json = openlineage_new(events, subject->record, subject->type, "RunEvent");
    *ret_facets = put_run(events, json, subject);
    put_job(events, json, subject);
    put_inputs(events, json, subject->node);
    return json;
}

/* ---- all of it ---- */

static void add_node(struct openlineage *events, size_t node)
{
    switch (events->document.account->graph->nodes[node].kind) {
    case ML_NODE_RUN:
        openlineage_run(events, node);
        break;
    case ML_NODE_STAGE:
        openlineage_stage(events, node);
        break;
    default:
        openlineage_act(events, node);
        break;
    }
}

static int compare_events(const void *a, const void *b)
{
    const struct openlineage_event *x = a, *y = b;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int write_events(struct openlineage *events, struct ml_buf *out)
{
    size_t before = out->len;
    if (events->document.failed)
        return ml_fail_memory();
    if (events->count)
        qsort(events->list, events->count, sizeof *events->list, compare_events);
    for (size_t i = 0; i < events->count; i++) {
        int result = ml_json_dump(events->list[i].json, 0, out);
        if (result >= 0)
            result = ml_buf_append_char(out, '\n');
        if (result < 0) {
            out->len = before;
            return result;
        }
    }
    return MLEDGER_OK;
}

int ml_export_openlineage(const struct ml_account *account, const struct ml_export_options *options,
                          struct ml_buf *out)
{
    (void)options;
    ML_CLEANUP(release_events) struct openlineage events = {0};
    ML_TRY(ml_document_init(&events.document, account, json_object()));
    for (size_t i = 0; i < account->graph->n_nodes; i++)
        add_node(&events, i);
    return write_events(&events, out);
}
