/* SPDX-License-Identifier: Apache-2.0 */
/* From a parsed reference to the thing it names. */
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "ledger/query/digest_text.h"
#include "ledger/query/fields.h"
#include "ledger/query/reference_private.h"
#include "ledger/query/version_past.h"

enum {
    STAGE_CANDIDATES = 64,
};

static int out_of_arena(const struct ml_reader *reader)
{
    return ml_arena_fail(&reader->arena, "a reference");
}

static int text_of(struct ml_reader *reader, struct ml_span span, const char **ret_text)
{
    *ret_text = ml_arena_text(&reader->arena, (const char *)span.data, span.len);
    return *ret_text ? MLEDGER_OK : out_of_arena(reader);
}

static int not_found(const char *noun, const char *name)
{
    return ml_fail(MLEDGER_ENOTFOUND, "there is no %s '%s'", noun, name);
}

/* A subject by name; without a text if there is none. */
static int find_subject(struct ml_reader *reader, Mledger__SubjectKind kind, struct ml_span span,
                        const char **ret_name, uint64_t *ret_seq)
{
    ML_TRY(text_of(reader, span, ret_name));
    return ml_reader_find(reader, kind, *ret_name, ret_seq);
}

/*
 * Versions of a model, by their entries in the state, newest first. A version registered after
 * as_of is not shown.
 */
typedef int version_visitor(const struct ml_version_past *past, void *context);

static int visit_version(struct ml_reader *reader, uint64_t model, struct ml_span key,
                         version_visitor *visit, void *context)
{
    uint64_t version = 0;
    for (size_t i = 9; i < key.len; i++)
        version = version << 8 | key.data[i];
    struct ml_version_past past;
    int result = ml_version_past(reader, model, version, &past);
    if (result == MLEDGER_ENOTFOUND)
        return 0;
    ML_TRY(result);
    return visit(&past, context);
}

static int each_version(struct ml_reader *reader, uint64_t model, version_visitor *visit,
                        void *context)
{
    struct ml_state_key end = ml_key_version(model, UINT64_MAX);
    ML_CLEANUP(ml_kv_cursor_close) struct ml_kv_cursor cursor = {0};
    ML_TRY(ml_kv_cursor_open(reader->view->txn, ML_TABLE_STATE, &cursor));
    struct ml_span key, value;
    int result = ml_kv_cursor_seek(&cursor, ml_state_key_span(&end), &key, &value);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    result = ml_kv_cursor_prev(&cursor, &key, &value);
    while (result == MLEDGER_OK && key.len == end.len && memcmp(key.data, end.bytes, 9) == 0) {
        result = visit_version(reader, model, key, visit, context);
        if (result != 0)
            return result < 0 ? result : MLEDGER_OK;
        result = ml_kv_cursor_prev(&cursor, &key, &value);
    }
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

struct choice {
    const char *stage; /* NULL: any living version */
    const char *alias;
    uint64_t found[STAGE_CANDIDATES];
    size_t count;
    bool all; /* go on after the first */
};

static bool has_alias(const struct ml_version_past *past, const char *alias)
{
    for (size_t i = 0; i < past->n_aliases; i++)
        if (strcmp(past->aliases[i], alias) == 0)
            return true;
    return false;
}

static int choose(const struct ml_version_past *past, void *context)
{
    struct choice *choice = context;
    if (past->deleted_seq != MLEDGER_NO_SEQ ||
        (choice->stage && strcasecmp(past->stage, choice->stage) != 0) ||
        (choice->alias && !has_alias(past, choice->alias)))
        return 0;
    choice->found[choice->count++] = past->version;
    return !choice->all || choice->count == STAGE_CANDIDATES;
}

static int newest_version(struct ml_reader *reader, uint64_t model, uint64_t *ret_version)
{
    struct choice choice = {0};
    ML_TRY(each_version(reader, model, choose, &choice));
    *ret_version = choice.count ? choice.found[0] : 0;
    return MLEDGER_OK;
}

static int no_version(struct ml_reader *reader, const char *name, uint64_t model, const char *which)
{
    uint64_t newest;
    ML_TRY(newest_version(reader, model, &newest));
    if (newest == 0)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no %s of model '%s'; it has none", which, name);
    return ml_fail(MLEDGER_ENOTFOUND, "there is no %s of model '%s'; the newest is %" PRIu64, which,
                   name, newest);
}

static int resolve_number(struct ml_reader *reader, const char *name, uint64_t model,
                          uint64_t number, struct ml_target *target)
{
    struct ml_version_past past;
    int result = ml_version_past(reader, model, number, &past);
    if (result == MLEDGER_ENOTFOUND) {
        char which[40];
        snprintf(which, sizeof which, "version %" PRIu64, number);
        return no_version(reader, name, model, which);
    }
    ML_TRY(result);
    *target = (struct ml_target){.kind = ML_TARGET_VERSION, .seq = model, .version = number};
    return MLEDGER_OK;
}

static int several_in_stage(const char *name, const char *stage, const struct choice *choice)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf list = {0};
    for (size_t i = choice->count; i-- > 0;)
        ML_TRY(ml_buf_printf(&list, "%s%s/%" PRIu64, list.len ? ", " : "", name, choice->found[i]));
    return ml_fail(MLEDGER_EUSAGE, "%zu versions of model '%s' are in stage '%s': %.*s",
                   choice->count, name, stage, (int)list.len, (const char *)list.data);
}

