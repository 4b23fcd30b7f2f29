/* SPDX-License-Identifier: Apache-2.0 */
/* References as users write them: what they parse to and what they name in a small history. */
#include "tests/unit/cmocka_all.h"

#include <inttypes.h>

#include "ledger/query/reference.h"
#include "tests/unit/lineage_story.h"

static struct fixture story;

static int set_up(void **state)
{
    (void)state;
    fixture_init(&story);
    story_add(&story);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_release(&story);
    return 0;
}

/* What a text names: its kind, seq and version. */
struct named {
    enum ml_target_kind kind;
    uint64_t seq, version;
};

static int resolve(const char *text, uint64_t as_of, struct named *ret_named)
{
    struct ml_view view;
    struct ml_reader reader;
    struct ml_reference_text parsed;
    struct ml_target target;
    assert_int_equal(ml_view_begin(story.ledger, &view), 0);
    ml_reader_init(&reader, &view, as_of < view.head.size ? as_of : view.head.size - 1);
    int result = ml_reference_parse(text, &parsed);
    if (result >= 0)
        result = ml_reference_resolve(&reader, &parsed, &target);
    if (result >= 0)
        *ret_named = (struct named){target.kind, target.seq, target.version};
    ml_reader_release(&reader);
    ml_view_end(&view);
    return result;
}

/* That there was nothing yet is another answer than that there is nothing. */
static void what_came_later_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
        uint64_t as_of;
    } cases[] = {
        {"churn/2",
         "there is no version 2 of model 'churn'; the newest is 1 (as of #10; it was "
         "recorded later)",
         STORY_VERSION},
        {"r2", "nothing in the ledger is called 'r2' (as of #10; it was recorded later)",
         STORY_VERSION},
        {SHA("44"), "no record names the digest '" SHA("44") "' (as of #4; it was recorded later)",
         STORY_PIPELINE},
        {"nobody/2", "there is no model 'nobody'", STORY_VERSION},
        {"churn/9", "there is no version 9 of model 'churn'; the newest is 3", STORY_SIZE},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct named named;
        assert_int_equal(resolve(cases[i].text, cases[i].as_of, &named), MLEDGER_ENOTFOUND);
        assert_string_equal(mledger_error_text(), cases[i].message);
    }
}

static void they_name_what_users_mean(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct named named;
    } known[] = {
        {"churn/1", {ML_TARGET_VERSION, STORY_MODEL, 1}},
        {"models:/churn/2", {ML_TARGET_VERSION, STORY_MODEL, 2}},
        {"version:churn/1", {ML_TARGET_VERSION, STORY_MODEL, 1}},
        {"models:/churn", {ML_TARGET_MODEL, STORY_MODEL, 0}},
        {"models:/churn/Production", {ML_TARGET_VERSION, STORY_MODEL, 1}},
        {"models:/churn/production", {ML_TARGET_VERSION, STORY_MODEL, 1}},
        {"models:/churn/latest", {ML_TARGET_VERSION, STORY_MODEL, 3}},
        {"models:/churn@champion", {ML_TARGET_VERSION, STORY_MODEL, 2}},
        {"churn@champion", {ML_TARGET_VERSION, STORY_MODEL, 2}},
        {"runs:/r1", {ML_TARGET_RUN, STORY_RUN, 0}},
        {"r1", {ML_TARGET_RUN, STORY_RUN, 0}},
        {"runs:/ghost", {ML_TARGET_RUN, MLEDGER_NO_SEQ, 0}},
        {"dataset:raw", {ML_TARGET_DATASET, STORY_DATASET, 0}},
        {"pipeline:churn-dvc", {ML_TARGET_PIPELINE, STORY_PIPELINE, 0}},
        {"experiment:churn-exp", {ML_TARGET_EXPERIMENT, STORY_EXPERIMENT, 0}},
        {"actor:bob", {ML_TARGET_ACTOR, STORY_BOB, 0}},
        {"#6", {ML_TARGET_RECORD, 6, 0}},
        {"6", {ML_TARGET_RECORD, 6, 0}},
    };
    for (size_t i = 0; i < ML_COUNT(known); i++) {
        struct named named;
        if (resolve(known[i].text, UINT64_MAX, &named) < 0)
            fail_msg("%s: %s", known[i].text, mledger_error_text());
        if (named.kind != known[i].named.kind || named.seq != known[i].named.seq ||
            named.version != known[i].named.version)
            fail_msg("%s: kind %d seq %" PRIu64 " version %" PRIu64, known[i].text, named.kind,
                     named.seq, named.version);
    }
}

