/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/known_head.h"

#include <inttypes.h>

#include "ledger/core/checkpoint.h"
#include "ledger/core/codec.h"
#include "ledger/store/conflict.h"
#include "ledger/store/known_file.h"
#include "ledger/store/ledger_private.h"

int ml_known_head_read(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                       struct ml_known_head *ret_known)
{
    ML_CLEANUP(ml_known_file_release) struct ml_known_file file = {0};
    ML_TRY(ml_known_file_read(known_dir, identity, &file));
    if (file.head.size == 0)
        return MLEDGER_ENOTFOUND;
    *ret_known = file.head;
    return MLEDGER_OK;
}

static int raise_head(struct ml_known_file *file, void *context)
{
    const struct ml_known_head *known = context;
    if (file->head.size >= known->size)
        return 0;
    file->head.size = known->size;
    memcpy(file->head.link, known->link, ML_HASH_SIZE);
    return 1;
}

int ml_known_head_write(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                        const struct ml_known_head *known)
{
    struct ml_known_head copy = *known;
    return ml_known_file_change(known_dir, identity, raise_head, &copy, false);
}

static int note_verified(struct ml_known_file *file, void *context)
{
    const struct ml_known_verified *verified = context;
    if (file->head.has_verified && file->head.verified.size > verified->size)
        return 0;
    struct ml_known_head seen = {.size = verified->size};
    memcpy(seen.link, verified->link, ML_HASH_SIZE);
    (void)raise_head(file, &seen);
    file->head.has_verified = true;
    file->head.verified = *verified;
    return 1;
}

int ml_known_verified_write(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                            const struct ml_known_verified *verified)
{
    struct ml_known_verified copy = *verified;
    return ml_known_file_change(known_dir, identity, note_verified, &copy, true);
}

int ml_known_checkpoint_read(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                             struct ml_buf *ret_note)
{
    ML_CLEANUP(ml_known_file_release) struct ml_known_file file = {0};
    ML_TRY(ml_known_file_read(known_dir, identity, &file));
    if (file.checkpoint.len == 0)
        return MLEDGER_ENOTFOUND;
    return ml_buf_append(ret_note, file.checkpoint.data, file.checkpoint.len);
}

/* A checkpoint on its way into the file. */
struct noting {
    const char *known_dir;
    const uint8_t *identity;
    struct ml_span bytes;
    struct ml_note note;
    struct ml_checkpoint checkpoint;
};

static void noting_release(struct noting *noting)
{
    ml_note_release(&noting->note);
}

static int keep_conflict(const struct noting *noting, struct ml_span before)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    ML_TRY(ml_conflict_keep(noting->known_dir, noting->identity, before, noting->bytes, &path));
    (void)ml_fail(MLEDGER_EDAMAGED,
                  "the log key has signed two different trees of %" PRIu64
                  " records; both checkpoints are kept in '%s'",
                  noting->checkpoint.size, path);
    return ml_blame("checkpoint-conflict");
}

/* Whether the new one takes the place of the one before. */
static int is_newer(const struct noting *noting, struct ml_span before)
{
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_checkpoint known;
    ML_TRY(ml_checkpoint_open(before, &note, &known));
    if (known.size != noting->checkpoint.size)
        return known.size < noting->checkpoint.size;
    if (memcmp(known.root, noting->checkpoint.root, ML_HASH_SIZE) != 0)
        return keep_conflict(noting, before);
    return note.count < noting->note.count;
}

static int note_checkpoint(struct ml_known_file *file, void *context)
{
    const struct noting *noting = context;
    if (file->head.size == 0)
        return ml_fail(MLEDGER_EUSAGE, "no head is known of the checkpoint's ledger");
    if (file->checkpoint.len > 0) {
        int newer = is_newer(noting, ml_buf_span(&file->checkpoint));
        if (newer <= 0)
            return newer;
    }
    ml_buf_clear(&file->checkpoint);
    ML_TRY(ml_buf_append(&file->checkpoint, noting->bytes.data, noting->bytes.len));
    return 1;
}

