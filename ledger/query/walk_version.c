/* SPDX-License-Identifier: Apache-2.0 */
/* Model versions: what they were made from, and what was decided and done about them. */
#include "ledger/query/walk.h"

#include <inttypes.h>

#include "ledger/query/version_past.h"

static int describe(struct walk *walk, size_t node, const struct ml_version_past *past)
{
    ML_TRY(walk_attribute(walk, node, "stage", past->stage));
    for (size_t i = 0; i < past->n_aliases; i++)
        ML_TRY(walk_attribute(walk, node, "alias", past->aliases[i]));
    ML_TRY(walk_attribute(walk, node, "source", past->registered->source));
    if (past->deleted_seq == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    walk_flag(walk, node, ML_NODE_DELETED);
    return walk_attribute(walk, node, "deleted by",
                          walk_text(walk, "#%" PRIu64, past->deleted_seq));
}

/* A rename changes what it is called, not what it is: the name is today's. */
static int new_version(struct walk *walk, const char *model, const struct ml_version_past *past,
                       size_t *ret_node)
{
    ML_TRY(walk_node(walk, ML_NODE_VERSION,
                     walk_text(walk, "version:%s/%" PRIu64, model, past->version),
                     walk_text(walk, "%s/%" PRIu64, model, past->version), past->registered_seq,
                     ret_node, NULL));
    struct walk_node *at = walk_at(walk, *ret_node);
    at->subject = past->model;
    at->version = past->version;
    return describe(walk, *ret_node, past);
}

/* Another model of the same name, deleted since, has versions of the same id: they need another. */
static int model_name(struct walk *walk, uint64_t model, const char **ret_name)
{
    const Mledger__SubjectState *state;
    ML_TRY(ml_reader_subject(&walk->reader, model, &state));
    if (!state)
        return MLEDGER_ENOTFOUND;
    uint64_t bearer;
    int result = ml_reader_find(&walk->reader, MLEDGER__SUBJECT_KIND__MODEL, state->name, &bearer);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    *ret_name = result == MLEDGER_OK && bearer == model
                    ? state->name
                    : walk_text(walk, "%s(#%" PRIu64 ")", state->name, model);
    return *ret_name ? MLEDGER_OK : walk_check(walk);
}

static const char *key_of(struct walk *walk, uint64_t model, uint64_t version)
{
    return walk_text(walk, "=version %" PRIu64 " %" PRIu64, model, version);
}

int walk_version(struct walk *walk, uint64_t model, uint64_t version, size_t *ret_node)
{
    const char *key = key_of(walk, model, version);
    ML_TRY(walk_check(walk));
    if (walk_find(walk, key, ret_node) == MLEDGER_OK)
        return MLEDGER_OK;
    const char *name;
    struct ml_version_past past;
    ML_TRY(model_name(walk, model, &name));
    ML_TRY(ml_version_past(&walk->reader, model, version, &past));
    ML_TRY(new_version(walk, name, &past, ret_node));
    ML_TRY(walk_alias(walk, key, *ret_node));
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&walk->reader, past.registered_seq, &record));
    for (size_t i = 0; i < past.registered->n_artifacts; i++)
        ML_TRY(walk_digests(walk, *ret_node, past.registered->artifacts[i]->digests,
                            past.registered->artifacts[i]->n_digests));
    ML_TRY(walk_erasure(walk, *ret_node, record));
    return walk_author(walk, record, *ret_node);
}

static const Mledger__VersionRegistered *registration(struct walk *walk, size_t node,
                                                      uint64_t *ret_seq)
{
    const struct ml_record *record;
    *ret_seq = walk_at(walk, node)->node.seq;
    if (ml_reader_record(&walk->reader, *ret_seq, &record) < 0)
        return NULL;
    return record->event->version_registered;
}

