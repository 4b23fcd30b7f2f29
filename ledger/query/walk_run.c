/* SPDX-License-Identifier: Apache-2.0 */
/* Runs: what they read, and what was registered from them. */
#include "ledger/query/walk.h"

#include <inttypes.h>
#include <strings.h>

#include "ledger/core/event.h"
#include "ledger/query/fields.h"
#include "ledger/query/inference.h"

static int unseen_run(struct walk *walk, const char *id, uint64_t named_by, size_t *ret_node)
{
    bool is_new;
    ML_TRY(walk_node(walk, ML_NODE_RUN, walk_text(walk, "run:%s", id),
                     walk_text(walk, "run %s", id), named_by, ret_node, &is_new));
    walk_at(walk, *ret_node)->name = walk_copy(walk, id);
    walk_flag(walk, *ret_node, ML_NODE_UNSEEN | ML_NODE_MISSING);
    return is_new ? WALK_UNKNOWN(walk, "run '%s' was never recorded: only its id is known", id)
                  : MLEDGER_OK;
}

static int describe(struct walk *walk, size_t node, const struct ml_record *record)
{
    const Mledger__RunStarted *started = record->event->run_started;
    if (!started)
        return ml_fail_seq(MLEDGER_EDAMAGED, record->header->seq, "it starts no run");
    walk_at(walk, node)->subject = record->header->seq;
    walk_at(walk, node)->name = walk_copy(walk, started->run_id);
    ML_TRY(walk_attribute(walk, node, "name", started->name));
    ML_TRY(walk_attribute(walk, node, "parent run", started->parent_run_id));
    bool deleted;
    ML_TRY(ml_reader_deleted(&walk->reader, record->header->seq, &deleted));
    if (deleted)
        walk_flag(walk, node, ML_NODE_DELETED);
    ML_TRY(walk_erasure(walk, node, record));
    return walk_author(walk, record, node);
}

int walk_run(struct walk *walk, uint64_t seq, const char *id, uint64_t named_by, size_t *ret_node)
{
    if (seq == MLEDGER_NO_SEQ)
        return unseen_run(walk, id, named_by, ret_node);
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&walk->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_RUN_STARTED)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it starts no run");
    bool is_new;
    id = record->event->run_started->run_id;
    ML_TRY(walk_node(walk, ML_NODE_RUN, walk_text(walk, "run:%s", id),
                     walk_text(walk, "run %s", id), seq, ret_node, &is_new));
    return is_new ? describe(walk, *ret_node, record) : MLEDGER_OK;
}

/* MLflow's contexts, and what people write. */
static bool is_training(const char *role)
{
    return role && (strcasecmp(role, "training") == 0 || strcasecmp(role, "train") == 0);
}

int walk_run_input(struct walk *walk, size_t run, const Mledger__Input *input, uint64_t seq,
                   size_t *ret_input)
{
    size_t node;
    if (input->has_model_ref)
        ML_TRY(walk_version(walk, input->model_ref, input->version, &node));
    else if (input->has_logged_model_ref)
        ML_TRY(walk_logged_model(walk, input->logged_model_ref, &node));
    else
        ML_TRY(walk_input(walk, input->name, input->has_dataset_ref ? &input->dataset_ref : NULL,
                          input->digests, input->n_digests, seq, &node));
    if (input->role && !input->has_model_ref && !input->has_logged_model_ref)
        ML_TRY(walk_attribute(walk, node, "role", input->role));
    *ret_input = node;
    return walk_edge(walk, node, run, is_training(input->role) ? ML_ROLE_TRAINED_ON : ML_ROLE_USED,
                     ML_EDGE_RECORDED, seq);
}

static int add_commit(struct walk *walk, size_t run, const Mledger__Digest *commit, uint64_t seq)
{
    size_t node;
    ML_TRY(walk_commit(walk, commit, seq, &node));
    return walk_edge(walk, node, run, ML_ROLE_CODE, ML_EDGE_RECORDED, seq);
}

static int add_params(struct walk *walk, size_t run, const struct ml_record *record)
{
    const Mledger__RunLogged *logged = record->event->run_logged;
    uint64_t seq = record->header->seq;
    if (logged->n_params == 0)
        return MLEDGER_OK;
    size_t node;
    ML_TRY(walk_node(
        walk, ML_NODE_PARAMS, walk_text(walk, "params:%" PRIu64, seq),
        walk_text(walk, "%zu parameter%s", logged->n_params, logged->n_params == 1 ? "" : "s"), seq,
        &node, NULL));
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(&walk->reader, record, &details));
    for (size_t i = 0; i < logged->n_params; i++)
        ML_TRY(walk_attribute(walk, node, logged->params[i],
                              details && i < details->n_param_values ? details->param_values[i]
                                                                     : "(not known)"));
    ML_TRY(walk_erasure(walk, node, record));
    return walk_edge(walk, node, run, ML_ROLE_PARAMETERS, ML_EDGE_RECORDED, seq);
}

