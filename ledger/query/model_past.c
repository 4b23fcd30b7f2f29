/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/model_past.h"

#include "ledger/query/endpoint_past.h"

struct fold {
    struct ml_reader *reader;
    struct ml_model_past past;
    const struct ml_record *record; /* at hand */
};

/* Room for one more of a list. */
static int grow(struct fold *fold, void *list, size_t *cap, size_t count, size_t size)
{
    struct ml_arena *arena = &fold->reader->arena;
    return ml_arena_grow(arena, list, cap, count, size)
               ? MLEDGER_OK
               : ml_arena_fail(arena, "what is recorded of a model");
}
#define GROW(fold, name)                                                                           \
    ML_TRY(grow((fold), &(fold)->past.name, &(fold)->past.cap_##name, (fold)->past.n_##name,       \
                sizeof *(fold)->past.name))

static uint64_t seq_of(const struct fold *fold)
{
    return fold->record->header->seq;
}

struct ml_model_version *ml_model_version(const struct ml_model_past *past, uint64_t version)
{
    size_t low = 0, high = past->n_versions;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (past->versions[middle].version == version)
            return &past->versions[middle];
        if (past->versions[middle].version < version)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct ml_model_tag *ml_model_tag(const struct ml_model_past *past, uint64_t version,
                                        const char *key)
{
    for (size_t i = 0; i < past->n_tags; i++)
        if (past->tags[i].version == version && strcmp(past->tags[i].key, key) == 0)
            return &past->tags[i];
    return NULL;
}

const struct ml_model_validation *ml_model_validation(const struct ml_model_past *past,
                                                      uint64_t version)
{
    for (size_t i = past->n_validations; i > 0; i--)
        if (past->validations[i - 1].event->version == version)
            return &past->validations[i - 1];
    return NULL;
}

/* The record at hand is about the version. */
static struct ml_model_version *touch(struct fold *fold, uint64_t version)
{
    struct ml_model_version *found = ml_model_version(&fold->past, version);
    if (found) {
        found->last_seq = seq_of(fold);
        found->last_us = fold->record->header->recorded_at;
    }
    return found;
}

/* ---- the model itself ---- */

static int take_creation(struct fold *fold)
{
    fold->past.created = fold->record;
    fold->past.name = fold->record->event->model_created->name;
    return ml_reader_author(fold->reader, fold->record, &fold->past.author);
}

/* ---- tags ---- */

static void drop_tag(struct ml_model_past *past, uint64_t version, const char *key)
{
    size_t kept = 0;
    for (size_t i = 0; i < past->n_tags; i++)
        if (past->tags[i].version != version || strcmp(past->tags[i].key, key) != 0)
            past->tags[kept++] = past->tags[i];
    past->n_tags = kept;
}

static int put_tags(struct fold *fold, uint64_t version, char *const *keys, size_t count)
{
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(fold->reader, fold->record, &details));
    for (size_t i = 0; i < count; i++) {
        drop_tag(&fold->past, version, keys[i]);
        GROW(fold, tags);
        fold->past.tags[fold->past.n_tags++] = (struct ml_model_tag){
            .version = version,
            .key = keys[i],
            .text = details && i < details->n_tag_values ? details->tag_values[i] : NULL,
            .seq = seq_of(fold)};
    }
    return MLEDGER_OK;
}

static int take_tags_set(struct fold *fold)
{
    const Mledger__TagsSet *set = fold->record->event->tags_set;
    uint64_t version = set->has_version ? set->version : 0;
    touch(fold, version);
    return put_tags(fold, version, set->tags, set->n_tags);
}

static void take_tags_deleted(struct fold *fold)
{
    const Mledger__TagsDeleted *deleted = fold->record->event->tags_deleted;
    uint64_t version = deleted->has_version ? deleted->version : 0;
    touch(fold, version);
    for (size_t i = 0; i < deleted->n_tags; i++)
        drop_tag(&fold->past, version, deleted->tags[i]);
}

