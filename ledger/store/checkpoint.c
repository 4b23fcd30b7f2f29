/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/checkpoint.h"

#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/index.h"
#include "ledger/store/known_head.h"
#include "ledger/store/ledger_private.h"
#include "ledger/store/tree.h"

enum { PROGRESS_EVERY = 4096 };

/* A checkpoint in the making. */
struct making {
    struct ml_view view;
    const struct mledger_key *key;
    struct ml_checkpoint_options options;
    struct ml_vkey vkey;
    struct ml_arena arena;
    struct ml_merkle_frontier frontier; /* of the leaves made again so far */
    uint8_t link[ML_HASH_SIZE];         /* of the record before the next */
    bool has_known; /* what was known before the view began: others may note more meanwhile */
    struct ml_known_head known;
    struct ml_buf known_note; /* empty: no checkpoint is known */
    struct ml_made_checkpoint made;
};

void ml_made_checkpoint_release(struct ml_made_checkpoint *made)
{
    if (made)
        ml_buf_release(&made->note);
}

static struct ml_span origin_of(const struct ml_view *view)
{
    return ML_SPAN(view->head.origin, strlen(view->head.origin));
}

/* The key is one of the ledger's log keys, and good. */
static int check_key(struct making *making)
{
    const uint8_t *public_key = mledger_key_public(making->key);
    Mledger__KeyState *state;
    if (mledger_key_purpose_of(making->key) != MLEDGER_KEY_LOG)
        return ml_refuse("key-purpose", "key '%s' is a %s key, and checkpoints are a log key's",
                         mledger_key_label(making->key),
                         mledger_key_purpose_name(mledger_key_purpose_of(making->key)));
    int result = ml_state_key_entry(making->view.state, public_key, &making->arena, &state);
    if (result == MLEDGER_ENOTFOUND)
        return ml_refuse("key-unknown", "log key '%s' is not authorised in this ledger",
                         mledger_key_label(making->key));
    ML_TRY(result);
    if (state->purpose != MLEDGER__KEY_PURPOSE__LOG_KEY)
        return ml_refuse("key-purpose", "this ledger knows key '%s' as no log key",
                         mledger_key_label(making->key));
    if (state->has_until_seq)
        return ml_refuse("key-revoked", "log key '%s' ended with record %" PRIu64,
                         mledger_key_label(making->key), state->until_seq);
    return ml_vkey_make(ML_VKEY_ED25519, origin_of(&making->view), public_key, &making->vkey);
}

/* Whether the noted checkpoint is one that the key at hand has signed: then the leaves under it
 * were made again when it did. */
static int is_own(const struct making *making, const Mledger__CheckpointNoted *noted)
{
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_checkpoint checkpoint;
    int result = ml_checkpoint_open(ML_SPAN(noted->note.data, noted->note.len), &note, &checkpoint);
    if (result >= 0)
        result = ml_note_verify(&note, &making->vkey, 1, NULL);
    if (result == MLEDGER_EINVALID)
        return 0;
    ML_TRY(result);
    return checkpoint.size == noted->size && checkpoint.size > 0 &&
           checkpoint.size <= making->view.head.size &&
           ml_span_equal(checkpoint.origin, origin_of(&making->view)) &&
           memcmp(checkpoint.root, noted->root.data, ML_HASH_SIZE) == 0;
}

/* Goes on from that checkpoint, if the stored tree and the records at its edge give its root. */
static int begin_at(struct making *making, const struct ml_noted_checkpoint *noted)
{
    uint8_t root[ML_HASH_SIZE];
    const uint64_t size = noted->event->size;
    ML_TRY(ml_merkle_frontier_load(size, ml_tree_node, making->view.txn, &making->frontier));
    ML_TRY(ml_merkle_root(&making->frontier, root));
    if (memcmp(root, noted->event->root.data, ML_HASH_SIZE) != 0)
        return ml_fail_seq(MLEDGER_EDAMAGED, noted->seq,
                           "the tree of the first %" PRIu64
                           " records is not the one that was signed and noted",
                           size);
    making->made.from = size;
    return ml_view_link_at(&making->view, size - 1, making->link);
}

