/* SPDX-License-Identifier: Apache-2.0 */
/* The state against a plain model of it: same puts, deletes, marks and rollbacks, same answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "ledger/core/state.h"

enum { KEYS = 300, STEPS = 40000, VALUE_MAX = 300 };

/* What lies below, and what should be seen: a value per key, length -1 for none. */
struct model {
    int len[KEYS];
    uint8_t value[KEYS][VALUE_MAX];
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static struct ml_span key_of(unsigned i, char text[32])
{
    int len = snprintf(text, 32, "key-%u", i);
    return ML_SPAN(text, (size_t)len);
}

static unsigned number_of(struct ml_span key)
{
    char text[32] = "";
    memcpy(text, key.data, key.len < 31 ? key.len : 31);
    assert_memory_equal(text, "key-", 4);
    unsigned long i = strtoul(text + 4, NULL, 10);
    assert_true(i < KEYS);
    return (unsigned)i;
}

static int get_below(void *context, struct ml_span key, struct ml_span *ret_value)
{
    const struct model *below = context;
    unsigned i = number_of(key);
    if (below->len[i] < 0)
        return MLEDGER_ENOTFOUND;
    *ret_value = ML_SPAN(below->value[i], (size_t)below->len[i]);
    return MLEDGER_OK;
}

static void compare(struct ml_state *state, const struct model *model, unsigned i)
{
    char text[32];
    struct ml_span value;
    int result = ml_state_get(state, key_of(i, text), &value);
    if (model->len[i] < 0) {
        assert_int_equal(result, MLEDGER_ENOTFOUND);
        return;
    }
    assert_int_equal(result, 0);
    assert_int_equal(value.len, model->len[i]);
    assert_memory_equal(value.data, model->value[i], value.len);
}

static void change(struct ml_state *state, struct model *model, unsigned i, uint32_t *seed)
{
    char text[32];
    if (next_random(seed) % 4 == 0) {
        assert_int_equal(ml_state_delete(state, key_of(i, text)), 0);
        model->len[i] = -1;
        return;
    }
    model->len[i] = (int)(next_random(seed) % VALUE_MAX);
    for (int k = 0; k < model->len[i]; k++)
        model->value[i][k] = (uint8_t)next_random(seed);
    assert_int_equal(
        ml_state_put(state, key_of(i, text), ML_SPAN(model->value[i], (size_t)model->len[i])), 0);
}

static int apply_to(struct ml_span key, struct ml_span value, void *context)
{
    struct model *model = context;
    unsigned i = number_of(key);
    model->len[i] = value.data ? (int)value.len : -1;
    if (value.data && value.len)
        memcpy(model->value[i], value.data, value.len);
    return 0;
}

static void run(uint32_t seed, bool with_below, size_t memory)
{
    static struct model below, model, kept;
    for (unsigned i = 0; i < KEYS; i++) {
        below.len[i] = with_below && i % 3 == 0 ? (int)(i % 50) : -1;
        memset(below.value[i], (int)i, VALUE_MAX);
    }
    model = below;
    const struct ml_state_options options = {
        .get = with_below ? get_below : NULL, .context = &below, .memory = memory};
    struct ml_state *state;
    assert_int_equal(ml_state_new(&options, &state), 0);
    bool marked = false;
    for (int step = 0; step < STEPS; step++) {
        uint32_t what = next_random(&seed) % 100;
        unsigned i = next_random(&seed) % KEYS;
        if (what < 50) {
            change(state, &model, i, &seed);
        } else if (what < 96) {
            compare(state, &model, i);
        } else if (!marked) {
            kept = model;
            ml_state_mark(state);
            marked = true;
        } else if (what == 96) {
            ml_state_keep(state);
            marked = false;
        } else {
            ml_state_rollback(state);
            model = kept;
            marked = false;
        }
    }
    for (unsigned i = 0; i < KEYS; i++)
        compare(state, &model, i);
    /* The changes, applied to what lies below, give what is seen; in either order. */
    static struct model sorted, unsorted;
    sorted = unsorted = below;
    assert_int_equal(ml_state_each(state, apply_to, &sorted), 0);
    assert_int_equal(ml_state_each_unordered(state, apply_to, &unsorted), 0);
    for (unsigned i = 0; i < KEYS; i++) {
        assert_int_equal(sorted.len[i], model.len[i]);
        assert_int_equal(unsorted.len[i], model.len[i]);
        if (model.len[i] > 0)
            assert_memory_equal(sorted.value[i], model.value[i], (size_t)model.len[i]);
    }
    ml_state_free(state);
}

static void it_behaves_as_its_model(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 5; seed++) {
        run(seed, false, 0);
        run(seed, true, 0);
    }
}

static void beyond_its_memory_it_spills(void **state)
{
    (void)state;
    run(7, false, 1);
    run(8, true, 1 << 20);
}

static void a_missing_spill_directory_is_an_error(void **state)
{
    (void)state;
    const struct ml_state_options options = {.memory = 1, .spill_dir = "/nonexistent/dir"};
    struct ml_state *one;
    assert_int_equal(ml_state_new(&options, &one), 0);
    assert_int_equal(ml_state_put(one, ML_SPAN("k", 1), ML_SPAN("v", 1)), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "/nonexistent/dir"));
    ml_state_free(one);
}

struct order {
    struct ml_span last;
    uint8_t bytes[ML_STATE_KEY_MAX];
};

static int is_ascending(struct ml_span key, struct ml_span value, void *context)
{
    (void)value;
    struct order *order = context;
    if (order->last.len) {
        size_t shorter = order->last.len < key.len ? order->last.len : key.len;
        int compared = memcmp(order->last.data, key.data, shorter);
        assert_true(compared < 0 || (compared == 0 && order->last.len < key.len));
    }
    memcpy(order->bytes, key.data, key.len);
    order->last = ML_SPAN(order->bytes, key.len);
    return 0;
}

static void changes_come_in_order(void **state)
{
    (void)state;
    const struct ml_state_options options = {0};
    struct ml_state *one;
    assert_int_equal(ml_state_new(&options, &one), 0);
    for (unsigned i = 0; i < 5000; i++) {
        char text[32];
        assert_int_equal(ml_state_put(one, key_of(i * 7919 % 5000, text), ML_SPAN("", 0)), 0);
    }
    struct order order = {0};
    assert_int_equal(ml_state_each(one, is_ascending, &order), 0);
    assert_true(order.last.len > 0);
    ml_state_free(one);
}

static void a_living_field_takes_about_64_bytes(void **state)
{
    (void)state;
    enum { FIELDS = 200000, KEY = 34, VALUE = 10 };
    const struct ml_state_options options = {0};
    struct ml_state *one;
    assert_int_equal(ml_state_new(&options, &one), 0);
    for (uint32_t i = 0; i < FIELDS; i++) {
        uint8_t key[KEY] = {0}, value[VALUE] = {0};
        memcpy(key, &i, sizeof i);
        assert_int_equal(ml_state_put(one, ML_SPAN(key, KEY), ML_SPAN(value, VALUE)), 0);
    }
    assert_in_range(ml_state_memory(one) / FIELDS, 40, 96);
    ml_state_free(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_behaves_as_its_model),
        cmocka_unit_test(beyond_its_memory_it_spills),
        cmocka_unit_test(a_missing_spill_directory_is_an_error),
        cmocka_unit_test(changes_come_in_order),
        cmocka_unit_test(a_living_field_takes_about_64_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