static int resolve_stage(struct ml_reader *reader, const char *name, uint64_t model,
                         const char *stage, struct ml_target *target)
{
    bool latest = strcasecmp(stage, "latest") == 0;
    struct choice choice = {.stage = latest ? NULL : stage, .all = !latest};
    ML_TRY(each_version(reader, model, choose, &choice));
    if (choice.count > 1)
        return several_in_stage(name, stage, &choice);
    if (choice.count == 0 && latest)
        return ml_fail(MLEDGER_ENOTFOUND, "model '%s' has no version", name);
    if (choice.count == 0)
        return ml_fail(MLEDGER_ENOTFOUND, "no version of model '%s' is in stage '%s'", name, stage);
    *target =
        (struct ml_target){.kind = ML_TARGET_VERSION, .seq = model, .version = choice.found[0]};
    return MLEDGER_OK;
}

/* What the state says holds if nothing about the model was recorded since as_of. */
static int resolve_alias(struct ml_reader *reader, const char *name, uint64_t model,
                         const char *alias, struct ml_target *target)
{
    const Mledger__SubjectState *state;
    ML_TRY(ml_reader_subject(reader, model, &state));
    struct choice choice = {.alias = alias};
    if (state && state->last_seq <= reader->as_of) {
        struct ml_state_key key;
        ML_TRY(ml_key_alias(model, alias, &key));
        int result = ml_state_pointer(reader->view->state, &key, &choice.found[0]);
        if (result < 0 && result != MLEDGER_ENOTFOUND)
            return result;
        choice.count = result == MLEDGER_OK;
    } else {
        ML_TRY(each_version(reader, model, choose, &choice));
    }
    if (choice.count == 0)
        return ml_fail(MLEDGER_ENOTFOUND, "model '%s' has no alias '%s'", name, alias);
    *target =
        (struct ml_target){.kind = ML_TARGET_VERSION, .seq = model, .version = choice.found[0]};
    return MLEDGER_OK;
}

static int resolve_model(struct ml_reader *reader, const struct ml_reference_text *reference,
                         struct ml_target *target)
{
    const char *name, *part;
    uint64_t model;
    int result = find_subject(reader, MLEDGER__SUBJECT_KIND__MODEL, reference->name, &name, &model);
    if (result == MLEDGER_ENOTFOUND)
        return not_found("model", name);
    ML_TRY(result);
    ML_TRY(text_of(reader, reference->part, &part));
    switch (reference->form) {
    case ML_REFERENCE_VERSION:
        return resolve_number(reader, name, model, reference->number, target);
    case ML_REFERENCE_STAGE:
        return resolve_stage(reader, name, model, part, target);
    case ML_REFERENCE_ALIAS:
        return resolve_alias(reader, name, model, part, target);
    default:
        *target = (struct ml_target){.kind = ML_TARGET_MODEL, .seq = model};
        return MLEDGER_OK;
    }
}

static const Mledger__Artifact *artifact_at(const struct ml_record *record, const char *path)
{
    const struct ml_files files = ml_files_of(record->event);
    for (size_t i = 0; i < files.count; i++)
        if (strcmp(files.list[i]->path, path) == 0)
            return files.list[i];
    return NULL;
}

