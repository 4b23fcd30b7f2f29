/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/model_list.h"

#include "ledger/core/codec.h"
#include "ledger/core/state_key.h"
#include "ledger/query/state_walk.h"

struct listing {
    struct ml_view *view;
    uint64_t as_of;
    struct ml_model_list *list;
    struct ml_arena arena; /* of the record at hand */
};

static int add(struct listing *listing, uint64_t seq)
{
    struct ml_model_list *list = listing->list;
    if (seq > listing->as_of)
        return MLEDGER_OK;
    ML_TRY(ml_grow(&list->seqs, &list->cap, list->count + 1, sizeof *list->seqs));
    list->seqs[list->count++] = seq;
    return MLEDGER_OK;
}

/* The model that bore the name before; MLEDGER_NO_SEQ: none did. */
static int find_predecessor(struct listing *listing, uint64_t seq, uint64_t *ret_before)
{
    struct ml_record record;
    ml_arena_clear(&listing->arena);
    *ret_before = MLEDGER_NO_SEQ;
    ML_TRY(ml_view_record(listing->view, seq, &listing->arena, &record));
    const Mledger__Event *event = record.event;
    if (event && event->kind_case == MLEDGER__EVENT__KIND_MODEL_CREATED &&
        event->model_created->has_predecessor && event->model_created->predecessor < seq)
        *ret_before = event->model_created->predecessor;
    return MLEDGER_OK;
}

/* An ml_state_walk_visitor of names. */
static int visit_name(struct ml_span key, struct ml_span value, void *context)
{
    struct listing *listing = context;
    ProtobufCMessage *message;
    (void)key;
    ml_arena_clear(&listing->arena);
    if (ml_codec_unpack(&mledger__pointer_state__descriptor, value, &listing->arena, &message) < 0)
        return ml_fail(MLEDGER_EDAMAGED, "the stored state of a model's name is damaged");
    uint64_t seq = ((const Mledger__PointerState *)message)->target;
    while (seq != MLEDGER_NO_SEQ) {
        ML_TRY(add(listing, seq));
        ML_TRY(find_predecessor(listing, seq, &seq));
    }
    return 0;
}

static int compare_seqs(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* A model that was renamed is found under each name it bore. */
static void sort(struct ml_model_list *list)
{
    size_t kept = 0;
    if (list->count > 1)
        qsort(list->seqs, list->count, sizeof *list->seqs, compare_seqs);
    for (size_t i = 0; i < list->count; i++)
        if (i == 0 || list->seqs[i] != list->seqs[i - 1])
            list->seqs[kept++] = list->seqs[i];
    list->count = kept;
}

int ml_model_list(struct ml_view *view, uint64_t as_of, struct ml_model_list *ret_list)
{
    static const uint8_t prefix[] = {'n', MLEDGER__SUBJECT_KIND__MODEL};
    struct listing listing = {.view = view, .as_of = as_of, .list = ret_list};
    *ret_list = (struct ml_model_list){0};
    ml_arena_init(&listing.arena, ML_LIMIT_UNPACKED);
    int result = ml_state_walk(view, ML_SPAN(prefix, sizeof prefix), visit_name, &listing);
    ml_arena_release(&listing.arena);
    ML_TRY(result);
    sort(ret_list);
    return MLEDGER_OK;
}

void ml_model_list_release(struct ml_model_list *list)
{
    if (list)
        free(list->seqs);
}