static int begin(struct making *making)
{
    struct ml_noted_checkpoint noted;
    if (making->options.all_leaves)
        return MLEDGER_OK;
    int result = ml_checkpoint_noted(&making->view, MLEDGER_NO_SEQ, &making->arena, &noted);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    int own = is_own(making, noted.event);
    ML_TRY(own);
    return own ? begin_at(making, &noted) : MLEDGER_OK;
}

/* A node of the tree has become complete: proofs will be made of the stored one. */
static int check_node(void *context, unsigned level, uint64_t index,
                      const uint8_t hash[ML_HASH_SIZE])
{
    struct making *making = context;
    uint8_t stored[ML_HASH_SIZE];
    if (level < ML_TREE_LEVEL)
        return MLEDGER_OK;
    ML_TRY(ml_tree_node(making->view.txn, level, index, stored));
    if (memcmp(stored, hash, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EDAMAGED,
                   "node %" PRIu64 " of level %u of the stored tree is not that of its records",
                   index, level);
}

/* The origin that is about to be signed is what record 0 says, and not what the state says. */
static int check_genesis(const struct making *making, const struct ml_record *record,
                         const uint8_t leaf[ML_HASH_SIZE])
{
    const struct ml_head *head = &making->view.head;
    if (!record->event || record->event->kind_case != MLEDGER__EVENT__KIND_LEDGER_CREATED ||
        strcmp(record->event->ledger_created->origin, head->origin) != 0 ||
        memcmp(leaf, head->identity, ML_HASH_SIZE) != 0)
        return ml_fail_seq(MLEDGER_EDAMAGED, 0, "the derived state is of another ledger");
    return MLEDGER_OK;
}

static int take_record(struct making *making, uint64_t seq)
{
    struct ml_record record;
    uint8_t leaf[ML_HASH_SIZE];
    ml_arena_clear(&making->arena);
    int result = ml_view_record(&making->view, seq, &making->arena, &record);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "the record is missing");
    ML_TRY(result);
    if (memcmp(record.header->prev_link.data, making->link, ML_HASH_SIZE) != 0)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it does not follow the record before it");
    ML_TRY(ml_link(record.header_bytes, making->link));
    ML_TRY(ml_leaf(record.stored->signature.data, record.header_bytes, leaf));
    if (seq == 0)
        ML_TRY(check_genesis(making, &record, leaf));
    return ml_merkle_append(&making->frontier, leaf, check_node, making);
}

static int take_records(struct making *making)
{
    const struct ml_checkpoint_options *options = &making->options;
    const uint64_t from = making->made.from, size = making->view.head.size;
    for (uint64_t seq = from; seq < size; seq++) {
        ML_TRY(take_record(making, seq));
        if (options->progress && (seq - from) % PROGRESS_EVERY == 0)
            ML_TRY(options->progress(seq - from, size - from, options->progress_context));
    }
    return MLEDGER_OK;
}

/* What append goes on from is what the records give. */
static int check_edge(const struct making *making)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf made = {0}, kept = {0};
    struct ml_merkle_frontier stored;
    ML_TRY(ml_tree_load_frontier(making->view.txn, &stored));
    ML_TRY(ml_merkle_frontier_write(&making->frontier, &made));
    ML_TRY(ml_merkle_frontier_write(&stored, &kept));
    if (ml_span_equal(ml_buf_span(&made), ml_buf_span(&kept)) &&
        memcmp(making->link, making->view.head.link, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EDAMAGED, "the edge of the stored tree is not that of the records");
}

