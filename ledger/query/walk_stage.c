/* SPDX-License-Identifier: Apache-2.0 */
/* Stages of pipelines, their files, and the commits they stand at. */
#include "ledger/query/walk.h"

#include <inttypes.h>

#include "ledger/core/hash.h"
#include "ledger/query/digest_text.h"
#include "ledger/query/inference.h"

static int append_files(struct ml_buf *out, Mledger__PipelineFile *const *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ML_TRY(ml_buf_append(out, files[i]->path, strlen(files[i]->path) + 1));
        for (size_t k = 0; k < files[i]->n_digests; k++) {
            char text[ML_DIGEST_TEXT_SIZE];
            ml_digest_text(files[i]->digests[k], 0, text);
            ML_TRY(ml_buf_append(out, text, strlen(text) + 1));
        }
    }
    return ml_buf_append(out, "", 1);
}

/* What makes a stage the same execution in two snapshots of its pipeline: address, dependencies
 * and outputs. NULL if it may be another one each time, for nothing in it has a digest. */
static int key_of_execution(struct walk *walk, const struct ml_snapshot *snapshot, size_t stage,
                            const char **ret_key)
{
    const Mledger__PipelineStage *at = snapshot->stages[stage];
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_printf(&text, "%" PRIu64 " %s", snapshot->pipeline, at->address));
    ML_TRY(ml_buf_append(&text, "", 1));
    ML_TRY(append_files(&text, at->deps, at->n_deps));
    ML_TRY(append_files(&text, at->outs, at->n_outs));
    uint8_t hash[ML_HASH_SIZE];
    const struct ml_span part = ml_buf_span(&text);
    ML_TRY(ml_sha256(hash, &part, 1));
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, hash, sizeof hash);
    *ret_key = walk_text(walk, "=stage %s", hex);
    return walk_check(walk);
}

static int add_params(struct walk *walk, size_t node, const struct ml_snapshot *snapshot,
                      size_t stage)
{
    const Mledger__PipelineStage *at = snapshot->stages[stage];
    uint64_t seq = snapshot->seq;
    if (at->n_params == 0)
        return MLEDGER_OK;
    size_t params;
    ML_TRY(walk_node(walk, ML_NODE_PARAMS,
                     walk_text(walk, "params:%" PRIu64 ":%s", seq, at->address),
                     walk_text(walk, "%zu parameter%s", at->n_params, at->n_params == 1 ? "" : "s"),
                     seq, &params, NULL));
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(&walk->reader, snapshot->record, &details));
    for (size_t i = 0; i < at->n_params; i++) {
        size_t value = snapshot->first_param[stage] + i;
        ML_TRY(walk_attribute(
            walk, params, walk_text(walk, "%s:%s", at->params[i]->file, at->params[i]->key),
            details && value < details->n_param_values ? details->param_values[value]
                                                       : "(not known)"));
    }
    ML_TRY(walk_erasure(walk, params, snapshot->record));
    return walk_edge(walk, params, node, ML_ROLE_PARAMETERS, ML_EDGE_RECORDED, seq);
}

static int describe(struct walk *walk, size_t node, const struct ml_snapshot *snapshot,
                    size_t stage)
{
    const Mledger__PipelineStage *at = snapshot->stages[stage];
    struct walk_node *is = walk_at(walk, node);
    is->snapshot = snapshot;
    is->stage = stage;
    ML_TRY(walk_attribute(walk, node, "pipeline", snapshot->recorded->name));
    for (size_t i = 0; i < at->n_command; i++)
        ML_TRY(walk_attribute(walk, node, "command", at->command[i]));
    if (!at->has_locked)
        ML_TRY(walk_attribute(walk, node, "state", "not in dvc.lock"));
    if (snapshot->recorded->has_dirty)
        ML_TRY(walk_attribute(walk, node, "work tree", "differed from the commit"));
    return MLEDGER_OK;
}

