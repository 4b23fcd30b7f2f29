/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/kv_scenario.h"

#include "tests/unit/kv_store.h"

int kv_scenario_open(const char *dir, struct ml_kv **ret)
{
    struct ml_kv_options options = kv_options(true);
    options.map_bytes = 1;
    return ml_kv_open(dir, &options, ret);
}

static size_t value_len(uint64_t number)
{
    return (size_t)(number * 9973 % 30000 + 1);
}

static uint8_t value_byte(uint64_t number, size_t at)
{
    return (uint8_t)(number * 31 + at * 7);
}

/* Scattered, so that the index is written all over. */
static struct ml_key_u64 index_key(uint64_t number)
{
    return ml_key_u64(number * UINT64_C(0x9E3779B97F4A7C15));
}

static struct ml_span span(const struct ml_key_u64 *key)
{
    return ML_SPAN(key->bytes, sizeof key->bytes);
}

static int append(struct ml_kv_txn *txn, void *context)
{
    uint64_t number = *(uint64_t *)context;
    struct ml_key_u64 seq = ml_key_u64(number);
    struct ml_key_u64 next = ml_key_u64(number + 1);
    struct ml_key_u64 scattered = index_key(number);
    uint8_t *room;
    ML_TRY(ml_kv_reserve(txn, KV_RECORDS, span(&seq), value_len(number), &room));
    for (size_t i = 0; i < value_len(number); i++)
        room[i] = value_byte(number, i);
    ML_TRY(ml_kv_put_new(txn, KV_INDEX, span(&scattered), span(&seq)));
    ML_TRY(ml_kv_put(txn, KV_META, kv_text("count"), span(&next)));
    /* a large value that lives until the next append: its pages become free */
    ML_TRY(ml_kv_reserve(txn, KV_META, span(&seq), 20000, &room));
    memset(room, 1, 20000);
    struct ml_key_u64 before = ml_key_u64(number - 1);
    return number == 0 ? MLEDGER_OK : ml_kv_delete(txn, KV_META, span(&before));
}

int kv_scenario_append(struct ml_kv *kv, uint64_t number)
{
    return ml_kv_update(kv, append, &number);
}

static int wrong(uint64_t number, const char *what)
{
    return ml_fail(MLEDGER_EDAMAGED, "record %ju: %s", (uintmax_t)number, what);
}

static int check_record(struct ml_kv_txn *txn, uint64_t number)
{
    struct ml_key_u64 seq = ml_key_u64(number);
    struct ml_key_u64 scattered = index_key(number);
    struct ml_span value;
    struct ml_span indexed;
    if (ml_kv_get(txn, KV_RECORDS, span(&seq), &value) < 0)
        return wrong(number, "is missing");
    if (value.len != value_len(number))
        return wrong(number, "has another length");
    for (size_t i = 0; i < value.len; i++)
        if (value.data[i] != value_byte(number, i))
            return wrong(number, "has another content");
    if (ml_kv_get(txn, KV_INDEX, span(&scattered), &indexed) < 0)
        return wrong(number, "is not in the index");
    return ml_span_equal(indexed, span(&seq)) ? MLEDGER_OK : wrong(number, "is another's");
}

static int count_of(struct ml_kv_txn *txn, uint64_t *ret_count)
{
    struct ml_span value;
    int result = ml_kv_get(txn, KV_META, kv_text("count"), &value);
    if (result == MLEDGER_ENOTFOUND) {
        *ret_count = 0;
        return MLEDGER_OK;
    }
    ML_TRY(result);
    return ml_key_u64_read(value, ret_count) ? MLEDGER_OK
                                             : wrong(0, "the count has another length");
}

int kv_scenario_check(struct ml_kv *kv, uint64_t *ret_count)
{
    ML_CLEANUP(ml_kv_read_endp) struct ml_kv_txn *txn = NULL;
    uint64_t count;
    uint64_t records;
    uint64_t indexed;
    uint64_t others;
    ML_TRY(ml_kv_read_begin(kv, &txn));
    ML_TRY(count_of(txn, &count));
    for (uint64_t i = 0; i < count; i++)
        ML_TRY(check_record(txn, i));
    ML_TRY(ml_kv_count(txn, KV_RECORDS, &records));
    ML_TRY(ml_kv_count(txn, KV_INDEX, &indexed));
    ML_TRY(ml_kv_count(txn, KV_META, &others));
    if (records != count || indexed != count || others != (count > 0 ? 2 : 0))
        return wrong(count, "part of a record that was never committed is there");
    *ret_count = count;
    return MLEDGER_OK;
}
