/* SPDX-License-Identifier: Apache-2.0 */
/* Entities, activities and agents of PROV. */
#include "export/prov_private.h"
#include "ledger/core/percent.h"
#include "ledger/query/digest_text.h"
#include "ledger/query/snapshot.h"

static const char *const types[ML_NODE_KINDS] = {
    [ML_NODE_DATASET] = "led:DatasetVersion",
    [ML_NODE_FILE] = "led:Artifact",
    [ML_NODE_SOURCE] = "led:Source",
    [ML_NODE_COMMIT] = "led:GitCommit",
    [ML_NODE_PARAMS] = "led:ParameterSet",
    [ML_NODE_VERSION] = "led:ModelVersion",
    [ML_NODE_LOGGED_MODEL] = "led:LoggedModel",
    [ML_NODE_RUN] = "led:Run",
    [ML_NODE_STAGE] = "led:PipelineStage",
    [ML_NODE_VALIDATION] = "led:Validation",
    [ML_NODE_APPROVAL] = "led:ApprovalDecision",
    [ML_NODE_TRANSITION] = "led:StageTransition",
    [ML_NODE_DEPLOYMENT] = "led:Deploying",
    [ML_NODE_INCIDENT] = "led:Incident",
};

static void put_digests(struct prov *prov, json_t *json, const Mledger__Digest *const *digests,
                        size_t count)
{
    struct ml_document *document = &prov->document;
    for (size_t i = 0; i < count; i++) {
        const Mledger__Digest *digest = digests[i];
        const char *algorithm = ml_algorithm_name(digest->algorithm);
        bool seen = digest->standing == MLEDGER__STANDING__SEEN;
        ml_put_text(document, json, ml_document_text(document, "led:%s", algorithm),
                    ml_document_hex(document, digest->value.data, digest->value.len));
        ml_put_text(document, json, ml_document_text(document, "led:%s-standing", algorithm),
                    seen ? "seen" : "claimed");
    }
}

static void put_erased(struct prov *prov, json_t *json, const struct ml_node *node)
{
    struct ml_document *document = &prov->document;
    if (node->flags & ML_NODE_ERASED)
        ml_put(document, json, "led:erasedBy",
               prov_typed(ml_document_text(document, "%llu", (unsigned long long)node->erased_by),
                          "xsd:unsignedLong"));
}

/* "PREFIX:name" with the name percent-encoded, so that it is a qualified name; the first value of a
 * name stays. */
static void put_named(struct prov *prov, json_t *json, const char *prefix, const char *name,
                      const char *value)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf key = {0};
    struct ml_document *document = &prov->document;
    if (!value)
        return;
    if (ml_buf_append_text(&key, prefix) < 0 || ml_percent_encode(name, "/", &key) < 0 ||
        ml_buf_append_char(&key, '\0') < 0)
        document->failed = true;
    else if (!json_object_get(json, (const char *)key.data))
        ml_put_text(document, json, (const char *)key.data, value);
}

static void put_params(struct prov *prov, json_t *json, const struct ml_account_node *at)
{
    for (size_t i = 0; i < at->n_params; i++)
        put_named(prov, json, "param:", at->params[i].key, at->params[i].value);
}

static json_t *describe(struct prov *prov, size_t node, enum prov_section section)
{
    struct ml_document *document = &prov->document;
    const struct ml_node *of = &document->account->graph->nodes[node];
    json_t *json = prov_new(prov, section, prov_id(prov, node));
    if (!json)
        return NULL;
    ml_put_text(document, json, "prov:label", of->label);
    if (section != PROV_AGENT)
        prov_put_type(prov, json, types[of->kind]);
    prov_put_record(prov, json, document->account->nodes[node].record);
    put_erased(prov, json, of);
    put_digests(prov, json, of->digests, of->n_digests);
    return json;
}

/* ---- kinds ---- */

