/* SPDX-License-Identifier: Apache-2.0 */
/* From when to when, by both clocks; and what was so at a moment. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/core/time.h"
#include "ledger/query/at.h"
#include "tests/unit/asking.h"

#define DAY_US (INT64_C(86400) * 1000000)

static const char model[] = "{\"model_created\": {\"name\": \"m\"}}";
static const char version[] = "{\"version_registered\": {\"model\": \"m\"}}";

struct places {
    struct asking asking;
    int64_t start_us;
    uint64_t created; /* record of the model */
};

static int places_setup(void **state)
{
    struct places *places = test_calloc(1, sizeof *places);
    *state = places;
    fixture_init(&places->asking.fixture);
    places->start_us = places->asking.fixture.now_us;
    places->created = fixture_add(&places->asking.fixture, model);
    fixture_add(&places->asking.fixture, version);
    fixture_add(&places->asking.fixture, version);
    return 0;
}

static int places_teardown(void **state)
{
    struct places *places = *state;
    asking_end(&places->asking);
    fixture_release(&places->asking.fixture);
    test_free(places);
    return 0;
}

static int64_t day(const struct places *places, int64_t number)
{
    return places->start_us + number * DAY_US;
}

/* Recorded on that day. */
static uint64_t add(struct places *places, int64_t number, const char *line)
{
    places->asking.fixture.now_us = day(places, number);
    return fixture_add(&places->asking.fixture, line);
}

static uint64_t move(struct places *places, int64_t number, unsigned which, const char *stage)
{
    char line[256];
    snprintf(line, sizeof line,
             "{\"stage_transitioned\": {\"model\": \"m\", \"version\": %u, \"to_stage\": \"%s\"}}",
             which, stage);
    return add(places, number, line);
}

static uint64_t move_late(struct places *places, int64_t number, int64_t claimed, unsigned which,
                          const char *stage)
{
    char line[320], time[ML_TIME_TEXT_SIZE];
    assert_int_equal(ml_time_format(day(places, claimed), time), 0);
    snprintf(line, sizeof line,
             "{\"stage_transitioned\": {\"model\": \"m\", \"version\": %u, \"to_stage\": \"%s\"}, "
             "\"details\": {\"occurred_at\": \"%s\"}}",
             which, stage, time);
    return add(places, number, line);
}

static void collect(struct places *places, const char *text, enum ml_reading reading,
                    struct ml_intervals *intervals)
{
    struct ml_interval_choice choice;
    assert_int_equal(ml_interval_choice_parse(&places->asking.reader, text, &choice), 0);
    assert_int_equal(ml_intervals_collect(&places->asking.reader, &choice, reading, intervals), 0);
}

static bool holds(const struct ml_interval *interval, enum ml_reading reading, uint64_t seq,
                  int64_t time_us)
{
    const struct ml_instant instant = {seq, time_us};
    return ml_interval_holds(interval, reading, &instant);
}

/* ---- intervals ---- */

static void a_stage_ends_where_the_next_begins(void **state)
{
    struct places *places = *state;
    ML_CLEANUP(ml_intervals_release) struct ml_intervals found = {0};
    uint64_t entered = move(places, 1, 1, "Production");
    uint64_t left = move(places, 2, 1, "Archived");
    asking_begin(&places->asking);
    collect(places, "models:/m/production", ML_READING_RECORDED, &found);
    assert_int_equal(found.count, 1);
    const struct ml_interval *one = &found.list[0];
    assert_int_equal(one->from.seq, entered);
    assert_int_equal(one->to.seq, left);
    assert_string_equal(one->to.what, "to Archived");
    assert_string_equal(one->model_name, "m");
    /* Half-open: it was there at its beginning, and no more at its end. */
    assert_true(holds(one, ML_READING_RECORDED, entered, day(places, 1)));
    assert_false(holds(one, ML_READING_RECORDED, left, day(places, 2)));
    assert_false(holds(one, ML_READING_RECORDED, entered - 1, day(places, 1) - 1));
}

static void two_versions_are_there_at_once(void **state)
{
    struct places *places = *state;
    ML_CLEANUP(ml_intervals_release) struct ml_intervals found = {0};
    move(places, 1, 1, "Production");
    uint64_t second = move(places, 2, 2, "Production");
    asking_begin(&places->asking);
    collect(places, "models:/m/Production", ML_READING_RECORDED, &found);
    assert_int_equal(found.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(found.list[i].version, i + 1);
        assert_int_equal(found.list[i].to.seq, MLEDGER_NO_SEQ);
        assert_true(holds(&found.list[i], ML_READING_RECORDED, second, day(places, 2)));
    }
}

