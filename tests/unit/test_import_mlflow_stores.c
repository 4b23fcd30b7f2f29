/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real MLflow stores become records. Every file store and database under shared/data/mlflow is
 * imported and held against what it holds (mlflow_samples.h).
 */
#include "tests/unit/cmocka_all.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "export/draw_lineage.h"
#include "export/drawing.h"
#include "ledger/query/lineage.h"
#include "tests/unit/import_fixture.h"
#include "tests/unit/mlflow_samples.h"
#include "tests/unit/shared.h"

/* ---- what a ledger holds ---- */

struct found {
    struct mlflow_counts counts;
    Mledger__Source source; /* of the records */
};

static void count_record(const struct ml_record *record, uint64_t seq, void *context)
{
    struct found *found = context;
    struct mlflow_counts *counts = &found->counts;
    const Mledger__Event *event = record->event;
    (void)seq;
    assert_true(event->has_imported_from);
    assert_true(found->source == 0 || found->source == event->imported_from);
    found->source = event->imported_from;
    assert_non_null(record->details->source);
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_EXPERIMENT_CREATED:
        counts->experiments++;
        counts->experiment_tags += event->experiment_created->n_tags;
        break;
    case MLEDGER__EVENT__KIND_RUN_STARTED:
        counts->runs++;
        break;
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        counts->params += event->run_logged->n_params;
        counts->points += event->run_logged->n_metrics;
        counts->tags += event->run_logged->n_tags;
        counts->inputs += event->run_logged->n_inputs;
        counts->outputs += event->run_logged->n_outputs;
        break;
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        counts->artifacts += event->artifact_recorded->n_artifacts;
        break;
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        counts->registered++;
        break;
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED:
        counts->logged_models++;
        break;
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        counts->versions++;
        break;
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        counts->deleted_versions++;
        break;
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        counts->stages++;
        break;
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        counts->aliases++;
        break;
    default:
        break;
    }
}

#define CHECK(member) mlflow_check(store, #member, found.counts.member, wanted->member)

static void check_counts(const char *store, Mledger__Source source, struct fixture *fixture,
                         const struct mlflow_counts *wanted)
{
    struct found found = {0};
    fixture_each(fixture, count_record, &found);
    CHECK(experiments);
    CHECK(experiment_tags);
    CHECK(runs);
    CHECK(params);
    CHECK(points);
    CHECK(tags);
    CHECK(inputs);
    CHECK(outputs);
    mlflow_check(store, "artifacts", found.counts.artifacts,
                 wanted->artifacts + wanted->model_artifacts);
    CHECK(registered);
    CHECK(logged_models);
    CHECK(versions);
    CHECK(deleted_versions);
    CHECK(stages);
    CHECK(aliases);
    assert_true(found.source == 0 || found.source == source); /* some stores are empty */
}

/* ---- pictures ---- */

struct pictures {
    struct fixture *fixture;
    size_t runs, drawn;
};

static void draw(struct fixture *fixture, uint64_t seq)
{
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    struct ml_view view;
    struct ml_graph *graph;
    char reference[32];
    const struct ml_draw_limits limits = ML_DRAW_LIMITS;
    const struct ml_lineage_options options = ml_lineage_defaults();
    snprintf(reference, sizeof reference, "#%llu", (unsigned long long)seq);
    assert_int_equal(ml_view_begin(fixture->ledger, &view), MLEDGER_OK);
    const struct ml_draw_frame frame = {.query = reference,
                                        .ledger = "test",
                                        .identity = view.head.identity,
                                        .head_link = view.head.link,
                                        .as_of_time = ""};
    assert_int_equal(ml_lineage(&view, reference, &options, &graph), MLEDGER_OK);
    assert_true(graph->n_nodes > 0);
    assert_int_equal(ml_draw_lineage(graph, &frame, &drawing), MLEDGER_OK);
    assert_true(drawing.node_count > 0);
    assert_int_equal(ml_drawing_render(&drawing, ML_PICTURE_SVG, &limits, &svg), MLEDGER_OK);
    assert_true(svg.len > 0);
    ml_graph_free(graph);
    ml_view_end(&view);
}

