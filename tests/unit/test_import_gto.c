/* SPDX-License-Identifier: Apache-2.0 */
/* A registry in the tags of a repository becomes one of the ledger. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/core/event.h"
#include "ledger/core/hex.h"
#include "tests/unit/git_story.h"
#include "tests/unit/import_fixture.h"

struct registry {
    struct fixture fixture;
    struct git_story story;
    char root[96];
};

static int registry_setup(void **state)
{
    struct registry *registry = test_calloc(1, sizeof *registry);
    *state = registry;
    fixture_init(&registry->fixture);
    snprintf(registry->root, sizeof registry->root, "%s/churn", registry->fixture.dir);
    return 0;
}

static int registry_teardown(void **state)
{
    struct registry *registry = *state;
    fixture_release(&registry->fixture);
    test_free(registry);
    return 0;
}

/* ---- what is in the ledger, one line for each event of a registry ---- */

struct told {
    char lines[32][256];
    size_t count;
};

static void describe(const Mledger__Event *event, char *line, size_t size)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        snprintf(line, size, "created %s", event->model_created->name);
        break;
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        snprintf(line, size, "registered %u", (unsigned)event->version_registered->version);
        break;
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        snprintf(line, size, "deleted %u", (unsigned)event->version_deleted->version);
        break;
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        snprintf(line, size, "%u in %s", (unsigned)event->stage_imported->version,
                 event->stage_imported->stage);
        break;
    case MLEDGER__EVENT__KIND_TAGS_SET:
        snprintf(line, size, "set %s", event->tags_set->tags[0]);
        break;
    default:
        line[0] = '\0';
    }
}

static void see(const struct ml_record *record, uint64_t seq, void *context)
{
    struct told *told = context;
    char line[200];
    (void)seq;
    describe(record->event, line, sizeof line);
    if (!line[0])
        return;
    const Mledger__GitTag *tag = record->event->git_tag;
    assert_non_null(tag);
    assert_int_equal(record->event->imported_from, MLEDGER__SOURCE__GIT_HISTORY);
    assert_int_equal(tag->object->value.len, 20);
    assert_int_equal(tag->commit->value.len, 20);
    assert_true(told->count < ML_COUNT(told->lines));
    snprintf(told->lines[told->count++], sizeof told->lines[0], "%s: %s", tag->name, line);
}

static void expect_told(struct registry *registry, const char *const *lines, size_t count)
{
    struct told told = {0};
    fixture_each(&registry->fixture, see, &told);
    for (size_t i = 0; i < told.count && i < count; i++)
        assert_string_equal(told.lines[i], lines[i]);
    assert_int_equal(told.count, count);
}

static void import_it(struct registry *registry, size_t left_out)
{
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    import_all(&registry->fixture, ml_import_dvc_history, registry->root, NULL, &report);
    for (size_t i = 0; i < report.n_left_out; i++)
        print_message("  %s: %s\n", report.left_out[i].what, report.left_out[i].reason);
    assert_int_equal(report.n_left_out, left_out);
}

/* ---- a registry ---- */

/* Two commits, each with a model of its own hash. */
static void tell_commits(struct registry *registry)
{
    struct git_story *story = &registry->story;
    git_story_begin(story, registry->root);
    git_story_commit(story, "main", T0, 0, 0);
    git_story_write(story, "dvc.yaml",
                    "artifacts:\n  model:\n    path: model.bin\n    type: model\n"
                    "  notes:\n    path: notes.txt\n");
    git_story_write(story, "model.bin.dvc",
                    "outs:\n- md5: 00000000000000000000000000000001\n  hash: md5\n  size: 9\n"
                    "  path: model.bin\n");
    git_story_write(story, "notes.txt", "a\n");
    git_story_commit(story, "main", T0 + 1000, 1, 0);
    git_story_write(story, "model.bin.dvc",
                    "outs:\n- md5: 00000000000000000000000000000002\n  hash: md5\n  size: 9\n"
                    "  path: model.bin\n");
}

static void tell_tags(struct registry *registry)
{
    struct git_story *story = &registry->story;
    git_story_tag(story, "model@v1.0.0", 1, T0 + 10, "Registering artifact model version v1.0.0\n");
    git_story_tag(story, "model#prod#1", 1, T0 + 10, "to prod\n");
    git_story_tag(story, "model@v1.1.0", 2, T0 + 1010, "better\n");
    git_story_tag(story, "model#dev#2", 2, T0 + 1020, "try\n");
    git_story_tag(story, "model#prod#3", 2, T0 + 1030, "to prod\n");
    /* By a program, all in one second. */
    git_story_tag(story, "model@v1.1.0!#5", 2, T0 + 1040, "bad data\n");
    git_story_tag(story, "model#prod!#4", 2, T0 + 1040, "no\n");
    git_story_tag(story, "model@deprecated#6", 2, T0 + 1060, "no more\n");
    git_story_tag(story, "notes@created", 2, T0 + 1070, "begun\n");
}

