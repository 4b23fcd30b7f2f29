/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/interval_choice.h"

#include <inttypes.h>
#include <strings.h>

#include "ledger/query/reference.h"
#include "ledger/query/state_walk.h"
#include "ledger/query/version_past.h"

/* ---- from a text to a choice ---- */

static const char *after(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

/* 1: there is such an endpoint, 0: there is none. */
static int has_endpoint(struct ml_reader *reader, const char *endpoint)
{
    struct ml_state_key prefix;
    uint64_t seq;
    ML_TRY(ml_index_endpoint_prefix(endpoint, &prefix));
    int result = ml_view_index_last(reader->view, &prefix, reader->as_of, &seq);
    return result == MLEDGER_ENOTFOUND ? 0 : result < 0 ? result : 1;
}

static int choose_endpoint(struct ml_reader *reader, const char *name,
                           struct ml_interval_choice *choice)
{
    int has = has_endpoint(reader, name);
    ML_TRY(has);
    if (!has)
        return ml_fail(MLEDGER_ENOTFOUND, "nothing was ever deployed to an endpoint '%s'", name);
    *choice = (struct ml_interval_choice){.model = MLEDGER_NO_SEQ, .name = name, .endpoint = name};
    return MLEDGER_OK;
}

static int text_of(struct ml_reader *reader, struct ml_span span, const char **ret_text)
{
    *ret_text = ml_arena_text(&reader->arena, (const char *)span.data, span.len);
    return *ret_text ? MLEDGER_OK : ml_arena_fail(&reader->arena, "a reference");
}

static int check_version(struct ml_reader *reader, const struct ml_interval_choice *choice)
{
    struct ml_version_past past;
    int result = ml_version_past(reader, choice->model, choice->version, &past);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no version %" PRIu64 " of model '%s'",
                       choice->version, choice->name);
    return result;
}

static int choose_model(struct ml_reader *reader, const struct ml_reference_text *reference,
                        struct ml_interval_choice *choice)
{
    const char *part;
    ML_TRY(text_of(reader, reference->part, &part));
    switch (reference->form) {
    case ML_REFERENCE_VERSION:
        choice->version = reference->number;
        return check_version(reader, choice);
    case ML_REFERENCE_STAGE:
        choice->stage = part;
        return MLEDGER_OK;
    case ML_REFERENCE_ALIAS:
        choice->alias = part;
        return MLEDGER_OK;
    default:
        return MLEDGER_OK;
    }
}

static bool is_of_model(enum ml_reference_form form)
{
    return form == ML_REFERENCE_MODEL || form == ML_REFERENCE_VERSION ||
           form == ML_REFERENCE_STAGE || form == ML_REFERENCE_ALIAS || form == ML_REFERENCE_WORD;
}

static int choose_neither(struct ml_reader *reader, const struct ml_reference_text *reference,
                          bool endpoint)
{
    if (endpoint)
        return MLEDGER_OK;
    if (reader->as_of + 1 < reader->view->head.size)
        ml_fail(MLEDGER_ENOTFOUND, "there was no %s '%.*s' as of #%" PRIu64,
                reference->form == ML_REFERENCE_WORD ? "model or endpoint" : "model",
                (int)reference->name.len, (const char *)reference->name.data, reader->as_of);
    else
        ml_fail(MLEDGER_ENOTFOUND, "there is no %s '%.*s'",
                reference->form == ML_REFERENCE_WORD ? "model or endpoint" : "model",
                (int)reference->name.len, (const char *)reference->name.data);
    return ml_hint("mledger timeline --all shows all models and endpoints");
}

