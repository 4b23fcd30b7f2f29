/* SPDX-License-Identifier: Apache-2.0 */
/* Where a walk starts, and its way from step to step. */
#include "ledger/query/lineage.h"

#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/query/walk.h"

struct ml_lineage_options ml_lineage_defaults(void)
{
    return (struct ml_lineage_options){
        .up = true, .as_of = MLEDGER_NO_SEQ, .same_content = true, .inferred = true};
}

static int start(struct walk *walk, size_t node)
{
    bool up = walk->options->up || !walk->options->down;
    walk_flag(walk, node, ML_NODE_START);
    if (up)
        ML_TRY(walk_queue(walk, node, WALK_UP, NOWHERE));
    return walk->options->down ? walk_queue(walk, node, WALK_DOWN, NOWHERE) : MLEDGER_OK;
}

static int start_logged_model(struct walk *walk, uint64_t seq)
{
    size_t node;
    ML_TRY(walk_logged_model(walk, seq, &node));
    return start(walk, node);
}

static int start_version(struct walk *walk, uint64_t model, uint64_t version)
{
    size_t node;
    int result = walk_version(walk, model, version, &node);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND,
                       "there is no version %" PRIu64 " of the model of record %" PRIu64, version,
                       model);
    ML_TRY(result);
    return start(walk, node);
}

static int start_run(struct walk *walk, uint64_t seq, const char *id)
{
    size_t node;
    uint64_t named_by = seq;
    if (seq == MLEDGER_NO_SEQ) {
        struct ml_state_key prefix;
        uint64_t *seqs;
        size_t count;
        bool more;
        ML_TRY(ml_index_run_id_prefix(id, &prefix));
        ML_TRY(ml_reader_seqs(&walk->reader, &prefix, 1, &seqs, &count, &more));
        if (count == 0)
            return ml_fail(MLEDGER_ENOTFOUND, "there is no run '%s'", id);
        named_by = seqs[0];
    }
    ML_TRY(walk_run(walk, seq, id, named_by, &node));
    return start(walk, node);
}

/* The first record that names the content introduces it. */
static int first_naming(struct walk *walk, const Mledger__Digest *digest, uint64_t *ret_seq)
{
    *ret_seq = MLEDGER_NO_SEQ;
    for (int out = 0; out < 2; out++) {
        struct ml_state_key prefix = ml_index_digest_prefix(
            digest->algorithm, ML_SPAN(digest->value.data, digest->value.len), out);
        uint64_t *seqs;
        size_t count;
        bool more;
        ML_TRY(ml_reader_seqs(&walk->reader, &prefix, 1, &seqs, &count, &more));
        if (count && seqs[0] < *ret_seq)
            *ret_seq = seqs[0];
    }
    return MLEDGER_OK;
}

static int start_content(struct walk *walk, const struct ml_target *target)
{
    size_t node;
    uint64_t seq = MLEDGER_NO_SEQ;
    for (size_t i = 0; i < target->n_digests && seq == MLEDGER_NO_SEQ; i++)
        ML_TRY(first_naming(walk, target->digests[i], &seq));
    if (seq == MLEDGER_NO_SEQ)
        return ml_fail(MLEDGER_ENOTFOUND, "no record names that content, or it is empty");
    if (target->digests[0]->algorithm == MLEDGER__ALGORITHM__GIT)
        ML_TRY(walk_commit(walk, target->digests[0], seq, &node));
    else
        ML_TRY(walk_file(walk, target->digests, target->n_digests, NULL, seq, &node));
    return start(walk, node);
}

static int start_stages(struct walk *walk, uint64_t seq)
{
    struct ml_snapshot *snapshot;
    ML_TRY(ml_snapshot_load(&walk->snapshots, seq, &snapshot));
    for (size_t i = 0; i < snapshot->n_stages && !walk->full; i++) {
        size_t node;
        ML_TRY(walk_stage(walk, snapshot, i, &node));
        ML_TRY(start(walk, node));
    }
    return MLEDGER_OK;
}

static int start_dataset(struct walk *walk, uint64_t seq)
{
    const struct ml_record *record;
    size_t node;
    ML_TRY(ml_reader_record(&walk->reader, seq, &record));
    ML_TRY(walk_dataset_record(walk, record, &node));
    return start(walk, node);
}

/* What the record created, of a model its versions, of an experiment its runs. */
static int start_members(struct walk *walk, uint64_t subject)
{
    struct ml_state_key prefix = ml_index_subject_prefix(subject);
    uint64_t *seqs;
    size_t count, n_started = 0;
    bool more;
    ML_TRY(ml_reader_seqs(&walk->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count && !walk->full; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&walk->reader, seqs[i], &record));
        const Mledger__Event *event = record->event;
        if (event->kind_case == MLEDGER__EVENT__KIND_VERSION_REGISTERED)
            ML_TRY(start_version(walk, event->version_registered->model,
                                 event->version_registered->version));
        else if (event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED)
            ML_TRY(start_run(walk, seqs[i], NULL));
        else
            continue;
        n_started++;
    }
    if (n_started == 0)
        return ml_fail(MLEDGER_ENOTFOUND, "it has neither versions nor runs");
    return MLEDGER_OK;
}