static const char *const whole[] = {
    "model@v1.0.0: created churn/model",
    "model@v1.0.0: registered 1",
    "model#prod#1: 1 in prod",
    "model@v1.1.0: registered 2",
    "model#dev#2: 2 in dev",
    "model#prod#3: 1 in None",
    "model#prod#3: 2 in prod",
    "model#prod!#4: 2 in None",
    "model@v1.1.0!#5: deleted 2",
    "model@deprecated#6: set gto.deprecated",
    "notes@created: created churn/notes",
};

static void tags_become_a_registry(void **state)
{
    struct registry *registry = *state;
    NEEDS_GIT();
    tell_commits(registry);
    tell_tags(registry);
    git_story_end(&registry->story, false);
    import_it(registry, 0);
    expect_told(registry, whole, ML_COUNT(whole));
    import_nothing(&registry->fixture, ml_import_dvc_history, registry->root, NULL);
    fixture_verify(&registry->fixture);
}

/* Signs as ALICE so many times, and then no more. */
struct tired_signer {
    const struct ml_signer *signer;
    int left;
};

static int sign_until_tired(void *context, struct ml_span message,
                            uint8_t ret_signature[ML_SIGNATURE_SIZE])
{
    struct tired_signer *tired = context;
    if (__atomic_sub_fetch(&tired->left, 1, __ATOMIC_RELAXED) < 0)
        return ml_fail(MLEDGER_ESYSTEM, "tired");
    return tired->signer->sign(tired->signer->context, message, ret_signature);
}

/* The commits are in, the tags are not: the next import goes on there. */
static void a_broken_off_import_goes_on(void **state)
{
    struct registry *registry = *state;
    const struct ml_signer *alice = &registry->fixture.signers[ALICE];
    struct tired_signer tired = {.signer = alice, .left = 4};
    struct ml_signer signer = {.sign = sign_until_tired, .context = &tired};
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report = {0};
    NEEDS_GIT();
    memcpy(signer.key, alice->key, sizeof signer.key);
    tell_commits(registry);
    tell_tags(registry);
    git_story_end(&registry->story, false);
    assert_int_equal(
        ml_import_dvc_history(registry->fixture.ledger, &signer, registry->root, NULL, &report),
        MLEDGER_ESYSTEM);
    assert_int_equal(report.appended, 4); /* two commits: pipeline and dataset each */
    expect_told(registry, NULL, 0);
    import_it(registry, 0);
    expect_told(registry, whole, ML_COUNT(whole));
    import_nothing(&registry->fixture, ml_import_dvc_history, registry->root, NULL);
    fixture_verify(&registry->fixture);
}

/* Tags that come later go on from what the ledger knows. */
static void later_tags_go_on(void **state)
{
    struct registry *registry = *state;
    static const char *const lines[] = {
        "model@v1.0.0: created churn/model", "model@v1.0.0: registered 1",
        "model#prod#1: 1 in prod",           "model@v1.1.0: registered 2",
        "model#prod#2: 1 in None",           "model#prod#2: 2 in prod",
    };
    NEEDS_GIT();
    tell_commits(registry);
    git_story_tag(&registry->story, "model@v1.0.0", 1, T0 + 10, "one\n");
    git_story_tag(&registry->story, "model#prod#1", 1, T0 + 20, "one\n");
    git_story_end(&registry->story, false);
    import_it(registry, 0);
    git_run(registry->root, "tag -a -m two model@v1.1.0 main");
    import_it(registry, 0);
    git_run(registry->root, "tag -a -m two 'model#prod#2' main");
    import_it(registry, 0);
    expect_told(registry, lines, ML_COUNT(lines));
    import_nothing(&registry->fixture, ml_import_dvc_history, registry->root, NULL);
    fixture_verify(&registry->fixture);
}

/* ---- what a registration says ---- */

struct versions {
    size_t count;
    uint8_t last_md5;
    bool signed_last;
};