/* A stage of which a person said that this run is its execution. */
static int add_confirmed(struct walk *walk, size_t run, const struct ml_record *record)
{
    const Mledger__LinkConfirmed *link = record->event->link_confirmed;
    struct ml_snapshot *snapshot;
    ML_TRY(ml_snapshot_load(&walk->snapshots, link->record_ref, &snapshot));
    size_t stage = snapshot ? ml_snapshot_stage(snapshot, link->stage) : SIZE_MAX;
    if (stage == SIZE_MAX)
        return WALK_UNKNOWN(walk,
                            "record %" PRIu64 " confirms stage '%s' of record %" PRIu64
                            ", which has no such stage",
                            record->header->seq, link->stage, link->record_ref);
    size_t node;
    ML_TRY(walk_stage(walk, snapshot, stage, &node));
    ML_TRY(walk_edge(walk, node, run, ML_ROLE_CONFIRMED, ML_EDGE_CONFIRMED, record->header->seq));
    return walk_queue(walk, node, WALK_UP, run);
}

/* What is known of a run's origin once all its records were seen. */
struct origin {
    bool has_data, has_code, is_confirmed;
};

static int look_back(struct walk *walk, size_t run, const struct ml_record *record,
                     struct origin *origin)
{
    const Mledger__Event *event = record->event;
    uint64_t seq = record->header->seq;
    const Mledger__Digest *commit = NULL;
    if (event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED)
        commit = event->run_started->commit;
    if (event->kind_case == MLEDGER__EVENT__KIND_LINK_CONFIRMED) {
        origin->is_confirmed = true;
        return add_confirmed(walk, run, record);
    }
    if (event->kind_case == MLEDGER__EVENT__KIND_RUN_LOGGED) {
        commit = event->run_logged->commit;
        ML_TRY(add_params(walk, run, record));
        for (size_t i = 0; i < event->run_logged->n_inputs; i++) {
            size_t input;
            ML_TRY(walk_run_input(walk, run, event->run_logged->inputs[i], seq, &input));
            ML_TRY(walk_queue(walk, input, WALK_UP, run));
            origin->has_data =
                origin->has_data || !event->run_logged->inputs[i]->has_logged_model_ref;
        }
    }
    if (!commit)
        return MLEDGER_OK;
    origin->has_code = true;
    return add_commit(walk, run, commit, seq);
}

static int run_records(struct walk *walk, size_t node, uint64_t **ret_seqs, size_t *ret_count)
{
    struct ml_state_key prefix = ml_index_subject_prefix(walk_at(walk, node)->subject);
    bool more;
    return ml_reader_seqs(&walk->reader, &prefix, SIZE_MAX, ret_seqs, ret_count, &more);
}

static int add_inferred(struct walk *walk, size_t run, struct origin *origin)
{
    struct ml_inference inference;
    ML_TRY(ml_infer(&walk->snapshots, walk_at(walk, run)->subject, &inference));
    if (inference.tag_commit && !origin->has_code) {
        ML_TRY(add_commit(walk, run, inference.tag_commit, inference.tag_seq));
        origin->has_code = true;
    }
    if (!walk->options->inferred)
        return MLEDGER_OK;
    for (size_t i = 0; i < inference.n_matches; i++) {
        const struct ml_match *match = &inference.matches[i];
        size_t stage;
        ML_TRY(walk_stage(walk, match->snapshot, match->stage, &stage));
        const char *grounds = walk_copy(walk, match->grounds);
        ML_TRY(walk_check(walk));
        for (size_t k = 0; k < match->n_seqs; k++)
            ML_TRY(walk_edge_grounds(walk, stage, run, ML_ROLE_INFERRED, ML_EDGE_INFERRED,
                                     match->seqs[k], grounds));
        ML_TRY(walk_queue(walk, stage, WALK_UP, run));
    }
    return MLEDGER_OK;
}

int walk_run_up(struct walk *walk, size_t node)
{
    if (walk_at(walk, node)->subject == MLEDGER_NO_SEQ)
        return MLEDGER_OK; /* never seen: nothing is behind it */
    struct origin origin = {0};
    uint64_t *seqs;
    size_t count;
    ML_TRY(run_records(walk, node, &seqs, &count));
    for (size_t i = 0; i < count && !walk->full; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&walk->reader, seqs[i], &record));
        ML_TRY(look_back(walk, node, record, &origin));
    }
    if (!origin.is_confirmed)
        ML_TRY(add_inferred(walk, node, &origin));
    const char *label = walk_at(walk, node)->node.label;
    if (!origin.has_data) {
        walk_flag(walk, node, ML_NODE_MISSING);
        ML_TRY(WALK_UNKNOWN(walk, "no dataset is recorded for %s", label));
    }
    if (!origin.has_code) {
        walk_flag(walk, node, ML_NODE_MISSING);
        ML_TRY(WALK_UNKNOWN(walk, "no code commit is recorded for %s", label));
    }
    return MLEDGER_OK;
}