static int validated(struct walk *walk, size_t version, const struct ml_record *record)
{
    const Mledger__ValidationRecorded *validation = record->event->validation_recorded;
    uint64_t seq = record->header->seq;
    const char *outcome = validation->outcome == MLEDGER__OUTCOME__PASSED ? "passed" : "not passed";
    size_t node, input;
    ML_TRY(walk_node(walk, ML_NODE_VALIDATION, walk_text(walk, "validation:%" PRIu64, seq),
                     walk_text(walk, "validation%s%s: %s", validation->name ? " " : "",
                               validation->name ? validation->name : "", outcome),
                     seq, &node, NULL));
    ML_TRY(walk_edge(walk, version, node, ML_ROLE_VALIDATED_BY, ML_EDGE_RECORDED, seq));
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(&walk->reader, record, &details));
    for (size_t i = 0; i < validation->n_checks; i++) {
        const Mledger__Check *check = validation->checks[i];
        const char *result = check->outcome == MLEDGER__OUTCOME__PASSED ? "passed" : "not passed";
        bool known = details && i < details->n_check_values;
        ML_TRY(walk_attribute(walk, node, check->name,
                              known ? walk_text(walk, "%s (%s)", details->check_values[i], result)
                                    : result));
    }
    for (size_t i = 0; i < validation->n_inputs; i++) {
        const Mledger__ValidationRecorded__Input *in = validation->inputs[i];
        ML_TRY(walk_input(walk, in->name, in->has_dataset_ref ? &in->dataset_ref : NULL,
                          in->digests, in->n_digests, seq, &input));
        ML_TRY(walk_edge(walk, input, node, ML_ROLE_USED, ML_EDGE_RECORDED, seq));
    }
    ML_TRY(walk_erasure(walk, node, record));
    return walk_author(walk, record, node);
}

/* Whoever states it with a key of their own. */
static int approvers(struct walk *walk, size_t node, const struct ml_record *record)
{
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    for (size_t i = 0; i < count; i++) {
        if (record->statements[i]->meaning != MLEDGER__MEANING__APPROVED &&
            record->statements[i]->meaning != MLEDGER__MEANING__REVIEWED)
            continue;
        Mledger__KeyState *key;
        int result = ml_state_key_entry(walk->reader.view->state,
                                        record->signed_statements->statements[i]->key.data,
                                        &walk->reader.arena, &key);
        if (result == MLEDGER_ENOTFOUND)
            continue;
        ML_TRY(result);
        ML_TRY(walk_agent(walk, key->actor, node, record->header->seq));
    }
    return MLEDGER_OK;
}

static int approved(struct walk *walk, size_t version, const struct ml_record *record)
{
    const Mledger__ApprovalRecorded *approval = record->event->approval_recorded;
    static const char *const words[] = {"decision", "approval", "rejection", "approval withdrawn"};
    uint64_t seq = record->header->seq;
    size_t node;
    ML_TRY(walk_node(
        walk, ML_NODE_APPROVAL, walk_text(walk, "approval:%" PRIu64, seq),
        walk_text(walk, "%s for %s", words[(size_t)approval->decision % 4], approval->stage), seq,
        &node, NULL));
    ML_TRY(walk_edge(walk, version, node, ML_ROLE_APPROVED_BY, ML_EDGE_RECORDED, seq));
    if (record->details)
        ML_TRY(walk_attribute(walk, node, "reason", record->details->reason));
    ML_TRY(walk_erasure(walk, node, record));
    return approvers(walk, node, record);
}

static int moved(struct walk *walk, size_t version, const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    bool imported = event->kind_case == MLEDGER__EVENT__KIND_STAGE_IMPORTED;
    uint64_t seq = record->header->seq;
    const char *label = imported ? walk_text(walk, "found in %s", event->stage_imported->stage)
                                 : walk_text(walk, "%s → %s", event->stage_transitioned->from_stage,
                                             event->stage_transitioned->to_stage);
    size_t node;
    ML_TRY(walk_node(walk, ML_NODE_TRANSITION, walk_text(walk, "transition:%" PRIu64, seq), label,
                     seq, &node, NULL));
    ML_TRY(walk_edge(walk, version, node, ML_ROLE_TRANSITIONED_BY, ML_EDGE_RECORDED, seq));
    if (record->details)
        ML_TRY(walk_attribute(walk, node, "reason", record->details->reason));
    ML_TRY(walk_erasure(walk, node, record));
    return imported ? MLEDGER_OK : walk_author(walk, record, node);
}

