/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What digests lead to: the records that name the same content, up to those that made it, down to
 * those that read it or hold it too.
 */
#include "ledger/query/walk.h"

#include <inttypes.h>

/* One digest of a node on its way through the records that name it. */
struct join {
    struct walk *walk;
    size_t node;
    const Mledger__Digest *digest;
    uint64_t *pipelines; /* whose first snapshot was looked at already */
    size_t n_pipelines, cap_pipelines;
    bool asked, of_pipeline; /* whether a pipeline made the content, once it was asked */
};

static bool holds(const struct join *join, Mledger__Digest *const *digests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ml_digest_compare(digests[i], join->digest) == 0)
            return true;
    return false;
}

/* The record that introduces what is joined. */
static uint64_t seq_of(const struct join *join)
{
    return walk_at(join->walk, join->node)->node.seq;
}

/* `other` came before the node, or after it. */
static int join_up(struct join *join, size_t other, uint64_t seq)
{
    if (other == join->node)
        return MLEDGER_OK;
    ML_TRY(walk_same(join->walk, other, join->node, seq, seq_of(join), join->digest));
    walk_at(join->walk, join->node)->has_maker = true;
    return walk_queue(join->walk, other, WALK_UP, join->node);
}

static int join_down(struct join *join, size_t other, uint64_t seq)
{
    if (other == join->node)
        return MLEDGER_OK;
    ML_TRY(walk_same(join->walk, join->node, other, seq_of(join), seq, join->digest));
    return walk_queue(join->walk, other, WALK_DOWN, join->node);
}

/* Is this the first snapshot of its pipeline that names the content? */
static int is_first(struct join *join, const struct ml_snapshot *snapshot, bool *ret_first)
{
    *ret_first = false;
    for (size_t i = 0; i < join->n_pipelines; i++)
        if (join->pipelines[i] == snapshot->pipeline)
            return MLEDGER_OK;
    ML_TRY(ml_grow(&join->pipelines, &join->cap_pipelines, join->n_pipelines + 1,
                   sizeof *join->pipelines));
    join->pipelines[join->n_pipelines++] = snapshot->pipeline;
    *ret_first = true;
    return MLEDGER_OK;
}

static int made_by_stage(struct join *join, const struct ml_snapshot *snapshot)
{
    size_t count;
    const struct ml_snapshot_file *files = ml_snapshot_find(snapshot, join->digest, &count);
    bool decided = false, first = false;
    for (size_t i = 0; i < count; i++) {
        if (!files[i].out)
            continue;
        if (!decided)
            ML_TRY(is_first(join, snapshot, &first));
        decided = true;
        if (!first)
            return MLEDGER_OK;
        size_t stage, file;
        ML_TRY(walk_stage(join->walk, snapshot, files[i].stage, &stage));
        ML_TRY(
            walk_stage_file(join->walk, stage, snapshot, files[i].file, true, join->node, &file));
        ML_TRY(walk_queue(join->walk, stage, WALK_UP, join->node));
        ML_TRY(join_up(join, file, snapshot->seq));
    }
    return MLEDGER_OK;
}

static int derived(struct join *join, size_t file, const Mledger__Artifact *artifact, uint64_t seq)
{
    for (size_t i = 0; i < artifact->n_derived_from; i++) {
        size_t from;
        ML_TRY(walk_file(join->walk, &artifact->derived_from[i], 1, NULL, seq, &from));
        ML_TRY(walk_edge(join->walk, from, file, ML_ROLE_DERIVED_FROM, ML_EDGE_RECORDED, seq));
        ML_TRY(walk_queue(join->walk, from, WALK_UP, file));
    }
    return MLEDGER_OK;
}

/* Did a version name the run that it comes from? Then other runs whose files are the same say
 * nothing of it. */
static bool has_own_run(const struct join *join)
{
    const struct walk_node *at = walk_at(join->walk, join->node);
    const struct ml_record *record;
    if (at->node.kind != ML_NODE_VERSION ||
        ml_reader_record(&join->walk->reader, at->node.seq, &record) < 0)
        return false;
    const Mledger__VersionRegistered *registered = record->event->version_registered;
    return registered->has_run_ref || registered->run_id;
}

static int made_by_run(struct join *join, uint64_t run, Mledger__Artifact *const *outputs,
                       size_t count, uint64_t seq)
{
    if (has_own_run(join))
        return MLEDGER_OK;
    for (size_t i = 0; i < count; i++) {
        if (!holds(join, outputs[i]->digests, outputs[i]->n_digests))
            continue;
        size_t node, file;
        ML_TRY(walk_run(join->walk, run, NULL, seq, &node));
        ML_TRY(walk_artifact(join->walk, outputs[i], seq, &file));
        ML_TRY(walk_edge(join->walk, node, file, ML_ROLE_GENERATED,
                         walk_kind(join->walk, file, join->node, seq), seq));
        ML_TRY(derived(join, file, outputs[i], seq));
        ML_TRY(walk_queue(join->walk, node, WALK_UP, join->node));
        walk_at(join->walk, file)->has_maker = true;
        ML_TRY(join_up(join, file, seq));
    }
    return MLEDGER_OK;
}