/* ---- versions and their stages ---- */

static int take_registration(struct fold *fold)
{
    const Mledger__VersionRegistered *registered = fold->record->event->version_registered;
    int64_t at_us = fold->record->header->recorded_at;
    GROW(fold, versions);
    struct ml_model_version *version = &fold->past.versions[fold->past.n_versions++];
    *version = (struct ml_model_version){.version = registered->version,
                                         .record = fold->record,
                                         .registered = registered,
                                         .stage = "None",
                                         .stage_seq = seq_of(fold),
                                         .stage_us = at_us,
                                         .deleted_seq = MLEDGER_NO_SEQ,
                                         .last_seq = seq_of(fold),
                                         .last_us = at_us};
    ML_TRY(ml_reader_author(fold->reader, fold->record, &version->author));
    return put_tags(fold, registered->version, registered->tags, registered->n_tags);
}

static int enter_stage(struct fold *fold, uint64_t number, const char *from, const char *to,
                       bool imported)
{
    struct ml_model_version *version = touch(fold, number);
    GROW(fold, transitions);
    struct ml_model_transition *entered = &fold->past.transitions[fold->past.n_transitions++];
    *entered = (struct ml_model_transition){.version = number,
                                            .from = from,
                                            .to = to,
                                            .record = fold->record,
                                            .author = MLEDGER_NO_SEQ,
                                            .imported = imported};
    if (version) {
        version->stage = to;
        version->stage_seq = seq_of(fold);
        version->stage_us = fold->record->header->recorded_at;
    }
    return imported ? MLEDGER_OK : ml_reader_author(fold->reader, fold->record, &entered->author);
}

static int take_transition(struct fold *fold)
{
    const Mledger__StageTransitioned *moved = fold->record->event->stage_transitioned;
    return enter_stage(fold, moved->version, moved->from_stage, moved->to_stage, false);
}

static int take_stage_import(struct fold *fold)
{
    const Mledger__StageImported *found = fold->record->event->stage_imported;
    return enter_stage(fold, found->version, NULL, found->stage, true);
}

static void drop_alias(struct ml_model_past *past, const char *alias, uint64_t version)
{
    size_t kept = 0;
    for (size_t i = 0; i < past->n_aliases; i++)
        if (alias ? strcmp(past->aliases[i].alias, alias) != 0
                  : past->aliases[i].version != version)
            past->aliases[kept++] = past->aliases[i];
    past->n_aliases = kept;
}

static void take_deletion(struct fold *fold)
{
    uint64_t number = fold->record->event->version_deleted->version;
    struct ml_model_version *version = touch(fold, number);
    if (version)
        version->deleted_seq = seq_of(fold);
    drop_alias(&fold->past, NULL, number);
}

static int take_alias(struct fold *fold)
{
    const Mledger__AliasSet *set = fold->record->event->alias_set;
    touch(fold, set->version);
    drop_alias(&fold->past, set->alias, 0);
    GROW(fold, aliases);
    fold->past.aliases[fold->past.n_aliases++] =
        (struct ml_model_alias){set->alias, set->version, seq_of(fold)};
    return MLEDGER_OK;
}

/* ---- judgements, and where it works ---- */

/* The approver is whose key made the statement that decides. */
static int find_approver(struct fold *fold, Mledger__Decision decision, uint64_t *ret_actor)
{
    const struct ml_record *record = fold->record;
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    Mledger__Meaning meaning = decision == MLEDGER__DECISION__GRANTED ? MLEDGER__MEANING__APPROVED
                                                                      : MLEDGER__MEANING__REVIEWED;
    *ret_actor = MLEDGER_NO_SEQ;
    for (size_t i = 0; i < count && *ret_actor == MLEDGER_NO_SEQ; i++) {
        Mledger__KeyState *key;
        if (record->statements[i]->meaning != meaning)
            continue;
        int result = ml_state_key_entry(fold->reader->view->state,
                                        record->signed_statements->statements[i]->key.data,
                                        &fold->reader->arena, &key);
        if (result != MLEDGER_ENOTFOUND)
            ML_TRY(result);
        if (result == MLEDGER_OK)
            *ret_actor = key->actor;
    }
    return MLEDGER_OK;
}

