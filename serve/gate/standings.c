/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/standings.h"

#include "ledger/core/codec.h"
#include "ledger/core/state_key.h"
#include "serve/sync.h"

int ml_standings_init(struct ml_standings *standings, struct ml_ledger *ledger)
{
    *standings = (struct ml_standings){.ledger = ledger};
    return ml_sync_init_rw(&standings->lock);
}

void ml_standings_release(struct ml_standings *standings)
{
    pthread_rwlock_destroy(&standings->lock);
}

static struct ml_standings_slot *slot_of(struct ml_standings *standings, const char *actor)
{
    uint32_t hash = 2166136261U; /* FNV-1a, 32 bits */
    for (const char *c = actor; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619U;
    return &standings->slots[hash % ML_STANDINGS_SLOTS];
}

/* ---- what is kept ---- */

/* The ledger's state as it stands names the newest record, so it is another after each. */
static int is_same(struct ml_standings *standings, struct ml_kv_txn *txn, bool *ret_same)
{
    const struct ml_state_key key = ml_key_ledger();
    struct ml_span head;
    ML_TRY(ml_kv_get(txn, ML_TABLE_STATE, ml_state_key_span(&key), &head));
    *ret_same = ml_span_equal(head, ML_SPAN(standings->head, standings->head_len));
    return MLEDGER_OK;
}

/* 1: it is known; 0: not. */
static int look_up(struct ml_standings *standings, const char *actor,
                   struct ml_actor_standing *ret_standing)
{
    ML_CLEANUP(ml_kv_read_endp) struct ml_kv_txn *txn = NULL;
    const struct ml_standings_slot *slot = slot_of(standings, actor);
    bool same = false;
    ML_TRY(ml_kv_read_begin(ml_ledger_kv(standings->ledger), &txn));
    pthread_rwlock_rdlock(&standings->lock);
    const int result = is_same(standings, txn, &same);
    const bool known = result >= 0 && same && strcmp(slot->actor, actor) == 0;
    if (known)
        *ret_standing = slot->standing;
    pthread_rwlock_unlock(&standings->lock);
    return result < 0 ? result : known;
}

/* Of the ledger as `head` names it; what is kept of another is forgotten. */
static void keep(struct ml_standings *standings, struct ml_span head, const char *actor,
                 const struct ml_actor_standing *standing)
{
    struct ml_standings_slot *slot = slot_of(standings, actor);
    const size_t len = strlen(actor);
    if (head.len > sizeof standings->head || len >= sizeof slot->actor)
        return;
    pthread_rwlock_wrlock(&standings->lock);
    if (!ml_span_equal(head, ML_SPAN(standings->head, standings->head_len))) {
        memset(standings->slots, 0, sizeof standings->slots);
        memcpy(standings->head, head.data, head.len);
        standings->head_len = head.len;
    }
    memcpy(slot->actor, actor, len + 1);
    slot->standing = *standing;
    pthread_rwlock_unlock(&standings->lock);
}

/* ---- what the ledger says ---- */

static int read_standing(struct ml_view *view, const char *actor,
                         struct ml_actor_standing *ret_standing)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    Mledger__SubjectState *state;
    *ret_standing = (struct ml_actor_standing){0};
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    const int result =
        ml_state_find(view->state, MLEDGER__SUBJECT_KIND__ACTOR, actor, &ret_standing->seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(ml_state_subject(view->state, ret_standing->seq, &arena, &state));
    ret_standing->is_registered = true;
    ret_standing->has_retired = state->n_roles == 0;
    for (size_t i = 0; i < state->n_roles; i++)
        if (state->roles[i] == MLEDGER__ROLE__RECORDER || state->roles[i] == MLEDGER__ROLE__ADMIN)
            ret_standing->may_record = true;
    return MLEDGER_OK;
}

static int read_and_keep(struct ml_standings *standings, struct ml_view *view, const char *actor,
                         struct ml_actor_standing *ret_standing)
{
    const struct ml_state_key key = ml_key_ledger();
    struct ml_span head;
    ML_TRY(read_standing(view, actor, ret_standing));
    ML_TRY(ml_kv_get(view->txn, ML_TABLE_STATE, ml_state_key_span(&key), &head));
    keep(standings, head, actor, ret_standing);
    return MLEDGER_OK;
}

int ml_standings_read(struct ml_standings *standings, const char *actor,
                      struct ml_actor_standing *ret_standing)
{
    struct ml_view view;
    const int known = look_up(standings, actor, ret_standing);
    if (known != 0)
        return known < 0 ? known : MLEDGER_OK;
    ML_TRY(ml_view_begin(standings->ledger, &view));
    const int result = read_and_keep(standings, &view, actor, ret_standing);
    ml_view_end(&view);
    return result;
}
