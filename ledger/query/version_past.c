/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/version_past.h"

struct fold {
    struct ml_reader *reader;
    struct ml_version_past past;
    size_t cap_intervals;
    uint64_t first_alias; /* the first record that set one here; MLEDGER_NO_SEQ: none did */
    size_t most_aliases;
};

static bool is_registration(const struct ml_version_past *past, const Mledger__Event *event)
{
    return event->kind_case == MLEDGER__EVENT__KIND_VERSION_REGISTERED &&
           event->version_registered->model == past->model &&
           event->version_registered->version == past->version;
}

static int enter_stage(struct fold *fold, const struct ml_record *record, const char *stage,
                       bool imported)
{
    struct ml_version_past *past = &fold->past;
    assert(past->n_intervals < fold->cap_intervals);
    if (past->n_intervals) {
        struct ml_stage_interval *last = &past->intervals[past->n_intervals - 1];
        last->to_seq = record->header->seq;
        last->to_us = record->header->recorded_at;
    }
    struct ml_stage_interval *next = &past->intervals[past->n_intervals++];
    *next = (struct ml_stage_interval){
        .stage = stage,
        .from_seq = record->header->seq,
        .from_us = record->header->recorded_at,
        .to_seq = MLEDGER_NO_SEQ,
        .imported = imported,
        .author = MLEDGER_NO_SEQ,
    };
    past->stage = stage;
    past->stage_seq = record->header->seq;
    return imported ? MLEDGER_OK : ml_reader_author(fold->reader, record, &next->author);
}

static int fold_record(struct fold *fold, const struct ml_record *record)
{
    struct ml_version_past *past = &fold->past;
    const Mledger__Event *event = record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        if (!is_registration(past, event))
            return MLEDGER_OK; /* another version, made from this one */
        past->registered_seq = record->header->seq;
        past->registered = event->version_registered;
        return enter_stage(fold, record, "None", false);
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return enter_stage(fold, record, event->stage_transitioned->to_stage, false);
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        return enter_stage(fold, record, event->stage_imported->stage, true);
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        past->deleted_seq = record->header->seq;
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        if (fold->first_alias == MLEDGER_NO_SEQ)
            fold->first_alias = record->header->seq;
        fold->most_aliases++;
        return MLEDGER_OK;
    default:
        return MLEDGER_OK;
    }
}

static void drop_alias(struct ml_version_past *past, const char *alias)
{
    size_t kept = 0;
    for (size_t i = 0; i < past->n_aliases; i++)
        if (strcmp(past->aliases[i], alias) != 0)
            past->aliases[kept++] = past->aliases[i];
    past->n_aliases = kept;
}

static void fold_alias(struct ml_version_past *past, const Mledger__Event *event)
{
    if (event->kind_case == MLEDGER__EVENT__KIND_ALIAS_DELETED)
        drop_alias(past, event->alias_deleted->alias);
    if (event->kind_case != MLEDGER__EVENT__KIND_ALIAS_SET)
        return;
    drop_alias(past, event->alias_set->alias);
    if (event->alias_set->version == past->version)
        past->aliases[past->n_aliases++] = event->alias_set->alias;
}

static int visit_alias(uint64_t seq, void *context)
{
    struct fold *fold = context;
    if (seq > fold->reader->as_of)
        return 1;
    const struct ml_record *record;
    ML_TRY(ml_reader_record(fold->reader, seq, &record));
    fold_alias(&fold->past, record->event);
    return 0;
}

/* An alias leaves a version by a record that names another one, so those of the model count, from
 * the first that brought one here. */
static int fold_aliases(struct fold *fold)
{
    if (fold->first_alias == MLEDGER_NO_SEQ || fold->past.deleted_seq != MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    fold->past.aliases =
        ml_arena_calloc(&fold->reader->arena, fold->most_aliases, sizeof *fold->past.aliases);
    if (!fold->past.aliases)
        return ml_arena_fail(&fold->reader->arena, "a version's aliases");
    struct ml_state_key prefix = ml_index_place_prefix(fold->past.model);
    return ml_view_index(fold->reader->view, &prefix, fold->first_alias, visit_alias, fold);
}

int ml_version_past(struct ml_reader *reader, uint64_t model, uint64_t version,
                    struct ml_version_past *ret_past)
{
    struct fold fold = {
        .reader = reader,
        .past = {.model = model,
                 .version = version,
                 .registered_seq = MLEDGER_NO_SEQ,
                 .deleted_seq = MLEDGER_NO_SEQ},
        .first_alias = MLEDGER_NO_SEQ,
    };
    struct ml_state_key prefix = ml_index_version_place_prefix(model, version);
    uint64_t *seqs;
    bool more;
    ML_TRY(ml_reader_seqs(reader, &prefix, SIZE_MAX, &seqs, &fold.cap_intervals, &more));
    fold.past.intervals =
        ml_arena_calloc(&reader->arena, fold.cap_intervals + 1, sizeof *fold.past.intervals);
    if (!fold.past.intervals)
        return ml_arena_fail(&reader->arena, "a version's stages");
    for (size_t i = 0; i < fold.cap_intervals; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(reader, seqs[i], &record));
        ML_TRY(fold_record(&fold, record));
    }
    if (fold.past.registered_seq == MLEDGER_NO_SEQ)
        return MLEDGER_ENOTFOUND;
    ML_TRY(fold_aliases(&fold));
    *ret_past = fold.past;
    return MLEDGER_OK;
}
