/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/endpoint_past.h"

bool ml_endpoint_same(const Mledger__DeploymentRecorded *a, const Mledger__DeploymentRecorded *b)
{
    bool same_place = a->environment && b->environment ? strcmp(a->environment, b->environment) == 0
                                                       : a->environment == b->environment;
    return same_place && strcmp(a->endpoint, b->endpoint) == 0;
}

/* The next record about one endpoint. */
struct next {
    struct ml_reader *reader;
    const Mledger__DeploymentRecorded *now;
    const struct ml_record *found; /* NULL: none */
};

static int visit_next(uint64_t seq, void *context)
{
    struct next *next = context;
    const struct ml_record *record;
    if (seq > next->reader->as_of)
        return 1;
    ML_TRY(ml_reader_record(next->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED ||
        !ml_endpoint_same(record->event->deployment_recorded, next->now))
        return 0;
    next->found = record;
    return 1;
}

int ml_endpoint_next(struct ml_reader *reader, const Mledger__DeploymentRecorded *deployment,
                     uint64_t seq, const struct ml_record **ret_next)
{
    struct next next = {.reader = reader, .now = deployment};
    struct ml_state_key prefix;
    ML_TRY(ml_index_endpoint_prefix(deployment->endpoint, &prefix));
    ML_TRY(ml_view_index(reader->view, &prefix, seq + 1, visit_next, &next));
    *ret_next = next.found;
    return MLEDGER_OK;
}

static int find_end(struct ml_reader *reader, const Mledger__DeploymentRecorded *deployment,
                    struct ml_endpoint_interval *interval)
{
    const struct ml_record *next;
    ML_TRY(ml_endpoint_next(reader, deployment, interval->from_seq, &next));
    if (!next)
        return MLEDGER_OK;
    interval->to_seq = next->header->seq;
    interval->to_us = next->header->recorded_at;
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
    struct ml_state_key prefix = ml_index_version_place_prefix(model, version);
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
