/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/dossier.h"

#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/query/interval_choice.h"
#include "ledger/query/version_run.h"

/* ---- the version's own records ---- */

static int take_text(struct ml_dossier *dossier, const struct ml_record *record,
                     struct ml_dossier_text *text)
{
    uint64_t erased_by = MLEDGER_NO_SEQ;
    const char *description = record->details ? record->details->description : NULL;
    if (record->details_erased)
        ML_TRY(ml_reader_erased_by(&dossier->reader, record->header->seq, &erased_by));
    if (description || record->details_erased)
        *text = (struct ml_dossier_text){description, record->header->seq, erased_by};
    return MLEDGER_OK;
}

static void drop_tag(struct ml_dossier *dossier, const char *key)
{
    size_t kept = 0;
    for (size_t i = 0; i < dossier->n_tags; i++)
        if (strcmp(dossier->tags[i].key, key) != 0)
            dossier->tags[kept++] = dossier->tags[i];
    dossier->n_tags = kept;
}

static int put_tags(struct ml_dossier *dossier, char *const *keys, size_t count,
                    const struct ml_record *record)
{
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(&dossier->reader, record, &details));
    for (size_t i = 0; i < count; i++) {
        drop_tag(dossier, keys[i]);
        ML_TRY(ml_grow(&dossier->tags, &dossier->cap_tags, dossier->n_tags + 1,
                       sizeof *dossier->tags));
        dossier->tags[dossier->n_tags++] = (struct ml_dossier_tag){
            keys[i], details && i < details->n_tag_values ? details->tag_values[i] : NULL,
            record->header->seq};
    }
    return MLEDGER_OK;
}

static int take_version_record(struct ml_dossier *dossier, const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        if (record->header->seq != dossier->past.registered_seq)
            return MLEDGER_OK;
        dossier->registered = record;
        ML_TRY(put_tags(dossier, event->version_registered->tags, event->version_registered->n_tags,
                        record));
        return take_text(dossier, record, &dossier->description);
    case MLEDGER__EVENT__KIND_VERSION_UPDATED:
        return take_text(dossier, record, &dossier->description);
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return put_tags(dossier, event->tags_set->tags, event->tags_set->n_tags, record);
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        for (size_t i = 0; i < event->tags_deleted->n_tags; i++)
            drop_tag(dossier, event->tags_deleted->tags[i]);
        return MLEDGER_OK;
    default:
        return MLEDGER_OK;
    }
}

/* Runs and other versions that read this one, or were made from it, are no part of its history. */
static bool is_of_another(const struct ml_dossier *dossier, const struct ml_record *record)
{
    const Mledger__Event *event = record->event;
    return event->kind_case == MLEDGER__EVENT__KIND_RUN_LOGGED ||
           (event->kind_case == MLEDGER__EVENT__KIND_VERSION_REGISTERED &&
            record->header->seq != dossier->past.registered_seq);
}

static bool is_of_model(const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
    case MLEDGER__EVENT__KIND_MODEL_UPDATED:
    case MLEDGER__EVENT__KIND_MODEL_RENAMED:
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
        return true;
    default:
        return false;
    }
}

static int seqs_of(struct ml_dossier *dossier, struct ml_state_key prefix, uint64_t **ret_seqs,
                   size_t *ret_count)
{
    bool more;
    return ml_reader_seqs(&dossier->reader, &prefix, SIZE_MAX, ret_seqs, ret_count, &more);
}

/* ---- the model's records: what it is, who was in Production before ---- */

struct model_walk {
    struct ml_dossier *dossier;
    uint64_t newest;   /* other version that entered Production; 0: none */
    bool entered;      /* this version did */
    uint64_t previous; /* `newest` when it did last */
};

static bool enters_production(const Mledger__Event *event, uint64_t *ret_version)
{
    const char *stage = NULL;
    if (event->kind_case == MLEDGER__EVENT__KIND_STAGE_TRANSITIONED) {
        stage = event->stage_transitioned->to_stage;
        *ret_version = event->stage_transitioned->version;
    } else if (event->kind_case == MLEDGER__EVENT__KIND_STAGE_IMPORTED) {
        stage = event->stage_imported->stage;
        *ret_version = event->stage_imported->version;
    }
    return stage && strcmp(stage, ML_DOSSIER_PRODUCTION) == 0;
}

static void look_at_stage(struct model_walk *walk, const struct ml_record *record)
{
    uint64_t version;
    if (!enters_production(record->event, &version))
        return;
    if (version != walk->dossier->past.version) {
        walk->newest = version;
        return;
    }
    walk->entered = true;
    walk->previous = walk->newest;
}