static int take_approval(struct fold *fold)
{
    const Mledger__ApprovalRecorded *event = fold->record->event->approval_recorded;
    uint64_t actor;
    touch(fold, event->version);
    ML_TRY(find_approver(fold, event->decision, &actor));
    GROW(fold, approvals);
    fold->past.approvals[fold->past.n_approvals++] =
        (struct ml_model_approval){event, fold->record, actor};
    return MLEDGER_OK;
}

static int take_validation(struct fold *fold)
{
    const Mledger__ValidationRecorded *event = fold->record->event->validation_recorded;
    touch(fold, event->version);
    GROW(fold, validations);
    fold->past.validations[fold->past.n_validations++] =
        (struct ml_model_validation){event, fold->record};
    return MLEDGER_OK;
}

static int take_deployment(struct fold *fold)
{
    const Mledger__DeploymentRecorded *event = fold->record->event->deployment_recorded;
    const struct ml_record *next;
    for (size_t i = 0; i < event->n_targets; i++)
        if (event->targets[i]->model == fold->past.seq)
            touch(fold, event->targets[i]->version);
    ML_TRY(ml_endpoint_next(fold->reader, event, seq_of(fold), &next));
    GROW(fold, deployments);
    fold->past.deployments[fold->past.n_deployments++] = (struct ml_model_deployment){
        event, fold->record, next ? next->header->seq : MLEDGER_NO_SEQ};
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int take_event(struct fold *fold)
{
    const Mledger__Event *event = fold->record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        return take_creation(fold);
    case MLEDGER__EVENT__KIND_MODEL_RENAMED:
        fold->past.name = event->model_renamed->name;
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
        fold->past.deleted_seq = seq_of(fold);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return take_registration(fold);
    case MLEDGER__EVENT__KIND_VERSION_UPDATED:
        touch(fold, event->version_updated->version);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        take_deletion(fold);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return take_transition(fold);
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        return take_stage_import(fold);
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        return take_alias(fold);
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
        drop_alias(&fold->past, event->alias_deleted->alias, 0);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return take_tags_set(fold);
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        take_tags_deleted(fold);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_APPROVAL_RECORDED:
        return take_approval(fold);
    case MLEDGER__EVENT__KIND_VALIDATION_RECORDED:
        return take_validation(fold);
    case MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED:
        return take_deployment(fold);
    default:
        return MLEDGER_OK;
    }
}

static int compare_versions(const void *a, const void *b)
{
    uint64_t left = ((const struct ml_model_version *)a)->version,
             right = ((const struct ml_model_version *)b)->version;
    return (left > right) - (left < right);
}

/* Only an import may register them in another order than that of their numbers. */
static void keep_sorted(struct ml_model_past *past)
{
    size_t count = past->n_versions;
    if (count > 1 && past->versions[count - 2].version > past->versions[count - 1].version)
        qsort(past->versions, count, sizeof *past->versions, compare_versions);
}

int ml_model_past(struct ml_reader *reader, uint64_t seq, struct ml_model_past *ret_past)
{
    struct fold fold = {
        .reader = reader,
        .past = {
            .seq = seq, .author = MLEDGER_NO_SEQ, .deleted_seq = MLEDGER_NO_SEQ, .last_seq = seq}};
    struct ml_state_key prefix = ml_index_subject_prefix(seq);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count; i++) {
        ML_TRY(ml_reader_record(reader, seqs[i], &fold.record));
        fold.past.last_seq = seqs[i];
        fold.past.last_us = fold.record->header->recorded_at;
        ML_TRY(take_event(&fold));
        keep_sorted(&fold.past);
    }
    if (!fold.past.created)
        return MLEDGER_ENOTFOUND;
    *ret_past = fold.past;
    return MLEDGER_OK;
}