static int start_deployment(struct walk *walk, const Mledger__DeploymentRecorded *deployment)
{
    for (size_t i = 0; i < deployment->n_targets; i++)
        ML_TRY(start_version(walk, deployment->targets[i]->model, deployment->targets[i]->version));
    if (deployment->n_targets == 0)
        return ml_fail(MLEDGER_EUSAGE, "nothing is deployed by it");
    return MLEDGER_OK;
}

/* A field of the event's message that names a subject or a version, 0 if it has none. */
static bool number_of(const Mledger__Event *event, const char *name, uint64_t *ret_number)
{
    const ProtobufCMessage *body = ml_event_body(event);
    const ProtobufCFieldDescriptor *field =
        body ? protobuf_c_message_descriptor_get_field_by_name(body->descriptor, name) : NULL;
    if (!field || field->type != PROTOBUF_C_TYPE_UINT64 || ml_field_count(body, field) == 0)
        return false;
    *ret_number = *(const uint64_t *)ml_field_at(body, field, 0);
    return true;
}

/* What the record brings in, changes or decides about. MLEDGER_ENOTFOUND, without a text: nothing
 * that has lineage. */
static int start_content_of(struct walk *walk, uint64_t seq, const Mledger__Event *event)
{
    uint64_t model, version, run;
    if (event->kind_case == MLEDGER__EVENT__KIND_DATASET_RECORDED)
        return start_dataset(walk, seq);
    if (event->kind_case == MLEDGER__EVENT__KIND_PIPELINE_RECORDED)
        return start_stages(walk, seq);
    if (event->kind_case == MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED)
        return start_deployment(walk, event->deployment_recorded);
    if (event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED)
        return start_run(walk, seq, NULL);
    if (event->kind_case == MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED)
        return start_logged_model(walk, seq);
    if (number_of(event, "logged_model", &model))
        return start_logged_model(walk, model);
    if (number_of(event, "run", &run))
        return start_run(walk, run, NULL);
    if (number_of(event, "model", &model) && number_of(event, "version", &version))
        return start_version(walk, model, version);
    return MLEDGER_ENOTFOUND;
}

/* What a record is about. */
static int start_record(struct walk *walk, uint64_t seq)
{
    const struct ml_record *record;
    uint64_t model;
    ML_TRY(ml_reader_record(&walk->reader, seq, &record));
    const Mledger__Event *event = record->event;
    if (event->kind_case == MLEDGER__EVENT__KIND_MODEL_CREATED ||
        event->kind_case == MLEDGER__EVENT__KIND_EXPERIMENT_CREATED)
        return start_members(walk, seq);
    int result = start_content_of(walk, seq, event);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    if (number_of(event, "model", &model))
        return start_members(walk, model);
    return ml_fail_seq(MLEDGER_EUSAGE, seq, "record %" PRIu64 " is about nothing that has lineage",
                       seq);
}

static int start_target(struct walk *walk, const struct ml_target *target)
{
    switch (target->kind) {
    case ML_TARGET_RECORD:
        return start_record(walk, target->seq);
    case ML_TARGET_VERSION:
        return start_version(walk, target->seq, target->version);
    case ML_TARGET_RUN:
        return start_run(walk, target->seq, target->name);
    case ML_TARGET_LOGGED_MODEL:
        return start_logged_model(walk, target->seq);
    case ML_TARGET_CONTENT:
        return start_content(walk, target);
    case ML_TARGET_DATASET:
        return start_dataset(walk, target->seq);
    case ML_TARGET_PIPELINE:
        return start_stages(walk, target->seq);
    case ML_TARGET_MODEL:
    case ML_TARGET_EXPERIMENT:
        return start_members(walk, target->seq);
    default:
        return ml_fail(MLEDGER_EUSAGE, "an actor has no lineage");
    }
}

static int step_up(struct walk *walk, size_t node)
{
    switch (walk_at(walk, node)->node.kind) {
    case ML_NODE_VERSION:
        return walk_version_up(walk, node);
    case ML_NODE_LOGGED_MODEL:
        return walk_logged_model_up(walk, node);
    case ML_NODE_RUN:
        return walk_run_up(walk, node);
    case ML_NODE_STAGE:
        return walk_stage_up(walk, node);
    case ML_NODE_DATASET:
    case ML_NODE_FILE:
        return walk_content_up(walk, node);
    default:
        return MLEDGER_OK; /* nothing is behind it */
    }
}