static int look_at_model(struct model_walk *walk, const struct ml_record *record)
{
    struct ml_dossier *dossier = walk->dossier;
    const Mledger__Event *event = record->event;
    if (event->kind_case == MLEDGER__EVENT__KIND_MODEL_CREATED)
        dossier->created = record;
    if (event->kind_case == MLEDGER__EVENT__KIND_MODEL_CREATED ||
        event->kind_case == MLEDGER__EVENT__KIND_MODEL_UPDATED)
        ML_TRY(take_text(dossier, record, &dossier->model_description));
    look_at_stage(walk, record);
    return MLEDGER_OK;
}

/* The version's records and the model's, each once: both lists ascend. */
static int take_history(struct ml_dossier *dossier)
{
    uint64_t *own, *model;
    size_t n_own, n_model, at = 0;
    struct model_walk walk = {.dossier = dossier};
    ML_TRY(seqs_of(dossier, ml_index_version_prefix(dossier->past.model, dossier->past.version),
                   &own, &n_own));
    ML_TRY(seqs_of(dossier, ml_index_subject_prefix(dossier->past.model), &model, &n_model));
    dossier->history =
        ml_arena_calloc(&dossier->reader.arena, n_own + n_model + 1, sizeof *dossier->history);
    if (!dossier->history)
        return ml_arena_fail(&dossier->reader.arena, "a version's history");
    for (size_t i = 0; i < n_own || at < n_model;) {
        bool is_own = i < n_own && (at == n_model || own[i] <= model[at]);
        bool is_both = is_own && at < n_model && own[i] == model[at];
        uint64_t seq = is_own ? own[i] : model[at];
        const struct ml_record *record;
        i += is_own;
        at += !is_own || is_both;
        ML_TRY(ml_reader_record(&dossier->reader, seq, &record));
        if (!is_own || is_both)
            ML_TRY(look_at_model(&walk, record));
        if (is_own)
            ML_TRY(take_version_record(dossier, record));
        if (is_own ? !is_of_another(dossier, record) : is_of_model(record->event))
            dossier->history[dossier->n_history++] = record;
    }
    uint64_t previous = walk.entered ? walk.previous : walk.newest;
    if (previous == 0)
        return MLEDGER_OK;
    dossier->has_previous = true;
    return ml_version_past(&dossier->reader, dossier->past.model, previous, &dossier->previous);
}

/* ---- the run ---- */

static int take_run(struct ml_dossier *dossier)
{
    const struct ml_run_past *run;
    dossier->run_id = dossier->past.registered->run_id;
    ML_TRY(ml_version_run(&dossier->reader, dossier->past.registered, &run));
    if (!run)
        return MLEDGER_OK;
    dossier->has_run = true;
    dossier->run = *run;
    dossier->run_id = run->id;
    return MLEDGER_OK;
}

/* ---- policies ---- */

/* The policy of the stage that was in force for record `seq`, so set before it. */
static int read_policy(struct ml_dossier *dossier, uint64_t seq, struct ml_dossier_policy *policy)
{
    struct ml_state_key prefix;
    const struct ml_record *record;
    policy->seq = MLEDGER_NO_SEQ;
    ML_TRY(ml_index_policy_prefix(policy->stage, &prefix));
    int result = ml_view_index_last(dossier->reader.view, &prefix, seq, &policy->seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(ml_reader_record(&dossier->reader, policy->seq, &record));
    const Mledger__PolicySet *set = record->event->policy_set;
    if (record->event->kind_case == MLEDGER__EVENT__KIND_POLICY_SET && set->n_requirements > 0 &&
        strcmp(set->stage, policy->stage) == 0)
        policy->policy = set;
    return MLEDGER_OK;
}

static int take_policy(struct ml_dossier *dossier, const char *stage, uint64_t entered_seq)
{
    struct ml_dossier_policy policy = {.stage = stage, .entered_seq = entered_seq};
    ML_TRY(read_policy(dossier, entered_seq == MLEDGER_NO_SEQ ? dossier->reader.as_of : entered_seq,
                       &policy));
    if (!policy.policy && policy.seq == MLEDGER_NO_SEQ && entered_seq == MLEDGER_NO_SEQ)
        return MLEDGER_OK; /* a stage that never had one */
    ML_TRY(ml_grow(&dossier->policies, &dossier->cap_policies, dossier->n_policies + 1,
                   sizeof *dossier->policies));
    dossier->policies[dossier->n_policies++] = policy;
    return MLEDGER_OK;
}

/* What an import found in a stage met no policy; and "None" is where every version begins. */
static int take_policies(struct ml_dossier *dossier)
{
    const struct ml_version_past *past = &dossier->past;
    for (size_t i = 0; i < past->n_intervals; i++)
        if (!past->intervals[i].imported && past->intervals[i].from_seq != past->registered_seq)
            ML_TRY(take_policy(dossier, past->intervals[i].stage, past->intervals[i].from_seq));
    ML_TRY(take_policy(dossier, ML_DOSSIER_PRODUCTION, MLEDGER_NO_SEQ));
    return strcmp(past->stage, ML_DOSSIER_PRODUCTION) == 0
               ? MLEDGER_OK
               : take_policy(dossier, past->stage, MLEDGER_NO_SEQ);
}

/* ---- all of it ---- */

static int take_lineage(struct ml_dossier *dossier)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    const struct ml_target target = {
        .kind = ML_TARGET_VERSION, .seq = dossier->past.model, .version = dossier->past.version};
    options.as_of = dossier->reader.as_of;
    return ml_lineage_of(dossier->reader.view, &target, &options, &dossier->graph);
}

