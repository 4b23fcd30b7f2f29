/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/scope.h"

#include <inttypes.h>

#include "ledger/query/reference.h"

/* A search for a scope. */
struct search {
    struct ml_scope *scope;
    struct ml_reader *reader;
    size_t cap;
};

static int add_subject(struct search *search, uint64_t seq)
{
    struct ml_scope *scope = search->scope;
    if (scope->n_subjects == 2 * (size_t)ML_SCOPE_SUBJECTS_MAX) /* some may stand there twice */
        return ml_fail(MLEDGER_EINVALID, "more than %d subjects are in scope",
                       ML_SCOPE_SUBJECTS_MAX);
    ML_TRY(ml_grow(&scope->subjects, &search->cap, scope->n_subjects + 1, sizeof *scope->subjects));
    scope->subjects[scope->n_subjects++] = seq;
    return MLEDGER_OK;
}

/* ---- what belongs to a subject ---- */

/* A run that is named by its id alone may have been recorded since. */
static int add_run_by_id(struct search *search, const char *id)
{
    uint64_t run;
    int result = ml_state_find(search->reader->view->state, MLEDGER__SUBJECT_KIND__RUN, id, &run);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    return add_subject(search, run);
}

static int add_run(struct search *search, bool has_run, uint64_t run, const char *id)
{
    if (has_run)
        return add_subject(search, run);
    return id ? add_run_by_id(search, id) : MLEDGER_OK;
}

/* What belongs to the subject by what one of its records says. */
typedef int belonging(struct search *search, uint64_t subject, const struct ml_record *record);

struct visit {
    struct search *search;
    uint64_t subject;
    belonging *add;
};

static int visit_record_of(uint64_t seq, void *context)
{
    const struct visit *visit = context;
    struct ml_record record;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_view_record(visit->search->reader->view, seq, &arena, &record));
    return record.event ? visit->add(visit->search, visit->subject, &record) : MLEDGER_OK;
}

static int add_belongings(struct search *search, uint64_t subject, belonging *add)
{
    const struct ml_state_key prefix = ml_index_subject_prefix(subject);
    struct visit visit = {search, subject, add};
    return ml_view_index(search->reader->view, &prefix, 0, visit_record_of, &visit);
}

/* The runs that made a logged model. */
static int add_makers(struct search *search, uint64_t model, const struct ml_record *record)
{
    const Mledger__LoggedModelCreated *created = record->event->logged_model_created;
    const Mledger__RunLogged *logged = record->event->run_logged;
    if (record->event->kind_case == MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED)
        return add_run(search, created->has_run, created->run, created->run_id);
    if (record->event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED)
        return MLEDGER_OK;
    for (size_t i = 0; i < logged->n_models; i++)
        if (logged->models[i]->logged_model == model)
            return add_subject(search, logged->run);
    return MLEDGER_OK;
}

/* The runs and logged models that a version names. */
static int add_origins(struct search *search, uint64_t model, const struct ml_record *record)
{
    (void)model;
    if (record->event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED)
        return MLEDGER_OK;
    const Mledger__VersionRegistered *registered = record->event->version_registered;
    ML_TRY(add_run(search, registered->has_run_ref, registered->run_ref, registered->run_id));
    if (!registered->has_logged_model_ref)
        return MLEDGER_OK;
    ML_TRY(add_subject(search, registered->logged_model_ref));
    return add_belongings(search, registered->logged_model_ref, add_makers);
}

static int add_started(struct search *search, uint64_t experiment, const struct ml_record *record)
{
    (void)experiment;
    return record->event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED
               ? add_subject(search, record->header->seq)
               : MLEDGER_OK;
}

static int add_all(struct search *search)
{
    const struct ml_scope *scope = search->scope;
    ML_TRY(add_subject(search, scope->seq));
    switch (scope->target) {
    case MLEDGER__BUNDLE_TARGET__MODEL_TARGET:
    case MLEDGER__BUNDLE_TARGET__VERSION_TARGET:
        return add_belongings(search, scope->seq, add_origins);
    case MLEDGER__BUNDLE_TARGET__EXPERIMENT_TARGET:
        return add_belongings(search, scope->seq, add_started);
    case MLEDGER__BUNDLE_TARGET__LOGGED_MODEL_TARGET:
        return add_belongings(search, scope->seq, add_makers);
    default:
        return MLEDGER_OK;
    }
}

/* ---- what the reference names ---- */

static int no_scope(const char *reference, const char *noun)
{
    return ml_fail(MLEDGER_EUSAGE,
                   "'%s' names %s, which has no scope; name a model, version, logged model, run, "
                   "dataset, pipeline, experiment or actor",
                   reference, noun);
}

/* Of a dataset or pipeline the target is a record; its subject may be an earlier one. */
static int subject_of_record(struct search *search, uint64_t record, uint64_t *ret_subject)
{
    struct ml_state_key key = ml_key_recorded(record);
    return ml_state_pointer(search->reader->view->state, &key, ret_subject);
}

