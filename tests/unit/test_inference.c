/* SPDX-License-Identifier: Apache-2.0 */
/* Which stage a run was: by commit, parameters and outputs; the best match, and ties. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/query/inference.h"
#include "ledger/query/inference_match.h"
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

/* One inference with what it lives in. */
struct inferred {
    struct ml_view view;
    struct ml_reader reader;
    struct ml_snapshots snapshots;
    struct ml_inference inference;
};

static void infer(struct inferred *inferred, uint64_t run)
{
    *inferred = (struct inferred){0};
    assert_int_equal(ml_view_begin(story.ledger, &inferred->view), 0);
    ml_reader_init(&inferred->reader, &inferred->view, inferred->view.head.size - 1);
    inferred->snapshots.reader = &inferred->reader;
    if (ml_infer(&inferred->snapshots, run, &inferred->inference) < 0)
        fail_msg("%s", mledger_error_text());
}

static void release(struct inferred *inferred)
{
    ml_snapshots_release(&inferred->snapshots);
    ml_reader_release(&inferred->reader);
    ml_view_end(&inferred->view);
}

static void expect_match(uint64_t run, uint64_t snapshot, const char *address, const char *grounds)
{
    struct inferred inferred;
    infer(&inferred, run);
    assert_int_equal(inferred.inference.n_matches, 1);
    const struct ml_match *match = &inferred.inference.matches[0];
    assert_int_equal(match->snapshot->seq, snapshot);
    assert_string_equal(match->snapshot->stages[match->stage]->address, address);
    assert_string_equal(match->grounds, grounds);
    release(&inferred);
}

static void expect_none(uint64_t run)
{
    struct inferred inferred;
    infer(&inferred, run);
    assert_int_equal(inferred.inference.n_matches, 0);
    release(&inferred);
}

/* A snapshot of pipeline `p` with stages a and b of one parameter each; `more` stands beside the
 * commit. */
static uint64_t add_pipeline(const char *commit, const char *more, const char *a, const char *b)
{
    char line[1024];
    snprintf(line, sizeof line,
             "{\"pipeline_recorded\": {\"name\": \"p\", \"commit\": \"%s\"%s, \"snapshot\": "
             "{\"stages\": [{\"address\": \"a\", \"params\": [{\"file\": \"params.yaml\", \"key\": "
             "\"a.x\"}], \"outs\": [{\"path\": \"out\", \"digests\": [\"" MD5(
                 "0a") "\"]}]}, {\"address\": \"b\", \"params\": [{\"file\": \"params.yaml\", "
                       "\"key\": \"b.y\"}]}]}}, \"details\": {\"param_values\": [\"%s\", \"%s\"]}}",
             commit, more, a, b);
    return fixture_add(&story, line);
}

static uint64_t add_run(const char *id, const char *commit)
{
    char line[256];
    if (commit)
        snprintf(line, sizeof line, "{\"run_started\": {\"run_id\": \"%s\", \"commit\": \"%s\"}}",
                 id, commit);
    else
        snprintf(line, sizeof line, "{\"run_started\": {\"run_id\": \"%s\"}}", id);
    return fixture_add(&story, line);
}

static void add_param(const char *run, const char *key, const char *value)
{
    char line[256];
    snprintf(line, sizeof line,
             "{\"run_logged\": {\"run\": \"%s\", \"params\": [\"%s\"]}, \"details\": "
             "{\"param_values\": [\"%s\"]}}",
             run, key, value);
    fixture_add(&story, line);
}

static void three_of_four_parameters_are_grounds(void **state)
{
    (void)state;
    story_add(&story);
    struct inferred inferred;
    infer(&inferred, STORY_RUN);
    assert_int_equal(inferred.inference.n_matches, 1);
    const struct ml_match *match = &inferred.inference.matches[0];
    assert_int_equal(match->params_equal, 3);
    assert_int_equal(match->params, 4);
    assert_int_equal(match->outputs_equal, 0);
    assert_int_equal(match->where, ML_AT_COMMIT);
    assert_int_equal(match->n_seqs, 2);
    assert_int_equal(match->seqs[0], STORY_PIPELINE);
    assert_int_equal(match->seqs[1], STORY_RUN);
    release(&inferred);
    expect_match(STORY_RUN, STORY_PIPELINE, "train",
                 "at the run's commit c1c1c1c1c1c1; parameters equal 3 of 4");
}