int walk_stage(struct walk *walk, const struct ml_snapshot *snapshot, size_t stage,
               size_t *ret_node)
{
    const char *address = snapshot->stages[stage]->address, *execution;
    const char *id = walk_text(walk, "stage:%s@%" PRIu64, address, snapshot->seq);
    ML_TRY(walk_check(walk));
    if (walk_find(walk, id, ret_node) == MLEDGER_OK)
        return MLEDGER_OK;
    ML_TRY(key_of_execution(walk, snapshot, stage, &execution));
    if (walk_find(walk, execution, ret_node) == MLEDGER_OK)
        return walk_alias(walk, id, *ret_node);
    ML_TRY(walk_node(walk, ML_NODE_STAGE, id, walk_copy(walk, address), snapshot->seq, ret_node,
                     NULL));
    ML_TRY(walk_alias(walk, execution, *ret_node));
    return *ret_node == NOWHERE ? MLEDGER_OK : describe(walk, *ret_node, snapshot, stage);
}

/* A file that DVC took from another repository. */
static int add_repository(struct walk *walk, size_t file, const Mledger__PipelineFile *from,
                          uint64_t seq)
{
    if (!from->repository)
        return MLEDGER_OK;
    const Mledger__RepositoryImport *import = from->repository;
    char commit[ML_DIGEST_TEXT_SIZE] = "";
    if (import->commit)
        ml_digest_text(import->commit, 0, commit);
    const char *rev = import->commit ? strchr(commit, ':') + 1 : import->rev;
    size_t source;
    ML_TRY(walk_source(walk, walk_text(walk, "%s%s%s", import->url, rev ? "@" : "", rev ? rev : ""),
                       seq, &source));
    walk_at(walk, file)->has_maker = true;
    return walk_edge(walk, source, file, ML_ROLE_DERIVED_FROM, ML_EDGE_RECORDED, seq);
}

int walk_stage_file(struct walk *walk, size_t stage, const struct ml_snapshot *snapshot,
                    const Mledger__PipelineFile *file, bool out, size_t met, size_t *ret_file)
{
    ML_TRY(walk_file(walk, file->digests, file->n_digests, file->path, snapshot->seq, ret_file));
    ML_TRY(add_repository(walk, *ret_file, file, snapshot->seq));
    enum ml_edge_kind kind = walk_kind(walk, *ret_file, met, snapshot->seq);
    if (!out)
        return walk_edge(walk, *ret_file, stage, ML_ROLE_USED, kind, snapshot->seq);
    walk_at(walk, *ret_file)->has_maker = true;
    return walk_edge(walk, stage, *ret_file, ML_ROLE_GENERATED, kind, snapshot->seq);
}

/* The output of a producer that the dependency is: by digest, else by path. */
static bool is_output(const Mledger__PipelineFile *out, const Mledger__PipelineFile *dep)
{
    for (size_t i = 0; i < out->n_digests; i++)
        for (size_t k = 0; k < dep->n_digests; k++)
            if (ml_digest_compare(out->digests[i], dep->digests[k]) == 0)
                return true;
    return strcmp(out->path, dep->path) == 0;
}

/* A dependency may be a file inside of a directory that the producer makes; then what the producer
 * made is another content, and the dependency is derived from it. */
static int add_producer(struct walk *walk, size_t file, const struct ml_snapshot *snapshot,
                        const Mledger__PipelineFile *dep, size_t stage, size_t *ret_producer)
{
    const Mledger__PipelineStage *producer = snapshot->stages[stage];
    size_t node, made;
    ML_TRY(walk_stage(walk, snapshot, stage, &node));
    for (size_t i = 0; i < producer->n_outs; i++) {
        const Mledger__PipelineFile *out = producer->outs[i];
        size_t len = strlen(out->path);
        bool inside = strncmp(dep->path, out->path, len) == 0 && dep->path[len] == '/';
        bool around = strncmp(dep->path, out->path, strlen(dep->path)) == 0 &&
                      out->path[strlen(dep->path)] == '/';
        if (!is_output(out, dep) && !inside && !around)
            continue;
        ML_TRY(walk_stage_file(walk, node, snapshot, out, true, NOWHERE, &made));
        ML_TRY(walk_edge(walk, made, file, ML_ROLE_DERIVED_FROM, ML_EDGE_RECORDED, snapshot->seq));
    }
    walk_at(walk, file)->has_maker = true;
    *ret_producer = node;
    return MLEDGER_OK;
}

