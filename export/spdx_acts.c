/* SPDX-License-Identifier: Apache-2.0 */
/* Builds, annotations and endpoints of SPDX, and how things are related. */
#include "export/spdx_private.h"
#include "ledger/core/json.h"
#include "ledger/query/input_role.h"

#define BUILD_RUN ML_DOCUMENT_NS "build/ml-run/v1"
#define BUILD_STAGE ML_DOCUMENT_NS "build/pipeline-stage/v1"

/* ---- builds ---- */

static void put_source(struct spdx *spdx, json_t *build, size_t node)
{
    struct ml_document *document = &spdx->document;
    const struct ml_account *account = document->account;
    size_t at, commit = ml_account_before(account, node, ML_ROLE_CODE, 0, &at);
    if (commit == SIZE_MAX)
        return;
    const char *hex = strchr(account->graph->nodes[commit].id, ':') + 1;
    const char *repository = ml_tag_of(&account->nodes[node], "mlflow.source.git.repoURL");
    const char *entry = ml_tag_of(&account->nodes[node], "mlflow.source.name");
    ml_add_text(document, ml_put_array(document, build, "build_configSourceUri"),
                repository ? ml_document_text(document, "git+%s",
                                              ml_document_repository(document, repository))
                           : ml_document_uri(document, commit));
    json_t *hash =
        ml_add_object(document, ml_put_array(document, build, "build_configSourceDigest"));
    ml_put_text(document, hash, "type", "Hash");
    ml_put_text(document, hash, "algorithm", strlen(hex) == 40 ? "sha1" : "sha256");
    ml_put_text(document, hash, "hashValue", hex);
    if (entry)
        ml_add_text(document, ml_put_array(document, build, "build_configSourceEntrypoint"), entry);
}

/* A build has inputs, outputs and somebody who invoked it; what nobody recorded is no assertion. */
static void complete_build(struct spdx *spdx, size_t node, bool has_input, bool has_output)
{
    const char *id = ml_document_uri(&spdx->document, node), *agent = spdx_agent(spdx, node);
    const struct ml_account_record *record = spdx->document.account->nodes[node].record;
    spdx_relate(spdx, id, "invokedBy", agent, "build", record);
    if (!has_input)
        spdx_relate(spdx, id, "hasInput", SPDX_NO_ASSERTION, "build", NULL);
    if (!has_output)
        spdx_relate(spdx, id, "hasOutput", SPDX_NO_ASSERTION, "build", NULL);
    spdx->build &= has_input && has_output && strcmp(agent, SPDX_NO_ASSERTION) != 0;
}

static bool reads_artifact(const struct ml_account *account, size_t node)
{
    for (size_t i = 0; i < account->nodes[node].n_in; i++)
        if (spdx_is_artifact(
                &account->graph->nodes[account->graph->edges[account->nodes[node].in[i]].from]))
            return true;
    return false;
}

static bool makes_artifact(const struct ml_account *account, size_t node)
{
    for (size_t i = 0; i < account->nodes[node].n_out; i++)
        if (spdx_is_artifact(
                &account->graph->nodes[account->graph->edges[account->nodes[node].out[i]].to]))
            return true;
    return false;
}

static void add_build(struct spdx *spdx, size_t node)
{
    struct ml_document *document = &spdx->document;
    const struct ml_account *account = document->account;
    const struct ml_account_node *at = &account->nodes[node], *params = at;
    bool run = account->graph->nodes[node].kind == ML_NODE_RUN;
    size_t place, set = ml_account_before(account, node, ML_ROLE_PARAMETERS, 0, &place);
    json_t *build = spdx_node(spdx, "build_Build", node);
    ml_put_text(document, build, "build_buildType", run ? BUILD_RUN : BUILD_STAGE);
    ml_put_text(document, build, "build_buildId", account->graph->nodes[node].id);
    if (at->began)
        ml_put_text(document, build, "build_buildStartTime",
                    ml_document_seconds(document, ml_account_when(at->began)));
    ml_put_text(document, build, "build_buildEndTime",
                ml_document_seconds(document, ml_account_ended(at)));
    if (!run && set != SIZE_MAX)
        params = &account->nodes[set];
    spdx_put_entries(spdx, build, "build_parameter", params->params, params->n_params);
    put_source(spdx, build, node);
    complete_build(spdx, node, reads_artifact(account, node), makes_artifact(account, node));
}

/* ---- annotations ---- */