int ml_known_checkpoint_write(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                              struct ml_span note)
{
    ML_CLEANUP(noting_release)
    struct noting noting = {.known_dir = known_dir, .identity = identity, .bytes = note};
    ML_TRY(ml_checkpoint_open(note, &noting.note, &noting.checkpoint));
    if (noting.checkpoint.size == 0)
        return ml_fail(MLEDGER_EINVALID, "a checkpoint of nothing");
    return ml_known_file_change(known_dir, identity, note_checkpoint, &noting, true);
}

static int identify(struct ml_kv_txn *txn, struct ml_arena *arena,
                    uint8_t ret_identity[ML_HASH_SIZE])
{
    const struct ml_key_u64 first = ml_key_u64(0);
    struct ml_span bytes;
    struct ml_record record;
    ML_TRY(ml_kv_get(txn, ML_TABLE_RECORDS, ML_SPAN(first.bytes, sizeof first.bytes), &bytes));
    if (ml_record_open(bytes, 0, arena, &record) < 0)
        return MLEDGER_ENOTFOUND; /* which others report */
    return ml_leaf(record.stored->signature.data, record.header_bytes, ret_identity);
}

int ml_known_head_of(struct ml_ledger *ledger, const char *known_dir,
                     uint8_t ret_identity[ML_HASH_SIZE], struct ml_known_head *ret_known)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_kv_txn *txn;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_kv_read_begin(ml_ledger_kv(ledger), &txn));
    int result = identify(txn, &arena, ret_identity);
    ml_kv_read_end(txn);
    ML_TRY(result);
    return ml_known_head_read(known_dir, ret_identity, ret_known);
}

static int refuse_to_continue(const char *what)
{
    ml_prefix("%s", what);
    return ml_hint("find the copy that was seen, or begin its successor: "
                   "mledger init --continues DIR");
}

static int check_sizes(const struct ml_known_head *known, const struct ml_head *head)
{
    if (known->size <= head->size && known->checkpoint_size <= head->size)
        return MLEDGER_OK;
    uint64_t seen = known->size > head->size ? known->size : known->checkpoint_size;
    (void)ml_fail(MLEDGER_EDAMAGED, "%" PRIu64 " records, and %s%" PRIu64 " have been seen here",
                  head->size, known->size > head->size ? "" : "a checkpoint over ", seen);
    return refuse_to_continue("the ledger is behind what is known of it");
}

int ml_known_head_compare(const struct ml_known_head *known, struct ml_kv_txn *txn,
                          const struct ml_head *head)
{
    uint8_t link[ML_HASH_SIZE];
    ML_TRY(check_sizes(known, head));
    ML_TRY(ml_txn_link_at(txn, known->size - 1, link));
    if (memcmp(link, known->link, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    (void)ml_fail_seq(MLEDGER_EDAMAGED, known->size - 1, "another record was seen here");
    return refuse_to_continue("the ledger differs from what is known of it");
}

int ml_known_head_check(const struct ml_ledger *ledger, struct ml_kv_txn *txn,
                        const struct ml_head *head)
{
    if (!ledger->known_dir || head->size == 0)
        return MLEDGER_OK;
    struct ml_known_head known;
    int result = ml_known_head_read(ledger->known_dir, head->identity, &known);
    if (result == MLEDGER_ENOTFOUND)
        return ml_known_head_note(ledger, head->identity, head->size, head->link);
    ML_TRY(result);
    return ml_known_head_compare(&known, txn, head);
}

int ml_known_head_note(const struct ml_ledger *ledger, const uint8_t identity[ML_HASH_SIZE],
                       uint64_t size, const uint8_t link[ML_HASH_SIZE])
{
    if (!ledger->known_dir)
        return MLEDGER_OK;
    struct ml_known_head known = {.size = size};
    memcpy(known.link, link, ML_HASH_SIZE);
    return ml_known_head_write(ledger->known_dir, identity, &known);
}
