/* SPDX-License-Identifier: Apache-2.0 */
/* What Git ignores, in the work tree and by a commit's own rules: as git check-ignore says. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ingest/git_ignore.h"
#include "tests/unit/git_story.h"
#include "tests/unit/import_fixture.h"

struct repository {
    struct fixture fixture;
    struct git_story story;
    char root[96];
    struct ml_git *git;
};

static int repository_setup(void **state)
{
    struct repository *repository = test_calloc(1, sizeof *repository);
    *state = repository;
    fixture_init(&repository->fixture);
    snprintf(repository->root, sizeof repository->root, "%s/project", repository->fixture.dir);
    return 0;
}

static int repository_teardown(void **state)
{
    struct repository *repository = *state;
    ml_git_free(repository->git);
    fixture_release(&repository->fixture);
    test_free(repository);
    return 0;
}

/* Rules at the root and in folders, of which one has a name that is a pattern; one commit later
 * the root has none. */
static void tell(struct repository *repository)
{
    struct git_story *story = &repository->story;
    git_story_begin(story, repository->root);
    git_story_commit(story, "main", T0, 0, 0);
    git_story_write(story, ".gitignore",
                    "# dvc.lock is a comment here\r\n*.lock\r\n!/kept/dvc.lock\n/top.txt\n\n");
    git_story_write(story, "a/.gitignore", "!dvc.lock\nb/*.tmp\n/only.txt\n");
    git_story_write(story, "a/b/.gitignore", "dvc.lock\n");
    git_story_write(story, "w[x]/.gitignore", "here.txt\n!again.lock\n");
    git_story_write(story, "out/.gitignore", "/*\n");
    git_story_write(story, "tracked.lock", "it is in the commit\n");
    git_story_commit(story, "main", T0 + 1, 1, 0);
    git_story_remove(story, ".gitignore");
    git_story_end(story, true);
    assert_true(ml_git_open(repository->root, &repository->git) >= 0);
}

static const char *const paths[] = {
    "dvc.lock",      "kept/dvc.lock",   "kept/other.lock", "top.txt",           "a/top.txt",
    "a/dvc.lock",    "a/c/dvc.lock",    "a/b/dvc.lock",    "a/b/deep/dvc.lock", "a/b/x.tmp",
    "a/x.tmp",       "a/only.txt",      "a/b/only.txt",    "w[x]/here.txt",     "w[x]/d/here.txt",
    "wx/here.txt",   "w[x]/again.lock", "out/dvc.lock",    "out/d/e.txt",       "tracked.lock",
    "elsewhere.txt", "out.txt",
};

/* By git itself; what is tracked it does not ignore, unless it is told to look no index up. */
static bool git_says(struct repository *repository, const char *path)
{
    char arguments[256], line[256] = "";
    snprintf(arguments, sizeof arguments, "check-ignore '%s' || echo no", path);
    git_line(repository->root, arguments, line, sizeof line);
    return strcmp(line, "no") != 0;
}

static void the_work_tree_ignores_as_git_does(void **state)
{
    struct repository *repository = *state;
    size_t ignored_count = 0;
    NEEDS_GIT();
    tell(repository);
    git_run(repository->root, "checkout -q HEAD~1");
    for (size_t i = 0; i < ML_COUNT(paths); i++) {
        bool ignored;
        assert_true(ml_git_ignores(repository->git, paths[i], &ignored) >= 0);
        if (ignored != git_says(repository, paths[i]))
            fail_msg("%s: %d", paths[i], ignored);
        ignored_count += ignored;
    }
    assert_in_range(ignored_count, 8, ML_COUNT(paths) - 8);
}

static void a_commit_ignores_as_its_work_tree_would(void **state)
{
    struct repository *repository = *state;
    ML_CLEANUP(ml_git_tree_freep) struct ml_git_tree *tree = NULL;
    char commit[ML_GIT_ID_SIZE];
    NEEDS_GIT();
    tell(repository);
    git_line(repository->root, "rev-parse HEAD~1", commit, sizeof commit);
    assert_true(ml_git_tree_open(repository->git, commit, &tree) >= 0);
    /* What is checked out meanwhile has other rules, and so has the user. */
    git_run(repository->root, "checkout -q HEAD");
    git_run(repository->root, "config core.excludesFile /dev/null");
    bool of_commit[ML_COUNT(paths)];
    for (size_t i = 0; i < ML_COUNT(paths); i++)
        assert_true(ml_git_tree_ignores(tree, paths[i], &of_commit[i]) >= 0);
    git_run(repository->root, "checkout -q HEAD~1");
    for (size_t i = 0; i < ML_COUNT(paths); i++)
        if (of_commit[i] != git_says(repository, paths[i]))
            fail_msg("%s: %d", paths[i], of_commit[i]);
}

static void rules_without_end_are_refused(void **state)
{
    struct repository *repository = *state;
    ML_CLEANUP(ml_git_tree_freep) struct ml_git_tree *tree = NULL;
    char commit[ML_GIT_ID_SIZE];
    bool ignored;
    NEEDS_GIT();
    char *rules = test_malloc(ML_GIT_IGNORE_MAX + 2);
    memset(rules, 'x', ML_GIT_IGNORE_MAX + 1);
    rules[ML_GIT_IGNORE_MAX + 1] = '\0';
    git_story_begin(&repository->story, repository->root);
    git_story_commit(&repository->story, "main", T0, 0, 0);
    git_story_write(&repository->story, "d/.gitignore", rules);
    git_story_end(&repository->story, true);
    test_free(rules);
    assert_true(ml_git_open(repository->root, &repository->git) >= 0);
    git_line(repository->root, "rev-parse HEAD", commit, sizeof commit);
    assert_true(ml_git_tree_open(repository->git, commit, &tree) >= 0);
    assert_int_equal(ml_git_tree_ignores(tree, "d/dvc.lock", &ignored), MLEDGER_EINVALID);
    struct ml_error error;
    ml_error_get(&error);
    assert_non_null(strstr(error.text, "d/.gitignore"));
    assert_true(ml_git_tree_ignores(tree, "dvc.lock", &ignored) >= 0 && !ignored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_work_tree_ignores_as_git_does, repository_setup,
                                        repository_teardown),
        cmocka_unit_test_setup_teardown(a_commit_ignores_as_its_work_tree_would, repository_setup,
                                        repository_teardown),
        cmocka_unit_test_setup_teardown(rules_without_end_are_refused, repository_setup,
                                        repository_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
