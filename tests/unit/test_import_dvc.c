/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DVC projects become records. Every project under shared/data/dvc/projects is imported, and what
 * its record says is held against what the real DVC resolved for it: stages, hashes and edges
 * as sets. Then a project of our own, changed step by step.
 */
#include "tests/unit/cmocka_all.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "ingest/table.h"
#include "ledger/core/codec.h"
#include "ledger/core/hex.h"
#include "tests/unit/import_fixture.h"
#include "tests/unit/shared.h"

/* ---- what a record says, as lines ---- */

struct lines {
    struct ml_pool pool;
    struct ml_table table;
};

static void lines_release(struct lines *lines)
{
    ml_table_release(&lines->table);
    ml_pool_release(&lines->pool);
}

static void add_line(struct lines *lines, const char *a, const char *b, const char *c,
                     const char *d)
{
    char *line = ml_pool_printf(&lines->pool, "%s|%s|%s|%s", a, b, c, d);
    assert_non_null(line);
    assert_int_equal(ml_table_put(&lines->table, line, line), 0);
}

/* Lines of `a` that `b` lacks. */
static size_t lacking(const struct lines *a, const struct lines *b, const char *what)
{
    size_t count = 0;
    for (size_t i = 0; i < a->table.size; i++) {
        const char *line = a->table.slots[i].name;
        if (!line || ml_table_get(&b->table, line))
            continue;
        if (count++ < 5)
            print_message("  %s: %s\n", what, line);
    }
    return count;
}

static const char *hash_of(struct lines *lines, const Mledger__PipelineFile *file)
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    if (file->n_digests == 0)
        return "-";
    const Mledger__Digest *digest = file->digests[0];
    ml_hex_encode(hex, digest->value.data, digest->value.len);
    return ml_pool_printf(&lines->pool, "%s%s", hex,
                          digest->algorithm == MLEDGER__ALGORITHM__MD5_DIR ? ".dir" : "");
}

static void add_snapshot(struct lines *lines, const Mledger__PipelineSnapshot *snapshot)
{
    for (size_t s = 0; s < snapshot->n_stages; s++) {
        const Mledger__PipelineStage *stage = snapshot->stages[s];
        add_line(lines, "stage", stage->address, "", "");
        for (size_t i = 0; i < stage->n_outs; i++)
            add_line(lines, "out", stage->address, stage->outs[i]->path,
                     hash_of(lines, stage->outs[i]));
        for (size_t i = 0; i < stage->n_deps; i++)
            for (size_t p = 0; p < stage->deps[i]->n_producers; p++)
                add_line(lines, "edge", snapshot->stages[stage->deps[i]->producers[p]]->address,
                         stage->address, "");
    }
}

/* ---- what DVC says ---- */

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* Of a path written relative to the stage's folder only the name is compared. */
static const char *name_of(struct lines *lines, const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    return ml_pool_text(&lines->pool, path + start, end - start);
}

static void add_their_outs(struct lines *lines, const json_t *stage)
{
    size_t i;
    json_t *out;
    json_array_foreach(json_object_get(stage, "outs"), i, out)
    {
        const char *hash = text_at(out, "hash");
        const bool is_md5 = strncmp(text_at(out, "hash_name"), "md5", 3) == 0;
        add_line(lines, "out", text_at(stage, "addr"), name_of(lines, text_at(out, "path")),
                 is_md5 && *hash ? hash : "-");
    }
}

static void add_theirs(struct lines *lines, const json_t *project)
{
    size_t i;
    json_t *stage, *edge;
    json_array_foreach(json_object_get(project, "stages"), i, stage)
    {
        add_line(lines, "stage", text_at(stage, "addr"), "", "");
        add_their_outs(lines, stage);
    }
    json_array_foreach(json_object_get(project, "edges"), i, edge)
        add_line(lines, "edge", json_string_value(json_array_get(edge, 0)),
                 json_string_value(json_array_get(edge, 1)), "");
}