/* What an annotation states, as JSON text. */
static const char *statement(struct spdx *spdx, size_t node, const char *kind)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_document *document = &spdx->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *json = json_object();
    ml_put_text(document, json, "kind", kind);
    ml_put_text(document, json, "outcome", at->status);
    ml_put_text(document, json, "from_stage", at->from_stage);
    ml_put_text(document, json, "stage", at->stage);
    ml_put_text(document, json, "name", at->name);
    ml_put_text(document, json, "reason", at->reason);
    if (at->n_checks) {
        json_t *checks = ml_put_object(document, json, "checks");
        for (size_t i = 0; i < at->n_checks; i++)
            ml_put_text(document, checks, at->checks[i].name,
                        at->checks[i].value ? at->checks[i].value
                                            : (at->checks[i].passed ? "passed" : "not_passed"));
    }
    if (at->n_approvals) {
        json_t *approvals = ml_put_array(document, json, "approvals");
        for (size_t i = 0; i < at->n_approvals; i++)
            ml_add_text(document, approvals, ml_document_uri(document, at->approvals[i]));
    }
    ml_put_record(document, json, at->record);
    bool bad = !json || ml_json_dump(json, 0, &text) < 0 || ml_buf_append_char(&text, '\0') < 0;
    json_decref(json);
    document->failed |= bad;
    return bad ? NULL : ml_document_text(document, "%s", (const char *)text.data);
}

/* One annotation for each thing that it is about: the first has the node's own id. */
static void add_annotations(struct spdx *spdx, size_t node, enum ml_edge_role role,
                            const char *kind)
{
    struct ml_document *document = &spdx->document;
    size_t subject, at, next = 0, count = 0;
    const char *creation = NULL;
    while ((subject = ml_account_before(document->account, node, role, next, &at)) != SIZE_MAX) {
        next = at + 1;
        if (!creation)
            creation = spdx_creation(spdx, node);
        const char *id = ml_document_uri(document, node);
        json_t *element =
            spdx_element(spdx, "Annotation",
                         count ? ml_document_text(document, "%s#%zu", id, count) : id, creation);
        ml_put_text(document, element, "annotationType",
                    role == ML_ROLE_APPROVED_BY ? "review" : "other");
        ml_put_text(document, element, "subject", ml_document_uri(document, subject));
        ml_put_text(document, element, "contentType", "application/json");
        ml_put_text(document, element, "statement", statement(spdx, node, kind));
        spdx_put_record(spdx, element, document->account->nodes[node].record);
        count++;
    }
}

/* ---- deployments ---- */

static void add_deployment(struct spdx *spdx, size_t node)
{
    struct ml_document *document = &spdx->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    const char *creation = spdx_creation(spdx, node);
    json_t *endpoint =
        spdx_element(spdx, "software_Package", ml_document_uri(document, node), creation);
    ml_put_text(document, endpoint, "name", at->name);
    ml_put_text(document, endpoint, "description", at->environment);
    ml_put_text(document, endpoint, "software_primaryPurpose", "application");
    spdx_put_record(spdx, endpoint, at->record);
}

void spdx_add_act(struct spdx *spdx, size_t node)
{
    switch (spdx->document.account->graph->nodes[node].kind) {
    case ML_NODE_RUN:
    case ML_NODE_STAGE:
        add_build(spdx, node);
        break;
    case ML_NODE_VALIDATION:
        add_annotations(spdx, node, ML_ROLE_VALIDATED_BY, "validation");
        break;
    case ML_NODE_APPROVAL:
        add_annotations(spdx, node, ML_ROLE_APPROVED_BY, "approval");
        break;
    case ML_NODE_TRANSITION:
        add_annotations(spdx, node, ML_ROLE_TRANSITIONED_BY, "stage_transition");
        break;
    case ML_NODE_INCIDENT:
        add_annotations(spdx, node, ML_ROLE_CONCERNED_BY, "incident");
        break;
    case ML_NODE_DEPLOYMENT:
        add_deployment(spdx, node);
        break;
    default:
        break;
    }
}

/* ---- relations ---- */

static const char *data_relation(const struct spdx *spdx, const struct ml_edge *edge)
{
    const char *role = ml_document_input_role(&spdx->document, edge);
    if (edge->role == ML_ROLE_TRAINED_ON)
        return "trainedOn";
    return role && ml_input_role(role) == ML_INPUT_HELD_OUT ? "testedOn" : "dependsOn";
}

/* What a version that was registered from the run, or a logged model that it made, learned from or
 * was tested on. */
