/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/as_of.h"

#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/index.h"
#include "ledger/core/time.h"

enum { SEQ_DIGITS = 19, TIME_LENGTH_MAX = 64 };

static bool read_seq(const char *text, uint64_t *ret_seq)
{
    if (text[0] == '#')
        text++;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > SEQ_DIGITS || text[digits] != '\0')
        return false;
    *ret_seq = strtoull(text, NULL, 10);
    return true;
}

int ml_as_of_parse(const char *text, struct ml_as_of *ret_as_of)
{
    struct ml_as_of as_of = {.kind = ML_AS_OF_SEQ};
    if (read_seq(text, &as_of.seq)) {
        *ret_as_of = as_of;
        return MLEDGER_OK;
    }
    as_of.kind = ML_AS_OF_TIME;
    size_t len = strnlen(text, TIME_LENGTH_MAX + 1);
    if (len > TIME_LENGTH_MAX || ml_time_parse_user(text, len, &as_of.time_us) < 0)
        return ml_fail(MLEDGER_EUSAGE,
                       "'%.*s' is neither the number of a record nor a time "
                       "(2026-03-01, 2026-03-01T14:32:00Z)",
                       TIME_LENGTH_MAX, text);
    *ret_as_of = as_of;
    return MLEDGER_OK;
}

static int damaged(uint64_t seq)
{
    return ml_fail_seq(MLEDGER_EDAMAGED, seq, "not a record");
}

/* The header is the first field of the stored record; only it is decoded. */
static int recorded_at(struct ml_span stored, uint64_t seq, struct ml_arena *arena,
                       int64_t *ret_time_us)
{
    size_t at = 1, len = 0;
    unsigned shift = 0;
    if (stored.len == 0 || stored.data[0] != 0x0a)
        return damaged(seq);
    do {
        if (at >= stored.len || shift > 14)
            return damaged(seq);
        len |= (size_t)(stored.data[at] & 0x7f) << shift;
        shift += 7;
    } while (stored.data[at++] & 0x80);
    if (len > stored.len - at)
        return damaged(seq);
    const Mledger__Header *header;
    ml_arena_clear(arena);
    if (ml_header_read(ML_SPAN(stored.data + at, len), arena, &header) < 0)
        return damaged(seq);
    *ret_time_us = header->recorded_at;
    return MLEDGER_OK;
}

static int time_of(struct ml_view *view, uint64_t seq, struct ml_arena *arena, int64_t *ret_time_us)
{
    struct ml_span stored;
    int result = ml_view_bytes(view, seq, &stored);
    if (result == MLEDGER_ENOTFOUND)
        return damaged(seq);
    ML_TRY(result);
    return recorded_at(stored, seq, arena, ret_time_us);
}

/* Among the records [low, high), where times do not fall, the first that is after `time_us`; high:
 * none is. */
static int search(struct ml_view *view, int64_t time_us, uint64_t low, uint64_t high,
                  struct ml_arena *arena, uint64_t *ret_seq)
{
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        int64_t middle_us;
        ML_TRY(time_of(view, middle, arena, &middle_us));
        if (middle_us <= time_us)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_seq = low;
    return MLEDGER_OK;
}

/* Times fall only where the clock was corrected. From the newest of these stretches on: what is not
 * after the time in a later one comes after all that is in an earlier one. */
static int last_not_after(struct ml_view *view, int64_t time_us, struct ml_arena *arena,
                          uint64_t *ret_seq)
{
    struct ml_state_key prefix = ml_index_clock_prefix();
    uint64_t end = view->head.size, begin, found;
    do {
        int result = ml_view_index_last(view, &prefix, end - 1, &begin);
        if (result == MLEDGER_ENOTFOUND)
            begin = 0;
        else
            ML_TRY(result);
        if (begin >= end)
            return damaged(begin);
        ML_TRY(search(view, time_us, begin, end, arena, &found));
        if (found > begin) {
            *ret_seq = found - 1;
            return MLEDGER_OK;
        }
        end = begin;
    } while (end > 0);
    return ml_fail(MLEDGER_ENOTFOUND, "the ledger has no record that old");
}

int ml_as_of_resolve(struct ml_view *view, const struct ml_as_of *as_of, uint64_t *ret_seq)
{
    if (view->head.size == 0)
        return ml_fail(MLEDGER_ENOTFOUND, "the ledger is empty");
    uint64_t newest = view->head.size - 1;
    if (as_of->kind == ML_AS_OF_SEQ && as_of->seq > newest)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no record %" PRIu64 "; the newest is %" PRIu64,
                       as_of->seq, newest);
    if (as_of->kind != ML_AS_OF_TIME) {
        *ret_seq = as_of->kind == ML_AS_OF_SEQ ? as_of->seq : newest;
        return MLEDGER_OK;
    }
    if (as_of->time_us >= view->head.recorded_at_us) {
        *ret_seq = newest;
        return MLEDGER_OK;
    }
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    return last_not_after(view, as_of->time_us, &arena, ret_seq);
}

int ml_as_of_instant(struct ml_view *view, const struct ml_as_of *as_of,
                     struct ml_instant *ret_instant)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_instant instant = {.time_us = as_of->time_us};
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_as_of_resolve(view, as_of, &instant.seq));
    if (as_of->kind != ML_AS_OF_TIME)
        ML_TRY(time_of(view, instant.seq, &arena, &instant.time_us));
    *ret_instant = instant;
    return MLEDGER_OK;
}

int ml_as_of_since(struct ml_view *view, const struct ml_as_of *as_of, uint64_t *ret_first)
{
    struct ml_as_of before = *as_of;
    uint64_t older;
    if (view->head.size == 0)
        return ml_fail(MLEDGER_ENOTFOUND, "the ledger is empty");
    if (as_of->kind != ML_AS_OF_TIME) {
        *ret_first = as_of->kind == ML_AS_OF_SEQ ? as_of->seq : view->head.size;
        return MLEDGER_OK;
    }
    before.time_us--;
    int result = ml_as_of_resolve(view, &before, &older);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    *ret_first = result == MLEDGER_OK ? older + 1 : 0; /* none is older */
    return MLEDGER_OK;
}
