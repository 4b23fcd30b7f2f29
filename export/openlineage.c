/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenLineage 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json), an event on each line, as
 * Marquez takes them: START and one terminal event of a run; one COMPLETE of what happens in a
 * moment (a registration, validation, approval, transition, deployment); a DatasetEvent of a
 * dataset that was recorded.
 *
 * Run ids are made of record links, so the same record has the same id in every export. A run that
 * is known by its id alone has no events. Events stand in the order of their records.
 */
#include "export/formats.h"
#include "export/openlineage_private.h"
#include "ledger/core/json.h"

#define EVENT_SCHEMA "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"

struct event {
    uint64_t seq;
    size_t order; /* in which it was made */
    json_t *json; /* owned */
};

struct events {
    struct ml_document document;
    struct event *list;
    size_t count, cap;
};

static void release_events(struct events *events)
{
    for (size_t i = 0; i < events->count; i++)
        json_decref(events->list[i].json);
    free(events->list);
    ml_document_release(&events->document);
}

/* What an event is about. */
struct subject {
    size_t node;
    const struct ml_account_record *record; /* that tells of it */
    const char *type;                       /* COMPLETE, … */
    const char *job, *job_type;
    const char *part; /* which part of the record; NULL: all */
};

/* A new event at the end of the list; NULL: memory was out. */
static json_t *new_event(struct events *events, const struct ml_account_record *record,
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
    events->list[events->count] = (struct event){record->seq, events->count, json};
    events->count++;
    ml_put_text(document, json, "eventType", type);
    ml_put_text(document, json, "eventTime", ml_document_time(document, ml_account_when(record)));
    ml_put_text(document, json, "producer", ml_document_producer);
    ml_put_text(document, json, "schemaURL", ml_document_text(document, EVENT_SCHEMA "%s", schema));
    return json;
}

/* ---- run and job ---- */

static json_t *put_run(struct events *events, json_t *json, const struct subject *subject)
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

static void put_job(struct events *events, json_t *json, const struct subject *subject)
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

static void put_inputs(struct events *events, json_t *json, size_t node)
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

/* What the record makes: a run or a stage its files. */
static json_t *put_outputs(struct events *events, json_t *json, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account *account = document->account;
    const struct ml_account_node *at = &account->nodes[node];
    json_t *outputs = ml_put_array(document, json, "outputs");
    if (account->graph->nodes[node].kind == ML_NODE_RUN) {
        for (size_t i = 0; i < at->n_artifacts; i++)
            openlineage_put_file(document, ml_add_object(document, outputs), &at->artifacts[i]);
        return outputs;
    }
    for (size_t i = 0; i < at->n_out; i++) {
        const struct ml_edge *edge = &account->graph->edges[at->out[i]];
        if (edge->role == ML_ROLE_GENERATED && !ml_document_is_repeated(document, at->out, i))
            openlineage_put_dataset(document, ml_add_object(document, outputs), edge->to);
    }
    return outputs;
}

/* Its run's facets, to add more to, in *ret_facets. */
static json_t *add_event(struct events *events, const struct subject *subject, json_t **ret_facets)
{
    json_t *json = new_event(events, subject->record, subject->type, "RunEvent");
    *ret_facets = put_run(events, json, subject);
    put_job(events, json, subject);
    put_inputs(events, json, subject->node);
    return json;
}

/* ---- runs and stages ---- */

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
    for (size_t i = 0; i < at->n_metrics; i++) {
        json_t *one = ml_add_object(document, list);
        ml_put_text(document, one, "name", at->metrics[i].key);
        ml_put_text(document, one, "value", at->metrics[i].value);
        ml_put(document, one, "step", json_integer(at->metrics[i].step));
    }
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
    size_t at, agent = ml_account_before(account, node, ML_ROLE_ASSOCIATED, 0, &at);
    json_t *tags = openlineage_tags(document, facets);
    openlineage_add_tag(document, tags, "run_id", account->nodes[node].name);
    openlineage_add_tag(document, tags, "run_name", account->nodes[node].title);
    openlineage_add_tag(document, tags, "actor",
                        agent == SIZE_MAX ? NULL : account->nodes[agent].name);
}