/* The same lines with the names alone of outputs. */
static void add_named(struct lines *lines, const Mledger__PipelineSnapshot *snapshot)
{
    struct lines full = {0};
    add_snapshot(&full, snapshot);
    for (size_t i = 0; i < full.table.size; i++) {
        char *line = full.table.slots[i].thing;
        if (!line)
            continue;
        if (strncmp(line, "out|", 4) != 0) {
            assert_int_equal(
                ml_table_put(&lines->table, ml_pool_text(&lines->pool, line, strlen(line)), line),
                0);
            continue;
        }
        char *address = line + 4, *path = strchr(address, '|') + 1;
        char *hash = strrchr(line, '|') + 1;
        path[-1] = hash[-1] = '\0';
        add_line(lines, "out", address, name_of(lines, path), hash);
    }
    lines_release(&full);
}

/* ---- every project ---- */

/* The snapshot of the pipeline's only record, also where it is attached. */
static const Mledger__PipelineSnapshot *
snapshot_of(struct ml_view *view, const Mledger__PipelineRecorded *recorded, struct ml_arena *arena)
{
    if (recorded->snapshot)
        return recorded->snapshot;
    struct ml_span bytes;
    ProtobufCMessage *message;
    assert_int_equal(ml_view_attachment(view, recorded->snapshot_attachment->sha256.data, &bytes),
                     0);
    assert_int_equal(bytes.len, recorded->snapshot_attachment->size);
    assert_int_equal(
        ml_codec_unpack(&mledger__pipeline_snapshot__descriptor, bytes, arena, &message), 0);
    return (const Mledger__PipelineSnapshot *)message;
}

/* The last record, which is the pipeline's. */
static const Mledger__PipelineSnapshot *last_snapshot(struct fixture *fixture, struct ml_view *view,
                                                      struct ml_arena *arena,
                                                      struct ml_record *ret_record)
{
    ml_arena_init(arena, (size_t)1 << 30);
    assert_int_equal(ml_view_begin(fixture->ledger, view), 0);
    assert_int_equal(ml_view_record(view, view->head.size - 1, arena, ret_record), 0);
    assert_int_equal(ret_record->event->kind_case, MLEDGER__EVENT__KIND_PIPELINE_RECORDED);
    return snapshot_of(view, ret_record->event->pipeline_recorded, arena);
}

static size_t count_params(const Mledger__PipelineSnapshot *snapshot)
{
    size_t count = 0;
    for (size_t i = 0; i < snapshot->n_stages; i++)
        count += snapshot->stages[i]->n_params;
    return count;
}

/* As many values as parameters, in the details or attached to them. */
static void check_values(struct ml_view *view, const struct ml_record *record,
                         const Mledger__PipelineSnapshot *snapshot, struct ml_arena *arena)
{
    const Mledger__Details *details = record->details;
    if (details->attachment) {
        struct ml_span bytes;
        ProtobufCMessage *message;
        assert_int_equal(ml_view_attachment(view, details->attachment->sha256.data, &bytes), 0);
        assert_int_equal(ml_codec_unpack(&mledger__details__descriptor, bytes, arena, &message), 0);
        details = (const Mledger__Details *)message;
    }
    assert_int_equal(details->n_param_values, count_params(snapshot));
}

static void compare_project(struct fixture *fixture, const char *name, const json_t *project)
{
    struct lines ours = {0}, theirs = {0};
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    const Mledger__PipelineSnapshot *snapshot = last_snapshot(fixture, &view, &arena, &record);
    check_values(&view, &record, snapshot, &arena);
    /* Where DVC refuses the project there is nothing to compare with. */
    if (json_array_size(json_object_get(project, "errors")) == 0 &&
        !json_is_string(json_object_get(project, "graph_error"))) {
        add_named(&ours, snapshot);
        add_theirs(&theirs, project);
        size_t missing = lacking(&theirs, &ours, "missing");
        size_t extra = lacking(&ours, &theirs, "extra");
        if (missing + extra)
            fail_msg("%s: %zu lines missing, %zu extra", name, missing, extra);
        print_message("%-60s %5zu stages, %6zu lines agree\n", name, snapshot->n_stages,
                      theirs.table.count);
    }
    ml_view_end(&view);
    ml_arena_release(&arena);
    lines_release(&ours);
    lines_release(&theirs);
}

