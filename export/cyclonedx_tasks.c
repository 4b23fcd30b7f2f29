/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was done: tasks of one workflow (runs and pipeline stages build, validations test,
 * transitions release, deployments deploy). What was said: approvals and incidents are annotations.
 */
#include "export/cyclonedx_private.h"
#include "ledger/core/json.h"

static const char *task_type(enum ml_node_kind kind)
{
    switch (kind) {
    case ML_NODE_RUN:
    case ML_NODE_STAGE:
        return "build"; /* there is no "train" */
    case ML_NODE_VALIDATION:
        return "test";
    case ML_NODE_TRANSITION:
        return "release";
    case ML_NODE_DEPLOYMENT:
        return "deploy";
    default:
        return NULL;
    }
}

static void add_resource(struct cyclonedx *bom, json_t *list, const char *type, const char *ref)
{
    struct ml_document *document = &bom->document;
    json_t *one = ml_add_object(document, list);
    ml_put_text(document, one, "type", type);
    ml_put_text(document, ml_put_object(document, one, "resource"), "ref", ref);
}

/* Names of parameters are unique; of one that was recorded twice the first counts. */
static bool is_repeated(const struct ml_account_node *at, size_t param)
{
    for (size_t i = 0; i < param; i++)
        if (strcmp(at->params[i].key, at->params[param].key) == 0)
            return true;
    return false;
}

static void add_parameters(struct cyclonedx *bom, json_t *list, const struct ml_account_node *at)
{
    struct ml_document *document = &bom->document;
    if (at->n_params == 0)
        return;
    json_t *parameters = ml_put_array(document, ml_add_object(document, list), "parameters");
    for (size_t i = 0; i < at->n_params; i++) {
        if (is_repeated(at, i))
            continue;
        json_t *one = ml_add_object(document, parameters);
        ml_put_text(document, one, "name", at->params[i].key);
        ml_put_text(document, one, "value", at->params[i].value);
        ml_put_text(document, one, "dataType", "string");
    }
}

static void put_inputs(struct cyclonedx *bom, json_t *task, size_t node)
{
    struct ml_document *document = &bom->document;
    const struct ml_account *account = document->account;
    const struct ml_account_node *at = &account->nodes[node];
    json_t *list = ml_put_array(document, task, "inputs");
    for (size_t i = 0; i < at->n_in; i++) {
        const struct ml_edge *edge = &account->graph->edges[at->in[i]];
        const struct ml_node *from = &account->graph->nodes[edge->from];
        if (ml_document_is_repeated(document, at->in, i))
            continue;
        if (from->kind == ML_NODE_PARAMS)
            add_parameters(bom, list, &account->nodes[edge->from]);
        else if (cyclonedx_is_component(from))
            add_resource(bom, list, NULL, document->ids[edge->from]);
    }
}

static void add_metrics(struct cyclonedx *bom, json_t *list, const struct ml_account_node *at)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_document *document = &bom->document;
    if (at->n_metrics == 0)
        return;
    json_t *metrics = json_object();
    for (size_t i = 0; i < at->n_metrics; i++)
        ml_put_text(document, metrics, at->metrics[i].name, at->metrics[i].value);
    bool bad =
        !metrics || ml_json_dump(metrics, 0, &text) < 0 || ml_buf_append_char(&text, '\0') < 0;
    json_decref(metrics);
    if (bad) {
        document->failed = true;
        return;
    }
    json_t *one = ml_add_object(document, list);
    ml_put_text(document, one, "type", "metrics");
    json_t *data = ml_put_object(document, one, "data");
    ml_put_text(document, data, "contentType", "application/json");
    ml_put_text(document, data, "content", (const char *)text.data);
}

static void put_outputs(struct cyclonedx *bom, json_t *task, size_t node)
{
    struct ml_document *document = &bom->document;
    const struct ml_account *account = document->account;
    const struct ml_account_node *at = &account->nodes[node];
    json_t *list = ml_put_array(document, task, "outputs");
    for (size_t i = 0; i < at->n_out; i++) {
        const struct ml_edge *edge = &account->graph->edges[at->out[i]];
        if (cyclonedx_is_component(&account->graph->nodes[edge->to]) &&
            !ml_document_is_repeated(document, at->out, i))
            add_resource(bom, list, "artifact", document->ids[edge->to]);
    }
    if (account->graph->nodes[node].kind == ML_NODE_DEPLOYMENT)
        add_resource(bom, list, "other", cyclonedx_service(bom, node));
    add_metrics(bom, list, at);
}

static void put_times(struct cyclonedx *bom, json_t *task, const struct ml_account_node *at)
{
    struct ml_document *document = &bom->document;
    const struct ml_account_record *began = at->began ? at->began : at->record;
    ml_put_text(document, task, "timeStart", ml_document_time(document, ml_account_when(began)));
    int64_t ended = at->began ? ml_account_ended(at) : ml_account_when(began);
    ml_put_text(document, task, "timeEnd", ml_document_time(document, ended));
}

static void put_actors(struct cyclonedx *bom, json_t *task, size_t node)
{
    size_t agent, at, next = 0;
    const struct ml_account *account = bom->document.account;
    while ((agent = ml_account_before(account, node, ML_ROLE_ASSOCIATED, next, &at)) != SIZE_MAX) {
        cyclonedx_property(bom, task, "actor", account->nodes[agent].name);
        next = at + 1;
    }
}

