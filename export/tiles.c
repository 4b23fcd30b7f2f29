/* SPDX-License-Identifier: Apache-2.0 */
#include "export/tiles.h"

#include <inttypes.h>
#include <stdio.h>

#include "export/tiles_dir.h"
#include "ledger/core/checkpoint.h"
#include "ledger/core/codec.h"
#include "ledger/store/tree.h"

static const char checkpoint_file[] = "checkpoint";

struct tiles {
    struct ml_view *view;
    struct ml_tiles_dir dir;
    struct ml_span note_bytes;
    struct ml_note note;
    struct ml_checkpoint checkpoint;
    struct ml_buf bytes; /* of the tile at hand */
    ml_tiles_progress *progress;
    void *progress_context;
    uint64_t total; /* files to write */
    struct ml_tiles_result result;
};

static void tiles_release(struct tiles *tiles)
{
    ml_tiles_dir_close(&tiles->dir);
    ml_note_release(&tiles->note);
    ml_buf_release(&tiles->bytes);
}

/* A node made of those that tiles hold: the levels between are not in any file. */
static int node_of_tiles(void *txn, unsigned level, uint64_t index, uint8_t ret_hash[ML_HASH_SIZE])
{
    if (level % ML_TILE_HEIGHT == 0)
        return ml_tree_node(txn, level, index, ret_hash);
    uint8_t left[ML_HASH_SIZE], right[ML_HASH_SIZE];
    ML_TRY(node_of_tiles(txn, level - 1, 2 * index, left));
    ML_TRY(node_of_tiles(txn, level - 1, 2 * index + 1, right));
    return ml_merkle_node_hash(left, right, ret_hash);
}

static int root_of_tiles(const struct tiles *tiles, uint64_t size, uint8_t ret_root[ML_HASH_SIZE])
{
    struct ml_merkle_frontier frontier;
    ML_TRY(ml_merkle_frontier_load(size, node_of_tiles, tiles->view->txn, &frontier));
    return ml_merkle_root(&frontier, ret_root);
}

/* Whether the first records give the checkpoint's root. */
static int is_of_ledger(const struct tiles *tiles, const struct ml_checkpoint *checkpoint)
{
    uint8_t root[ML_HASH_SIZE];
    if (checkpoint->size > tiles->view->head.size)
        return 0;
    ML_TRY(root_of_tiles(tiles, checkpoint->size, root));
    return memcmp(root, checkpoint->root, ML_HASH_SIZE) == 0;
}

static int read_note(struct tiles *tiles)
{
    const char *origin = tiles->view->head.origin;
    ML_TRY(ml_checkpoint_open(tiles->note_bytes, &tiles->note, &tiles->checkpoint));
    int own = is_of_ledger(tiles, &tiles->checkpoint);
    ML_TRY(own);
    if (own && ml_span_equal(tiles->checkpoint.origin, ML_SPAN(origin, strlen(origin))))
        return MLEDGER_OK;
    (void)ml_fail(MLEDGER_EINVALID, "the checkpoint is not one of this ledger's records");
    return ml_hint("mledger verify");
}

/* What the directory holds. */

static int is_tile_dir(const char *name, void *context)
{
    (void)context;
    return strcmp(name, "tile") == 0 ? 0 : 1;
}

/* A bundle of entries: its first one must be record 0 of this ledger. 1: it is; 2: it is not. */
static int check_first_entry(struct tiles *tiles, const char *path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    struct ml_span entry;
    uint8_t leaf[ML_HASH_SIZE];
    ML_TRY(ml_tiles_dir_get(&tiles->dir, path, 2 + ML_TILE_ENTRY_MAX, &bytes));
    struct ml_span bundle = ml_buf_span(&bytes);
    int result = ml_tile_entry_next(&bundle, &entry);
    if (result == MLEDGER_EINVALID || result == MLEDGER_ENOTFOUND)
        return 2;
    ML_TRY(result);
    ML_TRY(ml_merkle_leaf_hash(entry, leaf));
    return memcmp(leaf, tiles->view->head.identity, ML_HASH_SIZE) == 0 ? 1 : 2;
}