/* How often the projects disagree with themselves, over all of them. Only part of what their locks
 * name lies beside them. */
static struct tally {
    const char *kind;
    size_t expected, count;
} tallies[] = {
    {"stage-not-in-yaml", 732, 0}, {"stage-not-locked", 564, 0}, {"item-not-locked", 53, 0},
    {"item-not-in-yaml", 51, 0},   {"param-changed", 32, 0},     {"hash-inconsistent", 32, 0},
    {"hash-changed", 19, 0},       {"command-changed", 16, 0},   {"lines-changed", 5, 0},
    {"param-not-locked", 5, 0},    {"output-duplicate", 3, 0},
};

static void count_disagreements(const struct ml_import_report *report)
{
    for (size_t i = 0; i < report->n_disagreements; i++) {
        size_t t = 0;
        while (t < ML_COUNT(tallies) && strcmp(tallies[t].kind, report->disagreements[i].kind) != 0)
            t++;
        if (t == ML_COUNT(tallies))
            fail_msg("no tally of %s", report->disagreements[i].kind);
        tallies[t].count++;
    }
}

static void import_project(const char *name, const char *dir, const json_t *project)
{
    struct fixture fixture;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    fixture_init(&fixture);
    import_all(&fixture, ml_import_dvc, dir, NULL, &report);
    assert_int_equal(import_count(&report, "pipeline_recorded"), 1);
    assert_int_equal(import_count(&report, "dataset_recorded"), report.datasets);
    assert_int_equal(report.n_left_out, 0);
    count_disagreements(&report);
    import_nothing(&fixture, ml_import_dvc, dir, NULL);
    compare_project(&fixture, name, project);
    fixture_verify(&fixture);
    fixture_release(&fixture);
}

/* DVC refuses what is old; what it resolves after the lock was converted is the better answer. */
static json_t *load_expected(const char *folder, const char *stem)
{
    char path[2 * SHARED_PATH_SIZE];
    snprintf(path, sizeof path, "%s/expected/%s.lock-converted-to-2.0.json", folder, stem);
    json_t *json = json_load_file(path, 0, NULL);
    snprintf(path, sizeof path, "%s/expected/%s.json", folder, stem);
    return json ? json : json_load_file(path, 0, NULL);
}

static void import_expected(const char *folder, const char *stem, const json_t *expected)
{
    size_t i;
    json_t *project;
    json_array_foreach(json_object_get(expected, "projects"), i, project)
    {
        char dir[2 * SHARED_PATH_SIZE], name[SHARED_PATH_SIZE];
        snprintf(dir, sizeof dir, "%s/projects/%s/%s", folder, stem, text_at(project, "root"));
        snprintf(name, sizeof name, "%s/%s", stem, text_at(project, "root"));
        import_project(name, dir, project);
    }
}

static void imports_every_project(void **state)
{
    char folder[SHARED_PATH_SIZE], projects[SHARED_PATH_SIZE + 16];
    struct dirent **entries;
    size_t imported = 0;
    (void)state;
    if (!shared_path(folder, "data/dvc"))
        skip();
    snprintf(projects, sizeof projects, "%s/projects", folder);
    const int count = scandir(projects, &entries, NULL, alphasort);
    assert_true(count > 2);
    for (int i = 0; i < count; i++) {
        json_t *expected =
            entries[i]->d_name[0] == '.' ? NULL : load_expected(folder, entries[i]->d_name);
        if (expected)
            import_expected(folder, entries[i]->d_name, expected);
        imported += expected != NULL;
        json_decref(expected);
        free(entries[i]);
    }
    free(entries);
    assert_true(imported >= 46);
    for (size_t i = 0; i < ML_COUNT(tallies); i++) {
        print_message("%-20s %zu\n", tallies[i].kind, tallies[i].count);
        assert_int_equal(tallies[i].count, tallies[i].expected);
    }
}