static void equal_times_are_ordered_by_seq(void **state)
{
    struct places *places = *state;
    uint64_t first = move_late(places, 3, 1, 1, "Staging");
    uint64_t second = move_late(places, 3, 1, 1, "Production");
    asking_begin(&places->asking);
    for (unsigned reading = ML_READING_RECORDED; reading <= ML_READING_CLAIMED; reading++) {
        ML_CLEANUP(ml_intervals_release) struct ml_intervals found = {0};
        collect(places, "m/1", reading, &found);
        assert_int_equal(found.count, 3);
        assert_string_equal(found.list[0].name, "None");
        assert_int_equal(found.list[0].to.seq, first);
        assert_int_equal(found.list[1].from.seq, first);
        assert_int_equal(found.list[1].to.seq, second);
        assert_int_equal(found.list[2].from.seq, second);
        /* In Staging it was for no time at all. */
        if (reading == ML_READING_CLAIMED)
            assert_false(holds(&found.list[1], reading, second, day(places, 1)));
    }
}

static void what_was_recorded_late_lies_where_it_claims(void **state)
{
    struct places *places = *state;
    ML_CLEANUP(ml_intervals_release) struct ml_intervals recorded = {0}, claimed = {0};
    move(places, 1, 1, "Production");
    uint64_t late = move_late(places, 9, 4, 1, "Archived");
    asking_begin(&places->asking);
    collect(places, "models:/m/Production", ML_READING_RECORDED, &recorded);
    collect(places, "models:/m/Production", ML_READING_CLAIMED, &claimed);
    assert_int_equal(recorded.count, 1);
    assert_int_equal(claimed.count, 1);
    assert_in_range(ml_change_time(&recorded.list[0].to, ML_READING_RECORDED), day(places, 9),
                    day(places, 10));
    assert_int_equal(ml_change_time(&claimed.list[0].to, ML_READING_CLAIMED), day(places, 4));
    assert_true(holds(&recorded.list[0], ML_READING_RECORDED, late - 1, day(places, 6)));
    assert_false(holds(&claimed.list[0], ML_READING_CLAIMED, late - 1, day(places, 6)));
}

static void an_alias_is_with_one_version_at_a_time(void **state)
{
    struct places *places = *state;
    ML_CLEANUP(ml_intervals_release) struct ml_intervals found = {0};
    add(places, 1, "{\"alias_set\": {\"model\": \"m\", \"version\": 1, \"alias\": \"best\"}}");
    uint64_t moved =
        add(places, 2, "{\"alias_set\": {\"model\": \"m\", \"version\": 2, \"alias\": \"best\"}}");
    uint64_t ended = add(places, 3, "{\"alias_deleted\": {\"model\": \"m\", \"alias\": \"best\"}}");
    asking_begin(&places->asking);
    collect(places, "m@best", ML_READING_RECORDED, &found);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.list[0].version, 1);
    assert_int_equal(found.list[0].to.seq, moved);
    assert_int_equal(found.list[1].version, 2);
    assert_int_equal(found.list[1].to.seq, ended);
}

static void one_endpoint_is_another_in_each_environment(void **state)
{
    struct places *places = *state;
    ML_CLEANUP(ml_intervals_release) struct ml_intervals found = {0};
    add(places, 1,
        "{\"deployment_recorded\": {\"endpoint\": \"e\", \"environment\": \"eu\", \"targets\": "
        "[{\"model\": \"m\", \"version\": 1, \"share_ppm\": 900000}, {\"model\": \"m\", "
        "\"version\": 2, \"share_ppm\": 100000}]}}");
    add(places, 2,
        "{\"deployment_recorded\": {\"endpoint\": \"e\", \"environment\": \"us\", \"targets\": "
        "[{\"model\": \"m\", \"version\": 1, \"share_ppm\": 1000000}]}}");
    uint64_t next =
        add(places, 3,
            "{\"deployment_recorded\": {\"endpoint\": \"e\", \"environment\": \"eu\", \"targets\": "
            "[{\"model\": \"m\", \"version\": 2, \"share_ppm\": 1000000}]}}");
    asking_begin(&places->asking);
    collect(places, "endpoint:e", ML_READING_RECORDED, &found);
    size_t lasting = 0;
    assert_int_equal(found.count, 4);
    for (size_t i = 0; i < found.count; i++) {
        lasting += found.list[i].to.seq == MLEDGER_NO_SEQ;
        if (found.list[i].share_ppm < 1000000)
            assert_int_equal(found.list[i].to.seq, next); /* that of eu, not that of us */
    }
    assert_int_equal(lasting, 2);
}

static void what_is_deleted_is_nowhere(void **state)
{
    struct places *places = *state;
    ML_CLEANUP(ml_intervals_release) struct ml_intervals found = {0};
    move(places, 1, 1, "Production");
    uint64_t gone = add(places, 2, "{\"version_deleted\": {\"model\": \"m\", \"version\": 1}}");
    uint64_t all = add(places, 3, "{\"model_deleted\": {\"model\": \"m\"}}");
    asking_begin(&places->asking);
    const struct ml_interval_choice choice = {.model = places->created};
    assert_int_equal(
        ml_intervals_collect(&places->asking.reader, &choice, ML_READING_RECORDED, &found), 0);
    assert_int_equal(found.count, 3); /* 1 in None and Production, 2 in None */
    assert_int_equal(found.list[1].to.seq, gone);
    assert_string_equal(found.list[1].to.what, "deleted");
    assert_int_equal(found.list[2].to.seq, all);
}