static void relate_data(struct spdx *spdx, const struct ml_edge *edge)
{
    struct ml_document *document = &spdx->document;
    const struct ml_account *account = document->account;
    const struct ml_account_node *run = &account->nodes[edge->to];
    const char *type = data_relation(spdx, edge);
    for (size_t i = 0; i < run->n_out; i++) {
        const struct ml_edge *made = &account->graph->edges[run->out[i]];
        if ((made->role == ML_ROLE_REGISTERED_FROM ||
             account->graph->nodes[made->to].kind == ML_NODE_LOGGED_MODEL) &&
            !ml_document_is_repeated(document, run->out, i))
            spdx_relate(spdx, ml_document_uri(document, made->to), type,
                        ml_document_uri(document, edge->from), NULL,
                        ml_account_record(account, edge->seqs[0]));
    }
}

static bool is_build(enum ml_node_kind kind)
{
    return kind == ML_NODE_RUN || kind == ML_NODE_STAGE;
}

static void relate_deployment(struct spdx *spdx, const struct ml_edge *edge)
{
    struct ml_document *document = &spdx->document;
    const struct ml_account_record *record = document->account->nodes[edge->to].record;
    const struct ml_account_record *ended = document->account->nodes[edge->to].ended;
    json_t *relation = spdx_relate(spdx, ml_document_uri(document, edge->to), "dependsOn",
                                   ml_document_uri(document, edge->from), NULL, record);
    ml_put_text(document, relation, "startTime",
                ml_document_seconds(document, ml_account_when(record)));
    if (ended && ml_account_when(ended) >= ml_account_when(record))
        ml_put_text(document, relation, "endTime",
                    ml_document_seconds(document, ml_account_when(ended)));
}

/* Between two artifacts: one came of the other, or both hold the same bytes. */
static void relate_artifacts(struct spdx *spdx, const struct ml_edge *edge)
{
    struct ml_document *document = &spdx->document;
    const char *from = ml_document_uri(document, edge->from);
    const char *to = ml_document_uri(document, edge->to);
    const struct ml_account_record *record = ml_account_record(document->account, edge->seqs[0]);
    bool same = edge->role == ML_ROLE_SAME_CONTENT;
    json_t *relation = same ? spdx_relate(spdx, from, "other", to, NULL, record)
                            : spdx_relate(spdx, to, "descendantOf", from, NULL, record);
    if (same)
        ml_put_text(document, relation, "comment",
                    ml_document_text(document, "same content: %s", edge->grounds));
}

/* A stage and the run that it probably was. */
static void relate_builds(struct spdx *spdx, const struct ml_edge *edge)
{
    struct ml_document *document = &spdx->document;
    json_t *relation = spdx_relate(spdx, ml_document_uri(document, edge->to), "other",
                                   ml_document_uri(document, edge->from), NULL,
                                   ml_account_record(document->account, edge->seqs[0]));
    ml_put_text(document, relation, "comment",
                ml_document_text(document, "%s%s%s", ml_edge_role_name(edge->role),
                                 edge->grounds ? ": " : "", edge->grounds ? edge->grounds : ""));
}

void spdx_add_relation(struct spdx *spdx, size_t index)
{
    struct ml_document *document = &spdx->document;
    const struct ml_graph *graph = document->account->graph;
    const struct ml_edge *edge = &graph->edges[index];
    const struct ml_node *from = &graph->nodes[edge->from], *to = &graph->nodes[edge->to];
    const struct ml_account_record *record = ml_account_record(document->account, edge->seqs[0]);
    if (edge->role == ML_ROLE_DEPLOYED) {
        relate_deployment(spdx, edge);
    } else if (spdx_is_artifact(from) && spdx_is_artifact(to)) {
        relate_artifacts(spdx, edge);
    } else if (spdx_is_artifact(from) && is_build(to->kind)) {
        spdx_relate(spdx, ml_document_uri(document, edge->to), "hasInput",
                    ml_document_uri(document, edge->from), "build", record);
        if (from->kind != ML_NODE_COMMIT)
            relate_data(spdx, edge);
    } else if (is_build(from->kind) && spdx_is_artifact(to)) {
        spdx_relate(spdx, ml_document_uri(document, edge->from), "hasOutput",
                    ml_document_uri(document, edge->to), "build", record);
    } else if (is_build(from->kind) && is_build(to->kind)) {
        relate_builds(spdx, edge);
    }
}