/* Several projects below one directory: a pipeline each. */
static void imports_all_projects_of_a_directory(void **state)
{
    char dir[SHARED_PATH_SIZE];
    struct fixture fixture;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    (void)state;
    if (!shared_path(dir, "data/dvc/projects/iterative+example-repos-dev"))
        skip();
    fixture_init(&fixture);
    import_all(&fixture, ml_import_dvc, dir, NULL, &report);
    assert_int_equal(import_count(&report, "pipeline_recorded"), 15);
    import_nothing(&fixture, ml_import_dvc, dir, NULL);
    fixture_verify(&fixture);
    fixture_release(&fixture);
}

/* ---- a project of our own ---- */

struct own {
    struct fixture fixture;
    char root[96];
};

static const char dvc_yaml[] = "stages:\n"
                               "  prepare:\n    cmd: python prepare.py\n    deps:\n"
                               "    - data/raw.csv\n    outs:\n    - data/clean.csv\n"
                               "  train:\n    cmd: python train.py\n    deps:\n"
                               "    - data/clean.csv\n    params:\n    - train.depth\n"
                               "    - train.lr\n    outs:\n    - model.bin\n    metrics:\n"
                               "    - metrics.json:\n        cache: false\n";

/* md5sum of "a,b\n1,2\n" and "clean\n". */
#define RAW "e5ebd4c02cefbe7955977c67ada242b7"
#define CLEAN "175388b0347c53b5a93c13cc12efd711"

static void write_lock(const struct own *own, const char *clean, const char *depth)
{
    char text[2048];
    snprintf(text, sizeof text,
             "schema: '2.0'\nstages:\n  prepare:\n    cmd: python prepare.py\n    deps:\n"
             "    - path: data/raw.csv\n      hash: md5\n      md5: %s\n      size: 8\n    outs:\n"
             "    - path: data/clean.csv\n      hash: md5\n      md5: %s\n      size: 6\n"
             "  train:\n    cmd: python train.py\n    deps:\n    - path: data/clean.csv\n"
             "      hash: md5\n      md5: %s\n      size: 6\n    params:\n      params.yaml:\n"
             "        train.depth: %s\n        train.lr: 0.10\n    outs:\n"
             "    - path: metrics.json\n      hash: md5\n"
             "      md5: 00000000000000000000000000000001\n      size: 20\n"
             "    - path: model.bin\n      hash: md5\n"
             "      md5: 00000000000000000000000000000002\n      size: 9\n",
             RAW, clean, clean, depth);
    tree_write(own->root, "dvc.lock", text);
}

static int own_setup(void **state)
{
    struct own *own = test_calloc(1, sizeof *own);
    fixture_init(&own->fixture);
    snprintf(own->root, sizeof own->root, "%s/churn", own->fixture.dir);
    tree_write(own->root, ".dvc/config", "");
    tree_write(own->root, "dvc.yaml", dvc_yaml);
    tree_write(own->root, "params.yaml", "train:\n  depth: 3\n  lr: 0.10\n");
    tree_write(own->root, "data/raw.csv", "a,b\n1,2\n");
    tree_write(own->root, "data/raw.csv.dvc",
               "outs:\n- md5: " RAW "\n  size: 8\n  hash: md5\n  path: raw.csv\n");
    write_lock(own, CLEAN, "3");
    *state = own;
    return 0;
}

static int own_teardown(void **state)
{
    struct own *own = *state;
    fixture_release(&own->fixture);
    test_free(own);
    return 0;
}

static void expect_import(struct own *own, uint64_t pipelines, uint64_t datasets,
                          size_t disagreements)
{
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    import_all(&own->fixture, ml_import_dvc, own->root, NULL, &report);
    for (size_t i = 0; i < report.n_disagreements; i++)
        print_message("  %s %s %s: %s / %s\n", report.disagreements[i].kind,
                      report.disagreements[i].stage, report.disagreements[i].path,
                      report.disagreements[i].recorded, report.disagreements[i].found);
    assert_int_equal(import_count(&report, "pipeline_recorded"), pipelines);
    assert_int_equal(import_count(&report, "dataset_recorded"), datasets);
    assert_int_equal(report.n_disagreements, disagreements);
    import_nothing(&own->fixture, ml_import_dvc, own->root, NULL);
}

