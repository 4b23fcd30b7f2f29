/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements about what was decided and done about a version. Validations are test results
 * (https://in-toto.io/attestation/test-result/v0.1); for the rest in-toto has no predicate, and
 * ours are described in docs/FORMAT.md.
 */
#include "export/intoto_private.h"

#define TEST_RESULT "https://in-toto.io/attestation/test-result/v0.1"
#define TRANSITION ML_DOCUMENT_NS "attestation/stage-transition/v1"
#define APPROVAL ML_DOCUMENT_NS "attestation/approval/v1"
#define DEPLOYMENT ML_DOCUMENT_NS "attestation/deployment/v1"

/* "actors": by whom, as far as the records say. */
static void put_actors(struct ml_document *document, json_t *object, size_t node)
{
    const struct ml_account *account = document->account;
    json_t *list = ml_put_array(document, object, "actors");
    size_t agent, at, next = 0;
    while ((agent = ml_account_before(account, node, ML_ROLE_ASSOCIATED, next, &at)) != SIZE_MAX) {
        json_t *actor = ml_add_object(document, list);
        ml_put_text(document, actor, "id", account->nodes[agent].name);
        ml_put_text(document, actor, "uri", ml_document_uri(document, agent));
        next = at + 1;
    }
}

static void put_when(struct ml_document *document, json_t *object, const char *key, size_t node)
{
    ml_put_text(document, object, key,
                ml_document_time(document, ml_account_when(document->account->nodes[node].record)));
}

/* ---- validations ---- */

static void add_configuration(struct ml_document *document, json_t *list, size_t validation)
{
    const struct ml_account *account = document->account;
    const struct ml_account_node *at = &account->nodes[validation];
    for (size_t i = 0; i < at->n_in; i++) {
        const struct ml_edge *edge = &account->graph->edges[at->in[i]];
        if (edge->role == ML_ROLE_USED && !ml_document_is_repeated(document, at->in, i))
            intoto_put_resource(document, ml_add_object(document, list), edge->from);
    }
    if (json_array_size(list) == 0)
        ml_put_text(document, ml_add_object(document, list), "uri",
                    ml_document_uri(document, validation));
}

static void put_tests(struct ml_document *document, json_t *predicate, const char *key,
                      const struct ml_account_node *at, bool passed)
{
    json_t *list = ml_put_array(document, predicate, key);
    for (size_t i = 0; i < at->n_checks; i++)
        if (at->checks[i].passed == passed)
            ml_add_text(document, list, at->checks[i].name);
}

static void put_measured(struct ml_document *document, json_t *predicate,
                         const struct ml_account_node *at)
{
    json_t *measured = ml_put_object(document, predicate, "mledger_measured");
    for (size_t i = 0; i < at->n_checks; i++)
        ml_put_text(document, measured, at->checks[i].name, at->checks[i].value);
}

static void add_validation(struct ml_document *document, size_t version, size_t validation)
{
    const struct ml_account_node *at = &document->account->nodes[validation];
    bool passed = at->status && strcmp(at->status, "passed") == 0;
    json_t *predicate;
    intoto_statement(document, version, TEST_RESULT, &predicate);
    ml_put_text(document, predicate, "result", passed ? "PASSED" : "FAILED");
    add_configuration(document, ml_put_array(document, predicate, "configuration"), validation);
    put_tests(document, predicate, "passedTests", at, true);
    put_tests(document, predicate, "failedTests", at, false);
    put_measured(document, predicate, at);
    ml_put_text(document, predicate, "mledger_name", at->name);
    intoto_put_source(document, predicate, at->record);
}

/* ---- approvals and transitions ---- */

static void put_approval(struct ml_document *document, json_t *object, size_t approval)
{
    const struct ml_account_node *at = &document->account->nodes[approval];
    ml_put_text(document, object, "stage", at->stage);
    ml_put_text(document, object, "decision", at->status);
    ml_put_text(document, object, "comment", at->reason);
    put_when(document, object, "decidedAt", approval);
    put_actors(document, object, approval);
}

static void add_approval(struct ml_document *document, size_t version, size_t approval)
{
    json_t *predicate;
    intoto_statement(document, version, APPROVAL, &predicate);
    put_approval(document, predicate, approval);
    intoto_put_source(document, predicate, document->account->nodes[approval].record);
}

static void add_transition(struct ml_document *document, size_t version, size_t transition)
{
    const struct ml_account_node *at = &document->account->nodes[transition];
    json_t *predicate;
    intoto_statement(document, version, TRANSITION, &predicate);
    ml_put_text(document, predicate, "fromStage", at->from_stage);
    ml_put_text(document, predicate, "toStage", at->stage);
    ml_put_text(document, predicate, "reason", at->reason);
    put_when(document, predicate, "movedAt", transition);
    put_actors(document, predicate, transition);
    json_t *approvals = ml_put_array(document, predicate, "approvals");
    for (size_t i = 0; i < at->n_approvals; i++) {
        json_t *one = ml_add_object(document, approvals);
        put_approval(document, one, at->approvals[i]);
        ml_put_record(document, one, document->account->nodes[at->approvals[i]].record);
    }
    intoto_put_source(document, predicate, at->record);
}

static void add_deployment(struct ml_document *document, size_t version, size_t deployment)
{
    const struct ml_account_node *at = &document->account->nodes[deployment];
    json_t *predicate;
    intoto_statement(document, version, DEPLOYMENT, &predicate);
    ml_put_text(document, predicate, "endpoint", at->name);
    ml_put_text(document, predicate, "environment", at->environment);
    json_t *shares = ml_put_array(document, predicate, "shares");
    for (size_t i = 0; i < at->n_shares; i++) {
        json_t *share = ml_add_object(document, shares);
        ml_put_text(document, share, "version", at->shares[i].version);
        ml_put_number(document, share, "partsPerMillion", at->shares[i].ppm);
    }
    put_when(document, predicate, "deployedAt", deployment);
    put_actors(document, predicate, deployment);
    intoto_put_source(document, predicate, at->record);
}

void intoto_add_acts(struct ml_document *document, size_t version)
{
    const struct ml_graph *graph = document->account->graph;
    const struct ml_account_node *at = &document->account->nodes[version];
    for (size_t i = 0; i < at->n_out; i++) {
        const struct ml_edge *edge = &graph->edges[at->out[i]];
        if (edge->role == ML_ROLE_VALIDATED_BY)
            add_validation(document, version, edge->to);
        else if (edge->role == ML_ROLE_APPROVED_BY)
            add_approval(document, version, edge->to);
        else if (edge->role == ML_ROLE_TRANSITIONED_BY)
            add_transition(document, version, edge->to);
        else if (edge->role == ML_ROLE_DEPLOYED)
            add_deployment(document, version, edge->to);
    }
}