static void content_may_be_cut_short(void **state)
{
    (void)state;
    static const char *const texts[] = {"sha256:" HEX32("11"), "sha256:1111111",
                                        "md5:" HEX16("aa"),    "md5:aaaaaaa",
                                        "git:" HEX20("c1"),    "git:c1c1c1c"};
    for (size_t i = 0; i < ML_COUNT(texts); i++) {
        struct named named;
        if (resolve(texts[i], UINT64_MAX, &named) < 0)
            fail_msg("%s: %s", texts[i], mledger_error_text());
        assert_int_equal(named.kind, ML_TARGET_CONTENT);
    }
}

static void names_are_those_of_the_moment(void **state)
{
    (void)state;
    struct named named;
    assert_int_equal(resolve("churn@champion", STORY_DEPLOYMENT, &named), 0);
    assert_int_equal(named.version, 1);
    assert_int_equal(resolve("models:/churn/Production", STORY_APPROVAL, &named),
                     MLEDGER_ENOTFOUND);
    assert_int_equal(resolve("models:/churn/latest", STORY_DERIVED, &named), 0);
    assert_int_equal(named.version, 2);
}

static void what_there_is_not_is_said(void **state)
{
    (void)state;
    static const char *const missing[] = {
        "churn/9",       "models:/nobody/1",    "models:/churn/Archived", "churn@nobody",
        "runs:/nothing", "sha256:eeeeeeeeeeee", "dataset:nothing",        "#9999",
        "actor:mallory", "pipeline:nothing",
    };
    struct named named;
    for (size_t i = 0; i < ML_COUNT(missing); i++)
        if (resolve(missing[i], UINT64_MAX, &named) != MLEDGER_ENOTFOUND)
            fail_msg("%s should not be found", missing[i]);
    assert_int_equal(resolve("churn/9", UINT64_MAX, &named), MLEDGER_ENOTFOUND);
    assert_non_null(strstr(mledger_error_text(), "the newest is 3"));
}

static void what_is_no_reference_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",         "sha256:xyz", "sha256:abc",
                                        "models:/", "runs:/",     "git:zzzzzzz"};
    for (size_t i = 0; i < ML_COUNT(wrong); i++) {
        struct ml_reference_text parsed;
        if (ml_reference_parse(wrong[i], &parsed) != MLEDGER_EUSAGE)
            fail_msg("'%s' should be refused", wrong[i]);
    }
    char *long_text = malloc(ML_REFERENCE_MAX + 2);
    assert_non_null(long_text);
    memset(long_text, 'a', ML_REFERENCE_MAX + 1);
    long_text[ML_REFERENCE_MAX + 1] = '\0';
    struct ml_reference_text parsed;
    assert_int_equal(ml_reference_parse(long_text, &parsed), MLEDGER_EUSAGE);
    free(long_text);
}

static void several_of_one_name_are_listed(void **state)
{
    (void)state;
    fixture_add(&story, "{\"model_created\": {\"name\": \"raw\"}}");
    struct named named;
    assert_int_equal(resolve("raw", UINT64_MAX, &named), MLEDGER_EUSAGE);
    assert_non_null(strstr(mledger_error_text(), "dataset"));
    assert_non_null(strstr(mledger_error_text(), "model"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_came_later_is_told),        TEST(they_name_what_users_mean),
        TEST(content_may_be_cut_short),       TEST(names_are_those_of_the_moment),
        TEST(what_there_is_not_is_said),      TEST(what_is_no_reference_is_refused),
        TEST(several_of_one_name_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
