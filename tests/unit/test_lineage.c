/* SPDX-License-Identifier: Apache-2.0 */
/* Lineage over a small history: every edge with the records behind it, as people read it. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/query/graph_text.h"
#include "ledger/query/lineage.h"
#include "tests/unit/lineage_story.h"

/* clang-format off */
static const char up_of_first[] =
    "churn/1  #10 by alice\n"
    "  registered from run r1  #10 by alice\n"
    "    ? perhaps stage train  #4 #6 (at the run's commit c1c1c1c1c1c1;"
    " parameters equal 3 of 4)\n"
    "      read file clean.csv md5:bbbbbbbbbbbb  #4\n"
    "        made by stage prepare  #4\n"
    "          read file raw.csv md5:aaaaaaaaaaaa  #4\n"
    "            ~ same content as dataset raw sha256:111111111111  #3 #4"
    " by alice (both are md5:aaaaaaaaaaaa)\n"
    "          code of commit c1c1c1c1c1c1  #4\n"
    "      with 4 parameters: params.yaml:train.lr=0.10, params.yaml:train.depth=6,"
    " params.yaml:seed=42, params.yaml:train.epochs=20  #4\n"
    "      code of commit c1c1c1c1c1c1  #4 (see above)\n"
    "    code of commit c1c1c1c1c1c1  #6 (see above)\n"
    "    trained on dataset train-set md5:bbbbbbbbbbbb  #7\n"
    "      ~ same content as file clean.csv md5:bbbbbbbbbbbb  #4 #7 (both"
    " are md5:bbbbbbbbbbbb) (see above)\n"
    "    with 4 parameters: lr=0.1, train.depth=6, params.yaml:seed=42, epochs=30  #7\n"
    "  validation holdout: passed  #11 by alice\n"
    "  approval for Production  #12 by bob\n"
    "  None → Production  #13 by alice\n"
    "  deployed to scoring  #15 by alice\n";
static const char up_of_derived[] =
    "churn/2  #18 by alice\n"
    "  derived from churn/1  #18 by alice\n"
    "    registered from run r1  #10 by alice\n"
    "      ? perhaps stage train  #4 #6 (at the run's commit c1c1c1c1c1c1;"
    " parameters equal 3 of 4)\n"
    "        read file clean.csv md5:bbbbbbbbbbbb  #4\n"
    "          made by stage prepare  #4\n"
    "            read file raw.csv md5:aaaaaaaaaaaa  #4\n"
    "              ~ same content as dataset raw sha256:111111111111  #3"
    " #4 by alice (both are md5:aaaaaaaaaaaa)\n"
    "            code of commit c1c1c1c1c1c1  #4\n"
    "        with 4 parameters: params.yaml:train.lr=0.10, params.yaml:train.depth=6,"
    " params.yaml:seed=42, params.yaml:train.epochs=20  #4\n"
    "        code of commit c1c1c1c1c1c1  #4 (see above)\n"
    "      code of commit c1c1c1c1c1c1  #6 (see above)\n"
    "      trained on dataset train-set md5:bbbbbbbbbbbb  #7\n"
    "        ~ same content as file clean.csv md5:bbbbbbbbbbbb  #4 #7"
    " (both are md5:bbbbbbbbbbbb) (see above)\n"
    "      with 4 parameters: lr=0.1, train.depth=6, params.yaml:seed=42, epochs=30  #7\n"
    "    validation holdout: passed  #11 by alice\n"
    "    approval for Production  #12 by bob\n"
    "    None → Production  #13 by alice\n"
    "    deployed to scoring  #15 by alice\n"
    "  registered from run r2  #18 by alice\n"
    "    read churn/1  #17 by alice (see above)\n"
    "unknown:\n"
    "  no code commit is recorded for run r2\n";
static const char up_of_unseen[] =
    "churn/3  #19 by alice\n"
    "  registered from run ghost  #19 (never recorded)\n"
    "unknown:\n"
    "  run 'ghost' was never recorded: only its id is known\n";