/* The newest output of the run at `path`. */
static int resolve_output(struct ml_reader *reader, uint64_t run, const char *id, const char *path,
                          struct ml_target *target)
{
    struct ml_state_key prefix = ml_index_subject_prefix(run);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = count; i-- > 0;) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(reader, seqs[i], &record));
        const Mledger__Artifact *artifact = artifact_at(record, path);
        if (!artifact)
            continue;
        if (artifact->n_digests == 0)
            return ml_fail_seq(MLEDGER_ENOTFOUND, seqs[i], "no digest of '%s' was recorded", path);
        *target = (struct ml_target){
            .kind = ML_TARGET_CONTENT,
            .digests = artifact->digests,
            .n_digests = artifact->n_digests,
        };
        return MLEDGER_OK;
    }
    return ml_fail(MLEDGER_ENOTFOUND, "run '%s' has no output '%s'", id, path);
}

/* A run that only a version's registration or a child run names. */
static int find_unseen(struct ml_reader *reader, const char *id)
{
    struct ml_state_key prefix;
    ML_TRY(ml_index_run_id_prefix(id, &prefix));
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(reader, &prefix, 1, &seqs, &count, &more));
    return count ? MLEDGER_OK : MLEDGER_ENOTFOUND;
}

static int find_run(struct ml_reader *reader, struct ml_span span, struct ml_target *target)
{
    const char *id;
    uint64_t seq = MLEDGER_NO_SEQ;
    int result = find_subject(reader, MLEDGER__SUBJECT_KIND__RUN, span, &id, &seq);
    if (result == MLEDGER_ENOTFOUND)
        result = find_unseen(reader, id);
    ML_TRY(result);
    *target = (struct ml_target){.kind = ML_TARGET_RUN, .seq = seq, .name = id};
    return MLEDGER_OK;
}

static int resolve_run(struct ml_reader *reader, const struct ml_reference_text *reference,
                       struct ml_target *target)
{
    struct ml_target run;
    int result = find_run(reader, reference->name, &run);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no run '%.*s'", (int)reference->name.len,
                       (const char *)reference->name.data);
    ML_TRY(result);
    *target = run;
    if (reference->part.len == 0)
        return MLEDGER_OK;
    if (run.seq == MLEDGER_NO_SEQ)
        return ml_fail(MLEDGER_ENOTFOUND, "run '%s' was never recorded, so none of its files was",
                       run.name);
    const char *path;
    ML_TRY(text_of(reader, reference->part, &path));
    return resolve_output(reader, run.seq, run.name, path, target);
}

static bool has_digest(const Mledger__DatasetRecorded *dataset,
                       const struct ml_reference_text *reference)
{
    for (size_t i = 0; i < dataset->n_digests; i++) {
        char hex[ML_HEX_SIZE(32)];
        ml_hex_encode(hex, dataset->digests[i]->value.data, dataset->digests[i]->value.len);
        if (dataset->digests[i]->algorithm == reference->algorithm &&
            strncmp(hex, reference->digits, strlen(reference->digits)) == 0)
            return true;
    }
    return reference->digits[0] == '\0';
}

/* The newest record of a dataset or pipeline, of a dataset with the digest. */
static int newest_record(struct ml_reader *reader, uint64_t subject,
                         const struct ml_reference_text *reference, uint64_t *ret_seq)
{
    struct ml_state_key prefix = ml_index_subject_prefix(subject);
    uint64_t up_to = reader->as_of;
    while (ml_view_index_last(reader->view, &prefix, up_to, ret_seq) == MLEDGER_OK) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(reader, *ret_seq, &record));
        Mledger__Event__KindCase kind = record->event->kind_case;
        if (kind == MLEDGER__EVENT__KIND_PIPELINE_RECORDED ||
            (kind == MLEDGER__EVENT__KIND_DATASET_RECORDED &&
             has_digest(record->event->dataset_recorded, reference)))
            return MLEDGER_OK;
        if (*ret_seq == 0)
            break;
        up_to = *ret_seq - 1;
    }
    return MLEDGER_ENOTFOUND;
}