static void see_version(const struct ml_record *record, uint64_t seq, void *context)
{
    struct versions *versions = context;
    (void)seq;
    if (record->event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED)
        return;
    const Mledger__VersionRegistered *registered = record->event->version_registered;
    assert_int_equal(registered->n_artifacts, 1);
    const Mledger__Artifact *artifact = registered->artifacts[0];
    if (strcmp(artifact->path, "notes.txt") == 0) {
        assert_int_equal(artifact->digests[0]->algorithm, MLEDGER__ALGORITHM__SHA256);
        assert_int_equal(artifact->digests[0]->standing, MLEDGER__STANDING__SEEN);
        assert_int_equal(artifact->size, 2);
        return;
    }
    assert_string_equal(artifact->path, "model.bin");
    assert_int_equal(artifact->digests[0]->algorithm, MLEDGER__ALGORITHM__MD5);
    assert_int_equal(artifact->digests[0]->standing, MLEDGER__STANDING__CLAIMED);
    versions->last_md5 = artifact->digests[0]->value.data[15];
    versions->count++;
    versions->signed_last = record->event->git_tag->signed_;
    assert_string_equal(registered->tags[0], "gto.version");
    assert_string_equal(record->details->author, "Ann O <ann@example.org>");
    assert_string_equal(record->details->tag_values[0], versions->count == 1 ? "v1.0.0" : "v1.1.0");
    assert_string_equal(record->details->description, versions->count == 1 ? "one\n\nmore" : "two");
    assert_int_equal(record->details->occurred_at, (T0 + 10 * (int64_t)versions->count) * 1000000);
}

static void versions_say_what_they_are(void **state)
{
    struct registry *registry = *state;
    struct versions versions = {0};
    NEEDS_GIT();
    tell_commits(registry);
    git_story_tag(&registry->story, "model@v1.0.0", 1, T0 + 10, "one\n\nmore\n");
    git_story_tag(&registry->story, "model@v1.1.0", 2, T0 + 20,
                  "two\n-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n");
    git_story_tag(&registry->story, "notes@v0.0.1", 2, T0 + 30, "notes\n");
    git_story_end(&registry->story, false);
    import_it(registry, 0);
    fixture_each(&registry->fixture, see_version, &versions);
    assert_int_equal(versions.count, 2);
    assert_int_equal(versions.last_md5, 2);
    assert_true(versions.signed_last);
}

/* ---- what cannot be told ---- */

static void what_makes_no_sense_is_left_out(void **state)
{
    struct registry *registry = *state;
    static const char *const lines[] = {"model@v1.0.0: created churn/model",
                                        "model@v1.0.0: registered 1"};
    NEEDS_GIT();
    tell_commits(registry);
    git_story_tag(&registry->story, "model#prod#1", 1, T0 + 5, "too early\n");
    git_story_tag(&registry->story, "model@v1.0.0", 1, T0 + 10, "one\n");
    git_story_tag(&registry->story, "model@v1.0.0#2", 2, T0 + 20, "again\n");
    git_story_tag(&registry->story, "model#prod!#3", 1, T0 + 30, "never there\n");
    git_story_tag(&registry->story, "model@v9.0.0!#4", 1, T0 + 40, "unknown\n");
    git_story_tag(&registry->story, "v1.0.0", 1, T0 + 50, "not of a registry\n");
    git_story_end(&registry->story, false);
    git_run(registry->root, "tag model@v2.0.0 main"); /* a mere name */
    import_it(registry, 4);
    expect_told(registry, lines, ML_COUNT(lines));
    import_it(registry, 4);
    expect_told(registry, lines, ML_COUNT(lines));
}

static void a_model_in_a_folder_has_it_in_its_name(void **state)
{
    struct registry *registry = *state;
    static const char *const lines[] = {"sub/dir=m@v1.0.0: created churn/sub/dir:m",
                                        "sub/dir=m@v1.0.0: registered 1"};
    struct git_story *story = &registry->story;
    NEEDS_GIT();
    git_story_begin(story, registry->root);
    git_story_commit(story, "main", T0, 0, 0);
    git_story_write(story, "sub/dir/dvc.yaml", "artifacts:\n  m:\n    path: m.bin\n");
    git_story_tag(story, "sub/dir=m@v1.0.0", 1, T0 + 10, "one\n");
    git_story_end(story, false);
    import_it(registry, 0);
    expect_told(registry, lines, ML_COUNT(lines));
}

#define REGISTRY(test) cmocka_unit_test_setup_teardown(test, registry_setup, registry_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REGISTRY(tags_become_a_registry),
        REGISTRY(a_broken_off_import_goes_on),
        REGISTRY(later_tags_go_on),
        REGISTRY(versions_say_what_they_are),
        REGISTRY(what_makes_no_sense_is_left_out),
        REGISTRY(a_model_in_a_folder_has_it_in_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