static void add_run(struct events *events, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    struct subject subject = {.node = node, .record = at->began, .type = "START"};
    json_t *facets;
    if (!at->began)
        return;
    subject.job = ml_document_text(document, "run.%s", at->experiment ? at->experiment : "default");
    subject.job_type = "RUN";
    json_t *json = add_event(events, &subject, &facets);
    put_params(document, facets, at);
    put_run_tags(document, facets, node);
    ml_put_array(document, json, "outputs");
    if (!at->ended)
        return;
    subject.record = at->ended;
    subject.type = terminal_type(at->status);
    json = add_event(events, &subject, &facets);
    put_metrics(document, facets, at);
    put_run_tags(document, facets, node);
    put_outputs(events, json, node);
}

static void add_stage(struct events *events, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    const struct subject subject = {
        .node = node,
        .record = at->record,
        .type = "COMPLETE",
        .job =
            ml_document_text(document, "stage.%s.%s", at->pipeline ? at->pipeline : "", at->name),
        .job_type = "PIPELINE_STAGE",
        .part = at->name,
    };
    json_t *facets;
    json_t *json = add_event(events, &subject, &facets);
    size_t place,
        params = ml_account_before(document->account, node, ML_ROLE_PARAMETERS, 0, &place);
    if (params != SIZE_MAX)
        put_params(document, facets, &document->account->nodes[params]);
    put_outputs(events, json, node);
}

/* ---- what is decided and done ---- */

static const char *actor_tag(struct ml_document *document, size_t node)
{
    const struct ml_account *account = document->account;
    size_t at, agent = ml_account_before(account, node, ML_ROLE_ASSOCIATED, 0, &at);
    if (agent == SIZE_MAX)
        return NULL;
    return ml_document_text(document, "%s:%s",
                            account->nodes[agent].is_service ? "service" : "user",
                            account->nodes[agent].name);
}

static void put_tests(struct ml_document *document, json_t *facets,
                      const struct ml_account_node *at)
{
    if (at->n_checks == 0)
        return;
    json_t *tests = ml_put_array(
        document, openlineage_facet(document, facets, "test", "TestRunFacet", "1-0-1"), "tests");
    for (size_t i = 0; i < at->n_checks; i++) {
        json_t *test = ml_add_object(document, tests);
        ml_put_text(document, test, "name", at->checks[i].name);
        ml_put_text(document, test, "status", at->checks[i].passed ? "pass" : "fail");
        ml_put_text(document, test, "severity", "error");
        ml_put_text(document, test, "actual", at->checks[i].value);
    }
}

/* The run of the approval that a transition rests on. */
static void put_parent(struct ml_document *document, json_t *facets, size_t transition,
                       const char *model)
{
    const struct ml_account_node *at = &document->account->nodes[transition];
    if (at->n_approvals == 0)
        return;
    const struct ml_account_node *approval = &document->account->nodes[at->approvals[0]];
    json_t *parent = openlineage_facet(document, facets, "parent", "ParentRunFacet", "1-2-0");
    ml_put_text(document, ml_put_object(document, parent, "run"), "runId",
                ml_document_uuid(document, approval->record, NULL));
    json_t *job = ml_put_object(document, parent, "job");
    ml_put_text(document, job, "namespace", openlineage_namespace(document));
    ml_put_text(document, job, "name", ml_document_text(document, "registry.approve.%s", model));
}

/* The model whose version it is about, "" if the graph does not say. */
static const char *model_of(const struct ml_document *document, size_t node, enum ml_edge_role role)
{
    size_t at, version = ml_account_before(document->account, node, role, 0, &at);
    return version == SIZE_MAX ? "" : document->account->nodes[version].name;
}

/* What happens in one moment: its event, the facets of its run, its tags with who did it. */
static json_t *add_moment(struct events *events, size_t node, const char *job, const char *job_type,
                          json_t **ret_facets, json_t **ret_tags)
{
    struct ml_document *document = &events->document;
    const struct subject subject = {
        .node = node,
        .record = document->account->nodes[node].record,
        .type = "COMPLETE",
        .job = job,
        .job_type = job_type,
    };
    json_t *json = add_event(events, &subject, ret_facets);
    *ret_tags = openlineage_tags(document, *ret_facets);
    openlineage_add_tag(document, *ret_tags, "actor", actor_tag(document, node));
    return json;
}

struct act {
    enum ml_edge_role role; /* from the version to it */
    const char *verb, *job_type;
};