struct noun {
    Mledger__SubjectKind kind;
    enum ml_target_kind target;
    const char *word; /* of the reference */
};

static const struct noun *noun_of(enum ml_reference_form form)
{
    static const struct noun nouns[] = {
        {MLEDGER__SUBJECT_KIND__DATASET, ML_TARGET_DATASET, "dataset"},
        {MLEDGER__SUBJECT_KIND__PIPELINE, ML_TARGET_PIPELINE, "pipeline"},
        {MLEDGER__SUBJECT_KIND__EXPERIMENT, ML_TARGET_EXPERIMENT, "experiment"},
        {MLEDGER__SUBJECT_KIND__ACTOR, ML_TARGET_ACTOR, "actor"},
        {MLEDGER__SUBJECT_KIND__LOGGED_MODEL, ML_TARGET_LOGGED_MODEL, "logged model"},
    };
    assert(form >= ML_REFERENCE_DATASET && form <= ML_REFERENCE_LOGGED_MODEL);
    return &nouns[form - ML_REFERENCE_DATASET];
}

static int resolve_named(struct ml_reader *reader, const struct ml_reference_text *reference,
                         struct ml_target *target)
{
    const struct noun *noun = noun_of(reference->form);
    const char *name;
    uint64_t seq;
    int result = find_subject(reader, noun->kind, reference->name, &name, &seq);
    if (result == MLEDGER_ENOTFOUND)
        return not_found(noun->word, name);
    ML_TRY(result);
    if (noun->target == ML_TARGET_DATASET || noun->target == ML_TARGET_PIPELINE) {
        result = newest_record(reader, seq, reference, &seq);
        if (result == MLEDGER_ENOTFOUND)
            return ml_fail(MLEDGER_ENOTFOUND, "no version of %s '%s' has the digest %s:%s",
                           noun->word, name, ml_algorithm_name(reference->algorithm),
                           reference->digits);
        ML_TRY(result);
    }
    *target = (struct ml_target){.kind = noun->target, .seq = seq, .name = name};
    return MLEDGER_OK;
}

/* A bare word: everything that bears the name, each in its unambiguous form. */
struct candidates {
    struct ml_target first;
    size_t count;
    struct ml_buf list;
};

static void release_candidates(struct candidates *candidates)
{
    ml_buf_release(&candidates->list);
}

static int add_candidate(struct candidates *candidates, const struct ml_target *target,
                         const char *prefix, struct ml_span name)
{
    if (candidates->count++ == 0)
        candidates->first = *target;
    return ml_buf_printf(&candidates->list, "%s%s%.*s", candidates->count > 1 ? ", " : "", prefix,
                         (int)name.len, (const char *)name.data);
}

static int add_subjects(struct ml_reader *reader, struct ml_span word,
                        struct candidates *candidates)
{
    struct ml_target target;
    int result = find_run(reader, word, &target);
    if (result == MLEDGER_OK)
        ML_TRY(add_candidate(candidates, &target, "runs:/", word));
    else if (result != MLEDGER_ENOTFOUND)
        return result;
    static const struct {
        enum ml_reference_form form;
        const char *prefix;
    } forms[] = {
        {ML_REFERENCE_MODEL, "models:/"},     {ML_REFERENCE_DATASET, "dataset:"},
        {ML_REFERENCE_PIPELINE, "pipeline:"}, {ML_REFERENCE_EXPERIMENT, "experiment:"},
        {ML_REFERENCE_ACTOR, "actor:"},       {ML_REFERENCE_LOGGED_MODEL, "logged_model:"}};
    for (size_t i = 0; i < ML_COUNT(forms); i++) {
        struct ml_reference_text one = {.form = forms[i].form, .name = word};
        result = forms[i].form == ML_REFERENCE_MODEL ? resolve_model(reader, &one, &target)
                                                     : resolve_named(reader, &one, &target);
        if (result == MLEDGER_OK)
            ML_TRY(add_candidate(candidates, &target, forms[i].prefix, word));
        else if (result != MLEDGER_ENOTFOUND)
            return result;
    }
    return MLEDGER_OK;
}

