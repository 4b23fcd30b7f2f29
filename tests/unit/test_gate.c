/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/gate.h"

#include <errno.h>
#include <stdatomic.h>

#include "tests/unit/cmocka_all.h"

static void many_are_inside_at_once(void **state)
{
    (void)state;
    struct ml_gate gate;
    assert_int_equal(ml_gate_init(&gate), 0);
    assert_int_equal(ml_gate_enter(&gate, 0), 0);
    assert_int_equal(ml_gate_enter(&gate, 0), 0);
    ml_gate_leave(&gate);
    ml_gate_leave(&gate);
    ml_gate_release(&gate);
}

static void closing_gives_up_on_one_who_stays(void **state)
{
    (void)state;
    struct ml_gate gate;
    assert_int_equal(ml_gate_init(&gate), 0);
    assert_int_equal(ml_gate_enter(&gate, 0), 0);
    assert_int_equal(ml_gate_close(&gate, 1), ETIMEDOUT);
    assert_int_equal(ml_gate_enter(&gate, 0), 0); /* and is open again */
    ml_gate_leave(&gate);
    ml_gate_leave(&gate);
    assert_int_equal(ml_gate_close(&gate, 0), 0);
    assert_int_equal(ml_gate_enter(&gate, 1), ETIMEDOUT);
    assert_int_equal(ml_gate_close(&gate, 1), ETIMEDOUT);
    ml_gate_open(&gate);
    ml_gate_release(&gate);
}

/* Readers must never see the pair differ, which the one alone inside makes it do. */
struct shared {
    struct ml_gate gate;
    volatile unsigned a, b;
    atomic_uint torn;
};

static void *look(void *context)
{
    struct shared *shared = context;
    for (unsigned i = 0; i < 2000; i++) {
        if (ml_gate_enter(&shared->gate, 60000) != 0) {
            shared->torn++;
            break;
        }
        if (shared->a != shared->b)
            shared->torn++;
        ml_gate_leave(&shared->gate);
    }
    return NULL;
}

static void whoever_closed_it_is_alone(void **state)
{
    (void)state;
    struct shared shared = {.a = 0};
    assert_int_equal(ml_gate_init(&shared.gate), 0);
    pthread_t threads[3];
    for (size_t i = 0; i < ML_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, look, &shared), 0);
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(ml_gate_close(&shared.gate, 60000), 0);
        shared.a = i;
        shared.b = i;
        ml_gate_open(&shared.gate);
    }
    for (size_t i = 0; i < ML_COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(shared.torn, 0);
    ml_gate_release(&shared.gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_are_inside_at_once),
        cmocka_unit_test(closing_gives_up_on_one_who_stays),
        cmocka_unit_test(whoever_closed_it_is_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