static int deployed(struct walk *walk, size_t version, const struct ml_record *record)
{
    const Mledger__DeploymentRecorded *deployment = record->event->deployment_recorded;
    const struct walk_node at = *walk_at(walk, version);
    uint64_t seq = record->header->seq;
    size_t node;
    ML_TRY(walk_node(walk, ML_NODE_DEPLOYMENT, walk_text(walk, "deployment:%" PRIu64, seq),
                     walk_text(walk, "deployed to %s", deployment->endpoint), seq, &node, NULL));
    ML_TRY(walk_attribute(walk, node, "environment", deployment->environment));
    for (size_t i = 0; i < deployment->n_targets; i++) {
        const Mledger__DeploymentTarget *target = deployment->targets[i];
        if (target->model == at.subject && target->version == at.version)
            ML_TRY(walk_attribute(walk, node, at.node.label,
                                  walk_text(walk, "%" PRIu32 " ppm", target->share_ppm)));
    }
    ML_TRY(walk_edge(walk, version, node, ML_ROLE_DEPLOYED, ML_EDGE_RECORDED, seq));
    ML_TRY(walk_erasure(walk, node, record));
    return walk_author(walk, record, node);
}

static int concerned(struct walk *walk, size_t version, const struct ml_record *record)
{
    const Mledger__IncidentRecorded *incident = record->event->incident_recorded;
    uint64_t seq = record->header->seq;
    size_t node;
    ML_TRY(walk_node(walk, ML_NODE_INCIDENT, walk_text(walk, "incident:%" PRIu64, seq),
                     walk_text(walk, "incident %s", incident->incident_id), seq, &node, NULL));
    ML_TRY(walk_attribute(walk, node, "severity", incident->severity));
    ML_TRY(walk_erasure(walk, node, record));
    return walk_edge(walk, version, node, ML_ROLE_CONCERNED_BY, ML_EDGE_RECORDED, seq);
}

static int governed(struct walk *walk, size_t version, const struct ml_record *record)
{
    switch (record->event->kind_case) {
    case MLEDGER__EVENT__KIND_VALIDATION_RECORDED:
        return validated(walk, version, record);
    case MLEDGER__EVENT__KIND_APPROVAL_RECORDED:
        return approved(walk, version, record);
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        return moved(walk, version, record);
    case MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED:
        return deployed(walk, version, record);
    case MLEDGER__EVENT__KIND_INCIDENT_RECORDED:
        return concerned(walk, version, record);
    default:
        return MLEDGER_OK;
    }
}

/* What was made from this version: runs that read it, versions that name it as their base. */
static int made_from(struct walk *walk, size_t version, const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    const struct walk_node at = *walk_at(walk, version);
    uint64_t seq = record->header->seq;
    size_t node, input;
    if (event->kind_case == MLEDGER__EVENT__KIND_RUN_LOGGED) {
        ML_TRY(walk_run(walk, event->run_logged->run, NULL, seq, &node));
        for (size_t i = 0; i < event->run_logged->n_inputs; i++) {
            const Mledger__Input *in = event->run_logged->inputs[i];
            if (in->has_model_ref && in->model_ref == at.subject && in->version == at.version)
                ML_TRY(walk_run_input(walk, node, in, seq, &input));
        }
        return walk_queue(walk, node, WALK_DOWN, version);
    }
    if (event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED || seq == at.node.seq)
        return MLEDGER_OK;
    ML_TRY(walk_version(walk, event->version_registered->model, event->version_registered->version,
                        &node));
    ML_TRY(walk_edge(walk, version, node, ML_ROLE_DERIVED_FROM, ML_EDGE_RECORDED, seq));
    return walk_queue(walk, node, WALK_DOWN, version);
}

static int each_record(struct walk *walk, size_t node, bool down)
{
    const struct walk_node at = *walk_at(walk, node);
    struct ml_state_key prefix = ml_index_version_prefix(at.subject, at.version);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(&walk->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count && !walk->full; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&walk->reader, seqs[i], &record));
        ML_TRY(governed(walk, node, record));
        if (down)
            ML_TRY(made_from(walk, node, record));
    }
    return MLEDGER_OK;
}