static int check_partial(const char *name, void *context)
{
    char path[512];
    snprintf(path, sizeof path, "tile/entries/000.p/%s", name);
    return check_first_entry(context, path);
}

/* No checkpoint: nothing, or what an export of this ledger left that was interrupted. The first
 * file that it writes is the first bundle. */
static int check_begun(struct tiles *tiles)
{
    int other = ml_tiles_dir_each(&tiles->dir, ".", is_tile_dir, tiles);
    ML_TRY(other);
    int found = other ? 2 : check_first_entry(tiles, "tile/entries/000");
    if (found == MLEDGER_ENOTFOUND)
        found = ml_tiles_dir_each(&tiles->dir, "tile/entries/000.p", check_partial, tiles);
    ML_TRY(found);
    if (found == 2)
        return ml_fail(MLEDGER_EINVALID, "'%s' holds something else than tiles of this ledger",
                       tiles->dir.name);
    return MLEDGER_OK;
}

static int check_before(struct tiles *tiles, struct ml_span bytes)
{
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_checkpoint before;
    if (ml_checkpoint_open(bytes, &note, &before) < 0)
        return ml_prefix("'%s/%s'", tiles->dir.name, checkpoint_file);
    if (!ml_span_equal(before.origin, tiles->checkpoint.origin))
        return ml_fail(MLEDGER_EINVALID, "'%s' holds the tiles of another ledger", tiles->dir.name);
    if (before.size > tiles->checkpoint.size)
        return ml_fail(MLEDGER_EINVALID,
                       "'%s' holds a larger tree, of %" PRIu64
                       " records, than the checkpoint's, of %" PRIu64,
                       tiles->dir.name, before.size, tiles->checkpoint.size);
    int own = is_of_ledger(tiles, &before);
    ML_TRY(own);
    if (!own)
        return ml_fail(MLEDGER_EINVALID,
                       "'%s' holds another tree of %" PRIu64 " records than this ledger gives",
                       tiles->dir.name, before.size);
    tiles->result.before = before.size;
    return MLEDGER_OK;
}

static int check_dir(struct tiles *tiles)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    int result = ml_tiles_dir_get(&tiles->dir, checkpoint_file, ML_NOTE_MAX + 1, &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return check_begun(tiles);
    ML_TRY(result);
    return check_before(tiles, ml_buf_span(&bytes));
}

/* Writing. */

static int append_entry(struct ml_view *view, uint64_t seq, struct ml_arena *arena,
                        struct ml_buf *bytes)
{
    struct ml_record record;
    ML_CLEANUP(ml_buf_release) struct ml_buf entry = {0};
    ml_arena_clear(arena);
    int result = ml_view_record(view, seq, arena, &record);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "the record is missing");
    ML_TRY(result);
    ML_TRY(ml_buf_append(&entry, record.stored->signature.data, record.stored->signature.len));
    ML_TRY(ml_buf_append(&entry, record.header_bytes.data, record.header_bytes.len));
    return ml_tile_entry_append(bytes, ml_buf_span(&entry));
}

static int make_bundle(struct ml_view *view, const struct ml_tile *tile, struct ml_buf *bytes)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    for (unsigned i = 0; i < tile->width; i++)
        ML_TRY(append_entry(view, tile->index * ML_TILE_WIDTH + i, &arena, bytes));
    return MLEDGER_OK;
}

