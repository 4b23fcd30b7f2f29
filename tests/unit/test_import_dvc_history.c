/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The past of a repository becomes records: small stories told to Git, then the histories of real
 * projects under shared/data/dvc/histories.
 */
#include "tests/unit/cmocka_all.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/core/hex.h"
#include "ledger/query/inference.h"
#include "tests/unit/git_story.h"
#include "tests/unit/import_fixture.h"
#include "tests/unit/shared.h"

struct past {
    struct fixture fixture;
    struct git_story story;
    char root[96];
};

static int past_setup(void **state)
{
    struct past *past = test_calloc(1, sizeof *past);
    *state = past;
    fixture_init(&past->fixture);
    snprintf(past->root, sizeof past->root, "%s/churn", past->fixture.dir);
    return 0;
}

static int past_teardown(void **state)
{
    struct past *past = *state;
    fixture_release(&past->fixture);
    test_free(past);
    return 0;
}

/* ---- what is in the ledger ---- */

enum { SEEN_MAX = 64 };

struct seen {
    struct one {
        char name[64], commit[41], author[64], committer[64];
        int64_t occurred_at;
        size_t stages, disagreements, trained_at, files, params;
        Mledger__DisagreementKind first_kind;
        char trained[41]; /* the first */
        bool is_signed;
        Mledger__Source source;
    } all[SEEN_MAX];
    size_t count;
};