/* A logged model holds the content. */
static int made_with_model(struct join *join, uint64_t model, uint64_t seq)
{
    size_t node;
    if (has_own_run(join))
        return MLEDGER_OK;
    ML_TRY(walk_logged_model(join->walk, model, &node));
    return join_up(join, node, seq);
}

/* Another version with the same artifact, or a dataset with the same content, was there before if
 * its record is older. */
static int same_before(struct join *join, size_t other, uint64_t seq)
{
    return seq < seq_of(join) ? join_up(join, other, seq) : MLEDGER_OK;
}

static int made_in(struct join *join, uint64_t seq)
{
    const struct ml_record *record;
    size_t node;
    ML_TRY(ml_reader_record(&join->walk->reader, seq, &record));
    const Mledger__Event *event = record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_PIPELINE_RECORDED: {
        struct ml_snapshot *snapshot;
        ML_TRY(ml_snapshot_load(&join->walk->snapshots, seq, &snapshot));
        return made_by_stage(join, snapshot);
    }
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return made_by_run(join, event->run_logged->run, event->run_logged->outputs,
                           event->run_logged->n_outputs, seq);
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        if (event->artifact_recorded->has_logged_model)
            return made_with_model(join, event->artifact_recorded->logged_model, seq);
        return made_by_run(join, event->artifact_recorded->run, event->artifact_recorded->artifacts,
                           event->artifact_recorded->n_artifacts, seq);
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        if (has_own_run(join))
            return MLEDGER_OK;
        ML_TRY(walk_version(join->walk, event->version_registered->model,
                            event->version_registered->version, &node));
        return same_before(join, node, seq);
    case MLEDGER__EVENT__KIND_DATASET_RECORDED:
        ML_TRY(walk_dataset_record(join->walk, record, &node));
        return same_before(join, node, seq);
    default:
        return MLEDGER_OK;
    }
}

static int read_by_run(struct join *join, const Mledger__RunLogged *logged, uint64_t seq)
{
    for (size_t i = 0; i < logged->n_inputs; i++) {
        size_t run, input;
        if (!holds(join, logged->inputs[i]->digests, logged->inputs[i]->n_digests))
            continue;
        ML_TRY(walk_run(join->walk, logged->run, NULL, seq, &run));
        ML_TRY(walk_run_input(join->walk, run, logged->inputs[i], seq, &input));
        ML_TRY(walk_queue(join->walk, run, WALK_DOWN, join->node));
        ML_TRY(join_down(join, input, seq));
    }
    for (size_t i = 0; i < logged->n_outputs; i++) {
        size_t file;
        if (!holds(join, logged->outputs[i]->derived_from, logged->outputs[i]->n_derived_from))
            continue;
        ML_TRY(walk_artifact(join->walk, logged->outputs[i], seq, &file));
        ML_TRY(
            walk_edge(join->walk, join->node, file, ML_ROLE_DERIVED_FROM, ML_EDGE_RECORDED, seq));
        ML_TRY(walk_queue(join->walk, file, WALK_DOWN, join->node));
    }
    return MLEDGER_OK;
}

static int read_by_stage(struct join *join, const struct ml_snapshot *snapshot)
{
    size_t count;
    const struct ml_snapshot_file *files = ml_snapshot_find(snapshot, join->digest, &count);
    for (size_t i = 0; i < count && !join->walk->full; i++) {
        if (files[i].out)
            continue;
        size_t stage, file;
        ML_TRY(walk_stage(join->walk, snapshot, files[i].stage, &stage));
        ML_TRY(
            walk_stage_file(join->walk, stage, snapshot, files[i].file, false, join->node, &file));
        ML_TRY(walk_queue(join->walk, stage, WALK_DOWN, join->node));
        ML_TRY(join_down(join, file, snapshot->seq));
    }
    return MLEDGER_OK;
}

/* A version that names the content as that of its base, or as what its files derive from. */
static int read_by_version(struct join *join, const Mledger__VersionRegistered *registered,
                           uint64_t seq)
{
    bool derives = false;
    for (size_t i = 0; i < registered->n_base_models; i++)
        derives = derives || holds(join, registered->base_models[i]->digests,
                                   registered->base_models[i]->n_digests);
    for (size_t i = 0; i < registered->n_artifacts; i++)
        derives = derives || holds(join, registered->artifacts[i]->derived_from,
                                   registered->artifacts[i]->n_derived_from);
    if (!derives)
        return MLEDGER_OK;
    size_t node;
    ML_TRY(walk_version(join->walk, registered->model, registered->version, &node));
    ML_TRY(walk_edge(join->walk, join->node, node, ML_ROLE_DERIVED_FROM, ML_EDGE_RECORDED, seq));
    return walk_queue(join->walk, node, WALK_DOWN, join->node);
}