static int registered_from(struct walk *walk, size_t run, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&walk->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED)
        return MLEDGER_OK;
    const Mledger__VersionRegistered *registered = record->event->version_registered;
    const char *name = walk_at(walk, run)->name;
    if (!registered->run_id || !name || strcmp(registered->run_id, name) != 0)
        return MLEDGER_OK; /* it refers to the run in another way */
    size_t node;
    ML_TRY(walk_version(walk, registered->model, registered->version, &node));
    ML_TRY(walk_edge(walk, run, node, ML_ROLE_REGISTERED_FROM, ML_EDGE_RECORDED, seq));
    return walk_queue(walk, node, WALK_DOWN, run);
}

static int registered_under(struct walk *walk, size_t run, const struct ml_state_key *prefix)
{
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(&walk->reader, prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count && !walk->full; i++)
        ML_TRY(registered_from(walk, run, seqs[i]));
    return MLEDGER_OK;
}

/* Is there a record other than `seq` that names the content? */
static int is_named_elsewhere(struct walk *walk, const Mledger__Artifact *artifact, uint64_t seq,
                              bool *ret_named)
{
    *ret_named = false;
    for (size_t i = 0; i < artifact->n_digests && !*ret_named; i++)
        for (int out = 0; out < 2; out++) {
            const Mledger__Digest *digest = artifact->digests[i];
            struct ml_state_key prefix = ml_index_digest_prefix(
                digest->algorithm, ML_SPAN(digest->value.data, digest->value.len), out);
            uint64_t *seqs;
            size_t count;
            bool more;
            if (ml_digest_is_empty(digest))
                continue;
            ML_TRY(ml_reader_seqs(&walk->reader, &prefix, 2, &seqs, &count, &more));
            *ret_named = *ret_named || count > 1 || (count == 1 && seqs[0] != seq);
        }
    return MLEDGER_OK;
}

/* Of a run's outputs those that others speak of: a run may have thousands of pictures and logs. */
static int add_output(struct walk *walk, size_t run, const Mledger__Artifact *artifact,
                      uint64_t seq)
{
    bool named;
    ML_TRY(is_named_elsewhere(walk, artifact, seq, &named));
    if (!named)
        return MLEDGER_OK;
    size_t node;
    ML_TRY(walk_artifact(walk, artifact, seq, &node));
    walk_at(walk, node)->has_maker = true;
    ML_TRY(walk_edge(walk, run, node, ML_ROLE_GENERATED, ML_EDGE_RECORDED, seq));
    return walk_queue(walk, node, WALK_DOWN, run);
}

static int add_model(struct walk *walk, size_t run, uint64_t model, uint64_t seq)
{
    size_t node;
    ML_TRY(walk_made_model(walk, run, model, seq, &node));
    return walk_queue(walk, node, WALK_DOWN, run);
}

/* The logged models that it made. */
static int add_models(struct walk *walk, size_t run, const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    const uint64_t seq = record->header->seq;
    if (event->kind_case == MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED)
        return add_model(walk, run, seq, seq);
    if (event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED)
        return MLEDGER_OK;
    for (size_t i = 0; i < event->run_logged->n_models && !walk->full; i++)
        ML_TRY(add_model(walk, run, event->run_logged->models[i]->logged_model, seq));
    return MLEDGER_OK;
}

static int look_ahead(struct walk *walk, size_t run, const struct ml_record *record)
{
    ML_TRY(add_models(walk, run, record));
    const struct ml_files files = ml_files_of(record->event);
    for (size_t i = 0; i < files.count && !walk->full; i++)
        ML_TRY(add_output(walk, run, files.list[i], record->header->seq));
    return MLEDGER_OK;
}

int walk_run_down(struct walk *walk, size_t node)
{
    const struct walk_node at = *walk_at(walk, node);
    struct ml_state_key prefix;
    ML_TRY(ml_index_run_id_prefix(at.name, &prefix));
    ML_TRY(registered_under(walk, node, &prefix));
    if (at.subject == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    prefix = ml_index_reference_prefix(at.subject);
    ML_TRY(registered_under(walk, node, &prefix));
    uint64_t *seqs;
    size_t count;
    ML_TRY(run_records(walk, node, &seqs, &count));
    for (size_t i = 0; i < count && !walk->full; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&walk->reader, seqs[i], &record));
        ML_TRY(look_ahead(walk, node, record));
    }
    return MLEDGER_OK;
}
