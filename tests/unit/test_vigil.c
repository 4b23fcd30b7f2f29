/* SPDX-License-Identifier: Apache-2.0 */
/* What is due while records come in, by a clock that the test turns. */
#include "tests/unit/cmocka_all.h"

#include "cli/vigil.h"

enum { SECOND = 1000000 };

static void durations_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {{"500ms", 500000},
                {"1s", SECOND},
                {"30s", 30 * (int64_t)SECOND},
                {"5m", 300 * (int64_t)SECOND},
                {"12h", 43200 * (int64_t)SECOND},
                {"3653d", INT64_C(3653) * 86400 * SECOND}};
    static const char *const bad[] = {"",
                                      "5",
                                      "s",
                                      "0s",
                                      "05s",
                                      "-5s",
                                      "5 s",
                                      "5S",
                                      "5sec",
                                      "1.5s",
                                      " 5s",
                                      "5s ",
                                      "3654d",
                                      "9223372036854775807d",
                                      "9223372036854775808s"};
    int64_t us;
    for (size_t i = 0; i < ML_COUNT(good); i++) {
        assert_int_equal(ml_duration_parse("it", good[i].text, &us), MLEDGER_OK);
        assert_true(us == good[i].us);
    }
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        if (ml_duration_parse("it", bad[i], &us) != MLEDGER_EUSAGE)
            fail_msg("'%s' was read", bad[i]);
}

static void every_is_a_number_or_a_time(void **state)
{
    (void)state;
    struct ml_vigil vigil = {0};
    assert_false(ml_vigil_is_kept(&vigil));
    assert_int_equal(ml_vigil_every(&vigil, "it", "1000"), MLEDGER_OK);
    assert_int_equal(vigil.every_records, 1000);
    assert_int_equal(vigil.every_us, 0);
    assert_true(ml_vigil_is_kept(&vigil));
    vigil = (struct ml_vigil){0};
    assert_int_equal(ml_vigil_every(&vigil, "it", "2s"), MLEDGER_OK);
    assert_int_equal(vigil.every_us, 2 * SECOND);
    assert_true(ml_vigil_is_kept(&vigil));
    static const char *const bad[] = {"", "0", "01", "-1", "5x"};
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        assert_int_equal(ml_vigil_every(&vigil, "it", bad[i]), MLEDGER_EUSAGE);
}

static void expect(struct ml_vigil *vigil, int64_t now_us, enum ml_vigil_due due, int64_t rest_us)
{
    assert_int_equal(ml_vigil_due(vigil, now_us), due);
    assert_true(ml_vigil_rest_us(vigil, now_us) == rest_us);
}

static void a_checkpoint_is_due_after_so_many(void **state)
{
    (void)state;
    struct ml_vigil vigil = {.every_records = 10};
    ml_vigil_begin(&vigil, 100);
    expect(&vigil, 200, ML_VIGIL_NOTHING, -1);
    ml_vigil_recorded(&vigil, 9, 300);
    expect(&vigil, 1000000000, ML_VIGIL_NOTHING, -1);
    ml_vigil_recorded(&vigil, 0, 400);
    expect(&vigil, 400, ML_VIGIL_NOTHING, -1);
    ml_vigil_recorded(&vigil, 1, 500);
    expect(&vigil, 500, ML_VIGIL_CHECKPOINT, 0);
    ml_vigil_covered(&vigil, 600);
    expect(&vigil, 600, ML_VIGIL_NOTHING, -1);
    ml_vigil_recorded(&vigil, 100, 700);
    expect(&vigil, 700, ML_VIGIL_CHECKPOINT, 0);
}

static void a_checkpoint_is_due_so_long_after_the_first_that_none_covers(void **state)
{
    (void)state;
    struct ml_vigil vigil = {.every_us = 100};
    ml_vigil_begin(&vigil, 0);
    expect(&vigil, 1000, ML_VIGIL_NOTHING, -1); /* nothing came */
    ml_vigil_recorded(&vigil, 1, 1000);
    ml_vigil_recorded(&vigil, 1, 1090); /* which does not put it off */
    expect(&vigil, 1090, ML_VIGIL_NOTHING, 10);
    expect(&vigil, 1099, ML_VIGIL_NOTHING, 1);
    expect(&vigil, 1100, ML_VIGIL_CHECKPOINT, 0);
    ml_vigil_covered(&vigil, 1105);
    expect(&vigil, 9999, ML_VIGIL_NOTHING, -1);
}

static void a_heartbeat_is_due_after_silence(void **state)
{
    (void)state;
    struct ml_vigil vigil = {.silence_us = 50};
    ml_vigil_begin(&vigil, 0);
    expect(&vigil, 49, ML_VIGIL_NOTHING, 1);
    expect(&vigil, 50, ML_VIGIL_HEARTBEAT, 0);
    ml_vigil_recorded(&vigil, 1, 50); /* the heartbeat itself */
    expect(&vigil, 60, ML_VIGIL_NOTHING, 40);
    ml_vigil_recorded(&vigil, 3, 90);
    expect(&vigil, 100, ML_VIGIL_NOTHING, 40);
    ml_vigil_covered(&vigil, 120);
    expect(&vigil, 169, ML_VIGIL_NOTHING, 1);
    expect(&vigil, 170, ML_VIGIL_HEARTBEAT, 0);
}

static void the_checkpoint_goes_first_and_the_nearer_is_waited_for(void **state)
{
    (void)state;
    struct ml_vigil vigil = {.every_us = 100, .silence_us = 30};
    ml_vigil_begin(&vigil, 0);
    ml_vigil_recorded(&vigil, 1, 0);
    expect(&vigil, 10, ML_VIGIL_NOTHING, 20);
    expect(&vigil, 30, ML_VIGIL_HEARTBEAT, 0);
    ml_vigil_recorded(&vigil, 1, 85);
    expect(&vigil, 90, ML_VIGIL_NOTHING, 10);
    expect(&vigil, 200, ML_VIGIL_CHECKPOINT, 0);
}

static void a_clock_that_goes_back_starts_anew(void **state)
{
    (void)state;
    struct ml_vigil vigil = {.every_us = 100, .silence_us = 50};
    ml_vigil_begin(&vigil, 1000);
    ml_vigil_recorded(&vigil, 1, 1000);
    expect(&vigil, 10, ML_VIGIL_NOTHING, 50);
    expect(&vigil, 60, ML_VIGIL_HEARTBEAT, 0);
    expect(&vigil, 110, ML_VIGIL_CHECKPOINT, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read_strictly),
        cmocka_unit_test(every_is_a_number_or_a_time),
        cmocka_unit_test(a_checkpoint_is_due_after_so_many),
        cmocka_unit_test(a_checkpoint_is_due_so_long_after_the_first_that_none_covers),
        cmocka_unit_test(a_heartbeat_is_due_after_silence),
        cmocka_unit_test(the_checkpoint_goes_first_and_the_nearer_is_waited_for),
        cmocka_unit_test(a_clock_that_goes_back_starts_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