static const char down_of_dataset[] =
    "dataset raw sha256:111111111111  #3 by alice\n"
    "  ~ same content as file raw.csv md5:aaaaaaaaaaaa  #3 #4 (both are md5:aaaaaaaaaaaa)\n"
    "    read by stage prepare  #4\n"
    "      made file clean.csv md5:bbbbbbbbbbbb  #4\n"
    "        read by stage train  #4\n"
    "          made file model.pkl md5:cccccccccccc  #4\n"
    "          ? perhaps run r1  #4 #6 by alice (at the run's commit"
    " c1c1c1c1c1c1; parameters equal 3 of 4)\n"
    "            made file model.pkl sha256:444444444444  #8\n"
    "            registered as churn/1  #10 by alice\n"
    "              validation holdout: passed  #11 by alice\n"
    "              approval for Production  #12 by bob\n"
    "              None → Production  #13 by alice\n"
    "              deployed to scoring  #15 by alice\n"
    "              read by run r2  #17 by alice\n"
    "                registered as churn/2  #18 by alice\n"
    "              led to churn/2  #18 by alice (see above)\n"
    "        ~ same content as dataset train-set md5:bbbbbbbbbbbb  #4 #7"
    " (both are md5:bbbbbbbbbbbb)\n"
    "          trained run r1  #7 by alice (see above)\n";
static const char down_of_content[] =
    "file md5:aaaaaaaaaaaa  #3\n"
    "  read by stage prepare  #4\n"
    "    made file clean.csv md5:bbbbbbbbbbbb  #4\n"
    "      read by stage train  #4\n"
    "        made file model.pkl md5:cccccccccccc  #4\n"
    "        ? perhaps run r1  #4 #6 by alice (at the run's commit"
    " c1c1c1c1c1c1; parameters equal 3 of 4)\n"
    "          made file model.pkl sha256:444444444444  #8\n"
    "          registered as churn/1  #10 by alice\n"
    "            validation holdout: passed  #11 by alice\n"
    "            approval for Production  #12 by bob\n"
    "            None → Production  #13 by alice\n"
    "            deployed to scoring  #15 by alice\n"
    "            read by run r2  #17 by alice\n"
    "              registered as churn/2  #18 by alice\n"
    "            led to churn/2  #18 by alice (see above)\n"
    "      ~ same content as dataset train-set md5:bbbbbbbbbbbb  #4 #7"
    " (both are md5:bbbbbbbbbbbb)\n"
    "        trained run r1  #7 by alice (see above)\n";
static const char down_of_first[] =
    "churn/1  #10 by alice\n"
    "  validation holdout: passed  #11 by alice\n"
    "  approval for Production  #12 by bob\n"
    "  None → Production  #13 by alice\n"
    "  deployed to scoring  #15 by alice\n"
    "  read by run r2  #17 by alice\n"
    "    registered as churn/2  #18 by alice\n"
    "  led to churn/2  #18 by alice (see above)\n";
/* clang-format on */

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

static int ask(const char *reference, const struct ml_lineage_options *options, char **ret_text)
{
    struct ml_view view;
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    assert_int_equal(ml_view_begin(story.ledger, &view), 0);
    int result = ml_lineage(&view, reference, options, &graph);
    ml_view_end(&view);
    if (result < 0)
        return result;
    assert_int_equal(ml_graph_to_text(graph, &out), 0);
    return ml_buf_take_text(&out, ret_text);
}

static char *answer(const char *reference, const struct ml_lineage_options *options)
{
    char *text = NULL;
    if (ask(reference, options, &text) < 0)
        fail_msg("%s: %s", reference, mledger_error_text());
    return text;
}

static void expect(const char *reference, const struct ml_lineage_options *options,
                   const char *expected)
{
    char *text = answer(reference, options);
    assert_string_equal(text, expected);
    free(text);
}

static struct ml_lineage_options downwards(void)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    options.up = false;
    options.down = true;
    return options;
}