static int sign(struct making *making)
{
    struct ml_made_checkpoint *made = &making->made;
    uint8_t signature[ML_ED25519_SIGNATURE_SIZE];
    made->size = making->view.head.size;
    memcpy(made->link, making->link, ML_HASH_SIZE);
    ML_TRY(ml_merkle_root(&making->frontier, made->root));
    ML_TRY(ml_checkpoint_write(origin_of(&making->view), made->size, made->root, &made->note));
    ML_TRY(ml_key_sign_checkpoint(making->key, ml_buf_span(&made->note), signature));
    ML_TRY(ml_buf_append_char(&made->note, '\n'));
    return ml_note_append_signature(&made->note, &making->vkey,
                                    ML_SPAN(signature, sizeof signature));
}

static int find_known(struct ml_ledger *ledger, struct making *making)
{
    uint8_t identity[ML_HASH_SIZE];
    if (!ledger->known_dir)
        return MLEDGER_OK;
    int result = ml_known_head_of(ledger, ledger->known_dir, identity, &making->known);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    making->has_known = true;
    result = ml_known_checkpoint_read(ledger->known_dir, identity, &making->known_note);
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

/* What is signed must go with what was seen, above all with what this key has signed before. */
static int check_known(const struct ml_ledger *ledger, struct making *making)
{
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_checkpoint known;
    uint8_t root[ML_HASH_SIZE];
    const struct ml_head *head = &making->view.head;
    if (!making->has_known)
        return ml_known_head_note(ledger, head->identity, head->size, head->link);
    ML_TRY(ml_known_head_compare(&making->known, making->view.txn, head));
    if (making->known_note.len == 0)
        return MLEDGER_OK;
    ML_TRY(ml_checkpoint_open(ml_buf_span(&making->known_note), &note, &known));
    ML_TRY(ml_tree_root(making->view.txn, known.size, root));
    if (memcmp(root, known.root, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EDAMAGED,
                   "the first %" PRIu64
                   " records are not those of the checkpoint that was seen here",
                   known.size);
}

static int make(const struct ml_ledger *ledger, struct making *making)
{
    ML_TRY(check_key(making));
    ML_TRY(check_known(ledger, making));
    ML_TRY(begin(making));
    ML_TRY(take_records(making));
    ML_TRY(check_edge(making));
    return sign(making);
}

static int make_of_view(struct ml_ledger *ledger, struct making *making)
{
    ML_TRY(ml_view_begin(ledger, &making->view));
    ml_arena_init(&making->arena, ML_LIMIT_UNPACKED);
    int result = make(ledger, making);
    ml_arena_release(&making->arena);
    ml_view_end(&making->view);
    return result;
}

static int explain(int result)
{
    if (result != MLEDGER_EDAMAGED)
        return result;
    ml_prefix("no checkpoint was signed");
    return ml_hint("mledger verify");
}

int ml_checkpoint_make(struct ml_ledger *ledger, const struct mledger_key *key,
                       const struct ml_checkpoint_options *options,
                       struct ml_made_checkpoint *ret_made)
{
    struct making making = {.key = key};
    *ret_made = (struct ml_made_checkpoint){0};
    if (options)
        making.options = *options;
    int result = find_known(ledger, &making);
    if (result >= 0)
        result = make_of_view(ledger, &making);
    ml_buf_release(&making.known_note);
    *ret_made = making.made;
    return explain(result);
}

/* A copy in the draft's arena. */
static int copy_bytes(struct ml_draft *draft, struct ml_span bytes, ProtobufCBinaryData *ret_copy)
{
    uint8_t *copy = ml_arena_alloc(&draft->arena, bytes.len);
    if (!copy)
        return ml_fail_memory();
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    *ret_copy = (ProtobufCBinaryData){.len = bytes.len, .data = copy};
    return MLEDGER_OK;
}

static int fill_draft(struct ml_draft *draft, struct ml_span note, const struct ml_span *timestamps,
                      size_t n_timestamps)
{
    ML_CLEANUP(ml_note_release) struct ml_note parsed = {0};
    struct ml_checkpoint checkpoint;
    ML_TRY(ml_checkpoint_open(note, &parsed, &checkpoint));
    Mledger__CheckpointNoted *noted = ml_draft_set_kind(draft, "checkpoint_noted");
    if (!noted)
        return ml_fail_memory();
    noted->size = checkpoint.size;
    ML_TRY(copy_bytes(draft, ML_SPAN(checkpoint.root, ML_HASH_SIZE), &noted->root));
    ML_TRY(copy_bytes(draft, note, &noted->note));
    noted->timestamps = ml_arena_calloc(&draft->arena, n_timestamps + 1, sizeof *noted->timestamps);
    if (!noted->timestamps)
        return ml_fail_memory();
    for (; noted->n_timestamps < n_timestamps; noted->n_timestamps++)
        ML_TRY(copy_bytes(draft, timestamps[noted->n_timestamps],
                          &noted->timestamps[noted->n_timestamps]));
    return MLEDGER_OK;
}

int ml_checkpoint_draft(struct ml_span note, const struct ml_span *timestamps, size_t n_timestamps,
                        struct ml_draft **ret_draft)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    ML_TRY(ml_draft_new(&draft));
    ML_TRY(fill_draft(draft, note, timestamps, n_timestamps));
    *ret_draft = ML_TAKE(draft);
    return MLEDGER_OK;
}

int ml_checkpoint_noted(struct ml_view *view, uint64_t up_to, struct ml_arena *arena,
                        struct ml_noted_checkpoint *ret_noted)
{
    const struct ml_state_key prefix = ml_index_checkpoint_prefix();
    struct ml_noted_checkpoint noted;
    struct ml_record record;
    ML_TRY(ml_view_index_last(view, &prefix, up_to, &noted.seq));
    int result = ml_view_record(view, noted.seq, arena, &record);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result < 0 || !record.event ||
        record.event->kind_case != MLEDGER__EVENT__KIND_CHECKPOINT_NOTED)
        return ml_fail_seq(MLEDGER_EDAMAGED, noted.seq,
                           "the index says that it notes a checkpoint, and it does not");
    noted.event = record.event->checkpoint_noted;
    *ret_noted = noted;
    return MLEDGER_OK;
}

