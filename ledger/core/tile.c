/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/tile.h"

#include <inttypes.h>
#include <stdio.h>

enum { GROUP = 1000 };

/* Writes the number in groups of three digits. */
static size_t write_index(uint64_t index, char *text, size_t size)
{
    unsigned groups[8]; /* 1000^7 > 2^64 */
    size_t count = 0, len = 0;
    do {
        groups[count++] = (unsigned)(index % GROUP);
        index /= GROUP;
    } while (index > 0);
    for (size_t i = count; i-- > 0;)
        len += (size_t)snprintf(text + len, size - len, i > 0 ? "x%03u/" : "%03u", groups[i]);
    return len;
}

void ml_tile_path(const struct ml_tile *tile, char ret_path[ML_TILE_PATH_SIZE])
{
    size_t len;
    assert(tile->width >= 1 && tile->width <= ML_TILE_WIDTH);
    if (tile->level == ML_TILE_ENTRIES)
        len = (size_t)snprintf(ret_path, ML_TILE_PATH_SIZE, "tile/entries/");
    else
        len = (size_t)snprintf(ret_path, ML_TILE_PATH_SIZE, "tile/%u/", tile->level);
    len += write_index(tile->index, ret_path + len, ML_TILE_PATH_SIZE - len);
    if (tile->width < ML_TILE_WIDTH)
        snprintf(ret_path + len, ML_TILE_PATH_SIZE - len, ".p/%u", tile->width);
}

/* Takes digits off *text, at most `max` of them; false where there are none, or the number grows
 * beyond 64 bits. */
static bool take_digits(const char **text, size_t max, uint64_t *number)
{
    size_t count = 0;
    for (; count < max && **text >= '0' && **text <= '9'; count++, (*text)++) {
        const uint64_t digit = (uint64_t)(**text - '0');
        if (*number > (UINT64_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return count > 0;
}

/* In groups of three digits: how many there are is told by writing it again. */
static bool take_index(const char **text, uint64_t *index)
{
    while (**text == 'x') {
        (*text)++;
        if (!take_digits(text, 3, index) || **text != '/')
            return false;
        (*text)++;
    }
    return take_digits(text, 3, index);
}

static bool take_text(const char **text, const char *wanted)
{
    const size_t len = strlen(wanted);
    if (strncmp(*text, wanted, len) != 0)
        return false;
    *text += len;
    return true;
}

bool ml_tile_parse(const char *path, struct ml_tile *ret_tile)
{
    const char *at = path;
    uint64_t level = ML_TILE_ENTRIES, index = 0, width = 0;
    char again[ML_TILE_PATH_SIZE];
    if (!take_text(&at, "tile/"))
        return false;
    if (!take_text(&at, "entries")) {
        level = 0;
        if (!take_digits(&at, 1, &level) || level >= ML_TILE_LEVELS)
            return false;
    }
    if (!take_text(&at, "/") || !take_index(&at, &index))
        return false;
    if (*at == '\0')
        width = ML_TILE_WIDTH;
    else if (!take_text(&at, ".p/") || !take_digits(&at, 3, &width) || width >= ML_TILE_WIDTH)
        return false;
    if (width == 0)
        return false;
    const struct ml_tile tile = {
        .level = (unsigned)level, .index = index, .width = (unsigned)width};
    ml_tile_path(&tile, again);
    if (strcmp(path, again) != 0)
        return false;
    *ret_tile = tile;
    return true;
}

bool ml_tile_is_in(const struct ml_tile *tile, uint64_t size)
{
    const uint64_t count =
        tile->level == ML_TILE_ENTRIES ? size : size >> (tile->level * ML_TILE_HEIGHT);
    return tile->index <= count / ML_TILE_WIDTH &&
           count - tile->index * ML_TILE_WIDTH >= tile->width;
}

/* The tiles of a level of `count` nodes, those that were full at `from` nodes left out. */
static int each_of_level(unsigned level, uint64_t from, uint64_t count, ml_tile_visitor *visit,
                         void *context)
{
    struct ml_tile tile = {.level = level, .width = ML_TILE_WIDTH};
    for (tile.index = from / ML_TILE_WIDTH; tile.index < count / ML_TILE_WIDTH; tile.index++)
        ML_TRY(visit(&tile, context));
    tile.index = count / ML_TILE_WIDTH;
    tile.width = (unsigned)(count % ML_TILE_WIDTH);
    return tile.width > 0 ? visit(&tile, context) : MLEDGER_OK;
}

int ml_tile_each(uint64_t from, uint64_t size, ml_tile_visitor *visit, void *context)
{
    ML_TRY(each_of_level(ML_TILE_ENTRIES, from, size, visit, context));
    for (unsigned level = 0; level < ML_TILE_LEVELS; level++) {
        unsigned shift = level * ML_TILE_HEIGHT;
        ML_TRY(each_of_level(level, from >> shift, size >> shift, visit, context));
    }
    return MLEDGER_OK;
}

int ml_tile_make(const struct ml_tile *tile, ml_merkle_get get, void *context, struct ml_buf *buf)
{
    assert(tile->level < ML_TILE_LEVELS);
    for (unsigned i = 0; i < tile->width; i++) {
        uint8_t hash[ML_HASH_SIZE];
        ML_TRY(get(context, tile->level * ML_TILE_HEIGHT, tile->index * ML_TILE_WIDTH + i, hash));
        ML_TRY(ml_buf_append(buf, hash, sizeof hash));
    }
    return MLEDGER_OK;
}

int ml_tile_entry_append(struct ml_buf *bundle, struct ml_span entry)
{
    if (entry.len > ML_TILE_ENTRY_MAX)
        return ml_fail(MLEDGER_EUSAGE, "an entry of a log is at most %d bytes, not %zu",
                       ML_TILE_ENTRY_MAX, entry.len);
    const uint8_t len[] = {(uint8_t)(entry.len >> 8), (uint8_t)entry.len};
    ML_TRY(ml_buf_reserve(bundle, sizeof len + entry.len));
    ML_TRY(ml_buf_append(bundle, len, sizeof len));
    return ml_buf_append(bundle, entry.data, entry.len);
}

int ml_tile_entry_next(struct ml_span *bundle, struct ml_span *ret_entry)
{
    if (bundle->len == 0)
        return MLEDGER_ENOTFOUND;
    size_t len = bundle->len < 2 ? 0 : (size_t)bundle->data[0] << 8 | bundle->data[1];
    if (bundle->len < 2 || bundle->len - 2 < len)
        return ml_fail(MLEDGER_EINVALID, "the last entry of a bundle is cut off");
    *ret_entry = ML_SPAN(bundle->data + 2, len);
    *bundle = ML_SPAN(bundle->data + 2 + len, bundle->len - 2 - len);
    return MLEDGER_OK;
}
