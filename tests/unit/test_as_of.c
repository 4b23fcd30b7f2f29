/* SPDX-License-Identifier: Apache-2.0 */
/* Moments of a ledger, and how a version stood at them. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/query/as_of.h"
#include "ledger/query/version_past.h"
#include "tests/unit/lineage_story.h"

static struct fixture story;

static int set_up(void **state)
{
    (void)state;
    fixture_init(&story);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_release(&story);
    return 0;
}

static void moments_are_records_or_times(void **state)
{
    (void)state;
    struct ml_as_of as_of;
    static const char *const seqs[] = {"2026", "#2026"};
    for (size_t i = 0; i < ML_COUNT(seqs); i++) {
        assert_int_equal(ml_as_of_parse(seqs[i], &as_of), 0);
        assert_int_equal(as_of.kind, ML_AS_OF_SEQ);
        assert_int_equal(as_of.seq, 2026);
    }
    assert_int_equal(ml_as_of_parse("2026-01-01", &as_of), 0);
    assert_int_equal(as_of.kind, ML_AS_OF_TIME);
    assert_int_equal(as_of.time_us, 1767225600000000);
    static const char *const wrong[] = {"",    "#",  "#x",  "now",        "-1",
                                        "1.5", "1 ", "##1", "2026-13-01", "2026-1"};
    for (size_t i = 0; i < ML_COUNT(wrong); i++)
        if (ml_as_of_parse(wrong[i], &as_of) != MLEDGER_EUSAGE)
            fail_msg("'%s' should be refused", wrong[i]);
}

static int resolve(struct ml_as_of as_of, uint64_t *ret_seq)
{
    struct ml_view view;
    assert_int_equal(ml_view_begin(story.ledger, &view), 0);
    int result = ml_as_of_resolve(&view, &as_of, ret_seq);
    ml_view_end(&view);
    return result;
}

static uint64_t at_time(int64_t time_us)
{
    uint64_t seq = MLEDGER_NO_SEQ;
    if (resolve((struct ml_as_of){.kind = ML_AS_OF_TIME, .time_us = time_us}, &seq) < 0)
        fail_msg("%s", mledger_error_text());
    return seq;
}

/* Records 1 to `count`, a second apart. */
static void add_models(int count)
{
    static int number;
    for (int i = 0; i < count; i++) {
        char line[80];
        snprintf(line, sizeof line, "{\"model_created\": {\"name\": \"m%d\"}}", number++);
        fixture_add(&story, line);
    }
}

static void a_time_is_the_last_record_not_after_it(void **state)
{
    (void)state;
    const int64_t start = story.now_us;
    add_models(20);
    assert_int_equal(at_time(start), 0);
    for (int i = 1; i <= 20; i++) {
        assert_int_equal(at_time(start + i * INT64_C(1000000)), i);
        assert_int_equal(at_time(start + i * INT64_C(1000000) - 1), i - 1);
    }
    assert_int_equal(at_time(start + INT64_C(1000000000)), 20);
    uint64_t seq;
    assert_int_equal(resolve((struct ml_as_of){.kind = ML_AS_OF_TIME, .time_us = start - 1}, &seq),
                     MLEDGER_ENOTFOUND);
    assert_int_equal(resolve((struct ml_as_of){.kind = ML_AS_OF_SEQ, .seq = 21}, &seq),
                     MLEDGER_ENOTFOUND);
    assert_string_equal(mledger_error_text(), "there is no record 21; the newest is 20");
    assert_int_equal(resolve((struct ml_as_of){.kind = ML_AS_OF_NOW}, &seq), 0);
    assert_int_equal(seq, 20);
}

/* Five records on time, five an hour ahead, then the clock is corrected. */
static void a_corrected_clock_does_not_mislead(void **state)
{
    (void)state;
    const int64_t start = story.now_us, hour = INT64_C(3600000000), second = 1000000;
    add_models(5);
    story.now_us += hour;
    int64_t ahead = story.now_us;
    add_models(5);
    struct ml_head head;
    assert_int_equal(ml_ledger_head(story.ledger, &head), 0);
    story.now_us = start + 10 * second;
    struct ml_draft *draft =
        fixture_draft("{\"clock_corrected\": {\"wrong\": \"2026-01-01T00:00:00Z\"}}");
    draft->event->clock_corrected->wrong = head.recorded_at_us;
    uint64_t seq;
    if (fixture_append_draft(&story, ALICE, draft, &seq) < 0)
        fail_msg("%s", mledger_error_text());
    assert_int_equal(seq, 11);
    add_models(3); /* 12 to 14 s after the start: records 12 to 14 */
    assert_int_equal(at_time(start + 3 * second), 3);
    assert_int_equal(at_time(start + 9 * second), 5);
    assert_int_equal(at_time(start + 11 * second), 11);
    assert_int_equal(at_time(start + 13 * second), 13);
    assert_int_equal(at_time(ahead + 2 * second), 14);
}

