/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles from a stranger whose checkpoint promises more entries than anybody could hand out: the
 * verifier gives up where nothing comes, and goes on where something does. */
#include <string.h>

#include "ledger/core/record.h"
#include "ledger/core/tile.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/findings.h"
#include "verify/source_tiles.h"

static const char CHECKPOINT[] =
    "mledger/s\n9000000000000000000\niiqStMMncqWc3VV3HjLW/+3eDJNhOfmfJrY9miBNJ/k=\n\n"
    "\342\200\224 s WepE/1+evNhcO1fq/EZH8DVigSANzIgx7Zpv6rDUL2NEs0XSr0CCkJkAs1L+"
    "2OyMF5rGYaqPEd5G6dpE23Y7Crr5jQ0=\n";

struct stranger {
    struct ml_span bundle;   /* that is handed out, but for the last one; no data: none is there */
    unsigned long fruitful;  /* every how many-th bundle holds an entry; 0: none does */
    unsigned long asked_for; /* bundles */
};

static int hand_out(struct stranger *stranger, struct ml_buf *bytes)
{
    stranger->asked_for++;
    assert_true(stranger->asked_for < 1000);
    if (stranger->fruitful > 0 && stranger->asked_for < 100 &&
        stranger->asked_for % stranger->fruitful == 0) {
        const uint8_t entry[ML_SIGNATURE_SIZE + 1] = {0};
        return ml_tile_entry_append(bytes, ML_SPAN(entry, sizeof entry));
    }
    if (!stranger->bundle.data)
        return MLEDGER_ENOTFOUND;
    return ml_buf_append(bytes, stranger->bundle.data, stranger->bundle.len);
}

static int fetch(void *context, const char *path, size_t limit, struct ml_buf *ret_bytes)
{
    struct ml_tile tile;
    if (strcmp(path, "checkpoint") == 0)
        return ml_buf_append(ret_bytes, CHECKPOINT, strlen(CHECKPOINT));
    assert_true(ml_tile_parse(path, &tile));
    assert_int_equal(tile.level, ML_TILE_ENTRIES);
    assert_int_equal(limit, ML_TILE_BUNDLE_MAX);
    return hand_out(context, ret_bytes);
}

static void give_up(struct stranger stranger, unsigned long bundles)
{
    struct report report = {0};
    struct ml_tiles_result result;
    const struct ml_verify_options options = {.visit = report_keep, .visit_context = &report};
    assert_int_equal(ml_verify_tiles(fetch, &stranger, &options, &result), MLEDGER_OK);
    assert_int_equal(stranger.asked_for, bundles);
    assert_true(result.size == 9000000000000000000);
    assert_true(result.verify.faults > bundles);
    assert_true(report_has(&report, "tile", MLEDGER_NO_SEQ));
}

static void nothing_is_there(void **state)
{
    (void)state;
    give_up((struct stranger){0}, 16);
}

/* Lengths of nothing, and one byte that begins another. */
static void nothing_but_empty_entries(void **state)
{
    (void)state;
    static const uint8_t zeros[2 * 3 + 1];
    give_up((struct stranger){.bundle = ML_SPAN(zeros, sizeof zeros)}, 16);
}

static void entries_too_short_for_a_signature(void **state)
{
    (void)state;
    static const uint8_t bundle[2 + ML_SIGNATURE_SIZE + 1] = {0, ML_SIGNATURE_SIZE};
    give_up((struct stranger){.bundle = ML_SPAN(bundle, sizeof bundle)}, 16);
}

static void something_now_and_then(void **state)
{
    (void)state;
    give_up((struct stranger){.fruitful = 16}, 96 + 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_there),
        cmocka_unit_test(nothing_but_empty_entries),
        cmocka_unit_test(entries_too_short_for_a_signature),
        cmocka_unit_test(something_now_and_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