/* Every version, and the first runs: pictures of more would say no more of the store. */
static void draw_record(const struct ml_record *record, uint64_t seq, void *context)
{
    enum { RUNS_MOST = 2 };
    struct pictures *pictures = context;
    bool version = record->event->kind_case == MLEDGER__EVENT__KIND_VERSION_REGISTERED;
    bool run = record->event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED;
    if (!version && (!run || pictures->runs++ >= RUNS_MOST))
        return;
    draw(pictures->fixture, seq);
    pictures->drawn++;
}

static void import_store(const char *dir, Mledger__Source source,
                         const struct mlflow_sample *wanted)
{
    struct fixture fixture;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    const struct ml_import_options options = {.keep_going = wanted->counts.left_out > 0};
    fixture_init(&fixture);
    import_all(&fixture, ml_import_mlflow, dir, &options, &report);
    for (size_t i = 0; i < report.n_left_out; i++)
        print_message("left out of %s: %s\n", wanted->store, report.left_out[i].reason);
    assert_int_equal(report.n_left_out, wanted->counts.left_out);
    check_counts(wanted->store, source, &fixture, &wanted->counts);
    assert_int_equal(report.runs, wanted->counts.runs);
    assert_int_equal(report.versions, wanted->counts.versions);
    import_nothing(&fixture, ml_import_mlflow, dir, &options);
    fixture_verify(&fixture);
    struct pictures pictures = {.fixture = &fixture};
    fixture_each(&fixture, draw_record, &pictures);
    assert_true(pictures.drawn > 0 || wanted->counts.runs == 0);
    fixture_release(&fixture);
}

static void import_each(const char *folder, Mledger__Source source,
                        const struct mlflow_sample *stores, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char below[512], path[SHARED_PATH_SIZE];
        snprintf(below, sizeof below, "data/mlflow/%s/%s", folder, stores[i].store);
        if (!shared_path(path, below))
            skip();
        import_store(path, source, &stores[i]);
    }
}

/* Each folder of the samples is in the list above. */
static void check_none_is_missed(const char *folder)
{
    char below[64], path[SHARED_PATH_SIZE];
    struct dirent **entries;
    snprintf(below, sizeof below, "data/mlflow/%s", folder);
    if (!shared_path(path, below))
        skip();
    const int count = scandir(path, &entries, NULL, alphasort);
    assert_true(count > 2);
    for (int i = 0; i < count; i++) {
        size_t at = 0, len = strlen(entries[i]->d_name);
        while (at < MLFLOW_FILE_STORES &&
               (strncmp(mlflow_file_stores[at].store, entries[i]->d_name, len) != 0 ||
                (mlflow_file_stores[at].store[len] != '/' &&
                 mlflow_file_stores[at].store[len] != '\0')))
            at++;
        if (entries[i]->d_name[0] != '.' && at == MLFLOW_FILE_STORES)
            fail_msg("no expectation for '%s'", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static void imports_every_store(void **state)
{
    (void)state;
    check_none_is_missed("file_stores");
    import_each("file_stores", MLEDGER__SOURCE__MLFLOW_FILE_STORE, mlflow_file_stores,
                MLFLOW_FILE_STORES);
}

static void imports_every_database(void **state)
{
    (void)state;
    import_each("databases", MLEDGER__SOURCE__MLFLOW_DATABASE, mlflow_databases, MLFLOW_DATABASES);
}

static void imports_the_projects_own_sample(void **state)
{
    (void)state;
    import_store(MLEDGER_SAMPLES_DIR "/churn/untracked", MLEDGER__SOURCE__MLFLOW_FILE_STORE,
                 &mlflow_churn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_the_projects_own_sample),
        cmocka_unit_test(imports_every_store),
        cmocka_unit_test(imports_every_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