static int add_dependency(struct walk *walk, size_t stage, const struct ml_snapshot *snapshot,
                          const Mledger__PipelineFile *dep)
{
    size_t file;
    ML_TRY(walk_stage_file(walk, stage, snapshot, dep, false, NOWHERE, &file));
    ML_TRY(walk_queue(walk, file, WALK_UP, stage));
    for (size_t i = 0; i < dep->n_producers; i++) {
        size_t producer;
        ML_TRY(add_producer(walk, file, snapshot, dep, dep->producers[i], &producer));
        ML_TRY(walk_queue(walk, producer, WALK_UP, file));
    }
    return MLEDGER_OK;
}

int walk_stage_up(struct walk *walk, size_t node)
{
    const struct walk_node at = *walk_at(walk, node);
    const struct ml_snapshot *snapshot = at.snapshot;
    const Mledger__PipelineStage *stage = snapshot->stages[at.stage];
    for (size_t i = 0; i < stage->n_deps && !walk->full; i++)
        ML_TRY(add_dependency(walk, node, snapshot, stage->deps[i]));
    ML_TRY(add_params(walk, node, snapshot, at.stage));
    if (!snapshot->recorded->commit) {
        walk_flag(walk, node, ML_NODE_MISSING);
        return WALK_UNKNOWN(walk, "no commit is recorded for pipeline '%s', record %" PRIu64,
                            snapshot->recorded->name, snapshot->seq);
    }
    size_t commit;
    ML_TRY(walk_commit(walk, snapshot->recorded->commit, snapshot->seq, &commit));
    return walk_edge(walk, commit, node, ML_ROLE_CODE, ML_EDGE_RECORDED, snapshot->seq);
}

/* Runs that a person linked to the stage. */
static int add_confirmed(struct walk *walk, size_t node, uint64_t seq)
{
    const struct walk_node at = *walk_at(walk, node);
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&walk->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_LINK_CONFIRMED ||
        strcmp(record->event->link_confirmed->stage, at.snapshot->stages[at.stage]->address) != 0)
        return MLEDGER_OK;
    size_t run;
    ML_TRY(walk_run(walk, record->event->link_confirmed->run, NULL, seq, &run));
    ML_TRY(walk_edge(walk, node, run, ML_ROLE_CONFIRMED, ML_EDGE_CONFIRMED, seq));
    return walk_queue(walk, run, WALK_DOWN, node);
}

static int each_seq(struct walk *walk, const struct ml_state_key *prefix, size_t node,
                    int (*visit)(struct walk *walk, size_t node, uint64_t seq))
{
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(&walk->reader, prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count && !walk->full; i++)
        ML_TRY(visit(walk, node, seqs[i]));
    return MLEDGER_OK;
}

/* A run at the snapshot's commit, or at one that it follows, whose best match is this stage. */
static int add_inferred(struct walk *walk, size_t node, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&walk->reader, seq, &record));
    uint64_t run = seq;
    if (record->event->kind_case == MLEDGER__EVENT__KIND_RUN_LOGGED)
        run = record->event->run_logged->run;
    else if (record->event->kind_case != MLEDGER__EVENT__KIND_RUN_STARTED)
        return MLEDGER_OK;
    struct ml_inference inference;
    ML_TRY(ml_infer(&walk->snapshots, run, &inference));
    for (size_t i = 0; i < inference.n_matches; i++) {
        const struct ml_match *match = &inference.matches[i];
        size_t stage, to;
        ML_TRY(walk_stage(walk, match->snapshot, match->stage, &stage));
        if (stage != node || inference.is_confirmed)
            continue;
        ML_TRY(walk_run(walk, run, NULL, seq, &to));
        const char *grounds = walk_copy(walk, match->grounds);
        ML_TRY(walk_check(walk));
        for (size_t k = 0; k < match->n_seqs; k++)
            ML_TRY(walk_edge_grounds(walk, node, to, ML_ROLE_INFERRED, ML_EDGE_INFERRED,
                                     match->seqs[k], grounds));
        ML_TRY(walk_queue(walk, to, WALK_DOWN, node));
    }
    return MLEDGER_OK;
}

static struct ml_state_key commit_prefix(const Mledger__Digest *commit)
{
    return ml_index_digest_prefix(commit->algorithm, ML_SPAN(commit->value.data, commit->value.len),
                                  false);
}

