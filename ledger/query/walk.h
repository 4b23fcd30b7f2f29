/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lineage on its way: nodes, edges, and what is still to be looked at. Private to lineage.c and
 * the walk_*.c files, each of which knows one kind of thing: what stands before it, what after.
 *
 * Nodes are named by handles. When there are as many as the question allows, new ones all become
 * NOWHERE, a node that takes what it is given and is not in the answer; so no caller checks.
 */
#ifndef ML_QUERY_WALK_H
#define ML_QUERY_WALK_H

#include "ledger/query/lineage.h"
#include "ledger/query/snapshot.h"

enum { NOWHERE = 0 };

enum walk_way { WALK_UP = 1, WALK_DOWN = 2 };

struct walk_node {
    struct ml_node node;
    size_t cap_digests, cap_attributes;
    uint32_t depth[2]; /* by way - 1 */
    unsigned queued;   /* ways */
    bool is_dropped;   /* found by content alone, which is not wanted */
    bool has_maker;    /* content: a stage or run is known to have made it */
    uint64_t subject;  /* run, model or dataset; MLEDGER_NO_SEQ */
    uint64_t version;
    const char *name; /* run: its id; dataset: its name; file: its path, if known */
    const struct ml_snapshot *snapshot;
    size_t stage;
};

struct walk_edge {
    size_t from, to;
    enum ml_edge_role role;
    enum ml_edge_kind kind;
    uint64_t *seqs;
    size_t n_seqs, cap_seqs;
    const char *grounds;
};

struct walk_step {
    size_t node;
    enum walk_way way;
};

struct walk_table; /* from a text to a number */

struct walk {
    struct ml_reader reader;
    struct ml_snapshots snapshots;
    const struct ml_lineage_options *options;
    struct ml_arena arena; /* becomes the graph's */
    struct walk_node *nodes;
    size_t n_nodes, cap_nodes;
    struct walk_edge *edges;
    size_t n_edges, cap_edges;
    struct walk_step *queue;
    size_t n_queue, cap_queue, next;
    const char **unknown;
    size_t n_unknown, cap_unknown;
    struct walk_table *by_id, *by_edge;
    size_t cut;     /* nodes at which the depth ended */
    size_t stopped; /* nodes at which it was to stop */
    bool full;
};

int walk_init(struct walk *walk, struct ml_view *view,
              const struct ml_lineage_options *options) ML_MUST_USE;
void walk_release(struct walk *walk);
/* Sorts everything into a graph; the walk keeps nothing. */
int walk_finish(struct walk *walk, struct ml_graph **ret_graph) ML_MUST_USE;

/* Texts in the graph. */
const char *walk_text(struct walk *walk, const char *format, ...) ML_PRINTF(2, 3);
/* A copy, NULL for NULL. Memory that is out shows at walk_check(). */
const char *walk_copy(struct walk *walk, const char *text);
int walk_check(const struct walk *walk) ML_MUST_USE;

/* The node `id` (a text of the graph), made if need be: with this kind, label and seq then.
 * *ret_new (NULL: not wanted) tells. Text that is NULL is out of memory. */
int walk_node(struct walk *walk, enum ml_node_kind kind, const char *id, const char *label,
              uint64_t seq, size_t *ret_node, bool *ret_new) ML_MUST_USE;
/* Lets another text find the node. */
int walk_alias(struct walk *walk, const char *text, size_t node) ML_MUST_USE;
/* MLEDGER_ENOTFOUND, without a text. */
int walk_find(const struct walk *walk, const char *id, size_t *ret_node) ML_MUST_USE;
struct walk_node *walk_at(struct walk *walk, size_t node); /* until the next walk_node() */
void walk_flag(struct walk *walk, size_t node, unsigned flags);
int walk_attribute(struct walk *walk, size_t node, const char *name, const char *value) ML_MUST_USE;
/* Adds those of an algorithm that it does not have yet. */
int walk_digest(struct walk *walk, size_t node, const Mledger__Digest *digest) ML_MUST_USE;
int walk_digests(struct walk *walk, size_t node, Mledger__Digest *const *digests,
                 size_t count) ML_MUST_USE;
/* Flags it if the details of the record that introduces it were erased. */
int walk_erasure(struct walk *walk, size_t node, const struct ml_record *record) ML_MUST_USE;

/* An edge of these four, made if need be; it is asserted by record `seq`. */
int walk_edge(struct walk *walk, size_t from, size_t to, enum ml_edge_role role,
              enum ml_edge_kind kind, uint64_t seq) ML_MUST_USE;
int walk_edge_grounds(struct walk *walk, size_t from, size_t to, enum ml_edge_role role,
                      enum ml_edge_kind kind, uint64_t seq, const char *grounds) ML_MUST_USE;
/* How record `seq` asserts something of content that was met at node `met`: recorded, or by content
 * alone if another record had brought it up. */
enum ml_edge_kind walk_kind(struct walk *walk, size_t node, size_t met, uint64_t seq);
/* The same bytes, as two records say. Nothing between a node and itself. */
int walk_same(struct walk *walk, size_t from, size_t to, uint64_t seq, uint64_t other,
              const Mledger__Digest *digest) ML_MUST_USE;

