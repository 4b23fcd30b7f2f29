/* SPDX-License-Identifier: Apache-2.0 */
/* All that is known of a node or an edge, for formats that have no words of their own for it. */
#include "export/document.h"
#include "ledger/query/digest_text.h"
#include "ledger/query/input_role.h"

static void put_flags(struct ml_document *document, json_t *object, unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {{ML_NODE_START, "asked"},     {ML_NODE_UNSEEN, "unseen"},
                 {ML_NODE_ERASED, "erased"},   {ML_NODE_DELETED, "deleted"},
                 {ML_NODE_MISSING, "missing"}, {ML_NODE_CUT, "cut"}};
    if (flags == 0)
        return;
    json_t *list = ml_put_array(document, object, "flags");
    for (size_t i = 0; i < ML_COUNT(names); i++)
        if (flags & names[i].flag)
            ml_add_text(document, list, names[i].name);
}

static void put_digests(struct ml_document *document, json_t *object, const struct ml_node *node)
{
    if (node->n_digests == 0)
        return;
    json_t *list = ml_put_array(document, object, "digests");
    for (size_t i = 0; i < node->n_digests; i++) {
        char text[ML_DIGEST_TEXT_SIZE];
        json_t *one = ml_add_object(document, list);
        bool seen = node->digests[i]->standing == MLEDGER__STANDING__SEEN;
        ml_digest_text(node->digests[i], 0, text);
        ml_put_text(document, one, "digest", text);
        ml_put_text(document, one, "standing", seen ? "seen" : "claimed");
    }
}

static void put_attributes(struct ml_document *document, json_t *object, const struct ml_node *node)
{
    if (node->n_attributes == 0 || node->kind == ML_NODE_PARAMS)
        return;
    json_t *list = ml_put_array(document, object, "attributes");
    for (size_t i = 0; i < node->n_attributes; i++) {
        json_t *one = ml_add_object(document, list);
        ml_put_text(document, one, "name", node->attributes[i].name);
        ml_put_text(document, one, "value", node->attributes[i].value);
    }
}

/* The record that a single value stands in. */
static void put_source(struct ml_document *document, json_t *object, uint64_t seq)
{
    const struct ml_account_record *record = ml_account_record(document->account, seq);
    ml_put_number(document, object, "seq", seq);
    if (record)
        ml_put_text(document, object, "link",
                    ml_document_hex(document, record->link, ML_HASH_SIZE));
}

static void put_values(struct ml_document *document, json_t *object, const char *key,
                       const struct ml_account_value *values, size_t count)
{
    if (count == 0)
        return;
    json_t *list = ml_put_array(document, object, key);
    for (size_t i = 0; i < count; i++) {
        json_t *one = ml_add_object(document, list);
        ml_put_text(document, one, "name", values[i].key);
        ml_put_text(document, one, "value", values[i].value);
        put_source(document, one, values[i].seq);
    }
}

void ml_put_metric(struct ml_document *document, json_t *object,
                   const struct ml_account_metric *metric)
{
    ml_put_text(document, object, "name", metric->key);
    ml_put_text(document, object, "dataset", metric->dataset);
    ml_put_text(document, object, "value", metric->value);
    ml_put(document, object, "step", json_integer(metric->step));
}

static void put_metrics(struct ml_document *document, json_t *object,
                        const struct ml_account_node *at)
{
    if (at->n_metrics == 0)
        return;
    json_t *list = ml_put_array(document, object, "metrics");
    for (size_t i = 0; i < at->n_metrics; i++) {
        json_t *one = ml_add_object(document, list);
        ml_put_metric(document, one, &at->metrics[i]);
        put_source(document, one, at->metrics[i].seq);
    }
}

/* What a run that went on has no end for, and a parameter set no status. */
static void put_state(struct ml_document *document, json_t *object,
                      const struct ml_account_node *at)
{
    ml_put_text(document, object, "status", at->status);
    ml_put_text(document, object, "stage", at->stage);
    if (at->began)
        ml_put_text(document, object, "began",
                    ml_document_time(document, ml_account_when(at->began)));
    if (at->ended)
        ml_put_text(document, object, "ended",
                    ml_document_time(document, ml_account_when(at->ended)));
}

void ml_put_node_facts(struct ml_document *document, json_t *object, size_t node)
{
    const struct ml_node *of = &document->account->graph->nodes[node];
    const struct ml_account_node *at = &document->account->nodes[node];
    ml_put_text(document, object, "kind", ml_node_kind_name(of->kind));
    ml_put_text(document, object, "reference", of->id);
    ml_put_record(document, object, at->record);
    put_flags(document, object, of->flags);
    if (of->erased_by != MLEDGER_NO_SEQ)
        ml_put_number(document, object, "erased_by", of->erased_by);
    put_state(document, object, at);
    put_digests(document, object, of);
    put_attributes(document, object, of);
    put_values(document, object, "params", at->params, at->n_params);
    put_metrics(document, object, at);
}

void ml_put_edge_facts(struct ml_document *document, json_t *object, const struct ml_edge *edge)
{
    ml_put_text(document, object, "basis", ml_edge_kind_name(edge->kind));
    json_t *seqs = ml_put_array(document, object, "seqs");
    for (size_t i = 0; i < edge->n_seqs; i++)
        ml_add(document, seqs, json_integer((json_int_t)edge->seqs[i]));
    const struct ml_account_record *record = ml_account_record(document->account, edge->seqs[0]);
    if (record)
        ml_put_text(document, object, "link",
                    ml_document_hex(document, record->link, sizeof record->link));
    ml_put_text(document, object, "grounds", edge->grounds);
}

const char *ml_document_input_role(const struct ml_document *document, const struct ml_edge *edge)
{
    const struct ml_node *input = &document->account->graph->nodes[edge->from];
    const char *role = NULL;
    if (edge->role == ML_ROLE_TRAINED_ON)
        return "training";
    for (size_t i = 0; i < input->n_attributes; i++) {
        const char *value = input->attributes[i].value;
        if (strcmp(input->attributes[i].name, "role") != 0 ||
            ml_input_role(value) == ML_INPUT_TRAINING)
            continue;
        if (role && strcmp(role, value) != 0)
            return NULL;
        role = value;
    }
    return role;
}

const char *ml_document_commit_repository(struct ml_document *document, size_t commit)
{
    const struct ml_account *account = document->account;
    size_t run, at, next = 0;
    while ((run = ml_account_after(account, commit, ML_ROLE_CODE, next, &at)) != SIZE_MAX) {
        const char *repository = ml_tag_of(&account->nodes[run], "mlflow.source.git.repoURL");
        if (repository)
            return ml_document_repository(document, repository);
        next = at + 1;
    }
    return NULL;
}

size_t ml_document_run_of(const struct ml_document *document, size_t model)
{
    const struct ml_account *account = document->account;
    size_t at;
    const size_t run = ml_account_before(account, model, ML_ROLE_REGISTERED_FROM, 0, &at);
    return run != SIZE_MAX ? run : ml_account_before(account, model, ML_ROLE_GENERATED, 0, &at);
}

const char *ml_tag_of(const struct ml_account_node *run, const char *key)
{
    for (size_t i = 0; i < run->n_tags; i++)
        if (strcmp(run->tags[i].key, key) == 0)
            return run->tags[i].value;
    return NULL;
}