static void copy_text(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

static void copy_id(char to[41], const Mledger__Digest *digest)
{
    assert_int_equal(digest->algorithm, MLEDGER__ALGORITHM__GIT);
    assert_int_equal(digest->value.len, 20);
    ml_hex_encode(to, digest->value.data, digest->value.len);
}

static void see(const struct ml_record *record, uint64_t seq, void *context)
{
    struct seen *seen = context;
    (void)seq;
    if (record->event->kind_case != MLEDGER__EVENT__KIND_PIPELINE_RECORDED)
        return;
    assert_true(seen->count < SEEN_MAX);
    struct one *one = &seen->all[seen->count++];
    const Mledger__PipelineRecorded *recorded = record->event->pipeline_recorded;
    copy_text(one->name, sizeof one->name, recorded->name);
    if (recorded->commit)
        copy_id(one->commit, recorded->commit);
    copy_text(one->author, sizeof one->author, record->details->author);
    copy_text(one->committer, sizeof one->committer, record->details->committer);
    one->occurred_at = record->details->occurred_at;
    one->stages = recorded->snapshot->n_stages;
    one->disagreements = recorded->snapshot->n_disagreements;
    if (one->disagreements)
        one->first_kind = recorded->snapshot->disagreements[0]->kind;
    one->trained_at = recorded->n_trained_at;
    if (one->trained_at)
        copy_id(one->trained, recorded->trained_at[0]);
    one->files = recorded->n_files;
    one->params = record->details->n_param_values;
    one->is_signed = recorded->signed_;
    one->source = record->event->imported_from;
}

static void look(struct past *past, struct seen *ret_seen)
{
    *ret_seen = (struct seen){0};
    fixture_each(&past->fixture, see, ret_seen);
}

static void import_past(struct past *past, const struct ml_import_options *options,
                        uint64_t expected)
{
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    import_all(&past->fixture, ml_import_dvc_history, past->root, options, &report);
    assert_int_equal(import_count(&report, "pipeline_recorded"), expected);
}

/* ---- a story ---- */

static const char dvc_yaml[] = "stages:\n  train:\n    cmd: python train.py\n    deps:\n"
                               "    - data.csv\n    - train.py\n    params:\n    - lr\n    outs:\n"
                               "    - model.bin\n";

/* md5sum of "a\n" and "b\n". */
#define A "60b725f10c9c85c70d97880dfe8191b3"
#define B "3b5d5c3712955042212316173ccf37be"

static void write_lock(struct git_story *story, const char *lr, const char *model)
{
    char text[1024];
    snprintf(text, sizeof text,
             "schema: '2.0'\nstages:\n  train:\n    cmd: python train.py\n    deps:\n"
             "    - path: data.csv\n      hash: md5\n      md5: " A "\n      size: 2\n    params:\n"
             "      params.yaml:\n        lr: %s\n    outs:\n    - path: model.bin\n"
             "      hash: md5\n      md5: %s\n      size: 9\n",
             lr, model);
    git_story_write(story, "dvc.lock", text);
}

/* Set up; a word in README; trained; another parameter, which nobody trained with; the end of it.
 */
static void tell(struct past *past)
{
    struct git_story *story = &past->story;
    git_story_begin(story, past->root);
    git_story_commit(story, "main", T0, 0, 0);
    git_story_write(story, ".dvc/config", "");
    git_story_write(story, "dvc.yaml", dvc_yaml);
    git_story_write(story, "params.yaml", "lr: 0.1\n");
    git_story_write(story, "data.csv.dvc", "outs:\n- md5: " A "\n  size: 2\n  path: data.csv\n");
    git_story_commit(story, "main", T0 + 1000, 1, 0);
    git_story_write(story, "README", "hello\n");
    git_story_commit(story, "main", T0 + 2000, 2, 0);
    write_lock(story, "0.1", "00000000000000000000000000000001");
    git_story_commit(story, "main", T0 + 3000, 3, 0);
    git_story_write(story, "params.yaml", "lr: 0.2\n");
    git_story_commit(story, "main", T0 + 4000, 4, 0);
    git_story_remove(story, "dvc.yaml");
    git_story_remove(story, "dvc.lock");
    git_story_remove(story, ".dvc");
    git_story_remove(story, "data.csv.dvc");
}

static void each_change_is_a_record(void **state)
{
    struct past *past = *state;
    struct seen seen;
    NEEDS_GIT();
    tell(past);
    git_story_end(&past->story, false);
    import_past(past, NULL, 4);
    look(past, &seen);
    assert_int_equal(seen.count, 4);
    for (size_t i = 0; i < seen.count; i++) {
        static const int64_t times[] = {T0, T0 + 2000, T0 + 3000, T0 + 4000};
        const struct one *one = &seen.all[i];
        assert_string_equal(one->name, "churn");
        assert_string_equal(one->author, "Ann O <ann@example.org>");
        assert_string_equal(one->committer, "Bo <bo@example.org>");
        assert_int_equal(one->occurred_at, times[i] * 1000000);
        assert_int_equal(one->source, MLEDGER__SOURCE__GIT_HISTORY);
        assert_false(one->is_signed);
        assert_int_equal(one->stages, i == 3 ? 0 : 2);
    }
    /* Never run: of its two items, and as a stage. */
    assert_int_equal(seen.all[0].first_kind, MLEDGER__DISAGREEMENT_KIND__STAGE_NOT_IN_LOCK);
    /* The lock lacks train.py. */
    assert_int_equal(seen.all[1].disagreements, 1);
    assert_int_equal(seen.all[1].first_kind, MLEDGER__DISAGREEMENT_KIND__ITEM_NOT_IN_LOCK);
    assert_int_equal(seen.all[2].disagreements, 2);
    /* The lock of the third commit tells of what ran at the second one, or at the first. */
    assert_int_equal(seen.all[1].trained_at, 2);
    assert_int_equal(seen.all[2].trained_at, 2);
    assert_string_equal(seen.all[1].trained, seen.all[2].trained);
    fixture_verify(&past->fixture);
}

static void again_nothing_is_new(void **state)
{
    struct past *past = *state;
    NEEDS_GIT();
    tell(past);
    git_story_end(&past->story, false);
    import_past(past, NULL, 4);
    import_nothing(&past->fixture, ml_import_dvc_history, past->root, NULL);
}

/* What a broken-off import left is what one of an earlier branch leaves. */
static void goes_on_where_it_was(void **state)
{
    struct past *past = *state;
    const struct ml_import_options old = {.branch = "old"};
    struct seen whole, parts;
    NEEDS_GIT();
    tell(past);
    git_story_end(&past->story, false);
    git_run(past->root, "branch old main~2");
    import_past(past, &old, 2);
    import_past(past, &old, 0);
    import_past(past, NULL, 2);
    look(past, &parts);
    fixture_release(&past->fixture);
    fixture_init(&past->fixture);
    snprintf(past->root, sizeof past->root, "%s/churn", past->fixture.dir);
    tell(past);
    git_story_end(&past->story, false);
    import_past(past, NULL, 4);
    look(past, &whole);
    assert_memory_equal(&whole, &parts, sizeof whole);
}

/* ---- beside the ordinary import ---- */

static void tell_short(struct past *past)
{
    struct git_story *story = &past->story;
    git_story_begin(story, past->root);
    git_story_commit(story, "main", T0, 0, 0);
    git_story_write(story, ".dvc/config", "");
    git_story_write(story, "data.csv.dvc", "outs:\n- md5: " A "\n  size: 2\n  path: data.csv\n");
    git_story_commit(story, "main", T0 + 1000, 1, 0);
    git_story_write(story, "data.csv.dvc", "outs:\n- md5: " B "\n  size: 2\n  path: data.csv\n");
    git_story_end(story, true);
}

static void the_newest_state_has_the_last_word(void **state)
{
    struct past *past = *state;
    struct seen seen;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    NEEDS_GIT();
    tell_short(past);
    import_all(&past->fixture, ml_import_dvc, past->root, NULL, &report);
    assert_int_equal(import_count(&report, "pipeline_recorded"), 1);
    /* The older commit, and then once more the newer one. */
    import_past(past, NULL, 2);
    look(past, &seen);
    assert_int_equal(seen.count, 3);
    assert_string_equal(seen.all[0].commit, seen.all[2].commit);
    assert_string_not_equal(seen.all[0].commit, seen.all[1].commit);
    import_nothing(&past->fixture, ml_import_dvc_history, past->root, NULL);
    import_nothing(&past->fixture, ml_import_dvc, past->root, NULL);
    fixture_verify(&past->fixture);
}

static void a_changed_work_tree_is_no_commit(void **state)
{
    struct past *past = *state;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    NEEDS_GIT();
    tell_short(past);
    tree_write(past->root, "more.dvc", "outs:\n- md5: " A "\n  path: more\n");
    import_all(&past->fixture, ml_import_dvc, past->root, NULL, &report);
    import_past(past, NULL, 2);
    import_nothing(&past->fixture, ml_import_dvc_history, past->root, NULL);
}

/* ---- branches ---- */

/* A change that came in through a merge is seen where it was made, and in the merge. */
static void merges_are_seen(void **state)
{
    struct past *past = *state;
    struct git_story *story = &past->story;
    const struct ml_import_options side = {.branch = "side"}, none = {.branch = "none"};
    struct seen seen;
    NEEDS_GIT();
    git_story_begin(story, past->root);
    git_story_commit(story, "main", T0, 0, 0);
    git_story_write(story, "a.dvc", "outs:\n- md5: " A "\n  path: a\n");
    git_story_commit(story, "side", T0 + 10, 1, 0);
    git_story_write(story, "b.dvc", "outs:\n- md5: " B "\n  path: b\n");
    git_story_commit(story, "main", T0 + 20, 1, 0);
    git_story_write(story, "README", "x\n");
    git_story_commit(story, "main", T0 + 30, 3, 2);
    git_story_write(story, "b.dvc", "outs:\n- md5: " B "\n  path: b\n");
    git_story_end(story, false);
    import_fails(&past->fixture, ml_import_dvc_history, past->root, &none, MLEDGER_ENOTFOUND,
                 "no branch 'none'");
    import_past(past, NULL, 3);
    look(past, &seen);
    assert_int_equal(seen.all[0].stages, 1);
    assert_int_equal(seen.all[1].stages, 2);
    assert_int_equal(seen.all[1].occurred_at, (T0 + 10) * 1000000);
    assert_int_equal(seen.all[2].stages, 2);
    assert_int_equal(seen.all[2].occurred_at, (T0 + 30) * 1000000);
    import_past(past, &side, 0);
    fixture_verify(&past->fixture);
}

static void begins_where_it_is_told(void **state)
{
    struct past *past = *state;
    const struct ml_import_options by_time = {.since_us = (T0 + 3000) * 1000000},
                                   by_commit = {.since_commit = "main~2"},
                                   unknown = {.since_commit = "nothing"};
    NEEDS_GIT();
    tell(past);
    git_story_end(&past->story, false);
    import_fails(&past->fixture, ml_import_dvc_history, past->root, &unknown, MLEDGER_ENOTFOUND,
                 "'nothing' names no one commit");
    import_past(past, &by_commit, 2);
    import_past(past, &by_time, 0);
    /* Older ones, and then the newest state again. */
    import_past(past, NULL, 3);
}

static void projects_in_projects_have_pasts_of_their_own(void **state)
{
    struct past *past = *state;
    struct git_story *story = &past->story;
    struct seen seen;
    NEEDS_GIT();
    git_story_begin(story, past->root);
    git_story_commit(story, "main", T0, 0, 0);
    git_story_write(story, "one/.dvc/config", "");
    git_story_write(story, "one/a.dvc", "outs:\n- md5: " A "\n  path: a\n");
    git_story_write(story, "two/.dvc/config", "");
    git_story_write(story, ".hidden/.dvc/config", "");
    git_story_write(story, ".hidden/a.dvc", "outs:\n- md5: " A "\n  path: a\n");
    git_story_commit(story, "main", T0 + 10, 1, 0);
    git_story_write(story, "two/sub/b.dvc", "outs:\n- md5: " B "\n  path: b\n");
    git_story_end(story, false);
    import_past(past, NULL, 3);
    look(past, &seen);
    assert_string_equal(seen.all[0].name, "churn/one");
    assert_string_equal(seen.all[1].name, "churn/two");
    assert_string_equal(seen.all[2].name, "churn/two");
    import_nothing(&past->fixture, ml_import_dvc_history, past->root, NULL);
}

/* ---- what is broken ---- */

static void a_broken_lock_is_a_finding(void **state)
{
    struct past *past = *state;
    struct git_story *story = &past->story;
    struct seen seen;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    NEEDS_GIT();
    git_story_begin(story, past->root);
    git_story_commit(story, "main", T0, 0, 0);
    git_story_write(story, "dvc.yaml", dvc_yaml);
    git_story_write(story, "params.yaml", "lr: 0.1\n");
    git_story_write(story, "dvc.lock", "<<<<<<< HEAD\nschema: '2.0'\n");
    git_story_commit(story, "main", T0 + 10, 1, 0);
    write_lock(story, "0.1", "00000000000000000000000000000001");
    git_story_end(story, false);
    import_all(&past->fixture, ml_import_dvc_history, past->root, NULL, &report);
    assert_int_equal(import_count(&report, "pipeline_recorded"), 2);
    assert_int_equal(report.n_left_out, 0);
    look(past, &seen);
    assert_int_equal(seen.all[0].first_kind, MLEDGER__DISAGREEMENT_KIND__FILE_BROKEN);
    assert_int_equal(seen.all[0].stages, 1);
    assert_int_equal(seen.all[1].disagreements, 1);
    assert_string_equal(report.disagreements[0].kind, "file-broken");
    assert_string_equal(report.disagreements[0].path, "dvc.lock");
    assert_non_null(strstr(report.disagreements[0].found, "dvc.lock:"));
    assert_string_equal(report.disagreements[0].commit, seen.all[0].commit);
    assert_int_equal(report.disagreements[0].commits, 1);
}

static void a_shallow_clone_says_where_it_ends(void **state)
{
    struct past *past = *state;
    char command[512];
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    NEEDS_GIT();
    tell(past);
    git_story_end(&past->story, false);
    snprintf(command, sizeof command, "clone -q --depth 3 'file://%s' '%s/shallow'", past->root,
             past->fixture.dir);
    git_run(past->root, command);
    snprintf(past->root, sizeof past->root, "%s/shallow", past->fixture.dir);
    import_all(&past->fixture, ml_import_dvc_history, past->root, NULL, &report);
    assert_int_equal(import_count(&report, "pipeline_recorded"), 3);
    assert_int_equal(report.n_left_out, 1);
    assert_non_null(strstr(report.left_out[0].reason, "--unshallow"));
}

static void a_missing_commit_is_told(void **state)
{
    struct past *past = *state;
    char id[41], path[64];
    NEEDS_GIT();
    tell(past);
    git_story_end(&past->story, false);
    git_line(past->root, "rev-parse main~3", id, sizeof id);
    snprintf(path, sizeof path, ".git/objects/%.2s/%s", id, id + 2);
    tree_remove(past->root, path);
    import_fails(&past->fixture, ml_import_dvc_history, past->root, NULL, MLEDGER_ESYSTEM, id);
}

static void there_must_be_a_past(void **state)
{
    struct past *past = *state;
    NEEDS_GIT();
    tree_write(past->fixture.dir, "plain/dvc.yaml", "stages: {}\n");
    snprintf(past->root, sizeof past->root, "%s/plain", past->fixture.dir);
    import_fails(&past->fixture, ml_import_dvc_history, past->root, NULL, MLEDGER_ENOTFOUND,
                 "no Git repository");
    git_run(past->root, "init -q .");
    import_fails(&past->fixture, ml_import_dvc_history, past->root, NULL, MLEDGER_ENOTFOUND,
                 "no commit");
    git_run(past->root, "commit -q --allow-empty -m x");
    import_fails(&past->fixture, ml_import_dvc_history, past->root, NULL, MLEDGER_ENOTFOUND,
                 "no DVC project in the commits");
}

static void a_signature_is_told_of(void **state)
{
    struct past *past = *state;
    struct seen seen;
    char command[512], id[41];
    NEEDS_GIT();
    tell_short(past);
    snprintf(command, sizeof command,
             "cat-file commit main | sed '/^committer/a gpgsig -----BEGIN SSH SIGNATURE-----\\n "
             "AAAA\\n -----END SSH SIGNATURE-----' | git -C '%s' hash-object -t commit -w --stdin",
             past->root);
    git_line(past->root, command, id, sizeof id);
    snprintf(command, sizeof command, "update-ref refs/heads/main %s", id);
    git_run(past->root, command);
    import_past(past, NULL, 2);
    look(past, &seen);
    assert_false(seen.all[0].is_signed);
    assert_true(seen.all[1].is_signed);
}

/* Git keeps any time that it is told. */
static void an_impossible_time_is_not_claimed(void **state)
{
    struct past *past = *state;
    struct seen seen;
    NEEDS_GIT();
    git_story_begin(&past->story, past->root);
    git_story_commit(&past->story, "main", 9000000000000, 0, 0);
    git_story_write(&past->story, "a.dvc", "outs:\n- md5: " A "\n  path: a\n");
    git_story_end(&past->story, false);
    import_past(past, NULL, 1);
    look(past, &seen);
    assert_int_equal(seen.all[0].occurred_at, 0);
    fixture_verify(&past->fixture);
}

static void a_bare_repository_will_do(void **state)
{
    struct past *past = *state;
    struct seen seen;
    char command[512];
    NEEDS_GIT();
    tell(past);
    git_story_end(&past->story, false);
    snprintf(command, sizeof command, "clone -q --bare '%s' '%s/bare.git'", past->root,
             past->fixture.dir);
    git_run(past->root, command);
    snprintf(past->root, sizeof past->root, "%s/bare.git", past->fixture.dir);
    import_past(past, NULL, 4);
    look(past, &seen);
    assert_string_equal(seen.all[0].name, "churn"); /* by the remote */
}

/* ---- runs meet their stages ---- */

#define RUN "0123456789abcdef0123456789abcdef"

/* A run of MLflow's at a commit, with the parameter that the lock committed after it tells of. */
static void tell_run(const struct past *past, const char *commit)
{
    const char *root = past->fixture.dir;
    tree_write(root, "mlruns/0/meta.yaml",
               "artifact_location: file:///x/0\ncreation_time: 1\nexperiment_id: '0'\n"
               "last_update_time: 1\nlifecycle_stage: active\nname: Default\n");
    tree_write(root, "mlruns/0/" RUN "/meta.yaml",
               "artifact_uri: file:///x/0/" RUN "/artifacts\nend_time: 2\nentry_point_name: ''\n"
               "experiment_id: '0'\nlifecycle_stage: active\nrun_id: " RUN "\nrun_name: r\n"
               "run_uuid: " RUN "\nsource_name: ''\nsource_type: 4\nsource_version: ''\n"
               "start_time: 1\nstatus: 3\ntags: []\nuser_id: u\n");
    tree_write(root, "mlruns/0/" RUN "/params/lr", "0.1");
    tree_write(root, "mlruns/0/" RUN "/tags/mlflow.source.git.commit", commit);
}

static void find_run(const struct ml_record *record, uint64_t seq, void *context)
{
    if (record->event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED)
        *(uint64_t *)context = seq;
}

static void expect_stage(struct past *past, uint64_t run, const char *commit)
{
    struct ml_view view;
    struct ml_reader reader;
    struct ml_inference inference;
    struct ml_snapshots snapshots = {.reader = &reader};
    char id[41];
    assert_int_equal(ml_view_begin(past->fixture.ledger, &view), 0);
    ml_reader_init(&reader, &view, view.head.size - 1);
    assert_int_equal(ml_infer(&snapshots, run, &inference), 0);
    assert_int_equal(inference.n_matches, 1);
    const struct ml_match *match = &inference.matches[0];
    assert_string_equal(match->snapshot->stages[match->stage]->address, "train");
    assert_int_equal(match->where, ML_AFTER_COMMIT);
    assert_int_equal(match->params_equal, 1);
    copy_id(id, match->snapshot->recorded->commit);
    assert_string_equal(id, commit);
    ml_snapshots_release(&snapshots);
    ml_reader_release(&reader);
    ml_view_end(&view);
}

static void a_run_meets_the_lock_committed_after_it(void **state)
{
    struct past *past = *state;
    char ran_at[41], locked_at[41], dir[128];
    uint64_t run = 0;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    NEEDS_GIT();
    tell(past);
    git_story_end(&past->story, false);
    git_line(past->root, "rev-parse main~3", ran_at, sizeof ran_at);
    git_line(past->root, "rev-parse main~2", locked_at, sizeof locked_at);
    tell_run(past, ran_at);
    snprintf(dir, sizeof dir, "%s/mlruns", past->fixture.dir);
    import_all(&past->fixture, ml_import_mlflow, dir, NULL, &report);
    import_past(past, NULL, 4);
    fixture_each(&past->fixture, find_run, &run);
    expect_stage(past, run, locked_at);
}

/* ---- real ones ---- */

/* Projects that DVC itself made. Those without a commit get one of what they hold. */
static void generated_projects(void **state)
{
    static const struct {
        const char *archive, *folder;
        bool has_commits;
        uint64_t pipelines, committed;
    } cases[] = {{"p1.tar.gz", "p1", true, 2, 1},
                 {"l1-dvc1.11.16.tar.gz", "l1-dvc1.11.16", false, 0, 1},
                 {"w3-datasets.tar.gz", "w3-datasets", false, 0, 1},
                 {"edge.tar.gz", "edge", false, 0, 1}};
    (void)state;
    NEEDS_GIT();
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        char archive[SHARED_PATH_SIZE], below[128], command[SHARED_PATH_SIZE + 256];
        void *inner;
        snprintf(below, sizeof below, "data/dvc/generated/%s", cases[i].archive);
        if (!shared_path(archive, below))
            skip();
        past_setup(&inner);
        struct past *past = inner;
        snprintf(command, sizeof command, "tar -xzf '%s' -C '%s'", archive, past->fixture.dir);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
        snprintf(past->root, sizeof past->root, "%s/%s", past->fixture.dir, cases[i].folder);
        if (cases[i].has_commits)
            import_past(past, NULL, cases[i].pipelines);
        git_run(past->root, "init -q .");
        git_run(past->root, "add -A");
        git_run(past->root, "commit -q -m all");
        import_past(past, NULL, cases[i].committed);
        import_nothing(&past->fixture, ml_import_dvc_history, past->root, NULL);
        fixture_verify(&past->fixture);
        past_teardown(&inner);
    }
}