static void look_at_stages(const Mledger__PipelineSnapshot *snapshot)
{
    assert_int_equal(snapshot->n_stages, 3);
    const Mledger__PipelineStage *prepare = NULL, *train = NULL;
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(snapshot->stages[i]->address, "prepare") == 0)
            prepare = snapshot->stages[i];
        if (strcmp(snapshot->stages[i]->address, "train") == 0)
            train = snapshot->stages[i];
    }
    assert_non_null(prepare);
    assert_non_null(train);
    const Mledger__PipelineFile *raw = prepare->deps[0];
    assert_string_equal(raw->path, "data/raw.csv");
    assert_int_equal(raw->size, 8);
    /* Seen in the work tree: the MD5 of the lock and the SHA-256. */
    assert_int_equal(raw->n_digests, 2);
    assert_int_equal(raw->digests[0]->algorithm, MLEDGER__ALGORITHM__MD5);
    assert_int_equal(raw->digests[0]->standing, MLEDGER__STANDING__SEEN);
    assert_int_equal(raw->digests[1]->algorithm, MLEDGER__ALGORITHM__SHA256);
    /* Not in the work tree: claimed by the lock alone. */
    assert_int_equal(prepare->outs[0]->n_digests, 1);
    assert_int_equal(prepare->outs[0]->digests[0]->standing, MLEDGER__STANDING__CLAIMED);
    assert_int_equal(train->n_params, 2);
    assert_string_equal(train->params[0]->key, "train.depth");
    assert_int_equal(train->deps[0]->n_producers, 1);
    assert_string_equal(snapshot->stages[train->deps[0]->producers[0]]->address, "prepare");
    assert_true(train->locked);
    assert_string_equal(train->command[0], "python train.py");
}

static void says_what_the_project_says(void **state)
{
    char with_slash[128];
    struct own *own = *state;
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    expect_import(own, 1, 1, 0);
    look_at_stages(last_snapshot(&own->fixture, &view, &arena, &record));
    const Mledger__PipelineRecorded *recorded = record.event->pipeline_recorded;
    assert_int_equal(record.event->imported_from, MLEDGER__SOURCE__DVC);
    assert_string_equal(recorded->name, "churn");
    assert_null(recorded->commit);
    assert_string_equal(record.details->param_values[0], "3");
    assert_string_equal(record.details->param_values[1], "0.10");
    assert_string_equal(record.details->source, own->root);
    snprintf(with_slash, sizeof with_slash, "%s//", own->root);
    import_nothing(&own->fixture, ml_import_dvc, with_slash, NULL);
    ml_arena_clear(&arena);
    assert_int_equal(ml_view_record(&view, 1, &arena, &record), 0);
    const Mledger__DatasetRecorded *dataset = record.event->dataset_recorded;
    assert_string_equal(dataset->name, "churn/data/raw.csv");
    assert_string_equal(dataset->source_type, "dvc");
    assert_int_equal(dataset->n_digests, 2);
    assert_int_equal(dataset->digests[0]->standing, MLEDGER__STANDING__SEEN);
    ml_view_end(&view);
    ml_arena_release(&arena);
    fixture_verify(&own->fixture);
}

/* A section of parameters stands there by its members, in the order of the lock. */
static void sections_are_recorded_by_their_members(void **state)
{
    struct own *own = *state;
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    tree_write(own->root, "dvc.yaml",
               "stages:\n  fit:\n    cmd: fit\n    params:\n    - train\n    outs:\n    - m\n");
    tree_write(own->root, "dvc.lock",
               "schema: '2.0'\nstages:\n  fit:\n    cmd: fit\n    params:\n      params.yaml:\n"
               "        train:\n          depth: 3\n          sizes: [1, 2]\n          sgd:\n"
               "            lr: 0.10\n          none: {}\n");
    import_all(&own->fixture, ml_import_dvc, own->root, NULL, &report);
    const Mledger__PipelineSnapshot *snapshot =
        last_snapshot(&own->fixture, &view, &arena, &record);
    static const char *const keys[] = {"train.depth", "train.sizes", "train.sgd.lr", "train.none"};
    static const char *const values[] = {"3", "[1, 2]", "0.10", "{}"};
    size_t fit = strcmp(snapshot->stages[0]->address, "fit") == 0 ? 0 : 1;
    assert_int_equal(snapshot->stages[fit]->n_params, ML_COUNT(keys));
    for (size_t i = 0; i < ML_COUNT(keys); i++) {
        assert_string_equal(snapshot->stages[fit]->params[i]->key, keys[i]);
        assert_string_equal(record.details->param_values[i], values[i]);
    }
    ml_view_end(&view);
    ml_arena_release(&arena);
}