static int choose_both(struct ml_reader *reader, const char *text,
                       struct ml_reference_text *reference, struct ml_interval_choice *choice)
{
    const char *name;
    bool bare = reference->form == ML_REFERENCE_WORD || reference->bare;
    if (reference->form == ML_REFERENCE_WORD)
        reference->name = reference->whole;
    int endpoint = bare ? has_endpoint(reader, text) : 0;
    ML_TRY(endpoint);
    ML_TRY(text_of(reader, reference->name, &name));
    *choice = (struct ml_interval_choice){.model = MLEDGER_NO_SEQ, .name = name};
    int found = ml_reader_find(reader, MLEDGER__SUBJECT_KIND__MODEL, name, &choice->model);
    if (found < 0 && found != MLEDGER_ENOTFOUND)
        return found;
    if (found == MLEDGER_ENOTFOUND) {
        ML_TRY(choose_neither(reader, reference, endpoint));
        return choose_endpoint(reader, text, choice);
    }
    if (endpoint) {
        ml_fail(MLEDGER_EUSAGE, "'%s' is a model and an endpoint", text);
        return ml_hint("say model:%s or endpoint:%s", text, text);
    }
    return choose_model(reader, reference, choice);
}

int ml_interval_choice_parse(struct ml_reader *reader, const char *text,
                             struct ml_interval_choice *ret_choice)
{
    struct ml_reference_text reference;
    const char *endpoint = after(text, "endpoint:");
    const char *environment = after(text, "environment:");
    struct ml_interval_choice choice = {
        .model = MLEDGER_NO_SEQ, .name = environment, .environment = environment};
    if (endpoint)
        return choose_endpoint(reader, endpoint, ret_choice);
    if (!environment) {
        ML_TRY(ml_reference_parse(text, &reference));
        if (!is_of_model(reference.form))
            return ml_fail(MLEDGER_EUSAGE, "'%s' is no model and no endpoint", text);
        ML_TRY(choose_both(reader, text, &reference, &choice));
    }
    *ret_choice = choice;
    return MLEDGER_OK;
}

/* ---- from a choice to intervals ---- */

bool ml_interval_is_chosen(const struct ml_interval *interval,
                           const struct ml_interval_choice *choice)
{
    if ((choice->model != MLEDGER_NO_SEQ && interval->model != choice->model) ||
        (choice->version && interval->version != choice->version))
        return false;
    if (choice->stage)
        return interval->kind == ML_INTERVAL_STAGE &&
               strcasecmp(interval->name, choice->stage) == 0;
    if (choice->alias)
        return interval->kind == ML_INTERVAL_ALIAS && strcmp(interval->name, choice->alias) == 0;
    if (choice->endpoint)
        return interval->kind == ML_INTERVAL_DEPLOYMENT &&
               strcmp(interval->name, choice->endpoint) == 0;
    if (choice->environment)
        return interval->kind == ML_INTERVAL_DEPLOYMENT && interval->environment &&
               strcmp(interval->environment, choice->environment) == 0;
    return true;
}

static bool names_chosen(const Mledger__DeploymentRecorded *deployment,
                         const struct ml_interval_choice *choice)
{
    if (choice->environment)
        return deployment->environment && strcmp(deployment->environment, choice->environment) == 0;
    for (size_t i = 0; i < deployment->n_targets; i++)
        if ((choice->model == MLEDGER_NO_SEQ || deployment->targets[i]->model == choice->model) &&
            (choice->version == 0 || deployment->targets[i]->version == choice->version))
            return true;
    return false;
}

static bool is_stage(const struct ml_interval_choice *choice, uint64_t version, const char *stage)
{
    return !choice->alias && (choice->version == 0 || version == choice->version) &&
           (!choice->stage || strcasecmp(stage, choice->stage) == 0);
}

static bool is_alias(const struct ml_interval_choice *choice, const char *alias)
{
    return !choice->stage && (!choice->alias || strcmp(choice->alias, alias) == 0);
}

bool ml_interval_choice_changes(const struct ml_interval_choice *choice,
                                const Mledger__Event *event)
{
    const Mledger__StageTransitioned *move = event->stage_transitioned;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return is_stage(choice, event->version_registered->version, "None");
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return is_stage(choice, move->version, move->from_stage) ||
               is_stage(choice, move->version, move->to_stage);
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        return is_stage(choice, event->stage_imported->version, event->stage_imported->stage);
    case MLEDGER__EVENT__KIND_APPROVAL_RECORDED:
        return is_stage(choice, event->approval_recorded->version, event->approval_recorded->stage);
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        return choice->version == 0 || event->version_deleted->version == choice->version;
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        return is_alias(choice, event->alias_set->alias);
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
        return is_alias(choice, event->alias_deleted->alias);
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
        return true;
    case MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED:
        return choice->endpoint || (!choice->stage && !choice->alias &&
                                    names_chosen(event->deployment_recorded, choice));
    default:
        return false;
    }
}