static void add_entity(struct prov *prov, size_t node)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *json = describe(prov, node, PROV_ENTITY);
    if (!json)
        return;
    if (at->uri)
        ml_put_text(document, json, "prov:location", at->uri);
    if (at->has_size)
        ml_put(document, json, "led:size",
               prov_typed(ml_document_text(document, "%llu", (unsigned long long)at->size),
                          "xsd:unsignedLong"));
    if (document->account->graph->nodes[node].kind == ML_NODE_FILE)
        ml_put_text(document, json, "led:path", at->name);
    ml_put_text(document, json, "led:status", at->status);
    ml_put_text(document, json, "led:reason", at->reason);
    put_params(prov, json, at);
}

/* A commit is the plan of who ran it. */
static void add_commit(struct prov *prov, size_t node)
{
    json_t *json = describe(prov, node, PROV_ENTITY);
    if (!json)
        return;
    json_t *both = json_array();
    ml_add(&prov->document, both, prov_typed("led:GitCommit", "prov:QUALIFIED_NAME"));
    ml_add(&prov->document, both, prov_typed("prov:Plan", "prov:QUALIFIED_NAME"));
    ml_put(&prov->document, json, "prov:type", both);
}

/* ---- files of a model ---- */

/* As a file that is a node is called, so that content is one entity wherever it is met. */
static const char *file_id(struct prov *prov, const struct ml_account_file *file)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
    char text[ML_DIGEST_TEXT_SIZE];
    const Mledger__Digest *digest = ml_digest_strongest(file->digests, file->n_digests);
    if (!digest)
        return NULL;
    ml_digest_text(digest, 0, text);
    if (ml_percent_encode(text, "/@", &name) < 0 || ml_buf_append_char(&name, '\0') < 0) {
        prov->document.failed = true;
        return NULL;
    }
    return prov_name(prov, "file/%s", (const char *)name.data);
}

static void describe_file(struct prov *prov, const char *id, const struct ml_account_file *file)
{
    struct ml_document *document = &prov->document;
    json_t *json = prov_new(prov, PROV_ENTITY, id);
    if (!json)
        return;
    ml_put_text(document, json, "prov:label", file->path);
    prov_put_type(prov, json, types[ML_NODE_FILE]);
    prov_put_record(prov, json, ml_account_record(document->account, file->seq));
    put_digests(prov, json, file->digests, file->n_digests);
    ml_put_text(document, json, "led:path", file->path);
}

/* Did the run record that it made this content? The record, NULL if none does. */
static const struct ml_account_record *made_in(const struct prov *prov, size_t run,
                                               const struct ml_account_file *file)
{
    const struct ml_account *account = prov->document.account;
    const struct ml_account_node *at = &account->nodes[run];
    for (size_t i = 0; i < at->n_artifacts; i++)
        if (ml_digests_meet(at->artifacts[i].digests, at->artifacts[i].n_digests, file->digests,
                            file->n_digests))
            return ml_account_record(account, at->artifacts[i].seq);
    return NULL;
}

static void add_maker(struct prov *prov, size_t model, size_t place, const char *id)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_file *file = &document->account->nodes[model].artifacts[place];
    const size_t run = ml_document_run_of(document, model);
    const struct ml_account_record *record = run == SIZE_MAX ? NULL : made_in(prov, run, file);
    if (!record)
        return;
    json_t *json =
        prov_new(prov, PROV_GENERATED, ml_document_text(document, "_:made%zu-%zu", model, place));
    ml_put_text(document, json, "prov:entity", id);
    ml_put_text(document, json, "prov:activity", prov_id(prov, run));
    prov_put_record(prov, json, record);
}

/* A model comes of its files, and these of its run if that recorded them too. */
static void add_files(struct prov *prov, size_t model)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_node *at = &document->account->nodes[model];
    for (size_t i = 0; i < at->n_artifacts; i++) {
        const char *id = file_id(prov, &at->artifacts[i]);
        if (!id)
            continue;
        describe_file(prov, id, &at->artifacts[i]);
        json_t *json =
            prov_new(prov, PROV_DERIVED, ml_document_text(document, "_:file%zu-%zu", model, i));
        ml_put_text(document, json, "prov:generatedEntity", prov_id(prov, model));
        ml_put_text(document, json, "prov:usedEntity", id);
        prov_put_record(prov, json, ml_account_record(document->account, at->artifacts[i].seq));
        add_maker(prov, model, i, id);
    }
}