static void it_leads_up_to_the_sources(void **state)
{
    (void)state;
    const struct ml_lineage_options options = ml_lineage_defaults();
    expect("churn/1", &options, up_of_first);
    expect("models:/churn/1", &options, up_of_first);
    expect("churn/2", &options, up_of_derived);
    expect("churn@champion", &options, up_of_derived);
}

static void it_leads_down_to_what_learned_from_it(void **state)
{
    (void)state;
    const struct ml_lineage_options options = downwards();
    expect("dataset:raw", &options, down_of_dataset);
    expect("md5:" HEX16("aa"), &options, down_of_content);
    expect("churn/1", &options, down_of_first);
}

static void a_run_that_was_never_recorded_joins_when_it_is(void **state)
{
    (void)state;
    const struct ml_lineage_options options = ml_lineage_defaults();
    expect("churn/3", &options, up_of_unseen);
    fixture_add(&story, "{\"run_started\": {\"run_id\": \"ghost\"}}");
    char *text = answer("churn/3", &options);
    assert_null(strstr(text, "never recorded"));
    free(text);
}

static void it_is_as_of_a_record(void **state)
{
    (void)state;
    struct ml_lineage_options options = downwards();
    options.as_of = STORY_APPROVAL;
    char *text = answer("churn/1", &options);
    assert_non_null(strstr(text, "approval for Production"));
    assert_null(strstr(text, "None → Production"));
    assert_null(strstr(text, "deployed"));
    free(text);
    options.as_of = STORY_MODEL;
    assert_int_equal(ask("churn/1", &options, &text), MLEDGER_ENOTFOUND);
}

static void what_is_not_recorded_can_be_left_out(void **state)
{
    (void)state;
    struct ml_lineage_options options = ml_lineage_defaults();
    options.inferred = false;
    options.same_content = false;
    char *text = answer("churn/1", &options);
    assert_null(strstr(text, "perhaps"));
    assert_null(strstr(text, "same content"));
    assert_non_null(strstr(text, "trained on dataset train-set"));
    free(text);
}

static void the_depth_ends_it_and_says_so(void **state)
{
    (void)state;
    struct ml_lineage_options options = ml_lineage_defaults();
    options.depth = 1;
    char *text = answer("churn/1", &options);
    assert_non_null(strstr(text, "run r1"));
    assert_null(strstr(text, "train-set"));
    assert_non_null(strstr(text, "depth"));
    free(text);
}

static void empty_content_joins_nothing(void **state)
{
    (void)state;
    static const char empty[] = "md5:d41d8cd98f00b204e9800998ecf8427e";
    char line[512];
    for (int i = 0; i < 2; i++) {
        snprintf(line, sizeof line,
                 "{\"dataset_recorded\": {\"name\": \"empty-%d\", \"digests\": [\"%s\"]}}", i,
                 empty);
        fixture_add(&story, line);
    }
    const struct ml_lineage_options options = downwards();
    char *text = answer("dataset:empty-0", &options);
    assert_null(strstr(text, "empty-1"));
    free(text);
    assert_int_equal(ask(empty, &options, &text), MLEDGER_ENOTFOUND);
}

static void what_there_is_not_is_not_found(void **state)
{
    (void)state;
    const struct ml_lineage_options options = ml_lineage_defaults();
    char *text;
    static const char *const missing[] = {"churn/9", "other/1", "dataset:other",
                                          "sha256:" HEX32("ee")};
    for (size_t i = 0; i < ML_COUNT(missing); i++)
        assert_int_equal(ask(missing[i], &options, &text), MLEDGER_ENOTFOUND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(it_leads_up_to_the_sources),
        TEST(it_leads_down_to_what_learned_from_it),
        TEST(a_run_that_was_never_recorded_joins_when_it_is),
        TEST(it_is_as_of_a_record),
        TEST(what_is_not_recorded_can_be_left_out),
        TEST(the_depth_ends_it_and_says_so),
        TEST(empty_content_joins_nothing),
        TEST(what_there_is_not_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