static void nothing_later_than_as_of_counts(void **state)
{
    struct places *places = *state;
    ML_CLEANUP(ml_intervals_release) struct ml_intervals found = {0};
    uint64_t entered = move(places, 1, 1, "Production");
    move(places, 2, 1, "Archived");
    asking_begin(&places->asking);
    places->asking.reader.as_of = entered;
    collect(places, "models:/m/Production", ML_READING_CLAIMED, &found);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.list[0].to.seq, MLEDGER_NO_SEQ);
}

/* ---- at a moment ---- */

static int ask(struct places *places, const char *text, int64_t time_us, struct ml_at *ret_at)
{
    struct ml_interval_choice choice;
    const struct ml_as_of moment = {.kind = ML_AS_OF_TIME, .time_us = time_us};
    assert_int_equal(ml_interval_choice_parse(&places->asking.reader, text, &choice), 0);
    return ml_at(&places->asking.reader, &choice, &moment, ret_at);
}

static void both_readings_are_given_where_they_differ(void **state)
{
    struct places *places = *state;
    ML_CLEANUP(ml_at_release) struct ml_at at = {0};
    move(places, 1, 1, "Production");
    uint64_t late = move_late(places, 9, 4, 1, "Archived");
    asking_begin(&places->asking);
    assert_int_equal(ask(places, "models:/m/Production", day(places, 6), &at), 0);
    assert_int_equal(at.instant.seq, late - 1);
    assert_int_equal(at.recorded.count, 1);
    assert_int_equal(at.claimed.count, 0);
    assert_true(at.differ);
    assert_false(at.beyond);
    assert_int_equal(at.corrections.count, 1);
    assert_int_equal(at.corrections.list[0].change.seq, late);
    assert_true(at.corrections.list[0].counts);
    assert_string_equal(at.corrections.list[0].subject, "m/1");
}

/* What was known then has no correction in it; that there is one is said. */
static void a_correction_after_as_of_is_told_and_does_not_count(void **state)
{
    struct places *places = *state;
    ML_CLEANUP(ml_at_release) struct ml_at at = {0};
    uint64_t entered = move(places, 1, 1, "Production");
    uint64_t late = move_late(places, 9, 4, 1, "Archived");
    asking_begin(&places->asking);
    places->asking.reader.as_of = entered;
    assert_int_equal(ask(places, "models:/m/Production", day(places, 6), &at), 0);
    assert_int_equal(at.recorded.count, 1);
    assert_int_equal(at.claimed.count, 1);
    assert_false(at.differ);
    assert_int_equal(at.corrections.count, 1);
    assert_int_equal(at.corrections.list[0].change.seq, late);
    assert_false(at.corrections.list[0].counts);
}

/* Of another version, or one that came when it says, there is none. */
static void only_what_concerns_the_answer_corrects_it(void **state)
{
    struct places *places = *state;
    ML_CLEANUP(ml_at_release) struct ml_at at = {0};
    move(places, 1, 1, "Production");
    move_late(places, 9, 4, 2, "Staging");
    move(places, 10, 1, "Archived");
    asking_begin(&places->asking);
    assert_int_equal(ask(places, "m/1", day(places, 6), &at), 0);
    assert_int_equal(at.corrections.count, 0);
    assert_int_equal(at.recorded.count, 1);
}

static void a_moment_outside_of_the_ledger_is_told(void **state)
{
    struct places *places = *state;
    ML_CLEANUP(ml_at_release) struct ml_at before = {0}, after = {0};
    move(places, 1, 1, "Production");
    asking_begin(&places->asking);
    assert_int_equal(ask(places, "m", day(places, -400), &before), MLEDGER_ENOTFOUND);
    assert_int_equal(ask(places, "m", day(places, 400), &after), 0);
    assert_true(after.beyond);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, places_setup, places_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stage_ends_where_the_next_begins),
        TEST(two_versions_are_there_at_once),
        TEST(equal_times_are_ordered_by_seq),
        TEST(what_was_recorded_late_lies_where_it_claims),
        TEST(an_alias_is_with_one_version_at_a_time),
        TEST(one_endpoint_is_another_in_each_environment),
        TEST(what_is_deleted_is_nowhere),
        TEST(nothing_later_than_as_of_counts),
        TEST(both_readings_are_given_where_they_differ),
        TEST(a_correction_after_as_of_is_told_and_does_not_count),
        TEST(only_what_concerns_the_answer_corrects_it),
        TEST(a_moment_outside_of_the_ledger_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