static int take_places(struct ml_dossier *dossier)
{
    const struct ml_interval_choice choice = {.model = dossier->past.model,
                                              .name = dossier->model_name,
                                              .version = dossier->past.version};
    return ml_intervals_collect(&dossier->reader, &choice, ML_READING_RECORDED,
                                &dossier->intervals);
}

static int take_difference(struct ml_dossier *dossier)
{
    const struct ml_target after = {
        .kind = ML_TARGET_VERSION, .seq = dossier->past.model, .version = dossier->past.version};
    struct ml_target before = after;
    if (!dossier->has_previous)
        return MLEDGER_OK;
    before.version = dossier->previous.version;
    return ml_difference_read(&dossier->reader, &before, &after, &dossier->basis,
                              &dossier->difference);
}

/* By the time of the newest record, so that the same records give the same exceptions. */
static int take_exceptions(struct ml_dossier *dossier)
{
    struct ml_exceptions_options options = {.as_of = dossier->reader.as_of,
                                            .as_of_us = dossier->as_of_us,
                                            .model = dossier->past.model};
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        options.wanted[i] = !ml_exception_checks[i]->asked;
    return ml_exceptions(dossier->reader.view, &options, &dossier->basis, &dossier->exceptions);
}

static int take_moment(struct ml_dossier *dossier)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&dossier->reader, dossier->reader.as_of, &record));
    dossier->as_of_us = record->header->recorded_at;
    return ml_link(record->header_bytes, dossier->as_of_link);
}

int ml_dossier_gather(struct ml_view *view, uint64_t model, uint64_t version, uint64_t as_of,
                      struct ml_dossier *ret_dossier)
{
    struct ml_dossier *dossier = ret_dossier;
    const Mledger__SubjectState *subject;
    const struct ml_dossier_text none = {NULL, MLEDGER_NO_SEQ, MLEDGER_NO_SEQ};
    *dossier = (struct ml_dossier){.description = none, .model_description = none};
    ml_reader_init(&dossier->reader, view, as_of);
    ML_TRY(take_moment(dossier));
    ML_TRY(ml_reader_subject(&dossier->reader, model, &subject));
    dossier->model_name = subject ? subject->name : "";
    int result = ml_version_past(&dossier->reader, model, version, &dossier->past);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "there was no version %" PRIu64 " of model '%s' then",
                       version, dossier->model_name);
    ML_TRY(result);
    ML_TRY(take_history(dossier));
    ML_TRY(take_run(dossier));
    ML_TRY(take_policies(dossier));
    ML_TRY(take_places(dossier));
    ML_TRY(take_difference(dossier));
    ML_TRY(take_exceptions(dossier));
    return take_lineage(dossier);
}

int ml_dossier_correct(struct ml_dossier *dossier, const struct ml_instant *instant)
{
    ML_CLEANUP(ml_basis_release) struct ml_basis basis = {0};
    ML_TRY(ml_basis_add_graph(&basis, dossier->graph));
    ML_TRY(ml_basis_add(&basis, dossier->past.registered_seq));
    for (size_t i = 0; i < dossier->n_history; i++)
        ML_TRY(ml_basis_add(&basis, dossier->history[i]->header->seq));
    for (size_t i = 0; i < dossier->intervals.count; i++) {
        ML_TRY(ml_basis_add(&basis, dossier->intervals.list[i].from.seq));
        ML_TRY(ml_basis_add(&basis, dossier->intervals.list[i].to.seq));
    }
    ML_TRY(ml_basis_correct(&basis, &dossier->reader, instant));
    dossier->corrections = basis.corrections;
    return MLEDGER_OK;
}

void ml_dossier_release(struct ml_dossier *dossier)
{
    ml_graph_free(dossier->graph);
    ml_difference_release(&dossier->difference);
    ml_exceptions_release(&dossier->exceptions);
    ml_basis_release(&dossier->basis);
    ml_intervals_release(&dossier->intervals);
    free(dossier->tags);
    free(dossier->policies);
    ml_reader_release(&dossier->reader);
}