static void add_act(struct events *events, size_t node, const struct act *act)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    const char *model = model_of(document, node, act->role);
    json_t *facets, *tags;
    json_t *json =
        add_moment(events, node, ml_document_text(document, "registry.%s.%s", act->verb, model),
                   act->job_type, &facets, &tags);
    openlineage_add_tag(document, tags, act->role == ML_ROLE_APPROVED_BY ? "decision" : "outcome",
                        at->status);
    openlineage_add_tag(document, tags, "from_stage", at->from_stage);
    openlineage_add_tag(document, tags, act->role == ML_ROLE_APPROVED_BY ? "stage" : "to_stage",
                        at->stage);
    openlineage_add_tag(document, tags, "reason", at->reason);
    put_tests(document, facets, at);
    put_parent(document, facets, node, model);
    ml_put_array(document, json, "outputs");
}

static void add_deployment(struct events *events, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *facets, *tags;
    json_t *json = add_moment(events, node, ml_document_text(document, "deploy.%s", at->name),
                              "DEPLOYMENT", &facets, &tags);
    openlineage_add_tag(document, tags, "environment", at->environment);
    json_t *output = ml_add_object(document, ml_put_array(document, json, "outputs"));
    ml_put_text(document, output, "namespace", openlineage_namespace(document));
    ml_put_text(document, output, "name", ml_document_text(document, "endpoint/%s", at->name));
    json_t *type = openlineage_facet(document, ml_put_object(document, output, "facets"),
                                     "datasetType", "DatasetTypeDatasetFacet", "1-0-1");
    ml_put_text(document, type, "datasetType", "JOB_OUTPUT");
    ml_put_text(document, type, "subType", "ENDPOINT");
}

static void add_registration(struct events *events, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *facets, *tags;
    json_t *json =
        add_moment(events, node, ml_document_text(document, "registry.register.%s", at->name),
                   "REGISTRATION", &facets, &tags);
    json_t *inputs = json_object_get(json, "inputs");
    for (size_t i = 0; i < at->n_artifacts; i++)
        openlineage_put_file(document, ml_add_object(document, inputs), &at->artifacts[i]);
    openlineage_put_dataset(document,
                            ml_add_object(document, ml_put_array(document, json, "outputs")), node);
}

static void add_dataset(struct events *events, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    if (strcmp(at->record->kind, "dataset_recorded") != 0)
        return; /* named by what read it, never recorded by itself */
    json_t *json = new_event(events, at->record, NULL, "DatasetEvent");
    json_t *dataset = ml_put_object(document, json, "dataset");
    openlineage_put_dataset(document, dataset, node);
    json_t *change =
        openlineage_facet(document, json_object_get(dataset, "facets"), "lifecycleStateChange",
                          "LifecycleStateChangeDatasetFacet", "1-0-1");
    ml_put_text(document, change, "lifecycleStateChange", "CREATE");
}

/* ---- all of it ---- */

static void add_node(struct events *events, size_t node)
{
    static const struct act validation = {ML_ROLE_VALIDATED_BY, "validate", "VALIDATION"},
                            approval = {ML_ROLE_APPROVED_BY, "approve", "APPROVAL"},
                            transition = {ML_ROLE_TRANSITIONED_BY, "transition",
                                          "STAGE_TRANSITION"};
    switch (events->document.account->graph->nodes[node].kind) {
    case ML_NODE_DATASET:
        add_dataset(events, node);
        break;
    case ML_NODE_RUN:
        add_run(events, node);
        break;
    case ML_NODE_STAGE:
        add_stage(events, node);
        break;
    case ML_NODE_VERSION:
        add_registration(events, node);
        break;
    case ML_NODE_VALIDATION:
        add_act(events, node, &validation);
        break;
    case ML_NODE_APPROVAL:
        add_act(events, node, &approval);
        break;
    case ML_NODE_TRANSITION:
        add_act(events, node, &transition);
        break;
    case ML_NODE_DEPLOYMENT:
        add_deployment(events, node);
        break;
    default:
        break;
    }
}

static int compare_events(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int write_events(struct events *events, struct ml_buf *out)
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
    ML_CLEANUP(release_events) struct events events = {0};
    ML_TRY(ml_document_init(&events.document, account, json_object()));
    for (size_t i = 0; i < account->graph->n_nodes; i++)
        add_node(&events, i);
    return write_events(&events, out);
}
