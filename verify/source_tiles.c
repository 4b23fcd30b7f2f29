/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/source_tiles.h"

#include <inttypes.h>

#include "verify/verifier_private.h"

enum {
    NOTES_MAX = 64,
    /* Bundles one after the other that hold nothing of an entry's length until the rest is not
     * asked for: the size that a checkpoint gives is anybody's. */
    FRUITLESS_MAX = 16,
};

struct tiles {
    ml_tiles_fetch *fetch;
    void *context;
    struct ml_verifier verifier;
    struct ml_buf note_bytes;
    struct ml_note note;
    struct ml_checkpoint checkpoint;
    uint64_t next; /* the first entry of the bundle to be fetched next */
    struct ml_buf bundle;
    struct ml_span left;  /* of the bundle at hand */
    uint64_t due;         /* number of the next entry in it */
    uint64_t end;         /* number after its last */
    unsigned fruitless;   /* bundles since the last entry that can be one */
    struct ml_buf broken; /* what is wrong with it, to be told once; empty: nothing */
};

/* A tile that is not full may have been replaced by the one that grew from it. */
static int fetch_tile(struct tiles *tiles, const struct ml_tile *tile, size_t limit,
                      struct ml_buf *bytes)
{
    char path[ML_TILE_PATH_SIZE];
    ml_buf_clear(bytes);
    ml_tile_path(tile, path);
    int result = tiles->fetch(tiles->context, path, limit, bytes);
    if (result != MLEDGER_ENOTFOUND || tile->width == ML_TILE_WIDTH)
        return result;
    const struct ml_tile full = {tile->level, tile->index, ML_TILE_WIDTH};
    ml_tile_path(&full, path);
    ml_buf_clear(bytes);
    return tiles->fetch(tiles->context, path, limit, bytes);
}

/* ---- entries ---- */

static int break_bundle(struct tiles *tiles, const char *what)
{
    struct ml_tile tile = {ML_TILE_ENTRIES, (tiles->end - 1) / ML_TILE_WIDTH,
                           (unsigned)((tiles->end - 1) % ML_TILE_WIDTH) + 1};
    char path[ML_TILE_PATH_SIZE];
    ml_tile_path(&tile, path);
    ml_buf_clear(&tiles->broken);
    ML_TRY(ml_buf_printf(&tiles->broken, "%s %s", path, what));
    ML_TRY(ml_buf_append_char(&tiles->broken, '\0'));
    tiles->due = tiles->end;
    return MLEDGER_OK;
}

static int next_bundle(struct tiles *tiles)
{
    uint64_t left = tiles->checkpoint.size - tiles->next;
    struct ml_tile tile = {ML_TILE_ENTRIES, tiles->next / ML_TILE_WIDTH,
                           left < ML_TILE_WIDTH ? (unsigned)left : (unsigned)ML_TILE_WIDTH};
    int result = fetch_tile(tiles, &tile, ML_TILE_BUNDLE_MAX, &tiles->bundle);
    tiles->due = tiles->next;
    tiles->end = tiles->next + tile.width;
    tiles->next = tiles->end;
    tiles->left = ml_buf_span(&tiles->bundle);
    tiles->fruitless++;
    if (result == MLEDGER_ENOTFOUND)
        return break_bundle(tiles, "is missing");
    return result == MLEDGER_EINVALID ? break_bundle(tiles, "is longer than any can be") : result;
}

static int give_broken(struct tiles *tiles, struct ml_arena *arena,
                       struct ml_verify_input *ret_input)
{
    char *text = ml_arena_text(arena, (const char *)tiles->broken.data, tiles->broken.len - 1);
    if (!text)
        return ml_fail_memory();
    *ret_input =
        (struct ml_verify_input){.seq = MLEDGER_NO_SEQ, .bytes = ML_SPAN(text, strlen(text))};
    ml_buf_clear(&tiles->broken);
    return MLEDGER_OK;
}