static int based_on(struct walk *walk, size_t version, const Mledger__BaseModel *base, uint64_t seq)
{
    size_t node;
    if (base->has_model_ref)
        ML_TRY(walk_version(walk, base->model_ref, base->version, &node));
    else if (base->n_digests)
        ML_TRY(walk_file(walk, base->digests, base->n_digests, base->uri, seq, &node));
    else
        ML_TRY(walk_source(walk, base->uri ? base->uri : "unnamed base model", seq, &node));
    ML_TRY(walk_edge(walk, node, version, ML_ROLE_DERIVED_FROM, ML_EDGE_RECORDED, seq));
    if (!base->has_model_ref)
        ML_TRY(WALK_UNKNOWN(walk, "base model '%s' of %s is not in the ledger",
                            base->uri ? base->uri : "(no name)",
                            walk_at(walk, version)->node.label));
    return walk_queue(walk, node, WALK_UP, version);
}

/* A run that was recorded after the registration is the run that it named by its id. */
static int trained_by(struct walk *walk, size_t version,
                      const Mledger__VersionRegistered *registered, uint64_t seq)
{
    uint64_t run = registered->run_ref;
    if (!registered->has_run_ref && !registered->run_id) {
        walk_flag(walk, version, ML_NODE_MISSING);
        return WALK_UNKNOWN(walk, "no run is recorded for %s", walk_at(walk, version)->node.label);
    }
    if (!registered->has_run_ref) {
        int result =
            ml_reader_find(&walk->reader, MLEDGER__SUBJECT_KIND__RUN, registered->run_id, &run);
        if (result < 0 && result != MLEDGER_ENOTFOUND)
            return result;
        if (result == MLEDGER_ENOTFOUND)
            run = MLEDGER_NO_SEQ;
    }
    size_t node;
    ML_TRY(walk_run(walk, run, registered->run_id, seq, &node));
    ML_TRY(walk_edge(walk, node, version, ML_ROLE_REGISTERED_FROM, ML_EDGE_RECORDED, seq));
    return walk_queue(walk, node, WALK_UP, version);
}

static int logged_as(struct walk *walk, size_t version,
                     const Mledger__VersionRegistered *registered, uint64_t seq)
{
    size_t node;
    if (!registered->has_logged_model_ref)
        return MLEDGER_OK;
    ML_TRY(walk_logged_model(walk, registered->logged_model_ref, &node));
    ML_TRY(walk_edge(walk, node, version, ML_ROLE_DERIVED_FROM, ML_EDGE_RECORDED, seq));
    return walk_queue(walk, node, WALK_UP, version);
}

/* A version is as many contents as it has files. */
static int
join_artifacts(struct walk *walk, size_t node, const Mledger__VersionRegistered *registered,
               int (*join)(struct walk *walk, size_t node, const Mledger__Digest *digest))
{
    for (size_t i = 0; i < registered->n_artifacts && !walk->full; i++)
        for (size_t k = 0; k < registered->artifacts[i]->n_digests; k++)
            ML_TRY(join(walk, node, registered->artifacts[i]->digests[k]));
    return MLEDGER_OK;
}

int walk_version_up(struct walk *walk, size_t node)
{
    uint64_t seq;
    const Mledger__VersionRegistered *registered = registration(walk, node, &seq);
    if (!registered)
        return mledger_error_code();
    ML_TRY(trained_by(walk, node, registered, seq));
    ML_TRY(logged_as(walk, node, registered, seq));
    for (size_t i = 0; i < registered->n_base_models; i++)
        ML_TRY(based_on(walk, node, registered->base_models[i], seq));
    for (size_t i = 0; i < registered->n_artifacts; i++)
        for (size_t k = 0; k < registered->artifacts[i]->n_derived_from; k++) {
            size_t from;
            ML_TRY(
                walk_file(walk, &registered->artifacts[i]->derived_from[k], 1, NULL, seq, &from));
            ML_TRY(walk_edge(walk, from, node, ML_ROLE_DERIVED_FROM, ML_EDGE_RECORDED, seq));
            ML_TRY(walk_queue(walk, from, WALK_UP, node));
        }
    ML_TRY(each_record(walk, node, false));
    return join_artifacts(walk, node, registered, walk_join_up);
}

int walk_version_down(struct walk *walk, size_t node)
{
    uint64_t seq;
    const Mledger__VersionRegistered *registered = registration(walk, node, &seq);
    if (!registered)
        return mledger_error_code();
    ML_TRY(each_record(walk, node, true));
    return join_artifacts(walk, node, registered, walk_join_down);
}