static int step_down(struct walk *walk, size_t node)
{
    switch (walk_at(walk, node)->node.kind) {
    case ML_NODE_VERSION:
        return walk_version_down(walk, node);
    case ML_NODE_LOGGED_MODEL:
        return walk_logged_model_down(walk, node);
    case ML_NODE_RUN:
        return walk_run_down(walk, node);
    case ML_NODE_STAGE:
        return walk_stage_down(walk, node);
    case ML_NODE_COMMIT:
        ML_TRY(walk_commit_down(walk, node));
        return walk_content_down(walk, node);
    case ML_NODE_DATASET:
    case ML_NODE_FILE:
        return walk_content_down(walk, node);
    default:
        return MLEDGER_OK;
    }
}

/* In the order in which things were reached, so that the depth of each is the least. */
static int go(struct walk *walk)
{
    while (walk->next < walk->n_queue && !walk->full) {
        struct walk_step step = walk->queue[walk->next++];
        ML_TRY(step.way == WALK_UP ? step_up(walk, step.node) : step_down(walk, step.node));
        ML_TRY(walk_check(walk));
    }
    return MLEDGER_OK;
}

static int check_view(const struct ml_view *view)
{
    return view->head.size ? MLEDGER_OK : ml_fail(MLEDGER_ENOTFOUND, "the ledger is empty");
}

static int start_records(struct walk *walk, const struct ml_lineage_starts *starts)
{
    for (size_t i = 0; i < starts->n_records && !walk->full; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&walk->reader, starts->records[i], &record));
        int result = record->event->kind_case == MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED &&
                             record->event->deployment_recorded->n_targets == 0
                         ? MLEDGER_OK /* it took something down */
                         : start_content_of(walk, starts->records[i], record->event);
        if (result != MLEDGER_ENOTFOUND)
            ML_TRY(result);
    }
    return MLEDGER_OK;
}

int ml_lineage_of_all(struct ml_view *view, const struct ml_lineage_starts *starts,
                      const struct ml_lineage_options *options, struct ml_graph **ret_graph)
{
    ML_TRY(check_view(view));
    ML_CLEANUP(walk_release) struct walk walk = {0};
    ML_TRY(walk_init(&walk, view, options));
    for (size_t i = 0; i < starts->n_targets; i++)
        ML_TRY(start_target(&walk, &starts->targets[i]));
    ML_TRY(start_records(&walk, starts));
    ML_TRY(go(&walk));
    return walk_finish(&walk, ret_graph);
}

int ml_lineage_of(struct ml_view *view, const struct ml_target *target,
                  const struct ml_lineage_options *options, struct ml_graph **ret_graph)
{
    const struct ml_lineage_starts starts = {.targets = target, .n_targets = 1};
    return ml_lineage_of_all(view, &starts, options, ret_graph);
}

static int start_reference(struct walk *walk, const char *reference)
{
    struct ml_reference_text text;
    struct ml_target target;
    ML_TRY(ml_reference_parse(reference, &text));
    ML_TRY(ml_reference_resolve(&walk->reader, &text, &target));
    return start_target(walk, &target);
}

/* What each record brings in: not what others say of it later. */
static int start_everything(struct walk *walk)
{
    for (uint64_t seq = 0; seq <= walk->reader.as_of && !walk->full; seq++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&walk->reader, seq, &record));
        switch (record->event->kind_case) {
        case MLEDGER__EVENT__KIND_DATASET_RECORDED:
        case MLEDGER__EVENT__KIND_PIPELINE_RECORDED:
        case MLEDGER__EVENT__KIND_RUN_STARTED:
        case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
            ML_TRY(start_record(walk, seq));
            break;
        default:
            break;
        }
    }
    return MLEDGER_OK;
}

static void clear_starts(struct ml_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        graph->nodes[i].flags &= ~(unsigned)ML_NODE_START;
}

int ml_lineage_many(struct ml_view *view, const char *const *references, size_t count,
                    const struct ml_lineage_options *options, struct ml_graph **ret_graph)
{
    ML_TRY(check_view(view));
    ML_CLEANUP(walk_release) struct walk walk = {0};
    ML_TRY(walk_init(&walk, view, options));
    for (size_t i = 0; i < count; i++)
        ML_TRY(start_reference(&walk, references[i]));
    if (count == 0)
        ML_TRY(start_everything(&walk));
    ML_TRY(go(&walk));
    ML_TRY(walk_finish(&walk, ret_graph));
    if (count == 0)
        clear_starts(*ret_graph);
    return MLEDGER_OK;
}

int ml_lineage(struct ml_view *view, const char *reference,
               const struct ml_lineage_options *options, struct ml_graph **ret_graph)
{
    return ml_lineage_many(view, &reference, 1, options, ret_graph);
}