static int read_by_validation(struct join *join, const Mledger__ValidationRecorded *validation,
                              uint64_t seq)
{
    for (size_t i = 0; i < validation->n_inputs; i++) {
        const Mledger__ValidationRecorded__Input *input = validation->inputs[i];
        if (!holds(join, input->digests, input->n_digests))
            continue;
        size_t version, node;
        ML_TRY(walk_version(join->walk, validation->model, validation->version, &version));
        ML_TRY(walk_node(
            join->walk, ML_NODE_VALIDATION, walk_text(join->walk, "validation:%" PRIu64, seq),
            walk_text(join->walk, "validation %s", validation->name ? validation->name : ""), seq,
            &node, NULL));
        ML_TRY(walk_edge(join->walk, join->node, node, ML_ROLE_USED, ML_EDGE_RECORDED, seq));
        ML_TRY(walk_edge(join->walk, version, node, ML_ROLE_VALIDATED_BY, ML_EDGE_RECORDED, seq));
    }
    return MLEDGER_OK;
}

static int concerned(struct join *join, const Mledger__IncidentRecorded *incident, uint64_t seq)
{
    size_t node;
    ML_TRY(walk_node(join->walk, ML_NODE_INCIDENT, walk_text(join->walk, "incident:%" PRIu64, seq),
                     walk_text(join->walk, "incident %s", incident->incident_id), seq, &node,
                     NULL));
    return walk_edge(join->walk, join->node, node, ML_ROLE_CONCERNED_BY, ML_EDGE_RECORDED, seq);
}

static int read_in(struct join *join, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&join->walk->reader, seq, &record));
    const Mledger__Event *event = record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_PIPELINE_RECORDED: {
        struct ml_snapshot *snapshot;
        ML_TRY(ml_snapshot_load(&join->walk->snapshots, seq, &snapshot));
        return read_by_stage(join, snapshot);
    }
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return read_by_run(join, event->run_logged, seq);
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return read_by_version(join, event->version_registered, seq);
    case MLEDGER__EVENT__KIND_VALIDATION_RECORDED:
        return read_by_validation(join, event->validation_recorded, seq);
    case MLEDGER__EVENT__KIND_INCIDENT_RECORDED:
        return concerned(join, event->incident_recorded, seq);
    default:
        return MLEDGER_OK;
    }
}

static int each_naming(struct join *join, bool out, int (*visit)(struct join *join, uint64_t seq))
{
    struct ml_state_key prefix = ml_index_digest_prefix(
        join->digest->algorithm, ML_SPAN(join->digest->value.data, join->digest->value.len), out);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(&join->walk->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count && !join->walk->full; i++)
        ML_TRY(visit(join, seqs[i]));
    return MLEDGER_OK;
}

/* Is the content an output of a pipeline? */
static int is_of_pipeline(struct join *join, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&join->walk->reader, seq, &record));
    join->of_pipeline |= record->event->kind_case == MLEDGER__EVENT__KIND_PIPELINE_RECORDED;
    return MLEDGER_OK;
}

/* A version holds what its own run made, and that is how it is reached. Files that every run
 * writes alike (a list of requirements) say nothing of other runs; content that a pipeline made or
 * that a dataset holds does. */
static int tells_of_version(struct join *join, const Mledger__VersionRegistered *registered,
                            bool *ret_tells)
{
    const enum ml_node_kind kind = walk_at(join->walk, join->node)->node.kind;
    *ret_tells = kind != ML_NODE_VERSION;
    if (kind == ML_NODE_LOGGED_MODEL)
        *ret_tells = !registered->has_run_ref && !registered->run_id;
    if (kind != ML_NODE_FILE || (!registered->has_run_ref && !registered->run_id))
        return MLEDGER_OK;
    if (!join->asked)
        ML_TRY(each_naming(join, true, is_of_pipeline));
    join->asked = true;
    *ret_tells = join->of_pipeline;
    return MLEDGER_OK;
}