static void a_commit_alone_is_no_grounds(void **state)
{
    (void)state;
    add_pipeline(GIT("c1"), "", "1", "2");
    uint64_t run = add_run("r", GIT("c1"));
    expect_none(run);
    add_param("r", "a.x", "7");
    expect_none(run);
}

static void parameters_without_a_commit_are_no_grounds(void **state)
{
    (void)state;
    add_pipeline(GIT("c1"), "", "1", "2");
    uint64_t run = add_run("r", NULL), other = add_run("s", GIT("d1"));
    add_param("r", "a.x", "1");
    add_param("s", "a.x", "1");
    expect_none(run);
    expect_none(other);
}

static void a_tag_may_tell_the_commit(void **state)
{
    (void)state;
    uint64_t snapshot = add_pipeline(GIT("c1"), "", "1", "2");
    uint64_t run = add_run("r", NULL);
    add_param("r", "a.x", "1");
    fixture_add(&story, "{\"tags_set\": {\"run\": \"r\", \"tags\": [\"code_version\"]}, "
                        "\"details\": {\"tag_values\": [\"v1.2\"]}}");
    expect_none(run);
    uint64_t tagged =
        fixture_add(&story, "{\"tags_set\": {\"run\": \"r\", \"tags\": [\"git_sha\"]}, "
                            "\"details\": {\"tag_values\": [\"" HEX20("C1") "\"]}}");
    expect_match(run, snapshot, "a",
                 "at the run's commit c1c1c1c1c1c1 (from a tag); parameters equal 1 of 1");
    struct inferred inferred;
    infer(&inferred, run);
    assert_non_null(inferred.inference.tag_commit);
    assert_int_equal(inferred.inference.tag_seq, tagged);
    release(&inferred);
}

/* dvc.lock is committed after the training that it tells of. */
static void the_lock_committed_after_it_is_better(void **state)
{
    (void)state;
    add_pipeline(GIT("c1"), "", "1", "2");
    uint64_t after = add_pipeline(GIT("c2"), ", \"trained_at\": [\"" GIT("c1") "\"]", "1", "2");
    add_pipeline(GIT("c3"), ", \"trained_at\": [\"" GIT("c2") "\"]", "1", "2");
    uint64_t run = add_run("r", GIT("c1"));
    add_param("r", "a.x", "1");
    expect_match(run, after, "a",
                 "in the dvc.lock committed after the run's commit c1c1c1c1c1c1; parameters equal "
                 "1 of 1");
}

static void the_next_snapshot_stands_in_where_none_says_so(void **state)
{
    (void)state;
    add_pipeline(GIT("c1"), "", "0", "0");
    uint64_t next = add_pipeline(GIT("c2"), "", "1", "2");
    add_pipeline(GIT("c3"), "", "1", "2");
    uint64_t run = add_run("r", GIT("c1"));
    add_param("r", "a.x", "1");
    expect_match(run, next, "a",
                 "in the next snapshot after the run's commit c1c1c1c1c1c1; parameters equal 1 of "
                 "1");
}

static void ties_are_all_given(void **state)
{
    (void)state;
    add_pipeline(GIT("c1"), "", "1", "2");
    uint64_t run = add_run("r", GIT("c1"));
    add_param("r", "a.x", "1");
    add_param("r", "b.y", "2");
    struct inferred inferred;
    infer(&inferred, run);
    assert_int_equal(inferred.inference.n_matches, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(inferred.inference.matches[i].stage, i);
        assert_non_null(
            strstr(inferred.inference.matches[i].grounds, "one of 2 that match equally"));
    }
    release(&inferred);
}

static void an_equal_output_outweighs_parameters(void **state)
{
    (void)state;
    uint64_t snapshot = add_pipeline(GIT("c1"), "", "9", "2");
    uint64_t run = add_run("r", GIT("c1"));
    add_param("r", "b.y", "2");
    fixture_add(&story, "{\"artifact_recorded\": {\"run\": \"r\", \"artifacts\": [{\"path\": "
                        "\"o\", \"digests\": [\"" MD5("0a") "\"]}]}}");
    expect_match(run, snapshot, "a",
                 "at the run's commit c1c1c1c1c1c1; parameters equal 0 of 1; outputs equal 1");
}

static void end_run(const char *run, const char *status)
{
    char line[256];
    snprintf(line, sizeof line, "{\"run_ended\": {\"run\": \"%s\", \"status\": \"%s\"}}", run,
             status);
    fixture_add(&story, line);
}