struct models {
    struct ml_reader *reader;
    uint64_t *seqs;
    size_t count, cap;
};

static int add_model(struct models *models, uint64_t seq)
{
    ML_TRY(ml_grow(&models->seqs, &models->cap, models->count + 1, sizeof *models->seqs));
    models->seqs[models->count++] = seq;
    return MLEDGER_OK;
}

/* A name leads to the model that bore it last; those that bore it before are found from there. */
static int visit_model(uint64_t seq, const Mledger__SubjectState *subject, void *context)
{
    (void)subject;
    struct models *models = context;
    for (;;) {
        struct ml_record record;
        if (seq <= models->reader->as_of)
            ML_TRY(add_model(models, seq));
        ML_TRY(ml_view_record(models->reader->view, seq, &models->reader->arena, &record));
        const Mledger__ModelCreated *created = record.event ? record.event->model_created : NULL;
        if (!created || record.event->kind_case != MLEDGER__EVENT__KIND_MODEL_CREATED ||
            !created->has_predecessor || created->predecessor >= seq)
            return MLEDGER_OK;
        seq = created->predecessor;
    }
}

static int by_seq(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static int collect_models(struct ml_reader *reader, enum ml_reading reading,
                          struct ml_intervals *intervals)
{
    struct models models = {.reader = reader};
    int result = ml_subject_walk(reader->view, MLEDGER__SUBJECT_KIND__MODEL, visit_model, &models);
    if (result >= 0 && models.count)
        qsort(models.seqs, models.count, sizeof *models.seqs, by_seq);
    for (size_t i = 0; result >= 0 && i < models.count; i++)
        if (i == 0 || models.seqs[i] != models.seqs[i - 1]) /* a model may have had several names */
            result = ml_intervals_of_model(reader, models.seqs[i], reading, intervals);
    free(models.seqs);
    return result;
}

static int collect_endpoints(struct ml_reader *reader, enum ml_reading reading,
                             struct ml_intervals *intervals)
{
    const char **names;
    size_t count;
    ML_TRY(ml_endpoints(reader, &names, &count));
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_intervals_of_endpoint(reader, names[i], reading, intervals));
    return MLEDGER_OK;
}

static int collect(struct ml_reader *reader, const struct ml_interval_choice *choice,
                   enum ml_reading reading, struct ml_intervals *intervals)
{
    if (choice->endpoint)
        return ml_intervals_of_endpoint(reader, choice->endpoint, reading, intervals);
    if (choice->environment)
        return collect_endpoints(reader, reading, intervals);
    if (choice->model == MLEDGER_NO_SEQ) {
        ML_TRY(collect_models(reader, reading, intervals));
        return choice->stage || choice->alias ? MLEDGER_OK
                                              : collect_endpoints(reader, reading, intervals);
    }
    ML_TRY(ml_intervals_of_model(reader, choice->model, reading, intervals));
    return choice->stage || choice->alias
               ? MLEDGER_OK
               : ml_intervals_of_deployments(reader, choice->model, reading, intervals);
}

int ml_intervals_collect(struct ml_reader *reader, const struct ml_interval_choice *choice,
                         enum ml_reading reading, struct ml_intervals *intervals)
{
    size_t kept = intervals->count, from = intervals->count;
    ML_TRY(collect(reader, choice, reading, intervals));
    for (size_t i = from; i < intervals->count; i++)
        if (ml_interval_is_chosen(&intervals->list[i], choice))
            intervals->list[kept++] = intervals->list[i];
    intervals->count = kept;
    ml_intervals_sort(intervals);
    return MLEDGER_OK;
}