static void a_version_as_it_stood(void **state)
{
    (void)state;
    story_add(&story);
    fixture_add(&story, "{\"stage_transitioned\": {\"model\": \"churn\", \"version\": 1, "
                        "\"to_stage\": \"Archived\"}}"); /* record 21 */
    fixture_add(&story, "{\"version_deleted\": {\"model\": \"churn\", \"version\": 1}}");
    static const struct {
        uint64_t as_of;
        const char *stage;
        size_t aliases, intervals;
        bool deleted;
    } moments[] = {
        {STORY_VERSION, "None", 0, 1, false},
        {STORY_APPROVAL, "None", 0, 1, false},
        {STORY_TRANSITION, "Production", 0, 2, false},
        {STORY_ALIAS, "Production", 1, 2, false},
        {STORY_UNSEEN, "Production", 1, 2, false},
        {STORY_MOVED, "Production", 0, 2, false},
        {21, "Archived", 0, 3, false},
        {22, "Archived", 0, 3, true},
    };
    struct ml_view view;
    assert_int_equal(ml_view_begin(story.ledger, &view), 0);
    struct ml_reader reader;
    struct ml_version_past past;
    for (size_t i = 0; i < ML_COUNT(moments); i++) {
        ml_reader_init(&reader, &view, moments[i].as_of);
        assert_int_equal(ml_version_past(&reader, STORY_MODEL, 1, &past), 0);
        assert_int_equal(past.registered_seq, STORY_VERSION);
        assert_string_equal(past.stage, moments[i].stage);
        assert_int_equal(past.n_aliases, moments[i].aliases);
        assert_int_equal(past.n_intervals, moments[i].intervals);
        assert_int_equal(past.deleted_seq != MLEDGER_NO_SEQ, moments[i].deleted);
        ml_reader_release(&reader);
    }
    ml_reader_init(&reader, &view, STORY_MODEL);
    assert_int_equal(ml_version_past(&reader, STORY_MODEL, 1, &past), MLEDGER_ENOTFOUND);
    ml_reader_release(&reader);
    ml_view_end(&view);
}

/* Half-open, one after the other without a gap, and who put it there. */
static void its_stages_follow_each_other(void **state)
{
    (void)state;
    story_add(&story);
    struct ml_view view;
    struct ml_reader reader;
    struct ml_version_past past;
    assert_int_equal(ml_view_begin(story.ledger, &view), 0);
    ml_reader_init(&reader, &view, STORY_MOVED);
    assert_int_equal(ml_version_past(&reader, STORY_MODEL, 1, &past), 0);
    const struct ml_stage_interval *none = &past.intervals[0], *production = &past.intervals[1];
    assert_int_equal(past.n_intervals, 2);
    assert_string_equal(none->stage, "None");
    assert_int_equal(none->from_seq, STORY_VERSION);
    assert_int_equal(none->to_seq, STORY_TRANSITION);
    assert_string_equal(production->stage, "Production");
    assert_int_equal(production->from_seq, STORY_TRANSITION);
    assert_int_equal(production->from_us, none->to_us);
    assert_int_equal(production->to_seq, MLEDGER_NO_SEQ);
    assert_int_equal(production->author, 0);
    assert_false(production->imported);
    ml_reader_release(&reader);
    ml_view_end(&view);
}

static void subjects_deleted_and_restored(void **state)
{
    (void)state;
    fixture_add(&story, "{\"run_started\": {\"run_id\": \"r\"}}");
    fixture_add(&story, "{\"run_deleted\": {\"run\": \"r\"}}");
    fixture_add(&story, "{\"run_restored\": {\"run\": \"r\"}}");
    fixture_add(&story, "{\"run_deleted\": {\"run\": \"r\"}}");
    static const bool deleted_at[] = {false, false, true, false, true};
    struct ml_view view;
    assert_int_equal(ml_view_begin(story.ledger, &view), 0);
    for (uint64_t i = 1; i < ML_COUNT(deleted_at); i++) {
        struct ml_reader reader;
        bool deleted;
        ml_reader_init(&reader, &view, i);
        assert_int_equal(ml_reader_deleted(&reader, 1, &deleted), 0);
        assert_int_equal(deleted, deleted_at[i]);
        ml_reader_release(&reader);
    }
    ml_view_end(&view);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_records_or_times),
        TEST(a_time_is_the_last_record_not_after_it),
        TEST(a_corrected_clock_does_not_mislead),
        TEST(a_version_as_it_stood),
        TEST(its_stages_follow_each_other),
        TEST(subjects_deleted_and_restored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
