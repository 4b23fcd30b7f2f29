/* SPDX-License-Identifier: Apache-2.0 */
/* Events of what is decided and done in a moment, and of data and models that are recorded by
 * themselves. */
#include "export/openlineage_private.h"

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
static json_t *add_moment(struct openlineage *events, size_t node, const char *job,
                          const char *job_type, json_t **ret_facets, json_t **ret_tags)
{
    struct ml_document *document = &events->document;
    const struct openlineage_subject subject = {
        .node = node,
        .record = document->account->nodes[node].record,
        .type = "COMPLETE",
        .job = job,
        .job_type = job_type,
    };
    json_t *json = openlineage_add(events, &subject, ret_facets);
    *ret_tags = openlineage_tags(document, *ret_facets);
    openlineage_add_tag(document, *ret_tags, "actor", openlineage_actor(document, node));
    return json;
}

struct act {
    enum ml_edge_role role; /* from the version to it */
    const char *verb, *job_type;
};

static void add_act(struct openlineage *events, size_t node, const struct act *act)
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
    if (strcmp(at->record->kind, "stage_imported") == 0)
        openlineage_add_tag(document, tags, "imported",
                            "true"); /* found so: nobody here moved it */
    put_tests(document, facets, at);
    put_parent(document, facets, node, model);
    ml_put_array(document, json, "outputs");
}

static void add_deployment(struct openlineage *events, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *facets, *tags;
    json_t *json = add_moment(events, node, openlineage_endpoint(document, "deploy", '.', node),
                              "DEPLOYMENT", &facets, &tags);
    openlineage_add_tag(document, tags, "environment", at->environment);
    openlineage_add_tag(document, tags, "reason", at->reason);
    for (size_t i = 0; i < at->n_shares; i++)
        openlineage_add_tag(document, tags, ml_document_text(document, "share.%zu", i + 1),
                            ml_document_share(document, &at->shares[i]));
    json_t *output = ml_add_object(document, ml_put_array(document, json, "outputs"));
    ml_put_text(document, output, "namespace", openlineage_namespace(document));
    ml_put_text(document, output, "name", openlineage_endpoint(document, "endpoint", '/', node));
    json_t *type = openlineage_facet(document, ml_put_object(document, output, "facets"),
                                     "datasetType", "DatasetTypeDatasetFacet", "1-0-1");
    ml_put_text(document, type, "datasetType", "JOB_OUTPUT");
    ml_put_text(document, type, "subType", "ENDPOINT");
}

static void add_registration(struct openlineage *events, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *facets, *tags;
    json_t *json =
        add_moment(events, node, ml_document_text(document, "registry.register.%s", at->name),
                   "REGISTRATION", &facets, &tags);
    json_t *inputs = json_object_get(json, "inputs");
    for (size_t i = 0; i < at->n_artifacts; i++)
        openlineage_put_file(document, ml_add_object(document, inputs), node, i);
    openlineage_put_dataset(document,
                            ml_add_object(document, ml_put_array(document, json, "outputs")), node);
}

static void add_dataset(struct openlineage *events, size_t node)
{
    struct ml_document *document = &events->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    if (strcmp(at->record->kind, "dataset_recorded") != 0 &&
        strcmp(at->record->kind, "logged_model_created") != 0)
        return; /* named by what read it, never recorded by itself */
    json_t *json = openlineage_new(events, at->record, NULL, "DatasetEvent");
    json_t *dataset = ml_put_object(document, json, "dataset");
    openlineage_put_dataset(document, dataset, node);
    json_t *change =
        openlineage_facet(document, json_object_get(dataset, "facets"), "lifecycleStateChange",
                          "LifecycleStateChangeDatasetFacet", "1-0-1");
    ml_put_text(document, change, "lifecycleStateChange", "CREATE");
}

void openlineage_act(struct openlineage *events, size_t node)
{
    static const struct act validation = {ML_ROLE_VALIDATED_BY, "validate", "VALIDATION"},
                            approval = {ML_ROLE_APPROVED_BY, "approve", "APPROVAL"},
                            transition = {ML_ROLE_TRANSITIONED_BY, "transition",
                                          "STAGE_TRANSITION"};
    switch (events->document.account->graph->nodes[node].kind) {
    case ML_NODE_DATASET:
    case ML_NODE_LOGGED_MODEL:
        add_dataset(events, node);
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
