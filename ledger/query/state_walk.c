/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/state_walk.h"

#include "ledger/core/codec.h"

enum { VALUE_MEMORY = 1 << 20 };

static bool begins_with(struct ml_span key, struct ml_span prefix)
{
    return key.len >= prefix.len && memcmp(key.data, prefix.data, prefix.len) == 0;
}

int ml_state_walk(struct ml_view *view, struct ml_span prefix, ml_state_walk_visitor *visit,
                  void *context)
{
    ML_CLEANUP(ml_kv_cursor_close) struct ml_kv_cursor cursor = {0};
    ML_TRY(ml_kv_cursor_open(view->txn, ML_TABLE_STATE, &cursor));
    struct ml_span key, value;
    int result = ml_kv_cursor_seek(&cursor, prefix, &key, &value);
    while (result == MLEDGER_OK && begins_with(key, prefix)) {
        result = visit(key, value, context);
        if (result != MLEDGER_OK)
            return result < 0 ? result : MLEDGER_OK;
        result = ml_kv_cursor_next(&cursor, &key, &value);
    }
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static int unpack(const ProtobufCMessageDescriptor *type, struct ml_span value,
                  struct ml_arena *arena, void *ret_message)
{
    ProtobufCMessage *message;
    ml_arena_clear(arena);
    if (ml_codec_unpack(type, value, arena, &message) < 0) {
        ml_fail(MLEDGER_EDAMAGED, "the stored state is damaged: a value is no %s",
                type->short_name);
        return ml_hint("mledger verify, then mledger reindex");
    }
    *(void **)ret_message = message;
    return MLEDGER_OK;
}

struct walk {
    struct ml_view *view;
    struct ml_arena arena, record_arena;
    ml_subject_visitor *visit_subject;
    ml_key_visitor *visit_key;
    ml_policy_visitor *visit_policy;
    ml_erased_visitor *visit_erased;
    void *context;
};

static struct walk walk_of(struct ml_view *view, void *context)
{
    struct walk walk = {.view = view, .context = context};
    ml_arena_init(&walk.arena, VALUE_MEMORY);
    ml_arena_init(&walk.record_arena, ML_LIMIT_UNPACKED);
    return walk;
}

static void walk_release(struct walk *walk)
{
    ml_arena_release(&walk->arena);
    ml_arena_release(&walk->record_arena);
}

static int visit_subject(struct ml_span key, struct ml_span value, void *context)
{
    struct walk *walk = context;
    Mledger__PointerState *pointer = NULL;
    Mledger__SubjectState *subject;
    struct ml_state_key current;
    ML_TRY(unpack(&mledger__pointer_state__descriptor, value, &walk->arena, &pointer));
    uint64_t seq = pointer->target;
    ML_TRY(ml_state_subject(walk->view->state, seq, &walk->arena, &subject));
    /* Names that it had lead to it, too. */
    ML_TRY(ml_key_name(subject->kind, subject->name, &current));
    if (!ml_span_equal(key, ML_SPAN(current.bytes, current.len)))
        return MLEDGER_OK;
    return walk->visit_subject(seq, subject, walk->context);
}

int ml_subject_walk(struct ml_view *view, Mledger__SubjectKind kind, ml_subject_visitor *visit,
                    void *context)
{
    struct ml_state_key any;
    ML_TRY(ml_key_name(kind, "", &any));
    ML_CLEANUP(walk_release) struct walk walk = walk_of(view, context);
    walk.visit_subject = visit;
    /* All of the key but the hash of the name. */
    return ml_state_walk(view, ML_SPAN(any.bytes, any.len - ML_HASH_SIZE), visit_subject, &walk);
}

static int visit_key(struct ml_span key, struct ml_span value, void *context)
{
    struct walk *walk = context;
    Mledger__KeyState *state = NULL;
    if (key.len != 1 + ML_KEY_SIZE)
        return MLEDGER_OK;
    ML_TRY(unpack(&mledger__key_state__descriptor, value, &walk->arena, &state));
    return walk->visit_key(key.data + 1, state, walk->context);
}

int ml_key_walk(struct ml_view *view, ml_key_visitor *visit, void *context)
{
    ML_CLEANUP(walk_release) struct walk walk = walk_of(view, context);
    walk.visit_key = visit;
    return ml_state_walk(view, ML_SPAN("K", 1), visit_key, &walk);
}

/* The state keeps a stage by its hash; the record that set its policy has the name. */
static int visit_policy(struct ml_span key, struct ml_span value, void *context)
{
    (void)key;
    struct walk *walk = context;
    Mledger__PolicyState *policy = NULL;
    struct ml_record record;
    ML_TRY(unpack(&mledger__policy_state__descriptor, value, &walk->arena, &policy));
    ml_arena_clear(&walk->record_arena);
    ML_TRY(ml_view_record(walk->view, policy->seq, &walk->record_arena, &record));
    if (!record.event || record.event->kind_case != MLEDGER__EVENT__KIND_POLICY_SET)
        return ml_fail_seq(MLEDGER_EDAMAGED, policy->seq,
                           "the stored state is damaged: it sets no policy");
    return walk->visit_policy(record.event->policy_set->stage, policy, walk->context);
}

int ml_policy_walk(struct ml_view *view, ml_policy_visitor *visit, void *context)
{
    ML_CLEANUP(walk_release) struct walk walk = walk_of(view, context);
    walk.visit_policy = visit;
    return ml_state_walk(view, ML_SPAN("P", 1), visit_policy, &walk);
}

static int visit_erased(struct ml_span key, struct ml_span value, void *context)
{
    struct walk *walk = context;
    Mledger__PointerState *pointer = NULL;
    uint64_t seq;
    if (key.len == 0 || !ml_key_u64_read(ML_SPAN(key.data + 1, key.len - 1), &seq))
        return MLEDGER_OK;
    ML_TRY(unpack(&mledger__pointer_state__descriptor, value, &walk->arena, &pointer));
    return walk->visit_erased(seq, pointer->target, walk->context);
}

int ml_erased_walk(struct ml_view *view, ml_erased_visitor *visit, void *context)
{
    struct ml_state_key any = ml_key_erased(0);
    ML_CLEANUP(walk_release) struct walk walk = walk_of(view, context);
    walk.visit_erased = visit;
    /* All of the key but the seq. */
    return ml_state_walk(view, ML_SPAN(any.bytes, 1), visit_erased, &walk);
}