static void tell_folders(struct past *past, const char *folder)
{
    struct dirent **entries;
    const int count = scandir(folder, &entries, NULL, alphasort);
    unsigned last = 0;
    assert_true(count > 2);
    git_story_begin(&past->story, past->root);
    for (int i = 0; i < count; i++) {
        char path[SHARED_PATH_SIZE + 300];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && !strstr(entries[i]->d_name, ".json")) {
            last = git_story_commit(&past->story, "main", T0 + (int64_t)last * 60, last, 0);
            fputs("deleteall\n", past->story.stream);
            git_story_folder(&past->story, path, "");
        }
        free(entries[i]);
    }
    free(entries);
    git_story_end(&past->story, true);
}

static void real_histories(void **state)
{
    static const struct {
        const char *name;
        uint64_t pipelines, datasets;
        size_t disagreements;
    } expected[] = {{"iterative+example-get-started", 7, 2, 2},
                    {"khuyentran1401+cicd-mlops-demo", 50, 3, 4},
                    {"rmnldwg+lynference", 11, 4, 51}};
    (void)state;
    NEEDS_GIT();
    for (size_t i = 0; i < ML_COUNT(expected); i++) {
        char folder[SHARED_PATH_SIZE], below[128];
        void *inner;
        snprintf(below, sizeof below, "data/dvc/histories/%s", expected[i].name);
        if (!shared_path(folder, below))
            skip();
        past_setup(&inner);
        struct past *past = inner;
        ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
        tell_folders(past, folder);
        import_all(&past->fixture, ml_import_dvc_history, past->root, NULL, &report);
        assert_int_equal(import_count(&report, "pipeline_recorded"), expected[i].pipelines);
        assert_int_equal(import_count(&report, "dataset_recorded"), expected[i].datasets);
        assert_int_equal(report.n_disagreements, expected[i].disagreements);
        assert_int_equal(report.n_left_out, 0);
        import_nothing(&past->fixture, ml_import_dvc_history, past->root, NULL);
        fixture_verify(&past->fixture);
        past_teardown(&inner);
    }
}

#define PAST(test) cmocka_unit_test_setup_teardown(test, past_setup, past_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAST(each_change_is_a_record),
        PAST(again_nothing_is_new),
        PAST(goes_on_where_it_was),
        PAST(the_newest_state_has_the_last_word),
        PAST(a_changed_work_tree_is_no_commit),
        PAST(merges_are_seen),
        PAST(begins_where_it_is_told),
        PAST(projects_in_projects_have_pasts_of_their_own),
        PAST(a_broken_lock_is_a_finding),
        PAST(a_shallow_clone_says_where_it_ends),
        PAST(a_missing_commit_is_told),
        PAST(there_must_be_a_past),
        PAST(a_signature_is_told_of),
        PAST(an_impossible_time_is_not_claimed),
        PAST(a_bare_repository_will_do),
        PAST(a_run_meets_the_lock_committed_after_it),
        cmocka_unit_test(generated_projects),
        cmocka_unit_test(real_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
