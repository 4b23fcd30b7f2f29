/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/erasures.h"

#include "ledger/core/event.h"
#include "ledger/query/record_text.h"
#include "ledger/query/state_walk.h"

struct search {
    struct ml_reader *reader;
    uint64_t first, last;
    struct ml_basis *basis;
    struct ml_erasures *found;
};

static int no_memory(const struct search *search)
{
    return ml_arena_fail(&search->reader->arena, "the erasures");
}

static int keep(struct search *search, const struct ml_buf *text, const char **ret_text)
{
    *ret_text = ml_arena_text(&search->reader->arena, (const char *)text->data, text->len);
    return *ret_text ? MLEDGER_OK : no_memory(search);
}

static int describe(struct search *search, const struct ml_record *erased,
                    const struct ml_record *order, struct ml_erasure *erasure)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf subject = {0}, who = {0};
    struct ml_view *view = search->reader->view;
    const ProtobufCMessage *body = ml_event_body(erased->event);
    const Mledger__Details *details;
    ML_TRY(ml_record_subject(view, erased, &subject));
    ML_TRY(ml_record_who(view, order, &who));
    ML_TRY(keep(search, &subject, &erasure->subject));
    ML_TRY(keep(search, &who, &erasure->who));
    ML_TRY(ml_reader_details(search->reader, order, &details));
    erasure->kind = body ? ml_event_name(erased->event) : "?";
    erasure->reason = details ? details->reason : NULL;
    erasure->recorded_us = erased->header->recorded_at;
    erasure->erased_us = order->header->recorded_at;
    if (erased->stored->has_details_hash)
        erasure->details_hash = erased->stored->details_hash.data;
    if (order->event->kind_case == MLEDGER__EVENT__KIND_DETAILS_ERASED)
        erasure->attachments = order->event->details_erased->n_attachments;
    return MLEDGER_OK;
}

static int visit(uint64_t seq, uint64_t by, void *context)
{
    struct search *search = context;
    struct ml_reader *reader = search->reader;
    const struct ml_record *erased, *order;
    struct ml_erasure erasure = {.seq = seq, .by = by};
    if (seq < search->first || seq > search->last)
        return MLEDGER_OK;
    if (by > reader->as_of) {
        const struct ml_state_key later = ml_index_reference_prefix(seq);
        return ml_basis_about(search->basis, &later, ML_ABOUT_ERASURE);
    }
    ML_TRY(ml_reader_record(reader, seq, &erased));
    ML_TRY(ml_reader_record(reader, by, &order));
    ML_TRY(describe(search, erased, order, &erasure));
    if (!ml_arena_grow(&reader->arena, &search->found->list, &search->found->cap,
                       search->found->count, sizeof erasure))
        return no_memory(search);
    search->found->list[search->found->count++] = erasure;
    const uint64_t used[] = {seq, by};
    return ml_basis_add_all(search->basis, used, ML_COUNT(used));
}

static int compare(const void *a, const void *b)
{
    uint64_t left = ((const struct ml_erasure *)a)->seq,
             right = ((const struct ml_erasure *)b)->seq;
    return (left > right) - (left < right);
}

int ml_erasures(struct ml_reader *reader, uint64_t first, uint64_t last, struct ml_basis *basis,
                struct ml_erasures *ret_erasures)
{
    struct search search = {
        .reader = reader, .first = first, .last = last, .basis = basis, .found = ret_erasures};
    *ret_erasures = (struct ml_erasures){0};
    ML_TRY(ml_erased_walk(reader->view, visit, &search));
    if (ret_erasures->count > 1)
        qsort(ret_erasures->list, ret_erasures->count, sizeof *ret_erasures->list, compare);
    return MLEDGER_OK;
}
