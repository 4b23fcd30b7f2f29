/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a bundle says it is about, against its records: the subject is there, and what belongs to
 * its scope (docs/FORMAT.md) is in scope, so that nobody passes a part for the whole by listing
 * less. That every record of a subject in scope is open the verifier proves by its tags.
 */
#include <inttypes.h>

#include "ledger/core/event.h"
#include "verify/bundle_private.h"
#include "verify/verifier_private.h"

static int compare_seqs(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static bool is_listed(const Mledger__BundleManifest *manifest, uint64_t subject)
{
    return manifest->n_subjects > 0 && bsearch(&subject, manifest->subjects, manifest->n_subjects,
                                               sizeof subject, compare_seqs) != NULL;
}

bool ml_bundle_in_scope(const struct ml_bundle_check *check, uint64_t subject)
{
    const Mledger__BundleManifest *manifest = check->verdict->manifest;
    return manifest && (manifest->target == MLEDGER__BUNDLE_TARGET__LEDGER_TARGET ||
                        is_listed(manifest, subject));
}

static bool is_of_model(const Mledger__BundleManifest *manifest)
{
    return manifest->target == MLEDGER__BUNDLE_TARGET__MODEL_TARGET ||
           manifest->target == MLEDGER__BUNDLE_TARGET__VERSION_TARGET;
}

static int check_named(struct ml_bundle_check *check, uint64_t seq, const char *noun,
                       uint64_t subject)
{
    if (is_listed(check->verdict->manifest, subject))
        return MLEDGER_OK;
    return ml_verify_report(&check->verifier, ML_SEVERITY_FAULT, "scope", seq,
                            "it names %s #%" PRIu64
                            ", which belongs to what the bundle is about and is not in its scope",
                            noun, subject);
}

static int check_named_run(struct ml_bundle_check *check, uint64_t seq, uint64_t run)
{
    return check_named(check, seq, "run", run);
}

/* It may be recorded later, so it is looked for at the end. */
static int note_named_run(struct ml_bundle_check *check, uint64_t seq, const char *id)
{
    ML_TRY(ml_grow(&check->named_runs, &check->cap_named_runs, check->n_named_runs + 1,
                   sizeof *check->named_runs));
    const char *kept = ml_arena_text(&check->verdict->arena, id, strlen(id));
    if (!kept)
        return ml_fail_memory();
    check->named_runs[check->n_named_runs++] = (struct ml_bundle_named_run){seq, kept};
    return MLEDGER_OK;
}

static int check_version(struct ml_bundle_check *check, uint64_t seq,
                         const Mledger__VersionRegistered *registered)
{
    const Mledger__BundleManifest *manifest = check->verdict->manifest;
    if (registered->model != manifest->seq)
        return MLEDGER_OK;
    check->target_seen |= manifest->has_version && registered->version == manifest->version;
    if (registered->has_logged_model_ref)
        ML_TRY(check_named(check, seq, "logged model", registered->logged_model_ref));
    if (!registered->has_run_ref)
        return registered->run_id ? note_named_run(check, seq, registered->run_id) : MLEDGER_OK;
    return check_named_run(check, seq, registered->run_ref);
}

/* A logged model in scope has the runs in scope that made it. */
static int check_logged_model(struct ml_bundle_check *check, uint64_t seq,
                              const Mledger__LoggedModelCreated *created)
{
    if (!is_listed(check->verdict->manifest, seq))
        return MLEDGER_OK;
    if (!created->has_run)
        return created->run_id ? note_named_run(check, seq, created->run_id) : MLEDGER_OK;
    return check_named_run(check, seq, created->run);
}

static int check_made_models(struct ml_bundle_check *check, uint64_t seq,
                             const Mledger__RunLogged *logged)
{
    for (size_t i = 0; i < logged->n_models; i++)
        if (is_listed(check->verdict->manifest, logged->models[i]->logged_model))
            return check_named_run(check, seq, logged->run);
    return MLEDGER_OK;
}

static int check_run(struct ml_bundle_check *check, uint64_t seq,
                     const Mledger__RunStarted *started)
{
    const Mledger__BundleManifest *manifest = check->verdict->manifest;
    if (!started->has_experiment || started->experiment != manifest->seq ||
        is_listed(manifest, seq))
        return MLEDGER_OK;
    return ml_verify_report(&check->verifier, ML_SEVERITY_FAULT, "scope", seq,
                            "its run belongs to the experiment that the bundle is about and is "
                            "not in its scope");
}

int ml_bundle_scope_record(struct ml_bundle_check *check, const struct ml_record *record)
{
    const Mledger__BundleManifest *manifest = check->verdict->manifest;
    const Mledger__Event *event = record->event;
    uint64_t seq = record->header->seq;
    const bool of_model = is_of_model(manifest);
    if (of_model && event->kind_case == MLEDGER__EVENT__KIND_VERSION_REGISTERED)
        return check_version(check, seq, event->version_registered);
    if ((of_model || manifest->target == MLEDGER__BUNDLE_TARGET__LOGGED_MODEL_TARGET) &&
        event->kind_case == MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED)
        return check_logged_model(check, seq, event->logged_model_created);
    if ((of_model || manifest->target == MLEDGER__BUNDLE_TARGET__LOGGED_MODEL_TARGET) &&
        event->kind_case == MLEDGER__EVENT__KIND_RUN_LOGGED)
        return check_made_models(check, seq, event->run_logged);
    if (manifest->target == MLEDGER__BUNDLE_TARGET__EXPERIMENT_TARGET &&
        event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED)
        return check_run(check, seq, event->run_started);
    return MLEDGER_OK;
}

/* ---- at the end ---- */

static Mledger__SubjectKind kind_of_target(Mledger__BundleTarget target)
{
    switch (target) {
    case MLEDGER__BUNDLE_TARGET__MODEL_TARGET:
    case MLEDGER__BUNDLE_TARGET__VERSION_TARGET:
        return MLEDGER__SUBJECT_KIND__MODEL;
    case MLEDGER__BUNDLE_TARGET__RUN_TARGET:
        return MLEDGER__SUBJECT_KIND__RUN;
    case MLEDGER__BUNDLE_TARGET__DATASET_TARGET:
        return MLEDGER__SUBJECT_KIND__DATASET;
    case MLEDGER__BUNDLE_TARGET__PIPELINE_TARGET:
        return MLEDGER__SUBJECT_KIND__PIPELINE;
    case MLEDGER__BUNDLE_TARGET__EXPERIMENT_TARGET:
        return MLEDGER__SUBJECT_KIND__EXPERIMENT;
    case MLEDGER__BUNDLE_TARGET__ACTOR_TARGET:
        return MLEDGER__SUBJECT_KIND__ACTOR;
    case MLEDGER__BUNDLE_TARGET__LOGGED_MODEL_TARGET:
        return MLEDGER__SUBJECT_KIND__LOGGED_MODEL;
    default:
        return MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED;
    }
}

static int no_subject(struct ml_bundle_check *check, uint64_t seq, const char *noun)
{
    return ml_verify_report(&check->verifier, ML_SEVERITY_FAULT, "scope", seq,
                            "the bundle has it in scope as a %s, and it creates none", noun);
}

/* Names the subject as its own records do, and what kind it is. */
static int name_subject(struct ml_bundle_check *check, uint64_t seq, Mledger__SubjectKind *ret_kind)
{
    struct ml_bundle_verdict *verdict = check->verdict;
    Mledger__SubjectState *state;
    *ret_kind = MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED;
    int result = ml_state_subject(check->verifier.state, seq, &verdict->arena, &state);
    if (result == MLEDGER_ENOTFOUND)
        return ml_verify_is_hidden(&check->verifier, seq) ? MLEDGER_OK /* withheld: reported */
                                                          : no_subject(check, seq, "subject");
    ML_TRY(result);
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_printf(&text, "%s %s", ml_subject_kind_name(state->kind), state->name));
    const char *kept = ml_arena_text(&verdict->arena, (const char *)text.data, text.len);
    if (!kept)
        return ml_fail_memory();
    verdict->subjects[verdict->n_subjects++] = kept;
    *ret_kind = state->kind;
    return MLEDGER_OK;
}

