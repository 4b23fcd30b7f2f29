/* SPDX-License-Identifier: Apache-2.0 */
/* Making an account, and finding things in it. */
#include "ledger/query/account_private.h"

#include "ledger/core/event.h"
#include "ledger/query/standing.h"

int account_fail(const struct account_work *work)
{
    return ml_arena_fail(&work->account->reader.arena, "what the records say");
}

void *account_array(struct account_work *work, size_t count, size_t size)
{
    return ml_arena_calloc(&work->account->reader.arena, count ? count : 1, size);
}

int account_need(struct account_work *work, uint64_t seq)
{
    if (seq == MLEDGER_NO_SEQ || (work->n_needed && work->needed[work->n_needed - 1] == seq))
        return MLEDGER_OK;
    ML_TRY(ml_grow(&work->needed, &work->cap_needed, work->n_needed + 1, sizeof *work->needed));
    work->needed[work->n_needed++] = seq;
    return MLEDGER_OK;
}

const char *account_attribute(const struct ml_node *node, const char *name)
{
    for (size_t i = 0; i < node->n_attributes; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return node->attributes[i].value;
    return NULL;
}

/* ---- records ---- */

static int compare_seqs(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static int need_graph(struct account_work *work)
{
    const struct ml_graph *graph = work->account->graph;
    ML_TRY(account_need(work, graph->as_of));
    for (size_t i = 0; i < graph->n_nodes; i++) {
        ML_TRY(account_need(work, graph->nodes[i].seq));
        ML_TRY(account_need(work, work->seqs[i].ended));
    }
    for (size_t i = 0; i < graph->n_edges; i++)
        for (size_t k = 0; k < graph->edges[i].n_seqs; k++)
            ML_TRY(account_need(work, graph->edges[i].seqs[k]));
    return MLEDGER_OK;
}

static int read_delegate(struct ml_account *account, const struct ml_record *record,
                         struct ml_account_record *kept)
{
    const Mledger__SubjectState *actor;
    struct ml_standing signer;
    if (!record->event->has_on_behalf_of_actor_ref)
        return MLEDGER_OK;
    ML_TRY(ml_standing_read(account->reader.view, record->header->signer.data, &signer));
    if (!signer.known || signer.actor == record->event->on_behalf_of_actor_ref)
        return MLEDGER_OK;
    ML_TRY(ml_reader_subject(&account->reader, signer.actor, &actor));
    kept->delegate_seq = signer.actor;
    kept->delegate =
        ml_arena_text(&account->reader.arena, signer.actor_id, strlen(signer.actor_id));
    kept->delegate_is_service =
        actor && actor->has_actor_kind && actor->actor_kind == MLEDGER__ACTOR_KIND__SERVICE;
    if (!kept->delegate)
        return ml_fail_memory();
    return ml_view_link_at(account->reader.view, signer.actor, kept->delegate_link);
}

static int read_record(struct ml_account *account, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&account->reader, seq, &record));
    struct ml_account_record *kept = &account->records[account->n_records++];
    const char *kind = ml_event_name(record->event);
    *kept = (struct ml_account_record){
        .seq = seq,
        .kind = kind ? kind : "",
        .recorded_us = record->header->recorded_at,
        .claimed_us = record->details && record->details->has_occurred_at
                          ? record->details->occurred_at
                          : ML_NO_TIME,
    };
    ML_TRY(read_delegate(account, record, kept));
    return ml_link(record->header_bytes, kept->link);
}

static int read_records(struct account_work *work)
{
    struct ml_account *account = work->account;
    ML_TRY(need_graph(work));
    qsort(work->needed, work->n_needed, sizeof *work->needed, compare_seqs);
    account->records = account_array(work, work->n_needed, sizeof *account->records);
    if (!account->records)
        return account_fail(work);
    for (size_t i = 0; i < work->n_needed; i++)
        if (i == 0 || work->needed[i] != work->needed[i - 1])
            ML_TRY(read_record(account, work->needed[i]));
    for (size_t i = 0; i < account->graph->n_nodes; i++) {
        struct ml_account_node *node = &account->nodes[i];
        node->record = ml_account_record(account, account->graph->nodes[i].seq);
        node->began = ml_account_record(account, work->seqs[i].began);
        node->ended = ml_account_record(account, work->seqs[i].ended);
    }
    account->head = ml_account_record(account, account->graph->as_of);
    return MLEDGER_OK;
}