/* ---- versions and logged models ---- */

static const char *model_id(struct prov *prov, size_t version)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
    if (ml_percent_encode(prov->document.account->nodes[version].name, "", &name) < 0 ||
        ml_buf_append_char(&name, '\0') < 0) {
        prov->document.failed = true;
        return NULL;
    }
    return prov_name(prov, "model/%s", (const char *)name.data);
}

static void add_version(struct prov *prov, size_t node)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    const char *model = model_id(prov, node);
    add_entity(prov, node);
    json_t *json = prov_new(prov, PROV_ENTITY, model);
    prov_put_type(prov, json, "led:Model");
    ml_put_text(document, json, "prov:label", at->name);
    prov_put_record(prov, json, ml_account_record(document->account, at->model));
    json = prov_new(prov, PROV_SPECIALIZATION, ml_document_text(document, "_:model%zu", node));
    ml_put_text(document, json, "prov:specificEntity", prov_id(prov, node));
    ml_put_text(document, json, "prov:generalEntity", model);
    prov_put_record(prov, json, at->record);
    add_files(prov, node);
}

static void add_logged_model(struct prov *prov, size_t node)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    add_entity(prov, node);
    json_t *json = json_object_get(prov->sections[PROV_ENTITY], prov_id(prov, node));
    ml_put_text(document, json, "led:name", at->title);
    for (size_t i = 0; i < at->n_metrics; i++)
        put_named(prov, json, "metric:", at->metrics[i].name, at->metrics[i].value);
    add_files(prov, node);
}

/* Metrics are an entity that their run generated. */
static void add_metrics(struct prov *prov, size_t run)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_node *at = &document->account->nodes[run];
    if (at->n_metrics == 0)
        return;
    const char *id = prov_name(prov, "metrics/%s", document->ids[run]);
    const struct ml_account_record *record =
        ml_account_record(document->account, at->metrics[at->n_metrics - 1].seq);
    json_t *json = prov_new(prov, PROV_ENTITY, id);
    prov_put_type(prov, json, "led:MetricSet");
    prov_put_record(prov, json, record);
    for (size_t i = 0; i < at->n_metrics; i++)
        put_named(prov, json, "metric:", at->metrics[i].name, at->metrics[i].value);
    json = prov_new(prov, PROV_GENERATED, ml_document_text(document, "_:metrics%zu", run));
    ml_put_text(document, json, "prov:entity", id);
    ml_put_text(document, json, "prov:activity", prov_id(prov, run));
    prov_put_record(prov, json, record);
}

static void add_run(struct prov *prov, size_t node)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *json = describe(prov, node, PROV_ACTIVITY);
    if (at->began)
        ml_put_text(document, json, "prov:startTime",
                    ml_document_time(document, ml_account_when(at->began)));
    ml_put_text(document, json, "prov:endTime", ml_document_time(document, ml_account_ended(at)));
    ml_put_text(document, json, "led:status", at->status);
    ml_put_text(document, json, "led:name", at->title);
    ml_put_text(document, json, "led:experiment", at->experiment);
    add_metrics(prov, node);
}

static void put_checks(struct prov *prov, json_t *json, const struct ml_account_node *at)
{
    struct ml_document *document = &prov->document;
    for (size_t i = 0; i < at->n_checks; i++)
        put_named(prov, json, "metric:", at->checks[i].name,
                  at->checks[i].value ? at->checks[i].value
                                      : (at->checks[i].passed ? "passed" : "not_passed"));
    ml_put_text(document, json, "led:outcome", at->status);
}

/* What happens in one moment: a decision, a move, a deployment. */
static json_t *add_act(struct prov *prov, size_t node)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    const char *when = ml_document_time(document, ml_account_when(at->record));
    json_t *json = describe(prov, node, PROV_ACTIVITY);
    ml_put_text(document, json, "prov:startTime", when);
    ml_put_text(document, json, "prov:endTime", when);
    ml_put_text(document, json, "led:reason", at->reason);
    return json;
}