/* Runs that are named by their id alone: in scope if a record that is open started them; whether a
 * hidden one did cannot be seen. */
static int check_named_runs(struct ml_bundle_check *check)
{
    struct ml_verifier *verifier = &check->verifier;
    uint64_t unknown = 0, first = 0, run;
    for (size_t i = 0; i < check->n_named_runs; i++) {
        const struct ml_bundle_named_run *named = &check->named_runs[i];
        int result = ml_state_find(verifier->state, MLEDGER__SUBJECT_KIND__RUN, named->id, &run);
        if (result == MLEDGER_OK)
            ML_TRY(check_named_run(check, named->seq, run));
        else if (result != MLEDGER_ENOTFOUND)
            return result;
        else if (unknown++ == 0)
            first = named->seq;
    }
    if (unknown == 0 || verifier->result.hidden == 0)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "scope", first,
                            "%" PRIu64 " records, of which this is the first, name a run by its id "
                            "alone, and whether a hidden record is of that run cannot be seen",
                            unknown);
}

static int check_target(struct ml_bundle_check *check)
{
    const Mledger__BundleManifest *manifest = check->verdict->manifest;
    if (!is_listed(manifest, manifest->seq))
        return ml_verify_report(&check->verifier, ML_SEVERITY_FAULT, "scope", manifest->seq,
                                "the bundle is about it, and does not have it in scope");
    if (!manifest->has_version || check->target_seen)
        return MLEDGER_OK;
    return ml_verify_report(&check->verifier, ML_SEVERITY_FAULT, "scope", manifest->seq,
                            "the bundle is about version %" PRIu64
                            " of it, which no record registers",
                            manifest->version);
}

int ml_bundle_scope_finish(struct ml_bundle_check *check)
{
    struct ml_bundle_verdict *verdict = check->verdict;
    const Mledger__BundleManifest *manifest = verdict->manifest;
    if (manifest->n_subjects == 0)
        return MLEDGER_OK;
    verdict->subjects =
        ml_arena_calloc(&verdict->arena, manifest->n_subjects, sizeof *verdict->subjects);
    if (!verdict->subjects)
        return ml_fail_memory();
    Mledger__SubjectKind due = kind_of_target(manifest->target);
    for (size_t i = 0; i < manifest->n_subjects; i++) {
        Mledger__SubjectKind kind;
        ML_TRY(name_subject(check, manifest->subjects[i], &kind));
        if (manifest->subjects[i] == manifest->seq &&
            kind != MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED && kind != due)
            ML_TRY(no_subject(check, manifest->seq, ml_subject_kind_name(due)));
    }
    ML_TRY(check_named_runs(check));
    return check_target(check);
}