const struct ml_account_record *ml_account_record(const struct ml_account *account, uint64_t seq)
{
    size_t low = 0, high = account->n_records;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (account->records[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < account->n_records && account->records[low].seq == seq ? &account->records[low]
                                                                        : NULL;
}

/* ---- edges ---- */

/* Where each node's edges stand in one array of all: first[i] … first[i + 1] - 1. */
static int sort_edges(struct account_work *work, bool in)
{
    struct ml_account *account = work->account;
    const struct ml_graph *graph = account->graph;
    size_t *first = account_array(work, graph->n_nodes + 1, sizeof *first);
    if (!first)
        return account_fail(work);
    size_t *sorted = account_array(work, graph->n_edges, sizeof *sorted);
    if (!sorted)
        return account_fail(work);
    for (size_t i = 0; i < graph->n_edges; i++)
        first[(in ? graph->edges[i].to : graph->edges[i].from) + 1]++;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        struct ml_account_node *node = &account->nodes[i];
        *(in ? &node->n_in : &node->n_out) = first[i + 1];
        *(in ? &node->in : &node->out) = sorted + first[i];
        first[i + 1] += first[i];
    }
    for (size_t i = 0; i < graph->n_edges; i++)
        sorted[first[in ? graph->edges[i].to : graph->edges[i].from]++] = i;
    return MLEDGER_OK;
}

size_t ml_account_before(const struct ml_account *account, size_t node, enum ml_edge_role role,
                         size_t from, size_t *ret_at)
{
    const struct ml_account_node *at = &account->nodes[node];
    for (size_t i = from; i < at->n_in; i++) {
        const struct ml_edge *edge = &account->graph->edges[at->in[i]];
        if (edge->role != role)
            continue;
        *ret_at = i;
        return edge->from;
    }
    return SIZE_MAX;
}

size_t ml_account_after(const struct ml_account *account, size_t node, enum ml_edge_role role,
                        size_t from, size_t *ret_at)
{
    const struct ml_account_node *at = &account->nodes[node];
    for (size_t i = from; i < at->n_out; i++) {
        const struct ml_edge *edge = &account->graph->edges[at->out[i]];
        if (edge->role != role)
            continue;
        *ret_at = i;
        return edge->to;
    }
    return SIZE_MAX;
}

/* ---- all of it ---- */

static int describe_ledger(struct ml_account *account)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&account->reader, 0, &record));
    if (!record->event->ledger_created)
        return ml_fail_seq(MLEDGER_EDAMAGED, 0, "record 0 does not create a ledger");
    account->ledger = record->event->ledger_created->name;
    account->origin = record->event->ledger_created->origin;
    memcpy(account->identity, account->reader.view->head.identity, sizeof account->identity);
    return MLEDGER_OK;
}

static void release_work(struct account_work *work)
{
    free(work->seqs);
    free(work->needed);
}

static int make(struct ml_account *account)
{
    size_t count = account->graph->n_nodes;
    ML_CLEANUP(release_work)
    struct account_work work = {.account = account,
                                .seqs = ml_calloc(count + 1, sizeof *work.seqs)};
    if (!work.seqs)
        return ml_fail_memory();
    ML_TRY(describe_ledger(account));
    account->nodes = account_array(&work, count, sizeof *account->nodes);
    if (!account->nodes)
        return account_fail(&work);
    for (size_t i = 0; i < count; i++) {
        work.seqs[i] =
            (struct account_seqs){account->graph->nodes[i].seq, MLEDGER_NO_SEQ, MLEDGER_NO_SEQ};
        account->nodes[i].model = MLEDGER_NO_SEQ;
        ML_TRY(account_node(&work, i));
    }
    ML_TRY(sort_edges(&work, true));
    ML_TRY(sort_edges(&work, false));
    ML_TRY(account_approvals(&work));
    return read_records(&work);
}

int ml_account_new(struct ml_view *view, const struct ml_graph *graph,
                   struct ml_account **ret_account)
{
    ML_CLEANUP(ml_account_freep) struct ml_account *account = ml_calloc(1, sizeof *account);
    if (!account)
        return ml_fail_memory();
    account->graph = graph;
    ml_reader_init(&account->reader, view, graph->as_of);
    ML_TRY(make(account));
    *ret_account = ML_TAKE(account);
    return MLEDGER_OK;
}

void ml_account_free(struct ml_account *account)
{
    if (account)
        ml_reader_release(&account->reader);
    free(account);
}

/* ---- what follows ---- */

int64_t ml_account_when(const struct ml_account_record *record)
{
    return record->claimed_us != ML_NO_TIME ? record->claimed_us : record->recorded_us;
}

int64_t ml_account_ended(const struct ml_account_node *run)
{
    if (!run->began || !run->ended)
        return ML_NO_TIME;
    int64_t ended = ml_account_when(run->ended);
    return ended < ml_account_when(run->began) ? ML_NO_TIME : ended;
}

static bool is_gap(const struct ml_node *node)
{
    if (node->flags & (ML_NODE_UNSEEN | ML_NODE_ERASED | ML_NODE_CUT))
        return true;
    if (node->kind == ML_NODE_FILE || node->kind == ML_NODE_DATASET)
        return node->n_digests == 0; /* else it is only not known where it is from */
    return (node->flags & ML_NODE_MISSING) != 0;
}

bool ml_account_is_complete(const struct ml_account *account)
{
    for (size_t i = 0; i < account->graph->n_nodes; i++)
        if (is_gap(&account->graph->nodes[i]))
            return false;
    return account->graph->n_nodes > 0 && !account->graph->full;
}