static void a_changed_lock_appends_only_that(void **state)
{
    struct own *own = *state;
    expect_import(own, 1, 1, 0);
    write_lock(own, "00000000000000000000000000000003", "3");
    expect_import(own, 1, 0, 0);
    /* Another value of a parameter alone: the file disagrees with it. */
    write_lock(own, "00000000000000000000000000000003", "4");
    expect_import(own, 1, 0, 1);
    fixture_verify(&own->fixture);
}

static void disagreements_are_recorded(void **state)
{
    struct own *own = *state;
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    tree_write(own->root, "data/raw.csv", "a,b\n1,3\n");
    tree_write(own->root, "params.yaml", "train:\n  depth: 5\n  lr: 0.10\n");
    expect_import(own, 1, 1, 3);
    const Mledger__PipelineSnapshot *snapshot =
        last_snapshot(&own->fixture, &view, &arena, &record);
    assert_int_equal(snapshot->n_disagreements, 3);
    size_t files = 0, params = 0;
    for (size_t i = 0; i < 3; i++) {
        const Mledger__Disagreement *one = snapshot->disagreements[i];
        if (one->kind == MLEDGER__DISAGREEMENT_KIND__PARAM_CHANGED) {
            params++;
            assert_string_equal(one->stage, "train");
            assert_string_equal(one->path, "params.yaml:train.depth");
            continue;
        }
        assert_int_equal(one->kind, MLEDGER__DISAGREEMENT_KIND__FILE_CHANGED);
        assert_string_equal(one->path, "data/raw.csv");
        assert_int_equal(one->expected->standing, MLEDGER__STANDING__CLAIMED);
        assert_int_equal(one->found->standing, MLEDGER__STANDING__SEEN);
        files++;
    }
    assert_int_equal(files, 2); /* of the .dvc file and of the stage */
    assert_int_equal(params, 1);
    ml_view_end(&view);
    ml_arena_release(&arena);
}

static void without_hashing_all_is_claimed(void **state)
{
    struct own *own = *state;
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    const struct ml_import_options options = {.name = "other", .skip_hashing = true};
    import_all(&own->fixture, ml_import_dvc, own->root, &options, &report);
    const Mledger__PipelineSnapshot *snapshot =
        last_snapshot(&own->fixture, &view, &arena, &record);
    assert_string_equal(record.event->pipeline_recorded->name, "other");
    for (size_t s = 0; s < snapshot->n_stages; s++)
        for (size_t d = 0; d < snapshot->stages[s]->n_deps; d++) {
            assert_int_equal(snapshot->stages[s]->deps[d]->n_digests, 1);
            assert_int_equal(snapshot->stages[s]->deps[d]->digests[0]->standing,
                             MLEDGER__STANDING__CLAIMED);
        }
    ml_view_end(&view);
    ml_arena_release(&arena);
}

/* A directory that is tracked gets its manifest, whose SHA-256 is its identity. */
static void a_directory_has_a_manifest(void **state)
{
    struct own *own = *state;
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    struct ml_span text;
    ml_arena_init(&arena, 1 << 20);
    tree_write(own->root, "images/a.txt", "a\n");
    tree_write(own->root, "images/b/c.txt", "c\n");
    /* md5sum of [{"md5": …, "relpath": "a.txt"}, {"md5": …, "relpath": "b/c.txt"}] */
    tree_write(own->root, "images.dvc",
               "outs:\n- md5: fe84379d2acb24b0012994e6490ece92.dir\n  size: 4\n  nfiles: 2\n"
               "  hash: md5\n  path: images\n");
    expect_import(own, 1, 2, 0);
    assert_int_equal(ml_view_begin(own->fixture.ledger, &view), 0);
    assert_int_equal(ml_view_record(&view, 1, &arena, &record), 0);
    const Mledger__DatasetRecorded *dataset = record.event->dataset_recorded;
    assert_string_equal(dataset->name, "churn/images");
    assert_int_equal(dataset->files, 2);
    assert_int_equal(dataset->digests[0]->algorithm, MLEDGER__ALGORITHM__MD5_DIR);
    assert_int_equal(dataset->digests[1]->algorithm, MLEDGER__ALGORITHM__SHA256);
    assert_non_null(dataset->manifest);
    assert_memory_equal(dataset->manifest->sha256.data, dataset->digests[1]->value.data, 32);
    assert_int_equal(ml_view_attachment(&view, dataset->manifest->sha256.data, &text), 0);
    assert_memory_equal(text.data, "mledger manifest 1\n", 19);
    ml_view_end(&view);
    ml_arena_release(&arena);
    fixture_verify(&own->fixture);
}