/* dvc.lock tells of stages that ran to their end. */
static void a_run_that_failed_made_no_stage_by_its_parameters(void **state)
{
    (void)state;
    static const char *const ends[] = {"failed", "killed"};
    uint64_t snapshot = add_pipeline(GIT("c1"), "", "1", "2");
    uint64_t finished = add_run("finished", GIT("c1"));
    add_param("finished", "a.x", "1");
    end_run("finished", "finished");
    expect_match(finished, snapshot, "a",
                 "at the run's commit c1c1c1c1c1c1; parameters equal 1 of 1");
    uint64_t run = 0;
    for (size_t i = 0; i < ML_COUNT(ends); i++) {
        run = add_run(ends[i], GIT("c1"));
        add_param(ends[i], "a.x", "1");
        expect_match(run, snapshot, "a",
                     "at the run's commit c1c1c1c1c1c1; parameters equal 1 of 1");
        end_run(ends[i], ends[i]);
        expect_none(run);
    }
    fixture_add(&story, "{\"artifact_recorded\": {\"run\": \"killed\", \"artifacts\": [{\"path\": "
                        "\"o\", \"digests\": [\"" MD5("0a") "\"]}]}}");
    expect_match(run, snapshot, "a",
                 "at the run's commit c1c1c1c1c1c1; parameters equal 1 of 1; outputs equal 1; the "
                 "run was killed");
}

/* The newest value of a parameter counts. */
static void a_parameter_logged_again_counts_once(void **state)
{
    (void)state;
    uint64_t snapshot = add_pipeline(GIT("c1"), "", "1", "2");
    uint64_t run = add_run("r", GIT("c1"));
    add_param("r", "a.x", "1");
    add_param("r", "a.x", "5");
    expect_none(run);
    add_param("r", "a.x", "1.0");
    expect_match(run, snapshot, "a", "at the run's commit c1c1c1c1c1c1; parameters equal 1 of 1");
}

static void values_are_compared_as_text_and_as_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool equal;
    } pairs[] = {
        {"0.1", "0.10", true},   {"1e-3", "0.001", true}, {"42", "42.0", true},
        {"adam", "adam", true},  {"nan", "nan", true},    {"", "", true},
        {"0.1", "0.2", false},   {"", "0", false},        {"1x", "1", false},
        {"inf", "1e999", false}, {"Adam", "adam", false},
    };
    for (size_t i = 0; i < ML_COUNT(pairs); i++)
        if (ml_param_value_equal(pairs[i].a, pairs[i].b) != pairs[i].equal)
            fail_msg("'%s' and '%s'", pairs[i].a, pairs[i].b);
}

static void keys_are_compared_with_and_without_file_and_sections(void **state)
{
    (void)state;
    char file[] = "params.yaml", key[] = "train.opt.lr";
    Mledger__PipelineParam param = MLEDGER__PIPELINE_PARAM__INIT;
    param.file = file;
    param.key = key;
    int whole = ml_param_key_fit("params.yaml:train.opt.lr", &param);
    int plain = ml_param_key_fit("train.opt.lr", &param);
    int inner = ml_param_key_fit("opt.lr", &param);
    int last = ml_param_key_fit("lr", &param);
    assert_true(whole > plain && plain > inner && inner > last && last > 0);
    static const char *const others[] = {
        "", "r", "train", "opt", "other.yaml:train.opt.lr", "params.yaml:lr", "train.opt.lr2"};
    for (size_t i = 0; i < ML_COUNT(others); i++)
        assert_int_equal(ml_param_key_fit(others[i], &param), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(three_of_four_parameters_are_grounds),
        TEST(a_commit_alone_is_no_grounds),
        TEST(parameters_without_a_commit_are_no_grounds),
        TEST(a_tag_may_tell_the_commit),
        TEST(the_lock_committed_after_it_is_better),
        TEST(the_next_snapshot_stands_in_where_none_says_so),
        TEST(ties_are_all_given),
        TEST(an_equal_output_outweighs_parameters),
        TEST(a_run_that_failed_made_no_stage_by_its_parameters),
        TEST(a_parameter_logged_again_counts_once),
        cmocka_unit_test(values_are_compared_as_text_and_as_numbers),
        cmocka_unit_test(keys_are_compared_with_and_without_file_and_sections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
