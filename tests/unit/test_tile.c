/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles: their paths, which ones a tree has, and those that others made, made again. */
#include <fts.h>
#include <stdio.h>
#include <string.h>

#include "ledger/core/tile.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/shared.h"
#include "tests/unit/tlog_vectors.h"

static void check_path(unsigned level, uint64_t index, unsigned width, const char *want)
{
    char path[ML_TILE_PATH_SIZE];
    const struct ml_tile tile = {.level = level, .index = index, .width = width};
    ml_tile_path(&tile, path);
    assert_string_equal(path, want);
    struct ml_tile again;
    assert_true(ml_tile_parse(path, &again));
    assert_int_equal(again.level, level);
    assert_true(again.index == index);
    assert_int_equal(again.width, width);
}

static void paths(void **state)
{
    (void)state;
    check_path(0, 0, 256, "tile/0/000");
    check_path(0, 999, 255, "tile/0/999.p/255");
    check_path(1, 1000, 256, "tile/1/x001/000");
    check_path(2, 1234067, 1, "tile/2/x001/x234/067.p/1");
    check_path(ML_TILE_ENTRIES, 70000, 17, "tile/entries/x070/000.p/17");
    check_path(7, UINT64_MAX, 255, "tile/7/x018/x446/x744/x073/x709/x551/615.p/255");
}

/* What a client may ask for and no tile is called. */
static void no_paths(void **state)
{
    static const char *const paths[] = {"",
                                        "tile/",
                                        "tile/0",
                                        "tile/0/",
                                        "tile/8/000",
                                        "tile/00/000",
                                        "tile/0/0",
                                        "tile/0/1000",
                                        "tile/0/x000/001",
                                        "tile/0/x01/001",
                                        "tile/0/x001",
                                        "tile/0/000/",
                                        "tile/0/000.p",
                                        "tile/0/000.p/",
                                        "tile/0/000.p/0",
                                        "tile/0/000.p/01",
                                        "tile/0/000.p/256",
                                        "tile/0/000.p/1x",
                                        "tile/entries",
                                        "tile/entries/",
                                        "tile/entries0/000",
                                        "tile/-1/000",
                                        "tile/0/-01",
                                        "tile/0/x018/x446/x744/x073/x709/x551/616",
                                        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
                                        "tile/0/../0/000",
                                        "checkpoint"};
    struct ml_tile tile;
    (void)state;
    for (size_t i = 0; i < ML_COUNT(paths); i++)
        if (ml_tile_parse(paths[i], &tile))
            fail_msg("'%s' is taken for a tile", paths[i]);
}

static void tiles_that_a_tree_has(void **state)
{
    static const struct {
        struct ml_tile tile;
        uint64_t size;
        bool is_in;
    } cases[] = {
        {{0, 0, 1}, 0, false},
        {{0, 0, 1}, 1, true},
        {{0, 0, 2}, 1, false},
        {{0, 0, 256}, 255, false},
        {{0, 0, 256}, 256, true},
        {{0, 1, 1}, 256, false},
        {{0, 1, 1}, 257, true},
        {{1, 0, 1}, 255, false},
        {{1, 0, 1}, 256, true},
        {{1, 0, 2}, 511, false},
        {{0, UINT64_MAX, 1}, 7, false},
        {{7, UINT64_MAX, 255}, UINT64_MAX, false},
        {{ML_TILE_ENTRIES, 1, 44}, 300, true},
        {{ML_TILE_ENTRIES, 1, 45}, 300, false},
    };
    (void)state;
    for (size_t i = 0; i < ML_COUNT(cases); i++)
        if (ml_tile_is_in(&cases[i].tile, cases[i].size) != cases[i].is_in)
            fail_msg("case %zu", i);
}

/* What ml_tile_each() gave. */
struct found {
    size_t full[ML_TILE_LEVELS + 1], partial[ML_TILE_LEVELS + 1];
    unsigned width[ML_TILE_LEVELS + 1];
};

static int count_tile(const struct ml_tile *tile, void *context)
{
    struct found *found = context;
    size_t at = tile->level == ML_TILE_ENTRIES ? ML_TILE_LEVELS : tile->level;
    if (tile->width == ML_TILE_WIDTH)
        found->full[at]++;
    else {
        found->partial[at]++;
        found->width[at] = tile->width;
    }
    return MLEDGER_OK;
}

/* The examples of the specification. */
static void tiles_of_a_tree(void **state)
{
    (void)state;
    struct found found = {0};
    assert_int_equal(ml_tile_each(0, 70000, count_tile, &found), MLEDGER_OK);
    assert_int_equal(found.full[0], 273);
    assert_int_equal(found.width[0], 112);
    assert_int_equal(found.full[1], 1);
    assert_int_equal(found.width[1], 17);
    assert_int_equal(found.full[2], 0);
    assert_int_equal(found.width[2], 1);
    assert_int_equal(found.partial[3], 0);
    assert_int_equal(found.full[ML_TILE_LEVELS], 273);
    found = (struct found){0};
    assert_int_equal(ml_tile_each(0, 256, count_tile, &found), MLEDGER_OK);
    assert_int_equal(found.full[0], 1);
    assert_int_equal(found.partial[0], 0);
    assert_int_equal(found.width[1], 1);
    found = (struct found){0};
    assert_int_equal(ml_tile_each(0, 0, count_tile, &found), MLEDGER_OK);
    assert_int_equal(found.full[0] + found.partial[0] + found.partial[ML_TILE_LEVELS], 0);
}