/* Has `node` looked at, one step from `by` (NOWHERE: a start). */
int walk_queue(struct walk *walk, size_t node, enum walk_way way, size_t by) ML_MUST_USE;
int walk_unknown(struct walk *walk, const char *text) ML_MUST_USE;
#define WALK_UNKNOWN(walk, ...) walk_unknown((walk), walk_text((walk), __VA_ARGS__))

/* walk_entity.c: nodes by what they stand for; each finds the one that is there. */
int walk_commit(struct walk *walk, const Mledger__Digest *commit, uint64_t seq,
                size_t *ret_node) ML_MUST_USE;
/* Content. `path` names it if nothing else does: content without digests is found by path and seq
 * alone and joins nothing. */
int walk_file(struct walk *walk, Mledger__Digest *const *digests, size_t count, const char *path,
              uint64_t seq, size_t *ret_node) ML_MUST_USE;
int walk_artifact(struct walk *walk, const Mledger__Artifact *artifact, uint64_t seq,
                  size_t *ret_node) ML_MUST_USE;
/* A dataset version as record `seq` names it: that record may be its own. */
int walk_dataset(struct walk *walk, const char *name, Mledger__Digest *const *digests, size_t count,
                 uint64_t seq, size_t *ret_node) ML_MUST_USE;
int walk_dataset_record(struct walk *walk, const struct ml_record *record,
                        size_t *ret_node) ML_MUST_USE;
/* An input, of a dataset that may be recorded: its newest version by then if no digest tells. */
int walk_input(struct walk *walk, const char *name, const uint64_t *dataset,
               Mledger__Digest *const *digests, size_t count, uint64_t seq,
               size_t *ret_node) ML_MUST_USE;
/* The agent with an edge to what it did; nothing for MLEDGER_NO_SEQ. */
int walk_agent(struct walk *walk, uint64_t actor, size_t node, uint64_t seq) ML_MUST_USE;
int walk_author(struct walk *walk, const struct ml_record *record, size_t node) ML_MUST_USE;
int walk_source(struct walk *walk, const char *id, uint64_t seq, size_t *ret_node) ML_MUST_USE;

/* walk_version.c */
/* MLEDGER_ENOTFOUND: there was no such version then. */
int walk_version(struct walk *walk, uint64_t model, uint64_t version, size_t *ret_node) ML_MUST_USE;
int walk_version_up(struct walk *walk, size_t node) ML_MUST_USE;
int walk_version_down(struct walk *walk, size_t node) ML_MUST_USE;

/* walk_logged_model.c */
int walk_logged_model(struct walk *walk, uint64_t seq, size_t *ret_node) ML_MUST_USE;
int walk_logged_model_up(struct walk *walk, size_t node) ML_MUST_USE;
int walk_logged_model_down(struct walk *walk, size_t node) ML_MUST_USE;
/* The model with an edge from the run that made it, as record `seq` says. */
int walk_made_model(struct walk *walk, size_t run, uint64_t model, uint64_t seq,
                    size_t *ret_node) ML_MUST_USE;

/* walk_run.c */
/* `seq` MLEDGER_NO_SEQ: known by its id alone, from record `named_by`. */
int walk_run(struct walk *walk, uint64_t seq, const char *id, uint64_t named_by,
             size_t *ret_node) ML_MUST_USE;
int walk_run_up(struct walk *walk, size_t node) ML_MUST_USE;
int walk_run_down(struct walk *walk, size_t node) ML_MUST_USE;
/* The input's node and its edge to the run. */
int walk_run_input(struct walk *walk, size_t run, const Mledger__Input *input, uint64_t seq,
                   size_t *ret_input) ML_MUST_USE;

/* walk_stage.c */
int walk_stage(struct walk *walk, const struct ml_snapshot *snapshot, size_t stage,
               size_t *ret_node) ML_MUST_USE;
int walk_stage_up(struct walk *walk, size_t node) ML_MUST_USE;
int walk_stage_down(struct walk *walk, size_t node) ML_MUST_USE;
int walk_commit_down(struct walk *walk, size_t node) ML_MUST_USE;
/* A file of the stage with its edge. The edge is by content alone where the file was led to from
 * `met` (NOWHERE: from the snapshot itself), known from another record. */
int walk_stage_file(struct walk *walk, size_t stage, const struct ml_snapshot *snapshot,
                    const Mledger__PipelineFile *file, bool out, size_t met,
                    size_t *ret_file) ML_MUST_USE;

/* walk_content.c: what digests lead to. */
int walk_content_up(struct walk *walk, size_t node) ML_MUST_USE;
int walk_content_down(struct walk *walk, size_t node) ML_MUST_USE;
/* What one digest of a node leads to, for a node that has many contents. */
int walk_join_up(struct walk *walk, size_t node, const Mledger__Digest *digest) ML_MUST_USE;
int walk_join_down(struct walk *walk, size_t node, const Mledger__Digest *digest) ML_MUST_USE;

#endif
