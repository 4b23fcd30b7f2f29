/* SPDX-License-Identifier: Apache-2.0 */
/* What endpoints served: each deployment record says all of it, until the next one of the same
 * endpoint in the same environment does. */
#include "ledger/core/codec.h"
#include "ledger/query/endpoint_past.h"
#include "ledger/query/interval.h"
#include "ledger/query/record_text.h"
#include "ledger/query/state_walk.h"

struct deployment {
    const struct ml_record *record;
    const Mledger__DeploymentRecorded *body;
    struct ml_change change;
};

/* The deployments of one endpoint, in the order of the reading. */
struct past {
    struct ml_reader *reader;
    enum ml_reading reading;
    struct deployment *list;
    size_t count;
};

static int by_change(const void *left, const void *right, void *context)
{
    const struct deployment *a = left, *b = right;
    const struct past *past = context;
    int64_t a_time = a->change.claimed_us, b_time = b->change.claimed_us;
    if (past->reading == ML_READING_CLAIMED && a_time != b_time)
        return a_time < b_time ? -1 : 1;
    return a->change.seq < b->change.seq ? -1 : 1;
}

static int read_deployment(struct past *past, const char *endpoint, uint64_t seq)
{
    struct deployment next = {0};
    ML_TRY(ml_reader_record(past->reader, seq, &next.record));
    if (next.record->event->kind_case != MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED)
        return MLEDGER_OK;
    next.body = next.record->event->deployment_recorded;
    if (strcmp(next.body->endpoint, endpoint) != 0)
        return MLEDGER_OK; /* the index knows names by a part of their hash */
    ML_TRY(ml_change_read(past->reader, next.record, &next.change));
    past->list[past->count++] = next;
    return MLEDGER_OK;
}

static int read_deployments(struct past *past, const char *endpoint)
{
    struct ml_state_key prefix;
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_index_endpoint_prefix(endpoint, &prefix));
    ML_TRY(ml_reader_seqs(past->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    past->list = ml_arena_calloc(&past->reader->arena, count + 1, sizeof *past->list);
    if (!past->list)
        return ml_arena_fail(&past->reader->arena, "an endpoint's deployments");
    for (size_t i = 0; i < count; i++)
        ML_TRY(read_deployment(past, endpoint, seqs[i]));
    if (past->count)
        qsort_r(past->list, past->count, sizeof *past->list, by_change, past);
    return MLEDGER_OK;
}

static int describe_end(struct past *past, const struct deployment *next, struct ml_change *to)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    *to = next->change;
    ML_TRY(ml_record_summary(past->reader->view, next->record, &text));
    to->what = ml_arena_text(&past->reader->arena, (const char *)text.data, text.len);
    return to->what ? MLEDGER_OK : ml_arena_fail(&past->reader->arena, "what the answer says");
}

static int add_targets(struct past *past, size_t at, struct ml_intervals *intervals)
{
    const struct deployment *deployment = &past->list[at];
    struct ml_interval interval = {
        .kind = ML_INTERVAL_DEPLOYMENT,
        .name = deployment->body->endpoint,
        .environment = deployment->body->environment,
        .from = deployment->change,
        .to = {.seq = MLEDGER_NO_SEQ},
    };
    size_t next = at + 1;
    while (next < past->count && !ml_endpoint_same(past->list[next].body, deployment->body))
        next++;
    if (next < past->count)
        ML_TRY(describe_end(past, &past->list[next], &interval.to));
    for (size_t i = 0; i < deployment->body->n_targets; i++) {
        const Mledger__DeploymentTarget *target = deployment->body->targets[i];
        const Mledger__SubjectState *model;
        ML_TRY(ml_reader_subject(past->reader, target->model, &model));
        interval.model = target->model;
        interval.model_name = model ? model->name : "(unknown)";
        interval.version = target->version;
        interval.share_ppm = target->share_ppm;
        ML_TRY(ml_grow(&intervals->list, &intervals->cap, intervals->count + 1,
                       sizeof *intervals->list));
        intervals->list[intervals->count++] = interval;
    }
    return MLEDGER_OK;
}