static void put_task_properties(struct cyclonedx *bom, json_t *task, size_t node)
{
    struct ml_document *document = &bom->document;
    const struct ml_account *account = document->account;
    const struct ml_account_node *at = &account->nodes[node];
    cyclonedx_property(bom, task, "status", at->status);
    cyclonedx_property(bom, task, "from", at->from_stage);
    cyclonedx_property(bom, task, "to", at->stage);
    cyclonedx_property(bom, task, "reason", at->reason);
    cyclonedx_property(bom, task, "experiment", at->experiment);
    for (size_t i = 0; i < at->n_commands; i++)
        cyclonedx_property(bom, task, "command", at->commands[i]);
    for (size_t i = 0; i < at->n_checks; i++)
        cyclonedx_property(bom, task, at->checks[i].passed ? "passed" : "notPassed",
                           ml_document_text(document, "%s%s%s", at->checks[i].name,
                                            at->checks[i].value ? ": " : "",
                                            at->checks[i].value ? at->checks[i].value : ""));
    for (size_t i = 0; i < at->n_approvals; i++)
        cyclonedx_property(bom, task, "approvedBy", document->ids[at->approvals[i]]);
    put_actors(bom, task, node);
    cyclonedx_put_record(bom, task, at->record);
}

static void add_task(struct cyclonedx *bom, json_t *tasks, size_t node)
{
    struct ml_document *document = &bom->document;
    const struct ml_node *of = &document->account->graph->nodes[node];
    json_t *task = ml_add_object(document, tasks);
    ml_put_text(document, task, "bom-ref", document->ids[node]);
    ml_put_text(document, task, "uid", of->id);
    ml_put_text(document, task, "name", of->label);
    ml_add_text(document, ml_put_array(document, task, "taskTypes"), task_type(of->kind));
    put_inputs(bom, task, node);
    put_outputs(bom, task, node);
    put_times(bom, task, &document->account->nodes[node]);
    put_task_properties(bom, task, node);
}

void cyclonedx_put_formulation(struct cyclonedx *bom)
{
    struct ml_document *document = &bom->document;
    const struct ml_graph *graph = document->account->graph;
    json_t *types = json_array(), *tasks = json_array();
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (!task_type(graph->nodes[i].kind))
            continue;
        cyclonedx_add_ref(bom, types, task_type(graph->nodes[i].kind));
        add_task(bom, tasks, i);
    }
    if (json_array_size(tasks)) {
        json_t *formula =
            ml_add_object(document, ml_put_array(document, document->root, "formulation"));
        json_t *workflow = ml_add_object(document, ml_put_array(document, formula, "workflows"));
        ml_put_text(document, workflow, "bom-ref", "lineage");
        ml_put_text(document, workflow, "uid", ml_document_uri_of(document, "lineage"));
        ml_put_text(document, workflow, "name", "lineage");
        ml_put(document, workflow, "taskTypes", json_incref(types));
        ml_put(document, workflow, "tasks", json_incref(tasks));
    }
    json_decref(types);
    json_decref(tasks);
}

/* ---- annotations ---- */

static void put_annotator(struct cyclonedx *bom, json_t *annotation, size_t node)
{
    struct ml_document *document = &bom->document;
    const struct ml_account *account = document->account;
    size_t at, agent = ml_account_before(account, node, ML_ROLE_ASSOCIATED, 0, &at);
    json_t *annotator = ml_put_object(document, annotation, "annotator");
    if (agent == SIZE_MAX) { /* no person is known, so it is the ledger that says it */
        json_t *tool = ml_put_object(document, annotator, "component");
        ml_put_text(document, tool, "type", "application");
        ml_put_text(document, tool, "name", "mledger");
        return;
    }
    const struct ml_account_node *by = &account->nodes[agent];
    ml_put_text(document,
                ml_put_object(document, annotator, by->is_service ? "service" : "individual"),
                "name", by->title ? by->title : by->name);
}

static void add_annotation(struct cyclonedx *bom, json_t *list, size_t node, enum ml_edge_role role)
{
    struct ml_document *document = &bom->document;
    const struct ml_account *account = document->account;
    const struct ml_account_node *of = &account->nodes[node];
    size_t subject, at, next = 0;
    json_t *annotation = ml_add_object(document, list);
    ml_put_text(document, annotation, "bom-ref", document->ids[node]);
    json_t *subjects = ml_put_array(document, annotation, "subjects");
    while ((subject = ml_account_before(account, node, role, next, &at)) != SIZE_MAX) {
        cyclonedx_add_ref(bom, subjects, document->ids[subject]);
        next = at + 1;
    }
    put_annotator(bom, annotation, node);
    ml_put_text(document, annotation, "timestamp",
                ml_document_time(document, ml_account_when(of->record)));
    ml_put_text(document, annotation, "text",
                ml_document_text(document, "%s%s%s (record %llu, link %s)",
                                 account->graph->nodes[node].label, of->reason ? ": " : "",
                                 of->reason ? of->reason : "", (unsigned long long)of->record->seq,
                                 ml_document_hex(document, of->record->link, ML_HASH_SIZE)));
}

void cyclonedx_put_annotations(struct cyclonedx *bom)
{
    struct ml_document *document = &bom->document;
    const struct ml_graph *graph = document->account->graph;
    json_t *list = json_array();
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (graph->nodes[i].kind == ML_NODE_APPROVAL)
            add_annotation(bom, list, i, ML_ROLE_APPROVED_BY);
        else if (graph->nodes[i].kind == ML_NODE_INCIDENT)
            add_annotation(bom, list, i, ML_ROLE_CONCERNED_BY);
    }
    if (json_array_size(list))
        ml_put(document, document->root, "annotations", json_incref(list));
    json_decref(list);
}
