/* SPDX-License-Identifier: Apache-2.0 */
/* Relations of PROV: what edges say, and what records say of a version's stages and approvals. */
#include "export/prov_private.h"
#include "ledger/core/percent.h"

static const struct ml_graph *graph_of(const struct prov *prov)
{
    return prov->document.account->graph;
}

/* led:seq of all records, led:link of the first, led:basis, led:grounds. */
static void put_edge(struct prov *prov, json_t *json, const struct ml_edge *edge)
{
    struct ml_document *document = &prov->document;
    if (!json)
        return;
    json_t *seqs = ml_put_array(document, json, "led:seq");
    for (size_t i = 0; i < edge->n_seqs; i++)
        ml_add(document, seqs,
               prov_typed(ml_document_text(document, "%llu", (unsigned long long)edge->seqs[i]),
                          "xsd:unsignedLong"));
    const struct ml_account_record *record = ml_account_record(document->account, edge->seqs[0]);
    ml_put_text(document, json, "led:link", ml_document_hex(document, record->link, ML_HASH_SIZE));
    ml_put_text(document, json, "led:relation", ml_edge_role_name(edge->role));
    ml_put_text(document, json, "led:basis", ml_edge_kind_name(edge->kind));
    ml_put_text(document, json, "led:grounds", edge->grounds);
}

/* A relation of two things, "_:PREFIXn" after its edge. */
static json_t *relate(struct prov *prov, enum prov_section section, const char *prefix, size_t edge,
                      const char *first_key, const char *first, const char *second_key,
                      const char *second)
{
    struct ml_document *document = &prov->document;
    json_t *json = prov_new(prov, section, ml_document_text(document, "_:%s%zu", prefix, edge));
    ml_put_text(document, json, first_key, first);
    ml_put_text(document, json, second_key, second);
    put_edge(prov, json, &graph_of(prov)->edges[edge]);
    return json;
}

static const char *used_role(const struct prov *prov, const struct ml_edge *edge)
{
    switch (edge->role) {
    case ML_ROLE_PARAMETERS:
        return "parameters";
    case ML_ROLE_CODE:
        return "code";
    case ML_ROLE_TRAINED_ON:
    case ML_ROLE_USED:
        return ml_document_input_role(&prov->document, edge);
    default:
        return "subject";
    }
}

static void add_used(struct prov *prov, size_t index)
{
    const struct ml_edge *edge = &graph_of(prov)->edges[index];
    json_t *json = relate(prov, PROV_USED, "used", index, "prov:activity", prov_id(prov, edge->to),
                          "prov:entity", prov_id(prov, edge->from));
    ml_put_text(&prov->document, json, "prov:role", used_role(prov, edge));
}

/* The commit that a run or a stage ran, NULL if none is known. */
static const char *plan_of(struct prov *prov, size_t node)
{
    size_t at;
    size_t commit = ml_account_before(prov->document.account, node, ML_ROLE_CODE, 0, &at);
    return commit == SIZE_MAX ? NULL : prov_id(prov, commit);
}

static void add_associated(struct prov *prov, size_t index)
{
    const struct ml_edge *edge = &graph_of(prov)->edges[index];
    if (!prov_is_activity(graph_of(prov)->nodes[edge->to].kind)) {
        relate(prov, PROV_ATTRIBUTED, "by", index, "prov:entity", prov_id(prov, edge->to),
               "prov:agent", prov_id(prov, edge->from));
        return;
    }
    json_t *json = relate(prov, PROV_ASSOCIATED, "by", index, "prov:activity",
                          prov_id(prov, edge->to), "prov:agent", prov_id(prov, edge->from));
    ml_put_text(&prov->document, json, "prov:plan", plan_of(prov, edge->to));
}

static void add_influence(struct prov *prov, size_t index)
{
    const struct ml_edge *edge = &graph_of(prov)->edges[index];
    relate(prov, PROV_INFLUENCED, "inf", index, "prov:influencee", prov_id(prov, edge->to),
           "prov:influencer", prov_id(prov, edge->from));
}