/* Moves on until there is an entry at hand, or something to be told. MLEDGER_ENOTFOUND: the end. */
static int find_entry(struct tiles *tiles, struct ml_span *ret_entry)
{
    while (tiles->broken.len == 0) {
        if (tiles->due == tiles->end) {
            if (tiles->next >= tiles->checkpoint.size || tiles->fruitless >= FRUITLESS_MAX)
                return MLEDGER_ENOTFOUND;
            ML_TRY(next_bundle(tiles));
            continue;
        }
        int result = ml_tile_entry_next(&tiles->left, ret_entry);
        if (result == MLEDGER_OK)
            return MLEDGER_OK;
        if (result != MLEDGER_ENOTFOUND && result != MLEDGER_EINVALID)
            return result;
        ML_TRY(break_bundle(tiles, "is cut off"));
    }
    return MLEDGER_OK;
}

static int next_entry(void *context, struct ml_arena *arena, struct ml_verify_input *ret_input)
{
    struct tiles *tiles = context;
    struct ml_span entry = {0};
    ML_TRY(find_entry(tiles, &entry));
    if (tiles->broken.len > 0)
        return give_broken(tiles, arena, ret_input);
    uint8_t *bytes = ml_arena_alloc(arena, entry.len + 1);
    if (!bytes)
        return ml_fail_memory();
    if (entry.len > 0)
        memcpy(bytes, entry.data, entry.len);
    if (entry.len > ML_SIGNATURE_SIZE)
        tiles->fruitless = 0;
    *ret_input = (struct ml_verify_input){
        .seq = tiles->due++, .entry = true, .bytes = ML_SPAN(bytes, entry.len)};
    return MLEDGER_OK;
}

static int decode_entry(void *context, struct ml_arena *arena, struct ml_verify_input *input)
{
    (void)context;
    (void)arena;
    if (input->entry)
        return MLEDGER_OK;
    (void)ml_fail(MLEDGER_EINVALID, "%s", (const char *)input->bytes.data);
    return ml_blame("tile");
}

/* ---- tiles of hashes ---- */

static int compare_tile(const struct ml_tile *tile, void *context)
{
    struct tiles *tiles = context;
    ML_CLEANUP(ml_buf_release) struct ml_buf found = {0}, made = {0};
    char path[ML_TILE_PATH_SIZE];
    if (tile->level == ML_TILE_ENTRIES)
        return MLEDGER_OK;
    ml_tile_path(tile, path);
    int result = fetch_tile(tiles, tile, (size_t)ML_TILE_WIDTH * ML_HASH_SIZE, &found);
    if (result == MLEDGER_ENOTFOUND)
        return ml_verify_report(&tiles->verifier, ML_SEVERITY_FAULT, "tile", MLEDGER_NO_SEQ,
                                "%s is missing", path);
    if (result < 0 && result != MLEDGER_EINVALID)
        return result;
    ML_TRY(ml_tile_make(tile, ml_verifier_node, &tiles->verifier, &made));
    if (result == MLEDGER_OK && found.len >= made.len &&
        memcmp(found.data, made.data, made.len) == 0 &&
        (found.len == made.len || found.len == (size_t)ML_TILE_WIDTH * ML_HASH_SIZE))
        return MLEDGER_OK;
    return ml_verify_report(&tiles->verifier, ML_SEVERITY_FAULT, "tile", MLEDGER_NO_SEQ,
                            "%s holds other hashes than the entries give", path);
}

/* ---- all of it ---- */

static int open_checkpoint(struct tiles *tiles)
{
    int result = tiles->fetch(tiles->context, "checkpoint", ML_NOTE_MAX, &tiles->note_bytes);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no checkpoint among the tiles");
    ML_TRY(result);
    if (ml_checkpoint_open(ml_buf_span(&tiles->note_bytes), &tiles->note, &tiles->checkpoint) < 0)
        return ml_prefix("the checkpoint of the tiles");
    return MLEDGER_OK;
}