/* A full tile gives the node above it. */
static int check_parent(struct ml_view *view, const struct ml_tile *tile, const uint8_t *hashes)
{
    struct ml_merkle_frontier frontier = {0};
    uint8_t root[ML_HASH_SIZE], stored[ML_HASH_SIZE];
    if (tile->width < ML_TILE_WIDTH)
        return MLEDGER_OK;
    for (size_t i = 0; i < ML_TILE_WIDTH; i++)
        ML_TRY(ml_merkle_append(&frontier, hashes + i * ML_HASH_SIZE, NULL, NULL));
    ML_TRY(ml_merkle_root(&frontier, root));
    ML_TRY(ml_tree_node(view->txn, (tile->level + 1) * ML_TILE_HEIGHT, tile->index, stored));
    if (memcmp(root, stored, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    (void)ml_fail(MLEDGER_EDAMAGED, "the stored tree is not that of its records");
    return ml_hint("mledger verify");
}

int ml_tile_of_view(struct ml_view *view, const struct ml_tile *tile, struct ml_buf *ret_bytes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    if (!ml_tile_is_in(tile, view->head.size))
        return ml_fail(MLEDGER_ENOTFOUND,
                       "the tree of %" PRIu64 " records has no such tile, or not as wide",
                       view->head.size);
    if (tile->level == ML_TILE_ENTRIES) {
        ML_TRY(make_bundle(view, tile, &bytes));
    } else {
        ML_TRY(ml_tile_make(tile, ml_tree_node, view->txn, &bytes));
        ML_TRY(check_parent(view, tile, bytes.data));
    }
    return ml_buf_append(ret_bytes, bytes.data, bytes.len);
}

static int write_tile(const struct ml_tile *tile, void *context)
{
    struct tiles *tiles = context;
    char path[ML_TILE_PATH_SIZE];
    ml_buf_clear(&tiles->bytes);
    ML_TRY(ml_tile_of_view(tiles->view, tile, &tiles->bytes));
    ml_tile_path(tile, path);
    ML_TRY(ml_tiles_dir_put(&tiles->dir, path, ml_buf_span(&tiles->bytes), false));
    tiles->result.files++;
    return tiles->progress
               ? tiles->progress(tiles->result.files, tiles->total, tiles->progress_context)
               : MLEDGER_OK;
}

static int count_tile(const struct ml_tile *tile, void *context)
{
    (void)tile;
    ((struct tiles *)context)->total++;
    return MLEDGER_OK;
}

/* A tile that was not full has become so: readers of the old checkpoint find it whole. */
static void drop_partials(const struct tiles *tiles)
{
    for (unsigned i = 0; i <= ML_TILE_LEVELS; i++) {
        bool entries = i == ML_TILE_LEVELS;
        unsigned shift = entries ? 0 : i * ML_TILE_HEIGHT;
        uint64_t before = tiles->result.before >> shift, now = tiles->result.size >> shift;
        struct ml_tile tile = {.level = entries ? ML_TILE_ENTRIES : i,
                               .index = before / ML_TILE_WIDTH,
                               .width = ML_TILE_WIDTH};
        char full[ML_TILE_PATH_SIZE], path[ML_TILE_PATH_SIZE + sizeof ".p"];
        if (before % ML_TILE_WIDTH == 0 || now / ML_TILE_WIDTH == tile.index)
            continue;
        ml_tile_path(&tile, full);
        snprintf(path, sizeof path, "%s.p", full);
        ml_tiles_dir_drop(&tiles->dir, path);
    }
}

static int export(struct tiles *tiles, const char *dir)
{
    ML_TRY(read_note(tiles));
    ML_TRY(ml_tiles_dir_open(dir, &tiles->dir));
    ML_TRY(check_dir(tiles));
    const uint64_t from = tiles->result.before, size = tiles->checkpoint.size;
    tiles->result.size = size;
    if (from < size) {
        ML_TRY(ml_tile_each(from, size, count_tile, tiles));
        ML_TRY(ml_tile_each(from, size, write_tile, tiles));
        ML_TRY(ml_tiles_dir_sync(&tiles->dir));
    }
    ML_TRY(ml_tiles_dir_put(&tiles->dir, checkpoint_file, tiles->note_bytes, true));
    drop_partials(tiles);
    return MLEDGER_OK;
}

int ml_tiles_export(struct ml_view *view, struct ml_span note, const char *dir,
                    ml_tiles_progress *progress, void *progress_context,
                    struct ml_tiles_result *ret_result)
{
    ML_CLEANUP(tiles_release)
    struct tiles tiles = {.view = view,
                          .dir = {.fd = -1},
                          .note_bytes = note,
                          .progress = progress,
                          .progress_context = progress_context};
    ML_TRY(export(&tiles, dir));
    *ret_result = tiles.result;
    return MLEDGER_OK;
}