static void add_generated(struct prov *prov, size_t index)
{
    const struct ml_edge *edge = &graph_of(prov)->edges[index];
    relate(prov, PROV_GENERATED, "gen", index, "prov:entity", prov_id(prov, edge->to),
           "prov:activity", prov_id(prov, edge->from));
}

/* The ends must be what the relation is of; where they are not, one influenced the other, and that
 * is all that can be said. */
static bool joins(const struct prov *prov, const struct ml_edge *edge, bool from_acts, bool to_acts)
{
    enum ml_node_kind from = graph_of(prov)->nodes[edge->from].kind;
    enum ml_node_kind to = graph_of(prov)->nodes[edge->to].kind;
    return prov_is_activity(from) == from_acts && prov_is_activity(to) == to_acts &&
           from != ML_NODE_AGENT && to != ML_NODE_AGENT;
}

static void add_derived(struct prov *prov, size_t index)
{
    const struct ml_edge *edge = &graph_of(prov)->edges[index];
    relate(prov, PROV_DERIVED, "der", index, "prov:generatedEntity", prov_id(prov, edge->to),
           "prov:usedEntity", prov_id(prov, edge->from));
}

static void add_alternate(struct prov *prov, size_t index)
{
    const struct ml_edge *edge = &graph_of(prov)->edges[index];
    relate(prov, PROV_ALTERNATE, "same", index, "prov:alternate1", prov_id(prov, edge->from),
           "prov:alternate2", prov_id(prov, edge->to));
}

void prov_edge(struct prov *prov, size_t index)
{
    const struct ml_edge *edge = &graph_of(prov)->edges[index];
    if (edge->role == ML_ROLE_ASSOCIATED)
        add_associated(prov, index);
    else if (edge->role == ML_ROLE_SAME_CONTENT && joins(prov, edge, false, false))
        add_alternate(prov, index);
    else if (edge->role == ML_ROLE_DERIVED_FROM && joins(prov, edge, false, false))
        add_derived(prov, index);
    else if (edge->role != ML_ROLE_CONCERNED_BY && joins(prov, edge, true, false))
        add_generated(prov, index);
    else if (joins(prov, edge, false, true))
        add_used(prov, index);
    else
        add_influence(prov, index);
}

/* ---- stages of a version ---- */

static const char *period_id(struct prov *prov, size_t version,
                             const struct ml_stage_interval *period)
{
    return prov_name(prov, "period/%s/%llu", prov->document.ids[version],
                     (unsigned long long)period->from_seq);
}

/* The transition of record `seq`, if the graph has it; registration made the first period. */
static const char *mover(struct prov *prov, size_t version, uint64_t seq)
{
    size_t at, next = 0, transition;
    const struct ml_account *account = prov->document.account;
    while ((transition = ml_account_after(account, version, ML_ROLE_TRANSITIONED_BY, next, &at)) !=
           SIZE_MAX) {
        if (account->graph->nodes[transition].seq == seq)
            return prov_id(prov, transition);
        next = at + 1;
    }
    return NULL;
}

/* `activity` NULL: registration began it, or a record that the graph does not have ended it. */
static void put_moment(struct prov *prov, enum prov_section section, const char *id,
                       const char *entity, const char *activity, uint64_t seq)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_record *record = ml_account_record(document->account, seq);
    json_t *json = prov_new(prov, section, id);
    ml_put_text(document, json, "prov:entity", entity);
    ml_put_text(document, json, "prov:activity", activity);
    if (record)
        ml_put_text(document, json, "prov:time",
                    ml_document_time(document, ml_account_when(record)));
    prov_put_record(prov, json, record);
}