/* The entries that are missing at the end; others were told as gaps. */
static int check_count(struct tiles *tiles)
{
    struct ml_verifier *verifier = &tiles->verifier;
    if (verifier->fold.head.size >= tiles->checkpoint.size)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "gap", verifier->fold.head.size,
                            "the records from this one to %" PRIu64 " are missing",
                            tiles->checkpoint.size - 1);
}

/* The checkpoint that the tiles come with is held against them like one that was given. It anchors
 * nothing unless a trusted key has signed it. */
static int hold_checkpoint(struct tiles *tiles)
{
    struct ml_verifier *verifier = &tiles->verifier;
    uint8_t root[ML_HASH_SIZE];
    int result = ml_verifier_root_at(verifier, tiles->checkpoint.size, root);
    if (result == MLEDGER_OK && memcmp(root, tiles->checkpoint.root, ML_HASH_SIZE) != 0)
        return ml_verify_report(verifier, ML_SEVERITY_FAULT, "anchor-mismatch", MLEDGER_NO_SEQ,
                                "the checkpoint of the tiles has another root than their entries");
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static int verify_tiles(struct tiles *tiles)
{
    struct ml_verifier *verifier = &tiles->verifier;
    ML_TRY(ml_verifier_read(verifier));
    ML_TRY(check_count(tiles));
    if (verifier->whole >= tiles->checkpoint.size)
        ML_TRY(ml_tile_each(0, tiles->checkpoint.size, compare_tile, tiles));
    ML_TRY(hold_checkpoint(tiles));
    ML_TRY(ml_verifier_finish(verifier));
    ML_TRY(ml_verify_origin(verifier));
    return ml_verify_anchors(verifier);
}

/* With trusted keys the tiles' own checkpoint is one more note that these must have signed. */
static int add_own_note(struct tiles *tiles, const struct ml_verify_options *options,
                        struct ml_verify_note *notes, struct ml_verify_anchors *anchors)
{
    if (options->anchors)
        *anchors = *options->anchors;
    if (anchors->n_notes >= NOTES_MAX)
        return ml_fail(MLEDGER_EUSAGE, "more than %d checkpoints", NOTES_MAX - 1);
    if (anchors->n_vkeys == 0 && !anchors->policy)
        return MLEDGER_OK;
    for (size_t i = 0; i < anchors->n_notes; i++)
        notes[i] = anchors->notes[i];
    notes[anchors->n_notes++] = (struct ml_verify_note){.name = "the checkpoint of the tiles",
                                                        .bytes = ml_buf_span(&tiles->note_bytes)};
    anchors->notes = notes;
    return MLEDGER_OK;
}

static int run(struct tiles *tiles, const struct ml_verify_options *options,
               struct ml_tiles_result *ret_result)
{
    ML_TRY(open_checkpoint(tiles));
    struct ml_verify_note notes[NOTES_MAX];
    struct ml_verify_anchors anchors = {0};
    ML_TRY(add_own_note(tiles, options, notes, &anchors));
    struct ml_verify_options inner = *options;
    inner.level = ML_VERIFY_FULL;
    inner.anchors = &anchors;
    const struct ml_verify_source source = {.context = tiles,
                                            .total = tiles->checkpoint.size,
                                            .next = next_entry,
                                            .decode = decode_entry};
    ML_TRY(ml_verifier_init(&tiles->verifier, &inner, &source));
    ML_TRY(verify_tiles(tiles));
    *ret_result =
        (struct ml_tiles_result){.verify = tiles->verifier.result, .size = tiles->checkpoint.size};
    return MLEDGER_OK;
}

int ml_verify_tiles(ml_tiles_fetch *fetch, void *context, const struct ml_verify_options *options,
                    struct ml_tiles_result *ret_result)
{
    struct tiles tiles = {.fetch = fetch, .context = context};
    int result = run(&tiles, options, ret_result);
    ml_verifier_release(&tiles.verifier);
    ml_note_release(&tiles.note);
    ml_buf_release(&tiles.note_bytes);
    ml_buf_release(&tiles.bundle);
    ml_buf_release(&tiles.broken);
    return result;
}