static int resolve_bare(struct ml_reader *reader, const struct ml_reference_text *reference,
                        struct ml_target *target)
{
    ML_CLEANUP(release_candidates) struct candidates candidates = {0};
    ML_TRY(add_subjects(reader, reference->whole, &candidates));
    struct ml_error missing;
    ml_error_get(&missing);
    if (reference->form != ML_REFERENCE_WORD) {
        struct ml_target version;
        int result = resolve_model(reader, reference, &version);
        if (result == MLEDGER_OK)
            ML_TRY(add_candidate(&candidates, &version, "models:/", reference->whole));
        else if (result != MLEDGER_ENOTFOUND)
            return result;
        ml_error_get(&missing);
    }
    if (candidates.count == 0 && reference->form != ML_REFERENCE_WORD)
        return ml_error_set(&missing);
    if (candidates.count == 0)
        return ml_fail(MLEDGER_ENOTFOUND, "nothing in the ledger is called '%.*s'",
                       (int)reference->whole.len, (const char *)reference->whole.data);
    if (candidates.count > 1)
        return ml_fail(MLEDGER_EUSAGE, "'%.*s' may be %.*s", (int)reference->whole.len,
                       (const char *)reference->whole.data, (int)candidates.list.len,
                       (const char *)candidates.list.data);
    *target = candidates.first;
    return MLEDGER_OK;
}

static int resolve_record(struct ml_reader *reader, uint64_t number, struct ml_target *target)
{
    if (number > reader->as_of)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no record %" PRIu64 "; the newest is %" PRIu64,
                       number, reader->as_of);
    *target = (struct ml_target){.kind = ML_TARGET_RECORD, .seq = number};
    return MLEDGER_OK;
}

/* "models:/NAME" is MLflow's word for a logged model too; a model of that name comes first. */
static int resolve_model_uri(struct ml_reader *reader, const struct ml_reference_text *reference,
                             struct ml_target *target)
{
    struct ml_reference_text logged = {.form = ML_REFERENCE_LOGGED_MODEL, .name = reference->name};
    struct ml_error missing;
    const int result = resolve_model(reader, reference, target);
    if (result != MLEDGER_ENOTFOUND || reference->form != ML_REFERENCE_MODEL)
        return result;
    ml_error_get(&missing);
    const int found = resolve_named(reader, &logged, target);
    return found == MLEDGER_ENOTFOUND ? ml_error_set(&missing) : found;
}

static int resolve(struct ml_reader *reader, const struct ml_reference_text *reference,
                   struct ml_target *ret_target)
{
    if (reference->bare)
        return resolve_bare(reader, reference, ret_target);
    switch (reference->form) {
    case ML_REFERENCE_RECORD:
        return resolve_record(reader, reference->number, ret_target);
    case ML_REFERENCE_RUN:
        return resolve_run(reader, reference, ret_target);
    case ML_REFERENCE_DIGEST:
        return ml_reference_digest(reader, reference, ret_target);
    case ML_REFERENCE_DATASET:
    case ML_REFERENCE_PIPELINE:
    case ML_REFERENCE_EXPERIMENT:
    case ML_REFERENCE_ACTOR:
    case ML_REFERENCE_LOGGED_MODEL:
        return resolve_named(reader, reference, ret_target);
    default:
        return resolve_model_uri(reader, reference, ret_target);
    }
}

/* What there was not yet as of then may be there since: that it is not is then no answer. */
static int tell_of_later(struct ml_reader *reader, const struct ml_reference_text *reference)
{
    struct ml_error missing;
    struct ml_reader newest;
    struct ml_target target;
    ml_error_get(&missing);
    ml_reader_init(&newest, reader->view, reader->view->head.size - 1);
    const int result = resolve(&newest, reference, &target);
    ml_reader_release(&newest);
    if (result < 0 && result != MLEDGER_EUSAGE) /* several are called so */
        return ml_error_set(&missing);
    return ml_fail(MLEDGER_ENOTFOUND, "%s (as of #%" PRIu64 "; it was recorded later)",
                   missing.text, reader->as_of);
}

int ml_reference_resolve(struct ml_reader *reader, const struct ml_reference_text *reference,
                         struct ml_target *ret_target)
{
    const int result = resolve(reader, reference, ret_target);
    const bool is_past = reader->as_of + 1 < reader->view->head.size;
    return result == MLEDGER_ENOTFOUND && is_past ? tell_of_later(reader, reference) : result;
}