static void add_period(struct prov *prov, size_t version, const struct ml_stage_interval *period)
{
    struct ml_document *document = &prov->document;
    const char *id = period_id(prov, version, period);
    unsigned long long from = period->from_seq, to = period->to_seq;
    json_t *json = prov_new(prov, PROV_ENTITY, id);
    prov_put_type(prov, json, "led:StagePeriod");
    ml_put_text(document, json, "led:stage", period->stage);
    prov_put_record(prov, json, ml_account_record(document->account, period->from_seq));
    json = prov_new(prov, PROV_SPECIALIZATION,
                    ml_document_text(document, "_:period%zu-%llu", version, from));
    ml_put_text(document, json, "prov:specificEntity", id);
    ml_put_text(document, json, "prov:generalEntity", prov_id(prov, version));
    prov_put_record(prov, json, ml_account_record(document->account, period->from_seq));
    put_moment(prov, PROV_GENERATED, ml_document_text(document, "_:begin%zu-%llu", version, from),
               id, mover(prov, version, period->from_seq), period->from_seq);
    if (period->to_seq != MLEDGER_NO_SEQ)
        put_moment(prov, PROV_INVALIDATED, ml_document_text(document, "_:end%zu-%llu", version, to),
                   id, mover(prov, version, period->to_seq), period->to_seq);
}

void prov_periods(struct prov *prov, size_t version)
{
    const struct ml_account_node *at = &prov->document.account->nodes[version];
    for (size_t i = 0; i < at->n_periods; i++)
        add_period(prov, version, &at->periods[i]);
}

void prov_informed(struct prov *prov, size_t transition)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_node *at = &document->account->nodes[transition];
    for (size_t i = 0; i < at->n_approvals; i++) {
        json_t *json = prov_new(prov, PROV_INFORMED,
                                ml_document_text(document, "_:app%zu-%zu", transition, i));
        ml_put_text(document, json, "prov:informed", prov_id(prov, transition));
        ml_put_text(document, json, "prov:informant", prov_id(prov, at->approvals[i]));
        prov_put_record(prov, json, at->record);
    }
}

/* ---- on whose behalf ---- */

/* The actor need not be a node: what it signs for others is theirs. */
static const char *delegate_of(struct prov *prov, const struct ml_account_record *record)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
    struct ml_document *document = &prov->document;
    if (ml_percent_encode(record->delegate, "/@", &name) < 0 ||
        ml_buf_append_char(&name, '\0') < 0) {
        document->failed = true;
        return NULL;
    }
    const char *id = prov_name(prov, "actor/%s", (const char *)name.data);
    json_t *json = prov_new(prov, PROV_AGENT, id);
    prov_put_type(prov, json, record->delegate_is_service ? "prov:SoftwareAgent" : "prov:Person");
    ml_put_text(document, json, "prov:label", record->delegate);
    if (!json)
        return id;
    ml_put(document, json, "led:seq",
           prov_typed(ml_document_text(document, "%llu", (unsigned long long)record->delegate_seq),
                      "xsd:unsignedLong"));
    ml_put_text(document, json, "led:link",
                ml_document_hex(document, record->delegate_link, ML_HASH_SIZE));
    return id;
}

void prov_delegated(struct prov *prov, size_t node)
{
    struct ml_document *document = &prov->document;
    const struct ml_account_record *record = document->account->nodes[node].record;
    size_t at, person = ml_account_before(document->account, node, ML_ROLE_ASSOCIATED, 0, &at);
    if (!record->delegate || person == SIZE_MAX)
        return;
    const char *delegate = delegate_of(prov, record);
    json_t *json = prov_new(prov, PROV_DELEGATED, ml_document_text(document, "_:for%zu", node));
    ml_put_text(document, json, "prov:delegate", delegate);
    ml_put_text(document, json, "prov:responsible", prov_id(prov, person));
    if (prov_is_activity(graph_of(prov)->nodes[node].kind))
        ml_put_text(document, json, "prov:activity", prov_id(prov, node));
    prov_put_record(prov, json, record);
}
