/* SPDX-License-Identifier: Apache-2.0 */
/* Logged models: the run that made them, the versions that were registered from them. */
#include "ledger/query/walk.h"

#include <inttypes.h>

static int describe(struct walk *walk, size_t node, const struct ml_record *record)
{
    const Mledger__LoggedModelCreated *created = record->event->logged_model_created;
    bool deleted;
    walk_at(walk, node)->subject = record->header->seq;
    walk_at(walk, node)->name = walk_copy(walk, created->model_id);
    ML_TRY(walk_attribute(walk, node, "name", created->name));
    ML_TRY(walk_attribute(walk, node, "type", created->model_type));
    ML_TRY(ml_reader_deleted(&walk->reader, record->header->seq, &deleted));
    if (deleted)
        walk_flag(walk, node, ML_NODE_DELETED);
    ML_TRY(walk_erasure(walk, node, record));
    return walk_author(walk, record, node);
}

int walk_logged_model(struct walk *walk, uint64_t seq, size_t *ret_node)
{
    const struct ml_record *record;
    bool is_new;
    ML_TRY(ml_reader_record(&walk->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it creates no logged model");
    const char *id = record->event->logged_model_created->model_id;
    ML_TRY(walk_node(walk, ML_NODE_LOGGED_MODEL, walk_text(walk, "logged_model:%s", id),
                     walk_text(walk, "logged model %s", id), seq, ret_node, &is_new));
    return is_new ? describe(walk, *ret_node, record) : MLEDGER_OK;
}

int walk_made_model(struct walk *walk, size_t run, uint64_t model, uint64_t seq, size_t *ret_node)
{
    ML_TRY(walk_logged_model(walk, model, ret_node));
    return walk_edge(walk, run, *ret_node, ML_ROLE_GENERATED, ML_EDGE_RECORDED, seq);
}

/* ---- up ---- */

static int made_by(struct walk *walk, size_t model, uint64_t run, const char *id, uint64_t seq)
{
    size_t node;
    ML_TRY(walk_run(walk, run, id, seq, &node));
    ML_TRY(walk_edge(walk, node, model, ML_ROLE_GENERATED, ML_EDGE_RECORDED, seq));
    return walk_queue(walk, node, WALK_UP, model);
}

/* A run that was recorded after the model is the run that it named by its id. */
static int made_by_named(struct walk *walk, size_t model, const char *id, uint64_t seq)
{
    uint64_t run;
    const int result = ml_reader_find(&walk->reader, MLEDGER__SUBJECT_KIND__RUN, id, &run);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    return made_by(walk, model, result == MLEDGER_OK ? run : MLEDGER_NO_SEQ, id, seq);
}

/* What one of its records says of where it came from. */
static int look_back(struct walk *walk, size_t model, const struct ml_record *record, bool *has_run)
{
    const Mledger__Event *event = record->event;
    const uint64_t subject = walk_at(walk, model)->subject, seq = record->header->seq;
    if (event->kind_case == MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED) {
        const Mledger__LoggedModelCreated *created = event->logged_model_created;
        *has_run = *has_run || created->has_run || created->run_id;
        if (created->has_run)
            return made_by(walk, model, created->run, NULL, seq);
        return created->run_id ? made_by_named(walk, model, created->run_id, seq) : MLEDGER_OK;
    }
    if (event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED)
        return MLEDGER_OK;
    for (size_t i = 0; i < event->run_logged->n_models; i++) {
        if (event->run_logged->models[i]->logged_model != subject)
            continue;
        *has_run = true;
        ML_TRY(made_by(walk, model, event->run_logged->run, NULL, seq));
    }
    return MLEDGER_OK;
}

static int each_file(struct walk *walk, size_t model, const struct ml_record *record,
                     int (*join)(struct walk *walk, size_t node, const Mledger__Digest *digest))
{
    if (record->event->kind_case != MLEDGER__EVENT__KIND_ARTIFACT_RECORDED)
        return MLEDGER_OK;
    const Mledger__ArtifactRecorded *recorded = record->event->artifact_recorded;
    for (size_t i = 0; i < recorded->n_artifacts && !walk->full; i++)
        for (size_t k = 0; k < recorded->artifacts[i]->n_digests; k++)
            ML_TRY(join(walk, model, recorded->artifacts[i]->digests[k]));
    return MLEDGER_OK;
}

static int records_of(struct walk *walk, size_t node, uint64_t **ret_seqs, size_t *ret_count)
{
    const struct ml_state_key prefix = ml_index_subject_prefix(walk_at(walk, node)->subject);
    bool more;
    return ml_reader_seqs(&walk->reader, &prefix, SIZE_MAX, ret_seqs, ret_count, &more);
}

int walk_logged_model_up(struct walk *walk, size_t node)
{
    uint64_t *seqs;
    size_t count;
    bool has_run = false;
    ML_TRY(records_of(walk, node, &seqs, &count));
    for (size_t i = 0; i < count && !walk->full; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&walk->reader, seqs[i], &record));
        ML_TRY(look_back(walk, node, record, &has_run));
    }
    if (has_run)
        return MLEDGER_OK;
    walk_flag(walk, node, ML_NODE_MISSING);
    return WALK_UNKNOWN(walk, "no run is recorded for %s", walk_at(walk, node)->node.label);
}

/* ---- down ---- */

static int registered_as(struct walk *walk, size_t model, const struct ml_record *record)
{
    const Mledger__VersionRegistered *registered = record->event->version_registered;
    size_t node;
    if (!registered->has_logged_model_ref ||
        registered->logged_model_ref != walk_at(walk, model)->subject)
        return MLEDGER_OK;
    ML_TRY(walk_version(walk, registered->model, registered->version, &node));
    ML_TRY(
        walk_edge(walk, model, node, ML_ROLE_DERIVED_FROM, ML_EDGE_RECORDED, record->header->seq));
    return walk_queue(walk, node, WALK_DOWN, model);
}

static int read_by(struct walk *walk, size_t model, const struct ml_record *record)
{
    const Mledger__RunLogged *logged = record->event->run_logged;
    for (size_t i = 0; i < logged->n_inputs; i++) {
        size_t run, input;
        if (!logged->inputs[i]->has_logged_model_ref ||
            logged->inputs[i]->logged_model_ref != walk_at(walk, model)->subject)
            continue;
        ML_TRY(walk_run(walk, logged->run, NULL, record->header->seq, &run));
        ML_TRY(walk_run_input(walk, run, logged->inputs[i], record->header->seq, &input));
        ML_TRY(walk_queue(walk, run, WALK_DOWN, model));
    }
    return MLEDGER_OK;
}

static int look_ahead(struct walk *walk, size_t model, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&walk->reader, seq, &record));
    switch (record->event->kind_case) {
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return registered_as(walk, model, record);
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return read_by(walk, model, record);
    default:
        return MLEDGER_OK;
    }
}

int walk_logged_model_down(struct walk *walk, size_t node)
{
    const struct ml_state_key prefix = ml_index_reference_prefix(walk_at(walk, node)->subject);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(&walk->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count && !walk->full; i++)
        ML_TRY(look_ahead(walk, node, seqs[i]));
    ML_TRY(records_of(walk, node, &seqs, &count));
    for (size_t i = 0; i < count && !walk->full; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&walk->reader, seqs[i], &record));
        ML_TRY(each_file(walk, node, record, walk_join_down));
    }
    return MLEDGER_OK;
}