int ml_checkpoint_covering(struct ml_view *view, uint64_t seq, struct ml_arena *arena,
                           struct ml_noted_checkpoint *ret_noted)
{
    uint64_t up_to = MLEDGER_NO_SEQ;
    struct ml_noted_checkpoint noted;
    do { /* a checkpoint covers no record that is not before the one that notes it */
        ml_arena_clear(arena);
        ML_TRY(ml_checkpoint_noted(view, up_to, arena, &noted));
        if (noted.event->size > seq) {
            *ret_noted = noted;
            return MLEDGER_OK;
        }
        up_to = noted.seq - 1;
    } while (noted.seq > seq + 1);
    return MLEDGER_ENOTFOUND;
}

int ml_checkpoint_vkeys(struct ml_view *view, struct ml_vkey **ret_vkeys, size_t *ret_count)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    Mledger__LogKeysState *keys;
    struct ml_state_key key = ml_key_log_keys();
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_state_load(view->state, ml_state_key_span(&key), &mledger__log_keys_state__descriptor,
                         &arena, &keys));
    if (keys->n_keys == 0)
        return MLEDGER_ENOTFOUND;
    ML_CLEANUP(ml_freep) struct ml_vkey *vkeys = ml_calloc(keys->n_keys, sizeof *vkeys);
    if (!vkeys)
        return ml_fail_memory();
    for (size_t i = 0; i < keys->n_keys; i++) {
        if (keys->keys[i].len != ML_KEY_SIZE)
            return ml_fail(MLEDGER_EDAMAGED, "the derived list of log keys is damaged");
        ML_TRY(ml_vkey_make(ML_VKEY_ED25519, origin_of(view), keys->keys[i].data, &vkeys[i]));
    }
    *ret_count = keys->n_keys;
    *ret_vkeys = ML_TAKE(vkeys);
    return MLEDGER_OK;
}