static void only_what_is_new(void **state)
{
    (void)state;
    struct found found = {0};
    assert_int_equal(ml_tile_each(69999, 70300, count_tile, &found), MLEDGER_OK);
    assert_int_equal(found.full[0], 1);
    assert_int_equal(found.width[0], 70300 % 256);
    assert_int_equal(found.full[1], 0);
    assert_int_equal(found.partial[1], 1);
}

static int stop_there(const struct ml_tile *tile, void *context)
{
    (void)tile;
    ++*(int *)context;
    return ml_fail(MLEDGER_ESYSTEM, "enough");
}

static void a_visitor_ends_it(void **state)
{
    (void)state;
    int calls = 0;
    assert_int_equal(ml_tile_each(0, 1000, stop_there, &calls), MLEDGER_ESYSTEM);
    assert_int_equal(calls, 1);
}

static void bundles(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bundle = {0}, large = {0};
    assert_int_equal(ml_tile_entry_append(&bundle, ML_SPAN("first", 5)), MLEDGER_OK);
    assert_int_equal(ml_tile_entry_append(&bundle, ML_SPAN("", 0)), MLEDGER_OK);
    assert_int_equal(ml_buf_reserve(&large, 65536), MLEDGER_OK);
    memset(large.data, 'x', 65536);
    assert_int_equal(ml_tile_entry_append(&bundle, ML_SPAN(large.data, 65536)), MLEDGER_EUSAGE);
    assert_int_equal(ml_tile_entry_append(&bundle, ML_SPAN(large.data, 65535)), MLEDGER_OK);
    struct ml_span rest = ml_buf_span(&bundle), entry;
    assert_int_equal(ml_tile_entry_next(&rest, &entry), MLEDGER_OK);
    assert_true(ml_span_equal(entry, ML_SPAN("first", 5)));
    assert_int_equal(ml_tile_entry_next(&rest, &entry), MLEDGER_OK);
    assert_int_equal(entry.len, 0);
    assert_int_equal(ml_tile_entry_next(&rest, &entry), MLEDGER_OK);
    assert_int_equal(entry.len, 65535);
    assert_int_equal(ml_tile_entry_next(&rest, &entry), MLEDGER_ENOTFOUND);
}

static void a_bundle_that_is_cut_off(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0, 3, 'a', 'b', 'c'};
    for (size_t len = 1; len < sizeof bytes; len++) {
        struct ml_span rest = ML_SPAN(bytes, len), entry;
        assert_int_equal(ml_tile_entry_next(&rest, &entry), MLEDGER_EINVALID);
    }
}

/* The tile of a path with one group of digits: "tile/0/002.p/88". */
static struct ml_tile tile_of(const char *path)
{
    struct ml_tile tile = {.level = ML_TILE_ENTRIES, .width = ML_TILE_WIDTH};
    const char *level = path + strlen("tile/"), *slash = strchr(level, '/');
    char *end;
    assert_non_null(slash);
    if (strncmp(level, "entries/", strlen("entries/")) != 0)
        tile.level = (unsigned)strtoul(level, NULL, 10);
    tile.index = strtoul(slash + 1, &end, 10);
    if (strncmp(end, ".p/", strlen(".p/")) == 0)
        tile.width = (unsigned)strtoul(end + strlen(".p/"), NULL, 10);
    return tile;
}

static void make(const struct ml_tile *tile, struct tlog_tree *tree, struct ml_buf *ret_bytes)
{
    if (tile->level != ML_TILE_ENTRIES) {
        assert_int_equal(ml_tile_make(tile, tlog_node, tree, ret_bytes), MLEDGER_OK);
        return;
    }
    for (unsigned i = 0; i < tile->width; i++) {
        uint8_t entry[TLOG_ENTRY_MAX];
        size_t len = tlog_entry(tile->index * ML_TILE_WIDTH + i, entry);
        assert_int_equal(ml_tile_entry_append(ret_bytes, ML_SPAN(entry, len)), MLEDGER_OK);
    }
}

/* Every tile and bundle of the shared log, whatever its width. */
static void those_of_others(void **state)
{
    (void)state;
    char root[SHARED_PATH_SIZE];
    if (!shared_path(root, "data/vectors/tlog-600/tile"))
        skip();
    struct tlog_tree *tree = tlog_tree_new();
    char *const roots[] = {root, NULL};
    size_t count = 0, base = strlen(root) - strlen("tile");
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    assert_non_null(walk);
    for (const FTSENT *file; (file = fts_read(walk)) != NULL;) {
        if (file->fts_info != FTS_F)
            continue;
        char name[128], path[ML_TILE_PATH_SIZE];
        ML_CLEANUP(ml_buf_release) struct ml_buf want = {0}, made = {0};
        struct ml_tile tile = tile_of(file->fts_path + base);
        ml_tile_path(&tile, path);
        assert_string_equal(path, file->fts_path + base);
        snprintf(name, sizeof name, "tlog-600/%s", path);
        assert_true(tlog_read(name, &want));
        make(&tile, tree, &made);
        assert_true(ml_span_equal(ml_buf_span(&want), ml_buf_span(&made)));
        count++;
    }
    fts_close(walk);
    free(tree);
    printf("tiles: %zu made again\n", count);
    assert_true(count > 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(no_paths),
        cmocka_unit_test(tiles_that_a_tree_has),
        cmocka_unit_test(tiles_of_a_tree),
        cmocka_unit_test(only_what_is_new),
        cmocka_unit_test(a_visitor_ends_it),
        cmocka_unit_test(bundles),
        cmocka_unit_test(a_bundle_that_is_cut_off),
        cmocka_unit_test(those_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
