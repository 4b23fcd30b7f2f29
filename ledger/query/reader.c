/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/reader.h"

#include <stdarg.h>
#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"

struct ml_reader_slot {
    uint64_t seq;
    const struct ml_record *record; /* NULL: free */
};

enum { FIRST_SLOTS = 256 };

void ml_reader_init(struct ml_reader *reader, struct ml_view *view, uint64_t as_of)
{
    *reader = (struct ml_reader){.view = view, .as_of = as_of};
    ml_arena_init(&reader->arena, ML_QUERY_MEMORY_MAX);
}

void ml_reader_release(struct ml_reader *reader)
{
    if (!reader)
        return;
    ml_arena_release(&reader->arena);
    free(reader->slots);
    reader->slots = NULL;
}

char *ml_arena_printf(struct ml_arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = len < 0 ? NULL : ml_arena_alloc(arena, (size_t)len + 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

static struct ml_reader_slot *slot_of(struct ml_reader_slot *slots, size_t n_slots, uint64_t seq)
{
    size_t at = (size_t)(seq * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (n_slots - 1);
    while (slots[at].record && slots[at].seq != seq)
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

static int make_room(struct ml_reader *reader)
{
    if (2 * (reader->n_used + 1) <= reader->n_slots)
        return MLEDGER_OK;
    size_t n_slots = reader->n_slots ? 2 * reader->n_slots : FIRST_SLOTS;
    struct ml_reader_slot *slots = ml_calloc(n_slots, sizeof *slots);
    if (!slots)
        return ml_fail_memory();
    for (size_t i = 0; i < reader->n_slots; i++)
        if (reader->slots[i].record)
            *slot_of(slots, n_slots, reader->slots[i].seq) = reader->slots[i];
    free(reader->slots);
    reader->slots = slots;
    reader->n_slots = n_slots;
    return MLEDGER_OK;
}

/* Of a schema that this program does not know: nothing can be said of what it holds. */
static const Mledger__Event *empty_event(void)
{
    static const Mledger__Event empty = MLEDGER__EVENT__INIT;
    return &empty;
}

int ml_reader_record(struct ml_reader *reader, uint64_t seq, const struct ml_record **ret_record)
{
    if (seq > reader->as_of)
        return MLEDGER_ENOTFOUND;
    ML_TRY(make_room(reader));
    struct ml_reader_slot *slot = slot_of(reader->slots, reader->n_slots, seq);
    if (!slot->record) {
        struct ml_record *record = ml_arena_calloc(&reader->arena, 1, sizeof *record);
        if (!record)
            return ml_arena_fail(&reader->arena, "what the answer reads");
        ML_TRY(ml_view_record(reader->view, seq, &reader->arena, record));
        if (!record->event)
            record->event = empty_event();
        *slot = (struct ml_reader_slot){seq, record};
        reader->n_used++;
    }
    *ret_record = slot->record;
    return MLEDGER_OK;
}

int ml_reader_subject(struct ml_reader *reader, uint64_t seq,
                      const Mledger__SubjectState **ret_subject)
{
    Mledger__SubjectState *subject = NULL;
    int result = seq > reader->as_of
                     ? MLEDGER_ENOTFOUND
                     : ml_state_subject(reader->view->state, seq, &reader->arena, &subject);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    *ret_subject = subject;
    return MLEDGER_OK;
}

static const uint64_t *predecessor_of(const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        return event->model_created->has_predecessor ? &event->model_created->predecessor : NULL;
    case MLEDGER__EVENT__KIND_EXPERIMENT_CREATED:
        return event->experiment_created->has_predecessor ? &event->experiment_created->predecessor
                                                          : NULL;
    case MLEDGER__EVENT__KIND_DATASET_RECORDED:
        return event->dataset_recorded->has_predecessor ? &event->dataset_recorded->predecessor
                                                        : NULL;
    case MLEDGER__EVENT__KIND_PIPELINE_RECORDED:
        return event->pipeline_recorded->has_predecessor ? &event->pipeline_recorded->predecessor
                                                         : NULL;
    default:
        return NULL;
    }
}

int ml_reader_find(struct ml_reader *reader, Mledger__SubjectKind kind, const char *name,
                   uint64_t *ret_seq)
{
    uint64_t seq;
    ML_TRY(ml_state_find(reader->view->state, kind, name, &seq));
    while (seq > reader->as_of) {
        /* Newer than what may be shown, so not through ml_reader_record(). */
        struct ml_record record;
        ML_TRY(ml_view_record(reader->view, seq, &reader->arena, &record));
        const uint64_t *before = record.event ? predecessor_of(record.event) : NULL;
        if (!before || *before >= seq)
            return MLEDGER_ENOTFOUND;
        seq = *before;
    }
    *ret_seq = seq;
    return MLEDGER_OK;
}

/* Does the event delete (1) or restore (-1) its subject? */
static int deletes(const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_DELETED:
    case MLEDGER__EVENT__KIND_EXPERIMENT_DELETED:
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
        return 1;
    case MLEDGER__EVENT__KIND_RUN_RESTORED:
    case MLEDGER__EVENT__KIND_EXPERIMENT_RESTORED:
        return -1;
    default:
        return 0;
    }
}

struct deletion {
    struct ml_reader *reader;
    bool deleted; /* before the records still to come */
};

/* Among the records after as_of the first that deletes or restores tells what was so before. */
static int visit_deletion(uint64_t seq, void *context)
{
    struct deletion *deletion = context;
    struct ml_record record;
    ML_TRY(ml_view_record(deletion->reader->view, seq, &deletion->reader->arena, &record));
    int change = record.event ? deletes(record.event) : 0;
    if (change == 0)
        return 0;
    deletion->deleted = change < 0;
    return 1;
}

int ml_reader_deleted(struct ml_reader *reader, uint64_t subject, bool *ret_deleted)
{
    const Mledger__SubjectState *state;
    ML_TRY(ml_reader_subject(reader, subject, &state));
    struct deletion deletion = {.reader = reader, .deleted = state && state->has_deleted};
    if (state && state->last_seq > reader->as_of) {
        struct ml_state_key prefix = ml_index_subject_prefix(subject);
        ML_TRY(ml_view_index(reader->view, &prefix, reader->as_of + 1, visit_deletion, &deletion));
    }
    *ret_deleted = deletion.deleted;
    return MLEDGER_OK;
}

int ml_reader_erased_by(struct ml_reader *reader, uint64_t seq, uint64_t *ret_by)
{
    struct ml_state_key key = ml_key_erased(seq);
    int result = ml_state_pointer(reader->view->state, &key, ret_by);
    if (result == MLEDGER_ENOTFOUND)
        *ret_by = MLEDGER_NO_SEQ;
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

/* The actor of a key, if a person's. */
static int person_of(struct ml_reader *reader, const uint8_t *key, uint64_t *ret_actor)
{
    *ret_actor = MLEDGER_NO_SEQ;
    Mledger__KeyState *state;
    int result = ml_state_key_entry(reader->view->state, key, &reader->arena, &state);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    const Mledger__SubjectState *actor;
    ML_TRY(ml_reader_subject(reader, state->actor, &actor));
    if (actor && actor->has_actor_kind && actor->actor_kind == MLEDGER__ACTOR_KIND__PERSON)
        *ret_actor = state->actor;
    return MLEDGER_OK;
}

int ml_reader_author(struct ml_reader *reader, const struct ml_record *record, uint64_t *ret_actor)
{
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    uint64_t author = MLEDGER_NO_SEQ, actor;
    for (size_t i = 0; i < count; i++) {
        if (record->statements[i]->meaning != MLEDGER__MEANING__AUTHORED)
            continue;
        ML_TRY(person_of(reader, record->signed_statements->statements[i]->key.data, &actor));
        author = actor != MLEDGER_NO_SEQ ? actor : author;
    }
    if (author == MLEDGER_NO_SEQ && record->event->has_on_behalf_of_actor_ref)
        author = record->event->on_behalf_of_actor_ref;
    if (author == MLEDGER_NO_SEQ)
        ML_TRY(person_of(reader, record->header->signer.data, &author));
    *ret_actor = author;
    return MLEDGER_OK;
}

struct seqs {
    uint64_t as_of;
    size_t limit;
    uint64_t *list;
    size_t count, cap;
    bool more;
};

static int visit_seq(uint64_t seq, void *context)
{
    struct seqs *seqs = context;
    if (seq > seqs->as_of)
        return 1;
    if (seqs->count == seqs->limit) {
        seqs->more = true;
        return 1;
    }
    ML_TRY(ml_grow(&seqs->list, &seqs->cap, seqs->count + 1, sizeof *seqs->list));
    seqs->list[seqs->count++] = seq;
    return 0;
}

int ml_reader_seqs(struct ml_reader *reader, const struct ml_state_key *prefix, size_t limit,
                   uint64_t **ret_seqs, size_t *ret_count, bool *ret_more)
{
    struct seqs seqs = {.as_of = reader->as_of, .limit = limit};
    int result = ml_view_index(reader->view, prefix, 0, visit_seq, &seqs);
    uint64_t *kept = NULL;
    if (result >= 0) {
        kept = ml_arena_calloc(&reader->arena, seqs.count + 1, sizeof *kept);
        if (!kept)
            result = ml_arena_fail(&reader->arena, "what the answer reads");
        else if (seqs.count)
            memcpy(kept, seqs.list, seqs.count * sizeof *kept);
    }
    free(seqs.list);
    ML_TRY(result);
    *ret_seqs = kept;
    *ret_count = seqs.count;
    *ret_more = seqs.more;
    return MLEDGER_OK;
}

int ml_reader_records(struct ml_reader *reader, const struct ml_state_key *prefix,
                      const struct ml_record ***ret_records, size_t *ret_count)
{
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(reader, prefix, SIZE_MAX, &seqs, &count, &more));
    const struct ml_record **records = ml_arena_calloc(&reader->arena, count + 1, sizeof(*records));
    if (!records)
        return ml_arena_fail(&reader->arena, "what the answer reads");
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_reader_record(reader, seqs[i], &records[i]));
    *ret_records = records;
    *ret_count = count;
    return MLEDGER_OK;
}

int ml_reader_details(struct ml_reader *reader, const struct ml_record *record,
                      const Mledger__Details **ret_details)
{
    *ret_details = record->details;
    if (!record->details || !record->details->attachment)
        return MLEDGER_OK;
    struct ml_span bytes;
    int result = ml_view_attachment(reader->view, record->details->attachment->sha256.data, &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail_seq(MLEDGER_EDAMAGED, record->header->seq,
                           "an attachment of its details is missing");
    ML_TRY(result);
    ProtobufCMessage *message;
    ML_TRY(ml_codec_unpack(&mledger__details__descriptor, bytes, &reader->arena, &message));
    *ret_details = (const Mledger__Details *)message;
    return MLEDGER_OK;
}

int ml_reader_describe(struct ml_reader *reader, const struct ml_record *record,
                       int (*describe)(struct ml_view *view, const struct ml_record *record,
                                       struct ml_buf *text),
                       const char **ret_text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(describe(reader->view, record, &text));
    *ret_text = ml_arena_text(&reader->arena, (const char *)text.data, text.len);
    return *ret_text ? MLEDGER_OK : ml_arena_fail(&reader->arena, "what the answer says");
}
