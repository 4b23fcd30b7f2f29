/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/endpoint_past.h"

/* The next record about one endpoint. */
struct next {
    struct ml_reader *reader;
    const Mledger__DeploymentRecorded *now;
    const struct ml_record *found; /* NULL: none */
};

static bool is_same_environment(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static int visit_next(uint64_t seq, void *context)
{
    struct next *next = context;
    const struct ml_record *record;
    if (seq > next->reader->as_of)
        return 1;
    ML_TRY(ml_reader_record(next->reader, seq, &record));
    const Mledger__DeploymentRecorded *then = record->event->deployment_recorded;
    if (record->event->kind_case != MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED ||
        strcmp(then->endpoint, next->now->endpoint) != 0 ||
        !is_same_environment(then->environment, next->now->environment))
        return 0;
    next->found = record;
    return 1;
}

static int find_end(struct ml_reader *reader, const Mledger__DeploymentRecorded *deployment,
                    struct ml_endpoint_interval *interval)
{
    struct next next = {.reader = reader, .now = deployment};
    struct ml_state_key prefix;
    ML_TRY(ml_index_endpoint_prefix(deployment->endpoint, &prefix));
    ML_TRY(ml_view_index(reader->view, &prefix, interval->from_seq + 1, visit_next, &next));
    if (!next.found)
        return MLEDGER_OK;
    interval->to_seq = next.found->header->seq;
    interval->to_us = next.found->header->recorded_at;
    return MLEDGER_OK;
}

static uint32_t share_of(const Mledger__DeploymentRecorded *deployment, uint64_t model,
                         uint64_t version)
{
    uint32_t share = 0;
    for (size_t i = 0; i < deployment->n_targets; i++)
        if (deployment->targets[i]->model == model && deployment->targets[i]->version == version)
            share += deployment->targets[i]->share_ppm;
    return share;
}

int ml_endpoint_intervals(struct ml_reader *reader, uint64_t model, uint64_t version,
                          struct ml_endpoint_interval **ret_intervals, size_t *ret_count)
{
    struct ml_state_key prefix = ml_index_version_prefix(model, version);
    uint64_t *seqs;
    size_t count, n_intervals = 0;
    bool more;
    ML_TRY(ml_reader_seqs(reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    struct ml_endpoint_interval *intervals =
        ml_arena_calloc(&reader->arena, count + 1, sizeof *intervals);
    if (!intervals)
        return ml_arena_fail(&reader->arena, "a version's deployments");
    for (size_t i = 0; i < count; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(reader, seqs[i], &record));
        if (record->event->kind_case != MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED)
            continue;
        const Mledger__DeploymentRecorded *deployment = record->event->deployment_recorded;
        struct ml_endpoint_interval *interval = &intervals[n_intervals++];
        *interval = (struct ml_endpoint_interval){
            .endpoint = deployment->endpoint,
            .environment = deployment->environment,
            .share_ppm = share_of(deployment, model, version),
            .from_seq = seqs[i],
            .from_us = record->header->recorded_at,
            .to_seq = MLEDGER_NO_SEQ,
        };
        ML_TRY(find_end(reader, deployment, interval));
    }
    *ret_intervals = intervals;
    *ret_count = n_intervals;
    return MLEDGER_OK;
}