static void imports_say_where_from(void **state)
{
    struct own *own = *state;
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    ml_arena_init(&arena, 1 << 20);
    tree_write(own->root, "lib.dvc",
               "frozen: true\ndeps:\n- path: sub/b.txt\n  repo:\n"
               "    url: https://example.org/lib\n    rev: main\n"
               "    rev_lock: 26fa8c6f00112233445566778899aabbccddeeff\nouts:\n"
               "- md5: 00000000000000000000000000000009\n  size: 1\n  hash: md5\n  path: lib\n");
    expect_import(own, 1, 2, 0);
    assert_int_equal(ml_view_begin(own->fixture.ledger, &view), 0);
    assert_int_equal(ml_view_record(&view, 1, &arena, &record), 0);
    const Mledger__DatasetRecorded *dataset = record.event->dataset_recorded;
    assert_string_equal(dataset->name, "churn/lib");
    assert_string_equal(dataset->source_type, "dvc-import");
    assert_string_equal(dataset->source_uri, "https://example.org/lib");
    assert_int_equal(dataset->n_labels, 3);
    assert_string_equal(dataset->labels[2]->scheme, "source.rev_lock");
    ml_view_end(&view);
    ml_arena_release(&arena);
}

/* More than an event holds: the snapshot and the values are attached. */
static void a_large_pipeline_is_attached(void **state)
{
    struct own *own = *state;
    enum { STAGES = 3000 };
    ML_CLEANUP(ml_buf_release) struct ml_buf yaml = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf lock = {0};
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    assert_int_equal(ml_buf_append_text(&yaml, "stages:\n"), 0);
    assert_int_equal(ml_buf_append_text(&lock, "schema: '2.0'\nstages:\n"), 0);
    for (int i = 0; i < STAGES; i++) {
        assert_int_equal(ml_buf_printf(&yaml,
                                       "  s%d:\n    cmd: run %d\n    params:\n    - train.depth\n"
                                       "    deps:\n    - f%d\n    outs:\n    - f%d\n",
                                       i, i, i, i + 1),
                         0);
        assert_int_equal(
            ml_buf_printf(&lock,
                          "  s%d:\n    cmd: run %d\n    deps:\n    - path: f%d\n      hash: md5\n"
                          "      md5: %032x\n      size: 1\n    params:\n      params.yaml:\n"
                          "        train.depth: 3\n    outs:\n    - path: f%d\n      hash: md5\n"
                          "      md5: %032x\n      size: 1\n",
                          i, i, i, i + 16, i + 1, i + 17),
            0);
    }
    assert_int_equal(ml_buf_append_char(&yaml, '\0'), 0);
    assert_int_equal(ml_buf_append_char(&lock, '\0'), 0);
    tree_write(own->root, "dvc.yaml", (const char *)yaml.data);
    tree_write(own->root, "dvc.lock", (const char *)lock.data);
    expect_import(own, 1, 1, 0);
    const Mledger__PipelineSnapshot *snapshot =
        last_snapshot(&own->fixture, &view, &arena, &record);
    assert_null(record.event->pipeline_recorded->snapshot);
    assert_int_equal(snapshot->n_stages, STAGES + 1);
    check_values(&view, &record, snapshot, &arena);
    ml_view_end(&view);
    ml_arena_release(&arena);
    fixture_verify(&own->fixture);
}