int ml_intervals_of_endpoint(struct ml_reader *reader, const char *endpoint,
                             enum ml_reading reading, struct ml_intervals *intervals)
{
    struct past past = {.reader = reader, .reading = reading};
    ML_TRY(read_deployments(&past, endpoint));
    if (past.count == 0)
        return MLEDGER_ENOTFOUND;
    for (size_t i = 0; i < past.count; i++)
        ML_TRY(add_targets(&past, i, intervals));
    return MLEDGER_OK;
}

/* ---- endpoints ---- */

struct names {
    struct ml_reader *reader;
    const char **list;
    size_t count, cap;
};

static int add_name(struct names *names, const char *name)
{
    ML_TRY(ml_grow(&names->list, &names->cap, names->count + 1, sizeof *names->list));
    names->list[names->count++] = name;
    return MLEDGER_OK;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Into the arena, in order, each once. */
static int settle_names(struct names *names, const char ***ret_names, size_t *ret_count)
{
    const char **kept = ml_arena_calloc(&names->reader->arena, names->count + 1, sizeof *kept);
    size_t count = 0;
    if (!kept)
        return ml_arena_fail(&names->reader->arena, "the endpoints");
    if (names->count)
        qsort(names->list, names->count, sizeof *names->list, by_name);
    for (size_t i = 0; i < names->count; i++)
        if (count == 0 || strcmp(kept[count - 1], names->list[i]) != 0)
            kept[count++] = names->list[i];
    *ret_names = kept;
    *ret_count = count;
    return MLEDGER_OK;
}

/* The state keeps an endpoint by its hash; its newest deployment has the name. */
static int visit_endpoint(struct ml_span key, struct ml_span value, void *context)
{
    (void)key;
    struct names *names = context;
    ProtobufCMessage *message;
    struct ml_record record;
    struct ml_state_key prefix;
    uint64_t seq;
    ML_TRY(ml_codec_unpack(&mledger__pointer_state__descriptor, value, &names->reader->arena,
                           &message));
    seq = ((const Mledger__PointerState *)message)->target;
    ML_TRY(ml_view_record(names->reader->view, seq, &names->reader->arena, &record));
    if (!record.event || record.event->kind_case != MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq,
                           "the stored state is damaged: it deploys nothing");
    ML_TRY(ml_index_endpoint_prefix(record.event->deployment_recorded->endpoint, &prefix));
    int result = ml_view_index_last(names->reader->view, &prefix, names->reader->as_of, &seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* new since as_of */
    ML_TRY(result);
    return add_name(names, record.event->deployment_recorded->endpoint);
}

int ml_endpoints(struct ml_reader *reader, const char ***ret_names, size_t *ret_count)
{
    struct names names = {.reader = reader};
    int result = ml_state_walk(reader->view, ML_SPAN("O", 1), visit_endpoint, &names);
    if (result >= 0)
        result = settle_names(&names, ret_names, ret_count);
    free(names.list);
    return result;
}

/* ---- a model's deployments ---- */

static int endpoints_of(struct names *names, uint64_t model)
{
    struct ml_state_key prefix = ml_index_place_prefix(model);
    const struct ml_record **records;
    size_t count;
    ML_TRY(ml_reader_records(names->reader, &prefix, &records, &count));
    for (size_t i = 0; i < count; i++) {
        const struct ml_record *record = records[i];
        if (record->event->kind_case == MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED)
            ML_TRY(add_name(names, record->event->deployment_recorded->endpoint));
    }
    return MLEDGER_OK;
}

static void keep_model(struct ml_intervals *intervals, size_t from, uint64_t model)
{
    size_t kept = from;
    for (size_t i = from; i < intervals->count; i++)
        if (intervals->list[i].model == model)
            intervals->list[kept++] = intervals->list[i];
    intervals->count = kept;
}

int ml_intervals_of_deployments(struct ml_reader *reader, uint64_t model, enum ml_reading reading,
                                struct ml_intervals *intervals)
{
    struct names names = {.reader = reader};
    const char **endpoints = NULL;
    size_t count = 0, from = intervals->count;
    int result = endpoints_of(&names, model);
    if (result >= 0)
        result = settle_names(&names, &endpoints, &count);
    free(names.list);
    ML_TRY(result);
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_intervals_of_endpoint(reader, endpoints[i], reading, intervals));
    keep_model(intervals, from, model);
    return MLEDGER_OK;
}