/* What holds the content too: a dataset of that name, a version with that file. */
static int held_in(struct join *join, uint64_t seq)
{
    const struct ml_record *record;
    size_t node;
    ML_TRY(ml_reader_record(&join->walk->reader, seq, &record));
    const Mledger__Event *event = record->event;
    if (event->kind_case == MLEDGER__EVENT__KIND_DATASET_RECORDED) {
        ML_TRY(walk_dataset_record(join->walk, record, &node));
    } else if (event->kind_case == MLEDGER__EVENT__KIND_VERSION_REGISTERED) {
        bool tells;
        ML_TRY(tells_of_version(join, event->version_registered, &tells));
        if (!tells)
            return MLEDGER_OK;
        ML_TRY(walk_version(join->walk, event->version_registered->model,
                            event->version_registered->version, &node));
    } else {
        return MLEDGER_OK;
    }
    if (seq == seq_of(join))
        return MLEDGER_OK;
    return join_down(join, node, seq);
}

static void release_join(struct join *join)
{
    free(join->pipelines);
}

static int join_digest_up(struct walk *walk, size_t node, const Mledger__Digest *digest)
{
    ML_CLEANUP(release_join) struct join join = {.walk = walk, .node = node, .digest = digest};
    return each_naming(&join, true, made_in);
}

static int join_digest_down(struct walk *walk, size_t node, const Mledger__Digest *digest)
{
    ML_CLEANUP(release_join) struct join join = {.walk = walk, .node = node, .digest = digest};
    ML_TRY(each_naming(&join, false, read_in));
    return walk->options->same_content ? each_naming(&join, true, held_in) : MLEDGER_OK;
}

static bool joins(const Mledger__Digest *digest)
{
    return !ml_digest_is_empty(digest);
}

/* Data of which it is not said where it came from. */
static int note_source(struct walk *walk, size_t node)
{
    const struct walk_node *at = walk_at(walk, node);
    if (at->has_maker || at->node.kind == ML_NODE_VERSION)
        return MLEDGER_OK;
    for (size_t i = 0; i < at->node.n_attributes; i++)
        if (strcmp(at->node.attributes[i].name, "source") == 0)
            return MLEDGER_OK;
    walk_flag(walk, node, ML_NODE_MISSING);
    const char *noun = at->node.kind == ML_NODE_DATASET ? "dataset" : "file";
    return WALK_UNKNOWN(walk, "the source of %s %s is not recorded", noun, at->node.label);
}

int walk_join_up(struct walk *walk, size_t node, const Mledger__Digest *digest)
{
    if (!walk->options->same_content || !joins(digest))
        return MLEDGER_OK;
    return join_digest_up(walk, node, digest);
}

int walk_join_down(struct walk *walk, size_t node, const Mledger__Digest *digest)
{
    return joins(digest) ? join_digest_down(walk, node, digest) : MLEDGER_OK;
}

/* Content that a stage of the same snapshot or a run made needs no other explanation. */
int walk_content_up(struct walk *walk, size_t node)
{
    if (walk->options->same_content && !walk_at(walk, node)->has_maker) {
        size_t count = walk_at(walk, node)->node.n_digests;
        for (size_t i = 0; i < count && !walk->full; i++) {
            const Mledger__Digest *digest = walk_at(walk, node)->node.digests[i];
            if (joins(digest))
                ML_TRY(join_digest_up(walk, node, digest));
        }
    }
    return note_source(walk, node);
}

/* A dataset is also named by its subject, without a digest. */
static int runs_of_dataset(struct walk *walk, size_t node)
{
    struct ml_state_key prefix = ml_index_reference_prefix(walk_at(walk, node)->subject);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(&walk->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count && !walk->full; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&walk->reader, seqs[i], &record));
        if (record->event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED)
            continue;
        const Mledger__RunLogged *logged = record->event->run_logged;
        for (size_t k = 0; k < logged->n_inputs; k++) {
            const Mledger__Input *input = logged->inputs[k];
            size_t run, named;
            if (!input->has_dataset_ref || input->dataset_ref != walk_at(walk, node)->subject)
                continue;
            ML_TRY(walk_input(walk, input->name, &input->dataset_ref, input->digests,
                              input->n_digests, seqs[i], &named));
            if (named != node)
                continue; /* another version of the dataset */
            ML_TRY(walk_run(walk, logged->run, NULL, seqs[i], &run));
            ML_TRY(walk_run_input(walk, run, input, seqs[i], &named));
            ML_TRY(walk_queue(walk, run, WALK_DOWN, node));
        }
    }
    return MLEDGER_OK;
}

int walk_content_down(struct walk *walk, size_t node)
{
    const struct walk_node at = *walk_at(walk, node);
    if (at.node.kind == ML_NODE_DATASET && at.subject != MLEDGER_NO_SEQ)
        ML_TRY(runs_of_dataset(walk, node));
    for (size_t i = 0; i < walk_at(walk, node)->node.n_digests && !walk->full; i++) {
        const Mledger__Digest *digest = walk_at(walk, node)->node.digests[i];
        if (joins(digest))
            ML_TRY(join_digest_down(walk, node, digest));
    }
    return MLEDGER_OK;
}
