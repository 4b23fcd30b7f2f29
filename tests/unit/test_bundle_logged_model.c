/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence about logged models: what belongs to one, and that less is not passed for it. */
#include "tests/unit/cmocka_all.h"

#include "tests/unit/bundle_story.h"

/* Made by run r2, and registered as churn/2; another one's run is known by its id alone. */
enum { MODEL = NOTED + 1, MADE, FILES, REGISTERED, UNSEEN };

static int set_up(void **state)
{
    static const char *const lines[] = {
        "{\"logged_model_created\": {\"model_id\": \"m-1\", \"run\": \"r2\"}}",
        "{\"run_logged\": {\"run\": \"r2\", \"models\": [{\"logged_model\": \"m-1\", \"step\": "
        "0}]}}",
        "{\"artifact_recorded\": {\"logged_model\": \"m-1\", \"artifacts\": [{\"path\": "
        "\"MLmodel\"}]}}",
        "{\"version_registered\": {\"model\": \"churn\", \"logged_model_ref\": \"m-1\"}}",
        "{\"logged_model_created\": {\"model_id\": \"m-2\", \"run_id\": \"ghost\"}}",
    };
    assert_int_equal(bundle_story_set_up(state), 0);
    struct story *story = *state;
    for (size_t i = 0; i < ML_COUNT(lines); i++)
        assert_int_equal(fixture_add(&story->fixture, lines[i]), MODEL + i);
    return 0;
}

static struct report report_of(struct story *story, const char *reference)
{
    struct ml_buf bundle = bundle_of(story, reference);
    struct report report = bundle_verify(story, &bundle);
    ml_buf_release(&bundle);
    return report;
}

static void has_its_run_in_scope(void **state)
{
    struct report report = report_of(*state, "m-1");
    report_expect_good(&report);
    assert_int_equal(report.n_subjects, 2);
    assert_string_equal(report.subjects[0], "run r2");
    assert_string_equal(report.subjects[1], "logged_model m-1");
    assert_false(report_has(&report, ML_SEVERITY_NOT_PROVEN, "scope", MODEL));
}

static void is_in_the_scope_of_its_version(void **state)
{
    struct report report = report_of(*state, "churn/2");
    report_expect_good(&report);
    assert_int_equal(report.n_subjects, 4);
    assert_string_equal(report.subjects[2], "run r2");
    assert_string_equal(report.subjects[3], "logged_model m-1");
}

static void of_an_unseen_run_is_not_whole(void **state)
{
    struct report report = report_of(*state, "m-2");
    report_expect_good(&report);
    assert_int_equal(report.n_subjects, 1);
    assert_true(report_has(&report, ML_SEVERITY_NOT_PROVEN, "scope", UNSEEN));
}

/* ---- less than belongs to it ---- */

static void lose_first(Mledger__BundleManifest *manifest)
{
    manifest->subjects++;
    manifest->n_subjects--;
}

static void lose_last(Mledger__BundleManifest *manifest)
{
    manifest->n_subjects--;
}

static void name_a_run(Mledger__BundleManifest *manifest)
{
    manifest->seq = STRANGE_RUN;
}

static void expect_fault(struct story *story, const char *reference,
                         void (*change)(Mledger__BundleManifest *manifest), uint64_t seq)
{
    struct parts parts = parts_of(story, reference);
    parts_change_manifest(&parts, change);
    struct report report = parts_verify(story, &parts);
    report_expect_fault(&report, "scope", seq);
}

static void is_not_shown_without_its_run(void **state)
{
    expect_fault(*state, "m-1", lose_first, MODEL);
    expect_fault(*state, "m-1", lose_first, MADE);
}

static void is_not_left_out_of_its_version(void **state)
{
    expect_fault(*state, "churn/2", lose_last, REGISTERED);
}

static void is_no_run(void **state)
{
    expect_fault(*state, "m-1", name_a_run, STRANGE_RUN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bundle_story_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(has_its_run_in_scope),           TEST(is_in_the_scope_of_its_version),
        TEST(of_an_unseen_run_is_not_whole),  TEST(is_not_shown_without_its_run),
        TEST(is_not_left_out_of_its_version), TEST(is_no_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