static int take_target(struct search *search, const char *reference, const struct ml_target *target)
{
    struct ml_scope *scope = search->scope;
    scope->seq = target->seq;
    switch (target->kind) {
    case ML_TARGET_MODEL:
        scope->target = MLEDGER__BUNDLE_TARGET__MODEL_TARGET;
        return MLEDGER_OK;
    case ML_TARGET_VERSION:
        scope->target = MLEDGER__BUNDLE_TARGET__VERSION_TARGET;
        scope->version = target->version;
        return MLEDGER_OK;
    case ML_TARGET_RUN:
        scope->target = MLEDGER__BUNDLE_TARGET__RUN_TARGET;
        if (target->seq == MLEDGER_NO_SEQ)
            return ml_fail(MLEDGER_ENOTFOUND, "run '%s' is named, but no record is of it",
                           target->name);
        return MLEDGER_OK;
    case ML_TARGET_DATASET:
        scope->target = MLEDGER__BUNDLE_TARGET__DATASET_TARGET;
        return subject_of_record(search, target->seq, &scope->seq);
    case ML_TARGET_PIPELINE:
        scope->target = MLEDGER__BUNDLE_TARGET__PIPELINE_TARGET;
        return subject_of_record(search, target->seq, &scope->seq);
    case ML_TARGET_EXPERIMENT:
        scope->target = MLEDGER__BUNDLE_TARGET__EXPERIMENT_TARGET;
        return MLEDGER_OK;
    case ML_TARGET_ACTOR:
        scope->target = MLEDGER__BUNDLE_TARGET__ACTOR_TARGET;
        return MLEDGER_OK;
    case ML_TARGET_CONTENT:
        return no_scope(reference, "content");
    case ML_TARGET_LOGGED_MODEL:
        scope->target = MLEDGER__BUNDLE_TARGET__LOGGED_MODEL_TARGET;
        return MLEDGER_OK;
    case ML_TARGET_RECORD:
        break;
    }
    return no_scope(reference, "a record");
}

static int compare_seqs(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static int sort_subjects(struct ml_scope *scope)
{
    size_t kept = 0;
    qsort(scope->subjects, scope->n_subjects, sizeof *scope->subjects, compare_seqs);
    for (size_t i = 0; i < scope->n_subjects; i++)
        if (i == 0 || scope->subjects[i] != scope->subjects[i - 1])
            scope->subjects[kept++] = scope->subjects[i];
    scope->n_subjects = kept;
    if (kept > ML_SCOPE_SUBJECTS_MAX)
        return ml_fail(MLEDGER_EINVALID, "%zu subjects are in scope, more than %d", kept,
                       ML_SCOPE_SUBJECTS_MAX);
    return MLEDGER_OK;
}

static int find_subjects(struct search *search, const char *reference)
{
    struct ml_scope *scope = search->scope;
    struct ml_reference_text text;
    struct ml_target target;
    ML_TRY(ml_reference_parse(reference, &text));
    ML_TRY(ml_reference_resolve(search->reader, &text, &target));
    ML_TRY(take_target(search, reference, &target));
    ML_TRY(add_all(search));
    return sort_subjects(scope);
}

/* ---- records ---- */

static int mark_none(struct ml_scope *scope)
{
    scope->marked = ml_calloc((size_t)(scope->size / 8) + 1, 1);
    return scope->marked ? MLEDGER_OK : ml_fail_memory();
}

static int mark_record(uint64_t seq, void *context)
{
    const struct ml_scope *scope = context;
    if (seq < scope->size)
        scope->marked[seq / 8] |= (uint8_t)(1 << seq % 8);
    return MLEDGER_OK;
}

static int mark_records(struct search *search)
{
    struct ml_scope *scope = search->scope;
    ML_TRY(mark_none(scope));
    for (size_t i = 0; i < scope->n_subjects; i++) {
        struct ml_state_key prefix = ml_index_subject_prefix(scope->subjects[i]);
        ML_TRY(ml_view_index(search->reader->view, &prefix, 0, mark_record, scope));
    }
    return MLEDGER_OK;
}

int ml_scope_find(struct ml_view *view, const char *reference, struct ml_scope *ret_scope)
{
    *ret_scope = (struct ml_scope){.target = MLEDGER__BUNDLE_TARGET__LEDGER_TARGET,
                                   .seq = MLEDGER_NO_SEQ,
                                   .size = view->head.size};
    if (!reference)
        return MLEDGER_OK;
    ML_CLEANUP(ml_reader_release) struct ml_reader reader;
    ml_reader_init(&reader, view, view->head.size - 1);
    struct search search = {.scope = ret_scope, .reader = &reader};
    ML_TRY(find_subjects(&search, reference));
    return mark_records(&search);
}

int ml_scope_of_records(const struct ml_view *view, const uint64_t *seqs, size_t count,
                        struct ml_scope *ret_scope)
{
    *ret_scope = (struct ml_scope){.target = MLEDGER__BUNDLE_TARGET__RECORDS_TARGET,
                                   .seq = MLEDGER_NO_SEQ,
                                   .size = view->head.size};
    ML_TRY(mark_none(ret_scope));
    for (size_t i = 0; i < count; i++) {
        if (seqs[i] >= ret_scope->size)
            return ml_fail_seq(MLEDGER_ENOTFOUND, seqs[i], "there is no record %" PRIu64, seqs[i]);
        ML_TRY(mark_record(seqs[i], ret_scope));
    }
    return MLEDGER_OK;
}

void ml_scope_release(struct ml_scope *scope)
{
    if (!scope)
        return;
    free(scope->subjects);
    free(scope->marked);
    *scope = (struct ml_scope){0};
}

bool ml_scope_opens(const struct ml_scope *scope, uint64_t seq, Mledger__Kind kind)
{
    if (scope->target == MLEDGER__BUNDLE_TARGET__LEDGER_TARGET || kind == MLEDGER__KIND__TRUST)
        return true;
    return seq < scope->size && scope->marked[seq / 8] >> seq % 8 & 1;
}