static int add_runs_at(struct walk *walk, size_t node, const Mledger__PipelineRecorded *recorded)
{
    if (!walk->options->inferred || !recorded->commit)
        return MLEDGER_OK;
    struct ml_state_key prefix = commit_prefix(recorded->commit);
    ML_TRY(each_seq(walk, &prefix, node, add_inferred));
    for (size_t i = 0; i < recorded->n_trained_at; i++) {
        prefix = commit_prefix(recorded->trained_at[i]);
        ML_TRY(each_seq(walk, &prefix, node, add_inferred));
    }
    return MLEDGER_OK;
}

/* What other stages of the snapshot read of this one's output without it being the same content:
 * a file in it, or a directory around it. */
static int add_consumers(struct walk *walk, size_t node)
{
    const struct walk_node at = *walk_at(walk, node);
    for (size_t i = 0; i < at.snapshot->n_stages && !walk->full; i++) {
        const Mledger__PipelineStage *stage = at.snapshot->stages[i];
        for (size_t d = 0; d < stage->n_deps; d++)
            for (size_t p = 0; p < stage->deps[d]->n_producers; p++) {
                if (stage->deps[d]->producers[p] != at.stage)
                    continue;
                size_t consumer, file, producer;
                ML_TRY(walk_stage(walk, at.snapshot, i, &consumer));
                ML_TRY(walk_stage_file(walk, consumer, at.snapshot, stage->deps[d], false, NOWHERE,
                                       &file));
                ML_TRY(add_producer(walk, file, at.snapshot, stage->deps[d], at.stage, &producer));
                ML_TRY(walk_queue(walk, consumer, WALK_DOWN, node));
            }
    }
    return MLEDGER_OK;
}

int walk_stage_down(struct walk *walk, size_t node)
{
    const struct walk_node at = *walk_at(walk, node);
    const Mledger__PipelineStage *stage = at.snapshot->stages[at.stage];
    for (size_t i = 0; i < stage->n_outs && !walk->full; i++) {
        size_t file;
        ML_TRY(walk_stage_file(walk, node, at.snapshot, stage->outs[i], true, NOWHERE, &file));
        ML_TRY(walk_queue(walk, file, WALK_DOWN, node));
    }
    ML_TRY(add_consumers(walk, node));
    struct ml_state_key prefix = ml_index_reference_prefix(at.snapshot->seq);
    ML_TRY(each_seq(walk, &prefix, node, add_confirmed));
    return add_runs_at(walk, node, at.snapshot->recorded);
}

/* Runs and pipelines at the commit. */
static int add_user(struct walk *walk, size_t node, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&walk->reader, seq, &record));
    const Mledger__Event *event = record->event;
    const Mledger__Digest *digest = walk_at(walk, node)->node.digests[0], *commit = NULL;
    uint64_t run = seq;
    if (event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED)
        commit = event->run_started->commit;
    if (event->kind_case == MLEDGER__EVENT__KIND_RUN_LOGGED) {
        commit = event->run_logged->commit;
        run = event->run_logged->run;
    }
    if (commit && ml_digest_compare(commit, digest) == 0) {
        size_t to;
        ML_TRY(walk_run(walk, run, NULL, seq, &to));
        ML_TRY(walk_edge(walk, node, to, ML_ROLE_CODE, ML_EDGE_RECORDED, seq));
        return walk_queue(walk, to, WALK_DOWN, node);
    }
    struct ml_snapshot *snapshot;
    ML_TRY(ml_snapshot_load(&walk->snapshots, seq, &snapshot));
    if (!snapshot || !snapshot->recorded->commit ||
        ml_digest_compare(snapshot->recorded->commit, digest) != 0)
        return MLEDGER_OK;
    for (size_t i = 0; i < snapshot->n_stages && !walk->full; i++) {
        size_t stage;
        ML_TRY(walk_stage(walk, snapshot, i, &stage));
        ML_TRY(walk_edge(walk, node, stage, ML_ROLE_CODE, ML_EDGE_RECORDED, seq));
        ML_TRY(walk_queue(walk, stage, WALK_DOWN, node));
    }
    return MLEDGER_OK;
}

int walk_commit_down(struct walk *walk, size_t node)
{
    struct ml_state_key prefix = commit_prefix(walk_at(walk, node)->node.digests[0]);
    return each_seq(walk, &prefix, node, add_user);
}