/* ---- faults ---- */

static void a_broken_file_leaves_nothing(void **state)
{
    struct own *own = *state;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    const struct ml_import_options keep_going = {.keep_going = true};
    tree_write(own->root, "more/dvc.yaml", "stages:\n  broken: [\n");
    import_fails(&own->fixture, ml_import_dvc, own->root, NULL, MLEDGER_EINVALID, "more/dvc.yaml:");
    import_all(&own->fixture, ml_import_dvc, own->root, &keep_going, &report);
    assert_int_equal(report.n_left_out, 1);
    assert_string_equal(report.left_out[0].what, "more/dvc.yaml");
    assert_int_equal(report.appended, 2);
}

static void there_must_be_a_project(void **state)
{
    struct own *own = *state;
    tree_write(own->fixture.dir, "empty/file", "x");
    char dir[128];
    snprintf(dir, sizeof dir, "%s/empty", own->fixture.dir);
    import_fails(&own->fixture, ml_import_dvc, dir, NULL, MLEDGER_ENOTFOUND, "empty");
    import_fails(&own->fixture, ml_import_dvc, "/nonexistent", NULL, MLEDGER_ESYSTEM,
                 "/nonexistent");
}

/* ---- Git ---- */

static void git(const struct own *own, const char *command)
{
    char line[1024];
    snprintf(line, sizeof line,
             "cd '%s' && export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME='Ann O' "
             "GIT_AUTHOR_EMAIL=ann@example.org GIT_COMMITTER_NAME=Bo "
             "GIT_COMMITTER_EMAIL=bo@example.org GIT_AUTHOR_DATE='1700000000 +0000' "
             "GIT_COMMITTER_DATE='1700000100 +0000' && git %s >/dev/null 2>&1",
             own->root, command);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c): paths are the test's own */
}

static void look_at_commit(struct own *own, bool dirty, size_t trained_at)
{
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    last_snapshot(&own->fixture, &view, &arena, &record);
    const Mledger__PipelineRecorded *recorded = record.event->pipeline_recorded;
    assert_string_equal(recorded->name, "leavers");
    assert_int_equal(recorded->commit->algorithm, MLEDGER__ALGORITHM__GIT);
    assert_int_equal(recorded->has_dirty, dirty);
    assert_int_equal(recorded->n_trained_at, trained_at);
    assert_string_equal(record.details->author, "Ann O <ann@example.org>");
    assert_string_equal(record.details->committer, "Bo <bo@example.org>");
    assert_int_equal(record.details->occurred_at, 1700000100000000);
    ml_view_end(&view);
    ml_arena_release(&arena);
}

static void names_the_commit(void **state)
{
    struct own *own = *state;
    if (system("git --version >/dev/null 2>&1") != 0) { /* NOLINT(cert-env33-c) */
        print_message("there is no git\n");
        skip();
    }
    git(own, "init -q");
    git(own, "remote add origin git@example.org:team/leavers.git");
    git(own, "add -A");
    git(own, "commit -qm first");
    expect_import(own, 1, 1, 0);
    look_at_commit(own, false, 0);
    write_lock(own, "00000000000000000000000000000005", "3");
    expect_import(own, 1, 0, 0);
    look_at_commit(own, true, 0);
    git(own, "commit -qam second");
    expect_import(own, 1, 0, 0);
    look_at_commit(own, false, 1);
    fixture_verify(&own->fixture);
}

#define OWN(test) cmocka_unit_test_setup_teardown(test, own_setup, own_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_every_project),
        cmocka_unit_test(imports_all_projects_of_a_directory),
        OWN(says_what_the_project_says),
        OWN(sections_are_recorded_by_their_members),
        OWN(a_changed_lock_appends_only_that),
        OWN(disagreements_are_recorded),
        OWN(without_hashing_all_is_claimed),
        OWN(a_directory_has_a_manifest),
        OWN(imports_say_where_from),
        OWN(a_large_pipeline_is_attached),
        OWN(a_broken_file_leaves_nothing),
        OWN(there_must_be_a_project),
        OWN(names_the_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
