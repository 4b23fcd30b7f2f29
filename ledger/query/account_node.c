/* SPDX-License-Identifier: Apache-2.0 */
/* What the record behind a node says of it, kind by kind. */
#include "ledger/query/account_private.h"

#include <inttypes.h>

#include "ledger/query/endpoint_past.h"
#include "ledger/query/state_walk.h"

static const struct ml_node *node_of(const struct account_work *work, size_t node)
{
    return &work->account->graph->nodes[node];
}

static int record_of(struct account_work *work, size_t node, const struct ml_record **ret_record)
{
    return ml_reader_record(&work->account->reader, node_of(work, node)->seq, ret_record);
}

static const char *reason_of(const struct ml_record *record)
{
    return record->details ? record->details->reason : NULL;
}

/* ---- data ---- */

static int describe_dataset(struct account_work *work, size_t node)
{
    struct ml_account_node *at = &work->account->nodes[node];
    const struct ml_record *record;
    at->name = node_of(work, node)->name;
    at->uri = account_attribute(node_of(work, node), "source");
    at->uri_type = account_attribute(node_of(work, node), "source_type");
    ML_TRY(record_of(work, node, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_DATASET_RECORDED)
        return MLEDGER_OK;
    const Mledger__DatasetRecorded *dataset = record->event->dataset_recorded;
    at->has_size = dataset->has_size;
    at->size = dataset->size;
    at->has_files = dataset->has_files;
    at->files = dataset->files;
    return MLEDGER_OK;
}

static int describe_params(struct account_work *work, size_t node)
{
    const struct ml_node *of = node_of(work, node);
    struct ml_account_value *params = account_array(work, of->n_attributes, sizeof *params);
    if (!params)
        return account_fail(work);
    bool erased = (of->flags & ML_NODE_ERASED) != 0;
    for (size_t i = 0; i < of->n_attributes; i++)
        params[i] = (struct ml_account_value){of->attributes[i].name,
                                              erased ? NULL : of->attributes[i].value, of->seq};
    work->account->nodes[node].params = params;
    work->account->nodes[node].n_params = of->n_attributes;
    return MLEDGER_OK;
}

static int describe_stage(struct account_work *work, size_t node)
{
    const struct ml_node *of = node_of(work, node);
    struct ml_account_node *at = &work->account->nodes[node];
    const char **commands = account_array(work, of->n_attributes, sizeof *commands);
    if (!commands)
        return account_fail(work);
    for (size_t i = 0; i < of->n_attributes; i++)
        if (strcmp(of->attributes[i].name, "command") == 0)
            commands[at->n_commands++] = of->attributes[i].value;
    at->commands = commands;
    at->name = of->label;
    at->pipeline = account_attribute(of, "pipeline");
    return MLEDGER_OK;
}

static int describe_run(struct account_work *work, size_t node)
{
    work->account->nodes[node].name = node_of(work, node)->name;
    if (node_of(work, node)->flags & ML_NODE_UNSEEN)
        return MLEDGER_OK;
    return account_run(work, node, node_of(work, node)->seq);
}

/* ---- versions ---- */

static int copy_artifacts(struct account_work *work, struct ml_account_node *at,
                          const Mledger__VersionRegistered *registered, uint64_t seq)
{
    struct ml_account_file *files = account_array(work, registered->n_artifacts, sizeof *files);
    if (!files)
        return account_fail(work);
    for (size_t i = 0; i < registered->n_artifacts; i++) {
        const Mledger__Artifact *artifact = registered->artifacts[i];
        files[i] = (struct ml_account_file){
            .path = artifact->path,
            .has_size = artifact->has_size,
            .size = artifact->has_size ? artifact->size : 0,
            .digests = (const Mledger__Digest *const *)artifact->digests,
            .n_digests = artifact->n_digests,
            .seq = seq,
        };
    }
    at->artifacts = files;
    at->n_artifacts = registered->n_artifacts;
    return MLEDGER_OK;
}

/* The part of "churn/3" before the number: a name's newest bearer keeps it, others are told apart
 * by their record. */
static int name_model(struct account_work *work, size_t node)
{
    const char *label = node_of(work, node)->label, *slash = strrchr(label, '/');
    char *name = ml_arena_text(&work->account->reader.arena, label,
                               slash ? (size_t)(slash - label) : strlen(label));
    work->account->nodes[node].name = name;
    return name ? MLEDGER_OK : account_fail(work);
}

static int need_interval(struct account_work *work, const struct ml_stage_interval *interval)
{
    ML_TRY(account_need(work, interval->from_seq));
    return account_need(work, interval->to_seq);
}

static int describe_version(struct account_work *work, size_t node)
{
    struct ml_account_node *at = &work->account->nodes[node];
    const struct ml_record *record;
    struct ml_version_past past;
    ML_TRY(record_of(work, node, &record));
    const Mledger__VersionRegistered *registered = record->event->version_registered;
    if (record->event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED)
        return ml_fail_seq(MLEDGER_EDAMAGED, record->header->seq, "it registers no version");
    ML_TRY(name_model(work, node));
    ML_TRY(ml_version_past(&work->account->reader, registered->model, registered->version, &past));
    at->version = registered->version;
    at->model = registered->model;
    ML_TRY(account_need(work, at->model));
    at->stage = past.stage;
    at->uri = registered->source;
    at->periods = past.intervals;
    at->n_periods = past.n_intervals;
    at->aliases = past.aliases;
    at->n_aliases = past.n_aliases;
    for (size_t i = 0; i < past.n_intervals; i++)
        ML_TRY(need_interval(work, &past.intervals[i]));
    return copy_artifacts(work, at, registered, record->header->seq);
}

/* ---- governance ---- */

static int describe_validation(struct account_work *work, size_t node,
                               const struct ml_record *record)
{
    const Mledger__ValidationRecorded *validation = record->event->validation_recorded;
    struct ml_account_node *at = &work->account->nodes[node];
    const Mledger__Details *details;
    struct ml_account_check *checks = NULL;
    at->name = validation->name;
    at->status = validation->outcome == MLEDGER__OUTCOME__PASSED ? "passed" : "not_passed";
    ML_TRY(ml_reader_details(&work->account->reader, record, &details));
    checks = account_array(work, validation->n_checks, sizeof *checks);
    if (!checks)
        return account_fail(work);
    for (size_t i = 0; i < validation->n_checks; i++)
        checks[i] = (struct ml_account_check){
            .name = validation->checks[i]->name,
            .value = details && i < details->n_check_values ? details->check_values[i] : NULL,
            .passed = validation->checks[i]->outcome == MLEDGER__OUTCOME__PASSED};
    at->checks = checks;
    at->n_checks = validation->n_checks;
    return MLEDGER_OK;
}

static int describe_deployment(struct account_work *work, size_t node,
                               const struct ml_record *record)
{
    const Mledger__DeploymentRecorded *deployment = record->event->deployment_recorded;
    struct ml_account_node *at = &work->account->nodes[node];
    struct ml_account_share *shares = account_array(work, deployment->n_targets, sizeof *shares);
    const struct ml_record *next;
    if (!shares)
        return account_fail(work);
    for (size_t i = 0; i < deployment->n_targets; i++) {
        const Mledger__DeploymentTarget *target = deployment->targets[i];
        const Mledger__SubjectState *model;
        ML_TRY(ml_reader_subject(&work->account->reader, target->model, &model));
        shares[i].version = ml_arena_printf(&work->account->reader.arena, "%s/%" PRIu64,
                                            model ? model->name : "?", target->version);
        shares[i].ppm = target->share_ppm;
        if (!shares[i].version)
            return account_fail(work);
    }
    at->name = deployment->endpoint;
    at->environment = deployment->environment;
    at->reason = reason_of(record);
    at->shares = shares;
    at->n_shares = deployment->n_targets;
    ML_TRY(ml_endpoint_next(&work->account->reader, deployment, record->header->seq, &next));
    if (next)
        work->seqs[node].ended = next->header->seq;
    return MLEDGER_OK;
}

static void describe_approval(struct ml_account_node *at, const struct ml_record *record)
{
    static const char *const words[] = {NULL, "granted", "rejected", "withdrawn"};
    const Mledger__ApprovalRecorded *approval = record->event->approval_recorded;
    at->status = words[(size_t)approval->decision % ML_COUNT(words)];
    at->stage = approval->stage;
    at->reason = reason_of(record);
}

static void describe_transition(struct ml_account_node *at, const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    at->reason = reason_of(record);
    if (event->kind_case == MLEDGER__EVENT__KIND_STAGE_IMPORTED) {
        at->stage = event->stage_imported->stage;
        return;
    }
    at->stage = event->stage_transitioned->to_stage;
    at->from_stage = event->stage_transitioned->from_stage;
}

static void describe_incident(struct ml_account_node *at, const struct ml_record *record)
{
    static const char *const words[] = {NULL, "opened", "noted", "closed"};
    const Mledger__IncidentRecorded *incident = record->event->incident_recorded;
    at->name = incident->incident_id;
    at->status = words[(size_t)incident->status % ML_COUNT(words)];
    at->reason = reason_of(record);
}

static int describe_governance(struct account_work *work, size_t node)
{
    struct ml_account_node *at = &work->account->nodes[node];
    const struct ml_record *record;
    ML_TRY(record_of(work, node, &record));
    switch (record->event->kind_case) {
    case MLEDGER__EVENT__KIND_VALIDATION_RECORDED:
        return describe_validation(work, node, record);
    case MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED:
        return describe_deployment(work, node, record);
    case MLEDGER__EVENT__KIND_APPROVAL_RECORDED:
        describe_approval(at, record);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        describe_transition(at, record);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_INCIDENT_RECORDED:
        describe_incident(at, record);
        return MLEDGER_OK;
    default:
        return MLEDGER_OK;
    }
}

/* ---- actors ---- */

struct key_search {
    struct account_work *work;
    uint64_t actor;
    struct ml_account_key *keys;
    size_t count, cap;
};

static int visit_key(const uint8_t key[ML_KEY_SIZE], const Mledger__KeyState *state, void *context)
{
    struct key_search *search = context;
    if (state->actor != search->actor || state->purpose == MLEDGER__KEY_PURPOSE__LOG_KEY ||
        state->since_seq > search->work->account->graph->as_of)
        return 0;
    ML_TRY(ml_grow(&search->keys, &search->cap, search->count + 1, sizeof *search->keys));
    struct ml_account_key *found = &search->keys[search->count++];
    memcpy(found->key, key, ML_KEY_SIZE);
    found->since_seq = state->since_seq;
    return 0;
}

static int compare_keys(const void *a, const void *b)
{
    const struct ml_account_key *x = a, *y = b;
    if (x->since_seq != y->since_seq)
        return x->since_seq < y->since_seq ? -1 : 1;
    return memcmp(x->key, y->key, ML_KEY_SIZE);
}

static void release_search(struct key_search *search)
{
    free(search->keys);
}

static int find_keys(struct account_work *work, struct ml_account_node *at, uint64_t actor)
{
    ML_CLEANUP(release_search) struct key_search search = {.work = work, .actor = actor};
    ML_TRY(ml_key_walk(work->account->reader.view, visit_key, &search));
    struct ml_account_key *kept = account_array(work, search.count, sizeof *kept);
    if (!kept)
        return account_fail(work);
    if (search.count) {
        qsort(search.keys, search.count, sizeof *search.keys, compare_keys);
        memcpy(kept, search.keys, search.count * sizeof *kept);
    }
    at->keys = kept;
    at->n_keys = search.count;
    return MLEDGER_OK;
}

static int describe_actor(struct account_work *work, size_t node)
{
    struct ml_account_node *at = &work->account->nodes[node];
    const struct ml_record *record;
    const Mledger__SubjectState *state;
    uint64_t seq = node_of(work, node)->seq;
    ML_TRY(record_of(work, node, &record));
    ML_TRY(ml_reader_subject(&work->account->reader, seq, &state));
    at->name = node_of(work, node)->label;
    at->title = record->details ? record->details->person : NULL;
    at->is_service =
        state && state->has_actor_kind && state->actor_kind == MLEDGER__ACTOR_KIND__SERVICE;
    return find_keys(work, at, seq);
}

int account_node(struct account_work *work, size_t node)
{
    const struct ml_node *of = node_of(work, node);
    switch (of->kind) {
    case ML_NODE_DATASET:
        return describe_dataset(work, node);
    case ML_NODE_PARAMS:
        return describe_params(work, node);
    case ML_NODE_STAGE:
        return describe_stage(work, node);
    case ML_NODE_RUN:
        return describe_run(work, node);
    case ML_NODE_LOGGED_MODEL:
        return account_logged_model(work, node, of->seq);
    case ML_NODE_VERSION:
        return describe_version(work, node);
    case ML_NODE_AGENT:
        return describe_actor(work, node);
    case ML_NODE_VALIDATION:
    case ML_NODE_APPROVAL:
    case ML_NODE_TRANSITION:
    case ML_NODE_DEPLOYMENT:
    case ML_NODE_INCIDENT:
        return describe_governance(work, node);
    case ML_NODE_FILE:
        work->account->nodes[node].name = account_attribute(of, "path");
        return MLEDGER_OK;
    default:
        work->account->nodes[node].name = of->label;
        return MLEDGER_OK;
    }
}

/* ---- approvals behind a transition ---- */

/* Whether the same approver took a decision on that stage after this one, before `until`. */
static bool is_superseded(const struct ml_account *account, size_t version, size_t approval,
                          uint64_t until)
{
    const struct ml_graph *graph = account->graph;
    size_t at, other, next = 0, by, who, who_at;
    who = ml_account_before(account, approval, ML_ROLE_ASSOCIATED, 0, &who_at);
    while ((other = ml_account_after(account, version, ML_ROLE_APPROVED_BY, next, &at)) !=
           SIZE_MAX) {
        next = at + 1;
        by = ml_account_before(account, other, ML_ROLE_ASSOCIATED, 0, &who_at);
        if (graph->nodes[other].seq > graph->nodes[approval].seq &&
            graph->nodes[other].seq < until && by == who && account->nodes[other].stage &&
            strcmp(account->nodes[other].stage, account->nodes[approval].stage) == 0)
            return true;
    }
    return false;
}

static bool counts_for(const struct ml_account *account, size_t version, size_t approval,
                       size_t transition)
{
    const struct ml_account_node *given = &account->nodes[approval];
    uint64_t until = account->graph->nodes[transition].seq;
    return account->graph->nodes[approval].seq < until && given->status && given->stage &&
           strcmp(given->status, "granted") == 0 &&
           strcmp(given->stage, account->nodes[transition].stage) == 0 &&
           !is_superseded(account, version, approval, until);
}

static int find_approvals(struct account_work *work, size_t version, size_t transition)
{
    struct ml_account *account = work->account;
    struct ml_account_node *at = &account->nodes[transition];
    size_t *approvals = NULL, approval, place, next = 0;
    if (!at->stage)
        return MLEDGER_OK;
    approvals = account_array(work, account->nodes[version].n_out, sizeof *approvals);
    if (!approvals)
        return account_fail(work);
    while ((approval = ml_account_after(account, version, ML_ROLE_APPROVED_BY, next, &place)) !=
           SIZE_MAX) {
        next = place + 1;
        if (counts_for(account, version, approval, transition))
            approvals[at->n_approvals++] = approval;
    }
    at->approvals = approvals;
    return MLEDGER_OK;
}

int account_approvals(struct account_work *work)
{
    const struct ml_graph *graph = work->account->graph;
    for (size_t i = 0; i < graph->n_edges; i++)
        if (graph->edges[i].role == ML_ROLE_TRANSITIONED_BY)
            ML_TRY(find_approvals(work, graph->edges[i].from, graph->edges[i].to));
    return MLEDGER_OK;
}