/* An act that leaves something behind: an approval, a deployment. */
static json_t *add_outcome(struct prov *prov, size_t node, const char *type)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    const char *id = prov_outcome(prov, node);
    json_t *json = prov_new(prov, PROV_GENERATED, ml_document_text(document, "_:outcome%zu", node));
    ml_put_text(document, json, "prov:entity", id);
    ml_put_text(document, json, "prov:activity", prov_id(prov, node));
    ml_put_text(document, json, "prov:time",
                ml_document_time(document, ml_account_when(at->record)));
    prov_put_record(prov, json, at->record);
    json = prov_new(prov, PROV_ENTITY, id);
    prov_put_type(prov, json, type);
    prov_put_record(prov, json, at->record);
    return json;
}

static void add_approval(struct prov *prov, size_t node)
{
    const struct ml_account_node *at = &prov->document.account->nodes[node];
    add_act(prov, node);
    json_t *json = add_outcome(prov, node, "led:Approval");
    ml_put_text(&prov->document, json, "led:decision", at->status);
    ml_put_text(&prov->document, json, "led:stage", at->stage);
}

/* "led:share": "churn/3 90 %". */
static void put_shares(struct prov *prov, json_t *json, const struct ml_account_node *at)
{
    struct ml_document *document = &prov->document;
    json_t *shares = at->n_shares ? ml_put_array(document, json, "led:share") : NULL;
    for (size_t i = 0; i < at->n_shares; i++)
        ml_add_text(document, shares, ml_document_share(document, &at->shares[i]));
}

/* The next record about the endpoint ends what this one made of it. */
static void end_outcome(struct prov *prov, size_t node, const struct ml_account_record *ended)
{
    struct ml_document *document = &prov->document;
    json_t *json =
        prov_new(prov, PROV_INVALIDATED, ml_document_text(document, "_:replaced%zu", node));
    ml_put_text(document, json, "prov:entity", prov_outcome(prov, node));
    ml_put_text(document, json, "prov:time", ml_document_time(document, ml_account_when(ended)));
    prov_put_record(prov, json, ended);
}

static void add_deployment(struct prov *prov, size_t node)
{
    const struct ml_account_node *at = &prov->document.account->nodes[node];
    add_act(prov, node);
    json_t *json = add_outcome(prov, node, "led:Deployment");
    ml_put_text(&prov->document, json, "led:endpoint", at->name);
    ml_put_text(&prov->document, json, "led:environment", at->environment);
    put_shares(prov, json, at);
    if (at->ended)
        end_outcome(prov, node, at->ended);
}

static void add_agent(struct prov *prov, size_t node)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_node *at = &document->account->nodes[node];
    json_t *json = describe(prov, node, PROV_AGENT);
    prov_put_type(prov, json, at->is_service ? "prov:SoftwareAgent" : "prov:Person");
    ml_put_text(document, json, "led:name", at->title);
    if (at->n_keys == 0)
        return;
    json_t *keys = ml_put_array(document, json, "led:ed25519");
    for (size_t i = 0; i < at->n_keys; i++)
        ml_add_text(document, keys, ml_document_hex(document, at->keys[i].key, ML_KEY_SIZE));
}

void prov_things(struct prov *prov, size_t node)
{
    json_t *json;
    switch (prov->document.account->graph->nodes[node].kind) {
    case ML_NODE_COMMIT:
        add_commit(prov, node);
        break;
    case ML_NODE_VERSION:
        add_version(prov, node);
        break;
    case ML_NODE_LOGGED_MODEL:
        add_logged_model(prov, node);
        break;
    case ML_NODE_RUN:
        add_run(prov, node);
        break;
    case ML_NODE_STAGE:
        describe(prov, node, PROV_ACTIVITY);
        break;
    case ML_NODE_VALIDATION:
        json = add_act(prov, node);
        put_checks(prov, json, &prov->document.account->nodes[node]);
        break;
    case ML_NODE_APPROVAL:
        add_approval(prov, node);
        break;
    case ML_NODE_TRANSITION:
        add_act(prov, node);
        break;
    case ML_NODE_DEPLOYMENT:
        add_deployment(prov, node);
        break;
    case ML_NODE_AGENT:
        add_agent(prov, node);
        break;
    default:
        add_entity(prov, node);
        break;
    }
}
